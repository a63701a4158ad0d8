//! Whether the instance types can be had where the nodes run, and whether there is an image to boot each with.

use super::{Findings, existing_subnets, in_params, quoted};
use crate::inputs::problem::Problem;
use crate::inputs::resolved::{Inputs, NodeGroup};
use crate::model::facts::{Facts, ImageFamily, Seen};
use std::collections::{BTreeMap, BTreeSet};

type Zones<'a> = BTreeSet<&'a str>;

pub fn check(inputs: &Inputs, facts: &Facts, findings: &mut Findings) {
    for (index, group) in inputs.cluster.groups.iter().enumerate() {
        let place = format!("/cluster/instances/{index}/instance_type");
        check_offer(&place, group, inputs, facts, findings);
        findings.problems.extend(missing_image(&place, group, facts));
    }
}

fn check_offer(place: &str, group: &NodeGroup, inputs: &Inputs, facts: &Facts, findings: &mut Findings) {
    let offerings = match &facts.offerings {
        Seen::Present(offerings) => offerings,
        Seen::Absent => &BTreeMap::new(),
        Seen::Unknown(why) => return findings.warn(unread_offers(place, group, &why.words)),
    };
    let wanted = node_zones(inputs, facts);
    let offered: Zones = offerings.get(group.instance.name).into_iter().flatten().map(String::as_str).collect();
    let lacking: Zones = wanted.difference(&offered).copied().collect();
    // Without zones to compare with, the subnets have been found wanting already.
    if lacking.is_empty() {
        return;
    }
    if lacking == wanted {
        findings.refuse(not_offered(place, group, &wanted));
    } else {
        findings.warn(partly_offered(place, group, &lacking));
    }
}

/// The Availability Zones of the private subnets, where nodes run.
fn node_zones<'a>(inputs: &Inputs, facts: &'a Facts) -> Zones<'a> {
    let existing = existing_subnets(facts).unwrap_or_default();
    let private = inputs.identity.vpc.private_subnets.iter();
    private.filter_map(|id| existing.get(id.as_str())).map(|subnet| subnet.availability_zone.as_str()).collect()
}

fn missing_image(place: &str, group: &NodeGroup, facts: &Facts) -> Option<Problem> {
    let family = group.instance.image_family()?;
    match &facts.images {
        Seen::Present(images) if images.contains_key(&family) => None,
        Seen::Present(_) | Seen::Absent => Some(no_image(place, group, family)),
        // That ends the run before this: `unread_foundations`.
        Seen::Unknown(_) => None,
    }
}

fn not_offered(place: &str, group: &NodeGroup, zones: &Zones) -> Problem {
    let message = format!("is not offered in any Availability Zone of the private subnets ({})", quoted(zones.iter().copied()));
    in_params(place, group.instance.name, message, "choose another instance type, or a VPC in other Availability Zones")
}

fn partly_offered(place: &str, group: &NodeGroup, zones: &Zones) -> Problem {
    let message = format!("is not offered in {}, so no node of this group will run there", quoted(zones.iter().copied()));
    in_params(
        place,
        group.instance.name,
        message,
        "choose an instance type that every zone offers if the group must survive the loss of one",
    )
}

fn unread_offers(place: &str, group: &NodeGroup, why: &str) -> Problem {
    let message = format!("may not be offered where the nodes run, since the offers could not be read: {why}");
    in_params(place, group.instance.name, message, "allow ec2:DescribeInstanceTypeOfferings")
}

fn no_image(place: &str, group: &NodeGroup, family: ImageFamily) -> Problem {
    let message = format!("has no image in this Region: `{}` does not exist", family.parameter());
    in_params(place, group.instance.name, message, "choose an instance type of another processor, or another Region")
}
