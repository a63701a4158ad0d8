//! Inputs that are wrong: told with their place before anything is touched, and before any call where no call is needed to know.

use serde_json::{Value, json};

use super::{PROVISION, assert_says, assert_untouched, fargate_only, group, open, run};
use crate::support::call::Reply;
use crate::support::world::{Output, World};

type Case = (&'static str, &'static str, Value);

/// What stands at the pointer instead; null takes away what stands there.
fn params_cases() -> Vec<Case> {
    let twice = json!([group("web", "t3.medium"), group("Web", "t3.medium")]);
    vec![
        ("/cluster", "/cluster", Value::Null),
        ("/md_metadata", "/md_metadata", Value::Null),
        ("/cluster/instances", "/cluster/instances/1/name", twice),
        ("/cluster/instances/0/name", "/cluster/instances/0/name", json!("my web")),
        ("/cluster/instances/0/instance_type", "/cluster/instances/0/instance_type", json!("t9.huge")),
        ("/cluster/instances/0/instance_type", "/cluster/instances/0/instance_type", json!("p2.xlarge")),
        ("/cluster/instances/0/min_size", "/cluster/instances/0/min_size", json!(-1)),
        ("/cluster/instances/0/min_size", "/cluster/instances/0/max_size", json!(9)),
        ("/cluster/instances/0/max_size", "/cluster/instances/0/max_size", json!(2.5)),
        ("/cluster/instances/0/root_volume_gb", "/cluster/instances/0/root_volume_gb", json!(8)),
        ("/cluster/container_insights", "/cluster/container_insights", json!("on")),
        ("/cluster/ingress/default_route53_hosted_zone", "/cluster/ingress/default_route53_hosted_zone", Value::Null),
        (
            "/cluster/ingress/additional_route53_hosted_zones/0",
            "/cluster/ingress/additional_route53_hosted_zones/0",
            json!("arn:aws:ec2:us-west-2:123456789012:vpc/vpc-1"),
        ),
        ("/cluster/ingress/allowed_cidrs", "/cluster/ingress/allowed_cidrs", json!([])),
        ("/cluster/ingress/allowed_cidrs", "/cluster/ingress/allowed_cidrs/1", json!(["10.0.0.0/8", "300.0.0.0/8"])),
        ("/md_metadata/name_prefix", "/md_metadata/name_prefix", json!("Under_score")),
        ("/md_metadata/default_tags", "/md_metadata/default_tags/aws:mine", json!({ "aws:mine": "x" })),
    ]
}

fn connections_cases() -> Vec<Case> {
    let vpc = "/vpc/data/infrastructure";
    let public = "/vpc/data/infrastructure/public_subnets";
    let private = "/vpc/data/infrastructure/private_subnets";
    let one = json!([{ "arn": "arn:aws:ec2:us-west-2:123456789012:subnet/subnet-1" }]);
    let role = "/aws_authentication/data/arn";
    vec![
        (role, role, json!("arn:aws:iam::123456789012:user/somebody")),
        (role, role, json!("arn:aws-us-gov:iam::123456789012:role/somebody")),
        (vpc, vpc, Value::Null),
        ("/vpc/data/infrastructure/arn", "/vpc/data/infrastructure/arn", json!("arn:aws:ec2:us-west-2:123456789012:subnet/subnet-1")),
        ("/vpc/specs/aws/region", "/vpc/specs/aws/region", json!("eu-west-1")),
        ("/vpc/specs/aws/region", "/vpc/specs/aws/region", json!("evil.example.com/")),
        (public, public, one),
        (private, private, json!([])),
        (private, "/vpc/data/infrastructure/private_subnets/0/arn", json!([{ "arn": "arn:aws:ec2:us-west-2:123456789012:vpc/vpc-1" }])),
    ]
}

#[test]
fn bad_params_are_told_by_their_pointer_without_a_call() {
    let mut world = World::bare("params");
    let sound = world.params().clone();
    for (place, pointer, value) in params_cases() {
        world.set_params(|params| {
            params.clone_from(&sound);
            put(params, place, value.clone());
        });
        for command in ["provision", "validate"] {
            assert_refused_offline(&run(&world, &[command], 2), &format!("params.json#{pointer}"), &value);
        }
    }
}

#[test]
fn bad_connections_are_told_by_their_pointer_without_a_call() {
    let mut world = World::bare("connections");
    let sound = world.connections().clone();
    for (place, pointer, value) in connections_cases() {
        world.set_connections(|connections| {
            connections.clone_from(&sound);
            put(connections, place, value.clone());
        });
        assert_refused_offline(&run(&world, &["plan"], 2), &format!("connections.json#{pointer}"), &value);
    }
}

#[test]
fn everything_that_is_wrong_is_told_at_once() {
    let mut world = World::bare("at-once");
    world.set_params(|params| params["cluster"]["instances"][0]["max_size"] = json!(0));
    world.set_params(|params| params["md_metadata"]["name_prefix"] = json!("-"));
    world.set_connections(|connections| connections["vpc"]["data"]["infrastructure"]["private_subnets"] = json!([]));
    let output = run(&world, PROVISION, 2);
    assert!(output.calls.is_empty(), "{output}");
    let places = [
        "params.json#/cluster/instances/0/max_size",
        "params.json#/md_metadata/name_prefix",
        "connections.json#/vpc/data/infrastructure/private_subnets",
        "3 problems",
    ];
    assert_says(&output, &places);
}

#[test]
fn sound_inputs_are_validated_without_a_call_and_told_in_a_line() {
    let world = World::bare("sound");
    let output = run(&world, &["validate"], 0);
    assert!(output.calls.is_empty(), "{output}");
    let told = "The inputs are valid: 1 node group, ingress for 2 domains, us-west-2.\n";
    assert_eq!((output.stdout.as_str(), output.stderr.as_str()), ("", told));
}

#[test]
fn files_that_are_missing_or_not_json_are_named() {
    let world = World::bare("files");
    let output = run(&world, &["provision", "--params", "nowhere.json"], 2);
    assert_says(&output, &["nowhere.json"]);
    world.write("params.json", "{ \"cluster\": ");
    for command in ["provision", "decommission"] {
        let output = run(&world, &[command], 2);
        assert!(output.calls.is_empty(), "{output}");
        assert_says(&output, &["params.json#"]);
    }
}

#[test]
fn a_decommission_needs_to_know_what_to_unmake_and_where() {
    let mut world = World::bare("unmake");
    world.set_params(|params| put(params, "/md_metadata/name_prefix", Value::Null));
    let output = run(&world, &["decommission"], 2);
    assert!(output.calls.is_empty(), "{output}");
    assert_says(&output, &["params.json#/md_metadata/name_prefix"]);
}

#[test]
fn what_aws_knows_to_be_wrong_is_told_before_anything_is_made() {
    let mut world = World::seeded_with("facts", &json!({ "groups": [group("general", "t3.medium")], "zones": ["example.com"] }));
    let (sound_params, sound_connections) = (world.params().clone(), world.connections().clone());
    let zone = "/cluster/ingress/default_route53_hosted_zone";
    let public = "/vpc/data/infrastructure/public_subnets";
    let private_zone = make_private_zone(&world);
    let unrouted = world.connections()["vpc"]["data"]["infrastructure"]["internal_subnets"].clone();
    let foreign = make_foreign_subnet(&world);
    let cases = [
        (zone, format!("params.json#{zone}"), json!("arn:aws:route53:::hostedzone/Z0NOWHERE"), "does not exist"),
        (zone, format!("params.json#{zone}"), json!(private_zone), "private zone"),
        (public, format!("connections.json#{public}/0/arn"), unrouted, "internet gateway"),
        (
            "/vpc/data/infrastructure/private_subnets/0/arn",
            "connections.json#/vpc/data/infrastructure/private_subnets/0/arn".to_owned(),
            json!(foreign),
            "belongs to",
        ),
    ];
    for (place, said, value, words) in cases {
        world.set_params(|params| params.clone_from(&sound_params));
        world.set_connections(|connections| connections.clone_from(&sound_connections));
        if said.starts_with("params") {
            world.set_params(|params| put(params, place, value));
        } else {
            world.set_connections(|connections| put(connections, place, value));
        }
        let output = run(&world, PROVISION, 2);
        assert_untouched(&output);
        assert_says(&output, &[&said, words]);
    }
    assert_eq!(world.leftovers(), [""; 0]);
}

#[test]
fn an_instance_type_that_is_offered_nowhere_near_is_told() {
    let world = World::seeded_with("offers", &super::one_group());
    world.proxy.before(|call| {
        let body = "<DescribeInstanceTypeOfferingsResponse><instanceTypeOfferingSet/></DescribeInstanceTypeOfferingsResponse>";
        (call.operation == "DescribeInstanceTypeOfferings").then(|| Reply::xml(200, body))
    });
    let output = run(&world, PROVISION, 2);
    assert_untouched(&output);
    assert_says(&output, &["params.json#/cluster/instances/0/instance_type", "`t3.medium`", "not offered"]);
}

#[test]
fn two_zones_of_one_name_are_told_apart_by_no_app() {
    let world = World::seeded_with("same-name", &open(&["example.com", "example.com"]));
    let output = run(&world, PROVISION, 2);
    assert_untouched(&output);
    assert_says(&output, &["/cluster/ingress/additional_route53_hosted_zones", "`example.com`"]);
}

#[track_caller]
fn assert_refused_offline(output: &Output, place: &str, value: &Value) {
    assert!(output.calls.is_empty(), "calls were made for {place} being {value}\n{output}");
    let told = output.stderr.lines().any(|line| line.split([':', ' ']).next() == Some(place) || line.starts_with(&format!("{place}:")));
    assert!(told, "{place} being {value} is not told\n{output}");
    assert_eq!(output.stdout, "", "{place}");
}

/// Puts the value at the pointer, or takes away what stands there.
#[track_caller]
fn put(document: &mut Value, pointer: &str, value: Value) {
    let (parent, key) = pointer.rsplit_once('/').expect("a pointer begins with a slash");
    match document.pointer_mut(parent).unwrap_or_else(|| panic!("nothing at `{parent}`")) {
        Value::Array(items) => items[key.parse::<usize>().expect("an index")] = value,
        Value::Object(fields) if value.is_null() => drop(fields.shift_remove(key)),
        Value::Object(fields) => drop(fields.insert(key.to_owned(), value)),
        other => panic!("`{parent}` is {other}"),
    }
}

fn make_private_zone(world: &World) -> String {
    let vpc = json!({ "VPCRegion": "us-west-2", "VPCId": world.vpc_id() });
    let zone = json!({
        "Name": "internal.example.com", "CallerReference": "private", "VPC": vpc, "HostedZoneConfig": { "PrivateZone": true },
    });
    let made = world.aws("route53", "create_hosted_zone", zone);
    let id = made["HostedZone"]["Id"].as_str().and_then(|id| id.rsplit('/').next()).expect("an id");
    format!("arn:aws:route53:::hostedzone/{id}")
}

/// A subnet of another VPC.
fn make_foreign_subnet(world: &World) -> String {
    let vpc = world.aws("ec2", "create_vpc", json!({ "CidrBlock": "10.9.0.0/16" }))["Vpc"]["VpcId"].take();
    let subnet = world.aws("ec2", "create_subnet", json!({ "VpcId": vpc, "CidrBlock": "10.9.0.0/24" }));
    let id = subnet["Subnet"]["SubnetId"].as_str().expect("an id");
    format!("arn:aws:ec2:us-west-2:{}:subnet/{id}", world.account)
}

/// Runs `validate` with no more than 400 MB of memory.
fn validate_in_little_memory(world: &World) -> std::process::Output {
    let mut command = std::process::Command::new("sh");
    command.args(["-c", "ulimit -v 400000; exec \"$@\"", "sh", env!("CARGO_BIN_EXE_aws-ecs-cluster"), "--dir"]);
    command.arg(world.dir()).arg("validate").env_clear().output().expect("a run")
}

#[test]
fn hostile_files_end_in_2_within_little_memory() {
    let world = World::bare("hostile");
    let zeros = format!("{{\"cluster\":{{\"instances\":[{}0]}}}}", "0,".repeat(500_000));
    let cidrs = format!("{{\"cluster\":{{\"ingress\":{{\"allowed_cidrs\":[{}0]}}}}}}", "\"x\",".repeat(250_000));
    let ten_megabytes = format!("{{\"a\":\"{}\"}}", "x".repeat(10_000_000));
    let deep = "[".repeat(1_000_000);
    let keys: String = (0..90_000).map(|number| format!("\"{number}\":0,")).collect();
    for (name, text) in
        [("zeros", zeros), ("cidrs", cidrs), ("long", ten_megabytes), ("deep", deep), ("keys", format!("{{{keys}\"z\":0}}"))]
    {
        world.write("params.json", &text);
        let output = validate_in_little_memory(&world);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{name}: {}", said.chars().take(2000).collect::<String>());
        assert!(said.len() < 1_000_000, "{name}: {} bytes are said", said.len());
    }
}

#[test]
fn a_file_without_an_end_is_not_read_to_its_end() {
    let world = World::bare("endless");
    let output = world.run(&["validate", "--params", "/dev/zero"]).expect(2);
    assert_says(&output, &["params.json#: is longer than 1 MiB"]);
}

#[test]
fn a_session_is_sent_in_clear_to_no_other_machine() {
    for (variable, url) in [
        ("AWS_ENDPOINT_URL", "http://example.com:4566"),
        ("AWS_ENDPOINT_URL_ECS", "http://10.0.0.1"),
        ("AWS_ENDPOINT_URL_STS", "http://127.0.0.1.example.com"),
    ] {
        let mut world = World::bare("in-clear");
        world.set_env(variable, url);
        for args in [&["plan"][..], PROVISION, &["decommission"]] {
            let output = run(&world, args, 2);
            assert_untouched(&output);
            assert!(output.calls.is_empty(), "{output}");
            assert_says(&output, &[variable, "plain http to another machine"]);
        }
    }
    let mut world = World::seeded_with("loopback", &fargate_only());
    let by_name = world.proxy.url().replace("127.0.0.1", "localhost");
    world.set_env("AWS_ENDPOINT_URL", &by_name);
    assert!(!run(&world, &["plan"], 0).calls.is_empty(), "this machine was not asked");
}
