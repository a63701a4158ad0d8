//! `md_metadata`: what AWS would refuse of the names and tags that the platform hands over.

use super::{accepted, assert_refused, connections, params, with, without};
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
