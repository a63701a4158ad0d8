//! Whether the account has what the inputs name, judged from what was read of it before anything is made.

mod domains;
mod network;
mod nodes;

use super::problem::{Document, Problem, Warning};
use super::resolved::Inputs;
use crate::model::facts::{Facts, Seen, Subnet};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Every problem and warning, each list sorted by document and pointer.
#[must_use]
pub fn check_facts(inputs: &Inputs, facts: &Facts) -> (Vec<Problem>, Vec<Warning>) {
    let mut findings = Findings::default();
    network::check(inputs, facts, &mut findings);
    domains::check(inputs, facts, &mut findings);
    nodes::check(inputs, facts, &mut findings);
    findings.sorted()
}

/// What the cluster is designed from and could not be read: why, and the action to allow. Without zones, images and the load balancer's subnets there
/// is no design, and that is no fault of the inputs.
#[must_use]
pub fn unread_foundations<'a>(inputs: &Inputs, facts: &'a Facts) -> BTreeSet<(&'a str, &'static str)> {
    let zones = facts.zones.values().filter_map(Seen::unknown).map(|why| (why.words.as_str(), "route53:GetHostedZone"));
    let images = facts.images.unknown().filter(|_| !inputs.cluster.groups.is_empty()).map(|why| (why.words.as_str(), "ssm:GetParameters"));
    let subnets =
        facts.subnets.unknown().filter(|_| inputs.cluster.ingress.is_some()).map(|why| (why.words.as_str(), "ec2:DescribeSubnets"));
    zones.chain(images).chain(subnets).collect()
}

/// The subnets for the load balancer: of each Availability Zone the public subnet that it stands on, else the first in the connection's order, since
/// an Application Load Balancer takes only one subnet per zone. All public subnets when their zones could not be read.
#[must_use]
pub fn alb_subnets(inputs: &Inputs, facts: &Facts) -> Vec<String> {
    let public = &inputs.identity.vpc.public_subnets;
    let Seen::Present(known) = &facts.subnets else { return public.clone() };
    let mut zones = BTreeSet::new();
    let first_of_zone = |id: &&String| known.get(*id).is_some_and(|subnet| zones.insert(subnet.availability_zone.as_str()));
    let (standing, others): (Vec<&String>, Vec<&String>) = public.iter().partition(|id| facts.load_balancer_subnets.contains(*id));
    standing.into_iter().chain(others).filter(first_of_zone).cloned().collect()
}

#[derive(Default)]
struct Findings {
    problems: Vec<Problem>,
    warnings: Vec<Warning>,
}

impl Findings {
    fn refuse(&mut self, problem: Problem) {
        self.problems.push(problem);
    }

    fn warn(&mut self, finding: Problem) {
        self.warnings.push(finding.into_warning());
    }

    fn sorted(mut self) -> (Vec<Problem>, Vec<Warning>) {
        self.problems.sort();
        self.problems.dedup();
        self.warnings.sort();
        self.warnings.dedup();
        (self.problems, self.warnings)
    }
}

/// The subnets that exist, `None` when that could not be read.
fn existing_subnets(facts: &Facts) -> Option<BTreeMap<&str, &Subnet>> {
    match &facts.subnets {
        Seen::Present(subnets) => Some(subnets.iter().map(|(id, subnet)| (id.as_str(), subnet)).collect()),
        Seen::Absent => Some(BTreeMap::new()),
        Seen::Unknown(_) => None,
    }
}

fn in_params(pointer: impl Into<String>, value: &str, message: impl Into<String>, remedy: impl Into<String>) -> Problem {
    Problem::new(Document::Params, pointer, message, remedy).showing(&Value::from(value))
}

fn in_connections(pointer: impl Into<String>, value: &str, message: impl Into<String>, remedy: impl Into<String>) -> Problem {
    Problem::new(Document::Connections, pointer, message, remedy).showing(&Value::from(value))
}

fn quoted<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let quoted: Vec<String> = names.into_iter().map(|name| format!("`{name}`")).collect();
    quoted.join(", ")
}
