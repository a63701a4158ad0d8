//! All tests of the product, in one binary: each further one would link the whole SDK again.

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]
#![allow(clippy::print_stderr, reason = "what the emulator lacks is said where the test's output is shown")]
#![allow(clippy::pedantic, clippy::too_many_arguments, clippy::type_complexity, reason = "the strict lints are for the product")]

// The name under which `tests/fuzz` knows what cargo-fuzz gives it; here `fuzz` stands in for that.
extern crate self as libfuzzer_sys;

mod bench;
mod calls;
mod classes;
mod cluster;
mod engine;
mod fuzz;
mod house;
mod inputs;
mod life;
mod matrix;
mod names;
mod permissions;
mod plan;
mod policy;
mod properties;
mod rates;
mod references;
mod report;
mod support;

pub(crate) use fuzz::fuzz_target;
