//! Stories: clusters' lives that together come by every action that the binary can ask for, each chapter one run.

use crate::cluster::groups::rely_on;
use crate::cluster::{PREFIX, PROVISION, entry, group, run};
use crate::matrix::account::{Standing, standing};
use crate::support::aws::ask;
use crate::support::call::Call;
use crate::support::honest::Lags;
use crate::support::world::World;
use serde_json::{Value, json};
use std::sync::OnceLock;
use std::thread;

/// What happens, what is then done about it, and how that has to end.
pub struct Chapter {
    happens: fn(&mut World),
    pub args: &'static [&'static str],
    pub status: i32,
}

pub struct Story {
    pub name: &'static str,
    seed: fn() -> Value,
    pub chapters: &'static [Chapter],
    told: OnceLock<Vec<Told>>,
}

/// A chapter that nothing disturbed: what it called, and what it left.
pub struct Told {
    pub calls: Vec<Call>,
    pub standing: Standing,
}

/// Asked only when nodes are waited for long, which on a slow machine may be in any story and is for sure in this one.
const WHY_NODES_STAY_AWAY: [&str; 3] = ["autoscaling:DescribeScalingActivities", "ec2:DescribeInstances", "ec2:DescribeVpcEndpoints"];
const NODES_STAY_AWAY: &str = "nodes that stay away";

const WAITING: &[&str] = &["provision"];
const DECOMMISSION: &[&str] = &["decommission"];

const fn chapter(happens: fn(&mut World), args: &'static [&'static str]) -> Chapter {
    Chapter { happens, args, status: 0 }
}

const fn story(name: &'static str, seed: fn() -> Value, chapters: &'static [Chapter]) -> Story {
    Story { name, seed, chapters, told: OnceLock::new() }
}

pub static STORIES: [Story; 5] = [
    story(
        "a whole life",
        || json!({ "groups": [group("general", "t3.medium"), group("old", "c5.large")], "zones": ["example.com", "example.org"] }),
        &[chapter(|_| {}, WAITING), chapter(meddle, PROVISION), chapter(change_everything, PROVISION), chapter(neglect, DECOMMISSION)],
    ),
    story(
        "nodes that are replaced",
        || json!({ "groups": [rolling("general"), rolling("spare")], "zones": [] }),
        &[
            chapter(|_| {}, WAITING),
            chapter(|world| world.set_params(|params| enlarge(params, "general", 50)), WAITING),
            chapter(drop_spare_while_it_is_refreshed, PROVISION),
            chapter(|world| refresh_and_die(world, "general", 70), DECOMMISSION),
        ],
    ),
    story(
        NODES_STAY_AWAY,
        || json!({ "groups": [group("spare", "t3.medium")], "zones": [] }),
        &[chapter(shut_in, PROVISION), chapter(launch_nothing, WAITING)],
    ),
    story(
        "a way in",
        || json!({ "groups": [], "zones": ["example.com"] }),
        &[
            chapter(|world| world.set_params(|params| open(params, false)), PROVISION),
            chapter(|world| world.set_params(|params| open(params, true)), PROVISION),
            chapter(add_public_subnet, PROVISION),
            chapter(|_| {}, DECOMMISSION),
        ],
    ),
    story(
        "apps on the nodes",
        || json!({ "groups": [group("general", "t3.medium"), group("spare", "t3.medium")], "zones": [] }),
        &[
            chapter(|_| {}, WAITING),
            chapter(drop_spare_while_a_service_runs_there, WAITING),
            Chapter { happens: |_| {}, args: DECOMMISSION, status: 4 },
        ],
    ),
];

impl Story {
    /// A world in which all runs before this chapter's have been made, and in which has happened what happens in it.
    #[track_caller]
    pub fn world(&self, chapter: usize) -> World {
        let mut world = World::seeded_with("story", &(self.seed)());
        for earlier in &self.chapters[..chapter] {
            (earlier.happens)(&mut world);
            run(&world, earlier.args, earlier.status);
        }
        (self.chapters[chapter].happens)(&mut world);
        world
    }

    /// Whether a call of this action, if it came, comes whenever the story is told.
    pub fn is_sure_of(&self, call: &Call) -> bool {
        self.name == NODES_STAY_AWAY || !WHY_NODES_STAY_AWAY.contains(&call.action().as_str())
    }

    /// The whole story, undisturbed; told once.
    pub fn told(&self) -> &[Told] {
        self.told.get_or_init(|| {
            let mut world = World::seeded_with("story", &(self.seed)());
            let tell = |chapter: &Chapter| {
                (chapter.happens)(&mut world);
                let calls = run(&world, chapter.args, chapter.status).calls;
                Told { calls, standing: standing(&world) }
            };
            let told: Vec<Told> = self.chapters.iter().map(tell).collect();
            if self.chapters.last().is_some_and(|last| last.args == DECOMMISSION && last.status == 0) {
                assert_eq!(world.leftovers(), [""; 0], "{}", self.name);
            }
            told
        })
    }
}

/// Every story with its chapters, told side by side, since some are mostly waiting.
pub fn told() -> Vec<(&'static Story, &'static [Told])> {
    thread::scope(|scope| STORIES.iter().for_each(|story| drop(scope.spawn(|| story.told()))));
    STORIES.iter().map(|story| (story, story.told())).collect()
}

/// Somebody changes by hand what is ours.
fn meddle(world: &mut World) {
    let general = format!("{PREFIX}-general");
    let census = world.census();
    let alb_group = entry(&census, "security_groups", &format!("{PREFIX}-alb"))["id"].clone();
    let node_group = entry(&census, "security_groups", PREFIX)["id"].clone();
    let all = json!({ "IpProtocol": "-1", "IpRanges": [{ "CidrIp": "0.0.0.0/0", "Description": "by hand" }] });
    let web =
        json!({ "IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{ "CidrIp": "0.0.0.0/0", "Description": "by hand" }] });
    let ssh = json!({ "IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{ "CidrIp": "198.51.100.0/24" }] });
    let rules = |group: &serde_json::Value, rule: &serde_json::Value| json!({ "GroupId": group, "IpPermissions": [rule] });
    world.aws("ec2", "update_security_group_rule_descriptions_egress", rules(&node_group, &all));
    world.aws("ec2", "update_security_group_rule_descriptions_ingress", rules(&alb_group, &web));
    world.aws("ec2", "authorize_security_group_ingress", rules(&alb_group, &ssh));
    world.aws("ec2", "authorize_security_group_egress", rules(&alb_group, &ssh));
    let trust = json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Principal": { "Service": "ecs.amazonaws.com" }, "Action": "sts:AssumeRole" }] });
    world.aws("iam", "update_assume_role_policy", json!({ "RoleName": PREFIX, "PolicyDocument": trust.to_string() }));
    let scaling = json!({ "status": "ENABLED", "targetCapacity": 60, "minimumScalingStepSize": 1, "maximumScalingStepSize": 1 });
    let provider = json!({ "managedScaling": scaling, "managedTerminationProtection": "ENABLED" });
    world.aws("ecs", "update_capacity_provider", json!({ "name": general, "autoScalingGroupProvider": provider }));
    let off = json!([{ "Key": "deletion_protection.enabled", "Value": "false" }]);
    let balancer = &census["load_balancers"][0]["arn"];
    world.aws("elbv2", "modify_load_balancer_attributes", json!({ "LoadBalancerArn": balancer, "Attributes": off }));
    world.aws("elbv2", "set_security_groups", json!({ "LoadBalancerArn": balancer, "SecurityGroups": [node_group] }));
    let answer = json!([{ "Type": "fixed-response", "FixedResponseConfig": { "StatusCode": "200" } }]);
    world.aws("elbv2", "modify_listener", json!({ "ListenerArn": world.listener_arn(80), "DefaultActions": answer }));
}

/// The inputs ask for something else in every respect.
fn change_everything(world: &mut World) {
    world.join_nodes();
    world.set_params(|params| {
        params["cluster"]["instances"][0]["instance_type"] = json!("m7g.large");
        params["cluster"]["instances"].as_array_mut().expect("groups").truncate(1);
        params["cluster"]["container_insights"] = json!("enhanced");
        params["cluster"]["ingress"]["allowed_cidrs"] = json!(["10.0.0.0/8"]);
        params["cluster"]["ingress"]["additional_route53_hosted_zones"] = json!([]);
        params["md_metadata"]["default_tags"]["md-project"] = json!("renamed");
    });
}

/// Somebody embeds a policy into the role, which hinders its deletion.
fn neglect(world: &mut World) {
    world.join_nodes();
    let policy = json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Deny", "Action": "*", "Resource": "*" }] }).to_string();
    world.aws("iam", "put_role_policy", json!({ "RoleName": PREFIX, "PolicyName": "by-hand", "PolicyDocument": policy }));
}

fn rolling(name: &str) -> Value {
    let mut group = group(name, "t3.medium");
    group["node_refresh"] = json!("rolling");
    group
}

fn named<'a>(params: &'a mut Value, name: &str) -> &'a mut Value {
    let groups = params["cluster"]["instances"].as_array_mut().expect("groups");
    groups.iter_mut().find(|group| group["name"] == name).unwrap_or_else(|| panic!("no group `{name}`"))
}

fn enlarge(params: &mut Value, name: &str, gigabytes: usize) {
    named(params, name)["root_volume_gb"] = json!(gigabytes);
}

fn drop_group(params: &mut Value, name: &str) {
    params["cluster"]["instances"].as_array_mut().expect("groups").retain(|group| group["name"] != name);
}

/// A run that has begun to replace the nodes of a group is killed; Auto Scaling goes on with it.
fn refresh_and_die(world: &mut World, name: &str, gigabytes: usize) {
    world.set_params(|params| enlarge(params, name, gigabytes));
    world.lag(Lags { instance_refresh: 9, ..Lags::default() });
    let begun = || world.proxy.count(|call| call.operation == "StartInstanceRefresh" && call.succeeded());
    let before = begun();
    let mut running = world.start(WAITING);
    while begun() == before {
        assert!(!running.has_ended(), "the run ended before the refresh began");
        thread::sleep(std::time::Duration::from_millis(20));
    }
    drop(running.kill());
    world.lag(Lags::default());
}

fn drop_spare_while_it_is_refreshed(world: &mut World) {
    refresh_and_die(world, "spare", 60);
    world.set_params(|params| drop_group(params, "spare"));
}

/// The nodes of this cluster cannot reach ECS: nothing leads out of its private subnets.
fn shut_in(world: &mut World) {
    world.stop_agents();
    world.set_connections(|connections| {
        let network = &mut connections["vpc"]["data"]["infrastructure"];
        network["private_subnets"] = network["internal_subnets"].clone();
    });
}

/// One group more, of which EC2 launches nothing. Both obstacles are gone as soon as somebody has asked for them, in vain or not.
fn launch_nothing(world: &mut World) {
    world.set_params(|params| {
        let groups = params["cluster"]["instances"].as_array_mut().expect("groups");
        groups.insert(0, group("general", "t3.medium"));
    });
    world.lag(Lags { launches_failing: 9, ..Lags::default() });
    let sized = json!({ "AutoScalingGroupName": format!("{PREFIX}-general"), "MinSize": 1, "DesiredCapacity": 1 });
    let launch = json!({ "do": "call", "service": "autoscaling", "operation": "update_auto_scaling_group", "params": sized });
    let join = json!({ "do": "join" });
    let account = world.account.clone();
    world.proxy.after(move |call, reply| {
        let deed = match call.operation.as_str() {
            "DescribeScalingActivities" => &launch,
            "DescribeInstances" => &join,
            _ => return reply,
        };
        ask(&account, deed.clone()).unwrap_or_else(|error| panic!("{deed}: {error}"));
        reply
    });
}

fn open(params: &mut Value, ingress: bool) {
    params["cluster"]["ingress"]["enable_ingress"] = json!(ingress);
}

/// The network gets a third public subnet, in a third Availability Zone.
fn add_public_subnet(world: &mut World) {
    let vpc = world.vpc_id().to_owned();
    let wanted = json!({ "VpcId": vpc, "CidrBlock": "10.0.99.0/24", "AvailabilityZone": "us-west-2c" });
    let subnet = world.aws("ec2", "create_subnet", wanted)["Subnet"]["SubnetId"].take();
    let chosen = json!({ "Filters": [{ "Name": "association.subnet-id", "Values": [world.subnet_ids("public")[0]] }] });
    let table = world.aws("ec2", "describe_route_tables", chosen)["RouteTables"][0]["RouteTableId"].take();
    world.aws("ec2", "associate_route_table", json!({ "RouteTableId": table, "SubnetId": subnet }));
    let id = subnet.as_str().expect("a subnet id");
    let arn = format!("arn:aws:ec2:us-west-2:{}:subnet/{id}", world.account);
    world.set_connections(|connections| {
        let public = connections["vpc"]["data"]["infrastructure"]["public_subnets"].as_array_mut();
        public.expect("public subnets").push(json!({ "arn": arn }));
    });
}

/// A service that asks for the other group now has a task on the nodes of the group that goes.
fn drop_spare_while_a_service_runs_there(world: &mut World) {
    world.create_service("web");
    rely_on(world, &format!("{PREFIX}-general"));
    let nodes = world.aws("ecs", "list_container_instances", json!({ "cluster": PREFIX }))["containerInstanceArns"].take();
    for node in nodes.as_array().into_iter().flatten() {
        let task = json!({ "cluster": PREFIX, "taskDefinition": "web", "containerInstances": [node], "group": "service:web" });
        world.aws("ecs", "start_task", task);
    }
    world.lag(Lags { draining: 1, ..Lags::default() });
    world.set_params(|params| drop_group(params, "spare"));
}
