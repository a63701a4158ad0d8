//! Unmaking a cluster: nothing is left behind, and nothing that others need is taken along.

use serde_json::{Value, json};

use super::{PREFIX, PROVISION, assert_says, assert_untouched, entry, group, names, one_group, open, provisioned, run};
use crate::support::emulator::emulator;
use crate::support::world::{Output, World};

#[test]
fn nothing_is_left_of_a_complete_cluster_and_a_second_run_finds_nothing_to_do() {
    let world = World::seeded("unmade");
    run(&world, PROVISION, 0);
    world.join_nodes();
    assert_eq!(world.census()["clusters"][0]["nodes"], 3);
    let agents = world.keep_nodes_joined();
    let output = run(&world, &["decommission"], 0);
    drop(agents);
    assert_eq!(output.stdout, "");
    assert_eq!(world.leftovers(), [""; 0]);
    let again = run(&world, &["decommission"], 0);
    assert_untouched(&again);
    assert_eq!(again.stdout, "");
    assert_says(&again, &["nothing of this instance is left"]);
    assert!(again.calls.len() < 20, "{} calls to find nothing\n{again}", again.calls.len());
}

#[test]
fn nodes_whose_agents_have_died_do_not_hold_up_the_cluster() {
    let world = provisioned("dead-agents", &one_group());
    world.join_nodes();
    let output = run(&world, &["decommission"], 0);
    assert_eq!(world.leftovers(), [""; 0]);
    assert_eq!(output.calls_of("ecs:DeregisterContainerInstance").len(), 1, "{output}");
}

#[test]
fn a_cluster_that_was_never_made_is_quietly_unmade() {
    let world = World::seeded("never");
    let output = run(&world, &["decommission"], 0);
    assert_untouched(&output);
    assert_says(&output, &["nothing of this instance is left"]);
}

#[test]
fn a_cluster_section_that_has_become_invalid_does_not_keep_the_cluster() {
    let mut world = provisioned("invalid", &json!({ "groups": one_group()["groups"], "zones": ["example.com"] }));
    world.set_params(|params| params["cluster"] = json!({ "instances": "nonsense" }));
    assert_untouched(&run(&world, PROVISION, 2));
    run(&world, &["decommission"], 0);
    assert_eq!(world.leftovers(), [""; 0]);
}

#[test]
fn an_instance_that_differs_in_its_suffix_alone_is_left_alone() {
    let mut world = provisioned("neighbours", &one_group());
    let before = world.census();
    world.set_params(|params| params["md_metadata"]["name_prefix"] = json!("demo-dev-ecs-cd34"));
    run(&world, PROVISION, 0);
    run(&world, &["decommission"], 0);
    assert_eq!(world.census(), before);
}

#[test]
fn a_validation_record_stays_while_another_certificate_of_any_region_renews_by_it() {
    let world = provisioned("shared", &open(&["example.com", "example.org", "example.net"]));
    request(&world, "us-west-2", "example.com");
    request(&world, "eu-west-1", "*.example.org");
    let before = world.census();
    run(&world, &["decommission"], 0);
    let after = world.census();
    let zones: Vec<&str> = records(&after).filter_map(|record| record["zone"].as_str()).collect();
    assert_eq!(zones, ["example.com.", "example.org."], "{:#}", after["records"]);
    for record in records(&after) {
        assert_eq!(entry(&before, "records", record["name"].as_str().expect("a name")), record);
    }
    assert_eq!(names(&after, "certificates"), ["example.com"], "the other certificate of the same Region is not ours");
}

#[test]
fn records_that_are_not_the_certificates_stay_and_protection_is_lifted_first() {
    let world = provisioned("records", &open(&["example.com"]));
    let zone = world.params()["cluster"]["ingress"]["default_route53_hosted_zone"].as_str().expect("a zone").to_owned();
    let record = json!({
        "Name": "www.example.com", "Type": "CNAME", "TTL": 300, "ResourceRecords": [{ "Value": "elsewhere.example.net" }],
    });
    let batch = json!({ "Changes": [{ "Action": "CREATE", "ResourceRecordSet": record }] });
    let change = json!({ "HostedZoneId": zone.rsplit('/').next(), "ChangeBatch": batch });
    world.aws("route53", "change_resource_record_sets", change);
    let output = run(&world, &["decommission"], 0);
    assert_eq!(world.leftovers(), ["records: www.example.com."]);
    assert_protection_lifted(&output);
}

/// The protection is lifted before the load balancer is deleted.
#[track_caller]
fn assert_protection_lifted(output: &Output) {
    let place = |action: &str| output.calls.iter().position(|call| call.action() == action).unwrap_or_else(|| panic!("no {action}"));
    let lifted = place("elasticloadbalancing:ModifyLoadBalancerAttributes");
    assert_eq!(output.calls[lifted].param("Attributes.member.1.Key").as_deref(), Some("deletion_protection.enabled"));
    assert_eq!(output.calls[lifted].param("Attributes.member.1.Value").as_deref(), Some("false"));
    assert!(lifted < place("elasticloadbalancing:DeleteLoadBalancer"));
}

fn request(world: &World, region: &str, domain: &str) {
    let params = json!({ "DomainName": domain, "ValidationMethod": "DNS" });
    let question = json!({
        "do": "call", "account": world.account, "region": region,
        "service": "acm", "operation": "request_certificate", "params": params,
    });
    emulator().ask(&question).unwrap_or_else(|error| panic!("cannot request a certificate: {error}"));
}

fn records(census: &Value) -> impl Iterator<Item = &Value> {
    census["records"].as_array().into_iter().flatten()
}

#[test]
fn rules_by_hand_that_tie_our_own_groups_together_keep_neither_from_going() {
    let world = provisioned("tied", &json!({ "groups": [group("general", "t3.medium")], "zones": ["example.com"] }));
    let census = world.census();
    let [nodes, balancer] = [PREFIX.to_owned(), format!("{PREFIX}-alb")].map(|name| entry(&census, "security_groups", &name)["id"].clone());
    let traffic =
        |peer: &Value| json!([{ "IpProtocol": "tcp", "FromPort": 8080, "ToPort": 8080, "UserIdGroupPairs": [{ "GroupId": peer }] }]);
    for (group, peer, operation) in [
        (&nodes, &balancer, "authorize_security_group_ingress"),
        (&nodes, &balancer, "authorize_security_group_egress"),
        (&balancer, &nodes, "authorize_security_group_egress"),
    ] {
        world.aws("ec2", operation, json!({ "GroupId": group, "IpPermissions": traffic(peer) }));
    }
    run(&world, &["decommission"], 0);
    assert_eq!(world.leftovers(), [""; 0]);
}
