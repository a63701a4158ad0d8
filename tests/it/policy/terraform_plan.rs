//! The plan in the shape of Terraform's own.

use crate::cluster::{assert_says, run};
use crate::plan::samples::{decommission_scope, full, scope};
use crate::plan::world::{World, converged, edits, empty};
use crate::support;
use aws_ecs_cluster::model::address::Kind;
use aws_ecs_cluster::plan::desired::Desired;
use aws_ecs_cluster::plan::questions::Questions;
use aws_ecs_cluster::plan::{ChangeAction, Plan};
use aws_ecs_cluster::report::terraform_plan;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

fn shown(world: &World, desired: &Desired) -> Value {
    planned(world, desired).0
}

/// The plan in Terraform's shape, and in our own.
fn planned(world: &World, desired: &Desired) -> (Value, Plan) {
    let scope = scope(desired);
    let mut observed = world.look(&scope);
    observed.answers = world.answer(&Questions::new(&scope.owner, Some(desired), &observed));
    let plan = world.plan(&scope, Some(desired));
    (parsed(terraform_plan::json(&plan, "eu-west-1", Some(desired), &observed)), plan)
}

/// Of an account that was as desired until this happened.
fn shown_after(edit: &str) -> Value {
    let desired = full();
    let mut world = converged(&desired);
    edits::apply(&mut world, edit);
    shown(&world, &desired)
}

/// What an attribute was and what it becomes.
fn sides<'a>(plan: &'a Value, address: &str, attribute: &str) -> [&'a Value; 2] {
    let change = change(plan, address);
    ["before", "after"].map(|side| change[side].pointer(attribute).unwrap_or(&Value::Null))
}

fn parsed(text: serde_json::Result<String>) -> Value {
    serde_json::from_str(&text.expect("a plan is JSON")).expect("JSON")
}

fn changes(plan: &Value) -> &Vec<Value> {
    plan["resource_changes"].as_array().expect("a list")
}

fn change<'a>(plan: &'a Value, address: &str) -> &'a Value {
    let found = changes(plan).iter().find(|change| change["address"] == address);
    &found.unwrap_or_else(|| panic!("no {address}: {plan:#}"))["change"]
}

/// The addresses with this action.
fn with<'a>(plan: &'a Value, action: &str) -> BTreeSet<&'a str> {
    let found = changes(plan).iter().filter(|change| change["change"]["actions"] == json!([action]));
    found.filter_map(|change| change["address"].as_str()).collect()
}

/// Every reference anywhere in a configuration.
fn references<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        Value::Object(fields) => {
            for (key, value) in fields {
                match (key.as_str(), value.as_array()) {
                    ("references", Some(list)) => found.extend(list.iter().filter_map(Value::as_str)),
                    _ => references(value, found),
                }
            }
        }
        _ => {}
    }
}

fn has_unknown(value: &Value) -> bool {
    match value {
        Value::Bool(unknown) => *unknown,
        Value::Array(items) => items.iter().any(has_unknown),
        Value::Object(fields) => fields.values().any(has_unknown),
        _ => false,
    }
}

#[test]
fn every_resource_of_an_empty_account_is_created_under_an_address_of_its_own() {
    let desired = full();
    let plan = shown(&empty(&desired.owner), &desired);
    let planned = plan["planned_values"]["root_module"]["resources"].as_array().expect("a list");
    assert_eq!(with(&plan, "create").len(), changes(&plan).len(), "a set: an address that is given twice counts once");
    assert_eq!(planned.len(), changes(&plan).len());
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    planned.iter().filter_map(|resource| resource["type"].as_str()).for_each(|kind| *kinds.entry(kind).or_default() += 1);
    let counted: Vec<String> = kinds.iter().map(|(kind, number)| format!("{number} {kind}")).collect();
    insta::assert_snapshot!(counted.join("\n"), @"
    2 aws_acm_certificate
    2 aws_autoscaling_group
    2 aws_ecs_capacity_provider
    1 aws_ecs_cluster
    1 aws_ecs_cluster_capacity_providers
    1 aws_iam_instance_profile
    1 aws_iam_role
    3 aws_iam_role_policy_attachment
    2 aws_launch_template
    1 aws_lb
    2 aws_lb_listener
    1 aws_lb_listener_certificate
    2 aws_route53_record
    2 aws_security_group
    2 aws_vpc_security_group_egress_rule
    3 aws_vpc_security_group_ingress_rule
    ");
    assert!(planned.iter().all(|resource| resource["provider_name"] == "aws"));
    assert_eq!(plan["configuration"]["provider_config"]["aws"]["expressions"]["region"]["constant_value"], "eu-west-1");
}

#[test]
fn every_reference_leads_to_a_resource_of_the_same_configuration() {
    let desired = full();
    for world in [empty(&desired.owner), converged(&desired)] {
        let plan = shown(&world, &desired);
        let configured = &plan["configuration"]["root_module"]["resources"];
        let addresses: BTreeSet<&str> = configured.as_array().expect("a list").iter().filter_map(|one| one["address"].as_str()).collect();
        let mut found = Vec::new();
        references(configured, &mut found);
        assert!(found.len() > 40, "{found:?}");
        for reference in found {
            let resource: Vec<&str> = reference.split('.').take(2).collect();
            assert!(addresses.contains(resource.join(".").as_str()), "{reference} leads nowhere");
        }
    }
}

#[test]
fn what_aws_has_yet_to_hand_out_is_unknown_and_has_no_value() {
    let desired = full();
    let plan = shown(&empty(&desired.owner), &desired);
    let listener = change(&plan, "aws_lb_listener.https");
    assert_eq!(listener["before"], Value::Null);
    assert_eq!(listener["after_unknown"]["certificate_arn"], true);
    assert_eq!(listener["after"].get("certificate_arn"), None);
    let template = change(&plan, "aws_launch_template.nodes-web");
    assert_eq!(template["after_unknown"]["network_interfaces"][0]["security_groups"], true);
    assert_eq!(template["after"]["metadata_options"][0]["http_tokens"], "required");
}

#[test]
fn a_cluster_that_is_as_it_should_be_has_only_resources_that_stay_as_they_are() {
    let desired = full();
    let plan = shown(&converged(&desired), &desired);
    assert_eq!(with(&plan, "no-op").len(), changes(&plan).len(), "{:?}", with(&plan, "create"));
    for change in changes(&plan) {
        assert_eq!(change["change"]["before"], change["change"]["after"], "{}", change["address"]);
    }
    assert!(!has_unknown(&change(&plan, "aws_lb_listener.https")["after_unknown"]));
    assert_eq!(plan["applyable"], false);
}

#[test]
fn an_update_shows_both_sides() {
    let mut desired = full();
    let world = converged(&desired);
    desired.cluster.container_insights = "enhanced".to_owned();
    let plan = shown(&world, &desired);
    assert_eq!(with(&plan, "update"), BTreeSet::from(["aws_ecs_cluster.main"]));
    let cluster = change(&plan, "aws_ecs_cluster.main");
    assert_eq!(
        (&cluster["before"]["setting"][0]["value"], &cluster["after"]["setting"][0]["value"]),
        (&json!("enabled"), &json!("enhanced"))
    );
}

#[test]
fn tags_that_others_have_added_are_no_change() {
    let desired = full();
    let mut world = converged(&desired);
    world.cluster.as_mut().expect("a cluster").properties.tags.0.insert("theirs".to_owned(), "yes".to_owned());
    let plan = shown(&world, &desired);
    assert_eq!(with(&plan, "no-op").len(), changes(&plan).len());
}

/// Whatever our own plan does is to be seen, and nothing else.
#[test]
fn something_changes_here_just_when_it_does_in_our_own_plan() {
    let desired = full();
    for (name, edit) in edits::all() {
        let mut world = converged(&desired);
        edit(&mut world);
        let (shown, plan) = planned(&world, &desired);
        let acts = |action| !matches!(action, ChangeAction::None | ChangeAction::Wait | ChangeAction::Unknown);
        let of_nodes = |change: &aws_ecs_cluster::plan::Change| change.address.kind == Kind::ContainerInstance;
        let changed = plan.changes.iter().any(|change| acts(change.action) && !of_nodes(change));
        let told: Vec<&Value> = changes(&shown).iter().filter(|change| change["change"]["actions"] != json!(["no-op"])).collect();
        assert_eq!(changed, !told.is_empty(), "{name}: {told:#?}");
    }
}

#[test]
fn providers_of_others_stay_on_the_list() {
    let desired = full();
    let mut world = converged(&desired);
    edits::apply(&mut world, "somebody attached a capacity provider");
    edits::apply(&mut world, "somebody attached a Managed Instances provider");
    edits::apply(&mut world, "the capacity provider is gone");
    let plan = shown(&world, &desired);
    let [before, after] = sides(&plan, "aws_ecs_cluster_capacity_providers.main", "/capacity_providers");
    let [before, after] = [before, after].map(|list| list.as_array().expect("a list"));
    let added: Vec<&Value> = after.iter().filter(|name| !before.contains(name)).collect();
    assert_eq!((added.len(), after.len()), (1, before.len() + 1), "{before:?} {after:?}");
    assert!(before.contains(&json!("theirs")) && !before.contains(&json!("managed")), "{before:?}");
}

#[test]
fn a_dead_certificate_is_deleted_beside_the_new_one() {
    let plan = shown_after("the certificate is dead");
    assert_eq!(change(&plan, "aws_acm_certificate.example_com")["before"], Value::Null);
    assert!(with(&plan, "create").contains("aws_acm_certificate.example_com"));
    assert!(with(&plan, "delete").iter().any(|address| address.starts_with("aws_acm_certificate.")));
    let [before, after] = sides(&plan, "aws_lb_listener.https", "/certificate_arn");
    assert!(before.is_string() && after.is_null(), "{before} {after}");
    assert!(with(&plan, "update").contains("aws_lb_listener.https"));
}

#[test]
fn a_template_without_its_group_is_updated_and_not_made_anew() {
    let desired = full();
    let mut world = converged(&desired);
    world.auto_scaling_groups.clear();
    let template = world.template().expect("a template");
    template.content.image_id = "ami-old".to_owned();
    template.description.clear();
    let plan = shown(&world, &desired);
    let name = with(&plan, "update").into_iter().find(|address| address.starts_with("aws_launch_template.")).expect("an update");
    assert_eq!(sides(&plan, name, "/image_id")[0], "ami-old");
    assert!(!with(&plan, "create").iter().any(|address| address.starts_with("aws_launch_template.")));
}

#[test]
fn what_stands_is_shown_as_it_stands() {
    let plan = shown_after("the load balancer has another security group");
    assert_eq!(sides(&plan, "aws_lb.main", "/security_groups"), [&json!(["sg-old"]), &json!(["sg-alb"])]);
    let plan = shown_after("the validation record says something else");
    assert_eq!(sides(&plan, "aws_route53_record.example_com", "/records")[0], &json!(["elsewhere.example.net."]));
    let plan = shown_after("the role trusts another account");
    let [before, after] = sides(&plan, "aws_iam_role.nodes", "/assume_role_policy").map(|policy| policy.as_str().expect("a policy"));
    assert!(before.contains(r#""AWS":["arn:aws:iam::210987654321:root"]"#) && !after.contains("AWS"), "{before} {after}");
}

#[test]
fn a_group_that_launches_another_version_is_updated() {
    let desired = full();
    let mut world = converged(&desired);
    let group = world.group().expect("a group");
    group.launch_template_version = Some("$Latest".to_owned());
    let plan = shown(&world, &desired);
    let name = *with(&plan, "update").first().expect("an update");
    assert!(name.starts_with("aws_autoscaling_group."), "{name}");
    assert_eq!(sides(&plan, name, "/launch_template/0/version"), [&json!("$Latest"), &json!("3")]);
}

#[test]
fn what_is_about_to_be_gone_is_made_anew() {
    let plan = shown_after("the capacity provider is being deleted");
    let anew = changes(&plan).iter().find(|change| change["change"]["actions"] == json!(["delete", "create"])).expect("a replacement");
    assert_eq!(anew["type"], "aws_ecs_capacity_provider");
}

#[test]
fn tags_that_others_have_added_are_no_change_beside_another() {
    let desired = full();
    let mut world = converged(&desired);
    let group = world.group().expect("a group");
    group.properties.tags.0.insert("theirs".to_owned(), "yes".to_owned());
    group.properties.health_check_grace_period = 1;
    let cluster = world.cluster.as_mut().expect("a cluster");
    cluster.properties.tags.0.insert("theirs".to_owned(), "yes".to_owned());
    cluster.properties.container_insights = "disabled".to_owned();
    let plan = shown(&world, &desired);
    assert_eq!(with(&plan, "update").len(), 2);
    for name in with(&plan, "update") {
        for tags in ["/tags", "/tags_all", "/tag"] {
            let [before, after] = sides(&plan, name, tags);
            assert_eq!(before, after, "{name}");
        }
    }
}

#[test]
fn a_rule_that_somebody_added_to_a_security_group_is_deleted_as_a_resource_of_its_own() {
    let desired = full();
    let mut world = converged(&desired);
    let group = world.alb_security_group().expect("a group");
    let (rule, text) = group.properties.rules.iter().next_back().map(|(rule, text)| (rule.clone(), text.clone())).expect("a rule");
    let theirs = aws_ecs_cluster::model::properties::Rule { protocol: "udp".to_owned(), ports: Some((53, 53)), ..rule.clone() };
    group.properties.rules.insert(theirs.clone(), text);
    let id = group.rules[&rule].clone();
    group.rules.insert(theirs, id);
    let plan = shown(&world, &desired);
    assert_eq!(with(&plan, "delete").len(), 1);
    assert!(with(&plan, "delete").iter().all(|address| address.contains("alb-udp-53-53")), "{:?}", with(&plan, "delete"));
    assert_eq!(with(&plan, "create").len(), 0);
}

#[test]
fn a_decommission_deletes_everything_and_plans_nothing() {
    let desired = full();
    let world = converged(&desired);
    let scope = decommission_scope(&desired);
    let (observed, plan) = (world.look(&scope), world.plan(&scope, None));
    let plan = parsed(terraform_plan::json(&plan, "eu-west-1", None, &observed));
    assert_eq!(with(&plan, "delete").len(), changes(&plan).len());
    assert!(with(&plan, "delete").contains("aws_ecs_cluster.shop-prod-cluster-ab12"));
    assert_eq!(plan["planned_values"]["root_module"]["resources"], json!([]));
}

#[test]
fn a_plan_that_is_blind_or_refused_says_so() {
    let desired = full();
    let mut world = converged(&desired);
    edits::apply(&mut world, "the role cannot be read");
    assert_eq!(shown(&world, &desired)["complete"], false);
}

#[test]
fn only_plan_is_written_in_this_shape() {
    let world = support::world::World::bare("terraform-plan");
    let stopped = run(&world, &["provision", "--output", "terraform-plan"], 2);
    assert_says(&stopped, &["[possible values: text, json]"]);
    let stopped = run(&world, &["--output", "terraform-plan", "provision"], 2);
    assert_says(&stopped, &["`--output terraform-plan` with `plan`"]);
    assert!(stopped.calls.is_empty());
}

#[test]
fn every_list_names_a_resource_by_address_mode_type_and_name() {
    let desired = full();
    let plan = shown(&empty(&desired.owner), &desired);
    for list in ["/resource_changes", "/planned_values/root_module/resources", "/configuration/root_module/resources"] {
        let entries = plan.pointer(list).and_then(Value::as_array).unwrap_or_else(|| panic!("no {list}"));
        assert!(!entries.is_empty(), "{list}");
        for entry in entries {
            let address = format!("{}.{}", entry["type"].as_str().unwrap_or("?"), entry["name"].as_str().unwrap_or("?"));
            assert_eq!((&entry["address"], &entry["mode"]), (&json!(address), &json!("managed")), "{list}");
        }
    }
}
