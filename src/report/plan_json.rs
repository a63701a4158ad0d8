//! A plan as programs read it. The format is versioned: fields are added, never changed.

use crate::model::address::Address;
use crate::plan::adoption::Adoption;
use crate::plan::{Change, ChangeAction, Goal, Plan, Refusal};
use crate::policy::Verdict;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeSet;

const FORMAT_VERSION: &str = "1.0";

/// A plan. Kinds are CloudFormation's type names.
#[derive(Serialize, JsonSchema)]
pub struct PlanView<'a> {
    format_version: &'static str,
    action: Goal,
    name_prefix: &'a str,
    region: &'a str,
    changes: Vec<ChangeView<'a>>,
    summary: Summary,
    warnings: &'a [String],
    refusals: &'a [Refusal],
    /// What every policy rule says; left out where they are not asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    policy: Option<&'a [Verdict]>,
}

#[derive(Serialize, JsonSchema)]
struct ChangeView<'a> {
    address: &'a Address,
    kind: &'static str,
    name: &'a str,
    action: ChangeAction,
    fields: &'a [crate::plan::FieldChange],
    /// Whether running apps may notice.
    disruptive: bool,
    reason: &'a str,
    /// Only in a plan that takes over what the OpenTofu bundle made.
    #[serde(skip_serializing_if = "Option::is_none")]
    adoption: Option<Adoption>,
    /// The resources of which something has to be done first. Two may need each other, one step of this before one step of that: the order is
    /// told by the event `executing`.
    depends_on: &'a BTreeSet<Address>,
}

#[derive(Serialize, JsonSchema)]
struct Summary {
    create: usize,
    update: usize,
    replace: usize,
    delete: usize,
    none: usize,
    wait: usize,
    unknown: usize,
}

/// The plan as pretty-printed JSON, with what the policy rules say of it where they are asked.
pub fn json(plan: &Plan, region: &str, name_prefix: &str, policy: Option<&[Verdict]>) -> serde_json::Result<String> {
    serde_json::to_string_pretty(&PlanView {
        format_version: FORMAT_VERSION,
        action: plan.goal,
        name_prefix,
        region,
        changes: plan.changes.iter().map(change).collect(),
        summary: Summary {
            create: plan.count(ChangeAction::Create),
            update: plan.count(ChangeAction::Update),
            replace: plan.count(ChangeAction::Replace),
            delete: plan.count(ChangeAction::Delete),
            none: plan.count(ChangeAction::None),
            wait: plan.count(ChangeAction::Wait),
            unknown: plan.count(ChangeAction::Unknown),
        },
        warnings: &plan.warnings,
        refusals: &plan.refusals,
        policy,
    })
}

fn change(change: &Change) -> ChangeView<'_> {
    ChangeView {
        address: &change.address,
        kind: change.address.kind.type_name(),
        name: &change.address.name,
        action: change.action,
        fields: &change.fields,
        disruptive: change.disruptive,
        reason: &change.reason,
        adoption: change.adoption,
        depends_on: &change.depends_on,
    }
}
