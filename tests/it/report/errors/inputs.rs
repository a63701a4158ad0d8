//! What is said of inputs that are wrong: by themselves, against the account, and of how the step is set up.

use crate::inputs::{connections, group, open_params, params, parsed, with, without};
use crate::plan::samples;
use crate::plan::world::{Part, World, converged, empty};
use crate::policy::Case;
use aws_ecs_cluster::inputs::{Problem, Warning, check_facts, parse};
use aws_ecs_cluster::massdriver::artifact::{check_desired, of_observed};
use aws_ecs_cluster::massdriver::config;
use aws_ecs_cluster::model::facts::{Facts, HostedZone, Seen, Unread};
use aws_ecs_cluster::report::log;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

type Findings = (Vec<Problem>, Vec<Warning>);

/// Each finding once, in order, what stops nothing after what does.
fn told(found: impl IntoIterator<Item = Findings>) -> Vec<String> {
    let (problems, warnings): (Vec<_>, Vec<_>) = found.into_iter().unzip();
    let problems: BTreeSet<String> = problems.iter().flatten().map(ToString::to_string).collect();
    let warnings: BTreeSet<String> = warnings.iter().flatten().map(log::warning).collect();
    problems.into_iter().chain(warnings).collect()
}

fn findings<T>(result: Result<(T, Vec<Warning>), Vec<Problem>>) -> Findings {
    match result {
        Ok((_, warnings)) => (Vec::new(), warnings),
        Err(problems) => (problems, Vec::new()),
    }
}

/// Inputs that are wrong, or doubtful, in one place each.
pub fn wrong() -> Vec<String> {
    let in_params = params_cases().into_iter().map(|(pointer, value)| parsed(&with(&params(), pointer, value), &connections()));
    let in_open = open_cases().into_iter().map(|(pointer, value)| parsed(&with(&open_params(), pointer, value), &connections()));
    let in_connections = connections_cases().into_iter().map(|(pointer, value)| parsed(&params(), &with(&connections(), pointer, value)));
    let results = in_params.chain(in_open).chain(in_connections).chain(missing());
    told(results.map(findings).chain([too_many()]))
}

/// Of hundreds of problems what is said of those that are left out.
fn too_many() -> Findings {
    let hundreds: Vec<Value> = (0..250).map(|number| group(&format!("g{number}"), "t3.gigantic")).collect();
    let mut problems = parsed(&with(&params(), "/cluster/instances", json!(hundreds)), &connections()).expect_err("wrong params");
    problems.retain(|problem| problem.pointer.is_empty());
    (problems, Vec::new())
}

fn params_cases() -> Vec<(&'static str, Value)> {
    let many_tags: Map<String, Value> = (0..60).map(|number| (format!("tag-{number}"), json!("x"))).collect();
    vec![
        ("/cluster/instances/0/name", json!("-Web!")),
        ("/cluster/instances/0/name", json!("my-web")),
        ("/cluster/instances/0/instance_type", json!("t3.gigantic")),
        ("/cluster/instances/0/instance_type", json!("m5.lrage")),
        ("/cluster/instances/0/instance_type", json!("p2.xlarge")),
        ("/cluster/instances/0/min_size", json!("one")),
        ("/cluster/instances/0/min_size", json!("1")),
        ("/cluster/instances/0/min_size", json!(5)),
        ("/cluster/instances/0/max_size", json!(-1)),
        ("/cluster/instances/0/max_size", json!(1001)),
        ("/cluster/instances/0/root_volume_gb", json!(1)),
        ("/cluster/instances/0/node_refresh", json!("sometimes")),
        ("/cluster/instances", json!([group("web", "m5.large"), group("web", "m5.large")])),
        ("/cluster/instances/0/name", json!("shop-prod-cluster-ab12-")),
        ("/cluster/instances", json!("none")),
        ("/cluster/container_insights", json!(true)),
        ("/cluster/ingress", json!([])),
        ("/cluster/ingress/enable_ingress", json!("yes")),
        ("/cluster/ingress/enable_ingress", json!(true)),
        ("/cluster/ingress/dns_records", json!([])),
        ("/cluster/ingress/allowed_cidr", json!(["203.0.113.0/24"])),
        ("/cluster/instances/0/spot", json!(true)),
        ("/md_metadata/name_prefix", json!("")),
        ("/md_metadata/default_tags", json!({ "aws:mine": "x" })),
        ("/md_metadata/default_tags", json!({ "": "x" })),
        ("/md_metadata/default_tags", json!({ "team": "x", "Team": "x" })),
        ("/md_metadata/default_tags", json!({ "name": "x" })),
        ("/md_metadata/default_tags", json!({ "long": "x".repeat(300) })),
        ("/md_metadata/default_tags", Value::Object(many_tags)),
    ]
}

fn open_cases() -> Vec<(&'static str, Value)> {
    let zone = json!("arn:aws:route53:::hostedzone/Z1");
    let networks: Vec<String> = (0..40).map(|number| format!("10.{number}.0.0/16")).collect();
    let zones: Vec<String> = (2..40).map(|number| format!("arn:aws:route53:::hostedzone/Z{number}")).collect();
    vec![
        ("/cluster/ingress/allowed_cidrs", json!(networks)),
        ("/cluster/ingress/additional_route53_hosted_zones", json!(zones)),
        ("/cluster/ingress/default_route53_hosted_zone", json!("example.com")),
        ("/cluster/ingress/additional_route53_hosted_zones", json!([zone])),
        ("/cluster/ingress/allowed_cidrs", json!(["10.0.0.1/8"])),
        ("/cluster/ingress/allowed_cidrs", json!(["10.0.0.0"])),
        ("/cluster/ingress/allowed_cidrs", json!([])),
    ]
}

fn connections_cases() -> Vec<(&'static str, Value)> {
    let arn = |resource: &str| json!(format!("arn:aws:ec2:eu-west-1:123456789012:{resource}"));
    vec![
        ("/aws_authentication/data/arn", json!("massdriver")),
        ("/aws_authentication/data/arn", json!("arn:aws:iam::123456789012:user/somebody")),
        ("/aws_authentication/data/arn", json!("arn:aws-cn:iam::123456789012:role/massdriver")),
        ("/aws_authentication/data/external_id", json!(7)),
        ("/aws_authentication/data/external_id", json!("pasted ")),
        ("/vpc/data/infrastructure/arn", arn("subnet/subnet-1")),
        ("/vpc/data/infrastructure/cidr", json!("10.0.0.0")),
        ("/vpc/data/infrastructure/private_subnets", json!([])),
        ("/vpc/data/infrastructure/private_subnets/0/arn", arn("instance/i-1")),
        ("/vpc/specs/aws/region", json!("eu-north-9")),
        ("/vpc/specs/aws/region", json!("evil.example.com/")),
    ]
}

/// What is not there at all, and what only two files together show.
fn missing() -> Vec<Result<(aws_ecs_cluster::inputs::Inputs, Vec<Warning>), Vec<Problem>>> {
    let nameless = with(&connections(), "/vpc/data/infrastructure/arn", json!("arn:aws:ec2:::vpc/vpc-1"));
    let one_subnet = crate::inputs::subnets(&["subnet-a"]);
    vec![
        parsed(&without(&params(), "/md_metadata"), &connections()),
        parsed(&params(), &without(&connections(), "/vpc")),
        parsed(&params(), &without(&nameless, "/vpc/specs")),
        parsed(&open_params(), &with(&connections(), "/vpc/data/infrastructure/public_subnets", one_subnet)),
    ]
}

/// Files that hold no object, or too much.
pub fn documents() -> Vec<String> {
    let long = vec![b' '; (1 << 20) + 1];
    let texts: [&[u8]; 5] = [b"", b"[1]", b"{ \"cluster\": ", b"{ \"cluster\": 1, \"cluster\": 2 }", &long];
    told(texts.map(|text| findings(parse(text, connections().to_string().as_bytes()))))
}

/// How the step is set up.
pub fn configs() -> Vec<String> {
    let configs = [
        json!([]),
        json!({ "log_level": "loud" }),
        json!({ "log_level": 7, "policy": { "enable": "perhaps", "halt_on_failure": 1 } }),
        json!({ "policy": true }),
        json!({ "loglevel": "debug" }),
    ];
    told(configs.map(|config| findings(config::parse(Some(config.to_string().as_bytes())))))
}

fn unknown<T>() -> Seen<T> {
    Seen::Unknown(Unread { words: "AccessDenied: User is not authorized".to_owned(), passes: false })
}

fn zone(facts: &mut Facts, change: impl FnOnce(&mut HostedZone)) {
    let Some(Seen::Present(zone)) = facts.zones.get_mut("Z1") else { panic!("a first zone") };
    change(zone);
}

/// What the account may lack, or not tell.
const LACKS: [fn(&mut Facts); 20] = [
    |facts| facts.vpc = Seen::Absent,
    |facts| facts.vpc = unknown(),
    |facts| facts.subnets = Seen::Absent,
    |facts| facts.subnets = unknown(),
    |facts| subnets(facts, |subnet| subnet.vpc_id = "vpc-2".to_owned()),
    |facts| subnets(facts, |subnet| subnet.availability_zone = "eu-west-1a".to_owned()),
    |facts| facts.internet_subnets = Seen::Absent,
    |facts| facts.internet_subnets = unknown(),
    |facts| drop(facts.zones.insert("Z1".to_owned(), Seen::Absent)),
    |facts| zone(facts, |zone| zone.private = true),
    |facts| zone(facts, |zone| zone.name = "example.org".to_owned()),
    |facts| zone(facts, |zone| zone.name = "my-company.com".to_owned()),
    |facts| zone(facts, |zone| zone.name = format!("{}.com", "x".repeat(70))),
    |facts| facts.offerings = Seen::Absent,
    |facts| offer(facts, &["eu-west-1a"]),
    |facts| facts.offerings = unknown(),
    |facts| facts.images = Seen::Absent,
    |facts| facts.tls_policies = unknown(),
    |facts| facts.listed_zones = unknown(),
    |_| (),
];

fn subnets(facts: &mut Facts, change: impl Fn(&mut aws_ecs_cluster::model::facts::Subnet)) {
    let Seen::Present(subnets) = &mut facts.subnets else { panic!("subnets") };
    subnets.values_mut().for_each(change);
}

/// The types that the groups ask for are offered in these zones alone.
fn offer(facts: &mut Facts, zones: &[&str]) {
    let zones: BTreeSet<String> = zones.iter().map(|zone| (*zone).to_owned()).collect();
    let offers = ["m5.large", "m7g.large"].map(|name| (name.to_owned(), zones.clone()));
    facts.offerings = Seen::Present(BTreeMap::from(offers));
}

/// What AWS shows to be wrong with inputs that are sound by themselves.
pub fn facts() -> Vec<String> {
    let case = Case::full();
    let judged = LACKS.map(|lack| {
        let mut facts = case.facts.clone();
        offer(&mut facts, &["eu-west-1a", "eu-west-1b"]);
        lack(&mut facts);
        check_facts(&case.inputs, &facts)
    });
    told(judged)
}

/// Why there is no artifact.
pub fn artifacts() -> Vec<String> {
    let identity = samples::inputs(&samples::full_params()).identity;
    let desired = samples::full();
    let mut unserved = converged(&desired);
    unserved.load_balancer.as_mut().expect("a load balancer").listeners.clear();
    let mut hidden = converged(&desired);
    hidden.hidden.insert(Part::Cluster);
    let observed = |world: &World| of_observed(&identity, &world.look(&samples::scope(&desired))).map(|_| ());
    let mut odd = desired.clone();
    odd.ingress.as_mut().expect("ingress").zones[0].certificate.domain = "under_score.com".to_owned();
    let refused = [observed(&empty(&desired.owner)), observed(&unserved), observed(&hidden), check_desired(&identity, &odd)];
    refused.into_iter().map(|refused| format!("error: {}", refused.expect_err("no artifact"))).collect()
}
