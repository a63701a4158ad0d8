//! A moment of a run, known by the call that is then on its way, and a way to hold the run there.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use super::account::without_ids;
use crate::support::call::{Call, Reply};
use crate::support::http::{self, Request};
use crate::support::locked;
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

    /// The reply to the nth call of an action.
    pub fn after(action: &str, nth: usize) -> Self {
        Self { side: Side::After, ..Self::before(action, nth) }
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
///
/// The SDK makes a call again when it has had no answer for 30 seconds. The new attempt is held then, and the old one is lost.
pub struct Hold {
    arrived: Receiver<()>,
    held: Arc<Held>,
}

#[derive(Default)]
struct Held {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    /// What the SDK calls the call that is held, the same at every attempt; none before it has come.
    invocation: Option<String>,
    attempts: usize,
    then: Option<Then>,
}

impl Held {
    /// Holds the call if it is the one or another attempt of it, and says what becomes of it.
    fn keep(&self, call: &Call, is_due: bool, arrive: &Sender<()>) -> Then {
        let invocation = call.header("amz-sdk-invocation-id").map(str::to_owned);
        let mut state = locked(&self.state);
        if is_due {
            state.invocation = invocation;
            // The test may have gone.
            arrive.send(()).ok();
        } else if state.then.is_some() || invocation.is_none() || state.invocation != invocation {
            return Then::GoOn;
        }
        state.attempts += 1;
        let attempt = state.attempts;
        self.changed.notify_all();
        let is_held = |state: &mut State| state.then.is_none() && state.attempts == attempt;
        let state = self.changed.wait_while(state, is_held).expect("the hold's own lock");
        if state.attempts == attempt { state.then.unwrap_or(Then::GoOn) } else { Then::Lost }
    }

    fn end(&self, then: Then) {
        locked(&self.state).then.get_or_insert(then);
        self.changed.notify_all();
    }
}

impl Hold {
    pub fn at(world: &World, moment: &Moment) -> Self {
        let (arrive, arrived) = channel();
        let held = Arc::new(Held::default());
        let (seen, due, holding) = (AtomicUsize::new(0), moment.clone(), Arc::clone(&held));
        let keep = move |call: &Call| {
            let is_due = due.is_of(call) && seen.fetch_add(1, Ordering::SeqCst) + 1 == due.nth;
            holding.keep(call, is_due, &arrive)
        };
        match moment.side {
            Side::Before => world.proxy.before(move |call| (keep(call) == Then::Lost).then(Reply::hang_up)),
            Side::After => world.proxy.after(move |call, reply| if keep(call) == Then::Lost { Reply::hang_up() } else { reply }),
        }
        Self { arrived, held }
    }

    /// Waits for a run to come to the moment.
    #[track_caller]
    pub fn wait(&self) {
        self.arrived.recv_timeout(TIME_LIMIT).expect("the call that is to be held");
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
        self.held.end(then);
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.held.end(Then::GoOn);
    }
}

#[test]
fn a_call_that_is_made_again_while_it_is_held_is_held_again() {
    let world = World::bare("held");
    let hold = Hold::at(&world, &Moment::before("ecs:DescribeClusters", 1));
    let address = world.proxy.url().trim_start_matches("http://").parse().expect("an address");
    let attempt = || {
        let scope = "AWS4-HMAC-SHA256 Credential=1/20260101/us-west-2/ecs/aws4_request, SignedHeaders=host, Signature=0";
        let headers = [("authorization", scope), ("x-amz-target", "X.DescribeClusters"), ("amz-sdk-invocation-id", "1")];
        let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
        let request = Request { method: "POST".to_owned(), target: "/".to_owned(), headers, body: Vec::new() };
        thread::spawn(move || http::send(address, &request).map(|response| response.status))
    };
    let first = attempt();
    hold.wait();
    let second = attempt();
    let end = Instant::now() + Duration::from_secs(30);
    while !first.is_finished() {
        assert!(Instant::now() < end && !second.is_finished(), "the first attempt is still held, and not the second");
        thread::sleep(Duration::from_millis(5));
    }
    assert!(first.join().expect("the first attempt").is_err(), "the first attempt goes on");
    hold.release(Then::GoOn);
    assert_eq!(second.join().expect("the second attempt").expect("an answer"), 501);
}
