//! Every folder of `tests/scenarios`: inputs and an account, and the plan that must come of them.
//!
//! `world.json` says what the account is like: `start` is `empty` or `converged`, as desired of the scenario's own params with
//! `made_for` (JSON pointer to value) put into them; `edits` names what happened since; `goal` is `provision` unless it is said.
//! `hidden` lists what cannot be read. `UPDATE_GOLDEN=1` writes the plans anew.

use super::samples::{decommission_scope, desired, inputs, scope};
use super::world::{Part, World, converged, edits, empty};
use crate::inputs::with;
use aws_ecs_cluster::report::{plan_json, plan_text};
use serde::Deserialize;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Start {
    Empty,
    Converged,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Aim {
    #[default]
    Provision,
    Decommission,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Account {
    start: Start,
    #[serde(default)]
    made_for: BTreeMap<String, Value>,
    #[serde(default)]
    edits: Vec<String>,
    #[serde(default)]
    hidden: BTreeSet<Part>,
    #[serde(default)]
    goal: Aim,
}

fn folders() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios");
    let mut found: Vec<PathBuf> = fs::read_dir(root).expect("the scenarios").map(|entry| entry.expect("an entry").path()).collect();
    found.sort();
    found
}

fn json(folder: &Path, name: &str) -> Value {
    let text = fs::read_to_string(folder.join(name)).unwrap_or_else(|error| panic!("{}/{name}: {error}", folder.display()));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}/{name}: {error}", folder.display()))
}

fn world(account: &Account, params: &Value) -> World {
    let made_for = account.made_for.iter().fold(params.clone(), |params, (pointer, value)| with(&params, pointer, value.clone()));
    let desired = desired(&inputs(&made_for));
    let mut world = match account.start {
        Start::Empty => empty(&desired.owner),
        Start::Converged => converged(&desired),
    };
    for name in &account.edits {
        edits::apply(&mut world, name);
    }
    world.hidden.extend(&account.hidden);
    world
}

/// The plan as text and as JSON.
fn planned(folder: &Path) -> [(&'static str, String); 2] {
    let params = json(folder, "params.json");
    let account: Account = serde_json::from_value(json(folder, "world.json")).expect("an account");
    let (inputs, _) = crate::inputs::accepted(&params, &json(folder, "connections.json"));
    let desired = desired(&inputs);
    let world = world(&account, &params);
    let plan = match account.goal {
        Aim::Provision => world.plan(&scope(&desired), Some(&desired)),
        Aim::Decommission => world.plan(&decommission_scope(&desired), None),
    };
    let (region, prefix) = (&inputs.identity.region, &desired.owner.name_prefix);
    let colourless = anstream::adapter::strip_str(&plan_text::text(&plan, region, prefix)).to_string();
    let json = plan_json::json(&plan, region, prefix, None).expect("a plan is JSON");
    [("plan.txt", colourless), ("plan.json", json + "\n")]
}

/// From the first line that differs, a few of both.
fn difference(expected: &str, found: &str) -> String {
    let same = expected.lines().zip(found.lines()).take_while(|(one, other)| one == other).count();
    let few = |text: &str, mark: &str| text.lines().skip(same).take(5).map(|line| format!("{mark} {line}")).collect::<Vec<_>>().join("\n");
    format!("line {}\n{}\n{}", same + 1, few(expected, "-"), few(found, "+"))
}

#[test]
fn every_scenario_gives_its_plan() {
    let update = std::env::var_os("UPDATE_GOLDEN").is_some();
    let mut wrong = Vec::new();
    for folder in folders() {
        for (name, found) in planned(&folder) {
            let golden = folder.join(name);
            if update {
                fs::write(&golden, &found).expect("a golden plan to write");
            } else {
                let expected = fs::read_to_string(&golden).unwrap_or_default();
                wrong.extend((expected != found).then(|| format!("{}:\n{}", golden.display(), difference(&expected, &found))));
            }
        }
    }
    assert!(wrong.is_empty(), "{}\nUPDATE_GOLDEN=1 writes them anew", wrong.join("\n"));
}

#[test]
fn there_are_scenarios() {
    assert!(folders().len() >= 50);
}
