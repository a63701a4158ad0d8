//! Nodes that do not come, or do not go as they should.

use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};

use super::seed;
use crate::cluster::groups::rely_on;
use crate::support::call::Reply;
use crate::support::honest::{Lags, LaunchFailure};
use crate::support::world::World;

#[test]
fn a_launch_that_fails_is_told_in_awss_words_and_waited_out() {
    for failure in [LaunchFailure::BadImage, LaunchFailure::TypeNotOffered, LaunchFailure::VcpuQuota, LaunchFailure::InvalidProfile] {
        let world = World::seeded_with("launch", &seed(&[]));
        world.lag(Lags { launches_failing: 2, launch_failure: failure, ..Lags::default() });
        let output = world.run(&["provision"]).expect(0);
        assert!(output.stderr.contains(failure.words()), "{failure:?}\n{output}");
        world.run(&["plan", "--detailed-exitcode"]).expect(0);
    }
}

#[test]
fn what_ecs_does_to_a_group_is_no_drift() {
    let world = World::seeded_with("marks", &seed(&[]));
    world.run(&["provision"]).expect(0);
    let group = world.group_name();
    let of_group = json!({ "AutoScalingGroupName": group });
    let hooks = world.aws("autoscaling", "describe_lifecycle_hooks", of_group.clone());
    assert_eq!(hooks["LifecycleHooks"][0]["LifecycleHookName"], "ecs-managed-draining-termination-hook");
    let policies = world.aws("autoscaling", "describe_policies", of_group);
    assert_eq!(policies["ScalingPolicies"].as_array().map(Vec::len), Some(1), "{policies}");
    let tags = world.census()["auto_scaling_groups"][0]["tags"].clone();
    assert!(tags.get("AmazonECSManaged").is_some(), "{tags}");
    let scaled = json!({ "AutoScalingGroupName": group, "DesiredCapacity": 3 });
    world.aws("autoscaling", "set_desired_capacity", scaled);
    world.run(&["plan", "--detailed-exitcode"]).expect(0);
    let output = world.run(&["provision"]).expect(0);
    assert!(output.mutations().is_empty(), "{output}");
    assert_eq!(world.census()["auto_scaling_groups"][0]["desired_capacity"], 3);
}

/// The EC2 ids of the nodes, and their container instances.
fn members(world: &World) -> Vec<(String, String)> {
    let cluster = world.name_prefix();
    let arns = world.aws("ecs", "list_container_instances", json!({ "cluster": cluster }))["containerInstanceArns"].take();
    let asked = json!({ "cluster": cluster, "containerInstances": arns });
    let found = world.aws("ecs", "describe_container_instances", asked);
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let found = found["containerInstances"].as_array().expect("container instances").iter();
    found.map(|one| (text(&one["ec2InstanceId"]), text(&one["containerInstanceArn"]))).collect()
}

#[test]
fn a_node_whose_agent_died_holds_neither_its_group_nor_its_cluster() {
    let world = World::seeded_with("agent", &seed(&[]));
    world.run(&["provision"]).expect(0);
    let nodes = members(&world);
    world.disconnect_agent(&nodes[0].0);
    let agents = world.keep_nodes_joined();
    world.run(&["decommission"]).expect(0);
    drop(agents);
    assert_eq!(world.leftovers(), [""; 0]);
}

#[test]
fn the_nodes_of_a_group_that_goes_are_drained_of_what_services_run_on_them() {
    let groups = ["general", "spare"].map(|name| json!({ "name": name, "instance_type": "t3.medium", "min_size": 1, "max_size": 3 }));
    let mut world = World::seeded_with("draining", &json!({ "groups": groups, "zones": [] }));
    world.run(&["provision"]).expect(0);
    let cluster = world.name_prefix().to_owned();
    // A service that asks for the other group now, with tasks where it asked before.
    world.create_service("web");
    rely_on(&world, &format!("{cluster}-general"));
    for (_, instance) in members(&world) {
        let task = json!({ "cluster": cluster, "taskDefinition": "web", "containerInstances": [instance], "group": "service:web" });
        world.aws("ecs", "start_task", task);
    }
    world.lag(Lags { draining: 2, ..Lags::default() });
    world.set_params(|params| drop(params["cluster"]["instances"].as_array_mut().and_then(Vec::pop)));
    let output = world.run(&["provision"]).expect(0);
    let drained = output.calls_of("ecs:UpdateContainerInstancesState");
    let polls = output.calls_of("ecs:DescribeContainerInstances").iter().filter(|call| call.started > drained[0].started).count();
    assert!(polls > 2, "the nodes were not waited for\n{output}");
    assert!(output.calls_of("autoscaling:DeleteAutoScalingGroup")[0].started > drained[0].started, "{output}");
    assert!(!world.leftovers().iter().any(|one| one.contains("spare")), "{:?}", world.leftovers());
}

#[test]
fn nodes_that_ecs_does_not_drain_yet_are_asked_for_again_and_those_that_drain_are_not() {
    let groups = ["general", "spare"].map(|name| json!({ "name": name, "instance_type": "t3.medium", "min_size": 2, "max_size": 3 }));
    let mut world = World::seeded_with("undrained", &json!({ "groups": groups, "zones": [] }));
    world.run(&["provision"]).expect(0);
    let cluster = world.name_prefix().to_owned();
    let asked = json!({ "AutoScalingGroupNames": [format!("{cluster}-spare")] });
    let group = world.aws("autoscaling", "describe_auto_scaling_groups", asked)["AutoScalingGroups"][0].take();
    let spare = &group["Instances"][0]["InstanceId"];
    let drained = members(&world).into_iter().find(|(id, _)| spare == id).expect("a node").1;
    world.aws(
        "ecs",
        "update_container_instances_state",
        json!({ "cluster": cluster, "containerInstances": [drained], "status": "DRAINING" }),
    );
    let refused = AtomicBool::new(false);
    world.proxy.before(move |call| {
        let first = call.operation == "UpdateContainerInstancesState" && !refused.swap(true, Ordering::SeqCst);
        first.then(|| {
            let failure = json!({ "arn": call.json()["containerInstances"][0], "reason": "INACTIVE", "detail": "still registering" });
            Reply::json(200, &json!({ "containerInstances": [], "failures": [failure] }))
        })
    });
    world.set_params(|params| drop(params["cluster"]["instances"].as_array_mut().and_then(Vec::pop)));
    let output = world.run(&["provision"]).expect(0);
    let calls = output.calls_of("ecs:UpdateContainerInstancesState");
    assert_eq!(calls.len(), 2, "{output}");
    for call in calls {
        assert!(!call.body.contains(&drained), "a node that drains already is drained again\n{output}");
    }
    assert!(output.stderr.contains("INACTIVE still registering"), "{output}");
}
