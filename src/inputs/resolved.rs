//! The inputs once they are known to be valid: what the plan is made from.

use super::params::{ContainerInsights, NodeRefresh};
use crate::model::catalog::InstanceType;
use crate::model::secret::Secret;
use crate::model::tags::{Owner, Tags};
use serde_json::Value;
use std::collections::BTreeSet;

#[derive(Clone, Debug, PartialEq)]
pub struct Inputs {
    pub identity: Identity,
    pub cluster: ClusterInputs,
}

impl Inputs {
    /// The public and the private subnets that the cluster itself uses; the others of the connection are for apps to judge.
    #[must_use]
    pub fn needed_subnets(&self) -> (&[String], &[String]) {
        let Network { public_subnets, private_subnets, .. } = &self.identity.vpc;
        let public = self.cluster.ingress.as_ref().map_or(&[][..], |_| public_subnets);
        let private = self.cluster.groups.first().map_or(&[][..], |_| private_subnets);
        (public, private)
    }
}

/// Whose cluster it is and where it lives. Enough to find it, and to delete it.
#[derive(Clone, Debug, PartialEq)]
pub struct Identity {
    pub owner: Owner,
    pub default_tags: Tags,
    pub region: String,
    /// `aws`, `aws-cn`, `aws-us-gov`, ...
    pub partition: String,
    pub role: RoleToAssume,
    pub vpc: Network,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleToAssume {
    pub arn: String,
    pub external_id: Option<Secret>,
}

/// The VPC and its subnets, by id, each once and in the connection's order.
#[derive(Clone, Debug, PartialEq)]
pub struct Network {
    pub id: String,
    pub cidr: String,
    pub public_subnets: Vec<String>,
    pub private_subnets: Vec<String>,
    /// The `vpc` connection as it came, key order kept: the artifact hands it on.
    pub connection: Value,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClusterInputs {
    pub container_insights: ContainerInsights,
    /// In the order of the params, names unique without regard to case.
    pub groups: Vec<NodeGroup>,
    /// `None` when ingress is off.
    pub ingress: Option<Ingress>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeGroup {
    pub name: String,
    pub instance: &'static InstanceType,
    pub min_size: u32,
    /// At least `min_size`.
    pub max_size: u32,
    /// In GiB.
    pub root_volume_gb: u32,
    pub node_refresh: NodeRefresh,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ingress {
    /// Hosted zone ids, the default zone's first, each once.
    pub zones: Vec<String>,
    /// IPv4 ranges without host bits.
    pub allowed_cidrs: BTreeSet<String>,
}
