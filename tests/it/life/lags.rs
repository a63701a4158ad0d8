//! Slow AWS: every state that takes time, alone and all at once.

use std::thread;

use serde_json::{Value, json};

use super::seed;
use crate::support::honest::Lags;
use crate::support::world::World;

/// Lives that are lived at once: they spend most of their time waiting.
const SIDE_BY_SIDE: usize = 4;

/// Provisions, plans and decommissions, checking that each step ends where it should. Each run has the time limit that every run has.
#[track_caller]
fn live_through(name: &str, seed: &Value, resources: usize, lags: Lags) {
    let world = World::seeded_with(name, seed);
    world.lag(lags);
    world.run(&["provision"]).expect(0);
    world.run(&["plan", "--detailed-exitcode"]).expect(0);
    let made: Vec<String> =
        world.leftovers().into_iter().filter(|one| !one.starts_with("instances") && !one.starts_with("records")).collect();
    assert_eq!(made.len(), resources, "{name}: {made:#?}");
    world.run(&["decommission"]).expect(0);
    assert_eq!(world.leftovers(), [""; 0], "{name}");
}

/// Group, provider and template of each node group, two security groups, two certificates, cluster, load balancer, role and profile.
#[test]
fn a_whole_cluster_lives_where_everything_takes_time() {
    live_through("all-lags", &json!({}), 3 * 3 + 2 + 2 + 4, Lags::all(2));
}

#[test]
fn a_cluster_lives_with_each_lag_alone() {
    let none = Lags::default;
    let lags = [
        ("load-balancer-provisioning", Lags { load_balancer_provisioning: 3, ..none() }),
        ("attachments", Lags { attachments: 3, ..none() }),
        ("capacity-provider-deleting", Lags { capacity_provider_deleting: 3, ..none() }),
        ("certificate-records", Lags { certificate_records: 3, ..none() }),
        ("certificate-pending", Lags { certificate_pending: 3, ..none() }),
        ("instance-profile-unknown", Lags { instance_profile_unknown: 3, ..none() }),
        ("auto-scaling-group-deleting", Lags { auto_scaling_group_deleting: 3, ..none() }),
        ("network-interfaces-lingering", Lags { network_interfaces_lingering: 3, ..none() }),
        ("certificate-in-use", Lags { certificate_in_use: 3, ..none() }),
        ("security-group-hidden", Lags { security_group_hidden: 3, ..none() }),
        ("load-balancer-hidden", Lags { load_balancer_hidden: 3, ..none() }),
        ("auto-scaling-group-hidden", Lags { auto_scaling_group_hidden: 3, ..none() }),
        ("certificate-hidden", Lags { certificate_hidden: 3, ..none() }),
        ("unnoticed-reads", Lags { unnoticed_reads: 3, ..none() }),
        ("passing-refusals", Lags { passing_refusals: 4, ..none() }),
    ];
    let seed = seed(&["example.com"]);
    for some in lags.chunks(SIDE_BY_SIDE) {
        thread::scope(|scope| {
            for (name, lags) in some {
                scope.spawn(|| live_through(name, &seed, 3 + 2 + 1 + 4, lags.clone()));
            }
        });
    }
}
