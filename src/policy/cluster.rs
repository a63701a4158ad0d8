//! Rules about the cluster itself and about everything at once.

#![expect(clippy::unnecessary_wraps, reason = "the check of every rule has this form")]

use super::{Checked, Examined, Rule, Severity, Subject};
use crate::model::address::{Address, Kind};
use crate::model::tags::{NAME, Tags, is_ours};
use crate::plan::desired::{DesiredIngress, DesiredNodes, address_of, alb_security_group_address, listener_address};

pub const RULES: &[Rule] = &[
    Rule {
        id: "ECS001",
        title: "Container Insights is on",
        why: "Without it, nobody sees what the containers take and which of them fail.",
        remedy: "set `container_insights` to `enabled` or `enhanced`",
        severity: Severity::Medium,
        controls: &["ECS.12"],
        exempt: None,
        check: insights,
    },
    Rule {
        id: "ECS002",
        title: "everything that can carry tags has some",
        why: "Costs, owners and access rules are told apart by tags.",
        remedy: "give `md_metadata.default_tags` at least one tag",
        severity: Severity::Low,
        controls: &["ACM.3", "AutoScaling.10", "EC2.43", "EC2.175", "ECS.14", "IAM.24"],
        exempt: None,
        check: tags,
    },
];

fn insights(subject: &Subject) -> Checked {
    let setting = subject.desired.cluster.container_insights.as_str();
    let fault = (!matches!(setting, "enabled" | "enhanced")).then(|| format!("its containerInsights setting is `{setting}`"));
    Ok(vec![Examined::new(address_of(Kind::Cluster, &subject.desired.owner), fault)])
}

/// A name and our own mark are put on everything by the bundle itself: they tell nothing of cost or owner.
fn tags(subject: &Subject) -> Checked {
    let desired = subject.desired;
    let owner = &desired.owner;
    let mut tagged = vec![(address_of(Kind::Cluster, owner), &desired.cluster.tags)];
    tagged.extend(desired.nodes.iter().flat_map(|nodes| of_nodes(subject, nodes)));
    tagged.extend(desired.ingress.iter().flat_map(|ingress| of_ingress(subject, ingress)));
    let said = |tags: &Tags| tags.0.keys().any(|key| key != NAME && !is_ours(key));
    Ok(tagged
        .into_iter()
        .map(|(address, tags)| Examined::new(address, (!said(tags)).then(|| "it carries no tag but the bundle's own".to_owned())))
        .collect())
}

fn of_nodes<'a>(subject: &Subject, nodes: &'a DesiredNodes) -> Vec<(Address, &'a Tags)> {
    let owner = &subject.desired.owner;
    let mut tagged = vec![
        (address_of(Kind::Role, owner), &nodes.role.tags),
        (address_of(Kind::InstanceProfile, owner), &nodes.instance_profile.tags),
        (address_of(Kind::SecurityGroup, owner), &nodes.security_group.tags),
    ];
    for group in &nodes.groups {
        let scaling = &group.auto_scaling_group;
        let provider = &group.capacity_provider;
        tagged.push((Address::new(Kind::LaunchTemplate, &group.launch_template_name), &group.launch_template_tags));
        tagged.push((Address::new(Kind::AutoScalingGroup, &scaling.name), &scaling.tags));
        tagged.push((Address::new(Kind::CapacityProvider, &provider.name), &provider.tags));
    }
    tagged
}

fn of_ingress<'a>(subject: &Subject, ingress: &'a DesiredIngress) -> Vec<(Address, &'a Tags)> {
    let owner = &subject.desired.owner;
    let mut tagged = vec![
        (alb_security_group_address(owner), &ingress.security_group.tags),
        (address_of(Kind::LoadBalancer, owner), &ingress.load_balancer.tags),
    ];
    tagged.extend([&ingress.redirect, &ingress.https].map(|listener| (listener_address(owner, listener.port), &listener.tags)));
    let certificates = ingress.zones.iter().map(|zone| &zone.certificate);
    tagged.extend(certificates.map(|certificate| (Address::new(Kind::Certificate, &certificate.domain), &certificate.tags)));
    tagged
}
