//! One certificate per hosted zone, and the DNS records by which ACM validates and renews it.

use crate::model::address::{Address, Kind};
use crate::model::answers::ZoneRecords;
use crate::model::facts::Seen;
use crate::model::names::short_hash;
use crate::model::observed::{CertificateStatus, Observed, ObservedCertificate};
use crate::model::properties::{Certificate, DnsRecord, HTTPS_PORT};
use crate::model::reference::{Output, Records, Ref};
use crate::plan::action::{Action, Condition};
use crate::plan::desired::{Desired, DesiredZone, address_of, listener_address, listener_certificate_address};
use crate::plan::draft::{Draft, Need};
use crate::plan::fields::Fields;
use std::collections::{BTreeMap, BTreeSet};

/// Seconds. Short, so that a record that is put right takes effect soon.
pub const RECORD_TTL: i64 = 60;

pub fn address(domain: &str) -> Address {
    Address::new(Kind::Certificate, domain)
}

fn records_address(domain: &str) -> Address {
    Address::new(Kind::RecordSetGroup, domain)
}

pub fn plan_certificates(draft: &mut Draft, desired: Option<&Desired>, observed: &Observed) {
    let zones = desired.and_then(|desired| desired.ingress.as_ref()).map_or(&[][..], |ingress| &ingress.zones);
    if let Seen::Unknown(why) = &observed.certificates {
        draft.unknown(&address_of(Kind::Certificate, &draft.owner.clone()), why);
        for zone in zones {
            draft.unknown(&address(&zone.certificate.domain), why);
        }
        return;
    }
    let mut kept = BTreeSet::new();
    for zone in zones {
        match usable(&zone.certificate, observed) {
            Some(found) => {
                kept.insert(&found.arn);
                keep(draft, zone, found, observed);
            }
            None => request(draft, zone, observed),
        }
    }
    let domains: BTreeSet<&str> = zones.iter().map(|zone| zone.certificate.domain.as_str()).collect();
    for found in observed.certificates.present().into_iter().flatten().filter(|found| !kept.contains(&found.arn)) {
        remove(draft, found, &domains, observed);
    }
}

/// The certificate to use for these names: one that serves already before one that is issued before one that is pending.
///
/// A killed run may have left two; without an order of preference the next runs would swap them for ever.
pub fn usable<'a>(desired: &Certificate, observed: &'a Observed) -> Option<&'a ObservedCertificate> {
    let candidates = observed.certificates.present()?.iter();
    let alive =
        candidates.filter(|found| found.properties.names() == desired.names() && !matches!(found.status, CertificateStatus::Dead(_)));
    alive.min_by_key(|found| (found.in_use_by.is_empty(), found.status != CertificateStatus::Issued, &found.arn))
}

/// The certificate for these names as a listener has to refer to it.
pub fn reference(desired: &Certificate, observed: &Observed) -> Ref {
    usable(desired, observed).map_or_else(|| Ref::Of(address(&desired.domain), Output::Arn), |found| Ref::known(&found.arn))
}

fn request(draft: &mut Draft, zone: &DesiredZone, observed: &Observed) {
    let domain = &zone.certificate.domain;
    let address = address(domain);
    let fields = Fields::default().with("SubjectAlternativeNames", &zone.certificate.names());
    draft.create(&address, fields, "serves HTTPS for the zone");
    let token = token(draft, &zone.certificate, observed);
    draft.push(&address, Action::RequestCertificate { certificate: zone.certificate.clone(), token }, []);
    validate(draft, zone, Ref::Of(address, Output::Arn));
}

/// ACM takes up to 32 word characters. Certificates that can never be used are part of it, or ACM would answer with them again.
fn token(draft: &Draft, certificate: &Certificate, observed: &Observed) -> String {
    let dead = observed.certificates.present().into_iter().flatten().filter(|found| found.properties.names() == certificate.names());
    let mut parts = vec![draft.owner.name_prefix.as_str()];
    parts.extend(certificate.names());
    parts.extend(dead.map(|found| found.arn.as_str()));
    short_hash(&parts.join(" "), 32)
}

/// Learn the records, write them, wait until ACM has seen them. That DNS has spread is ACM's to find out, so nothing waits for it.
fn validate(draft: &mut Draft, zone: &DesiredZone, certificate: Ref) {
    let domain = &zone.certificate.domain;
    let address = address(domain);
    let records = records_address(domain);
    let learn = Condition::CertificateRecords { certificate: certificate.clone(), address: address.clone() };
    draft.push(&address, Action::Wait(learn), []);
    draft.create(&records, Fields::default(), "proves to ACM that the zone is ours");
    let upsert = Action::UpsertRecords { zone_id: zone.zone_id.clone(), records: Records::Of(address.clone()) };
    draft.push(&records, upsert, []);
    draft.push(&address, issued(zone, certificate), [Need::Done(records)]);
}

fn issued(zone: &DesiredZone, certificate: Ref) -> Action {
    let DesiredZone { zone_id, certificate: Certificate { domain, .. } } = zone;
    Action::Wait(Condition::CertificateIssued { certificate, domain: domain.clone(), zone_id: zone_id.clone() })
}

fn keep(draft: &mut Draft, zone: &DesiredZone, found: &ObservedCertificate, observed: &Observed) {
    let Certificate { domain, alternative_names: _, tags } = &zone.certificate;
    let address = address(domain);
    let certificate = Ref::known(&found.arn);
    let mut fields = Fields::default();
    draft.adopt(&address, &found.properties.tags);
    let missing = fields.compare_tags(&found.properties.tags, tags);
    if !missing.is_empty() {
        draft.push(&address, Action::TagCertificate { arn: found.arn.clone(), tags: missing }, []);
    }
    let pending = found.status == CertificateStatus::Pending;
    if fields.is_empty() && pending {
        draft.wait(&address, "ACM has not issued it yet");
    } else {
        draft.update(&address, fields, "differs from what is wanted");
    }
    if found.records.is_empty() && pending {
        return validate(draft, zone, certificate);
    }
    keep_records(draft, zone, found, observed);
    if pending {
        let needs = [Need::Done(records_address(domain))];
        draft.push(&address, issued(zone, certificate), needs);
    }
}

/// An issued certificate needs its record too: ACM renews by it.
fn keep_records(draft: &mut Draft, zone: &DesiredZone, found: &ObservedCertificate, observed: &Observed) {
    let address = records_address(&zone.certificate.domain);
    let standing = match observed.answers.zone_records.get(&zone.certificate.domain) {
        Some(Seen::Unknown(why)) => return draft.unknown(&address, why),
        Some(Seen::Present(zone)) => zone.records.clone(),
        Some(Seen::Absent) | None => Vec::new(),
    };
    let missing: Vec<DnsRecord> =
        found.records.iter().filter(|record| !standing.iter().any(|other| same(other, record))).cloned().collect();
    if missing.is_empty() {
        return draft.unchanged(&address);
    }
    let mut fields = Fields::default();
    for record in &missing {
        let old = standing.iter().find(|other| other.name == record.name).map(|other| &other.value);
        fields.note(&record.name, &old, &record.value);
    }
    draft.update(&address, fields, "ACM validates and renews by it");
    let upsert = Action::UpsertRecords { zone_id: zone.zone_id.clone(), records: Records::Known(missing) };
    draft.push(&address, upsert, []);
}

/// The time to live does not matter to ACM, and the record may be shared with others who chose another. A final dot means nothing in a value.
fn same(one: &DnsRecord, other: &DnsRecord) -> bool {
    let value = |record: &DnsRecord| record.value.trim_end_matches('.').to_ascii_lowercase();
    (&one.name, &one.record_type, value(one)) == (&other.name, &other.record_type, value(other))
}

fn remove(draft: &mut Draft, found: &ObservedCertificate, desired: &BTreeSet<&str>, observed: &Observed) {
    let domain = found.properties.domain.as_str();
    let replaced = desired.contains(domain);
    // A second certificate for a domain needs an address of its own.
    let address = if replaced { Address::new(Kind::Certificate, format!("{domain} ({})", found.arn)) } else { address(domain) };
    let reason = match &found.status {
        CertificateStatus::Dead(why) => format!("it can never be used: {why}"),
        _ if replaced => "another certificate serves the domain".to_owned(),
        _ => "no listener needs it".to_owned(),
    };
    let others = other_users(draft, found);
    if !others.is_empty() && replaced {
        return draft.warn(format!("{address} is left in place: another certificate serves the domain, but {others} use it"));
    }
    if !others.is_empty() {
        let remedy = "give those a certificate of their own, then run this again".to_owned();
        return draft.refuse(&address, format!("it has to go, and others use it: {others}"), remedy);
    }
    draft.delete(&address, &reason);
    let mut needs =
        vec![Need::Done(address_of(Kind::LoadBalancer, &draft.owner)), Need::Done(listener_certificate_address(&draft.owner, domain))];
    if serves_by_default(found, observed) {
        needs.push(Need::Done(listener_address(&draft.owner, HTTPS_PORT)));
    }
    if !replaced {
        // The record can only be found through the certificate, so it goes first: a run killed in between leaves no orphan.
        remove_records(draft, found, observed, &needs);
        needs.push(Need::Done(records_address(domain)));
    }
    draft.push(&address, Action::DeleteCertificate { arn: found.arn.clone() }, needs);
}

/// Who else has put the certificate on a load balancer of theirs: it cannot be deleted then, however long one waits.
fn other_users(draft: &Draft, found: &ObservedCertificate) -> String {
    found.other_users(&draft.owner).collect::<Vec<_>>().join(", ")
}

/// The domain of a certificate of ours.
pub fn domain_of<'a>(arn: &str, observed: &'a Observed) -> Option<&'a str> {
    let mut ours = observed.certificates.present()?.iter();
    ours.find(|found| found.arn == arn).map(|found| found.properties.domain.as_str())
}

fn serves_by_default(found: &ObservedCertificate, observed: &Observed) -> bool {
    let listeners = observed.load_balancer.present().map_or(&[][..], |balancer| &balancer.listeners);
    let mut defaults = listeners.iter().filter_map(|listener| listener.properties.default_certificate.as_ref()?.as_known());
    defaults.any(|arn| arn == found.arn)
}

/// ACM gives all certificates of an account that cover a domain the same record: deleting it would end the renewal of the others, months later.
fn remove_records(draft: &mut Draft, found: &ObservedCertificate, observed: &Observed, needs: &[Need]) {
    let domain = &found.properties.domain;
    let address = records_address(domain);
    let zone = match observed.answers.zone_records.get(domain) {
        Some(Seen::Present(zone)) => zone,
        Some(Seen::Unknown(why)) => {
            return draft.warn(format!("the validation record of `{domain}` is left in place, since its zone could not be read: {why}"));
        }
        Some(Seen::Absent) | None => return,
    };
    // Several of ours share the record too: it goes once, for the first that names it.
    let first =
        observed.certificates.present().into_iter().flatten().find(|other| other.properties.domain == *domain && !other.records.is_empty());
    let ours: Vec<DnsRecord> = standing_records(zone, found);
    if ours.is_empty() || first.is_none_or(|first| first.arn != found.arn) {
        return;
    }
    match observed.answers.sharing_certificates.get(domain) {
        Some(Seen::Present(others)) if others.is_empty() => {
            // Not while it is hidden whether the certificate itself may go, and not before: it would not be renewed any more.
            let mut needs = needs.to_vec();
            needs.push(Need::Exists(address_of(Kind::Cluster, &draft.owner)));
            draft.delete(&address, "no other certificate of the account needs it");
            draft.push(&address, Action::DeleteRecords { zone_id: zone.zone_id.clone(), records: ours }, needs);
        }
        Some(Seen::Present(others)) => {
            let list: Vec<&str> = others.iter().map(String::as_str).collect();
            draft.keep(&address, &format!("kept: {} renews by it", list.join(", ")));
        }
        Some(Seen::Unknown(why)) => {
            draft.warn(format!("the validation record of `{domain}` is left in place, since other certificates may need it: {why}"));
        }
        Some(Seen::Absent) | None => {
            draft.warn(format!("the validation record of `{domain}` is left in place, since it is not known whether others need it"));
        }
    }
}

fn standing_records(zone: &ZoneRecords, found: &ObservedCertificate) -> Vec<DnsRecord> {
    zone.records.iter().filter(|standing| found.records.iter().any(|record| same(record, standing))).cloned().collect()
}

/// The certificates of zones that are not wanted any more, by domain.
pub fn dropped<'a>(desired: Option<&Desired>, observed: &'a Observed) -> BTreeMap<&'a str, Vec<&'a ObservedCertificate>> {
    let wanted: Vec<&str> = desired.map(Desired::domains).unwrap_or_default();
    let mut dropped: BTreeMap<&str, Vec<&ObservedCertificate>> = BTreeMap::new();
    let found = observed.certificates.present().into_iter().flatten();
    for found in found.filter(|found| !wanted.contains(&found.properties.domain.as_str())) {
        dropped.entry(&found.properties.domain).or_default().push(found);
    }
    dropped
}
