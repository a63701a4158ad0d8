//! What happens during a run, as it happens.

use crate::engine::usual::{until, usually};
use crate::model::address::Address;
use crate::plan::action::Action;
use crate::plan::{OperationId, Plan};
use crate::policy::Verdict;
use schemars::JsonSchema;
use serde::Serialize;

/// One thing that a reader of the log wants to know. Times are in seconds.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    Looking {
        round: usize,
    },
    /// The same look, which AWS's answers keep long.
    StillLooking {
        elapsed: f64,
    },
    /// What the look found left to do: how many resources change.
    Planned {
        round: usize,
        changes: usize,
        operations: usize,
    },
    /// The operations about to run; `id` in `started` refers to the newest of these.
    Executing {
        steps: Vec<Step>,
    },
    Started {
        id: OperationId,
        address: Address,
        operation: &'static str,
    },
    Waiting {
        address: Address,
        waiting_for: String,
        detail: String,
        elapsed: f64,
    },
    Done {
        address: Address,
        operation: &'static str,
        /// What it was done with, where the same operation is done several times to one resource: a policy's name.
        #[serde(skip_serializing_if = "Option::is_none")]
        with: Option<String>,
        elapsed: f64,
    },
    /// A wait came to its end.
    Ready {
        address: Address,
        waited_for: String,
        elapsed: f64,
    },
    /// It was done already, by a lost call or by somebody else; the next look decides.
    Overtaken {
        address: Address,
        operation: &'static str,
        why: String,
    },
    /// AWS goes on refusing it, and nothing that is under way could change that; the next look decides.
    PutOff {
        address: Address,
        operation: &'static str,
        why: String,
    },
    Failed {
        address: Address,
        operation: &'static str,
        error: String,
    },
    Skipped {
        address: Address,
        operation: &'static str,
        because: Address,
    },
    Warning {
        message: String,
    },
    /// A policy rule that the plan breaks; nothing stops for it.
    Policy {
        verdict: Verdict,
    },
    Interrupted,
}

/// How much an event matters to somebody who wants to read little.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Importance {
    Error,
    Warning,
    Info,
}

impl Event {
    #[must_use]
    pub const fn importance(&self) -> Importance {
        match self {
            Self::Failed { .. } => Importance::Error,
            Self::Overtaken { .. } | Self::Skipped { .. } | Self::Warning { .. } | Self::Policy { .. } | Self::Interrupted => {
                Importance::Warning
            }
            Self::Looking { .. }
            | Self::StillLooking { .. }
            | Self::Executing { .. }
            | Self::Planned { .. }
            | Self::Started { .. }
            | Self::Waiting { .. }
            | Self::PutOff { .. }
            | Self::Done { .. }
            | Self::Ready { .. } => Importance::Info,
        }
    }
}

/// An operation or wait of the plan, before it has begun.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Step {
    pub id: OperationId,
    pub address: Address,
    /// The API operation, as AWS names it; `Wait` for waits.
    pub operation: &'static str,
    /// What is waited for; only for waits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waits_for: Option<String>,
    /// The same in a word or two.
    #[serde(skip)]
    pub until: Option<&'static str>,
    /// How long AWS usually takes, in words, where that is more than a moment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usually: Option<&'static str>,
    /// The steps that have to be done first.
    pub after: Vec<OperationId>,
}

/// The plan's operations as those who watch the run have to know them.
#[must_use]
pub fn steps(plan: &Plan) -> Vec<Step> {
    let step = |(id, operation): (OperationId, &crate::plan::Operation)| Step {
        id,
        address: operation.address.clone(),
        operation: operation.action.operation(),
        waits_for: if let Action::Wait(condition) = &operation.action { Some(condition.to_string()) } else { None },
        until: until(&operation.action),
        usually: usually(&operation.action),
        after: operation.after.clone(),
    };
    plan.operations.iter().enumerate().map(step).collect()
}
