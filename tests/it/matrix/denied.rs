//! Denied for good: every action that changes something is refused, one at a time. What does not need it is done, the error says
//! what failed on what, in AWS's words, and what stands, and once AWS allows it one run finishes.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde_json::Value;

use super::scenario::{CHANGE, MAKE, Scenario, UNMAKE};
use super::trial::{Tried, try_points};
use crate::support::call::{Call, Protocol, Reply};
use crate::support::world::{Output, World};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Refusal {
    Denied,
    Quota,
}

struct Point {
    scenario: &'static Scenario,
    action: String,
    refusal: Refusal,
}

impl fmt::Display for Point {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:?} {} in {}", self.refusal, self.action, self.scenario.name)
    }
}

impl Refusal {
    fn reply(self, call: &Call) -> Reply {
        match self {
            Self::Denied => Reply::denied(call),
            Self::Quota => Reply::error(call, 400, quota_code(call), "The limit of this account has been reached"),
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Denied => "not authorized",
            Self::Quota => "The limit of this account has been reached",
        }
    }
}

/// As the service says that there is one too many.
fn quota_code(call: &Call) -> &'static str {
    match call.action().as_str() {
        "ec2:CreateSecurityGroup" => "SecurityGroupLimitExceeded",
        "ec2:CreateLaunchTemplate" => "MaxTemplateLimitExceeded",
        "ec2:CreateLaunchTemplateVersion" => "MaxTemplateVersionLimitExceeded",
        "ec2:CreateTags" => "TagLimitExceeded",
        "elasticloadbalancing:CreateLoadBalancer" => "TooManyLoadBalancers",
        "elasticloadbalancing:CreateListener" => "TooManyListeners",
        // The SDK takes this one for a throttle.
        _ if call.protocol == Protocol::Json => "LimitExceededException",
        _ => "LimitExceeded",
    }
}

fn points() -> Vec<Point> {
    let mut points = Vec::new();
    for scenario in [&MAKE, &CHANGE, &UNMAKE] {
        let mutations = scenario.clean().calls.iter().filter(|call| call.is_mutation());
        for action in mutations.map(Call::action).collect::<BTreeSet<_>>() {
            let makes = ["Create", "Request"].iter().any(|verb| action.contains(verb));
            let refusals: &[Refusal] = if makes { &[Refusal::Denied, Refusal::Quota] } else { &[Refusal::Denied] };
            points.extend(refusals.iter().map(|refusal| Point { scenario, action: action.clone(), refusal: *refusal }));
        }
    }
    points
}

/// What the run told of its operations and its end, one JSON object a line.
pub fn told(output: &Output) -> Vec<Value> {
    output.stderr.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
}

fn addresses<'a>(told: &'a [Value], event: &'a str) -> BTreeSet<&'a str> {
    told.iter().filter(|one| one["event"] == event).filter_map(|one| one["address"].as_str()).collect()
}

/// What the plan would do something about.
fn planned(plan: &Value) -> BTreeSet<&str> {
    let changes = plan["changes"].as_array().into_iter().flatten();
    changes.filter(|change| change["action"] != "none").filter_map(|change| change["address"].as_str()).collect()
}

/// Every address of the plan with those that it cannot do without, directly or not.
fn needs(plan: &Value) -> BTreeMap<String, BTreeSet<String>> {
    let mut all: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for change in plan["changes"].as_array().into_iter().flatten() {
        let direct = change["depends_on"].as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned);
        all.insert(change["address"].as_str().unwrap_or_default().to_owned(), direct.collect());
    }
    loop {
        let more = |needs: &BTreeSet<String>| needs.iter().filter_map(|one| all.get(one)).flatten().cloned().collect::<BTreeSet<_>>();
        let grown: BTreeMap<_, _> = all.iter().map(|(address, needs)| (address.clone(), needs | &more(needs))).collect();
        if grown == all {
            return all;
        }
        all = grown;
    }
}

fn plan(scenario: &Scenario, world: &World) -> Value {
    let args = ["plan", "--output", "json", scenario.of_plan()];
    world.run(&args).expect(0).json()
}

fn refuse(point: &Point) -> Tried {
    let world = point.scenario.world();
    let plan = plan(point.scenario, &world);
    let (action, refusal) = (point.action.clone(), point.refusal);
    world.proxy.before(move |call| (call.action() == action).then(|| refusal.reply(call)));
    let args = [&["--output", "json"], point.scenario.command].concat();
    let output = world.run(&args).expect(1);
    let told = told(&output);
    assert_explained(point, &output, &told);
    assert_rest_is_done(&output, &told, &plan);
    point.scenario.assert_finishes(&world);
    Tried::Converged
}

fn assert_explained(point: &Point, output: &Output, told: &[Value]) {
    let failed = addresses(told, "failed");
    let ending = told.last().and_then(|end| end["message"].as_str()).unwrap_or_default();
    let operation = point.action.split_once(':').map_or("", |(_, operation)| operation);
    let words = failed.iter().copied().chain([operation, point.refusal.words(), "stands", "running"]);
    let unsaid: Vec<&str> = words.filter(|word| !ending.contains(word)).collect();
    assert!(!failed.is_empty() && unsaid.is_empty(), "the error does not say {unsaid:?}\n{ending}\n{output}");
}

/// Whatever was left out needs something that failed, and the ending names everything else as done.
fn assert_rest_is_done(output: &Output, told: &[Value], plan: &Value) {
    let failed = addresses(told, "failed");
    let skipped = addresses(told, "skipped");
    let needs = needs(plan);
    let hangs = |address: &str| {
        failed.contains(address) || needs.get(address).is_some_and(|needs| needs.iter().any(|need| failed.contains(need.as_str())))
    };
    let needless: Vec<&&str> = skipped.iter().filter(|address| !hangs(address)).collect();
    assert!(needless.is_empty(), "left out although they need nothing that failed ({failed:?}): {needless:?}\n{output}");
    let done = named_as_done(told);
    let rest: Vec<&str> = planned(plan).into_iter().filter(|address| !failed.contains(address) && !skipped.contains(address)).collect();
    let missing: Vec<&&str> = rest.iter().filter(|address| !done.contains(*address)).collect();
    assert!(missing.is_empty(), "neither failed nor left out, and yet not named as done: {missing:?}\n{output}");
}

/// The addresses that the ending says are done.
fn named_as_done(told: &[Value]) -> BTreeSet<&str> {
    let ending = told.last().and_then(|end| end["message"].as_str()).unwrap_or_default();
    ending.lines().filter_map(|line| line.trim().strip_prefix("done: ")).collect()
}

#[test]
fn what_aws_refuses_for_good_is_told_and_everything_else_is_done() {
    try_points("an action is refused", &points(), 10, refuse);
}
