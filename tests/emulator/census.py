"""Lists everything in an account of the emulator that a provisioner of clusters could have made, whoever made it.

Nothing that the seed makes is of these kinds, so that after a complete removal every list is empty.
"""

from agent import running_instances


def census(account):
    return {
        "clusters": clusters(account),
        "capacity_providers": capacity_providers(account),
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
            **nodes(account, cluster["clusterArn"]),
            "tags": tags(cluster.get("tags", []), "key", "value"),
        }
        for cluster in found
        if cluster["status"] == "ACTIVE"
    )


def capacity_providers(account):
    names = account.capacity_provider_names()
    # Asked for none by name, the emulator shows its own as well.
    found = account.call("ecs", "describe_capacity_providers", capacityProviders=names, include=["TAGS"]) if names else {}
    return by_name(
        {
            "name": provider["name"],
            "auto_scaling_group": provider.get("autoScalingGroupProvider", {}),
            "tags": tags(provider.get("tags", []), "key", "value"),
        }
        for provider in found.get("capacityProviders", [])
    )


def nodes(account, cluster):
    """How many nodes a cluster has, and how many of them are running machines on which nothing more is placed."""
    arns = account.all("ecs", "list_container_instances", "containerInstanceArns", cluster=cluster)
    if not arns:
        return {"nodes": 0, "draining": 0}
    described = account.call("ecs", "describe_container_instances", cluster=cluster, containerInstances=arns)
    running = running_instances(account)
    draining = [node for node in described["containerInstances"] if node["status"] == "DRAINING" and node["ec2InstanceId"] in running]
    return {"nodes": len(arns), "draining": len(draining)}


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
            "launch_template": group.get("LaunchTemplate", {}).get("LaunchTemplateName"),
            "launch_template_version": group.get("LaunchTemplate", {}).get("Version"),
            "protects_new_instances": group.get("NewInstancesProtectedFromScaleIn"),
            "metrics": sorted(metric["Metric"] for metric in group.get("EnabledMetrics", [])),
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
            "ingress": sorted(rule for permission in group["IpPermissions"] for rule in rules(permission)),
            "egress": sorted(rule for permission in group["IpPermissionsEgress"] for rule in rules(permission)),
            "tags": tags(group.get("Tags", [])),
        }
        for group in account.all("ec2", "describe_security_groups", "SecurityGroups")
        if group["GroupName"] != "default"
    )


def rules(permission):
    """Protocol, ports, and who is on the other side, one line for each of those."""
    ports = f"{permission['IpProtocol']} {permission.get('FromPort', '*')}-{permission.get('ToPort', '*')}"
    lists = [("IpRanges", "CidrIp"), ("Ipv6Ranges", "CidrIpv6"), ("PrefixListIds", "PrefixListId"), ("UserIdGroupPairs", "GroupId")]
    return [f"{ports} {other[key]} {other.get('Description', '')}" for name, key in lists for other in permission.get(name, [])]


def load_balancers(account):
    return by_name(
        {
            "name": balancer["LoadBalancerName"],
            "arn": balancer["LoadBalancerArn"],
            "dns_name": balancer["DNSName"],
            "security_groups": balancer.get("SecurityGroups", []),
            "subnets": sorted(zone["SubnetId"] for zone in balancer["AvailabilityZones"]),
            "attributes": balancer_attributes(account, balancer["LoadBalancerArn"]),
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
        "ssl_policy": entry.get("SslPolicy"),
        "default_actions": entry["DefaultActions"],
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
            "trust": role["AssumeRolePolicyDocument"],
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


def balancer_attributes(account, arn):
    return tags(account.call("elbv2", "describe_load_balancer_attributes", LoadBalancerArn=arn)["Attributes"])


def balancer_tags(account, arn):
    described = account.call("elbv2", "describe_tags", ResourceArns=[arn])["TagDescriptions"]
    return tags(described[0]["Tags"]) if described else {}
