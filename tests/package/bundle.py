"""The bundle as the platform's command line sees it: its manifest, and what of its folder would be published."""

import os
from pathlib import Path

import yaml
from pathspec import GitIgnoreSpec, PathSpec

ROOT = Path(__file__).resolve().parents[2]


def manifest():
    return yaml.safe_load((ROOT / "massdriver.yaml").read_text())


def step(document):
    """The one provisioning step; its `provisioner` is the image."""
    (only,) = document["steps"]
    return only


def shipped():
    """The paths that `mass bundle publish` would push, in order: all that .mdignore does not match."""
    lines = (ROOT / ".mdignore").read_text().splitlines()
    # The command looks at every path by itself, git stops at a folder that is ignored. What is shipped must not depend on it.
    by_path = PathSpec.from_lines("gitignore", lines)
    by_folder = GitIgnoreSpec.from_lines(lines)
    paths = sorted(files())
    kept = [path for path in paths if not by_path.match_file(path)]
    assert kept == [path for path in paths if not by_folder.match_file(path)], "the two readings of .mdignore differ"
    return kept


def files():
    """Every file below the bundle's folder, relative to it. What builds leave behind is represented by a few files of each folder."""
    for folder, folders, names in os.walk(ROOT):
        here = Path(folder).relative_to(ROOT)
        bulky = here.parts and here.parts[0] in {"target", ".git", ".venv"} or "node_modules" in here.parts
        if bulky:
            folders[:] = folders[:1]
        yield from ((here / name).as_posix() for name in (names[:3] if bulky else names))
