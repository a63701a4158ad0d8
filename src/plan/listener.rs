//! The two listeners and the certificates of the second. Never recreated: every app's rules hang on them.

use crate::model::address::Address;
use crate::model::facts::Seen;
use crate::model::observed::{Observed, ObservedListener};
use crate::model::properties::Listener;
use crate::model::reference::{Output, Ref};
use crate::plan::action::Action;
use crate::plan::certificate;
use crate::plan::desired::{Desired, DesiredIngress, listener_address};
use crate::plan::draft::{Draft, Need};
use crate::plan::fields::Fields;
use crate::plan::load_balancer;
use std::collections::{BTreeMap, BTreeSet};

pub fn plan_listeners(draft: &mut Draft, desired: Option<&Desired>, observed: &Observed) {
    let Some(ingress) = desired.and_then(|desired| desired.ingress.as_ref()) else { return };
    if let Seen::Unknown(why) = &observed.load_balancer {
        for port in [80, 443] {
            draft.unknown(&listener_address(&draft.owner, port), why);
        }
        return;
    }
    refuse_dropped_domains(draft, desired, observed);
    plan_listener(draft, &ingress.redirect, observed, None);
    let mut https = ingress.https.clone();
    let default = ingress.zones.first();
    https.default_certificate = default.map(|zone| certificate::reference(&zone.certificate, observed));
    plan_listener(draft, &https, observed, default.map(|zone| certificate::address(&zone.certificate.domain)));
    plan_extra_certificates(draft, ingress, &https, observed);
}

/// Apps look a domain up in the artifact: one that is gone from it breaks their next deployment, and its certificate their visitors.
fn refuse_dropped_domains(draft: &mut Draft, desired: Option<&Desired>, observed: &Observed) {
    let unread = observed.answers.listener_rules.values().find_map(Seen::unknown);
    for domain in certificate::dropped(desired, observed).into_keys() {
        if let Some(why) = unread {
            let address = certificate::listener_certificates(draft);
            for address in [address, certificate::address(domain)] {
                draft.unknown(&address, &format!("the rules of the listeners, which may serve hosts under `{domain}`: {why}"));
            }
            continue;
        }
        let rules = observed.answers.listener_rules.values().filter_map(Seen::present).flatten();
        let served: BTreeSet<String> = rules.filter(|rule| is_under(rule, domain)).map(|rule| format!("`{rule}`")).collect();
        if !served.is_empty() {
            let list: Vec<String> = served.into_iter().collect();
            draft.refuse(
                &certificate::address(domain),
                format!("apps still serve hosts under `{domain}`: {}", list.join(", ")),
                "keep the zone in the inputs, or move those apps to another domain first".to_owned(),
            );
        }
        refuse_led_domain(draft, domain, observed);
    }
}

/// Visitors that a record sends to the load balancer would meet no certificate for the name they asked for.
fn refuse_led_domain(draft: &mut Draft, domain: &str, observed: &Observed) {
    let address = certificate::address(domain);
    match observed.answers.leading_records.get(domain) {
        Some(Seen::Unknown(why)) => {
            for address in [certificate::listener_certificates(draft), address] {
                draft.unknown(&address, &format!("the records under `{domain}` that may lead to the load balancer: {why}"));
            }
        }
        Some(Seen::Present(records)) if !records.is_empty() => {
            let records: Vec<_> = records.iter().collect();
            draft.refuse(
                &address,
                format!("records under `{domain}` still lead to the load balancer: {}", load_balancer::named(&records)),
                "keep the zone in the inputs, or delete those records first".to_owned(),
            );
        }
        _ => {}
    }
}

/// A certificate covers a domain and one level below it.
fn is_under(rule: &str, domain: &str) -> bool {
    let host = rule.split_whitespace().next().unwrap_or_default();
    host == domain || host.split_once('.').is_some_and(|(_, parent)| parent == domain)
}

fn observed_listener<'a>(draft: &Draft, observed: &'a Observed, port: i32) -> Option<&'a ObservedListener> {
    let found = observed.load_balancer.present().filter(|found| draft.owner.owns(&found.properties.tags))?;
    found.listeners.iter().find(|listener| listener.properties.port == port)
}

fn plan_listener(draft: &mut Draft, desired: &Listener, observed: &Observed, certificate: Option<Address>) {
    let address = listener_address(&draft.owner, desired.port);
    let needs: Vec<Need> = certificate.map(Need::Done).into_iter().collect();
    match observed_listener(draft, observed, desired.port) {
        None => {
            let purpose = if desired.ssl_policy.is_some() { "serves HTTPS" } else { "sends HTTP to HTTPS" };
            draft.create(&address, Fields::default(), purpose);
            let load_balancer = load_balancer::reference(draft, observed);
            draft.push(&address, Action::CreateListener { load_balancer, listener: desired.clone() }, needs);
        }
        Some(found) => update(draft, &address, desired, found, needs),
    }
}

fn update(draft: &mut Draft, address: &Address, desired: &Listener, found: &ObservedListener, needs: Vec<Need>) {
    let Listener { port: _, protocol, ssl_policy, default_certificate, default_action, tags } = desired;
    let old = &found.properties;
    let mut fields = Fields::default();
    fields.compare("Protocol", &old.protocol, protocol);
    // AWS has no policy on HTTP listeners, and what it shows there is of no consequence.
    if ssl_policy.is_some() {
        fields.compare("SslPolicy", &old.ssl_policy, ssl_policy);
    }
    if default_certificate.is_some() {
        fields.compare("Certificates", &old.default_certificate, default_certificate);
    }
    fields.compare("DefaultActions", &old.default_action, default_action);
    if !fields.is_empty() {
        // A default certificate that becomes one of the others is added to them first, so that no domain is without its own for a moment.
        let needs = needs.into_iter().chain([Need::Exists(certificate::listener_certificates(draft))]);
        draft.push(address, Action::ModifyListener { arn: found.arn.clone(), listener: desired.clone() }, needs);
    }
    let missing = fields.compare_tags(&old.tags, tags);
    if !missing.is_empty() {
        draft.push(address, Action::TagElbResource { arn: found.arn.clone(), tags: missing }, []);
    }
    draft.update(address, fields, "differs from what is wanted");
}

fn plan_extra_certificates(draft: &mut Draft, ingress: &DesiredIngress, https: &Listener, observed: &Observed) {
    let address = certificate::listener_certificates(draft);
    let listener = listener_address(&draft.owner, https.port);
    let found = observed_listener(draft, observed, https.port);
    let attached: BTreeSet<Ref> = found.map(|found| found.extra_certificates.iter().map(Ref::known).collect()).unwrap_or_default();
    let wanted: BTreeMap<Ref, Address> = ingress
        .zones
        .iter()
        .skip(1)
        .map(|zone| (certificate::reference(&zone.certificate, observed), certificate::address(&zone.certificate.domain)))
        .collect();
    let listener_ref = found.map_or_else(|| Ref::Of(listener.clone(), Output::Arn), |found| Ref::known(&found.arn));
    let mut fields = Fields::default();
    for (certificate, issued) in wanted.iter().filter(|(certificate, _)| !attached.contains(*certificate)) {
        fields.note("Certificates", &None::<&str>, &issued.name);
        let action = Action::AddListenerCertificate { listener: listener_ref.clone(), certificate: certificate.clone() };
        draft.push(&address, action, [Need::Done(issued.clone())]);
    }
    for certificate in stale(&attached, &wanted, https, observed) {
        fields.note("Certificates", &certificate, &None::<&str>);
        let action = Action::RemoveListenerCertificate {
            listener: found.map(|found| found.arn.clone()).unwrap_or_default(),
            certificate: certificate.to_owned(),
        };
        // The default certificate cannot be removed: it is replaced first.
        draft.push(&address, action, [Need::Done(listener.clone())]);
    }
    let reason = "one for each zone beside the default one";
    if found.is_none() && !fields.is_empty() {
        draft.create(&address, fields, reason);
    } else if !wanted.is_empty() || !fields.is_empty() {
        draft.update(&address, fields, reason);
    }
}

/// Our own certificates that no zone needs. Those that others attached are theirs, and the default one may stand in the list a second time.
fn stale<'a>(attached: &'a BTreeSet<Ref>, wanted: &BTreeMap<Ref, Address>, https: &Listener, observed: &Observed) -> Vec<&'a str> {
    let ours: BTreeSet<&str> = observed.certificates.present().into_iter().flatten().map(|found| found.arn.as_str()).collect();
    attached
        .iter()
        .filter(|certificate| !wanted.contains_key(*certificate) && https.default_certificate.as_ref() != Some(*certificate))
        .filter_map(Ref::as_known)
        .filter(|arn| ours.contains(arn))
        .collect()
}
