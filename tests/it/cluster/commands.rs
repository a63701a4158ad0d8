//! What a deployment says to do, and output that programs read.

use serde_json::{Value, json};

use super::{PREFIX, PROVISION, assert_says, assert_untouched, fargate_only, one_group, run};
use crate::support::proxy::Fault;
use crate::support::world::{Output, World};

const ACTION: &str = "MASSDRIVER_DEPLOYMENT_ACTION";

#[test]
fn without_a_command_the_deployment_action_decides() {
    let mut world = World::seeded_with("action", &fargate_only());
    world.set_env(ACTION, "plan");
    let planned = run(&world, &[], 0);
    assert_untouched(&planned);
    assert!(planned.stdout.contains("Plan to provision"), "{planned}");
    world.set_env(ACTION, "provision");
    let made = run(&world, &[], 0);
    assert_eq!(made.json()["data"]["capabilities"]["ingress"], json!([]));
    assert_eq!(world.leftovers(), [format!("clusters: {PREFIX}")]);
    world.set_env(ACTION, "decommission");
    run(&world, &[], 0);
    assert_eq!(world.leftovers(), [""; 0]);
}

#[test]
fn a_command_outranks_the_deployment_action() {
    let mut world = World::seeded_with("outranked", &fargate_only());
    world.set_env(ACTION, "provision");
    assert_untouched(&run(&world, &["plan"], 0));
}

#[test]
fn without_a_command_and_an_action_nothing_is_done() {
    let mut world = World::bare("no-action");
    let unset = run(&world, &[], 2);
    assert_says(&unset, &[ACTION, "--help"]);
    assert!(unset.calls.is_empty(), "{unset}");
    world.set_env(ACTION, "destroy");
    let unknown = run(&world, &[], 2);
    assert_says(&unknown, &[ACTION, "`destroy`"]);
    assert!(unknown.calls.is_empty(), "{unknown}");
}

#[test]
fn with_json_output_every_line_on_stderr_is_json() {
    let mut world = World::seeded_with("lines", &one_group());
    let made = run(&world, &["provision", "--no-wait-for-nodes", "--output", "json"], 0);
    let events = lines(&made);
    for wanted in ["planned", "started", "done", "ready", "looking"] {
        assert!(events.iter().any(|event| event["event"] == wanted), "no `{wanted}`\n{made}");
    }
    assert!(events.iter().all(|event| event["time"].is_string()), "{made}");
    made.json();
    world.proxy.fail("ecs:DeleteCluster", 1000, Fault::Denied);
    let failed = run(&world, &["decommission", "--output", "json"], 1);
    let last = last_line(&failed);
    assert_eq!((&last["event"], &last["exit_status"]), (&json!("error"), &json!(1)));
    assert!(last["message"].as_str().is_some_and(|text| text.contains("DeleteCluster")), "{failed}");
    world.proxy.clear_rules();
    world.set_params(|params| params["cluster"]["instances"][0]["min_size"] = json!("one"));
    let invalid = run(&world, &["provision", "--no-wait-for-nodes", "--output", "json"], 2);
    assert_eq!(last_line(&invalid)["problems"][0]["pointer"], "/cluster/instances/0/min_size");
}

#[test]
fn a_refusal_as_json_names_what_it_protects() {
    let world = World::seeded_with("refusal", &fargate_only());
    world.take_name("cluster");
    let refused = run(&world, &["provision", "--no-wait-for-nodes", "--output", "json"], 4);
    let last = last_line(&refused);
    assert_eq!(last["exit_status"], 4);
    assert_eq!(last["refusals"][0]["address"], format!("AWS::ECS::Cluster/{PREFIX}"));
    assert_eq!(last["refusals"].as_array().map(Vec::len), Some(1));
}

#[test]
fn the_environments_own_credentials_serve_where_no_role_shall_be_assumed() {
    let world = World::seeded_with("ambient", &fargate_only());
    let output = run(&world, &["provision", "--no-assume-role"], 0);
    assert_eq!(output.calls_of("sts:AssumeRole").len(), 0);
    assert_eq!(world.leftovers(), [format!("clusters: {PREFIX}")]);
}

#[test]
fn the_role_is_assumed_with_the_external_id_and_everything_else_is_done_as_that_role() {
    let world = World::seeded_with("assumed", &fargate_only());
    let output = run(&world, PROVISION, 0);
    let assumed = output.calls_of("sts:AssumeRole");
    let role = &world.connections()["aws_authentication"]["data"];
    assert_eq!(assumed[0].param("ExternalId").as_deref(), role["external_id"].as_str());
    assert_eq!(assumed[0].param("RoleArn").as_deref(), role["arn"].as_str());
    for call in output.calls.iter().filter(|call| call.service != "sts") {
        assert_ne!(call.access_key, world.account, "{call} was made with the environment's credentials");
        assert_eq!(call.account, world.account, "{call}");
    }
}

#[track_caller]
fn lines(output: &Output) -> Vec<Value> {
    let parsed = output.stderr.lines().map(serde_json::from_str);
    parsed.collect::<Result<_, _>>().unwrap_or_else(|error| panic!("a line on stderr is not JSON: {error}\n{output}"))
}

#[track_caller]
fn last_line(output: &Output) -> Value {
    lines(output).pop().unwrap_or_else(|| panic!("nothing on stderr\n{output}"))
}
