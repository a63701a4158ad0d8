//! Capacity providers behind an AWS that attaches, detaches and deletes them over time.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use super::seed;
use crate::cluster::group;
use crate::support::call::Call;
use crate::support::honest::Lags;
use crate::support::world::World;

fn slow() -> Lags {
    Lags { attachments: 3, capacity_provider_deleting: 3, auto_scaling_group_deleting: 2, ..Lags::default() }
}

/// How many deletions of providers AWS has accepted and then failed.
fn count_failed_deletions(world: &World) -> Arc<AtomicUsize> {
    let count = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&count);
    world.proxy.after(move |call, reply| {
        if call.operation == "DeleteCapacityProvider" && reply.body.contains("DELETE_FAILED") {
            counted.fetch_add(1, Ordering::SeqCst);
        }
        reply
    });
    count
}

fn shown_group(world: &World) -> Value {
    let chosen = json!({ "AutoScalingGroupNames": [world.group_name()] });
    world.aws("autoscaling", "describe_auto_scaling_groups", chosen)["AutoScalingGroups"][0].take()
}

#[test]
fn the_provider_of_a_group_that_was_made_anew_by_hand_is_replaced() {
    let world = World::seeded_with("anew", &seed(&[]));
    world.run(&["provision"]).expect(0);
    let before = shown_group(&world);
    let name = world.group_name();
    let nodes: Vec<&Value> = before["Instances"].as_array().into_iter().flatten().map(|instance| &instance["InstanceId"]).collect();
    let unprotected = json!({ "AutoScalingGroupName": name, "InstanceIds": nodes, "ProtectedFromScaleIn": false });
    world.aws("autoscaling", "set_instance_protection", unprotected);
    world.aws("autoscaling", "delete_auto_scaling_group", json!({ "AutoScalingGroupName": name, "ForceDelete": true }));
    let tags: Vec<Value> = before["Tags"].as_array().into_iter().flatten().cloned().collect();
    let template =
        json!({ "LaunchTemplateId": before["LaunchTemplate"]["LaunchTemplateId"], "Version": before["LaunchTemplate"]["Version"] });
    let anew = json!({
        "AutoScalingGroupName": name,
        "MinSize": 1,
        "MaxSize": 3,
        "VPCZoneIdentifier": before["VPCZoneIdentifier"],
        "LaunchTemplate": template,
        "NewInstancesProtectedFromScaleIn": true,
        "Tags": tags,
    });
    world.aws("autoscaling", "create_auto_scaling_group", anew);
    world.lag(slow());
    let failed = count_failed_deletions(&world);
    world.run(&["provision"]).expect(0);
    let asked = json!({ "capacityProviders": [name] });
    let provider = world.aws("ecs", "describe_capacity_providers", asked)["capacityProviders"][0].take();
    let after = shown_group(&world);
    assert_ne!(after["AutoScalingGroupARN"], before["AutoScalingGroupARN"]);
    assert_eq!(provider["autoScalingGroupProvider"]["autoScalingGroupArn"], after["AutoScalingGroupARN"]);
    let listed = world.census()["clusters"][0]["capacity_providers"].clone();
    assert!(listed.as_array().expect("a list").contains(&json!(name)), "{listed}");
    assert_eq!(failed.load(Ordering::SeqCst), 0, "a provider was deleted before it was detached");
    world.run(&["plan", "--detailed-exitcode"]).expect(0);
    world.run(&["decommission"]).expect(0);
    assert_eq!(world.leftovers(), [""; 0]);
}

#[test]
fn a_group_is_removed_only_after_the_cluster_has_let_go_of_it() {
    let groups = ["general", "spare"].map(|name| json!({ "name": name, "instance_type": "t3.medium", "min_size": 1, "max_size": 3 }));
    let mut world = World::seeded_with("let-go", &json!({ "groups": groups, "zones": [] }));
    world.run(&["provision"]).expect(0);
    world.lag(slow());
    let failed = count_failed_deletions(&world);
    world.set_params(|params| drop(params["cluster"]["instances"].as_array_mut().and_then(Vec::pop)));
    let output = world.run(&["provision"]).expect(0);
    assert_eq!(failed.load(Ordering::SeqCst), 0, "a provider was deleted before it was detached\n{output}");
    let order = ["ecs:PutClusterCapacityProviders", "ecs:DeleteCapacityProvider", "autoscaling:DeleteAutoScalingGroup"];
    let began: Vec<_> = order.iter().map(|action| output.calls_of(action).first().map(|call| call.started)).collect();
    assert!(began.iter().all(Option::is_some) && began.is_sorted(), "{output}");
    let left = world.leftovers();
    assert!(!left.iter().any(|one| one.contains("spare")), "{left:?}");
    world.run(&["plan", "--detailed-exitcode"]).expect(0);
}

#[test]
fn a_group_that_was_removed_can_be_added_again_within_the_hour() {
    let groups = ["general", "spare"].map(|name| json!({ "name": name, "instance_type": "t3.medium", "min_size": 1, "max_size": 3 }));
    let mut world = World::seeded_with("again", &json!({ "groups": groups, "zones": [] }));
    world.run(&["provision"]).expect(0);
    let before = world.leftovers().len();
    let mut removed = Value::Null;
    world.set_params(|params| removed = params["cluster"]["instances"].as_array_mut().and_then(Vec::pop).expect("a group"));
    world.run(&["provision"]).expect(0);
    world.set_params(|params| params["cluster"]["instances"].as_array_mut().expect("groups").push(removed));
    world.run(&["provision"]).expect(0);
    assert_eq!(world.leftovers().len(), before);
}

#[test]
fn a_group_grows_only_once_its_provider_is_attached_however_late_the_cluster_is_shown() {
    let world = World::seeded_with("unseen-cluster", &seed(&[]));
    world.lag(Lags { attachments: 2, unnoticed_reads: 4, ..Lags::default() });
    let output = world.run(&["provision"]).expect(0);
    let place =
        |what: &str, holds: &dyn Fn(&Call) -> bool| output.calls.iter().position(holds).unwrap_or_else(|| panic!("never {what}\n{output}"));
    let attached = place("attached", &|call| call.operation == "DescribeClusters" && call.answer.contains("UPDATE_COMPLETE"));
    let grown = place("grown", &|call| call.operation == "UpdateAutoScalingGroup" && call.param("MinSize").is_some_and(|size| size != "0"));
    assert!(attached < grown, "{output}");
}

#[test]
fn a_group_grows_only_once_the_list_shows_its_provider_however_settled_an_older_state_was() {
    let mut world = World::seeded_with("old-state", &seed(&[]));
    world.run(&["provision"]).expect(0);
    world.set_params(|params| params["cluster"]["instances"].as_array_mut().expect("groups").push(group("spare", "t3.medium")));
    let old = Mutex::new(None);
    let (late, put) = (AtomicUsize::new(2), AtomicBool::new(false));
    world.proxy.after(move |call, reply| {
        if call.operation == "PutClusterCapacityProviders" {
            put.store(true, Ordering::SeqCst);
        }
        if call.operation != "DescribeClusters" {
            return reply;
        }
        let mut old = old.lock().expect("the old state");
        if !put.load(Ordering::SeqCst) {
            *old = Some(reply.clone());
            return reply;
        }
        let is_late = late.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok();
        old.clone().filter(|_| is_late).unwrap_or(reply)
    });
    let output = world.run(&["provision"]).expect(0);
    let place = |holds: &dyn Fn(&Call) -> bool| output.calls.iter().position(holds).unwrap_or_else(|| panic!("no such call\n{output}"));
    let shown = place(&|call| call.operation == "DescribeClusters" && call.answer.contains("-spare"));
    let grown = place(&|call| call.operation == "UpdateAutoScalingGroup" && call.param("MinSize").is_some_and(|size| size != "0"));
    assert!(shown < grown, "{output}");
}

#[test]
fn an_attachment_that_fails_behind_a_success_is_told_and_tried_again_by_the_next_run() {
    let world = World::seeded_with("attachment", &seed(&[]));
    world.lag(Lags { attachments: 1, attachments_failing: 1, ..Lags::default() });
    let failed = world.run(&["provision"]).expect(1);
    assert!(failed.stderr.contains("UPDATE_FAILED"), "{failed}");
    world.run(&["plan", "--detailed-exitcode"]).expect(3);
    let output = world.run(&["provision"]).expect(0);
    assert_eq!(output.calls_of("ecs:PutClusterCapacityProviders").len(), 1, "{output}");
    world.run(&["plan", "--detailed-exitcode"]).expect(0);
}

#[test]
fn a_change_of_a_provider_that_fails_behind_a_success_is_told_with_its_reason_and_made_again_by_the_next_run() {
    let world = World::seeded_with("update-fails", &seed(&[]));
    world.run(&["provision"]).expect(0);
    let name = world.group_name();
    let slow = json!({ "status": "ENABLED", "targetCapacity": 60, "minimumScalingStepSize": 1, "maximumScalingStepSize": 1 });
    let provider = json!({ "managedScaling": slow, "managedTerminationProtection": "ENABLED" });
    world.aws("ecs", "update_capacity_provider", json!({ "name": name, "autoScalingGroupProvider": provider }));
    world.lag(Lags { updates_failing: 1, capacity_provider_updating: 2, ..Lags::default() });
    let failed = world.run(&["provision"]).expect(1);
    assert!(failed.stderr.contains("UPDATE_FAILED: The Auto Scaling group could not be changed."), "{failed}");
    let plan = world.run(&["plan"]).expect(0);
    assert!(plan.stdout.contains("ECS did not carry out its last change"), "{plan}");
    world.run(&["provision"]).expect(0);
    world.run(&["plan", "--detailed-exitcode"]).expect(0);
}
