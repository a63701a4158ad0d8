"""Lists everything in an account of the emulator that a provisioner of clusters could have made, whoever made it.

Nothing that the seed makes is of these kinds, so that after a complete removal every list is empty.
"""


def census(account):
    return {
        "clusters": clusters(account),
        "capacity_providers": [{"name": name} for name in account.capacity_provider_names()],
        "auto_scaling_groups": auto_scaling_groups(account),
        "instances": instances(account),
        "launch_templates": launch_templates(account),
        "security_groups": security_groups(account),
        "load_balancers": load_balancers(account),
        "certificates": certificates(account),
        "records": records(account),
        "roles": roles(account),
        "instance_profiles": instance_profiles(account),
    }


def clusters(account):
    arns = account.all("ecs", "list_clusters", "clusterArns")
    found = []
    for start in range(0, len(arns), 100):
        reply = account.call("ecs", "describe_clusters", clusters=arns[start : start + 100], include=["SETTINGS", "TAGS"])
        found += reply["clusters"]
    return by_name(
        {
            "name": cluster["clusterName"],
            "arn": cluster["clusterArn"],
            "capacity_providers": cluster.get("capacityProviders", []),
            "default_strategy": cluster.get("defaultCapacityProviderStrategy", []),
            "settings": cluster.get("settings", []),
            "nodes": len(account.all("ecs", "list_container_instances", "containerInstanceArns", cluster=cluster["clusterArn"])),
            "tags": tags(cluster.get("tags", []), "key", "value"),
        }
        for cluster in found
        if cluster["status"] == "ACTIVE"
    )


def auto_scaling_groups(account):
    return by_name(
        {
            "name": group["AutoScalingGroupName"],
            "arn": group["AutoScalingGroupARN"],
            "min_size": group["MinSize"],
            "max_size": group["MaxSize"],
            "desired_capacity": group["DesiredCapacity"],
            "instances": sorted(instance["InstanceId"] for instance in group["Instances"]),
            "subnets": sorted(group.get("VPCZoneIdentifier", "").split(",")),
            "tags": tags(group.get("Tags", [])),
        }
        for group in account.all("autoscaling", "describe_auto_scaling_groups", "AutoScalingGroups")
    )


def instances(account):
    living = [{"Name": "instance-state-name", "Values": ["pending", "running", "stopping", "stopped"]}]
    return by_name(
        {
            "name": instance["InstanceId"],
            "instance_type": instance["InstanceType"],
            "image": instance["ImageId"],
            "state": instance["State"]["Name"],
            "tags": tags(instance.get("Tags", [])),
        }
        for reservation in account.all("ec2", "describe_instances", "Reservations", Filters=living)
        for instance in reservation["Instances"]
    )


def launch_templates(account):
    # A page size has to be named: without one the emulator silently stops at fifteen.
    found = account.call("ec2", "describe_launch_templates", MaxResults=200)["LaunchTemplates"]
    return by_name(
        {
            "name": template["LaunchTemplateName"],
            "id": template["LaunchTemplateId"],
            "default_version": template["DefaultVersionNumber"],
            "latest_version": template["LatestVersionNumber"],
            "tags": resource_tags(account, template["LaunchTemplateId"]),
        }
        for template in found
    )


def security_groups(account):
    return by_name(
        {
            "name": group["GroupName"],
            "id": group["GroupId"],
            "vpc": group["VpcId"],
            "ingress": sorted(f"{rule['IpProtocol']}:{rule.get('FromPort', '*')}" for rule in group["IpPermissions"]),
            "tags": tags(group.get("Tags", [])),
        }
        for group in account.all("ec2", "describe_security_groups", "SecurityGroups")
        if group["GroupName"] != "default"
    )


def load_balancers(account):
    return by_name(
        {
            "name": balancer["LoadBalancerName"],
            "arn": balancer["LoadBalancerArn"],
            "dns_name": balancer["DNSName"],
            "security_groups": balancer.get("SecurityGroups", []),
            "subnets": sorted(zone["SubnetId"] for zone in balancer["AvailabilityZones"]),
            "listeners": listeners(account, balancer["LoadBalancerArn"]),
            "tags": balancer_tags(account, balancer["LoadBalancerArn"]),
        }
        for balancer in account.all("elbv2", "describe_load_balancers", "LoadBalancers")
    )


def listeners(account, balancer):
    found = account.all("elbv2", "describe_listeners", "Listeners", LoadBalancerArn=balancer)
    return sorted((listener(account, entry) for entry in found), key=lambda entry: entry["port"])


def listener(account, entry):
    arn = entry["ListenerArn"]
    held = account.all("elbv2", "describe_listener_certificates", "Certificates", ListenerArn=arn)
    rules = account.call("elbv2", "describe_rules", ListenerArn=arn)["Rules"]
    return {
        "port": entry["Port"],
        "protocol": entry["Protocol"],
        "arn": arn,
        "certificates": sorted(certificate["CertificateArn"] for certificate in held),
        "rules": [rule["RuleArn"] for rule in rules if not rule["IsDefault"]],
    }


def certificates(account):
    return by_name(
        {
            "name": summary["DomainName"],
            "arn": summary["CertificateArn"],
            "status": summary["Status"],
            "tags": tags(account.call("acm", "list_tags_for_certificate", CertificateArn=summary["CertificateArn"])["Tags"]),
        }
        for summary in account.all("acm", "list_certificates", "CertificateSummaryList")
    )


def records(account):
    """Every record but those that a zone is born with."""
    return by_name(
        {
            "name": record["Name"],
            "zone": zone["Name"],
            "type": record["Type"],
            "ttl": record.get("TTL"),
            "values": [value["Value"] for value in record.get("ResourceRecords", [])],
        }
        for zone in account.all("route53", "list_hosted_zones", "HostedZones")
        for record in account.all("route53", "list_resource_record_sets", "ResourceRecordSets", HostedZoneId=zone["Id"])
        if record["Type"] not in ("NS", "SOA")
    )


def roles(account):
    return by_name(
        {
            "name": role["RoleName"],
            "arn": role["Arn"],
            "policies": sorted(
                policy["PolicyArn"]
                for policy in account.all("iam", "list_attached_role_policies", "AttachedPolicies", RoleName=role["RoleName"])
            ),
            "tags": tags(account.call("iam", "list_role_tags", RoleName=role["RoleName"])["Tags"]),
        }
        for role in account.all("iam", "list_roles", "Roles")
    )


def instance_profiles(account):
    return by_name(
        {
            "name": profile["InstanceProfileName"],
            "arn": profile["Arn"],
            "roles": [role["RoleName"] for role in profile["Roles"]],
            "tags": tags(profile.get("Tags", [])),
        }
        for profile in account.all("iam", "list_instance_profiles", "InstanceProfiles")
    )


def by_name(entries):
    return sorted(entries, key=lambda entry: entry["name"])


def tags(entries, key="Key", value="Value"):
    return {entry[key]: entry[value] for entry in sorted(entries, key=lambda entry: entry[key])}


def resource_tags(account, resource):
    chosen = [{"Name": "resource-id", "Values": [resource]}]
    return tags(account.all("ec2", "describe_tags", "Tags", Filters=chosen))


def balancer_tags(account, arn):
    described = account.call("elbv2", "describe_tags", ResourceArns=[arn])["TagDescriptions"]
    return tags(described[0]["Tags"]) if described else {}
