"""What is published: what the platform needs of the bundle, and nothing else."""

import unittest

from bundle import ROOT, shipped, step, manifest

TOP = {
    "CHANGELOG.md",
    "README.md",
    "icon.svg",
    "massdriver.yaml",
    "operator.md",
    "schema-artifacts.json",
    "schema-connections.json",
    "schema-params.json",
    "schema-ui.json",
}
# What goes astray into the bundle is larger: builds, test data, pictures.
LARGEST = 1_500_000


class Shipped(unittest.TestCase):
    def test_the_known_files_and_the_step_s_folder_are_shipped_and_nothing_else(self):
        paths = shipped()
        self.assertEqual({path for path in paths if "/" not in path}, TOP)
        self.assertEqual({path.split("/")[0] for path in paths if "/" in path}, {step(manifest())["path"]})

    def test_every_source_of_the_step_is_shipped(self):
        sources = {path.relative_to(ROOT).as_posix() for path in (ROOT / "src").rglob("*") if path.is_file()}
        self.assertEqual({path for path in shipped() if path.startswith("src/")}, sources)

    def test_it_stays_small(self):
        self.assertLess(sum((ROOT / path).stat().st_size for path in shipped()), LARGEST)


if __name__ == "__main__":
    unittest.main()
