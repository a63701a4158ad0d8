//! What stands in an account, with everything that AWS made up masked, so that two accounts can be compared.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::support::world::World;

/// How a launch template got to its content, and what was launched before that, tell how things came about; how many machines
/// have joined the cluster is their agents' doing.
const HISTORY: [&str; 6] =
    ["default_version", "latest_version", "launch_template_version", "aws:ec2launchtemplate:version", "instance_type", "image"];
const AGENTS: &str = "nodes";
/// A certificate that was one of several on a listener before it became the default one stands there twice from then on, which AWS lets nobody
/// change.
const TWICE: &str = "certificates";

/// What stands in an account.
pub struct Standing {
    pub all: String,
    /// Without what tells how it came about.
    pub without_history: String,
    /// By Auto Scaling group, the type and the image of what it launches.
    pub launches: BTreeMap<String, String>,
    /// The most versions that a launch template has ever had.
    pub versions: u64,
}

/// The census and what is published, with resources' ids replaced by their names, other ids left out, and every list sorted.
#[track_caller]
pub fn standing(world: &World) -> Standing {
    let mut census = world.census();
    census["published"] = json!(world.published());
    let mut names = BTreeMap::from([(world.account.clone(), "ACCOUNT".to_owned())]);
    for things in census.as_object().into_iter().flat_map(|kinds| kinds.values()) {
        for thing in things.as_array().into_iter().flatten() {
            let name = thing["name"].as_str().filter(|name| !is_id(name)).unwrap_or("#");
            let own = [&thing["arn"], &thing["id"]].into_iter().filter_map(Value::as_str).flat_map(words);
            let ids = own.filter(|word| is_id(word) && *word != world.account);
            names.extend(ids.map(|word| (word.to_owned(), format!("<{name}>"))));
        }
    }
    let mask = |without: &[&str]| format!("{:#}", masked(&census, &names, without));
    let history: Vec<&str> = HISTORY.into_iter().chain([AGENTS]).collect();
    let templates = census["launch_templates"].as_array().cloned().unwrap_or_default();
    let versions = templates.iter().filter_map(|template| template["latest_version"].as_u64()).max().unwrap_or_default();
    let groups = census["auto_scaling_groups"].as_array().into_iter().flatten();
    let launches = groups.map(|group| launches(world, group)).collect();
    Standing { all: mask(&[AGENTS]), without_history: mask(&history), launches, versions }
}

/// The group's name, and what it launches.
#[track_caller]
fn launches(world: &World, group: &Value) -> (String, String) {
    let asked = json!({ "LaunchTemplateName": group["launch_template"], "Versions": [group["launch_template_version"]] });
    let content = world.aws("ec2", "describe_launch_template_versions", asked)["LaunchTemplateVersions"][0]["LaunchTemplateData"].take();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    (text(&group["name"]), format!("{} {}", text(&content["InstanceType"]), text(&content["ImageId"])))
}

#[track_caller]
pub fn assert_same(found: &str, wanted: &str) {
    let lines = |one: &str, other: &str| {
        let other: Vec<&str> = other.lines().collect();
        let only: Vec<&str> = one.lines().filter(|line| !other.contains(line)).collect();
        only.join("\n")
    };
    assert!(
        found == wanted,
        "not what a clean run leaves\nonly here:\n{}\nonly there:\n{}\nall of it here:\n{found}",
        lines(found, wanted),
        lines(wanted, found)
    );
}

fn masked(value: &Value, names: &BTreeMap<String, String>, without: &[&str]) -> Value {
    match value {
        Value::String(text) => Value::String(masked_text(text, names)),
        Value::Array(list) => {
            let mut list: Vec<Value> = list.iter().map(|one| masked(one, names, without)).collect();
            list.sort_by_key(Value::to_string);
            Value::Array(list)
        }
        Value::Object(fields) => {
            let told = fields.iter().filter(|(key, _)| !without.contains(&key.as_str()));
            let told = told.map(|(key, value)| (masked_text(key, names), masked(value, names, without)));
            Value::Object(told.map(|(key, value)| if without.contains(&HISTORY[0]) { once(key, value) } else { (key, value) }).collect())
        }
        other => other.clone(),
    }
}

/// The ARNs of a listener's certificates without repeats.
fn once(key: String, mut value: Value) -> (String, Value) {
    if let Some(list) = value.as_array_mut().filter(|list| key == TWICE && list.iter().all(Value::is_string)) {
        list.dedup();
    }
    (key, value)
}

/// The text without what AWS made up.
pub fn without_ids(text: &str) -> String {
    masked_text(text, &BTreeMap::new())
}

fn masked_text(text: &str, names: &BTreeMap<String, String>) -> String {
    let mut masked = text.to_owned();
    for word in words(text) {
        let name = names.get(word).cloned().or_else(|| is_id(word).then(|| "#".to_owned()));
        masked = name.map_or(masked.clone(), |name| masked.replace(word, &name));
    }
    masked
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '-').filter(|word| !word.is_empty())
}

/// Whether AWS made this up: hexadecimal digits, after a prefix such as `sg-` or in groups.
fn is_id(word: &str) -> bool {
    let (prefix, rest) = word.split_once('-').unwrap_or(("", word));
    let digits = if ["i", "sg", "lt", "vpc", "subnet", "ami"].contains(&prefix) { rest } else { word };
    let hex = digits.bytes().all(|byte| byte == b'-' || byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
    hex && digits.len() >= 12 && digits.bytes().any(|byte| byte.is_ascii_digit())
}

#[test]
fn what_aws_made_up_is_known_by_its_form() {
    for id in ["sg-0c2f4bd9f0cdd1a77", "i-0123456789abcdef0", "3b7e463a6222cf90", "123e4567-e89b-42d3-a456-426614174000"] {
        assert!(is_id(id), "{id}");
    }
    for name in ["demo-dev-ecs-ab12", "t3", "2026-01-01", "arn", "sg-facade", "ELBSecurityPolicy-TLS13-1-2"] {
        assert!(!is_id(name), "{name}");
    }
}
