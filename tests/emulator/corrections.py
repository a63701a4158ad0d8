"""Mends what the emulator gets wrong inside, where nothing in front of it could."""

from moto.acm.models import AWSCertificateManagerBackend
from moto.autoscaling.models import InstanceState
from moto.autoscaling.responses import AutoScalingResponse
from moto.core.responses import ActionResult
from moto.ec2.models.launch_templates import LaunchTemplateVersion
from moto.ec2.models.security_groups import SecurityGroupRule
from moto.ec2.utils import parse_user_data
from moto.ecs.exceptions import InvalidParameterException
from moto.ecs.models import EC2ContainerServiceBackend


def description_of_rule(rule):
    """A rule's description, which the emulator keeps for rules between groups too, but shows for those of address ranges only."""
    return rule.ip_range.get("Description") or rule.source_group.get("Description")


def user_data_of_version(version):
    """What a version's machines are started with, which the emulator reads for the first version of a template only."""
    data = version.data.get("UserData")
    return parse_user_data(data) if isinstance(data, str) else data


def forgetful(delete):
    """Deletes a certificate with the token that it was requested by, over which the emulator otherwise trips the next time."""

    def deleted(backend, arn):
        delete(backend, arn)
        tokens = backend._idempotency_tokens
        for token in [token for token, known in tokens.items() if known["arn"] == arn]:
            del tokens[token]

    return deleted


def remembering(make):
    """Makes an instance that knows what it was launched from: the emulator shows the template's default version of now."""

    def made(state, instance, *args, **kwargs):
        make(state, instance, *args, **kwargs)
        group = state.auto_scaling_group
        template = group.ec2_launch_template
        version = template.get_version(group.launch_template_version) if template else None
        state.launched_from = version and {
            "LaunchTemplateId": template.id,
            "LaunchTemplateName": template.name,
            "Version": str(version.number),
        }

    return made


def listing(describe):
    """Describes all capacity providers where none is named, over which the emulator otherwise trips."""

    def described(backend, names):
        return describe(backend, list(backend.capacity_providers) if names is None else names)

    return described


def registered_only(deregister):
    """Refuses to deregister a container instance that is not registered, over which the emulator otherwise trips."""

    def deregistered(backend, cluster, instance, force):
        members = backend.container_instances[backend._get_cluster(cluster).name]
        if instance.split("/")[-1] not in members:
            raise InvalidParameterException("The specified container instance is not registered with the cluster.")
        return deregister(backend, cluster, instance, force)

    return deregistered


def no_refreshes(_response):
    """The instance refreshes of a group for whoever talks to the emulator itself, which has no such operation."""
    return ActionResult({"InstanceRefreshes": []})


def apply():
    EC2ContainerServiceBackend.describe_capacity_providers = listing(EC2ContainerServiceBackend.describe_capacity_providers)
    EC2ContainerServiceBackend.deregister_container_instance = registered_only(EC2ContainerServiceBackend.deregister_container_instance)
    AutoScalingResponse.describe_instance_refreshes = no_refreshes
    SecurityGroupRule.description = property(description_of_rule)
    LaunchTemplateVersion.user_data = property(user_data_of_version)
    AWSCertificateManagerBackend.delete_certificate = forgetful(AWSCertificateManagerBackend.delete_certificate)
    InstanceState.__init__ = remembering(InstanceState.__init__)
    InstanceState.launch_template = property(lambda state: state.launched_from)
