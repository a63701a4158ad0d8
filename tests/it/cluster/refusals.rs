//! What is refused to protect somebody: names that are taken, and apps that would break. Nothing is changed, and the exit status is 4.

use std::collections::BTreeSet;

use serde_json::json;

use super::gate::Gate;
use super::{PREFIX, PROVISION, assert_says, assert_untouched, fargate_only, group, open, provisioned, run};
use crate::support::world::World;

const KINDS: [(&str, &str); 9] = [
    ("cluster", "AWS::ECS::Cluster/"),
    ("role", "AWS::IAM::Role/"),
    ("instance_profile", "AWS::IAM::InstanceProfile/"),
    ("security_group", "AWS::EC2::SecurityGroup/"),
    ("alb_security_group", "AWS::EC2::SecurityGroup/"),
    ("load_balancer", "AWS::ElasticLoadBalancingV2::LoadBalancer/"),
    ("launch_template", "AWS::EC2::LaunchTemplate/"),
    ("auto_scaling_group", "AWS::AutoScaling::AutoScalingGroup/"),
    ("capacity_provider", "AWS::ECS::CapacityProvider/"),
];

#[test]
fn a_name_that_somebody_else_has_is_refused_with_their_tags_whatever_has_it() {
    let seed = json!({ "groups": [group("general", "t3.medium")], "zones": ["example.com"] });
    let mut world = World::seeded_with("taken", &seed);
    for (index, (kind, address)) in KINDS.into_iter().enumerate() {
        world.set_params(|params| params["md_metadata"]["name_prefix"] = json!(format!("demo-dev-ecs-{index:04}")));
        world.take_name(kind);
        let output = run(&world, PROVISION, 4);
        assert_untouched(&output);
        assert_says(&output, &["owner=somebody-else", address, world.name_prefix(), "md-name-prefix="]);
        let refused: BTreeSet<&str> = output.stderr.lines().filter(|line| line.starts_with("refused")).collect();
        assert_eq!(refused.len(), 1, "of a taken {kind}\n{output}");
        assert_eq!(output.stdout, "", "{kind}");
    }
}

#[test]
fn a_clusters_name_that_is_taken_in_mid_run_is_refused_with_its_owners_tags() {
    let world = World::seeded_with("taken-meanwhile", &fargate_only());
    let gate = Gate::before(&world, "ecs:CreateCluster");
    let running = world.start(PROVISION);
    gate.wait();
    world.take_name("cluster");
    gate.open();
    let output = running.wait().expect(4);
    assert_says(&output, &["owner=somebody-else", "AWS::ECS::Cluster/", "md-name-prefix="]);
    assert_eq!(output.calls_of("ecs:CreateCluster").iter().map(|call| call.status).collect::<Vec<_>>(), [400]);
}

#[test]
fn all_names_that_are_taken_are_refused_at_once_and_what_others_own_outlives_a_decommission() {
    let seed = json!({ "groups": [group("general", "t3.medium")], "zones": ["example.com"] });
    let world = World::seeded_with("all-taken", &seed);
    for (kind, _) in KINDS {
        world.take_name(kind);
    }
    let before = world.census();
    for args in [&["plan"], PROVISION] {
        let output = run(&world, args, 4);
        assert_untouched(&output);
        let said = output.stdout.clone() + &output.stderr;
        for (kind, address) in KINDS {
            assert!(said.contains(address), "{args:?} says nothing of the taken {kind}\n{output}");
        }
    }
    assert_untouched(&run(&world, &["decommission"], 0));
    assert_eq!(world.census(), before);
}

#[test]
fn a_cluster_with_a_service_is_not_decommissioned() {
    let world = provisioned("service", &fargate_only());
    world.create_service("web");
    let before = world.leftovers();
    for args in [&["decommission"][..], &["plan", "--decommission"]] {
        let output = run(&world, args, 4);
        assert_untouched(&output);
        let said = output.stdout.clone() + &output.stderr;
        assert!(said.contains("service `web`"), "{output}");
    }
    assert_eq!(world.leftovers(), before);
}

#[test]
fn a_service_does_not_hide_a_task_that_runs_by_itself() {
    let world = provisioned("service-and-task", &fargate_only());
    world.create_service("web");
    let network = json!({ "awsvpcConfiguration": { "subnets": world.subnet_ids("private") } });
    let task = json!({ "cluster": PREFIX, "taskDefinition": "web", "launchType": "FARGATE", "networkConfiguration": network });
    world.aws("ecs", "run_task", task);
    let output = run(&world, &["decommission"], 4);
    assert_untouched(&output);
    assert_says(&output, &["service `web`", "task `arn:"]);
}

#[test]
fn a_listener_with_a_rule_is_neither_decommissioned_nor_switched_off() {
    let mut world = provisioned("rule", &open(&["example.com"]));
    world.create_listener_rule("www.example.com");
    let before = world.census();
    let output = run(&world, &["decommission"], 4);
    assert_untouched(&output);
    assert_says(&output, &["www.example.com", "decommission those apps"]);
    world.set_params(|params| params["cluster"]["ingress"]["enable_ingress"] = json!(false));
    let output = run(&world, PROVISION, 4);
    assert_untouched(&output);
    assert_says(&output, &["www.example.com"]);
    assert_eq!(world.census(), before);
}

#[test]
fn a_zone_is_dropped_only_when_no_app_is_served_under_it() {
    let mut world = provisioned("dropped", &open(&["example.com", "example.org", "example.net"]));
    world.create_listener_rule("shop.example.org");
    world.create_listener_rule("www.example.com");
    let first = world.params()["cluster"]["ingress"]["default_route53_hosted_zone"].clone();
    let all = world.params()["cluster"]["ingress"]["additional_route53_hosted_zones"].clone();
    let before = world.census();
    world.set_params(|params| params["cluster"]["ingress"]["additional_route53_hosted_zones"] = json!([all[1]]));
    let output = run(&world, PROVISION, 4);
    assert_untouched(&output);
    assert_says(&output, &["shop.example.org", "AWS::CertificateManager::Certificate/example.org"]);
    // The default zone is dropped by becoming neither default nor additional.
    world.set_params(|params| {
        params["cluster"]["ingress"]["default_route53_hosted_zone"] = all[0].clone();
        params["cluster"]["ingress"]["additional_route53_hosted_zones"] = json!([all[1]]);
    });
    let output = run(&world, PROVISION, 4);
    assert_untouched(&output);
    assert_says(&output, &["www.example.com"]);
    assert_eq!(world.census(), before);
    world.set_params(|params| {
        params["cluster"]["ingress"]["default_route53_hosted_zone"] = first;
        params["cluster"]["ingress"]["additional_route53_hosted_zones"] = json!([all[0]]);
    });
    run(&world, PROVISION, 0);
    let rules = &world.census()["load_balancers"][0]["listeners"][1]["rules"];
    assert_eq!(rules, &before["load_balancers"][0]["listeners"][1]["rules"]);
}

#[test]
fn a_load_balancer_that_records_lead_to_is_not_unmade() {
    let mut world = provisioned("led-to", &open(&["example.com"]));
    let host = world.aws("elbv2", "describe_load_balancers", json!({}))["LoadBalancers"][0]["DNSName"].take();
    let host = host.as_str().expect("a name").to_uppercase();
    let zone = world.params()["cluster"]["ingress"]["default_route53_hosted_zone"].as_str().expect("a zone").to_owned();
    let record = json!({ "Name": "www.example.com", "Type": "CNAME", "TTL": 60, "ResourceRecords": [{ "Value": host }] });
    let change = |action: &str| json!({ "Changes": [{ "Action": action, "ResourceRecordSet": record }] });
    let changed = |world: &World, action: &str| {
        let zone_id = zone.rsplit('/').next().expect("an id");
        world.aws("route53", "change_resource_record_sets", json!({ "HostedZoneId": zone_id, "ChangeBatch": change(action) }));
    };
    changed(&world, "UPSERT");
    let before = world.census();
    let output = run(&world, &["decommission"], 4);
    assert_untouched(&output);
    assert_says(&output, &["records still lead to it: `www.example.com` (CNAME)", "delete the records"]);
    let params = world.params().clone();
    world.set_params(|params| params["cluster"]["ingress"]["enable_ingress"] = json!(false));
    let output = run(&world, PROVISION, 4);
    assert_untouched(&output);
    assert_says(&output, &["`www.example.com` (CNAME)"]);
    assert_eq!(world.census(), before);
    world.set_params(|current| *current = params);
    changed(&world, "DELETE");
    run(&world, &["decommission"], 0);
    assert_eq!(world.leftovers(), [""; 0]);
}

#[test]
fn a_firewall_that_an_apps_own_refers_to_is_not_unmade() {
    let mut world = provisioned("referred", &open(&["example.com"]));
    let ours = world.census()["security_groups"][0]["id"].take();
    let app = json!({ "GroupName": "app", "Description": "an app", "VpcId": world.vpc_id() });
    let app = world.aws("ec2", "create_security_group", app)["GroupId"].take();
    let rule = json!([{ "IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "UserIdGroupPairs": [{ "GroupId": ours }] }]);
    world.aws("ec2", "authorize_security_group_ingress", json!({ "GroupId": app, "IpPermissions": rule }));
    let before = world.census();
    let named = app.as_str().expect("an id").to_owned();
    let output = run(&world, &["decommission"], 4);
    assert_untouched(&output);
    assert_says(&output, &[&named, "AWS::EC2::SecurityGroup/demo-dev-ecs-ab12-alb"]);
    world.set_params(|params| params["cluster"]["ingress"]["enable_ingress"] = json!(false));
    let output = run(&world, PROVISION, 4);
    assert_untouched(&output);
    assert_says(&output, &[&named]);
    assert_eq!(world.census(), before);
}
