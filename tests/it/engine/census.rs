//! Counts what stands in a world: what is ours, what is not, and what two worlds have in common beside identifiers.

use crate::plan::world::{StandingGroup, World, validation_record};
use aws_ecs_cluster::model::observed::ObservedListener;
use aws_ecs_cluster::model::properties::{LaunchTemplateContent, Listener, LoadBalancer};
use aws_ecs_cluster::model::tags::Tags;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;

/// One line for each thing, under the name of the thing.
type Lines = BTreeMap<String, String>;

fn line(lines: &mut Lines, name: impl Into<String>, value: &impl Debug) {
    lines.insert(name.into(), format!("{value:?}"));
}

/// Everything that is other people's, in whole.
pub fn theirs(world: &World) -> Lines {
    let foreign = |tags: &Tags| !world.owner.owns(tags);
    let mut lines = Lines::new();
    for (name, found) in world.launch_templates.iter().filter(|(_, found)| foreign(&found.tags)) {
        line(&mut lines, format!("template {name}"), found);
    }
    for (name, found) in world.auto_scaling_groups.iter().filter(|(_, found)| foreign(&found.properties.tags)) {
        line(&mut lines, format!("group {name}"), found);
    }
    for (name, found) in world.capacity_providers.iter().filter(|(_, found)| foreign(&found.properties.tags)) {
        line(&mut lines, format!("provider {name}"), found);
    }
    for found in world.certificates.iter().filter(|found| foreign(&found.properties.tags)) {
        line(&mut lines, format!("certificate {}", found.arn), found);
        let domain = &found.properties.domain;
        let stands = world.zones.values().any(|zone| zone.name == *domain && zone.records.contains(&validation_record(domain)));
        if stands {
            line(&mut lines, format!("record of {}", found.arn), &stands);
        }
    }
    lines
}

/// What other people have put on things of ours, and that stays as long as the thing does.
pub fn additions(world: &World) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let foreign = |name: &&String| world.capacity_providers.get(*name).is_some_and(|other| !world.owner.owns(&other.properties.tags));
    if let Some(cluster) = &world.cluster {
        found.extend(cluster.properties.tags.value("cost-center").map(|value| format!("cost-center {value}")));
        found.extend(cluster.capacity_providers.iter().filter(foreign).map(|name| format!("listed {name}")));
        found.extend(cluster.default_strategy.iter().map(|item| format!("strategy {item:?}")));
    }
    if let Some(role) = &world.role {
        let policies = role.properties.managed_policies.iter().filter(|policy| policy.contains("CloudWatch"));
        found.extend(policies.map(|policy| format!("policy {policy}")));
    }
    for listener in world.load_balancer.iter().flat_map(|balancer| &balancer.listeners) {
        if listener.properties.port == 8080 {
            found.insert(format!("{listener:?}"));
        }
        found.extend(listener.extra_certificates.iter().filter(|arn| *arn == "arn:attached").map(|arn| format!("attached {arn}")));
    }
    found
}

/// What of ours is left.
pub fn ours(world: &World) -> BTreeSet<String> {
    let owns = |tags: &Tags| world.owner.owns(tags);
    let mut left = BTreeSet::new();
    left.extend(world.role.iter().filter(|found| owns(&found.properties.tags)).map(|_| "role".to_owned()));
    left.extend(world.instance_profile.iter().filter(|found| owns(&found.properties.tags)).map(|_| "instance profile".to_owned()));
    left.extend(world.cluster.iter().filter(|found| owns(&found.properties.tags)).map(|_| "cluster".to_owned()));
    left.extend(world.load_balancer.iter().filter(|found| owns(&found.properties.tags)).map(|_| "load balancer".to_owned()));
    left.extend(world.security_groups.iter().filter(|(_, found)| owns(&found.properties.tags)).map(|(name, _)| format!("group {name}")));
    left.extend(world.launch_templates.iter().filter(|(_, found)| owns(&found.tags)).map(|(name, _)| format!("template {name}")));
    left.extend(world.auto_scaling_groups.iter().filter(|(_, found)| owns(&found.properties.tags)).map(|(name, _)| format!("asg {name}")));
    let providers = world.capacity_providers.iter().filter(|(_, found)| owns(&found.properties.tags));
    left.extend(providers.map(|(name, _)| format!("provider {name}")));
    left.extend(world.certificates.iter().filter(|found| owns(&found.properties.tags)).map(|found| found.arn.clone()));
    left.extend(orphans(world));
    left
}

/// Validation records that no certificate of the account needs.
fn orphans(world: &World) -> Vec<String> {
    let needed = |domain: &str| world.certificates.iter().any(|found| found.properties.domain == domain);
    let unneeded = world.zones.values().filter(|zone| !needed(&zone.name));
    let records = unneeded.filter(|zone| zone.records.contains(&validation_record(&zone.name)));
    records.map(|zone| format!("validation record of {}", zone.name)).collect()
}

/// Everything but the identifiers, which differ from run to run.
pub fn shape(world: &World) -> Lines {
    let mut lines = Lines::new();
    line(&mut lines, "role", &world.role.as_ref().map(|role| (&role.properties, &role.inline_policies)));
    line(&mut lines, "instance profile", &world.instance_profile.as_ref().map(|profile| &profile.properties));
    for (name, group) in &world.security_groups {
        line(&mut lines, format!("security group {name}"), &security_group(group));
    }
    line(&mut lines, "cluster", &world.cluster.as_ref().map(|found| (&found.properties, &found.capacity_providers, &found.attachments)));
    for (name, template) in &world.launch_templates {
        let content = LaunchTemplateContent { security_groups: Vec::new(), ..template.content.clone() };
        line(&mut lines, format!("template {name}"), &(template.latest_version, template.default_version, &template.tags, content));
    }
    for (name, group) in &world.auto_scaling_groups {
        line(&mut lines, format!("group {name}"), &(&group.properties, &group.launch_template_version, group.instances.len()));
    }
    for (name, provider) in &world.capacity_providers {
        line(&mut lines, format!("provider {name}"), &(&provider.properties, &provider.state));
    }
    let mut certificates: Vec<_> = world.certificates.iter().map(|found| format!("{:?} {:?}", found.properties, found.status)).collect();
    certificates.sort();
    line(&mut lines, "certificates", &certificates);
    line(&mut lines, "zones", &world.zones);
    if let Some(balancer) = &world.load_balancer {
        let properties = LoadBalancer { security_groups: BTreeSet::new(), ..balancer.properties.clone() };
        line(&mut lines, "load balancer", &(properties, &balancer.state));
        for listener in &balancer.listeners {
            line(&mut lines, format!("listener {}", listener.properties.port), &listener_shape(listener, world));
        }
    }
    lines
}

fn security_group(group: &StandingGroup) -> impl Debug {
    (group.properties.clone(), group.rules.iter().map(|(rule, standing)| (rule.clone(), standing.tags.clone())).collect::<Vec<_>>())
}

fn listener_shape(listener: &ObservedListener, world: &World) -> impl Debug + use<> {
    let domain = |arn: &str| world.certificates.iter().find(|found| found.arn == arn).map(|found| found.properties.domain.clone());
    let default = listener.properties.default_certificate.as_ref().and_then(|default| domain(default.as_known()?));
    let extra: BTreeSet<Option<String>> = listener.extra_certificates.iter().map(|arn| domain(arn)).collect();
    (Listener { default_certificate: None, ..listener.properties.clone() }, default, extra)
}
