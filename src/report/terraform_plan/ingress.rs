//! The way in: load balancer, listeners, certificates and their validation records.

use super::attributes::Attributes;
use super::{Resource, View, identifier, security_group};
use crate::model::address::{Address, Kind};
use crate::model::observed::{ObservedCertificate, ObservedListener};
use crate::model::properties::{Certificate, DefaultAction, DnsRecord, HTTPS_PORT, Listener, LoadBalancer};
use crate::model::reference::Ref;
use crate::plan::desired::{
    DesiredIngress, DesiredZone, address_of, alb_security_group_address, listener_address, listener_certificate_address,
};
use crate::plan::{RECORD_TTL, usable_certificate};
use serde_json::json;

const LOAD_BALANCER: &str = "aws_lb.main.arn";
const HTTPS: &str = "aws_lb_listener.https.arn";

pub fn resources(view: View) -> Vec<Resource> {
    let Some(ingress) = &view.desired.ingress else { return Vec::new() };
    let address = alb_security_group_address(&view.desired.owner);
    let mut all = security_group::resources(view, "alb", &address, &ingress.security_group, &view.observed.alb_security_group);
    for zone in &ingress.zones {
        all.push(certificate_resource(view, zone));
        all.push(record_resource(view, zone));
    }
    all.push(load_balancer_resource(view, &ingress.load_balancer));
    all.push(listener_resource(view, ingress, &ingress.redirect, "http"));
    all.push(listener_resource(view, ingress, &ingress.https, "https"));
    all.extend(ingress.zones.iter().skip(1).map(|zone| extra_certificate(view, zone)));
    all
}

fn certificate_resource(view: View, zone: &DesiredZone) -> Resource {
    let domain = &zone.certificate.domain;
    let found = usable_certificate(&zone.certificate, view.observed);
    let arn = found.map(|found| found.arn.as_str());
    Resource {
        kind: "aws_acm_certificate",
        name: identifier(domain),
        address: Address::new(Kind::Certificate, domain),
        before: found.map(|found| certificate(&found.properties, arn)),
        after: Some(certificate(&zone.certificate, arn)),
    }
}

fn certificate(certificate: &Certificate, arn: Option<&str>) -> Attributes {
    let Certificate { domain, alternative_names, tags } = certificate;
    Attributes::default()
        .set("domain_name", domain.as_str())
        .set("subject_alternative_names", json!(alternative_names))
        .set("validation_method", "DNS")
        .block("options", Attributes::default().set("certificate_transparency_logging_preference", "ENABLED"))
        .tags(tags)
        .computed("arn", arn)
}

fn record_resource(view: View, zone: &DesiredZone) -> Resource {
    let domain = &zone.certificate.domain;
    let wanted = usable_certificate(&zone.certificate, view.observed).and_then(|found| found.records.first());
    let standing = view.observed.answers.zone_records.get(domain).and_then(|seen| seen.present());
    let found = standing.zip(wanted).and_then(|(standing, wanted)| standing.records.iter().find(|record| record.name == wanted.name));
    let from = format!("aws_acm_certificate.{}.domain_validation_options", identifier(domain));
    let shown = |record: Option<&DnsRecord>, ttl: i64| {
        let value: Vec<&str> = record.iter().map(|record| record.value.as_str()).collect();
        Attributes::default()
            .set("zone_id", zone.zone_id.as_str())
            .refer("name", record.map(|record| record.name.as_str()), &from)
            .set("type", "CNAME")
            .set("ttl", ttl)
            .refer_in_list("records", &value, &from)
    };
    Resource {
        kind: "aws_route53_record",
        name: identifier(domain),
        address: Address::new(Kind::RecordSetGroup, domain),
        before: found.map(|record| shown(Some(record), record.ttl)),
        after: Some(shown(wanted, RECORD_TTL)),
    }
}

fn load_balancer_resource(view: View, desired: &LoadBalancer) -> Resource {
    let found = view.observed.load_balancer.present();
    let arn = found.map(|found| found.arn.as_str());
    // Attributes that we do not set stay as others have set them.
    let kept = found.into_iter().flat_map(|found| found.properties.attributes.clone());
    let wanted = LoadBalancer { attributes: kept.chain(desired.attributes.clone()).collect(), ..desired.clone() };
    Resource {
        kind: "aws_lb",
        name: "main".to_owned(),
        address: address_of(Kind::LoadBalancer, &view.desired.owner),
        before: found.map(|found| load_balancer(&found.properties, arn)),
        after: Some(load_balancer(&wanted, arn)),
    }
}

fn load_balancer(balancer: &LoadBalancer, arn: Option<&str>) -> Attributes {
    let LoadBalancer { name, scheme, vpc_id: _, subnets, security_groups, attributes, tags } = balancer;
    let groups: Vec<&str> = security_groups.iter().filter_map(Ref::as_known).collect();
    let on = |key: &str| attributes.get(key).is_some_and(|value| value == "true");
    Attributes::default()
        .set("name", name.as_str())
        .set("internal", scheme == "internal")
        .set("load_balancer_type", "application")
        .set("subnets", json!(subnets))
        .refer_in_list("security_groups", &groups, "aws_security_group.alb.id")
        .set("enable_deletion_protection", on("deletion_protection.enabled"))
        .set("drop_invalid_header_fields", on("routing.http.drop_invalid_header_fields.enabled"))
        .set("desync_mitigation_mode", attributes.get("routing.http.desync_mitigation_mode").map_or("defensive", String::as_str))
        .tags(tags)
        .computed("arn", arn)
}

fn listener_resource(view: View, ingress: &DesiredIngress, desired: &Listener, name: &str) -> Resource {
    let balancer = view.observed.load_balancer.present();
    let found: Option<&ObservedListener> =
        balancer.and_then(|balancer| balancer.listeners.iter().find(|found| found.properties.port == desired.port));
    let domain = ingress.zones.first().map(|zone| zone.certificate.domain.as_str());
    let known = Known { arn: found.map(|found| found.arn.as_str()), load_balancer: balancer.map(|found| found.arn.as_str()), domain };
    Resource {
        kind: "aws_lb_listener",
        name: name.to_owned(),
        address: listener_address(&view.desired.owner, desired.port),
        before: found.map(|found| listener(&found.properties, &known)),
        after: Some(listener(desired, &known)),
    }
}

/// What a listener refers to.
struct Known<'a> {
    arn: Option<&'a str>,
    load_balancer: Option<&'a str>,
    domain: Option<&'a str>,
}

fn listener(listener: &Listener, known: &Known) -> Attributes {
    let mut attributes = Attributes::default()
        .refer("load_balancer_arn", known.load_balancer, LOAD_BALANCER)
        .set("port", listener.port)
        .set("protocol", listener.protocol.as_str())
        .block("default_action", action(&listener.default_action));
    if let Some(policy) = &listener.ssl_policy {
        attributes = attributes.set("ssl_policy", policy.as_str());
    }
    if let (Some(domain), Some(certificate)) = (known.domain, &listener.default_certificate) {
        attributes = attributes.refer("certificate_arn", certificate.as_known(), &certificate_arn(domain));
    }
    attributes.tags(&listener.tags).computed("arn", known.arn)
}

fn certificate_arn(domain: &str) -> String {
    format!("aws_acm_certificate.{}.arn", identifier(domain))
}

fn action(action: &DefaultAction) -> Attributes {
    match action {
        DefaultAction::RedirectToHttps => {
            let redirect = Attributes::default()
                .set("protocol", "HTTPS")
                .set("port", HTTPS_PORT.to_string())
                .set("host", "#{host}")
                .set("path", "/#{path}")
                .set("query", "#{query}")
                .set("status_code", "HTTP_301");
            Attributes::default().set("type", "redirect").block("redirect", redirect)
        }
        DefaultAction::PathNotFound => {
            let response =
                Attributes::default().set("content_type", "text/plain").set("message_body", "Path not found").set("status_code", "404");
            Attributes::default().set("type", "fixed-response").block("fixed_response", response)
        }
        // What others have made of it, which the plan puts right.
        DefaultAction::Other(_) => Attributes::default(),
    }
}

fn extra_certificate(view: View, zone: &DesiredZone) -> Resource {
    let domain = &zone.certificate.domain;
    let wanted = usable_certificate(&zone.certificate, view.observed).map(|found| found.arn.as_str());
    let listeners = view.observed.load_balancer.present().map_or(&[][..], |found| &found.listeners);
    let https = listeners.iter().find(|found| found.properties.port == HTTPS_PORT);
    let found = https.and_then(|https| serving(view, https, domain, wanted));
    let shown = |certificate: Option<&str>| {
        let listener = https.map(|found| found.arn.as_str());
        Attributes::default().refer("listener_arn", listener, HTTPS).refer("certificate_arn", certificate, &certificate_arn(domain))
    };
    Resource {
        kind: "aws_lb_listener_certificate",
        name: identifier(domain),
        address: listener_certificate_address(&view.desired.owner, domain),
        before: found.map(|arn| shown(Some(arn))),
        after: Some(shown(wanted)),
    }
}

/// The certificate beside the default one by which the listener serves the domain: the wanted one, else another of ours.
fn serving<'a>(view: View<'a>, https: &ObservedListener, domain: &str, wanted: Option<&'a str>) -> Option<&'a str> {
    let is_attached = |arn: &&str| https.extra_certificates.contains(*arn);
    let of_domain = |found: &&ObservedCertificate| found.properties.domain == domain;
    let ours = view.observed.certificates.present().into_iter().flatten().filter(of_domain);
    wanted.filter(is_attached).or_else(|| ours.map(|found| found.arn.as_str()).find(is_attached))
}
