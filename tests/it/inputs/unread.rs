//! Fields of the params that nothing reads: a slip of the pen must not go unnoticed, nor stop a run.

use super::{accepted, assert_warned, connections, group, open_params, params, with};
use serde_json::{Value, json};

fn warned(changed: &Value, expected: &[(&str, &str)]) {
    assert_warned(&accepted(changed, &connections()).1, expected);
}

#[test]
fn a_misspelt_field_is_named_with_the_one_that_was_meant() {
    let place = "/cluster/ingress/allowed_cidr";
    for params in [open_params(), params()] {
        let expected = "is no field of this bundle, and is not read\n  did you mean `allowed_cidrs`?";
        warned(&with(&params, place, json!(["203.0.113.0/24"])), &[(place, expected)]);
    }
    let mut slipped = group("web", "m5.large");
    slipped["minsize"] = json!(2);
    warned(&with(&params(), "/cluster/instances/0", slipped), &[("/cluster/instances/0/minsize", "did you mean `min_size`")]);
    warned(&with(&params(), "/cluster/container_insight", json!("enabled")), &[("/cluster/container_insight", "`container_insights`?")]);
}

#[test]
fn a_field_like_no_other_is_named_too() {
    warned(&with(&params(), "/cluster/colour", json!({ "of": "hair" })), &[("/cluster/colour", "remove it, or correct its name")]);
}

#[test]
fn a_field_of_the_opentofu_bundle_that_is_gone_is_told_as_such() {
    let place = "/cluster/ingress/dns_records";
    warned(&with(&open_params(), place, json!(["*.example.com"])), &[(place, "was a field of the OpenTofu bundle")]);
}

#[test]
fn what_the_platform_adds_is_no_concern_of_ours() {
    let with_more = with(&with(&params(), "/other", json!({ "key": 1 })), "/md_metadata/observability", json!({ "alarm": "x" }));
    warned(&with_more, &[]);
}
