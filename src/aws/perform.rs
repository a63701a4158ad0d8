//! Carries out planned mutations: from each action to the one call that it stands for.

use crate::aws::Aws;
use crate::aws::classes::is_missing;
use crate::aws::failure::{Class, Failure};
use crate::aws::progress::Yield;
use crate::model::reference::{Output, Outputs, Ref};
use crate::plan::action::{Action, Service};
use aws_sdk_route53::types::ChangeAction;

/// The version that `CreateLaunchTemplate` makes.
const FIRST_VERSION: &str = "1";

type Performed = Result<Vec<Yield>, Failure>;

/// The value behind a reference. The executor runs an operation only after those that yield its references.
pub(super) fn text<'a>(outputs: &'a Outputs, reference: &'a Ref, service: Service, operation: &'static str) -> Result<&'a str, Failure> {
    outputs.resolve(reference).ok_or_else(|| Failure::local(service, operation, "an identifier that it needs is not known".to_owned()))
}

fn nothing(done: Result<(), Failure>) -> Performed {
    done.map(|()| Vec::new())
}

fn one(output: Output, result: Result<String, Failure>) -> Performed {
    result.map(|text| vec![Yield::Text(output, text)])
}

fn new_template(id: String) -> Vec<Yield> {
    vec![Yield::Text(Output::Id, id), Yield::Text(Output::Version, FIRST_VERSION.to_owned())]
}

impl Aws {
    pub async fn perform(&self, action: &Action, outputs: &Outputs) -> Performed {
        self.carry_out(action, outputs).await.map_err(|failure| gone(action, failure))
    }

    #[expect(clippy::too_many_lines, reason = "one exhaustive match")]
    async fn carry_out(&self, action: &Action, outputs: &Outputs) -> Performed {
        let (service, operation) = (action.service(), action.operation());
        let resolve = |reference| text(outputs, reference, service, operation);
        match action {
            Action::CreateRole(role) => nothing(self.create_role(role).await),
            Action::UpdateAssumeRolePolicy { role, trusted_principals } => nothing(self.update_trust(role, trusted_principals).await),
            Action::AttachRolePolicy { role, policy_arn } => nothing(self.attach_policy(role, policy_arn).await),
            Action::DetachRolePolicy { role, policy_arn } => nothing(self.detach_policy(role, policy_arn).await),
            Action::DeleteRolePolicy { role, policy } => nothing(self.delete_inline_policy(role, policy).await),
            Action::TagRole { role, tags } => nothing(self.tag_role(role, tags).await),
            Action::DeleteRole { role } => nothing(self.delete_role(role).await),
            Action::CreateInstanceProfile { profile, tags } => nothing(self.create_instance_profile(profile, tags).await),
            Action::AddRoleToInstanceProfile { profile, role } => nothing(self.add_role_to_profile(profile, role).await),
            Action::RemoveRoleFromInstanceProfile { profile, role } => nothing(self.remove_role_from_profile(profile, role).await),
            Action::TagInstanceProfile { profile, tags } => nothing(self.tag_instance_profile(profile, tags).await),
            Action::DeleteInstanceProfile { profile } => nothing(self.delete_instance_profile(profile).await),

            Action::CreateSecurityGroup(group) => one(Output::Id, self.create_security_group(group).await),
            Action::RevokeDefaultEgress { group } => nothing(self.revoke_default_egress(resolve(group)?).await),
            Action::AuthorizeRules { group, direction, rules, tags } => {
                nothing(self.authorize_rules(resolve(group)?, *direction, rules, tags).await)
            }
            Action::RevokeRules { group, direction, rule_ids } => nothing(self.revoke_rules(group, *direction, rule_ids).await),
            Action::UpdateRuleDescriptions { group, direction, rules } => {
                nothing(self.update_rule_descriptions(group, *direction, rules).await)
            }
            Action::CreateEc2Tags { resources, tags } => nothing(self.create_ec2_tags(resources, tags).await),
            Action::DeleteSecurityGroup { id } => nothing(self.delete_security_group(id).await),

            Action::CreateLaunchTemplate { name, content, tags } => {
                self.create_template(name, content, tags, outputs).await.map(new_template)
            }
            Action::CreateLaunchTemplateVersion { template_id, after_version, content } => {
                one(Output::Version, self.create_template_version(template_id, *after_version, content, outputs).await)
            }
            Action::ModifyDefaultVersion { template_id, version } => {
                nothing(self.modify_default_version(template_id, resolve(version)?).await)
            }
            Action::DeleteLaunchTemplate { id } => nothing(self.delete_template(id).await),

            Action::CreateAutoScalingGroup { group, template, version } => {
                one(Output::Arn, self.create_group(group, resolve(template)?, resolve(version)?).await)
            }
            Action::UpdateAutoScalingGroup { group, template, version } => {
                nothing(self.update_group(group, resolve(template)?, resolve(version)?).await)
            }
            Action::ResizeAutoScalingGroup { name, min_size, max_size, desired_capacity } => {
                nothing(self.resize_group(name, *min_size, *max_size, *desired_capacity).await)
            }
            Action::StartInstanceRefresh { name, preferences } => one(Output::Id, self.start_refresh(name, *preferences).await),
            Action::CancelInstanceRefresh { name } => nothing(self.cancel_refresh(name).await),
            Action::EmptyAutoScalingGroup { name } => nothing(self.empty_group(name).await),
            Action::EnableMetrics { name, metrics } => nothing(self.enable_metrics(name, metrics).await),
            Action::TagAutoScalingGroup { name, tags } => nothing(self.tag_group(name, tags).await),
            Action::ClearInstanceProtection { name, instances } => nothing(self.clear_protection(name, instances).await),
            Action::DeleteAutoScalingGroup { name } => nothing(self.delete_group(name).await),

            Action::CreateCluster(cluster) => nothing(self.create_cluster(cluster).await),
            Action::UpdateCluster { cluster, container_insights } => nothing(self.update_cluster(cluster, container_insights).await),
            Action::CreateCapacityProvider { provider, auto_scaling_group } => {
                nothing(self.create_capacity_provider(provider, resolve(auto_scaling_group)?).await)
            }
            Action::UpdateCapacityProvider(provider) => nothing(self.update_capacity_provider(provider).await),
            Action::DeleteCapacityProvider { name } => nothing(self.delete_capacity_provider(name).await),
            Action::PutClusterCapacityProviders { cluster, change, cluster_is_new: true, .. } => {
                nothing(self.put_capacity_providers(cluster, &change.attached, &[]).await)
            }
            Action::PutClusterCapacityProviders { cluster, change, managed_instances, cluster_is_new: false } => {
                nothing(self.change_capacity_providers(cluster, change, managed_instances).await)
            }
            Action::TagEcsResource { arn, tags } => nothing(self.tag_ecs_resource(arn, tags).await),
            Action::UpdateContainerInstancesState { cluster, arns, state } => nothing(self.set_state(cluster, arns, *state).await),
            Action::DeregisterContainerInstance { cluster, arn } => nothing(self.deregister(cluster, arn).await),
            Action::DeleteCluster { cluster } => nothing(self.delete_cluster(cluster).await),

            Action::RequestCertificate { certificate, token } => one(Output::Arn, self.request_certificate(certificate, token).await),
            Action::TagCertificate { arn, tags } => nothing(self.tag_certificate(arn, tags).await),
            Action::DeleteCertificate { arn } => nothing(self.delete_certificate(arn).await),
            Action::UpsertRecords { zone_id, records } => {
                let missing = || Failure::local(service, operation, "the records that it needs are not known".to_owned());
                let records = outputs.records(records).ok_or_else(missing)?;
                nothing(self.change_records(zone_id, &ChangeAction::Upsert, records).await)
            }
            Action::DeleteRecords { zone_id, records } => nothing(self.change_records(zone_id, &ChangeAction::Delete, records).await),

            Action::CreateLoadBalancer(desired) => one(Output::Arn, self.create_load_balancer(desired, outputs).await),
            Action::ModifyLoadBalancerAttributes { load_balancer, attributes } => {
                nothing(self.modify_attributes(resolve(load_balancer)?, attributes).await)
            }
            Action::SetSubnets { load_balancer, subnets } => nothing(self.set_subnets(load_balancer, subnets).await),
            Action::SetSecurityGroups { load_balancer, security_groups } => {
                nothing(self.set_security_groups(load_balancer, security_groups, outputs).await)
            }
            Action::TagElbResource { arn, tags } => nothing(self.tag_elb_resource(arn, tags).await),
            Action::DeleteLoadBalancer { arn } => nothing(self.delete_load_balancer(arn).await),
            Action::CreateListener { load_balancer, listener } => {
                one(Output::Arn, self.create_listener(resolve(load_balancer)?, listener, outputs).await)
            }
            Action::ModifyListener { arn, listener } => nothing(self.modify_listener(arn, listener, outputs).await),
            Action::AddListenerCertificate { listener, certificate } => {
                nothing(self.add_listener_certificate(resolve(listener)?, resolve(certificate)?).await)
            }
            Action::RemoveListenerCertificate { listener, certificate } => {
                nothing(self.remove_listener_certificate(listener, certificate).await)
            }

            Action::Wait(_) => Err(Failure::local(service, operation, "a wait is looked at, not carried out".to_owned())),
        }
    }
}

/// What a look has found and a change of the load balancer does not find is gone: the look was late, and the next one decides. What this run has
/// made itself is waited for (docs/aws.md, "All services: errors and retries").
fn gone(action: &Action, failure: Failure) -> Failure {
    let found_before = action.service() == Service::Elb && action.inputs().is_empty();
    if found_before && failure.class == Class::NotYet && is_missing(&failure) { failure.of_class(Class::Overtaken) } else { failure }
}
