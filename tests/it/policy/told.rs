//! How verdicts are told, and what a failure stops, through the binary.

use super::Case;
use crate::cluster::{PREFIX, PROVISION, assert_says, assert_untouched, fargate_only, one_group, open, run};
use crate::support::world::World;
use aws_ecs_cluster::report::policy_text;
use serde_json::{Value, json};

/// A cluster without insights, which breaks one rule.
fn careless(name: &str, config: &Value) -> World {
    let mut world = World::seeded_with(name, &fargate_only());
    world.set_params(|params| params["cluster"]["container_insights"] = json!("disabled"));
    world.write("config.json", &config.to_string());
    world
}

#[test]
fn failures_are_told_in_full_and_the_rest_is_counted() {
    let mut case = Case::full();
    case.desired.cluster.container_insights = "disabled".to_owned();
    let text = anstream::adapter::strip_str(&policy_text::text(&case.judge())).to_string();
    insta::assert_snapshot!(text, @"
    policy: ECS001 does not hold: Container Insights is on (medium, ECS.12)
      AWS::ECS::Cluster/shop-prod-cluster-ab12: its containerInsights setting is `disabled`
      set `container_insights` to `enabled` or `enhanced`
    Policy: 20 passed, 1 failed, 1 exempt by design (ECS203).
    ");
}

#[test]
fn a_failure_is_told_and_stops_nothing_unless_that_is_asked_for() {
    let world = careless("policy-told", &json!({}));
    let planned = run(&world, &["plan"], 0);
    for words in ["ECS001", "container_insights", "1 failed"] {
        assert!(planned.stdout.contains(words), "`{words}` is not told\n{planned}");
    }
    let made = run(&world, PROVISION, 0);
    assert_says(&made, &["policy   ECS001", "containerInsights setting is `disabled`", "Policy: 1 passed, 1 failed, 20 not applicable."]);
}

#[test]
fn a_failure_that_shall_halt_refuses_the_plan_before_anything_is_made() {
    let world = careless("policy-halt", &json!({ "policy": { "halt_on_failure": "true" } }));
    let refused = run(&world, PROVISION, 4);
    assert_untouched(&refused);
    let address = format!("AWS::ECS::Cluster/{PREFIX}");
    assert_says(&refused, &["ECS001", &address, "set `container_insights` to `enabled`", "nothing was changed"]);
    let planned = run(&world, &["plan", "--output", "json"], 4);
    assert_eq!(planned.json()["refusals"][0]["address"], address);
    run(&world, &["decommission"], 0);
}

#[test]
fn what_is_exempt_by_design_halts_nothing() {
    let world = World::seeded_with("policy-exempt", &open(&["example.com"]));
    world.write("config.json", &json!({ "policy": { "halt_on_failure": true } }).to_string());
    let planned = run(&world, &["plan"], 0);
    assert!(planned.stdout.contains("0 failed, 1 exempt by design (ECS203)"), "{planned}");
}

#[test]
fn the_plan_as_json_has_every_verdict() {
    let world = careless("policy-json", &json!({}));
    let plan = run(&world, &["plan", "--output", "json"], 0).json();
    let verdicts = plan["policy"].as_array().expect("a list of verdicts");
    assert_eq!(verdicts.len(), aws_ecs_cluster::policy::rules().count());
    let first = &verdicts[0];
    assert_eq!((&first["id"], &first["outcome"], &first["severity"]), (&json!("ECS001"), &json!("failed"), &json!("medium")));
    assert_eq!(first["controls"], json!(["ECS.12"]));
    assert_eq!(first["findings"][0]["address"], format!("AWS::ECS::Cluster/{PREFIX}"));
}

#[test]
fn rules_that_are_switched_off_are_not_asked_which_is_said_in_one_line() {
    let world = careless("policy-off", &json!({ "policy": { "enable": false, "halt_on_failure": true } }));
    let planned = run(&world, &["plan"], 0);
    assert!(planned.stdout.ends_with("Policy: not checked, since `policy.enable` of the step is false.\n"), "{planned}");
    assert!(!planned.stdout.contains("ECS001"), "{planned}");
    assert_eq!(run(&world, &["plan", "--output", "json"], 0).json().get("policy"), None);
    assert_says(&run(&world, PROVISION, 0), &["Policy: not checked"]);
}

#[test]
fn what_others_have_embedded_in_the_nodes_role_is_read_where_a_failure_stops_the_run() {
    let world = World::seeded_with("policy-inline", &one_group());
    run(&world, PROVISION, 0);
    world.join_nodes();
    let document = json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Action": "s3:*", "Resource": "*" }] }).to_string();
    world.aws("iam", "put_role_policy", json!({ "RoleName": PREFIX, "PolicyName": "debug", "PolicyDocument": document }));
    let told = run(&world, &["plan", "--output", "json"], 0).json();
    let verdict = told["policy"].as_array().into_iter().flatten().find(|verdict| verdict["id"] == "ECS110").expect("a verdict");
    assert_eq!(verdict["outcome"], "not_checked");
    let shown = run(&world, &["plan"], 0);
    assert!(shown.stdout.contains(", 1 not checked (ECS110), "), "{shown}");
    world.write("config.json", &json!({ "policy": { "halt_on_failure": true } }).to_string());
    let refused = run(&world, &["plan"], 4);
    assert!(refused.stdout.contains("others have embedded `debug` in it; policy rule ECS110"), "{refused}");
}
