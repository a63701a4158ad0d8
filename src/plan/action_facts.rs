//! What is known of every operation: its name at AWS, its service, what it needs and what it brings to light.

use crate::model::address::Address;
use crate::model::properties::{Direction, LoadBalancer};
use crate::model::reference::{Output, Records, Ref};
use crate::plan::action::{Action, Condition, Service, WAIT};

impl Action {
    /// The policy that an operation on a role is about, by name; a role takes several alike.
    #[must_use]
    pub fn policy(&self) -> Option<&str> {
        match self {
            Self::AttachRolePolicy { policy_arn, .. } | Self::DetachRolePolicy { policy_arn, .. } => policy_arn.rsplit('/').next(),
            Self::DeleteRolePolicy { policy, .. } => Some(policy),
            _ => None,
        }
    }

    /// The API operation behind it, as AWS names it; `Wait` for waits.
    #[must_use]
    #[expect(clippy::too_many_lines, reason = "a table")]
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
            Self::UpdateRuleDescriptions { direction: Direction::Ingress, .. } => "UpdateSecurityGroupRuleDescriptionsIngress",
            Self::UpdateRuleDescriptions { .. } => "UpdateSecurityGroupRuleDescriptionsEgress",
            Self::CreateEc2Tags { .. } => "CreateTags",
            Self::DeleteSecurityGroup { .. } => "DeleteSecurityGroup",
            Self::CreateLaunchTemplate { .. } => "CreateLaunchTemplate",
            Self::CreateLaunchTemplateVersion { .. } => "CreateLaunchTemplateVersion",
            Self::ModifyDefaultVersion { .. } => "ModifyLaunchTemplate",
            Self::DeleteLaunchTemplate { .. } => "DeleteLaunchTemplate",
            Self::CreateAutoScalingGroup { .. } => "CreateAutoScalingGroup",
            Self::UpdateAutoScalingGroup { .. } | Self::ResizeAutoScalingGroup { .. } | Self::EmptyAutoScalingGroup { .. } => {
                "UpdateAutoScalingGroup"
            }
            Self::StartInstanceRefresh { .. } => "StartInstanceRefresh",
            Self::CancelInstanceRefresh { .. } => "CancelInstanceRefresh",
            Self::EnableMetrics { .. } => "EnableMetricsCollection",
            Self::TagAutoScalingGroup { .. } => "CreateOrUpdateTags",
            Self::ClearInstanceProtection { .. } => "SetInstanceProtection",
            Self::DeleteAutoScalingGroup { .. } => "DeleteAutoScalingGroup",
            Self::CreateCluster(_) => "CreateCluster",
            Self::UpdateCluster { .. } => "UpdateCluster",
            Self::CreateCapacityProvider { .. } => "CreateCapacityProvider",
            Self::UpdateCapacityProvider(_) => "UpdateCapacityProvider",
            Self::DeleteCapacityProvider { .. } => "DeleteCapacityProvider",
            Self::PutClusterCapacityProviders { .. } => "PutClusterCapacityProviders",
            Self::TagEcsResource { .. } => "TagResource",
            Self::UpdateContainerInstancesState { .. } => "UpdateContainerInstancesState",
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
            Self::Wait(_) => WAIT,
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
            | Self::UpdateRuleDescriptions { .. }
            | Self::CreateEc2Tags { .. }
            | Self::DeleteSecurityGroup { .. }
            | Self::CreateLaunchTemplate { .. }
            | Self::CreateLaunchTemplateVersion { .. }
            | Self::ModifyDefaultVersion { .. }
            | Self::DeleteLaunchTemplate { .. } => Service::Ec2,
            Self::CreateAutoScalingGroup { .. }
            | Self::UpdateAutoScalingGroup { .. }
            | Self::ResizeAutoScalingGroup { .. }
            | Self::EmptyAutoScalingGroup { .. }
            | Self::StartInstanceRefresh { .. }
            | Self::CancelInstanceRefresh { .. }
            | Self::EnableMetrics { .. }
            | Self::TagAutoScalingGroup { .. }
            | Self::ClearInstanceProtection { .. }
            | Self::DeleteAutoScalingGroup { .. } => Service::AutoScaling,
            Self::CreateCluster(_)
            | Self::UpdateCluster { .. }
            | Self::CreateCapacityProvider { .. }
            | Self::UpdateCapacityProvider(_)
            | Self::DeleteCapacityProvider { .. }
            | Self::PutClusterCapacityProviders { .. }
            | Self::TagEcsResource { .. }
            | Self::UpdateContainerInstancesState { .. }
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
            | Self::RemoveListenerCertificate { .. } => Service::Elb,
            Self::Wait(condition) => condition.service(),
        }
    }

    /// The outputs of other operations that the payload is made of.
    #[must_use]
    #[expect(clippy::too_many_lines, reason = "one exhaustive match")]
    pub fn inputs(&self) -> Vec<(Address, Output)> {
        let refs: Vec<&Ref> = match self {
            Self::RevokeDefaultEgress { group } | Self::AuthorizeRules { group, .. } => vec![group],
            Self::CreateLaunchTemplate { content, .. } | Self::CreateLaunchTemplateVersion { content, .. } => {
                content.security_groups.iter().collect()
            }
            Self::ModifyDefaultVersion { version, .. } => vec![version],
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
                | Condition::LoadBalancerActive { load_balancer: awaited, .. }
                | Condition::RefreshDone { refresh: awaited, .. },
            ) => vec![awaited],
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
            | Self::DeleteInstanceProfile { .. }
            | Self::CreateSecurityGroup(_)
            | Self::RevokeRules { .. }
            | Self::UpdateRuleDescriptions { .. }
            | Self::CreateEc2Tags { .. }
            | Self::DeleteSecurityGroup { .. }
            | Self::DeleteLaunchTemplate { .. }
            | Self::ResizeAutoScalingGroup { .. }
            | Self::EmptyAutoScalingGroup { .. }
            | Self::StartInstanceRefresh { .. }
            | Self::CancelInstanceRefresh { .. }
            | Self::EnableMetrics { .. }
            | Self::TagAutoScalingGroup { .. }
            | Self::ClearInstanceProtection { .. }
            | Self::DeleteAutoScalingGroup { .. }
            | Self::CreateCluster(_)
            | Self::UpdateCluster { .. }
            | Self::UpdateCapacityProvider(_)
            | Self::DeleteCapacityProvider { .. }
            | Self::PutClusterCapacityProviders { .. }
            | Self::TagEcsResource { .. }
            | Self::UpdateContainerInstancesState { .. }
            | Self::DeregisterContainerInstance { .. }
            | Self::DeleteCluster { .. }
            | Self::RequestCertificate { .. }
            | Self::TagCertificate { .. }
            | Self::DeleteCertificate { .. }
            | Self::UpsertRecords { records: Records::Known(_), .. }
            | Self::DeleteRecords { .. }
            | Self::SetSubnets { .. }
            | Self::TagElbResource { .. }
            | Self::DeleteLoadBalancer { .. }
            | Self::RemoveListenerCertificate { .. }
            | Self::Wait(
                Condition::ClusterActive { .. }
                | Condition::AttachmentsSettled { .. }
                | Condition::CapacityProviderUpdated { .. }
                | Condition::CapacityProviderGone { .. }
                | Condition::AutoScalingGroupGone { .. }
                | Condition::NodesDrained { .. }
                | Condition::NodesJoined { .. },
            ) => Vec::new(),
        };
        refs.into_iter()
            .filter_map(|reference| if let Ref::Of(address, output) = reference { Some((address.clone(), *output)) } else { None })
            .collect()
    }

    /// What the operation brings to light when it is done.
    #[must_use]
    pub const fn outputs(&self) -> &'static [Output] {
        self.effect().0
    }

    /// Whether other resources can build on this one as soon as the operation is done, before the rest of its own operations.
    #[must_use]
    pub const fn establishes(&self) -> bool {
        self.effect().1
    }

    /// Its outputs, and whether it establishes its resource.
    #[expect(clippy::too_many_lines, reason = "one exhaustive match")]
    const fn effect(&self) -> (&'static [Output], bool) {
        match self {
            Self::CreateSecurityGroup(_) => (&[Output::Id], true),
            Self::CreateLaunchTemplate { .. } => (&[Output::Id, Output::Version], true),
            Self::CreateAutoScalingGroup { .. }
            | Self::CreateLoadBalancer(_)
            | Self::CreateListener { .. }
            | Self::RequestCertificate { .. } => (&[Output::Arn], true),
            Self::CreateRole(_)
            | Self::CreateInstanceProfile { .. }
            | Self::UpdateAutoScalingGroup { .. }
            | Self::CreateCluster(_)
            | Self::CreateCapacityProvider { .. }
            | Self::AddListenerCertificate { .. } => (&[], true),
            Self::CreateLaunchTemplateVersion { .. } => (&[Output::Version], false),
            Self::StartInstanceRefresh { .. } => (&[Output::Id], false),
            Self::Wait(Condition::CertificateRecords { .. }) => (&[Output::Records], false),
            Self::UpdateAssumeRolePolicy { .. }
            | Self::AttachRolePolicy { .. }
            | Self::DetachRolePolicy { .. }
            | Self::DeleteRolePolicy { .. }
            | Self::TagRole { .. }
            | Self::DeleteRole { .. }
            | Self::AddRoleToInstanceProfile { .. }
            | Self::RemoveRoleFromInstanceProfile { .. }
            | Self::TagInstanceProfile { .. }
            | Self::DeleteInstanceProfile { .. }
            | Self::RevokeDefaultEgress { .. }
            | Self::AuthorizeRules { .. }
            | Self::RevokeRules { .. }
            | Self::UpdateRuleDescriptions { .. }
            | Self::CreateEc2Tags { .. }
            | Self::DeleteSecurityGroup { .. }
            | Self::ModifyDefaultVersion { .. }
            | Self::DeleteLaunchTemplate { .. }
            | Self::ResizeAutoScalingGroup { .. }
            | Self::EmptyAutoScalingGroup { .. }
            | Self::CancelInstanceRefresh { .. }
            | Self::EnableMetrics { .. }
            | Self::TagAutoScalingGroup { .. }
            | Self::ClearInstanceProtection { .. }
            | Self::DeleteAutoScalingGroup { .. }
            | Self::UpdateCluster { .. }
            | Self::UpdateCapacityProvider(_)
            | Self::DeleteCapacityProvider { .. }
            | Self::PutClusterCapacityProviders { .. }
            | Self::TagEcsResource { .. }
            | Self::UpdateContainerInstancesState { .. }
            | Self::DeregisterContainerInstance { .. }
            | Self::DeleteCluster { .. }
            | Self::TagCertificate { .. }
            | Self::DeleteCertificate { .. }
            | Self::UpsertRecords { .. }
            | Self::DeleteRecords { .. }
            | Self::ModifyLoadBalancerAttributes { .. }
            | Self::SetSubnets { .. }
            | Self::SetSecurityGroups { .. }
            | Self::TagElbResource { .. }
            | Self::DeleteLoadBalancer { .. }
            | Self::ModifyListener { .. }
            | Self::RemoveListenerCertificate { .. }
            | Self::Wait(
                Condition::ClusterActive { .. }
                | Condition::AttachmentsSettled { .. }
                | Condition::CapacityProviderUpdated { .. }
                | Condition::CapacityProviderGone { .. }
                | Condition::AutoScalingGroupGone { .. }
                | Condition::NodesDrained { .. }
                | Condition::NodesJoined { .. }
                | Condition::RefreshDone { .. }
                | Condition::CertificateIssued { .. }
                | Condition::LoadBalancerActive { .. },
            ) => (&[], false),
        }
    }
}

impl Condition {
    #[must_use]
    pub const fn service(&self) -> Service {
        match self {
            Self::ClusterActive { .. }
            | Self::AttachmentsSettled { .. }
            | Self::CapacityProviderUpdated { .. }
            | Self::CapacityProviderGone { .. }
            | Self::NodesDrained { .. }
            | Self::NodesJoined { .. } => Service::Ecs,
            Self::AutoScalingGroupGone { .. } | Self::RefreshDone { .. } => Service::AutoScaling,
            Self::CertificateRecords { .. } | Self::CertificateIssued { .. } => Service::Acm,
            Self::LoadBalancerActive { .. } => Service::Elb,
        }
    }
}
