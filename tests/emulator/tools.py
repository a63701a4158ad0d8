"""Answers questions about the emulator's accounts, and changes them, for the tests.

Reads one JSON object a line and answers each with one line, `{"ok": ...}` or `{"error": ...}`, until its input ends. Every
question says what to `do`, in which `account` and `region`:

    {"do": "seed", "zones": [...], "groups": [...], "name_prefix": "..."}
    {"do": "census"}
    {"do": "join", "disconnected": [...]}
    {"do": "forget"}
    {"do": "call", "service": "ecs", "operation": "list_clusters", "params": {...}}
"""

import argparse
import json
import sys

from account import Account, plain
from agent import join
from census import census
from seed import seed

DEEDS = {
    "seed": seed,
    "census": census,
    "join": join,
    "forget": Account.forget,
    "call": lambda account, service, operation, params: account.call(service, operation, **params),
}


class Tools:
    """What answers, given the emulator's URL."""

    def __init__(self, endpoint):
        self.endpoint = endpoint

    def answer(self, line):
        question = json.loads(line)
        deed = DEEDS[question.pop("do")]
        account = Account(self.endpoint, question.pop("account"), question.pop("region"))
        try:
            return {"ok": deed(account, **question)}
        except Exception as error:
            # The test that asked shall fail, and tell what it asked. These tools serve all the others too: none of botocore's errors, of which
            # some have no base in common, and no mistake of ours may end them.
            return {"error": f"{type(error).__name__}: {error}"}


def main():
    parser = argparse.ArgumentParser(description="Answers the tests' questions about the emulator, one JSON object a line.")
    parser.add_argument("--endpoint", required=True, help="the emulator's URL")
    tools = Tools(parser.parse_args().endpoint)
    for line in sys.stdin:
        print(json.dumps(tools.answer(line), default=plain), flush=True)


if __name__ == "__main__":
    main()
