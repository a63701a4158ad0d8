//! What is refused or remarked on once the account has been read.

use super::{accepted, assert_problems, assert_warned, connections, group, open_params, params, subnets, with};
use aws_ecs_cluster::inputs::{Inputs, alb_subnets, check_facts, unread_foundations};
use aws_ecs_cluster::model::facts::{Facts, HostedZone, ImageFamily, Seen, Subnet, Unread};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

const VPC: &str = "/vpc/data/infrastructure/arn";
const PUBLIC: &str = "/vpc/data/infrastructure/public_subnets";
const PRIVATE: &str = "/vpc/data/infrastructure/private_subnets";
const TYPE: &str = "/cluster/instances/0/instance_type";
const DEFAULT_ZONE: &str = "/cluster/ingress/default_route53_hosted_zone";
const ADDITIONAL_ZONES: &str = "/cluster/ingress/additional_route53_hosted_zones";

fn inputs(params: &Value) -> Inputs {
    accepted(params, &connections()).0
}

/// A group and ingress at once.
fn full() -> Inputs {
    inputs(&with(&open_params(), "/cluster/instances", json!([group("web", "m5.large")])))
}

fn with_zones(additional: &[&str]) -> Inputs {
    let arns: Value = additional.iter().map(|id| json!(format!("arn:aws:route53:::hostedzone/{id}"))).collect();
    inputs(&with(&open_params(), ADDITIONAL_ZONES, arns))
}

fn zone(id: &str, name: &str) -> Seen<HostedZone> {
    Seen::Present(HostedZone { id: id.to_owned(), name: name.to_owned(), private: false })
}

fn subnet(id: &str, availability_zone: &str) -> (String, Subnet) {
    (id.to_owned(), Subnet { id: id.to_owned(), vpc_id: "vpc-1".to_owned(), availability_zone: availability_zone.to_owned() })
}

fn unknown<T>() -> Seen<T> {
    Seen::Unknown(Unread { words: "AccessDenied: no".to_owned(), passes: false })
}

fn set(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// An account that has all that [`full`] asks for.
fn facts() -> Facts {
    let subnets = [subnet("subnet-a", "1a"), subnet("subnet-b", "1b"), subnet("subnet-c", "1a"), subnet("subnet-d", "1b")];
    Facts {
        vpc: Seen::Present(()),
        subnets: Seen::Present(BTreeMap::from(subnets)),
        internet_subnets: Seen::Present(set(&["subnet-a", "subnet-b"])),
        zones: BTreeMap::from([("Z1".to_owned(), zone("Z1", "example.com"))]),
        offerings: Seen::Present(BTreeMap::from([("m5.large".to_owned(), set(&["1a", "1b"]))])),
        images: Seen::Present(BTreeMap::from([(ImageFamily::X86, "ami-1".to_owned())])),
        listed_zones: Seen::Absent,
        tls_policies: Seen::Present(BTreeSet::new()),
        load_balancer_subnets: BTreeSet::new(),
    }
}

fn judged(inputs: &Inputs, facts: &Facts, problems: &[(&str, &str)], warnings: &[(&str, &str)]) {
    let (found, remarks) = check_facts(inputs, facts);
    assert_problems(&found, problems);
    assert_warned(&remarks, warnings);
}

fn refused(facts: &Facts, expected: &[(&str, &str)]) {
    judged(&full(), facts, expected, &[]);
}

fn warned(facts: &Facts, expected: &[(&str, &str)]) {
    judged(&full(), facts, &[], expected);
}

#[test]
fn an_account_that_has_everything_is_accepted_in_silence() {
    judged(&full(), &facts(), &[], &[]);
}

#[test]
fn a_fargate_cluster_without_ingress_asks_for_no_more_than_the_vpc() {
    let bare = inputs(&with(&params(), "/cluster/instances", json!([])));
    let nothing = Facts {
        vpc: Seen::Present(()),
        subnets: Seen::Absent,
        internet_subnets: Seen::Absent,
        zones: BTreeMap::new(),
        offerings: Seen::Absent,
        images: Seen::Absent,
        listed_zones: Seen::Absent,
        tls_policies: Seen::Absent,
        load_balancer_subnets: BTreeSet::new(),
    };
    judged(&bare, &nothing, &[], &[]);
    judged(&bare, &Facts { subnets: unknown(), internet_subnets: unknown(), offerings: unknown(), images: unknown(), ..nothing }, &[], &[]);
}

#[test]
fn the_vpc_must_exist() {
    refused(&Facts { vpc: Seen::Absent, ..facts() }, &[(VPC, "`vpc-1`: does not exist in `eu-west-1`")]);
    warned(&Facts { vpc: unknown(), ..facts() }, &[(VPC, "could not be read: AccessDenied: no")]);
}

#[test]
fn every_subnet_that_the_cluster_uses_must_exist() {
    let some = Seen::Present(BTreeMap::from([subnet("subnet-a", "1a"), subnet("subnet-c", "1a")]));
    let expected = [
        (&*format!("{PRIVATE}/1/arn"), "`subnet-d`: does not exist in `eu-west-1`"),
        (&*format!("{PUBLIC}/1/arn"), "`subnet-b`: does not exist in `eu-west-1`"),
    ];
    refused(&Facts { subnets: some, internet_subnets: Seen::Present(set(&["subnet-a"])), ..facts() }, &expected);
}

#[test]
fn subnets_that_the_cluster_does_not_use_are_not_asked_for() {
    let private = Seen::Present(BTreeMap::from([subnet("subnet-c", "1a"), subnet("subnet-d", "1b")]));
    judged(&inputs(&params()), &Facts { subnets: private, ..facts() }, &[], &[]);
    let public = Seen::Present(BTreeMap::from([subnet("subnet-a", "1a"), subnet("subnet-b", "1b")]));
    judged(&inputs(&open_params()), &Facts { subnets: public, ..facts() }, &[], &[]);
}

#[test]
fn every_subnet_must_belong_to_the_vpc() {
    let mut foreign = facts();
    if let Seen::Present(subnets) = &mut foreign.subnets {
        subnets.values_mut().filter(|subnet| subnet.id == "subnet-c").for_each(|subnet| subnet.vpc_id = "vpc-2".to_owned());
    }
    refused(&foreign, &[(&format!("{PRIVATE}/0/arn"), "`subnet-c`: belongs to `vpc-2`, not to `vpc-1`")]);
}

#[test]
fn unread_subnets_are_remarked_on_once() {
    let expected = [("/vpc/data/infrastructure", "has subnets that could not be read: AccessDenied: no")];
    judged(&inputs(&params()), &Facts { subnets: unknown(), ..facts() }, &[], &expected);
}

#[test]
fn public_subnets_must_span_two_availability_zones() {
    let mut narrow = facts();
    narrow.subnets = Seen::Present(BTreeMap::from([
        subnet("subnet-a", "1a"),
        subnet("subnet-b", "1a"),
        subnet("subnet-c", "1a"),
        subnet("subnet-d", "1b"),
    ]));
    refused(&narrow, &[(PUBLIC, "share one Availability Zone")]);
    judged(&inputs(&params()), &narrow, &[], &[]);
}

#[test]
fn the_load_balancer_takes_the_first_public_subnet_of_each_zone_in_the_given_order() {
    let public = subnets(&["subnet-z", "subnet-b", "subnet-a", "subnet-gone"]);
    let (inputs, _) = accepted(&open_params(), &with(&connections(), PUBLIC, public));
    let existing = [subnet("subnet-a", "1a"), subnet("subnet-b", "1b"), subnet("subnet-z", "1a")];
    let read = Facts { subnets: Seen::Present(BTreeMap::from(existing)), ..facts() };
    assert_eq!(alb_subnets(&inputs, &read), ["subnet-z", "subnet-b"]);
    // Where it stands already, another order of the list moves nothing.
    let standing = Facts { load_balancer_subnets: set(&["subnet-a", "subnet-b", "subnet-elsewhere"]), ..read };
    assert_eq!(alb_subnets(&inputs, &standing), ["subnet-b", "subnet-a"]);
    assert_eq!(alb_subnets(&inputs, &Facts { subnets: unknown(), ..facts() }), ["subnet-z", "subnet-b", "subnet-a", "subnet-gone"]);
}

#[test]
fn two_public_subnets_in_one_zone_beside_another_zone_are_no_problem() {
    let (inputs, _) = accepted(&open_params(), &with(&connections(), PUBLIC, subnets(&["subnet-a", "subnet-b", "subnet-e"])));
    let mut crowded = facts();
    crowded.subnets = Seen::Present(BTreeMap::from([subnet("subnet-a", "1a"), subnet("subnet-b", "1b"), subnet("subnet-e", "1b")]));
    crowded.internet_subnets = Seen::Present(set(&["subnet-a", "subnet-b", "subnet-e"]));
    judged(&inputs, &crowded, &[], &[]);
}

#[test]
fn every_public_subnet_needs_a_route_to_an_internet_gateway() {
    let routed = Seen::Present(set(&["subnet-a"]));
    refused(
        &Facts { internet_subnets: routed.clone(), ..facts() },
        &[(&format!("{PUBLIC}/1/arn"), "`subnet-b`: has no route to an internet gateway")],
    );
    judged(&inputs(&params()), &Facts { internet_subnets: routed, ..facts() }, &[], &[]);
}

#[test]
fn unread_routes_are_remarked_on() {
    warned(&Facts { internet_subnets: unknown(), ..facts() }, &[(PUBLIC, "the routes could not be read: AccessDenied: no")]);
}

#[test]
fn every_zone_must_exist() {
    let zones = BTreeMap::from([("Z1".to_owned(), Seen::Absent), ("Z2".to_owned(), zone("Z2", "example.org"))]);
    let expected = [(DEFAULT_ZONE, "`Z1`: does not exist for the connected role")];
    judged(&with_zones(&["Z2"]), &Facts { zones, ..facts() }, &expected, &[]);
}

#[test]
fn without_zones_images_and_the_subnets_of_the_load_balancer_there_is_no_design() {
    let unread =
        |inputs: &Inputs, facts: &Facts| unread_foundations(inputs, facts).into_iter().map(|(_, action)| action).collect::<Vec<_>>();
    let zones = BTreeMap::from([("Z1".to_owned(), unknown())]);
    let blind = Facts { zones, images: unknown(), subnets: unknown(), ..facts() };
    assert_eq!(unread(&full(), &blind), ["ec2:DescribeSubnets", "route53:GetHostedZone", "ssm:GetParameters"]);
    assert_eq!(unread(&full(), &facts()), [""; 0]);
    let seeing_zones = Facts { zones: facts().zones, ..blind };
    assert_eq!(unread(&inputs(&params()), &seeing_zones), ["ssm:GetParameters"], "nodes do without the zones of their subnets");
    assert_eq!(unread(&inputs(&open_params()), &seeing_zones), ["ec2:DescribeSubnets"]);
}

#[test]
fn a_zone_must_be_public() {
    let private = HostedZone { id: "Z1".to_owned(), name: "example.com".to_owned(), private: true };
    let zones = BTreeMap::from([("Z1".to_owned(), Seen::Present(private))]);
    refused(&Facts { zones, ..facts() }, &[(DEFAULT_ZONE, "is the private zone of `example.com`")]);
}

#[test]
fn two_zones_may_not_share_a_name_and_both_are_named() {
    let zones = BTreeMap::from([("Z1".to_owned(), zone("Z1", "example.com")), ("Z2".to_owned(), zone("Z2", "example.com"))]);
    let text = "`Z2`: has the name `example.com`, as zone `Z1` has";
    judged(&with_zones(&["Z2"]), &Facts { zones, ..facts() }, &[(ADDITIONAL_ZONES, text)], &[]);
}

#[test]
fn a_zone_name_must_fit_into_a_certificate() {
    let named = |length: usize| BTreeMap::from([("Z1".to_owned(), zone("Z1", &format!("{}.com", "x".repeat(length - 4))))]);
    refused(&Facts { zones: named(64), ..facts() }, &[]);
    refused(&Facts { zones: named(65), ..facts() }, &[(DEFAULT_ZONE, "longer than the 64 characters")]);
}

#[test]
fn a_domain_that_the_published_type_refuses_is_remarked_on() {
    for name in ["my-company.com", "xn--bcher-kva.example", "example.x1", "localhost"] {
        let zones = BTreeMap::from([("Z1".to_owned(), zone("Z1", name))]);
        warned(&Facts { zones, ..facts() }, &[(DEFAULT_ZONE, "publishing may fail")]);
    }
    for name in ["example.com", "a1.b2.example"] {
        warned(&Facts { zones: BTreeMap::from([("Z1".to_owned(), zone("Z1", name))]), ..facts() }, &[]);
    }
}

#[test]
fn what_is_made_up_for_is_remarked_on() {
    let remark = "are asked for one by one, since their list could not be read: AccessDenied: no";
    warned(&Facts { listed_zones: unknown(), ..facts() }, &[(ADDITIONAL_ZONES, remark)]);
    let remark = "gets the best TLS policy, which the Region may lack, since its policies could not be read: AccessDenied: no";
    warned(&Facts { tls_policies: unknown(), ..facts() }, &[("/cluster/ingress", remark)]);
}

#[test]
fn an_instance_type_must_be_offered_where_nodes_run() {
    let offered = |zones: &[&str]| Seen::Present(BTreeMap::from([("m5.large".to_owned(), set(zones))]));
    let nowhere = "`m5.large`: is not offered in any Availability Zone of the private subnets (`1a`, `1b`)";
    refused(&Facts { offerings: offered(&["1c"]), ..facts() }, &[(TYPE, nowhere)]);
    refused(&Facts { offerings: Seen::Present(BTreeMap::new()), ..facts() }, &[(TYPE, nowhere)]);
    warned(&Facts { offerings: offered(&["1a", "1c"]), ..facts() }, &[(TYPE, "is not offered in `1b`")]);
    warned(&Facts { offerings: unknown(), ..facts() }, &[(TYPE, "the offers could not be read: AccessDenied: no")]);
}

#[test]
fn every_group_needs_an_image_of_its_family() {
    let groups = json!([group("web", "m5.large"), group("arm", "m7g.large"), group("ai", "g5.xlarge")]);
    let inputs = inputs(&with(&params(), "/cluster/instances", groups));
    let zones = || set(&["1a", "1b"]);
    let names = ["m5.large", "m7g.large", "g5.xlarge"];
    let offerings = Seen::Present(names.map(|name| (name.to_owned(), zones())).into());
    let images = Seen::Present(BTreeMap::from([(ImageFamily::Arm64, "ami-2".to_owned())]));
    let expected = [
        (TYPE, "`m5.large`: has no image in this Region: `/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id`"),
        ("/cluster/instances/2/instance_type", "`g5.xlarge`: has no image in this Region"),
    ];
    judged(&inputs, &Facts { offerings, images, ..facts() }, &expected, &[]);
}
