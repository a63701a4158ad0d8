//! ECS clusters: made once, tied to their capacity providers over time, and gone only when empty.
//!
//! docs/aws.md, "ECS: the cluster's list of providers" and docs/aws.md, "ECS: cluster".

use std::collections::BTreeMap;
use std::sync::Mutex;

use serde_json::{Value, json};

use super::{Ask, capacity_providers, edit_json, locked, marks, name_of, succeeded, text, texts};
use crate::support::call::Reply;

const FARGATE: [&str; 2] = ["FARGATE", "FARGATE_SPOT"];
const BUSY: &str = "The specified cluster is in a busy state. Cluster attachments must be in UPDATE_COMPLETE or UPDATE_FAILED state.";

const INCONSISTENT: &str = "Arguments on this idempotent request are inconsistent with arguments used in previous request(s).";

#[derive(Default)]
pub struct Clusters(Mutex<State>);

#[derive(Default)]
struct State {
    attachments: BTreeMap<String, Attachments>,
    failed: usize,
}

/// What happens between a cluster and its capacity providers.
#[derive(Default)]
struct Attachments {
    polls: usize,
    /// The list that is being left, until the new one is reached.
    before: Vec<String>,
    fails: bool,
}

impl Attachments {
    fn status(&self) -> &'static str {
        match (self.polls, self.fails) {
            (0, false) => "UPDATE_COMPLETE",
            (0, true) => "UPDATE_FAILED",
            _ => "UPDATE_IN_PROGRESS",
        }
    }

    fn details(&self) -> Value {
        if self.status() != "UPDATE_FAILED" {
            return json!([]);
        }
        let reason = "You do not have authorization to perform the required operation.";
        let details = [json!({ "name": "statusReason", "value": reason })];
        json!([{ "id": "5dc0b3f6-e0d3-4e1f-b1a1-3c8b2f9a6c11", "type": "as_policy", "status": "FAILED", "details": details }])
    }
}

impl Clusters {
    pub fn answer(&self, ask: Ask<'_>) -> Reply {
        match ask.operation() {
            "CreateCluster" => self.create(ask),
            "DescribeClusters" => edit_json(ask.forward(), |body| self.show(ask, body)),
            "PutClusterCapacityProviders" => self.put_providers(ask),
            "DeleteCluster" => self.delete(ask),
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
        let attachments = &locked(&self.0).attachments;
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
            Some(found) if is_as_asked(&found, &wanted) => Reply::json(200, &json!({ "cluster": found })),
            Some(_) => ask.refuse("InvalidParameterException", INCONSISTENT),
            None => ask.forward(),
        }
    }

    /// Shows only what was asked to be included, and how far the attachments are.
    fn show(&self, ask: Ask<'_>, body: &mut Value) {
        let attachments = &mut locked(&self.0).attachments;
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
                found["attachments"] = ours.details();
                found["attachmentsStatus"] = json!(ours.status());
                ours.polls = ours.polls.saturating_sub(1);
            }
        }
    }

    fn put_providers(&self, ask: Ask<'_>) -> Reply {
        let state = &mut *locked(&self.0);
        let wanted = ask.call.json();
        let name = name_of(text(&wanted["cluster"])).to_owned();
        let Some(found) = cluster(ask, &name) else {
            return ask.refuse("ClusterNotFoundException", "Cluster not found.");
        };
        let current = state.attachments.entry(name.clone()).or_default();
        if current.polls > 0 {
            current.polls -= 1;
            return ask.refuse("UpdateInProgressException", BUSY);
        }
        if let Some((code, message)) = bad_list(ask, &wanted).or_else(|| in_use(ask, &name, &found, &wanted)) {
            return ask.refuse(code, &message);
        }
        let reply = ask.forward();
        if succeeded(&reply) {
            let (lags, before) = (ask.lags(), texts(&found["capacityProviders"]));
            let fails = state.failed < lags.attachments_failing;
            state.failed += usize::from(fails);
            mark(ask, &name, &before, &texts(&wanted["capacityProviders"]));
            *current = Attachments { polls: lags.attachments, before, fails };
        }
        reply
    }

    fn delete(&self, ask: Ask<'_>) -> Reply {
        let attachments = &mut locked(&self.0).attachments;
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

/// Whether the cluster has these tags and no others, and every setting that is asked for.
fn is_as_asked(found: &Value, wanted: &Value) -> bool {
    let list = |of: &Value, field: &str| of[field].as_array().cloned().unwrap_or_default();
    let (tags, asked) = (list(found, "tags"), list(wanted, "tags"));
    let settings = list(found, "settings");
    tags.len() == asked.len()
        && asked.iter().all(|tag| tags.contains(tag))
        && list(wanted, "settings").iter().all(|one| settings.contains(one))
}

fn bad_list(ask: Ask<'_>, wanted: &Value) -> Option<(&'static str, String)> {
    let known = ask.backend().capacity_providers(ask.region());
    let providers = texts(&wanted["capacityProviders"]);
    let unknown = |name: &&String| !known.contains(name) && !FARGATE.contains(&name.as_str());
    if let Some(name) = providers.iter().find(unknown) {
        let dying = ask.honest.capacity_providers.is_deleting(name);
        let what = if dying { "is not in an ACTIVE state" } else { "was not found" };
        return Some(("InvalidParameterException", format!("The specified capacity provider '{name}' {what}.")));
    }
    let strategy = wanted["defaultCapacityProviderStrategy"].as_array().map_or(&[][..], Vec::as_slice);
    let unlisted = strategy.iter().any(|item| !providers.iter().any(|name| name == text(&item["capacityProvider"])));
    let message = "The specified default capacity provider strategy names a capacity provider that is not associated with the cluster.";
    unlisted.then(|| ("InvalidParameterException", message.to_owned()))
}

/// A provider that a service's strategy names stays with the cluster.
fn in_use(ask: Ask<'_>, cluster: &str, found: &Value, wanted: &Value) -> Option<(&'static str, String)> {
    let kept = texts(&wanted["capacityProviders"]);
    let leaving: Vec<String> = texts(&found["capacityProviders"]).into_iter().filter(|name| !kept.contains(name)).collect();
    if leaving.is_empty() {
        return None;
    }
    let services = texts(&ask.backend().ecs(ask.region(), "ListServices", &json!({ "cluster": cluster }))["serviceArns"]);
    if services.is_empty() {
        return None;
    }
    let described = ask.backend().ecs(ask.region(), "DescribeServices", &json!({ "cluster": cluster, "services": services }));
    let living = described["services"].as_array().into_iter().flatten().filter(|service| service["status"] != "INACTIVE");
    let mut items = living.flat_map(|service| service["capacityProviderStrategy"].as_array().into_iter().flatten());
    let named = items.find(|item| leaving.iter().any(|name| name == text(&item["capacityProvider"])))?;
    let name = text(&named["capacityProvider"]);
    Some(("ResourceInUseException", format!("The specified capacity provider '{name}' is in use and cannot be removed from the cluster.")))
}

/// ECS makes its policy and hook on the groups that are new on the list, and takes them from those that leave it.
fn mark(ask: Ask<'_>, cluster: &str, before: &[String], after: &[String]) {
    let only = |these: &[String], those: &[String]| -> Vec<String> {
        these.iter().filter(|name| !those.contains(name) && !FARGATE.contains(&name.as_str())).cloned().collect()
    };
    capacity_providers::described(ask, &only(after, before)).iter().for_each(|provider| marks::attach(ask, cluster, provider));
    capacity_providers::described(ask, &only(before, after)).iter().for_each(|provider| marks::detach(ask, provider));
}

/// The cluster as the emulator has it, unless it is deleted.
pub fn cluster(ask: Ask<'_>, name: &str) -> Option<Value> {
    let found = ask.backend().ecs(ask.region(), "DescribeClusters", &json!({ "clusters": [name], "include": ["SETTINGS", "TAGS"] }));
    found["clusters"].get(0).filter(|cluster| cluster["status"] == "ACTIVE").cloned()
}
