//! Amazon Route 53: hosted zones and the validation records in them.

use crate::aws::Aws;
use crate::aws::call::{Deleted, Named, seen, unless_missing};
use crate::aws::failure::Failure;
use crate::model::facts::{HostedZone, Seen};
use crate::model::properties::DnsRecord;
use crate::model::texts::plain_name;
use crate::plan::action::Service;
use aws_sdk_route53::operation::get_hosted_zone::GetHostedZoneOutput;
use aws_sdk_route53::types::{Change, ChangeAction, ChangeBatch, HostedZone as Described, ResourceRecord, ResourceRecordSet, RrType};
use futures_util::future::join_all;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::PoisonError;

fn zone(zone: &Described) -> HostedZone {
    HostedZone {
        id: zone.id().trim_start_matches("/hostedzone/").to_owned(),
        name: plain_name(zone.name()),
        private: zone.config().is_some_and(|config| config.private_zone()),
    }
}

/// Zones that were asked for by their ids.
pub(super) struct Zones {
    pub by_id: BTreeMap<String, Seen<HostedZone>>,
    /// Whether the list of all zones could be read; absent where nobody needed it.
    pub listed: Seen<()>,
}

impl Aws {
    /// Of the five calls a second that Route 53 takes, a list costs one for a hundred
    /// zones; what its first page does not show is asked for by itself.
    pub(super) async fn hosted_zones(&self, ids: &[String]) -> Zones {
        let list = if ids.len() > 1 { self.first_zones().await.map(Some) } else { Ok(None) };
        // Where the list may not be read, the zones by themselves may.
        let listed = list.iter().flatten().flatten();
        let each = ids.iter().map(|id| {
            let listed = listed.clone().find(|zone| zone.id == *id).cloned();
            async move { (id.clone(), seen(if listed.is_some() { Ok(listed) } else { self.hosted_zone(id).await })) }
        });
        Zones { by_id: join_all(each).await.into_iter().collect(), listed: seen(list.map(|list| list.map(drop))) }
    }

    async fn first_zones(&self) -> Result<Vec<HostedZone>, Failure> {
        let answer = self.route53.list_hosted_zones().send().await.named(Service::Route53, "ListHostedZones")?;
        Ok(answer.hosted_zones().iter().map(zone).collect())
    }

    async fn hosted_zone(&self, id: &str) -> Result<Option<HostedZone>, Failure> {
        Ok(self.describe_zone(id).await?.and_then(|answer| answer.hosted_zone().map(zone)))
    }

    async fn describe_zone(&self, id: &str) -> Result<Option<GetHostedZoneOutput>, Failure> {
        let answer = self.route53.get_hosted_zone().id(id).send().await.named(Service::Route53, "GetHostedZone");
        unless_missing(answer, &["NoSuchHostedZone", "InvalidInput"])
    }

    /// The servers that Route 53 serves the zone from, which the domain's registrar has to name; read once a run. None when they cannot be read:
    /// they only help to explain a wait.
    pub(super) async fn name_servers(&self, zone_id: &str) -> Vec<String> {
        let known = || self.name_servers.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(servers) = known().get(zone_id).cloned() {
            return servers;
        }
        let Ok(answer) = self.describe_zone(zone_id).await else { return Vec::new() };
        let set = answer.as_ref().and_then(|answer| answer.delegation_set());
        let servers = set.map(|set| set.name_servers().to_vec()).unwrap_or_default();
        known().insert(zone_id.to_owned(), servers.clone());
        servers
    }

    /// The ids of the public zones of exactly this name. The list starts at the name and goes on with others.
    pub(super) async fn public_zones_named(&self, name: &str) -> Result<Vec<String>, Failure> {
        let answer =
            self.route53.list_hosted_zones_by_name().dns_name(name).send().await.named(Service::Route53, "ListHostedZonesByName")?;
        let zones = answer.hosted_zones().iter().map(zone);
        Ok(zones.filter(|zone| zone.name == name && !zone.private).map(|zone| zone.id).collect())
    }

    /// The records that stand under these names.
    pub(super) async fn records(&self, zone_id: &str, names: &BTreeSet<String>) -> Result<Vec<DnsRecord>, Failure> {
        let mut found = Vec::new();
        for name in names {
            let call = self.route53.list_resource_record_sets().hosted_zone_id(zone_id);
            let call = call.start_record_name(name).start_record_type(RrType::Cname).max_items(1);
            let answer = call.send().await.named(Service::Route53, "ListResourceRecordSets")?;
            // The start is a lower bound, not a match (docs/aws.md, "Route 53: zones and records").
            found.extend(answer.resource_record_sets().iter().filter(|set| plain_name(set.name()) == *name).flat_map(records_of));
        }
        Ok(found)
    }

    /// The records of a zone that lead to a host. The SDK has no paginator for them.
    pub(super) async fn records_leading_to(&self, zone_id: &str, host: &str) -> Result<Vec<DnsRecord>, Failure> {
        let mut found = Vec::new();
        let mut call = self.route53.list_resource_record_sets().hosted_zone_id(zone_id);
        loop {
            let answer = call.send().await.named(Service::Route53, "ListResourceRecordSets")?;
            let records = answer.resource_record_sets().iter().flat_map(|set| records_of(set).into_iter().chain(alias_of(set)));
            found.extend(records.filter(|record| record.leads_to(host)));
            if !answer.is_truncated() {
                return Ok(found);
            }
            call = self.route53.list_resource_record_sets().hosted_zone_id(zone_id);
            call = call.set_start_record_name(answer.next_record_name).set_start_record_type(answer.next_record_type);
            call = call.set_start_record_identifier(answer.next_record_identifier);
        }
    }

    pub(super) async fn change_records(&self, zone_id: &str, action: &ChangeAction, records: &[DnsRecord]) -> Result<(), Failure> {
        let operation = "ChangeResourceRecordSets";
        let batch = batch(action, records).map_err(|error| Failure::local(Service::Route53, operation, error))?;
        let call = self.route53.change_resource_record_sets().hosted_zone_id(zone_id).change_batch(batch);
        let result = call.send().await.named(Service::Route53, operation);
        if *action == ChangeAction::Delete && records.len() == 1 { result.or_gone() } else { result.map(drop) }
    }
}

fn records_of(set: &ResourceRecordSet) -> Vec<DnsRecord> {
    let record = |value: &ResourceRecord| DnsRecord {
        name: plain_name(set.name()),
        record_type: set.r#type().as_str().to_owned(),
        value: value.value().to_owned(),
        ttl: set.ttl().unwrap_or_default(),
    };
    set.resource_records().iter().map(record).collect()
}

/// An alias as a record whose value is the host that it stands for.
fn alias_of(set: &ResourceRecordSet) -> Option<DnsRecord> {
    let target = set.alias_target()?;
    Some(DnsRecord {
        name: plain_name(set.name()),
        record_type: set.r#type().as_str().to_owned(),
        value: target.dns_name().to_owned(),
        ttl: set.ttl().unwrap_or_default(),
    })
}

fn batch(action: &ChangeAction, records: &[DnsRecord]) -> Result<ChangeBatch, String> {
    let changes: Result<Vec<Change>, _> = records
        .iter()
        .map(|record| {
            let value = ResourceRecord::builder().value(&record.value).build()?;
            let kind = RrType::from(record.record_type.as_str());
            let set = ResourceRecordSet::builder().name(&record.name).r#type(kind).ttl(record.ttl).resource_records(value).build()?;
            Change::builder().action(action.clone()).resource_record_set(set).build()
        })
        .collect();
    changes.and_then(|changes| ChangeBatch::builder().set_changes(Some(changes)).build()).map_err(|error| error.to_string())
}
