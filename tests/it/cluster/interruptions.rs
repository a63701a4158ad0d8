//! A run that is stopped, politely or not: the next one goes on from there, and nothing is doubled.

use std::fs;
use std::process::Child;
use std::sync::mpsc::channel;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;

use super::gate::Gate;
use super::{PREFIX, PROVISION, assert_no_secret, assert_says, assert_settled, assert_untouched, count, group, one_group, open, run};
use crate::support::call::Reply;
use crate::support::world::World;

#[test]
fn an_interrupt_lets_calls_finish_starts_no_more_and_the_next_run_goes_on() {
    let world = World::seeded_with("interrupted", &one_group());
    let gate = Gate::before(&world, "ecs:CreateCapacityProvider");
    let mut running = world.start(PROVISION);
    gate.wait();
    running.signal("INT");
    gate.open();
    let output = running.wait().expect(130);
    assert_no_secret(&world, &output);
    assert_says(&output, &["interrupted", "not done: ", "what was made stands"]);
    assert_eq!(output.stdout, "");
    assert!(output.calls_of("ecs:CreateCapacityProvider")[0].succeeded(), "{output}");
    assert_eq!(count(&output, "autoscaling:UpdateAutoScalingGroup"), 0, "{output}");
    let rerun = run(&world, PROVISION, 0);
    assert_eq!(count(&rerun, "ecs:CreateCapacityProvider"), 0, "{rerun}");
    assert_settled(&world);
}

#[test]
fn an_interrupt_ends_a_wait() {
    let world = World::seeded_with("waiting", &open(&["example.com"]));
    let (waited, waiting) = channel();
    world.proxy.after(move |call, mut reply| {
        if call.operation == "DescribeCertificate" {
            reply.body = reply.body.replace("\"ISSUED\"", "\"PENDING_VALIDATION\"");
            // The test may have seen enough.
            waited.send(()).ok();
        }
        reply
    });
    let mut running = world.start(PROVISION);
    // The first call asks for the record, the second whether the certificate is issued.
    for _ in 0..2 {
        waiting.recv_timeout(Duration::from_mins(1)).expect("a look at the certificate");
    }
    running.signal("TERM");
    let output = running.wait().expect(130);
    assert_says(&output, &["interrupted", "what was made stands"]);
    world.proxy.clear_rules();
    run(&world, PROVISION, 0);
    assert_settled(&world);
}

#[test]
fn an_interrupt_before_anything_was_started_changes_nothing() {
    let world = World::seeded_with("early", &one_group());
    let (asked, asking) = channel();
    world.proxy.before(move |call| {
        (call.operation == "DescribeClusters").then(|| {
            asked.send(()).ok();
            Reply::throttled(call).after(Duration::from_mins(1))
        })
    });
    let mut running = world.start(PROVISION);
    asking.recv_timeout(Duration::from_mins(1)).expect("a look at the cluster");
    running.signal("INT");
    let output = running.wait().expect(130);
    assert_untouched(&output);
    assert_says(&output, &["interrupted", "nothing was changed"]);
}

/// A run whose first line stays in its way: it is written to a pipe that is full.
fn held_up(world: &World, unread: &std::io::PipeWriter) -> Child {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_aws-ecs-cluster"));
    command.args(["--dir".as_ref(), world.dir().as_os_str()]).arg("plan").env_clear().envs(world.environment());
    command.stderr(unread.try_clone().expect("a pipe")).stdout(std::process::Stdio::null());
    command.spawn().expect("the binary")
}

fn terminate(run: &Child) {
    let sent = std::process::Command::new("kill").args(["-s", "TERM", &run.id().to_string()]).status();
    assert!(sent.expect("the kill command").success());
}

/// Whether the process has said what it does on SIGTERM, as Linux tells.
fn listens(run: &Child) -> bool {
    const SIGTERM: u32 = 15;
    let status = fs::read_to_string(format!("/proc/{}/status", run.id())).expect("Linux's /proc");
    let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:")).expect("the signals that it catches");
    let caught = u64::from_str_radix(caught.trim(), 16).expect("a mask");
    caught >> (SIGTERM - 1) & 1 == 1
}

/// The exit status of a run that ends before this moment; until it does, something is done to it again and again. What fails here closes the
/// pipe, which ends the runs.
fn ended(run: &mut Child, end: Instant, meanwhile: fn(&Child)) -> Option<i32> {
    loop {
        if let Some(status) = run.try_wait().expect("its state") {
            return status.code();
        }
        assert!(Instant::now() < end, "it goes on");
        meanwhile(run);
        thread::sleep(Duration::from_millis(500));
    }
}

#[test]
fn a_run_that_is_held_up_by_what_it_writes_ends_in_time_and_at_once_when_it_is_told_twice() {
    const CAPACITY: usize = 65_536;
    let world = World::bare("held-up");
    let (reader, mut unread) = std::io::pipe().expect("a pipe");
    std::io::Write::write_all(&mut unread, &[b' '; CAPACITY]).expect("room for so much");
    let mut runs = [held_up(&world, &unread), held_up(&world, &unread)];
    let end = Instant::now() + Duration::from_mins(1);
    while !runs.iter().all(listens) {
        assert!(Instant::now() < end, "it does not listen");
        thread::sleep(Duration::from_millis(10));
    }
    runs.iter().for_each(terminate);
    let told = Instant::now();
    thread::sleep(Duration::from_millis(500));
    assert!(runs.iter_mut().all(|run| run.try_wait().expect("its state").is_none()), "the pipe did not hold it up");
    // Two signals that come before the run has looked are one to it.
    assert_eq!(ended(&mut runs[1], told + Duration::from_secs(5), terminate), Some(130));
    assert_eq!(ended(&mut runs[0], told + Duration::from_secs(12), |_| {}), Some(130));
    drop(reader);
}

#[test]
fn after_a_kill_the_next_run_finishes_and_nothing_is_doubled() {
    let world = World::seeded_with("killed", &json!({ "groups": [group("general", "t3.medium")], "zones": ["example.com"] }));
    let gate = Gate::after(&world, "elasticloadbalancing:CreateLoadBalancer");
    let mut running = world.start(PROVISION);
    gate.wait();
    running.signal("KILL");
    gate.open();
    running.wait().expect(137);
    let rerun = run(&world, PROVISION, 0);
    assert_eq!(count(&rerun, "elasticloadbalancing:CreateLoadBalancer"), 0, "{rerun}");
    let mut made = world.leftovers();
    made.retain(|thing| !thing.starts_with("instances: ") && !thing.starts_with("records: "));
    let group = format!("{PREFIX}-general");
    let expected = [
        format!("clusters: {PREFIX}"),
        format!("capacity_providers: {group}"),
        format!("auto_scaling_groups: {group}"),
        format!("launch_templates: {group}"),
        format!("security_groups: {PREFIX}"),
        format!("security_groups: {PREFIX}-alb"),
        format!("load_balancers: {PREFIX}"),
        "certificates: example.com".to_owned(),
        format!("roles: {PREFIX}"),
        format!("instance_profiles: {PREFIX}"),
    ];
    assert_eq!(made, expected);
    assert_settled(&world);
}

#[test]
fn a_decommission_that_was_killed_is_finished_by_the_next() {
    let world = super::provisioned("half-gone", &one_group());
    let gate = Gate::after(&world, "autoscaling:DeleteAutoScalingGroup");
    let mut running = world.start(&["decommission"]);
    gate.wait();
    running.signal("KILL");
    gate.open();
    running.wait().expect(137);
    run(&world, &["decommission"], 0);
    assert_eq!(world.leftovers(), [""; 0]);
}
