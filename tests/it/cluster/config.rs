//! What the step's `config.json` changes of a run.

use serde_json::{Value, json};

use super::{PROVISION, assert_says, fargate_only, run};
use crate::support::world::World;

fn configured(name: &str, config: &Value) -> World {
    let world = World::seeded_with(name, &fargate_only());
    world.write("config.json", &config.to_string());
    world
}

#[test]
fn a_wrong_config_stops_everything_and_is_told_with_the_problems_of_the_inputs() {
    let mut world = World::bare("config-wrong");
    world.write("config.json", &json!({ "log_level": "loud" }).to_string());
    world.set_params(|params| params["cluster"]["instances"][0]["min_size"] = json!("one"));
    for command in ["validate", "plan", "provision"] {
        let stopped = run(&world, &[command], 2);
        assert_says(
            &stopped,
            &["2 problems", "config.json#/log_level `loud`", "params.json#/cluster/instances/0/min_size", "nothing was touched"],
        );
        assert!(stopped.calls.is_empty(), "{stopped}");
    }
    let stopped = run(&world, &["decommission"], 2);
    assert_says(&stopped, &["1 problem ", "config.json#/log_level"]);
    run(&world, &["iam-policy"], 0);
}

#[test]
fn an_unknown_option_is_warned_of_and_the_run_goes_on() {
    let world = World::bare("config-unknown");
    world.write("config.json", &json!({ "loglevel": "debug" }).to_string());
    let said = run(&world, &["validate"], 0);
    assert_says(&said, &["warning", "config.json#/loglevel", "`log_level`"]);
    let said = run(&world, &["validate", "--output", "json"], 0);
    let line: Value = serde_json::from_str(said.stderr.lines().nth(1).expect("a second line")).expect("JSON");
    assert_eq!((&line["event"], &line["pointer"]), (&json!("inputs_warning"), &json!("/loglevel")));
}

#[test]
fn the_log_level_decides_what_is_written_of_a_run() {
    let debug = run(&configured("config-debug", &json!({ "log_level": "debug" })), PROVISION, 0);
    assert_says(&debug, &["CreateCluster", "answered", "nothing left to do"]);
    let info = run(&configured("config-info", &json!({ "log_level": "info" })), PROVISION, 0);
    assert_says(&info, &["CreateCluster", "nothing left to do"]);
    assert!(!info.stderr.contains("answered"), "{info}");
    let warn = run(&configured("config-warn", &json!({ "log_level": "warn" })), PROVISION, 0);
    assert_eq!(warn.stderr, "");
    assert!(warn.json()["data"].is_object());
}

#[test]
fn even_the_highest_log_level_tells_why_a_run_failed() {
    let world = configured("config-error", &json!({ "log_level": "error" }));
    world.take_name("cluster");
    assert_says(&run(&world, PROVISION, 4), &["refused", "AWS::ECS::Cluster", "nothing was changed"]);
}
