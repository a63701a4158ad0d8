//! What became of each resource, from its operations.

use crate::model::address::Address;
use crate::report::record::{Recording, State};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Badge {
    Failed,
    Skipped,
    /// Under way when the run ended, or never begun.
    Unfinished,
    Done,
}

impl Badge {
    pub const fn words(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::Skipped => "not done",
            Self::Unfinished => "not finished",
            Self::Done => "done",
        }
    }

    pub const fn tone(self) -> &'static str {
        match self {
            Self::Failed => "bad",
            Self::Skipped | Self::Unfinished => "warn",
            Self::Done => "good",
        }
    }

    /// The class of its shape.
    pub const fn class(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::Skipped | Self::Unfinished => "skipped",
            Self::Done => "done",
        }
    }
}

/// `None` when the run did nothing to it.
pub fn badge(recording: &Recording, address: &Address) -> Option<Badge> {
    let of = |state: &State| match state {
        State::Failed(_) => Badge::Failed,
        State::Skipped(_) => Badge::Skipped,
        State::Pending | State::Running | State::PutOff(_) => Badge::Unfinished,
        State::Done | State::Overtaken(_) => Badge::Done,
    };
    // What a later round did to it counts: it began with a look of its own.
    let newest = recording.rounds.iter().rev().find(|round| round.tracks.iter().any(|track| track.step.address == *address))?;
    newest.tracks.iter().filter(|track| track.step.address == *address).map(|track| of(&track.state)).min()
}
