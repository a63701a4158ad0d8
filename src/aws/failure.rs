//! What can go wrong with a call to AWS, sorted by what a caller has to do about it.

use crate::aws::classes::is_throttle;
use crate::plan::action::{Service, WAIT};
use thiserror::Error;

/// What a failed call means for the operation behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// AWS is not there yet: something just made is not known everywhere, or something is busy or still in use. Trying again helps.
    NotYet,
    /// The resource is there already, or gone already: a fact for the next look.
    Overtaken,
    /// The credentials do not allow the call.
    Denied,
    /// Nobody has answered, or with the word that it is too much or too bad just now, however often the SDK has tried. What only asks may go on.
    Unanswered,
    /// Anything else.
    Final,
}

/// A failed call, in AWS's words.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{}{}{message}", failed(operation), code.as_ref().map(|code| format!("{code}: ")).unwrap_or_default())]
pub struct Failure {
    pub service: Service,
    pub operation: &'static str,
    /// AWS's error code; `None` when no answer came.
    pub code: Option<String>,
    pub message: String,
    pub request_id: Option<String>,
    pub class: Class,
}

/// A wait is no operation of AWS's, and its message says what was waited for.
fn failed(operation: &str) -> String {
    if operation == WAIT { String::new() } else { format!("{operation} failed: ") }
}

impl Failure {
    /// An answer that lacks something it must have.
    #[must_use]
    pub fn missing(service: Service, operation: &'static str, field: &str) -> Self {
        Self::local(service, operation, format!("AWS's answer lacks `{field}`"))
    }

    /// A failure that AWS did not state as an error.
    #[must_use]
    pub fn local(service: Service, operation: &'static str, message: String) -> Self {
        Self { service, operation, code: None, message, request_id: None, class: Class::Final }
    }

    /// What was made is not shown: AWS is late, or somebody has deleted it, which a fresh look tells in the end.
    #[must_use]
    pub fn unseen(service: Service, operation: &'static str, words: &str) -> Self {
        Self::local(service, operation, words.to_owned()).of_class(Class::NotYet)
    }

    #[must_use]
    pub fn of_class(mut self, class: Class) -> Self {
        self.class = class;
        self
    }

    /// Whether AWS takes no more calls, after all of the SDK's tries.
    #[must_use]
    pub fn is_throttled(&self) -> bool {
        self.code.as_deref().is_some_and(is_throttle)
    }

    #[must_use]
    pub fn is(&self, code: &str) -> bool {
        self.code.as_deref() == Some(code)
    }
}
