//! The edge to AWS: one file per service. Reads return the types of `model`, writes take planned actions; nothing here chooses.

mod acm;
mod answers;
mod auto_scaling;
mod call;
mod classes;
mod conditions;
mod credentials;
mod ecs;
mod elb;
pub mod endpoints;
mod facts;
pub mod failure;
mod http;
mod iam;
mod instances;
mod joining;
mod launch_templates;
mod look;
mod network;
mod perform;
pub mod permissions;
pub mod progress;
pub mod rates;
mod replies;
mod retries;
mod route53;
mod security_groups;
mod session;
mod ssm;
mod workload;

use crate::model::tags::Owner;
use crate::plan::Goal;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

pub(crate) use call::chain;
pub use classes::classify;
pub use credentials::{Access, NoAccess, connect};
pub(crate) use http::secured;
pub(crate) use instances::NO_WAY_TO_ECS;
pub(crate) use joining::AGENT_SILENT;
pub use replies::is_whole;

/// Clients for every service, all of one account and Region.
#[derive(Clone, Debug)]
pub struct Aws {
    pub(crate) acm: aws_sdk_acm::Client,
    pub(crate) auto_scaling: aws_sdk_autoscaling::Client,
    pub(crate) ec2: aws_sdk_ec2::Client,
    pub(crate) ecs: aws_sdk_ecs::Client,
    pub(crate) elb: aws_sdk_elasticloadbalancingv2::Client,
    pub(crate) iam: aws_sdk_iam::Client,
    pub(crate) route53: aws_sdk_route53::Client,
    pub(crate) ssm: aws_sdk_ssm::Client,
    /// For clients of other Regions.
    pub(crate) config: aws_config::SdkConfig,
    ended: retries::EndedSession,
    /// The certificates of this Region, as the newest look found them.
    pub(crate) listed_certificates: Arc<Mutex<Option<Vec<aws_sdk_acm::types::CertificateSummary>>>>,
    /// By hosted zone, as they are asked for.
    pub(crate) name_servers: Arc<Mutex<BTreeMap<String, Vec<String>>>>,
}

/// Whose resources to look for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    pub goal: Goal,
    pub owner: Owner,
    pub vpc_id: String,
    /// Names of the Auto Scaling groups that the inputs ask for.
    pub auto_scaling_groups: BTreeSet<String>,
}
