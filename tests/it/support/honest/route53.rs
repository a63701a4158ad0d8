//! Route 53: a batch of changes is checked whole before any of it is done, and one follows the other.
//!
//! docs/aws.md, "Route 53: zones and records".

use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use super::xml::Element;
use super::{Ask, Countdown, edit_xml, locked, succeeded};
use crate::support::call::Reply;

/// Zones on a page, unless the caller wants fewer.
const PAGE: usize = 100;

/// By zone, the changes that come too early after the last one.
#[derive(Default)]
pub struct Zones(Mutex<Countdown>);

impl Zones {
    pub fn answer(&self, ask: Ask<'_>) -> Reply {
        match ask.operation() {
            "ChangeResourceRecordSets" => self.change(ask),
            "ListHostedZonesByName" => list_by_name(ask),
            _ => ask.forward(),
        }
    }

    fn change(&self, ask: Ask<'_>) -> Reply {
        let mut busy = locked(&self.0);
        let zone = ask.call.target.split('/').nth(3).unwrap_or_default();
        if busy.poll(zone) {
            let message = "The request was rejected because Route 53 was still processing a prior request.";
            return ask.refuse("PriorRequestNotComplete", message);
        }
        let batch = Element::parse(&ask.call.body).unwrap_or_default();
        let problems = problems(ask, zone, batch.list("ChangeBatch/Changes"));
        if !problems.is_empty() {
            return ask.refuse("InvalidChangeBatch", &format!("[{}]", problems.join(", ")));
        }
        let reply = ask.forward();
        if succeeded(&reply) {
            busy.start(zone, ask.lags().zone_busy);
        }
        edit_xml(reply, |root| {
            if let Some(status) = root.at_mut("ChangeInfo/Status") {
                "PENDING".clone_into(&mut status.text);
            }
        })
    }
}

/// All zones from this name on, in the order of their labels read backwards: the emulator shows that one alone.
fn list_by_name(ask: Ask<'_>) -> Reply {
    let all = ask.backend().route53("hostedzone");
    let from = backwards(&ask.call.param("dnsname").unwrap_or_default());
    let size = ask.number("maxitems").and_then(|size| usize::try_from(size).ok()).unwrap_or(PAGE);
    let mut zones: Vec<Element> = all.list("HostedZones").iter().filter(|zone| backwards(zone.text_at("Name")) >= from).cloned().collect();
    zones.sort_by_key(|zone| backwards(zone.text_at("Name")));
    let next = zones.get(size).cloned();
    zones.truncate(size);
    let mut reply = Element::with_children("ListHostedZonesByNameResponse", vec![Element::with_children("HostedZones", zones)]);
    reply.set("IsTruncated", if next.is_some() { "true" } else { "false" });
    reply.set("MaxItems", &size.to_string());
    if let Some(next) = next {
        reply.set("NextDNSName", next.text_at("Name"));
        reply.set("NextHostedZoneId", next.text_at("Id"));
    }
    Reply::xml(200, reply.to_string())
}

/// `com.example` for `example.com.`.
fn backwards(name: &str) -> Vec<String> {
    plain(name).split('.').rev().map(str::to_owned).collect()
}

fn problems(ask: Ask<'_>, zone: &str, changes: &[Element]) -> Vec<String> {
    let domain = plain(ask.backend().route53(&format!("hostedzone/{zone}")).text_at("HostedZone/Name"));
    let standing = ask.backend().route53(&format!("hostedzone/{zone}/rrset"));
    let standing = standing.list("ResourceRecordSets");
    let mut seen = BTreeSet::new();
    changes.iter().filter_map(|change| problem(change, &domain, standing, &mut seen)).collect()
}

fn problem(change: &Element, domain: &str, standing: &[Element], seen: &mut BTreeSet<(String, String)>) -> Option<String> {
    let wanted = change.child("ResourceRecordSet")?;
    let (name, kind) = (plain(wanted.text_at("Name")), wanted.text_at("Type"));
    let shown = format!("resource record set [name='{name}.', type='{kind}']");
    let found = standing.iter().find(|record| plain(record.text_at("Name")) == name && record.text_at("Type") == kind);
    if !seen.insert((name.clone(), kind.to_owned())) {
        return Some(format!("The request contains an invalid set of changes for a {shown}"));
    }
    if name != domain && !name.ends_with(&format!(".{domain}")) {
        return Some(format!("RRSet with DNS name {name}. is not permitted in zone {domain}."));
    }
    match (change.text_at("Action"), found) {
        ("CREATE", Some(_)) => Some(format!("Tried to create {shown} but it already exists")),
        ("DELETE", None) => Some(format!("Tried to delete {shown} but it was not found")),
        ("DELETE", Some(found)) if content(found) != content(wanted) => {
            Some(format!("Tried to delete {shown} but the values provided do not match the current values"))
        }
        _ => None,
    }
}

fn content(record: &Element) -> (String, BTreeSet<String>) {
    let values = record.list("ResourceRecords").iter().map(|value| value.text_at("Value").to_owned());
    (record.text_at("TTL").to_owned(), values.collect())
}

/// Lower case, without the final dot, `*` as it is.
pub fn plain(name: &str) -> String {
    name.trim_end_matches('.').to_ascii_lowercase().replace("\\052", "*")
}

/// The public zones and their records, each list asked of the emulator once, when it is first needed.
#[derive(Default)]
pub struct Dns {
    zones: OnceCell<Element>,
    records: RefCell<BTreeMap<String, Element>>,
}

impl Dns {
    /// Whether this CNAME stands in the public zone that is the domain's own.
    pub fn has(&self, ask: Ask<'_>, name: &str, value: &str) -> bool {
        let zones = self.zones.get_or_init(|| ask.backend().route53("hostedzone"));
        let name = plain(name);
        let public = zones.list("HostedZones").iter().filter(|zone| zone.text_at("Config/PrivateZone") != "true");
        let covers = |zone: &&Element| name.ends_with(&format!(".{}", plain(zone.text_at("Name"))));
        let Some(zone) = public.filter(covers).max_by_key(|zone| zone.text_at("Name").len()) else { return false };
        let id = zone.text_at("Id").rsplit('/').next().unwrap_or_default();
        let mut all = self.records.borrow_mut();
        let records = all.entry(id.to_owned()).or_insert_with(|| ask.backend().route53(&format!("hostedzone/{id}/rrset")));
        records.list("ResourceRecordSets").iter().any(|record| {
            let values = record.list("ResourceRecords").iter().map(|one| plain(one.text_at("Value")));
            plain(record.text_at("Name")) == name && record.text_at("Type") == "CNAME" && values.into_iter().any(|one| one == plain(value))
        })
    }
}
