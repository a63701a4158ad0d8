//! A cluster that the OpenTofu bundle made: taken over in place, and unmade like one of our own.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::seed;
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
    group: String,
    tags: BTreeMap<&'static str, String>,
}

impl<'a> Original<'a> {
    fn make(world: &'a World) {
        let name = world.name_prefix();
        let tags =
            [("managed-by", "massdriver"), ("md-project", "demo"), ("md-target", "dev"), ("md-manifest", "ecs"), ("md-package", name)];
        let tags = tags.map(|(key, value)| (key, value.to_owned())).into();
        let original = Self { world, name, group: world.group_name(), tags };
        original.role();
        let nodes = original.node_security_group();
        let template = original.launch_template(&nodes);
        original.nodes(&template);
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

    fn launch_template(&self, security_group: &str) -> String {
        let image = "/aws/service/ecs/optimized-ami/amazon-linux-2/recommended/image_id";
        let image = self.world.aws("ssm", "get_parameter", json!({ "Name": image }))["Parameter"]["Value"].take();
        let profile = format!("arn:aws:iam::{}:instance-profile/{}", self.world.account, self.name);
        let mut tags = self.named_tags(&self.group);
        tags.as_array_mut().expect("a list").push(json!({ "Key": "AmazonECSManaged", "Value": "true" }));
        let interface = json!({
            "DeviceIndex": 0,
            "Description": format!("{} network interface", self.group),
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
            "LaunchTemplateName": format!("{}{GENERATED}", self.group),
            "LaunchTemplateData": data,
            "TagSpecifications": [{ "ResourceType": "launch-template", "Tags": self.tags() }],
        });
        let made = self.world.aws("ec2", "create_launch_template", template);
        made["LaunchTemplate"]["LaunchTemplateId"].as_str().expect("an id").to_owned()
    }

    fn nodes(&self, template: &str) {
        let group = &self.group;
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
        let insights = json!([{ "name": "containerInsights", "value": "enabled" }]);
        self.world.aws("ecs", "create_cluster", json!({ "clusterName": self.name, "settings": insights, "tags": self.ecs_tags() }));
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
        let provider = json!({ "name": group, "autoScalingGroupProvider": provider, "tags": self.ecs_tags() });
        self.world.aws("ecs", "create_capacity_provider", provider);
        let list = json!([group, "FARGATE", "FARGATE_SPOT"]);
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
    Original::make(&world);
    world
}

/// Everything that must stay what it is, by kind: ARNs and ids, instances included.
fn identities(world: &World) -> BTreeSet<String> {
    let census = world.census();
    let kinds = census.as_object().expect("a census by kind").iter();
    kinds
        .flat_map(|(kind, things)| {
            things.as_array().into_iter().flatten().flat_map(move |thing| {
                let id = ["arn", "id", "name"].iter().find_map(|key| thing[*key].as_str()).expect("an identity");
                let listeners = thing["listeners"].as_array().into_iter().flatten().filter_map(|one| one["arn"].as_str());
                [id].into_iter().chain(listeners).map(|id| format!("{kind} {id}")).collect::<Vec<_>>()
            })
        })
        .collect()
}

#[test]
fn nothing_of_an_original_cluster_is_made_replaced_or_deleted() {
    let world = adopted_world("adopted-plan");
    let plan = world.run(&["--output", "json", "plan"]).expect(0).json();
    let changes = plan["changes"].as_array().expect("changes");
    let harsh: Vec<&Value> =
        changes.iter().filter(|change| !["update", "none"].contains(&change["action"].as_str().unwrap_or("?"))).collect();
    assert!(harsh.is_empty(), "{harsh:#?}");
    assert_eq!(plan["refusals"], json!([]));
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
