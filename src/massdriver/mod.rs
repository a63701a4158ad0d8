//! The platform's side: the files that it mounts, and the artifact that apps connect to.

pub mod artifact;
pub mod config;
pub mod files;
pub mod platform;
