//! How a run ended, told to somebody who has to act on it: what failed, on what, AWS's words, what stands, what to do.

use crate::aws::failure::{Class, Failure};
use crate::engine::converge::Unconverged;
use crate::engine::execute::{Fate, Outcome};
use crate::plan::action::Action;
use crate::plan::{Goal, Operation, Plan};
use crate::report::plan_text::refusals;
use crate::report::words::count;
use std::collections::BTreeSet;

/// The whole message, several lines, without a final newline.
#[must_use]
pub fn explain(ending: &Unconverged) -> String {
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
        Unconverged::Failed(plan, outcome) => failed(plan, outcome),
        Unconverged::Unknown(plan) => unknown(plan),
        Unconverged::Stuck(plan) => stuck(plan),
        Unconverged::Interrupted(plan, outcome) => {
            format!("interrupted\n{}\n{}", standing(plan, outcome), again(plan))
        }
    }
}

/// What a plan could not see.
#[must_use]
pub fn unknown(plan: &Plan) -> String {
    let hidden: Vec<String> = plan.unknown().map(|change| format!("  {}: {}", change.address, change.reason)).collect();
    format!(
        "{} could not be read, so nothing was done to what depends on it:\n{}\ngive the role the missing permission, or wait until AWS answers; then run this again",
        count(hidden.len(), "resource"),
        hidden.join("\n")
    )
}

fn failed(plan: &Plan, outcome: &Outcome) -> String {
    let failures: Vec<(&Operation, &Failure)> = outcome.failures(plan).collect();
    let mut lines = vec![format!("{} failed", count(failures.len(), "operation"))];
    for (operation, failure) in failures {
        lines.push(format!("  {}: {failure}", operation.address));
        if let Some(id) = &failure.request_id {
            lines.push(format!("    request id {id}"));
        }
        lines.push(format!("    {}", advice(failure)));
    }
    lines.push(standing(plan, outcome));
    lines.push(again(plan));
    lines.join("\n")
}

/// The operation that waits are told under.
const WAIT: &str = "Wait";
/// Parts of what AWS says, above all of launches that fail, and what to do about each. The first that fits counts.
const REMEDIES: [(&str, &str); 7] = [
    ("VcpuLimitExceeded", "raise the account's quota of vCPUs for this kind of instance, or choose a smaller type; then run this again"),
    ("LimitExceeded", "raise the quota or free some of it, then run this again"),
    ("InsufficientInstanceCapacity", "AWS has no such instance to give there now: run this again later, or choose another type"),
    ("not supported in your requested Availability Zone", "choose a type that the zones of the private subnets have, then run this again"),
    ("InvalidAMIID", "the image is gone: run this again, which takes the newest"),
    ("does not match the architecture", "run this again, which takes the image for the type's processor"),
    ("cannot reach ECS", "give the subnet a way to the internet through a NAT gateway, or the VPC the endpoints; then run this again"),
];

fn advice_after_a_wait(message: &str) -> &'static str {
    let fitting = REMEDIES.iter().find(|(part, _)| message.contains(part));
    fitting.map_or("put right what stands in the way, or wait until it passes; then run this again", |(_, remedy)| remedy)
}

fn advice(failure: &Failure) -> &'static str {
    match (failure.class, failure.code.as_deref()) {
        (Class::Denied, _) => {
            "allow this action to the role that was assumed, then run this again; `aws-ecs-cluster iam-policy` prints all that it needs"
        }
        (Class::NotYet, _) => "AWS was not ready within the time allowed; run this again later",
        (_, Some(code)) if code.contains("Limit") || code.contains("Quota") || code.contains("TooMany") => {
            "raise the quota or free some of it, then run this again"
        }
        (_, None) if failure.operation == WAIT => advice_after_a_wait(&failure.message),
        (_, None) => "the outcome of this call may not be known; running this again finds out",
        _ => "put right what AWS names, then run this again",
    }
}

/// What was done and what was not.
fn standing(plan: &Plan, outcome: &Outcome) -> String {
    let with = |wanted: fn(&Fate) -> bool| {
        let ids = outcome.fates.iter().filter(|(_, fate)| wanted(fate)).map(|(id, _)| &plan.operations[*id].address);
        ids.collect::<BTreeSet<_>>()
    };
    let done = with(|fate| *fate == Fate::Done).len();
    let skipped = with(|fate| matches!(fate, Fate::Skipped(_)));
    let not_started = plan.operations.len() - outcome.fates.len();
    let finished = outcome.fates.values().filter(|fate| **fate == Fate::Done).count();
    let mut sum = vec![format!("{finished} of {} done", count(plan.operations.len(), "operation"))];
    if done > 0 {
        sum.push(format!("on {}", count(done, "resource")));
    }
    if not_started > 0 {
        sum.push(format!("{not_started} not started"));
    }
    let mut lines = vec![sum.join(", ")];
    lines.extend(skipped.into_iter().map(|address| format!("  not done: {address}")));
    lines.join("\n")
}

fn again(plan: &Plan) -> String {
    match plan.goal {
        Goal::Provision => "what was made stands; running `provision` again goes on from there, `decommission` removes it".to_owned(),
        Goal::Decommission => "what is left stands; running `decommission` again goes on from there".to_owned(),
    }
}

fn stuck(plan: &Plan) -> String {
    let words = |operation: &Operation| match &operation.action {
        Action::Wait(condition) => format!("  {}: waits for {condition}", operation.address),
        action => format!("  {}: {}", operation.address, action.operation()),
    };
    let left: Vec<String> = plan.operations.iter().map(words).collect();
    format!(
        "AWS accepts the changes, but does not show them: {} remain\n{}\nsomething else may be changing the same resources; run `plan` to see what differs",
        count(left.len(), "operation"),
        left.join("\n")
    )
}
