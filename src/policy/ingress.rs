//! Rules about the way in: the load balancer, its listeners, its security group and its certificates.

use super::{Checked, Examined, NO_ZONES, Rule, Severity, Subject, Unjudged};
use crate::model::address::Kind;
use crate::model::facts::Seen;
use crate::model::properties::{DefaultAction, Direction, HTTP_PORT, HTTPS_PORT, Listener, Peer};
use crate::plan::desired::{DesiredIngress, address_of, alb_security_group_address, listener_address};
use std::collections::BTreeSet;

const NO_INGRESS: &str = "ingress is off";
const WEB_PORTS: [(i32, i32); 2] = [(HTTP_PORT, HTTP_PORT), (HTTPS_PORT, HTTPS_PORT)];
/// Anything shorter than this is taken for the whole internet, however it was cut in pieces.
const WIDE_PREFIX: u8 = 8;

pub const RULES: &[Rule] = &[
    Rule {
        id: "ECS201",
        title: "HTTP is redirected to HTTPS",
        why: "What is served over HTTP can be read and changed on its way.",
        remedy: "let the listener on port 80 redirect to HTTPS",
        severity: Severity::Medium,
        controls: &["ELB.1"],
        exempt: None,
        check: redirect,
    },
    Rule {
        id: "ECS202",
        title: "invalid HTTP headers are dropped",
        why: "They are how requests are smuggled past what checks them.",
        remedy: "set routing.http.drop_invalid_header_fields.enabled to true",
        severity: Severity::Medium,
        controls: &["ELB.4"],
        exempt: None,
        check: invalid_headers,
    },
    Rule {
        id: "ECS203",
        title: "access logs are kept",
        why: "They tell who asked for what when there are no logs of the app.",
        remedy: "switch access logs on for a bucket of your own; this bundle leaves them as they are",
        severity: Severity::Medium,
        controls: &["ELB.5"],
        exempt: Some("the bundle has no bucket to write them to"),
        check: access_logs,
    },
    Rule {
        id: "ECS204",
        title: "the load balancer is protected from deletion",
        why: "Its address and every app's rules would be gone at once.",
        remedy: "set deletion_protection.enabled to true; decommission lifts it by itself",
        severity: Severity::Medium,
        controls: &["ELB.6"],
        exempt: None,
        check: deletion_protection,
    },
    Rule {
        id: "ECS205",
        title: "ambiguous requests are not passed on",
        why: "In monitor mode, requests that apps may read in two ways reach them.",
        remedy: "set routing.http.desync_mitigation_mode to `defensive` or `strictest`",
        severity: Severity::Medium,
        controls: &["ELB.12"],
        exempt: None,
        check: desync,
    },
    Rule {
        id: "ECS206",
        title: "the load balancer spans two Availability Zones",
        why: "The outage of one zone would take the way in.",
        remedy: "connect a VPC with public subnets in two Availability Zones",
        severity: Severity::Medium,
        controls: &["ELB.13"],
        exempt: None,
        check: zones,
    },
    Rule {
        id: "ECS207",
        title: "TLS is of version 1.2 or 1.3 with ciphers that AWS recommends",
        why: "Older versions and ciphers can be broken.",
        remedy: "use a policy whose name begins with ELBSecurityPolicy-TLS13-1-2 or ELBSecurityPolicy-TLS13-1-3",
        severity: Severity::Medium,
        controls: &["ELB.17"],
        exempt: None,
        check: tls_policy,
    },
    Rule {
        id: "ECS208",
        title: "no listener serves unencrypted, but for the redirect",
        why: "A listener that somebody added for a test is a way around HTTPS.",
        remedy: "delete that listener, or make it one for HTTPS",
        severity: Severity::Medium,
        controls: &["ELB.18"],
        exempt: None,
        check: encrypted_listeners,
    },
    Rule {
        id: "ECS209",
        title: "the internet reaches the web ports only",
        why: "Every other open port is found within minutes.",
        remedy: "open ports 80 and 443 only",
        severity: Severity::High,
        controls: &["CIS 3.0.0/5.2", "EC2.13", "EC2.14", "EC2.18", "EC2.19", "EC2.53"],
        exempt: None,
        check: web_ports,
    },
];

fn ingress<'a>(subject: &Subject<'a>) -> Result<&'a DesiredIngress, Unjudged> {
    subject.desired.ingress.as_ref().ok_or(Unjudged::NotApplicable(NO_INGRESS))
}

fn load_balancer(subject: &Subject, fault: Option<String>) -> Vec<Examined> {
    vec![Examined::new(address_of(Kind::LoadBalancer, &subject.desired.owner), fault)]
}

/// An attribute of the load balancer as it will stand: ours, else what stands; `None` where AWS's default will be.
fn attribute<'a>(subject: &Subject<'a>, key: &str) -> Result<Option<&'a str>, Unjudged> {
    let planned = ingress(subject)?.load_balancer.attributes.get(key);
    let standing = || subject.observed.load_balancer.present().and_then(|found| found.properties.attributes.get(key));
    Ok(planned.or_else(standing).map(String::as_str))
}

/// Fails unless the attribute is true.
fn demanded(subject: &Subject, key: &str) -> Checked {
    let value = attribute(subject, key)?.unwrap_or("false");
    Ok(load_balancer(subject, (value != "true").then(|| format!("its {key} is `{value}`"))))
}

fn redirect(subject: &Subject) -> Checked {
    let listener = &ingress(subject)?.redirect;
    let fault = (listener.default_action != DefaultAction::RedirectToHttps).then(|| "it does not redirect to HTTPS".to_owned());
    Ok(vec![Examined::new(listener_address(&subject.desired.owner, listener.port), fault)])
}

fn invalid_headers(subject: &Subject) -> Checked {
    demanded(subject, "routing.http.drop_invalid_header_fields.enabled")
}

fn access_logs(subject: &Subject) -> Checked {
    demanded(subject, "access_logs.s3.enabled")
}

fn deletion_protection(subject: &Subject) -> Checked {
    demanded(subject, "deletion_protection.enabled")
}

/// AWS's own default is `defensive`.
fn desync(subject: &Subject) -> Checked {
    let mode = attribute(subject, "routing.http.desync_mitigation_mode")?.unwrap_or("defensive");
    Ok(load_balancer(subject, (mode == "monitor").then(|| "its routing.http.desync_mitigation_mode is `monitor`".to_owned())))
}

fn zones(subject: &Subject) -> Checked {
    let subnets = &ingress(subject)?.load_balancer.subnets;
    let Seen::Present(known) = &subject.facts.subnets else { return Err(Unjudged::NotChecked(NO_ZONES)) };
    let zones: BTreeSet<&str> = subnets.iter().filter_map(|id| known.get(id)).map(|subnet| subnet.availability_zone.as_str()).collect();
    Ok(load_balancer(subject, (zones.len() < 2).then(|| "its subnets are not in two Availability Zones".to_owned())))
}

/// Judges every listener as it will stand: our own as planned, and those that others have added, which stay.
fn listeners(subject: &Subject, fault: impl Fn(&Listener) -> Option<String>) -> Checked {
    let own = ingress(subject)?;
    let planned = [&own.redirect, &own.https];
    let standing = subject.observed.load_balancer.present().map_or(&[][..], |found| &found.listeners);
    let others = standing.iter().map(|found| &found.properties).filter(|listener| planned.iter().all(|own| own.port != listener.port));
    let address = |listener: &Listener| listener_address(&subject.desired.owner, listener.port);
    Ok(planned.into_iter().chain(others).map(|listener| Examined::new(address(listener), fault(listener))).collect())
}

fn tls_policy(subject: &Subject) -> Checked {
    let mut checked = listeners(subject, |listener| {
        let policy = listener.ssl_policy.as_deref().filter(|policy| !is_recommended(policy));
        policy.map(|policy| format!("its policy is `{policy}`"))
    })?;
    let redirect = listener_address(&subject.desired.owner, ingress(subject)?.redirect.port);
    checked.retain(|examined| examined.address != redirect);
    Ok(checked)
}

/// The policies with `Ext1` and `Ext2` in their names admit ciphers without forward secrecy.
fn is_recommended(policy: &str) -> bool {
    let current = ["ELBSecurityPolicy-TLS13-1-2", "ELBSecurityPolicy-TLS13-1-3"].iter().any(|beginning| policy.starts_with(beginning));
    current && !policy.contains("-Ext1-") && !policy.contains("-Ext2-")
}

fn encrypted_listeners(subject: &Subject) -> Checked {
    listeners(subject, |listener| {
        let open = listener.protocol != "HTTPS" && listener.default_action != DefaultAction::RedirectToHttps;
        open.then(|| format!("it serves over {}", listener.protocol))
    })
}

fn web_ports(subject: &Subject) -> Checked {
    let rules = ingress(subject)?.security_group.rules.keys();
    let mut open = rules.filter(|rule| rule.direction == Direction::Ingress && is_wide(&rule.peer));
    let strange = open.find(|rule| rule.protocol != "tcp" || !rule.ports.is_some_and(|ports| WEB_PORTS.contains(&ports)));
    let fault = strange.map(|rule| format!("it lets in {rule}"));
    Ok(vec![Examined::new(alb_security_group_address(&subject.desired.owner), fault)])
}

fn is_wide(peer: &Peer) -> bool {
    let Peer::Cidr(range) = peer else { return false };
    range.rsplit_once('/').and_then(|(_, length)| length.parse().ok()).is_none_or(|length: u8| length < WIDE_PREFIX)
}
