//! What a look at the made-up account shows, found as the real look finds it: by name, by tag, by parent.

use super::super::samples::Names;
use super::{Part, World};
use aws_ecs_cluster::aws::Scope;
use aws_ecs_cluster::model::answers::{Answers, ZoneRecords};
use aws_ecs_cluster::model::facts::{Seen, Unread};
use aws_ecs_cluster::model::names;
use aws_ecs_cluster::model::observed::{Observed, ObservedCertificate, ObservedRule, ObservedSecurityGroup};
use aws_ecs_cluster::model::properties::{DnsRecord, Rule};
use aws_ecs_cluster::model::tags::{OWNER, Tags};
use aws_ecs_cluster::plan::Goal;
use aws_ecs_cluster::plan::desired::Desired;
use aws_ecs_cluster::plan::questions::{LeadingQuestion, Questions, ZoneQuestion};
use aws_ecs_cluster::plan::{Plan, plan};
use std::collections::{BTreeMap, BTreeSet};

impl World {
    fn show<T>(&self, part: Part, found: Option<T>) -> Seen<T> {
        if self.hidden.contains(&part) {
            return Seen::Unknown(Unread { words: "AccessDenied: not allowed".to_owned(), passes: false });
        }
        found.map_or(Seen::Absent, Seen::Present)
    }

    pub fn look(&self, scope: &Scope) -> Observed {
        let names = Names::of(&scope.owner.name_prefix);
        let owner = &scope.owner;
        let certificates = self.certificates.iter().filter(|found| owner.owns(&found.properties.tags));
        Observed {
            role: self.show(Part::Role, self.role.clone()),
            instance_profile: self.show(Part::InstanceProfile, self.instance_profile.clone()),
            node_security_group: self.show(Part::NodeSecurityGroup, self.security_group(&names.node_security_group)),
            alb_security_group: self.show(Part::AlbSecurityGroup, self.security_group(&names.alb_security_group)),
            cluster: self.show(Part::Cluster, self.cluster.clone()),
            launch_templates: self.show(Part::LaunchTemplates, Some(select(&self.launch_templates, &self.template_names(scope)))),
            auto_scaling_groups: self.show(Part::AutoScalingGroups, Some(select(&self.auto_scaling_groups, &self.group_names(scope)))),
            capacity_providers: self.show(Part::CapacityProviders, Some(select(&self.capacity_providers, &self.provider_names(scope)))),
            certificates: self.show(Part::Certificates, Some(certificates.map(|found| self.in_use(found)).collect())),
            load_balancer: self.show(Part::LoadBalancer, self.load_balancer.clone()),
            container_instances: self.show(Part::ContainerInstances, Some(self.container_instances.clone())),
            answers: Answers::default(),
        }
    }

    fn security_group(&self, name: &str) -> Option<ObservedSecurityGroup> {
        let found = self.security_groups.get(name);
        found.map(|found| ObservedSecurityGroup { id: found.id.clone(), properties: found.properties.clone() })
    }

    fn security_group_rules(&self, id: &str) -> Option<BTreeMap<Rule, ObservedRule>> {
        self.security_groups.values().find(|group| group.id == id).map(|group| group.rules.clone())
    }

    /// Looks, answers what the plan has to know, and plans.
    pub fn plan(&self, scope: &Scope, desired: Option<&Desired>) -> Plan {
        let mut observed = self.look(scope);
        observed.answers = self.answer(&Questions::new(&scope.owner, desired, &observed));
        plan(&scope.owner, desired, &observed)
    }

    fn in_use(&self, certificate: &ObservedCertificate) -> ObservedCertificate {
        let mut shown = certificate.clone();
        shown.in_use_by.extend(self.users(&certificate.arn));
        shown
    }

    /// The load balancers that serve a certificate.
    pub fn users(&self, certificate: &str) -> BTreeSet<String> {
        let balancers = self.load_balancer.iter().filter(|balancer| {
            balancer.listeners.iter().any(|listener| {
                let default = listener.properties.default_certificate.as_ref().and_then(|default| default.as_known());
                default == Some(certificate) || listener.extra_certificates.contains(certificate)
            })
        });
        balancers.map(|balancer| balancer.arn.clone()).collect()
    }

    fn group_names(&self, scope: &Scope) -> BTreeSet<String> {
        let shown = self
            .auto_scaling_groups
            .iter()
            .filter(|(name, group)| scope.owner.owns(&group.properties.tags) || scope.auto_scaling_groups.contains(*name));
        shown.map(|(name, _)| name.clone()).collect()
    }

    fn template_names(&self, scope: &Scope) -> BTreeSet<String> {
        let prefix = scope.owner.name_prefix.as_str();
        let marks: &[(&str, &str)] = match scope.goal {
            Goal::Provision => &[(OWNER, prefix)],
            Goal::Decommission => &[(OWNER, prefix), ("md-package", prefix), ("md-instance", scope.owner.instance())],
        };
        let tagged = |tags: &Tags| marks.iter().any(|(key, value)| tags.value(key) == Some(value));
        let named: BTreeSet<String> = scope.auto_scaling_groups.iter().map(|name| names::launch_template(name)).collect();
        let groups = self.auto_scaling_groups.values().filter(|group| scope.owner.owns(&group.properties.tags));
        let used: BTreeSet<&String> = groups.filter_map(|group| group.launch_template_id.as_ref()).collect();
        let shown = self
            .launch_templates
            .values()
            .filter(|template| tagged(&template.tags) || named.contains(&template.name) || used.contains(&template.id));
        shown.map(|template| template.name.clone()).collect()
    }

    fn provider_names(&self, scope: &Scope) -> BTreeSet<String> {
        let listed = self.cluster.iter().flat_map(|cluster| &cluster.capacity_providers).cloned();
        let parents = self.group_names(scope).into_iter().chain(scope.auto_scaling_groups.clone()).chain(self.template_names(scope));
        let ours = self.capacity_providers.iter().filter(|(_, provider)| scope.owner.owns(&provider.properties.tags));
        let tagged = ours.map(|(name, _)| name.clone()).filter(|_| scope.goal == Goal::Decommission);
        let prefix = &scope.owner.name_prefix;
        let named = parents.flat_map(|name| [names::capacity_provider(&name), names::older_capacity_provider(prefix, &name).to_owned()]);
        listed.chain(named).chain(tagged).collect()
    }

    pub fn answer(&self, questions: &Questions) -> Answers {
        let zones = questions.zone_records.iter();
        let rules = questions.listener_rules.iter();
        let sharing = questions.sharing_domains.iter();
        let referring = questions.referring_groups.iter();
        Answers {
            zone_records: zones
                .map(|(domain, question)| (domain.clone(), self.show(Part::ZoneRecords, self.zone_records(domain, question))))
                .collect(),
            workload: questions.workload.as_ref().map(|_| self.show(Part::Workload, Some(self.workload.clone()))),
            ec2_services: questions.ec2_services.as_ref().map(|_| self.show(Part::Ec2Services, Some(self.ec2_services.clone()))),
            leading_records: questions.leading.iter().flat_map(|question| self.leading(question)).collect(),
            tenants: questions.tenants.as_ref().map(|_| self.show(Part::Tenants, Some(self.tenants.clone()))),
            gone_instances: self.gone_instances(&questions.silent_instances),
            refreshes: questions
                .refreshing_groups
                .iter()
                .map(|name| (name.clone(), self.show(Part::Refreshes, self.refreshes.get(name).cloned())))
                .collect(),
            security_group_rules: questions
                .rules_of_groups
                .iter()
                .map(|id| (id.clone(), self.show(Part::SecurityGroupRules, self.security_group_rules(id))))
                .collect(),
            referring_groups: referring
                .map(|id| {
                    let groups = self.referring_groups.get(id).cloned().unwrap_or_default();
                    (id.clone(), self.show(Part::ReferringGroups, Some(groups)))
                })
                .collect(),
            listener_rules: rules
                .map(|arn| (arn.clone(), self.show(Part::ListenerRules, Some(self.listener_rules.get(arn).cloned().unwrap_or_default()))))
                .collect(),
            sharing_certificates: sharing
                .map(|domain| {
                    let others = self.sharing(domain, &questions.doomed_certificates);
                    (domain.clone(), self.show(Part::SharingCertificates, Some(others)))
                })
                .collect(),
        }
    }

    fn gone_instances(&self, silent: &BTreeSet<String>) -> Option<Seen<BTreeSet<String>>> {
        let gone = silent.difference(&self.stray_instances).cloned().collect();
        (!silent.is_empty()).then(|| self.show(Part::GoneInstances, Some(gone)))
    }

    fn leading(&self, question: &LeadingQuestion) -> BTreeMap<String, Seen<BTreeSet<DnsRecord>>> {
        let records = |domain: &String| {
            let zones = self.zones.values().filter(|zone| zone.name == *domain);
            let leading = zones.flat_map(|zone| &zone.records).filter(|record| record.leads_to(&question.host));
            leading.cloned().collect()
        };
        question.domains.iter().map(|domain| (domain.clone(), self.show(Part::LeadingRecords, Some(records(domain))))).collect()
    }

    fn zone_records(&self, domain: &str, question: &ZoneQuestion) -> Option<ZoneRecords> {
        let (id, zone) = match &question.zone_id {
            Some(id) => (id, self.zones.get(id)?),
            None => self.zones.iter().find(|(_, zone)| zone.name == domain)?,
        };
        let records = zone.records.iter().filter(|record| question.record_names.contains(&record.name)).cloned().collect();
        Some(ZoneRecords { zone_id: id.clone(), records })
    }

    fn sharing(&self, domain: &str, ours: &BTreeSet<String>) -> BTreeSet<String> {
        let shares = |found: &&ObservedCertificate| {
            !ours.contains(&found.arn) && found.properties.names().iter().any(|name| name.trim_start_matches("*.") == domain)
        };
        self.certificates.iter().filter(shares).map(|found| found.arn.clone()).collect()
    }
}

fn select<T: Clone>(all: &BTreeMap<String, T>, names: &BTreeSet<String>) -> BTreeMap<String, T> {
    all.iter().filter(|(name, _)| names.contains(*name)).map(|(name, found)| (name.clone(), found.clone())).collect()
}
