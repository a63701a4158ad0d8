//! Faults: every kind of call fails once in every way in which AWS or the network between lets calls fail. The same run gets over it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use super::scenario::{CHANGE, History, MAKE, Scenario, UNMAKE};
use super::trial::{Tried, is_exhaustive, try_patiently, try_points};
use crate::support::call::{Call, Reply};
use crate::support::world::{Output, World};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    /// As the service throttles.
    Throttled,
    InternalError,
    Unavailable,
    /// The connection is cut before AWS does the work.
    CallLost,
    /// The connection is cut after that.
    ReplyLost,
    /// The connection is cut in the middle of the reply.
    ReplyCut,
    /// The reply cannot be read.
    ReplyGarbled,
    /// AWS does the work and takes longer to say so than we wait.
    Slow,
}

const FAULTS: [Fault; 7] =
    [Fault::Throttled, Fault::InternalError, Fault::Unavailable, Fault::CallLost, Fault::ReplyLost, Fault::ReplyCut, Fault::ReplyGarbled];
/// Longer than an attempt may take.
const TOO_LONG: Duration = Duration::from_mins(1);

impl Fault {
    fn before(self, call: &Call) -> Option<Reply> {
        match self {
            Self::Throttled => Some(Reply::throttled(call)),
            Self::InternalError => Some(Reply::error(call, 500, "InternalFailure", "An internal error has occurred.")),
            Self::Unavailable => Some(Reply::error(call, 503, "ServiceUnavailable", "The service is unavailable.")),
            Self::CallLost => Some(Reply::hang_up()),
            Self::ReplyLost | Self::ReplyCut | Self::ReplyGarbled | Self::Slow => None,
        }
    }

    fn after(self, reply: Reply) -> Reply {
        match self {
            Self::ReplyLost => Reply::hang_up(),
            Self::ReplyCut => reply.cut_short(),
            Self::ReplyGarbled => reply.garbled(),
            Self::Slow => reply.after(TOO_LONG),
            _ => reply,
        }
    }

    /// How often in a row a call fails in this way.
    fn times(self) -> usize {
        if self == Self::Throttled { 2 } else { 1 }
    }
}

/// Lets calls fail: those that `key` names, each so often in a row.
fn inject(world: &World, fault: Fault, key: impl Fn(&Call) -> Option<String> + Clone + Send + Sync + 'static) {
    let due = move || {
        let (key, counts) = (key.clone(), Mutex::new(BTreeMap::<String, usize>::new()));
        move |call: &Call| {
            let Some(name) = key(call) else { return false };
            let mut counts = counts.lock().expect("the counts");
            let count = counts.entry(name).or_default();
            *count += 1;
            *count <= fault.times()
        }
    };
    let (before, after) = (due(), due());
    world.proxy.before(move |call| fault.before(call).filter(|_| before(call)));
    world.proxy.after(move |call, reply| if fault.before(call).is_none() && after(call) { fault.after(reply) } else { reply });
}

struct Point {
    scenario: &'static Scenario,
    action: String,
    fault: Fault,
}

impl fmt::Display for Point {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:?} {} in {}", self.fault, self.action, self.scenario.name)
    }
}

/// Every action with the first scenario that calls it.
fn actions() -> Vec<(&'static Scenario, String)> {
    let mut known = BTreeSet::new();
    let mut actions = Vec::new();
    for scenario in [&MAKE, &CHANGE, &UNMAKE] {
        let called: BTreeSet<String> = scenario.clean().calls.iter().map(Call::action).collect();
        actions.extend(called.into_iter().filter(|action| known.insert(action.clone())).map(|action| (scenario, action)));
    }
    actions
}

fn points(faults: &[Fault]) -> Vec<Point> {
    let each = actions()
        .into_iter()
        .flat_map(|(scenario, action)| faults.iter().map(move |fault| Point { scenario, action: action.clone(), fault: *fault }));
    each.collect()
}

fn survive(point: &Point) -> Tried {
    let world = point.scenario.world();
    let action = point.action.clone();
    inject(&world, point.fault, move |call| (call.action() == action).then(String::new));
    let output = world.run(point.scenario.command).expect(0);
    point.scenario.assert_stands(&world, History::Same);
    if output.calls_of(&point.action).is_empty() { Tried::NeverCame } else { Tried::Converged }
}

#[test]
fn a_call_that_fails_and_may_be_made_again_costs_no_run() {
    try_points("one call fails", &points(&FAULTS), 16, survive);
}

#[test]
fn a_reply_that_takes_a_minute_costs_no_run() {
    try_patiently("one reply takes a minute", &points(&[Fault::Slow]), survive);
}

#[test]
fn a_run_in_which_every_call_fails_at_first_gets_to_its_end() {
    let all = [&MAKE, &CHANGE, &UNMAKE].into_iter().flat_map(|scenario| FAULTS.map(|fault| (scenario, fault)));
    let points: Vec<Point> = all.map(|(scenario, fault)| Point { scenario, action: "every call".to_owned(), fault }).collect();
    try_points("every call fails", &points, 6, |point| {
        let world = point.scenario.world();
        inject(&world, point.fault, |call| Some(format!("{} {} {}", call.action(), call.target, call.body)));
        let began = Instant::now();
        let output = world.run(point.scenario.command).expect(0);
        tell_pace(point, began.elapsed(), &output);
        point.scenario.assert_stands(&world, History::Same);
        Tried::Converged
    });
}

/// How much longer it takes than an undisturbed run, which is made for comparison.
fn tell_pace(point: &Point, took: Duration, output: &Output) {
    if is_exhaustive() {
        let world = point.scenario.world();
        let began = Instant::now();
        world.run(point.scenario.command).expect(0);
        let clean = began.elapsed();
        let times = took.as_secs_f64() / clean.as_secs_f64();
        eprintln!("  {point}: {:.1} s and {} calls, {times:.1} times as long as undisturbed", took.as_secs_f64(), output.calls.len());
    }
}
