//! The cluster, its capacity providers and the list of them.

use super::after;
use insta::assert_snapshot;

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
