//! The plan: what is done about a difference, from whole scenarios down to single fields.

pub mod samples;
mod scenarios;
pub mod world;
