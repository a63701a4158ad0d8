//! Whether the VPC and the subnets that the cluster needs exist, belong together and lead where they must.

use super::{Findings, alb_subnets, existing_subnets, in_connections};
use crate::inputs::connections_checks::{PRIVATE_SUBNETS, PUBLIC_SUBNETS, VPC};
use crate::inputs::problem::{Document, Problem};
use crate::inputs::resolved::Inputs;
use crate::model::facts::{Facts, Seen, Subnet};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// What AWS asks of an Application Load Balancer.
const LEAST_ZONES: usize = 2;

pub fn check(inputs: &Inputs, facts: &Facts, findings: &mut Findings) {
    check_vpc(inputs, facts, findings);
    match existing_subnets(facts) {
        Some(existing) => check_subnets(inputs, facts, &existing, findings),
        None if needs_subnets(inputs) => findings.warn(unread_subnets(facts)),
        None => {}
    }
    if inputs.cluster.ingress.is_some() {
        check_routes(inputs, facts, findings);
    }
}

fn check_vpc(inputs: &Inputs, facts: &Facts, findings: &mut Findings) {
    let id = &inputs.identity.vpc.id;
    match &facts.vpc {
        Seen::Present(()) => {}
        Seen::Absent => {
            let message = format!("does not exist in `{}` for the connected role", inputs.identity.region);
            findings.refuse(in_connections(VPC, id, message, "connect a VPC of the account and Region that the role works in"));
        }
        Seen::Unknown(why) => findings.warn(in_connections(VPC, id, format!("could not be read: {why}"), "allow ec2:DescribeVpcs")),
    }
}

fn check_subnets(inputs: &Inputs, facts: &Facts, existing: &BTreeMap<&str, &Subnet>, findings: &mut Findings) {
    let mut missing = 0;
    for (list, id) in needed(inputs) {
        match existing.get(id) {
            None => {
                missing += 1;
                findings.refuse(absent_subnet(inputs, list, id));
            }
            Some(subnet) if subnet.vpc_id != inputs.identity.vpc.id => findings.refuse(foreign_subnet(inputs, list, subnet)),
            Some(_) => {}
        }
    }
    // With subnets missing, a count of zones would only say the same again.
    if missing == 0 && inputs.cluster.ingress.is_some() {
        findings.problems.extend(too_few_zones(inputs, facts));
    }
}

fn check_routes(inputs: &Inputs, facts: &Facts, findings: &mut Findings) {
    match &facts.internet_subnets {
        Seen::Present(routed) => findings.problems.extend(unrouted(inputs, facts, routed)),
        Seen::Absent => findings.problems.extend(unrouted(inputs, facts, &BTreeSet::new())),
        Seen::Unknown(why) => {
            let message = format!("may lack a route to an internet gateway, since the routes could not be read: {why}");
            findings.warn(about_list(PUBLIC_SUBNETS, message, "allow ec2:DescribeRouteTables"));
        }
    }
}

fn unrouted(inputs: &Inputs, facts: &Facts, routed: &BTreeSet<String>) -> Vec<Problem> {
    let existing = existing_subnets(facts);
    // A subnet that does not exist has been reported for that.
    let is_known = |id: &&String| existing.as_ref().is_none_or(|existing| existing.contains_key(id.as_str()));
    let public = inputs.identity.vpc.public_subnets.iter().filter(|id| !routed.contains(*id)).filter(is_known);
    public.map(|id| unrouted_subnet(inputs, id)).collect()
}

fn needs_subnets(inputs: &Inputs) -> bool {
    needed(inputs).next().is_some()
}

/// The needed subnets, each with the list that it stands in.
fn needed(inputs: &Inputs) -> impl Iterator<Item = (&'static str, &str)> {
    let (public, private) = inputs.needed_subnets();
    let public = public.iter().map(|id| (PUBLIC_SUBNETS, id.as_str()));
    public.chain(private.iter().map(|id| (PRIVATE_SUBNETS, id.as_str())))
}

fn too_few_zones(inputs: &Inputs, facts: &Facts) -> Option<Problem> {
    let message = "share one Availability Zone, and a load balancer needs subnets in two";
    let remedy = "connect a VPC with public subnets in two Availability Zones, or disable ingress";
    (alb_subnets(inputs, facts).len() < LEAST_ZONES).then(|| about_list(PUBLIC_SUBNETS, message, remedy))
}

fn absent_subnet(inputs: &Inputs, list: &str, id: &str) -> Problem {
    let message = format!("does not exist in `{}` for the connected role", inputs.identity.region);
    in_connections(place(inputs, list, id), id, message, "connect a VPC whose subnets exist; deploying the VPC again refreshes its list")
}

fn foreign_subnet(inputs: &Inputs, list: &str, subnet: &Subnet) -> Problem {
    let message = format!("belongs to `{}`, not to `{}`", subnet.vpc_id, inputs.identity.vpc.id);
    in_connections(place(inputs, list, &subnet.id), &subnet.id, message, "connect a VPC together with its own subnets")
}

fn unrouted_subnet(inputs: &Inputs, id: &str) -> Problem {
    let message = "has no route to an internet gateway, so the load balancer could not be reached";
    in_connections(place(inputs, PUBLIC_SUBNETS, id), id, message, "add a route for 0.0.0.0/0 to an internet gateway, or disable ingress")
}

fn unread_subnets(facts: &Facts) -> Problem {
    let why = facts.subnets.unknown().map(ToString::to_string).unwrap_or_default();
    about_list("/vpc/data/infrastructure", format!("has subnets that could not be read: {why}"), "allow ec2:DescribeSubnets")
}

fn about_list(pointer: &str, message: impl Into<String>, remedy: &str) -> Problem {
    Problem::new(Document::Connections, pointer, message, remedy)
}

/// Where the connection names the subnet, the first time if it does so twice.
fn place(inputs: &Inputs, list: &str, id: &str) -> String {
    let own = list.strip_prefix("/vpc").unwrap_or(list);
    let subnets = inputs.identity.vpc.connection.pointer(own).and_then(Value::as_array);
    let names_it = |subnet: &Value| subnet["arn"].as_str().is_some_and(|arn| arn.rsplit('/').next() == Some(id));
    let index = subnets.and_then(|subnets| subnets.iter().position(names_it));
    index.map_or_else(|| list.to_owned(), |index| format!("{list}/{index}/arn"))
}
