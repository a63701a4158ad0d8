//! What AWS's error codes mean for an operation. Codes are matched as text: EC2 models no error types at all, and other services not all of theirs.

use crate::aws::failure::{Class, Failure};

/// Codes by which services say that the credentials do not allow a call.
const DENIED: [&str; 4] = ["AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "NotAuthorized"];

/// What the codes have in common by which services say that they are asked too often.
const THROTTLED: [&str; 4] = ["Throttl", "RequestLimitExceeded", "TooManyRequests", "SlowDown"];

/// Whether a service says by this code that it is asked too often.
pub(super) fn is_throttle(code: &str) -> bool {
    THROTTLED.iter().any(|throttled| code.contains(throttled))
}

/// Something is there that the last look did not see. (operation, code)
const EXISTS: [(&str, &str); 10] = [
    ("CreateRole", "EntityAlreadyExists"),
    ("CreateInstanceProfile", "EntityAlreadyExists"),
    ("CreateSecurityGroup", "InvalidGroup.Duplicate"),
    ("CreateLaunchTemplate", "InvalidLaunchTemplateName.AlreadyExistsException"),
    ("CreateAutoScalingGroup", "AlreadyExists"),
    ("CreateLoadBalancer", "DuplicateLoadBalancerName"),
    ("CreateListener", "DuplicateListener"),
    // The next look finds it, and joins it.
    ("StartInstanceRefresh", "InstanceRefreshInProgress"),
    // A node that registered after the look: the next one sees it, and deregisters it.
    ("DeleteCluster", "ClusterContainsContainerInstancesException"),
    // Quota of one role per profile: the role, or another, is in it already.
    ("AddRoleToInstanceProfile", "LimitExceeded"),
];

/// Codes that say that something does not exist, whatever the service.
const MISSING: [&str; 19] = [
    "NoSuchEntity",
    "InvalidGroup.NotFound",
    "InvalidGroupId.NotFound",
    "InvalidSecurityGroupID.NotFound",
    "InvalidSecurityGroupRuleId.NotFound",
    "InvalidPermission.NotFound",
    "InvalidLaunchTemplateId.NotFound",
    "InvalidLaunchTemplateName.NotFoundException",
    "InvalidLaunchTemplateId.VersionNotFound",
    "ClusterNotFoundException",
    "LoadBalancerNotFound",
    "ListenerNotFound",
    "CertificateNotFound",
    "ResourceNotFoundException",
    "NoSuchHostedZone",
    "ActiveInstanceRefreshNotFound",
    "InvalidInstanceID.NotFound",
    "NotFoundException",
    "InvalidSecurityGroup",
];

/// In use or busy now; it passes. (operation or "" for any, code)
const BUSY: [(&str, &str); 24] = [
    ("", "UpdateInProgressException"),
    ("", "ResourceContention"),
    ("", "ServiceLinkedRoleFailure"),
    ("", "ConcurrentModification"),
    ("", "PriorRequestNotComplete"),
    ("", "ConflictException"),
    ("", "RequestInProgressException"),
    ("", "ConcurrentTagAccess"),
    ("CreateListener", "UnsupportedCertificate"),
    ("ModifyListener", "UnsupportedCertificate"),
    ("AddListenerCertificates", "UnsupportedCertificate"),
    ("DeleteSecurityGroup", "DependencyViolation"),
    ("DeleteSecurityGroup", "InvalidGroup.InUse"),
    ("DeleteRole", "DeleteConflict"),
    ("DeleteInstanceProfile", "DeleteConflict"),
    ("DeleteCertificate", "ResourceInUseException"),
    ("DeleteAutoScalingGroup", "ResourceInUse"),
    ("", "ScalingActivityInProgress"),
    ("PutClusterCapacityProviders", "ResourceInUseException"),
    ("DeleteCluster", "ClusterContainsTasksException"),
    ("DeleteCluster", "ClusterContainsServicesException"),
    ("DeleteCluster", "ClusterContainsCapacityProviderException"),
    ("DeleteLoadBalancer", "ResourceInUse"),
    ("RemoveListenerCertificates", "OperationNotPermitted"),
];

/// Services that name all their errors alike tell them apart by their text. (operation or "" for any, code, part of the text, class)
const BY_TEXT: [(&str, &str, &str, Class); 19] = [
    ("CreateAutoScalingGroup", "ValidationError", "Invalid IAM Instance Profile", Class::NotYet),
    ("UpdateAutoScalingGroup", "ValidationError", "Invalid IAM Instance Profile", Class::NotYet),
    // The template's security group or the template itself, seconds after they were made.
    ("CreateAutoScalingGroup", "ValidationError", "does not exist", Class::NotYet),
    ("UpdateAutoScalingGroup", "ValidationError", "does not exist", Class::NotYet),
    ("", "ValidationError", "AutoScalingGroup name not found", Class::NotYet),
    ("SetInstanceProtection", "ValidationError", "not part of Auto Scaling group", Class::Overtaken),
    ("SetInstanceProtection", "ValidationError", "is not in InService", Class::Overtaken),
    ("UpdateAutoScalingGroup", "ValidationError", "pending delete", Class::Overtaken),
    ("", "InvalidParameterException", "Unable to assume the service linked role", Class::NotYet),
    ("", "InvalidParameterException", "not in an ACTIVE state", Class::NotYet),
    ("", "ClientException", "Cluster was not ACTIVE", Class::NotYet),
    // The name was taken since the look, by a cluster with other settings or tags.
    ("CreateCluster", "InvalidParameterException", "idempotent request are inconsistent", Class::Overtaken),
    ("CreateCapacityProvider", "ClientException", "already exists", Class::Overtaken),
    ("CreateCapacityProvider", "ClientException", "does not exist", Class::NotYet),
    // By one that the look did not show, perhaps ours, made by a call whose answer was lost.
    ("CreateCapacityProvider", "ClientException", "already being used by another capacity provider", Class::Overtaken),
    ("PutClusterCapacityProviders", "InvalidParameterException", "not found", Class::NotYet),
    // Somebody made it since the look: the next one leaves it out.
    ("PutClusterCapacityProviders", "InvalidParameterException", "Cannot associate Managed Instances", Class::Overtaken),
    ("DeleteCapacityProvider", "ClientException", "does not exist", Class::Overtaken),
    // Protected since the look, or the protection is not lifted everywhere yet: the next look lifts it.
    ("DeleteLoadBalancer", "OperationNotPermitted", "deletion protection", Class::Overtaken),
];

/// What is to be removed is not there, in texts of such services. (operation, code, part of the text)
const GONE: [(&str, &str, &str); 3] = [
    ("DeleteAutoScalingGroup", "ValidationError", "not found"),
    ("ChangeResourceRecordSets", "InvalidChangeBatch", "but it was not found"),
    ("ChangeResourceRecordSets", "InvalidInput", "not found"),
];

/// What a service's refusal means for the operation.
///
/// Not finding something is the end of a delete. To any other operation it means that AWS has not yet heard of what this run has just made.
#[must_use]
pub fn classify(operation: &str, code: &str, message: &str, status: u16) -> Class {
    let applies = |wanted: &str| wanted.is_empty() || wanted == operation;
    if DENIED.contains(&code) {
        return Class::Denied;
    }
    if says_gone(operation, code, message) {
        return Class::Overtaken;
    }
    if let Some((.., class)) = BY_TEXT.iter().find(|(wanted, other, text, _)| applies(wanted) && *other == code && message.contains(text)) {
        return *class;
    }
    if EXISTS.contains(&(operation, code)) || code == "InvalidPermission.Duplicate" {
        return Class::Overtaken;
    }
    if BUSY.iter().any(|(wanted, other)| applies(wanted) && *other == code) {
        return Class::NotYet;
    }
    if MISSING.contains(&code) {
        return if removes(operation) { Class::Overtaken } else { Class::NotYet };
    }
    if status >= 500 || is_throttle(code) { Class::Unanswered } else { Class::Final }
}

/// Whether the service says that what was named does not exist.
pub(super) fn is_missing(failure: &Failure) -> bool {
    failure.code.as_deref().is_some_and(|code| MISSING.contains(&code))
}

/// Whether what was to be removed is not there, so that nothing is left to do.
pub(super) fn is_gone(failure: &Failure) -> bool {
    let overtaken = failure.class == Class::Overtaken;
    overtaken && (is_missing(failure) || says_gone(failure.operation, failure.code.as_deref().unwrap_or_default(), &failure.message))
}

fn says_gone(operation: &str, code: &str, message: &str) -> bool {
    GONE.iter().any(|(wanted, other, text)| *wanted == operation && *other == code && message.contains(text))
}

fn removes(operation: &str) -> bool {
    ["Delete", "Detach", "Remove", "Revoke", "Deregister", "Cancel"].iter().any(|verb| operation.starts_with(verb))
}
