//! Drift of everything that has to do with ingress.

use super::{Edit, World};
use aws_ecs_cluster::model::observed::{CertificateStatus, ObservedCertificate};
use aws_ecs_cluster::model::properties::DefaultAction;
use aws_ecs_cluster::model::reference::Ref;
use std::collections::BTreeSet;

pub const EDITS: &[Edit] = &[
    ("the load balancer's security group lost a rule", |world| {
        if let Some(group) = world.alb_security_group() {
            let rule = group.rules.keys().next().cloned();
            group.rules.pop_first();
            rule.and_then(|rule| group.properties.rules.remove(&rule));
        }
    }),
    ("the certificate is dead", |world| {
        if let Some(certificate) = world.certificate() {
            certificate.status = CertificateStatus::Dead("its status is VALIDATION_TIMED_OUT".to_owned());
        }
    }),
    ("the certificate is pending", |world| {
        unserve(world);
        if let Some(certificate) = world.certificate() {
            certificate.status = CertificateStatus::Pending;
        }
    }),
    ("the certificate is pending and has no records yet", |world| {
        unserve(world);
        if let Some(certificate) = world.certificate() {
            certificate.status = CertificateStatus::Pending;
            let records = std::mem::take(&mut certificate.records);
            world.zones.values_mut().for_each(|zone| zone.records.retain(|record| !records.contains(record)));
        }
    }),
    ("there is a second certificate", |world| {
        if let Some(second) = copy_of_certificate(world, CertificateStatus::Issued) {
            world.certificates.push(second);
        }
    }),
    ("there is a second certificate that is pending", |world| {
        if let Some(second) = copy_of_certificate(world, CertificateStatus::Pending) {
            world.certificates.insert(0, second);
        }
    }),
    ("there is a second certificate that has no records yet", |world| {
        if let Some(second) = copy_of_certificate(world, CertificateStatus::Pending) {
            world.certificates.push(ObservedCertificate { records: Vec::new(), ..second });
        }
    }),
    ("the validation record is gone", |world| {
        world.zones.values_mut().for_each(|zone| zone.records.clear());
    }),
    ("the validation record says something else", |world| {
        for record in world.zones.values_mut().flat_map(|zone| &mut zone.records) {
            "elsewhere.example.net.".clone_into(&mut record.value);
        }
    }),
    ("the load balancer lost its protection", |world| {
        if let Some(balancer) = &mut world.load_balancer {
            balancer.properties.attributes.insert("deletion_protection.enabled".to_owned(), "false".to_owned());
        }
    }),
    ("the load balancer is in other subnets", |world| {
        if let Some(balancer) = &mut world.load_balancer {
            balancer.properties.subnets = BTreeSet::from(["subnet-old".to_owned()]);
        }
    }),
    ("the load balancer has another security group", |world| {
        if let Some(balancer) = &mut world.load_balancer {
            balancer.properties.security_groups = BTreeSet::from([Ref::known("sg-old")]);
        }
    }),
    ("the load balancer is still being provisioned", |world| {
        if let Some(balancer) = &mut world.load_balancer {
            "provisioning".clone_into(&mut balancer.state);
        }
    }),
    ("load balancer and its security group are gone", |world| {
        let name = world.alb_security_group().map(|group| group.properties.name.clone());
        world.security_groups.retain(|other, _| Some(other) != name.as_ref());
        world.load_balancer = None;
    }),
    ("listener 80 is gone", |world| remove_listener(world, 80)),
    ("listener 443 is gone", |world| remove_listener(world, 443)),
    ("listener 443 has the old TLS policy", |world| {
        if let Some(listener) = world.listener(443) {
            listener.properties.ssl_policy = Some("ELBSecurityPolicy-2016-08".to_owned());
        }
    }),
    ("listener 80 forwards", |world| {
        if let Some(listener) = world.listener(80) {
            listener.properties.default_action = DefaultAction::Other("forward to somewhere".to_owned());
        }
    }),
    ("listener 443 lost its further certificates", |world| {
        if let Some(listener) = world.listener(443) {
            listener.extra_certificates.clear();
        }
    }),
];

fn remove_listener(world: &mut World, port: i32) {
    if let Some(balancer) = &mut world.load_balancer {
        balancer.listeners.retain(|listener| listener.properties.port != port);
    }
}

/// A pending certificate cannot be on a listener.
fn unserve(world: &mut World) {
    remove_listener(world, 443);
}

fn copy_of_certificate(world: &mut World, status: CertificateStatus) -> Option<ObservedCertificate> {
    let arn = world.fresh("arn:aws:acm:eu-west-1:123456789012:certificate/second");
    let first = world.certificate()?.clone();
    Some(ObservedCertificate { arn, status, in_use_by: BTreeSet::new(), ..first })
}
