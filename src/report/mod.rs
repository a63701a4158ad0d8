//! Views of plans, runs and their ends: text, a live view and a page for people, JSON for programs. Decides nothing, prints nothing.

mod advice;
pub mod dossier;
pub mod ending;
pub mod html;
pub mod line;
pub mod live;
pub mod log;
pub mod plan_json;
pub mod plan_text;
pub mod policy_text;
pub mod record;
pub mod schemas;
mod style;
pub mod terraform_plan;
pub mod words;
