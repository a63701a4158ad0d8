//! Runs a plan: every operation as soon as what it needs is done, within the limits of each service.

use crate::aws::failure::{Class, Failure};
use crate::aws::progress::{Progress, Yield};
use crate::engine::Context;
use crate::engine::cloud::Cloud;
use crate::engine::event::{Event, steps};
use crate::engine::limits::Limits;
use crate::engine::refusals::{RELOOK, Refusals};
use crate::engine::rounds::{RoundEnd, StepKey};
use crate::engine::wait::{Awaited, NoAnswer, pace_of_action, pace_of_condition, until_final};
use crate::model::address::Address;
use crate::model::reference::Outputs;
use crate::plan::action::Action;
use crate::plan::{Operation, OperationId, Plan};
use futures_util::stream::{FuturesUnordered, Stream, StreamExt};
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

/// Whoever sends the interrupt waits about ten seconds before they kill.
pub const GRACE: Duration = Duration::from_secs(8);
/// How long a denial is doubted where the operation builds on what was just made: permissions that ask for its tags are judged without them for
/// seconds (docs/aws.md, "Permissions of the caller"). Who really lacks a permission learns it this much later.
const DOUBT: Duration = Duration::from_secs(30);

/// How an operation ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    Done,
    /// It is done already, or cannot be done as things stand: the next look decides.
    Overtaken,
    Failed(Failure),
    /// Something that it needs did not get done: the address of the first that did not.
    Skipped(Address),
}

/// What became of a plan.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    pub started: BTreeSet<OperationId>,
    /// Operations that are not here were under way or not started when the run was interrupted.
    pub fates: BTreeMap<OperationId, Fate>,
    pub interrupted: bool,
    /// Whether the round ended with AWS refusing whatever was left.
    pub standstill: bool,
}

impl Outcome {
    pub fn failures<'a>(&'a self, plan: &'a Plan) -> impl Iterator<Item = (&'a Operation, &'a Failure)> {
        self.fates.iter().filter_map(|(id, fate)| match fate {
            Fate::Failed(failure) => Some((&plan.operations[*id], failure)),
            _ => None,
        })
    }

    fn may_have_made_any(&self, plan: &Plan) -> bool {
        let is_made =
            |(id, fate): (&OperationId, &Fate)| plan.operations[*id].action.establishes() && matches!(fate, Fate::Done | Fate::Overtaken);
        self.fates.iter().any(is_made)
    }

    /// How it ended, for whoever decides when to look again.
    #[must_use]
    pub fn round(&self) -> RoundEnd {
        if self.standstill {
            RoundEnd::Refused
        } else if self.fates.values().any(|fate| *fate == Fate::Done) {
            RoundEnd::Done
        } else {
            RoundEnd::Overtaken
        }
    }
}

/// What a round leaves to those after it.
#[derive(Debug, Default)]
pub struct Patience {
    /// Since when AWS has been refusing what: what is refused, looked at again and refused still has no more time than the rest.
    refused: BTreeMap<StepKey, Instant>,
    /// Whether a round may have made anything.
    made: bool,
}

impl Patience {
    /// Forgets what is not to be done any more.
    fn keep(&mut self, plan: &Plan) {
        self.refused.retain(|known, _| plan.operations.iter().any(|operation| key(operation) == *known));
    }

    /// The clock of an operation that starts now. It begins anew where a change of this round may have removed what AWS refused it for.
    fn since(&mut self, plan: &Plan, id: OperationId) -> Instant {
        let operation = &plan.operations[id];
        let helped = operation.after.iter().any(|other| !matches!(plan.operations[*other].action, Action::Wait(_)));
        if helped {
            self.refused.remove(&key(operation));
        }
        *self.refused.entry(key(operation)).or_insert_with(Instant::now)
    }
}

/// Executes the plan. One task schedules; an operation's failure skips what depends on it and nothing else.
pub async fn execute(cloud: &impl Cloud, plan: &Plan, patience: &mut Patience, context: Context<'_>) -> Outcome {
    let shared = &Shared { limits: Limits::new(), refusals: Refusals::new(RELOOK) };
    let mut learnt = Learnt::default();
    patience.keep(plan);
    let doubted = if patience.made { (0..plan.operations.len()).collect() } else { building_on_new(plan) };
    let mut running = FuturesUnordered::new();
    let mut waiting: Vec<OperationId> = (0..plan.operations.len()).collect();
    (context.report)(&Event::Executing { steps: steps(plan) });
    let mut deadline = None;
    loop {
        if context.interrupt.is_raised() && deadline.is_none() {
            deadline = Some(Instant::now() + GRACE);
            learnt.outcome.interrupted = true;
            (context.report)(&Event::Interrupted);
        }
        skip_hopeless(plan, &mut waiting, &mut learnt.outcome, context);
        if !learnt.outcome.interrupted {
            for id in take_ready(plan, &mut waiting, &learnt.outcome) {
                let turn = Turn {
                    id,
                    operation: &plan.operations[id],
                    since: patience.since(plan, id),
                    doubt: if doubted.contains(&id) { DOUBT } else { Duration::ZERO },
                    outputs: learnt.outputs.clone(),
                };
                shared.refusals.begin();
                learnt.outcome.started.insert(id);
                running.push(async move { (id, run(cloud, turn, shared, context).await) });
            }
        }
        let (id, ended) = match next(&mut running, deadline, context).await {
            Next::Ended(Some(ended)) => ended,
            Next::Interrupted => continue,
            Next::Ended(None) | Next::OutOfTime => break,
        };
        shared.refusals.end(id);
        if !matches!(ended.result, Err(NoAnswer::Standstill(_))) {
            patience.refused.remove(&key(&plan.operations[id]));
        }
        settle(&plan.operations[id], id, ended, &mut learnt, context);
    }
    patience.made |= learnt.outcome.may_have_made_any(plan);
    learnt.outcome
}

pub(super) fn key(operation: &Operation) -> StepKey {
    (operation.address.clone(), operation.action.operation())
}

/// The operations that need, directly or not, what is made in this round. Operations are in topological order.
fn building_on_new(plan: &Plan) -> BTreeSet<OperationId> {
    let mut found = BTreeSet::new();
    for (id, operation) in plan.operations.iter().enumerate() {
        if operation.after.iter().any(|needed| found.contains(needed) || plan.operations[*needed].action.establishes()) {
            found.insert(id);
        }
    }
    found
}

/// What the operations of one round share.
struct Shared {
    limits: Limits,
    refusals: Refusals,
}

/// What the scheduler has to see to.
enum Next<T> {
    /// An operation has ended; `None` when none is under way.
    Ended(Option<T>),
    /// The interrupt has just come.
    Interrupted,
    OutOfTime,
}

/// Waits for the next operation to end. Once interrupted, calls that are still under way are left to themselves at the deadline.
async fn next<T>(running: &mut (impl Stream<Item = T> + Unpin), deadline: Option<Instant>, context: Context<'_>) -> Next<T> {
    let stop = async {
        if let Some(deadline) = deadline {
            tokio::time::sleep_until(deadline.into()).await;
            Next::OutOfTime
        } else {
            context.interrupt.raised().await;
            Next::Interrupted
        }
    };
    tokio::select! {
        biased;
        ended = running.next() => Next::Ended(ended),
        stopped = stop => stopped,
    }
}

fn take_ready(plan: &Plan, waiting: &mut Vec<OperationId>, outcome: &Outcome) -> Vec<OperationId> {
    let is_ready = |id: &OperationId| plan.operations[*id].after.iter().all(|other| outcome.fates.get(other) == Some(&Fate::Done));
    let (ready, rest) = waiting.iter().partition(|id| is_ready(id));
    *waiting = rest;
    ready
}

/// Operations are in topological order, so one pass reaches every dependent.
fn skip_hopeless(plan: &Plan, waiting: &mut Vec<OperationId>, outcome: &mut Outcome, context: Context<'_>) {
    waiting.retain(|id| {
        let operation = &plan.operations[*id];
        let cause = operation.after.iter().find_map(|other| match outcome.fates.get(other) {
            Some(Fate::Skipped(cause)) => Some(cause.clone()),
            Some(Fate::Failed(_) | Fate::Overtaken) => Some(plan.operations[*other].address.clone()),
            Some(Fate::Done) | None => None,
        });
        let Some(cause) = cause else { return true };
        (context.report)(&Event::Skipped {
            address: operation.address.clone(),
            operation: operation.action.operation(),
            because: cause.clone(),
        });
        outcome.fates.insert(*id, Fate::Skipped(cause));
        false
    });
}

struct Ran {
    result: Result<Vec<Yield>, NoAnswer>,
    elapsed: f64,
}

/// An operation whose turn it is.
struct Turn<'a> {
    id: OperationId,
    operation: &'a Operation,
    /// Since when AWS has been refusing it, or else now.
    since: Instant,
    /// How long a denial is doubted.
    doubt: Duration,
    /// What the operations before it have yielded.
    outputs: Outputs,
}

async fn run(cloud: &impl Cloud, turn: Turn<'_>, shared: &Shared, context: Context<'_>) -> Ran {
    let Turn { id, operation, since, doubt, outputs } = turn;
    let action = &operation.action;
    (context.report)(&Event::Started { id, address: operation.address.clone(), operation: action.operation() });
    let began = Instant::now();
    let (pace, waiting_for) = match action {
        Action::Wait(condition) => (pace_of_condition(condition), condition.to_string()),
        _ => (pace_of_action(action), format!("AWS to accept {}", action.operation())),
    };
    let awaited = Awaited { address: &operation.address, pace, action, waiting_for, since, id, refusals: &shared.refusals };
    let result = until_final(context, awaited, async |depth| {
        let _place = shared.limits.place(action.service()).await;
        // It may have stood in line when the interrupt came.
        if context.interrupt.is_raised() {
            return Ok(None);
        }
        let answer = match action {
            Action::Wait(condition) => cloud.check(condition, &outputs, depth).await,
            _ => cloud.perform(action, &outputs).await.map(Progress::Done),
        };
        let passes = |failure: &Failure| match failure.class {
            // It only asks, so that it can ask again.
            Class::Unanswered => matches!(action, Action::Wait(_)),
            Class::Denied => began.elapsed() < doubt,
            _ => false,
        };
        match answer {
            Err(failure) if passes(&failure) => Ok(Some(Progress::Pending(failure.to_string()))),
            answer => answer.map(Some),
        }
    })
    .await;
    Ran { result, elapsed: began.elapsed().as_secs_f64() }
}

/// What the scheduler has learnt so far.
#[derive(Default)]
struct Learnt {
    outcome: Outcome,
    outputs: Outputs,
}

fn settle(operation: &Operation, id: OperationId, ran: Ran, learnt: &mut Learnt, context: Context<'_>) {
    let Learnt { outcome, outputs } = learnt;
    let address = operation.address.clone();
    let name = operation.action.operation();
    let (fate, event) = match ran.result {
        Ok(yielded) => {
            keep(outputs, &address, yielded);
            let event = match &operation.action {
                Action::Wait(condition) => Event::Ready { address, waited_for: condition.to_string(), elapsed: ran.elapsed },
                action => {
                    let with = action.policy().map(str::to_owned);
                    Event::Done { address, operation: name, with, elapsed: ran.elapsed }
                }
            };
            (Fate::Done, event)
        }
        Err(NoAnswer::Interrupted) => return,
        Err(NoAnswer::Standstill(failure)) => {
            outcome.standstill = true;
            (Fate::Overtaken, Event::PutOff { address, operation: name, why: failure.to_string() })
        }
        Err(NoAnswer::Failed(failure)) if failure.class == Class::Overtaken => {
            (Fate::Overtaken, Event::Overtaken { address, operation: name, why: failure.to_string() })
        }
        Err(NoAnswer::Failed(failure)) => {
            let event = Event::Failed { address, operation: name, error: failure.to_string() };
            (Fate::Failed(failure), event)
        }
    };
    (context.report)(&event);
    outcome.fates.insert(id, fate);
}

fn keep(outputs: &mut Outputs, address: &Address, yielded: Vec<Yield>) {
    for one in yielded {
        match one {
            Yield::Text(output, text) => {
                outputs.texts.insert((address.clone(), output), text);
            }
            Yield::Records(records) => {
                outputs.records.insert(address.clone(), records);
            }
        }
    }
}
