//! A cluster that the OpenTofu bundle made: taken over in place, and unmade like one of our own.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::{identities, seed};
use crate::support::honest::Lags;
use crate::support::world::World;

const POLICIES: [&str; 4] = [
    "service-role/AmazonECSTaskExecutionRolePolicy",
    "service-role/AmazonEC2ContainerServiceforEC2Role",
    "AmazonSSMManagedInstanceCore",
    "AmazonEC2ContainerRegistryReadOnly",
];
const TRUST: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;
/// What OpenTofu appends to a name prefix.
const GENERATED: &str = "20240131094500123400000001";

/// Makes, past the proxy, what the OpenTofu bundle makes of the world's params.
struct Original<'a> {
    world: &'a World,
    name: &'a str,
    keys: Keys,
    tags: BTreeMap<&'static str, String>,
}

/// The platform's older tag keys, and those that it gives since. With the oldest, capacity providers were named after their node groups alone.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Keys {
    Oldest,
    Older,
    Newer,
}

impl<'a> Original<'a> {
    fn make(world: &'a World, keys: Keys) {
        let name = world.name_prefix();
        let instance = name.rsplit_once('-').map_or(name, |(instance, _)| instance);
        let tags = match keys {
            Keys::Oldest | Keys::Older => [("md-project", "demo"), ("md-target", "dev"), ("md-manifest", "ecs"), ("md-package", name)],
            Keys::Newer => [("md-project", "demo"), ("md-environment", "dev"), ("md-component", "ecs"), ("md-instance", instance)],
        };
        let managed = [("managed-by", "massdriver")];
        let tags = managed.into_iter().chain(tags).map(|(key, value)| (key, value.to_owned())).collect();
        let original = Self { world, name, keys, tags };
        original.role();
        let security_group = original.node_security_group();
        original.cluster();
        let groups = world.params()["cluster"]["instances"].as_array().expect("node groups").iter();
        let groups: Vec<String> = groups.map(|group| format!("{name}-{}", group["name"].as_str().expect("a name"))).collect();
        for (place, group) in groups.iter().enumerate() {
            let template = original.launch_template(group, place, &security_group);
            original.nodes(group, &template);
        }
        original.attach(&groups);
        original.ingress();
        world.join_nodes();
    }

    /// The tags as most services take them.
    fn tags(&self) -> Value {
        self.tags.iter().map(|(key, value)| json!({ "Key": key, "Value": value })).collect()
    }

    fn named_tags(&self, name: &str) -> Value {
        let mut tags = self.tags();
        tags.as_array_mut().expect("a list").push(json!({ "Key": "Name", "Value": name }));
        tags
    }

    fn ecs_tags(&self) -> Value {
        self.tags.iter().map(|(key, value)| json!({ "key": key, "value": value })).collect()
    }

    fn role(&self) {
        let aws = |operation, params| self.world.aws("iam", operation, params);
        aws("create_role", json!({ "RoleName": self.name, "AssumeRolePolicyDocument": TRUST, "Tags": self.tags() }));
        for policy in POLICIES {
            let arn = format!("arn:aws:iam::aws:policy/{policy}");
            aws("attach_role_policy", json!({ "RoleName": self.name, "PolicyArn": arn }));
        }
        aws("create_instance_profile", json!({ "InstanceProfileName": self.name, "Tags": self.tags() }));
        aws("add_role_to_instance_profile", json!({ "InstanceProfileName": self.name, "RoleName": self.name }));
    }

    /// A group with this description, whose only rule allows all egress. Nothing here tags rules.
    fn security_group(&self, name: &str, description: &str) -> String {
        let tags = json!([{ "ResourceType": "security-group", "Tags": self.named_tags(name) }]);
        let group = json!({ "GroupName": name, "Description": description, "VpcId": self.world.vpc_id(), "TagSpecifications": tags });
        let id = self.world.aws("ec2", "create_security_group", group)["GroupId"].as_str().expect("an id").to_owned();
        let everything = json!([{ "IpProtocol": "-1", "IpRanges": [{ "CidrIp": "0.0.0.0/0" }] }]);
        self.world.aws("ec2", "revoke_security_group_egress", json!({ "GroupId": id, "IpPermissions": everything }));
        let described = json!([{ "IpProtocol": "-1", "IpRanges": [{ "CidrIp": "0.0.0.0/0", "Description": "Allow all egress" }] }]);
        self.world.aws("ec2", "authorize_security_group_egress", json!({ "GroupId": id, "IpPermissions": described }));
        id
    }

    fn node_security_group(&self) -> String {
        let id = self.security_group(self.name, &format!("ECS cluster {} EC2 instance security group", self.name));
        let itself = json!([{ "IpProtocol": "-1", "UserIdGroupPairs": [{ "GroupId": id, "Description": "Cluster internal ingress" }] }]);
        self.world.aws("ec2", "authorize_security_group_ingress", json!({ "GroupId": id, "IpPermissions": itself }));
        id
    }

    fn launch_template(&self, group: &str, place: usize, security_group: &str) -> String {
        let image = "/aws/service/ecs/optimized-ami/amazon-linux-2/recommended/image_id";
        let image = self.world.aws("ssm", "get_parameter", json!({ "Name": image }))["Parameter"]["Value"].take();
        let profile = format!("arn:aws:iam::{}:instance-profile/{}", self.world.account, self.name);
        let mut tags = self.named_tags(group);
        tags.as_array_mut().expect("a list").push(json!({ "Key": "AmazonECSManaged", "Value": "true" }));
        let interface = json!({
            "DeviceIndex": 0,
            "Description": format!("{group} network interface"),
            "AssociatePublicIpAddress": false,
            "DeleteOnTermination": true,
            "Groups": [security_group],
        });
        let metadata = json!({
            "HttpEndpoint": "enabled",
            "HttpTokens": "required",
            "HttpPutResponseHopLimit": 2,
            "HttpProtocolIpv6": "disabled",
            "InstanceMetadataTags": "disabled",
        });
        let data = json!({
            "ImageId": image,
            "InstanceType": "t3.medium",
            "IamInstanceProfile": { "Arn": profile },
            "EbsOptimized": false,
            "DisableApiTermination": false,
            "Monitoring": { "Enabled": true },
            "NetworkInterfaces": [interface],
            "MetadataOptions": metadata,
            "TagSpecifications": [{ "ResourceType": "instance", "Tags": tags }, { "ResourceType": "volume", "Tags": tags }],
            "UserData": user_data(self.name),
        });
        let template = json!({
            "LaunchTemplateName": format!("{group}{GENERATED}{place}"),
            "LaunchTemplateData": data,
            "TagSpecifications": [{ "ResourceType": "launch-template", "Tags": self.tags() }],
        });
        let made = self.world.aws("ec2", "create_launch_template", template);
        made["LaunchTemplate"]["LaunchTemplateId"].as_str().expect("an id").to_owned()
    }

    fn cluster(&self) {
        let insights = json!([{ "name": "containerInsights", "value": "enabled" }]);
        self.world.aws("ecs", "create_cluster", json!({ "clusterName": self.name, "settings": insights, "tags": self.ecs_tags() }));
    }

    /// A group with its capacity provider.
    fn nodes(&self, group: &str, template: &str) {
        let mut tags = self.named_tags(group);
        tags.as_array_mut().expect("a list").push(json!({ "Key": "AmazonECSManaged", "Value": "true" }));
        for tag in tags.as_array_mut().expect("a list") {
            tag["PropagateAtLaunch"] = json!(true);
        }
        let scaling_group = json!({
            "AutoScalingGroupName": group,
            "MinSize": 1,
            "MaxSize": 3,
            "DefaultCooldown": 300,
            "HealthCheckGracePeriod": 300,
            "HealthCheckType": "EC2",
            "NewInstancesProtectedFromScaleIn": true,
            "VPCZoneIdentifier": self.world.subnet_ids("private").join(","),
            "LaunchTemplate": { "LaunchTemplateId": template, "Version": "$Latest" },
            "Tags": tags,
        });
        self.world.aws("autoscaling", "create_auto_scaling_group", scaling_group);
        let groups = self.world.aws("autoscaling", "describe_auto_scaling_groups", json!({ "AutoScalingGroupNames": [group] }));
        let scaling = json!({
            "status": "ENABLED",
            "targetCapacity": 100,
            "minimumScalingStepSize": 1,
            "maximumScalingStepSize": 1,
            "instanceWarmupPeriod": 300,
        });
        let provider = json!({
            "autoScalingGroupArn": groups["AutoScalingGroups"][0]["AutoScalingGroupARN"],
            "managedScaling": scaling,
            "managedTerminationProtection": "ENABLED",
        });
        let provider = json!({ "name": self.provider(group), "autoScalingGroupProvider": provider, "tags": self.ecs_tags() });
        self.world.aws("ecs", "create_capacity_provider", provider);
    }

    fn provider<'b>(&self, group: &'b str) -> &'b str {
        let bare = group.strip_prefix(self.name).and_then(|rest| rest.strip_prefix('-')).expect("a group of the cluster");
        if self.keys == Keys::Oldest { bare } else { group }
    }

    fn attach(&self, groups: &[String]) {
        let list: Vec<&str> = groups.iter().map(|group| self.provider(group)).chain(["FARGATE", "FARGATE_SPOT"]).collect();
        let list = json!({ "cluster": self.name, "capacityProviders": list, "defaultCapacityProviderStrategy": [] });
        self.world.aws("ecs", "put_cluster_capacity_providers", list);
    }

    fn ingress(&self) {
        let name = format!("{}-alb", self.name);
        let group = self.security_group(&name, &format!("ECS cluster {} ALB security group", self.name));
        for (port, description) in [(80, "HTTP ingress"), (443, "HTTPS ingress")] {
            let ranges = json!([{ "CidrIp": "0.0.0.0/0", "Description": description }]);
            let rule = json!([{ "IpProtocol": "tcp", "FromPort": port, "ToPort": port, "IpRanges": ranges }]);
            self.world.aws("ec2", "authorize_security_group_ingress", json!({ "GroupId": group, "IpPermissions": rule }));
        }
        let certificates: Vec<String> = ["example.com", "example.org"].iter().map(|domain| self.certificate(domain)).collect();
        let balancer = json!({
            "Name": self.name,
            "Scheme": "internet-facing",
            "Type": "application",
            "Subnets": self.world.subnet_ids("public"),
            "SecurityGroups": [group],
            "Tags": self.tags(),
        });
        let balancer = self.world.aws("elbv2", "create_load_balancer", balancer)["LoadBalancers"][0]["LoadBalancerArn"].take();
        let redirect = json!({ "Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301" });
        let http = json!({
            "LoadBalancerArn": balancer,
            "Port": 80,
            "Protocol": "HTTP",
            "DefaultActions": [{ "Type": "redirect", "RedirectConfig": redirect }],
            "Tags": self.tags(),
        });
        self.world.aws("elbv2", "create_listener", http);
        let answer = json!({ "ContentType": "text/plain", "MessageBody": "Path not found", "StatusCode": "404" });
        let https = json!({
            "LoadBalancerArn": balancer,
            "Port": 443,
            "Protocol": "HTTPS",
            "SslPolicy": "ELBSecurityPolicy-2016-08",
            "Certificates": [{ "CertificateArn": certificates[0] }],
            "DefaultActions": [{ "Type": "fixed-response", "FixedResponseConfig": answer }],
            "Tags": self.tags(),
        });
        let listener = self.world.aws("elbv2", "create_listener", https)["Listeners"][0]["ListenerArn"].take();
        let extra = json!({ "ListenerArn": listener, "Certificates": [{ "CertificateArn": certificates[1] }] });
        self.world.aws("elbv2", "add_listener_certificates", extra);
    }

    /// A certificate with its record.
    fn certificate(&self, domain: &str) -> String {
        let names = json!([format!("*.{domain}")]);
        let request = json!({ "DomainName": domain, "SubjectAlternativeNames": names, "ValidationMethod": "DNS", "Tags": self.tags() });
        let arn = self.world.aws("acm", "request_certificate", request)["CertificateArn"].as_str().expect("an ARN").to_owned();
        let detail = self.world.aws("acm", "describe_certificate", json!({ "CertificateArn": arn }));
        let record = &detail["Certificate"]["DomainValidationOptions"][0]["ResourceRecord"];
        let set = json!({ "Name": record["Name"], "Type": "CNAME", "TTL": 60, "ResourceRecords": [{ "Value": record["Value"] }] });
        let zones = self.world.aws("route53", "list_hosted_zones_by_name", json!({ "DNSName": domain }));
        let batch = json!({ "Changes": [{ "Action": "UPSERT", "ResourceRecordSet": set }] });
        let change = json!({ "HostedZoneId": zones["HostedZones"][0]["Id"], "ChangeBatch": batch });
        self.world.aws("route53", "change_resource_record_sets", change);
        arn
    }
}

fn user_data(cluster: &str) -> String {
    use base64::Engine;
    let lines = [
        "#!/bin/bash".to_owned(),
        format!("echo ECS_CLUSTER=\"{cluster}\" >> /etc/ecs/ecs.config"),
        "echo ECS_ENABLE_CONTAINER_METADATA=true >> /etc/ecs/ecs.config".to_owned(),
        "echo ECS_POLL_METRICS=true >> /etc/ecs/ecs.config".to_owned(),
        String::new(),
    ];
    base64::engine::general_purpose::STANDARD.encode(lines.join("\n"))
}

fn adopted_world(name: &str) -> World {
    let world = World::seeded_with(name, &seed(&["example.com", "example.org"]));
    Original::make(&world, Keys::Older);
    world
}

/// Two groups; the second was given a type of another processor, for which its template still names the former image.
fn crooked_world(name: &str, keys: Keys) -> World {
    let groups = ["general", "spare"].map(|name| json!({ "name": name, "instance_type": "t3.medium", "min_size": 1, "max_size": 3 }));
    let mut world = World::seeded_with(name, &json!({ "groups": groups, "zones": ["example.com", "example.org"] }));
    Original::make(&world, keys);
    let spare = format!("{}-spare", world.name_prefix());
    let templates = world.aws("ec2", "describe_launch_templates", json!({}));
    let mut templates = templates["LaunchTemplates"].as_array().into_iter().flatten();
    let template = templates.find(|found| found["LaunchTemplateName"].as_str().is_some_and(|name| name.starts_with(&spare)));
    let id = template.expect("the spare group's template")["LaunchTemplateId"].clone();
    let first = world.aws("ec2", "describe_launch_template_versions", json!({ "LaunchTemplateId": id, "Versions": ["1"] }));
    let mut data = first["LaunchTemplateVersions"][0]["LaunchTemplateData"].clone();
    data["InstanceType"] = json!("m7g.large");
    world.aws("ec2", "create_launch_template_version", json!({ "LaunchTemplateId": id, "LaunchTemplateData": data }));
    // Another stack of the account writes the same record, in its own way.
    let zones = world.aws("route53", "list_hosted_zones_by_name", json!({ "DNSName": "example.org" }));
    let zone = zones["HostedZones"][0]["Id"].clone();
    let records = world.aws("route53", "list_resource_record_sets", json!({ "HostedZoneId": zone }));
    let mut records = records["ResourceRecordSets"].as_array().into_iter().flatten();
    let mut record = records.find(|record| record["Type"] == "CNAME").expect("a validation record").clone();
    record["TTL"] = json!(300);
    let batch = json!({ "Changes": [{ "Action": "UPSERT", "ResourceRecordSet": record }] });
    world.aws("route53", "change_resource_record_sets", json!({ "HostedZoneId": zone, "ChangeBatch": batch }));
    world.set_params(|params| params["cluster"]["instances"][1]["instance_type"] = json!("m7g.large"));
    world
}

#[track_caller]
fn assert_gentle(plan: &Value) {
    let changes = plan["changes"].as_array().expect("changes");
    let harsh: Vec<&Value> =
        changes.iter().filter(|change| !["update", "none"].contains(&change["action"].as_str().unwrap_or("?"))).collect();
    assert!(harsh.is_empty(), "{harsh:#?}");
    assert_eq!(plan["refusals"], json!([]));
}

#[test]
fn a_crooked_original_is_taken_over_under_any_set_of_tag_keys_and_keeps_every_identity() {
    for keys in [Keys::Oldest, Keys::Older, Keys::Newer] {
        let world = crooked_world("crooked", keys);
        world.lag(Lags::all(1));
        assert_gentle(&world.run(&["--output", "json", "plan"]).expect(0).json());
        let before = identities(&world);
        let output = world.run(&["provision"]).expect(0);
        assert_eq!(identities(&world), before, "{output}");
        world.run(&["plan", "--detailed-exitcode"]).expect(0);
        assert_eq!(world.unread_pages(), [""; 0]);
        world.run(&["decommission"]).expect(0);
        assert_eq!(world.leftovers(), [""; 0]);
    }
}

#[test]
fn nothing_of_an_original_cluster_is_made_replaced_or_deleted() {
    let world = adopted_world("adopted-plan");
    let plan = world.run(&["--output", "json", "plan"]).expect(0).json();
    assert_gentle(&plan);
    let changes = plan["changes"].as_array().expect("changes");
    // Every kind of thing that the original makes, found again.
    let kinds: BTreeSet<&str> = changes.iter().filter_map(|change| change["kind"].as_str()).collect();
    assert_eq!(kinds.len(), 14, "{kinds:?}");
    let labels: BTreeSet<&str> = changes.iter().filter_map(|change| change["adoption"].as_str()).collect();
    assert_eq!(labels, BTreeSet::from(["identical", "safe in place", "waits for your consent"]));
    assert!(changes.iter().all(|change| change["adoption"].is_string()), "every change is labelled: {changes:#?}");
}

#[test]
fn an_original_cluster_is_taken_over_in_place_and_leaves_nothing_when_it_goes() {
    let world = adopted_world("adopted");
    world.lag(Lags::all(2));
    let before = identities(&world);
    let output = world.run(&["provision"]).expect(0);
    assert_eq!(identities(&world), before, "{output}");
    let destructive: Vec<String> = output
        .mutations()
        .iter()
        .filter(|call| ["Create", "Delete", "Terminate", "Remove", "Deregister"].iter().any(|verb| call.operation.starts_with(verb)))
        .map(|call| call.operation.clone())
        .filter(|operation| !["CreateTags", "CreateOrUpdateTags", "CreateLaunchTemplateVersion"].contains(&operation.as_str()))
        .collect();
    assert_eq!(destructive, [""; 0], "{output}");
    let census = world.census();
    let policies = census["roles"][0]["policies"].as_array().expect("policies").len();
    assert_eq!(policies, POLICIES.len(), "a policy that apps may rely on was detached");
    let quiet = world.run(&["provision"]).expect(0);
    assert!(quiet.mutations().is_empty(), "{quiet}");
    world.run(&["decommission"]).expect(0);
    assert_eq!(world.leftovers(), [""; 0]);
}

#[test]
fn an_original_cluster_can_be_decommissioned_without_being_taken_over_first() {
    let world = adopted_world("adopted-gone");
    world.lag(Lags::all(2));
    world.run(&["decommission"]).expect(0);
    assert_eq!(world.leftovers(), [""; 0]);
}
