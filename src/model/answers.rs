//! What the answers to the planner's questions are made of.

use crate::model::facts::{Seen, Unread};
use crate::model::observed::ObservedRule;
use crate::model::properties::{DnsRecord, Rule};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ZoneRecords {
    pub zone_id: String,
    /// The records that stand in the zone under the names asked for.
    pub records: Vec<DnsRecord>,
}

/// A service, as far as it decides where its tasks run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObservedService {
    pub name: String,
    /// The capacity providers that its strategy names; none for a service that has a launch type.
    pub capacity_providers: BTreeSet<String>,
    /// Whether it has one task on every node, which goes with the node.
    pub is_daemon: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObservedTask {
    pub arn: String,
    /// `service:` and the service's name; anything else for a task that no service started.
    pub group: String,
    /// The ARN of the node that it runs on; `None` on Fargate.
    pub container_instance: Option<String>,
}

impl ObservedTask {
    /// The service that started it.
    #[must_use]
    pub fn service(&self) -> Option<&str> {
        self.group.strip_prefix("service:")
    }
}

/// What runs where on a cluster.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Workload {
    pub services: Vec<ObservedService>,
    pub tasks: Vec<ObservedTask>,
}

/// What an app's rule on a listener serves: one host, or every one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ListenerRule {
    /// In lower case; `None` where the rule names none.
    pub host: Option<String>,
    pub paths: BTreeSet<String>,
}

impl fmt::Display for ListenerRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.host.as_deref().unwrap_or("(any host)"))?;
        self.paths.iter().try_for_each(|path| write!(f, " {path}"))
    }
}

/// Another security group, one of whose rules refers to ours.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ReferringGroup {
    pub name: String,
    pub id: String,
}

impl fmt::Display for ReferringGroup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.name, self.id)
    }
}

/// What runs on a cluster.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tenants {
    pub services: BTreeSet<String>,
    /// ARNs of tasks that no service started.
    pub tasks: BTreeSet<String>,
}

/// The answers to [`crate::plan::questions::Questions`]: what only some plans need to know.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answers {
    /// By the domain of the certificate. `Absent` when no public zone of that name is left.
    pub zone_records: BTreeMap<String, Seen<ZoneRecords>>,
    pub tenants: Option<Seen<Tenants>>,
    /// Those of the EC2 instances asked about that EC2 has terminated or forgotten.
    pub gone_instances: Option<Seen<BTreeSet<String>>>,
    /// By Auto Scaling group: the id of the instance refresh that is under way.
    pub refreshes: BTreeMap<String, Seen<String>>,
    /// By listener ARN: the rules that apps have added to it.
    pub listener_rules: BTreeMap<String, Seen<BTreeSet<ListenerRule>>>,
    /// By the id of a group of ours that differs from what is wanted, or goes: its rules as resources of their own.
    pub security_group_rules: BTreeMap<String, Seen<BTreeMap<Rule, ObservedRule>>>,
    /// By the id of a group of ours: the other groups whose rules refer to it.
    pub referring_groups: BTreeMap<String, Seen<BTreeSet<ReferringGroup>>>,
    pub workload: Option<Seen<Workload>>,
    /// Services with launch type EC2, daemons left out.
    pub ec2_services: Option<Seen<BTreeSet<String>>>,
    /// By domain: the records that lead to the load balancer, in every public zone of that name.
    pub leading_records: BTreeMap<String, Seen<BTreeSet<DnsRecord>>>,
    /// By domain: ARNs of certificates, not ours and in any Region that is enabled, that need the same validation record.
    pub sharing_certificates: BTreeMap<String, Seen<BTreeSet<String>>>,
}

impl Answers {
    /// Why each of them is not known.
    pub fn unread(&self) -> impl Iterator<Item = &Unread> {
        let Self {
            zone_records,
            tenants,
            gone_instances,
            refreshes,
            listener_rules,
            security_group_rules,
            referring_groups,
            workload,
            ec2_services,
            leading_records,
            sharing_certificates,
        } = self;
        let single = [
            tenants.as_ref().and_then(Seen::unknown),
            gone_instances.as_ref().and_then(Seen::unknown),
            workload.as_ref().and_then(Seen::unknown),
            ec2_services.as_ref().and_then(Seen::unknown),
        ];
        let listed = zone_records.values().filter_map(Seen::unknown);
        let listed = listed.chain(refreshes.values().filter_map(Seen::unknown));
        let listed = listed.chain(listener_rules.values().filter_map(Seen::unknown));
        let listed = listed.chain(security_group_rules.values().filter_map(Seen::unknown));
        let listed = listed.chain(referring_groups.values().filter_map(Seen::unknown));
        let listed = listed.chain(leading_records.values().filter_map(Seen::unknown));
        let listed = listed.chain(sharing_certificates.values().filter_map(Seen::unknown));
        single.into_iter().flatten().chain(listed)
    }
}
