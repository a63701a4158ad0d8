//! The engine, and the whole of it with the planner: run against a world in memory that obeys every operation and checks its order.

mod census;
mod execution;
mod fake;
pub mod generators;
mod harness;
mod properties;
mod rounds;
mod waits;
