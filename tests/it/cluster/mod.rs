//! The real binary against the emulator: what a whole run makes of an account. Here is what the tests share.

mod bad_inputs;
mod commands;
mod config;
mod decommission;
mod drift;
mod environment;
mod failures;
pub mod gate;
pub mod groups;
mod ingress;
mod interruptions;
mod log;
mod moves;
mod nodes;
mod platform;
mod provision;
mod refusals;
mod replies;
mod secrets;
mod steady;

use serde_json::{Value, json};

use crate::support::world::{Output, World};

/// P, as the seed has it.
pub const PREFIX: &str = "demo-dev-ecs-ab12";

/// The emulator's machines run no agents, so that most tests do not wait for nodes to join.
pub const PROVISION: &[&str] = &["provision", "--no-wait-for-nodes"];

/// Fargate and no way in: nothing but the cluster.
pub fn fargate_only() -> Value {
    json!({ "groups": [], "zones": [] })
}

/// One node group and no way in: the quickest world with nodes.
pub fn one_group() -> Value {
    json!({ "groups": [group("general", "t3.medium")], "zones": [] })
}

/// A way in with these zones, the default one first, and no nodes.
pub fn open(zones: &[&str]) -> Value {
    json!({ "groups": [], "zones": zones })
}

pub fn group(name: &str, instance_type: &str) -> Value {
    json!({ "name": name, "instance_type": instance_type, "min_size": 1, "max_size": 3 })
}

/// A world in which `provision` has been run once.
#[track_caller]
pub fn provisioned(name: &str, seed: &Value) -> World {
    let world = World::seeded_with(name, seed);
    run(&world, PROVISION, 0);
    world
}

/// Runs the binary, demands this exit status, and that no secret is to be seen anywhere but in the call that needs it.
#[track_caller]
pub fn run(world: &World, args: &[&str], status: i32) -> Output {
    let output = world.run(args).expect(status);
    assert_no_secret(world, &output);
    output
}

/// Neither stdout nor stderr holds the external id, and no call but `AssumeRole` carries it.
#[track_caller]
pub fn assert_no_secret(world: &World, output: &Output) {
    let secret = world.connections()["aws_authentication"]["data"]["external_id"].as_str().expect("an external id");
    assert!(!output.stdout.contains(secret) && !output.stderr.contains(secret), "the external id is shown\n{output}");
    for call in output.calls.iter().filter(|call| call.operation != "AssumeRole") {
        assert!(!call.body.contains(secret) && !call.target.contains(secret), "{call} carries the external id");
    }
}

#[track_caller]
pub fn assert_untouched(output: &Output) {
    assert!(output.mutations().is_empty(), "calls that change something were made\n{output}");
}

/// Asserts that every one of these words is said on stderr.
#[track_caller]
pub fn assert_says(output: &Output, words: &[&str]) {
    for word in words {
        assert!(output.stderr.contains(word), "`{word}` is not said\n{output}");
    }
}

/// Runs `provision` again, which has to find nothing to do.
#[track_caller]
pub fn assert_settled(world: &World) {
    assert_untouched(&run(world, PROVISION, 0));
}

/// How often this action was carried out.
pub fn count(output: &Output, action: &str) -> usize {
    output.calls_of(action).len()
}

/// The names of everything of a kind, in order.
#[track_caller]
pub fn names<'a>(census: &'a Value, kind: &str) -> Vec<&'a str> {
    let things = census[kind].as_array().unwrap_or_else(|| panic!("the census has no {kind}"));
    things.iter().map(|thing| thing["name"].as_str().expect("a name")).collect()
}

/// The one thing of a kind with this name.
#[track_caller]
pub fn entry<'a>(census: &'a Value, kind: &str, name: &str) -> &'a Value {
    let mut found = census[kind].as_array().into_iter().flatten().filter(|thing| thing["name"] == name);
    let first = found.next().unwrap_or_else(|| panic!("no `{name}` among the {kind}: {:#}", census[kind]));
    assert!(found.next().is_none(), "more than one `{name}` among the {kind}");
    first
}

/// The group's own part of a launch template: its id, and the content of the version that its Auto Scaling group launches.
#[track_caller]
pub fn launched_content(world: &World, group: &str) -> (String, Value) {
    let asked = json!({ "AutoScalingGroupNames": [format!("{PREFIX}-{group}")] });
    let found = world.aws("autoscaling", "describe_auto_scaling_groups", asked);
    let template = &found["AutoScalingGroups"][0]["LaunchTemplate"];
    let version = template["Version"].as_str().expect("a version").to_owned();
    let asked = json!({ "LaunchTemplateId": template["LaunchTemplateId"], "Versions": [version] });
    let mut versions = world.aws("ec2", "describe_launch_template_versions", asked);
    (version, versions["LaunchTemplateVersions"][0]["LaunchTemplateData"].take())
}

/// The domains that the listener's certificates are for, as the artifact says.
pub fn domains(artifact: &Value) -> &Value {
    &artifact["data"]["capabilities"]["ingress"][0]["listeners"][0]["domains"]
}
