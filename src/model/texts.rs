//! Texts that AWS writes in a way of its own, read and written by hand: trust policies, the names of DNS records, and user data.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

const ESCAPED_STAR: &str = "\\052";
/// The type of principal that services are.
const SERVICE: &str = "Service";

/// Whom a role's trust policy allows: services as they are, all others after the type of principal, such as `AWS: arn:aws:iam::123456789012:root`.
/// IAM returns the document URL-encoded, and with one principal as a string instead of a list.
#[must_use]
pub fn trusted_principals(document: &str) -> BTreeSet<String> {
    let text = percent_decode_str(document).decode_utf8_lossy();
    let policy: Value = serde_json::from_str(&text).unwrap_or_default();
    let statements = policy.get("Statement").map_or(&[][..], one_or_many);
    let allowed = statements.iter().filter(|statement| statement.get("Effect").and_then(Value::as_str) == Some("Allow"));
    allowed
        .flat_map(|statement| [principals(&statement["Principal"], ""), principals(&statement["NotPrincipal"], "not ")])
        .flatten()
        .collect()
}

/// Everyone is `"*"`; others are lists by their type.
fn principals(named: &Value, not: &str) -> Vec<String> {
    let Value::Object(types) = named else {
        return named.as_str().map(|everyone| format!("{not}{everyone}")).into_iter().collect();
    };
    let each = types.iter().flat_map(|(kind, names)| one_or_many(names).iter().filter_map(move |name| Some((kind, name.as_str()?))));
    each.map(|(kind, name)| if kind == SERVICE { format!("{not}{name}") } else { format!("{not}{kind}: {name}") }).collect()
}

/// A trust policy that allows these, as [`trusted_principals`] writes them.
#[must_use]
pub fn trust_policy(principals: &BTreeSet<String>) -> String {
    let mut by_type: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for principal in principals {
        let typed = principal.split_once(": ").filter(|(kind, _)| *kind != SERVICE);
        let (kind, name) = typed.unwrap_or((SERVICE, principal));
        by_type.entry(kind).or_default().push(name);
    }
    json!({
        "Version": "2012-10-17",
        "Statement": [{ "Effect": "Allow", "Principal": by_type, "Action": "sts:AssumeRole" }],
    })
    .to_string()
}

/// The name of a DNS record as people write it: lower case, no final dot, `*` as it is.
#[must_use]
pub fn plain_name(name: &str) -> String {
    name.trim_end_matches('.').to_ascii_lowercase().replace(ESCAPED_STAR, "*")
}

/// What a launch template says in Base64; nothing where it is not that.
#[must_use]
pub fn user_data(encoded: &str) -> String {
    STANDARD.decode(encoded).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
}

fn one_or_many(value: &Value) -> &[Value] {
    if let Value::Array(values) = value { values } else { std::slice::from_ref(value) }
}
