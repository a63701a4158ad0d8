//! What must not be lost from sight: a rule's second host, a certificate's listener, a cluster's first network.

use super::{PREFIX, PROVISION, assert_says, assert_untouched, fargate_only, names, one_group, open, provisioned, run};
use crate::support::proxy::Fault;
use crate::support::world::World;
use serde_json::{Value, json};

/// A second VPC in the account, with two private subnets, as a connection names it.
fn another_network(world: &World) -> Value {
    let arn = |kind: &str, id: &str| format!("arn:aws:ec2:us-west-2:{}:{kind}/{id}", world.account);
    let vpc = world.aws("ec2", "create_vpc", json!({ "CidrBlock": "10.9.0.0/16" }))["Vpc"]["VpcId"].take();
    let subnet = |(cidr, zone): (&str, &str)| {
        let made = world.aws("ec2", "create_subnet", json!({ "VpcId": vpc, "CidrBlock": cidr, "AvailabilityZone": zone }));
        json!({ "arn": arn("subnet", made["Subnet"]["SubnetId"].as_str().expect("a subnet id")) })
    };
    let subnets: Vec<Value> = [("10.9.1.0/24", "us-west-2a"), ("10.9.2.0/24", "us-west-2b")].into_iter().map(subnet).collect();
    json!({
        "arn": arn("vpc", vpc.as_str().expect("a VPC id")), "cidr": "10.9.0.0/16",
        "public_subnets": [], "private_subnets": subnets, "internal_subnets": [],
    })
}

#[test]
fn a_cluster_with_nodes_does_not_move_to_another_network_and_leaves_nothing_in_the_first() {
    let mut world = provisioned("moved", &one_group());
    let before = world.census();
    let network = another_network(&world);
    world.set_connections(|connections| connections["vpc"]["data"]["infrastructure"] = network);
    let output = run(&world, PROVISION, 4);
    assert_untouched(&output);
    assert_says(&output, &[&format!("AWS::EC2::SecurityGroup/{PREFIX}"), "cannot move to another network"]);
    assert_eq!(world.census(), before);
    run(&world, &["decommission"], 0);
    assert_eq!(names(&world.census(), "security_groups"), [""; 0]);
}

#[test]
fn a_rules_second_host_counts_whatever_its_letters() {
    let mut world = provisioned("hosts", &open(&["example.com", "example.org"]));
    let rule = world.create_listener_rule("www.example.com");
    let hosts = json!([{ "Field": "host-header", "HostHeaderConfig": { "Values": ["www.example.com", "Shop.Example.ORG"] } }]);
    world.aws("elbv2", "modify_rule", json!({ "RuleArn": rule["RuleArn"], "Conditions": hosts }));
    world.set_params(|params| params["cluster"]["ingress"]["additional_route53_hosted_zones"] = json!([]));
    let output = run(&world, PROVISION, 4);
    assert_untouched(&output);
    assert_says(&output, &["shop.example.org"]);
}

#[test]
fn a_zone_is_not_dropped_while_the_rules_cannot_be_read() {
    let mut world = provisioned("unread-rules", &open(&["example.com", "example.org"]));
    world.set_params(|params| params["cluster"]["ingress"]["additional_route53_hosted_zones"] = json!([]));
    world.proxy.fail("elasticloadbalancing:DescribeRules", 99, Fault::Denied);
    let before = world.census();
    let output = run(&world, PROVISION, 1);
    assert_untouched(&output);
    assert_says(&output, &["example.org  # could not be read: the rules", "allow elasticloadbalancing:DescribeRules"]);
    assert_eq!(world.census(), before);
}

#[test]
fn an_unreadable_load_balancer_makes_no_second_certificate() {
    let world = provisioned("unread-balancer", &open(&["example.com"]));
    world.proxy.fail("elasticloadbalancing:DescribeListeners", 99, Fault::Denied);
    let output = run(&world, PROVISION, 1);
    assert_untouched(&output);
    assert_eq!(names(&world.census(), "certificates"), ["example.com"]);
}

#[test]
fn a_cluster_without_nodes_and_ingress_knows_no_network() {
    let mut world = provisioned("no-network", &fargate_only());
    let network = another_network(&world);
    world.set_connections(|connections| connections["vpc"]["data"]["infrastructure"] = network);
    assert_untouched(&run(&world, PROVISION, 0));
}
