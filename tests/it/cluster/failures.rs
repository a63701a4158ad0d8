//! When AWS denies, throttles or does not answer: what can be done is done, the rest is told, and running again finishes it.

use serde_json::json;

use super::{
    PREFIX, PROVISION, assert_says, assert_settled, assert_untouched, count, fargate_only, group, names, one_group, open, provisioned, run,
};
use crate::support::proxy::Fault;
use crate::support::world::World;

/// More than any run makes.
const ALWAYS: usize = 1000;

#[test]
fn what_may_not_be_read_is_neither_made_nor_deleted() {
    let world = World::seeded_with("unread", &one_group());
    world.proxy.fail("iam:GetRole", ALWAYS, Fault::Denied);
    let output = run(&world, PROVISION, 1);
    assert_eq!(output.stdout, "");
    assert_says(&output, &[&format!("AWS::IAM::Role/{PREFIX}"), "could not be read", "iam:GetRole"]);
    for action in ["iam:CreateRole", "iam:AttachRolePolicy", "iam:AddRoleToInstanceProfile", "autoscaling:CreateAutoScalingGroup"] {
        assert_eq!(count(&output, action), 0, "{action}\n{output}");
    }
    assert_eq!(names(&world.census(), "clusters"), [PREFIX], "what does not depend on the role is made");
    world.proxy.clear_rules();
    run(&world, PROVISION, 0);
    world.proxy.fail("iam:GetRole", ALWAYS, Fault::Denied);
    let output = run(&world, &["plan", "--detailed-exitcode"], 1);
    assert!((output.stdout + &output.stderr).contains("could not be read"));
    let output = run(&world, &["decommission"], 1);
    assert_says(&output, &[&format!("AWS::IAM::Role/{PREFIX}"), "could not be read"]);
    assert_eq!(names(&world.census(), "roles"), [PREFIX]);
    assert_eq!(count(&output, "iam:DetachRolePolicy"), 0);
    world.proxy.clear_rules();
    run(&world, &["decommission"], 0);
    assert_eq!(world.leftovers(), [""; 0]);
}

#[test]
fn what_a_plan_shows_as_unknown_is_not_touched() {
    let world = World::seeded_with("promise", &one_group());
    world.proxy.fail("iam:GetRole", ALWAYS, Fault::Denied);
    let plan = run(&world, &["plan", "--output", "json"], 1).json();
    let hidden = |kind: &str| {
        plan["changes"].as_array().expect("changes").iter().any(|change| change["kind"] == kind && change["action"] == "unknown")
    };
    let output = run(&world, PROVISION, 1);
    let makers = [
        ("AWS::IAM::Role", "iam:CreateRole"),
        ("AWS::IAM::InstanceProfile", "iam:CreateInstanceProfile"),
        ("AWS::EC2::LaunchTemplate", "ec2:CreateLaunchTemplate"),
        ("AWS::AutoScaling::AutoScalingGroup", "autoscaling:CreateAutoScalingGroup"),
        ("AWS::ECS::CapacityProvider", "ecs:CreateCapacityProvider"),
        ("AWS::ECS::ClusterCapacityProviderAssociations", "ecs:PutClusterCapacityProviders"),
    ];
    assert!(hidden("AWS::IAM::Role"), "{plan:#}");
    let done_unseen: Vec<&str> =
        makers.into_iter().filter(|(kind, action)| hidden(kind) && count(&output, action) > 0).map(|(kind, _)| kind).collect();
    assert_eq!(done_unseen, [""; 0], "shown as unknown, and made all the same\n{output}");
    let left_out: Vec<&str> =
        makers.into_iter().filter(|(kind, action)| !hidden(kind) && count(&output, action) == 0).map(|(kind, _)| kind).collect();
    assert_eq!(left_out, [""; 0], "shown as to be made, and not made\n{output}");
}

#[test]
fn a_decommission_that_cannot_see_the_cluster_leaves_the_way_in_as_it_is() {
    let world = provisioned("unseen", &open(&["example.com"]));
    let before = world.census();
    world.proxy.fail("ecs:DescribeClusters", ALWAYS, Fault::Denied);
    let output = run(&world, &["decommission"], 1);
    assert_says(&output, &[&format!("{PREFIX}  # could not be read"), "allow ecs:DescribeClusters"]);
    assert_untouched(&output);
    assert_eq!(world.census(), before);
}

#[test]
fn a_name_that_is_taken_in_another_case_is_told_at_once() {
    let world = World::seeded_with("case", &one_group());
    let vpc = world.connections()["vpc"]["data"]["infrastructure"]["arn"].as_str().and_then(|arn| arn.rsplit('/').next()).expect("a VPC");
    let name = PREFIX.to_ascii_uppercase();
    let taken = world.aws("ec2", "create_security_group", json!({ "GroupName": name, "Description": "theirs", "VpcId": vpc }));
    let output = run(&world, PROVISION, 1);
    assert_says(&output, &["InvalidGroup.Duplicate", taken["GroupId"].as_str().expect("an id"), &name, "put right what AWS names"]);
}

#[test]
fn a_denied_mutation_is_named_and_everything_that_does_not_need_it_is_done() {
    let world = World::seeded_with("denied", &json!({ "groups": [group("general", "t3.medium")], "zones": ["example.com"] }));
    world.proxy.fail("ecs:CreateCapacityProvider", ALWAYS, Fault::Denied);
    let output = run(&world, PROVISION, 1);
    assert_eq!(output.stdout, "");
    let provider = format!("AWS::ECS::CapacityProvider/{PREFIX}-general");
    assert_says(&output, &[&provider, "CreateCapacityProvider", "not authorized", "what was made stands", "operations done"]);
    let not_done = format!("not done: AWS::ECS::ClusterCapacityProviderAssociations/{PREFIX}");
    assert_says(&output, &[&not_done]);
    let census = world.census();
    assert_eq!(names(&census, "auto_scaling_groups"), [format!("{PREFIX}-general")]);
    assert_eq!(census["load_balancers"][0]["listeners"].as_array().map(Vec::len), Some(2));
    assert_eq!(names(&census, "certificates"), ["example.com"]);
    assert_eq!(names(&census, "capacity_providers"), [""; 0]);
    world.proxy.clear_rules();
    let finished = run(&world, PROVISION, 0);
    let made: Vec<String> = finished.mutations().iter().map(|call| call.action()).filter(|action| action.contains("Create")).collect();
    assert_eq!(made, ["ecs:CreateCapacityProvider"]);
    assert_settled(&world);
}

#[test]
fn a_denied_delete_keeps_what_needs_it_and_the_next_run_finishes() {
    let world = provisioned("undeleted", &one_group());
    world.proxy.fail("autoscaling:DeleteAutoScalingGroup", ALWAYS, Fault::Denied);
    let output = run(&world, &["decommission"], 1);
    assert_says(
        &output,
        &["DeleteAutoScalingGroup", &format!("AWS::AutoScaling::AutoScalingGroup/{PREFIX}-general"), "what is left stands"],
    );
    assert_eq!(count(&output, "ecs:DeleteCluster") + count(&output, "iam:DeleteRole"), 0, "{output}");
    world.proxy.clear_rules();
    run(&world, &["decommission"], 0);
    assert_eq!(world.leftovers(), [""; 0]);
}

#[test]
fn a_load_balancer_stays_while_nobody_can_tell_which_records_lead_to_it() {
    let world = provisioned("unread-zone", &open(&["example.com"]));
    world.proxy.fail("route53:ListHostedZonesByName", ALWAYS, Fault::Denied);
    let output = run(&world, &["decommission"], 1);
    assert_says(&output, &["the records that may lead to it", "ListHostedZonesByName"]);
    let census = world.census();
    assert_eq!(["load_balancers", "certificates", "records"].map(|kind| names(&census, kind).len()), [1; 3]);
    world.proxy.clear_rules();
    run(&world, &["decommission"], 0);
    assert_eq!(world.leftovers(), [""; 0]);
}

#[test]
fn a_role_that_may_not_be_assumed_is_told_as_that_and_nothing_is_made() {
    let world = World::seeded_with("assume", &fargate_only());
    world.proxy.fail("sts:AssumeRole", ALWAYS, Fault::Denied);
    let output = run(&world, PROVISION, 1);
    assert!(output.mutations().is_empty(), "{output}");
    assert_says(&output, &["AssumeRole"]);
}

#[test]
fn a_call_that_is_throttled_twice_is_made_a_third_time() {
    let world = World::seeded_with("throttled", &one_group());
    let throttled = ["ecs:CreateCluster", "ec2:DescribeSubnets", "iam:CreateRole", "autoscaling:CreateAutoScalingGroup"];
    for action in throttled {
        world.proxy.fail(action, 2, Fault::Throttled);
    }
    let output = run(&world, PROVISION, 0);
    assert_eq!(throttled.map(|action| count(&output, action)), [3; 4]);
    world.proxy.clear_rules();
    assert_settled(&world);
}

#[test]
fn an_internal_error_and_a_lost_call_are_survived() {
    let world = World::seeded_with("unavailable", &fargate_only());
    world.proxy.fail("ecs:DescribeClusters", 1, Fault::Unavailable);
    world.proxy.fail("ecs:CreateCluster", 1, Fault::CallLost);
    let output = run(&world, PROVISION, 0);
    assert_eq!(count(&output, "ecs:CreateCluster"), 2);
    assert_eq!(world.leftovers(), [format!("clusters: {PREFIX}")]);
}

#[test]
fn a_lost_reply_doubles_neither_load_balancer_nor_certificate() {
    let world = World::seeded_with("lost", &open(&["example.com"]));
    world.proxy.fail("elasticloadbalancing:CreateLoadBalancer", 1, Fault::ReplyLost);
    world.proxy.fail("acm:RequestCertificate", 1, Fault::ReplyLost);
    let output = run(&world, PROVISION, 0);
    assert_eq!(["elasticloadbalancing:CreateLoadBalancer", "acm:RequestCertificate"].map(|action| count(&output, action)), [2, 2]);
    let census = world.census();
    assert_eq!(names(&census, "load_balancers"), [PREFIX]);
    assert_eq!(names(&census, "certificates"), ["example.com"]);
    world.proxy.clear_rules();
    assert_settled(&world);
}

#[test]
fn a_group_whose_making_was_not_heard_of_is_taken_up_and_not_made_again() {
    let world = World::seeded_with("unheard", &one_group());
    world.proxy.fail("autoscaling:CreateAutoScalingGroup", 1, Fault::ReplyLost);
    let output = run(&world, PROVISION, 0);
    assert_eq!(count(&output, "autoscaling:CreateAutoScalingGroup"), 2);
    assert_eq!(names(&world.census(), "auto_scaling_groups"), [format!("{PREFIX}-general")]);
    assert_settled(&world);
}
