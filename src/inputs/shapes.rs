//! Pieces of JSON Schema that several documents share, and how a schema is made from a Rust type.

use schemars::generate::SchemaSettings;
use schemars::transform::RecursiveTransform;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::Value;

/// As the platform's resource types have it, but for the partition: theirs admits `aws` alone, AWS has others.
pub const ARN: &str = "^arn:aws(-[a-z]+)*:[a-zA-Z0-9._-]*:[a-zA-Z0-9._-]*:(?:[0-9]{12})?:[a-zA-Z0-9/:._-]+$";

/// The platform's own, leading zeros and all.
const VPC_CIDR: &str = concat!(
    r"^(?:[0-9]|[0-9]{2}|1[0-9][0-9]|2[0-4][0-9]|25[0-5])",
    r"(?:\.(?:[0-9]|[0-9]{2}|1[0-9][0-9]|2[0-4][0-9]|25[0-5])){3}",
    r"(?:/(?:[0-9]|1[0-9]|2[0-9]|3[0-2]))$"
);

/// The draft-07 schema of `T`, written out in one piece, since the form's renderer follows no references.
#[must_use]
pub fn schema_of<T: JsonSchema>() -> Schema {
    let settings = SchemaSettings::draft07().with(|settings| {
        settings.inline_subschemas = true;
        settings.meta_schema = None;
    });
    let mut generator = settings.with_transform(RecursiveTransform(tidy)).into_generator();
    let mut schema = generator.root_schema_for::<T>();
    // schemars titles a root schema with the name of its Rust type, which says nothing to a reader of the form.
    if schema.get("title").and_then(Value::as_str) == Some(&*T::schema_name()) {
        schema.remove("title");
    }
    schema
}

pub fn arn(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "string",
        "pattern": ARN,
        "message": { "pattern": "Use an Amazon Resource Name: arn:partition:service:region:account:resource" }
    })
}

pub fn vpc_cidr(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "string",
        "pattern": VPC_CIDR,
        "message": { "pattern": "Use an IPv4 range in CIDR notation, such as 10.0.0.0/16" }
    })
}

/// Drops `uint32` and its like, which no validator of the form knows, and the line breaks of doc comments.
fn tidy(schema: &mut Schema) {
    schema.remove("format");
    let Some(text) = schema.get("description").and_then(Value::as_str) else { return };
    let flowing = text.replace('\n', " ");
    schema.insert("description".to_owned(), flowing.into());
}
