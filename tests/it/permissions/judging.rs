//! Judges what a run called by the policy for its instance alone, the strictest that we print.

use super::calls::asks;
use super::evaluator::{Ask, allows};
use super::memory::Memory;
use crate::support::call::Call;
use crate::support::http::Request;
use aws_ecs_cluster::aws::permissions::{Whose, adoption, policy};
use serde_json::Value;
use std::collections::BTreeSet;
use std::time::Duration;

/// Panics if one of the calls from the `first` on would have been denied to a role with the printed policy.
#[track_caller]
pub fn judge(name_prefix: &str, calls: &[Call], first: usize) {
    let Ok(whose) = Whose::new("aws", name_prefix) else { return };
    let policy = policy(&whose);
    let denied: Vec<String> =
        asked(name_prefix, calls, first).into_iter().filter(|ask| !allows(&policy, ask)).map(|ask| format!("{ask:?}")).collect();
    assert!(denied.is_empty(), "not allowed by the policy for `{name_prefix}`:\n{}", denied.join("\n"));
}

/// What AWS asks its policies about the calls from the `first` on.
pub fn asked(name_prefix: &str, calls: &[Call], first: usize) -> Vec<Ask> {
    let mut memory = Memory::default();
    let mut found = Vec::new();
    for (place, call) in calls.iter().enumerate() {
        if place >= first {
            found.extend(asks(call, &memory).into_iter().map(|ask| assumed_ours(ask, name_prefix)));
        }
        memory.learn(call);
    }
    found
}

/// What a test put into the account by itself counts as this instance's.
fn assumed_ours(mut ask: Ask, name_prefix: &str) -> Ask {
    for value in ask.context.values_mut().flatten().filter(|value| *value == "assumed") {
        name_prefix.clone_into(value);
    }
    ask
}

/// Every action that a policy names.
pub fn actions(policy: &Value) -> BTreeSet<String> {
    let statements = policy["Statement"].as_array().expect("statements");
    let listed = statements.iter().flat_map(|statement| statement["Action"].as_array().expect("actions"));
    listed.map(|action| action.as_str().expect("an action").to_owned()).collect()
}

const OURS: &str = "shop-dev-ecs-ab12";
const GROUP: &str = "arn:aws:ec2:us-west-2:1:security-group/sg-1";

fn tagged(action: &str, resource: &str, tags: &[(&str, &str)]) -> Ask {
    tags.iter().fold(Ask::new(action, resource), |ask, (key, value)| ask.with(&format!("aws:ResourceTag/{key}"), value))
}

#[test]
fn what_is_somebody_elses_may_not_be_changed() {
    let policy = policy(&Whose::new("aws", OURS).expect("a prefix"));
    let delete = |tags: &[(&str, &str)]| allows(&policy, &tagged("ec2:DeleteSecurityGroup", GROUP, tags));
    assert!(delete(&[("md-name-prefix", OURS)]));
    assert!(!delete(&[]));
    assert!(!delete(&[("md-name-prefix", "shop-dev-rds-cd34")]));
    let role = |name: &str, tags| allows(&policy, &tagged("iam:DeleteRole", &format!("arn:aws:iam::1:role/{name}"), tags));
    assert!(role(OURS, &[("md-name-prefix", OURS)]));
    assert!(!role("admin", &[("md-name-prefix", OURS)]));
    let attach = |arn| {
        tagged("iam:AttachRolePolicy", &format!("arn:aws:iam::1:role/{OURS}"), &[("md-name-prefix", OURS)]).with("iam:PolicyARN", arn)
    };
    assert!(allows(&policy, &attach("arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore")));
    assert!(!allows(&policy, &attach("arn:aws:iam::aws:policy/AdministratorAccess")));
}

#[test]
fn nothing_that_stands_can_be_claimed_by_tagging_it() {
    let policy = policy(&Whose::new("aws", "*").expect("a prefix"));
    let theirs = [
        ("ec2:CreateTags", GROUP),
        ("ecs:TagResource", "arn:aws:ecs:us-west-2:1:cluster/theirs"),
        ("elasticloadbalancing:AddTags", "arn:aws:elasticloadbalancing:us-west-2:1:loadbalancer/app/theirs/1"),
    ];
    for (action, resource) in theirs {
        let ask = Ask::new(action, resource).with("aws:RequestTag/md-name-prefix", OURS).with("aws:TagKeys", "md-name-prefix");
        assert!(!allows(&policy, &ask), "{ask:?}");
    }
}

#[test]
fn the_role_is_passed_to_ec2_and_records_are_those_of_certificates() {
    let policy = policy(&Whose::new("aws", OURS).expect("a prefix"));
    let pass = |service| Ask::new("iam:PassRole", &format!("arn:aws:iam::1:role/{OURS}")).with("iam:PassedToService", service);
    assert!(allows(&policy, &pass("ec2.amazonaws.com")) && allows(&policy, &pass("ec2.amazonaws.com.cn")));
    assert!(!allows(&policy, &pass("lambda.amazonaws.com")));
    let record = |kind, name| {
        let ask = Ask::new("route53:ChangeResourceRecordSets", "arn:aws:route53:::hostedzone/Z1");
        ask.with("route53:ChangeResourceRecordSetsRecordTypes", kind).with("route53:ChangeResourceRecordSetsNormalizedRecordNames", name)
    };
    assert!(allows(&policy, &record("CNAME", "_0a1b.example.com")));
    assert!(!allows(&policy, &record("CNAME", "www.example.com")));
    assert!(!allows(&policy, &record("TXT", "_0a1b.example.com")));
    assert!(!allows(&policy, &Ask::new("route53:ChangeResourceRecordSets", "arn:aws:route53:::hostedzone/Z1")));
}

#[test]
fn nothing_is_launched_but_from_a_launch_template_of_the_instance() {
    let policy = policy(&Whose::new("aws", OURS).expect("a prefix"));
    let source = "arn:aws:ec2:us-west-2:1:launch-template/lt-1";
    let machine = Ask::new("ec2:RunInstances", "arn:aws:ec2:us-west-2:1:instance/i-1");
    assert!(!allows(&policy, &machine));
    assert!(allows(&policy, &machine.with("ec2:LaunchTemplate", source)));
    let template = |tags| allows(&policy, &tagged("ec2:RunInstances", source, tags).with("ec2:LaunchTemplate", source));
    assert!(template(&[("md-name-prefix", OURS)]));
    assert!(!template(&[]) && !template(&[("md-name-prefix", "shop-dev-rds-cd34")]));
}

#[test]
fn clusters_of_the_opentofu_bundle_need_the_policy_for_their_adoption() {
    let whose = Whose::new("aws", OURS).expect("a prefix");
    let (own, taking_over) = (policy(&whose), adoption(&whose));
    let old = [("managed-by", "massdriver"), ("md-package", OURS)];
    let new = [("managed-by", "massdriver"), ("md-instance", "shop-dev-ecs")];
    for tags in [old, new] {
        let ask = tagged("ec2:CreateTags", GROUP, &tags);
        assert!(!allows(&own, &ask) && allows(&taking_over, &ask), "{ask:?}");
    }
    let theirs = [("managed-by", "massdriver"), ("md-instance", "shop-dev-rds")];
    assert!(!allows(&taking_over, &tagged("ec2:CreateTags", GROUP, &theirs)));
    assert!(!allows(&taking_over, &tagged("ec2:CreateTags", GROUP, &[("md-package", OURS)])));
}

#[test]
fn a_pattern_fits_the_instances_that_it_describes() {
    let policy = policy(&Whose::new("aws", "shop-*").expect("a pattern"));
    let delete = |prefix: &str, name: &str| {
        let arn = format!("arn:aws:elasticloadbalancing:us-west-2:1:loadbalancer/app/{name}/1");
        allows(&policy, &tagged("elasticloadbalancing:DeleteLoadBalancer", &arn, &[("md-name-prefix", prefix)]))
    };
    let long = "shop-production-container-cluster-ab12";
    assert!(delete(OURS, OURS));
    assert!(delete(long, &aws_ecs_cluster::model::names::load_balancer(long)));
    assert!(!delete("other-dev-ecs-ab12", "other-dev-ecs-ab12"));
}

/// A call as it arrives at the proxy.
fn call_of(service: &str, operation: &str) -> Call {
    let scope = format!("AWS4-HMAC-SHA256 Credential=000000000001/20260101/us-west-2/{service}/aws4_request");
    let headers = vec![("authorization".to_owned(), scope), ("x-amz-target".to_owned(), format!("Service.{operation}"))];
    let request = Request { method: "POST".to_owned(), target: "/".to_owned(), headers, body: b"{}".to_vec() };
    Call::of(&request, Duration::ZERO)
}

#[test]
fn an_untaught_call_is_not_waved_through() {
    let policy = policy(&Whose::new("aws", OURS).expect("a prefix"));
    let untaught = [
        ("sqs", "DeleteQueue"),
        ("ecs", "RunTask"),
        ("iam", "CreateUser"),
        ("ec2", "TerminateInstances"),
        ("autoscaling", "SetDesiredCapacity"),
        ("elasticloadbalancing", "DeleteListener"),
        ("acm", "ImportCertificate"),
        ("route53", "DeleteHostedZone"),
        ("s3", "ListBuckets"),
    ];
    for (service, operation) in untaught {
        let call = call_of(service, operation);
        let asks = asks(&call, &Memory::default());
        assert!(!asks.is_empty() && !asks.iter().any(|ask| allows(&policy, ask)), "{service}:{operation}: {asks:?}");
    }
}

#[test]
fn a_pattern_for_adoption_fits_instances_by_their_name_without_the_platforms_letters() {
    let of_instance = |pattern: &str, instance: &str| {
        let policy = adoption(&Whose::new("aws", pattern).expect("a pattern"));
        allows(&policy, &tagged("ec2:CreateTags", GROUP, &[("managed-by", "massdriver"), ("md-instance", instance)]))
    };
    for pattern in [OURS, "shop-dev-ecs-*", "shop-dev-*", "shop-*", "*"] {
        assert!(of_instance(pattern, "shop-dev-ecs"), "{pattern}");
    }
    assert!(!of_instance("shop-dev-ecs-*", "shop-dev-rds") && !of_instance("shop-prod-*", "shop-dev-ecs"));
}
