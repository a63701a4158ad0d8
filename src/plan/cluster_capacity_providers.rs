//! The one list that ties capacity providers to the cluster.

use crate::model::address::{Address, Kind};
use crate::model::facts::Seen;
use crate::model::observed::{Attachments, Observed, ObservedCluster};
use crate::model::properties::{ListChange, StrategyItem, strategy_over};
use crate::model::tags::Owner;
use crate::plan::action::{Action, Condition};
use crate::plan::capacity_provider::{Providers, is_stale};
use crate::plan::container_instance;
use crate::plan::desired::{Desired, FARGATE_PROVIDERS, address_of};
use crate::plan::draft::{Draft, Need};
use crate::plan::fields::Fields;
use std::collections::BTreeSet;

pub fn plan_cluster_capacity_providers(draft: &mut Draft, desired: Option<&Desired>, observed: &Observed) {
    let address = address_of(Kind::ClusterCapacityProviders, &draft.owner);
    let (found, providers) = match (&observed.cluster, &observed.capacity_providers) {
        (Seen::Unknown(why), _) | (_, Seen::Unknown(why)) => return draft.unknown(&address, why),
        (cluster, providers) => (cluster.present(), providers.present()),
    };
    let found = found.filter(|cluster| draft.owner.owns(&cluster.properties.tags));
    let untaken = found.into_iter().flat_map(|found| managed_instances(found, observed)).map(str::to_owned).collect();
    let list = List { name: &draft.owner.name_prefix.clone(), found, names: listed_providers(found, providers), untaken };
    let kept = kept_providers(&draft.owner, &list.names, providers);
    match desired {
        Some(desired) => {
            let current = desired.groups().iter().filter(|group| !is_stale(group, observed));
            let names = current.map(|group| group.capacity_provider.name.clone());
            let attached: BTreeSet<String> = names.chain(FARGATE_PROVIDERS.map(str::to_owned)).collect();
            let detached = list.names.iter().filter(|name| !attached.contains(*name) && !kept.contains(*name)).cloned().collect();
            let nodes = desired.groups().iter().map(|group| container_instance::address(&group.auto_scaling_group.name));
            attach(draft, &address, &list, ListChange { attached, detached }, nodes.map(Need::Done).collect());
        }
        None => detach(draft, &address, &list, list.names.difference(&kept).cloned().collect()),
    }
}

/// A cluster and the providers on its list.
struct List<'a> {
    name: &'a str,
    /// `None` before the cluster is made.
    found: Option<&'a ObservedCluster>,
    names: BTreeSet<String>,
    /// Managed Instances providers, which are on it and which no call takes.
    untaken: BTreeSet<String>,
}

impl List<'_> {
    fn attachments(&self) -> Attachments {
        self.found.map_or(Attachments::Settled, |found| found.attachments.clone())
    }

    fn default_strategy(&self) -> &[StrategyItem] {
        self.found.map_or(&[], |found| &found.default_strategy)
    }

    fn settled(&self, change: ListChange) -> Action {
        Action::Wait(Condition::AttachmentsSettled { cluster: self.name.to_owned(), change })
    }
}

/// What the cluster's list says, without Managed Instances providers, which it does not take.
pub fn listed_providers(cluster: Option<&ObservedCluster>, providers: Option<&Providers>) -> BTreeSet<String> {
    let names = cluster.into_iter().flat_map(|cluster| &cluster.capacity_providers);
    names.filter(|name| !is_managed_instances(name, providers)).cloned().collect()
}

/// Managed Instances providers are tied to the cluster by themselves (docs/aws.md, "ECS: the cluster's list of providers").
fn is_managed_instances(name: &str, providers: Option<&Providers>) -> bool {
    let found = providers.and_then(|providers| providers.get(name));
    found.is_some_and(|found| found.auto_scaling_group_arn.is_none() && !FARGATE_PROVIDERS.contains(&name))
}

/// The providers that keep a cluster from being deleted, and that only those who made them can let go.
pub fn managed_instances<'a>(cluster: &'a ObservedCluster, observed: &'a Observed) -> impl Iterator<Item = &'a str> {
    let names = cluster.capacity_providers.iter().map(String::as_str);
    names.filter(|name| is_managed_instances(name, observed.capacity_providers.present()))
}

/// The providers on the cluster's list that are not ours; Fargate's are nobody's.
pub fn kept_providers(owner: &Owner, listed: &BTreeSet<String>, providers: Option<&Providers>) -> BTreeSet<String> {
    let foreign = |name: &&String| {
        let found = providers.and_then(|providers| providers.get(*name));
        FARGATE_PROVIDERS.contains(&name.as_str()) || found.is_some_and(|found| !owner.owns(&found.properties.tags))
    };
    listed.iter().filter(foreign).cloned().collect()
}

fn attach(draft: &mut Draft, address: &Address, list: &List<'_>, change: ListChange, mut needs: Vec<Need>) {
    let wanted = change.applied_to(&list.names);
    let mut fields = Fields::default();
    fields.compare("CapacityProviders", &list.found.map(|_| &list.names), &Some(&wanted));
    if let Attachments::Failed(words) = list.attachments() {
        fields.note("AttachmentsStatus", &format!("UPDATE_FAILED: {words}"), &"UPDATE_COMPLETE");
    }
    if list.attachments() == Attachments::InProgress {
        draft.push(address, list.settled(ListChange::default()), []);
    }
    if fields.is_empty() {
        return if list.attachments() == Attachments::InProgress {
            draft.wait(address, "ECS is attaching capacity providers");
        } else {
            draft.unchanged(address);
        };
    }
    note_lost_strategy(draft, list, &wanted, &mut fields);
    needs.extend(wanted.iter().map(|name| Need::Exists(Address::new(Kind::CapacityProvider, name))));
    needs.push(Need::Done(address_of(Kind::Cluster, &draft.owner)));
    // One whose users could not be read must not be detached.
    needs.extend(change.detached.iter().map(|name| Need::Exists(Address::new(Kind::CapacityProvider, name))));
    if list.found.is_some() {
        draft.update(address, fields, "the cluster's list of capacity providers");
    } else {
        draft.create(address, fields, "the cluster's list of capacity providers");
    }
    if !change.detached.is_empty() {
        draft.disrupts(address);
    }
    put(draft, address, list, change, needs);
}

fn note_lost_strategy(draft: &mut Draft, list: &List<'_>, wanted: &BTreeSet<String>, fields: &mut Fields) {
    let leaving = list.default_strategy().iter().filter(|item| !wanted.contains(&item.capacity_provider));
    let names: Vec<String> = leaving.map(|item| format!("`{}`", item.capacity_provider)).collect();
    if names.is_empty() {
        return;
    }
    fields.note("DefaultCapacityProviderStrategy", &list.default_strategy(), &strategy_over(wanted, list.default_strategy()));
    draft.warn(format!(
        "the cluster's default capacity provider strategy loses {}, which leaves the cluster's list; services made later without a strategy of \
         their own are placed without it",
        names.join(", ")
    ));
}

fn detach(draft: &mut Draft, address: &Address, list: &List<'_>, detached: BTreeSet<String>) {
    if list.found.is_none() {
        return;
    }
    if list.attachments() == Attachments::InProgress {
        draft.wait(address, "ECS is attaching capacity providers");
        draft.push(address, list.settled(ListChange::default()), []);
    }
    if detached.is_empty() {
        return;
    }
    draft.delete(address, "a provider that is attached cannot be deleted");
    let change = ListChange { attached: BTreeSet::new(), detached };
    put(draft, address, list, change, vec![Need::Exists(address_of(Kind::Cluster, &draft.owner))]);
}

/// The change, which is made to the list as it is by then: one call has the whole of it, and detaches what it omits
/// (docs/aws.md, "ECS: the cluster's list of providers").
fn put(draft: &mut Draft, address: &Address, list: &List<'_>, change: ListChange, needs: Vec<Need>) {
    let action = Action::PutClusterCapacityProviders {
        cluster: list.name.to_owned(),
        change: change.clone(),
        managed_instances: list.untaken.clone(),
        cluster_is_new: list.found.is_none(),
    };
    draft.push(address, action, needs);
    draft.push(address, list.settled(change), []);
}
