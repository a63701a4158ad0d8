//! The one waiter: asks again at a growing pace until the answer is final or the bound passes.

use crate::aws::failure::{Class, Failure};
use crate::aws::progress::{Depth, Progress, Yield};
use crate::engine::Context;
use crate::engine::event::Event;
use crate::engine::refusals::Refusals;
use crate::model::address::Address;
use crate::plan::OperationId;
use crate::plan::action::{Action, Condition};
use std::future::Future;
use std::time::{Duration, Instant};

/// How often to ask, and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// After the first question nothing is asked until so long after it: AWS takes longer in any case.
    pub quiet: Duration,
    pub shortest: Duration,
    pub longest: Duration,
    pub bound: Duration,
}

/// A log without a word for longer than this looks dead.
pub const HEARTBEAT: Duration = Duration::from_secs(30);
/// For so long what AWS shows may be older than what is waited for: a failure that of an earlier try, a state the one before.
const OLD_NEWS: Duration = Duration::from_secs(5);
/// An answer is learnt late by no more than this share of what it took, or by the shortest or the longest pause.
const LATENESS: f64 = 1.0 / 16.0;
/// Pauses are stretched by up to this share, so that runs side by side do not ask in step.
const JITTER: f64 = 0.1;

const fn pace(shortest_millis: u64, longest_secs: u64, bound_secs: u64) -> Pace {
    Pace {
        quiet: Duration::ZERO,
        shortest: Duration::from_millis(shortest_millis),
        longest: Duration::from_secs(longest_secs),
        bound: Duration::from_secs(bound_secs),
    }
}

/// How AWS's own states are asked for. The bounds are several times what AWS usually takes.
pub const fn pace_of_condition(condition: &Condition) -> Pace {
    match condition {
        Condition::ClusterActive { .. } | Condition::CapacityProviderUpdated { .. } => pace(500, 5, 600),
        // Tens of seconds: ECS makes alarms, a scaling policy and a lifecycle hook
        // (docs/aws.md, "ECS: what a capacity provider does to its group").
        Condition::AttachmentsSettled { .. } => pace(500, 3, 600),
        // About 25 seconds once detached (docs/aws.md, "ECS: capacity providers").
        Condition::CapacityProviderGone { .. } => pace(1000, 5, 1200),
        // One to five minutes: the instances shut down.
        Condition::AutoScalingGroupGone { .. } => pace(450, 10, 1800),
        // As long as the tasks take to stop: a service moves its own, a task by itself has to end.
        Condition::NodesDrained { .. } => pace(1000, 10, 3600),
        // Booting, pulling the agent's settings and registering takes one to three minutes.
        Condition::NodesJoined { .. } => pace(2000, 10, 600),
        // Minutes for each batch of nodes, and as long as their tasks take to move.
        Condition::RefreshDone { .. } => pace(2000, 15, 7200),
        Condition::CertificateRecords { .. } => pace(300, 3, 300),
        // One to five minutes where the zone is delegated, never where it is not (docs/aws.md, "ACM: certificates").
        Condition::CertificateIssued { .. } => pace(3000, 5, 2700),
        // Two to three minutes, and nothing is left to do after it.
        Condition::LoadBalancerActive { .. } => Pace { quiet: Duration::from_secs(5), ..pace(450, 5, 900) },
    }
}

/// How a mutation that AWS is not ready for is tried again.
pub const fn pace_of_action(action: &Action) -> Pace {
    match action {
        // The load balancer's network interfaces linger for minutes (docs/aws.md, "EC2: security groups").
        Action::DeleteSecurityGroup { .. } => pace(1000, 10, 900),
        // A certificate counts as in use for minutes after its listener is gone; the instances of a group take as long to shut down.
        Action::DeleteCertificate { .. } | Action::DeleteAutoScalingGroup { .. } => pace(1000, 10, 1200),
        Action::DeleteCluster { .. } | Action::PutClusterCapacityProviders { .. } | Action::DeleteCapacityProvider { .. } => {
            pace(1000, 10, 600)
        }
        // A new instance profile is known to Auto Scaling within 5 to 20 seconds, at most 2 minutes (docs/aws.md, "Auto Scaling: groups").
        _ => pace(500, 5, 150),
    }
}

/// The pause before AWS is looked at again when it does not show yet what it says is there.
pub const NEXT_LOOK: Pace = pace(500, 10, 300);

impl Pace {
    /// The pause before the next question, when the first was asked so long ago.
    pub fn pause(self, elapsed: Duration) -> Duration {
        let pause = elapsed.mul_f64(LATENESS).clamp(self.shortest, self.longest);
        let pause = pause.max(self.quiet.saturating_sub(elapsed));
        pause.mul_f64(1.0 + JITTER * fastrand::f64())
    }
}

/// Why a wait ended without its answer.
#[derive(Debug)]
pub enum NoAnswer {
    Failed(Failure),
    /// AWS refuses, and nothing else is under way that could change that: a fresh look has to decide.
    Standstill(Failure),
    Interrupted,
}

/// What is asked again and again, in words.
pub struct Awaited<'a> {
    pub address: &'a Address,
    pub pace: Pace,
    pub action: &'a Action,
    /// For the reader: what is waited for.
    pub waiting_for: String,
    /// When it was asked first, perhaps in an earlier round.
    pub since: Instant,
    pub id: OperationId,
    pub refusals: &'a Refusals,
}

/// Asks until the answer is final. That AWS calls it failed or undone is believed only after [`OLD_NEWS`]. A failure of class `NotYet` is an
/// answer like "pending", as long as that does not leave the run at a standstill; any other ends the wait.
///
/// # Errors
/// The failure itself, or one that names what was waited for once the bound has passed.
pub async fn until_final(
    context: Context<'_>,
    awaited: Awaited<'_>,
    mut ask: impl AsyncFnMut(Depth) -> Result<Option<Progress>, Failure>,
) -> Result<Vec<Yield>, NoAnswer> {
    let began = awaited.since;
    let mut reported: Option<Instant> = None;
    loop {
        let is_last = began.elapsed() >= awaited.pace.bound;
        let is_long = reported.is_some_and(|last| last.elapsed() >= HEARTBEAT);
        let depth = if is_last || is_long { Depth::Reasons } else { Depth::Progress };
        let (detail, refusal) = match ask(depth).await {
            Ok(None) => return Err(NoAnswer::Interrupted),
            Ok(Some(Progress::Done(yielded))) => return Ok(yielded),
            Ok(Some(Progress::Failed(reason) | Progress::Undone(reason))) if began.elapsed() < OLD_NEWS => (reason, None),
            Ok(Some(Progress::Failed(reason))) => return Err(NoAnswer::Failed(give_up(&awaited, &reason))),
            Ok(Some(Progress::Undone(reason))) => {
                return Err(NoAnswer::Failed(give_up(&awaited, &reason).of_class(Class::Overtaken)));
            }
            Ok(Some(Progress::Pending(detail))) => (detail, None),
            Err(failure) if failure.class == Class::NotYet => (failure.message.clone(), Some(failure)),
            Err(failure) => return Err(NoAnswer::Failed(failure)),
        };
        if is_last {
            return Err(NoAnswer::Failed(refusal.unwrap_or_else(|| out_of_time(&awaited, &detail))));
        }
        match refusal {
            Some(refusal) if awaited.refusals.refused(awaited.id) => return Err(NoAnswer::Standstill(refusal)),
            Some(_) => {}
            None => awaited.refusals.accepted(awaited.id),
        }
        if is_long || reported.is_none() {
            reported = Some(Instant::now());
            (context.report)(&Event::Waiting {
                address: awaited.address.clone(),
                waiting_for: awaited.waiting_for.clone(),
                detail,
                elapsed: began.elapsed().as_secs_f64(),
            });
        }
        tokio::select! {
            biased;
            () = context.interrupt.raised() => return Err(NoAnswer::Interrupted),
            () = tokio::time::sleep(awaited.pace.pause(began.elapsed())) => {}
        }
    }
}

/// Reports every so often that a look still goes on.
pub async fn told_meanwhile<T>(report: &dyn Fn(&Event), pause: Duration, look: impl Future<Output = T>) -> T {
    let began = Instant::now();
    let mut look = std::pin::pin!(look);
    loop {
        tokio::select! {
            biased;
            seen = &mut look => return seen,
            () = tokio::time::sleep(pause) => report(&Event::StillLooking { elapsed: began.elapsed().as_secs_f64() }),
        }
    }
}

fn give_up(awaited: &Awaited<'_>, reason: &str) -> Failure {
    Failure::local(awaited.action.service(), awaited.action.operation(), format!("waiting for {}: {reason}", awaited.waiting_for))
}

fn out_of_time(awaited: &Awaited<'_>, detail: &str) -> Failure {
    let waited = humantime::format_duration(awaited.pace.bound);
    give_up(awaited, &format!("not within {waited}; at the end: {detail}"))
}
