//! Holds a call back until the test says so, in place of any sleep.

use crate::matrix::moment::{Hold, Moment};
use crate::support::world::World;

/// One call that is held at the proxy; dropped, it lets the call go on.
pub struct Gate(Hold);

impl Gate {
    /// Holds the first call of this action before it is carried out.
    pub fn before(world: &World, action: &str) -> Self {
        Self(Hold::at(world, &Moment::before(action, 1)))
    }

    /// Holds the reply to the first call of this action, which has been carried out.
    pub fn after(world: &World, action: &str) -> Self {
        Self(Hold::at(world, &Moment::after(action, 1)))
    }

    /// Waits until the call has arrived.
    #[track_caller]
    pub fn wait(&self) {
        self.0.wait();
    }

    pub fn open(self) {
        drop(self);
    }
}
