//! What a look at AWS found: the properties of each resource with the identifiers and states that only AWS knows.

use crate::model::answers::Answers;
use crate::model::facts::{Seen, Unread};
use crate::model::names;
use crate::model::properties::{
    AutoScalingGroup, CapacityProvider, Certificate, Cluster, DnsRecord, InstanceProfile, LaunchTemplateContent, Listener, LoadBalancer,
    Role, SecurityGroup, StrategyItem,
};
use crate::model::tags::{Owner, Tagged, Tags};
use std::collections::{BTreeMap, BTreeSet};

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
    /// The launch template itself; versions are counted anew in each.
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
pub struct ObservedContainerInstance {
    pub arn: String,
    pub ec2_instance_id: String,
    pub agent_connected: bool,
    /// Whether ECS has been asked to move what runs on it.
    pub draining: bool,
    pub running_tasks: i32,
}

macro_rules! tagged {
    ($($kind:ty),+) => {
        $(impl Tagged for $kind {
            fn tags(&self) -> &Tags {
                &self.properties.tags
            }
        })+
    };
}

tagged!(
    ObservedRole,
    ObservedInstanceProfile,
    ObservedSecurityGroup,
    ObservedCluster,
    ObservedAutoScalingGroup,
    ObservedCapacityProvider,
    ObservedCertificate,
    ObservedLoadBalancer
);
