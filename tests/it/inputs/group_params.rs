//! Node groups in the params: what is refused and what is merely remarked on.

use super::{accepted, assert_refused, assert_warned, connections, group, params, with, without};
use serde_json::{Value, json};

fn refused(changed: &Value, expected: &[(&str, &str)]) {
    assert_refused(changed, &connections(), expected);
}

fn with_group(group: Value) -> Value {
    with(&params(), "/cluster/instances/0", group)
}

#[test]
fn a_name_must_be_unique_without_regard_to_case() {
    let groups = json!([group("web", "m5.large"), group("jobs", "m5.large"), group("Web", "m5.large")]);
    refused(&with(&params(), "/cluster/instances", groups), &[("/cluster/instances/2/name", "`Web`: is the name of another group")]);
}

#[test]
fn a_name_must_be_one_that_aws_accepts() {
    for name in ["", "My Group!!", "a/b", "wéb", &"x".repeat(65)] {
        refused(&with_group(group(name, "m5.large")), &[("/cluster/instances/0/name", "use 1 to 20 lower-case letters and digits")]);
    }
}

#[test]
fn the_prefix_alone_is_no_name() {
    let bare = with_group(group("shop-prod-cluster-ab12-", "m5.large"));
    refused(&bare, &[("/cluster/instances/0/name", "is the instance's prefix with nothing after it")]);
}

#[test]
fn a_name_of_an_old_cluster_is_accepted_with_a_warning() {
    for name in ["web-nodes", "Web_1", "1web", &"x".repeat(21)] {
        let (inputs, warnings) = accepted(&with_group(group(name, "m5.large")), &connections());
        assert_eq!(inputs.cluster.groups[0].name, name);
        assert_warned(&warnings, &[("/cluster/instances/0/name", "is outside the documented form")]);
    }
}

#[test]
fn a_name_of_the_documented_form_is_accepted_without_a_warning() {
    for name in ["a", "web", "x2", &"x".repeat(20)] {
        assert_warned(&accepted(&with_group(group(name, "m5.large")), &connections()).1, &[]);
    }
}

#[test]
fn every_required_field_of_a_group_is_asked_for() {
    for field in ["name", "instance_type", "min_size", "max_size"] {
        let pointer = format!("/cluster/instances/0/{field}");
        refused(&without(&params(), &pointer), &[(&pointer, &format!("is missing\n  add `{field}`"))]);
    }
}

#[test]
fn max_size_may_not_be_below_min_size() {
    let sizes = json!({ "name": "web", "instance_type": "m5.large", "min_size": 3, "max_size": 1 });
    let text = "params.json#/cluster/instances/0/max_size `1`: is smaller than min_size `3`\n  make max_size at least 3";
    refused(&with_group(sizes), &[("/cluster/instances/0/max_size", text)]);
}

#[test]
fn an_empty_group_and_a_full_group_are_accepted() {
    for (min, max) in [(0, 0), (1000, 1000), (0, 1000)] {
        let sizes = json!({ "name": "web", "instance_type": "m5.large", "min_size": min, "max_size": max });
        let (inputs, _) = accepted(&with_group(sizes), &connections());
        assert_eq!((inputs.cluster.groups[0].min_size, inputs.cluster.groups[0].max_size), (min, max));
    }
}

#[test]
fn sizes_and_disks_have_bounds() {
    let cases = [
        ("min_size", json!(-1), "is less than 0"),
        ("max_size", json!(1001), "is more than 1000"),
        ("max_size", json!(1.5), "is not a whole number"),
        ("root_volume_gb", json!(29), "is less than 30"),
        ("root_volume_gb", json!(16385), "is more than 16384"),
        ("root_volume_gb", json!(null), "is not a whole number"),
    ];
    for (field, value, words) in cases {
        let pointer = format!("/cluster/instances/0/{field}");
        refused(&with(&params(), &pointer, value), &[(&pointer, words)]);
    }
}

#[test]
fn a_whole_number_may_be_written_with_a_fraction_of_zero() {
    let text = params().to_string().replace("\"max_size\":3", "\"max_size\":3.0").replace("\"min_size\":1", "\"min_size\":-0");
    let (inputs, _) = aws_ecs_cluster::inputs::parse(text.as_bytes(), connections().to_string().as_bytes()).expect("valid inputs");
    assert_eq!((inputs.cluster.groups[0].min_size, inputs.cluster.groups[0].max_size), (0, 3));
}

#[test]
fn an_unknown_instance_type_is_refused_with_the_nearest_ones() {
    let place = "/cluster/instances/0/instance_type";
    refused(&with_group(group("web", "m5.larg")), &[(place, "`m5.larg`: is not offered\n  did you mean `m5.large`")]);
    refused(&with_group(group("web", "x1e.32xlarge")), &[(place, "is not offered")]);
    refused(&with_group(group("web", "a mainframe of our own")), &[(place, "choose one that the form offers")]);
}

#[test]
fn types_with_a_gpu_that_no_ecs_image_drives_are_refused_with_the_reason() {
    for name in ["p2.xlarge", "p2.8xlarge", "p2.16xlarge"] {
        let words = "AWS publishes no ECS image with drivers for its GPUs\n  choose a g4dn, g5 or g6 type";
        refused(&with_group(group("ml", name)), &[("/cluster/instances/0/instance_type", words)]);
    }
}

#[test]
fn a_choice_from_a_short_list_is_refused_with_the_whole_list() {
    refused(
        &with(&params(), "/cluster/instances/0/node_refresh", json!("always")),
        &[("/cluster/instances/0/node_refresh", "`always`: is not offered\n  use `never` or `rolling`")],
    );
    refused(
        &with(&params(), "/cluster/container_insights", json!("on")),
        &[("/cluster/container_insights", "use `enhanced` or `enabled` or `disabled`")],
    );
    refused(&with(&params(), "/cluster/container_insights", json!(true)), &[("/cluster/container_insights", "is not text in quotes")]);
}

#[test]
fn the_cluster_and_its_two_sections_are_required() {
    refused(&without(&params(), "/cluster"), &[("/cluster", "is missing")]);
    refused(&with(&params(), "/cluster", json!({})), &[("/cluster/ingress", "is missing"), ("/cluster/instances", "is missing")]);
    refused(&with(&params(), "/cluster/instances", json!({})), &[("/cluster/instances", "is not a list")]);
    refused(&with(&params(), "/cluster/instances", json!(["web"])), &[("/cluster/instances/0", "`\"web\"`: is not an object")]);
}

#[test]
fn a_name_that_begins_with_the_prefix_is_the_same_as_the_rest_of_it() {
    let prefix = params()["md_metadata"]["name_prefix"].as_str().expect("a prefix").to_owned();
    let groups = json!([group("web", "m5.large"), group(&format!("{prefix}-web"), "m5.large")]);
    refused(
        &with(&params(), "/cluster/instances", groups),
        &[("/cluster/instances/1/name", "is the name of another group already, at /cluster/instances/0/name")],
    );
}
