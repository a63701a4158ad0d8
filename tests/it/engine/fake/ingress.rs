//! What ACM, Route 53 and Elastic Load Balancing do.

use super::apply::{Applied, Done, Refused, require};
use super::iam::add_tags;
use crate::plan::world::{World, load_balancer_arn, validation_record};
use aws_ecs_cluster::aws::progress::Yield;
use aws_ecs_cluster::model::observed::{CertificateStatus, ObservedCertificate, ObservedListener, ObservedLoadBalancer};
use aws_ecs_cluster::model::properties::{Certificate, DnsRecord, Listener, LoadBalancer};
use aws_ecs_cluster::model::reference::{Output, Ref};
use aws_ecs_cluster::model::tags::Tags;
use std::collections::{BTreeMap, BTreeSet};

impl World {
    fn certificate_with(&mut self, arn: &str) -> Result<&mut ObservedCertificate, Refused> {
        self.certificates.iter_mut().find(|certificate| certificate.arn == arn).ok_or(Refused::Gone)
    }

    /// The same token gives the same certificate.
    pub fn request_certificate(&mut self, certificate: &Certificate, token: &str) -> Vec<Yield> {
        let known = self.tokens.get(token).filter(|arn| self.certificates.iter().any(|found| found.arn == **arn));
        if let Some(arn) = known {
            return vec![Yield::Text(Output::Arn, arn.clone())];
        }
        let arn = self.fresh("arn:certificate");
        self.tokens.insert(token.to_owned(), arn.clone());
        self.certificates.push(ObservedCertificate {
            arn: arn.clone(),
            properties: certificate.clone(),
            status: CertificateStatus::Pending,
            records: Vec::new(),
            in_use_by: BTreeSet::new(),
        });
        vec![Yield::Text(Output::Arn, arn)]
    }

    pub fn name_records(&mut self, arn: &str) -> Applied {
        let certificate = self.certificate_with(arn)?;
        certificate.records = vec![validation_record(&certificate.properties.domain)];
        Ok(vec![Yield::Records(certificate.records.clone())])
    }

    pub fn issue(&mut self, arn: &str) -> Done {
        let certificate = self.certificate_with(arn)?.clone();
        let (domain, wanted) = (&certificate.properties.domain, validation_record(&certificate.properties.domain));
        require(!matches!(certificate.status, CertificateStatus::Dead(_)), "the certificate will never be issued")?;
        let proven = self.zones.values().any(|zone| zone.name == *domain && zone.records.contains(&wanted));
        require(proven || certificate.status == CertificateStatus::Issued, "the validation record is not there")?;
        self.certificate_with(arn)?.status = CertificateStatus::Issued;
        Ok(())
    }

    pub fn tag_certificate(&mut self, arn: &str, tags: &Tags) -> Done {
        add_tags(&mut self.certificate_with(arn)?.properties.tags, tags);
        Ok(())
    }

    pub fn delete_certificate(&mut self, arn: &str) -> Done {
        let elsewhere = !self.certificate_with(arn)?.in_use_by.is_empty();
        require(!elsewhere && self.users(arn).is_empty(), "a listener still serves the certificate")?;
        self.certificates.retain(|certificate| certificate.arn != arn);
        Ok(())
    }

    pub fn upsert_records(&mut self, zone: &str, records: Vec<DnsRecord>) -> Done {
        let zone = self.zones.get_mut(zone).ok_or(Refused::Gone)?;
        for record in records {
            zone.records.retain(|other| (&other.name, &other.record_type) != (&record.name, &record.record_type));
            zone.records.push(record);
        }
        Ok(())
    }

    pub fn delete_records(&mut self, zone: &str, records: &[DnsRecord]) -> Done {
        let zone = self.zones.get_mut(zone).ok_or(Refused::Gone)?;
        if !records.iter().all(|record| zone.records.contains(record)) {
            return Err(Refused::Gone);
        }
        zone.records.retain(|record| !records.contains(record));
        Ok(())
    }

    fn balancer_with(&mut self, arn: &str) -> Result<&mut ObservedLoadBalancer, Refused> {
        self.load_balancer.as_mut().filter(|balancer| balancer.arn == arn).ok_or(Refused::Gone)
    }

    fn listener_with(&mut self, arn: &str) -> Result<&mut ObservedListener, Refused> {
        let balancer = self.load_balancer.as_mut().ok_or(Refused::Gone)?;
        balancer.listeners.iter_mut().find(|listener| listener.arn == arn).ok_or(Refused::Gone)
    }

    pub fn create_load_balancer(&mut self, desired: &LoadBalancer, security_groups: BTreeSet<Ref>) -> Applied {
        if self.load_balancer.is_some() {
            return Err(Refused::There);
        }
        self.check_security_groups(&security_groups)?;
        let arn = load_balancer_arn(&desired.name, &self.fresh("id"));
        let defaults = desired.attributes.keys().map(|key| (key.clone(), "false".to_owned())).collect();
        self.load_balancer = Some(ObservedLoadBalancer {
            arn: arn.clone(),
            dns_name: format!("{arn}.elb.amazonaws.com"),
            state: "provisioning".to_owned(),
            properties: LoadBalancer { security_groups, attributes: defaults, ..desired.clone() },
            listeners: Vec::new(),
        });
        Ok(vec![Yield::Text(Output::Arn, arn)])
    }

    fn check_security_groups(&self, groups: &BTreeSet<Ref>) -> Done {
        let there = |id: &Ref| self.security_groups.values().any(|group| Some(group.id.as_str()) == id.as_known());
        require(groups.iter().all(there), "a security group of the load balancer is not there")
    }

    pub fn activate_load_balancer(&mut self, arn: &str) -> Done {
        "active".clone_into(&mut self.balancer_with(arn)?.state);
        Ok(())
    }

    pub fn modify_attributes(&mut self, arn: &str, attributes: &BTreeMap<String, String>) -> Done {
        self.balancer_with(arn)?.properties.attributes.extend(attributes.clone());
        Ok(())
    }

    pub fn set_subnets(&mut self, arn: &str, subnets: &BTreeSet<String>) -> Done {
        self.balancer_with(arn)?.properties.subnets.clone_from(subnets);
        Ok(())
    }

    pub fn set_security_groups(&mut self, arn: &str, groups: BTreeSet<Ref>) -> Done {
        self.check_security_groups(&groups)?;
        self.balancer_with(arn)?.properties.security_groups = groups;
        Ok(())
    }

    pub fn tag_elb(&mut self, arn: &str, tags: &Tags) -> Done {
        let balancer = self.load_balancer.as_mut().ok_or(Refused::Gone)?;
        let listeners = balancer.listeners.iter_mut().map(|listener| (&listener.arn, &mut listener.properties.tags));
        let mut all = listeners.chain([(&balancer.arn, &mut balancer.properties.tags)]);
        let (_, found) = all.find(|(other, _)| *other == arn).ok_or(Refused::Gone)?;
        add_tags(found, tags);
        Ok(())
    }

    pub fn delete_load_balancer(&mut self, arn: &str) -> Done {
        let balancer = self.balancer_with(arn)?;
        let protected = balancer.properties.attributes.get("deletion_protection.enabled").is_some_and(|value| value == "true");
        require(!protected, "the load balancer is protected from deletion")?;
        let listeners: Vec<String> = balancer.listeners.iter().map(|listener| listener.arn.clone()).collect();
        let in_use = listeners.iter().any(|arn| self.listener_rules.get(arn).is_some_and(|rules| !rules.is_empty()));
        require(!in_use, "apps still have rules on the load balancer's listeners")?;
        self.load_balancer = None;
        Ok(())
    }

    fn check_certificate(&mut self, arn: &str) -> Done {
        let issued = self.certificate_with(arn).is_ok_and(|found| found.status == CertificateStatus::Issued);
        require(issued, "a listener takes only certificates that are issued")
    }

    fn check_default_certificate(&mut self, listener: &Listener) -> Done {
        match listener.default_certificate.as_ref().and_then(Ref::as_known).map(str::to_owned) {
            Some(arn) => self.check_certificate(&arn),
            None => require(listener.protocol != "HTTPS", "an HTTPS listener has no certificate"),
        }
    }

    pub fn create_listener(&mut self, balancer: &str, listener: Listener) -> Applied {
        self.check_default_certificate(&listener)?;
        let arn = self.fresh("arn:listener");
        let balancer = self.balancer_with(balancer)?;
        if balancer.listeners.iter().any(|other| other.properties.port == listener.port) {
            return Err(Refused::There);
        }
        balancer.listeners.push(ObservedListener { arn: arn.clone(), properties: listener, extra_certificates: BTreeSet::new() });
        Ok(vec![Yield::Text(Output::Arn, arn)])
    }

    pub fn modify_listener(&mut self, arn: &str, desired: Listener) -> Done {
        self.check_default_certificate(&desired)?;
        let found = self.listener_with(arn)?;
        found.properties = Listener { tags: found.properties.tags.clone(), ..desired };
        Ok(())
    }

    pub fn add_listener_certificate(&mut self, listener: &str, certificate: &str) -> Done {
        self.check_certificate(certificate)?;
        self.listener_with(listener)?.extra_certificates.insert(certificate.to_owned());
        Ok(())
    }

    pub fn remove_listener_certificate(&mut self, listener: &str, certificate: &str) -> Done {
        let found = self.listener_with(listener)?;
        let default = found.properties.default_certificate.as_ref().and_then(Ref::as_known);
        require(default != Some(certificate), "the default certificate cannot be removed")?;
        found.extra_certificates.remove(certificate).then_some(()).ok_or(Refused::Gone)
    }
}
