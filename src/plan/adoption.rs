//! Taking over what the OpenTofu bundle made: what that means for each resource, so that a first plan can be read at a glance.

use crate::plan::{Change, ChangeAction};
use schemars::JsonSchema;
use serde::Serialize;
use std::fmt;

/// What becomes of a resource when it is taken over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub enum Adoption {
    /// It is as wanted already.
    #[serde(rename = "identical")]
    Identical,
    /// It changes where it stands; nothing is replaced, and no app notices.
    #[serde(rename = "safe in place")]
    SafeInPlace,
    /// It stays as it is until somebody asks for the change.
    #[serde(rename = "waits for your consent")]
    WaitsForConsent,
    /// It stays, though nothing that is wanted needs it.
    #[serde(rename = "kept")]
    Kept,
}

impl fmt::Display for Adoption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Identical => "identical",
            Self::SafeInPlace => "safe in place",
            Self::WaitsForConsent => "waits for your consent",
            Self::Kept => "kept",
        })
    }
}

/// The label of a change that is neither put off nor left out. What disrupts is not part of taking over: the inputs ask for it.
pub fn label(change: &Change) -> Option<Adoption> {
    match change.action {
        _ if change.disruptive => None,
        ChangeAction::None => Some(Adoption::Identical),
        ChangeAction::Create | ChangeAction::Update | ChangeAction::Wait => Some(Adoption::SafeInPlace),
        ChangeAction::Replace | ChangeAction::Delete | ChangeAction::Unknown => None,
    }
}
