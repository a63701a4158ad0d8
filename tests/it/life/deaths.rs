//! A run that dies at any moment: the next one finishes what it began.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::seed;
use crate::support::call::Reply;
use crate::support::honest::Lags;
use crate::support::world::World;

/// More deaths than there are calls that change something: a run that never gets anywhere would die for ever.
const MOST_DEATHS: usize = 120;
/// Changes that are under way at the same time count as one death.
const FEWEST_DEATHS: usize = 5;

/// Every change that was ever made: its action and its body.
type Changes = Arc<Mutex<BTreeSet<(String, String)>>>;

/// Kills a run as soon as it has made a change that no run before has made, and before it can learn of it. False when it ends first.
fn die_after_new_change(world: &World, command: &str, known: &Changes) -> bool {
    let dead = Arc::new(AtomicBool::new(false));
    let (died, dying) = channel();
    let (late, known) = (Arc::clone(&dead), Arc::clone(known));
    // What it would still call after its death never arrives.
    world.proxy.before(move |call| (call.is_mutation() && late.load(Ordering::SeqCst)).then(Reply::hang_up));
    world.proxy.after(move |call, reply| {
        let changed = call.is_mutation() && (200..300).contains(&reply.status);
        if !changed || !known.lock().expect("the changes so far").insert((call.action(), call.body.clone())) {
            return reply;
        }
        dead.store(true, Ordering::SeqCst);
        // Only the first one is waited for.
        died.send(()).ok();
        Reply::hang_up()
    });
    let mut running = world.start(&[command]);
    let killed = loop {
        match dying.recv_timeout(Duration::from_millis(10)) {
            Ok(()) => break true,
            Err(_) if running.has_ended() => break false,
            Err(_) => {}
        }
    };
    drop(if killed { running.kill() } else { running.wait().expect(0) });
    world.proxy.clear_rules();
    killed
}

/// Runs the command again and again, each time to a change that is new, until one run gets to its end.
#[track_caller]
fn die_until_done(world: &World, command: &str) {
    let changes = Changes::default();
    let deaths = (0..MOST_DEATHS).take_while(|_| die_after_new_change(world, command, &changes)).count();
    assert!(deaths > FEWEST_DEATHS, "{command} was killed {deaths} times only");
    assert!(deaths < MOST_DEATHS, "{command} never comes to an end");
}

#[test]
fn a_decommission_killed_after_every_change_leaves_nothing_in_the_end() {
    let world = World::seeded_with("killed-off", &seed(&["example.com"]));
    world.run(&["provision"]).expect(0);
    world.lag(Lags { network_interfaces_lingering: 1, certificate_in_use: 1, ..Lags::default() });
    die_until_done(&world, "decommission");
    assert_eq!(world.leftovers(), [""; 0]);
}

#[test]
fn a_provision_killed_after_every_change_makes_nothing_twice() {
    let world = World::seeded_with("killed", &seed(&["example.com"]));
    die_until_done(&world, "provision");
    world.run(&["plan", "--detailed-exitcode"]).expect(0);
    let made: Vec<String> =
        world.leftovers().into_iter().filter(|one| !one.starts_with("instances") && !one.starts_with("records")).collect();
    assert_eq!(made.len(), 3 + 2 + 1 + 4, "{made:#?}");
    world.run(&["decommission"]).expect(0);
    assert_eq!(world.leftovers(), [""; 0]);
}
