//! Route 53: a batch of changes is checked whole before any of it is done.

use std::collections::BTreeSet;

use super::Ask;
use super::xml::Element;
use crate::support::call::Reply;

pub fn answer(ask: Ask<'_>) -> Reply {
    if ask.operation() != "ChangeResourceRecordSets" {
        return ask.forward();
    }
    let zone = ask.call.target.split('/').nth(3).unwrap_or_default();
    let batch = Element::parse(&ask.call.body).unwrap_or_default();
    let problems = problems(ask, zone, batch.list("ChangeBatch/Changes"));
    if problems.is_empty() { ask.forward() } else { ask.refuse("InvalidChangeBatch", &format!("[{}]", problems.join(", "))) }
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

/// Whether this CNAME stands in the public zone that is the domain's own.
pub fn stands(ask: Ask<'_>, name: &str, value: &str) -> bool {
    let zones = ask.backend().route53("hostedzone");
    let name = plain(name);
    let public = zones.list("HostedZones").iter().filter(|zone| zone.text_at("Config/PrivateZone") != "true");
    let covers = |zone: &&Element| name.ends_with(&format!(".{}", plain(zone.text_at("Name"))));
    let Some(zone) = public.filter(covers).max_by_key(|zone| zone.text_at("Name").len()) else { return false };
    let id = zone.text_at("Id").rsplit('/').next().unwrap_or_default();
    let records = ask.backend().route53(&format!("hostedzone/{id}/rrset"));
    records.list("ResourceRecordSets").iter().any(|record| {
        let values = record.list("ResourceRecords").iter().map(|one| plain(one.text_at("Value")));
        plain(record.text_at("Name")) == name && record.text_at("Type") == "CNAME" && values.into_iter().any(|one| one == plain(value))
    })
}
