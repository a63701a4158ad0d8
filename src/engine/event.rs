//! What happens during a run, as it happens.

use crate::model::address::Address;
use crate::policy::Verdict;
use serde::Serialize;

/// One thing that a reader of the log wants to know. Times are in seconds.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    Looking {
        round: usize,
    },
    /// What the look found left to do: how many resources change.
    Planned {
        round: usize,
        changes: usize,
        operations: usize,
    },
    Started {
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
pub enum Severity {
    Error,
    Warning,
    Info,
}

impl Event {
    #[must_use]
    pub const fn severity(&self) -> Severity {
        match self {
            Self::Failed { .. } => Severity::Error,
            Self::Overtaken { .. } | Self::Skipped { .. } | Self::Warning { .. } | Self::Policy { .. } | Self::Interrupted => {
                Severity::Warning
            }
            Self::Looking { .. }
            | Self::Planned { .. }
            | Self::Started { .. }
            | Self::Waiting { .. }
            | Self::Done { .. }
            | Self::Ready { .. } => Severity::Info,
        }
    }
}
