//! The security groups of the nodes and of the load balancer, each with its rules as one set.

use crate::model::address::{Address, Kind};
use crate::model::answers::{Answers, ReferringGroup};
use crate::model::facts::Seen;
use crate::model::observed::{Observed, ObservedRule, ObservedSecurityGroup};
use crate::model::properties::{Direction, Peer, Rule, SecurityGroup};
use crate::model::quotas::SECURITY_GROUP_RULES;
use crate::model::reference::{Output, Ref};
use crate::model::tags::Owner;
use crate::plan::action::{Action, DescribedRules};
use crate::plan::desired::{Desired, address_of, alb_security_group_address};
use crate::plan::draft::{Decision, Draft, Need};
use crate::plan::fields::Fields;
use crate::plan::{Goal, auto_scaling_group, iam};
use std::collections::{BTreeMap, BTreeSet};

const DIRECTIONS: [Direction; 2] = [Direction::Ingress, Direction::Egress];

pub fn plan_node_security_group(draft: &mut Draft, desired: Option<&Desired>, observed: &Observed) {
    let address = address_of(Kind::SecurityGroup, &draft.owner);
    let wanted = desired.and_then(|desired| desired.nodes.as_ref()).map(|nodes| &nodes.security_group);
    match draft.decide(&address, wanted, &observed.node_security_group) {
        Decision::Create(group) => create(draft, &address, group, "the nodes' firewall"),
        Decision::Keep(group, found) => update(draft, &address, group, found, observed),
        Decision::Remove(found) if iam::removable(draft.goal, &found.properties.tags) => {
            let ours = Ours::new(&draft.owner, desired, observed);
            remove(draft, &address, found, &ours, auto_scaling_group::all_done(&draft.owner, observed));
        }
        Decision::Remove(_) => draft.keep(&address, iam::KEPT),
        Decision::Leave => {}
    }
}

pub fn plan_alb_security_group(draft: &mut Draft, desired: Option<&Desired>, observed: &Observed) {
    let address = alb_security_group_address(&draft.owner);
    let wanted = desired.and_then(|desired| desired.ingress.as_ref()).map(|ingress| &ingress.security_group);
    match draft.decide(&address, wanted, &observed.alb_security_group) {
        Decision::Create(group) => create(draft, &address, group, "the load balancer's firewall"),
        Decision::Keep(group, found) => update(draft, &address, group, found, observed),
        Decision::Remove(found) => {
            let needs = vec![Need::Done(address_of(Kind::LoadBalancer, &draft.owner))];
            remove(draft, &address, found, &Ours::new(&draft.owner, desired, observed), needs);
        }
        Decision::Leave => {}
    }
}

/// The group as what is in it has to refer to it.
pub fn reference(address: &Address, observed: &Seen<ObservedSecurityGroup>, owner: &Owner) -> Ref {
    let found = observed.ours(owner);
    found.map_or_else(|| Ref::Of(address.clone(), Output::Id), |found| Ref::known(&found.id))
}

/// EC2 deletes no group that another group's rule names; those rules are an app's, and without them its traffic stops.
fn remove(draft: &mut Draft, address: &Address, found: &ObservedSecurityGroup, ours: &Ours<'_>, needs: Vec<Need>) {
    match ours.answers.referring_groups.get(&found.id) {
        Some(Seen::Unknown(why)) => return draft.unknown(address, format!("the groups that refer to it: {why}")),
        Some(Seen::Present(others)) if !others.iter().all(|other| ours.lets_go(other)) => {
            let names: Vec<String> = others.iter().filter(|other| !ours.lets_go(other)).map(|other| format!("`{other}`")).collect();
            return draft.refuse(
                address,
                format!("the rules of other security groups let traffic in from it: {}", names.join(", ")),
                "decommission the apps that those groups belong to, or remove the rules; then run this again".to_owned(),
            );
        }
        _ => {}
    }
    let binding = ours.binding_rules(found);
    let asked = match ours.answers.security_group_rules.get(&found.id) {
        Some(Seen::Unknown(why)) => return draft.unknown(address, format!("its rules: {why}")),
        answer => answer.and_then(Seen::present),
    };
    let ids: BTreeMap<&Rule, &ObservedRule> = binding.iter().filter_map(|rule| Some((*rule, asked?.get(*rule)?))).collect();
    if ids.len() < binding.len() {
        return draft.lags(address, "EC2 does not show the ids of all its rules yet");
    }
    draft.delete(address, "nothing of the cluster needs it");
    for direction in DIRECTIONS {
        let ids = ids.iter().filter(|(rule, _)| rule.direction == direction);
        let rule_ids: BTreeSet<String> = ids.map(|(_, rule)| rule.id.clone()).collect();
        if !rule_ids.is_empty() {
            // As long as the load balancer stands, they may carry its traffic.
            let action = Action::RevokeRules { group: found.id.clone(), direction, rule_ids };
            draft.push(address, action, [Need::Done(address_of(Kind::LoadBalancer, &draft.owner))]);
        }
    }
    draft.push(address, Action::DeleteSecurityGroup { id: found.id.clone() }, needs);
}

/// Our own security groups, by what becomes of them.
struct Ours<'a> {
    answers: &'a Answers,
    staying: Vec<&'a ObservedSecurityGroup>,
    going: Vec<&'a ObservedSecurityGroup>,
}

impl<'a> Ours<'a> {
    /// Without that which stays though nothing needs it: its rules are left as they are.
    fn new(owner: &Owner, desired: Option<&Desired>, observed: &'a Observed) -> Self {
        let goal = if desired.is_some() { Goal::Provision } else { Goal::Decommission };
        let has_nodes = desired.is_some_and(|desired| desired.nodes.is_some());
        let has_ingress = desired.is_some_and(|desired| desired.ingress.is_some());
        let mut ours = Self { answers: &observed.answers, staying: Vec::new(), going: Vec::new() };
        match observed.node_security_group.ours(owner) {
            Some(nodes) if has_nodes => ours.staying.push(nodes),
            Some(nodes) if iam::removable(goal, &nodes.properties.tags) => ours.going.push(nodes),
            _ => {}
        }
        match observed.alb_security_group.ours(owner) {
            Some(alb) if has_ingress => ours.staying.push(alb),
            Some(alb) => ours.going.push(alb),
            None => {}
        }
        ours
    }

    /// Whether the plan takes from this group whatever rule of it names one that goes.
    fn lets_go(&self, other: &ReferringGroup) -> bool {
        self.staying.iter().chain(&self.going).any(|group| group.id == other.id)
    }

    /// The rules of a group that goes which name another that goes: while they stand, EC2 does not delete that other one.
    fn binding_rules<'b>(&self, found: &'b ObservedSecurityGroup) -> BTreeSet<&'b Rule> {
        let others: BTreeSet<&str> = self.going.iter().map(|group| group.id.as_str()).filter(|id| *id != found.id).collect();
        let names_other = |rule: &&Rule| matches!(&rule.peer, Peer::Other(id) if others.contains(id.as_str()));
        found.properties.rules.keys().filter(names_other).collect()
    }
}

/// The ids of our security groups that go.
pub fn going(owner: &Owner, desired: Option<&Desired>, observed: &Observed) -> BTreeSet<String> {
    Ours::new(owner, desired, observed).going.into_iter().map(|group| group.id.clone()).collect()
}

fn create(draft: &mut Draft, address: &Address, group: &SecurityGroup, reason: &str) {
    let id = Ref::Of(address.clone(), Output::Id);
    let fields = group.rules.keys().fold(Fields::default(), |fields, rule| fields.with(path(rule), &rule.to_string()));
    draft.create(address, fields, reason);
    draft.push(address, Action::CreateSecurityGroup(group.clone()), []);
    draft.push(address, Action::RevokeDefaultEgress { group: id.clone() }, []);
    for direction in DIRECTIONS {
        authorize(draft, address, &id, &of_direction(&group.rules, direction), group);
    }
}

fn authorize(draft: &mut Draft, address: &Address, id: &Ref, rules: &DescribedRules, group: &SecurityGroup) {
    if let Some(direction) = rules.keys().next().map(|rule| rule.direction) {
        draft.push(address, Action::AuthorizeRules { group: id.clone(), direction, rules: rules.clone(), tags: group.tags.clone() }, []);
    }
}

fn of_direction(rules: &DescribedRules, direction: Direction) -> DescribedRules {
    rules.iter().filter(|(rule, _)| rule.direction == direction).map(|(rule, text)| (rule.clone(), text.clone())).collect()
}

/// Our security groups that stay and are not as they should be, and those that go and name each other: only of these it matters which ids and
/// tags their rules have.
pub fn asked_for_rules(owner: &Owner, desired: Option<&Desired>, observed: &Observed) -> BTreeSet<String> {
    let nodes = desired.and_then(|desired| desired.nodes.as_ref()).map(|nodes| (&nodes.security_group, &observed.node_security_group));
    let ingress = desired.and_then(|desired| desired.ingress.as_ref());
    let ingress = ingress.map(|ingress| (&ingress.security_group, &observed.alb_security_group));
    let found = nodes.into_iter().chain(ingress).filter_map(|(wanted, seen)| Some((wanted, seen.present()?)));
    let ours = found.filter(|(_, found)| owner.owns(&found.properties.tags));
    let differs =
        |wanted: &SecurityGroup, found: &SecurityGroup| wanted.rules != found.rules || !wanted.tags.missing_from(&found.tags).is_empty();
    let staying = ours.filter(|(wanted, found)| differs(wanted, &found.properties)).map(|(_, found)| found);
    let all = Ours::new(owner, desired, observed);
    let bound = all.going.iter().copied().filter(|found| !all.binding_rules(found).is_empty());
    staying.chain(bound).map(|found| found.id.clone()).collect()
}

fn update(draft: &mut Draft, address: &Address, desired: &SecurityGroup, found: &ObservedSecurityGroup, observed: &Observed) {
    // Name, description and VPC cannot be changed.
    let SecurityGroup { name: _, description: _, vpc_id, rules, tags: _ } = desired;
    if found.properties.vpc_id != *vpc_id {
        return draft.refuse(
            address,
            format!(
                "it is in VPC `{}`, and the inputs connect `{vpc_id}`: a cluster cannot move to another network",
                found.properties.vpc_id
            ),
            "connect the VPC that the cluster was made in, or decommission it and make another".to_owned(),
        );
    }
    let rules_found = match observed.answers.security_group_rules.get(&found.id) {
        Some(Seen::Unknown(why)) => return draft.unknown(address, format!("its rules: {why}")),
        answer => answer.and_then(Seen::present).cloned().unwrap_or_default(),
    };
    // A rule without an id cannot be revoked, and to keep silent about it would leave it open.
    let surplus = found.properties.rules.keys().filter(|rule| !rules.contains_key(*rule));
    if surplus.clone().any(|rule| !rules_found.contains_key(rule)) {
        return draft.lags(address, "EC2 does not show the ids of all its rules yet");
    }
    let standing = Standing { id: &found.id, properties: &found.properties, rules: rules_found };
    let mut fields = Fields::default();
    let mut revoked = false;
    for direction in DIRECTIONS {
        let wanted = of_direction(rules, direction);
        let shown = of_direction(&found.properties.rules, direction);
        let missing = missing_rules(&wanted, &shown);
        for rule in missing.keys() {
            fields.note(path(rule), &None::<&str>, &rule.to_string());
        }
        let surplus = missing_rules(&shown, &wanted);
        revoked |= !surplus.is_empty();
        warn_of_adoption(draft, address, &surplus);
        // After the missing rules are in place, so that traffic that both sets allow is never cut; unless there is no room for both.
        let is_crowded = shown.len() + missing.len() > SECURITY_GROUP_RULES;
        if is_crowded {
            revoke(draft, address, &surplus, &standing, &mut fields);
        }
        authorize(draft, address, &Ref::known(&found.id), &missing, desired);
        redescribe(draft, address, &wanted, &standing, &mut fields);
        if !is_crowded {
            revoke(draft, address, &surplus, &standing, &mut fields);
        }
    }
    retag(draft, address, desired, &standing, &mut fields);
    draft.update(address, fields, "differs from what is wanted");
    if revoked {
        draft.disrupts(address);
    }
}

/// The rules that are wanted and do not stand. The other way round, those that stand and are not wanted.
fn missing_rules(wanted: &DescribedRules, standing: &DescribedRules) -> DescribedRules {
    wanted.iter().filter(|(rule, _)| !standing.contains_key(rule)).map(|(rule, text)| (rule.clone(), text.clone())).collect()
}

/// A group that stays, with what was asked of its rules.
struct Standing<'a> {
    id: &'a str,
    properties: &'a SecurityGroup,
    /// Nothing where the group is as it should be.
    rules: BTreeMap<Rule, ObservedRule>,
}

fn redescribe(draft: &mut Draft, address: &Address, wanted: &DescribedRules, found: &Standing<'_>, fields: &mut Fields) {
    let mut rules = DescribedRules::new();
    for (rule, text) in wanted {
        let old = found.properties.rules.get(rule);
        if old.is_some_and(|old| fields.compare(&format!("{}.Description", path(rule)), old, text)) {
            rules.insert(rule.clone(), text.clone());
        }
    }
    if let Some(direction) = rules.keys().next().map(|rule| rule.direction) {
        draft.push(address, Action::UpdateRuleDescriptions { group: found.id.to_owned(), direction, rules }, []);
    }
}

/// Somebody may have added it, and may rely on it.
fn warn_of_adoption(draft: &mut Draft, address: &Address, surplus: &DescribedRules) {
    if draft.adopts(address) {
        for rule in surplus.keys() {
            draft.warn(format!("taking over {address} revokes a rule that the inputs do not ask for: {rule}"));
        }
    }
}

fn revoke(draft: &mut Draft, address: &Address, extra: &DescribedRules, found: &Standing<'_>, fields: &mut Fields) {
    let extra: BTreeMap<&Rule, &str> =
        extra.keys().filter_map(|rule| found.rules.get(rule).map(|standing| (rule, standing.id.as_str()))).collect();
    for rule in extra.keys() {
        fields.note(path(rule), &rule.to_string(), &None::<&str>);
    }
    if let Some(rule) = extra.keys().next() {
        let rule_ids: BTreeSet<String> = extra.values().map(ToString::to_string).collect();
        draft.push(address, Action::RevokeRules { group: found.id.to_owned(), direction: rule.direction, rule_ids }, []);
    }
}

fn retag(draft: &mut Draft, address: &Address, desired: &SecurityGroup, found: &Standing<'_>, fields: &mut Fields) {
    let tags = &desired.tags;
    let missing = fields.compare_tags(&found.properties.tags, tags);
    let kept = found.rules.iter().filter(|(rule, _)| desired.rules.contains_key(*rule)).map(|(_, standing)| standing);
    let stale_rules = kept.filter(|rule| !tags.missing_from(&rule.tags).is_empty()).map(|rule| rule.id.clone());
    let mut resources: BTreeSet<String> = stale_rules.collect();
    if !resources.is_empty() {
        fields.note("SecurityGroupRules.Tags", &format!("{} without", resources.len()), tags);
    }
    if !missing.is_empty() {
        resources.insert(found.id.to_owned());
    }
    if !resources.is_empty() {
        draft.push(address, Action::CreateEc2Tags { resources, tags: tags.clone() }, []);
    }
}

const fn path(rule: &Rule) -> &'static str {
    match rule.direction {
        Direction::Ingress => "SecurityGroupIngress",
        Direction::Egress => "SecurityGroupEgress",
    }
}
