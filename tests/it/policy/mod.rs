//! The policy rules: each of them is kept by a usual cluster and broken by one change of it.

pub mod breaches;
mod checkov;
mod terraform_plan;
mod told;

use crate::plan::samples;
use crate::plan::world::converged;
use aws_ecs_cluster::inputs::Inputs;
use aws_ecs_cluster::model::facts::{Facts, Seen, Subnet, Unread};
use aws_ecs_cluster::model::observed::Observed;
use aws_ecs_cluster::plan::desired::Desired;
use aws_ecs_cluster::policy::{Outcome, Subject, Verdict, judge, refusals, rules};
use serde_json::json;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// A cluster that stands as it is desired, and all that the rules may look at.
pub struct Case {
    pub inputs: Inputs,
    pub facts: Facts,
    pub desired: Desired,
    pub observed: Observed,
}

impl Case {
    /// Two groups and two zones, in a VPC with subnets in two Availability Zones.
    pub fn full() -> Self {
        Self::of(samples::inputs(&samples::full_params()))
    }

    fn of(inputs: Inputs) -> Self {
        let facts = Facts { subnets: Seen::Present(subnets(&inputs)), ..samples::facts(&inputs) };
        let desired = Desired::new(&inputs, &facts);
        let observed = converged(&desired).look(&samples::scope(&desired));
        Self { inputs, facts, desired, observed }
    }

    pub fn judge(&self) -> Vec<Verdict> {
        judge(&Subject { identity: &self.inputs.identity, facts: &self.facts, desired: &self.desired, observed: &self.observed })
    }

    pub fn verdict(&self, id: &str) -> Verdict {
        self.judge().into_iter().find(|verdict| verdict.id == id).unwrap_or_else(|| panic!("there is no rule {id}"))
    }
}

/// The subnets of each kind are in the first and the second Availability Zone in turn.
fn subnets(inputs: &Inputs) -> std::collections::BTreeMap<String, Subnet> {
    let network = &inputs.identity.vpc;
    let placed = |ids: &Vec<String>| ids.iter().cloned().enumerate().collect::<Vec<_>>();
    let all = [placed(&network.public_subnets), placed(&network.private_subnets)].concat();
    let subnet = |(place, id): (usize, String)| {
        let availability_zone = ["eu-west-1a", "eu-west-1b"][place % 2].to_owned();
        (id.clone(), Subnet { id, vpc_id: network.id.clone(), availability_zone })
    };
    all.into_iter().map(subnet).collect()
}

fn ids(verdicts: &[Verdict], outcome: Outcome) -> Vec<&str> {
    verdicts.iter().filter(|verdict| verdict.outcome == outcome).map(|verdict| verdict.id).collect()
}

#[test]
fn every_id_is_given_once_and_in_order() {
    let given: Vec<&str> = rules().map(|rule| rule.id).collect();
    let mut ordered: Vec<&str> = given.iter().copied().collect::<BTreeSet<_>>().into_iter().collect();
    ordered.sort_unstable();
    assert_eq!(given, ordered);
    assert!(given.len() >= 20);
}

#[test]
fn every_rule_says_what_it_demands_why_and_what_to_do() {
    for rule in rules() {
        assert!(rule.id.strip_prefix("ECS").is_some_and(|number| number.len() == 3), "{}", rule.id);
        assert!(!rule.title.ends_with('.') && rule.why.ends_with('.') && !rule.remedy.ends_with('.'), "{}", rule.id);
    }
}

#[test]
fn every_rule_has_its_row_in_the_document_of_rules() {
    let document = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/policy.md")).expect("the document of rules");
    let rows: Vec<Vec<&str>> =
        document.lines().filter(|line| line.starts_with("| ECS")).map(|row| row.split('|').map(str::trim).collect()).collect();
    let expected = rules().map(|rule| {
        let controls = if rule.controls.is_empty() { "none".to_owned() } else { rule.controls.join(", ") };
        (rule.id.to_owned(), rule.severity.name().to_owned(), controls)
    });
    let found = rows.iter().map(|cells| (cells[1].to_owned(), cells[3].to_owned(), cells[4].to_owned()));
    assert_eq!(found.collect::<Vec<_>>(), expected.collect::<Vec<_>>());
}

#[test]
fn a_usual_cluster_keeps_every_rule_but_those_that_the_bundle_does_not_keep_by_design() {
    let verdicts = Case::full().judge();
    assert_eq!(ids(&verdicts, Outcome::Failed), [""; 0]);
    assert_eq!(ids(&verdicts, Outcome::NotApplicable), [""; 0]);
    assert_eq!(ids(&verdicts, Outcome::Exempt), ["ECS203"]);
    assert!(refusals(&verdicts).is_empty(), "what is exempt stops nothing");
}

#[test]
fn a_cluster_of_fargate_alone_is_judged_by_the_rules_about_the_cluster() {
    let bare = samples::inputs(&crate::inputs::with(&crate::inputs::params(), "/cluster/instances", json!([])));
    let verdicts = Case::of(bare).judge();
    assert_eq!(ids(&verdicts, Outcome::Passed), ["ECS001", "ECS002"]);
    let others = verdicts.iter().filter(|verdict| verdict.outcome == Outcome::NotApplicable);
    let notes: BTreeSet<Option<&str>> = others.map(|verdict| verdict.note).collect();
    assert_eq!(notes, BTreeSet::from([Some("ingress is off"), Some("there are no node groups")]));
}

#[test]
fn what_cannot_be_known_is_not_judged() {
    let mut case = Case::full();
    case.facts.subnets = Seen::Unknown(Unread { words: "denied".to_owned(), passes: false });
    // Groups that stand tell their zones themselves.
    assert_eq!(case.verdict("ECS106").outcome, Outcome::Passed);
    case.observed.auto_scaling_groups = Seen::Absent;
    for id in ["ECS106", "ECS206"] {
        let verdict = case.verdict(id);
        assert_eq!((verdict.outcome, verdict.resources.len()), (Outcome::NotChecked, 0), "{id}");
        assert!(verdict.note.is_some_and(|note| note.contains("could not be read")), "{id}");
    }
}

/// Where everything stands, each subnet bears its own name in place of its zone's.
#[test]
fn groups_that_stand_in_one_zone_do_not_pass_for_the_number_of_their_subnets() {
    let mut case = Case::full();
    if let Seen::Present(groups) = &mut case.observed.auto_scaling_groups {
        groups.values_mut().for_each(|group| group.availability_zones = BTreeSet::from(["eu-west-1a".to_owned()]));
    }
    let verdict = case.verdict("ECS106");
    assert_eq!((verdict.outcome, verdict.findings.len()), (Outcome::Failed, 2));
    assert_eq!(verdict.findings[0].reason, "its subnets are all in eu-west-1a");
}

#[test]
fn inline_policies_that_were_not_read_are_not_judged() {
    let mut case = Case::full();
    if let Seen::Present(role) = &mut case.observed.role {
        role.inline_policies = None;
    }
    let verdict = case.verdict("ECS110");
    assert_eq!(verdict.outcome, Outcome::NotChecked);
    assert!(verdict.note.is_some_and(|note| note.contains("`policy.halt_on_failure`")));
    case.observed.role = Seen::Absent;
    assert_eq!(case.verdict("ECS110").outcome, Outcome::Passed, "we embed none in a role that has yet to be made");
}
