//! What the tests at the edges stand on: the emulator, a recording proxy in front of it, and a world of its own for each test.

#![allow(dead_code, reason = "a toolbox: a helper may wait for the test that needs it")]

pub mod aws;
pub mod call;
pub mod emulator;
pub mod honest;
pub mod http;
mod inputs;
pub mod proxy;
mod run;
pub mod world;
