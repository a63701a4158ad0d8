//! The nodes as the cluster knows them: those that have to join before a provision is done, and those that ECS would keep for ever.

use crate::model::address::{Address, Kind};
use crate::model::facts::Seen;
use crate::model::observed::{Observed, ObservedCluster, ObservedContainerInstance};
use crate::plan::action::{Action, Condition, NodeState};
use crate::plan::desired::{Desired, DesiredGroup, address_of};
use crate::plan::draft::{Draft, Need};
use crate::plan::fields::Fields;
use crate::plan::{auto_scaling_group, capacity_provider};
use std::collections::{BTreeMap, BTreeSet};

/// Instances that anybody but EC2 runs are registered under ids of another form, and nobody but their owner knows whether they are gone.
const EC2_ID: &str = "i-";
/// Container instances per `UpdateContainerInstancesState` call, at most.
pub const STATE_BATCH: usize = 10;

/// Where the nodes of one Auto Scaling group are found in plans.
#[must_use]
pub fn address(auto_scaling_group: &str) -> Address {
    Address::new(Kind::ContainerInstance, auto_scaling_group)
}

/// ECS forgets a terminated instance by itself only if its agent was connected at the end; the others block `DeleteCluster` for ever.
pub fn plan_container_instances(draft: &mut Draft, desired: Option<&Desired>, observed: &Observed) {
    let address = address_of(Kind::ContainerInstance, &draft.owner);
    let cluster = observed.cluster.ours(&draft.owner);
    match (desired, cluster) {
        (Some(desired), cluster) => {
            tend(draft, &address, desired, cluster, observed);
            if let Some(cluster) = cluster {
                desired.groups().iter().for_each(|group| undo_drain(draft, group, cluster, observed));
            }
        }
        (None, Some(cluster)) => forget_all(draft, &address, cluster, observed),
        (None, None) => {}
    }
}

/// The EC2 instances that are registered without a word from their agents and without a group: only EC2 can tell whether they are gone.
pub fn silent(observed: &Observed) -> BTreeSet<String> {
    let groups = observed.auto_scaling_groups.present().into_iter().flat_map(BTreeMap::values);
    let launched: BTreeSet<&str> = groups.flat_map(|group| &group.instances).map(|instance| instance.id.as_str()).collect();
    let registered = observed.container_instances.present().into_iter().flatten().filter(|node| !node.agent_connected);
    let ids = registered.map(|node| node.ec2_instance_id.as_str());
    ids.filter(|id| id.starts_with(EC2_ID) && !launched.contains(id)).map(str::to_owned).collect()
}

fn forget_all(draft: &mut Draft, address: &Address, cluster: &ObservedCluster, observed: &Observed) {
    match &observed.container_instances {
        Seen::Unknown(why) => draft.unknown(address, why),
        Seen::Present(registered) if !registered.is_empty() => {
            draft.delete(address, &format!("{} registered, which ECS may not forget by itself", registered.len()));
            let needs = auto_scaling_group::all_done(&draft.owner, observed);
            deregister(draft, address, cluster, registered, &needs);
        }
        Seen::Present(_) | Seen::Absent => {}
    }
}

fn deregister<'a>(
    draft: &mut Draft,
    address: &Address,
    cluster: &ObservedCluster,
    nodes: impl IntoIterator<Item = &'a ObservedContainerInstance>,
    needs: &[Need],
) {
    for node in nodes {
        let action = Action::DeregisterContainerInstance { cluster: cluster.properties.name.clone(), arn: node.arn.clone() };
        draft.push(address, action, needs.to_vec());
    }
}

/// Forgets the nodes that are gone, and waits for those that have yet to join.
fn tend(draft: &mut Draft, address: &Address, desired: &Desired, cluster: Option<&ObservedCluster>, observed: &Observed) {
    let awaited: Vec<&DesiredGroup> = desired.groups().iter().filter(|group| group.awaited_nodes > 0).collect();
    let registered = match &observed.container_instances {
        Seen::Unknown(why) if !awaited.is_empty() => return draft.unknown(address, why),
        found => found.present().map_or(&[][..], Vec::as_slice),
    };
    if let Some(Seen::Unknown(why)) = &observed.answers.gone_instances {
        return draft.unknown(address, format!("whether nodes that are silent are gone: {why}"));
    }
    let gone = observed.answers.gone_instances.as_ref().and_then(Seen::present);
    let is_gone = |node: &&ObservedContainerInstance| gone.is_some_and(|gone| gone.contains(&node.ec2_instance_id));
    let gone: Vec<&ObservedContainerInstance> = registered.iter().filter(is_gone).collect();
    let missing = missing_nodes(draft, &awaited, registered, observed);
    let joining =
        missing.iter().map(|missing| format!("{} of {} nodes of `{}` have joined", missing.joined, missing.minimum, missing.group));
    let joining = joining.collect::<Vec<_>>().join(", ");
    if !gone.is_empty() {
        let also = if joining.is_empty() { String::new() } else { format!("; {joining}") };
        draft.delete(address, &format!("{} registered whose instance is gone, which ECS does not forget by itself{also}", gone.len()));
    } else if !missing.is_empty() {
        draft.wait(address, &joining);
    }
    if let Some(cluster) = cluster {
        deregister(draft, address, cluster, gone, &[]);
    }
    await_nodes(draft, address, &missing);
}

/// A run that removes a group takes its provider from the cluster's list, then drains its nodes. Should it end there and the group be wanted
/// again, they are activated before the provider is listed: nodes that drain beside a listed provider are not of our doing.
fn undo_drain(draft: &mut Draft, group: &DesiredGroup, cluster: &ObservedCluster, observed: &Observed) {
    let name = &group.auto_scaling_group.name;
    let Some(found) = auto_scaling_group::observed_group(observed, name, &draft.owner).filter(|found| !found.deleting) else { return };
    let is_listed = cluster.capacity_providers.contains(&group.capacity_provider.name);
    let registered = match &observed.container_instances {
        Seen::Unknown(why) if !is_listed => return draft.unknown(&address(name), why),
        found => found.present().map_or(&[][..], Vec::as_slice),
    };
    let staying: BTreeSet<&str> = found.staying().map(|instance| instance.id.as_str()).collect();
    let draining = registered.iter().filter(|node| node.draining && staying.contains(node.ec2_instance_id.as_str()));
    let draining: Vec<String> = draining.map(|node| node.arn.clone()).collect();
    let nodes = format!("{} of {} nodes", draining.len(), staying.len());
    if draining.is_empty() {
        return;
    }
    if is_listed {
        return draft
            .warn(format!("{nodes} of `{name}` are draining, so that ECS places nothing on them; somebody else has asked for that"));
    }
    let mut fields = Fields::default();
    fields.note("Status", &"DRAINING", &"ACTIVE");
    draft.update(&address(name), fields, &format!("{nodes} drain since a run that was to remove the group, which is wanted again"));
    for arns in draining.chunks(STATE_BATCH) {
        let cluster = cluster.properties.name.clone();
        let action = Action::UpdateContainerInstancesState { cluster, arns: arns.to_vec(), state: NodeState::Active };
        draft.push(&address(name), action, []);
    }
}

/// A group of which fewer nodes have joined than it has to have.
struct Shortfall {
    group: String,
    joined: usize,
    minimum: usize,
}

fn missing_nodes(
    draft: &Draft,
    awaited: &[&DesiredGroup],
    registered: &[ObservedContainerInstance],
    observed: &Observed,
) -> Vec<Shortfall> {
    let groups = observed.auto_scaling_groups.present();
    let missing = |group: &&DesiredGroup| {
        let name = &group.auto_scaling_group.name;
        let found = groups.and_then(|groups| groups.get(name));
        // One whose provider is being made anew gets its nodes in the round after; one that is somebody else's is refused.
        if capacity_provider::is_stale(group, observed) || found.is_some_and(|found| !draft.owner.owns(&found.properties.tags)) {
            return None;
        }
        let joined = found.filter(|found| !found.deleting).map_or(0, |found| found.joined(registered));
        (joined < group.awaited_nodes).then(|| Shortfall { group: name.clone(), joined, minimum: group.awaited_nodes })
    };
    awaited.iter().copied().filter_map(|group| missing(&group)).collect()
}

fn await_nodes(draft: &mut Draft, address: &Address, missing: &[Shortfall]) {
    if missing.is_empty() {
        return;
    }
    let minimums = missing.iter().map(|missing| (missing.group.clone(), missing.minimum)).collect();
    let condition = Condition::NodesJoined { cluster: draft.owner.name_prefix.clone(), minimums };
    let needs: Vec<Need> = missing.iter().map(|missing| Need::Done(auto_scaling_group::address(&missing.group))).collect();
    draft.push(address, Action::Wait(condition), needs);
}
