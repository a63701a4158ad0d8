//! The ECS cluster itself.

use crate::model::address::{Address, Kind};
use crate::model::facts::Seen;
use crate::model::observed::{Observed, ObservedCluster};
use crate::model::properties::Cluster;
use crate::plan::action::{Action, Condition};
use crate::plan::desired::{Desired, address_of};
use crate::plan::draft::{Decision, Draft, Need};
use crate::plan::fields::Fields;
use crate::plan::{auto_scaling_group, capacity_provider, cluster_capacity_providers};

pub fn plan_cluster(draft: &mut Draft, desired: Option<&Desired>, observed: &Observed) {
    let address = address_of(Kind::Cluster, &draft.owner);
    match draft.decide(&address, desired.map(|desired| &desired.cluster), &observed.cluster) {
        Decision::Create(cluster) => {
            let fields = Fields::default().with("ClusterSettings.containerInsights", &cluster.container_insights);
            draft.create(&address, fields, "the cluster itself");
            draft.push(&address, Action::CreateCluster(cluster.clone()), []);
        }
        Decision::Keep(cluster, found) => update(draft, &address, cluster, found),
        Decision::Remove(found) => remove(draft, &address, found, observed),
        Decision::Leave => {}
    }
}

fn update(draft: &mut Draft, address: &Address, desired: &Cluster, found: &ObservedCluster) {
    let Cluster { name, container_insights, tags } = desired;
    let mut fields = Fields::default();
    if found.status != "ACTIVE" {
        draft.push(address, Action::Wait(Condition::ClusterActive { cluster: name.clone() }), []);
    }
    if fields.compare("ClusterSettings.containerInsights", &found.properties.container_insights, container_insights) {
        let settings = Action::UpdateCluster { cluster: name.clone(), container_insights: container_insights.clone() };
        draft.push(address, settings, []);
    }
    let missing = fields.compare_tags(&found.properties.tags, tags);
    if !missing.is_empty() {
        draft.push(address, Action::TagEcsResource { arn: found.arn.clone(), tags: missing }, []);
    }
    if fields.is_empty() && found.status != "ACTIVE" {
        draft.wait(address, &format!("its status is {}", found.status));
    } else {
        draft.update(address, fields, "differs from what is wanted");
    }
}

fn remove(draft: &mut Draft, address: &Address, found: &ObservedCluster, observed: &Observed) {
    draft.delete(address, "nothing is left on it");
    refuse_while_in_use(draft, address, observed);
    refuse_managed_instances(draft, address, found, observed);
    let mut needs = auto_scaling_group::all_done(&draft.owner, observed);
    needs.extend(capacity_provider::all_done(&draft.owner, observed));
    needs.push(Need::Done(address_of(Kind::ClusterCapacityProviders, &draft.owner)));
    needs.push(Need::Done(address_of(Kind::ContainerInstance, &draft.owner)));
    draft.push(address, Action::DeleteCluster { cluster: found.properties.name.clone() }, needs);
}

fn refuse_managed_instances(draft: &mut Draft, address: &Address, found: &ObservedCluster, observed: &Observed) {
    let providers: Vec<String> = cluster_capacity_providers::managed_instances(found, observed).map(|name| format!("`{name}`")).collect();
    if !providers.is_empty() {
        draft.refuse(
            address,
            format!(
                "capacity providers for Managed Instances are on the cluster, which this bundle did not make: {}",
                providers.join(", ")
            ),
            "delete those capacity providers, with what runs on them; then run this again".to_owned(),
        );
    }
}

/// ECS deletes no services and no tasks for us, and we delete none that are not ours.
fn refuse_while_in_use(draft: &mut Draft, address: &Address, observed: &Observed) {
    match &observed.answers.tenants {
        Some(Seen::Present(tenants)) if !tenants.services.is_empty() || !tenants.tasks.is_empty() => {
            let services = tenants.services.iter().map(|name| format!("service `{name}`"));
            let tasks = tenants.tasks.iter().map(|arn| format!("task `{arn}`"));
            let running: Vec<String> = services.chain(tasks).collect();
            draft.refuse(
                address,
                format!("apps are still on the cluster: {}", running.join(", ")),
                "decommission those apps first, or delete the services and stop the tasks; then run this again".to_owned(),
            );
        }
        Some(Seen::Unknown(why)) => draft.unknown(address, format!("its services and tasks: {why}")),
        _ => {}
    }
}
