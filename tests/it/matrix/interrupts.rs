//! Interrupts: SIGINT or SIGTERM at any call. Nothing new is begun, the call under way is finished, what stands is said.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use super::denied::told;
use super::moment::{Hold, Moment, Side, Then, moments};
use super::scenario::{CHANGE, MAKE, Scenario, UNMAKE};
use super::trial::{Tried, try_points};
use crate::support::world::Output;

/// Whoever interrupts kills after ten seconds.
const PATIENCE: Duration = Duration::from_secs(10);
/// Calls under way are given eight seconds.
const MOST_OF_THE_GRACE: Duration = Duration::from_secs(6);
/// What is said when a signal is heard.
const HEARD: &str = "interrupted";

struct Point {
    scenario: &'static Scenario,
    moment: Moment,
    signal: &'static str,
}

impl fmt::Display for Point {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "SIG{} {} of {}", self.signal, self.moment, self.scenario.name)
    }
}

/// Every call that changes something and the first of every other action.
fn points() -> Vec<Point> {
    let mut points = Vec::new();
    for scenario in [&MAKE, &CHANGE, &UNMAKE] {
        let calls = &scenario.clean().calls;
        let changing: BTreeSet<String> = calls.iter().filter(|call| call.is_mutation()).map(|call| call.action()).collect();
        let mut chosen = moments(calls.iter(), &[Side::Before]);
        chosen.retain(|moment| moment.number == 1 || changing.contains(&moment.action));
        let signals = ["INT", "TERM"].into_iter().cycle();
        points.extend(chosen.into_iter().zip(signals).map(|(moment, signal)| Point { scenario, moment, signal }));
    }
    points
}

fn assert_stopped(output: &Output) {
    let changed = output.mutations().iter().any(|call| call.succeeded());
    let goes_on = output.stderr.contains("stands") && output.stderr.contains("again goes on from there");
    let is_idle = !changed && output.stderr.contains("nothing was changed");
    assert!(output.status == 130 && output.stderr.contains(HEARD) && (goes_on || is_idle), "{output}");
    assert_eq!(output.stdout, "", "an interrupted run has no result");
}

fn interrupt(point: &Point, longest: &Mutex<Duration>) -> Tried {
    let world = point.scenario.world();
    let hold = Hold::at(&world, &point.moment);
    let mut running = world.start(&[&["--output", "json"], point.scenario.command].concat());
    if !hold.is_reached(&mut running) {
        running.wait().expect(0);
        return Tried::NeverCame;
    }
    let began = Instant::now();
    running.signal(point.signal);
    hold.release(Then::GoOn);
    let output = running.wait();
    let took = began.elapsed();
    let mut most = longest.lock().expect("the longest time");
    *most = took.max(*most);
    drop(most);
    assert!(took < PATIENCE, "it took {took:?} to stop\n{output}");
    assert_nothing_new(&output);
    assert_stopped(&output);
    point.scenario.assert_finishes(&world);
    Tried::Converged
}

/// Every call that changes something belongs to an operation that was started before the interrupt was heard; its tries are one.
fn assert_nothing_new(output: &Output) {
    let told = told(output);
    let before = told.iter().take_while(|one| one["event"] != HEARD).filter(|one| one["event"] == "started");
    let mut started: Vec<&str> = before.filter_map(|one| one["operation"].as_str()).collect();
    let made: BTreeSet<(&str, &str)> = output.mutations().iter().map(|call| (call.operation.as_str(), call.body.as_str())).collect();
    for (operation, _) in made {
        let place = started.iter().position(|one| *one == operation);
        let place = place.unwrap_or_else(|| panic!("{operation} was begun after the interrupt\n{output}"));
        started.swap_remove(place);
    }
}

#[test]
fn an_interrupt_at_any_call_stops_the_run_and_the_next_finishes() {
    let longest = Mutex::default();
    try_points("an interrupt", &points(), 8, |point| interrupt(point, &longest));
    eprintln!("  the longest took {:.1} s to stop", longest.into_inner().expect("the longest time").as_secs_f64());
}

#[test]
fn an_interrupt_while_aws_does_not_answer_stops_the_run_all_the_same() {
    let reads = ["ecs:DescribeClusters 1", "ecs:DescribeClusters 2", "elasticloadbalancing:CreateLoadBalancer 1", "iam:GetRole 2"];
    try_points("an interrupt of a call without an answer", &reads, 2, |call| {
        let (action, nth) = call.split_once(' ').expect("an action and a number");
        let world = MAKE.world();
        let hold = Hold::at(&world, &Moment::before(action, nth.parse().expect("a number")));
        let mut running = world.start(MAKE.command);
        assert!(hold.is_reached(&mut running));
        let began = Instant::now();
        running.signal("TERM");
        while !running.has_ended() {
            assert!(began.elapsed() < PATIENCE, "it does not stop");
            thread::sleep(Duration::from_millis(20));
        }
        hold.release(Then::Lost);
        assert_stopped(&running.wait());
        MAKE.assert_finishes(&world);
        Tried::Converged
    });
}

#[test]
fn calls_that_end_one_after_another_do_not_stretch_the_time_in_which_a_run_stops() {
    let world = MAKE.world();
    let hold = |action: &str| Hold::at(&world, &Moment::before(action, 1));
    let (late, never) = (hold("iam:CreateRole"), hold("acm:RequestCertificate"));
    let mut running = world.start(MAKE.command);
    assert!(late.is_reached(&mut running) && never.is_reached(&mut running));
    let began = Instant::now();
    running.signal("TERM");
    thread::sleep(MOST_OF_THE_GRACE);
    late.release(Then::GoOn);
    while !running.has_ended() {
        assert!(began.elapsed() < MOST_OF_THE_GRACE * 2, "it waits anew for each call");
        thread::sleep(Duration::from_millis(20));
    }
    never.release(Then::Lost);
    assert_stopped(&running.wait());
    MAKE.assert_finishes(&world);
}
