//! The cluster and its list of capacity providers.

use super::attributes::Attributes;
use super::{Resource, View};
use crate::model::address::Kind;
use crate::model::properties::{Cluster, StrategyItem};
use crate::plan::desired::{FARGATE_PROVIDERS, address_of};
use crate::plan::{kept_providers, listed_providers};
use serde_json::json;
use std::collections::BTreeSet;

pub const CLUSTER: &str = "aws_ecs_cluster.main";

pub fn resources(view: View) -> Vec<Resource> {
    let found = view.observed.cluster.present();
    let arn = found.map(|found| found.arn.as_str());
    let cluster = Resource {
        kind: "aws_ecs_cluster",
        name: "main".to_owned(),
        address: address_of(Kind::Cluster, &view.desired.owner),
        before: found.map(|found| cluster(&found.properties, arn)),
        after: Some(cluster(&view.desired.cluster, arn)),
    };
    vec![cluster, providers(view)]
}

fn cluster(cluster: &Cluster, arn: Option<&str>) -> Attributes {
    let Cluster { name, container_insights, tags } = cluster;
    let insights = Attributes::default().set("name", "containerInsights").set("value", container_insights.as_str());
    Attributes::default().set("name", name.as_str()).block("setting", insights).tags(tags).computed("arn", arn).computed("id", arn)
}

fn providers(view: View) -> Resource {
    let desired = view.desired;
    let found = view.observed.cluster.present();
    let providers = view.observed.capacity_providers.present();
    let listed = listed_providers(found, providers);
    let groups = desired.groups().iter().map(|group| group.capacity_provider.name.clone());
    let kept = kept_providers(&desired.owner, &listed, providers);
    let wanted: BTreeSet<String> = groups.chain(FARGATE_PROVIDERS.map(str::to_owned)).chain(kept).collect();
    let strategy: Vec<&StrategyItem> = found.into_iter().flat_map(|found| &found.default_strategy).collect();
    // What names a provider that goes, goes with it.
    let stays: Vec<&StrategyItem> = strategy.iter().copied().filter(|item| wanted.contains(&item.capacity_provider)).collect();
    Resource {
        kind: "aws_ecs_cluster_capacity_providers",
        name: "main".to_owned(),
        address: address_of(Kind::ClusterCapacityProviders, &desired.owner),
        before: found.map(|found| list(&found.properties.name, &listed, &strategy)),
        after: Some(list(&desired.cluster.name, &wanted, &stays)),
    }
}

fn list(cluster: &str, names: &BTreeSet<String>, strategy: &[&StrategyItem]) -> Attributes {
    let items = strategy.iter().map(|item| {
        let StrategyItem { capacity_provider, weight, base } = item;
        Attributes::default().set("capacity_provider", capacity_provider.as_str()).set("weight", *weight).set("base", *base)
    });
    Attributes::default()
        .refer("cluster_name", Some(cluster), &format!("{CLUSTER}.name"))
        .set("capacity_providers", json!(names))
        .blocks("default_capacity_provider_strategy", items.collect())
}
