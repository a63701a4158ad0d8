//! Unknown: every read is denied, one at a time. What cannot be seen is neither made a second time nor deleted, and once it can be
//! seen one run finishes.

use std::collections::BTreeSet;
use std::fmt;

use serde_json::Value;

use super::scenario::{CHANGE, DECOMMISSION, MAKE, Scenario, UNMAKE};
use super::trial::{Tried, try_points};
use crate::support::call::{Call, Reply};
use crate::support::world::{Output, World};

struct Point {
    scenario: &'static Scenario,
    action: String,
}

impl fmt::Display for Point {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} in {}", self.action, self.scenario.name)
    }
}

fn points() -> Vec<Point> {
    let mut points = Vec::new();
    for scenario in [&MAKE, &CHANGE, &UNMAKE] {
        let reads = scenario.clean().calls.iter().filter(|call| !call.is_mutation());
        let actions: BTreeSet<String> = reads.map(Call::action).collect();
        points.extend(actions.into_iter().map(|action| Point { scenario, action }));
    }
    points
}

fn hide(world: &World, action: &str) {
    let action = action.to_owned();
    world.proxy.before(move |call| (call.action() == action).then(|| Reply::denied(call)));
}

/// The addresses that a plan shows as unknown; all of them where there is no plan to be had.
fn hidden(scenario: &Scenario, world: &World) -> Option<BTreeSet<String>> {
    let args = ["plan", "--output", "json", scenario.of_plan()];
    let plan: Value = serde_json::from_str(&world.run(&args).stdout).ok()?;
    let unknown = plan["changes"].as_array()?.iter().filter(|change| change["action"] == "unknown");
    Some(unknown.filter_map(|change| change["address"].as_str().map(str::to_owned)).collect())
}

/// No operation touched what the plan could not see.
fn assert_left_alone(output: &Output, hidden: Option<&BTreeSet<String>>) {
    let Some(hidden) = hidden else {
        assert!(output.mutations().is_empty(), "there was no plan, and yet something was changed\n{output}");
        return;
    };
    let events = output.stderr.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let begun = events.filter(|event| event["event"] == "started").filter_map(|event| event["address"].as_str().map(str::to_owned));
    let touched: Vec<String> = begun.filter(|address| hidden.contains(address)).collect();
    assert!(touched.is_empty(), "shown as unknown, and touched all the same: {touched:?}\n{output}");
}

fn go_blind(point: &Point) -> Tried {
    let world = point.scenario.world();
    hide(&world, &point.action);
    let hidden = hidden(point.scenario, &world);
    let args = [&["--output", "json"], point.scenario.command].concat();
    // Twice, since what the first has made is what the second must not make again.
    let runs = [world.run(&args), world.run(&args)];
    for run in &runs {
        assert!([0, 1].contains(&run.status), "{run}");
        let blind = hidden.as_ref().is_none_or(|hidden| !hidden.is_empty());
        assert!(run.status == 1 || !blind, "not everything was seen, and yet all is said to be done\n{run}");
        assert_left_alone(run, hidden.as_ref());
    }
    if runs.iter().any(|run| run.stderr.contains(KEPT)) {
        assert_unmade_but_for_records(&world);
    } else {
        point.scenario.assert_finishes(&world);
    }
    Tried::Converged
}

/// A record may be what others renew by: where that cannot be found out it stays, and the certificate that led to it goes.
const KEPT: &str = "is left in place";

fn assert_unmade_but_for_records(world: &World) {
    world.proxy.clear_rules();
    world.run(DECOMMISSION).expect(0);
    let left: Vec<String> = world.leftovers().into_iter().filter(|one| !one.starts_with("records: ")).collect();
    assert_eq!(left, [""; 0]);
}

#[test]
fn what_may_not_be_read_is_left_alone_and_done_once_it_may() {
    try_points("a read is denied", &points(), 9, go_blind);
}
