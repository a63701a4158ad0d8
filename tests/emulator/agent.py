"""Plays the ECS agent, which the emulator's machines do not run.

A running machine of an Auto Scaling group joins the cluster that its launch template's user data names, if that cluster is
active; a machine that is gone leaves. Run by hand it does so twice a second, until its standard input ends.
"""

import argparse
import base64
import json
import re
import sys
import time
from threading import Thread

from account import Account

CLUSTER = re.compile(r"""ECS_CLUSTER=["']?([A-Za-z0-9_-]+)""")


def join(account, disconnected=()):
    """Brings membership up to date and says who joined, who left, and which groups name no active cluster.

    A machine whose agent has lost its connection stays a member when it is gone.
    """
    running = running_instances(account)
    members = registrations(account)
    outcome = {"joined": [], "left": leave(account, members, running | set(disconnected)), "idle_groups": []}
    for group in account.all("autoscaling", "describe_auto_scaling_groups", "AutoScalingGroups"):
        cluster = cluster_of(account, group)
        if cluster not in members:
            outcome["idle_groups"].append(group["AutoScalingGroupName"])
            continue
        machines = {machine["InstanceId"] for machine in group["Instances"]} & running
        outcome["joined"] += [register(account, cluster, machine) for machine in sorted(machines - members[cluster].keys())]
    return outcome


def running_instances(account):
    chosen = [{"Name": "instance-state-name", "Values": ["running"]}]
    reservations = account.all("ec2", "describe_instances", "Reservations", Filters=chosen)
    return {instance["InstanceId"] for reservation in reservations for instance in reservation["Instances"]}


def registrations(account):
    """For each active cluster, its members' registrations by machine."""
    arns = account.all("ecs", "list_clusters", "clusterArns")
    described = account.call("ecs", "describe_clusters", clusters=arns)["clusters"] if arns else []
    return {cluster["clusterName"]: members_of(account, cluster["clusterName"]) for cluster in described if cluster["status"] == "ACTIVE"}


def members_of(account, cluster):
    arns = account.all("ecs", "list_container_instances", "containerInstanceArns", cluster=cluster)
    if not arns:
        return {}
    described = account.call("ecs", "describe_container_instances", cluster=cluster, containerInstances=arns)
    return {member["ec2InstanceId"]: member["containerInstanceArn"] for member in described["containerInstances"]}


def leave(account, members, running):
    left = []
    for cluster, registered in members.items():
        for machine in sorted(registered.keys() - running):
            account.call("ecs", "deregister_container_instance", cluster=cluster, containerInstance=registered[machine], force=True)
            left.append(machine)
    return left


def cluster_of(account, group):
    """The cluster named by the group's user data, or nothing."""
    template = group.get("LaunchTemplate")
    if not template:
        return None
    versions = account.call(
        "ec2",
        "describe_launch_template_versions",
        LaunchTemplateId=template["LaunchTemplateId"],
        Versions=[template.get("Version", "$Default")],
    )["LaunchTemplateVersions"]
    data = base64.b64decode(versions[0]["LaunchTemplateData"].get("UserData", "")).decode(errors="replace")
    match = CLUSTER.search(data)
    return match.group(1) if match else None


def register(account, cluster, machine):
    document = {"instanceId": machine, "accountId": account.id, "region": account.region}
    account.call(
        "ecs",
        "register_container_instance",
        cluster=cluster,
        instanceIdentityDocument=json.dumps(document),
        instanceIdentityDocumentSignature="emulated",
    )
    return machine


def play(account):
    while True:
        try:
            join(account)
        except Exception as error:
            # Mostly a cluster or a machine that goes away between two calls, which the next round sees gone. Whatever else it is, botocore's
            # errors having no base in common, the agents go on.
            print(f"agents: {error!r}", file=sys.stderr)
        time.sleep(0.5)


def main():
    parser = argparse.ArgumentParser(description="Plays the ECS agents of an account of the emulator.")
    parser.add_argument("--endpoint", required=True, help="the emulator's URL")
    parser.add_argument("--account", default="123456789012")
    parser.add_argument("--region", default="us-west-2")
    args = parser.parse_args()
    Thread(target=play, args=[Account(args.endpoint, args.account, args.region)], daemon=True).start()
    while sys.stdin.buffer.read(4096):
        pass


if __name__ == "__main__":
    main()
