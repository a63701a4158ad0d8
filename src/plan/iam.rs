//! The role and the instance profile of the nodes.

use crate::model::address::{Address, Kind};
use crate::model::observed::{Observed, ObservedInstanceProfile, ObservedRole};
use crate::model::properties::{InstanceProfile, Role};
use crate::model::tags::{OWNER, Tags};
use crate::plan::action::Action;
use crate::plan::desired::{Desired, address_of};
use crate::plan::draft::{Decision, Draft, Need};
use crate::plan::fields::Fields;
use crate::plan::{Goal, auto_scaling_group};

pub fn plan_role(draft: &mut Draft, desired: Option<&Desired>, observed: &Observed) {
    let address = address_of(Kind::Role, &draft.owner);
    let wanted = desired.and_then(|desired| desired.nodes.as_ref()).map(|nodes| &nodes.role);
    match draft.decide(&address, wanted, &observed.role) {
        Decision::Create(role) => create_role(draft, &address, role),
        Decision::Keep(role, found) => update_role(draft, &address, role, found),
        Decision::Remove(found) if removable(draft.goal, &found.properties.tags) => delete_role(draft, &address, found),
        Decision::Remove(_) => draft.keep(&address, KEPT),
        Decision::Leave => {}
    }
}

/// Why something stays that no node needs.
pub const KEPT: &str = "made by the OpenTofu bundle; no node needs it, and it stays until the cluster is decommissioned";

/// The OpenTofu bundle made role, profile and node security group for Fargate-only clusters too. Those that we never took over stay until the end.
pub fn removable(goal: Goal, tags: &Tags) -> bool {
    goal == Goal::Decommission || tags.value(OWNER).is_some()
}

fn create_role(draft: &mut Draft, address: &Address, role: &Role) {
    draft.create(address, Fields::default().with("ManagedPolicyArns", &role.managed_policies), "the nodes need a role");
    draft.push(address, Action::CreateRole(role.clone()), []);
    for policy_arn in &role.managed_policies {
        draft.push(address, Action::AttachRolePolicy { role: role.name.clone(), policy_arn: policy_arn.clone() }, []);
    }
}

fn update_role(draft: &mut Draft, address: &Address, desired: &Role, found: &ObservedRole) {
    let Role { name, trusted_principals, managed_policies, tags } = desired;
    let mut fields = Fields::default();
    if fields.compare("AssumeRolePolicyDocument", &found.properties.trusted_principals, trusted_principals) {
        draft.push(address, Action::UpdateAssumeRolePolicy { role: name.clone(), trusted_principals: trusted_principals.clone() }, []);
        let others: Vec<&str> = found.properties.trusted_principals.difference(trusted_principals).map(String::as_str).collect();
        if draft.adopts(address) && !others.is_empty() {
            draft.warn(format!("taking over {address} ends the trust in whoever else may assume it: {}", others.join(", ")));
        }
    }
    // Policies that somebody else attached stay: an app may rely on them, and the OpenTofu bundle attached a fourth.
    for policy_arn in managed_policies.difference(&found.properties.managed_policies) {
        fields.note("ManagedPolicyArns", &None::<&str>, policy_arn);
        draft.push(address, Action::AttachRolePolicy { role: name.clone(), policy_arn: policy_arn.clone() }, []);
    }
    let missing = fields.compare_tags(&found.properties.tags, tags);
    if !missing.is_empty() {
        draft.push(address, Action::TagRole { role: name.clone(), tags: missing }, []);
    }
    draft.update(address, fields, "differs from what is wanted");
}

fn delete_role(draft: &mut Draft, address: &Address, found: &ObservedRole) {
    let role = &found.properties.name;
    draft.delete(address, "no node needs it");
    let profile = Need::Done(address_of(Kind::InstanceProfile, &draft.owner));
    for policy_arn in &found.properties.managed_policies {
        draft.push(address, Action::DetachRolePolicy { role: role.clone(), policy_arn: policy_arn.clone() }, [profile.clone()]);
    }
    for policy in found.inline_policies.iter().flatten() {
        draft.push(address, Action::DeleteRolePolicy { role: role.clone(), policy: policy.clone() }, [profile.clone()]);
    }
    draft.push(address, Action::DeleteRole { role: role.clone() }, [profile]);
}

pub fn plan_instance_profile(draft: &mut Draft, desired: Option<&Desired>, observed: &Observed) {
    let address = address_of(Kind::InstanceProfile, &draft.owner);
    let wanted = desired.and_then(|desired| desired.nodes.as_ref()).map(|nodes| &nodes.instance_profile);
    match draft.decide(&address, wanted, &observed.instance_profile) {
        Decision::Create(profile) => {
            draft.create(&address, Fields::default(), "hands the role to the nodes");
            draft.push(&address, Action::CreateInstanceProfile { profile: profile.name.clone(), tags: profile.tags.clone() }, []);
            fill_profile(draft, &address, profile);
        }
        Decision::Keep(profile, found) => update_profile(draft, &address, profile, found),
        Decision::Remove(found) if removable(draft.goal, &found.properties.tags) => delete_profile(draft, &address, found, observed),
        Decision::Remove(_) => draft.keep(&address, KEPT),
        Decision::Leave => {}
    }
}

fn fill_profile(draft: &mut Draft, address: &Address, profile: &InstanceProfile) {
    if let Some(role) = &profile.role {
        let needs = [Need::Exists(address_of(Kind::Role, &draft.owner))];
        draft.push(address, Action::AddRoleToInstanceProfile { profile: profile.name.clone(), role: role.clone() }, needs);
    }
}

fn update_profile(draft: &mut Draft, address: &Address, desired: &InstanceProfile, found: &ObservedInstanceProfile) {
    let InstanceProfile { name, role, tags } = desired;
    let mut fields = Fields::default();
    if fields.compare("Roles", &found.properties.role, role) {
        if let Some(other) = &found.properties.role {
            draft.push(address, Action::RemoveRoleFromInstanceProfile { profile: name.clone(), role: other.clone() }, []);
        }
        fill_profile(draft, address, desired);
    }
    let missing = fields.compare_tags(&found.properties.tags, tags);
    if !missing.is_empty() {
        draft.push(address, Action::TagInstanceProfile { profile: name.clone(), tags: missing }, []);
    }
    draft.update(address, fields, "differs from what is wanted");
}

fn delete_profile(draft: &mut Draft, address: &Address, found: &ObservedInstanceProfile, observed: &Observed) {
    let InstanceProfile { name, role, .. } = &found.properties;
    // Running instances lose their credentials with the profile.
    let needs = auto_scaling_group::all_done(&draft.owner, observed);
    draft.delete(address, "no node needs it");
    if let Some(role) = role {
        draft.push(address, Action::RemoveRoleFromInstanceProfile { profile: name.clone(), role: role.clone() }, needs.clone());
    }
    draft.push(address, Action::DeleteInstanceProfile { profile: name.clone() }, needs);
}
