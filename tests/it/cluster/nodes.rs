//! The nodes as the cluster knows them: waited for, counted in plans, forgotten when their machines are gone.

use serde_json::{Value, json};

use super::{PREFIX, PROVISION, assert_says, assert_untouched, count, group, launched_content, one_group, provisioned, run};
use crate::support::world::World;

const PENDING: &[&str] = &["plan", "--detailed-exitcode"];

#[test]
fn nodes_that_have_yet_to_join_are_part_of_the_plan_unless_nobody_waits_for_them() {
    let world = provisioned("yet-to-join", &one_group());
    let output = run(&world, PENDING, 3);
    assert!(output.stdout.contains(&format!("0 of 1 nodes of `{PREFIX}-general` have joined")), "{output}");
    run(&world, &[PENDING, &["--no-wait-for-nodes"]].concat(), 0);
    world.join_nodes();
    run(&world, PENDING, 0);
}

#[test]
fn the_nodes_of_all_groups_are_asked_about_in_two_calls() {
    let groups = json!([group("general", "t3.medium"), group("old", "c5.large")]);
    let world = provisioned("two-calls", &json!({ "groups": groups, "zones": [] }));
    world.join_nodes();
    let output = run(&world, PENDING, 0);
    assert_eq!(count(&output, "ecs:ListContainerInstances"), 1, "{output}");
    assert_eq!(count(&output, "ecs:DescribeContainerInstances"), 1, "{output}");
}

#[test]
fn a_node_whose_machine_is_gone_is_forgotten_and_one_that_is_silent_is_not() {
    let world = provisioned("gone", &one_group());
    let [gone, silent] = [launch(&world), launch(&world)];
    let registered = [&gone, &silent].map(|machine| register(&world, machine));
    silence(&world, [gone.clone(), silent]);
    world.aws("ec2", "terminate_instances", json!({ "InstanceIds": [gone] }));
    let output = run(&world, PROVISION, 0);
    assert_eq!(count(&output, "ecs:DeregisterContainerInstance"), 1, "{output}");
    let left = world.aws("ecs", "list_container_instances", json!({ "cluster": PREFIX }));
    assert_eq!(left["containerInstanceArns"], json!([registered[1]]));
    assert_untouched(&run(&world, PROVISION, 0));
}

#[test]
fn services_with_launch_type_ec2_are_warned_of() {
    let world = provisioned("launch-type", &one_group());
    world.create_service("web");
    world.join_nodes();
    // The emulator counts no services.
    world.proxy.after(|call, mut reply| {
        if call.operation == "DescribeClusters" {
            rewrite(&mut reply, |body| body["clusters"][0]["activeServicesCount"] = json!(1));
        }
        reply
    });
    let output = run(&world, PENDING, 0);
    assert!(output.stdout.contains("launch type EC2: `web`"), "{output}");
}

#[test]
fn a_group_on_whose_nodes_a_task_runs_that_no_service_started_is_not_removed() {
    let mut world = provisioned("tied", &one_group());
    world.join_nodes();
    let containers = json!([{ "name": "job", "image": "job", "memory": 128 }]);
    world.aws("ecs", "register_task_definition", json!({ "family": "migrate", "containerDefinitions": containers }));
    world.aws("ecs", "run_task", json!({ "cluster": PREFIX, "taskDefinition": "migrate", "launchType": "EC2" }));
    // The emulator leaves a task's group out unless it is asked for one.
    world.proxy.after(|call, mut reply| {
        if call.operation == "DescribeTasks" {
            rewrite(&mut reply, |body| body["tasks"][0]["group"] = json!("family:migrate"));
        }
        reply
    });
    world.set_params(|params| params["cluster"]["instances"] = json!([]));
    let output = run(&world, PROVISION, 4);
    assert_untouched(&output);
    assert_says(&output, &["of `family:migrate`", &format!("AWS::AutoScaling::AutoScalingGroup/{PREFIX}-general"), "stop those tasks"]);
}

/// A machine outside every group.
fn launch(world: &World) -> String {
    let (_, content) = launched_content(world, "general");
    let subnet = world.subnet_ids("private")[0];
    let wanted = json!({ "ImageId": content["ImageId"], "InstanceType": "t3.medium", "SubnetId": subnet, "MinCount": 1, "MaxCount": 1 });
    let launched = world.aws("ec2", "run_instances", wanted);
    launched["Instances"][0]["InstanceId"].as_str().expect("an id").to_owned()
}

/// The ARN under which the cluster knows the machine.
fn register(world: &World, machine: &str) -> Value {
    let document = json!({ "instanceId": machine, "accountId": world.account, "region": "us-west-2" }).to_string();
    let asked = json!({ "cluster": PREFIX, "instanceIdentityDocument": document, "instanceIdentityDocumentSignature": "emulated" });
    world.aws("ecs", "register_container_instance", asked)["containerInstance"]["containerInstanceArn"].take()
}

/// The emulator's agents are connected for ever.
fn silence(world: &World, machines: [String; 2]) {
    world.proxy.after(move |call, mut reply| {
        if call.operation == "DescribeContainerInstances" {
            rewrite(&mut reply, |body| {
                for node in body["containerInstances"].as_array_mut().into_iter().flatten() {
                    let silent = machines.iter().any(|machine| node["ec2InstanceId"] == **machine);
                    node["agentConnected"] = json!(!silent);
                }
            });
        }
        reply
    });
}

fn rewrite(reply: &mut crate::support::call::Reply, change: impl FnOnce(&mut Value)) {
    let mut body: Value = serde_json::from_str(&reply.body).expect("a document");
    change(&mut body);
    reply.body = body.to_string();
    reply.headers.retain(|(name, _)| !name.eq_ignore_ascii_case("content-length"));
}
