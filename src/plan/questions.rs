//! What else must be known before planning: decided from the first look, so that only plans that need an answer pay for the question.

use crate::model::facts::Seen;
use crate::model::observed::Observed;
use crate::model::tags::Owner;
use crate::plan::desired::Desired;
use crate::plan::{as_known, auto_scaling_group, capacity_provider, certificate, container_instance, security_group};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Questions {
    /// By domain: which records stand in its zone?
    pub zone_records: BTreeMap<String, ZoneQuestion>,
    /// What runs on this cluster?
    pub tenants: Option<String>,
    /// Which of these EC2 instances, registered with the cluster and silent, are gone?
    pub silent_instances: BTreeSet<String>,
    /// Which instance refreshes of these Auto Scaling groups are under way?
    pub refreshing_groups: BTreeSet<String>,
    /// Which rules have apps added to these listeners?
    pub listener_rules: BTreeSet<String>,
    /// What runs where on this cluster, of which a node group has to go?
    pub workload: Option<String>,
    /// Which services of this cluster have launch type EC2?
    pub ec2_services: Option<String>,
    /// Which records in the public zones of these domains lead to the load balancer?
    pub leading: Option<LeadingQuestion>,
    /// Which ids and tags have the rules of these security groups, which are not as they should be or name another that goes too?
    pub rules_of_groups: BTreeSet<String>,
    /// Which other security groups refer to these, which may go?
    pub referring_groups: BTreeSet<String>,
    /// Of these domains: which certificates, in any Region, need the same validation record?
    pub sharing_domains: BTreeSet<String>,
    /// Our own certificates of those domains, which do not count.
    pub doomed_certificates: BTreeSet<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeadingQuestion {
    /// The load balancer's DNS name.
    pub host: String,
    pub domains: BTreeSet<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ZoneQuestion {
    /// `None` when the inputs no longer name the zone: it is found by its domain.
    pub zone_id: Option<String>,
    pub record_names: BTreeSet<String>,
}

impl Questions {
    #[must_use]
    pub fn new(owner: &Owner, desired: Option<&Desired>, observed: &Observed) -> Self {
        let mut questions = Self::default();
        let known = desired.map(|desired| as_known(desired, observed));
        let desired = known.as_ref();
        questions.ask_of_zones(desired, observed);
        let cluster = observed.cluster.ours(owner);
        if desired.is_none() {
            questions.tenants = cluster.map(|cluster| cluster.properties.name.clone());
        }
        if let Some(desired) = desired {
            let name = cluster.map(|cluster| cluster.properties.name.clone());
            // The provider of a group that goes may have gone already, with a run that ended there.
            let loses = capacity_provider::loses_any(owner, desired, observed)
                || capacity_provider::replaces_any(desired, observed)
                || auto_scaling_group::loses_any(owner, desired, observed);
            questions.workload = name.clone().filter(|_| loses);
            let has_services = cluster.is_some_and(|cluster| cluster.active_services > 0);
            questions.ec2_services = name.filter(|_| has_services && !desired.groups().is_empty());
        }
        let dropped = certificate::dropped(desired, observed);
        let ingress = desired.is_some_and(|desired| desired.ingress.is_some());
        if !ingress || !dropped.is_empty() {
            let load_balancer = observed.load_balancer.ours(owner);
            questions.listener_rules =
                load_balancer.into_iter().flat_map(|found| &found.listeners).map(|listener| listener.arn.clone()).collect();
            // Without ingress every domain is dropped.
            let domains: BTreeSet<String> = dropped.keys().map(ToString::to_string).collect();
            let leading = load_balancer.map(|found| LeadingQuestion { host: found.dns_name.clone(), domains });
            questions.leading = leading.filter(|leading| !leading.domains.is_empty());
        }
        if desired.is_some() && cluster.is_some() {
            questions.silent_instances = container_instance::silent(observed);
        }
        questions.refreshing_groups = auto_scaling_group::refreshing(owner, desired, observed);
        questions.rules_of_groups = security_group::asked_for_rules(owner, desired, observed);
        questions.referring_groups = security_group::going(owner, desired, observed);
        let doomed = dropped.values().flatten();
        questions.doomed_certificates = doomed.clone().map(|found| found.arn.clone()).collect();
        questions.sharing_domains = doomed.filter(|found| !found.records.is_empty()).map(|found| found.properties.domain.clone()).collect();
        questions
    }

    fn ask_of_zones(&mut self, desired: Option<&Desired>, observed: &Observed) {
        let zones: BTreeMap<&str, &str> = desired
            .and_then(|desired| desired.ingress.as_ref())
            .into_iter()
            .flat_map(|ingress| &ingress.zones)
            .map(|zone| (zone.certificate.domain.as_str(), zone.zone_id.as_str()))
            .collect();
        let Seen::Present(certificates) = &observed.certificates else { return };
        for found in certificates.iter().filter(|found| !found.records.is_empty()) {
            let domain = &found.properties.domain;
            let question = self.zone_records.entry(domain.clone()).or_insert_with(|| ZoneQuestion {
                zone_id: zones.get(domain.as_str()).map(ToString::to_string),
                record_names: BTreeSet::new(),
            });
            question.record_names.extend(found.records.iter().map(|record| record.name.clone()));
        }
    }
}
