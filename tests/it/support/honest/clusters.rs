//! ECS clusters: made once, tied to their capacity providers over time, and gone only when empty.

use std::collections::BTreeMap;
use std::sync::Mutex;

use serde_json::{Value, json};

use super::{Ask, edit_json, locked, name_of, succeeded, text, texts};
use crate::support::call::Reply;

const FARGATE: [&str; 2] = ["FARGATE", "FARGATE_SPOT"];
const BUSY: &str = "The specified cluster is in a busy state. Cluster attachments must be in UPDATE_COMPLETE or UPDATE_FAILED state.";

#[derive(Default)]
pub struct Clusters(Mutex<BTreeMap<String, Attachments>>);

/// What happens between a cluster and its capacity providers.
#[derive(Default)]
struct Attachments {
    polls: usize,
    /// The list that is being left, until the new one is reached.
    before: Vec<String>,
}

impl Clusters {
    pub fn answer(&self, ask: Ask<'_>) -> Reply {
        match ask.operation() {
            "CreateCluster" => self.create(ask),
            "DescribeClusters" => edit_json(ask.forward(), |body| self.show(ask, body)),
            "PutClusterCapacityProviders" => self.put_providers(ask),
            "UpdateClusterSettings" => {
                let target = "AmazonEC2ContainerServiceV20141113.UpdateCluster";
                ask.backend().json(ask.region(), "ecs", target, &ask.call.json())
            }
            "DeleteCluster" => self.delete(ask),
            "DeregisterContainerInstance" if !is_registered(ask) => {
                ask.refuse("InvalidParameterException", "The specified container instance is not registered with the cluster.")
            }
            "ListClusters" => edit_json(ask.forward(), |body| {
                if let Some(arns) = body["clusterArns"].as_array_mut() {
                    arns.retain(|arn| cluster(ask, text(arn)).is_some());
                }
            }),
            _ => ask.forward(),
        }
    }

    /// The names of the clusters that this provider is tied to, also of those that are just letting go of it.
    pub fn with_provider(&self, ask: Ask<'_>, provider: &str) -> Vec<String> {
        let attachments = locked(&self.0);
        let arns = texts(&ask.backend().ecs(ask.region(), "ListClusters", &json!({}))["clusterArns"]);
        let names = arns.iter().filter_map(|arn| cluster(ask, arn)).filter(|cluster| {
            let leaving = attachments.get(text(&cluster["clusterName"])).filter(|one| one.polls > 0).map(|one| one.before.clone());
            texts(&cluster["capacityProviders"]).iter().chain(&leaving.unwrap_or_default()).any(|name| name == provider)
        });
        names.map(|cluster| text(&cluster["clusterName"]).to_owned()).collect()
    }

    fn create(&self, ask: Ask<'_>) -> Reply {
        let _changing = locked(&self.0);
        let wanted = ask.call.json();
        let name = wanted["clusterName"].as_str().unwrap_or("default");
        if name.len() > 255 || !name.chars().all(|letter| letter.is_ascii_alphanumeric() || "-_".contains(letter)) {
            return ask
                .refuse("InvalidParameterException", "Identifiers must be of 255 letters, numbers, hyphens and underscores at most.");
        }
        match cluster(ask, name) {
            Some(found) => Reply::json(200, &json!({ "cluster": found })),
            None => ask.forward(),
        }
    }

    /// Shows only what was asked to be included, and how far the attachments are.
    fn show(&self, ask: Ask<'_>, body: &mut Value) {
        let mut attachments = locked(&self.0);
        let include = texts(&ask.call.json()["include"]);
        let wants = |field: &str| include.iter().any(|one| one == field);
        for found in body["clusters"].as_array_mut().into_iter().flatten() {
            for (field, name) in [("settings", "SETTINGS"), ("configuration", "CONFIGURATIONS"), ("tags", "TAGS")] {
                if !wants(name)
                    && let Some(fields) = found.as_object_mut()
                {
                    fields.shift_remove(field);
                }
            }
            let ours = attachments.get_mut(text(&found["clusterName"])).filter(|_| wants("ATTACHMENTS") && found["status"] == "ACTIVE");
            if let Some(ours) = ours {
                let status = if ours.polls > 0 { "UPDATE_IN_PROGRESS" } else { "UPDATE_COMPLETE" };
                ours.polls = ours.polls.saturating_sub(1);
                found["attachments"] = json!([]);
                found["attachmentsStatus"] = json!(status);
            }
        }
    }

    fn put_providers(&self, ask: Ask<'_>) -> Reply {
        let mut attachments = locked(&self.0);
        let wanted = ask.call.json();
        let name = name_of(text(&wanted["cluster"])).to_owned();
        let Some(found) = cluster(ask, &name) else {
            return ask.refuse("ClusterNotFoundException", "Cluster not found.");
        };
        let current = attachments.entry(name).or_default();
        if current.polls > 0 {
            current.polls -= 1;
            return ask.refuse("UpdateInProgressException", BUSY);
        }
        let known = ask.backend().capacity_providers(ask.region());
        let providers = texts(&wanted["capacityProviders"]);
        let unknown = |name: &&String| !known.contains(name) && !FARGATE.contains(&name.as_str());
        if let Some(name) = providers.iter().find(unknown) {
            let dying = ask.honest.capacity_providers.is_deleting(name);
            let what = if dying { "is not in an ACTIVE state" } else { "was not found" };
            return ask.refuse("InvalidParameterException", &format!("The specified capacity provider '{name}' {what}."));
        }
        let strategy = wanted["defaultCapacityProviderStrategy"].as_array().map_or(&[][..], Vec::as_slice);
        if strategy.iter().any(|item| !providers.iter().any(|name| name == text(&item["capacityProvider"]))) {
            let message =
                "The specified default capacity provider strategy names a capacity provider that is not associated with the cluster.";
            return ask.refuse("InvalidParameterException", message);
        }
        let reply = ask.forward();
        if succeeded(&reply) {
            *current = Attachments { polls: ask.lags().attachments, before: texts(&found["capacityProviders"]) };
        }
        reply
    }

    fn delete(&self, ask: Ask<'_>) -> Reply {
        let mut attachments = locked(&self.0);
        let name = name_of(text(&ask.call.json()["cluster"])).to_owned();
        if cluster(ask, &name).is_none() {
            return ask.forward();
        }
        if let Some(current) = attachments.get_mut(&name).filter(|current| current.polls > 0) {
            current.polls -= 1;
            return ask.refuse("UpdateInProgressException", BUSY);
        }
        let blockers = [
            ("ListContainerInstances", "containerInstanceArns", "ClusterContainsContainerInstancesException"),
            ("ListServices", "serviceArns", "ClusterContainsServicesException"),
            ("ListTasks", "taskArns", "ClusterContainsTasksException"),
        ];
        for (operation, list, code) in blockers {
            if !texts(&ask.backend().ecs(ask.region(), operation, &json!({ "cluster": name }))[list]).is_empty() {
                return ask.refuse(code, "The Cluster cannot be deleted while it is in use.");
            }
        }
        let reply = ask.forward();
        if succeeded(&reply) {
            attachments.remove(&name);
        }
        reply
    }
}

/// The emulator trips over an instance that it does not know.
fn is_registered(ask: Ask<'_>) -> bool {
    let wanted = ask.call.json();
    let members = ask.backend().ecs(ask.region(), "ListContainerInstances", &json!({ "cluster": wanted["cluster"] }));
    let wanted = name_of(text(&wanted["containerInstance"]));
    texts(&members["containerInstanceArns"]).iter().any(|arn| name_of(arn) == wanted)
}

/// The cluster as the emulator has it, unless it is deleted.
fn cluster(ask: Ask<'_>, name: &str) -> Option<Value> {
    let found = ask.backend().ecs(ask.region(), "DescribeClusters", &json!({ "clusters": [name] }));
    found["clusters"].get(0).filter(|cluster| cluster["status"] == "ACTIVE").cloned()
}
