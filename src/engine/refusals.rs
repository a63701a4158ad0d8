//! Which of the operations under way AWS refuses, and whether that leaves the run at a standstill.

use crate::plan::OperationId;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// What AWS shows late it shows within two minutes, nearly always. What is refused for longer may have been changed by others since the look.
pub const RELOOK: Duration = Duration::from_mins(2);

/// The refusals of one round.
#[derive(Debug)]
pub struct Refusals {
    relook: Duration,
    running: Cell<usize>,
    since: RefCell<BTreeMap<OperationId, Instant>>,
}

impl Refusals {
    #[must_use]
    pub const fn new(relook: Duration) -> Self {
        Self { relook, running: Cell::new(0), since: RefCell::new(BTreeMap::new()) }
    }

    pub fn begin(&self) {
        self.running.update(|running| running + 1);
    }

    pub fn end(&self, id: OperationId) {
        self.running.update(|running| running - 1);
        self.since.borrow_mut().remove(&id);
    }

    /// Takes note that AWS refuses an operation, and tells whether everything that is under way has been refused for so long that only
    /// a fresh look can help.
    #[must_use]
    pub fn refused(&self, id: OperationId) -> bool {
        let mut since = self.since.borrow_mut();
        since.entry(id).or_insert_with(Instant::now);
        since.len() == self.running.get() && since.values().all(|since| since.elapsed() >= self.relook)
    }

    /// Takes note that AWS does not refuse an operation any more, though it is not done.
    pub fn accepted(&self, id: OperationId) {
        self.since.borrow_mut().remove(&id);
    }
}
