//! What the tests at the edges stand on: the emulator, a recording proxy in front of it, and a world of its own for each test.

pub mod aws;
pub mod call;
pub mod emulator;
pub mod honest;
pub mod http;
mod inputs;
pub mod proxy;
mod run;
pub mod world;

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Whoever panicked while holding it has failed their test already; the others go on.
pub fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
