//! The operations that a plan is made of: each one AWS mutation with its whole payload, or one named wait.

use crate::model::address::Address;
use crate::model::properties::{
    AutoScalingGroup, CapacityProvider, Certificate, Cluster, Direction, DnsRecord, LaunchTemplateContent, Listener, LoadBalancer, Role,
    Rule, SecurityGroup, StrategyItem,
};
use crate::model::reference::{Output, Records, Ref};
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

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    CreateRole(Role),
    UpdateAssumeRolePolicy {
        role: String,
        trusted_services: BTreeSet<String>,
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
    DescribeRules {
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
    SetDefaultVersion {
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
    UpdateClusterSettings {
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
    PutClusterCapacityProviders {
        cluster: String,
        providers: BTreeSet<String>,
        default_strategy: Vec<StrategyItem>,
    },
    TagEcsResource {
        arn: String,
        tags: Tags,
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
    DeleteListener {
        arn: String,
    },

    Wait(Condition),
}

/// What a plan waits for. Each is polled until it holds, fails for good, or its bound passes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    ClusterActive {
        cluster: String,
    },
    AttachmentsSettled {
        cluster: String,
    },
    CapacityProviderGone {
        name: String,
    },
    AutoScalingGroupGone {
        name: String,
    },
    /// ACM makes the records some seconds after the request.
    CertificateRecords {
        certificate: Ref,
        address: Address,
    },
    CertificateIssued {
        certificate: Ref,
        domain: String,
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
            Self::AttachmentsSettled { cluster } => write!(f, "the capacity provider attachments of cluster `{cluster}` to settle"),
            Self::CapacityProviderGone { name } => write!(f, "capacity provider `{name}` to be gone"),
            Self::AutoScalingGroupGone { name } => write!(f, "Auto Scaling group `{name}` and its instances to be gone"),
            Self::CertificateRecords { address, .. } => write!(f, "ACM to name the validation record of `{}`", address.name),
            Self::CertificateIssued { domain, .. } => write!(f, "the certificate for `{domain}` to be ISSUED"),
            Self::LoadBalancerActive { name, .. } => write!(f, "load balancer `{name}` to be active"),
        }
    }
}

impl Action {
    /// The API operation behind it, as AWS names it; `Wait` for waits.
    #[must_use]
    pub const fn operation(&self) -> &'static str {
        match self {
            Self::CreateRole(_) => "CreateRole",
            Self::UpdateAssumeRolePolicy { .. } => "UpdateAssumeRolePolicy",
            Self::AttachRolePolicy { .. } => "AttachRolePolicy",
            Self::DetachRolePolicy { .. } => "DetachRolePolicy",
            Self::DeleteRolePolicy { .. } => "DeleteRolePolicy",
            Self::TagRole { .. } => "TagRole",
            Self::DeleteRole { .. } => "DeleteRole",
            Self::CreateInstanceProfile { .. } => "CreateInstanceProfile",
            Self::AddRoleToInstanceProfile { .. } => "AddRoleToInstanceProfile",
            Self::RemoveRoleFromInstanceProfile { .. } => "RemoveRoleFromInstanceProfile",
            Self::TagInstanceProfile { .. } => "TagInstanceProfile",
            Self::DeleteInstanceProfile { .. } => "DeleteInstanceProfile",
            Self::CreateSecurityGroup(_) => "CreateSecurityGroup",
            Self::RevokeDefaultEgress { .. } | Self::RevokeRules { direction: Direction::Egress, .. } => "RevokeSecurityGroupEgress",
            Self::RevokeRules { .. } => "RevokeSecurityGroupIngress",
            Self::AuthorizeRules { direction: Direction::Ingress, .. } => "AuthorizeSecurityGroupIngress",
            Self::AuthorizeRules { .. } => "AuthorizeSecurityGroupEgress",
            Self::DescribeRules { direction: Direction::Ingress, .. } => "UpdateSecurityGroupRuleDescriptionsIngress",
            Self::DescribeRules { .. } => "UpdateSecurityGroupRuleDescriptionsEgress",
            Self::CreateEc2Tags { .. } => "CreateTags",
            Self::DeleteSecurityGroup { .. } => "DeleteSecurityGroup",
            Self::CreateLaunchTemplate { .. } => "CreateLaunchTemplate",
            Self::CreateLaunchTemplateVersion { .. } => "CreateLaunchTemplateVersion",
            Self::SetDefaultVersion { .. } => "ModifyLaunchTemplate",
            Self::DeleteLaunchTemplate { .. } => "DeleteLaunchTemplate",
            Self::CreateAutoScalingGroup { .. } => "CreateAutoScalingGroup",
            Self::UpdateAutoScalingGroup { .. } | Self::ResizeAutoScalingGroup { .. } | Self::EmptyAutoScalingGroup { .. } => {
                "UpdateAutoScalingGroup"
            }
            Self::EnableMetrics { .. } => "EnableMetricsCollection",
            Self::TagAutoScalingGroup { .. } => "CreateOrUpdateTags",
            Self::ClearInstanceProtection { .. } => "SetInstanceProtection",
            Self::DeleteAutoScalingGroup { .. } => "DeleteAutoScalingGroup",
            Self::CreateCluster(_) => "CreateCluster",
            Self::UpdateClusterSettings { .. } => "UpdateCluster",
            Self::CreateCapacityProvider { .. } => "CreateCapacityProvider",
            Self::UpdateCapacityProvider(_) => "UpdateCapacityProvider",
            Self::DeleteCapacityProvider { .. } => "DeleteCapacityProvider",
            Self::PutClusterCapacityProviders { .. } => "PutClusterCapacityProviders",
            Self::TagEcsResource { .. } => "TagResource",
            Self::DeregisterContainerInstance { .. } => "DeregisterContainerInstance",
            Self::DeleteCluster { .. } => "DeleteCluster",
            Self::RequestCertificate { .. } => "RequestCertificate",
            Self::TagCertificate { .. } => "AddTagsToCertificate",
            Self::DeleteCertificate { .. } => "DeleteCertificate",
            Self::UpsertRecords { .. } | Self::DeleteRecords { .. } => "ChangeResourceRecordSets",
            Self::CreateLoadBalancer(_) => "CreateLoadBalancer",
            Self::ModifyLoadBalancerAttributes { .. } => "ModifyLoadBalancerAttributes",
            Self::SetSubnets { .. } => "SetSubnets",
            Self::SetSecurityGroups { .. } => "SetSecurityGroups",
            Self::TagElbResource { .. } => "AddTags",
            Self::DeleteLoadBalancer { .. } => "DeleteLoadBalancer",
            Self::CreateListener { .. } => "CreateListener",
            Self::ModifyListener { .. } => "ModifyListener",
            Self::AddListenerCertificate { .. } => "AddListenerCertificates",
            Self::RemoveListenerCertificate { .. } => "RemoveListenerCertificates",
            Self::DeleteListener { .. } => "DeleteListener",
            Self::Wait(_) => "Wait",
        }
    }

    #[must_use]
    pub const fn service(&self) -> Service {
        match self {
            Self::CreateRole(_)
            | Self::UpdateAssumeRolePolicy { .. }
            | Self::AttachRolePolicy { .. }
            | Self::DetachRolePolicy { .. }
            | Self::DeleteRolePolicy { .. }
            | Self::TagRole { .. }
            | Self::DeleteRole { .. }
            | Self::CreateInstanceProfile { .. }
            | Self::AddRoleToInstanceProfile { .. }
            | Self::RemoveRoleFromInstanceProfile { .. }
            | Self::TagInstanceProfile { .. }
            | Self::DeleteInstanceProfile { .. } => Service::Iam,
            Self::CreateSecurityGroup(_)
            | Self::RevokeDefaultEgress { .. }
            | Self::AuthorizeRules { .. }
            | Self::RevokeRules { .. }
            | Self::DescribeRules { .. }
            | Self::CreateEc2Tags { .. }
            | Self::DeleteSecurityGroup { .. }
            | Self::CreateLaunchTemplate { .. }
            | Self::CreateLaunchTemplateVersion { .. }
            | Self::SetDefaultVersion { .. }
            | Self::DeleteLaunchTemplate { .. } => Service::Ec2,
            Self::CreateAutoScalingGroup { .. }
            | Self::UpdateAutoScalingGroup { .. }
            | Self::ResizeAutoScalingGroup { .. }
            | Self::EmptyAutoScalingGroup { .. }
            | Self::EnableMetrics { .. }
            | Self::TagAutoScalingGroup { .. }
            | Self::ClearInstanceProtection { .. }
            | Self::DeleteAutoScalingGroup { .. } => Service::AutoScaling,
            Self::CreateCluster(_)
            | Self::UpdateClusterSettings { .. }
            | Self::CreateCapacityProvider { .. }
            | Self::UpdateCapacityProvider(_)
            | Self::DeleteCapacityProvider { .. }
            | Self::PutClusterCapacityProviders { .. }
            | Self::TagEcsResource { .. }
            | Self::DeregisterContainerInstance { .. }
            | Self::DeleteCluster { .. } => Service::Ecs,
            Self::RequestCertificate { .. } | Self::TagCertificate { .. } | Self::DeleteCertificate { .. } => Service::Acm,
            Self::UpsertRecords { .. } | Self::DeleteRecords { .. } => Service::Route53,
            Self::CreateLoadBalancer(_)
            | Self::ModifyLoadBalancerAttributes { .. }
            | Self::SetSubnets { .. }
            | Self::SetSecurityGroups { .. }
            | Self::TagElbResource { .. }
            | Self::DeleteLoadBalancer { .. }
            | Self::CreateListener { .. }
            | Self::ModifyListener { .. }
            | Self::AddListenerCertificate { .. }
            | Self::RemoveListenerCertificate { .. }
            | Self::DeleteListener { .. } => Service::Elb,
            Self::Wait(condition) => condition.service(),
        }
    }

    /// The outputs of other operations that the payload is made of.
    #[must_use]
    pub fn inputs(&self) -> Vec<(Address, Output)> {
        let refs: Vec<&Ref> = match self {
            Self::RevokeDefaultEgress { group } | Self::AuthorizeRules { group, .. } => vec![group],
            Self::CreateLaunchTemplate { content, .. } | Self::CreateLaunchTemplateVersion { content, .. } => {
                content.security_groups.iter().collect()
            }
            Self::SetDefaultVersion { version, .. } => vec![version],
            Self::CreateAutoScalingGroup { template, version, .. } | Self::UpdateAutoScalingGroup { template, version, .. } => {
                vec![template, version]
            }
            Self::CreateCapacityProvider { auto_scaling_group, .. } => vec![auto_scaling_group],
            Self::UpsertRecords { records: Records::Of(certificate), .. } => return vec![(certificate.clone(), Output::Records)],
            Self::CreateLoadBalancer(LoadBalancer { security_groups, .. }) | Self::SetSecurityGroups { security_groups, .. } => {
                security_groups.iter().collect()
            }
            Self::ModifyLoadBalancerAttributes { load_balancer, .. } => vec![load_balancer],
            Self::CreateListener { load_balancer, listener } => listener.default_certificate.iter().chain([load_balancer]).collect(),
            Self::ModifyListener { listener, .. } => listener.default_certificate.iter().collect(),
            Self::AddListenerCertificate { listener, certificate } => vec![listener, certificate],
            Self::Wait(
                Condition::CertificateRecords { certificate: awaited, .. }
                | Condition::CertificateIssued { certificate: awaited, .. }
                | Condition::LoadBalancerActive { load_balancer: awaited, .. },
            ) => vec![awaited],
            _ => Vec::new(),
        };
        refs.into_iter()
            .filter_map(|reference| if let Ref::Of(address, output) = reference { Some((address.clone(), *output)) } else { None })
            .collect()
    }

    /// What the operation brings to light when it is done.
    #[must_use]
    pub const fn outputs(&self) -> &'static [Output] {
        match self {
            Self::CreateSecurityGroup(_) => &[Output::Id],
            Self::CreateLaunchTemplate { .. } => &[Output::Id, Output::Version],
            Self::CreateLaunchTemplateVersion { .. } => &[Output::Version],
            Self::CreateAutoScalingGroup { .. }
            | Self::CreateLoadBalancer(_)
            | Self::CreateListener { .. }
            | Self::RequestCertificate { .. } => &[Output::Arn],
            Self::Wait(Condition::CertificateRecords { .. }) => &[Output::Records],
            _ => &[],
        }
    }

    /// Whether other resources can build on this one as soon as the operation is done, before the rest of its own operations.
    #[must_use]
    pub const fn establishes(&self) -> bool {
        matches!(
            self,
            Self::CreateRole(_)
                | Self::CreateInstanceProfile { .. }
                | Self::CreateSecurityGroup(_)
                | Self::CreateLaunchTemplate { .. }
                | Self::CreateAutoScalingGroup { .. }
                | Self::UpdateAutoScalingGroup { .. }
                | Self::CreateCluster(_)
                | Self::CreateCapacityProvider { .. }
                | Self::CreateLoadBalancer(_)
                | Self::CreateListener { .. }
                | Self::RequestCertificate { .. }
        )
    }
}

impl Condition {
    #[must_use]
    pub const fn service(&self) -> Service {
        match self {
            Self::ClusterActive { .. } | Self::AttachmentsSettled { .. } | Self::CapacityProviderGone { .. } => Service::Ecs,
            Self::AutoScalingGroupGone { .. } => Service::AutoScaling,
            Self::CertificateRecords { .. } | Self::CertificateIssued { .. } => Service::Acm,
            Self::LoadBalancerActive { .. } => Service::Elb,
        }
    }
}
