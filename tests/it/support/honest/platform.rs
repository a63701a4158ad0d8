//! The platform's API: what is published under which name, until it is taken back.

use std::collections::BTreeMap;
use std::sync::Mutex;

use serde_json::{Value, json};

use super::{Ask, locked, text};
use crate::support::call::Reply;

#[derive(Default)]
pub struct Platform(Mutex<BTreeMap<String, Value>>);

impl Platform {
    pub fn answer(&self, ask: Ask<'_>) -> Reply {
        let mut published = locked(&self.0);
        match (ask.call.method.as_str(), ask.call.target.strip_prefix("/v1/resources/")) {
            ("POST", None) => {
                let sent = ask.call.json();
                published.insert(text(&sent["field"]).to_owned(), sent["payload"].clone());
                Reply::json(201, &json!({}))
            }
            ("DELETE", Some(id)) => match published.remove(id.rsplit('-').next().unwrap_or_default()) {
                Some(_) => Reply::json(200, &json!({})),
                None => Reply::json(404, &json!({ "error": "not found" })),
            },
            _ => ask.forward(),
        }
    }

    /// What is published under the bundle's name for the artifact.
    pub fn published(&self, field: &str) -> Option<Value> {
        locked(&self.0).get(field).cloned()
    }
}
