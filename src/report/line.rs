//! What a run says on stderr with `--output json`: one object a line, all of one type. Fields and events are added, never changed.

use crate::engine::event::{Event, Importance};
use crate::inputs::{Problem, Warning};
use crate::plan::{Goal, Refusal};
use schemars::JsonSchema;
use serde::Serialize;

pub const FORMAT_VERSION: &str = "1.0";

/// One line of stderr.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Line<'a> {
    #[serde(flatten)]
    pub said: Said<'a>,
    /// When it was said, as RFC 3339 has it, in UTC.
    pub time: String,
    /// Seconds since the run began.
    pub run_elapsed: f64,
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum Said<'a> {
    Event(&'a Event),
    Word(&'a Word),
}

// Programs and the report read it too, so nothing in it is coloured: the console does that where it writes a line.
/// What is said around the engine's own events.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Word {
    /// The first line of every run.
    Run { format_version: &'static str, program_version: &'static str, command: &'static str },
    /// An answer of AWS's, with `--trace-calls`.
    Call {
        service: String,
        operation: String,
        /// `answered`, `refused` or `not answered`.
        outcome: String,
        /// AWS's error code.
        #[serde(skip_serializing_if = "Option::is_none")]
        code: Option<String>,
        /// AWS's words, or the network's.
        #[serde(skip_serializing_if = "Option::is_none")]
        words: Option<String>,
    },
    /// Something that is good to know and no event: what was done after the cluster itself, or that all is well.
    Note { message: String },
    /// The inputs are valid, and yet doubtful.
    InputsWarning(Warning),
    /// The last line of a provision or decommission that ends with status 0: what was done to how many resources.
    Finished(Finished),
    /// The last line of a run that ends with a status other than 0, but for changes pending.
    Error {
        exit_status: u8,
        message: String,
        /// What is wrong with the inputs.
        problems: Vec<Problem>,
        /// What the plan would have had to break.
        refusals: Vec<Refusal>,
    },
}

/// What a run has come to: how many resources it has dealt with, as its first plan said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Finished {
    pub goal: Goal,
    pub name_prefix: String,
    pub region: String,
    pub created: usize,
    pub updated: usize,
    pub replaced: usize,
    pub deleted: usize,
}

impl Word {
    #[must_use]
    pub const fn importance(&self) -> Importance {
        match self {
            // Without it nobody would know which version of the format follows.
            Self::Run { .. } | Self::Error { .. } => Importance::Error,
            Self::InputsWarning(_) => Importance::Warning,
            Self::Note { .. } | Self::Call { .. } | Self::Finished(_) => Importance::Info,
        }
    }
}
