"""The runbook, rendered with the inputs and the artifact of a real run against the emulator."""

import json
import os
import re
import subprocess
import tempfile
import unittest
from copy import deepcopy
from pathlib import Path

from commands import commands, faults
from emulator import ACCOUNT, BINARY, kept_running, seed
from runbook import FRONT_MATTER, OUTPUT, anchors, code, empty_places, links, plain, prose, render, source, uneven_rows

# What the platform calls its variables; it has forgotten the earlier names.
ROOTS = {"id", "params", "dependencies", "resources"}
STALE = ["slug", "connections", "artifacts"]


def deployed():
    """The variables of a runbook whose instance is the demo's, as it stands after a deployment."""
    with tempfile.TemporaryDirectory() as folder, kept_running("serve.py") as server:
        endpoint = server.stdout.readline().strip()
        seed(endpoint, folder)
        environment = os.environ | {"AWS_ENDPOINT_URL": endpoint, "AWS_ACCESS_KEY_ID": ACCOUNT, "AWS_SECRET_ACCESS_KEY": "x"}
        for name in ["AWS_PROFILE", "AWS_SESSION_TOKEN", "MASSDRIVER_DEPLOYMENT_ACTION", "MASSDRIVER_TOKEN"]:
            environment.pop(name, None)
        command = [BINARY, "--dir", folder, "provision", "--no-wait-for-nodes"]
        made = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=240)
        assert made.returncode == 0, made.stderr
        params, connections = (json.loads((Path(folder) / f"{name}.json").read_text()) for name in ["params", "connections"])
    return {
        "id": params["md_metadata"]["default_tags"]["md-instance"],
        "params": params,
        "dependencies": connections,
        "resources": {"cluster": json.loads(made.stdout)},
    }


def variants(whole):
    """Runbooks of other instances: with less in them, and before the first deployment."""

    def without(change):
        other = deepcopy(whole)
        change(other)
        return other

    def close(variables):
        variables["params"]["cluster"]["ingress"] = {"enable_ingress": False}
        variables["resources"]["cluster"]["data"]["capabilities"]["ingress"] = []

    def empty(variables):
        variables["params"]["cluster"]["instances"] = []

    def bare(variables):
        close(variables)
        empty(variables)

    return {
        "whole": whole,
        "without ingress": without(close),
        "without groups": without(empty),
        "with neither": without(bare),
        "one domain": without(lambda some: some["params"]["cluster"]["ingress"].pop("additional_route53_hosted_zones")),
        "no region named": without(lambda some: some["dependencies"]["vpc"].pop("specs")),
        "not deployed yet": without(lambda some: some["resources"].clear()),
    }


class Runbook(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.variants = variants(deployed())
        cls.rendered = {name: render(variables) for name, variables in cls.variants.items()}

    def of_each(self, check):
        """Makes the same check of every variant."""
        for name, marked in self.rendered.items():
            with self.subTest(name):
                check(plain(marked))

    def test_nothing_is_filled_in_with_nothing(self):
        for name, marked in self.rendered.items():
            with self.subTest(name):
                self.assertEqual(empty_places(marked), [])

    def test_an_absent_value_would_be_seen(self):
        self.assertEqual(empty_places(render({}, "---\ntemplating: liquid\n---\na\nb {{ id }} c\n")), ["b  c"])

    def test_only_the_names_that_the_platform_knows_are_used(self):
        text = source()
        self.assertRegex(text, FRONT_MATTER)
        for stale in STALE:
            self.assertNotRegex(text, rf"\{{[{{%][^}}]*\b{stale}\b\.")
        set_here = set(re.findall(r"{%-? (?:assign|for) (\w+)", text)) | {"forloop"}
        used = {re.match(r"\s*(\w+)", output).group(1) for output in OUTPUT.findall(text)}
        self.assertLessEqual(used, ROOTS | set_here)

    def test_nothing_of_the_template_is_left(self):
        def check(text):
            self.assertNotRegex(text, r"\{\{|\{%|%\}|\}\}")
            self.assertNotIn("\n\n\n", text)
            self.assertNotIn(" \n", text)

        self.of_each(check)

    def test_the_markdown_is_read_as_it_is_meant(self):
        def check(text):
            self.assertEqual(uneven_rows(text), [])
            # A row outside of its table, or code that is not indented enough, ends up among the words.
            lost = [words for words in prose(text) if re.match(r"\||\s*aws \w|export |sudo |curl |dig ", words) or "`" in words]
            self.assertEqual(lost, [])
            # Words that are indented too much end up as code.
            self.assertEqual([piece for piece in code(text) if re.search(r"^(- |\d\. |#{1,3} [A-Z]|\|)", piece, re.MULTILINE)], [])

        self.of_each(check)

    def test_its_links_lead_somewhere(self):
        self.of_each(lambda text: self.assertLessEqual({link.removeprefix("#") for link in links(text)}, anchors(text)))

    def test_every_command_exists_and_takes_its_options(self):
        seen = set()

        def check(text):
            found = [command for piece in code(text) for command in commands(piece)]
            seen.update(" ".join(words[:2]) for words, _ in found)
            self.assertEqual([fault for words, completed in found for fault in faults(words, completed)], [])

        self.of_each(check)
        self.assertGreater(len(seen), 20, seen)

    def test_every_command_of_the_provisioner_exists(self):
        pieces = code(plain(self.rendered["whole"]))
        named = {piece.split()[1] for piece in pieces if piece.startswith("aws-ecs-cluster ")}
        helped = subprocess.run([BINARY, "--help"], capture_output=True, text=True, check=True).stdout
        self.assertLessEqual(named, set(re.findall(r"^  ([a-z-]+)", helped, re.MULTILINE)))
        self.assertGreaterEqual(len(named), 2)

    def test_a_command_that_does_not_exist_would_be_seen(self):
        wrong = [
            "aws ecz list-clusters",
            "aws ecs list-klusters",
            "aws ecs list-services --clusters x",
            "aws ecs describe-clusters --include EVERYTHING",
            "aws ecs describe-services --cluster x",
            "aws ecs list-tasks --cluster x --query 'tasks[]'",
            "aws ec2 describe-instances --filters Nam=a,Values=b",
            """aws autoscaling start-instance-refresh --auto-scaling-group-name x --preferences '{"Skip":true}'""",
        ]
        for line in wrong:
            with self.subTest(line):
                self.assertEqual(len([fault for words, completed in commands(line) for fault in faults(words, completed)]), 1)

    def test_it_names_what_was_made(self):
        whole = plain(self.rendered["whole"])
        artifact = self.variants["whole"]["resources"]["cluster"]["data"]
        ingress = artifact["capabilities"]["ingress"][0]
        named = [ingress["load_balancer_arn"], ingress["listeners"][0]["arn"], ingress["security_group_arn"].split("/")[-1]]
        groups = [f"demo-dev-ecs-ab12-{group['name']}" for group in self.variants["whole"]["params"]["cluster"]["instances"]]
        for name in [*named, *groups, "example.com, example.org", "us-west-2"]:
            self.assertIn(name, whole)
        self.assertIn("us-west-2", plain(self.rendered["no region named"]))

    def test_what_an_instance_does_not_have_is_not_spoken_of(self):
        closed, empty = plain(self.rendered["without ingress"]), plain(self.rendered["without groups"])
        self.assertNotRegex(closed, r"elbv2|get-hosted-zone|A certificate stays pending")
        self.assertNotRegex(empty, r"Session Manager|start-instance-refresh|Nodes do not join")


if __name__ == "__main__":
    unittest.main()
