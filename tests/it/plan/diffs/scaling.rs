//! The cluster, its capacity providers and the list of them.

use super::{after, changed, told, unmade, wanted};
use crate::inputs::with;
use crate::plan::samples::{desired, full_params, inputs, scope};
use crate::plan::world::{Part, converged};
use aws_ecs_cluster::model::properties::StrategyItem;
use aws_ecs_cluster::model::tags::Tags;
use insta::assert_snapshot;
use std::collections::BTreeSet;

#[test]
fn container_insights_are_set_again() {
    assert_snapshot!(after(&["Container Insights is off"]), @r#"
    Update AWS::ECS::Cluster/P
      ClusterSettings.containerInsights: "disabled" -> "enabled"
    0. UpdateCluster P after []
    "#);
}

#[test]
fn a_cluster_that_is_being_provisioned_is_waited_for() {
    assert_snapshot!(after(&["the cluster is being provisioned"]), @"
    Wait AWS::ECS::Cluster/P
    0. Wait P after []
    ");
}

#[test]
fn attachments_in_progress_are_waited_for() {
    assert_snapshot!(after(&["capacity providers are being attached"]), @"
    Wait AWS::ECS::ClusterCapacityProviderAssociations/P
    0. Wait P after []
    ");
}

#[test]
fn attachments_that_failed_are_tried_again() {
    assert_snapshot!(after(&["capacity providers failed to attach"]), @r#"
    Update AWS::ECS::ClusterCapacityProviderAssociations/P
      AttachmentsStatus: "UPDATE_FAILED: as_policy is FAILED (capacityProviderName=web)" -> "UPDATE_COMPLETE"
    0. PutClusterCapacityProviders P after []
    1. Wait P after [0]
    "#);
}

#[test]
fn single_steps_become_large_ones() {
    assert_snapshot!(after(&["the capacity provider scales by single steps"]), @"
    Update AWS::ECS::CapacityProvider/P-web
      ManagedScaling.MaximumScalingStepSize: 1 -> 10000
      ManagedDraining: false -> true
    0. UpdateCapacityProvider P-web after []
    1. Wait P-web after [0]
    ");
}

#[test]
fn a_provider_of_an_older_group_is_detached_and_deleted_before_it_is_made_again() {
    assert_snapshot!(after(&["the capacity provider belongs to an older group"]), @r#"
    Update AWS::ECS::ClusterCapacityProviderAssociations/P, disruptive
      CapacityProviders: ["FARGATE","FARGATE_SPOT","P-web"] -> ["FARGATE","FARGATE_SPOT"]
    Replace AWS::ECS::CapacityProvider/P-web, disruptive
    0. PutClusterCapacityProviders P after []
    1. Wait P after [0]
    2. DeleteCapacityProvider P-web after [0, 1]
    3. Wait P-web after [2]
    "#);
}

#[test]
fn a_provider_that_is_being_deleted_is_waited_for_and_made_again() {
    assert_snapshot!(after(&["the capacity provider is being deleted"]), @r#"
    Create AWS::ECS::CapacityProvider/P-web
      ManagedScaling.TargetCapacity: null -> 100
    Update AWS::ECS::ClusterCapacityProviderAssociations/P
      CapacityProviders: ["FARGATE","FARGATE_SPOT"] -> ["FARGATE","FARGATE_SPOT","P-web"]
    0. Wait P-web after []
    1. CreateCapacityProvider P-web after [0]
    2. PutClusterCapacityProviders P after [1]
    3. Wait P after [2]
    "#);
}

#[test]
fn a_provider_of_somebody_else_stays_on_the_list() {
    assert_eq!(after(&["somebody attached a capacity provider"]), "");
}

#[test]
fn a_managed_instances_provider_is_no_difference() {
    assert_eq!(after(&["somebody attached a Managed Instances provider"]), "");
}

#[test]
fn a_list_put_again_keeps_theirs_and_leaves_managed_instances_out() {
    assert_snapshot!(after(&["somebody attached a capacity provider", "somebody attached a Managed Instances provider", "the capacity provider is gone"]), @r#"
    Create AWS::ECS::CapacityProvider/P-web
      ManagedScaling.TargetCapacity: null -> 100
    Update AWS::ECS::ClusterCapacityProviderAssociations/P
      CapacityProviders: ["FARGATE","FARGATE_SPOT","theirs"] -> ["FARGATE","FARGATE_SPOT","P-web","theirs"]
    0. CreateCapacityProvider P-web after []
    1. PutClusterCapacityProviders P after [0]
    2. Wait P after [1]
    "#);
}

#[test]
fn a_default_strategy_and_tags_of_somebody_else_are_no_difference() {
    assert_eq!(after(&["somebody set a default strategy", "somebody tagged the cluster"]), "");
}

#[test]
fn a_provider_that_bears_the_name_of_its_node_group_alone_keeps_it() {
    assert_eq!(after(&["the capacity provider bears the name of its node group alone"]), "");
    assert_snapshot!(after(&["the capacity provider scales by single steps", "the capacity provider bears the name of its node group alone"]), @"
    Update AWS::ECS::CapacityProvider/web
      ManagedScaling.MaximumScalingStepSize: 1 -> 10000
      ManagedDraining: false -> true
    0. UpdateCapacityProvider web after []
    1. Wait web after [0]
    ");
    assert_snapshot!(after(&["the capacity provider bears the name of its node group alone", "no capacity provider is attached"]), @r#"
    Update AWS::ECS::ClusterCapacityProviderAssociations/P
      CapacityProviders: [] -> ["FARGATE","FARGATE_SPOT","web"]
    0. PutClusterCapacityProviders P after []
    1. Wait P after [0]
    "#);
}

#[test]
fn one_of_that_name_whose_group_is_gone_is_deleted() {
    assert_snapshot!(after(&["the capacity provider bears the name of its node group alone", "the group is gone"]), @r#"
    Create AWS::AutoScaling::AutoScalingGroup/P-web
      MinSize: null -> 1
      MaxSize: null -> 3
      VPCZoneIdentifier: null -> ["subnet-c","subnet-d"]
    Update AWS::ECS::ClusterCapacityProviderAssociations/P, disruptive
      CapacityProviders: ["FARGATE","FARGATE_SPOT","web"] -> ["FARGATE","FARGATE_SPOT"]
    Replace AWS::ECS::CapacityProvider/web, disruptive
    0. CreateAutoScalingGroup P-web after []
    1. EnableMetricsCollection P-web after [0]
    2. PutClusterCapacityProviders P after []
    3. Wait P after [2]
    4. DeleteCapacityProvider web after [2, 3]
    5. Wait web after [4]
    "#);
}

#[test]
fn one_of_that_name_goes_before_its_group() {
    let plan = unmade(&["the capacity provider bears the name of its node group alone"]);
    let place = |operation: &str, name: &str| {
        let found = plan.operations.iter().position(|one| one.action.operation() == operation && one.address.name.ends_with(name));
        found.unwrap_or_else(|| panic!("no {operation} of {name}"))
    };
    assert_eq!(plan.operations[place("DeleteCapacityProvider", "web")].address.name, "web");
    assert!(place("DeleteCapacityProvider", "web") < place("DeleteAutoScalingGroup", "-web"));
}

#[test]
fn a_group_that_somebody_elses_provider_scales_is_refused() {
    assert_snapshot!(changed(|world| {
        let mut provider = world.provider().cloned().expect("a provider");
        world.capacity_providers.clear();
        "theirs".clone_into(&mut provider.properties.name);
        provider.properties.tags = Tags::default();
        world.cluster.as_mut().expect("a cluster").capacity_providers = BTreeSet::from(["theirs".to_owned()]);
        world.capacity_providers.insert("theirs".to_owned(), provider);
    }), @r#"
    Update AWS::ECS::ClusterCapacityProviderAssociations/P
      CapacityProviders: ["theirs"] -> ["FARGATE","FARGATE_SPOT","P-web","theirs"]
    0. PutClusterCapacityProviders P after []
    1. Wait P after [0]
    refused AWS::ECS::CapacityProvider/P-web: its Auto Scaling group has a capacity provider already, `theirs`, that is not this instance's
    "#);
}

#[test]
fn a_provider_whose_group_is_gone_stays_while_services_rely_on_it() {
    let edits = ["the capacity provider belongs to an older group", "a service relies on the capacity provider"];
    assert_snapshot!(after(&edits), @r#"
    Update AWS::ECS::ClusterCapacityProviderAssociations/P, disruptive
      CapacityProviders: ["FARGATE","FARGATE_SPOT","P-web"] -> ["FARGATE","FARGATE_SPOT"]
    0. PutClusterCapacityProviders P after []
    1. Wait P after [0]
    refused AWS::ECS::CapacityProvider/P-web: its Auto Scaling group is gone or was made anew, so that it has to be made anew too, and services still rely on it: `shop`
    "#);
}

#[test]
fn a_provider_whose_group_is_gone_stays_while_it_is_not_known_who_relies_on_it() {
    let edits = ["the capacity provider belongs to an older group", "what runs on the cluster cannot be read"];
    assert_snapshot!(after(&edits), @"
    Unknown AWS::ECS::CapacityProvider/P-web
    Unknown AWS::ECS::ClusterCapacityProviderAssociations/P
    ");
}

#[test]
fn a_provider_whose_group_could_not_be_read_is_not_taken_for_an_orphan() {
    let told = changed(|world| {
        world.hidden.insert(Part::AutoScalingGroups);
    });
    assert!(!told.contains("Replace") && !told.contains("PutClusterCapacityProviders"), "{told}");
}

#[test]
fn a_default_strategy_that_loses_a_provider_is_told() {
    let mut world = converged(&wanted());
    let ours = world.provider().map(|provider| provider.properties.name.clone()).expect("a provider");
    let items = ["FARGATE".to_owned(), ours].map(|capacity_provider| StrategyItem { capacity_provider, weight: 1, base: 0 });
    world.cluster.as_mut().expect("a cluster").default_strategy = items.to_vec();
    let after = desired(&inputs(&with(&full_params(), "/cluster/instances", serde_json::json!([]))));
    let plan = told(&world.plan(&scope(&after), Some(&after)));
    let place = plan.find("DefaultCapacityProviderStrategy: ").unwrap_or_else(|| panic!("{plan}"));
    assert!(
        plan[place..].lines().next().is_some_and(|line| line.ends_with("-> [{\"capacity_provider\":\"FARGATE\",\"weight\":1,\"base\":0}]")),
        "{plan}"
    );
    assert!(plan.contains("the cluster's default capacity provider strategy loses `P-web`"), "{plan}");
}
