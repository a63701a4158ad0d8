//! A moment of a run, known by the call that is then on its way, and a way to hold the run there.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use super::account::without_ids;
use crate::support::call::{Call, Reply};
use crate::support::world::{Running, World};

/// No run takes that long to come to a call.
const TIME_LIMIT: Duration = Duration::from_mins(2);

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Side {
    /// The call has arrived at AWS, which has done nothing yet.
    Before,
    /// AWS has done its work and not answered yet.
    After,
}

/// The nth of the calls of an action that ask for the same, counted from one. Which of two calls comes first may differ from run to run.
#[derive(Clone, Debug)]
pub struct Moment {
    pub action: String,
    /// What it asks for, but for what AWS made up; none for whatever it may be.
    asked: Option<String>,
    nth: usize,
    side: Side,
    /// Its place among the moments of its action, by which people know it.
    pub number: usize,
}

impl Moment {
    /// The nth call of an action.
    pub fn before(action: &str, nth: usize) -> Self {
        Self { action: action.to_owned(), asked: None, nth, side: Side::Before, number: nth }
    }

    fn is_of(&self, call: &Call) -> bool {
        call.action() == self.action && self.asked.as_ref().is_none_or(|asked| *asked == asked_by(call))
    }
}

fn asked_by(call: &Call) -> String {
    without_ids(&call.words())
}

impl fmt::Display for Moment {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let side = if self.side == Side::Before { "before" } else { "after" };
        write!(out, "{side} {} {}", self.action, self.number)
    }
}

/// The moments of these calls on these sides, in an order that does not depend on which call came first.
pub fn moments<'a>(calls: impl Iterator<Item = &'a Call>, sides: &[Side]) -> Vec<Moment> {
    let mut counts: BTreeMap<(String, String), usize> = BTreeMap::new();
    calls.for_each(|call| *counts.entry((call.action(), asked_by(call))).or_default() += 1);
    let mut numbers: BTreeMap<&String, usize> = BTreeMap::new();
    let mut moments = Vec::new();
    for ((action, asked), count) in &counts {
        for nth in 1..=*count {
            let number = numbers.entry(action).or_default();
            *number += 1;
            let at = |side: &Side| Moment { action: action.clone(), asked: Some(asked.clone()), nth, side: *side, number: *number };
            moments.extend(sides.iter().map(at));
        }
    }
    moments
}

/// What becomes of the call that was held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Then {
    GoOn,
    /// The call or its reply is lost.
    Lost,
}

/// One call that is held at the proxy. Dropped, it lets the call go on.
pub struct Hold {
    arrived: Receiver<()>,
    release: Sender<Then>,
}

impl Hold {
    pub fn at(world: &World, moment: &Moment) -> Self {
        let (arrive, arrived) = channel();
        let (release, released) = channel();
        let (seen, due) = (AtomicUsize::new(0), moment.clone());
        let ends = Mutex::new((arrive, released));
        let keep = move |call: &Call| {
            if !due.is_of(call) || seen.fetch_add(1, Ordering::SeqCst) + 1 != due.nth {
                return Then::GoOn;
            }
            let ends = ends.lock().expect("the hold's own lock");
            // Either end may have gone with its test.
            ends.0.send(()).ok();
            ends.1.recv().unwrap_or(Then::GoOn)
        };
        match moment.side {
            Side::Before => world.proxy.before(move |call| (keep(call) == Then::Lost).then(Reply::hang_up)),
            Side::After => world.proxy.after(move |call, reply| if keep(call) == Then::Lost { Reply::hang_up() } else { reply }),
        }
        Self { arrived, release }
    }

    /// Waits for the run to come to the moment; false when it ends before.
    #[track_caller]
    pub fn is_reached(&self, running: &mut Running<'_>) -> bool {
        let end = Instant::now() + TIME_LIMIT;
        loop {
            match self.arrived.recv_timeout(Duration::from_millis(5)) {
                Ok(()) => return true,
                Err(RecvTimeoutError::Timeout) => {}
                // The rules were cleared.
                Err(RecvTimeoutError::Disconnected) => return false,
            }
            if running.has_ended() {
                return self.arrived.try_recv().is_ok();
            }
            assert!(Instant::now() < end, "the run neither ends nor comes to the moment");
        }
    }

    pub fn release(self, then: Then) {
        // Its call may be gone with its caller.
        self.release.send(then).ok();
    }
}
