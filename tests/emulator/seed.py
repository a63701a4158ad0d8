"""Seeds an account of the emulator with what a cluster stands on: a VPC with its subnets and routes, and public DNS zones.

Run by hand it also writes DIR/params.json and DIR/connections.json for the provisioner, and prints a summary.
"""

import argparse
import json
from pathlib import Path

from account import Account

CIDR = "10.0.0.0/16"
EVERYWHERE = "0.0.0.0/0"
PREFIX = "demo-dev-ecs-ab12"
ZONES = ["example.com", "example.org"]
GROUPS = [
    {"name": "general", "instance_type": "t3.medium", "min_size": 1, "max_size": 3},
    {"name": "arm", "instance_type": "m7g.large", "min_size": 1, "max_size": 3},
    {"name": "gpu", "instance_type": "g5.xlarge", "min_size": 1, "max_size": 3},
]


def seed(account, zones=None, groups=None, name_prefix=PREFIX):
    """Makes everything and returns the provisioner's params and connections."""
    network = make_network(account)
    arns = [make_zone(account, zone) for zone in (ZONES if zones is None else zones)]
    return {
        "params": params(GROUPS if groups is None else groups, arns, name_prefix),
        "connections": connections(account, network),
    }


def make_network(account):
    vpc = account.call("ec2", "create_vpc", CidrBlock=CIDR)["Vpc"]["VpcId"]
    subnets = make_subnets(account, vpc)
    gateway = account.call("ec2", "create_internet_gateway")["InternetGateway"]["InternetGatewayId"]
    account.call("ec2", "attach_internet_gateway", InternetGatewayId=gateway, VpcId=vpc)
    route(account, vpc, subnets["public"], GatewayId=gateway)
    address = account.call("ec2", "allocate_address", Domain="vpc")["AllocationId"]
    nat = account.call("ec2", "create_nat_gateway", SubnetId=subnets["public"][0], AllocationId=address)
    route(account, vpc, subnets["private"], NatGatewayId=nat["NatGateway"]["NatGatewayId"])
    route(account, vpc, subnets["internal"])
    return {"vpc": vpc, "subnets": subnets}


def make_subnets(account, vpc):
    """Two subnets of each kind, one in each of the region's first two availability zones."""
    zones = account.call("ec2", "describe_availability_zones")["AvailabilityZones"]
    names = sorted(zone["ZoneName"] for zone in zones)[:2]
    subnets = {}
    for row, kind in enumerate(["public", "private", "internal"]):
        subnets[kind] = [
            account.call("ec2", "create_subnet", VpcId=vpc, CidrBlock=f"10.0.{16 * row + column}.0/24", AvailabilityZone=name)[
                "Subnet"
            ]["SubnetId"]
            for column, name in enumerate(names)
        ]
    return subnets


def route(account, vpc, subnets, **target):
    """A route table for these subnets, with a default route when there is a target for it."""
    table = account.call("ec2", "create_route_table", VpcId=vpc)["RouteTable"]["RouteTableId"]
    if target:
        account.call("ec2", "create_route", RouteTableId=table, DestinationCidrBlock=EVERYWHERE, **target)
    for subnet in subnets:
        account.call("ec2", "associate_route_table", RouteTableId=table, SubnetId=subnet)


def make_zone(account, name):
    reply = account.call("route53", "create_hosted_zone", Name=name, CallerReference=f"seed-{name}")
    return "arn:aws:route53:::hostedzone/" + reply["HostedZone"]["Id"].rsplit("/", 1)[-1]


def params(groups, zones, name_prefix):
    ingress = {"enable_ingress": bool(zones)}
    if zones:
        ingress |= {"default_route53_hosted_zone": zones[0], "additional_route53_hosted_zones": zones[1:]}
    return {"cluster": {"instances": groups, "ingress": ingress}, "md_metadata": metadata(name_prefix)}


def metadata(name_prefix):
    project, environment, component, _suffix = name_prefix.split("-")
    moment = "2026-01-01T00:00:00Z"
    return {
        "name_prefix": name_prefix,
        "default_tags": {
            "managed-by": "massdriver",
            "md-project": project,
            "md-environment": environment,
            "md-component": component,
            "md-instance": f"{project}-{environment}-{component}",
        },
        "deployment": {"id": "00000000-0000-4000-8000-000000000001"},
        "observability": {"alarm_webhook_url": "https://alarms.example.com/hook"},
        "package": {
            "created_at": moment,
            "updated_at": moment,
            "deployment_enqueued_at": moment,
            "previous_status": "INITIALIZED",
        },
        "target": {"contact_email": "platform@example.com"},
    }


def connections(account, network):
    def arn(kind, name):
        return f"arn:aws:ec2:{account.region}:{account.id}:{kind}/{name}"

    subnets = {
        f"{kind}_subnets": [{"arn": arn("subnet", subnet)} for subnet in members] for kind, members in network["subnets"].items()
    }
    role = f"arn:aws:iam::{account.id}:role/massdriver-provisioner"
    return {
        "aws_authentication": {"data": {"arn": role, "external_id": "7f0c1d5e-external-id"}},
        "vpc": {
            "data": {"infrastructure": {"arn": arn("vpc", network["vpc"]), "cidr": CIDR, **subnets}},
            "specs": {"aws": {"region": account.region}},
        },
    }


def arguments():
    parser = argparse.ArgumentParser(description="Seeds an account of the emulator and writes the provisioner's inputs.")
    parser.add_argument("--endpoint", required=True, help="the emulator's URL")
    parser.add_argument("--dir", required=True, type=Path, help="where params.json and connections.json are written")
    parser.add_argument("--account", default="123456789012")
    parser.add_argument("--region", default="us-west-2")
    parser.add_argument("--zones", default=",".join(ZONES), help="public DNS zones, the default one first; none turns ingress off")
    parser.add_argument("--groups", type=json.loads, default=GROUPS, help="the node groups, as JSON")
    parser.add_argument("--name-prefix", default=PREFIX)
    return parser.parse_args()


def main():
    args = arguments()
    zones = [zone for zone in args.zones.split(",") if zone]
    inputs = seed(Account(args.endpoint, args.account, args.region), zones, args.groups, args.name_prefix)
    args.dir.mkdir(parents=True, exist_ok=True)
    for name, value in inputs.items():
        (args.dir / f"{name}.json").write_text(json.dumps(value, indent=2) + "\n")
    summary = {
        "account": args.account,
        "region": args.region,
        "name_prefix": args.name_prefix,
        "vpc": inputs["connections"]["vpc"]["data"]["infrastructure"]["arn"],
        "zones": zones,
        "groups": [group["name"] for group in args.groups],
        "dir": str(args.dir),
    }
    print(json.dumps(summary, indent=2))


if __name__ == "__main__":
    main()
