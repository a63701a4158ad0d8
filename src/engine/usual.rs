//! How long AWS usually takes for what takes long, in words for whoever watches. Experience, not a promise: the bounds are in `wait.rs`.

use crate::plan::action::{Action, Condition};

/// `None` for what is done in a moment.
pub const fn usually(action: &Action) -> Option<&'static str> {
    match action {
        Action::Wait(condition) => Some(usual_wait(condition)),
        // A certificate counts as in use, and the load balancer's network interfaces linger, for minutes after the load balancer is gone.
        Action::DeleteSecurityGroup { .. } | Action::DeleteCertificate { .. } => Some("up to 5 min"),
        _ => None,
    }
}

/// What is waited for in a word or two, to be read after "until".
pub const fn until(action: &Action) -> Option<&'static str> {
    let Action::Wait(condition) = action else { return None };
    Some(match condition {
        Condition::ClusterActive { .. } => "ACTIVE",
        Condition::AttachmentsSettled { .. } => "attached",
        Condition::CapacityProviderUpdated { .. } => "updated",
        Condition::CapacityProviderGone { .. } | Condition::AutoScalingGroupGone { .. } => "gone",
        Condition::NodesDrained { .. } => "its tasks have moved",
        Condition::NodesJoined { .. } => "its nodes have joined",
        Condition::RefreshDone { .. } => "its nodes are replaced",
        Condition::CertificateRecords { .. } => "its validation record is named",
        Condition::CertificateIssued { .. } => "ISSUED",
        Condition::LoadBalancerActive { .. } => "active",
    })
}

const fn usual_wait(condition: &Condition) -> &'static str {
    match condition {
        Condition::ClusterActive { .. } | Condition::CapacityProviderUpdated { .. } | Condition::CertificateRecords { .. } => {
            "a few seconds"
        }
        Condition::AttachmentsSettled { .. } => "10 to 40 s",
        Condition::CapacityProviderGone { .. } => "about 25 s",
        Condition::NodesDrained { .. } => "as long as the tasks take to stop",
        Condition::NodesJoined { .. } => "1 to 3 min",
        Condition::RefreshDone { .. } => "5 min or more for each batch of nodes",
        Condition::AutoScalingGroupGone { .. } | Condition::CertificateIssued { .. } => "1 to 5 min",
        Condition::LoadBalancerActive { .. } => "2 to 3 min",
    }
}
