//! The life cycle of a whole cluster behind an AWS that takes its time and refuses what AWS refuses.

mod adoption;
mod certificates;
mod changes;
mod deaths;
mod guards;
mod lags;
mod nodes;
mod providers;
mod refreshes;

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::support::world::World;

/// One node group of one node, and these zones, the default one first.
fn seed(zones: &[&str]) -> Value {
    json!({ "groups": [{ "name": "general", "instance_type": "t3.medium", "min_size": 1, "max_size": 3 }], "zones": zones })
}

/// Everything that must stay what it is, by kind: ARNs and ids, instances included.
fn identities(world: &World) -> BTreeSet<String> {
    let census = world.census();
    let kinds = census.as_object().expect("a census by kind").iter();
    kinds
        .flat_map(|(kind, things)| {
            things.as_array().into_iter().flatten().flat_map(move |thing| {
                let id = ["arn", "id", "name"].iter().find_map(|key| thing[*key].as_str()).expect("an identity");
                let listeners = thing["listeners"].as_array().into_iter().flatten().filter_map(|one| one["arn"].as_str());
                [id].into_iter().chain(listeners).map(|id| format!("{kind} {id}")).collect::<Vec<_>>()
            })
        })
        .collect()
}
