//! Replies that say less than they should.
//!
//! The SDK takes what there is of a list for the whole list: XML that ends in the middle is read as far as it goes, and a body of no bytes as an
//! object without fields. To a tool that deletes what nobody names, a list that was cut is a danger, so it is an error, which is asked for again
//! (see `Unreadable` in `aws::retries`).

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::AfterDeserializationInterceptorContextRef;
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::orchestrator::Metadata;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use thiserror::Error;

#[derive(Debug, Error)]
#[error("AWS's answer ends in the middle, after {0} bytes")]
pub(super) struct Cut(usize);

/// Fails an attempt whose reply says that it succeeded, and is not whole.
#[derive(Debug)]
pub(super) struct Whole;

#[dyn_dispatch_hint]
impl Intercept for Whole {
    fn name(&self) -> &'static str {
        "replies that are not whole"
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let response = context.response();
        let body = response.body().bytes().unwrap_or_default();
        let operation = config.load::<Metadata>().map(Metadata::name).unwrap_or_default();
        let whole = !response.status().is_success() || if body.is_empty() { !reads(operation) } else { is_whole(body) };
        if whole { Ok(()) } else { Err(Cut(body.len()).into()) }
    }
}

/// Operations that change something may have nothing to say.
fn reads(operation: &str) -> bool {
    ["Describe", "List", "Get"].iter().any(|verb| operation.starts_with(verb))
}

/// Whether this is not XML, or XML that ends with the end of its root. What is no XML is JSON, which cannot be read unless it is whole.
#[must_use]
pub fn is_whole(body: &[u8]) -> bool {
    let text = body.trim_ascii();
    let Some(root) = text.starts_with(b"<").then(|| root(text)) else { return true };
    let Some((name, rest)) = root else { return false };
    match rest.iter().position(|byte| *byte == b'>') {
        Some(end) if rest[..end].ends_with(b"/") => end + 1 == rest.len(),
        Some(_) => rest.ends_with(&[b"</", name, b">"].concat()),
        None => false,
    }
}

/// The name of the first element, after declarations and comments, and what follows the name.
fn root(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut rest = text;
    loop {
        let start = rest.iter().position(|byte| *byte == b'<')? + 1;
        rest = rest.get(start..)?;
        if rest.first().is_some_and(|first| !matches!(first, b'?' | b'!')) {
            let end = rest.iter().position(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | b'/' | b'>'))?;
            return rest.split_at_checked(end);
        }
    }
}
