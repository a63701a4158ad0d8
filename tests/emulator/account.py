"""An AWS account inside the emulator, and plain-JSON calls of it."""

import json
from datetime import datetime
from functools import cache
from urllib.request import urlopen

import botocore.session
from botocore.config import Config

# One session, so that the service descriptions are read from disk once for all accounts.
SESSION = botocore.session.Session()
CONFIG = Config(retries={"total_max_attempts": 1}, max_pool_connections=16)


@cache
def client_of(endpoint, region, service):
    """One client for all accounts, which the header tells apart: making one takes longer than most of what is asked of it."""
    client = SESSION.create_client(
        service,
        region_name=region,
        endpoint_url=endpoint,
        aws_access_key_id="x",
        aws_secret_access_key="x",
        config=CONFIG,
    )
    client.meta.events.register("before-sign", lambda request, **_: request.headers.add_header("X-Moto-Account-Id", Account.acting))
    return client


class Account:
    """One account and region."""

    # Whose calls are being made; nothing here runs side by side.
    acting = None

    def __init__(self, endpoint, account, region):
        self.endpoint = endpoint
        self.id = account
        self.region = region

    def client(self, service):
        Account.acting = self.id
        return client_of(self.endpoint, self.region, service)

    def call(self, service, operation, /, **params):
        """One operation by its Python name, such as `describe_clusters`, without the reply's metadata."""
        reply = getattr(self.client(service), operation)(**params)
        reply.pop("ResponseMetadata", None)
        return reply

    def all(self, service, operation, key, **params):
        """The list under `key`, from every page of a reading operation."""
        client = self.client(service)
        if not client.can_paginate(operation):
            return self.call(service, operation, **params)[key]
        pages = client.get_paginator(operation).paginate(**params)
        return [item for page in pages for item in page[key]]

    def capacity_provider_names(self):
        return self.ask_emulator("capacity-providers")

    def forget(self):
        """Drops everything that the account holds."""
        self.ask_emulator("forget")

    def ask_emulator(self, question):
        with urlopen(f"{self.endpoint}/emulator/{question}?account={self.id}&region={self.region}") as reply:
            return json.load(reply)


def plain(value):
    """JSON's idea of what AWS's libraries return."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.decode()
    return str(value)
