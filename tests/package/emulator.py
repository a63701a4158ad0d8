"""The emulated AWS of tests/emulator, for tests that run the binary."""

import json
import os
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

from bundle import ROOT

ACCOUNT = "123456789012"
EMULATOR = ROOT / "tests/emulator"
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
# The debug binary, which is there whenever the tests run: it needs of its surroundings what the released one needs.
BINARY = Path(os.environ.get("BINARY", TARGET / "debug/aws-ecs-cluster"))
LIMIT = 240


def connected(endpoint):
    return ["--endpoint", endpoint, "--account", ACCOUNT]


def seed(endpoint, folder, groups=None, zones=None):
    """Makes what a cluster stands on, and writes the provisioner's inputs; the demo's, unless others are asked for."""
    command = [sys.executable, EMULATOR / "seed.py", *connected(endpoint), "--dir", folder]
    command += ["--groups", json.dumps(groups)] if groups is not None else []
    command += ["--zones", ",".join(zones)] if zones is not None else []
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


@contextmanager
def kept_running(script, *args):
    """A script of the emulator's, which ends when its standard input does."""
    command = [sys.executable, EMULATOR / script, *args]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        yield process
    finally:
        process.stdin.close()
        process.wait(timeout=LIMIT)
        process.stdout.close()
