//! Refusals that pass: those that a new account's first calls meet, and those of a service that is busy with something else.
//!
//! docs/aws.md, "All services: errors and retries", docs/aws.md, "ECS: cluster" and docs/aws.md, "ECS: the cluster's list of providers".

use std::collections::BTreeMap;
use std::sync::Mutex;

use super::{Ask, locked};
use crate::support::call::Reply;

/// Operation, status, code and words. Several of one operation come one after the other.
const REFUSALS: [(&str, u16, &str, &str); 18] = [
    ("CreateCluster", 400, "InvalidParameterException", NO_LINKED_ROLE),
    ("CreateCapacityProvider", 400, "InvalidParameterException", NO_LINKED_ROLE),
    ("PutClusterCapacityProviders", 400, "InvalidParameterException", NO_LINKED_ROLE),
    ("PutClusterCapacityProviders", 400, "ClientException", "Cluster was not ACTIVE."),
    ("CreateAutoScalingGroup", 500, "ServiceLinkedRoleFailure", "The service-linked role is not yet ready for use."),
    ("CreateAutoScalingGroup", 500, "ResourceContention", PENDING_UPDATE),
    ("UpdateAutoScalingGroup", 500, "ResourceContention", PENDING_UPDATE),
    ("DeleteAutoScalingGroup", 500, "ResourceContention", PENDING_UPDATE),
    ("CreateOrUpdateTags", 500, "ResourceContention", PENDING_UPDATE),
    ("EnableMetricsCollection", 500, "ResourceContention", PENDING_UPDATE),
    ("StartInstanceRefresh", 500, "ResourceContention", PENDING_UPDATE),
    ("CreateRole", 409, "ConcurrentModification", CONCURRENT),
    ("TagRole", 409, "ConcurrentModification", CONCURRENT),
    ("DeleteRole", 409, "ConcurrentModification", CONCURRENT),
    ("CreateInstanceProfile", 409, "ConcurrentModification", CONCURRENT),
    ("DeleteInstanceProfile", 409, "ConcurrentModification", CONCURRENT),
    ("DeleteCertificate", 400, "ConflictException", "You are trying to update a resource that is already being updated."),
    ("DeleteSecurityGroup", 400, "InvalidGroup.InUse", "There are active instances using security group."),
];
const NO_LINKED_ROLE: &str = "Unable to assume the service linked role. Please verify that the ECS service linked role exists.";
const PENDING_UPDATE: &str =
    "You already have a pending update to an Auto Scaling resource (for example, an Auto Scaling group, instance, or load balancer).";
const CONCURRENT: &str = "The request was rejected because multiple requests to change this object were submitted simultaneously.";

/// How often each of them was said, by its place.
#[derive(Default)]
pub struct Busy(Mutex<BTreeMap<usize, usize>>);

impl Busy {
    pub fn answer(&self, ask: Ask<'_>, ready: impl FnOnce() -> Reply) -> Reply {
        self.refusal(ask).unwrap_or_else(ready)
    }

    fn refusal(&self, ask: Ask<'_>) -> Option<Reply> {
        let most = ask.lags().passing_refusals;
        let mut said = locked(&self.0);
        let due = |(place, (operation, ..)): &(usize, &(&str, u16, &str, &str))| {
            *operation == ask.operation() && said.get(place).is_none_or(|times| *times < most)
        };
        let (place, (_, status, code, message)) = REFUSALS.iter().enumerate().find(due).filter(|_| most > 0)?;
        *said.entry(place).or_default() += 1;
        Some(Reply::error(ask.call, *status, code, message))
    }
}
