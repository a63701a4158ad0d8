//! The last condition of a provision: that the nodes it asked for have joined the cluster. No difference to plan for, so a plan of waits alone.

use crate::plan::action::{Action, Condition};
use crate::plan::auto_scaling_group;
use crate::plan::desired::{Desired, DesiredGroup};
use crate::plan::draft::Draft;
use crate::plan::{Goal, Plan};

/// Waits until each group's minimum of nodes has joined; empty when no group has to have any.
#[must_use]
pub fn gate(desired: &Desired) -> Plan {
    let mut draft = Draft::new(Goal::Provision, desired.owner.clone());
    for (group, minimum) in desired.groups().iter().filter_map(minimum) {
        let name = &group.auto_scaling_group.name;
        let condition = Condition::NodesJoined { cluster: desired.cluster.name.clone(), auto_scaling_group: name.clone(), minimum };
        draft.wait(&auto_scaling_group::address(name), "its nodes have to join the cluster");
        draft.push(&auto_scaling_group::address(name), Action::Wait(condition), []);
    }
    draft.finish()
}

fn minimum(group: &DesiredGroup) -> Option<(&DesiredGroup, usize)> {
    usize::try_from(group.auto_scaling_group.min_size).ok().filter(|minimum| *minimum > 0).map(|minimum| (group, minimum))
}
