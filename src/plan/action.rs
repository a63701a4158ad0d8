//! The operations that a plan is made of: each one AWS mutation with its whole payload, or one named wait.

use crate::model::address::Address;
use crate::model::properties::{
    AutoScalingGroup, CapacityProvider, Certificate, Cluster, Direction, DnsRecord, LaunchTemplateContent, ListChange, Listener,
    LoadBalancer, Role, Rule, SecurityGroup,
};
use crate::model::reference::{Records, Ref};
use crate::model::tags::Tags;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// The AWS services that we call, for limits and error classes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Service {
    Acm,
    AutoScaling,
    Ec2,
    Ecs,
    Elb,
    Iam,
    Route53,
    Ssm,
    Sts,
}

/// Which rules of a security group an operation adds, with their descriptions.
pub type DescribedRules = BTreeMap<Rule, String>;

/// What waits are called in the place of an operation.
pub const WAIT: &str = "Wait";

/// What ECS does with a container instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NodeState {
    /// Tasks are placed on it.
    Active,
    /// Nothing new is placed on it, and services start their tasks elsewhere.
    Draining,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    CreateRole(Role),
    UpdateAssumeRolePolicy {
        role: String,
        trusted_principals: BTreeSet<String>,
    },
    AttachRolePolicy {
        role: String,
        policy_arn: String,
    },
    DetachRolePolicy {
        role: String,
        policy_arn: String,
    },
    DeleteRolePolicy {
        role: String,
        policy: String,
    },
    TagRole {
        role: String,
        tags: Tags,
    },
    DeleteRole {
        role: String,
    },
    CreateInstanceProfile {
        profile: String,
        tags: Tags,
    },
    AddRoleToInstanceProfile {
        profile: String,
        role: String,
    },
    RemoveRoleFromInstanceProfile {
        profile: String,
        role: String,
    },
    TagInstanceProfile {
        profile: String,
        tags: Tags,
    },
    DeleteInstanceProfile {
        profile: String,
    },

    CreateSecurityGroup(SecurityGroup),
    /// A new VPC security group allows all egress by a rule without description and tags.
    RevokeDefaultEgress {
        group: Ref,
    },
    AuthorizeRules {
        group: Ref,
        direction: Direction,
        rules: DescribedRules,
        tags: Tags,
    },
    RevokeRules {
        group: String,
        direction: Direction,
        rule_ids: BTreeSet<String>,
    },
    UpdateRuleDescriptions {
        group: String,
        direction: Direction,
        rules: DescribedRules,
    },
    /// Tags for any EC2 resources, by id.
    CreateEc2Tags {
        resources: BTreeSet<String>,
        tags: Tags,
    },
    DeleteSecurityGroup {
        id: String,
    },

    CreateLaunchTemplate {
        name: String,
        content: LaunchTemplateContent,
        tags: Tags,
    },
    CreateLaunchTemplateVersion {
        template_id: String,
        after_version: i64,
        content: LaunchTemplateContent,
    },
    ModifyDefaultVersion {
        template_id: String,
        version: Ref,
    },
    DeleteLaunchTemplate {
        id: String,
    },

    CreateAutoScalingGroup {
        group: AutoScalingGroup,
        template: Ref,
        version: Ref,
    },
    UpdateAutoScalingGroup {
        group: AutoScalingGroup,
        template: Ref,
        version: Ref,
    },
    ResizeAutoScalingGroup {
        name: String,
        min_size: i32,
        max_size: i32,
        /// `None` leaves it to ECS and Auto Scaling.
        desired_capacity: Option<i32>,
    },
    /// Replaces every instance that was not launched from the group's version of its template.
    StartInstanceRefresh {
        name: String,
        preferences: RefreshPreferences,
    },
    /// A group does not go while a refresh launches instances into it.
    CancelInstanceRefresh {
        name: String,
    },
    /// No instances wanted, none protected, nothing that may launch more.
    EmptyAutoScalingGroup {
        name: String,
    },
    EnableMetrics {
        name: String,
        metrics: BTreeSet<String>,
    },
    TagAutoScalingGroup {
        name: String,
        tags: Tags,
    },
    ClearInstanceProtection {
        name: String,
        instances: Vec<String>,
    },
    DeleteAutoScalingGroup {
        name: String,
    },

    CreateCluster(Cluster),
    UpdateCluster {
        cluster: String,
        container_insights: String,
    },
    CreateCapacityProvider {
        provider: CapacityProvider,
        auto_scaling_group: Ref,
    },
    UpdateCapacityProvider(CapacityProvider),
    DeleteCapacityProvider {
        name: String,
    },
    /// The call takes the whole list, and others may have changed theirs since the look: the list is read again just before it.
    PutClusterCapacityProviders {
        cluster: String,
        change: ListChange,
        /// Providers on the list that the call does not take.
        managed_instances: BTreeSet<String>,
        /// This run makes the cluster, so that nothing of others can be on its list.
        cluster_is_new: bool,
    },
    TagEcsResource {
        arn: String,
        tags: Tags,
    },
    /// At most ten.
    UpdateContainerInstancesState {
        cluster: String,
        arns: Vec<String>,
        state: NodeState,
    },
    DeregisterContainerInstance {
        cluster: String,
        arn: String,
    },
    DeleteCluster {
        cluster: String,
    },

    /// The token makes AWS answer with the same certificate for an hour, should its list not show the certificate yet.
    RequestCertificate {
        certificate: Certificate,
        token: String,
    },
    TagCertificate {
        arn: String,
        tags: Tags,
    },
    DeleteCertificate {
        arn: String,
    },
    UpsertRecords {
        zone_id: String,
        records: Records,
    },
    DeleteRecords {
        zone_id: String,
        records: Vec<DnsRecord>,
    },

    CreateLoadBalancer(LoadBalancer),
    ModifyLoadBalancerAttributes {
        load_balancer: Ref,
        attributes: BTreeMap<String, String>,
    },
    SetSubnets {
        load_balancer: String,
        subnets: BTreeSet<String>,
    },
    SetSecurityGroups {
        load_balancer: String,
        security_groups: BTreeSet<Ref>,
    },
    TagElbResource {
        arn: String,
        tags: Tags,
    },
    DeleteLoadBalancer {
        arn: String,
    },
    CreateListener {
        load_balancer: Ref,
        listener: Listener,
    },
    ModifyListener {
        arn: String,
        listener: Listener,
    },
    AddListenerCertificate {
        listener: Ref,
        certificate: Ref,
    },
    RemoveListenerCertificate {
        listener: String,
        certificate: String,
    },

    Wait(Condition),
}

/// How a refresh replaces a group's instances.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RefreshPreferences {
    /// How many may be healthy meanwhile, in per cent of the group's desired capacity.
    pub min_healthy_percentage: i32,
    /// How many there may be in all meanwhile, in the same per cent.
    pub max_healthy_percentage: i32,
    /// Whether instances of the wanted version stay.
    pub skip_matching: bool,
    pub protected: PutAside,
    pub on_standby: PutAside,
}

/// What a refresh does with instances that somebody has put aside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PutAside {
    Ignored,
    /// Replaced like the others.
    Refreshed,
}

/// What a plan waits for. Each is polled until it holds, fails for good, or its bound passes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    ClusterActive {
        cluster: String,
    },
    /// ECS shows this change of the cluster's list, and has carried out whatever it has to.
    AttachmentsSettled {
        cluster: String,
        change: ListChange,
    },
    CapacityProviderUpdated {
        name: String,
    },
    CapacityProviderGone {
        name: String,
    },
    AutoScalingGroupGone {
        name: String,
    },
    /// None of these container instances runs a task any more.
    NodesDrained {
        cluster: String,
        container_instances: Vec<String>,
    },
    /// Of each of these Auto Scaling groups, at least so many instances are registered with the cluster, their agents connected.
    NodesJoined {
        cluster: String,
        minimums: BTreeMap<String, usize>,
    },
    /// This instance refresh of the group has replaced what it had to.
    RefreshDone {
        auto_scaling_group: String,
        refresh: Ref,
    },
    /// ACM makes the records some seconds after the request.
    CertificateRecords {
        certificate: Ref,
        address: Address,
    },
    CertificateIssued {
        certificate: Ref,
        domain: String,
        /// Where ACM looks for the validation record, if the domain is delegated to it.
        zone_id: String,
    },
    LoadBalancerActive {
        load_balancer: Ref,
        name: String,
    },
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ClusterActive { cluster } => write!(f, "cluster `{cluster}` to be ACTIVE"),
            Self::AttachmentsSettled { cluster, .. } => write!(f, "the capacity provider attachments of cluster `{cluster}` to settle"),
            Self::CapacityProviderUpdated { name } => write!(f, "capacity provider `{name}` to take its change"),
            Self::CapacityProviderGone { name } => write!(f, "capacity provider `{name}` to be gone"),
            Self::AutoScalingGroupGone { name } => write!(f, "Auto Scaling group `{name}` and its instances to be gone"),
            Self::NodesDrained { container_instances, .. } => {
                write!(f, "the tasks on {} of its nodes to move or end", container_instances.len())
            }
            Self::NodesJoined { cluster, .. } => write!(f, "nodes to join cluster `{cluster}`"),
            Self::RefreshDone { auto_scaling_group, .. } => {
                write!(f, "the instance refresh of `{auto_scaling_group}` to replace its nodes")
            }
            Self::CertificateRecords { address, .. } => write!(f, "ACM to name the validation record of `{}`", address.name),
            Self::CertificateIssued { domain, .. } => write!(f, "the certificate for `{domain}` to be ISSUED"),
            Self::LoadBalancerActive { name, .. } => write!(f, "load balancer `{name}` to be active"),
        }
    }
}
