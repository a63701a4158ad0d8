//! What people do to an account while a run is under way: they delete what was made, and make what bears our names.

use std::collections::BTreeMap;
use std::fmt;
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use crate::support::world::World;

/// A kind of resource.
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    pub name: &'static str,
    /// The list of the census that shows it.
    pub census: &'static str,
    /// The call that makes it.
    pub maker: &'static str,
    /// The call that deletes it, be it with something else.
    pub unmaker: &'static str,
}

impl fmt::Display for Kind {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name)
    }
}

pub const KINDS: [Kind; 11] = [
    kind("cluster", "clusters", "ecs:CreateCluster", "ecs:DeleteCluster"),
    kind("role", "roles", "iam:CreateRole", "iam:DeleteRole"),
    kind("instance_profile", "instance_profiles", "iam:CreateInstanceProfile", "iam:DeleteInstanceProfile"),
    kind("security_group", "security_groups", "ec2:CreateSecurityGroup", "ec2:DeleteSecurityGroup"),
    kind("launch_template", "launch_templates", "ec2:CreateLaunchTemplate", "ec2:DeleteLaunchTemplate"),
    kind("auto_scaling_group", "auto_scaling_groups", "autoscaling:CreateAutoScalingGroup", "autoscaling:DeleteAutoScalingGroup"),
    kind("capacity_provider", "capacity_providers", "ecs:CreateCapacityProvider", "ecs:DeleteCapacityProvider"),
    kind("load_balancer", "load_balancers", "elasticloadbalancing:CreateLoadBalancer", "elasticloadbalancing:DeleteLoadBalancer"),
    kind("listener", "load_balancers", "elasticloadbalancing:CreateListener", "elasticloadbalancing:DeleteLoadBalancer"),
    kind("certificate", "certificates", "acm:RequestCertificate", "acm:DeleteCertificate"),
    kind("record", "records", "route53:ChangeResourceRecordSets", "route53:ChangeResourceRecordSets"),
];

const fn kind(name: &'static str, census: &'static str, maker: &'static str, unmaker: &'static str) -> Kind {
    Kind { name, census, maker, unmaker }
}

/// A run that is held goes on with what does not need the call that is held; it has done so when it has called nothing for so long.
const QUIET: Duration = Duration::from_secs(1);
/// Looks for such a pause. A wait that asks on and on may leave none, and changes nothing.
const MOST_LOOKS: usize = 15;

/// Waits until a held run has done what it can: nothing is on its way but the call that is held, and nothing more comes.
pub fn let_settle(world: &World) {
    for _ in 0..MOST_LOOKS {
        let before = world.proxy.count(|_| true);
        let is_alone = world.proxy.in_flight() == 1;
        thread::sleep(QUIET);
        if is_alone && world.proxy.count(|_| true) == before {
            return;
        }
    }
}

/// Deletes everything of the kind, of which there has to be something, and makes sure that it is gone.
#[track_caller]
pub fn delete(world: &World, kind: &Kind) {
    let all = things(world, kind);
    assert!(!all.is_empty(), "there is no {kind} to delete");
    all.iter().for_each(|thing| delete_one(world, kind.name, thing));
    assert_eq!(things(world, kind), [""; 0], "a {kind} is still there");
}

/// Everything of the kind.
fn things(world: &World, kind: &Kind) -> Vec<Value> {
    let census = world.census();
    let found = census[kind.census].as_array().into_iter().flatten();
    match kind.name {
        "listener" => found.flat_map(|balancer| balancer["listeners"].as_array().cloned().unwrap_or_default()).collect(),
        _ => found.cloned().collect(),
    }
}

/// What somebody else owns, by the census's kinds.
#[track_caller]
pub fn others(world: &World) -> BTreeMap<String, Vec<Value>> {
    let mut census = world.census();
    let kinds = census.as_object_mut().into_iter().flatten();
    let others = kinds.map(|(kind, things)| {
        let things = things.as_array().into_iter().flatten().filter(|thing| thing["tags"]["owner"] == "somebody-else");
        (kind.clone(), things.cloned().collect())
    });
    others.collect()
}

fn delete_one(world: &World, kind: &str, one: &Value) {
    let call = |service: &str, operation: &str, params: Value| drop(world.aws(service, operation, params));
    match kind {
        "cluster" => call("ecs", "delete_cluster", json!({ "cluster": one["arn"] })),
        "role" => delete_role(world, one),
        "instance_profile" => delete_profile(world, one),
        "security_group" => call("ec2", "delete_security_group", json!({ "GroupId": one["id"] })),
        "launch_template" => call("ec2", "delete_launch_template", json!({ "LaunchTemplateId": one["id"] })),
        "auto_scaling_group" => {
            call("autoscaling", "delete_auto_scaling_group", json!({ "AutoScalingGroupName": one["name"], "ForceDelete": true }));
        }
        "capacity_provider" => call("ecs", "delete_capacity_provider", json!({ "capacityProvider": one["name"] })),
        "load_balancer" => delete_load_balancer(world, one),
        "listener" => call("elbv2", "delete_listener", json!({ "ListenerArn": one["arn"] })),
        "certificate" => call("acm", "delete_certificate", json!({ "CertificateArn": one["arn"] })),
        "record" => delete_record(world, one),
        _ => panic!("nobody knows how to delete a `{kind}`"),
    }
}

/// Whoever means it lifts the protection first.
fn delete_load_balancer(world: &World, balancer: &Value) {
    let off = json!([{ "Key": "deletion_protection.enabled", "Value": "false" }]);
    world.aws("elbv2", "modify_load_balancer_attributes", json!({ "LoadBalancerArn": balancer["arn"], "Attributes": off }));
    world.aws("elbv2", "delete_load_balancer", json!({ "LoadBalancerArn": balancer["arn"] }));
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

fn delete_role(world: &World, role: &Value) {
    let name = &role["name"];
    for policy in role["policies"].as_array().into_iter().flatten() {
        world.aws("iam", "detach_role_policy", json!({ "RoleName": name, "PolicyArn": policy }));
    }
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
