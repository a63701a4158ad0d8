//! What AWS's refusals mean: every entry of `src/aws/classes.rs`, met by an operation, a code and words of AWS's.

use aws_ecs_cluster::aws::classify;
use aws_ecs_cluster::aws::failure::Class::{self, Denied, Final, NotYet, Overtaken, Unanswered};

const SOURCE: &str = include_str!("../../src/aws/classes.rs");

/// Operation, code, words, and what it means.
const REFUSALS: &[(&str, &str, &str, Class)] = &[
    ("CreateRole", "AccessDenied", "", Denied),
    ("CreateRole", "AccessDeniedException", "", Denied),
    ("CreateRole", "UnauthorizedOperation", "", Denied),
    ("CreateRole", "NotAuthorized", "", Denied),
    ("CreateRole", "ThrottlingException", "", Unanswered),
    ("CreateRole", "RequestLimitExceeded", "", Unanswered),
    ("CreateRole", "TooManyRequestsException", "", Unanswered),
    ("CreateRole", "SlowDown", "", Unanswered),
    ("CreateRole", "EntityAlreadyExists", "", Overtaken),
    ("CreateInstanceProfile", "EntityAlreadyExists", "", Overtaken),
    ("CreateSecurityGroup", "InvalidGroup.Duplicate", "", Overtaken),
    ("CreateLaunchTemplate", "InvalidLaunchTemplateName.AlreadyExistsException", "", Overtaken),
    ("CreateAutoScalingGroup", "AlreadyExists", "", Overtaken),
    ("CreateLoadBalancer", "DuplicateLoadBalancerName", "", Overtaken),
    ("CreateListener", "DuplicateListener", "", Overtaken),
    ("StartInstanceRefresh", "InstanceRefreshInProgress", "", Overtaken),
    ("DeleteCluster", "ClusterContainsContainerInstancesException", "", Overtaken),
    ("AddRoleToInstanceProfile", "LimitExceeded", "", Overtaken),
    ("AuthorizeSecurityGroupIngress", "InvalidPermission.Duplicate", "", Overtaken),
    ("AttachRolePolicy", "NoSuchEntity", "", NotYet),
    ("DetachRolePolicy", "NoSuchEntity", "", Overtaken),
    ("AuthorizeSecurityGroupIngress", "InvalidGroup.NotFound", "", NotYet),
    ("DeleteSecurityGroup", "InvalidGroup.NotFound", "", Overtaken),
    ("AuthorizeSecurityGroupIngress", "InvalidGroupId.NotFound", "", NotYet),
    ("DeleteSecurityGroup", "InvalidGroupId.NotFound", "", Overtaken),
    ("CreateTags", "InvalidSecurityGroupID.NotFound", "", NotYet),
    ("DeleteSecurityGroup", "InvalidSecurityGroupID.NotFound", "", Overtaken),
    ("CreateTags", "InvalidSecurityGroupRuleId.NotFound", "", NotYet),
    ("RevokeSecurityGroupIngress", "InvalidSecurityGroupRuleId.NotFound", "", Overtaken),
    ("CreateTags", "InvalidPermission.NotFound", "", NotYet),
    ("RevokeSecurityGroupEgress", "InvalidPermission.NotFound", "", Overtaken),
    ("CreateLaunchTemplateVersion", "InvalidLaunchTemplateId.NotFound", "", NotYet),
    ("DeleteLaunchTemplate", "InvalidLaunchTemplateId.NotFound", "", Overtaken),
    ("CreateLaunchTemplateVersion", "InvalidLaunchTemplateName.NotFoundException", "", NotYet),
    ("DeleteLaunchTemplate", "InvalidLaunchTemplateName.NotFoundException", "", Overtaken),
    ("ModifyLaunchTemplate", "InvalidLaunchTemplateId.VersionNotFound", "", NotYet),
    ("DeleteLaunchTemplate", "InvalidLaunchTemplateId.VersionNotFound", "", Overtaken),
    ("PutClusterCapacityProviders", "ClusterNotFoundException", "", NotYet),
    ("DeregisterContainerInstance", "ClusterNotFoundException", "", Overtaken),
    ("CreateListener", "LoadBalancerNotFound", "", NotYet),
    ("DeleteLoadBalancer", "LoadBalancerNotFound", "", Overtaken),
    ("AddListenerCertificates", "ListenerNotFound", "", NotYet),
    ("RemoveListenerCertificates", "ListenerNotFound", "", Overtaken),
    ("CreateListener", "CertificateNotFound", "", NotYet),
    ("RemoveListenerCertificates", "CertificateNotFound", "", Overtaken),
    ("DescribeCertificate", "ResourceNotFoundException", "", NotYet),
    ("DeleteCertificate", "ResourceNotFoundException", "", Overtaken),
    ("ChangeResourceRecordSets", "NoSuchHostedZone", "", NotYet),
    ("CancelInstanceRefresh", "ActiveInstanceRefreshNotFound", "", Overtaken),
    ("CreateTags", "InvalidInstanceID.NotFound", "", NotYet),
    ("DeregisterContainerInstance", "InvalidInstanceID.NotFound", "", Overtaken),
    ("TagResource", "NotFoundException", "", NotYet),
    ("DeleteCapacityProvider", "NotFoundException", "", Overtaken),
    ("CreateLoadBalancer", "InvalidSecurityGroup", "", NotYet),
    ("DeleteCluster", "UpdateInProgressException", "", NotYet),
    ("UpdateAutoScalingGroup", "ResourceContention", "", NotYet),
    ("CreateAutoScalingGroup", "ServiceLinkedRoleFailure", "", NotYet),
    ("CreateRole", "ConcurrentModification", "", NotYet),
    ("ChangeResourceRecordSets", "PriorRequestNotComplete", "", NotYet),
    ("DeleteCertificate", "ConflictException", "", NotYet),
    ("AddTagsToCertificate", "RequestInProgressException", "", NotYet),
    ("TagResource", "ConcurrentTagAccess", "", NotYet),
    ("CreateListener", "UnsupportedCertificate", "", NotYet),
    ("ModifyListener", "UnsupportedCertificate", "", NotYet),
    ("AddListenerCertificates", "UnsupportedCertificate", "", NotYet),
    ("DeleteSecurityGroup", "DependencyViolation", "", NotYet),
    ("DeleteSecurityGroup", "InvalidGroup.InUse", "", NotYet),
    ("DeleteRole", "DeleteConflict", "", NotYet),
    ("DeleteInstanceProfile", "DeleteConflict", "", NotYet),
    ("DeleteCertificate", "ResourceInUseException", "", NotYet),
    ("DeleteAutoScalingGroup", "ResourceInUse", "", NotYet),
    ("DeleteAutoScalingGroup", "ScalingActivityInProgress", "", NotYet),
    ("PutClusterCapacityProviders", "ResourceInUseException", "", NotYet),
    ("DeleteCluster", "ClusterContainsTasksException", "", NotYet),
    ("DeleteCluster", "ClusterContainsServicesException", "", NotYet),
    ("DeleteCluster", "ClusterContainsCapacityProviderException", "", NotYet),
    ("DeleteLoadBalancer", "ResourceInUse", "", NotYet),
    ("RemoveListenerCertificates", "OperationNotPermitted", "", NotYet),
    (
        "CreateAutoScalingGroup",
        "ValidationError",
        "Value (shop) for parameter iamInstanceProfile.name is invalid. Invalid IAM Instance Profile name",
        NotYet,
    ),
    (
        "UpdateAutoScalingGroup",
        "ValidationError",
        "Value (shop) for parameter iamInstanceProfile.name is invalid. Invalid IAM Instance Profile name",
        NotYet,
    ),
    ("CreateAutoScalingGroup", "ValidationError", "The security group 'sg-1' does not exist", NotYet),
    ("UpdateAutoScalingGroup", "ValidationError", "The security group 'sg-1' does not exist", NotYet),
    ("DeleteAutoScalingGroup", "ValidationError", "AutoScalingGroup name not found - null", Overtaken),
    ("EnableMetricsCollection", "ValidationError", "AutoScalingGroup name not found - null", NotYet),
    ("SetInstanceProtection", "ValidationError", "The instance i-1 is not part of Auto Scaling group shop.", Overtaken),
    ("SetInstanceProtection", "ValidationError", "The instance i-1 is not in InService or EnteringStandby or Standby.", Overtaken),
    ("UpdateAutoScalingGroup", "ValidationError", "AutoScalingGroup shop is pending delete", Overtaken),
    (
        "CreateCapacityProvider",
        "InvalidParameterException",
        "Unable to assume the service linked role. Please verify that the ECS service linked role exists.",
        NotYet,
    ),
    (
        "PutClusterCapacityProviders",
        "InvalidParameterException",
        "The specified capacity provider 'shop' is not in an ACTIVE state.",
        NotYet,
    ),
    ("PutClusterCapacityProviders", "ClientException", "Cluster was not ACTIVE.", NotYet),
    (
        "CreateCluster",
        "InvalidParameterException",
        "Arguments on this idempotent request are inconsistent with arguments used in previous request(s).",
        Overtaken,
    ),
    (
        "CreateCapacityProvider",
        "ClientException",
        "The specified capacity provider already exists. To change the configuration of an existing capacity provider, update the capacity provider.",
        Overtaken,
    ),
    ("CreateCapacityProvider", "ClientException", "The specified Auto Scaling group does not exist.", NotYet),
    (
        "CreateCapacityProvider",
        "ClientException",
        "The specified Auto Scaling group ARN is already being used by another capacity provider. Specify a unique Auto Scaling group ARN and try again.",
        Overtaken,
    ),
    (
        "PutClusterCapacityProviders",
        "InvalidParameterException",
        "Cannot associate Managed Instances capacity provider to clusters using this API.",
        Overtaken,
    ),
    ("PutClusterCapacityProviders", "InvalidParameterException", "The specified capacity provider 'shop' was not found.", NotYet),
    ("DeleteCapacityProvider", "ClientException", "The specified capacity provider does not exist.", Overtaken),
    (
        "DeleteLoadBalancer",
        "OperationNotPermitted",
        "Load balancer 'arn' cannot be deleted because deletion protection is enabled",
        Overtaken,
    ),
    (
        "ChangeResourceRecordSets",
        "InvalidChangeBatch",
        "[Tried to delete resource record set [name='_a.example.com.', type='CNAME'] but it was not found]",
        Overtaken,
    ),
    ("ChangeResourceRecordSets", "InvalidInput", "Tried to delete resource record set, but it was not found; not found", Overtaken),
];

#[test]
fn every_refusal_has_its_meaning_whatever_its_status() {
    for (operation, code, words, class) in REFUSALS {
        for status in [400, 409, 500] {
            assert_eq!(classify(operation, code, words, status), *class, "{operation}: {code}: {words} ({status})");
        }
    }
}

#[test]
fn what_nobody_has_listed_is_final_or_a_fault_of_awss() {
    let meanings = [("InvalidParameterException", 400, Final), ("ValidationError", 400, Final), ("InternalFailure", 500, Unanswered)];
    for (code, status, class) in meanings {
        assert_eq!(classify("CreateCluster", code, "no", status), class, "{code}");
    }
    assert_eq!(classify("DeleteRole", "ResourceInUseException", "", 400), Final, "busy for other operations");
    assert_eq!(classify("DeleteRole", "EntityAlreadyExists", "", 400), Final, "there for other operations");
}

/// The texts in a line of the tables.
fn texts(line: &str) -> Vec<&str> {
    line.split("//").next().unwrap_or_default().split('"').skip(1).step_by(2).collect()
}

fn is_met(entry: &[&str]) -> bool {
    REFUSALS.iter().any(|(operation, code, words, _)| match entry {
        [wanted, other, rest @ ..] => {
            (wanted.is_empty() || wanted == operation) && other == code && rest.iter().all(|text| words.contains(text))
        }
        [part] => code.contains(part),
        [] => true,
    })
}

#[test]
fn no_entry_is_without_its_refusal() {
    let tables = SOURCE.split("pub fn classify").next().expect("the tables");
    let entries: Vec<Vec<&str>> = tables
        .lines()
        .flat_map(|line| if line.contains("(\"") { vec![texts(line)] } else { texts(line).into_iter().map(|text| vec![text]).collect() })
        .collect();
    assert!(entries.len() > 80, "{entries:?}");
    let unmet: Vec<_> = entries.iter().filter(|entry| !is_met(entry)).collect();
    assert!(unmet.is_empty(), "nothing says these: {unmet:?}");
}
