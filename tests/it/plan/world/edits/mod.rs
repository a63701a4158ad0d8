//! What may have happened to an account since it was as desired, each under a sentence that scenarios name it by.
//!
//! An edit of something that is not there does nothing.

mod drift_ingress;
mod drift_nodes;
mod others;

use super::World;

pub type Edit = (&'static str, fn(&mut World));

/// What a provision puts right without any help.
pub fn drifts() -> Vec<Edit> {
    [drift_nodes::EDITS, drift_ingress::EDITS].concat()
}

/// Things of other people, beside ours or in the midst of them, that have to stay as they are.
pub const NEIGHBOURS: &[Edit] = others::NEIGHBOURS;
/// Names of ours that somebody else has taken.
pub const TAKEN: &[Edit] = others::TAKEN;

/// Every edit.
pub fn all() -> Vec<Edit> {
    [drifts(), NEIGHBOURS.to_vec(), TAKEN.to_vec(), others::CIRCUMSTANCES.to_vec()].concat()
}

/// Applies the edit of this name.
pub fn apply(world: &mut World, name: &str) {
    let all = all();
    let (_, edit) = all.iter().find(|(other, _)| *other == name).unwrap_or_else(|| panic!("no edit is called `{name}`"));
    edit(world);
}
