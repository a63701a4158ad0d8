//! The way in, changed in a cluster that stands: networks, zones, and ingress itself.

use serde_json::{Value, json};

use super::{
    PREFIX, PROVISION, assert_says, assert_settled, count, domains, entry, fargate_only, names, one_group, open, provisioned, run,
};
use crate::support::world::World;

fn zone(world: &World, place: &str) -> Value {
    world.params()["cluster"]["ingress"].pointer(place).expect("a zone").clone()
}

#[test]
fn other_networks_are_let_in_and_the_former_ones_shut_out() {
    let mut world = provisioned("networks", &open(&["example.com"]));
    world.set_params(|params| params["cluster"]["ingress"]["allowed_cidrs"] = json!(["203.0.113.0/24", "198.51.100.7/32"]));
    run(&world, PROVISION, 0);
    assert_eq!(open_to(&world), ["198.51.100.7/32:443", "198.51.100.7/32:80", "203.0.113.0/24:443", "203.0.113.0/24:80"]);
    world.set_params(|params| params["cluster"]["ingress"]["allowed_cidrs"] = json!(["203.0.113.9/24"]));
    let output = run(&world, PROVISION, 0);
    // A range that names an address is taken for its network, and warned of.
    assert_says(&output, &["/cluster/ingress/allowed_cidrs/0", "203.0.113.0/24"]);
    assert_eq!(open_to(&world), ["203.0.113.0/24:443", "203.0.113.0/24:80"]);
    assert_settled(&world);
}

#[test]
fn ingress_is_switched_on_later_and_off_again_without_a_trace() {
    let mut world = World::seeded_with("switched", &json!({ "groups": one_group()["groups"], "zones": ["example.com"] }));
    world.set_params(|params| params["cluster"]["ingress"]["enable_ingress"] = json!(false));
    let closed = run(&world, PROVISION, 0);
    assert_eq!(closed.json()["data"]["capabilities"]["ingress"], json!([]));
    let before = world.census();
    world.set_params(|params| params["cluster"]["ingress"]["enable_ingress"] = json!(true));
    let opened = run(&world, PROVISION, 0);
    assert_eq!(domains(&opened.json()), &json!(["example.com"]));
    let during = world.census();
    for kind in ["clusters", "auto_scaling_groups", "launch_templates", "instances", "roles", "instance_profiles"] {
        assert_eq!(during[kind], before[kind], "{kind}");
    }
    world.set_params(|params| params["cluster"]["ingress"]["enable_ingress"] = json!(false));
    let again = run(&world, PROVISION, 0);
    assert_eq!(again.stdout, closed.stdout);
    assert_eq!(world.census(), before);
    assert_settled(&world);
}

#[test]
fn a_zone_is_added_and_removed_with_its_certificate_and_record() {
    let mut world = World::seeded_with("zones", &open(&["example.com", "example.org"]));
    let second = zone(&world, "/additional_route53_hosted_zones/0");
    world.set_params(|params| params["cluster"]["ingress"]["additional_route53_hosted_zones"] = json!([]));
    let made = run(&world, PROVISION, 0).json();
    let before = world.census();
    world.set_params(|params| params["cluster"]["ingress"]["additional_route53_hosted_zones"] = json!([second]));
    let added = run(&world, PROVISION, 0).json();
    assert_eq!(domains(&added), &json!(["example.com", "example.org"]));
    let census = world.census();
    assert_eq!(names(&census, "certificates"), ["example.com", "example.org"]);
    assert_eq!(names(&census, "records").len(), 2);
    let https = &entry(&census, "load_balancers", PREFIX)["listeners"][1];
    assert_eq!(https["certificates"].as_array().map(Vec::len), Some(2));
    world.set_params(|params| params["cluster"]["ingress"]["additional_route53_hosted_zones"] = json!([]));
    let removed = run(&world, PROVISION, 0).json();
    assert_eq!(removed, made);
    assert_eq!(world.census(), before, "something of the zone is left, or something else was touched");
    assert_settled(&world);
}

#[test]
fn another_default_zone_keeps_load_balancer_and_listeners() {
    let mut world = provisioned("default", &open(&["example.com", "example.org"]));
    let before = world.census();
    let (first, second) = (zone(&world, "/default_route53_hosted_zone"), zone(&world, "/additional_route53_hosted_zones/0"));
    world.set_params(|params| {
        params["cluster"]["ingress"]["default_route53_hosted_zone"] = second;
        params["cluster"]["ingress"]["additional_route53_hosted_zones"] = json!([first]);
    });
    let output = run(&world, PROVISION, 0);
    assert_eq!(domains(&output.json()), &json!(["example.org", "example.com"]));
    let after = world.census();
    let arns = |census: &Value| {
        let balancer = &census["load_balancers"][0];
        [&balancer["arn"], &balancer["listeners"][0]["arn"], &balancer["listeners"][1]["arn"]].map(Clone::clone)
    };
    assert_eq!(arns(&after), arns(&before));
    assert_eq!(after["certificates"], before["certificates"]);
    let listener = world.listener_arn(443);
    let asked = json!({ "ListenerArns": [listener] });
    let found = world.aws("elbv2", "describe_listeners", asked);
    let default = &found["Listeners"][0]["Certificates"][0]["CertificateArn"];
    assert_eq!(default, &entry(&after, "certificates", "example.org")["arn"]);
    let calls = ["elasticloadbalancing:CreateListener", "elasticloadbalancing:DeleteListener", "acm:RequestCertificate"];
    assert_eq!(calls.map(|call| count(&output, call)), [0, 0, 0]);
}

#[test]
fn an_empty_ingress_section_means_none() {
    let mut world = World::seeded_with("empty", &fargate_only());
    world.set_params(|params| params["cluster"]["ingress"] = json!({}));
    let output = run(&world, PROVISION, 0);
    assert_eq!(output.json()["data"]["capabilities"]["ingress"], json!([]));
    assert_eq!(world.leftovers(), [format!("clusters: {PREFIX}")]);
}

#[test]
fn a_default_zone_that_is_repeated_counts_once_and_is_warned_of_once() {
    let mut world = World::seeded_with("repeated", &open(&["example.com", "example.org"]));
    let first = zone(&world, "/default_route53_hosted_zone");
    world.set_params(|params| {
        let zones = &mut params["cluster"]["ingress"]["additional_route53_hosted_zones"];
        zones.as_array_mut().expect("a list").push(first);
    });
    let output = run(&world, PROVISION, 0);
    assert_eq!(domains(&output.json()), &json!(["example.com", "example.org"]));
    let pointer = "/cluster/ingress/additional_route53_hosted_zones/1";
    assert_eq!(output.stderr.matches(pointer).count(), 1, "{output}");
    assert_eq!(names(&world.census(), "certificates"), ["example.com", "example.org"]);
}

/// The ranges and ports of the load balancer's firewall, in order.
fn open_to(world: &World) -> Vec<String> {
    let id = entry(&world.census(), "security_groups", &format!("{PREFIX}-alb"))["id"].clone();
    let asked = json!({ "Filters": [{ "Name": "group-id", "Values": [id] }] });
    let found = world.aws("ec2", "describe_security_group_rules", asked);
    let rules = found["SecurityGroupRules"].as_array().expect("a list of rules").iter().filter(|rule| rule["IsEgress"] == false);
    let mut open: Vec<String> = rules.map(|rule| format!("{}:{}", rule["CidrIpv4"].as_str().unwrap_or("?"), rule["FromPort"])).collect();
    open.sort();
    open
}
