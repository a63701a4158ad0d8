//! The loop: look, plan, execute, look again, until a look leaves nothing to do.

use crate::aws::Scope;
use crate::engine::Context;
use crate::engine::cloud::Cloud;
use crate::engine::event::Event;
use crate::engine::execute::{Outcome, Patience, execute, key};
use crate::engine::rounds::{RoundEnd, Rounds};
use crate::engine::wait::{HEARTBEAT, told_meanwhile};
use crate::model::observed::Observed;
use crate::plan::desired::Desired;
use crate::plan::questions::Questions;
use crate::plan::{ChangeAction, Plan, plan};
use std::time::{Duration, Instant};

/// Why a run ended before everything was as it should be.
#[derive(Debug)]
pub enum Unconverged {
    /// To protect somebody; nothing was changed in the round that found it, whose number it is.
    Refused(Plan, usize),
    /// Operations failed; everything that does not depend on them was done.
    Failed(Plan, Outcome),
    /// Something could not be read, so it is not known whether anything is left to do.
    Unknown(Plan),
    /// Nothing fails, and yet the same plan remains. Holds how AWS answered to the end.
    Stuck(Plan, RoundEnd),
    Interrupted(Plan, Outcome),
}

/// Looks at AWS and plans, without changing anything.
pub async fn look_and_plan(cloud: &impl Cloud, scope: &Scope, desired: Option<&Desired>) -> (Observed, Plan) {
    let observed = cloud.look(scope).await;
    think(cloud, scope, desired, observed).await
}

/// Plans from a look, after finding out what only this plan needs to know.
pub async fn think(cloud: &impl Cloud, scope: &Scope, desired: Option<&Desired>, mut observed: Observed) -> (Observed, Plan) {
    let questions = Questions::new(&scope.owner, desired, &observed);
    observed.answers = cloud.answer(&questions).await;
    let plan = plan(&scope.owner, desired, &observed);
    (observed, plan)
}

/// Makes AWS what is desired, or with nothing desired deletes what is ours, and returns the look that found it so.
///
/// # Errors
/// See [`Unconverged`]; in every case running again picks up where this run ended.
pub async fn converge(
    cloud: &impl Cloud,
    scope: &Scope,
    desired: Option<&Desired>,
    first: (Observed, Plan),
    context: Context<'_>,
) -> Result<Observed, Unconverged> {
    let (mut observed, mut plan) = first;
    let mut rounds = Rounds::default();
    let mut patience = Patience::default();
    let mut round = 0;
    let mut told = false;
    loop {
        round += 1;
        if !plan.refusals.is_empty() {
            return Err(Unconverged::Refused(plan, round));
        }
        let hidden = plan.operations.is_empty() && plan.unknown().next().is_some();
        if hidden && !plan.lags && !(round > 1 && passes(&observed)) {
            return Err(Unconverged::Unknown(plan));
        }
        let outcome = if hidden {
            // Nothing can be done before AWS shows more, which it does in a moment.
            if let Some(part) = observed.unread().next().filter(|_| !std::mem::replace(&mut told, true)) {
                (context.report)(&Event::Warning { message: format!("{part}; AWS is asked again") });
            }
            Outcome::default()
        } else {
            (context.report)(&Event::Planned { round, changes: changes(&plan), operations: plan.operations.len() });
            if plan.operations.is_empty() {
                return Ok(observed);
            }
            execute(cloud, &plan, &mut patience, context).await
        };
        if outcome.interrupted {
            return Err(Unconverged::Interrupted(plan, outcome));
        }
        if outcome.failures(&plan).next().is_some() {
            return Err(Unconverged::Failed(plan, outcome));
        }
        let steps = plan.operations.iter().map(key).collect();
        let Some(pause) = rounds.pause(outcome.round(), steps, Instant::now()) else {
            return Err(if hidden { Unconverged::Unknown(plan) } else { Unconverged::Stuck(plan, outcome.round()) });
        };
        if !undisturbed(pause, context).await {
            return Err(Unconverged::Interrupted(plan, outcome));
        }
        (context.report)(&Event::Looking { round: round + 1 });
        // Reads are tried again for minutes while AWS does not answer, and nothing is lost with them.
        (observed, plan) = tokio::select! {
            biased;
            () = context.interrupt.raised() => return Err(Unconverged::Interrupted(plan, outcome)),
            next = told_meanwhile(context.report, HEARTBEAT, look_and_plan(cloud, scope, desired)) => next,
        };
    }
}

/// Whether what could not be read may be there to read in a moment. A run that has done its work must not fail for one answer.
fn passes(observed: &Observed) -> bool {
    let mut unread = observed.unread().peekable();
    unread.peek().is_some() && unread.all(|part| part.passes)
}

/// Leaves AWS alone for so long. False when the run is interrupted meanwhile.
async fn undisturbed(pause: Duration, context: Context<'_>) -> bool {
    if pause.is_zero() {
        return !context.interrupt.is_raised();
    }
    tokio::select! {
        biased;
        () = context.interrupt.raised() => false,
        () = tokio::time::sleep(pause) => true,
    }
}

fn changes(plan: &Plan) -> usize {
    plan.changes.iter().filter(|change| !matches!(change.action, ChangeAction::None | ChangeAction::Unknown)).count()
}
