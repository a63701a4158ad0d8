//! The pure heart: what is desired and what is observed become a plan, a graph of operations that leaves the executor no choice.

pub mod action;
mod action_facts;
pub mod adoption;
mod auto_scaling_group;
mod capacity_provider;
pub(crate) use cluster_capacity_providers::{kept_providers, listed_providers};
mod certificate;
pub use certificate::RECORD_TTL;
pub(crate) use certificate::usable as usable_certificate;
mod cluster;
mod cluster_capacity_providers;
mod container_instance;
pub mod desired;
mod draft;
mod fields;
mod iam;
mod known;
pub use known::as_known;
mod launch_template;
pub(crate) use launch_template::{references as template_references, template_of};
mod listener;
mod load_balancer;
pub mod questions;
mod security_group;
pub mod standing;
mod workload;

use crate::model::address::Address;
use crate::model::observed::Observed;
use crate::model::tags::Owner;
use crate::plan::action::Action;
use crate::plan::adoption::Adoption;
use crate::plan::desired::Desired;
use crate::plan::draft::Draft;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeSet;

/// What a run is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Goal {
    Provision,
    Decommission,
}

/// What becomes of one resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ChangeAction {
    Create,
    Update,
    /// Deleted and made anew.
    Replace,
    Delete,
    None,
    /// It is as it should be but for a state that AWS has yet to reach.
    Wait,
    /// It, or something that it needs, could not be read; nothing is done to it.
    Unknown,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FieldChange {
    /// The property, under AWS's name.
    pub path: String,
    pub old: serde_json::Value,
    pub new: serde_json::Value,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Change {
    pub address: Address,
    pub action: ChangeAction,
    pub fields: Vec<FieldChange>,
    /// Whether running apps may notice.
    pub disruptive: bool,
    pub reason: String,
    /// Only in a plan that takes over what the OpenTofu bundle made.
    pub adoption: Option<Adoption>,
    pub depends_on: BTreeSet<Address>,
}

/// Something that the plan will not do, to protect somebody: a name that others own, or apps that would break.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Refusal {
    pub address: Address,
    pub reason: String,
    pub remedy: String,
}

/// An operation's place in [`Plan::operations`].
pub type OperationId = usize;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operation {
    pub address: Address,
    pub action: Action,
    /// The operations that must be done first; always smaller than its own id.
    pub after: Vec<OperationId>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    pub goal: Goal,
    /// One for each resource, those that come first in the order of dependency first.
    pub changes: Vec<Change>,
    /// In an order in which they could run one after the other.
    pub operations: Vec<Operation>,
    /// Whether something is unknown, and only because AWS does not show all of it yet, so that a later look may tell.
    pub lags: bool,
    pub warnings: Vec<String>,
    pub refusals: Vec<Refusal>,
}

impl Plan {
    /// Nothing to do, nothing to wait for, nothing hidden and nothing refused: the only state that counts as done.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.operations.is_empty() && self.unknown().next().is_none() && self.refusals.is_empty()
    }

    /// The resources that could not be read, or that need one that could not.
    pub fn unknown(&self) -> impl Iterator<Item = &Change> {
        self.changes.iter().filter(|change| change.action == ChangeAction::Unknown)
    }

    #[must_use]
    pub fn count(&self, action: ChangeAction) -> usize {
        self.changes.iter().filter(|change| change.action == action).count()
    }
}

/// Plans the way from `observed` to `desired`; with nothing desired, the way to nothing left.
///
/// Pure: the same arguments give the same plan. A plan with refusals must not be executed.
#[must_use]
pub fn plan(owner: &Owner, desired: Option<&Desired>, observed: &Observed) -> Plan {
    let goal = if desired.is_some() { Goal::Provision } else { Goal::Decommission };
    let known = desired.map(|desired| as_known(desired, observed));
    let desired = known.as_ref();
    let mut draft = Draft::new(goal, owner.clone());
    iam::plan_role(&mut draft, desired, observed);
    iam::plan_instance_profile(&mut draft, desired, observed);
    security_group::plan_node_security_group(&mut draft, desired, observed);
    security_group::plan_alb_security_group(&mut draft, desired, observed);
    cluster::plan_cluster(&mut draft, desired, observed);
    launch_template::plan_launch_templates(&mut draft, desired, observed);
    auto_scaling_group::plan_auto_scaling_groups(&mut draft, desired, observed);
    capacity_provider::plan_capacity_providers(&mut draft, desired, observed);
    cluster_capacity_providers::plan_cluster_capacity_providers(&mut draft, desired, observed);
    container_instance::plan_container_instances(&mut draft, desired, observed);
    workload::warn_of_launch_type(&mut draft, desired, observed);
    certificate::plan_certificates(&mut draft, desired, observed);
    load_balancer::plan_load_balancer(&mut draft, desired, observed);
    listener::plan_listeners(&mut draft, desired, observed);
    draft.finish()
}
