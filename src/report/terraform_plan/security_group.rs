//! A security group, and each of its rules as a resource of its own.

use super::attributes::Attributes;
use super::{Resource, View, identifier};
use crate::model::address::Address;
use crate::model::facts::Seen;
use crate::model::observed::ObservedSecurityGroup;
use crate::model::properties::{Direction, Peer, Rule, SecurityGroup};
use crate::model::tags::Tags;

/// `name` tells the groups of one plan apart.
pub fn resources(
    view: View,
    name: &'static str,
    address: &Address,
    desired: &SecurityGroup,
    observed: &Seen<ObservedSecurityGroup>,
) -> Vec<Resource> {
    let found = observed.present();
    let id = found.map(|found| found.id.as_str());
    // Of a group that is as it should be nobody asks what its rules are tagged with.
    let asked = id.and_then(|id| view.observed.answers.security_group_rules.get(id)).and_then(Seen::present);
    let tags = |rule: &Rule| asked.and_then(|rules| rules.get(rule)).map_or(&desired.tags, |found| &found.tags);
    let mut all = vec![Resource {
        kind: "aws_security_group",
        name: name.to_owned(),
        address: address.clone(),
        before: found.map(|found| group(&found.properties, id)),
        after: Some(group(desired, id)),
    }];
    let wanted = desired.rules.iter();
    all.extend(wanted.map(|(rule, text)| {
        let standing = found.and_then(|found| found.properties.rules.get(rule));
        let before = standing.map(|text| attributes(name, rule, text, tags(rule), id));
        resource(name, address, rule, before, Some(attributes(name, rule, text, &desired.tags, id)))
    }));
    let standing = found.into_iter().flat_map(|found| &found.properties.rules);
    let surplus = standing.filter(|(rule, _)| !desired.rules.contains_key(*rule));
    all.extend(surplus.map(|(rule, text)| resource(name, address, rule, Some(attributes(name, rule, text, tags(rule), id)), None)));
    all
}

fn group(group: &SecurityGroup, id: Option<&str>) -> Attributes {
    let SecurityGroup { name, description, vpc_id, rules: _, tags } = group;
    Attributes::default()
        .set("name", name.as_str())
        .set("description", description.as_str())
        .set("vpc_id", vpc_id.as_str())
        .tags(tags)
        .computed("id", id)
}

fn resource(group: &str, address: &Address, rule: &Rule, before: Option<Attributes>, after: Option<Attributes>) -> Resource {
    let kind = match rule.direction {
        Direction::Ingress => "aws_vpc_security_group_ingress_rule",
        Direction::Egress => "aws_vpc_security_group_egress_rule",
    };
    Resource { kind, name: rule_name(group, rule), address: address.clone(), before, after }
}

fn rule_name(group: &str, rule: &Rule) -> String {
    let protocol = if rule.protocol == "-1" { "all" } else { &rule.protocol };
    let ports = rule.ports.map(|(from, to)| format!("-{from}-{to}")).unwrap_or_default();
    let peer = match &rule.peer {
        Peer::Cidr(range) => range,
        Peer::Itself => "itself",
        Peer::Other(id) => id,
    };
    identifier(&format!("{group}-{protocol}{ports}-{peer}"))
}

fn attributes(group: &str, rule: &Rule, description: &str, tags: &Tags, id: Option<&str>) -> Attributes {
    let from = format!("aws_security_group.{group}.id");
    let mut attributes = Attributes::default()
        .refer("security_group_id", id, &from)
        .set("ip_protocol", rule.protocol.as_str())
        .set("description", description);
    if let Some((first, last)) = rule.ports {
        attributes = attributes.set("from_port", first).set("to_port", last);
    }
    match &rule.peer {
        Peer::Cidr(range) => attributes.set("cidr_ipv4", range.as_str()),
        Peer::Itself => attributes.refer("referenced_security_group_id", id, &from),
        Peer::Other(other) if other.starts_with("pl-") => attributes.set("prefix_list_id", other.as_str()),
        Peer::Other(other) => attributes.set("referenced_security_group_id", other.as_str()),
    }
    .tags(tags)
}
