//! Credentials, endpoints, retries and time limits: configured here and nowhere else.

use crate::aws::Aws;
use crate::aws::call::chain;
use crate::aws::failure::{Class, Failure};
use crate::aws::http::{secured, shared_client};
use crate::aws::retries::EndedSession;
use crate::aws::session::Session;
use crate::model::secret::Secret;
use aws_config::identity::IdentityCache;
use aws_config::retry::RetryConfig;
use aws_config::stalled_stream_protection::StalledStreamProtectionConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider, future};
use std::error::Error;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use thiserror::Error;

/// How a run gets at the account.
#[derive(Clone, Debug)]
pub enum Access {
    /// With the credentials of the environment, as they are.
    Ambient,
    /// With the role, assumed with the credentials of the environment.
    Role { arn: String, external_id: Option<Secret> },
}

/// Tries per call, the first included. The SDK waits longer after each, with jitter, and less long for what is not a throttle.
const MOST_ATTEMPTS: u32 = 8;
const FIRST_BACKOFF: Duration = Duration::from_millis(200);
const LONGEST_BACKOFF: Duration = Duration::from_secs(10);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// AWS answers control-plane calls within seconds; one that takes longer is cut and tried again. A call's wait for its turn does not count,
/// so the SDK must not take it for an upload that has stalled.
const READ_TIMEOUT: Duration = Duration::from_secs(30);

/// A client at the service's rate, which takes no reply that is not whole and has two reasons more to make a call again.
macro_rules! client {
    ($service:ident, $config:expr, $name:ident, $ended:expr) => {{
        let config = $service::config::Builder::from(&$crate::aws::http::paced($config, $crate::plan::action::Service::$name));
        let config = config.interceptor($crate::aws::replies::Whole);
        let config = config.retry_classifier($crate::aws::retries::Unreadable).retry_classifier($ended.clone());
        $service::Client::from_conf(config.build())
    }};
}
pub(super) use client;

/// Why nothing can be asked of AWS at all.
#[derive(Debug, Error)]
pub enum NoAccess {
    #[error(
        "no credentials for AWS were found\n  {0}\nset AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or run this where AWS provides a role; nothing was changed"
    )]
    Credentials(String),
    #[error(
        "this machine knows no certificate authority, so AWS cannot be told from anybody else: {0}\ninstall the usual ones (ca-certificates), or name a file of them in SSL_CERT_FILE; nothing was touched"
    )]
    NoRoots(std::io::Error),
    #[error(
        "the role `{arn}` could not be assumed\n  {words}\nlet the role's trust policy name these credentials and the external id of the connection; nothing was changed"
    )]
    Denied { arn: String, words: String },
    #[error("the role `{arn}` could not be assumed\n  {words}\nput right what AWS names; nothing was changed")]
    Role { arn: String, words: String },
    #[error("AWS did not answer at {place}\n  {words}\ncheck the network, the proxy and AWS_ENDPOINT_URL; nothing was changed")]
    Unanswered { place: String, words: String },
}

/// Clients for this Region. A role is assumed now, so that a run without access ends with the reason, and again before its session ends.
///
/// # Errors
/// When there are no certificate authorities or no credentials, or the role cannot be assumed with them.
pub async fn connect(region: &str, access: &Access) -> Result<Aws, NoAccess> {
    // An emulator on this machine needs none.
    if !std::env::var("AWS_ENDPOINT_URL").is_ok_and(|url| url.starts_with("http:")) {
        secured().map_err(NoAccess::NoRoots)?;
    }
    let retries =
        RetryConfig::standard().with_max_attempts(MOST_ATTEMPTS).with_initial_backoff(FIRST_BACKOFF).with_max_backoff(LONGEST_BACKOFF);
    let timeouts = TimeoutConfig::builder().connect_timeout(CONNECT_TIMEOUT).read_timeout(READ_TIMEOUT).build();
    let ambient = aws_config::defaults(BehaviorVersion::latest())
        .region(Region::new(region.to_owned()))
        .retry_config(retries)
        .timeout_config(timeouts)
        .stalled_stream_protection(StalledStreamProtectionConfig::enabled().upload_enabled(false).build())
        .http_client(shared_client())
        .load()
        .await;
    let missing = |error: CredentialsError| NoAccess::Credentials(chain(&error));
    let found = ambient.credentials_provider().ok_or_else(|| missing(CredentialsError::not_loaded("nothing provides any")))?;
    let first = found.provide_credentials().await.map_err(missing)?;
    let found = SharedCredentialsProvider::new(Found { first: Mutex::new(Some(first)), provider: found });
    let ambient = ambient.into_builder().credentials_provider(found).build();
    let (config, ended) = match access {
        Access::Ambient => (ambient, EndedSession::default()),
        Access::Role { arn, external_id } => {
            let ended = EndedSession::watched();
            let sts = client!(aws_sdk_sts, &ambient, Sts, &EndedSession::default());
            let session = Session::new(sts, arn, external_id.as_ref(), ended.clone());
            session.provide_credentials().await.map_err(|error| unassumed(arn, &ambient, &error))?;
            // The session keeps its credentials itself, since it has to know when AWS does not take them any more.
            let config = ambient.into_builder().identity_cache(IdentityCache::no_cache());
            (config.credentials_provider(SharedCredentialsProvider::new(session)).build(), ended)
        }
    };
    Ok(Aws::with(config, ended))
}

/// A provider that has been asked once: the first who asks gets what it gave then, since asking may mean to ask a person.
#[derive(Debug)]
struct Found {
    first: Mutex<Option<Credentials>>,
    provider: SharedCredentialsProvider,
}

impl ProvideCredentials for Found {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        match self.first.lock().unwrap_or_else(PoisonError::into_inner).take() {
            Some(first) => future::ProvideCredentials::ready(Ok(first)),
            None => self.provider.provide_credentials(),
        }
    }
}

/// The SDK's own words around AWS's would say nothing more.
fn unassumed(arn: &str, config: &SdkConfig, error: &CredentialsError) -> NoAccess {
    let words = chain(error.source().unwrap_or(error));
    let failure = error.source().and_then(|source| source.downcast_ref::<Failure>());
    match failure.map(|failure| (failure.class, &failure.code)) {
        Some((Class::Denied, _)) => NoAccess::Denied { arn: arn.to_owned(), words },
        Some((Class::Unanswered, None)) => NoAccess::Unanswered { place: place(config), words },
        _ => NoAccess::Role { arn: arn.to_owned(), words },
    }
}

/// Where the session was asked for.
fn place(config: &SdkConfig) -> String {
    let set = std::env::var("AWS_ENDPOINT_URL_STS").ok().or_else(|| config.endpoint_url().map(str::to_owned));
    let url = set.and_then(|url| url.parse::<http::Uri>().ok()).and_then(|url| url.authority().map(ToString::to_string));
    url.unwrap_or_else(|| format!("STS in {}", config.region().map_or("its Region", Region::as_ref)))
}

impl Aws {
    /// Clients with the credentials, the endpoint and the Region of this configuration.
    #[must_use]
    pub fn new(config: SdkConfig) -> Self {
        Self::with(config, EndedSession::default())
    }

    fn with(config: SdkConfig, ended: EndedSession) -> Self {
        Self {
            acm: client!(aws_sdk_acm, &config, Acm, &ended),
            auto_scaling: client!(aws_sdk_autoscaling, &config, AutoScaling, &ended),
            ec2: client!(aws_sdk_ec2, &config, Ec2, &ended),
            ecs: client!(aws_sdk_ecs, &config, Ecs, &ended),
            elb: client!(aws_sdk_elasticloadbalancingv2, &config, Elb, &ended),
            iam: client!(aws_sdk_iam, &config, Iam, &ended),
            route53: client!(aws_sdk_route53, &config, Route53, &ended),
            ssm: client!(aws_sdk_ssm, &config, Ssm, &ended),
            config,
            ended,
            listed_certificates: Arc::default(),
            name_servers: Arc::default(),
        }
    }
}
