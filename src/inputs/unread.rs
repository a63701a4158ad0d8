//! Fields under `/cluster` that nothing reads: slips of the pen, and what the OpenTofu bundle knew. They are no errors, since old instances carry such.

use super::problem::{Document, Problem, below};
use super::{params_schema, suggest};
use serde_json::Value;

const CLUSTER: &str = "/cluster";
/// A field of old versions of the OpenTofu bundle.
const GONE: &str = "/cluster/ingress/dns_records";

/// Each of them, in the order in which they stand.
pub fn problems(params: &Value) -> Vec<Problem> {
    let mut found = Vec::new();
    search(&params_schema()["properties"]["cluster"], &params["cluster"], CLUSTER, &mut found);
    found
}

fn search(schema: &Value, value: &Value, pointer: &str, found: &mut Vec<Problem>) {
    for (index, item) in value.as_array().into_iter().flatten().enumerate() {
        search(&schema["items"], item, &below(pointer, &index.to_string()), found);
    }
    let known = fields(schema);
    for (name, inner) in value.as_object().into_iter().flatten() {
        let place = below(pointer, name);
        match known.iter().find(|(field, _)| field == name) {
            Some((_, schema)) => search(schema, inner, &place, found),
            None => found.push(unread(place, name, &known)),
        }
    }
}

/// The fields of an object with their schemas, those that a switch in it brings with it included.
fn fields(schema: &Value) -> Vec<(&str, &Value)> {
    let switches = schema["dependencies"].as_object().into_iter().flat_map(serde_json::Map::values);
    let branches = switches.filter_map(|switch| switch["oneOf"].as_array()).flatten();
    let mut all: Vec<(&str, &Value)> = Vec::new();
    for (name, inner) in std::iter::once(schema).chain(branches).filter_map(|one| one["properties"].as_object()).flatten() {
        if !all.iter().any(|(known, _)| known == name) {
            all.push((name, inner));
        }
    }
    all
}

fn unread(place: String, name: &str, known: &[(&str, &Value)]) -> Problem {
    if place == GONE {
        return problem(place, "was a field of the OpenTofu bundle, and is not read any more", "remove it; apps make their own records");
    }
    let names: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
    let remedy = suggest::slip(name, &names).unwrap_or_else(|| "remove it, or correct its name".to_owned());
    problem(place, "is no field of this bundle, and is not read", remedy)
}

fn problem(place: String, message: &str, remedy: impl Into<String>) -> Problem {
    Problem::new(Document::Params, place, message, remedy)
}
