//! Faults: every kind of call fails once in every way in which AWS or the network between lets calls fail. The same run gets over it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::account::{assert_same, standing};
use super::scenario::{CHANGE, History, MAKE, PUBLISH, Scenario, UNMAKE, WITHDRAW};
use super::trial::{Tried, is_exhaustive, try_patiently, try_points};
use crate::permissions::stories::{Story, told};
use crate::support::call::{Call, Reply};
use crate::support::world::{Output, World};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
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
    /// Something on the way has hidden that the reply was cut: its first half arrives as if it were all.
    ReplyTruncated,
    /// AWS does the work and takes longer to say so than we wait.
    Slow,
}

const FAULTS: [Fault; 8] = [
    Fault::Throttled,
    Fault::InternalError,
    Fault::Unavailable,
    Fault::CallLost,
    Fault::ReplyLost,
    Fault::ReplyCut,
    Fault::ReplyGarbled,
    Fault::ReplyTruncated,
];
/// Longer than an attempt may take.
const TOO_LONG: Duration = Duration::from_mins(1);

impl Fault {
    fn before(self, call: &Call) -> Option<Reply> {
        match self {
            Self::Throttled => Some(Reply::throttled(call)),
            Self::InternalError => Some(Reply::error(call, 500, "InternalFailure", "An internal error has occurred.")),
            Self::Unavailable => Some(Reply::error(call, 503, "ServiceUnavailable", "The service is unavailable.")),
            Self::CallLost => Some(Reply::hang_up()),
            Self::ReplyLost | Self::ReplyCut | Self::ReplyGarbled | Self::ReplyTruncated | Self::Slow => None,
        }
    }

    fn after(self, reply: Reply) -> Reply {
        match self {
            Self::ReplyLost => Reply::hang_up(),
            Self::ReplyCut => reply.cut_short(),
            Self::ReplyGarbled => reply.garbled(),
            Self::ReplyTruncated => reply.truncated(),
            Self::Slow => reply.after(TOO_LONG),
            _ => reply,
        }
    }

    /// Whether such a reply can come in this way: an error that is spoiled is still an error, and of nothing no half can be lost.
    fn befalls(self, status: u16, body: &str) -> bool {
        match self {
            Self::ReplyCut => !body.is_empty(),
            Self::ReplyGarbled | Self::ReplyTruncated => (200..300).contains(&status) && !body.is_empty(),
            _ => true,
        }
    }

    /// How often in a row a call fails in this way.
    fn times(self) -> usize {
        if self == Self::Throttled { 2 } else { 1 }
    }
}

/// How often calls have failed, by what they are known by.
struct Injection {
    fault: Fault,
    counts: Mutex<BTreeMap<String, usize>>,
}

impl Injection {
    /// Whether this call fails too.
    fn strikes(&self, name: String) -> bool {
        let mut counts = self.counts.lock().expect("the counts");
        let count = counts.entry(name).or_default();
        *count += 1;
        *count <= self.fault.times()
    }

    fn has_struck(&self) -> bool {
        !self.counts.lock().expect("the counts").is_empty()
    }
}

/// Lets calls fail: those that `key` names, each so often in a row.
fn inject(world: &World, fault: Fault, key: impl Fn(&Call) -> Option<String> + Clone + Send + Sync + 'static) -> Arc<Injection> {
    let injection = Arc::new(Injection { fault, counts: Mutex::default() });
    let due = || {
        let (key, injection) = (key.clone(), Arc::clone(&injection));
        move |call: &Call| key(call).is_some_and(|name| injection.strikes(name))
    };
    let (before, after) = (due(), due());
    world.proxy.before(move |call| fault.before(call).filter(|_| before(call)));
    world.proxy.after(move |call, reply| {
        let fits = fault.before(call).is_none() && fault.befalls(reply.status, &reply.body);
        if fits && after(call) { fault.after(reply) } else { reply }
    });
    injection
}

/// A run in which one kind of call fails.
struct Point {
    run: Run,
    action: String,
    fault: Fault,
}

#[derive(Clone, Copy)]
enum Run {
    Of(&'static Scenario),
    Chapter(&'static Story, usize),
}

impl fmt::Display for Point {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:?} {} in ", self.fault, self.action)?;
        match self.run {
            Run::Of(scenario) => out.write_str(scenario.name),
            Run::Chapter(story, chapter) => write!(out, "chapter {} of {}", chapter + 1, story.name),
        }
    }
}

impl Run {
    /// What it calls whenever nothing disturbs it.
    fn calls(self) -> Vec<&'static Call> {
        match self {
            Self::Of(scenario) => scenario.clean().calls.iter().collect(),
            Self::Chapter(story, place) => story.told()[place].calls.iter().filter(|call| story.is_sure_of(call)).collect(),
        }
    }

    fn world(self) -> World {
        match self {
            Self::Of(scenario) => scenario.world(),
            Self::Chapter(story, place) => story.world(place),
        }
    }

    /// Runs to the same end as when nothing disturbs it.
    #[track_caller]
    fn assert_ends_well(self, world: &World) {
        match self {
            Self::Of(scenario) => {
                world.run(scenario.command).expect(0);
                scenario.assert_stands(world, History::Same);
            }
            Self::Chapter(story, place) => {
                world.run(story.chapters[place].args).expect(story.chapters[place].status);
                assert_same(&standing(world).all, &story.told()[place].standing.all);
            }
        }
    }
}

fn scenarios() -> Vec<Run> {
    [&MAKE, &CHANGE, &UNMAKE].map(Run::Of).to_vec()
}

fn chapters() -> Vec<Run> {
    told().into_iter().flat_map(|(story, told)| (0..told.len()).map(move |place| Run::Chapter(story, place))).collect()
}

fn on_the_platform() -> Vec<Run> {
    [&PUBLISH, &WITHDRAW].map(Run::Of).to_vec()
}

/// Every action in every way in which it can fail, in the first of these runs in which it can.
fn points(runs: &[Run], faults: &[Fault]) -> Vec<Point> {
    let mut known = BTreeSet::new();
    let mut points = Vec::new();
    for run in runs {
        let ways = run.calls().into_iter().flat_map(|call| {
            let fitting = faults.iter().filter(|fault| fault.befalls(call.status, &call.answer));
            fitting.map(|fault| (call.action(), *fault))
        });
        let new: BTreeSet<(String, Fault)> = ways.filter(|way| !known.contains(way)).collect();
        points.extend(new.iter().map(|(action, fault)| Point { run: *run, action: action.clone(), fault: *fault }));
        known.extend(new);
    }
    points
}

fn survive(point: &Point) -> Tried {
    let world = point.run.world();
    let action = point.action.clone();
    let injection = inject(&world, point.fault, move |call| (call.action() == action).then(String::new));
    point.run.assert_ends_well(&world);
    if injection.has_struck() { Tried::Converged } else { Tried::NeverCame }
}

#[test]
fn a_call_that_fails_and_may_be_made_again_costs_no_run() {
    try_points("one call fails", &points(&scenarios(), &FAULTS), 13, survive);
}

#[test]
fn a_rarer_call_that_fails_costs_no_run_either() {
    let mut rarer = points(&[scenarios(), chapters()].concat(), &FAULTS);
    rarer.retain(|point| matches!(point.run, Run::Chapter(..)));
    try_points("one rarer call fails", &rarer, 3, survive);
}

#[test]
fn a_platform_that_fails_once_costs_no_run() {
    let mut asked = points(&on_the_platform(), &FAULTS);
    asked.retain(|point| point.action.starts_with("massdriver:"));
    try_points("the platform fails", &asked, 4, survive);
}

#[test]
#[ignore = "minutes for each point: made by `make test-exhaustive`"]
fn a_reply_that_takes_a_minute_costs_no_run() {
    let runs = [scenarios(), chapters(), on_the_platform()].concat();
    try_patiently("one reply takes a minute", &points(&runs, &[Fault::Slow]), survive);
}

#[test]
fn a_run_in_which_every_call_fails_at_first_gets_to_its_end() {
    let all = [&MAKE, &CHANGE, &UNMAKE].into_iter().flat_map(|scenario| FAULTS.map(|fault| Storm { scenario, fault }));
    try_points("every call fails", &all.collect::<Vec<_>>(), 6, |storm| {
        let world = storm.scenario.world();
        let injection = inject(&world, storm.fault, |call| Some(format!("{} {} {}", call.action(), call.target, call.body)));
        let began = Instant::now();
        let output = world.run(storm.scenario.command).expect(0);
        tell_pace(storm, began.elapsed(), &output);
        assert!(injection.has_struck(), "no call failed\n{output}");
        storm.scenario.assert_stands(&world, History::Same);
        Tried::Converged
    });
}

/// A run in which every call fails at first.
struct Storm {
    scenario: &'static Scenario,
    fault: Fault,
}

impl fmt::Display for Storm {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:?} of every call in {}", self.fault, self.scenario.name)
    }
}

/// How much longer it takes than an undisturbed run, which is made for comparison.
fn tell_pace(storm: &Storm, took: Duration, output: &Output) {
    if is_exhaustive() {
        let world = storm.scenario.world();
        let began = Instant::now();
        world.run(storm.scenario.command).expect(0);
        let clean = began.elapsed();
        let times = took.as_secs_f64() / clean.as_secs_f64();
        eprintln!("  {storm}: {:.1} s and {} calls, {times:.1} times as long as undisturbed", took.as_secs_f64(), output.calls.len());
    }
}
