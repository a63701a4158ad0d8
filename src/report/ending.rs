//! How a run ended, told to somebody who has to act on it: what failed, on what, AWS's words, what stands, what to do.

use crate::aws::failure::Failure;
use crate::engine::converge::Unconverged;
use crate::engine::execute::{Fate, Outcome};
use crate::engine::rounds::RoundEnd;
use crate::model::address::Address;
use crate::plan::action::Action;
use crate::plan::{Goal, Operation, Plan};
use crate::report::advice::advice;
use crate::report::plan_text::refusals;
use crate::report::words::count;
use std::collections::{BTreeMap, BTreeSet};

/// The whole message of a run in this Region, several lines, without a final newline.
#[must_use]
pub fn explain(ending: &Unconverged, region: &str) -> String {
    match ending {
        Unconverged::Refused(plan, round) => {
            let mut lines = refusals(plan);
            lines.push(if *round == 1 {
                "nothing was changed".to_owned()
            } else {
                "what was changed before this came to light stands".to_owned()
            });
            lines.join("\n")
        }
        Unconverged::Failed(plan, outcome) => failed(plan, outcome, region),
        Unconverged::Unknown(plan) => unknown(plan),
        Unconverged::Stuck(plan, round) => stuck(plan, *round),
        Unconverged::Interrupted(plan, outcome) => {
            format!("interrupted\n{}\n{}", standing(plan, outcome), again(plan))
        }
    }
}

const UNREAD_REMEDY: &str = "give the role the missing permission, or wait until AWS answers; then run this again";

/// What a plan could not see.
#[must_use]
pub fn unknown(plan: &Plan) -> String {
    let hidden: Vec<String> = plan.unknown().map(|change| format!("  {}: {}", change.address, change.reason)).collect();
    format!(
        "{} could not be read, so nothing was done to what depends on it:\n{}\n{UNREAD_REMEDY}",
        count(hidden.len(), "resource"),
        hidden.join("\n")
    )
}

/// The same for those who have the plan before them, with the permissions that would have shown more.
#[must_use]
pub fn unknown_in_short(plan: &Plan) -> String {
    let hidden: Vec<&str> = plan.unknown().map(|change| change.reason.as_str()).collect();
    let number = count(hidden.len(), "resource");
    let denied: BTreeSet<&str> = hidden.iter().filter_map(|reason| denied_action(reason)).collect();
    if denied.is_empty() {
        return format!("{number} could not be read (see the plan above)\n{UNREAD_REMEDY}");
    }
    let denied: Vec<&str> = denied.into_iter().collect();
    format!("{number} could not be read (see the plan above)\nallow {}; then run this again", denied.join(", "))
}

/// The action in AWS's own words for a refusal: `is not authorized to perform: iam:GetRole`.
fn denied_action(reason: &str) -> Option<&str> {
    let (_, action) = reason.split_once(" to perform: ")?;
    action.split([' ', ',', ';']).next().filter(|action| action.contains(':'))
}

/// The end of a run that did everything but tell the platform, and why.
#[must_use]
pub fn untold(goal: Goal, why: &str) -> String {
    let standing = match goal {
        Goal::Provision => "the cluster stands as wanted, but its artifact is not published; run `provision` again to publish it",
        Goal::Decommission => "nothing of the cluster is left, but its artifact is still published; run `decommission` again to delete it",
    };
    format!("{why}\n{standing}")
}

/// The same where the run was interrupted while the platform had not answered.
#[must_use]
pub fn late(goal: Goal) -> String {
    untold(goal, "interrupted before the platform answered")
}

/// What is said of a panic: where it is, and not what it says, since that may quote what must not be shown.
#[must_use]
pub fn defect(place: &str) -> String {
    format!("error: this is a defect of aws-ecs-cluster, at {place}\nplease report it; running again goes on from where this run ended")
}

/// What is said where not even a runtime can be had.
#[must_use]
pub fn no_resources(why: &str) -> String {
    format!("error: the operating system gives no resources to run in: {why}\nraise the limits of this process; nothing was touched")
}

fn failed(plan: &Plan, outcome: &Outcome, region: &str) -> String {
    let failures: Vec<(&Operation, &Failure)> = outcome.failures(plan).collect();
    let mut lines = vec![format!("{} failed", count(failures.len(), "operation"))];
    for (operation, failure) in failures {
        lines.push(format!("  {}: {failure}", operation.address));
        if let Some(id) = &failure.request_id {
            lines.push(format!("    request id {id}"));
        }
        lines.extend(advice(&operation.action, failure, region).lines().map(|line| format!("    {line}")));
    }
    lines.push(standing(plan, outcome));
    lines.push(again(plan));
    lines.join("\n")
}

/// How far a resource got.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Reached {
    Done,
    PartlyDone,
    /// A call was on its way when the run was interrupted, so that nobody knows what came of it.
    UnderWay,
    /// Nothing was on its way to it: AWS was to get ready.
    Awaited,
    NotDone,
}

impl Reached {
    const fn words(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::PartlyDone => "partly done",
            Self::Awaited => "was still being waited for",
            Self::UnderWay => "under way when the run ended, so perhaps done",
            Self::NotDone => "not done",
        }
    }
}

/// What was done and what was not, by name.
fn standing(plan: &Plan, outcome: &Outcome) -> String {
    let is_wait = |id: usize| matches!(plan.operations[id].action, Action::Wait(_));
    let is_done = |id: usize| outcome.fates.get(&id) == Some(&Fate::Done);
    let mut resources: BTreeMap<&Address, Vec<usize>> = BTreeMap::new();
    for (id, operation) in plan.operations.iter().enumerate() {
        resources.entry(&operation.address).or_default().push(id);
    }
    let reached = |ids: &[usize]| {
        // Never more than one of a resource's.
        let under_way = ids.iter().find(|id| outcome.started.contains(id) && !outcome.fates.contains_key(id));
        let under_way = under_way.map(|id| if is_wait(*id) { Reached::Awaited } else { Reached::UnderWay });
        match ids.iter().filter(|id| is_done(**id)).count() {
            done if done == ids.len() => Reached::Done,
            0 => under_way.unwrap_or(Reached::NotDone),
            _ => under_way.unwrap_or(Reached::PartlyDone),
        }
    };
    let mut resources_reached: Vec<(Reached, &Address)> = resources.iter().map(|(address, ids)| (reached(ids), *address)).collect();
    resources_reached.sort();
    let finished = (0..plan.operations.len()).filter(|id| is_done(*id)).count();
    let mut lines = vec![format!("{finished} of {} done", count(plan.operations.len(), "operation"))];
    lines.extend(resources_reached.iter().map(|(reached, address)| format!("  {}: {address}", reached.words())));
    lines.join("\n")
}

fn again(plan: &Plan) -> String {
    match plan.goal {
        Goal::Provision => "what was made stands; running `provision` again goes on from there, `decommission` removes it".to_owned(),
        Goal::Decommission => "what is left stands; running `decommission` again goes on from there".to_owned(),
    }
}

fn stuck(plan: &Plan, round: RoundEnd) -> String {
    let answer = match round {
        RoundEnd::Done => "AWS accepts the changes, but does not show them",
        RoundEnd::Overtaken => {
            "AWS refuses the changes, since what they make is there already or what they need is gone, but does not show that"
        }
        RoundEnd::Refused => "AWS goes on refusing the changes",
    };
    let words = |operation: &Operation| match &operation.action {
        Action::Wait(condition) => format!("  {}: waits for {condition}", operation.address),
        action => format!("  {}: {}", operation.address, action.operation()),
    };
    let left: Vec<String> = plan.operations.iter().map(words).collect();
    format!(
        "{answer}: {} left\n{}\nsomething else may be changing the same resources; run `plan` to see what differs",
        count(left.len(), "operation"),
        left.join("\n")
    )
}
