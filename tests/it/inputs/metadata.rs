//! `md_metadata`: what AWS would refuse of the names and tags that the platform hands over.

use super::{accepted, assert_refused, connections, params, with, without};
use aws_ecs_cluster::inputs::parse_for_decommission;
use serde_json::{Value, json};

const PREFIX: &str = "/md_metadata/name_prefix";
const TAGS: &str = "/md_metadata/default_tags";

fn refused(changed: &Value, expected: &[(&str, &str)]) {
    assert_refused(changed, &connections(), expected);
}

fn tagged(key: &str, value: &str) -> Value {
    with(&params(), TAGS, json!({ key: value }))
}

#[test]
fn name_prefix_and_default_tags_are_all_that_is_required() {
    let bare = json!({ "name_prefix": "shop", "default_tags": {} });
    accepted(&with(&params(), "/md_metadata", bare), &connections());
    refused(&without(&params(), "/md_metadata"), &[("/md_metadata", "run with the params.json that the platform writes")]);
    refused(&with(&params(), "/md_metadata", json!({})), &[(TAGS, "is missing"), (PREFIX, "is missing")]);
}

#[test]
fn a_name_prefix_must_be_one_that_aws_accepts() {
    for prefix in ["-shop", "shop-", "Shop", "shop_prod", "shop prod", "shöp"] {
        refused(&with(&params(), PREFIX, json!(prefix)), &[(PREFIX, "use lower-case letters, digits and inner hyphens")]);
    }
    refused(&with(&params(), PREFIX, json!("x".repeat(101))), &[(PREFIX, "is too long\n  use at most 100 characters")]);
    refused(&with(&params(), PREFIX, json!(7)), &[(PREFIX, "is not text in quotes")]);
}

#[test]
fn name_prefixes_that_aws_accepts_are_accepted() {
    for prefix in ["a", "7", "ecs-prod-main-ab12", &"x".repeat(100)] {
        assert_eq!(accepted(&with(&params(), PREFIX, json!(prefix)), &connections()).0.identity.owner.name_prefix, prefix);
    }
}

#[test]
fn a_tag_key_must_be_one_that_aws_accepts() {
    let place = |key: &str| format!("{TAGS}/{key}");
    refused(&tagged("a,b", "x"), &[(&place("a,b"), "has a key that does not have the form")]);
    refused(&tagged("AwS:x", "x"), &[(&place("AwS:x"), "do not begin with aws:")]);
    refused(&tagged("a/b?", "x"), &[(&place("a~1b?"), "has a key")]);
    refused(&tagged(&"k".repeat(129), "x"), &[(&place(&"k".repeat(129)), "is too long")]);
    refused(&tagged("", "x"), &[(&place(""), "is empty")]);
}

#[test]
fn a_tag_value_must_be_one_that_aws_accepts() {
    for (value, words) in [("a\tb", "use letters, digits, spaces"), ("50%", "use letters"), ("Aws:x", "do not begin with aws:")] {
        refused(&tagged("key", value), &[(&format!("{TAGS}/key"), words)]);
    }
    refused(&tagged("key", &"v".repeat(257)), &[(&format!("{TAGS}/key"), "use at most 256 characters")]);
    refused(&with(&params(), TAGS, json!({ "key": true })), &[(&format!("{TAGS}/key"), "`true`: is not text in quotes")]);
}

#[test]
fn tags_that_aws_accepts_are_accepted() {
    for (key, value) in [("Größe 3", "日本 = _.:/+-@"), ("key", ""), (&"k".repeat(128), &"v".repeat(256)), ("awsome", "law:s")] {
        assert_eq!(accepted(&tagged(key, value), &connections()).0.identity.default_tags.value(key), Some(value));
    }
}

#[test]
fn tags_leave_room_for_those_that_we_and_aws_add() {
    let many = |count: usize| Value::Object((0..count).map(|index| (format!("k{index}"), json!("v"))).collect());
    accepted(&with(&params(), TAGS, many(47)), &connections());
    refused(&with(&params(), TAGS, many(48)), &[(TAGS, "has too many entries\n  leave at most 47")]);
}

#[test]
fn tag_keys_must_differ_in_more_than_case_since_iam_takes_them_for_one() {
    let tags = json!({ "Team": "a", "team": "b", "TEAM": "c", "Owner": "d" });
    let same = "differs in case alone from `Team`, and IAM takes the two for one\n  keep one of the two";
    let places = ["TEAM", "team"].map(|key| format!("{TAGS}/{key}"));
    refused(&with(&params(), TAGS, tags), &[(&places[0], same), (&places[1], same)]);
    refused(
        &tagged("name", "x"),
        &[(&format!("{TAGS}/name"), "which the bundle puts on everything, and IAM takes the two for one\n  leave it out, or write `Name`")],
    );
    refused(&tagged("MD-name-prefix", "x"), &[(&format!("{TAGS}/MD-name-prefix"), "differs in case alone from `md-name-prefix`")]);
    accepted(&with(&params(), TAGS, json!({ "Name": "x", "md-name-prefix": "y" })), &connections());
}

#[test]
fn tags_that_iam_would_not_take_keep_nobody_from_a_decommission() {
    let params = tagged("name", "x").to_string();
    parse_for_decommission(params.as_bytes(), connections().to_string().as_bytes()).expect("an identity");
}
