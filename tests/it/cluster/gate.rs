//! Holds a call back until the test says so, in place of any sleep.

use std::sync::Mutex;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use crate::support::world::World;

const TIME_LIMIT: Duration = Duration::from_mins(1);

/// One call that is held at the proxy; dropped, it lets the call go on.
pub struct Gate {
    arrived: Receiver<()>,
    _held: Sender<()>,
}

impl Gate {
    /// Holds the first call of this action before it is carried out.
    pub fn before(world: &World, action: &'static str) -> Self {
        let (gate, keep) = Self::new();
        world.proxy.before(move |call| {
            if call.action() == action {
                keep();
            }
            None
        });
        gate
    }

    /// Holds the reply to the first call of this action, which has been carried out.
    pub fn after(world: &World, action: &'static str) -> Self {
        let (gate, keep) = Self::new();
        world.proxy.after(move |call, reply| {
            if call.action() == action {
                keep();
            }
            reply
        });
        gate
    }

    /// Waits until the call has arrived.
    #[track_caller]
    pub fn wait(&self) {
        self.arrived.recv_timeout(TIME_LIMIT).expect("the call that is to be held");
    }

    pub fn open(self) {
        drop(self);
    }

    fn new() -> (Self, impl Fn() + Send + Sync) {
        let (arrive, arrived) = channel();
        let (held, release) = channel();
        let once = Mutex::new(Some((arrive, release)));
        let keep = move || {
            let taken = once.lock().expect("the gate's own lock").take();
            if let Some((arrive, release)) = taken {
                // Either end may have gone with its test.
                arrive.send(()).ok();
                release.recv().ok();
            }
        };
        (Self { arrived, _held: held }, keep)
    }
}
