//! The session of the assumed role.

use crate::aws::call::Named;
use crate::aws::retries::EndedSession;
use crate::model::secret::Secret;
use crate::plan::action::Service;
use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, future};
use std::time::{Duration, SystemTime};
use tokio::sync::Mutex;

/// Shown in `CloudTrail`; 2 to 64 of `[\w+=,.@-]`.
const SESSION_NAME: &str = "aws-ecs-cluster";
/// A session that ends this soon is not begun a call with.
const SOON: Duration = Duration::from_secs(10);

/// Assumes the role when it is first asked, and again when its session is about to end or AWS says that it has ended.
#[derive(Debug)]
pub(super) struct Session {
    sts: aws_sdk_sts::Client,
    arn: String,
    external_id: Option<Secret>,
    ended: EndedSession,
    held: Mutex<Option<Credentials>>,
}

impl Session {
    pub(super) fn new(sts: aws_sdk_sts::Client, arn: &str, external_id: Option<&Secret>, ended: EndedSession) -> Self {
        Self { sts, arn: arn.to_owned(), external_id: external_id.cloned(), ended, held: Mutex::new(None) }
    }

    async fn credentials(&self) -> Result<Credentials, CredentialsError> {
        let mut held = self.held.lock().await;
        if let Some(held) = held.as_ref().filter(|held| !self.ended.take() && lasts(held)) {
            return Ok(held.clone());
        }
        let fresh = self.assume().await?;
        *held = Some(fresh.clone());
        Ok(fresh)
    }

    async fn assume(&self) -> Result<Credentials, CredentialsError> {
        let external_id = self.external_id.as_ref().map(|secret| secret.expose().to_owned());
        let call = self.sts.assume_role().role_arn(&self.arn).role_session_name(SESSION_NAME).set_external_id(external_id);
        // STS repeats an external id whose form it does not take (docs/aws.md, "All services: errors and retries").
        let hidden = self.external_id.as_ref();
        let answer = call.send().await.named_without(hidden.as_slice(), Service::Sts, "AssumeRole");
        let answer = answer.map_err(CredentialsError::provider_error)?;
        let given = answer.credentials.ok_or_else(|| CredentialsError::unhandled("AWS's answer lacks `Credentials`"))?;
        let until = SystemTime::try_from(given.expiration).map_err(CredentialsError::unhandled)?;
        Ok(Credentials::new(given.access_key_id, given.secret_access_key, Some(given.session_token), Some(until), "AssumeRole"))
    }
}

fn lasts(credentials: &Credentials) -> bool {
    credentials.expiry().is_none_or(|until| until > SystemTime::now() + SOON)
}

impl ProvideCredentials for Session {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(self.credentials())
    }
}
