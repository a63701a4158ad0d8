//! The policy against the source: what is called is allowed, and nothing else is.

use super::judging::actions;
use aws_ecs_cluster::aws::permissions::{Whose, policy};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// What we never call and AWS demands of the caller all the same, by the call that it is demanded for.
const DEMANDED: [(&str, &str); 8] = [
    ("ec2:DescribeAccountAttributes", "CreateLoadBalancer"),
    ("ec2:DescribeAvailabilityZones", "CreateLoadBalancer"),
    ("ec2:DescribeInternetGateways", "CreateLoadBalancer"),
    ("ec2:DescribeNetworkInterfaces", "CreateLoadBalancer"),
    ("ec2:GetSecurityGroupsForVpc", "CreateLoadBalancer"),
    ("ec2:RunInstances", "CreateAutoScalingGroup"),
    ("iam:CreateServiceLinkedRole", "CreateCluster"),
    ("iam:PassRole", "AddRoleToInstanceProfile"),
];

const PREFIXES: [(&str, &str); 8] = [
    ("Acm", "acm"),
    ("AutoScaling", "autoscaling"),
    ("Ec2", "ec2"),
    ("Ecs", "ecs"),
    ("Elb", "elasticloadbalancing"),
    ("Iam", "iam"),
    ("Route53", "route53"),
    ("Ssm", "ssm"),
];

/// The actions of every call in the text: each goes through `named(service, operation)`, the operation in place or in a `let` before it.
fn called(text: &str) -> BTreeSet<String> {
    let mut operation = String::new();
    let mut found = BTreeSet::new();
    let joined = text.lines().map(str::trim).collect::<Vec<_>>().join(" ");
    for piece in joined.split_inclusive(';') {
        if let Some((_, rest)) = piece.split_once("let operation = \"") {
            operation = rest.split('"').next().unwrap_or_default().to_owned();
        }
        for call in piece.split(".named(").skip(1) {
            let call = call.trim_start();
            let (service, rest) =
                call.strip_prefix("Service::").and_then(|rest| rest.split_once(", ")).expect("a service and an operation");
            let name = rest.strip_prefix('"').map_or(operation.as_str(), |rest| rest.split('"').next().unwrap_or_default());
            let prefix = PREFIXES.iter().find(|(known, _)| *known == service).unwrap_or_else(|| panic!("an unknown service {service}")).1;
            found.insert(format!("{prefix}:{name}"));
        }
    }
    found
}

fn source() -> BTreeSet<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/aws");
    let files = fs::read_dir(folder).expect("the sources").map(|entry| entry.expect("an entry").path());
    let texts = files.filter(|path| path.extension().is_some_and(|kind| kind == "rs") && !path.ends_with("call.rs"));
    texts.flat_map(|path| called(&fs::read_to_string(path).expect("a source"))).collect()
}

#[test]
fn the_policy_allows_what_the_source_calls_and_what_aws_demands_for_it() {
    let (called, allowed) = (source(), actions(&policy(&Whose::new("aws", "*").expect("a pattern"))));
    let demanded: BTreeSet<String> = DEMANDED.iter().map(|(action, _)| (*action).to_owned()).collect();
    let missing: Vec<&String> = called.difference(&allowed).collect();
    assert!(missing.is_empty(), "called, and not in the policy: {missing:?}");
    let idle: Vec<&String> = allowed.iter().filter(|action| !called.contains(*action) && !demanded.contains(*action)).collect();
    assert!(idle.is_empty(), "in the policy, and neither called nor demanded: {idle:?}");
    for (action, by) in DEMANDED {
        assert!(called.iter().any(|called| called.ends_with(&format!(":{by}"))), "{action} is demanded for {by}, which nobody calls");
    }
}

#[test]
fn calls_are_found_in_both_forms() {
    let text = "let operation = \"CreateX\";\nself.a.send().await.named(Service::Ecs, operation)?;\nother.named(Service::Acm, \"ListY\")";
    assert_eq!(called(text), BTreeSet::from(["acm:ListY".to_owned(), "ecs:CreateX".to_owned()]));
}
