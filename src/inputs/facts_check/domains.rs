//! Whether the hosted zones exist, are public, can be told apart by name and can have certificates; and what is not known of the way in.

use super::{Findings, in_params};
use crate::inputs::params_checks::INGRESS;
use crate::inputs::problem::{Document, Problem};
use crate::inputs::resolved::Inputs;
use crate::model::facts::{Facts, HostedZone, Seen};
use std::collections::BTreeMap;

const DEFAULT_ZONE: &str = "/cluster/ingress/default_route53_hosted_zone";
const ADDITIONAL_ZONES: &str = "/cluster/ingress/additional_route53_hosted_zones";
/// The first name of a certificate becomes its common name, for which X.509 has this limit.
const LONGEST_DOMAIN: usize = 64;

pub fn check(inputs: &Inputs, facts: &Facts, findings: &mut Findings) {
    if let Some(why) = facts.listed_zones.unknown() {
        findings.warn(unlisted(&why.words));
    }
    if let Some(why) = facts.tls_policies.unknown() {
        findings.warn(unread_policies(&why.words));
    }
    let mut names: BTreeMap<&str, &str> = BTreeMap::new();
    for (place, id) in zones(inputs) {
        let zone = match facts.zones.get(id) {
            Some(Seen::Present(zone)) => zone,
            Some(Seen::Absent) => {
                findings.refuse(absent(place, id));
                continue;
            }
            // Those end the run before this: `unread_foundations`.
            Some(Seen::Unknown(_)) | None => continue,
        };
        check_zone(place, zone, findings);
        if let Some(other) = names.insert(&zone.name, id) {
            findings.refuse(same_name(place, zone, other));
        }
    }
}

/// Repeats have gone from the list by now, so that an additional zone's index is not known any more; its list is.
fn zones(inputs: &Inputs) -> impl Iterator<Item = (&'static str, &str)> {
    let zones = inputs.cluster.ingress.iter().flat_map(|ingress| &ingress.zones);
    zones.enumerate().map(|(index, id)| (if index == 0 { DEFAULT_ZONE } else { ADDITIONAL_ZONES }, id.as_str()))
}

fn check_zone(place: &str, zone: &HostedZone, findings: &mut Findings) {
    if zone.private {
        let message = format!("is the private zone of `{}`, and certificates are validated through public DNS", zone.name);
        findings.refuse(in_params(place, &zone.id, message, "choose a public hosted zone"));
    }
    if zone.name.len() > LONGEST_DOMAIN {
        let message = format!("is `{}`, longer than the {LONGEST_DOMAIN} characters that a certificate's domain may have", zone.name);
        findings.refuse(in_params(place, &zone.id, message, "choose a zone with a shorter name"));
    }
    if !is_publishable(&zone.name) {
        let message = format!("is `{}`, which the resource type that Massdriver publishes does not admit as a domain", zone.name);
        let remedy = "have your organization's copy of aws-ecs-cluster admit hyphens and digits in domains, else publishing may fail";
        findings.warn(in_params(place, &zone.id, message, remedy));
    }
}

/// Dot-separated lower-case letters and digits, letters only after the last dot: the published type's rule.
fn is_publishable(domain: &str) -> bool {
    let Some((labels, top)) = domain.rsplit_once('.') else { return false };
    let plain = |label: &str| !label.is_empty() && label.chars().all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit());
    labels.split('.').all(plain) && !top.is_empty() && top.chars().all(|letter| letter.is_ascii_lowercase())
}

fn absent(place: &str, id: &str) -> Problem {
    in_params(place, id, "does not exist for the connected role", "choose a hosted zone of the account that the role works in")
}

/// The run gets by without the list, more slowly.
fn unlisted(why: &str) -> Problem {
    let message = format!("are asked for one by one, since their list could not be read: {why}");
    Problem::new(Document::Params, ADDITIONAL_ZONES, message, "allow route53:ListHostedZones")
}

/// AWS refuses the listener if the Region lacks the best policy after all.
fn unread_policies(why: &str) -> Problem {
    let message = format!("gets the best TLS policy, which the Region may lack, since its policies could not be read: {why}");
    Problem::new(Document::Params, INGRESS, message, "allow elasticloadbalancing:DescribeSSLPolicies")
}

/// Apps look their domain up in a map by name; a name that stands there twice breaks every one of them.
fn same_name(place: &str, zone: &HostedZone, other: &str) -> Problem {
    let message = format!("has the name `{}`, as zone `{other}` has; no app could tell `{other}` and `{}` apart", zone.name, zone.id);
    in_params(place, &zone.id, message, "keep one of the two")
}
