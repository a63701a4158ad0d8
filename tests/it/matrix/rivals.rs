//! Rivals: other runs and people who are at the same resources at the same time. All runs end, nothing is doubled, the next is quiet.

use std::fmt;
use std::thread;
use std::time::Duration;

use super::moment::{Hold, Moment, Side, Then, moments};
use super::people::{KINDS, Kind, delete, let_settle, others, take_name};
use super::scenario::{DECOMMISSION, History, MAKE, PROVISION, Scenario, UNMAKE, assert_unmade};
use super::trial::{Tried, try_patiently, try_points};

/// The longest wait for a change of the cluster's list of capacity providers, and some more.
const PATIENCE: Duration = Duration::from_mins(15);

/// A run that is held at a moment while another goes through.
struct Duel {
    held: &'static Scenario,
    moment: Moment,
    rival: &'static [&'static str],
}

impl fmt::Display for Duel {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "`{}` while {} is held {}", self.rival[0], self.held.name, self.moment)
    }
}

fn duels(rivals: &[(&'static Scenario, &'static [&'static str])]) -> Vec<Duel> {
    let each = rivals.iter().flat_map(|(held, rival)| {
        let moments = moments(held.clean().calls.iter().filter(|call| call.is_mutation()), &[Side::Before]);
        moments.into_iter().map(move |moment| Duel { held, moment, rival })
    });
    each.collect()
}

/// Lets the rival run through while the other is held, then the other go on.
fn fight(duel: &Duel) -> Tried {
    let world = duel.held.world();
    let hold = Hold::at(&world, &duel.moment);
    let mut held = world.start(duel.held.command);
    if !hold.is_reached(&mut held) {
        held.wait().expect(0);
        return Tried::NeverCame;
    }
    let rival = world.start(duel.rival).wait_within(PATIENCE);
    hold.release(Then::GoOn);
    let output = held.wait_within(PATIENCE);
    for run in [&rival, &output] {
        assert!(run.status == 0 || run.status == 1 && duel.held.command != duel.rival, "{run}");
    }
    world.proxy.clear_rules();
    world.run(duel.held.command).expect(0);
    // What is made anew may have been made otherwise before: launch templates tell. One that was made for a security group which a decommission
    // then took away gets a version for the next.
    let history = match (duel.held.command, duel.rival) {
        (held, rival) if held == rival => History::Same,
        (PROVISION, _) => History::Any { versions: 2 },
        _ => History::Any { versions: 1 },
    };
    duel.held.assert_stands(&world, history);
    duel.held.assert_quiet(&world);
    assert_unmade(&world);
    Tried::Converged
}

#[test]
fn a_run_that_is_overtaken_by_its_like_ends_and_nothing_is_doubled() {
    try_points("a rival run of the same kind", &duels(&[(&MAKE, PROVISION), (&UNMAKE, DECOMMISSION)]), 4, fight);
}

#[test]
#[ignore = "minutes for each point: made by `make test-exhaustive`"]
fn a_decommission_that_a_provision_overtakes_leaves_nothing_in_the_end() {
    try_patiently("a provision during a decommission", &duels(&[(&UNMAKE, PROVISION)]), fight);
}

#[test]
#[ignore = "minutes for each point: made by `make test-exhaustive`"]
fn a_provision_that_a_decommission_overtakes_is_finished_by_the_next() {
    // It waits minutes for what it made to be known, and that is gone.
    try_patiently("a decommission during a provision", &duels(&[(&MAKE, DECOMMISSION)]), fight);
}

#[test]
fn three_provisions_at_once_make_one_cluster() {
    try_points("three provisions, so many ms apart", &[0, 50, 100, 200, 400, 800], 2, |apart| {
        let world = MAKE.world();
        let runs: Vec<_> = (0..3)
            .map(|_| {
                thread::sleep(Duration::from_millis(*apart));
                world.start(PROVISION)
            })
            .collect();
        for run in runs {
            run.wait().expect(0);
        }
        MAKE.assert_stands(&world, History::Same);
        MAKE.assert_quiet(&world);
        assert_unmade(&world);
        Tried::Converged
    });
}

/// Somebody deletes everything of a kind while a run is held at a moment at which the kind is there.
struct Deletion {
    held: &'static Scenario,
    moment: Moment,
    kind: Kind,
}

impl fmt::Display for Deletion {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} while {} is held {}", self.kind, self.held.name, self.moment)
    }
}

/// All kinds, each at the first call of an action.
fn deletions(held: &'static Scenario, action: fn(&Kind) -> &'static str) -> Vec<Deletion> {
    let moment = |kind| Moment::before(action(kind), 1);
    KINDS.iter().map(|kind| Deletion { held, moment: moment(kind), kind: *kind }).collect()
}

/// The last thing that a provision does.
const LATE: &str = "autoscaling:UpdateAutoScalingGroup";
/// When a provision has made everything but what hangs on this, which takes a while to be missed.
const MIDWAY: &str = "ecs:PutClusterCapacityProviders";

fn delete_in_mid_run(deletion: &Deletion) -> Tried {
    let Deletion { held, moment, kind } = deletion;
    let world = held.world();
    let hold = Hold::at(&world, moment);
    let mut running = world.start(held.command);
    assert!(hold.is_reached(&mut running), "the run is over");
    let_settle(&world);
    delete(&world, kind);
    hold.release(Then::GoOn);
    let output = running.wait_within(PATIENCE);
    assert!([0, 1].contains(&output.status), "{output}");
    world.proxy.clear_rules();
    world.run(held.command).expect(0);
    // A security group that was made anew takes another version of the templates.
    held.assert_stands(&world, History::Any { versions: 2 });
    held.assert_quiet(&world);
    assert_unmade(&world);
    Tried::Converged
}

#[test]
fn what_a_person_deletes_late_in_a_provision_is_made_anew() {
    try_points("a person deletes what was made", &deletions(&MAKE, |_| LATE), 4, delete_in_mid_run);
}

#[test]
#[ignore = "minutes for each point: made by `make test-exhaustive`"]
fn what_a_person_deletes_midway_in_a_provision_is_made_anew() {
    try_patiently("a person deletes what is being used", &deletions(&MAKE, |_| MIDWAY), delete_in_mid_run);
}

#[test]
fn what_a_person_deletes_right_before_a_decommission_does_is_gone_all_the_same() {
    try_points("a person deletes what a decommission deletes", &deletions(&UNMAKE, |kind| kind.unmaker), 2, delete_in_mid_run);
}

#[test]
fn a_foreign_resource_that_takes_our_name_in_mid_run_stays_as_it_is() {
    // Nobody else can own a listener of our load balancer; a certificate or a record has no name of ours.
    let kinds: Vec<_> = KINDS.into_iter().filter(|kind| !["listener", "certificate", "record"].contains(&kind.name)).collect();
    try_points("a foreign resource under our name", &kinds, 3, |kind| {
        let world = MAKE.world();
        let hold = Hold::at(&world, &Moment::before(kind.maker, 1));
        let mut running = world.start(PROVISION);
        assert!(hold.is_reached(&mut running), "the run is over");
        take_name(&world, kind.name);
        let theirs = others(&world);
        assert_eq!(theirs[kind.census].len(), 1, "{theirs:#?}");
        hold.release(Then::GoOn);
        let output = running.wait();
        assert!([1, 4].contains(&output.status) && output.stderr.contains("somebody-else"), "{output}");
        assert_eq!(others(&world), theirs, "what is not ours was touched\n{output}");
        let output = world.run(DECOMMISSION).expect(0);
        assert_eq!(others(&world), theirs, "what is not ours was touched\n{output}");
        Tried::Converged
    });
}
