//! Small differences, one at a time, over an account that is otherwise as desired.

mod certificates;
mod ingress;
mod nodes;
mod roles;
mod scaling;
mod security_groups;
mod unmaking;

use super::samples::{decommission_scope, desired, full_params, inputs, scope};
use super::world::{World, converged, edits};
use crate::inputs::{group, with};
use aws_ecs_cluster::plan::desired::Desired;
use aws_ecs_cluster::plan::{ChangeAction, Plan};
use serde_json::{Value, json};

/// One group, two zones.
fn wanted() -> Desired {
    desired(&inputs(&with(&full_params(), "/cluster/instances", json!([group("web", "m5.large")]))))
}

/// What a provision would do after these edits.
fn after(edits: &[&str]) -> String {
    changed(|world| {
        for name in edits {
            edits::apply(world, name);
        }
    })
}

/// What a provision would do after a change of the account.
fn changed(change: impl FnOnce(&mut World)) -> String {
    let desired = wanted();
    let mut world = converged(&desired);
    change(&mut world);
    told(&world.plan(&scope(&desired), Some(&desired)))
}

/// What a decommission would do after these edits.
fn unmade(edits: &[&str]) -> Plan {
    let desired = wanted();
    let mut world = converged(&desired);
    for name in edits {
        edits::apply(&mut world, name);
    }
    world.plan(&decommission_scope(&desired), None)
}

/// Every change with its fields, then every operation with those before it; the prefix is left out of the names.
fn told(plan: &Plan) -> String {
    let mut lines = Vec::new();
    for change in plan.changes.iter().filter(|change| change.action != ChangeAction::None) {
        let disruptive = if change.disruptive { ", disruptive" } else { "" };
        lines.push(format!("{:?} {}{disruptive}", change.action, change.address));
        lines.extend(change.fields.iter().map(|field| format!("  {}: {} -> {}", field.path, short(&field.old), short(&field.new))));
    }
    for (id, operation) in plan.operations.iter().enumerate() {
        lines.push(format!("{id}. {} {} after {:?}", operation.action.operation(), operation.address.name, operation.after));
    }
    lines.extend(plan.warnings.iter().map(|warning| format!("warning: {warning}")));
    lines.extend(plan.refusals.iter().map(|refusal| format!("refused {}: {}", refusal.address, refusal.reason)));
    lines.join("\n").replace("shop-prod-cluster-ab12", "P").replace("arn:aws:acm:eu-west-1:123456789012:certificate/", "")
}

fn short(value: &Value) -> String {
    let whole = value.to_string();
    if whole.len() > 90 { format!("{}…", &whole[..90]) } else { whole }
}
