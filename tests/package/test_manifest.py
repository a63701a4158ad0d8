"""massdriver.yaml and what `mass bundle lint` demands of it, in our own words."""

import re
import unittest
from copy import deepcopy

from bundle import ROOT, manifest, step

SECTIONS = ["params", "connections", "artifacts"]
REQUIRED = ["name", "description", "version", "type", "params", "connections", "artifacts", "ui", "steps"]


def faults(document):
    """Everything that the platform would refuse, as texts."""
    found = [f"`{key}` is missing" for key in REQUIRED if key not in document]
    if found:
        return found
    name, description = document["name"], document["description"]
    if not re.fullmatch(r"[a-z][a-z0-9-]+[a-z0-9]", name) or not 3 <= len(name) <= 53:
        found.append("a name is 3 to 53 lower-case letters, digits and hyphens, beginning with a letter and not ending with a hyphen")
    if not 10 <= len(description) <= 1024:
        found.append("a description has 10 to 1024 characters")
    if not re.fullmatch(r"(0|[1-9]\d*)(\.(0|[1-9]\d*)){2}", str(document["version"])):
        found.append("a version is three numbers, such as 0.1.0")
    if document["type"] not in ("infrastructure", "application"):
        found.append("a bundle is an infrastructure or an application")
    for section in SECTIONS:
        properties = document[section].get("properties", {})
        missing = set(document[section].get("required", [])) - set(properties)
        found += [f"{section} require `{field}`, which is not there" for field in sorted(missing)]
    shared = set(document["params"]["properties"]) & set(document["connections"]["properties"])
    found += [f"`{field}` is a param and a connection" for field in sorted(shared)]
    return found + required_below(document["params"], "params") + step_faults(document)


def required_below(schema, place):
    """Required fields that no object below defines; the branches of a condition may define theirs for the object that they stand in."""
    found = []
    if isinstance(schema, dict):
        if isinstance(schema.get("required"), list) and isinstance(schema.get("properties"), dict):
            found += [f"{place} requires `{field}`" for field in schema["required"] if field not in schema["properties"]]
        for key, value in schema.items():
            found += required_below(value, f"{place}.{key}")
    elif isinstance(schema, list):
        for item in schema:
            found += required_below(item, place)
    return found


def step_faults(document):
    found = []
    for entry in document["steps"]:
        if "/" in entry["path"] or not (ROOT / entry["path"]).is_dir():
            found.append(f"a step's path is one folder of the bundle, unlike `{entry['path']}`")
        # A provisioner of one's own is named by its image: host, path and a tag that stays what it is.
        if not re.fullmatch(r"[a-z0-9.-]+(:\d+)?(/[a-z0-9._-]+)+(:[\w.-]+|@sha256:[0-9a-f]{64})", entry["provisioner"]):
            found.append(f"`{entry['provisioner']}` is not an image with a tag")
    return found


class Manifest(unittest.TestCase):
    def test_it_passes(self):
        self.assertEqual(faults(manifest()), [])

    def test_the_version_is_the_crate_s_and_the_image_s(self):
        document = manifest()
        crate = re.search(r'^version = "(.+)"$', (ROOT / "Cargo.toml").read_text(), re.MULTILINE).group(1)
        self.assertEqual(document["version"], crate)
        self.assertTrue(step(document)["provisioner"].endswith(f":{crate}"))

    def test_the_changelog_tells_of_the_version(self):
        self.assertIn(manifest()["version"], (ROOT / "CHANGELOG.md").read_text())

    def test_the_image_is_named_on_one_line_that_can_be_changed_alone(self):
        image = step(manifest())["provisioner"]
        text = (ROOT / "massdriver.yaml").read_text()
        self.assertEqual(re.findall(r"^ *provisioner: (\S+)$", text, re.MULTILINE), [image])
        self.assertEqual(text.count(image), 1)

    def test_each_rule_finds_its_fault(self):
        def change(path, value):
            document = deepcopy(manifest())
            *parents, last = path
            place = document
            for key in parents:
                place = place[key]
            place[last] = value
            return document

        broken = {
            "name": change(["name"], "ECS"),
            "long name": change(["name"], "a" * 54),
            "description": change(["description"], "short"),
            "version": change(["version"], "1.0"),
            "type": change(["type"], "other"),
            "required": change(["connections", "required"], ["nothing"]),
            "required below": change(["params", "properties", "cluster", "required"], ["nothing"]),
            "collision": change(["connections", "properties", "cluster"], {}),
            "step": change(["steps", 0, "path"], "src/cli"),
            "image": change(["steps", 0, "provisioner"], "opentofu"),
        }
        for rule, document in broken.items():
            with self.subTest(rule):
                self.assertEqual(len(faults(document)), 1, faults(document))


if __name__ == "__main__":
    unittest.main()
