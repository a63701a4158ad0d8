//! Interrupts: SIGINT or SIGTERM at any call. Nothing new is begun, the call under way is finished, what stands is said.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use super::moment::{Hold, Moment, Side, Then, moments};
use super::scenario::{CHANGE, History, MAKE, Scenario, UNMAKE};
use super::trial::{Tried, try_points};
use crate::support::world::{Output, World};

/// Whoever interrupts kills after ten seconds.
const PATIENCE: Duration = Duration::from_secs(10);
/// Calls under way are given eight seconds.
const MOST_OF_THE_GRACE: Duration = Duration::from_secs(6);
/// Long enough for the signal to be heard before the call is let go.
const HEARD: Duration = Duration::from_millis(150);

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
        chosen.retain(|moment| moment.nth == 1 || changing.contains(&moment.action));
        let signals = ["INT", "TERM"].into_iter().cycle();
        points.extend(chosen.into_iter().zip(signals).map(|(moment, signal)| Point { scenario, moment, signal }));
    }
    points
}

fn assert_stopped(output: &Output) {
    let changed = output.mutations().iter().any(|call| call.succeeded());
    let words = if changed { "stands" } else { "interrupted" };
    assert!(output.status == 130 && output.stderr.contains("interrupted") && output.stderr.contains(words), "{output}");
    assert_eq!(output.stdout, "", "an interrupted run has no result");
}

fn interrupt(point: &Point, longest: &Mutex<Duration>) -> Tried {
    let world = point.scenario.world();
    let hold = Hold::at(&world, &point.moment);
    let mut running = world.start(point.scenario.command);
    if !hold.is_reached(&mut running) {
        running.wait().expect(0);
        return Tried::NeverCame;
    }
    let began = Instant::now();
    running.signal(point.signal);
    thread::sleep(HEARD);
    let heard = world.proxy.calls().len();
    hold.release(Then::GoOn);
    let output = running.wait();
    let took = began.elapsed();
    let mut most = longest.lock().expect("the longest time");
    *most = took.max(*most);
    drop(most);
    assert!(took < PATIENCE, "it took {took:?} to stop\n{output}");
    assert_nothing_new(&world, heard, &output);
    if output.status == 0 {
        // The interrupt came when nothing was left to do.
        point.scenario.assert_stands(&world, History::Same);
    } else {
        assert_stopped(&output);
    }
    point.scenario.assert_finishes(&world);
    Tried::Converged
}

fn assert_nothing_new(world: &World, heard: usize, output: &Output) {
    let calls = world.proxy.calls();
    let new: Vec<String> = calls[heard..].iter().filter(|call| call.is_mutation()).map(|call| call.action()).collect();
    assert_eq!(new, [""; 0], "begun after the interrupt\n{output}");
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
        let moment = Moment { action: action.to_owned(), nth: nth.parse().expect("a number"), side: Side::Before };
        let world = MAKE.world();
        let hold = Hold::at(&world, &moment);
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
    let hold = |action: &str| Hold::at(&world, &Moment { action: action.to_owned(), nth: 1, side: Side::Before });
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
