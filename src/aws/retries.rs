//! Two reasons to make a call again that the SDK does not know. Whatever the call did the first time is found there, or found gone.

use aws_smithy_runtime_api::client::interceptors::context::InterceptorContext;
use aws_smithy_runtime_api::client::retries::classifiers::{ClassifyRetry, RetryAction};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A reply that says the call succeeded and cannot be read: what a cut connection is when something on the way has hidden the cut.
#[derive(Clone, Copy, Debug)]
pub(super) struct Unreadable;

impl ClassifyRetry for Unreadable {
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        let failed = matches!(context.output_or_error(), Some(Err(_)));
        let succeeded = context.response().is_some_and(|response| response.status().is_success());
        if failed && succeeded { RetryAction::transient_error() } else { RetryAction::NoActionIndicated }
    }

    fn name(&self) -> &'static str {
        "replies that cannot be read"
    }
}

/// Codes by which services say that a session has ended, whatever its credentials said of its end. EC2 has one of its own.
const SESSION_ENDED: [&str; 2] = ["ExpiredToken", "RequestExpired"];

/// Whether AWS has refused a call since the session was last asked for, because the session has ended. A session that is nobody's to renew is
/// not watched, and its end is final.
#[derive(Clone, Debug, Default)]
pub(super) struct EndedSession(Option<Arc<AtomicBool>>);

impl EndedSession {
    pub(super) fn watched() -> Self {
        Self(Some(Arc::default()))
    }

    /// Whether it has, and forgets it.
    pub(super) fn take(&self) -> bool {
        self.0.as_ref().is_some_and(|ended| ended.swap(false, Ordering::SeqCst))
    }
}

impl ClassifyRetry for EndedSession {
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        let refused = context.response().filter(|response| response.status().is_client_error());
        // The code is in a type that differs with each operation, and in the text of each.
        let text = refused.and_then(|response| response.body().bytes()).map(String::from_utf8_lossy).unwrap_or_default();
        match &self.0 {
            Some(ended) if SESSION_ENDED.iter().any(|code| text.contains(code)) => {
                ended.store(true, Ordering::SeqCst);
                RetryAction::transient_error()
            }
            _ => RetryAction::NoActionIndicated,
        }
    }

    fn name(&self) -> &'static str {
        "sessions that have ended"
    }
}
