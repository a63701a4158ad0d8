//! From the platform's files to what the cluster shall be: everything that can be known to be wrong without AWS is found here, at once.

pub mod artifact;
pub mod connections;
mod connections_checks;
mod document;
pub mod facts_check;
pub mod metadata;
pub mod params;
mod params_checks;
pub mod problem;
mod resolve;
mod resolved;
pub mod schema;
mod shapes;
mod suggest;
mod unread;
mod violations;

pub use artifact::{Artifact, check_artifact};
pub use document::{MOST_BYTES, read as read_document};
pub use facts_check::{alb_subnets, check_facts, unread_foundations};
pub use params::{ContainerInsights, NodeRefresh};
pub use problem::{Document, Problem, Warning};
pub use resolved::{ClusterInputs, Identity, Ingress, Inputs, Network, NodeGroup, RoleToAssume};
pub use schema::{SchemaError, artifact_schema, connections_schema, files, params_schema, rewrite_manifest};
pub use suggest::remedy as choose;

use connections_checks::Needs;
use serde_json::{Value, json};

/// The problems that are told at once; nobody reads more.
const MOST_PROBLEMS: usize = 200;

/// Reads `params.json` and `connections.json`. On failure every problem of both, sorted by document and pointer.
pub fn parse(params: &[u8], connections: &[u8]) -> Result<(Inputs, Vec<Warning>), Vec<Problem>> {
    let params = document::read(Document::Params, params);
    let connections = document::read(Document::Connections, connections);
    let mut problems = found_in(&params, |params| [metadata_problems(params), params_problems(params)].concat());
    let needs = params.as_ref().map_or(Needs::default(), Needs::of);
    problems.extend(found_in(&connections, |connections| connections_problems(connections, needs)));
    let (Ok(params), Ok(connections), true) = (params, connections, problems.is_empty()) else {
        return Err(in_order(problems));
    };
    let inputs = resolve::inputs(&params, connections).map_err(|problem| vec![problem])?;
    Ok((inputs, params_checks::warnings(&params)))
}

/// Reads only what deleting a cluster takes. What has become invalid of the rest, the cluster's section, the tags or the subnets, must not keep
/// anybody from getting rid of the cluster: the identity has no tags and no subnets, and the VPC's connection as it came.
pub fn parse_for_decommission(params: &[u8], connections: &[u8]) -> Result<Identity, Vec<Problem>> {
    let params = document::read(Document::Params, params).map(|params| emptied(params, "/md_metadata", "default_tags", json!({})));
    let whole = document::read(Document::Connections, connections);
    let connections = whole.clone().map(|connections| {
        let subnets = ["public_subnets", "private_subnets"];
        subnets.into_iter().fold(connections, |connections, list| emptied(connections, connections_checks::INFRASTRUCTURE, list, json!([])))
    });
    let mut problems = found_in(&params, metadata_problems);
    problems.extend(found_in(&connections, |connections| connections_problems(connections, Needs::default())));
    let (Ok(params), Ok(connections), Ok(mut whole), true) = (params, connections, whole, problems.is_empty()) else {
        return Err(in_order(problems));
    };
    let mut identity = resolve::identity(&params, connections).map_err(|problem| vec![problem])?;
    identity.vpc.connection = whole["vpc"].take();
    Ok(identity)
}

/// The document with one field of one of its objects empty, if it has that object.
fn emptied(mut document: Value, object: &str, field: &str, empty: Value) -> Value {
    if let Some(object) = document.pointer_mut(object).and_then(Value::as_object_mut) {
        object.insert(field.to_owned(), empty);
    }
    document
}

fn found_in(document: &Result<Value, Vec<Problem>>, check: impl FnOnce(&Value) -> Vec<Problem>) -> Vec<Problem> {
    document.as_ref().map_or_else(Clone::clone, check)
}

fn metadata_problems(params: &Value) -> Vec<Problem> {
    let schema = json!({ "required": ["md_metadata"], "properties": { "md_metadata": schema::metadata_schema() } });
    violations::find(Document::Params, &schema, params)
}

fn params_problems(params: &Value) -> Vec<Problem> {
    let mut problems = violations::find(Document::Params, &params_schema(), params);
    problems.extend(params_checks::problems(params));
    problems.extend(metadata::ambiguous_tags(params));
    problems
}

fn connections_problems(connections: &Value, needs: Needs) -> Vec<Problem> {
    let mut problems = violations::find(Document::Connections, &connections_schema(), connections);
    problems.extend(connections_checks::problems(connections, needs));
    problems
}

fn in_order(mut problems: Vec<Problem>) -> Vec<Problem> {
    problems.sort();
    problems.dedup();
    if problems.len() > MOST_PROBLEMS {
        let more = problems.len() - MOST_PROBLEMS;
        problems.truncate(MOST_PROBLEMS);
        let last = problems.last().map_or(Document::Params, |problem| problem.document);
        problems.push(Problem::new(last, "", format!("has further problems: {more}"), "correct these first"));
        problems.sort();
    }
    problems
}
