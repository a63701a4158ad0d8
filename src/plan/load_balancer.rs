//! The internet-facing load balancer: never replaced, since every app's DNS name points at it.

use crate::model::address::{Address, Kind};
use crate::model::facts::Seen;
use crate::model::observed::{Observed, ObservedLoadBalancer};
use crate::model::properties::{DnsRecord, LoadBalancer};
use crate::model::reference::{Output, Ref};
use crate::plan::action::{Action, Condition};
use crate::plan::desired::{Desired, address_of};
use crate::plan::draft::{Decision, Draft, Need};
use crate::plan::fields::Fields;
use std::collections::{BTreeMap, BTreeSet};

const DELETION_PROTECTION: &str = "deletion_protection.enabled";

pub fn plan_load_balancer(draft: &mut Draft, desired: Option<&Desired>, observed: &Observed) {
    let address = address_of(Kind::LoadBalancer, &draft.owner);
    let wanted = desired.and_then(|desired| desired.ingress.as_ref()).map(|ingress| &ingress.load_balancer);
    match draft.decide(&address, wanted, &observed.load_balancer) {
        Decision::Create(load_balancer) => create(draft, &address, load_balancer),
        Decision::Keep(load_balancer, found) => update(draft, &address, load_balancer, found),
        Decision::Remove(found) => remove(draft, &address, found, observed),
        Decision::Leave => {}
    }
}

/// The load balancer as a listener has to refer to it.
pub fn reference(draft: &Draft, observed: &Observed) -> Ref {
    let found = observed.load_balancer.ours(&draft.owner);
    found.map_or_else(|| Ref::Of(address_of(Kind::LoadBalancer, &draft.owner), Output::Arn), |found| Ref::known(&found.arn))
}

fn create(draft: &mut Draft, address: &Address, desired: &LoadBalancer) {
    let load_balancer = Ref::Of(address.clone(), Output::Arn);
    let fields = Fields::default().with("Scheme", &desired.scheme).with("Subnets", &desired.subnets);
    draft.create(address, fields, "brings the internet to the apps");
    draft.push(address, Action::CreateLoadBalancer(desired.clone()), []);
    let attributes = Action::ModifyLoadBalancerAttributes { load_balancer: load_balancer.clone(), attributes: desired.attributes.clone() };
    draft.push(address, attributes, []);
    draft.push(address, Action::Wait(Condition::LoadBalancerActive { load_balancer, name: desired.name.clone() }), []);
}

fn update(draft: &mut Draft, address: &Address, desired: &LoadBalancer, found: &ObservedLoadBalancer) {
    let LoadBalancer { name, scheme, vpc_id, subnets, security_groups, attributes, tags } = desired;
    let old = &found.properties;
    if (&old.scheme, &old.vpc_id) != (scheme, vpc_id) {
        draft.refuse(
            address,
            format!("it is {} in `{}`; the inputs ask for {scheme} in `{vpc_id}`, and AWS cannot change that", old.scheme, old.vpc_id),
            "connect the VPC that it was made in, or decommission this cluster and make another".to_owned(),
        );
        return;
    }
    let mut fields = Fields::default();
    if fields.compare("Subnets", &old.subnets, subnets) {
        draft.push(address, Action::SetSubnets { load_balancer: found.arn.clone(), subnets: subnets.clone() }, []);
    }
    if fields.compare("SecurityGroups", &old.security_groups, security_groups) {
        let action = Action::SetSecurityGroups { load_balancer: found.arn.clone(), security_groups: security_groups.clone() };
        draft.push(address, action, []);
    }
    let stale: BTreeMap<String, String> = attributes
        .iter()
        .filter(|(key, value)| fields.compare(&format!("LoadBalancerAttributes.{key}"), &old.attributes.get(*key), &Some(*value)))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    if !stale.is_empty() {
        let action = Action::ModifyLoadBalancerAttributes { load_balancer: Ref::known(&found.arn), attributes: stale };
        draft.push(address, action, []);
    }
    let missing = fields.compare_tags(&old.tags, tags);
    if !missing.is_empty() {
        draft.push(address, Action::TagElbResource { arn: found.arn.clone(), tags: missing }, []);
    }
    settle(draft, address, fields, found, name);
    // Connections through a subnet that goes are cut; a group of somebody else may be what lets them in.
    let theirs: Vec<&str> = old.security_groups.difference(security_groups).filter_map(Ref::as_known).collect();
    if !old.subnets.is_subset(subnets) || !theirs.is_empty() {
        draft.disrupts(address);
    }
    if draft.adopts(address) {
        for id in theirs {
            draft.warn(format!("taking over {address} takes security group `{id}` from it, which the inputs do not ask for"));
        }
    }
}

fn settle(draft: &mut Draft, address: &Address, fields: Fields, found: &ObservedLoadBalancer, name: &str) {
    let waits = !found.state.starts_with("active");
    if waits {
        let condition = Condition::LoadBalancerActive { load_balancer: Ref::known(&found.arn), name: name.to_owned() };
        draft.push(address, Action::Wait(condition), []);
    }
    if fields.is_empty() && waits {
        draft.wait(address, &format!("its state is {}", found.state));
    } else {
        draft.update(address, fields, "differs from what is wanted");
    }
}

fn remove(draft: &mut Draft, address: &Address, found: &ObservedLoadBalancer, observed: &Observed) {
    let mut rules = BTreeSet::new();
    for listener in &found.listeners {
        match observed.answers.listener_rules.get(&listener.arn) {
            Some(Seen::Present(found)) => rules.extend(found.iter().cloned()),
            Some(Seen::Unknown(why)) => return draft.unknown(address, format!("the rules of its listeners: {why}")),
            Some(Seen::Absent) | None => {}
        }
    }
    // Its certificates say in which zones records may lead to it.
    let zones = observed.answers.leading_records.values().find_map(Seen::unknown);
    if let Some(why) = observed.certificates.unknown().or(zones) {
        return draft.unknown(address, format!("the records that may lead to it: {why}"));
    }
    let records: Vec<&DnsRecord> = observed.answers.leading_records.values().filter_map(Seen::present).flatten().collect();
    if !rules.is_empty() {
        let list: Vec<String> = rules.iter().map(|rule| format!("`{rule}`")).collect();
        draft.refuse(
            address,
            format!("apps still receive traffic through it: {}", list.join(", ")),
            "decommission those apps, or remove their rules from the listener; then run this again".to_owned(),
        );
    }
    if !records.is_empty() {
        draft.refuse(
            address,
            format!("records still lead to it: {}", named(&records)),
            "decommission the apps that made those records, or delete the records; then run this again".to_owned(),
        );
    }
    if !rules.is_empty() || !records.is_empty() {
        return;
    }
    draft.delete(address, "goes with its listeners");
    draft.disrupts(address);
    if found.properties.attributes.get(DELETION_PROTECTION).is_some_and(|value| value == "true") {
        let attributes = BTreeMap::from([(DELETION_PROTECTION.to_owned(), "false".to_owned())]);
        draft.push(address, Action::ModifyLoadBalancerAttributes { load_balancer: Ref::known(&found.arn), attributes }, []);
    }
    // Without knowing what runs on the cluster, its way in stays.
    draft.push(address, Action::DeleteLoadBalancer { arn: found.arn.clone() }, [Need::Exists(address_of(Kind::Cluster, &draft.owner))]);
}

/// Records by name and type, for the reader.
pub fn named(records: &[&DnsRecord]) -> String {
    let each: Vec<String> = records.iter().map(|record| format!("`{}` ({})", record.name, record.record_type)).collect();
    each.join(", ")
}
