//! From each operation and each wait to what it does to the world. Exhaustive, so that a new operation does not compile until
//! somebody decides what it does.

use crate::plan::world::World;
use aws_ecs_cluster::aws::progress::Yield;
use aws_ecs_cluster::model::properties::{LaunchTemplateContent, Listener};
use aws_ecs_cluster::model::reference::{Outputs, Ref};
use aws_ecs_cluster::plan::action::{Action, Condition};
use std::collections::BTreeSet;

/// Why an operation was not carried out.
#[derive(Debug)]
pub enum Refused {
    There,
    Gone,
    /// AWS would refuse it, or a promise of ours would be broken.
    Wrong(String),
}

pub type Applied = Result<Vec<Yield>, Refused>;
pub type Done = Result<(), Refused>;

pub fn wrong<T>(why: impl Into<String>) -> Result<T, Refused> {
    Err(Refused::Wrong(why.into()))
}

#[expect(clippy::fn_params_excessive_bools, reason = "it is what an assertion takes")]
pub fn require(holds: bool, why: &str) -> Done {
    if holds { Ok(()) } else { wrong(why) }
}

/// Fills in what other operations have brought to light.
#[derive(Clone, Copy)]
pub struct Known<'a>(&'a Outputs);

impl Known<'_> {
    pub fn text(self, reference: &Ref) -> Result<String, Refused> {
        self.0.resolve(reference).map(str::to_owned).map_or_else(|| wrong(format!("{reference:?} is not known")), Ok)
    }

    pub fn refs<C: FromIterator<Ref>>(self, references: impl IntoIterator<Item = Ref>) -> Result<C, Refused> {
        references.into_iter().map(|reference| self.text(&reference).map(Ref::Known)).collect()
    }

    pub fn content(self, content: &LaunchTemplateContent) -> Result<LaunchTemplateContent, Refused> {
        Ok(LaunchTemplateContent { security_groups: self.refs(content.security_groups.clone())?, ..content.clone() })
    }

    pub fn listener(self, listener: &Listener) -> Result<Listener, Refused> {
        let certificate = listener.default_certificate.as_ref().map(|reference| self.text(reference)).transpose()?;
        Ok(Listener { default_certificate: certificate.map(Ref::Known), ..listener.clone() })
    }
}

fn nothing(done: Done) -> Applied {
    done.map(|()| Vec::new())
}

#[expect(clippy::too_many_lines, reason = "one exhaustive match")]
pub fn apply(world: &mut World, action: &Action, outputs: &Outputs) -> Applied {
    let known = Known(outputs);
    match action {
        Action::CreateRole(role) => nothing(world.create_role(role)),
        Action::UpdateAssumeRolePolicy { role, trusted_principals } => nothing(world.trust(role, trusted_principals)),
        Action::AttachRolePolicy { role, policy_arn } => nothing(world.attach_policy(role, policy_arn)),
        Action::DetachRolePolicy { role, policy_arn } => nothing(world.detach_policy(role, policy_arn)),
        Action::DeleteRolePolicy { role, policy } => nothing(world.delete_inline_policy(role, policy)),
        Action::TagRole { role, tags } => nothing(world.tag_role(role, tags)),
        Action::DeleteRole { role } => nothing(world.delete_role(role)),
        Action::CreateInstanceProfile { profile, tags } => nothing(world.create_profile(profile, tags)),
        Action::AddRoleToInstanceProfile { profile, role } => nothing(world.fill_profile(profile, role)),
        Action::RemoveRoleFromInstanceProfile { profile, role } => nothing(world.empty_profile(profile, role)),
        Action::TagInstanceProfile { profile, tags } => nothing(world.tag_profile(profile, tags)),
        Action::DeleteInstanceProfile { profile } => nothing(world.delete_profile(profile)),
        Action::CreateSecurityGroup(group) => world.create_security_group(group),
        Action::RevokeDefaultEgress { group } => nothing(world.revoke_default_egress(&known.text(group)?)),
        Action::AuthorizeRules { group, direction, rules, tags } => nothing(world.authorize(&known.text(group)?, *direction, rules, tags)),
        Action::RevokeRules { group, direction, rule_ids } => nothing(world.revoke(group, *direction, rule_ids)),
        Action::UpdateRuleDescriptions { group, direction, rules } => nothing(world.update_rule_descriptions(group, *direction, rules)),
        Action::CreateEc2Tags { resources, tags } => nothing(world.tag_ec2(resources, tags)),
        Action::DeleteSecurityGroup { id } => nothing(world.delete_security_group(id)),
        Action::CreateLaunchTemplate { name, content, tags } => world.create_template(name, known.content(content)?, tags),
        Action::CreateLaunchTemplateVersion { template_id, after_version, content } => {
            world.create_version(template_id, *after_version, known.content(content)?)
        }
        Action::ModifyDefaultVersion { template_id, version } => nothing(world.modify_default_version(template_id, &known.text(version)?)),
        Action::DeleteLaunchTemplate { id } => nothing(world.delete_template(id)),
        Action::CreateAutoScalingGroup { group, template, version } => {
            world.create_group(group, &known.text(template)?, &known.text(version)?)
        }
        Action::UpdateAutoScalingGroup { group, template, version } => {
            nothing(world.update_group(group, &known.text(template)?, &known.text(version)?))
        }
        Action::ResizeAutoScalingGroup { name, min_size, max_size, .. } => nothing(world.resize_group(name, *min_size, *max_size)),
        Action::EmptyAutoScalingGroup { name } => nothing(world.empty_group(name)),
        Action::EnableMetrics { name, metrics } => nothing(world.enable_metrics(name, metrics)),
        Action::TagAutoScalingGroup { name, tags } => nothing(world.tag_group(name, tags)),
        Action::ClearInstanceProtection { name, instances } => nothing(world.clear_protection(name, instances)),
        Action::StartInstanceRefresh { name, preferences: _ } => world.start_refresh(name),
        Action::CancelInstanceRefresh { name } => nothing(world.cancel_refresh(name)),
        Action::DeleteAutoScalingGroup { name } => nothing(world.delete_group(name)),
        Action::CreateCluster(cluster) => nothing(world.create_cluster(cluster)),
        Action::UpdateCluster { cluster, container_insights } => nothing(world.update_cluster(cluster, container_insights)),
        Action::CreateCapacityProvider { provider, auto_scaling_group } => {
            nothing(world.create_provider(provider, &known.text(auto_scaling_group)?))
        }
        Action::UpdateCapacityProvider(provider) => nothing(world.update_provider(provider)),
        Action::DeleteCapacityProvider { name } => nothing(world.delete_provider(name)),
        Action::PutClusterCapacityProviders { cluster, change, managed_instances, .. } => {
            nothing(world.change_providers(cluster, change, managed_instances))
        }
        Action::TagEcsResource { arn, tags } => nothing(world.tag_ecs(arn, tags)),
        Action::UpdateContainerInstancesState { cluster, arns, state } => nothing(world.set_state(cluster, arns, *state)),
        Action::DeregisterContainerInstance { cluster, arn } => nothing(world.deregister(cluster, arn)),
        Action::DeleteCluster { cluster } => nothing(world.delete_cluster(cluster)),
        Action::RequestCertificate { certificate, token } => Ok(world.request_certificate(certificate, token)),
        Action::TagCertificate { arn, tags } => nothing(world.tag_certificate(arn, tags)),
        Action::DeleteCertificate { arn } => nothing(world.delete_certificate(arn)),
        Action::UpsertRecords { zone_id, records } => {
            let records = outputs.records(records).map_or_else(|| wrong("the records are not known"), |records| Ok(records.to_vec()))?;
            nothing(world.upsert_records(zone_id, records))
        }
        Action::DeleteRecords { zone_id, records } => nothing(world.delete_records(zone_id, records)),
        Action::CreateLoadBalancer(desired) => {
            let groups: BTreeSet<Ref> = known.refs(desired.security_groups.clone())?;
            world.create_load_balancer(desired, groups)
        }
        Action::ModifyLoadBalancerAttributes { load_balancer, attributes } => {
            nothing(world.modify_attributes(&known.text(load_balancer)?, attributes))
        }
        Action::SetSubnets { load_balancer, subnets } => nothing(world.set_subnets(load_balancer, subnets)),
        Action::SetSecurityGroups { load_balancer, security_groups } => {
            nothing(world.set_security_groups(load_balancer, known.refs(security_groups.clone())?))
        }
        Action::TagElbResource { arn, tags } => nothing(world.tag_elb(arn, tags)),
        Action::DeleteLoadBalancer { arn } => nothing(world.delete_load_balancer(arn)),
        Action::CreateListener { load_balancer, listener } => world.create_listener(&known.text(load_balancer)?, known.listener(listener)?),
        Action::ModifyListener { arn, listener } => nothing(world.modify_listener(arn, known.listener(listener)?)),
        Action::AddListenerCertificate { listener, certificate } => {
            nothing(world.add_listener_certificate(&known.text(listener)?, &known.text(certificate)?))
        }
        Action::RemoveListenerCertificate { listener, certificate } => nothing(world.remove_listener_certificate(listener, certificate)),
        Action::Wait(condition) => wrong(format!("{condition} is waited for, not performed")),
    }
}

/// Lets the world reach what is waited for, if it is under way.
pub fn reach(world: &mut World, condition: &Condition, outputs: &Outputs) -> Applied {
    let known = Known(outputs);
    match condition {
        Condition::ClusterActive { cluster } => nothing(world.activate_cluster(cluster)),
        Condition::AttachmentsSettled { cluster, change } => nothing(world.settle_attachments(cluster, change)),
        Condition::CapacityProviderUpdated { name } => nothing(world.finish_update(name)),
        Condition::CapacityProviderGone { name } => nothing(world.finish_provider(name)),
        Condition::AutoScalingGroupGone { name } => nothing(world.finish_group(name)),
        Condition::NodesDrained { cluster, container_instances } => nothing(world.drained(cluster, container_instances)),
        Condition::NodesJoined { minimums, .. } => nothing(world.join_nodes(minimums)),
        Condition::RefreshDone { auto_scaling_group, refresh } => nothing(world.finish_refresh(auto_scaling_group, &known.text(refresh)?)),
        Condition::CertificateRecords { certificate, .. } => world.name_records(&known.text(certificate)?),
        Condition::CertificateIssued { certificate, .. } => nothing(world.issue(&known.text(certificate)?)),
        Condition::LoadBalancerActive { load_balancer, .. } => nothing(world.activate_load_balancer(&known.text(load_balancer)?)),
    }
}
