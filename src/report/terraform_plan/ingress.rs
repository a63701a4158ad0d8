//! The way in: load balancer, listeners, certificates and their validation records.

use super::attributes::Attributes;
use super::{Resource, View, identifier, security_group};
use crate::model::address::{Address, Kind};
use crate::model::observed::{ObservedCertificate, ObservedListener};
use crate::model::properties::{Certificate, DefaultAction, Listener, LoadBalancer};
use crate::plan::desired::{
    DesiredIngress, DesiredZone, address_of, alb_security_group_address, listener_address, listener_certificate_address,
};
use serde_json::json;

const LOAD_BALANCER: &str = "aws_lb.main.arn";
const HTTPS: &str = "aws_lb_listener.https.arn";

pub fn resources(view: View) -> Vec<Resource> {
    let Some(ingress) = &view.desired.ingress else { return Vec::new() };
    let address = alb_security_group_address(&view.desired.owner);
    let mut all = security_group::resources("alb", &address, &ingress.security_group, &view.observed.alb_security_group);
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

/// The one that serves the domain, or will once it is issued.
fn standing<'a>(view: View<'a>, domain: &str) -> Option<&'a ObservedCertificate> {
    view.observed.certificates.present()?.iter().find(|found| found.properties.domain == domain)
}

fn certificate_resource(view: View, zone: &DesiredZone) -> Resource {
    let domain = &zone.certificate.domain;
    let found = standing(view, domain);
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
    let wanted = standing(view, domain).and_then(|found| found.records.first());
    let records = view.observed.answers.zone_records.get(domain).and_then(|seen| seen.present());
    let stands = wanted.filter(|wanted| records.is_some_and(|found| found.records.iter().any(|record| record.name == wanted.name)));
    let from = format!("aws_acm_certificate.{}.domain_validation_options", identifier(domain));
    let shown = |record: Option<&crate::model::properties::DnsRecord>| {
        Attributes::default()
            .set("zone_id", zone.zone_id.as_str())
            .refer("name", record.map(|record| record.name.as_str()), &from)
            .set("type", "CNAME")
            .set("ttl", crate::plan::RECORD_TTL)
            .refer_in_list("records", record.map(|record| record.value.as_str()), &from)
    };
    Resource {
        kind: "aws_route53_record",
        name: identifier(domain),
        address: Address::new(Kind::RecordSetGroup, domain),
        before: stands.map(|record| shown(Some(record))),
        after: Some(shown(wanted)),
    }
}

fn load_balancer_resource(view: View, desired: &LoadBalancer) -> Resource {
    let found = view.observed.load_balancer.present();
    let arn = found.map(|found| found.arn.as_str());
    let group = view.observed.alb_security_group.present().map(|group| group.id.as_str());
    Resource {
        kind: "aws_lb",
        name: "main".to_owned(),
        address: address_of(Kind::LoadBalancer, &view.desired.owner),
        before: found.map(|found| load_balancer(&found.properties, arn, group)),
        after: Some(load_balancer(desired, arn, group)),
    }
}

fn load_balancer(balancer: &LoadBalancer, arn: Option<&str>, group: Option<&str>) -> Attributes {
    let LoadBalancer { name, scheme, vpc_id: _, subnets, security_groups: _, attributes, tags } = balancer;
    let on = |key: &str| attributes.get(key).is_some_and(|value| value == "true");
    Attributes::default()
        .set("name", name.as_str())
        .set("internal", scheme == "internal")
        .set("load_balancer_type", "application")
        .set("subnets", json!(subnets))
        .refer_in_list("security_groups", group, "aws_security_group.alb.id")
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
    let known = Known {
        arn: found.map(|found| found.arn.as_str()),
        load_balancer: balancer.map(|found| found.arn.as_str()),
        certificate: domain.and_then(|domain| standing(view, domain)).map(|found| found.arn.as_str()),
        domain,
    };
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
    certificate: Option<&'a str>,
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
    if let (Some(domain), Some(_)) = (known.domain, &listener.default_certificate) {
        attributes = attributes.refer("certificate_arn", known.certificate, &certificate_arn(domain));
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
                .set("port", "443")
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
        DefaultAction::Other(_) => Attributes::default().set("type", "forward"),
    }
}

fn extra_certificate(view: View, zone: &DesiredZone) -> Resource {
    let domain = &zone.certificate.domain;
    let certificate = standing(view, domain).map(|found| found.arn.as_str());
    let listeners = view.observed.load_balancer.present().map_or(&[][..], |found| &found.listeners);
    let https = listeners.iter().find(|found| found.properties.port == 443);
    let served = certificate.is_some_and(|arn| https.is_some_and(|found| found.extra_certificates.contains(arn)));
    let shown = || {
        Attributes::default().refer("listener_arn", https.map(|found| found.arn.as_str()), HTTPS).refer(
            "certificate_arn",
            certificate,
            &certificate_arn(domain),
        )
    };
    Resource {
        kind: "aws_lb_listener_certificate",
        name: identifier(domain),
        address: listener_certificate_address(&view.desired.owner, domain),
        before: served.then(shown),
        after: Some(shown()),
    }
}
