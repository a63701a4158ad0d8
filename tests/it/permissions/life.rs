//! The policy that the binary prints against stories that come by every one of its actions.

use super::judging::{actions, asked};
use super::stories::told;
use crate::cluster::{PREFIX, run};
use crate::support::world::World;
use std::collections::BTreeSet;

#[test]
fn every_call_of_a_clusters_life_is_in_the_policy_and_every_action_is_called() {
    let policy = run(&World::bare("permissions"), &["iam-policy", "--name-prefix", PREFIX], 0).json();
    let mut made = BTreeSet::new();
    for (_, chapters) in told() {
        let calls: Vec<_> = chapters.iter().flat_map(|chapter| chapter.calls.clone()).collect();
        made.extend(asked(PREFIX, &calls, 0).into_iter().map(|ask| ask.action));
    }
    let allowed = actions(&policy);
    let missing: Vec<&String> = made.difference(&allowed).collect();
    assert!(missing.is_empty(), "called, and not in the policy: {missing:?}");
    let unseen: Vec<&String> = allowed.difference(&made).collect();
    assert!(unseen.is_empty(), "allowed, and no story comes by it: {unseen:?}");
}
