"""Makes the emulator do things once that it does for every request, every certificate and every account, and lets it forget."""

import json
from functools import cache

from cryptography.hazmat.primitives.asymmetric import rsa
from moto import backends
from moto.core.base_backend import BackendDict, backend_lock
from moto.iam import models as iam
from moto.moto_server.werkzeug_app import DomainDispatcherApplication
from moto.ssm import models as ssm

# Those of AWS's own policies that a node's role may have; the emulator has a thousand, for each account anew.
MANAGED_POLICIES = ("AdministratorAccess", "AmazonEC2", "AmazonECS", "AmazonSSM", "CloudWatch")


@cache
def managed_policies():
    known = json.loads(iam.aws_managed_policies_data)
    return {name: policy for name, policy in known.items() if name.startswith(MANAGED_POLICIES)}


def few_policies(backend):
    account, region = backend.account_id, backend.region_name
    return [iam.AWSManagedPolicy.from_data(name, account, region, policy) for name, policy in managed_policies().items()]


def forget(account):
    """Drops everything that an account holds."""
    with backend_lock:
        for service in BackendDict._instances:
            service.pop(account, None)


def apply():
    modules = frozenset(backends.list_of_moto_modules())
    backends.list_of_moto_modules = lambda: modules
    DomainDispatcherApplication.get_backend_for_host = cache(DomainDispatcherApplication.get_backend_for_host)
    iam.IAMBackend._init_aws_policies = few_policies
    ssm.load_resource = cache(ssm.load_resource)
    # Nobody looks at a certificate's key.
    rsa.generate_private_key = cache(rsa.generate_private_key)
