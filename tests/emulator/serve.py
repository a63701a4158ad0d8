"""Serves the AWS emulator on a free port of 127.0.0.1 until standard input ends.

Prints one line, the server's URL, once it listens. Whoever starts it keeps its standard input open, so that it cannot outlive
them however they die. Credentials whose access key id is twelve digits work in the account of that number.
"""

import json
import os
import re
import sys
from threading import Lock, Thread
from urllib.parse import parse_qs

# Read by the emulator when it is imported. The managed policies are what roles attach; the two validations refuse machines that
# do not exist, which it otherwise launches without a word.
for name, value in {
    "MOTO_ACM_VALIDATION_WAIT": "1",
    "MOTO_EC2_ENABLE_INSTANCE_TYPE_VALIDATION": "true",
    "MOTO_ENABLE_AMI_VALIDATION": "true",
    "MOTO_IAM_LOAD_MANAGED_POLICIES": "true",
}.items():
    os.environ.setdefault(name, value)

import corrections  # noqa: E402
import lighter  # noqa: E402
from moto.core import DEFAULT_ACCOUNT_ID  # noqa: E402
from moto.ecs.models import ecs_backends  # noqa: E402
from moto.iam.models import iam_backends  # noqa: E402
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app  # noqa: E402
from werkzeug.serving import make_server  # noqa: E402

ACCESS_KEY = re.compile(r"Credential=([^/,\s]+)/")
ACCOUNT = re.compile(r"\d{12}")


corrections.apply()
lighter.apply()


class QuietHandler(MotoRequestHandler):
    """Answers without writing a line for every request."""

    def log_request(self, *_args):
        pass


class Accounts:
    """Answers one request after another, each in its caller's account.

    The emulator's models know no locks, and trip over what another request takes away. Nothing is lost by it: there is one
    interpreter. Left to itself, the emulator makes every partition of every account, a second of work for each, to find one
    access key.
    """

    def __init__(self, app):
        self.app = app
        self.turn = Lock()

    def __call__(self, environ, start_response):
        with self.turn:
            return self.answer(environ, start_response)

    def answer(self, environ, start_response):
        if environ.get("PATH_INFO") == "/emulator/capacity-providers":
            return capacity_providers(environ, start_response)
        if environ.get("PATH_INFO") == "/emulator/forget":
            return forgotten(environ, start_response)
        environ.setdefault("HTTP_X_MOTO_ACCOUNT_ID", account_of(environ.get("HTTP_AUTHORIZATION", "")))
        return self.app(environ, start_response)


def account_of(authorization):
    match = ACCESS_KEY.search(authorization)
    key = match.group(1) if match else ""
    if ACCOUNT.fullmatch(key):
        return key
    for account, partitions in list(iam_backends.items()):
        if any(key in backend.access_keys for backend in list(partitions.values())):
            return account
    return DEFAULT_ACCOUNT_ID


def capacity_providers(environ, start_response):
    """Lists a region's capacity providers, which the emulator's own API does only for names already known."""
    query = query_of(environ)
    providers = ecs_backends[query["account"]][query["region"]].capacity_providers
    return answer(start_response, sorted(providers))


def forgotten(environ, start_response):
    """Drops an account that nobody will ask about again."""
    lighter.forget(query_of(environ)["account"])
    return answer(start_response, None)


def query_of(environ):
    return {name: values[0] for name, values in parse_qs(environ.get("QUERY_STRING", "")).items()}


def answer(start_response, value):
    body = json.dumps(value).encode()
    start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return [body]


def main():
    app = Accounts(DomainDispatcherApplication(create_backend_app))
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=QuietHandler)
    # A daemon thread: the end of the input ends the process whatever is being answered.
    Thread(target=server.serve_forever, daemon=True).start()
    print(f"http://127.0.0.1:{server.server_address[1]}", flush=True)
    try:
        while sys.stdin.buffer.read(4096):
            pass
    except KeyboardInterrupt:
        pass
    # There is nothing to save, and an orderly end of so large a process takes a second.
    os._exit(0)


if __name__ == "__main__":
    main()
