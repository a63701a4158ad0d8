//! One capacity provider per node group.

use crate::model::address::{Address, Kind};
use crate::model::facts::Seen;
use crate::model::names;
use crate::model::observed::{Observed, ObservedCapacityProvider, ProviderState};
use crate::model::properties::CapacityProvider;
use crate::model::reference::{Output, Ref};
use crate::model::tags::{OWNER, Owner};
use crate::plan::action::{Action, Condition};
use crate::plan::auto_scaling_group;
use crate::plan::desired::{Desired, DesiredGroup, address_of};
use crate::plan::draft::{Draft, Need};
use crate::plan::fields::Fields;
use crate::plan::{ChangeAction, Goal, workload};
use std::collections::{BTreeMap, BTreeSet};

pub type Providers = BTreeMap<String, ObservedCapacityProvider>;

/// Where the provider of an Auto Scaling group is found in plans.
#[must_use]
pub fn address(auto_scaling_group: &str) -> Address {
    Address::new(Kind::CapacityProvider, names::capacity_provider(auto_scaling_group))
}

pub fn all_done(owner: &Owner, observed: &Observed) -> Vec<Need> {
    if observed.capacity_providers.unknown().is_some() {
        return vec![Need::Done(address_of(Kind::CapacityProvider, owner))];
    }
    let providers = observed.capacity_providers.present();
    providers
        .into_iter()
        .flat_map(|providers| providers.keys())
        .map(|name| Need::Done(Address::new(Kind::CapacityProvider, name)))
        .collect()
}

/// Whether the group's provider belongs to an Auto Scaling group that is no more: the ARN of a group made anew differs, and a provider's cannot change.
///
/// Groups that could not be read may be there.
pub fn is_stale(group: &DesiredGroup, observed: &Observed) -> bool {
    let Some(providers) = observed.capacity_providers.present() else { return false };
    let Seen::Present(groups) = &observed.auto_scaling_groups else { return false };
    let arn = groups.get(&group.auto_scaling_group.name).filter(|found| !found.deleting).map(|found| &found.arn);
    providers.get(&group.capacity_provider.name).is_some_and(|found| found.auto_scaling_group_arn.as_ref() != arn)
}

/// What is desired, with each group's capacity provider under the name that it has.
///
/// Older versions of the OpenTofu bundle named it after the node group alone. A name cannot be changed, and a group takes no second provider
/// (docs/aws.md, "ECS: capacity providers"), so that it is found by its group.
#[must_use]
pub fn as_named(desired: &Desired, observed: &Observed) -> Desired {
    let mut named = desired.clone();
    for group in named.nodes.iter_mut().flat_map(|nodes| &mut nodes.groups) {
        if let Some(found) = standing(group, &desired.owner, observed) {
            group.capacity_provider.name.clone_from(&found.properties.name);
        }
    }
    named
}

/// Of several that have belonged to groups of this name, the one whose group stands.
fn standing<'a>(group: &DesiredGroup, owner: &Owner, observed: &'a Observed) -> Option<&'a ObservedCapacityProvider> {
    let name = &group.auto_scaling_group.name;
    let current = auto_scaling_group::observed_group(observed, name, owner).map(|found| &found.arn);
    let alive = of_group(name, owner, observed).filter(|found| found.state != ProviderState::Deleting);
    alive.min_by_key(|found| {
        let is_another = found.auto_scaling_group_arn.as_ref() != current;
        (is_another, found.properties.name != group.capacity_provider.name, &found.properties.name)
    })
}

/// Our providers of Auto Scaling groups of this name: the one that stands, and those made before it.
fn of_group<'a>(auto_scaling_group: &str, owner: &Owner, observed: &'a Observed) -> impl Iterator<Item = &'a ObservedCapacityProvider> {
    let ending = format!("autoScalingGroupName/{auto_scaling_group}");
    let providers = observed.capacity_providers.present().into_iter().flat_map(BTreeMap::values);
    let ours = providers.filter(|found| owner.owns(&found.properties.tags));
    ours.filter(move |found| found.auto_scaling_group_arn.as_ref().is_some_and(|arn| arn.ends_with(&ending)))
}

/// The needs of whatever has to outlive the providers of the group.
pub fn done_of_group(auto_scaling_group: &str, owner: &Owner, observed: &Observed) -> Vec<Need> {
    let usual = Need::Done(address(auto_scaling_group));
    let others = of_group(auto_scaling_group, owner, observed).map(|found| Address::new(Kind::CapacityProvider, &found.properties.name));
    [usual].into_iter().chain(others.map(Need::Done)).collect()
}

/// Whether the provider of a group that stays has to be detached and deleted.
pub fn replaces_any(desired: &Desired, observed: &Observed) -> bool {
    desired.groups().iter().any(|group| is_stale(group, observed))
}

pub fn plan_capacity_providers(draft: &mut Draft, desired: Option<&Desired>, observed: &Observed) {
    let groups = desired.map_or(&[][..], Desired::groups);
    let providers = match &observed.capacity_providers {
        Seen::Present(providers) => providers,
        Seen::Absent => return,
        Seen::Unknown(why) => {
            draft.unknown(&address_of(Kind::CapacityProvider, &draft.owner.clone()), why);
            for group in groups {
                draft.unknown(&Address::new(Kind::CapacityProvider, &group.capacity_provider.name), why);
            }
            return;
        }
    };
    for group in groups {
        plan_provider(draft, group, providers, observed);
    }
    let names: BTreeSet<&String> = groups.iter().map(|group| &group.capacity_provider.name).collect();
    for (name, found) in providers.iter().filter(|(name, _)| !names.contains(name)) {
        if draft.owner.owns(&found.properties.tags) {
            let address = Address::new(Kind::CapacityProvider, name);
            if draft.goal == Goal::Provision && in_use(draft, &address, &DROPPED, observed) {
                continue;
            }
            draft.delete(
                &address,
                if draft.goal == Goal::Provision { "the inputs no longer name this node group" } else { "goes with its node group" },
            );
            delete(draft, &address, found);
        }
    }
}

/// Whether the plan will take a provider of ours from the cluster.
pub fn loses_any(owner: &Owner, desired: &Desired, observed: &Observed) -> bool {
    let names: BTreeSet<&str> = desired.groups().iter().map(|group| group.capacity_provider.name.as_str()).collect();
    let providers = observed.capacity_providers.present().into_iter().flatten();
    let mut ours = providers.filter(|(_, found)| owner.owns(&found.properties.tags));
    ours.any(|(name, _)| !names.contains(name.as_str()))
}

/// Why a provider has to go, and how to let it go.
struct Departure {
    reason: &'static str,
    remedy: &'static str,
}

const DROPPED: Departure = Departure {
    reason: "the inputs no longer name its node group",
    remedy: "move those services to another capacity provider first, or keep the node group",
};
const ORPHANED: Departure = Departure {
    reason: "its Auto Scaling group is gone or was made anew, so that it has to be made anew too",
    remedy: "move those services to another capacity provider, such as FARGATE, or delete them; run this again, then move them back",
};

/// ECS would not detach a provider that a service relies on, and the service could place nothing without it: the plan is refused, or blind.
fn in_use(draft: &mut Draft, address: &Address, departure: &Departure, observed: &Observed) -> bool {
    match &observed.answers.workload {
        Some(Seen::Unknown(why)) => {
            draft.unknown(address, format!("the services that use it: {why}"));
            true
        }
        Some(Seen::Present(workload)) => {
            let users = workload::relying(workload, &address.name);
            let names: Vec<String> = users.iter().map(|name| format!("`{name}`")).collect();
            if !users.is_empty() {
                draft.refuse(
                    address,
                    format!("{}, and services still rely on it: {}", departure.reason, names.join(", ")),
                    departure.remedy.to_owned(),
                );
            }
            !users.is_empty()
        }
        _ => false,
    }
}

fn plan_provider(draft: &mut Draft, group: &DesiredGroup, providers: &Providers, observed: &Observed) {
    let desired = &group.capacity_provider;
    let address = Address::new(Kind::CapacityProvider, &desired.name);
    match providers.get(&desired.name) {
        None if is_scaled_by_others(draft, &address, group, observed) => {}
        None => create(draft, &address, group, observed),
        Some(found) if !draft.claim(&address, &found.properties.tags) => {}
        Some(ObservedCapacityProvider { state: ProviderState::Deleting, .. }) => {
            draft.push(&address, Action::Wait(Condition::CapacityProviderGone { name: desired.name.clone() }), []);
            create(draft, &address, group, observed);
        }
        Some(_) if is_stale(group, observed) && in_use(draft, &address, &ORPHANED, observed) => {}
        Some(found) if is_stale(group, observed) => {
            let reason = "its Auto Scaling group is gone or was made anew; it is made again once it is deleted";
            draft.record(&address, ChangeAction::Replace, Fields::default(), reason);
            draft.disrupts(&address);
            delete(draft, &address, found);
        }
        Some(found) => update(draft, &address, group, found),
    }
}

/// A group takes one provider: while it has somebody else's, ECS would refuse ours for ever.
fn is_scaled_by_others(draft: &mut Draft, address: &Address, group: &DesiredGroup, observed: &Observed) -> bool {
    let Some(found) = auto_scaling_group::observed_group(observed, &group.auto_scaling_group.name, &draft.owner) else { return false };
    let mut providers = observed.capacity_providers.present().into_iter().flat_map(BTreeMap::values);
    let theirs = |other: &&ObservedCapacityProvider| {
        other.auto_scaling_group_arn.as_ref() == Some(&found.arn) && !draft.owner.owns(&other.properties.tags)
    };
    let Some(other) = providers.find(theirs) else { return false };
    let name = &other.properties.name;
    draft.refuse(
        address,
        format!("its Auto Scaling group has a capacity provider already, `{name}`, that is not this instance's"),
        format!("detach `{name}` and delete it; if it does belong to this instance, tag it {OWNER}={}", draft.owner.name_prefix),
    );
    true
}

fn create(draft: &mut Draft, address: &Address, group: &DesiredGroup, observed: &Observed) {
    let name = &group.auto_scaling_group.name;
    let group_address = auto_scaling_group::address(name);
    let arn = auto_scaling_group::observed_group(observed, name, &draft.owner)
        .filter(|found| !found.deleting)
        .map_or_else(|| Ref::Of(group_address.clone(), Output::Arn), |found| Ref::known(&found.arn));
    let fields = Fields::default().with("ManagedScaling.TargetCapacity", &group.capacity_provider.target_capacity);
    draft.create(address, fields, "lets the cluster scale the group");
    let action = Action::CreateCapacityProvider { provider: group.capacity_provider.clone(), auto_scaling_group: arn };
    // One that is being deleted holds the group until it is gone.
    let leaving = of_group(name, &draft.owner, observed).map(|found| Address::new(Kind::CapacityProvider, &found.properties.name));
    let needs: Vec<Need> = leaving.filter(|other| other != address).map(Need::Done).chain([Need::Exists(group_address)]).collect();
    draft.push(address, action, needs);
}

fn update(draft: &mut Draft, address: &Address, group: &DesiredGroup, found: &ObservedCapacityProvider) {
    let desired = &group.capacity_provider;
    let CapacityProvider {
        name: _,
        managed_scaling,
        target_capacity,
        minimum_scaling_step_size,
        maximum_scaling_step_size,
        instance_warmup_period,
        managed_termination_protection,
        managed_draining,
        tags,
    } = desired;
    let old = &found.properties;
    let mut fields = Fields::default();
    fields.compare("ManagedScaling.Status", &old.managed_scaling, managed_scaling);
    fields.compare("ManagedScaling.TargetCapacity", &old.target_capacity, target_capacity);
    fields.compare("ManagedScaling.MinimumScalingStepSize", &old.minimum_scaling_step_size, minimum_scaling_step_size);
    fields.compare("ManagedScaling.MaximumScalingStepSize", &old.maximum_scaling_step_size, maximum_scaling_step_size);
    fields.compare("ManagedScaling.InstanceWarmupPeriod", &old.instance_warmup_period, instance_warmup_period);
    fields.compare("ManagedTerminationProtection", &old.managed_termination_protection, managed_termination_protection);
    fields.compare("ManagedDraining", &old.managed_draining, managed_draining);
    let wait = || Action::Wait(Condition::CapacityProviderUpdated { name: desired.name.clone() });
    // A change is refused while another is under way.
    if found.state == ProviderState::Updating {
        draft.push(address, wait(), []);
    }
    let failed = matches!(found.state, ProviderState::UpdateFailed(_));
    if !fields.is_empty() || failed {
        // Termination protection is refused while the Auto Scaling group does not protect its instances
        // (docs/aws.md, "ECS: capacity providers").
        let needs = [Need::Exists(auto_scaling_group::address(&group.auto_scaling_group.name))];
        draft.push(address, Action::UpdateCapacityProvider(desired.clone()), needs);
        draft.push(address, wait(), []);
    }
    let missing = fields.compare_tags(&old.tags, tags);
    if !missing.is_empty() {
        draft.push(address, Action::TagEcsResource { arn: found.arn.clone(), tags: missing }, []);
    }
    match &found.state {
        ProviderState::UpdateFailed(why) => {
            draft.record(
                address,
                ChangeAction::Update,
                fields,
                &format!("ECS did not carry out its last change, which is made again: {why}"),
            );
        }
        ProviderState::Updating if fields.is_empty() => draft.wait(address, "ECS is still updating it"),
        _ => draft.update(address, fields, "differs from what is wanted"),
    }
}

/// A provider can be deleted only when no cluster has it any more (docs/aws.md, "ECS: capacity providers").
fn delete(draft: &mut Draft, address: &Address, found: &ObservedCapacityProvider) {
    let name = found.properties.name.clone();
    if found.state != ProviderState::Deleting {
        let needs = [Need::Done(address_of(Kind::ClusterCapacityProviders, &draft.owner))];
        draft.push(address, Action::DeleteCapacityProvider { name: name.clone() }, needs);
    }
    draft.push(address, Action::Wait(Condition::CapacityProviderGone { name }), []);
}
