//! Answers the questions that only some plans ask.

use crate::aws::Aws;
use crate::aws::call::seen;
use crate::aws::failure::Failure;
use crate::model::answers::{Answers, ListenerRule, ReferringGroup, Tenants, Workload, ZoneRecords};
use crate::model::facts::Seen;
use crate::model::observed::ObservedRule;
use crate::model::properties::{DnsRecord, Rule};
use crate::plan::questions::{Questions, ZoneQuestion};
use futures_util::future::{join_all, try_join_all};
use std::collections::{BTreeMap, BTreeSet};

/// By domain, the ids of its public zones.
type ZonesByName = BTreeMap<String, Result<Vec<String>, Failure>>;

fn zones_of(domain: &str, named: &ZonesByName) -> Result<Vec<String>, Failure> {
    named.get(domain).cloned().unwrap_or_else(|| Ok(Vec::new()))
}

impl Aws {
    pub async fn answer(&self, questions: &Questions) -> Answers {
        let named = &self.zones_by_name(questions).await;
        let zones = join_all(questions.zone_records.iter().map(|(domain, question)| self.answer_zone(domain, question, named)));
        let rules = join_all(questions.listener_rules.iter().map(|arn| self.answer_rules(arn)));
        let sharing = self.answer_sharing(&questions.sharing_domains, &questions.doomed_certificates);
        let group_rules = join_all(questions.rules_of_groups.iter().map(|id| self.answer_group_rules(id)));
        let referring = join_all(questions.referring_groups.iter().map(|id| self.answer_referring(id)));
        let leading = join_all(
            questions.leading.iter().flat_map(|asked| asked.domains.iter().map(|domain| self.answer_leading(domain, &asked.host, named))),
        );
        let refreshes = join_all(questions.refreshing_groups.iter().map(|name| self.answer_refresh(name)));
        let (zones, rules, sharing, group_rules, referring, leading, workload, ec2_services, tenants, refreshes, gone_instances) = tokio::join!(
            zones,
            rules,
            sharing,
            group_rules,
            referring,
            leading,
            self.answer_workload(questions.workload.as_deref()),
            self.answer_ec2_services(questions.ec2_services.as_deref()),
            self.answer_tenants(questions.tenants.as_deref()),
            refreshes,
            self.answer_gone(&questions.silent_instances)
        );
        Answers {
            zone_records: zones.into_iter().collect(),
            tenants,
            gone_instances,
            refreshes: refreshes.into_iter().collect(),
            listener_rules: rules.into_iter().collect(),
            security_group_rules: group_rules.into_iter().collect(),
            referring_groups: referring.into_iter().collect(),
            workload,
            ec2_services,
            leading_records: leading.into_iter().collect(),
            sharing_certificates: sharing,
        }
    }

    /// The public zones of the domains that are asked about by name alone, each domain once.
    async fn zones_by_name(&self, questions: &Questions) -> ZonesByName {
        let unnamed = questions.zone_records.iter().filter(|(_, question)| question.zone_id.is_none()).map(|(domain, _)| domain);
        let domains: BTreeSet<&String> = unnamed.chain(questions.leading.iter().flat_map(|asked| &asked.domains)).collect();
        let each = domains.into_iter().map(|domain| async move { (domain.clone(), self.public_zones_named(domain).await) });
        join_all(each).await.into_iter().collect()
    }

    async fn answer_zone(&self, domain: &str, question: &ZoneQuestion, named: &ZonesByName) -> (String, Seen<ZoneRecords>) {
        (domain.to_owned(), seen(self.zone_records(domain, question, named).await))
    }

    /// Of several public zones of one name, the one that holds the records.
    async fn zone_records(&self, domain: &str, question: &ZoneQuestion, named: &ZonesByName) -> Result<Option<ZoneRecords>, Failure> {
        let zones = match &question.zone_id {
            Some(id) => vec![id.clone()],
            None => zones_of(domain, named)?,
        };
        let mut found = None;
        for zone_id in zones {
            let records = self.records(&zone_id, &question.record_names).await?;
            let holds_them = !records.is_empty();
            found = found.filter(|_| !holds_them).or(Some(ZoneRecords { zone_id, records }));
            if holds_them {
                break;
            }
        }
        Ok(found)
    }

    async fn answer_rules(&self, listener: &str) -> (String, Seen<BTreeSet<ListenerRule>>) {
        (listener.to_owned(), seen(self.listener_rules(listener).await))
    }

    async fn answer_sharing(&self, domains: &BTreeSet<String>, ours: &BTreeSet<String>) -> BTreeMap<String, Seen<BTreeSet<String>>> {
        let sharing = if domains.is_empty() { Ok(Vec::new()) } else { self.sharing(domains, ours).await };
        let of = |domain: &String| {
            let arns =
                sharing.as_ref().map(|found| found.iter().filter(|(other, _)| other == domain).map(|(_, arn)| arn.clone()).collect());
            (domain.clone(), seen(arns.map(Some).map_err(Clone::clone)))
        };
        domains.iter().map(of).collect()
    }

    /// ACM's records are the same in every Region of an account, so every Region that is enabled is searched, each once.
    async fn sharing(&self, domains: &BTreeSet<String>, ours: &BTreeSet<String>) -> Result<Vec<(String, String)>, Failure> {
        let regions = self.regions().await?;
        let each = regions.iter().map(|region| async move { self.certificates_sharing(region, domains, ours).await });
        Ok(try_join_all(each).await?.into_iter().flatten().collect())
    }

    async fn answer_group_rules(&self, id: &str) -> (String, Seen<BTreeMap<Rule, ObservedRule>>) {
        (id.to_owned(), seen(self.rules(id).await.map(Some)))
    }

    async fn answer_referring(&self, id: &str) -> (String, Seen<BTreeSet<ReferringGroup>>) {
        (id.to_owned(), seen(self.groups_referring_to(id).await.map(Some)))
    }

    async fn answer_workload(&self, cluster: Option<&str>) -> Option<Seen<Workload>> {
        Some(seen(self.workload(cluster?).await.map(Some)))
    }

    async fn answer_ec2_services(&self, cluster: Option<&str>) -> Option<Seen<BTreeSet<String>>> {
        Some(seen(self.ec2_services(cluster?).await.map(Some)))
    }

    async fn answer_leading(&self, domain: &str, host: &str, named: &ZonesByName) -> (String, Seen<BTreeSet<DnsRecord>>) {
        (domain.to_owned(), seen(self.leading_records(domain, host, named).await.map(Some)))
    }

    /// Of several public zones of one name nobody but the registrar knows which one counts.
    async fn leading_records(&self, domain: &str, host: &str, named: &ZonesByName) -> Result<BTreeSet<DnsRecord>, Failure> {
        let zones = zones_of(domain, named)?;
        let each = zones.iter().map(|zone_id| self.records_leading_to(zone_id, host));
        Ok(try_join_all(each).await?.into_iter().flatten().collect())
    }

    async fn answer_tenants(&self, cluster: Option<&str>) -> Option<Seen<Tenants>> {
        Some(seen(self.tenants(cluster?).await.map(Some)))
    }

    async fn answer_refresh(&self, group: &str) -> (String, Seen<String>) {
        (group.to_owned(), seen(self.refresh_under_way(group).await))
    }

    async fn answer_gone(&self, ids: &BTreeSet<String>) -> Option<Seen<BTreeSet<String>>> {
        if ids.is_empty() { None } else { Some(seen(self.gone_instances(ids).await.map(Some))) }
    }
}
