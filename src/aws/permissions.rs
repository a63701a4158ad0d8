//! The permissions that a run needs: every action that this floor calls, and those that AWS demands of the caller on the way.

use crate::model::names;
use crate::plan::desired::NODE_POLICIES;
use serde_json::{Value, json};

/// Calls that only read; most of them know no resource to be limited to.
const READS: [&str; 41] = [
    "acm:DescribeCertificate",
    "acm:ListCertificates",
    "acm:ListTagsForCertificate",
    "autoscaling:DescribeAutoScalingGroups",
    "autoscaling:DescribeInstanceRefreshes",
    "autoscaling:DescribeScalingActivities",
    "ec2:DescribeInstanceTypeOfferings",
    "ec2:DescribeLaunchTemplateVersions",
    "ec2:DescribeLaunchTemplates",
    "ec2:DescribeRegions",
    "ec2:DescribeRouteTables",
    "ec2:DescribeSecurityGroupRules",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeSubnets",
    "ec2:DescribeVpcs",
    "ecs:DescribeCapacityProviders",
    "ecs:DescribeClusters",
    "ecs:DescribeContainerInstances",
    "ecs:DescribeServices",
    "ecs:ListContainerInstances",
    "ecs:ListServices",
    "ecs:ListTasks",
    "elasticloadbalancing:DescribeListenerCertificates",
    "elasticloadbalancing:DescribeListeners",
    "elasticloadbalancing:DescribeLoadBalancerAttributes",
    "elasticloadbalancing:DescribeLoadBalancers",
    "elasticloadbalancing:DescribeRules",
    "elasticloadbalancing:DescribeSSLPolicies",
    "elasticloadbalancing:DescribeTags",
    "iam:GetInstanceProfile",
    "iam:GetRole",
    "iam:ListAttachedRolePolicies",
    "iam:ListRolePolicies",
    "route53:GetHostedZone",
    "route53:ListHostedZonesByName",
    "route53:ListResourceRecordSets",
    "ssm:GetParameters",
    // Asked of the caller by Elastic Load Balancing when it puts a load balancer into subnets.
    "ec2:DescribeAccountAttributes",
    "ec2:DescribeAvailabilityZones",
    "ec2:DescribeInternetGateways",
    "ec2:DescribeNetworkInterfaces",
];
const SECURITY_GROUPS: [&str; 8] = [
    "ec2:AuthorizeSecurityGroupEgress",
    "ec2:AuthorizeSecurityGroupIngress",
    "ec2:CreateSecurityGroup",
    "ec2:DeleteSecurityGroup",
    "ec2:RevokeSecurityGroupEgress",
    "ec2:RevokeSecurityGroupIngress",
    "ec2:UpdateSecurityGroupRuleDescriptionsEgress",
    "ec2:UpdateSecurityGroupRuleDescriptionsIngress",
];
const LAUNCH_TEMPLATES: [&str; 4] =
    ["ec2:CreateLaunchTemplate", "ec2:CreateLaunchTemplateVersion", "ec2:DeleteLaunchTemplate", "ec2:ModifyLaunchTemplate"];
const AUTO_SCALING: [&str; 7] = [
    "autoscaling:CreateAutoScalingGroup",
    "autoscaling:CreateOrUpdateTags",
    "autoscaling:DeleteAutoScalingGroup",
    "autoscaling:EnableMetricsCollection",
    "autoscaling:SetInstanceProtection",
    "autoscaling:StartInstanceRefresh",
    "autoscaling:UpdateAutoScalingGroup",
];
const ECS: [&str; 10] = [
    "ecs:CreateCapacityProvider",
    "ecs:CreateCluster",
    "ecs:DeleteCapacityProvider",
    "ecs:DeleteCluster",
    "ecs:DeregisterContainerInstance",
    "ecs:PutClusterCapacityProviders",
    "ecs:TagResource",
    "ecs:UpdateCapacityProvider",
    "ecs:UpdateCluster",
    "ecs:UpdateContainerInstancesState",
];
const LOAD_BALANCING: [&str; 10] = [
    "elasticloadbalancing:AddListenerCertificates",
    "elasticloadbalancing:AddTags",
    "elasticloadbalancing:CreateListener",
    "elasticloadbalancing:CreateLoadBalancer",
    "elasticloadbalancing:DeleteLoadBalancer",
    "elasticloadbalancing:ModifyListener",
    "elasticloadbalancing:ModifyLoadBalancerAttributes",
    "elasticloadbalancing:RemoveListenerCertificates",
    "elasticloadbalancing:SetSecurityGroups",
    "elasticloadbalancing:SetSubnets",
];
const ROLES: [&str; 6] =
    ["iam:CreateRole", "iam:DeleteRole", "iam:DeleteRolePolicy", "iam:DetachRolePolicy", "iam:TagRole", "iam:UpdateAssumeRolePolicy"];
const INSTANCE_PROFILES: [&str; 5] = [
    "iam:AddRoleToInstanceProfile",
    "iam:CreateInstanceProfile",
    "iam:DeleteInstanceProfile",
    "iam:RemoveRoleFromInstanceProfile",
    "iam:TagInstanceProfile",
];
const SERVICE_LINKED: [&str; 3] = ["autoscaling.amazonaws.com", "ecs.amazonaws.com", "elasticloadbalancing.amazonaws.com"];

/// The least-privilege policy of the role to assume, for one name prefix or, with `*`, for all.
#[must_use]
pub fn policy(partition: &str, name_prefix: &str) -> Value {
    let arn = |rest: &str| format!("arn:{partition}:{rest}");
    let named = |kind: &str, name: &str| arn(&format!("iam::*:{kind}/{}", if name_prefix == "*" { "*" } else { name }));
    let role = named("role", &names::role(name_prefix));
    let profile = named("instance-profile", &names::instance_profile(name_prefix));
    let group = if name_prefix == "*" { "*".to_owned() } else { format!("{name_prefix}-*") };
    let policies: Vec<String> = NODE_POLICIES.iter().map(|policy| arn(&format!("iam::aws:policy/{policy}"))).collect();
    json!({
        "Version": "2012-10-17",
        "Statement": [
            allow("Read", &READS, &json!("*")),
            allow("SecurityGroups", &SECURITY_GROUPS, &json!([arn("ec2:*:*:security-group/*"), arn("ec2:*:*:security-group-rule/*"), arn("ec2:*:*:vpc/*")])),
            allow("LaunchTemplates", &LAUNCH_TEMPLATES, &json!(arn("ec2:*:*:launch-template/*"))),
            allow("Ec2Tags", &["ec2:CreateTags"], &json!([arn("ec2:*:*:security-group/*"), arn("ec2:*:*:security-group-rule/*"), arn("ec2:*:*:launch-template/*"), arn("ec2:*:*:instance/*"), arn("ec2:*:*:volume/*")])),
            // Auto Scaling lets nobody set a launch template who could not launch from it.
            allow("LaunchFromTemplate", &["ec2:RunInstances"], &json!("*")),
            allow("AutoScaling", &AUTO_SCALING, &json!(arn(&format!("autoscaling:*:*:autoScalingGroup:*:autoScalingGroupName/{group}")))),
            allow("Ecs", &ECS, &json!([arn("ecs:*:*:cluster/*"), arn("ecs:*:*:capacity-provider/*"), arn("ecs:*:*:container-instance/*")])),
            allow("LoadBalancing", &LOAD_BALANCING, &json!([arn("elasticloadbalancing:*:*:loadbalancer/app/*"), arn("elasticloadbalancing:*:*:listener/app/*")])),
            allow("RequestCertificates", &["acm:RequestCertificate", "acm:AddTagsToCertificate", "acm:DeleteCertificate"], &json!("*")),
            conditional(allow("ValidationRecords", &["route53:ChangeResourceRecordSets"], &json!(arn("route53:::hostedzone/*"))), json!({ "ForAllValues:StringEquals": { "route53:ChangeResourceRecordSetsRecordTypes": ["CNAME"] } })),
            allow("NodeRole", &ROLES, &json!(role)),
            conditional(allow("NodePolicies", &["iam:AttachRolePolicy"], &json!(role)), json!({ "ArnEquals": { "iam:PolicyARN": policies } })),
            allow("NodeProfile", &INSTANCE_PROFILES, &json!([profile, role])),
            conditional(allow("PassNodeRole", &["iam:PassRole"], &json!(role)), json!({ "StringLike": { "iam:PassedToService": "ec2.amazonaws.com*" } })),
            conditional(allow("ServiceLinkedRoles", &["iam:CreateServiceLinkedRole"], &json!(arn("iam::*:role/aws-service-role/*"))), json!({ "StringEquals": { "iam:AWSServiceName": SERVICE_LINKED } })),
        ],
    })
}

fn allow(sid: &str, actions: &[&str], resource: &Value) -> Value {
    json!({ "Sid": sid, "Effect": "Allow", "Action": actions, "Resource": resource })
}

fn conditional(mut statement: Value, condition: Value) -> Value {
    if let Some(statement) = statement.as_object_mut() {
        statement.insert("Condition".to_owned(), condition);
    }
    statement
}
