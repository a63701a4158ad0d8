//! Whether the nodes have joined the cluster, and why those that have not stay away.

use crate::aws::Aws;
use crate::aws::failure::Failure;
use crate::aws::progress::{Depth, Progress};
use crate::model::observed::{ObservedAutoScalingGroup, ObservedContainerInstance};
use std::collections::{BTreeMap, BTreeSet};

/// How a node without connection is told, for those who advise.
pub const AGENT_SILENT: &str = "the agent is not connected";

const SHOWN: usize = 3;

/// A group of which fewer nodes have joined than it has to have, and where the others are.
struct Missing<'a> {
    group: &'a str,
    minimum: usize,
    joined: usize,
    launched: usize,
    /// Launched, and unknown to the cluster.
    away: BTreeSet<String>,
    /// Registered, their agents without connection.
    silent: Vec<&'a str>,
}

impl Aws {
    /// One question for all groups together. Whatever can tell why nodes stay away is asked only when the wait is long.
    pub(super) async fn nodes_joined(&self, cluster: &str, minimums: &BTreeMap<String, usize>, depth: Depth) -> Result<Progress, Failure> {
        let names = minimums.keys().cloned().collect();
        let (groups, registered) = tokio::try_join!(self.groups_named(names), self.container_instances(cluster))?;
        let missing = minimums.iter().filter_map(|(name, minimum)| missing(name, *minimum, groups.get(name), &registered));
        let mut told = Vec::new();
        for missing in missing {
            let Missing { group, minimum, joined, .. } = missing;
            told.push(match depth {
                Depth::Progress => format!("`{group}` {joined}/{minimum}"),
                Depth::Reasons => format!("{joined} of {minimum} of `{group}` have joined; {}", self.reasons(&missing).await),
            });
        }
        let between = if depth == Depth::Progress { ", " } else { "; " };
        Ok(if told.is_empty() { Progress::Done(Vec::new()) } else { Progress::Pending(told.join(between)) })
    }

    /// A reason that cannot be asked for must not end the wait.
    async fn reasons(&self, missing: &Missing<'_>) -> String {
        match self.known_reasons(missing).await {
            Ok(reasons) if reasons.is_empty() => missing.stage(),
            Ok(reasons) => reasons.join("; "),
            Err(failure) => format!("{}; why could not be asked: {failure}", missing.stage()),
        }
    }

    async fn known_reasons(&self, missing: &Missing<'_>) -> Result<Vec<String>, Failure> {
        let mut reasons = Vec::new();
        if missing.launched < missing.minimum {
            let failed = self.failed_launch(missing.group).await?;
            reasons.extend(failed.map(|message| format!("{}; the newest failed launch says: {message}", missing.stage())));
        }
        if !missing.silent.is_empty() {
            reasons.push(missing.stage());
        }
        for instance in self.instances(&missing.away).await? {
            reasons.extend(self.obstacle(&instance).await?);
            // One instance stands for all: they come of one template.
            if !reasons.is_empty() {
                break;
            }
        }
        Ok(reasons)
    }
}

/// `None` when enough have joined.
fn missing<'a>(
    group: &'a str,
    minimum: usize,
    found: Option<&'a ObservedAutoScalingGroup>,
    registered: &[ObservedContainerInstance],
) -> Option<Missing<'a>> {
    let joined = found.map_or(0, |found| found.joined(registered));
    let node_of = |id: &str| registered.iter().find(|node| node.ec2_instance_id == id);
    let staying = || found.into_iter().flat_map(ObservedAutoScalingGroup::staying).map(|instance| instance.id.as_str());
    (joined < minimum).then(|| Missing {
        group,
        minimum,
        joined,
        launched: staying().count(),
        away: staying().filter(|id| node_of(id).is_none()).map(str::to_owned).collect(),
        silent: staying().filter(|id| node_of(id).is_some_and(|node| !node.agent_connected)).collect(),
    })
}

impl Missing<'_> {
    /// How far the nodes are that have not joined, as far as ECS and Auto Scaling tell.
    fn stage(&self) -> String {
        if self.launched < self.minimum {
            return format!("{} launched so far", self.launched);
        }
        if !self.silent.is_empty() {
            return format!("{AGENT_SILENT} on {}", named(self.silent.iter().copied()));
        }
        format!("not registered with ECS yet: {}", named(self.away.iter().map(String::as_str)))
    }
}

/// The first instances by id: one is enough to look at.
fn named<'a>(ids: impl Iterator<Item = &'a str>) -> String {
    let mut shown: Vec<String> = ids.map(|id| format!("`{id}`")).collect();
    if shown.len() > SHOWN {
        shown.truncate(SHOWN);
        shown.push("...".to_owned());
    }
    shown.join(", ")
}
