//! Amazon Route 53: hosted zones and the validation records in them.

use crate::aws::Aws;
use crate::aws::call::{Deleted, Named, unless_missing};
use crate::aws::failure::Failure;
use crate::model::facts::HostedZone;
use crate::model::properties::DnsRecord;
use crate::plan::action::Service;
use aws_sdk_route53::operation::get_hosted_zone::GetHostedZoneOutput;
use aws_sdk_route53::types::{Change, ChangeAction, ChangeBatch, HostedZone as Described, ResourceRecord, ResourceRecordSet, RrType};
use std::collections::BTreeSet;

/// How Route 53 writes `*` in names.
const ESCAPED_STAR: &str = "\\052";

/// A name as people write it: lower case, no final dot, `*` as it is.
pub(super) fn plain_name(name: &str) -> String {
    name.trim_end_matches('.').to_ascii_lowercase().replace(ESCAPED_STAR, "*")
}

fn zone(zone: &Described, name_servers: &[String]) -> HostedZone {
    HostedZone {
        id: zone.id().trim_start_matches("/hostedzone/").to_owned(),
        name: plain_name(zone.name()),
        private: zone.config().is_some_and(|config| config.private_zone()),
        name_servers: name_servers.to_vec(),
    }
}

impl Aws {
    pub(super) async fn hosted_zone(&self, id: &str) -> Result<Option<HostedZone>, Failure> {
        let answer = self.route53.get_hosted_zone().id(id).send().await.named(Service::Route53, "GetHostedZone");
        let found = unless_missing(answer, &["NoSuchHostedZone", "InvalidInput"])?;
        let name_servers =
            |answer: &GetHostedZoneOutput| answer.delegation_set().map(|set| set.name_servers().to_vec()).unwrap_or_default();
        Ok(found.and_then(|answer| answer.hosted_zone().map(|found| zone(found, &name_servers(&answer)))))
    }

    /// The ids of the public zones of exactly this name. The list starts at the name and goes on with others.
    pub(super) async fn public_zones_named(&self, name: &str) -> Result<Vec<String>, Failure> {
        let answer =
            self.route53.list_hosted_zones_by_name().dns_name(name).send().await.named(Service::Route53, "ListHostedZonesByName")?;
        let zones = answer.hosted_zones().iter().map(|found| zone(found, &[]));
        Ok(zones.filter(|zone| zone.name == name && !zone.private).map(|zone| zone.id).collect())
    }

    /// The records that stand under these names.
    pub(super) async fn records(&self, zone_id: &str, names: &BTreeSet<String>) -> Result<Vec<DnsRecord>, Failure> {
        let mut found = Vec::new();
        for name in names {
            let call = self.route53.list_resource_record_sets().hosted_zone_id(zone_id);
            let call = call.start_record_name(name).start_record_type(RrType::Cname).max_items(1);
            let answer = call.send().await.named(Service::Route53, "ListResourceRecordSets")?;
            // The start is a lower bound, not a match.
            found.extend(answer.resource_record_sets().iter().filter(|set| plain_name(set.name()) == *name).flat_map(records_of));
        }
        Ok(found)
    }

    pub(super) async fn change_records(&self, zone_id: &str, action: &ChangeAction, records: &[DnsRecord]) -> Result<(), Failure> {
        let operation = "ChangeResourceRecordSets";
        let batch = batch(action, records).map_err(|error| Failure::local(Service::Route53, operation, error))?;
        let call = self.route53.change_resource_record_sets().hosted_zone_id(zone_id).change_batch(batch);
        let result = call.send().await.named(Service::Route53, operation);
        if *action == ChangeAction::Delete { result.or_gone() } else { result.map(|_| ()) }
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
