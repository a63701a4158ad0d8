//! Creates, changes, takes over and deletes AWS ECS clusters for Massdriver. ARCHITECTURE.md tells how the parts fit together.

pub mod aws;
pub mod engine;
pub mod inputs;
pub mod massdriver;
pub mod model;
pub mod plan;
pub mod policy;
pub mod report;
