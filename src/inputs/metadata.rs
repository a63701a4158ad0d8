//! What we read of `md_metadata`, which the platform merges into the params; the rest of it may be missing or change.

use super::problem::{Document, Problem, below};
use crate::model::tags::{NAME, OWNER};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// AWS allows 50 tags on a resource. We add `Name` and our ownership tag, and ECS its own to every Auto Scaling group.
pub const MOST_TAGS: usize = 47;

/// The characters that every AWS service accepts in tags. ECS refuses the prefix `aws:` in values as well as in keys.
const TAG_TEXT: &str = r"^(?![aA][wW][sS]:)[\p{L}\p{Z}\p{N}_.:/=+\-@]*$";

#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct Metadata {
    /// The name of everything that belongs to this instance of the bundle.
    #[schemars(length(min = 1, max = 100), regex(pattern = "^[a-z0-9]([a-z0-9-]*[a-z0-9])?$"))]
    #[schemars(extend("message" = {"pattern": "Use lower-case letters, digits and inner hyphens"}))]
    pub name_prefix: String,
    /// The tags that everything taggable carries.
    #[schemars(schema_with = "tags")]
    pub default_tags: BTreeMap<String, String>,
}

fn tags(_: &mut SchemaGenerator) -> Schema {
    let message = "Use letters, digits, spaces and _ . : / = + - @ only, and do not begin with aws:";
    json_schema!({
        "type": "object",
        "maxProperties": MOST_TAGS,
        "propertyNames": { "minLength": 1, "maxLength": 128, "pattern": TAG_TEXT, "message": { "pattern": message } },
        "additionalProperties": { "type": "string", "maxLength": 256, "pattern": TAG_TEXT, "message": { "pattern": message } }
    })
}

const TAGS: &str = "/md_metadata/default_tags";

/// Keys that differ from another, or from those that the bundle puts on everything, in case alone: IAM takes the two for one
/// (docs/aws.md, "Tags"). Most other services would take both, so that only the role would fail.
pub fn ambiguous_tags(params: &Value) -> Vec<Problem> {
    let mut seen: BTreeMap<String, &str> = [NAME, OWNER].map(|own| (own.to_lowercase(), own)).into();
    let mut problems = Vec::new();
    for key in params.pointer(TAGS).and_then(Value::as_object).into_iter().flat_map(|tags| tags.keys()) {
        let first = *seen.entry(key.to_lowercase()).or_insert(key);
        problems.extend((first != key).then(|| ambiguous(key, first)));
    }
    problems
}

fn ambiguous(key: &str, first: &str) -> Problem {
    let (message, remedy) = if [NAME, OWNER].contains(&first) {
        (
            format!("differs in case alone from `{first}`, which the bundle puts on everything, and IAM takes the two for one"),
            format!("leave it out, or write `{first}`"),
        )
    } else {
        (format!("differs in case alone from `{first}`, and IAM takes the two for one"), "keep one of the two".to_owned())
    };
    Problem::new(Document::Params, below(TAGS, key), message, remedy)
}
