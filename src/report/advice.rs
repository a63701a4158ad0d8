//! What to do about an operation that failed, and about a wait that ended without its answer.

use crate::aws::failure::{Class, Failure};
use crate::aws::{AGENT_SILENT, NO_WAY_TO_ECS};
use crate::plan::action::{Action, Condition, WAIT};

/// Parts of what AWS says, above all of launches that fail, and what to do about each. The first that fits counts.
const REMEDIES: [(&str, &str); 9] = [
    ("VcpuLimitExceeded", "raise the account's quota of vCPUs for this kind of instance, or choose a smaller type; then run this again"),
    ("LimitExceeded", "raise the quota or free some of it, then run this again"),
    ("InsufficientInstanceCapacity", "AWS has no such instance to give there now: run this again later, or choose another type"),
    ("not supported in your requested Availability Zone", "choose a type that the zones of the private subnets have, then run this again"),
    ("InvalidAMIID", "the image is gone: run this again, which takes the newest"),
    ("does not match the architecture", "run this again, which takes the image for the type's processor"),
    ("CAA_ERROR", "let the domain's CAA records admit amazon.com; then run this again, which asks for another certificate"),
    (AGENT_SILENT, "terminate that node, so that its group launches another, or restart its agent; then run this again"),
    (NO_WAY_TO_ECS, "give the subnet a way to the internet through a NAT gateway, or the VPC the endpoints; then run this again"),
];

/// Parts of the codes of faults that are AWS's own.
const FAULTS: [&str; 4] = ["InternalFailure", "InternalError", "InternalServerError", "Unavailable"];
/// Parts of the codes of credentials that have ended or are unknown.
const SESSIONS: [&str; 5] = ["ExpiredToken", "RequestExpired", "InvalidClientTokenId", "UnrecognizedClient", "AuthFailure"];

/// One line, and beneath it the commands that tell more in this Region, where there are such.
pub fn advice(action: &Action, failure: &Failure, region: &str) -> String {
    match action {
        // Of a wait a call may have failed too.
        Action::Wait(condition) if failure.operation == WAIT => after_a_wait(condition, &failure.message, region),
        _ => after_a_call(failure).to_owned() + &commands(&of_refused(action, failure), region),
    }
}

fn after_a_call(failure: &Failure) -> &'static str {
    match (failure.class, failure.code.as_deref()) {
        (Class::Denied, _) => {
            "allow this action to the role that was assumed, then run this again; `aws-ecs-cluster iam-policy` prints all that it needs"
        }
        (Class::NotYet, _) => "AWS was not ready within the time allowed; run this again later",
        _ if failure.is_throttled() => "AWS takes no more calls from this account at the moment; wait a few minutes, then run this again",
        (_, Some(code)) if FAULTS.iter().any(|fault| code.contains(fault)) => "AWS had a fault of its own; run this again later",
        (_, Some(code)) if SESSIONS.iter().any(|ended| code.contains(ended)) => {
            "the credentials are not valid any more; run this again with fresh ones"
        }
        (_, Some(code)) if code.contains("Limit") || code.contains("Quota") || code.contains("TooMany") => {
            "raise the quota or free some of it, then run this again"
        }
        (_, None) => "the outcome of this call may not be known; running this again finds out",
        _ => "put right what AWS names, then run this again",
    }
}

fn after_a_wait(condition: &Condition, message: &str, region: &str) -> String {
    let fitting = REMEDIES.iter().find(|(part, _)| message.contains(part));
    fitting.map_or_else(|| of_condition(condition, region), |(_, remedy)| (*remedy).to_owned())
}

/// What to do where AWS's words do not tell, and how to see more.
fn of_condition(condition: &Condition, region: &str) -> String {
    let (remedy, more) = remedy_of(condition);
    remedy.to_owned() + &commands(&more, region)
}

fn commands(each: &[String], region: &str) -> String {
    let line = |command: &String| {
        let region = if command.starts_with("aws ") { format!(" --region {region}") } else { String::new() };
        format!("\n  {command}{region}")
    };
    each.iter().map(line).collect()
}

/// What AWS refused for as long as it was asked, because something holds it: the commands that tell what.
fn of_refused(action: &Action, failure: &Failure) -> Vec<String> {
    match action {
        _ if failure.class != Class::NotYet => Vec::new(),
        Action::DeleteSecurityGroup { id } => vec![
            format!("aws ec2 describe-network-interfaces --filters Name=group-id,Values={id}"),
            format!("aws ec2 describe-security-groups --filters Name=ip-permission.group-id,Values={id}"),
            format!("aws ec2 describe-security-groups --filters Name=egress.ip-permission.group-id,Values={id}"),
        ],
        Action::DeleteCertificate { arn } => {
            vec![format!("aws acm describe-certificate --query Certificate.InUseBy --certificate-arn {arn}")]
        }
        Action::DeleteAutoScalingGroup { name } => vec![scaling_activities(name)],
        Action::PutClusterCapacityProviders { cluster, .. } | Action::DeleteCluster { cluster } => {
            vec![format!("aws ecs list-services --cluster {cluster}"), format!("aws ecs list-tasks --cluster {cluster}")]
        }
        _ => Vec::new(),
    }
}

fn remedy_of(condition: &Condition) -> (&'static str, Vec<String>) {
    match condition {
        Condition::ClusterActive { cluster } => (
            "ECS makes a cluster within seconds: see whether AWS has trouble in this Region, then run this again",
            vec![format!("aws ecs describe-clusters --clusters {cluster}")],
        ),
        Condition::AttachmentsSettled { cluster, .. } => (
            "run this again, which attaches anew; if it stays so, see which attachment fails",
            vec![format!("aws ecs describe-clusters --clusters {cluster} --include ATTACHMENTS")],
        ),
        Condition::CapacityProviderUpdated { name } => {
            ("see what ECS says of it, then run this again, which sends the change anew", vec![describe_provider(name)])
        }
        Condition::CapacityProviderGone { name } => (
            "see what ECS says of it, and whether a service or another cluster still uses it; then run this again",
            vec![describe_provider(name)],
        ),
        Condition::AutoScalingGroupGone { name } => (
            "see what its instances wait for: a lifecycle hook, or one that somebody protects; then run this again",
            vec![scaling_activities(name)],
        ),
        Condition::NodesDrained { cluster, .. } => (
            "stop the tasks that no service started, then run this again; which they are is told by",
            vec![
                format!("aws ecs list-container-instances --cluster {cluster} --filter 'runningTasksCount > 0'"),
                format!("aws ecs list-tasks --cluster {cluster} --container-instance ID"),
                format!("aws ecs stop-task --cluster {cluster} --task ID"),
            ],
        ),
        Condition::NodesJoined { minimums, .. } => {
            let activities = minimums.keys().map(|group| scaling_activities(group));
            let console = "aws ec2 get-console-output --latest --output text --instance-id ID".to_owned();
            ("see what the nodes log while they start and what their groups do, then run this again", activities.chain([console]).collect())
        }
        Condition::RefreshDone { auto_scaling_group, .. } => (
            "see why new nodes do not become healthy, then run this again, which goes on with the refresh",
            vec![
                format!("aws autoscaling describe-instance-refreshes --auto-scaling-group-name {auto_scaling_group}"),
                scaling_activities(auto_scaling_group),
            ],
        ),
        Condition::CertificateRecords { .. } => ("ACM names the record within seconds: run this again later", Vec::new()),
        Condition::CertificateIssued { domain, zone_id, .. } => (
            "let the domain's registrar name the name servers of the hosted zone, and no others; then run this again",
            vec![
                format!("aws route53 get-hosted-zone --id {zone_id} --query DelegationSet.NameServers"),
                format!("dig +short NS {domain}"),
            ],
        ),
        Condition::LoadBalancerActive { name, .. } => (
            "see what keeps it, such as subnets without free addresses; then run this again",
            vec![format!("aws elbv2 describe-load-balancers --names {name}")],
        ),
    }
}

fn describe_provider(name: &str) -> String {
    format!("aws ecs describe-capacity-providers --capacity-providers {name}")
}

fn scaling_activities(group: &str) -> String {
    format!("aws autoscaling describe-scaling-activities --max-items 5 --auto-scaling-group-name {group}")
}
