//! What users look at: the live view, the report of a run, JSON lines, help and errors.

pub mod errors;
pub mod golden;
pub mod help;
mod html;
pub mod lines;
mod live;
mod page;
mod record;
mod terminal;
