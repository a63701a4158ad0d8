//! The properties of each resource kind, under AWS's own names: one type serves what is desired and what is observed.

use crate::model::names::short_hash;
use crate::model::reference::Ref;
use crate::model::tags::Tags;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// Every IPv4 address.
pub const ANYWHERE: &str = "0.0.0.0/0";
pub const HTTP_PORT: i32 = 80;
pub const HTTPS_PORT: i32 = 443;

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Role {
    pub name: String,
    /// Who may assume the role, as [`crate::model::texts::trusted_principals`] writes it: services as they are, others after their type.
    pub trusted_principals: BTreeSet<String>,
    /// ARNs of the managed policies attached to it.
    pub managed_policies: BTreeSet<String>,
    pub tags: Tags,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct InstanceProfile {
    pub name: String,
    /// At most one: AWS allows no more.
    pub role: Option<String>,
    pub tags: Tags,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    Ingress,
    Egress,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Peer {
    /// In canonical form, without host bits: AWS stores it so.
    Cidr(String),
    /// The security group that holds the rule.
    Itself,
    /// Another security group or a prefix list, by id.
    Other(String),
}

/// What tells two rules of one group apart. The description is not part of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Rule {
    pub direction: Direction,
    /// `tcp`, `udp`, ..., or `-1` for all traffic, which has no ports.
    pub protocol: String,
    pub ports: Option<(i32, i32)>,
    pub peer: Peer,
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.protocol == "-1" { "everything" } else { &self.protocol })?;
        match self.ports {
            Some((from, to)) if from == to => write!(f, " on port {from}")?,
            Some((from, to)) => write!(f, " on ports {from} to {to}")?,
            None => {}
        }
        let way = if self.direction == Direction::Ingress { "from" } else { "to" };
        match &self.peer {
            Peer::Cidr(peer) | Peer::Other(peer) => write!(f, " {way} {peer}"),
            Peer::Itself => write!(f, " {way} itself"),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecurityGroup {
    pub name: String,
    pub description: String,
    pub vpc_id: String,
    /// Each rule with its description.
    pub rules: BTreeMap<Rule, String>,
    pub tags: Tags,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Cluster {
    pub name: String,
    /// `enhanced`, `enabled` or `disabled`.
    pub container_insights: String,
    pub tags: Tags,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MetadataOptions {
    pub http_endpoint: String,
    pub http_tokens: String,
    pub http_put_response_hop_limit: i32,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RootVolume {
    pub device_name: String,
    pub volume_size: i32,
    pub volume_type: String,
    pub encrypted: bool,
    /// `None` leaves it to the image.
    pub delete_on_termination: Option<bool>,
}

/// The data of one launch template version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LaunchTemplateContent {
    pub image_id: String,
    pub instance_type: String,
    /// Name or ARN; ours is the name, the OpenTofu bundle wrote the ARN.
    pub instance_profile: String,
    pub security_groups: Vec<Ref>,
    pub network_interface_description: String,
    /// `None` leaves it to EC2.
    pub network_interface_delete_on_termination: Option<bool>,
    /// `None` leaves it to the subnet.
    pub associate_public_ip_address: Option<bool>,
    /// Plain text; the edge encodes it.
    pub user_data: String,
    pub detailed_monitoring: bool,
    pub metadata_options: MetadataOptions,
    /// `None` leaves size and encryption to the image.
    pub root_volume: Option<RootVolume>,
    /// Tags of the instances launched, their volumes and their network interfaces.
    pub tags: Tags,
}

/// Put before the hash in a version's description, so that a version made by hand is never mistaken for ours.
const DESCRIPTION_PREFIX: &str = "aws-ecs-cluster ";
const CONTENT_HASH_LENGTH: usize = 32;

impl LaunchTemplateContent {
    /// The description of a version with this content; `None` while an identifier in it is not known yet.
    ///
    /// Launch template versions carry no tags, and a client token is forgotten after a while: the description is the only
    /// lasting mark by which the version that a killed run made is found again.
    #[must_use]
    pub fn version_description(&self) -> Option<String> {
        self.security_groups.iter().all(|group| group.as_known().is_some()).then(|| {
            let content = serde_json::to_string(self).unwrap_or_default();
            format!("{DESCRIPTION_PREFIX}{}", short_hash(&content, CONTENT_HASH_LENGTH))
        })
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AutoScalingGroup {
    pub name: String,
    pub min_size: i32,
    pub max_size: i32,
    pub subnets: BTreeSet<String>,
    /// Managed termination protection demands it before the capacity provider is made.
    pub new_instances_protected_from_scale_in: bool,
    /// In seconds.
    pub health_check_grace_period: i32,
    pub enabled_metrics: BTreeSet<String>,
    /// All propagated to the instances.
    pub tags: Tags,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CapacityProvider {
    pub name: String,
    pub managed_scaling: bool,
    /// In per cent.
    pub target_capacity: i32,
    pub minimum_scaling_step_size: i32,
    pub maximum_scaling_step_size: i32,
    /// In seconds.
    pub instance_warmup_period: i32,
    pub managed_termination_protection: bool,
    pub managed_draining: bool,
    pub tags: Tags,
}

/// One item of a cluster's default capacity provider strategy, which we never set and always keep.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct StrategyItem {
    pub capacity_provider: String,
    pub weight: i32,
    pub base: i32,
}

/// The strategy as far as it names these providers: ECS takes no other on a cluster with this list.
#[must_use]
pub fn strategy_over(providers: &BTreeSet<String>, strategy: &[StrategyItem]) -> Vec<StrategyItem> {
    strategy.iter().filter(|item| providers.contains(&item.capacity_provider)).cloned().collect()
}

/// A change to a cluster's list of capacity providers. Whatever it does not name stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListChange {
    /// Those that have to be on the list, whether they are already or not.
    pub attached: BTreeSet<String>,
    pub detached: BTreeSet<String>,
}

impl ListChange {
    /// The list with the change made.
    #[must_use]
    pub fn applied_to(&self, listed: &BTreeSet<String>) -> BTreeSet<String> {
        listed.union(&self.attached).filter(|name| !self.detached.contains(*name)).cloned().collect()
    }

    /// Whether nothing is left of it to do on this list.
    #[must_use]
    pub fn holds_on(&self, listed: &BTreeSet<String>) -> bool {
        self.attached.is_subset(listed) && self.detached.is_disjoint(listed)
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Certificate {
    /// The zone's name, without the trailing dot.
    pub domain: String,
    pub alternative_names: BTreeSet<String>,
    pub tags: Tags,
}

impl Certificate {
    /// Every name that the certificate covers.
    #[must_use]
    pub fn names(&self) -> BTreeSet<&str> {
        self.alternative_names.iter().map(String::as_str).chain([self.domain.as_str()]).collect()
    }
}

/// A DNS record with one value. Names are lower case, without the trailing dot.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct DnsRecord {
    pub name: String,
    pub record_type: String,
    pub value: String,
    /// In seconds.
    pub ttl: i64,
}

impl DnsRecord {
    /// Whether the record sends those who ask for its name to this host, as an alias or as a CNAME.
    #[must_use]
    pub fn leads_to(&self, host: &str) -> bool {
        ["A", "AAAA", "CNAME"].contains(&self.record_type.as_str()) && bare_host(&self.value) == bare_host(host)
    }
}

/// Aliases are written with the prefix that answers for both address families, and with a final dot.
fn bare_host(host: &str) -> String {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    host.strip_prefix("dualstack.").map(str::to_owned).unwrap_or(host)
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LoadBalancer {
    pub name: String,
    pub scheme: String,
    pub vpc_id: String,
    pub subnets: BTreeSet<String>,
    pub security_groups: BTreeSet<Ref>,
    /// Those attributes that we set; the others stay at AWS's defaults.
    pub attributes: BTreeMap<String, String>,
    pub tags: Tags,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DefaultAction {
    /// 301 to the same host, path and query over HTTPS on port 443.
    RedirectToHttps,
    /// 404 `Path not found` as plain text.
    PathNotFound,
    /// Anything else, described.
    Other(String),
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Listener {
    pub port: i32,
    pub protocol: String,
    pub ssl_policy: Option<String>,
    pub default_certificate: Option<Ref>,
    pub default_action: DefaultAction,
    pub tags: Tags,
}
