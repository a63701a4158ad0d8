//! The bundle's generated files: the four schemas that are published with it, and the params in its manifest.

use super::artifact::Artifact;
use super::connections::Connections;
use super::metadata::Metadata;
use super::params::Params;
use super::shapes::schema_of;
use serde::{Deserialize, Serialize};
use serde_json::ser::PrettyFormatter;
use serde_json::{Map, Serializer, Value, json};
use std::collections::BTreeMap;
use thiserror::Error;

const PARAMS_KEY: &str = "params:";

#[derive(Debug, Error)]
pub enum SchemaError {
    #[error(
        "massdriver.yaml does not hold what the schema files are made from: {0}\nit has to be YAML with `schema`, `name`, `description` and `ui`"
    )]
    Manifest(serde_norway::Error),
    #[error("massdriver.yaml has no top-level `params:`\nadd the line `params:`, the rest is generated")]
    NoParams,
    #[error("the params cannot be written as YAML")]
    Yaml(#[source] serde_norway::Error),
    #[error("`{file}` cannot be written as JSON")]
    Json { file: &'static str, source: serde_json::Error },
}

/// The parts of massdriver.yaml that end up in the schema files.
#[derive(Debug, Deserialize)]
struct Manifest {
    schema: String,
    name: String,
    description: String,
    ui: Value,
}

/// The schema of `params.json`, but for the metadata that the platform adds. The form is drawn from it.
#[must_use]
pub fn params_schema() -> Value {
    let mut generated = schema_of::<Params>();
    let mut take = |key: &str| (key.to_owned(), generated.remove(key).unwrap_or_default());
    Value::Object(Map::from_iter([take("examples"), take("required"), take("properties")]))
}

/// The schema of `connections.json`.
#[must_use]
pub fn connections_schema() -> Value {
    let mut generated = schema_of::<Connections>();
    let mut take = |key: &str| (key.to_owned(), generated.remove(key).unwrap_or_default());
    Value::Object(Map::from_iter([take("required"), take("properties")]))
}

/// The schema of the cluster artifact.
#[must_use]
pub fn artifact_schema() -> Value {
    schema_of::<Artifact>().to_value()
}

/// The schema of `params.json`'s `md_metadata`, which is the platform's and not part of the form.
#[must_use]
pub fn metadata_schema() -> Value {
    schema_of::<Metadata>().to_value()
}

/// Every generated schema file by name, byte for byte what `mass bundle build` would write beside this massdriver.yaml.
pub fn files(manifest: &str) -> Result<BTreeMap<&'static str, String>, SchemaError> {
    let manifest: Manifest = serde_norway::from_str(manifest).map_err(SchemaError::Manifest)?;
    let artifacts = json!({ "required": ["cluster"], "properties": { "cluster": artifact_schema() } });
    let schemas = [
        ("schema-params.json", manifest.headed("params", with_boolean_defaults(params_schema()))),
        ("schema-connections.json", manifest.headed("connections", connections_schema())),
        ("schema-artifacts.json", manifest.headed("artifacts", artifacts)),
        ("schema-ui.json", manifest.ui.clone()),
    ];
    schemas.into_iter().map(|(file, schema)| Ok((file, written(file, schema)?))).collect()
}

/// `current`, the text of massdriver.yaml, with its params generated anew and every other byte as it was.
pub fn rewrite_manifest(current: &str) -> Result<String, SchemaError> {
    let (before, after) = around_params(current).ok_or(SchemaError::NoParams)?;
    let params = serde_norway::to_string(&json!({ "params": params_schema() })).map_err(SchemaError::Yaml)?;
    Ok(format!("{before}{params}{after}"))
}

impl Manifest {
    fn headed(&self, kind: &str, mut schema: Value) -> Value {
        let id = format!("https://schemas.massdriver.cloud/schemas/bundles/{}/schema-{kind}.json", self.name);
        schema["$schema"] = format!("http://json-schema.org/{}/schema", self.schema).into();
        schema["$id"] = id.into();
        schema["title"] = self.name.clone().into();
        schema["description"] = self.description.clone().into();
        schema
    }
}

/// `mass` gives every boolean a default, as the form's renderer otherwise leaves an unticked box undefined. Like it, we do not enter lists.
fn with_boolean_defaults(mut schema: Value) -> Value {
    let Some(object) = schema.as_object_mut() else { return schema };
    if object.get("type").and_then(Value::as_str) == Some("boolean") {
        object.entry("default").or_insert(Value::Bool(false));
    }
    for value in object.values_mut() {
        *value = with_boolean_defaults(value.take());
    }
    schema
}

/// As Go's `encoding/json` writes it: keys sorted, four spaces, and the characters that HTML knows escaped.
fn written(file: &'static str, mut schema: Value) -> Result<String, SchemaError> {
    schema.sort_all_objects();
    let mut bytes = Vec::new();
    let mut serializer = Serializer::with_formatter(&mut bytes, PrettyFormatter::with_indent(b"    "));
    schema.serialize(&mut serializer).map_err(|source| SchemaError::Json { file, source })?;
    let text = String::from_utf8_lossy(&bytes).replace('&', r"\u0026").replace('<', r"\u003c").replace('>', r"\u003e");
    Ok(format!("{text}\n"))
}

/// What stands before the line `params:` and after the last line that is indented below it.
fn around_params(manifest: &str) -> Option<(&str, &str)> {
    let mut start = None;
    let mut end = 0;
    let mut offset = 0;
    for line in manifest.split_inclusive('\n') {
        let begins = line.starts_with(PARAMS_KEY);
        if start.is_none() && begins {
            start = Some(offset);
        }
        offset += line.len();
        if start.is_some() && (begins || is_indented(line)) {
            end = offset;
        } else if start.is_some() && is_key(line) {
            break;
        }
    }
    start.map(|start| (&manifest[..start], &manifest[end..]))
}

fn is_indented(line: &str) -> bool {
    line.starts_with(' ') && !line.trim().is_empty()
}

fn is_key(line: &str) -> bool {
    !line.starts_with('#') && !line.trim().is_empty()
}
