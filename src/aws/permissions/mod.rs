//! The permissions that a run needs, as IAM policies: every action, limited to one instance's names and tags wherever AWS can tell.

mod actions;
mod whose;

use crate::model::tags::OWNER;
use crate::plan::desired::NODE_POLICIES;
use actions::{CHANGE, CONTAINER_INSTANCES, CREATE, CREATE_ANYWHERE, EC2_CREATIONS, NODE_ROLE_READS, READS, RULES, SERVICE_LINKED};
use serde_json::{Value, json};
pub use whose::{NotAPrefix, Whose};

/// The least-privilege policy of the role to assume.
#[must_use]
pub fn policy(whose: &Whose) -> Value {
    let requested = json!({ "StringLike": { (format!("aws:RequestTag/{OWNER}")): whose.prefix() } });
    let owned = json!({ "StringLike": { (format!("aws:ResourceTag/{OWNER}")): whose.prefix() } });
    document(&[reading(whose), creating(whose, &requested), changing(whose, "", &owned), passing(whose)].concat())
}

/// What taking over the clusters of the OpenTofu bundle needs beside the policy: their resources bear that bundle's tags until the first run has
/// added ours.
#[must_use]
pub fn adoption(whose: &Whose) -> Value {
    let proof = |key: &str, value: &Value| {
        json!({
            "StringEquals": { "aws:ResourceTag/managed-by": "massdriver" },
            "StringLike": { (format!("aws:ResourceTag/{key}")): value },
        })
    };
    let packages = changing(whose, "OfPackage", &proof("md-package", &json!(whose.prefix())));
    let instances = changing(whose, "OfInstance", &proof("md-instance", &values(whose.instances())));
    document(&[packages, instances].concat())
}

/// One value as text, several as a list.
fn values(texts: &[String]) -> Value {
    if let [one] = texts { json!(one) } else { json!(texts) }
}

fn document(statements: &[Value]) -> Value {
    json!({ "Version": "2012-10-17", "Statement": statements })
}

fn reading(whose: &Whose) -> Vec<Value> {
    vec![allow("Read", READS, &json!("*")), allow("ReadNodeRole", NODE_ROLE_READS, &json!([whose.role(), whose.profile()]))]
}

fn creating(whose: &Whose, requested: &Value) -> Vec<Value> {
    let named = json!([
        whose.arn("acm:*:*:certificate/*"),
        whose.groups(),
        whose.arn("ec2:*:*:launch-template/*"),
        whose.arn("ec2:*:*:security-group/*"),
        whose.load_balancer(),
        whose.listeners(),
        whose.role(),
        whose.profile(),
    ]);
    vec![
        conditional(allow("CreateAnywhere", CREATE_ANYWHERE, &json!("*")), requested.clone()),
        conditional(allow("Create", CREATE, &named), requested.clone()),
        conditional(allow("TagRules", &["ec2:CreateTags"], &json!(whose.arn("ec2:*:*:security-group-rule/*"))), requested.clone()),
        tagging_ec2(whose),
        tagging_ecs(whose),
        tagging_load_balancers(whose),
        allow("Rules", RULES, &json!([whose.arn("ec2:*:*:security-group-rule/*"), whose.arn("ec2:*:*:vpc/*")])),
    ]
}

/// Instances, volumes and interfaces are tagged by the launch template.
fn tagging_ec2(whose: &Whose) -> Value {
    let kinds = ["instance", "launch-template", "network-interface", "security-group", "security-group-rule", "volume"];
    let new: Vec<String> = kinds.iter().map(|kind| whose.arn(&format!("ec2:*:*:{kind}/*"))).collect();
    conditional(allow("TagNewEc2", &["ec2:CreateTags"], &json!(new)), json!({ "StringEquals": { "ec2:CreateAction": EC2_CREATIONS } }))
}

fn tagging_ecs(whose: &Whose) -> Value {
    conditional(
        allow("TagNewEcs", &["ecs:TagResource"], &json!([whose.cluster(), whose.arn("ecs:*:*:capacity-provider/*")])),
        json!({ "StringEquals": { "ecs:CreateAction": ["CreateCapacityProvider", "CreateCluster"] } }),
    )
}

fn tagging_load_balancers(whose: &Whose) -> Value {
    conditional(
        allow("TagNewLoadBalancing", &["elasticloadbalancing:AddTags"], &json!([whose.load_balancer(), whose.listeners()])),
        json!({ "StringEquals": { "elasticloadbalancing:CreateAction": ["CreateListener", "CreateLoadBalancer"] } }),
    )
}

fn changing(whose: &Whose, suffix: &str, owned: &Value) -> Vec<Value> {
    let resources = json!([
        whose.arn("acm:*:*:certificate/*"),
        whose.groups(),
        whose.arn("ec2:*:*:launch-template/*"),
        whose.arn("ec2:*:*:security-group/*"),
        whose.arn("ec2:*:*:security-group-rule/*"),
        whose.cluster(),
        whose.arn("ecs:*:*:capacity-provider/*"),
        whose.load_balancer(),
        whose.listeners(),
        whose.role(),
        whose.profile(),
    ]);
    let policies: Vec<String> = NODE_POLICIES.iter().map(|policy| whose.arn(&format!("iam::aws:policy/{policy}"))).collect();
    let mut attachable = owned.clone();
    attachable["ArnEquals"] = json!({ "iam:PolicyARN": policies });
    vec![
        conditional(allow(&format!("Change{suffix}"), CHANGE, &resources), owned.clone()),
        conditional(allow(&format!("NodePolicies{suffix}"), &["iam:AttachRolePolicy"], &json!(whose.role())), attachable),
    ]
}

/// What stands beside the ownership tags: nodes and records, which bear none, and what others do for the caller.
fn passing(whose: &Whose) -> Vec<Value> {
    // Auto Scaling lets nobody set a launch template who could not launch from it. Which template is judged by its tag; nothing is
    // launched without one.
    let from_template = json!({ "ArnLike": { "ec2:LaunchTemplate": whose.arn("ec2:*:*:launch-template/*") } });
    let launched = ["image", "instance", "network-interface", "subnet", "volume"];
    let launched: Vec<String> = launched.iter().map(|kind| whose.arn(&format!("ec2:*:*:{kind}/*"))).collect();
    // Both keys are there for every change; without `Null`, a request that lacks one would pass too.
    let validation = json!({
        "ForAllValues:StringEquals": { "route53:ChangeResourceRecordSetsRecordTypes": ["CNAME"] },
        "ForAllValues:StringLike": { "route53:ChangeResourceRecordSetsNormalizedRecordNames": ["_*"] },
        "Null": { "route53:ChangeResourceRecordSetsRecordTypes": "false", "route53:ChangeResourceRecordSetsNormalizedRecordNames": "false" },
    });
    let to_ec2 = json!({ "StringLike": { "iam:PassedToService": "ec2.amazonaws.com*" } });
    let linked = json!({ "StringEquals": { "iam:AWSServiceName": SERVICE_LINKED } });
    vec![
        allow("Nodes", CONTAINER_INSTANCES, &json!([whose.cluster(), whose.container_instances()])),
        conditional(allow("LaunchFromTemplate", &["ec2:RunInstances"], &json!(launched)), from_template),
        conditional(
            allow("ValidationRecords", &["route53:ChangeResourceRecordSets"], &json!(whose.arn("route53:::hostedzone/*"))),
            validation,
        ),
        conditional(allow("PassNodeRole", &["iam:PassRole"], &json!(whose.role())), to_ec2),
        conditional(
            allow("ServiceLinkedRoles", &["iam:CreateServiceLinkedRole"], &json!(whose.arn("iam::*:role/aws-service-role/*"))),
            linked,
        ),
    ]
}

fn allow(sid: &str, actions: &[&str], resource: &Value) -> Value {
    json!({ "Sid": sid, "Effect": "Allow", "Action": actions, "Resource": resource })
}

fn conditional(mut statement: Value, condition: Value) -> Value {
    statement["Condition"] = condition;
    statement
}
