//! Views of plans, runs and their ends: text for people, JSON for programs. Decides nothing, prints nothing.

pub mod ending;
pub mod log;
pub mod plan_json;
pub mod plan_text;
pub mod policy_text;
mod style;
mod words;
