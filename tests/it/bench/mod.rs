//! What a run costs in time, calls, processor, memory and disk, as a table: `make bench`. Nothing here fails for being slow, but for being
//! slowed down too much by throttles.
//!
//! The clock is real, the AWS is not: every call takes [`CALL`], and what AWS takes minutes for is over after seconds.

mod aws;
mod process;
mod table;
mod terraform;

use std::collections::VecDeque;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use self::process::{Cost, measure};
use self::table::{Limits, row};
use crate::support::call::Call;
use crate::support::world::World;

/// What a call takes on its way to AWS and back.
const CALL: Duration = Duration::from_millis(50);
const LOAD_BALANCER: Duration = Duration::from_secs(8);
const CERTIFICATE: Duration = Duration::from_secs(6);
/// Until an Auto Scaling group is gone, and its instances with it.
const AUTO_SCALING_GROUP: Duration = Duration::from_secs(8);
/// The calls of the longest chain beside the wait: a security group and its load balancer, the state of the latter, one look.
const CHAIN_OF_PROVISION: u32 = 4;
/// Detach, settled, delete the provider, gone, empty, delete the group, gone, profile emptied and deleted, cluster, one look.
const CHAIN_OF_DECOMMISSION: u32 = 11;
const MEBIBYTE: u64 = 1 << 20;
const STARTS: u32 = 20;
/// How many times as long a run may take of which AWS throttles every call twice.
const THROTTLED: f64 = 3.0;
/// What a plan may cost that finds nothing to do.
const FRUGAL: Limits =
    Limits { time: None, ratio: 1.0, calls: Some(25), processor: Some(Duration::from_millis(150)), memory: Some(60 * MEBIBYTE) };

/// The release binary, or whatever `BENCH_BINARY` names.
fn binary() -> PathBuf {
    let named = env::var_os("BENCH_BINARY").map_or_else(|| PathBuf::from(env!("CARGO_BIN_EXE_aws-ecs-cluster")), PathBuf::from);
    Path::new(env!("CARGO_MANIFEST_DIR")).join(named)
}

/// The provisioner, about to be run in a world, with nothing in its environment but what it needs.
fn provisioner(world: &World, args: &[&str]) -> Command {
    let mut command = Command::new(binary());
    command.arg("--dir").arg(world.dir()).args(args);
    aws::reach(&mut command, world);
    command
}

fn run(world: &World, args: &[&str]) -> Cost {
    let cost = measure(&mut provisioner(world, args), &world.proxy);
    assert!(cost.succeeded, "{args:?} failed\n{}", cost.stderr);
    cost
}

fn groups(count: usize) -> Value {
    let group = |number| json!({ "name": format!("g{number:02}"), "instance_type": "t3.medium", "min_size": 0, "max_size": 3 });
    (1..=count).map(group).collect()
}

fn world(name: &str, group_count: usize, zones: usize) -> World {
    let zones: Vec<String> = (1..=zones).map(|number| format!("zone{number}.example.com")).collect();
    let world = World::seeded_with(name, &json!({ "groups": groups(group_count), "zones": zones }));
    aws::take_time(&world);
    world
}

#[test]
#[ignore = "takes minutes, and measures rather than tests: make bench"]
fn figures() {
    eprintln!("\nEvery call takes {CALL:?}; load balancers are active after {LOAD_BALANCER:?}, certificates issued after {CERTIFICATE:?},");
    eprintln!("Auto Scaling groups gone after {AUTO_SCALING_GROUP:?}. Binary: {}\n", binary().display());
    table::head();
    let ours = one_group_and_two_zones();
    one_node();
    throttled(ours[0].time);
    sixteen_groups(ours[0].time);
    many_zones();
    starts();
    size();
    terraform::figures(&ours);
}

/// What its provision, a plan with nothing to do and its decommission cost.
fn one_group_and_two_zones() -> [Cost; 3] {
    let world = world("bench-one", 1, 2);
    // The emulator is slow with an account's first calls, which says nothing about AWS.
    run(&world, &["plan"]);
    let made = run(&world, &["provision"]);
    let limit = LOAD_BALANCER + CALL * CHAIN_OF_PROVISION;
    row("provision, 1 group, 2 zones", &made, Limits { time: Some(limit), ratio: 1.15, calls: Some(90), ..Limits::default() });
    let plan = run(&world, &["plan"]);
    row("plan with nothing to do", &plan, FRUGAL);
    row("provision with nothing to do", &run(&world, &["provision"]), Limits::default());
    let unmade = run(&world, &["decommission"]);
    let limit = AUTO_SCALING_GROUP + CALL * CHAIN_OF_DECOMMISSION;
    row("decommission, 1 group, 2 zones", &unmade, Limits { time: Some(limit), ratio: 1.25, ..Limits::default() });
    assert_eq!(world.leftovers(), [""; 0]);
    [made, plan, unmade]
}

/// A node that has joined is looked at too.
fn one_node() {
    let mut world = world("bench-node", 1, 2);
    world.set_params(|params| params["cluster"]["instances"][0]["min_size"] = json!(1));
    let agents = world.keep_nodes_joined();
    run(&world, &["provision"]);
    drop(agents);
    row("plan with nothing to do, 1 node", &run(&world, &["plan"]), FRUGAL);
}

fn throttled(undisturbed: Duration) {
    let world = world("bench-throttled", 1, 2);
    run(&world, &["plan"]);
    aws::throttle_twice(&world);
    let throttled = run(&world, &["provision"]);
    let limits = Limits { time: Some(undisturbed), ratio: THROTTLED, ..Limits::default() };
    row("provision, each call throttled twice", &throttled, limits);
    assert!(throttled.time <= undisturbed.mul_f64(THROTTLED), "{:?} instead of {undisturbed:?}", throttled.time);
}

fn sixteen_groups(one: Duration) {
    let world = world("bench-sixteen", 16, 2);
    run(&world, &["plan"]);
    let made = run(&world, &["provision"]);
    row("provision, 16 groups, 2 zones", &made, Limits { time: Some(one), ratio: 2.0, ..Limits::default() });
    row("plan with nothing to do", &run(&world, &["plan"]), Limits { calls: Some(35), ..Limits::default() });
}

fn many_zones() {
    let world = world("bench-zones", 0, 25);
    run(&world, &["plan"]);
    let made = run(&world, &["provision"]);
    row("provision, no groups, 25 zones", &made, Limits::default());
    let most = |wanted: fn(&Call) -> bool| busiest_second(made.calls.iter().filter(|call| wanted(call)).map(|call| call.started));
    let route53 = most(|call| call.service == "route53");
    let described = most(|call| call.action() == "acm:DescribeCertificate");
    let requested = most(|call| call.action() == "acm:RequestCertificate");
    let tagged = most(|call| call.action() == "acm:ListTagsForCertificate");
    eprintln!(
        "    its busiest seconds: Route 53 {route53} (AWS takes 5), DescribeCertificate {described} (10), RequestCertificate {requested} (5), ListTagsForCertificate {tagged} (10)"
    );
}

/// The most moments that lie within one second.
fn busiest_second(moments: impl Iterator<Item = Duration>) -> usize {
    let (mut within, mut most) = (VecDeque::new(), 0);
    for moment in moments {
        within.push_back(moment);
        while within.front().is_some_and(|first| *first + Duration::from_secs(1) <= moment) {
            within.pop_front();
        }
        most = most.max(within.len());
    }
    most
}

fn starts() {
    let world = World::seeded_with("bench-starts", &json!({}));
    for (args, limit) in [(&["--version"], 10), (&["validate"], 30)] {
        let quickest = (0..STARTS).map(|_| quiet(&mut provisioner(&world, args))).min().unwrap_or_default();
        eprintln!(
            "{:<36} {:>8.1} ms, at most {limit} ms wanted",
            format!("{}, quickest of {STARTS}", args[0]),
            quickest.as_secs_f64() * 1e3
        );
    }
}

/// How long it runs when nobody watches it.
fn quiet(command: &mut Command) -> Duration {
    let began = Instant::now();
    let output = command.output().expect("a run of the provisioner");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    began.elapsed()
}

fn size() {
    let bytes = fs::metadata(binary()).map_or(0, |file| file.len());
    eprintln!("{:<36} {:>8.1} MB, at most 20 MB wanted of the release", "size of the binary", bytes as f64 / 1e6);
}
