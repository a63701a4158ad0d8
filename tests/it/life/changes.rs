//! A cluster's life: every change converges in one run, leaves the next one nothing to do, and moves nothing that it need not move.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{identities, seed};
use crate::support::honest::Lags;
use crate::support::world::{Output, World};

/// Polls and tries that everything takes in these lives.
const SLOW: usize = 1;

/// A cluster that stands behind an AWS that takes its time with everything.
struct Life {
    world: World,
}

impl Life {
    #[track_caller]
    fn begin(name: &str, seed: &Value, change: impl FnOnce(&mut Value)) -> Self {
        let mut world = World::seeded_with(name, seed);
        world.set_params(change);
        world.lag(Lags::all(SLOW));
        let life = Self { world };
        life.converge("the first run");
        life
    }

    /// Changes the params and converges. What came and what went has to be of these kinds, and only of these.
    #[track_caller]
    fn change(&mut self, what: &str, kinds: &[&str], change: impl FnOnce(&mut Value)) -> Output {
        let before = identities(&self.world);
        self.world.set_params(change);
        let output = self.converge(what);
        let after = identities(&self.world);
        let moved: BTreeSet<&str> =
            before.symmetric_difference(&after).map(|one| one.split(' ').next().expect("a kind before the identity")).collect();
        assert_eq!(moved, kinds.iter().copied().collect(), "{what}: {:#?}", before.symmetric_difference(&after).collect::<Vec<_>>());
        output
    }

    /// One run changes what is to change, and nothing is left to do after it.
    #[track_caller]
    fn converge(&self, what: &str) -> Output {
        let output = self.world.run(&["provision"]).expect(0);
        let plan = self.world.run(&["plan", "--detailed-exitcode"]);
        assert_eq!(plan.status, 0, "{what} is not done after one run\n{plan}");
        assert_eq!(self.world.unread_pages(), [""; 0], "{what}: a list was not read to its end");
        output
    }

    #[track_caller]
    fn end(self) {
        let quiet = self.world.run(&["provision"]).expect(0);
        assert!(quiet.mutations().is_empty(), "{quiet}");
        self.world.run(&["decommission"]).expect(0);
        assert_eq!(self.world.leftovers(), [""; 0]);
    }
}

fn group(params: &mut Value, place: usize) -> &mut Value {
    &mut params["cluster"]["instances"][place]
}

fn ingress(params: &mut Value) -> &mut Value {
    &mut params["cluster"]["ingress"]
}

#[test]
fn nodes_change_in_size_type_and_number() {
    let mut life = Life::begin("life-nodes", &seed(&[]), |_| {});
    life.change("a larger group", &["instances"], |params| {
        group(params, 0)["min_size"] = json!(2);
        group(params, 0)["max_size"] = json!(5);
    });
    // Nodes of the former type stay until something else ends them.
    life.change("another type", &[], |params| group(params, 0)["instance_type"] = json!("t3.large"));
    life.change("a type of another processor", &[], |params| group(params, 0)["instance_type"] = json!("m7g.large"));
    let of_a_group = ["auto_scaling_groups", "capacity_providers", "instances", "launch_templates"];
    life.change("one group more", &of_a_group, |params| {
        let spare = json!({ "name": "spare", "instance_type": "t3.medium", "min_size": 1, "max_size": 3 });
        params["cluster"]["instances"].as_array_mut().expect("groups").push(spare);
    });
    life.change("one group less", &of_a_group, |params| drop(params["cluster"]["instances"].as_array_mut().map(|list| list.remove(0))));
    life.end();
}

#[test]
fn tags_and_insights_change_in_place() {
    let mut life = Life::begin("life-tags", &seed(&["example.com"]), |_| {});
    life.change("another tag", &[], |params| params["md_metadata"]["default_tags"]["cost-center"] = json!("42"));
    let census = life.world.census();
    let kinds = census.as_object().expect("a census by kind").iter();
    for (kind, thing) in kinds.flat_map(|(kind, things)| things.as_array().into_iter().flatten().map(move |thing| (kind, thing))) {
        let tagged = thing.get("tags").is_none_or(|tags| tags["cost-center"] == "42");
        // What runs already keeps the tags that it was launched with.
        assert!(tagged || kind == "instances", "{kind} {thing}");
    }
    life.change("another value", &[], |params| params["md_metadata"]["default_tags"]["cost-center"] = json!("43"));
    life.change("enhanced insights", &[], |params| params["cluster"]["container_insights"] = json!("enhanced"));
    let settings = life.world.census()["clusters"][0]["settings"].clone();
    assert_eq!(settings, json!([{ "name": "containerInsights", "value": "enhanced" }]));
    life.end();
}

#[test]
fn the_way_in_is_opened_changed_and_closed() {
    let zones = ["example.com", "example.org", "example.net"];
    let mut listed = Value::Null;
    let fargate = json!({ "groups": [], "zones": zones });
    let mut life = Life::begin("life-ingress", &fargate, |params| {
        listed = ingress(params)["additional_route53_hosted_zones"].take();
        ingress(params)["additional_route53_hosted_zones"] = json!([]);
        ingress(params)["enable_ingress"] = json!(false);
    });
    let of_the_way_in = ["certificates", "load_balancers", "records", "security_groups"];
    life.change("ingress on", &of_the_way_in, |params| ingress(params)["enable_ingress"] = json!(true));
    life.change("two zones more", &["certificates", "records"], |params| {
        ingress(params)["additional_route53_hosted_zones"].clone_from(&listed);
    });
    life.change("another default zone", &[], |params| {
        let ingress = ingress(params);
        let former = ingress["default_route53_hosted_zone"].take();
        ingress["default_route53_hosted_zone"] = std::mem::replace(&mut ingress["additional_route53_hosted_zones"][0], former);
    });
    life.change("one zone less", &["certificates", "records"], |params| {
        drop(ingress(params)["additional_route53_hosted_zones"].as_array_mut().map(Vec::pop));
    });
    life.change("fewer networks", &[], |params| ingress(params)["allowed_cidrs"] = json!(["203.0.113.0/24"]));
    life.change("ingress off", &of_the_way_in, |params| ingress(params)["enable_ingress"] = json!(false));
    life.end();
}

#[test]
fn what_was_changed_by_hand_is_put_back_at_once() {
    let mut life = Life::begin("life-drift", &seed(&["example.com"]), |_| {});
    drift(&life.world);
    life.world.run(&["plan", "--detailed-exitcode"]).expect(3);
    life.change("drift", &[], |_| {});
    let name = life.world.name_prefix();
    let found = life.world.aws("ecs", "describe_capacity_providers", json!({ "capacityProviders": [life.world.group_name()] }));
    let scaling = &found["capacityProviders"][0]["autoScalingGroupProvider"]["managedScaling"];
    assert_eq!(scaling["targetCapacity"], 100, "{found}");
    let census = life.world.census();
    assert_eq!(census["clusters"][0]["tags"]["md-name-prefix"], name);
    assert_eq!(census["roles"][0]["policies"].as_array().map(Vec::len), Some(3));
    life.end();
}

/// One field of each kind of thing, set to what nobody wants.
fn drift(world: &World) {
    let (name, group, census) = (world.name_prefix(), world.group_name(), world.census());
    let insights = json!([{ "name": "containerInsights", "value": "disabled" }]);
    world.aws("ecs", "update_cluster", json!({ "cluster": name, "settings": insights }));
    let provider = json!({ "managedScaling": { "status": "ENABLED", "targetCapacity": 50 } });
    world.aws("ecs", "update_capacity_provider", json!({ "name": group, "autoScalingGroupProvider": provider }));
    let unprotected = json!({ "AutoScalingGroupName": group, "NewInstancesProtectedFromScaleIn": false, "MaxSize": 7 });
    world.aws("autoscaling", "update_auto_scaling_group", unprotected);
    let policy = census["roles"][0]["policies"][0].clone();
    world.aws("iam", "detach_role_policy", json!({ "RoleName": name, "PolicyArn": policy }));
    let balancer = census["load_balancers"][0]["arn"].clone();
    let attributes = json!([{ "Key": "routing.http.drop_invalid_header_fields.enabled", "Value": "false" }]);
    world.aws("elbv2", "modify_load_balancer_attributes", json!({ "LoadBalancerArn": balancer, "Attributes": attributes }));
    let policy = json!({ "ListenerArn": world.listener_arn(443), "SslPolicy": "ELBSecurityPolicy-2016-08" });
    world.aws("elbv2", "modify_listener", policy);
    let alb = census["security_groups"].as_array().into_iter().flatten().find(|group| group["name"] == format!("{name}-alb"));
    let http = json!([{ "IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "IpRanges": [{ "CidrIp": "0.0.0.0/0" }] }]);
    let revoked = json!({ "GroupId": alb.expect("the load balancer's group")["id"], "IpPermissions": http });
    world.aws("ec2", "revoke_security_group_ingress", revoked);
}
