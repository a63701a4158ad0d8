//! A cluster's life that comes by nearly every call, and the policy that the binary prints against it.

use super::judging::{actions, asked};
use crate::cluster::{PREFIX, PROVISION, entry, group, run};
use crate::support::call::Call;
use crate::support::world::World;
use serde_json::json;
use std::collections::BTreeSet;

/// What happens, and what is then done about it.
pub struct Chapter {
    pub happens: fn(&mut World),
    pub args: &'static [&'static str],
}

pub const CHAPTERS: [Chapter; 4] = [
    Chapter { happens: |_| {}, args: &["provision"] },
    Chapter { happens: meddle, args: PROVISION },
    Chapter { happens: change_everything, args: PROVISION },
    Chapter { happens: neglect, args: &["decommission"] },
];

/// Actions that this life does not come by, and why.
const UNSEEN: [(&str, &str); 9] = [
    ("autoscaling:CancelInstanceRefresh", "only a refresh under way is cancelled, and the emulator has none"),
    ("autoscaling:DescribeScalingActivities", "asked only when a launch fails"),
    ("autoscaling:StartInstanceRefresh", "only a rolling refresh asks, and the emulator has none"),
    ("ec2:DescribeInstances", "asked only when nodes stay away or have fallen silent"),
    ("ec2:DescribeVpcEndpoints", "asked only when a node that stays away has no route to the internet"),
    ("ec2:DescribeVpcs", "asked only where no subnet tells of its VPC: a cluster of Fargate alone"),
    ("ecs:DescribeServices", "asked only where there are services, which would refuse the end of this life"),
    ("ecs:DescribeTasks", "asked only where there are tasks, which would refuse the end of this life"),
    ("elasticloadbalancing:SetSubnets", "asked only when the connection names other subnets"),
];

pub fn world(name: &str) -> World {
    let groups = [group("general", "t3.medium"), group("old", "c5.large")];
    World::seeded_with(name, &json!({ "groups": groups, "zones": ["example.com", "example.org"] }))
}

/// Somebody changes by hand what is ours.
fn meddle(world: &mut World) {
    let general = format!("{PREFIX}-general");
    let census = world.census();
    let alb_group = entry(&census, "security_groups", &format!("{PREFIX}-alb"))["id"].clone();
    let node_group = entry(&census, "security_groups", PREFIX)["id"].clone();
    let all = json!({ "IpProtocol": "-1", "IpRanges": [{ "CidrIp": "0.0.0.0/0", "Description": "by hand" }] });
    let web =
        json!({ "IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{ "CidrIp": "0.0.0.0/0", "Description": "by hand" }] });
    let ssh = json!({ "IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{ "CidrIp": "198.51.100.0/24" }] });
    let rules = |group: &serde_json::Value, rule: &serde_json::Value| json!({ "GroupId": group, "IpPermissions": [rule] });
    world.aws("ec2", "update_security_group_rule_descriptions_egress", rules(&node_group, &all));
    world.aws("ec2", "update_security_group_rule_descriptions_ingress", rules(&alb_group, &web));
    world.aws("ec2", "authorize_security_group_ingress", rules(&alb_group, &ssh));
    world.aws("ec2", "authorize_security_group_egress", rules(&alb_group, &ssh));
    let trust = json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Principal": { "Service": "ecs.amazonaws.com" }, "Action": "sts:AssumeRole" }] });
    world.aws("iam", "update_assume_role_policy", json!({ "RoleName": PREFIX, "PolicyDocument": trust.to_string() }));
    let scaling = json!({ "status": "ENABLED", "targetCapacity": 60, "minimumScalingStepSize": 1, "maximumScalingStepSize": 1 });
    let provider = json!({ "managedScaling": scaling, "managedTerminationProtection": "ENABLED" });
    world.aws("ecs", "update_capacity_provider", json!({ "name": general, "autoScalingGroupProvider": provider }));
    let off = json!([{ "Key": "deletion_protection.enabled", "Value": "false" }]);
    let balancer = &census["load_balancers"][0]["arn"];
    world.aws("elbv2", "modify_load_balancer_attributes", json!({ "LoadBalancerArn": balancer, "Attributes": off }));
    world.aws("elbv2", "set_security_groups", json!({ "LoadBalancerArn": balancer, "SecurityGroups": [node_group] }));
    let answer = json!([{ "Type": "fixed-response", "FixedResponseConfig": { "StatusCode": "200" } }]);
    world.aws("elbv2", "modify_listener", json!({ "ListenerArn": world.listener_arn(80), "DefaultActions": answer }));
}

/// The inputs ask for something else in every respect.
fn change_everything(world: &mut World) {
    world.join_nodes();
    world.set_params(|params| {
        params["cluster"]["instances"][0]["instance_type"] = json!("m7g.large");
        params["cluster"]["instances"].as_array_mut().expect("groups").truncate(1);
        params["cluster"]["container_insights"] = json!("enhanced");
        params["cluster"]["ingress"]["allowed_cidrs"] = json!(["10.0.0.0/8"]);
        params["cluster"]["ingress"]["additional_route53_hosted_zones"] = json!([]);
        params["md_metadata"]["default_tags"]["md-project"] = json!("renamed");
    });
}

/// Somebody embeds a policy into the role, which hinders its deletion.
fn neglect(world: &mut World) {
    world.join_nodes();
    let policy = json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Deny", "Action": "*", "Resource": "*" }] }).to_string();
    world.aws("iam", "put_role_policy", json!({ "RoleName": PREFIX, "PolicyName": "by-hand", "PolicyDocument": policy }));
}

/// The calls of a whole life, by chapter.
pub fn live(mut world: World) -> Vec<Vec<Call>> {
    let mut calls = Vec::new();
    for chapter in &CHAPTERS {
        (chapter.happens)(&mut world);
        calls.push(run(&world, chapter.args, 0).calls);
    }
    assert_eq!(world.leftovers(), [""; 0]);
    calls
}

#[test]
fn every_call_of_a_clusters_life_is_in_the_policy_and_nearly_every_action_is_called() {
    let world = world("permissions");
    let policy = run(&world, &["iam-policy", "--name-prefix", PREFIX], 0).json();
    let calls = live(world).concat();
    let made: BTreeSet<String> = asked(PREFIX, &calls, 0).into_iter().map(|ask| ask.action).collect();
    let allowed = actions(&policy);
    let missing: Vec<&String> = made.difference(&allowed).collect();
    assert!(missing.is_empty(), "called, and not in the policy: {missing:?}");
    let unseen: Vec<&String> = allowed.difference(&made).collect();
    let expected: Vec<&str> = UNSEEN.iter().map(|(action, _)| *action).collect();
    assert_eq!(unseen, expected, "allowed, and neither called nor listed with the reason why not");
}
