//! What we read of `md_metadata`, which the platform merges into the params; the rest of it may be missing or change.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
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
