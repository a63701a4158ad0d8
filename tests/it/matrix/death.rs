//! Death: a run that is killed at any call that changes something, before or after AWS has done its work. One more run finishes.

use serde_json::Value;

use super::moment::{Hold, Moment, Side, Then, moments};
use super::scenario::{
    CHANGE, CHANGE_BACK, History, MAKE, MAKE_AT_FIRST, MAKE_OTHERWISE, MAKE_UNSEEN, PUBLISH, Scenario, UNMAKE, UNMAKE_AT_FIRST,
    UNMAKE_SLOWLY, WITHDRAW, assert_unmade, change_mind, take_back,
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
        return if scenario.is_slow() { Tried::DidNotCome } else { Tried::NeverCame };
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
    try_deaths(&MAKE, 5);
}

#[test]
fn a_provision_killed_before_aws_shows_what_it_made_is_finished_by_the_next() {
    try_deaths(&MAKE_UNSEEN, 3);
}

#[test]
fn an_update_killed_at_any_change_is_finished_by_the_next() {
    try_deaths(&CHANGE, 4);
}

#[test]
fn a_decommission_killed_at_any_change_is_finished_by_the_next() {
    try_deaths(&UNMAKE, 5);
}

#[test]
fn a_slow_decommission_killed_at_any_change_is_finished_by_the_next() {
    try_deaths(&UNMAKE_SLOWLY, 2);
}

#[test]
fn a_publication_killed_at_any_change_is_finished_by_the_next() {
    try_deaths(&PUBLISH, 2);
}

#[test]
fn a_withdrawal_killed_at_any_change_is_finished_by_the_next() {
    try_deaths(&WITHDRAW, 2);
}

/// Kills the run, changes the inputs, and provisions: what the other scenario leaves has to stand, by no more versions than were asked for.
#[track_caller]
fn try_other_inputs(died: &'static Scenario, change: fn(&mut Value), wanted: &'static Scenario, versions: u64, sample: usize) {
    try_points(&format!("death of {}, then other inputs", died.name), &deaths(died), sample, |moment| {
        let mut world = died.world();
        let tried = die(died, &world, moment);
        world.set_params(change);
        world.run(wanted.command).expect(0);
        wanted.assert_stands(&world, History::Any { versions });
        wanted.assert_quiet(&world);
        assert_unmade(&world);
        tried
    });
}

#[test]
fn inputs_that_change_after_the_death_of_a_provision_are_what_the_next_run_makes() {
    try_other_inputs(&MAKE_AT_FIRST, change_mind, &MAKE_OTHERWISE, 2, 3);
}

#[test]
fn an_update_that_is_taken_back_after_its_death_leaves_what_was_before() {
    try_other_inputs(&CHANGE, take_back, &CHANGE_BACK, 3, 2);
}

#[test]
fn a_decommission_that_is_repented_of_after_its_death_becomes_a_provision() {
    try_other_inputs(&UNMAKE_AT_FIRST, change_mind, &MAKE_OTHERWISE, 2, 2);
}
