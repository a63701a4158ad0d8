//! For every rule, the change that breaks it, and what is then said.

use super::Case;
use aws_ecs_cluster::model::facts::Seen;
use aws_ecs_cluster::model::observed::{Observed, ObservedListener, ObservedLoadBalancer, ObservedRole};
use aws_ecs_cluster::model::properties::{DefaultAction, Direction, LaunchTemplateContent, Listener, Peer, Rule, SecurityGroup};
use aws_ecs_cluster::model::tags::Tags;
use aws_ecs_cluster::plan::desired::{DesiredGroup, DesiredIngress, DesiredNodes};
use aws_ecs_cluster::policy::{Outcome, rules};

/// The rule, the change that breaks it, and words of the finding.
pub type Breach = (&'static str, fn(&mut Case), &'static str);

pub const BREACHES: [Breach; 22] = [
    ("ECS001", |case| case.desired.cluster.container_insights = "disabled".to_owned(), "containerInsights setting is `disabled`"),
    (
        "ECS002",
        |case| case.desired.cluster.tags = Tags::default().with("Name", "x").with("md-name-prefix", "x"),
        "no tag but the bundle's own",
    ),
    ("ECS101", |case| template(case).metadata_options.http_tokens = "optional".to_owned(), "HttpTokens is `optional`"),
    ("ECS102", |case| template(case).metadata_options.http_put_response_hop_limit = 2, "HttpPutResponseHopLimit is 2"),
    ("ECS103", |case| template(case).user_data = "#!/bin/bash\n".to_owned(), "does not set ECS_AWSVPC_BLOCK_IMDS=true"),
    ("ECS104", |case| template(case).root_volume = None, "leaves the root volume to the image"),
    ("ECS105", put_nodes_into_a_public_subnet, "public subnets: `subnet-a`"),
    ("ECS106", |case| drop(group(case).auto_scaling_group.subnets.pop_last()), "all in eu-west-1a"),
    ("ECS107", |case| open(&mut nodes(case).security_group, "10.0.0.0/8", 22), "tcp on port 22 from 10.0.0.0/8"),
    (
        "ECS108",
        |case| {
            nodes(case).role.trusted_principals.insert("ecs.amazonaws.com".to_owned());
        },
        "trusts `ecs.amazonaws.com`",
    ),
    ("ECS109", attach_administration, "AdministratorAccess` is attached"),
    (
        "ECS110",
        |case| {
            role(case).inline_policies.get_or_insert_default().insert("debug".to_owned());
        },
        "others have embedded `debug`",
    ),
    ("ECS111", |case| group(case).capacity_provider.managed_draining = false, "draining is off"),
    ("ECS201", |case| ingress(case).redirect.default_action = DefaultAction::PathNotFound, "does not redirect"),
    ("ECS202", |case| unset(case, "routing.http.drop_invalid_header_fields.enabled"), "is `false`"),
    ("ECS203", |_| (), "access_logs.s3.enabled is `false`"),
    ("ECS204", |case| unset(case, "deletion_protection.enabled"), "is `false`"),
    ("ECS205", |case| stand(case, "routing.http.desync_mitigation_mode", "monitor"), "is `monitor`"),
    ("ECS206", |case| drop(ingress(case).load_balancer.subnets.pop_last()), "not in two Availability Zones"),
    (
        "ECS207",
        |case| ingress(case).https.ssl_policy = Some("ELBSecurityPolicy-2016-08".to_owned()),
        "policy is `ELBSecurityPolicy-2016-08`",
    ),
    ("ECS208", |case| add_listener(case, 8080, "HTTP"), "serves over HTTP"),
    ("ECS209", |case| open(&mut ingress(case).security_group, "0.0.0.0/0", 22), "tcp on port 22 from 0.0.0.0/0"),
];

fn nodes(case: &mut Case) -> &mut DesiredNodes {
    case.desired.nodes.as_mut().expect("groups")
}

fn group(case: &mut Case) -> &mut DesiredGroup {
    &mut nodes(case).groups[0]
}

fn template(case: &mut Case) -> &mut LaunchTemplateContent {
    &mut group(case).content
}

fn ingress(case: &mut Case) -> &mut DesiredIngress {
    case.desired.ingress.as_mut().expect("ingress")
}

fn role(case: &mut Case) -> &mut ObservedRole {
    standing(&mut case.observed.role)
}

fn balancer(observed: &mut Observed) -> &mut ObservedLoadBalancer {
    standing(&mut observed.load_balancer)
}

fn standing<T>(seen: &mut Seen<T>) -> &mut T {
    let Seen::Present(found) = seen else { panic!("nothing stands") };
    found
}

fn put_nodes_into_a_public_subnet(case: &mut Case) {
    group(case).auto_scaling_group.subnets.insert("subnet-a".to_owned());
}

fn attach_administration(case: &mut Case) {
    role(case).properties.managed_policies.insert("arn:aws:iam::aws:policy/AdministratorAccess".to_owned());
}

fn open(group: &mut SecurityGroup, range: &str, port: i32) {
    let rule =
        Rule { direction: Direction::Ingress, protocol: "tcp".to_owned(), ports: Some((port, port)), peer: Peer::Cidr(range.to_owned()) };
    group.rules.insert(rule, String::new());
}

/// Neither planned nor standing.
fn unset(case: &mut Case, attribute: &str) {
    ingress(case).load_balancer.attributes.remove(attribute);
    balancer(&mut case.observed).properties.attributes.remove(attribute);
}

fn stand(case: &mut Case, attribute: &str, value: &str) {
    balancer(&mut case.observed).properties.attributes.insert(attribute.to_owned(), value.to_owned());
}

fn add_listener(case: &mut Case, port: i32, protocol: &str) {
    let default_action = DefaultAction::Other("forward".to_owned());
    let properties = Listener {
        port,
        protocol: protocol.to_owned(),
        ssl_policy: None,
        default_certificate: None,
        default_action,
        tags: Tags::default(),
    };
    let theirs = ObservedListener { arn: "arn:theirs".to_owned(), properties, extra_certificates: Default::default() };
    balancer(&mut case.observed).listeners.push(theirs);
}

#[test]
fn every_rule_is_broken_by_one_change_and_no_other_rule_is() {
    let covered: Vec<&str> = BREACHES.iter().map(|(id, ..)| *id).collect();
    assert_eq!(covered, rules().map(|rule| rule.id).collect::<Vec<_>>(), "every rule has its breach");
    for (id, breach, words) in BREACHES {
        let mut case = Case::full();
        breach(&mut case);
        let verdict = case.verdict(id);
        let exempt = if id == "ECS203" { Outcome::Exempt } else { Outcome::Failed };
        assert_eq!(verdict.outcome, exempt, "{id}");
        assert_eq!(verdict.findings.len(), 1, "{id}: {:#?}", verdict.findings);
        assert!(verdict.findings[0].reason.contains(words), "{id}: {}", verdict.findings[0].reason);
        assert!(verdict.resources.contains(&verdict.findings[0].address), "{id}");
        let broken = case.judge().into_iter().filter(|other| other.outcome == Outcome::Failed && other.id != id);
        // A listener that redirects no more serves over HTTP.
        let expected: &[&str] = if id == "ECS201" { &["ECS208"] } else { &[] };
        assert_eq!(broken.map(|other| other.id).collect::<Vec<_>>(), expected, "{id} breaks other rules too");
    }
}

#[test]
fn a_rule_that_is_exempt_passes_where_somebody_keeps_it_all_the_same() {
    let mut case = Case::full();
    stand(&mut case, "access_logs.s3.enabled", "true");
    assert_eq!(case.verdict("ECS203").outcome, Outcome::Passed);
}

#[test]
fn the_whole_internet_may_reach_the_web_ports_and_a_company_may_reach_more() {
    let mut case = Case::full();
    open(&mut ingress(&mut case).security_group, "192.0.2.0/24", 8443);
    assert_eq!(case.verdict("ECS209").outcome, Outcome::Passed);
    open(&mut ingress(&mut case).security_group, "128.0.0.0/1", 8443);
    assert_eq!(case.verdict("ECS209").outcome, Outcome::Failed, "half of the internet is too much of it");
}

#[test]
fn policies_that_admit_ciphers_without_forward_secrecy_are_not_recommended() {
    for (policy, outcome) in [
        ("ELBSecurityPolicy-TLS13-1-2-2021-06", Outcome::Passed),
        ("ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09", Outcome::Passed),
        ("ELBSecurityPolicy-TLS13-1-2-Ext1-2021-06", Outcome::Failed),
        ("ELBSecurityPolicy-TLS13-1-1-2021-06", Outcome::Failed),
    ] {
        let mut case = Case::full();
        ingress(&mut case).https.ssl_policy = Some(policy.to_owned());
        assert_eq!(case.verdict("ECS207").outcome, outcome, "{policy}");
    }
}
