//! From an SDK result to ours: the one place where SDK errors become failures.

use crate::aws::classes::{classify, is_gone};
use crate::aws::failure::{Class, Failure};
use crate::aws::replies::Cut;
use crate::model::facts::{Seen, Unread};
use crate::model::quoted::quoted;
use crate::model::secret::Secret;
use crate::plan::action::Service;
use aws_sdk_ecs::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_ecs::operation::RequestId;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use std::error::Error;

/// What a call that answers in pages lists on all of them, as a future.
macro_rules! all_of {
    ($call:expr) => {
        $call.into_paginator().items().send().collect::<Result<Vec<_>, _>>()
    };
}
pub(super) use all_of;

pub(super) trait Named<T>: Sized {
    /// The result with its error sorted, under the operation's name at AWS.
    fn named(self, service: Service, operation: &'static str) -> Result<T, Failure> {
        self.named_without(&[], service, operation)
    }

    /// The same for an operation that is sent secrets, which AWS may repeat.
    fn named_without(self, hidden: &[&Secret], service: Service, operation: &'static str) -> Result<T, Failure>;
}

impl<T, E> Named<T> for Result<T, SdkError<E, HttpResponse>>
where
    E: ProvideErrorMetadata + Error + 'static,
{
    fn named_without(self, hidden: &[&Secret], service: Service, operation: &'static str) -> Result<T, Failure> {
        if self.is_ok() {
            tracing::debug!(?service, operation, "answered");
        }
        self.map_err(|error| {
            let Some(answer) = error.as_service_error() else {
                let words = cut(&error).map_or_else(|| quoted(&chain(&error), hidden), Cut::to_string);
                tracing::debug!(?service, operation, words, "not answered");
                let class = if matches!(error, SdkError::ConstructionFailure(_)) { Class::Final } else { Class::Unanswered };
                return Failure::local(service, operation, words).of_class(class);
            };
            let metadata = answer.meta();
            let said = metadata.message().unwrap_or("AWS gave no reason");
            let code = metadata.code().map(str::to_owned);
            let status = error.raw_response().map(|response| response.status().as_u16()).unwrap_or_default();
            let class = classify(operation, code.as_deref().unwrap_or_default(), said, status);
            let message = quoted(said, hidden);
            tracing::debug!(?service, operation, code, words = message, "refused");
            Failure { service, operation, code, message, request_id: metadata.request_id().map(str::to_owned), class }
        })
    }
}

/// What is behind an answer that is not whole: the SDK's own words for it name its parts.
fn cut<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a Cut> {
    error.downcast_ref().or_else(|| cut(error.source()?))
}

/// An error and everything behind it, each in its own words.
pub(crate) fn chain(error: &dyn Error) -> String {
    let mut words = vec![error.to_string()];
    let mut source = error.source();
    while let Some(error) = source {
        words.push(error.to_string());
        source = error.source();
    }
    // Wrappers often repeat what they wrap.
    words.dedup();
    words.join(": ")
}

pub(super) trait Deleted {
    /// What a delete asked for holds when the thing is not there. Only for calls that name one thing: one of several that is gone fails them all.
    fn or_gone(self) -> Result<(), Failure>;
}

impl<T> Deleted for Result<T, Failure> {
    fn or_gone(self) -> Result<(), Failure> {
        match self {
            Err(failure) if !is_gone(&failure) => Err(failure),
            _ => Ok(()),
        }
    }
}

/// A read as an observation: not found is `Absent`, any other failure `Unknown`.
pub(super) fn seen<T>(result: Result<Option<T>, Failure>) -> Seen<T> {
    match result {
        Ok(Some(found)) => Seen::Present(found),
        Ok(None) => Seen::Absent,
        Err(failure) => Seen::Unknown(unread(&failure)),
    }
}

pub(super) fn unread(failure: &Failure) -> Unread {
    Unread { words: failure.to_string(), passes: failure.class == Class::Unanswered }
}

/// Turns one of the given error codes into an absence.
pub(super) fn unless_missing<T>(result: Result<T, Failure>, codes: &[&str]) -> Result<Option<T>, Failure> {
    match result {
        Ok(found) => Ok(Some(found)),
        Err(failure) if codes.iter().any(|code| failure.is(code)) => Ok(None),
        Err(failure) => Err(failure),
    }
}

/// A field that AWS must have sent.
pub(super) fn required<T>(field: Option<T>, service: Service, operation: &'static str, name: &str) -> Result<T, Failure> {
    field.ok_or_else(|| Failure::missing(service, operation, name))
}
