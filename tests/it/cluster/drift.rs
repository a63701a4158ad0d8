//! What somebody changed by hand: put back where it is ours to decide, left alone where it is not.

use serde_json::{Value, json};

use super::gate::Gate;
use super::{PREFIX, PROVISION, assert_says, assert_settled, assert_untouched, entry, group, one_group, open, provisioned, run};
use crate::support::call::Reply;
use crate::support::world::World;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Runs `provision`, before which changes have to be pending, and after which none may be.
#[track_caller]
fn put_back(world: &World) {
    run(world, &["plan", "--detailed-exitcode"], 3);
    run(world, PROVISION, 0);
    assert_settled(world);
}

#[test]
fn a_foreign_rule_is_revoked_and_a_missing_one_put_back() {
    let world = provisioned("rules", &open(&["example.com"]));
    let before = rules(&world);
    let group = entry(&world.census(), "security_groups", &format!("{PREFIX}-alb"))["id"].clone();
    let foreign = json!([{ "IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{ "CidrIp": "198.51.100.0/24" }] }]);
    world.aws("ec2", "authorize_security_group_ingress", json!({ "GroupId": group, "IpPermissions": foreign }));
    let ours = json!([{ "IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{ "CidrIp": "0.0.0.0/0" }] }]);
    world.aws("ec2", "revoke_security_group_ingress", json!({ "GroupId": group, "IpPermissions": ours }));
    assert_ne!(rules(&world), before);
    put_back(&world);
    assert_eq!(rules(&world), before);
}

#[test]
fn rules_whose_ids_are_not_shown_yet_are_looked_at_again() {
    let world = provisioned("late-rules", &open(&["example.com"]));
    let before = rules(&world);
    let group = entry(&world.census(), "security_groups", &format!("{PREFIX}-alb"))["id"].clone();
    let foreign = json!([{ "IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{ "CidrIp": "198.51.100.0/24" }] }]);
    world.aws("ec2", "authorize_security_group_ingress", json!({ "GroupId": group, "IpPermissions": foreign }));
    let late = AtomicUsize::new(2);
    world.proxy.before(move |call| {
        let is_late = |left: usize| left.checked_sub(1);
        let asked = call.operation == "DescribeSecurityGroupRules";
        (asked && late.fetch_update(Ordering::SeqCst, Ordering::SeqCst, is_late).is_ok())
            .then(|| Reply::xml(200, "<DescribeSecurityGroupRulesResponse><securityGroupRuleSet/></DescribeSecurityGroupRulesResponse>"))
    });
    run(&world, PROVISION, 0);
    assert_eq!(rules(&world), before);
}

#[test]
fn load_balancer_and_listener_are_put_back_and_tags_by_hand_stay() {
    let world = provisioned("way-in", &open(&["example.com"]));
    let before = world.census();
    let balancer = before["load_balancers"][0]["arn"].clone();
    let off = json!([{ "Key": "deletion_protection.enabled", "Value": "false" }]);
    world.aws("elbv2", "modify_load_balancer_attributes", json!({ "LoadBalancerArn": balancer, "Attributes": off }));
    let answer = json!([{ "Type": "fixed-response", "FixedResponseConfig": { "StatusCode": "200" } }]);
    for port in [80, 443] {
        world.aws("elbv2", "modify_listener", json!({ "ListenerArn": world.listener_arn(port), "DefaultActions": answer }));
    }
    let tags = json!([{ "Key": "added-by", "Value": "hand" }]);
    world.aws("elbv2", "add_tags", json!({ "ResourceArns": [balancer], "Tags": tags }));
    put_back(&world);
    let attributes = world.aws("elbv2", "describe_load_balancer_attributes", json!({ "LoadBalancerArn": balancer }));
    let on = json!({ "Key": "deletion_protection.enabled", "Value": "true" });
    assert!(attributes["Attributes"].as_array().expect("attributes").contains(&on), "{attributes:#}");
    assert_eq!(default_action(&world, 80)["Type"], "redirect");
    assert_eq!(default_action(&world, 443)["FixedResponseConfig"]["StatusCode"], "404");
    let mut after = world.census();
    assert_eq!(after["load_balancers"][0]["tags"]["added-by"], "hand");
    after["load_balancers"][0]["tags"].as_object_mut().expect("tags").remove("added-by");
    assert_eq!(after, before);
}

#[test]
fn the_cluster_and_the_nodes_parts_are_put_back_and_a_further_policy_stays() {
    let world = provisioned("nodes", &one_group());
    let name = format!("{PREFIX}-general");
    let before = world.census();
    let settings = json!([{ "name": "containerInsights", "value": "disabled" }]);
    world.aws("ecs", "update_cluster", json!({ "cluster": PREFIX, "settings": settings }));
    let unprotected = json!({ "AutoScalingGroupName": name, "NewInstancesProtectedFromScaleIn": false, "MaxSize": 8 });
    world.aws("autoscaling", "update_auto_scaling_group", unprotected);
    let policy = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore";
    world.aws("iam", "detach_role_policy", json!({ "RoleName": PREFIX, "PolicyArn": policy }));
    world.aws("iam", "remove_role_from_instance_profile", json!({ "InstanceProfileName": PREFIX, "RoleName": PREFIX }));
    let untagged = json!({ "RoleName": PREFIX, "TagKeys": ["md-project"] });
    world.aws("iam", "untag_role", untagged);
    let further = "arn:aws:iam::aws:policy/CloudWatchAgentServerPolicy";
    world.aws("iam", "attach_role_policy", json!({ "RoleName": PREFIX, "PolicyArn": further }));
    put_back(&world);
    let mut after = world.census();
    let policies = after["roles"][0]["policies"].as_array_mut().expect("policies");
    assert!(policies.contains(&json!(further)), "{policies:?}");
    policies.retain(|policy| policy != further);
    assert_eq!(after, before);
    let found = world.aws("autoscaling", "describe_auto_scaling_groups", json!({ "AutoScalingGroupNames": [name] }));
    assert_eq!(found["AutoScalingGroups"][0]["NewInstancesProtectedFromScaleIn"], true);
    run(&world, &["decommission"], 0);
    assert_eq!(world.leftovers(), [""; 0]);
}

#[test]
fn a_group_that_launches_from_another_version_is_brought_back_to_ours() {
    let world = provisioned("version", &one_group());
    let name = format!("{PREFIX}-general");
    let data = json!({ "InstanceType": "t3.small" });
    let by_hand = json!({ "LaunchTemplateName": name, "LaunchTemplateData": data });
    world.aws("ec2", "create_launch_template_version", by_hand);
    let template = json!({ "LaunchTemplateName": name, "Version": "$Latest" });
    world.aws("autoscaling", "update_auto_scaling_group", json!({ "AutoScalingGroupName": name, "LaunchTemplate": template }));
    put_back(&world);
    let (version, content) = super::launched_content(&world, "general");
    assert_eq!(version, "3");
    assert_eq!(content["InstanceType"], "t3.medium");
}

#[test]
fn a_provider_whose_scaling_was_changed_is_put_back() {
    let world = provisioned("scaling", &one_group());
    let name = format!("{PREFIX}-general");
    let scaling = json!({ "status": "ENABLED", "targetCapacity": 60, "minimumScalingStepSize": 1, "maximumScalingStepSize": 1 });
    let provider = json!({ "managedScaling": scaling, "managedTerminationProtection": "ENABLED" });
    world.aws("ecs", "update_capacity_provider", json!({ "name": name, "autoScalingGroupProvider": provider }));
    put_back(&world);
    let found = world.aws("ecs", "describe_capacity_providers", json!({ "capacityProviders": [name] }));
    let scaling = &found["capacityProviders"][0]["autoScalingGroupProvider"]["managedScaling"];
    assert_eq!((&scaling["targetCapacity"], &scaling["maximumScalingStepSize"]), (&json!(100), &json!(10_000)));
}

/// Makes a provider over the group that stands, and puts it on the cluster's list beside these.
fn attach_theirs(world: &World, beside: &[&str]) {
    let standing = world.aws("ecs", "describe_capacity_providers", json!({ "capacityProviders": [format!("{PREFIX}-general")] }));
    let group = json!({ "autoScalingGroupArn": standing["capacityProviders"][0]["autoScalingGroupProvider"]["autoScalingGroupArn"] });
    world.aws("ecs", "create_capacity_provider", json!({ "name": "theirs", "autoScalingGroupProvider": group }));
    let listed: Vec<&str> = beside.iter().copied().chain(["theirs"]).collect();
    let put = json!({ "cluster": PREFIX, "capacityProviders": listed, "defaultCapacityProviderStrategy": [] });
    world.aws("ecs", "put_cluster_capacity_providers", put);
}

#[test]
fn a_provider_that_somebody_attached_to_the_cluster_stays_attached() {
    let world = provisioned("attached", &one_group());
    attach_theirs(&world, &["FARGATE"]);
    run(&world, PROVISION, 0);
    let cluster = world.census()["clusters"][0].take();
    assert_eq!(cluster["capacity_providers"], json!(["FARGATE", "FARGATE_SPOT", format!("{PREFIX}-general"), "theirs"]));
    assert_untouched(&run(&world, &["plan"], 0));
}

#[test]
fn a_provider_that_somebody_attaches_after_the_look_stays_attached() {
    let general = format!("{PREFIX}-general");
    let mut world = provisioned("attached-meanwhile", &one_group());
    world.set_params(|params| params["cluster"]["instances"].as_array_mut().expect("groups").push(group("spare", "t3.medium")));
    let gate = Gate::before(&world, "ecs:CreateCapacityProvider");
    let running = world.start(PROVISION);
    gate.wait();
    attach_theirs(&world, &["FARGATE", "FARGATE_SPOT", &general]);
    gate.open();
    running.wait().expect(0);
    let listed = world.census()["clusters"][0]["capacity_providers"].take();
    assert_eq!(listed, json!(["FARGATE", "FARGATE_SPOT", general, format!("{PREFIX}-spare"), "theirs"]));
}

#[test]
fn a_list_that_somebody_undoes_in_mid_run_is_put_again() {
    let general = format!("{PREFIX}-general");
    let mut world = provisioned("undone", &one_group());
    world.set_params(|params| params["cluster"]["instances"].as_array_mut().expect("groups").push(group("spare", "t3.medium")));
    let gate = Gate::after(&world, "ecs:PutClusterCapacityProviders");
    let running = world.start(PROVISION);
    gate.wait();
    let before =
        json!({ "cluster": PREFIX, "capacityProviders": ["FARGATE", "FARGATE_SPOT", general], "defaultCapacityProviderStrategy": [] });
    world.aws("ecs", "put_cluster_capacity_providers", before);
    gate.open();
    let output = running.wait().expect(0);
    assert_eq!(output.calls_of("ecs:PutClusterCapacityProviders").len(), 2, "{output}");
    assert_says(&output, &["the cluster's list is not as it was put"]);
    assert_settled(&world);
}

#[test]
fn trust_of_the_nodes_role_in_anybody_else_is_taken_away() {
    let world = provisioned("trust", &one_group());
    let trusting = |more: Value| {
        let ec2 = json!({ "Effect": "Allow", "Principal": { "Service": "ec2.amazonaws.com" }, "Action": "sts:AssumeRole" });
        let document = json!({ "Version": "2012-10-17", "Statement": [ec2, more] }).to_string();
        world.aws("iam", "update_assume_role_policy", json!({ "RoleName": PREFIX, "PolicyDocument": document }));
    };
    for principal in [json!("*"), json!({ "AWS": "*" }), json!({ "Federated": "cognito-identity.amazonaws.com" })] {
        trusting(json!({ "Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole" }));
        put_back(&world);
    }
}

fn default_action(world: &World, port: u16) -> Value {
    let asked = json!({ "ListenerArns": [world.listener_arn(port)] });
    world.aws("elbv2", "describe_listeners", asked)["Listeners"][0]["DefaultActions"][0].take()
}

/// Every rule of our groups as text, without its id, in order.
fn rules(world: &World) -> Vec<String> {
    let found = world.aws("ec2", "describe_security_group_rules", json!({}));
    let rules = found["SecurityGroupRules"].as_array().expect("a list of rules").iter();
    let shown = |rule: &Value| {
        format!("{} {} {} {} {}", rule["GroupId"], rule["IsEgress"], rule["FromPort"], rule["CidrIpv4"], rule["Description"])
    };
    let mut rules: Vec<String> = rules.map(shown).collect();
    rules.sort();
    rules
}
