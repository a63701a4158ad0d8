"""Instance refreshes for whoever talks to the emulator itself, which has no such operation: there never is one."""

from moto.autoscaling.responses import AutoScalingResponse
from moto.core.responses import ActionResult


def apply():
    AutoScalingResponse.describe_instance_refreshes = lambda _self: ActionResult({"InstanceRefreshes": []})
