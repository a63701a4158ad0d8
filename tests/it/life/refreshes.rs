//! Nodes that are replaced: by an instance refresh that the run waits for, joins or reports.

use serde_json::{Value, json};

use super::seed;
use crate::support::honest::Lags;
use crate::support::world::World;

/// One group of so many nodes, which are replaced when what they are launched from changes.
fn rolling(size: usize) -> Value {
    let group =
        json!({ "name": "general", "instance_type": "t3.medium", "min_size": size, "max_size": size + 1, "node_refresh": "rolling" });
    json!({ "groups": [group], "zones": [] })
}

/// The group's instances, each with the version that it was launched from.
fn nodes(world: &World) -> Vec<(String, String)> {
    let asked = json!({ "AutoScalingGroupNames": [world.group_name()] });
    let group = world.aws("autoscaling", "describe_auto_scaling_groups", asked)["AutoScalingGroups"][0].take();
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let instances = group["Instances"].as_array().expect("instances").iter();
    instances.map(|instance| (text(&instance["InstanceId"]), text(&instance["LaunchTemplate"]["Version"]))).collect()
}

fn change_disk(world: &mut World) {
    world.set_params(|params| params["cluster"]["instances"][0]["root_volume_gb"] = json!(50));
}

#[test]
fn rolling_replaces_every_node_and_waits_for_it() {
    let mut world = World::seeded_with("rolling", &rolling(2));
    world.run(&["provision"]).expect(0);
    let before = nodes(&world);
    change_disk(&mut world);
    let output = world.run(&["provision"]).expect(0);
    let after = nodes(&world);
    assert_eq!(after.len(), before.len());
    assert!(after.iter().all(|(id, version)| version == "2" && !before.iter().any(|(old, _)| old == id)), "{before:?} {after:?}");
    let started = output.calls_of("autoscaling:StartInstanceRefresh");
    assert_eq!(started.len(), 1, "{output}");
    assert!(started[0].body.contains("Preferences.StandbyInstances=Ignore"), "{}", started[0].body);
    assert!(output.stderr.contains("% done"), "how far it is is not said\n{output}");
    world.run(&["plan", "--detailed-exitcode"]).expect(0);
}

#[test]
fn nodes_of_an_older_version_stay_where_nobody_asked_for_a_refresh() {
    let mut world = World::seeded_with("never", &seed(&[]));
    world.run(&["provision"]).expect(0);
    let before = nodes(&world);
    change_disk(&mut world);
    let output = world.run(&["provision"]).expect(0);
    assert_eq!(nodes(&world), before);
    assert!(output.stderr.contains("node_refresh"), "{output}");
    world.run(&["plan", "--detailed-exitcode"]).expect(0);
}

#[test]
fn a_refresh_under_way_is_joined_and_not_started_again() {
    let mut world = World::seeded_with("joined", &rolling(1));
    world.run(&["provision"]).expect(0);
    change_disk(&mut world);
    world.lag(Lags { instance_refresh: 1, ..Lags::default() });
    let mut running = world.start(&["provision"]);
    let started = |call: &crate::support::call::Call| call.operation == "StartInstanceRefresh" && call.succeeded();
    while world.proxy.count(started) == 0 {
        assert!(!running.has_ended(), "the run ended before the refresh began");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    drop(running.kill());
    let output = world.run(&["provision"]).expect(0);
    let accepted = output.calls_of("autoscaling:StartInstanceRefresh").iter().filter(|call| call.succeeded()).count();
    assert_eq!(accepted, 0, "{output}");
    assert!(nodes(&world).iter().all(|(_, version)| version == "2"), "{output}");
    world.run(&["plan", "--detailed-exitcode"]).expect(0);
}

#[test]
fn a_refresh_that_fails_is_told_with_its_reason_and_tried_again_by_the_next_run() {
    let mut world = World::seeded_with("refresh-fails", &rolling(1));
    world.run(&["provision"]).expect(0);
    change_disk(&mut world);
    world.lag(Lags { refreshes_failing: 1, ..Lags::default() });
    let failed = world.run(&["provision"]).expect(1);
    assert!(failed.stderr.contains("Instances failed to become healthy"), "{failed}");
    world.run(&["provision"]).expect(0);
    assert!(nodes(&world).iter().all(|(_, version)| version == "2"));
}
