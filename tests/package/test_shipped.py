"""What is published: what the platform needs of the bundle, and nothing else."""

import unittest

from pathlib import Path

from bundle import ROOT, shipped, step, manifest
from runbook import anchors, links, pictures

TOP = {
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "LICENSE",
    "README.md",
    "icon.svg",
    "massdriver.yaml",
    "operator.md",
    "schema-artifacts.json",
    "schema-connections.json",
    "schema-params.json",
    "schema-ui.json",
}
# What goes astray into the bundle is larger: builds, test data.
LARGEST = 2_000_000


class Shipped(unittest.TestCase):
    def test_the_known_files_and_the_step_s_folder_are_shipped_and_nothing_else(self):
        paths = shipped()
        self.assertEqual({path for path in paths if "/" not in path}, TOP)
        self.assertEqual({path.split("/")[0] for path in paths if "/" in path}, {step(manifest())["path"], "docs"})

    def test_every_source_of_the_step_is_shipped(self):
        sources = {path.relative_to(ROOT).as_posix() for path in (ROOT / "src").rglob("*") if path.is_file()}
        self.assertEqual({path for path in shipped() if path.startswith("src/")}, sources)

    def test_links_and_pictures_lead_to_what_is_shipped(self):
        paths, seen = set(shipped()), 0
        # The runbook is a template; a test of its own renders it and follows its links.
        for page in (Path(path) for path in paths if path.endswith(".md") and path != "operator.md"):
            text = (ROOT / page).read_text()
            for link in (link for link in links(text) + pictures(text) if not link.startswith("https://")):
                seen += 1
                file, _, anchor = link.partition("#")
                target = (ROOT / page.parent / file).resolve().relative_to(ROOT).as_posix() if file else page.as_posix()
                with self.subTest(f"{page}: {link}"):
                    self.assertIn(target, paths)
                    if anchor:
                        self.assertIn(anchor, anchors((ROOT / target).read_text()))
        self.assertGreater(seen, 30)

    def test_it_stays_small(self):
        self.assertLess(sum((ROOT / path).stat().st_size for path in shipped()), LARGEST)


if __name__ == "__main__":
    unittest.main()
