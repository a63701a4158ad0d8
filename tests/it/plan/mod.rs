//! The plan: what is done about a difference, from whole scenarios down to single fields.

mod diffs;
mod properties;
pub mod samples;
mod scenarios;
pub mod world;
