//! The inputs: what is accepted, what is refused and how it is said. Here are the valid documents that the tests change.

mod artifact;
mod bytes;
mod catalog;
mod config;
mod connections;
mod documents;
mod facts;
mod group_params;
mod ingress_params;
mod metadata;
mod properties;
mod resolution;
mod schemas;
mod unread;

pub use crate::cluster::group;
use aws_ecs_cluster::inputs::{Inputs, Problem, Warning, parse};
use serde_json::{Value, json};

pub const ZONE: &str = "arn:aws:route53:::hostedzone/Z1";

/// One group, ingress off.
pub fn params() -> Value {
    json!({
        "cluster": { "instances": [group("web", "m5.large")], "ingress": { "enable_ingress": false } },
        "md_metadata": {
            "name_prefix": "shop-prod-cluster-ab12",
            "default_tags": { "managed-by": "massdriver", "md-project": "shop" },
            "deployment": { "id": "d-1" }
        }
    })
}

/// No group, ingress on with one zone.
pub fn open_params() -> Value {
    let open = json!({ "enable_ingress": true, "default_route53_hosted_zone": ZONE });
    with(&with(&params(), "/cluster/instances", json!([])), "/cluster/ingress", open)
}

pub fn connections() -> Value {
    json!({
        "aws_authentication": { "data": { "arn": "arn:aws:iam::123456789012:role/massdriver", "external_id": "hush-hush" } },
        "vpc": {
            "data": { "infrastructure": {
                "arn": "arn:aws:ec2:eu-west-1:123456789012:vpc/vpc-1",
                "cidr": "10.0.0.0/16",
                "public_subnets": subnets(&["subnet-a", "subnet-b"]),
                "private_subnets": subnets(&["subnet-c", "subnet-d"]),
                "internal_subnets": []
            } },
            "specs": { "aws": { "region": "eu-west-1" } }
        }
    })
}

pub fn subnets(ids: &[&str]) -> Value {
    ids.iter().map(|id| json!({ "arn": format!("arn:aws:ec2:eu-west-1:123456789012:subnet/{id}") })).collect()
}

/// `document` with `value` at `pointer`, whose parent must exist.
pub fn with(document: &Value, pointer: &str, value: Value) -> Value {
    let mut changed = document.clone();
    let (parent, key) = pointer.rsplit_once('/').expect("a pointer begins with a slash");
    match changed.pointer_mut(parent).unwrap_or_else(|| panic!("nothing at `{parent}`")) {
        Value::Array(items) => items[key.parse::<usize>().expect("an index")] = value,
        Value::Object(fields) => drop(fields.insert(key.replace("~1", "/"), value)),
        other => panic!("`{parent}` is {other}"),
    }
    changed
}

pub fn without(document: &Value, pointer: &str) -> Value {
    let mut changed = document.clone();
    let (parent, key) = pointer.rsplit_once('/').expect("a pointer begins with a slash");
    let fields = changed.pointer_mut(parent).and_then(Value::as_object_mut).expect("an object");
    fields.shift_remove(key).expect("a field to remove");
    changed
}

pub fn parsed(params: &Value, connections: &Value) -> Result<(Inputs, Vec<Warning>), Vec<Problem>> {
    parse(params.to_string().as_bytes(), connections.to_string().as_bytes())
}

pub fn accepted(params: &Value, connections: &Value) -> (Inputs, Vec<Warning>) {
    parsed(params, connections).unwrap_or_else(|problems| panic!("refused: {problems:#?}"))
}

/// Asserts that exactly these places are refused, each with a message and remedy that hold the words beside it.
pub fn assert_refused(params: &Value, connections: &Value, expected: &[(&str, &str)]) {
    let problems = parsed(params, connections).expect_err("the inputs were accepted");
    assert_problems(&problems, expected);
}

pub fn assert_problems(problems: &[Problem], expected: &[(&str, &str)]) {
    let found: Vec<_> = problems.iter().map(|problem| (problem.pointer.as_str(), problem.to_string())).collect();
    assert_findings(&found, expected);
}

pub fn assert_warned(warnings: &[Warning], expected: &[(&str, &str)]) {
    let found: Vec<_> = warnings.iter().map(|warning| (warning.0.pointer.as_str(), warning.to_string())).collect();
    assert_findings(&found, expected);
}

fn assert_findings(found: &[(&str, String)], expected: &[(&str, &str)]) {
    let places: Vec<&str> = found.iter().map(|(pointer, _)| *pointer).collect();
    let wanted: Vec<&str> = expected.iter().map(|(pointer, _)| *pointer).collect();
    assert_eq!(places, wanted, "{found:#?}");
    for ((_, text), (pointer, words)) in found.iter().zip(expected) {
        assert!(text.contains(words), "`{words}` is not said of {pointer}: {text}");
    }
}
