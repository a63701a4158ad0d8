//! ECS capacity providers: one a name, one an Auto Scaling group, and none deleted that a cluster has.
//!
//! docs/aws.md, "ECS: capacity providers".

use std::collections::BTreeMap;
use std::sync::Mutex;

use serde_json::{Value, json};

use super::{Ask, Countdown, auto_scaling, edit_json, locked, marks, name_of, succeeded, text, texts};
use crate::support::call::Reply;

const RESERVED: [&str; 3] = ["aws", "ecs", "fargate"];
const MISSING: &str = "The specified capacity provider does not exist. Specify a valid name or ARN and try again.";

#[derive(Default)]
pub struct Providers(Mutex<State>);

#[derive(Default)]
struct State {
    /// By name, `managedDraining`, which the emulator sets once for ever.
    draining: BTreeMap<String, Value>,
    /// By name, why the last deletion failed.
    failed: BTreeMap<String, String>,
    /// Providers that the emulator has deleted and AWS is still deleting, each with the describes left.
    deleting: BTreeMap<String, (usize, Value)>,
    /// What is left of those that are gone, each with the describes that still show it.
    inactive: BTreeMap<String, (usize, Value)>,
    /// By name, the describes that show a change under way.
    updating: Countdown,
    /// By name, why the last change failed.
    unchanged: BTreeMap<String, String>,
    /// How many changes have failed.
    failures: usize,
}

impl Providers {
    pub fn answer(&self, ask: Ask<'_>) -> Reply {
        match ask.operation() {
            "CreateCapacityProvider" => self.create(ask),
            "UpdateCapacityProvider" => self.update(ask),
            "DeleteCapacityProvider" => self.delete(ask),
            "DescribeCapacityProviders" => self.describe(ask),
            _ => ask.forward(),
        }
    }

    pub fn is_deleting(&self, name: &str) -> bool {
        locked(&self.0).deleting.contains_key(name)
    }

    fn create(&self, ask: Ask<'_>) -> Reply {
        let mut state = locked(&self.0);
        let wanted = ask.call.json();
        let (name, group) = (text(&wanted["name"]).to_owned(), &wanted["autoScalingGroupProvider"]);
        if let Some(message) = bad_name(&name) {
            return ask.refuse("ClientException", &message);
        }
        let existing = ask.backend().capacity_providers(ask.region());
        if existing.contains(&name) || state.deleting.contains_key(&name) {
            let message = "The specified capacity provider already exists. To change the configuration of an existing capacity provider, update the capacity provider.";
            return ask.refuse("ClientException", message);
        }
        let arn = text(&group["autoScalingGroupArn"]);
        let taken = described(ask, &existing).iter().any(|other| other["autoScalingGroupProvider"]["autoScalingGroupArn"] == arn);
        if taken {
            let message = "The specified Auto Scaling group ARN is already being used by another capacity provider. Specify a unique Auto Scaling group ARN and try again.";
            return ask.refuse("ClientException", message);
        }
        let found = auto_scaling::group(ask, name_of(arn)).filter(|found| found.text_at("AutoScalingGroupARN") == arn);
        let Some(found) = found else {
            return ask.refuse("ClientException", "The specified Auto Scaling group ARN was not found.");
        };
        if let Some(message) = bad_protection(group, found.text_at("NewInstancesProtectedFromScaleIn")) {
            return ask.refuse("ClientException", message);
        }
        let reply = ask.forward();
        if succeeded(&reply) {
            let draining = group["managedDraining"].as_str().unwrap_or("ENABLED");
            state.draining.insert(name.clone(), json!(draining));
            state.failed.remove(&name);
            state.inactive.remove(&name);
            marks::tag(ask, &found);
        }
        edit_json(reply, |body| state.show(&mut body["capacityProvider"]))
    }

    fn update(&self, ask: Ask<'_>) -> Reply {
        let mut state = locked(&self.0);
        let wanted = ask.call.json();
        let (name, group) = (name_of(text(&wanted["name"])).to_owned(), &wanted["autoScalingGroupProvider"]);
        let Some(found) = described(ask, std::slice::from_ref(&name)).into_iter().next() else {
            return ask.refuse("ClientException", MISSING);
        };
        if state.updating.poll(&name) {
            return ask.refuse("UpdateInProgressException", "The specified capacity provider is in a busy state.");
        }
        let arn = text(&found["autoScalingGroupProvider"]["autoScalingGroupArn"]);
        let protects = auto_scaling::group(ask, name_of(arn)).unwrap_or_default();
        if let Some(message) = bad_protection(group, protects.text_at("NewInstancesProtectedFromScaleIn")) {
            return ask.refuse("ClientException", message);
        }
        state.unchanged.remove(&name);
        if state.failures < ask.lags().updates_failing {
            state.failures += 1;
            state.updating.start(&name, ask.lags().capacity_provider_updating);
            state.unchanged.insert(name, "The Auto Scaling group could not be changed.".to_owned());
            return Reply::json(200, &json!({ "capacityProvider": found }));
        }
        let reply = ask.forward();
        if succeeded(&reply) {
            state.updating.start(&name, ask.lags().capacity_provider_updating);
            if group["managedDraining"].is_string() {
                state.draining.insert(name, group["managedDraining"].clone());
            }
        }
        edit_json(reply, |body| state.show(&mut body["capacityProvider"]))
    }

    fn delete(&self, ask: Ask<'_>) -> Reply {
        let name = name_of(text(&ask.call.json()["capacityProvider"])).to_owned();
        let users = ask.honest.clusters.with_provider(ask, &name);
        let mut state = locked(&self.0);
        if let Some((_, ghost)) = state.deleting.get(&name) {
            return Reply::json(200, &json!({ "capacityProvider": ghost }));
        }
        let Some(mut found) = described(ask, std::slice::from_ref(&name)).into_iter().next() else {
            return ask.refuse("ClientException", MISSING);
        };
        if !users.is_empty() {
            let reason = format!(
                "The capacity provider cannot be deleted because it is associated with cluster: {}. Remove the capacity provider from the cluster and try again.",
                users.join(", ")
            );
            state.failed.insert(name, reason);
            state.show(&mut found);
            return Reply::json(200, &json!({ "capacityProvider": found }));
        }
        let lags = ask.lags();
        let reply = ask.forward();
        if !succeeded(&reply) {
            return reply;
        }
        state.show(&mut found);
        state.failed.remove(&name);
        state.draining.remove(&name);
        found["updateStatus"] = json!("DELETE_IN_PROGRESS");
        if let Some(fields) = found.as_object_mut() {
            fields.shift_remove("updateStatusReason");
        }
        state.bury(&name, lags.capacity_provider_inactive, &found);
        if lags.capacity_provider_deleting > 0 {
            state.deleting.insert(name, (lags.capacity_provider_deleting, found.clone()));
        }
        Reply::json(200, &json!({ "capacityProvider": found }))
    }

    fn describe(&self, ask: Ask<'_>) -> Reply {
        let mut state = locked(&self.0);
        let wanted = ask.call.json();
        let mut names: Vec<String> = texts(&wanted["capacityProviders"]).iter().map(|name| name_of(name).to_owned()).collect();
        let all = names.is_empty();
        if all {
            names = ask.backend().capacity_providers(ask.region());
            names.extend(state.deleting.keys().cloned());
            names.extend(["FARGATE", "FARGATE_SPOT"].map(str::to_owned));
        }
        let mut found = described(ask, &names);
        found.iter_mut().for_each(|provider| {
            state.show(provider);
            if state.updating.poll(text(&provider["name"])) {
                provider["updateStatus"] = json!("UPDATE_IN_PROGRESS");
            } else if let Some(reason) = state.unchanged.get(text(&provider["name"])) {
                provider["updateStatus"] = json!("UPDATE_FAILED");
                provider["updateStatusReason"] = json!(reason);
            }
        });
        let included = texts(&wanted["include"]).iter().any(|one| one == "TAGS");
        for name in &names {
            if let Some((polls, ghost)) = state.deleting.get_mut(name) {
                *polls -= 1;
                found.push(ghost.clone());
            } else if let Some((polls, trace)) = state.inactive.get_mut(name) {
                *polls -= 1;
                found.push(trace.clone());
            } else if name.starts_with("FARGATE") {
                found.push(json!({ "name": name, "status": "ACTIVE", "tags": [] }));
            }
        }
        state.deleting.retain(|_, (polls, _)| *polls > 0);
        state.inactive.retain(|_, (polls, _)| *polls > 0);
        if !included {
            found.iter_mut().filter_map(Value::as_object_mut).for_each(|fields| drop(fields.shift_remove("tags")));
        }
        let missing = names.iter().filter(|name| !found.iter().any(|provider| text(&provider["name"]) == name.as_str()));
        let failures: Vec<Value> = missing.map(|name| json!({ "arn": name, "reason": "MISSING" })).collect();
        Reply::json(200, &json!({ "capacityProviders": found, "failures": failures }))
    }
}

impl State {
    /// The trace of a provider, which names its group no longer.
    fn bury(&mut self, name: &str, polls: usize, found: &Value) {
        if polls > 0 {
            let mut trace = found.clone();
            trace["status"] = json!("INACTIVE");
            trace["updateStatus"] = json!("DELETE_COMPLETE");
            self.inactive.insert(name.to_owned(), (polls, trace));
        }
    }

    fn show(&self, provider: &mut Value) {
        let name = text(&provider["name"]).to_owned();
        if let Some(draining) = self.draining.get(&name) {
            provider["autoScalingGroupProvider"]["managedDraining"] = draining.clone();
        }
        if let Some(reason) = self.failed.get(&name) {
            provider["updateStatus"] = json!("DELETE_FAILED");
            provider["updateStatusReason"] = json!(reason);
        }
    }
}

/// Those of the providers that the emulator has, as it has them.
pub fn described(ask: Ask<'_>, names: &[String]) -> Vec<Value> {
    if names.is_empty() {
        return Vec::new();
    }
    let body = json!({ "capacityProviders": names, "include": ["TAGS"] });
    let mut found = ask.backend().ecs(ask.region(), "DescribeCapacityProviders", &body);
    found["capacityProviders"].as_array_mut().map(std::mem::take).unwrap_or_default()
}

fn bad_name(name: &str) -> Option<String> {
    let legal = name.chars().all(|letter| letter.is_ascii_alphanumeric() || "-_".contains(letter));
    let reserved = RESERVED.iter().any(|prefix| name.to_ascii_lowercase().starts_with(prefix));
    let sound = legal && !reserved && (1..=255).contains(&name.len());
    (!sound).then(|| format!("The specified capacity provider name '{name}' is invalid."))
}

/// ECS protects instances from scale-in by itself only where it scales, and where new instances are protected from the start.
fn bad_protection(provider: &Value, group_protects: &str) -> Option<&'static str> {
    let wanted = provider["managedTerminationProtection"] == "ENABLED";
    let scaled = provider["managedScaling"].is_null() || provider["managedScaling"]["status"] == "ENABLED";
    let refused = "The managed termination protection setting for the capacity provider is invalid. To enable managed termination protection for a capacity provider, the Auto Scaling group must have instance protection from scale in enabled.";
    (wanted && (!scaled || group_protects != "true")).then_some(refused)
}
