//! Faults: every kind of call fails once in every way in which AWS or the network between lets calls fail. The same run gets over it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use super::account::{assert_same, standing};
use super::scenario::{CHANGE, DECOMMISSION, History, MAKE, PROVISION, Scenario, UNMAKE};
use super::trial::{Tried, is_exhaustive, try_patiently, try_points};
use crate::cluster::{PREFIX, fargate_only};
use crate::permissions::stories::{Story, told};
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
    /// On the platform: a provision that publishes its artifact, or the decommission that takes it back.
    Deployment {
        decommissions: bool,
    },
}

impl fmt::Display for Point {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:?} {} in ", self.fault, self.action)?;
        match self.run {
            Run::Of(scenario) => out.write_str(scenario.name),
            Run::Chapter(story, chapter) => write!(out, "chapter {} of {}", chapter + 1, story.name),
            Run::Deployment { decommissions } => out.write_str(if decommissions { "a withdrawal" } else { "a publication" }),
        }
    }
}

fn actions_of(calls: &[Call]) -> BTreeSet<String> {
    calls.iter().map(Call::action).collect()
}

/// Every action that the scenarios call, with the first of them that does.
fn of_scenarios() -> Vec<(Run, String)> {
    let mut known = BTreeSet::new();
    let each = [&MAKE, &CHANGE, &UNMAKE].into_iter().flat_map(|scenario| {
        let new: Vec<String> = actions_of(&scenario.clean().calls).into_iter().filter(|action| known.insert(action.clone())).collect();
        new.into_iter().map(move |action| (Run::Of(scenario), action))
    });
    each.collect()
}

/// Every other action that the binary can ask for, with the first chapter of a story that comes by it.
fn of_stories() -> Vec<(Run, String)> {
    let mut known: BTreeSet<String> = of_scenarios().into_iter().map(|(_, action)| action).collect();
    let chapters = told().into_iter().flat_map(|(story, told)| told.iter().enumerate().map(move |(place, told)| (story, place, told)));
    let each = chapters.flat_map(|(story, place, told)| {
        let new: Vec<String> = actions_of(&told.calls).into_iter().filter(|action| known.insert(action.clone())).collect();
        new.into_iter().map(move |action| (Run::Chapter(story, place), action))
    });
    each.collect()
}

fn of_platform() -> Vec<(Run, String)> {
    let publication = (Run::Deployment { decommissions: false }, "massdriver:POST /v1/resources".to_owned());
    let withdrawal = (Run::Deployment { decommissions: true }, format!("massdriver:DELETE /v1/resources/{PREFIX}-cluster"));
    vec![publication, withdrawal]
}

fn points(runs: &[(Run, String)], faults: &[Fault]) -> Vec<Point> {
    let each = runs.iter().flat_map(|(run, action)| faults.iter().map(|fault| Point { run: *run, action: action.clone(), fault: *fault }));
    each.collect()
}

fn survive(point: &Point) -> Tried {
    let failing = |world: &World| {
        let action = point.action.clone();
        inject(world, point.fault, move |call| (call.action() == action).then(String::new));
    };
    let output = match point.run {
        Run::Of(scenario) => {
            let world = scenario.world();
            failing(&world);
            let output = world.run(scenario.command).expect(0);
            scenario.assert_stands(&world, History::Same);
            output
        }
        Run::Chapter(story, place) => {
            let world = story.world(place);
            failing(&world);
            let output = world.run(story.chapters[place].args).expect(story.chapters[place].status);
            assert_same(&standing(&world).all, &story.told()[place].standing.all);
            output
        }
        Run::Deployment { decommissions } => deploy(decommissions, failing),
    };
    if output.calls_of(&point.action).is_empty() { Tried::NeverCame } else { Tried::Converged }
}

/// What is printed is published, and after a decommission nothing is.
fn deploy(decommissions: bool, failing: impl Fn(&World)) -> Output {
    let mut world = World::seeded_with("platform", &fargate_only());
    world.deploy();
    if decommissions {
        world.run(PROVISION).expect(0);
        assert!(world.published().is_some(), "nothing was published");
    }
    failing(&world);
    let output = world.run(if decommissions { DECOMMISSION } else { PROVISION }).expect(0);
    let wanted = (!decommissions).then(|| output.json());
    assert_eq!(world.published(), wanted, "{output}");
    output
}

#[test]
fn a_call_that_fails_and_may_be_made_again_costs_no_run() {
    try_points("one call fails", &points(&of_scenarios(), &FAULTS), 13, survive);
}

#[test]
fn a_rarer_call_that_fails_costs_no_run_either() {
    try_points("one rarer call fails", &points(&of_stories(), &FAULTS), 3, survive);
}

#[test]
fn a_platform_that_fails_once_costs_no_run() {
    try_points("the platform fails", &points(&of_platform(), &FAULTS), 4, survive);
}

#[test]
#[ignore = "minutes for each point: made by `make test-exhaustive`"]
fn a_reply_that_takes_a_minute_costs_no_run() {
    let runs = [of_scenarios(), of_stories(), of_platform()].concat();
    try_patiently("one reply takes a minute", &points(&runs, &[Fault::Slow]), survive);
}

#[test]
fn a_run_in_which_every_call_fails_at_first_gets_to_its_end() {
    let all = [&MAKE, &CHANGE, &UNMAKE].into_iter().flat_map(|scenario| FAULTS.map(|fault| Storm { scenario, fault }));
    try_points("every call fails", &all.collect::<Vec<_>>(), 6, |storm| {
        let world = storm.scenario.world();
        inject(&world, storm.fault, |call| Some(format!("{} {} {}", call.action(), call.target, call.body)));
        let began = Instant::now();
        let output = world.run(storm.scenario.command).expect(0);
        tell_pace(storm, began.elapsed(), &output);
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
