//! Least privilege: the printed policies, judged as AWS judges them, against every call that the tests see.

pub mod calls;
mod denied;
mod evaluator;
mod judging;
mod life;
mod memory;
mod printed;
mod source;
pub mod stories;

pub use judging::judge;
