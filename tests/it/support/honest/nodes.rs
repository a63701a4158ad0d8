//! ECS container instances: listed by filter, drained over time, and kept for ever where an agent has lost its connection.
//!
//! docs/aws.md, "ECS: cluster".

use std::collections::BTreeSet;
use std::sync::Mutex;

use serde_json::{Value, json};

use super::{Ask, Countdown, clusters, edit_json, locked, name_of, succeeded, text, texts};
use crate::support::call::Reply;

/// What the rules can filter by.
const FILTERED: [&str; 3] = ["ec2InstanceId", "agentConnected", "status"];

#[derive(Default)]
pub struct Nodes {
    /// By EC2 id, the instances whose agents are not connected.
    disconnected: Mutex<BTreeSet<String>>,
    /// By container instance, the describes until what services run on it has moved away.
    draining: Mutex<Countdown>,
}

impl Nodes {
    pub fn answer(&self, ask: Ask<'_>) -> Reply {
        match ask.operation() {
            "ListContainerInstances" => list(ask),
            "DescribeContainerInstances" => self.describe(ask),
            "UpdateContainerInstancesState" => self.change_state(ask),
            _ => ask.forward(),
        }
    }

    pub fn disconnect(&self, instance: &str) {
        locked(&self.disconnected).insert(instance.to_owned());
    }

    pub fn disconnected(&self) -> Vec<String> {
        locked(&self.disconnected).iter().cloned().collect()
    }

    fn describe(&self, ask: Ask<'_>) -> Reply {
        let asked = ask.call.json();
        for arn in texts(&asked["containerInstances"]) {
            let mut draining = locked(&self.draining);
            let id = name_of(&arn);
            if draining.poll(id) && !draining.is_running(id) {
                drop(draining);
                stop_services_tasks(ask, text(&asked["cluster"]), &arn);
            }
        }
        edit_json(ask.forward(), |body| {
            let disconnected = locked(&self.disconnected);
            for instance in body["containerInstances"].as_array_mut().into_iter().flatten() {
                if disconnected.contains(text(&instance["ec2InstanceId"])) {
                    instance["agentConnected"] = json!(false);
                }
            }
        })
    }

    fn change_state(&self, ask: Ask<'_>) -> Reply {
        let reply = ask.forward();
        let asked = ask.call.json();
        if succeeded(&reply) && asked["status"] == "DRAINING" {
            for arn in texts(&asked["containerInstances"]) {
                locked(&self.draining).start(name_of(&arn), ask.lags().draining + 1);
            }
        }
        reply
    }
}

/// A task that no service started is left to itself.
fn stop_services_tasks(ask: Ask<'_>, cluster: &str, instance: &str) {
    let listed = ask.backend().ecs(ask.region(), "ListTasks", &json!({ "cluster": cluster, "containerInstance": instance }));
    let tasks = texts(&listed["taskArns"]);
    if tasks.is_empty() {
        return;
    }
    let described = ask.backend().ecs(ask.region(), "DescribeTasks", &json!({ "cluster": cluster, "tasks": tasks }));
    let tasks = described["tasks"].as_array().into_iter().flatten();
    for task in tasks.filter(|task| text(&task["group"]).starts_with("service:")) {
        ask.backend().ecs(ask.region(), "StopTask", &json!({ "cluster": cluster, "task": task["taskArn"] }));
    }
}

fn list(ask: Ask<'_>) -> Reply {
    let asked = ask.call.json();
    if clusters::cluster(ask, asked["cluster"].as_str().unwrap_or("default")).is_none() {
        return ask.refuse("ClusterNotFoundException", "Cluster not found.");
    }
    let Some(filter) = asked["filter"].as_str().filter(|filter| !filter.is_empty()) else { return ask.forward() };
    let Some(conditions) = conditions(filter) else {
        return Reply::error(ask.call, 501, "FilterNotImplemented", &format!("no rule knows the filter `{filter}`"));
    };
    edit_json(ask.forward(), |body| {
        let arns = body["containerInstanceArns"].take();
        let asked = json!({ "cluster": asked["cluster"], "containerInstances": arns });
        let described = ask.backend().ecs(ask.region(), "DescribeContainerInstances", &asked);
        let found = described["containerInstances"].as_array().into_iter().flatten();
        let fits = |instance: &&Value| conditions.iter().all(|(field, value)| &shown(&instance[*field]) == value);
        body["containerInstanceArns"] = found.filter(fits).map(|instance| instance["containerInstanceArn"].clone()).collect();
    })
}

/// The equalities of an expression of the cluster query language that has nothing else.
fn conditions(filter: &str) -> Option<Vec<(&str, String)>> {
    filter.split(" and ").map(condition).collect()
}

fn condition(condition: &str) -> Option<(&str, String)> {
    let (field, value) = condition.split_once("==")?;
    let field = field.trim();
    FILTERED.contains(&field).then(|| (field, value.trim().trim_matches(['\'', '"']).to_owned()))
}

fn shown(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
