//! The life cycle of a whole cluster behind an AWS that takes its time and refuses what AWS refuses.

mod adoption;
mod certificates;
mod deaths;
mod guards;
mod lags;
mod providers;

use serde_json::{Value, json};

/// One node group of one node, and these zones, the default one first.
fn seed(zones: &[&str]) -> Value {
    json!({ "groups": [{ "name": "general", "instance_type": "t3.medium", "min_size": 1, "max_size": 3 }], "zones": zones })
}
