//! A cluster that is as it should be is left alone, and looking never changes anything.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{PREFIX, PROVISION, assert_settled, assert_untouched, fargate_only, group, provisioned, run};
use crate::support::call::Call;
use crate::support::world::{Output, World};

#[test]
fn a_second_provision_changes_nothing_and_prints_the_same_artifact() {
    let world = World::seeded("second");
    let first = run(&world, PROVISION, 0);
    world.join_nodes();
    let second = run(&world, PROVISION, 0);
    assert_untouched(&second);
    assert_eq!(first.stdout, second.stdout);
}

#[test]
fn the_artifact_command_prints_what_provision_printed_and_changes_nothing() {
    let world = World::seeded_with("artifact", &json!({ "groups": [], "zones": ["example.com", "example.org"] }));
    let none = run(&world, &["artifact"], 1);
    assert_untouched(&none);
    assert_eq!(none.stdout, "");
    let made = run(&world, PROVISION, 0);
    let read = run(&world, &["artifact"], 0);
    assert_untouched(&read);
    assert_eq!(read.stdout, made.stdout);
}

#[test]
fn plan_never_changes_anything() {
    let world = World::seeded("plan");
    let plans: [&[&str]; 4] =
        [&["plan"], &["plan", "--output", "json"], &["plan", "--decommission"], &["plan", "--decommission", "--output", "json"]];
    let every = || plans.map(|plan| assert_untouched(&run(&world, plan, 0)));
    every();
    assert_eq!(world.leftovers(), [""; 0], "a plan made something");
    run(&world, PROVISION, 0);
    let before = world.census();
    every();
    assert_eq!(world.census(), before);
}

#[test]
fn the_detailed_exit_status_tells_whether_changes_are_pending() {
    let mut world = World::seeded_with("detailed", &fargate_only());
    let asked = ["plan", "--detailed-exitcode"];
    run(&world, &asked, 3);
    run(&world, &["plan"], 0);
    run(&world, PROVISION, 0);
    run(&world, &asked, 0);
    run(&world, &["plan", "--decommission", "--detailed-exitcode"], 3);
    world.set_params(|params| params["cluster"]["container_insights"] = json!("enhanced"));
    run(&world, &asked, 3);
    run(&world, &["decommission"], 0);
    run(&world, &["plan", "--decommission", "--detailed-exitcode"], 0);
}

#[test]
fn a_plan_as_json_has_the_documented_shape() {
    let mut world = World::seeded("shape");
    let plan = run(&world, &["plan", "--output", "json"], 0).json();
    assert_shape(&plan, "provision");
    assert_eq!(plan["summary"]["create"].as_u64(), Some(23));
    let provider = change(&plan, &format!("AWS::ECS::CapacityProvider/{PREFIX}-arm"));
    assert_eq!(provider["action"], "create");
    assert_eq!(provider["depends_on"], json!([format!("AWS::AutoScaling::AutoScalingGroup/{PREFIX}-arm")]));
    run(&world, PROVISION, 0);
    world.join_nodes();
    world.set_params(|params| params["cluster"]["instances"][0]["max_size"] = json!(7));
    let plan = run(&world, &["plan", "--output", "json"], 0).json();
    assert_shape(&plan, "provision");
    let resized = change(&plan, &format!("AWS::AutoScaling::AutoScalingGroup/{PREFIX}-general"));
    assert_eq!(resized["action"], "update");
    assert_eq!(resized["disruptive"], false);
    assert_eq!(resized["fields"], json!([{ "path": "MaxSize", "old": 3, "new": 7 }]));
    assert_eq!((&plan["summary"]["update"], &plan["summary"]["none"]), (&json!(1), &json!(22)));
    let plan = run(&world, &["plan", "--decommission", "--output", "json"], 0).json();
    assert_shape(&plan, "decommission");
    assert_eq!(change(&plan, &format!("AWS::ElasticLoadBalancingV2::LoadBalancer/{PREFIX}"))["disruptive"], true);
}

#[test]
fn a_provision_of_one_group_and_two_zones_takes_at_most_90_calls_and_a_plan_of_nothing_25() {
    let world = World::seeded_with("budget", &json!({ "groups": [group("general", "t3.medium")] }));
    let made = run(&world, PROVISION, 0);
    assert_costs_at_most(90, &made);
    assert_no_look_asks_twice(&made);
    world.join_nodes();
    let plan = run(&world, &["plan"], 0);
    assert_costs_at_most(25, &plan);
    assert_asks_nothing_twice(&plan);
}

#[test]
fn no_look_of_an_update_or_a_decommission_asks_anything_twice() {
    let groups = [group("general", "t3.medium"), group("going", "c5.large")];
    let mut world = provisioned("looks", &json!({ "groups": groups }));
    world.join_nodes();
    world.set_params(|params| {
        params["cluster"]["instances"] = json!([group("general", "m7g.large"), group("coming", "t3.medium")]);
        params["cluster"]["ingress"]["additional_route53_hosted_zones"] = json!([]);
    });
    assert_no_look_asks_twice(&run(&world, PROVISION, 0));
    world.join_nodes();
    assert_no_look_asks_twice(&run(&world, &["decommission"], 0));
}

#[test]
fn a_plan_of_nothing_for_sixteen_groups_takes_at_most_35_calls() {
    let groups: Vec<Value> = (0..16).map(|index| empty(group(&format!("g{index:02}"), "t3.medium"))).collect();
    let world = provisioned("sixteen", &json!({ "groups": groups }));
    let plan = run(&world, &["plan", "--detailed-exitcode"], 0);
    assert_costs_at_most(35, &plan);
    assert_asks_nothing_twice(&plan);
}

#[test]
fn more_groups_than_the_emulator_or_aws_put_on_one_page_are_all_found_again() {
    let groups: Vec<Value> = (0..17).map(|index| group(&format!("g{index:02}"), "t3.medium")).collect();
    let groups: Vec<Value> = groups.into_iter().map(empty).collect();
    let world = provisioned("many", &json!({ "groups": groups, "zones": [] }));
    assert_settled(&world);
    run(&world, &["decommission"], 0);
    assert_eq!(world.leftovers(), [""; 0]);
}

fn empty(mut group: Value) -> Value {
    group["min_size"] = json!(0);
    group
}

/// Assuming the role is not counted: with credentials that are those of the role already, it is not called.
#[track_caller]
fn assert_costs_at_most(budget: usize, output: &Output) {
    let calls = output.calls.iter().filter(|call| call.service != "sts").count();
    assert!(calls <= budget, "{calls} calls, not {budget} at most\n{output}");
}

/// No two calls are for the same operation in the same Region with the same parameters.
#[track_caller]
fn assert_asks_nothing_twice(output: &Output) {
    assert_distinct(&output.calls, output);
}

#[track_caller]
fn assert_distinct(calls: &[Call], output: &Output) {
    let mut asked = BTreeSet::new();
    for call in calls {
        assert!(
            asked.insert((call.action(), &call.region, &call.target, &call.body)),
            "{call} is made twice: {} {}\n{output}",
            call.target,
            call.body
        );
    }
}

/// What every look asks for, and nothing but a look.
const LOOK: &str = "iam:GetRole";

/// The same for the calls from the beginning of each look to the next call that changes something. Later ones may wait for what was changed.
#[track_caller]
fn assert_no_look_asks_twice(output: &Output) {
    let begins: Vec<usize> = (0..output.calls.len()).filter(|place| output.calls[*place].action() == LOOK).collect();
    assert!(begins.len() > 1, "there was no second look\n{output}");
    let ends = begins.iter().skip(1).copied().chain([output.calls.len()]);
    // What a look asks for side by side with the role may come before it; before the first nothing else does.
    for (begin, end) in [0].into_iter().chain(begins.iter().skip(1).copied()).zip(ends) {
        let round = &output.calls[begin..end];
        let look = round.iter().position(Call::is_mutation).unwrap_or(round.len());
        assert_distinct(&round[..look], output);
    }
}

#[track_caller]
fn assert_shape(plan: &Value, action: &str) {
    assert_eq!(plan["format_version"], "1.0");
    assert_eq!(plan["action"], action);
    assert_eq!(plan["name_prefix"], PREFIX);
    assert_eq!(plan["region"], "us-west-2");
    assert!(plan["warnings"].is_array(), "{plan:#}");
    let changes = plan["changes"].as_array().expect("a list of changes");
    assert!(!changes.is_empty());
    let actions = ["create", "update", "replace", "delete", "none", "wait"];
    for change in changes {
        let [kind, name, address] = ["kind", "name", "address"].map(|key| change[key].as_str().expect("a text"));
        assert_eq!(address, format!("{kind}/{name}"));
        assert!(kind.starts_with("AWS::"), "{kind}");
        assert!(actions.contains(&change["action"].as_str().expect("a text")), "{change:#}");
        assert!(change["disruptive"].is_boolean() && change["reason"].is_string(), "{change:#}");
        for field in change["fields"].as_array().expect("a list of fields") {
            let keys: Vec<&String> = field.as_object().expect("an object").keys().collect();
            assert_eq!(keys, ["path", "old", "new"]);
        }
        for needed in change["depends_on"].as_array().expect("a list of addresses") {
            assert!(changes.iter().any(|other| other["address"] == *needed), "{needed} is no address of the plan");
        }
    }
    for action in actions {
        let counted = changes.iter().filter(|change| change["action"] == action).count();
        assert_eq!(plan["summary"][action], json!(counted), "{action}");
    }
}

#[track_caller]
fn change<'a>(plan: &'a Value, address: &str) -> &'a Value {
    let changes = plan["changes"].as_array().expect("a list of changes");
    changes.iter().find(|change| change["address"] == address).unwrap_or_else(|| panic!("no change of {address}: {plan:#}"))
}
