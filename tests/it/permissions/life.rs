//! The policy that the binary prints, against the calls that it makes.

use super::judging::actions;
use crate::cluster::{PROVISION, group, run};
use crate::support::world::World;
use serde_json::json;
use std::collections::BTreeSet;

#[test]
fn every_call_of_a_clusters_life_is_in_the_policy() {
    let zones = ["example.com", "example.org"];
    let mut world =
        World::seeded_with("permissions", &json!({ "groups": [group("general", "t3.medium"), group("old", "c5.large")], "zones": zones }));
    let allowed = actions(&run(&world, &["iam-policy"], 0).json());
    let mut calls = run(&world, PROVISION, 0).calls;
    world.join_nodes();
    world.set_params(|params| {
        params["cluster"]["instances"][0]["instance_type"] = json!("m7g.large");
        params["cluster"]["instances"].as_array_mut().expect("groups").truncate(1);
        params["cluster"]["container_insights"] = json!("enhanced");
        params["cluster"]["ingress"]["allowed_cidrs"] = json!(["10.0.0.0/8"]);
        params["cluster"]["ingress"]["additional_route53_hosted_zones"] = json!([]);
        params["md_metadata"]["default_tags"]["md-project"] = json!("renamed");
    });
    calls.extend(run(&world, PROVISION, 0).calls);
    calls.extend(run(&world, &["decommission"], 0).calls);
    let made: BTreeSet<String> = calls.iter().map(|call| call.action()).filter(|action| action != "sts:AssumeRole").collect();
    let missing: Vec<&String> = made.difference(&allowed).collect();
    assert!(missing.is_empty(), "called, and not in the policy: {missing:?}");
    assert!(made.len() > 50, "too few calls to prove anything: {made:?}");
}
