//! The ingress section of the params: what is refused and what is merely remarked on.

use super::{ZONE, accepted, assert_refused, assert_warned, connections, open_params, params, with, without};
use serde_json::{Value, json};

const DEFAULT: &str = "/cluster/ingress/default_route53_hosted_zone";
const ADDITIONAL: &str = "/cluster/ingress/additional_route53_hosted_zones";
const NETWORKS: &str = "/cluster/ingress/allowed_cidrs";

fn refused(changed: &Value, expected: &[(&str, &str)]) {
    assert_refused(changed, &connections(), expected);
}

#[test]
fn an_empty_section_means_off() {
    assert_eq!(accepted(&with(&params(), "/cluster/ingress", json!({})), &connections()).0.cluster.ingress, None);
}

#[test]
fn what_is_left_in_the_fields_does_not_matter_while_ingress_is_off() {
    let section = json!({ "enable_ingress": false, "default_route53_hosted_zone": 7, "allowed_cidrs": "?" });
    let (inputs, warnings) = accepted(&with(&params(), "/cluster/ingress", section), &connections());
    assert_eq!(inputs.cluster.ingress, None);
    assert_warned(&warnings, &[]);
}

#[test]
fn the_switch_must_be_true_or_false() {
    refused(
        &with(&params(), "/cluster/ingress", json!({ "enable_ingress": "yes" })),
        &[("/cluster/ingress/enable_ingress", "is not true or false")],
    );
}

#[test]
fn all_that_is_wrong_with_ingress_is_told_while_the_switch_is_wrong_too() {
    let section = json!({ "enable_ingress": "true", "default_route53_hosted_zone": "example.com", "allowed_cidrs": ["10.0.0.0"] });
    let one_subnet = with(&connections(), "/vpc/data/infrastructure/public_subnets", super::subnets(&["subnet-a"]));
    let expected = [
        (&*format!("{NETWORKS}/0"), "use an IPv4 range in CIDR notation"),
        (DEFAULT, "choose a Route 53 hosted zone"),
        ("/cluster/ingress/enable_ingress", "`\"true\"`: is not true or false\n  write true or false without quotes"),
        ("/vpc/data/infrastructure/public_subnets", "has fewer than two distinct subnets"),
    ];
    assert_refused(&with(&params(), "/cluster/ingress", section), &one_subnet, &expected);
    let off = json!({ "enable_ingress": "False" });
    let switch = [("/cluster/ingress/enable_ingress", "`\"False\"`")];
    assert_refused(&with(&params(), "/cluster/ingress", off), &one_subnet, &switch);
}

#[test]
fn the_default_zone_is_required_when_ingress_is_on() {
    refused(&without(&open_params(), DEFAULT), &[(DEFAULT, "is required when ingress is enabled")]);
}

#[test]
fn a_zone_must_be_the_arn_of_a_hosted_zone() {
    for arn in
        ["", "Z1", "arn:aws:ec2:eu-west-1:123456789012:vpc/vpc-1", "arn:aws:route53:::hostedzone/z 1", "arn:gcp:route53:::hostedzone/Z1"]
    {
        refused(&with(&open_params(), DEFAULT, json!(arn)), &[(DEFAULT, "choose a Route 53 hosted zone")]);
        refused(&with(&open_params(), ADDITIONAL, json!([ZONE, arn])), &[(&format!("{ADDITIONAL}/1"), "choose a Route 53 hosted zone")]);
    }
}

#[test]
fn a_zone_may_be_of_any_partition() {
    for partition in ["aws", "aws-cn", "aws-us-gov", "aws-iso-b"] {
        let arn = format!("arn:{partition}:route53:::hostedzone/Z9");
        let (inputs, _) = accepted(&with(&open_params(), DEFAULT, json!(arn)), &connections());
        assert_eq!(inputs.cluster.ingress.expect("ingress is on").zones, ["Z9"]);
    }
}

#[test]
fn missing_additional_zones_mean_none() {
    assert_eq!(accepted(&open_params(), &connections()).0.cluster.ingress.expect("ingress is on").zones, ["Z1"]);
}

#[test]
fn a_repeated_zone_counts_once_with_a_warning_and_the_given_order_stays() {
    let additional = json!(["arn:aws:route53:::hostedzone/Z3", ZONE, "arn:aws:route53:::hostedzone/Z2", "arn:aws:route53:::hostedzone/Z3"]);
    let (inputs, warnings) = accepted(&with(&open_params(), ADDITIONAL, additional), &connections());
    assert_eq!(inputs.cluster.ingress.expect("ingress is on").zones, ["Z1", "Z3", "Z2"]);
    assert_warned(
        &warnings,
        &[(&format!("{ADDITIONAL}/1"), "is named already, and counts once"), (&format!("{ADDITIONAL}/3"), "counts once")],
    );
}

#[test]
fn the_whole_internet_is_allowed_by_default() {
    let (inputs, warnings) = accepted(&open_params(), &connections());
    assert!(inputs.cluster.ingress.expect("ingress is on").allowed_cidrs.iter().eq(["0.0.0.0/0"]));
    assert_warned(&warnings, &[]);
}

#[test]
fn a_network_must_be_an_ipv4_range() {
    for range in ["", "10.0.0.1", "10.0.0.0/33", "256.0.0.0/8", "10.0.0/8", "01.0.0.0/8", "2001:db8::/32"] {
        refused(&with(&open_params(), NETWORKS, json!([range])), &[(&format!("{NETWORKS}/0"), "use an IPv4 range in CIDR notation")]);
    }
    refused(&with(&open_params(), NETWORKS, json!([])), &[(NETWORKS, "has too few entries\n  give at least 1")]);
}

#[test]
fn a_network_with_host_bits_is_taken_for_the_network_around_it_with_a_warning() {
    let ranges = json!(["10.1.2.3/8", "203.0.113.7/32", "10.0.0.0/8"]);
    let (inputs, warnings) = accepted(&with(&open_params(), NETWORKS, ranges), &connections());
    assert!(inputs.cluster.ingress.expect("ingress is on").allowed_cidrs.iter().eq(["10.0.0.0/8", "203.0.113.7/32"]));
    assert_warned(
        &warnings,
        &[(&format!("{NETWORKS}/0"), "`10.1.2.3/8`: names one address within a network, and is taken for `10.0.0.0/8`")],
    );
}

#[test]
fn more_zones_than_a_load_balancer_usually_takes_are_warned_of() {
    let zones = |count: usize| -> Value { (0..count).map(|number| json!(format!("arn:aws:route53:::hostedzone/Z1{number:02}"))).collect() };
    assert_warned(&accepted(&with(&open_params(), ADDITIONAL, zones(25)), &connections()).1, &[]);
    let (_, warnings) = accepted(&with(&open_params(), ADDITIONAL, zones(26)), &connections());
    assert_warned(
        &warnings,
        &[(ADDITIONAL, "names 26 zones, each with a certificate of its own, and a load balancer takes 25 beside the default one")],
    );
}

#[test]
fn more_networks_than_a_security_group_usually_takes_are_warned_of() {
    let networks = |count: usize| -> Value { (0..count).map(|number| json!(format!("10.{number}.0.0/16"))).collect() };
    assert_warned(&accepted(&with(&open_params(), NETWORKS, networks(30)), &connections()).1, &[]);
    let (_, warnings) = accepted(&with(&open_params(), NETWORKS, networks(31)), &connections());
    assert_warned(&warnings, &[(NETWORKS, "names 31 networks, which take 62 rules, and a security group takes 60")]);
}
