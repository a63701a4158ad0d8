//! Every action that this floor calls, and those that AWS demands of the caller on the way, sorted by what limits them.

/// Reads, most of which know no resource to be limited to.
pub(super) const READS: &[&str] = &[
    "acm:DescribeCertificate",
    "acm:ListCertificates",
    "acm:ListTagsForCertificate",
    "autoscaling:DescribeAutoScalingGroups",
    "autoscaling:DescribeInstanceRefreshes",
    "autoscaling:DescribeScalingActivities",
    "ec2:DescribeInstanceTypeOfferings",
    "ec2:DescribeInstances",
    "ec2:DescribeLaunchTemplateVersions",
    "ec2:DescribeLaunchTemplates",
    "ec2:DescribeRegions",
    "ec2:DescribeRouteTables",
    "ec2:DescribeSecurityGroupRules",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeSubnets",
    "ec2:DescribeVpcEndpoints",
    "ec2:DescribeVpcs",
    "ecs:DescribeCapacityProviders",
    "ecs:DescribeClusters",
    "ecs:DescribeContainerInstances",
    "ecs:DescribeServices",
    "ecs:DescribeTasks",
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
    "route53:GetHostedZone",
    "route53:ListHostedZones",
    "route53:ListHostedZonesByName",
    "route53:ListResourceRecordSets",
    "ssm:GetParameters",
    // Asked of the caller by Elastic Load Balancing: docs/aws.md, "Permissions of the caller".
    "ec2:DescribeAccountAttributes",
    "ec2:DescribeAvailabilityZones",
    "ec2:DescribeInternetGateways",
    "ec2:DescribeNetworkInterfaces",
    "ec2:GetSecurityGroupsForVpc",
];

/// Reads of the nodes' role and profile alone.
pub(super) const NODE_ROLE_READS: &[&str] =
    &["iam:GetInstanceProfile", "iam:GetRole", "iam:ListAttachedRolePolicies", "iam:ListRolePolicies"];

/// Creations that AWS judges before there is any resource to name.
pub(super) const CREATE_ANYWHERE: &[&str] = &["acm:RequestCertificate", "ecs:CreateCapacityProvider", "ecs:CreateCluster"];

/// Creations under a name or in a kind of resource, and tagging where AWS cannot tell it from creation.
pub(super) const CREATE: &[&str] = &[
    "acm:AddTagsToCertificate",
    "autoscaling:CreateAutoScalingGroup",
    "autoscaling:CreateOrUpdateTags",
    "ec2:CreateLaunchTemplate",
    "ec2:CreateSecurityGroup",
    "elasticloadbalancing:CreateListener",
    "elasticloadbalancing:CreateLoadBalancer",
    "iam:CreateInstanceProfile",
    "iam:CreateRole",
    "iam:TagInstanceProfile",
    "iam:TagRole",
];

/// Changes and deletions of what bears the ownership tag.
pub(super) const CHANGE: &[&str] = &[
    "acm:AddTagsToCertificate",
    "acm:DeleteCertificate",
    "autoscaling:CancelInstanceRefresh",
    "autoscaling:CreateOrUpdateTags",
    "autoscaling:DeleteAutoScalingGroup",
    "autoscaling:EnableMetricsCollection",
    "autoscaling:SetInstanceProtection",
    "autoscaling:StartInstanceRefresh",
    "autoscaling:UpdateAutoScalingGroup",
    "ec2:AuthorizeSecurityGroupEgress",
    "ec2:AuthorizeSecurityGroupIngress",
    "ec2:CreateLaunchTemplateVersion",
    "ec2:CreateTags",
    "ec2:DeleteLaunchTemplate",
    "ec2:DeleteSecurityGroup",
    "ec2:ModifyLaunchTemplate",
    "ec2:RevokeSecurityGroupEgress",
    "ec2:RevokeSecurityGroupIngress",
    "ec2:RunInstances",
    "ec2:UpdateSecurityGroupRuleDescriptionsEgress",
    "ec2:UpdateSecurityGroupRuleDescriptionsIngress",
    "ecs:DeleteCapacityProvider",
    "ecs:DeleteCluster",
    "ecs:PutClusterCapacityProviders",
    "ecs:TagResource",
    "ecs:UpdateCapacityProvider",
    "ecs:UpdateCluster",
    "elasticloadbalancing:AddListenerCertificates",
    "elasticloadbalancing:AddTags",
    "elasticloadbalancing:CreateListener",
    "elasticloadbalancing:DeleteLoadBalancer",
    "elasticloadbalancing:ModifyListener",
    "elasticloadbalancing:ModifyLoadBalancerAttributes",
    "elasticloadbalancing:RemoveListenerCertificates",
    "elasticloadbalancing:SetSecurityGroups",
    "elasticloadbalancing:SetSubnets",
    "iam:AddRoleToInstanceProfile",
    "iam:DeleteInstanceProfile",
    "iam:DeleteRole",
    "iam:DeleteRolePolicy",
    "iam:DetachRolePolicy",
    "iam:RemoveRoleFromInstanceProfile",
    "iam:TagInstanceProfile",
    "iam:TagRole",
    "iam:UpdateAssumeRolePolicy",
];

/// What has no tags of ours, and belongs to something that has: a group's rules, the network that a group is made in.
pub(super) const RULES: &[&str] = &[
    "ec2:AuthorizeSecurityGroupEgress",
    "ec2:AuthorizeSecurityGroupIngress",
    "ec2:CreateSecurityGroup",
    "ec2:RevokeSecurityGroupEgress",
    "ec2:RevokeSecurityGroupIngress",
];

/// Nodes as ECS knows them: their agents register them, without our tags.
pub(super) const CONTAINER_INSTANCES: &[&str] = &["ecs:DeregisterContainerInstance", "ecs:UpdateContainerInstancesState"];

/// The calls during which EC2 may be asked to tag something new.
pub(super) const EC2_CREATIONS: &[&str] =
    &["AuthorizeSecurityGroupEgress", "AuthorizeSecurityGroupIngress", "CreateLaunchTemplate", "CreateSecurityGroup", "RunInstances"];

/// Whose first use in an account makes a role of their own.
pub(super) const SERVICE_LINKED: &[&str] = &["autoscaling.amazonaws.com", "ecs.amazonaws.com", "elasticloadbalancing.amazonaws.com"];
