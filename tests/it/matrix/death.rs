//! Death: a run that is killed at any call that changes something, before or after AWS has done its work. One more run finishes.

use super::moment::{Hold, Moment, Side, Then, moments};
use super::scenario::{
    CHANGE, History, MAKE, MAKE_AT_FIRST, MAKE_OTHERWISE, MAKE_UNSEEN, Scenario, UNMAKE, UNMAKE_SLOWLY, assert_unmade, change_mind,
};
use super::trial::{Tried, try_points};
use crate::support::world::World;

const SIDES: [Side; 2] = [Side::Before, Side::After];

/// Kills the run of the scenario at the moment, as kill -9 does.
#[track_caller]
fn die(scenario: &Scenario, world: &World, moment: &Moment) -> Tried {
    let hold = Hold::at(world, moment);
    let mut running = world.start(scenario.command);
    if !hold.is_reached(&mut running) {
        running.wait().expect(0);
        world.proxy.clear_rules();
        return Tried::NeverCame;
    }
    running.signal("KILL");
    hold.release(Then::Lost);
    running.wait().expect(128 + 9);
    world.proxy.clear_rules();
    Tried::Converged
}

fn deaths(scenario: &Scenario) -> Vec<Moment> {
    moments(scenario.clean().calls.iter().filter(|call| call.is_mutation()), &SIDES)
}

#[track_caller]
fn try_deaths(scenario: &'static Scenario, sample: usize) {
    try_points(&format!("death of {}", scenario.name), &deaths(scenario), sample, |moment| {
        let world = scenario.world();
        let tried = die(scenario, &world, moment);
        scenario.assert_finishes(&world);
        assert_unmade(&world);
        tried
    });
}

#[test]
fn a_provision_killed_at_any_change_is_finished_by_the_next() {
    try_deaths(&MAKE, 6);
}

#[test]
fn a_provision_killed_before_aws_shows_what_it_made_is_finished_by_the_next() {
    try_deaths(&MAKE_UNSEEN, 3);
}

#[test]
fn an_update_killed_at_any_change_is_finished_by_the_next() {
    try_deaths(&CHANGE, 5);
}

#[test]
fn a_decommission_killed_at_any_change_is_finished_by_the_next() {
    try_deaths(&UNMAKE, 6);
}

#[test]
fn a_slow_decommission_killed_at_any_change_is_finished_by_the_next() {
    try_deaths(&UNMAKE_SLOWLY, 2);
}

#[test]
fn inputs_that_change_after_a_death_are_what_the_next_run_makes() {
    let scenario = &MAKE_AT_FIRST;
    try_points("death, then other inputs", &deaths(scenario), 4, |moment| {
        let mut world = scenario.world();
        let tried = die(scenario, &world, moment);
        world.set_params(change_mind);
        world.run(MAKE_OTHERWISE.command).expect(0);
        MAKE_OTHERWISE.assert_stands(&world, History::Any);
        assert_unmade(&world);
        tried
    });
}
