//! Slow AWS: every state that takes time, alone and all at once.

use std::time::{Duration, Instant};

use crate::support::honest::Lags;
use crate::support::world::World;

/// What a full life may take however slow AWS is: far less than any one fixed sleep that would cover for it.
const LIFE_LIMIT: Duration = Duration::from_mins(2);
/// Three of each of three kinds for the groups, two security groups, two certificates, cluster, load balancer, role and profile.
const RESOURCES: usize = 9 + 2 + 2 + 4;

/// Provisions, plans and decommissions, checking that each step ends where it should.
#[track_caller]
fn live_through(name: &str, lags: Lags) {
    let world = World::seeded(name);
    world.lag(lags);
    let began = Instant::now();
    world.run(&["provision"]).expect(0);
    world.run(&["plan", "--detailed-exitcode"]).expect(0);
    let made: Vec<String> =
        world.leftovers().into_iter().filter(|one| !one.starts_with("instances") && !one.starts_with("records")).collect();
    assert_eq!(made.len(), RESOURCES, "{made:#?}");
    world.run(&["decommission"]).expect(0);
    assert_eq!(world.leftovers(), [""; 0]);
    assert!(began.elapsed() < LIFE_LIMIT, "took {:?}", began.elapsed());
    eprintln!("{name} {:?}", began.elapsed());
}

#[test]
fn a_cluster_lives_where_everything_is_instant() {
    live_through("instant", Lags::default());
}

#[test]
fn a_cluster_lives_where_everything_takes_time() {
    live_through("all-lags", Lags::all(2));
}
