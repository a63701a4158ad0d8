//! When the loop looks again after a round, and when it gives up.

use crate::engine::refusals::RELOOK;
use crate::engine::wait::NEXT_LOOK;
use crate::model::address::Address;
use std::time::{Duration, Instant};

/// Rounds that move on, at most. Two suffice unless AWS lags or others interfere; one more is needed to replace what cannot be changed.
pub const MOST_ROUNDS: usize = 20;

/// What one operation of a round does, by the name that AWS has for it.
pub type StepKey = (Address, &'static str);

/// How a round ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RoundEnd {
    /// Something was done, or has come about.
    Done,
    /// Everything was found to be there already, or gone already.
    Overtaken,
    /// AWS refused whatever was left. What is refused has a bound of its own.
    Refused,
}

/// The rounds of a run so far.
#[derive(Debug, Default)]
pub struct Rounds {
    moves: usize,
    /// Since when nothing has moved on.
    idle: Option<Instant>,
    last: Vec<StepKey>,
}

impl Rounds {
    /// How long to leave AWS alone before the next look, or `None` when it had enough time and enough rounds.
    ///
    /// What AWS says is there and does not show, it may show for minutes yet. What was done and is to be done again is not shown yet either, or
    /// AWS does not take it as it was meant, which more rounds would not change: that is given less time.
    pub fn pause(&mut self, round: RoundEnd, steps: Vec<StepKey>, now: Instant) -> Option<Duration> {
        let repeated = steps == self.last;
        self.last = steps;
        let bound = match round {
            RoundEnd::Refused => None,
            RoundEnd::Done => repeated.then_some(RELOOK),
            RoundEnd::Overtaken => Some(NEXT_LOOK.bound),
        };
        let Some(bound) = bound else {
            self.moves += 1;
            self.idle = None;
            return (self.moves < MOST_ROUNDS).then_some(Duration::ZERO);
        };
        let elapsed = now.saturating_duration_since(*self.idle.get_or_insert(now));
        (elapsed < bound).then(|| NEXT_LOOK.pause(elapsed))
    }
}
