//! IAM: the nodes' role and instance profile.

use crate::aws::Aws;
use crate::aws::call::{Deleted, Named, all_of, required, seen, unless_missing};
use crate::aws::failure::Failure;
use crate::model::facts::Seen;
use crate::model::observed::{ObservedInstanceProfile, ObservedRole};
use crate::model::properties::{InstanceProfile, Role};
use crate::model::tags::Tags;
use crate::model::texts::{trust_policy, trusted_principals};
use crate::plan::action::Service;
use aws_sdk_iam::error::BuildError;
use aws_sdk_iam::types::Tag;
use std::collections::BTreeSet;

const MISSING: [&str; 1] = ["NoSuchEntity"];

fn iam_tags(tags: &Tags, operation: &'static str) -> Result<Vec<Tag>, Failure> {
    let tag = |(key, value): (&String, &String)| Tag::builder().key(key).value(value).build();
    let failed = |error: BuildError| Failure::local(Service::Iam, operation, error.to_string());
    tags.0.iter().map(|pair| tag(pair).map_err(failed)).collect()
}

fn read_tags(tags: &[Tag]) -> Tags {
    tags.iter().map(|tag| (tag.key().to_owned(), tag.value().to_owned())).collect()
}

impl Aws {
    pub(super) async fn role(&self, name: &str) -> Seen<ObservedRole> {
        seen(self.role_with_policies(name).await)
    }

    async fn role_with_policies(&self, name: &str) -> Result<Option<ObservedRole>, Failure> {
        let answer = self.iam.get_role().role_name(name).send().await.named(Service::Iam, "GetRole");
        let Some(answer) = unless_missing(answer, &MISSING)? else { return Ok(None) };
        let Some(managed_policies) = self.managed_policies(name).await? else { return Ok(None) };
        let role = required(answer.role, Service::Iam, "GetRole", "Role")?;
        let properties = Role {
            name: role.role_name,
            trusted_principals: trusted_principals(role.assume_role_policy_document.as_deref().unwrap_or_default()),
            managed_policies,
            tags: read_tags(role.tags.as_deref().unwrap_or_default()),
        };
        Ok(Some(ObservedRole { arn: role.arn, properties, inline_policies: None }))
    }

    async fn managed_policies(&self, role: &str) -> Result<Option<BTreeSet<String>>, Failure> {
        let policies =
            all_of!(self.iam.list_attached_role_policies().role_name(role)).await.named(Service::Iam, "ListAttachedRolePolicies");
        let policies = unless_missing(policies, &MISSING)?;
        Ok(policies.map(|policies| policies.into_iter().filter_map(|policy| policy.policy_arn).collect()))
    }

    /// Policies embedded in the role, which hinder its deletion.
    pub(super) async fn inline_policies(&self, role: &str) -> Result<BTreeSet<String>, Failure> {
        let names = all_of!(self.iam.list_role_policies().role_name(role)).await.named(Service::Iam, "ListRolePolicies");
        Ok(unless_missing(names, &MISSING)?.unwrap_or_default().into_iter().collect())
    }

    pub(super) async fn instance_profile(&self, name: &str) -> Seen<ObservedInstanceProfile> {
        let answer = self.iam.get_instance_profile().instance_profile_name(name).send().await;
        let read = || -> Result<Option<ObservedInstanceProfile>, Failure> {
            let Some(answer) = unless_missing(answer.named(Service::Iam, "GetInstanceProfile"), &MISSING)? else { return Ok(None) };
            let profile = required(answer.instance_profile, Service::Iam, "GetInstanceProfile", "InstanceProfile")?;
            let properties = InstanceProfile {
                name: profile.instance_profile_name,
                role: profile.roles.into_iter().next().map(|role| role.role_name),
                tags: read_tags(profile.tags.as_deref().unwrap_or_default()),
            };
            Ok(Some(ObservedInstanceProfile { arn: profile.arn, properties }))
        };
        seen(read())
    }

    pub(super) async fn create_role(&self, role: &Role) -> Result<(), Failure> {
        let call = self.iam.create_role().role_name(&role.name).assume_role_policy_document(trust_policy(&role.trusted_principals));
        call.description("Role of the nodes of an ECS cluster")
            .set_tags(Some(iam_tags(&role.tags, "CreateRole")?))
            .send()
            .await
            .named(Service::Iam, "CreateRole")?;
        Ok(())
    }

    pub(super) async fn update_trust(&self, role: &str, principals: &BTreeSet<String>) -> Result<(), Failure> {
        let call = self.iam.update_assume_role_policy().role_name(role).policy_document(trust_policy(principals));
        call.send().await.named(Service::Iam, "UpdateAssumeRolePolicy")?;
        Ok(())
    }

    pub(super) async fn attach_policy(&self, role: &str, policy_arn: &str) -> Result<(), Failure> {
        self.iam.attach_role_policy().role_name(role).policy_arn(policy_arn).send().await.named(Service::Iam, "AttachRolePolicy")?;
        Ok(())
    }

    pub(super) async fn detach_policy(&self, role: &str, policy_arn: &str) -> Result<(), Failure> {
        let call = self.iam.detach_role_policy().role_name(role).policy_arn(policy_arn);
        call.send().await.named(Service::Iam, "DetachRolePolicy").or_gone()
    }

    pub(super) async fn delete_inline_policy(&self, role: &str, policy: &str) -> Result<(), Failure> {
        let call = self.iam.delete_role_policy().role_name(role).policy_name(policy);
        call.send().await.named(Service::Iam, "DeleteRolePolicy").or_gone()
    }

    pub(super) async fn tag_role(&self, role: &str, tags: &Tags) -> Result<(), Failure> {
        self.iam.tag_role().role_name(role).set_tags(Some(iam_tags(tags, "TagRole")?)).send().await.named(Service::Iam, "TagRole")?;
        Ok(())
    }

    pub(super) async fn delete_role(&self, role: &str) -> Result<(), Failure> {
        self.iam.delete_role().role_name(role).send().await.named(Service::Iam, "DeleteRole").or_gone()
    }

    pub(super) async fn create_instance_profile(&self, profile: &str, tags: &Tags) -> Result<(), Failure> {
        let call =
            self.iam.create_instance_profile().instance_profile_name(profile).set_tags(Some(iam_tags(tags, "CreateInstanceProfile")?));
        call.send().await.named(Service::Iam, "CreateInstanceProfile")?;
        Ok(())
    }

    pub(super) async fn add_role_to_profile(&self, profile: &str, role: &str) -> Result<(), Failure> {
        let call = self.iam.add_role_to_instance_profile().instance_profile_name(profile).role_name(role);
        call.send().await.named(Service::Iam, "AddRoleToInstanceProfile")?;
        Ok(())
    }

    pub(super) async fn remove_role_from_profile(&self, profile: &str, role: &str) -> Result<(), Failure> {
        let call = self.iam.remove_role_from_instance_profile().instance_profile_name(profile).role_name(role);
        call.send().await.named(Service::Iam, "RemoveRoleFromInstanceProfile").or_gone()
    }

    pub(super) async fn tag_instance_profile(&self, profile: &str, tags: &Tags) -> Result<(), Failure> {
        let call = self.iam.tag_instance_profile().instance_profile_name(profile).set_tags(Some(iam_tags(tags, "TagInstanceProfile")?));
        call.send().await.named(Service::Iam, "TagInstanceProfile")?;
        Ok(())
    }

    pub(super) async fn delete_instance_profile(&self, profile: &str) -> Result<(), Failure> {
        let call = self.iam.delete_instance_profile().instance_profile_name(profile);
        call.send().await.named(Service::Iam, "DeleteInstanceProfile").or_gone()
    }
}
