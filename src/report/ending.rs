//! How a run ended, told to somebody who has to act on it: what failed, on what, AWS's words, what stands, what to do.

use crate::aws::failure::{Class, Failure};
use crate::engine::converge::Unconverged;
use crate::engine::execute::{Fate, Outcome};
use crate::engine::rounds::Round;
use crate::model::address::Address;
use crate::plan::action::{Action, WAIT};
use crate::plan::{Goal, Operation, Plan};
use crate::report::plan_text::refusals;
use crate::report::words::count;
use std::collections::BTreeMap;

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
        Unconverged::Stuck(plan, round) => stuck(plan, *round),
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

/// Parts of what AWS says, above all of launches that fail, and what to do about each. The first that fits counts.
const REMEDIES: [(&str, &str); 10] = [
    ("VcpuLimitExceeded", "raise the account's quota of vCPUs for this kind of instance, or choose a smaller type; then run this again"),
    ("LimitExceeded", "raise the quota or free some of it, then run this again"),
    ("InsufficientInstanceCapacity", "AWS has no such instance to give there now: run this again later, or choose another type"),
    ("not supported in your requested Availability Zone", "choose a type that the zones of the private subnets have, then run this again"),
    ("InvalidAMIID", "the image is gone: run this again, which takes the newest"),
    ("does not match the architecture", "run this again, which takes the image for the type's processor"),
    ("PENDING_VALIDATION", "let the domain's registrar name those name servers, and no others; then run this again"),
    ("CAA_ERROR", "let the domain's CAA records admit amazon.com; then run this again, which asks for another certificate"),
    ("the agent is not connected", "terminate that node, so that its group launches another, or restart its agent; then run this again"),
    ("cannot reach ECS", "give the subnet a way to the internet through a NAT gateway, or the VPC the endpoints; then run this again"),
];

/// Parts of the codes of faults that are AWS's own.
const FAULTS: [&str; 4] = ["InternalFailure", "InternalError", "InternalServerError", "Unavailable"];
/// Parts of the codes of credentials that have ended or are unknown.
const SESSIONS: [&str; 5] = ["ExpiredToken", "RequestExpired", "InvalidClientTokenId", "UnrecognizedClient", "AuthFailure"];

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
        _ if failure.is_throttled() => "AWS takes no more calls from this account at the moment; wait a few minutes, then run this again",
        (_, Some(code)) if FAULTS.iter().any(|fault| code.contains(fault)) => "AWS had a fault of its own; run this again later",
        (_, Some(code)) if SESSIONS.iter().any(|ended| code.contains(ended)) => {
            "the credentials are not valid any more; run this again with fresh ones"
        }
        (_, Some(code)) if code.contains("Limit") || code.contains("Quota") || code.contains("TooMany") => {
            "raise the quota or free some of it, then run this again"
        }
        (_, None) if failure.operation == WAIT => advice_after_a_wait(&failure.message),
        (_, None) => "the outcome of this call may not be known; running this again finds out",
        _ => "put right what AWS names, then run this again",
    }
}

/// How far a resource got.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    Done,
    PartlyDone,
    /// A call was on its way when the run was interrupted, so that nobody knows what came of it.
    UnderWay,
    NotDone,
}

impl Stage {
    const fn words(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::PartlyDone => "partly done",
            Self::UnderWay => "under way when the run ended, so perhaps done",
            Self::NotDone => "not done",
        }
    }
}

/// What was done and what was not, by name.
fn standing(plan: &Plan, outcome: &Outcome) -> String {
    let is_done = |id: usize| outcome.fates.get(&id) == Some(&Fate::Done);
    let mut resources: BTreeMap<&Address, Vec<usize>> = BTreeMap::new();
    for (id, operation) in plan.operations.iter().enumerate() {
        resources.entry(&operation.address).or_default().push(id);
    }
    let stage = |ids: &[usize]| {
        let under_way = ids.iter().any(|id| outcome.started.contains(id) && !outcome.fates.contains_key(id));
        match ids.iter().filter(|id| is_done(**id)).count() {
            done if done == ids.len() => Stage::Done,
            _ if under_way => Stage::UnderWay,
            0 => Stage::NotDone,
            _ => Stage::PartlyDone,
        }
    };
    let mut staged: Vec<(Stage, &Address)> = resources.iter().map(|(address, ids)| (stage(ids), *address)).collect();
    staged.sort();
    let finished = (0..plan.operations.len()).filter(|id| is_done(*id)).count();
    let mut lines = vec![format!("{finished} of {} done", count(plan.operations.len(), "operation"))];
    lines.extend(staged.iter().map(|(stage, address)| format!("  {}: {address}", stage.words())));
    lines.join("\n")
}

fn again(plan: &Plan) -> String {
    match plan.goal {
        Goal::Provision => "what was made stands; running `provision` again goes on from there, `decommission` removes it".to_owned(),
        Goal::Decommission => "what is left stands; running `decommission` again goes on from there".to_owned(),
    }
}

fn stuck(plan: &Plan, round: Round) -> String {
    let answer = match round {
        Round::Done => "AWS accepts the changes, but does not show them",
        Round::Overtaken => {
            "AWS refuses the changes, since what they make is there already or what they need is gone, but does not show that"
        }
        Round::Refused => "AWS goes on refusing the changes",
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
