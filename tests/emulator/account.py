"""An AWS account inside the emulator: its clients, made once each, and plain-JSON calls."""

import json
from datetime import datetime
from urllib.request import urlopen

import botocore.session
from botocore.config import Config

# One session, so that the service descriptions are read from disk once for all accounts.
SESSION = botocore.session.Session()
CONFIG = Config(retries={"total_max_attempts": 1}, max_pool_connections=16)


class Account:
    """The clients of one account and region."""

    def __init__(self, endpoint, account, region):
        self.endpoint = endpoint
        self.id = account
        self.region = region
        self._clients = {}

    def client(self, service):
        if service not in self._clients:
            self._clients[service] = SESSION.create_client(
                service,
                region_name=self.region,
                endpoint_url=self.endpoint,
                aws_access_key_id=self.id,
                aws_secret_access_key="x",
                config=CONFIG,
            )
        return self._clients[service]

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
        url = f"{self.endpoint}/emulator/capacity-providers?account={self.id}&region={self.region}"
        with urlopen(url) as reply:
            return json.load(reply)


def plain(value):
    """JSON's idea of what AWS's libraries return."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.decode()
    return str(value)
