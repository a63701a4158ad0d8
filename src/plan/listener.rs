//! The two listeners and the certificates of the second. Never recreated: every app's rules hang on them.

use crate::model::address::Address;
use crate::model::answers::ListenerRule;
use crate::model::facts::Seen;
use crate::model::observed::{Observed, ObservedListener};
use crate::model::properties::{HTTP_PORT, HTTPS_PORT, Listener};
use crate::model::quotas::FURTHER_CERTIFICATES;
use crate::model::reference::{Output, Ref};
use crate::plan::action::Action;
use crate::plan::certificate;
use crate::plan::desired::{Desired, DesiredIngress, listener_address, listener_certificate_address};
use crate::plan::draft::{Draft, Need};
use crate::plan::fields::Fields;
use crate::plan::load_balancer;
use std::collections::{BTreeMap, BTreeSet};

pub fn plan_listeners(draft: &mut Draft, desired: Option<&Desired>, observed: &Observed) {
    let Some(ingress) = desired.and_then(|desired| desired.ingress.as_ref()) else { return };
    if let Seen::Unknown(why) = &observed.load_balancer {
        for port in [HTTP_PORT, HTTPS_PORT] {
            draft.unknown(&listener_address(&draft.owner, port), why);
        }
        return;
    }
    refuse_dropped_domains(draft, desired, observed);
    plan_listener(draft, &ingress.redirect, observed, Vec::new());
    let needs = needs_of_default(draft, ingress, observed);
    plan_listener(draft, &ingress.https, observed, needs);
    plan_further_certificates(draft, ingress, observed);
}

/// A default certificate has to be issued. The domain that the listener serves by default until now, should another take its place, gets its
/// certificate among the further ones first, so that it is never without.
fn needs_of_default(draft: &Draft, ingress: &DesiredIngress, observed: &Observed) -> Vec<Need> {
    let former = observed_listener(draft, observed, ingress.https.port).and_then(|found| found.properties.default_certificate.as_ref());
    if former == ingress.https.default_certificate.as_ref() {
        return Vec::new();
    }
    let issued = ingress.zones.first().map(|zone| Need::Done(certificate::address(&zone.certificate.domain)));
    let domain = former.and_then(Ref::as_known).and_then(|arn| certificate::domain_of(arn, observed));
    let kept = domain.map(|domain| Need::Exists(listener_certificate_address(&draft.owner, domain)));
    issued.into_iter().chain(kept).collect()
}

/// Apps look a domain up in the artifact: one that is gone from it breaks their next deployment, and its certificate their visitors.
fn refuse_dropped_domains(draft: &mut Draft, desired: Option<&Desired>, observed: &Observed) {
    let unread = observed.answers.listener_rules.values().find_map(Seen::unknown);
    for domain in certificate::dropped(desired, observed).into_keys() {
        if let Some(why) = unread {
            for address in [listener_certificate_address(&draft.owner, domain), certificate::address(domain)] {
                draft.unknown(&address, format!("the rules of the listeners, which may serve hosts under `{domain}`: {why}"));
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
            for address in [listener_certificate_address(&draft.owner, domain), address] {
                draft.unknown(&address, format!("the records under `{domain}` that may lead to the load balancer: {why}"));
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
fn is_under(rule: &ListenerRule, domain: &str) -> bool {
    let parent = |host: &str| host.split_once('.').is_some_and(|(_, parent)| parent == domain);
    rule.host.as_deref().is_some_and(|host| host == domain || parent(host))
}

fn observed_listener<'a>(draft: &Draft, observed: &'a Observed, port: i32) -> Option<&'a ObservedListener> {
    let found = observed.load_balancer.ours(&draft.owner)?;
    found.listeners.iter().find(|listener| listener.properties.port == port)
}

fn plan_listener(draft: &mut Draft, desired: &Listener, observed: &Observed, needs: Vec<Need>) {
    let address = listener_address(&draft.owner, desired.port);
    match observed_listener(draft, observed, desired.port) {
        None => {
            let purpose = if desired.ssl_policy.is_some() { "serves HTTPS" } else { "sends HTTP to HTTPS" };
            let mut fields = Fields::default().with("Protocol", &desired.protocol);
            if let Some(policy) = &desired.ssl_policy {
                fields = fields.with("SslPolicy", policy);
            }
            draft.create(&address, fields.with("DefaultActions", &desired.default_action), purpose);
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
        draft.push(address, Action::ModifyListener { arn: found.arn.clone(), listener: desired.clone() }, needs);
    }
    let missing = fields.compare_tags(&old.tags, tags);
    if !missing.is_empty() {
        draft.push(address, Action::TagElbResource { arn: found.arn.clone(), tags: missing }, []);
    }
    draft.update(address, fields, "differs from what is wanted");
}

/// One domain's certificates beside the default one. Each domain has an address of its own, so that one whose certificate is never issued hinders
/// no other.
#[derive(Default)]
struct Further<'a> {
    is_wanted: bool,
    /// The certificate that the listener lacks.
    missing: Option<Ref>,
    /// Those of ours on the listener that no zone needs.
    surplus: BTreeSet<&'a str>,
}

fn plan_further_certificates(draft: &mut Draft, ingress: &DesiredIngress, observed: &Observed) {
    let found = observed_listener(draft, observed, ingress.https.port);
    let further = further_certificates(ingress, found, observed);
    let attached = found.map_or(0, |found| found.extra_certificates.len());
    let is_crowded = attached + further.values().filter(|one| one.missing.is_some()).count() > FURTHER_CERTIFICATES;
    // Those that only go make room for those that come. A default one goes when it is replaced, which may wait for one that comes.
    let goes = |one: &Further| one.missing.is_none() && !one.surplus.is_empty() && !one.surplus.iter().any(|arn| is_default(found, arn));
    let leaving = further.iter().filter(|(_, one)| is_crowded && goes(one));
    let room: Vec<Need> = leaving.map(|(domain, _)| Need::Done(listener_certificate_address(&draft.owner, domain))).collect();
    for (domain, one) in &further {
        let address = listener_certificate_address(&draft.owner, domain);
        record_further(draft, &address, one);
        let add_first = !is_crowded || one.surplus.iter().any(|arn| is_default(found, arn));
        if !add_first {
            remove_further(draft, &address, one, found);
            if one.missing.is_some() && !one.surplus.is_empty() {
                draft.disrupts(&address);
            }
        }
        if let Some(certificate) = &one.missing {
            let listener = listener_address(&draft.owner, ingress.https.port);
            let listener = found.map_or_else(|| Ref::Of(listener, Output::Arn), |found| Ref::known(&found.arn));
            let action = Action::AddListenerCertificate { listener, certificate: certificate.clone() };
            draft.push(&address, action, room.iter().cloned().chain([Need::Done(certificate::address(domain))]));
        }
        if add_first {
            remove_further(draft, &address, one, found);
        }
    }
}

/// By domain. Certificates that others attached are theirs, and the default one may stand in the list a second time.
fn further_certificates<'a>(
    ingress: &'a DesiredIngress,
    found: Option<&'a ObservedListener>,
    observed: &'a Observed,
) -> BTreeMap<&'a str, Further<'a>> {
    let is_attached = |arn: &str| found.is_some_and(|found| found.extra_certificates.contains(arn));
    let mut further: BTreeMap<&str, Further> = BTreeMap::new();
    let mut needed: BTreeSet<Ref> = ingress.https.default_certificate.iter().cloned().collect();
    for zone in ingress.zones.iter().skip(1) {
        let certificate = certificate::reference(&zone.certificate, observed);
        needed.insert(certificate.clone());
        let missing = Some(certificate).filter(|certificate| !certificate.as_known().is_some_and(is_attached));
        further.insert(&zone.certificate.domain, Further { is_wanted: true, missing, surplus: BTreeSet::new() });
    }
    for ours in observed.certificates.present().into_iter().flatten() {
        if is_attached(&ours.arn) && !needed.contains(&Ref::known(&ours.arn)) {
            further.entry(&ours.properties.domain).or_default().surplus.insert(&ours.arn);
        }
    }
    further
}

fn is_default(found: Option<&ObservedListener>, arn: &str) -> bool {
    found.and_then(|found| found.properties.default_certificate.as_ref()).and_then(Ref::as_known) == Some(arn)
}

fn record_further(draft: &mut Draft, address: &Address, one: &Further) {
    let mut fields = Fields::default();
    if let Some(certificate) = one.missing.as_ref().filter(|_| !one.surplus.is_empty()) {
        fields.note("Certificates", &one.surplus, certificate);
    } else if !one.surplus.is_empty() {
        fields.note("Certificates", &one.surplus, &None::<&str>);
    }
    match (one.is_wanted, &one.missing, one.surplus.is_empty()) {
        (true, Some(_), true) => draft.create(address, fields, "serves a zone beside the default one"),
        (true, ..) => draft.update(address, fields, "another certificate serves the zone"),
        (false, ..) => draft.delete(address, "no zone needs it any more"),
    }
}

fn remove_further(draft: &mut Draft, address: &Address, one: &Further, found: Option<&ObservedListener>) {
    // Where there is no listener, nothing is on it.
    let Some(found) = found else { return };
    for arn in &one.surplus {
        let listener = found.arn.clone();
        // The default certificate cannot be removed: it is replaced first.
        let replaced = is_default(Some(found), arn).then(|| Need::Done(listener_address(&draft.owner, HTTPS_PORT)));
        draft.push(address, Action::RemoveListenerCertificate { listener, certificate: (*arn).to_owned() }, replaced);
    }
}
