//! Elastic Load Balancing: listeners, their default certificates, and the lists of certificates beside those.
//!
//! The emulator keeps one list, the default certificate first, and forgets the others when the first is swapped.
//!
//! docs/aws.md, "ELB: listeners".

use std::sync::Mutex;

use super::xml::Element;
use super::{Ask, edit_xml, locked, succeeded, xml_reply};
use crate::support::call::Reply;

#[derive(Default)]
pub struct Listeners {
    /// Held by whoever changes a listener: what was checked still holds when it is done.
    changing: Mutex<()>,
}

impl Listeners {
    pub fn answer(&self, ask: Ask<'_>) -> Reply {
        match ask.operation() {
            "CreateListener" => self.create(ask),
            "ModifyListener" => self.modify(ask),
            "AddListenerCertificates" => self.add_certificates(ask),
            "RemoveListenerCertificates" => self.remove_certificates(ask),
            "DescribeListeners" => edit_xml(ask.forward(), show),
            _ => ask.forward(),
        }
    }

    fn create(&self, ask: Ask<'_>) -> Reply {
        let _changing = locked(&self.changing);
        let balancer = ask.param("LoadBalancerArn");
        let found = listeners(ask, &balancer).into_iter().find(|listener| listener.text_at("Port") == ask.param("Port"));
        if let Some(mut found) = found {
            if !is_as_asked(ask, &found) {
                return ask.refuse("DuplicateListener", "A listener already exists on this port for this load balancer");
            }
            show_one(&mut found);
            return xml_reply("CreateListener", vec![Element::with_children("Listeners", vec![found])]);
        }
        let certificates = certificates_asked(ask);
        if ask.param("Protocol") == "HTTPS" && certificates.len() != 1 {
            return ask.refuse("ValidationError", "A certificate must be specified for HTTPS listeners");
        }
        if let Some(refusal) = unusable(ask, &certificates).or_else(|| unknown_policy(ask)) {
            return refusal;
        }
        edit_xml(ask.forward(), show)
    }

    fn modify(&self, ask: Ask<'_>) -> Reply {
        let _changing = locked(&self.changing);
        let certificates = certificates_asked(ask);
        if let Some(refusal) = unusable(ask, &certificates) {
            return refusal;
        }
        let listener = ask.param("ListenerArn");
        let (_, extra) = certificates_of(ask, &listener);
        let reply = ask.forward();
        if succeeded(&reply) && !certificates.is_empty() && !extra.is_empty() {
            let names: Vec<String> = (1..=extra.len()).map(|place| format!("Certificates.member.{place}.CertificateArn")).collect();
            let list = names.iter().map(String::as_str).zip(extra.iter().map(String::as_str));
            let params: Vec<(&str, &str)> = [("ListenerArn", listener.as_str())].into_iter().chain(list).collect();
            ask.backend().elb(ask.region(), "AddListenerCertificates", &params);
        }
        edit_xml(reply, show)
    }

    fn add_certificates(&self, ask: Ask<'_>) -> Reply {
        let _changing = locked(&self.changing);
        let certificates = certificates_asked(ask);
        if let Some(refusal) = unusable(ask, &certificates) {
            return refusal;
        }
        let (_, extra) = certificates_of(ask, &ask.param("ListenerArn"));
        if certificates.iter().all(|certificate| extra.contains(certificate)) {
            let listed = certificates.iter().map(|arn| {
                let fields = [("CertificateArn", arn.as_str()), ("IsDefault", "false")];
                Element::with_children("member", fields.map(|(name, text)| Element::with_text(name, text)).into())
            });
            return xml_reply("AddListenerCertificates", vec![Element::with_children("Certificates", listed.collect())]);
        }
        ask.forward()
    }

    fn remove_certificates(&self, ask: Ask<'_>) -> Reply {
        let _changing = locked(&self.changing);
        let (default, _) = certificates_of(ask, &ask.param("ListenerArn"));
        if certificates_asked(ask).iter().any(|certificate| Some(certificate) == default.as_ref()) {
            return ask.refuse("OperationNotPermitted", "Default certificate cannot be removed");
        }
        ask.forward()
    }
}

/// The ARNs of the load balancers, each with those of the certificates that its listeners use, in either place.
pub fn uses(ask: Ask<'_>) -> Vec<(String, Vec<String>)> {
    let balancers = ask.backend().elb(ask.region(), "DescribeLoadBalancers", &[]);
    let balancers = balancers.list("DescribeLoadBalancersResult/LoadBalancers").iter();
    let arns = balancers.map(|balancer| balancer.text_at("LoadBalancerArn").to_owned());
    let used = |arn: &String| {
        let listeners = listeners(ask, arn);
        let certificates = listeners.iter().flat_map(|listener| listener.list("Certificates"));
        certificates.map(|one| one.text_at("CertificateArn").to_owned()).collect()
    };
    arns.map(|arn| (arn.clone(), used(&arn))).collect()
}

fn listeners(ask: Ask<'_>, balancer: &str) -> Vec<Element> {
    let found = ask.backend().elb(ask.region(), "DescribeListeners", &[("LoadBalancerArn", balancer)]);
    found.list("DescribeListenersResult/Listeners").to_vec()
}

/// The listener's default certificate, and those beside it.
fn certificates_of(ask: Ask<'_>, listener: &str) -> (Option<String>, Vec<String>) {
    let found = ask.backend().elb(ask.region(), "DescribeListenerCertificates", &[("ListenerArn", listener)]);
    let list = found.list("DescribeListenerCertificatesResult/Certificates").iter();
    let mut arns = list.map(|certificate| certificate.text_at("CertificateArn").to_owned());
    let default = arns.next();
    (default, arns.collect())
}

fn certificates_asked(ask: Ask<'_>) -> Vec<String> {
    ask.params_of("Certificates.member.", ".CertificateArn")
}

fn unusable(ask: Ask<'_>, certificates: &[String]) -> Option<Reply> {
    let bad = certificates.iter().find(|arn| !ask.honest.acm.is_issued(ask, arn))?;
    let (code, message) = if ask.honest.acm.exists(ask, bad) {
        let message =
            format!("The certificate '{bad}' must have a fully-qualified domain name, a supported signature, and a supported key size.");
        ("UnsupportedCertificate", message)
    } else {
        ("CertificateNotFound", format!("Certificate '{bad}' not found"))
    };
    Some(ask.refuse(code, &message))
}

fn unknown_policy(ask: Ask<'_>) -> Option<Reply> {
    let policy = ask.call.param("SslPolicy")?;
    let found = ask.backend().elb(ask.region(), "DescribeSSLPolicies", &[("Names.member.1", &policy)]);
    let known = !found.list("DescribeSSLPoliciesResult/SslPolicies").is_empty();
    (!known).then(|| ask.refuse("SSLPolicyNotFound", &format!("SSL policy '{policy}' not found")))
}

fn is_as_asked(ask: Ask<'_>, found: &Element) -> bool {
    let secure = found.text_at("Protocol") == "HTTPS";
    let default = found.list("Certificates").first().map(|certificate| certificate.text_at("CertificateArn"));
    let asked = certificates_asked(ask);
    let action = found.list("DefaultActions").first().map_or("", |action| action.text_at("Type"));
    found.text_at("Protocol") == ask.param("Protocol")
        && action == ask.param("DefaultActions.member.1.Type")
        && (!secure || (found.text_at("SslPolicy") == ask.param("SslPolicy") && default == asked.first().map(String::as_str)))
}

/// Listeners as AWS shows them, in any reply that has some.
fn show(root: &mut Element) {
    for listener in root.children.iter_mut().filter_map(|result| result.child_mut("Listeners")).flat_map(|list| &mut list.children) {
        show_one(listener);
    }
}

fn show_one(listener: &mut Element) {
    if listener.text_at("Protocol") == "HTTP" {
        listener.remove("SslPolicy");
    }
    if let Some(certificates) = listener.child_mut("Certificates") {
        certificates.children.truncate(1);
    }
    for redirect in listener.child_mut("DefaultActions").into_iter().flat_map(|list| &mut list.children) {
        if let Some(redirect) = redirect.child_mut("RedirectConfig") {
            for (field, placeholder) in [("Host", "#{host}"), ("Path", "/#{path}"), ("Query", "#{query}")] {
                if redirect.child(field).is_none() {
                    redirect.set(field, placeholder);
                }
            }
        }
    }
}
