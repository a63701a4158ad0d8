//! One Auto Scaling group per node group: made empty, filled once its capacity provider is attached, emptied before it goes.

use crate::inputs::NodeRefresh;
use crate::model::address::{Address, Kind};
use crate::model::facts::Seen;
use crate::model::observed::{Observed, ObservedAutoScalingGroup, ObservedInstance};
use crate::model::properties::AutoScalingGroup;
use crate::model::reference::{Output, Ref};
use crate::model::tags::Owner;
use crate::plan::action::{Action, Condition, NodeState, PutAside, RefreshPreferences};
use crate::plan::container_instance::STATE_BATCH;
use crate::plan::desired::{Desired, DesiredGroup, address_of};
use crate::plan::draft::{Draft, Need};
use crate::plan::fields::Fields;
use crate::plan::{Goal, capacity_provider, container_instance, launch_template, workload};
use std::collections::{BTreeMap, BTreeSet};

#[must_use]
pub fn address(name: &str) -> Address {
    Address::new(Kind::AutoScalingGroup, name)
}

/// The needs of whatever has to outlive every Auto Scaling group.
pub fn all_done(owner: &Owner, observed: &Observed) -> Vec<Need> {
    // Groups that could not be listed may be there.
    if observed.auto_scaling_groups.unknown().is_some() {
        return vec![Need::Done(address_of(Kind::AutoScalingGroup, owner))];
    }
    let groups = observed.auto_scaling_groups.present();
    groups.into_iter().flat_map(|groups| groups.keys()).map(|name| Need::Done(address(name))).collect()
}

/// The group of this name, if it is ours.
pub fn observed_group<'a>(observed: &'a Observed, name: &str, owner: &Owner) -> Option<&'a ObservedAutoScalingGroup> {
    let groups = observed.auto_scaling_groups.present()?;
    groups.get(name).filter(|found| owner.owns(&found.properties.tags))
}

/// Whether the plan will take a group of ours, with its nodes, from the cluster.
pub fn loses_any(owner: &Owner, desired: &Desired, observed: &Observed) -> bool {
    let names: BTreeSet<&str> = desired.groups().iter().map(|group| group.auto_scaling_group.name.as_str()).collect();
    let mut groups = observed.auto_scaling_groups.present().into_iter().flatten();
    groups.any(|(name, found)| owner.owns(&found.properties.tags) && !names.contains(name.as_str()))
}

pub fn plan_auto_scaling_groups(draft: &mut Draft, desired: Option<&Desired>, observed: &Observed) {
    let wanted = desired.map_or(&[][..], Desired::groups);
    let groups = match &observed.auto_scaling_groups {
        Seen::Present(groups) => groups,
        Seen::Absent => return,
        Seen::Unknown(why) => {
            draft.unknown(&address_of(Kind::AutoScalingGroup, &draft.owner.clone()), why);
            for group in wanted {
                draft.unknown(&address(&group.auto_scaling_group.name), why);
            }
            return;
        }
    };
    for group in wanted {
        let name = &group.auto_scaling_group.name;
        match groups.get(name) {
            None => create(draft, group, observed),
            Some(found) if !draft.claim(&address(name), &found.properties.tags) => {}
            Some(found) if found.deleting => {
                draft.push(&address(name), Action::Wait(Condition::AutoScalingGroupGone { name: name.clone() }), []);
                create(draft, group, observed);
            }
            Some(found) => update(draft, group, found, observed),
        }
    }
    let names: BTreeSet<&String> = wanted.iter().map(|group| &group.auto_scaling_group.name).collect();
    for (name, found) in groups.iter().filter(|(name, _)| !names.contains(name)) {
        if !draft.owner.owns(&found.properties.tags) {
            continue;
        }
        match observed.container_instances.unknown() {
            Some(why) => draft.unknown(&address(name), format!("its nodes: {why}")),
            None => remove(draft, name, found, observed),
        }
    }
}

/// Instances that register before their group's provider is attached never count as the provider's: the group starts empty
/// (docs/aws.md, "ECS: agent and images").
fn create(draft: &mut Draft, group: &DesiredGroup, observed: &Observed) {
    let desired = &group.auto_scaling_group;
    let address = address(&desired.name);
    let (template, version) = launch_template::references(group, observed, &draft.owner);
    let fields = Fields::default().with("MinSize", &desired.min_size).with("MaxSize", &desired.max_size);
    let fields = fields.with("VPCZoneIdentifier", &desired.subnets);
    draft.create(&address, fields, "keeps the group's nodes running");
    let empty = AutoScalingGroup { min_size: 0, ..desired.clone() };
    let needs = [Kind::Role, Kind::InstanceProfile].map(|kind| Need::Done(address_of(kind, &draft.owner)));
    draft.push(&address, Action::CreateAutoScalingGroup { group: empty, template, version }, needs);
    let metrics = Action::EnableMetrics { name: desired.name.clone(), metrics: desired.enabled_metrics.clone() };
    draft.push(&address, metrics, []);
    if desired.min_size > 0 && !capacity_provider::is_stale(group, observed) {
        resize(draft, desired, None);
    }
}

fn resize(draft: &mut Draft, desired: &AutoScalingGroup, desired_capacity: Option<i32>) {
    let (min_size, max_size) = (desired.min_size, desired.max_size);
    let action = Action::ResizeAutoScalingGroup { name: desired.name.clone(), min_size, max_size, desired_capacity };
    let needs = [Need::Done(address_of(Kind::ClusterCapacityProviders, &draft.owner))];
    draft.push(&address(&desired.name), action, needs);
}

fn update(draft: &mut Draft, group: &DesiredGroup, found: &ObservedAutoScalingGroup, observed: &Observed) {
    let desired = &group.auto_scaling_group;
    let AutoScalingGroup {
        name,
        min_size,
        max_size,
        subnets,
        new_instances_protected_from_scale_in,
        health_check_grace_period,
        enabled_metrics,
        tags,
    } = desired;
    let address = address(name);
    let old = &found.properties;
    let (template, version) = launch_template::references(group, observed, &draft.owner);
    let mut fields = Fields::default();
    fields.compare("VPCZoneIdentifier", &old.subnets, subnets);
    fields.compare("NewInstancesProtectedFromScaleIn", &old.new_instances_protected_from_scale_in, new_instances_protected_from_scale_in);
    fields.compare("HealthCheckGracePeriod", &old.health_check_grace_period, health_check_grace_period);
    if found.launch_template_id.as_deref() != template.as_known() || found.launch_template_version.as_deref() != version.as_known() {
        fields.note("LaunchTemplate.Version", &found.launch_template_version, &version);
    }
    if !fields.is_empty() {
        let group = AutoScalingGroup { min_size: old.min_size, max_size: old.max_size, ..desired.clone() };
        let needs = [Need::Done(address_of(Kind::InstanceProfile, &draft.owner))];
        draft.push(&address, Action::UpdateAutoScalingGroup { group, template: template.clone(), version: version.clone() }, needs);
    }
    // Somebody may collect more metrics than we ask for.
    if !enabled_metrics.is_subset(&old.enabled_metrics) {
        fields.note("MetricsCollection", &old.enabled_metrics, enabled_metrics);
        draft.push(&address, Action::EnableMetrics { name: name.clone(), metrics: enabled_metrics.clone() }, []);
    }
    let missing = fields.compare_tags(&old.tags, tags);
    if !missing.is_empty() {
        draft.push(&address, Action::TagAutoScalingGroup { name: name.clone(), tags: missing }, []);
    }
    let resized = fields.compare("MinSize", &old.min_size, min_size) | fields.compare("MaxSize", &old.max_size, max_size);
    if resized && !capacity_provider::is_stale(group, observed) {
        // A group that was to be emptied and is wanted again may hold instances yet: whether AWS then raises the desired capacity by itself is not
        // said (docs/aws.md, "Auto Scaling: groups").
        resize(draft, desired, (found.desired_capacity < *min_size).then_some(*min_size));
    }
    let outdated = outdated_nodes(found, &template, &version);
    let replaces = group.node_refresh == NodeRefresh::Rolling && outdated > 0;
    if replaces {
        let nodes = format!("{outdated} of {} launched from another version", found.instances.len());
        let joins = matches!(observed.answers.refreshes.get(name), Some(Seen::Present(_)));
        let how = if joins { "replaced by the instance refresh that is under way" } else { "replaced a few at a time" };
        fields.note("Instances", &nodes, &how);
    }
    draft.update(&address, fields, "differs from what is wanted");
    if replaces {
        refresh(draft, group, found, observed);
    } else if outdated > 0 {
        keep_outdated(draft, &address, outdated, found);
    }
}

/// Nodes are never replaced unless somebody asks for it.
fn keep_outdated(draft: &mut Draft, address: &Address, outdated: usize, found: &ObservedAutoScalingGroup) {
    let (name, nodes) = (&found.properties.name, found.instances.len());
    draft.warn(format!(
        "{outdated} of {nodes} nodes of `{name}` run on older settings or an older image; set node_refresh to rolling to have them replaced"
    ));
    if draft.adopts(address) {
        let reason = format!("{outdated} of {nodes} nodes keep their settings and their image until node_refresh is rolling");
        draft.put_off(&container_instance::address(name), &reason);
    }
}

/// Nodes that a refresh would replace: those launched from another template or version than the group will have, unless somebody has set them
/// aside.
fn outdated_nodes(found: &ObservedAutoScalingGroup, template: &Ref, version: &Ref) -> usize {
    let differs = |launched: &Option<String>, wanted: &Ref| launched.is_some() && launched.as_deref() != wanted.as_known();
    let outdated = |instance: &&ObservedInstance| {
        let is_other = differs(&instance.template_id, template) || differs(&instance.template_version, version);
        is_other && !instance.is_on_standby()
    };
    found.staying().filter(outdated).count()
}

/// The groups whose instance refreshes matter: those that need one, and those that have to go.
pub fn refreshing(owner: &Owner, desired: Option<&Desired>, observed: &Observed) -> BTreeSet<String> {
    let wanted = desired.map_or(&[][..], Desired::groups);
    let rolling = |group: &&DesiredGroup| group.node_refresh == NodeRefresh::Rolling;
    let needs_one = wanted.iter().filter(rolling).filter_map(|group| {
        let found = observed_group(observed, &group.auto_scaling_group.name, owner)?;
        let (template, version) = launch_template::references(group, observed, owner);
        (outdated_nodes(found, &template, &version) > 0).then(|| found.properties.name.clone())
    });
    let names: BTreeSet<&str> = wanted.iter().map(|group| group.auto_scaling_group.name.as_str()).collect();
    let ours = observed.auto_scaling_groups.present().into_iter().flat_map(BTreeMap::values);
    let doomed = ours.filter(|found| owner.owns(&found.properties.tags) && !found.deleting && !found.instances.is_empty());
    let doomed = doomed.map(|found| found.properties.name.clone()).filter(|name| !names.contains(name.as_str()));
    needs_one.chain(doomed).collect()
}

/// Starts a refresh, or joins the one that is under way. A group of one node would dip to none at the usual 90 per cent: there the new node
/// comes first. Old nodes are drained and new ones counted only by a provider that is as wanted and on the cluster's list.
fn refresh(draft: &mut Draft, group: &DesiredGroup, found: &ObservedAutoScalingGroup, observed: &Observed) {
    let name = found.properties.name.clone();
    let address = address(&name);
    draft.disrupts(&address);
    let refresh = match observed.answers.refreshes.get(&name) {
        Some(Seen::Unknown(why)) => return draft.unknown(&address, format!("its instance refreshes: {why}")),
        Some(Seen::Present(id)) => Ref::known(id),
        Some(Seen::Absent) | None => Ref::Of(address.clone(), Output::Id),
    };
    if refresh.as_known().is_none() {
        let provider = Address::new(Kind::CapacityProvider, &group.capacity_provider.name);
        let needs = [provider, address_of(Kind::ClusterCapacityProviders, &draft.owner)].map(Need::Done);
        draft.push(&address, Action::StartInstanceRefresh { name: name.clone(), preferences: preferences(found) }, needs);
    }
    draft.push(&address, Action::Wait(Condition::RefreshDone { auto_scaling_group: name, refresh }), []);
}

fn preferences(found: &ObservedAutoScalingGroup) -> RefreshPreferences {
    let (min_healthy_percentage, max_healthy_percentage) = if found.desired_capacity > 1 { (90, 100) } else { (100, 200) };
    RefreshPreferences {
        min_healthy_percentage,
        max_healthy_percentage,
        skip_matching: true,
        // By default a protected instance, and ECS protects them all, holds up the refresh for an hour and then fails it
        // (docs/aws.md, "Auto Scaling: instance refresh").
        protected: PutAside::Refreshed,
        // In the same way one on standby holds it up, and nobody but who set it aside may end it.
        on_standby: PutAside::Ignored,
    }
}

fn remove(draft: &mut Draft, name: &str, found: &ObservedAutoScalingGroup, observed: &Observed) {
    let address = address(name);
    let gone = Action::Wait(Condition::AutoScalingGroupGone { name: name.to_owned() });
    if found.deleting {
        draft.wait(&address, "Auto Scaling is deleting it");
        draft.push(&address, gone, []);
        return;
    }
    let reason = if draft.goal == Goal::Provision { "the inputs no longer name this node group" } else { "its nodes go with it" };
    draft.delete(&address, reason);
    draft.disrupts(&address);
    // On a living cluster the group leaves the cluster first, so that ECS places nothing more on nodes that are about to go.
    let attached = Need::Done(address_of(Kind::ClusterCapacityProviders, &draft.owner));
    let providers = capacity_provider::done_of_group(name, &draft.owner, observed);
    // Without knowing what runs on the cluster, no node may go.
    let cluster = Need::Exists(address_of(Kind::Cluster, &draft.owner));
    let needs = if draft.goal == Goal::Provision { vec![attached] } else { vec![cluster] };
    match observed.answers.refreshes.get(name) {
        Some(Seen::Unknown(why)) => return draft.unknown(&address, format!("its instance refreshes: {why}")),
        Some(Seen::Present(_)) => {
            draft.delete(&address, &format!("{reason}; the instance refresh that is under way is cancelled first"));
            draft.disrupts(&address);
            draft.push(&address, Action::CancelInstanceRefresh { name: name.to_owned() }, needs.clone());
        }
        Some(Seen::Absent) | None => {}
    }
    if draft.goal == Goal::Provision && holds_apps(draft, &address, found, observed) {
        return;
    }
    let nodes = if draft.goal == Goal::Provision { registered_nodes(found, observed) } else { Vec::new() };
    drain(draft, &address, &nodes, observed);
    draft.push(&address, Action::EmptyAutoScalingGroup { name: name.to_owned() }, needs);
    // ECS never clears the protection that it gave, and a protected instance keeps the group at its size for ever
    // (docs/aws.md, "ECS: capacity providers").
    let protected = found.instances.iter().filter(|instance| instance.protected_from_scale_in && instance.can_lose_protection());
    let protected: Vec<String> = protected.map(|instance| instance.id.clone()).collect();
    for instances in protected.chunks(PROTECTION_BATCH) {
        let action = Action::ClearInstanceProtection { name: name.to_owned(), instances: instances.to_vec() };
        draft.push(&address, action, []);
    }
    draft.push(&address, Action::DeleteAutoScalingGroup { name: name.to_owned() }, providers);
    draft.push(&address, gone, []);
    // ECS forgets them by itself only if their agents were connected at the end (docs/aws.md, "ECS: cluster").
    for arn in nodes {
        draft.push(&address, Action::DeregisterContainerInstance { cluster: draft.owner.name_prefix.clone(), arn }, []);
    }
}

/// The group's nodes as the cluster knows them, by ARN.
fn registered_nodes(found: &ObservedAutoScalingGroup, observed: &Observed) -> Vec<String> {
    let launched: BTreeSet<&str> = found.instances.iter().map(|instance| instance.id.as_str()).collect();
    let registered = observed.container_instances.present().map_or(&[][..], Vec::as_slice);
    workload::nodes_of(&launched, registered).into_iter().map(str::to_owned).collect()
}

/// Whether something runs on the group's nodes that nobody would move when they drain: the plan is refused then, or blind.
fn holds_apps(draft: &mut Draft, address: &Address, found: &ObservedAutoScalingGroup, observed: &Observed) -> bool {
    let nodes = registered_nodes(found, observed);
    let tied = match &observed.answers.workload {
        Some(Seen::Unknown(why)) => {
            draft.unknown(address, format!("what runs on its nodes: {why}"));
            return true;
        }
        Some(Seen::Present(workload)) => workload::tied(workload, &nodes.iter().map(String::as_str).collect()),
        Some(Seen::Absent) | None => return false,
    };
    if !tied.is_empty() {
        let list: Vec<String> = tied.iter().cloned().collect();
        draft.refuse(
            address,
            format!("the inputs no longer name this node group, and on its nodes runs what would not move: {}", list.join(", ")),
            "move those services to a capacity provider and stop those tasks or let them end; or keep the node group".to_owned(),
        );
    }
    !tied.is_empty()
}

/// Moves what still runs on the nodes before they go. Those that an earlier run has begun to drain are only waited for.
fn drain(draft: &mut Draft, address: &Address, nodes: &[String], observed: &Observed) {
    let cluster = draft.owner.name_prefix.clone();
    let attached = Need::Done(address_of(Kind::ClusterCapacityProviders, &draft.owner));
    let registered = observed.container_instances.present().into_iter().flatten();
    let draining: BTreeSet<&str> = registered.filter(|node| node.draining).map(|node| node.arn.as_str()).collect();
    let active: Vec<String> = nodes.iter().filter(|arn| !draining.contains(arn.as_str())).cloned().collect();
    for arns in active.chunks(STATE_BATCH) {
        let action = Action::UpdateContainerInstancesState { cluster: cluster.clone(), arns: arns.to_vec(), state: NodeState::Draining };
        draft.push(address, action, [attached.clone()]);
    }
    if !nodes.is_empty() {
        draft.push(address, Action::Wait(Condition::NodesDrained { cluster, container_instances: nodes.to_vec() }), []);
    }
}

/// Instances per `SetInstanceProtection` call, at most.
const PROTECTION_BATCH: usize = 50;
