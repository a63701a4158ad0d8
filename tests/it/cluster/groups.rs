//! Node groups and the cluster's own settings, changed in a cluster that stands.

use serde_json::{Value, json};

use super::{
    PREFIX, PROVISION, assert_says, assert_settled, assert_untouched, count, entry, fargate_only, group, launched_content, names,
    one_group, provisioned, run,
};
use crate::support::world::{Output, World};

fn two_groups() -> Value {
    json!({ "groups": [group("general", "t3.medium"), group("arm", "m7g.large")], "zones": [] })
}

#[test]
fn a_group_is_resized_in_place_and_keeps_the_capacity_that_ecs_has_chosen() {
    let mut world = provisioned("resize", &one_group());
    let chosen = json!({ "AutoScalingGroupName": format!("{PREFIX}-general"), "DesiredCapacity": 3 });
    world.aws("autoscaling", "set_desired_capacity", chosen);
    assert_settled(&world);
    let nodes = nodes(&world);
    world.set_params(|params| {
        params["cluster"]["instances"][0]["min_size"] = json!(0);
        params["cluster"]["instances"][0]["max_size"] = json!(5);
    });
    let output = run(&world, PROVISION, 0);
    assert_eq!(mutations(&output), ["autoscaling:UpdateAutoScalingGroup"]);
    let census = world.census();
    let resized = entry(&census, "auto_scaling_groups", "demo-dev-ecs-ab12-general");
    assert_eq!(["min_size", "max_size", "desired_capacity"].map(|size| resized[size].as_u64()), [Some(0), Some(5), Some(3)]);
    assert_eq!(self::nodes(&world), nodes, "nodes were replaced");
}

#[test]
fn another_instance_type_and_a_larger_disk_are_new_versions_and_replace_no_node() {
    let mut world = provisioned("type", &one_group());
    let before = nodes(&world);
    world.set_params(|params| params["cluster"]["instances"][0]["instance_type"] = json!("m7g.large"));
    let output = run(&world, PROVISION, 0);
    let (version, content) = launched_content(&world, "general");
    assert_eq!(version, "2");
    assert_eq!(content["InstanceType"], "m7g.large");
    let image = world.aws("ec2", "describe_images", json!({ "ImageIds": [content["ImageId"]] }));
    assert_eq!(image["Images"][0]["Architecture"], "arm64");
    assert_eq!(entry(&world.census(), "launch_templates", "demo-dev-ecs-ab12-general")["default_version"], 2);
    assert_eq!(count(&output, "ec2:CreateLaunchTemplate"), 0);
    world.set_params(|params| params["cluster"]["instances"][0]["root_volume_gb"] = json!(100));
    run(&world, PROVISION, 0);
    let (version, content) = launched_content(&world, "general");
    assert_eq!(version, "3");
    assert_eq!(content["BlockDeviceMappings"][0]["Ebs"]["VolumeSize"], 100);
    assert_eq!(nodes(&world), before, "nodes were replaced");
    assert_settled(&world);
}

#[test]
fn a_group_that_is_added_leaves_the_others_alone() {
    let mut world = provisioned("added", &one_group());
    let before = world.census();
    let groups = json!([group("general", "t3.medium"), group("arm", "m7g.large")]);
    world.set_params(|params| params["cluster"]["instances"] = groups);
    let output = run(&world, PROVISION, 0);
    let after = world.census();
    for kind in ["auto_scaling_groups", "launch_templates", "capacity_providers"] {
        assert_eq!(names(&after, kind), ["demo-dev-ecs-ab12-arm", "demo-dev-ecs-ab12-general"], "{kind}");
        let general = "demo-dev-ecs-ab12-general";
        assert_eq!(entry(&after, kind, general), entry(&before, kind, general), "{kind}");
    }
    let offered = json!(["FARGATE", "FARGATE_SPOT", "demo-dev-ecs-ab12-arm", "demo-dev-ecs-ab12-general"]);
    assert_eq!(entry(&after, "clusters", PREFIX)["capacity_providers"], offered);
    assert_eq!(count(&output, "autoscaling:CreateAutoScalingGroup"), 1);
    assert_settled(&world);
}

#[test]
fn nothing_is_left_of_a_group_that_is_removed_and_the_others_are_untouched() {
    let mut world = provisioned("removed", &two_groups());
    world.join_nodes();
    let agents = world.keep_nodes_joined();
    let before = world.census();
    let kept = json!([group("general", "t3.medium")]);
    world.set_params(|params| params["cluster"]["instances"] = kept);
    let output = run(&world, PROVISION, 0);
    drop(agents);
    world.join_nodes();
    assert_order(
        &output,
        &[
            "ecs:PutClusterCapacityProviders",
            "ecs:DeleteCapacityProvider",
            "autoscaling:DeleteAutoScalingGroup",
            "ec2:DeleteLaunchTemplate",
        ],
    );
    let after = world.census();
    for kind in ["auto_scaling_groups", "launch_templates", "capacity_providers"] {
        assert_eq!(names(&after, kind), ["demo-dev-ecs-ab12-general"], "{kind}");
        let general = "demo-dev-ecs-ab12-general";
        assert_eq!(entry(&after, kind, general), entry(&before, kind, general), "{kind}");
    }
    assert_eq!(names(&after, "instances").len(), 1, "a node of the removed group still runs");
    let cluster = entry(&after, "clusters", PREFIX);
    assert_eq!(cluster["capacity_providers"], json!(["FARGATE", "FARGATE_SPOT", "demo-dev-ecs-ab12-general"]));
    assert_eq!(cluster["nodes"], 1);
    for kind in ["roles", "instance_profiles", "security_groups"] {
        assert_eq!(after[kind], before[kind], "{kind}");
    }
    assert_settled(&world);
}

#[test]
fn a_group_that_a_service_relies_on_is_not_removed() {
    let mut world = provisioned("relied-on", &two_groups());
    world.create_service("web");
    rely_on(&world, &format!("{PREFIX}-arm"));
    world.set_params(|params| params["cluster"]["instances"].as_array_mut().expect("a list").truncate(1));
    let output = run(&world, PROVISION, 4);
    assert_untouched(&output);
    assert_says(&output, &["`web`", &format!("AWS::ECS::CapacityProvider/{PREFIX}-arm")]);
}

#[test]
fn a_provision_is_done_when_the_nodes_have_joined() {
    let world = World::seeded_with("joined", &one_group());
    let agents = world.keep_nodes_joined();
    let output = run(&world, &["provision"], 0);
    drop(agents);
    assert_eq!(entry(&world.census(), "clusters", PREFIX)["nodes"], 1);
    assert_says(&output, &["join"]);
    assert_untouched(&run(&world, &["provision"], 0));
}

#[test]
fn the_last_group_takes_role_profile_and_firewall_with_it() {
    let mut world = provisioned("last", &one_group());
    world.set_params(|params| params["cluster"]["instances"] = json!([]));
    run(&world, PROVISION, 0);
    assert_eq!(world.leftovers(), [format!("clusters: {PREFIX}")]);
    assert_settled(&world);
}

#[test]
fn a_fargate_only_cluster_is_nothing_but_the_cluster() {
    let world = World::seeded_with("fargate", &fargate_only());
    let output = run(&world, PROVISION, 0);
    assert_eq!(world.leftovers(), [format!("clusters: {PREFIX}")]);
    let cluster = world.census()["clusters"][0].take();
    assert_eq!(cluster["capacity_providers"], json!(["FARGATE", "FARGATE_SPOT"]));
    assert_eq!(output.json()["data"]["capabilities"]["ingress"], json!([]));
    assert_settled(&world);
}

#[test]
fn container_insights_follow_the_params() {
    let mut world = provisioned("insights", &fargate_only());
    for wanted in ["enhanced", "disabled", "enabled"] {
        world.set_params(|params| params["cluster"]["container_insights"] = json!(wanted));
        let output = run(&world, PROVISION, 0);
        assert_eq!(world.census()["clusters"][0]["settings"], json!([{ "name": "containerInsights", "value": wanted }]));
        assert_eq!(output.mutations().len(), 1, "{output}");
    }
}

#[test]
fn changed_default_tags_reach_everything_and_other_tags_stay() {
    let mut world = provisioned("tags", &json!({ "groups": [group("general", "t3.medium")], "zones": ["example.com"] }));
    show_current_template_tags(&world);
    let cluster = world.census()["clusters"][0]["arn"].take();
    let by_hand = json!([{ "key": "added-by", "value": "hand" }]);
    world.aws("ecs", "tag_resource", json!({ "resourceArn": cluster, "tags": by_hand }));
    assert_settled(&world);
    world.set_params(|params| {
        params["md_metadata"]["default_tags"]["cost-centre"] = json!("42");
        params["md_metadata"]["default_tags"]["md-environment"] = json!("prod");
    });
    run(&world, PROVISION, 0);
    let census = world.census();
    for kind in ["clusters", "auto_scaling_groups", "launch_templates", "security_groups", "load_balancers", "certificates", "roles"] {
        for thing in census[kind].as_array().expect("a list") {
            assert_eq!(thing["tags"]["cost-centre"], "42", "{kind} {}", thing["name"]);
            assert_eq!(thing["tags"]["md-environment"], "prod", "{kind} {}", thing["name"]);
        }
    }
    assert_eq!(census["instance_profiles"][0]["tags"]["cost-centre"], "42");
    assert_eq!(census["clusters"][0]["tags"]["added-by"], "hand");
    let (_, content) = launched_content(&world, "general");
    assert!(content["TagSpecifications"].to_string().contains("cost-centre"), "nodes to come lack the tag: {content:#}");
    assert_settled(&world);
}

/// The emulator forgets which capacity providers a service asked for.
pub fn rely_on(world: &World, provider: &str) {
    let strategy = json!([{ "capacityProvider": provider, "weight": 1, "base": 0 }]);
    world.proxy.after(move |call, mut reply| {
        if call.operation == "DescribeServices" {
            // A reply that a test has spoilt is nothing to add to.
            let Ok(mut body) = serde_json::from_str::<Value>(&reply.body) else { return reply };
            for service in body["services"].as_array_mut().into_iter().flatten() {
                service["capacityProviderStrategy"] = strategy.clone();
            }
            reply.body = body.to_string();
            reply.headers.retain(|(name, _)| !name.eq_ignore_ascii_case("content-length"));
        }
        reply
    });
}

/// The emulator shows a launch template's tags as they were when it was made, where AWS shows the current ones.
fn show_current_template_tags(world: &World) {
    let account = world.account.clone();
    world.proxy.after(move |call, mut reply| {
        if call.operation == "DescribeLaunchTemplates" {
            reply.body = with_current_tags(&account, &reply.body);
            reply.headers.retain(|(name, _)| !name.eq_ignore_ascii_case("content-length"));
        }
        reply
    });
}

fn with_current_tags(account: &str, body: &str) -> String {
    let ids = body.split("<launchTemplateId>").skip(1).filter_map(|rest| rest.split_once('<').map(|(id, _)| id));
    let mut changed = body.to_owned();
    for id in ids {
        let params = json!({ "Filters": [{ "Name": "resource-id", "Values": [id] }] });
        let question = json!({ "do": "call", "service": "ec2", "operation": "describe_tags", "params": params });
        let found = crate::support::aws::ask(account, question).expect("the template's tags");
        let tags: String = found["Tags"].as_array().into_iter().flatten().map(tag_item).collect();
        let start = changed.find(&format!("<launchTemplateId>{id}<")).expect("the template");
        let from = start + changed[start..].find("<tagSet").expect("a set of tags");
        let to = from + changed[from..].find("</tagSet>").expect("the end of the tags") + "</tagSet>".len();
        changed.replace_range(from..to, &format!("<tagSet>{tags}</tagSet>"));
    }
    changed
}

fn tag_item(tag: &Value) -> String {
    let text = |key: &str| tag[key].as_str().unwrap_or_default().to_owned();
    format!("<item><key>{}</key><value>{}</value></item>", text("Key"), text("Value"))
}

/// Asserts that the first calls of these actions were made one after the other: a group leaves the cluster before its nodes go.
#[track_caller]
fn assert_order(output: &Output, actions: &[&str]) {
    let mutations = mutations(output);
    let place = |action: &&str| mutations.iter().position(|made| made == action).unwrap_or_else(|| panic!("no {action}: {mutations:?}"));
    assert!(actions.iter().map(place).is_sorted(), "{mutations:?}");
}

fn mutations(output: &Output) -> Vec<String> {
    output.mutations().into_iter().map(crate::support::call::Call::action).collect()
}

fn nodes(world: &World) -> Vec<String> {
    names(&world.census(), "instances").into_iter().map(str::to_owned).collect()
}
