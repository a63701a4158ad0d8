//! What can go wrong, at every point where it can: each matrix is one function over a scenario and a point, and the points are
//! taken from a clean run that was recorded.
//!
//! `make test` tries an evenly spread sample of every matrix, `make test-exhaustive` all of them.

pub mod account;
mod death;
mod denied;
mod faults;
mod interrupts;
pub mod moment;
mod people;
mod rivals;
mod scenario;
mod sessions;
pub mod trial;
mod unknown;
