//! Credentials, endpoints, retries and time limits: configured here and nowhere else.

use crate::aws::Aws;
use crate::aws::http::{paced, shared_client};
use crate::aws::unreadable::Unreadable;
use crate::model::secret::Secret;
use crate::plan::action::Service;
use aws_config::retry::RetryConfig;
use aws_config::sts::AssumeRoleProvider;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region};
use std::sync::Arc;
use std::time::Duration;

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
/// AWS answers control-plane calls within seconds; one that takes longer is cut and tried again. A call's wait for its turn does not count.
const READ_TIMEOUT: Duration = Duration::from_secs(30);
/// Shown in `CloudTrail`; 2 to 64 of `[\w+=,.@-]`.
const SESSION_NAME: &str = "aws-ecs-cluster";

/// A client at the service's rate, with one more reason to make a call again.
macro_rules! client {
    ($service:ident, $config:expr, $name:ident) => {
        $service::Client::from_conf($service::config::Builder::from(&paced($config, Service::$name)).retry_classifier(Unreadable).build())
    };
}

/// Clients for this Region. Makes no call: a role is assumed at the first call that needs it, and again before its session ends.
pub async fn connect(region: &str, access: &Access) -> Aws {
    let retries =
        RetryConfig::standard().with_max_attempts(MOST_ATTEMPTS).with_initial_backoff(FIRST_BACKOFF).with_max_backoff(LONGEST_BACKOFF);
    let timeouts = TimeoutConfig::builder().connect_timeout(CONNECT_TIMEOUT).read_timeout(READ_TIMEOUT).build();
    let ambient = aws_config::defaults(BehaviorVersion::latest())
        .region(Region::new(region.to_owned()))
        .retry_config(retries)
        .timeout_config(timeouts)
        .http_client(shared_client())
        .load()
        .await;
    let config = match access {
        Access::Ambient => ambient,
        Access::Role { arn, external_id } => {
            let mut provider = AssumeRoleProvider::builder(arn.as_str()).session_name(SESSION_NAME).configure(&ambient);
            if let Some(external_id) = external_id {
                provider = provider.external_id(external_id.expose());
            }
            let provider = aws_sdk_ecs::config::SharedCredentialsProvider::new(provider.build().await);
            ambient.into_builder().credentials_provider(provider).build()
        }
    };
    Aws {
        acm: client!(aws_sdk_acm, &config, Acm),
        auto_scaling: client!(aws_sdk_autoscaling, &config, AutoScaling),
        ec2: client!(aws_sdk_ec2, &config, Ec2),
        ecs: client!(aws_sdk_ecs, &config, Ecs),
        elb: client!(aws_sdk_elasticloadbalancingv2, &config, Elb),
        iam: client!(aws_sdk_iam, &config, Iam),
        route53: client!(aws_sdk_route53, &config, Route53),
        ssm: client!(aws_sdk_ssm, &config, Ssm),
        config,
        name_servers: Arc::default(),
    }
}
