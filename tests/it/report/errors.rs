//! Everything that goes wrong, as its reader meets it, in one text: so that its language is read as a whole.

use super::golden::assert_golden;
use crate::inputs::{connections, open_params, params, parsed, with, without};
use crate::plan::samples;
use crate::plan::world::{converged, edits, empty};
use aws_ecs_cluster::aws::NoAccess;
use aws_ecs_cluster::aws::failure::{Class, Failure};
use aws_ecs_cluster::engine::converge::Unconverged;
use aws_ecs_cluster::engine::execute::{Fate, Outcome};
use aws_ecs_cluster::model::address::{Address, Kind};
use aws_ecs_cluster::model::reference::Ref;
use aws_ecs_cluster::plan::action::{Action, Condition, Service, WAIT};
use aws_ecs_cluster::plan::{Change, ChangeAction, Goal, Operation, Plan, Refusal};
use aws_ecs_cluster::report::ending::explain;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::process::Command;

fn section(title: &str, texts: impl IntoIterator<Item = String>) -> String {
    let texts: Vec<String> = texts.into_iter().map(|text| anstream::adapter::strip_str(&text).to_string()).collect();
    format!("==== {title}\n\n{}\n\n", texts.join("\n\n"))
}

/// What is said of inputs that are wrong in one place.
fn inputs() -> Vec<String> {
    let in_params = [
        ("/cluster/instances/0/name", json!("-Web!")),
        ("/cluster/instances/0/instance_type", json!("t3.gigantic")),
        ("/cluster/instances/0/min_size", json!("one")),
        ("/cluster/instances/0/min_size", json!(5)),
        ("/cluster/instances/0/max_size", json!(-1)),
        ("/cluster/instances/0/root_volume_gb", json!(1)),
        ("/cluster/instances/0/node_refresh", json!("sometimes")),
        ("/cluster/container_insights", json!(true)),
        ("/cluster/ingress/enable_ingress", json!(true)),
        ("/md_metadata/name_prefix", json!("")),
        ("/md_metadata/default_tags", json!({ "aws:mine": "x" })),
    ];
    let in_open = [
        ("/cluster/ingress/default_route53_hosted_zone", json!("example.com")),
        ("/cluster/ingress/additional_route53_hosted_zones", json!(["arn:aws:route53:::hostedzone/Z1"])),
        ("/cluster/ingress/allowed_cidrs", json!(["10.0.0.1/8"])),
        ("/cluster/ingress/allowed_cidrs", json!([])),
    ];
    let in_connections = [
        ("/aws_authentication/data/arn", json!("massdriver")),
        ("/aws_authentication/data/external_id", json!(7)),
        ("/vpc/data/infrastructure/arn", json!("arn:aws:ec2:eu-west-1:123456789012:subnet/subnet-1")),
        ("/vpc/data/infrastructure/cidr", json!("10.0.0.0")),
        ("/vpc/data/infrastructure/private_subnets", json!([])),
        ("/vpc/specs/aws/region", json!("eu-north-9")),
    ];
    let groups = two_groups_of_one_name();
    let params_wrong = in_params.into_iter().map(|(pointer, value)| parsed(&with(&params(), pointer, value), &connections()));
    let open_wrong = in_open.into_iter().map(|(pointer, value)| parsed(&with(&open_params(), pointer, value), &connections()));
    let connections_wrong = in_connections.into_iter().map(|(pointer, value)| parsed(&params(), &with(&connections(), pointer, value)));
    let missing = [
        parsed(&without(&params(), "/md_metadata"), &connections()),
        parsed(&params(), &without(&connections(), "/vpc")),
        parsed(&groups, &connections()),
    ];
    let results = params_wrong.chain(open_wrong).chain(connections_wrong).chain(missing);
    let texts = results.flat_map(|result| result.err().unwrap_or_default()).map(|problem| problem.to_string());
    texts.collect::<BTreeSet<_>>().into_iter().collect()
}

fn two_groups_of_one_name() -> Value {
    let group = params()["cluster"]["instances"][0].clone();
    with(&params(), "/cluster/instances", json!([group, group]))
}

/// What the binary says when it is called wrongly, with the folder's name made the same everywhere.
fn usage() -> Vec<String> {
    let folder = tempfile::tempdir().expect("a folder");
    let here = folder.path().to_string_lossy().into_owned();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).expect("a file to write");
    write("params.json", &params().to_string());
    write("connections.json", &connections().to_string());
    write("broken.json", "{ \"cluster\": ");
    let calls: [(&[&str], &[(&str, &str)]); 11] = [
        (&[], &[]),
        (&[], &[("MASSDRIVER_DEPLOYMENT_ACTION", "destroy")]),
        (&["provison"], &[]),
        (&["plan", "--detailed"], &[]),
        (&["--dir", "/no/such/folder", "plan"], &[]),
        (&["--params", "broken.json", "plan"], &[]),
        (&["plan"], &[("AWS_ENDPOINT_URL", "localhost:4566")]),
        (&["plan", "--report", "no/such/folder/report.html"], &[]),
        (&["provision"], &[("MASSDRIVER_TOKEN", "t")]),
        (&["provision"], &[("MASSDRIVER_TOKEN", "t"), ("MASSDRIVER_DEPLOYMENT_ID", "d"), ("MASSDRIVER_URL", "http://example.com")]),
        (&["provision"], &[("MASSDRIVER_TOKEN", "t"), ("MASSDRIVER_DEPLOYMENT_ID", "d"), ("MASSDRIVER_URL", "https://me:pw@example.com")]),
    ];
    let told = |(args, environment): (&[&str], &[(&str, &str)])| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_aws-ecs-cluster"));
        command.env_clear().current_dir(&folder).args(args).envs(environment.iter().copied());
        if !args.contains(&"--dir") {
            command.args(["--dir", &here]);
        }
        let output = command.output().expect("the binary");
        let text = String::from_utf8_lossy(&output.stderr).replace(&here, "DIR");
        format!("$ aws-ecs-cluster {}\n{}[exit status {}]", args.join(" "), text, output.status.code().unwrap_or_default())
    };
    calls.into_iter().map(told).collect()
}

fn plan(goal: Goal) -> Plan {
    let cluster = Address::new(Kind::Cluster, "shop");
    let balancer = Address::new(Kind::LoadBalancer, "shop");
    let listener = Address::new(Kind::Listener, "shop:80");
    let active = Condition::LoadBalancerActive { load_balancer: Ref::known("arn"), name: "shop".into() };
    let operation = |address: &Address, action, after: &[usize]| Operation { address: address.clone(), action, after: after.to_vec() };
    let change = |address: &Address, action, reason: &str| Change {
        address: address.clone(),
        action,
        fields: Vec::new(),
        disruptive: false,
        reason: reason.into(),
        depends_on: BTreeSet::new(),
        adoption: None,
    };
    Plan {
        goal,
        changes: vec![change(&cluster, ChangeAction::Unknown, "could not be read: DescribeClusters failed: AccessDeniedException: no")],
        operations: vec![
            operation(&cluster, Action::DeleteCluster { cluster: "shop".into() }, &[]),
            operation(&balancer, Action::Wait(active), &[]),
            operation(&listener, Action::DeleteLoadBalancer { arn: "arn".into() }, &[1]),
        ],
        warnings: Vec::new(),
        refusals: vec![Refusal {
            address: cluster,
            reason: "apps are on it: `web`".into(),
            remedy: "decommission those apps; then run this again".into(),
        }],
    }
}

fn failure(class: Class, code: Option<&str>, message: &str) -> Failure {
    let request_id = code.map(|_| "6f1d7a3c".to_owned());
    Failure { service: Service::Ecs, operation: "DeleteCluster", code: code.map(str::to_owned), message: message.into(), request_id, class }
}

fn endings() -> Vec<String> {
    let failures = [
        failure(
            Class::Denied,
            Some("AccessDeniedException"),
            "User: arn:aws:sts::1:assumed-role/r is not authorized to perform: ecs:DeleteCluster",
        ),
        failure(Class::NotYet, Some("ClusterContainsTasksException"), "The Cluster cannot be deleted while Tasks are active."),
        failure(Class::Final, Some("LimitExceededException"), "The maximum number of clusters has been reached."),
        failure(Class::Final, Some("InvalidParameterException"), "Identifier is for something else."),
        failure(Class::Final, None, "dispatch failure: timed out"),
    ];
    let failed = failures.into_iter().map(|failure| {
        let skipped = Fate::Skipped(Address::new(Kind::LoadBalancer, "shop"));
        Outcome { fates: [(0, Fate::Failed(failure)), (1, Fate::Done), (2, skipped)].into(), ..Outcome::default() }
    });
    let interrupted = Outcome { started: [0, 1].into(), fates: [(0, Fate::Done)].into(), interrupted: true, ..Outcome::default() };
    let failed = failed.map(|outcome| Unconverged::Failed(plan(Goal::Decommission), outcome));
    let others = [
        Unconverged::Interrupted(plan(Goal::Provision), interrupted),
        Unconverged::Unknown(plan(Goal::Provision)),
        Unconverged::Stuck(plan(Goal::Provision)),
        Unconverged::Refused(plan(Goal::Decommission), 1),
        Unconverged::Refused(plan(Goal::Decommission), 2),
    ];
    failed.chain(others).map(|ending| explain(&ending)).collect()
}

/// What is advised where AWS's words tell what to do, and without access.
fn advice() -> Vec<String> {
    let codes = ["ThrottlingException", "ServiceUnavailable", "ExpiredTokenException"];
    let refused = codes.map(|code| failure(Class::Final, Some(code), "AWS's words"));
    let words = [
        "VcpuLimitExceeded: You have requested more vCPU capacity than your current vCPU limit allows",
        "InstanceLimitExceeded: You have requested more instances than your current instance limit allows",
        "InsufficientInstanceCapacity: We currently do not have sufficient capacity",
        "Your requested instance type is not supported in your requested Availability Zone",
        "InvalidAMIID.NotFound: The image id does not exist",
        "The architecture of the specified instance type does not match the architecture of the specified AMI",
        "`i-1` cannot reach ECS: its subnet `subnet-c` has no route to the internet",
        "not within 10m; at the end: 0 of 1 have joined",
    ];
    let waited = words.map(|words| Failure { operation: WAIT, ..failure(Class::Final, None, words) });
    let told = refused.into_iter().chain(waited).map(|failure| {
        let outcome = Outcome { fates: [(0, Fate::Failed(failure))].into(), ..Outcome::default() };
        let whole = explain(&Unconverged::Failed(plan(Goal::Provision), outcome));
        whole.lines().filter(|line| line.starts_with("  ") && !line.contains("done:")).collect::<Vec<_>>().join("\n")
    });
    let access = [
        NoAccess::Credentials("the credential provider was not enabled: no providers in chain provided credentials".into()),
        NoAccess::Role { arn: "arn:aws:iam::1:role/r".into(), words: "AccessDenied: not authorized to perform: sts:AssumeRole".into() },
    ];
    told.chain(access.map(|access| format!("error: {access}"))).collect()
}

/// Each reason for which a provision or a decommission of a cluster with everything is refused.
fn refused() -> Vec<String> {
    let desired = samples::full();
    let mut told = BTreeSet::new();
    for (_, edit) in edits::all() {
        let mut world = converged(&desired);
        edit(&mut world);
        let plans = [world.plan(&samples::scope(&desired), Some(&desired)), world.plan(&samples::decommission_scope(&desired), None)];
        told.extend(
            plans
                .iter()
                .flat_map(|plan| &plan.refusals)
                .map(|refusal| format!("refused: {}: {}\n  {}", refusal.address, refusal.reason, refusal.remedy)),
        );
    }
    told.into_iter().collect()
}

/// What a cluster with everything waits for, made and unmade.
fn waits() -> Vec<String> {
    let desired = samples::full();
    let made = empty(&desired.owner).plan(&samples::scope(&desired), Some(&desired));
    let unmade = converged(&desired).plan(&samples::decommission_scope(&desired), None);
    let told = |operation: &Operation| match &operation.action {
        Action::Wait(condition) => Some(format!("waits for {condition}")),
        _ => None,
    };
    made.operations.iter().chain(&unmade.operations).filter_map(told).collect::<BTreeSet<_>>().into_iter().collect()
}

#[test]
fn everything_that_goes_wrong_is_told_in_these_words() {
    let all = [
        section("Inputs", inputs()),
        section("Usage", usage()),
        section("Endings", endings()),
        section("Advice", advice()),
        section("Refusals", refused()),
        section("Waits", [waits().join("\n")]),
    ];
    assert_golden("errors.txt", &all.concat());
}

/// Every refusal of the scenarios says what to do, and reads as one sentence after its address.
#[test]
fn every_refusal_says_why_and_what_to_do() {
    let pattern = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios");
    let plans = std::fs::read_dir(pattern).expect("the scenarios").map(|entry| entry.expect("an entry").path().join("plan.json"));
    let refusals: Vec<Value> = plans
        .map(|plan| serde_json::from_str::<Value>(&std::fs::read_to_string(plan).expect("a plan")).expect("JSON"))
        .flat_map(|plan| plan["refusals"].as_array().cloned().unwrap_or_default())
        .collect();
    assert!(refusals.len() >= 4, "{refusals:?}");
    for refusal in refusals {
        for field in ["reason", "remedy"] {
            let text = refusal[field].as_str().expect("a text");
            let begins_small = text.chars().next().is_some_and(|letter| !letter.is_uppercase() || text.starts_with("AWS"));
            assert!(text.len() > 10 && !text.ends_with('.') && begins_small, "{field}: {text}");
        }
    }
}
