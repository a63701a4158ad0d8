//! What people do to an account while a run is under way: they delete what was made, and make what bears our names.

use std::fmt;

use serde_json::{Value, json};

use crate::support::world::World;

/// A kind of resource, and the call that makes it.
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    pub name: &'static str,
    pub maker: &'static str,
}

impl fmt::Display for Kind {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name)
    }
}

pub const KINDS: [Kind; 11] = [
    Kind { name: "cluster", maker: "ecs:CreateCluster" },
    Kind { name: "role", maker: "iam:CreateRole" },
    Kind { name: "instance_profile", maker: "iam:CreateInstanceProfile" },
    Kind { name: "security_group", maker: "ec2:CreateSecurityGroup" },
    Kind { name: "launch_template", maker: "ec2:CreateLaunchTemplate" },
    Kind { name: "auto_scaling_group", maker: "autoscaling:CreateAutoScalingGroup" },
    Kind { name: "capacity_provider", maker: "ecs:CreateCapacityProvider" },
    Kind { name: "load_balancer", maker: "elasticloadbalancing:CreateLoadBalancer" },
    Kind { name: "listener", maker: "elasticloadbalancing:CreateListener" },
    Kind { name: "certificate", maker: "acm:RequestCertificate" },
    Kind { name: "record", maker: "route53:ChangeResourceRecordSets" },
];

/// Deletes everything of a kind in the account, as far as AWS lets a person do so.
pub fn delete(world: &World, kind: &str) {
    let census = world.census();
    let all = |kind: &str| census[kind].as_array().cloned().unwrap_or_default();
    let call = |service: &str, operation: &str, params: Value| drop(world.try_aws(service, operation, params));
    match kind {
        "cluster" => each(&all("clusters"), |one| call("ecs", "delete_cluster", json!({ "cluster": one["arn"] }))),
        "role" => each(&all("roles"), |one| delete_role(world, one)),
        "instance_profile" => each(&all("instance_profiles"), |one| delete_profile(world, one)),
        "security_group" => each(&all("security_groups"), |one| call("ec2", "delete_security_group", json!({ "GroupId": one["id"] }))),
        "launch_template" => {
            each(&all("launch_templates"), |one| call("ec2", "delete_launch_template", json!({ "LaunchTemplateId": one["id"] })));
        }
        "auto_scaling_group" => each(&all("auto_scaling_groups"), |one| {
            let chosen = json!({ "AutoScalingGroupName": one["name"], "ForceDelete": true });
            call("autoscaling", "delete_auto_scaling_group", chosen);
        }),
        "capacity_provider" => {
            each(&all("capacity_providers"), |one| call("ecs", "delete_capacity_provider", json!({ "capacityProvider": one["name"] })));
        }
        "load_balancer" => {
            each(&all("load_balancers"), |one| call("elbv2", "delete_load_balancer", json!({ "LoadBalancerArn": one["arn"] })));
        }
        "listener" => each(&all("load_balancers"), |one| {
            let listeners = one["listeners"].as_array().cloned().unwrap_or_default();
            each(&listeners, |listener| call("elbv2", "delete_listener", json!({ "ListenerArn": listener["arn"] })));
        }),
        "certificate" => each(&all("certificates"), |one| call("acm", "delete_certificate", json!({ "CertificateArn": one["arn"] }))),
        "record" => each(&all("records"), |one| delete_record(world, one)),
        _ => panic!("nobody knows how to delete a `{kind}`"),
    }
}

/// Makes something of a kind under our name; of the two security groups that of which ours is not there yet.
pub fn take_name(world: &World, kind: &str) {
    if kind != "security_group" {
        world.take_name(kind);
        return;
    }
    let owner = json!([{ "ResourceType": "security-group", "Tags": [{ "Key": "owner", "Value": "somebody-else" }] }]);
    let taken = ["", "-alb"].iter().any(|end| {
        let name = format!("{}{end}", world.name_prefix());
        let group = json!({ "GroupName": name, "Description": "theirs", "VpcId": world.vpc_id(), "TagSpecifications": owner });
        world.try_aws("ec2", "create_security_group", group).is_ok()
    });
    assert!(taken, "both names are taken");
}

fn each(things: &[Value], delete: impl FnMut(&Value)) {
    things.iter().for_each(delete);
}

fn delete_role(world: &World, role: &Value) {
    let name = &role["name"];
    each(role["policies"].as_array().map_or(&[], Vec::as_slice), |policy| {
        world.aws("iam", "detach_role_policy", json!({ "RoleName": name, "PolicyArn": policy }));
    });
    let profiles = world.census()["instance_profiles"].take();
    for profile in profiles.as_array().into_iter().flatten().filter(|profile| profile["roles"][0] == *name) {
        let params = json!({ "InstanceProfileName": profile["name"], "RoleName": name });
        world.aws("iam", "remove_role_from_instance_profile", params);
    }
    world.aws("iam", "delete_role", json!({ "RoleName": name }));
}

fn delete_profile(world: &World, profile: &Value) {
    let name = &profile["name"];
    if let Some(role) = profile["roles"].get(0) {
        world.aws("iam", "remove_role_from_instance_profile", json!({ "InstanceProfileName": name, "RoleName": role }));
    }
    world.aws("iam", "delete_instance_profile", json!({ "InstanceProfileName": name }));
}

fn delete_record(world: &World, record: &Value) {
    let zones = world.aws("route53", "list_hosted_zones", json!({}))["HostedZones"].take();
    let zone = zones.as_array().into_iter().flatten().find(|zone| zone["Name"] == record["zone"]).expect("the record's zone").clone();
    let values: Vec<Value> = record["values"].as_array().into_iter().flatten().map(|value| json!({ "Value": value })).collect();
    let set = json!({ "Name": record["name"], "Type": record["type"], "TTL": record["ttl"], "ResourceRecords": values });
    let batch = json!({ "Changes": [{ "Action": "DELETE", "ResourceRecordSet": set }] });
    world.aws("route53", "change_resource_record_sets", json!({ "HostedZoneId": zone["Id"], "ChangeBatch": batch }));
}
