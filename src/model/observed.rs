//! What a look at AWS found: the properties of each resource with the identifiers and states that only AWS knows.

use crate::model::facts::{Seen, Unread};
use crate::model::names;
use crate::model::properties::{
    AutoScalingGroup, CapacityProvider, Certificate, Cluster, DnsRecord, InstanceProfile, LaunchTemplateContent, Listener, LoadBalancer,
    Role, Rule, SecurityGroup, StrategyItem,
};
use crate::model::tags::{Owner, Tags};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObservedRole {
    pub arn: String,
    pub properties: Role,
    /// Names of policies embedded in the role; they have to go before the role can. `None` where nobody has asked for them.
    pub inline_policies: Option<BTreeSet<String>>,
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
}

/// How far ECS is with attaching capacity providers to a cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Attachments {
    /// Done, or nothing to do.
    Settled,
    InProgress,
    /// In AWS's words.
    Failed(String),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObservedCluster {
    pub arn: String,
    /// `ACTIVE`, `PROVISIONING`, ...; an `INACTIVE` cluster is absent.
    pub status: String,
    pub properties: Cluster,
    pub capacity_providers: BTreeSet<String>,
    pub default_strategy: Vec<StrategyItem>,
    /// How many services it has that are not being deleted.
    pub active_services: i32,
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
    pub template_id: Option<String>,
}

impl ObservedInstance {
    /// Whether Auto Scaling changes its protection at all: one that comes or goes it refuses, and with it all that are named beside it.
    #[must_use]
    pub fn can_lose_protection(&self) -> bool {
        ["InService", "EnteringStandby", "Standby"].contains(&self.lifecycle_state.as_str())
    }

    /// Whether an instance refresh leaves it alone: somebody has set it aside.
    #[must_use]
    pub fn is_on_standby(&self) -> bool {
        self.lifecycle_state.ends_with("Standby")
    }

    /// Whether it is about to go: draining may keep it for hours.
    #[must_use]
    pub fn is_leaving(&self) -> bool {
        ["Terminat", "Detach"].iter().any(|going| self.lifecycle_state.starts_with(going))
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObservedAutoScalingGroup {
    pub arn: String,
    pub properties: AutoScalingGroup,
    pub launch_template_id: Option<String>,
    /// A number, `$Latest` or `$Default`.
    pub launch_template_version: Option<String>,
    pub desired_capacity: i32,
    /// Those of its subnets.
    pub availability_zones: BTreeSet<String>,
    pub instances: Vec<ObservedInstance>,
    /// Auto Scaling shows a group that it is deleting for minutes.
    pub deleting: bool,
}

impl ObservedAutoScalingGroup {
    /// The instances that stay.
    pub fn staying(&self) -> impl Iterator<Item = &ObservedInstance> {
        self.instances.iter().filter(|instance| !instance.is_leaving())
    }

    /// How many of the instances that stay are registered with the cluster, their agents connected.
    #[must_use]
    pub fn joined(&self, registered: &[ObservedContainerInstance]) -> usize {
        let connected: BTreeSet<&str> =
            registered.iter().filter(|node| node.agent_connected).map(|node| node.ec2_instance_id.as_str()).collect();
        self.staying().filter(|instance| connected.contains(instance.id.as_str())).count()
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProviderState {
    Active,
    /// ECS still carries out a change; another is refused meanwhile.
    Updating,
    /// ECS took a change and did not carry it out. Holds its reason.
    UpdateFailed(String),
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

    /// The ARNs of what uses it beside our load balancer.
    pub fn other_users(&self, owner: &Owner) -> impl Iterator<Item = &str> {
        // AWS names load balancers or listeners; the ARNs of ours hold its name between slashes.
        let ours = format!("/{}/", names::load_balancer(&owner.name_prefix));
        self.in_use_by.iter().map(String::as_str).filter(move |arn| !arn.contains(&ours))
    }

    /// Whether these tags of it prove that it is this instance's. Certificates have no names: of one that only `md-instance` makes ours, what
    /// uses it tells whether it is that of another instance of our name.
    #[must_use]
    pub fn belongs_to(&self, owner: &Owner, tags: &Tags) -> bool {
        let is_anothers = !self.in_use_by.is_empty() && self.other_users(owner).count() == self.in_use_by.len();
        owner.owns(tags) && !(owner.is_by_instance(tags) && is_anothers)
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
    /// Everything that is registered with the cluster, whoever launched it.
    pub container_instances: Seen<Vec<ObservedContainerInstance>>,
    pub answers: Answers,
}

impl Observed {
    /// Why each part that could not be read could not.
    pub fn unread(&self) -> impl Iterator<Item = &Unread> {
        let Self {
            role,
            instance_profile,
            node_security_group,
            alb_security_group,
            cluster,
            launch_templates,
            auto_scaling_groups,
            capacity_providers,
            certificates,
            load_balancer,
            container_instances,
            answers,
        } = self;
        let parts = [
            role.unknown(),
            instance_profile.unknown(),
            node_security_group.unknown(),
            alb_security_group.unknown(),
            cluster.unknown(),
            launch_templates.unknown(),
            auto_scaling_groups.unknown(),
            capacity_providers.unknown(),
            certificates.unknown(),
            load_balancer.unknown(),
            container_instances.unknown(),
        ];
        parts.into_iter().flatten().chain(answers.unread())
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ZoneRecords {
    pub zone_id: String,
    /// The records that stand in the zone under the names asked for.
    pub records: Vec<DnsRecord>,
}

/// A service, as far as it decides where its tasks run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObservedService {
    pub name: String,
    /// The capacity providers that its strategy names; none for a service that has a launch type.
    pub capacity_providers: BTreeSet<String>,
    /// Whether it has one task on every node, which goes with the node.
    pub is_daemon: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObservedTask {
    pub arn: String,
    /// `service:` and the service's name; anything else for a task that no service started.
    pub group: String,
    /// The ARN of the node that it runs on; `None` on Fargate.
    pub container_instance: Option<String>,
}

impl ObservedTask {
    /// The service that started it.
    #[must_use]
    pub fn service(&self) -> Option<&str> {
        self.group.strip_prefix("service:")
    }
}

/// What runs where on a cluster.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Workload {
    pub services: Vec<ObservedService>,
    pub tasks: Vec<ObservedTask>,
}

/// What an app's rule on a listener serves: one host, or every one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ListenerRule {
    /// In lower case; `None` where the rule names none.
    pub host: Option<String>,
    pub paths: BTreeSet<String>,
}

impl fmt::Display for ListenerRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.host.as_deref().unwrap_or("(any host)"))?;
        self.paths.iter().try_for_each(|path| write!(f, " {path}"))
    }
}

/// Another security group, one of whose rules refers to ours.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ReferringGroup {
    pub name: String,
    pub id: String,
}

impl fmt::Display for ReferringGroup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.name, self.id)
    }
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
    /// Whether ECS has been asked to move what runs on it.
    pub draining: bool,
    pub running_tasks: i32,
}

/// The answers to [`crate::plan::questions::Questions`]: what only some plans need to know.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answers {
    /// By the domain of the certificate. `Absent` when no public zone of that name is left.
    pub zone_records: BTreeMap<String, Seen<ZoneRecords>>,
    pub tenants: Option<Seen<Tenants>>,
    /// Those of the EC2 instances asked about that EC2 has terminated or forgotten.
    pub gone_instances: Option<Seen<BTreeSet<String>>>,
    /// By Auto Scaling group: the id of the instance refresh that is under way.
    pub refreshes: BTreeMap<String, Seen<String>>,
    /// By listener ARN: the rules that apps have added to it.
    pub listener_rules: BTreeMap<String, Seen<BTreeSet<ListenerRule>>>,
    /// By the id of a group of ours that differs from what is wanted: its rules as resources of their own.
    pub security_group_rules: BTreeMap<String, Seen<BTreeMap<Rule, ObservedRule>>>,
    /// By the id of a group of ours: the other groups whose rules refer to it.
    pub referring_groups: BTreeMap<String, Seen<BTreeSet<ReferringGroup>>>,
    pub workload: Option<Seen<Workload>>,
    /// Services with launch type EC2, daemons left out.
    pub ec2_services: Option<Seen<BTreeSet<String>>>,
    /// By domain: the records that lead to the load balancer, in every public zone of that name.
    pub leading_records: BTreeMap<String, Seen<BTreeSet<DnsRecord>>>,
    /// By domain: ARNs of certificates, not ours and in any Region that is enabled, that need the same validation record.
    pub sharing_certificates: BTreeMap<String, Seen<BTreeSet<String>>>,
}

impl Answers {
    fn unread(&self) -> impl Iterator<Item = &Unread> {
        let Self {
            zone_records,
            tenants,
            gone_instances,
            refreshes,
            listener_rules,
            security_group_rules,
            referring_groups,
            workload,
            ec2_services,
            leading_records,
            sharing_certificates,
        } = self;
        let single = [
            tenants.as_ref().and_then(Seen::unknown),
            gone_instances.as_ref().and_then(Seen::unknown),
            workload.as_ref().and_then(Seen::unknown),
            ec2_services.as_ref().and_then(Seen::unknown),
        ];
        let listed = zone_records.values().filter_map(Seen::unknown);
        let listed = listed.chain(refreshes.values().filter_map(Seen::unknown));
        let listed = listed.chain(listener_rules.values().filter_map(Seen::unknown));
        let listed = listed.chain(security_group_rules.values().filter_map(Seen::unknown));
        let listed = listed.chain(referring_groups.values().filter_map(Seen::unknown));
        let listed = listed.chain(leading_records.values().filter_map(Seen::unknown));
        let listed = listed.chain(sharing_certificates.values().filter_map(Seen::unknown));
        single.into_iter().flatten().chain(listed)
    }
}
