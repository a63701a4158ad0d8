//! The policies as they are printed.

use super::judging::actions;
use crate::cluster::{assert_says, run};
use crate::support::world::World;
use serde_json::Value;

/// IAM's limit for all inline policies of a role together, in characters that are not white space.
const INLINE_POLICIES: usize = 10_240;
/// Its limit for a managed policy: too few for what every run needs, enough for what taking over needs besides.
const MANAGED_POLICY: usize = 6_144;

fn printed(args: &[&str]) -> Value {
    run(&World::bare("printed"), &[&["iam-policy"], args].concat(), 0).json()
}

fn length(policy: &Value) -> usize {
    policy.to_string().chars().filter(|letter| !letter.is_whitespace()).count()
}

#[test]
fn each_policy_fits_into_a_role() {
    let longest = "a".repeat(40);
    for prefix in ["*", "shop-dev-ecs-ab12", &longest] {
        for args in [&["--name-prefix", prefix][..], &["--name-prefix", prefix, "--adoption"]] {
            let length = length(&printed(args));
            assert!(length <= INLINE_POLICIES, "{args:?}: {length}");
        }
    }
}

/// Both do not fit inline together, so that the second has to be a managed one: docs/permissions.md says how.
#[test]
fn what_taking_over_needs_fits_a_managed_policy() {
    for prefix in ["*", "shop-*", "shop-dev-ecs-ab12"] {
        let length = length(&printed(&["--name-prefix", prefix, "--partition", "aws-us-gov", "--adoption"]));
        assert!(length <= MANAGED_POLICY, "{prefix}: {length}");
    }
}

#[test]
fn a_policy_for_one_instance_names_what_is_its_own() {
    let policy = printed(&["--name-prefix", "shop-dev-ecs-ab12", "--partition", "aws-us-gov"]);
    let resource = |sid: &str| {
        let statement = policy["Statement"].as_array().expect("statements").iter().find(|statement| statement["Sid"] == sid);
        statement.unwrap_or_else(|| panic!("no statement {sid}"))["Resource"].clone()
    };
    assert_eq!(resource("PassNodeRole"), "arn:aws-us-gov:iam::*:role/shop-dev-ecs-ab12");
    let changed = resource("Change");
    let changed: Vec<&str> = changed.as_array().expect("a list").iter().filter_map(Value::as_str).collect();
    assert!(changed.contains(&"arn:aws-us-gov:autoscaling:*:*:autoScalingGroup:*:autoScalingGroupName/shop-dev-ecs-ab12-*"), "{changed:?}");
    assert!(changed.contains(&"arn:aws-us-gov:ecs:*:*:cluster/shop-dev-ecs-ab12"), "{changed:?}");
}

#[test]
fn statements_have_names_of_their_own_and_no_wildcard_actions() {
    for args in [&[][..], &["--adoption"]] {
        let policy = printed(args);
        let names: Vec<&str> = policy["Statement"].as_array().expect("statements").iter().filter_map(|one| one["Sid"].as_str()).collect();
        let distinct: std::collections::BTreeSet<&str> = names.iter().copied().collect();
        assert_eq!(names.len(), distinct.len(), "{names:?}");
        assert!(actions(&policy).iter().all(|action| !action.contains(['*', '?'])));
    }
}

#[test]
fn what_is_no_prefix_is_refused() {
    let world = World::bare("no-prefix");
    assert_says(&run(&world, &["iam-policy", "--name-prefix", "Shop_1"], 2), &["`Shop_1`", "lower-case letters"]);
    assert_says(&run(&world, &["iam-policy", "--partition", "azure"], 2), &["`azure`", "aws-us-gov"]);
}
