//! A reply that says the call succeeded and cannot be read: what a cut connection is when something on the way has hidden the cut.

use aws_smithy_runtime_api::client::interceptors::context::InterceptorContext;
use aws_smithy_runtime_api::client::retries::classifiers::{ClassifyRetry, RetryAction};

/// Has such a call made again, as the SDK does where it sees the cut itself. Whatever it did the first time is found there or found gone.
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
