//! For any valid inputs and any account: what a run makes of it.

use super::census::{additions, ours, shape, theirs};
use super::fake::{Fake, Strike, broken};
use super::generators::{Case, case};
use super::harness::{Run, run};
use crate::plan::samples::{decommission_scope, scope};
use crate::plan::world::World;
use crate::properties::config;
use aws_ecs_cluster::engine::converge::Unconverged;
use aws_ecs_cluster::engine::event::Event;
use aws_ecs_cluster::model::observed::ObservedCapacityProvider;
use aws_ecs_cluster::report::ending;
use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;
use std::cell::Cell;
use std::collections::BTreeSet;

/// A world needs no more rounds than this: one that acts, one more where something has to be replaced, one that looks.
const MOST_ROUNDS: usize = 4;

fn converged(case: &Case, run: &Run) -> TestCaseResult {
    match &run.end {
        Ok(_) => {
            prop_assert!(run.rounds() <= MOST_ROUNDS, "{} rounds; {}", run.rounds(), case.story);
            let overtaken = run.events.iter().find(|event| matches!(event, Event::Overtaken { .. }));
            prop_assert!(overtaken.is_none(), "{overtaken:?}; {}", case.story);
            prop_assert_eq!(run.overlap(), None, "{}", case.story);
            Ok(())
        }
        Err(end) => Err(TestCaseError::fail(format!("{}; {}", ending::explain(end, "us-west-2"), case.story))),
    }
}

/// Without the Managed Instances providers that somebody has put on the cluster: a decommission is refused for them.
fn released(world: &World) -> World {
    let mut world = world.clone();
    let managed = |found: &ObservedCapacityProvider| found.auto_scaling_group_arn.is_none();
    let names: BTreeSet<String> =
        world.capacity_providers.iter().filter(|(_, found)| managed(found)).map(|(name, _)| name.clone()).collect();
    world.capacity_providers.retain(|name, _| !names.contains(name));
    world.cluster.iter_mut().for_each(|cluster| cluster.capacity_providers.retain(|name| !names.contains(name)));
    world
}

/// What became of the last call before death.
#[derive(Clone, Copy, Debug)]
enum LastCall {
    Answered,
    /// It happened, but the answer was never seen.
    Unanswered,
}

fn last_call() -> impl Strategy<Value = LastCall> {
    prop::sample::select(vec![LastCall::Answered, LastCall::Unanswered])
}

/// Dies after so many calls.
fn mortal(world: World, calls: usize, last: LastCall) -> Fake {
    let left = Cell::new(calls);
    Fake::failing(world, move |action| {
        let now = left.get();
        left.set(now.saturating_sub(1));
        match now {
            0 => Some(Strike::Refused(broken(action))),
            1 if matches!(last, LastCall::Unanswered) => Some(Strike::Lost(broken(action))),
            _ => None,
        }
    })
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_provision_reaches_what_is_desired_and_touches_nothing_of_others(case in case()) {
        let (theirs_before, additions_before) = (theirs(&case.world), additions(&case.world));
        let fake = Fake::new(case.world.clone());
        let done = run(&fake, &scope(&case.desired), Some(&case.desired));
        converged(&case, &done)?;
        let world = fake.world.borrow();
        prop_assert!(world.plan(&scope(&case.desired), Some(&case.desired)).is_empty());
        let theirs_after = theirs(&world);
        for (name, thing) in &theirs_before {
            prop_assert_eq!(theirs_after.get(name), Some(thing), "{}", case.story);
        }
        if case.world.load_balancer.is_some() == world.load_balancer.is_some() && case.world.role.is_some() == world.role.is_some() {
            prop_assert_eq!(additions(&world), additions_before, "{}", case.story);
        }
    }

    #[test]
    fn what_is_provisioned_can_be_decommissioned_without_a_trace(case in case()) {
        let fake = Fake::new(released(&case.world));
        converged(&case, &run(&fake, &scope(&case.desired), Some(&case.desired)))?;
        let theirs_before = theirs(&fake.world.borrow());
        converged(&case, &run(&fake, &decommission_scope(&case.desired), None))?;
        let world = fake.world.borrow();
        prop_assert!(ours(&world).is_empty(), "left: {:?}; {}", ours(&world), case.story);
        prop_assert_eq!(theirs(&world), theirs_before, "{}", case.story);
    }

    #[test]
    fn any_account_can_be_decommissioned_as_it_stands(case in case()) {
        let before = released(&case.world);
        let fake = Fake::new(before.clone());
        converged(&case, &run(&fake, &decommission_scope(&case.desired), None))?;
        let world = fake.world.borrow();
        prop_assert!(ours(&world).is_empty(), "left: {:?}; {}", ours(&world), case.story);
        prop_assert_eq!(theirs(&world), theirs(&before), "{}", case.story);
    }

    #[test]
    fn a_provision_that_dies_anywhere_is_finished_by_the_next(case in case(), calls in 0_usize..90, last in last_call()) {
        let undisturbed = Fake::new(case.world.clone());
        converged(&case, &run(&undisturbed, &scope(&case.desired), Some(&case.desired)))?;
        let dying = mortal(case.world.clone(), calls, last);
        let died = run(&dying, &scope(&case.desired), Some(&case.desired));
        prop_assert!(matches!(died.end, Ok(_) | Err(Unconverged::Failed(..))));
        let second = Fake::new(dying.world.into_inner());
        converged(&case, &run(&second, &scope(&case.desired), Some(&case.desired)))?;
        let (found, expected) = (shape(&second.world.borrow()), shape(&undisturbed.world.borrow()));
        for name in found.keys().chain(expected.keys()) {
            prop_assert_eq!(found.get(name), expected.get(name), "{}; {}", name, case.story);
        }
    }

    #[test]
    fn a_decommission_that_dies_anywhere_is_finished_by_the_next(case in case(), calls in 0_usize..90, last in last_call()) {
        let dying = mortal(released(&case.world), calls, last);
        let died = run(&dying, &decommission_scope(&case.desired), None);
        prop_assert!(matches!(died.end, Ok(_) | Err(Unconverged::Failed(..))));
        let second = Fake::new(dying.world.into_inner());
        converged(&case, &run(&second, &decommission_scope(&case.desired), None))?;
        let world = second.world.borrow();
        prop_assert!(ours(&world).is_empty(), "left: {:?}; {}", ours(&world), case.story);
    }
}
