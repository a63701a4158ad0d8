//! What a look at AWS found: the properties of each resource with the identifiers and states that only AWS knows.

use crate::model::facts::Seen;
use crate::model::properties::{
    AutoScalingGroup, CapacityProvider, Certificate, Cluster, DnsRecord, InstanceProfile, LaunchTemplateContent, Listener, LoadBalancer,
    Role, Rule, SecurityGroup, StrategyItem,
};
use crate::model::tags::Tags;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObservedRole {
    pub arn: String,
    pub properties: Role,
    /// Names of policies embedded in the role; they have to go before the role can.
    pub inline_policies: BTreeSet<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObservedInstanceProfile {
    pub arn: String,
    pub properties: InstanceProfile,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObservedRule {
    pub id: String,
    pub tags: Tags,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObservedSecurityGroup {
    pub id: String,
    pub properties: SecurityGroup,
    pub rules: BTreeMap<Rule, ObservedRule>,
}

/// How far ECS is with attaching capacity providers to a cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Attachments {
    /// Done, or nothing to do.
    Settled,
    InProgress,
    Failed,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObservedCluster {
    pub arn: String,
    /// `ACTIVE`, `PROVISIONING`, ...; an `INACTIVE` cluster is absent.
    pub status: String,
    pub properties: Cluster,
    pub capacity_providers: BTreeSet<String>,
    pub default_strategy: Vec<StrategyItem>,
    pub attachments: Attachments,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObservedLaunchTemplate {
    pub id: String,
    pub name: String,
    pub tags: Tags,
    pub latest_version: i64,
    pub default_version: i64,
    /// Of the latest version.
    pub description: String,
    /// Of the latest version.
    pub content: LaunchTemplateContent,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObservedInstance {
    pub id: String,
    pub protected_from_scale_in: bool,
    pub lifecycle_state: String,
    /// The version of the launch template that it was launched from.
    pub template_version: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObservedAutoScalingGroup {
    pub arn: String,
    pub properties: AutoScalingGroup,
    pub launch_template_id: Option<String>,
    /// A number, `$Latest` or `$Default`.
    pub launch_template_version: Option<String>,
    pub desired_capacity: i32,
    pub instances: Vec<ObservedInstance>,
    /// Auto Scaling shows a group that it is deleting for minutes.
    pub deleting: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProviderState {
    Active,
    /// Being deleted; the name is free only when it is gone.
    Deleting,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObservedCapacityProvider {
    pub arn: String,
    pub properties: CapacityProvider,
    /// `None` for a Managed Instances provider, which `PutClusterCapacityProviders` does not take.
    pub auto_scaling_group_arn: Option<String>,
    pub state: ProviderState,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CertificateStatus {
    Pending,
    Issued,
    /// `FAILED`, `VALIDATION_TIMED_OUT`, `EXPIRED`, ...: it will never be usable again. Holds the status and AWS's reason.
    Dead(String),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObservedCertificate {
    pub arn: String,
    pub properties: Certificate,
    pub status: CertificateStatus,
    /// The validation records, without repeats; empty while ACM has not made all of them.
    pub records: Vec<DnsRecord>,
    pub in_use_by: BTreeSet<String>,
}

impl ObservedCertificate {
    #[must_use]
    pub fn tagged(mut self, tags: Tags) -> Self {
        self.properties.tags = tags;
        self
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObservedListener {
    pub arn: String,
    pub properties: Listener,
    /// ARNs of the certificates beside the default one.
    pub extra_certificates: BTreeSet<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObservedLoadBalancer {
    pub arn: String,
    pub dns_name: String,
    /// `provisioning`, `active`, `active_impaired` or `failed`.
    pub state: String,
    pub properties: LoadBalancer,
    pub listeners: Vec<ObservedListener>,
}

/// Every resource that may be this instance's, found by name, tag and parent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observed {
    pub role: Seen<ObservedRole>,
    pub instance_profile: Seen<ObservedInstanceProfile>,
    pub node_security_group: Seen<ObservedSecurityGroup>,
    pub alb_security_group: Seen<ObservedSecurityGroup>,
    pub cluster: Seen<ObservedCluster>,
    /// By name; `Unknown` when they could not be listed.
    pub launch_templates: Seen<BTreeMap<String, ObservedLaunchTemplate>>,
    pub auto_scaling_groups: Seen<BTreeMap<String, ObservedAutoScalingGroup>>,
    pub capacity_providers: Seen<BTreeMap<String, ObservedCapacityProvider>>,
    /// Ours only: certificates have no names that could be taken.
    pub certificates: Seen<Vec<ObservedCertificate>>,
    pub load_balancer: Seen<ObservedLoadBalancer>,
    pub answers: Answers,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ZoneRecords {
    pub zone_id: String,
    /// The records that stand in the zone under the names asked for.
    pub records: Vec<DnsRecord>,
}

/// What runs on a cluster.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tenants {
    pub services: BTreeSet<String>,
    /// ARNs of tasks that no service started.
    pub tasks: BTreeSet<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObservedContainerInstance {
    pub arn: String,
    pub ec2_instance_id: String,
    pub agent_connected: bool,
    pub running_tasks: i32,
}

/// The answers to [`crate::plan::questions::Questions`]: what only some plans need to know.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answers {
    /// By the domain of the certificate. `Absent` when no public zone of that name is left.
    pub zone_records: BTreeMap<String, Seen<ZoneRecords>>,
    pub tenants: Option<Seen<Tenants>>,
    pub container_instances: Option<Seen<Vec<ObservedContainerInstance>>>,
    /// By listener ARN: the host names and paths of the rules that apps have added to it.
    pub listener_rules: BTreeMap<String, Seen<BTreeSet<String>>>,
    /// By the id of a group of ours: the other groups whose rules refer to it, as `name (id)`.
    pub referring_groups: BTreeMap<String, Seen<BTreeSet<String>>>,
    /// By capacity provider: the services whose strategy names it.
    pub provider_users: Option<Seen<BTreeMap<String, BTreeSet<String>>>>,
    /// By domain: ARNs of certificates, not ours and in any Region that can be read, that need the same validation record.
    pub sharing_certificates: BTreeMap<String, Seen<BTreeSet<String>>>,
}
