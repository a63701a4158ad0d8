//! What runs on the node groups: who relies on one that has to go, and who passes them all by.

use crate::model::answers::{ObservedTask, Workload};
use crate::model::facts::Seen;
use crate::model::observed::{Observed, ObservedContainerInstance};
use crate::plan::desired::Desired;
use crate::plan::draft::Draft;
use std::collections::{BTreeMap, BTreeSet};

/// The services whose strategy names the provider.
pub fn relying<'a>(workload: &'a Workload, provider: &str) -> BTreeSet<&'a str> {
    let naming = workload.services.iter().filter(|service| service.capacity_providers.contains(provider));
    naming.map(|service| service.name.as_str()).collect()
}

/// What runs on these nodes and is moved by nobody when they drain: in words, each once.
///
/// A service with a strategy starts its tasks elsewhere, and a daemon has no business without the node.
pub fn tied(workload: &Workload, nodes: &BTreeSet<&str>) -> BTreeSet<String> {
    let here = workload.tasks.iter().filter(|task| task.container_instance.as_deref().is_some_and(|node| nodes.contains(node)));
    let services: BTreeMap<&str, bool> = workload
        .services
        .iter()
        .map(|service| (service.name.as_str(), service.capacity_providers.is_empty() && !service.is_daemon))
        .collect();
    here.filter_map(|task| match task.service() {
        Some(service) => services.get(service).is_some_and(|tied| *tied).then(|| format!("service `{service}` with launch type EC2")),
        None => Some(format!("task `{}` of `{}`", id(task), task.group)),
    })
    .collect()
}

fn id(task: &ObservedTask) -> &str {
    task.arn.rsplit('/').next().unwrap_or(&task.arn)
}

/// The ARNs under which the cluster knows these EC2 instances.
pub fn nodes_of<'a>(launched: &BTreeSet<&str>, registered: &'a [ObservedContainerInstance]) -> BTreeSet<&'a str> {
    registered.iter().filter(|node| launched.contains(node.ec2_instance_id.as_str())).map(|node| node.arn.as_str()).collect()
}

/// ECS scales a group for the services that ask its provider for nodes, and for no others.
pub fn warn_of_launch_type(draft: &mut Draft, desired: Option<&Desired>, observed: &Observed) {
    let Some(desired) = desired.filter(|desired| !desired.groups().is_empty()) else { return };
    match &observed.answers.ec2_services {
        Some(Seen::Present(services)) if !services.is_empty() => {
            let names: Vec<String> = services.iter().map(|name| format!("`{name}`")).collect();
            let provider = desired.groups().first().map(|group| group.capacity_provider.name.as_str()).unwrap_or_default();
            draft.warn(format!(
                "no node group is scaled for services with launch type EC2: {}; give them a capacity provider strategy that names a group's \
                 provider, such as `{provider}`",
                names.join(", ")
            ));
        }
        Some(Seen::Unknown(why)) => {
            draft.warn(format!("services with launch type EC2, for which no node group is scaled, could not be read: {why}"));
        }
        _ => {}
    }
}
