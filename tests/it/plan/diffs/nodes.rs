//! Launch templates and Auto Scaling groups.

use super::super::world::edits::apply;
use super::super::world::{Part, World, converged};
use super::{after, changed, told, wanted};
use crate::inputs::with;
use crate::plan::samples::{desired, full_params, inputs, scope};
use insta::assert_snapshot;

#[test]
fn another_image_makes_a_version_and_points_the_group_at_it() {
    assert_snapshot!(after(&["the launch template boots an older image"]), @r#"
    Update AWS::EC2::LaunchTemplate/P-web
      ImageId: "ami-older" -> "ami-x86"
    Update AWS::AutoScaling::AutoScalingGroup/P-web
      LaunchTemplate.Version: "3" -> ["AWS::EC2::LaunchTemplate/P-web","version"]
    0. CreateLaunchTemplateVersion P-web after []
    1. ModifyLaunchTemplate P-web after [0]
    2. UpdateAutoScalingGroup P-web after [0]
    warning: 1 of 1 nodes of `P-web` run on older settings or an older image; set node_refresh to rolling to have them replaced
    "#);
}

#[test]
fn a_template_that_gives_public_addresses_or_leaves_interfaces_behind_gets_a_version() {
    assert_snapshot!(after(&["the launch template leaves public addresses to the subnet and interfaces behind"]), @r#"
    Update AWS::EC2::LaunchTemplate/P-web
      NetworkInterfaces.DeleteOnTermination: false -> true
      NetworkInterfaces.AssociatePublicIpAddress: null -> false
    Update AWS::AutoScaling::AutoScalingGroup/P-web
      LaunchTemplate.Version: "3" -> ["AWS::EC2::LaunchTemplate/P-web","version"]
    0. CreateLaunchTemplateVersion P-web after []
    1. ModifyLaunchTemplate P-web after [0]
    2. UpdateAutoScalingGroup P-web after [0]
    warning: 1 of 1 nodes of `P-web` run on older settings or an older image; set node_refresh to rolling to have them replaced
    "#);
}

#[test]
fn a_version_made_by_hand_is_followed_by_one_of_ours() {
    assert_snapshot!(after(&["a launch template version was made by hand"]), @r#"
    Update AWS::EC2::LaunchTemplate/P-web
      VersionDescription: "" -> "aws-ecs-cluster 6671cfc686a982224ec935fc9ddc6f6b"
    Update AWS::AutoScaling::AutoScalingGroup/P-web
      LaunchTemplate.Version: "3" -> ["AWS::EC2::LaunchTemplate/P-web","version"]
    0. CreateLaunchTemplateVersion P-web after []
    1. ModifyLaunchTemplate P-web after [0]
    2. UpdateAutoScalingGroup P-web after [0]
    warning: 1 of 1 nodes of `P-web` run on older settings or an older image; set node_refresh to rolling to have them replaced
    "#);
}

#[test]
fn the_default_version_follows_ours() {
    assert_snapshot!(after(&["an older launch template version is the default"]), @"
    Update AWS::EC2::LaunchTemplate/P-web
      DefaultVersionNumber: 1 -> 3
    0. ModifyLaunchTemplate P-web after []
    ");
}

#[test]
fn a_template_that_is_gone_is_made_and_used() {
    assert_snapshot!(after(&["the launch template is gone"]), @r#"
    Create AWS::EC2::LaunchTemplate/P-web
      ImageId: null -> "ami-x86"
      InstanceType: null -> "m5.large"
      BlockDeviceMappings: null -> {"device_name":"/dev/xvda","volume_size":30,"volume_type":"gp3","encrypted":true,"delete_o…
    Update AWS::AutoScaling::AutoScalingGroup/P-web
      LaunchTemplate.Version: "3" -> ["AWS::EC2::LaunchTemplate/P-web","version"]
    0. CreateLaunchTemplate P-web after []
    1. UpdateAutoScalingGroup P-web after [0]
    warning: a node of type m5.large takes 2 tasks of network mode awsvpc, however small: each needs a network interface of its own; the account setting awsvpcTrunking raises that for types that have it
    warning: 1 of 1 nodes of `P-web` run on older settings or an older image; set node_refresh to rolling to have them replaced
    "#);
}

#[test]
fn a_group_that_launches_from_the_latest_version_is_pinned() {
    assert_snapshot!(after(&["the group launches from the latest version"]), @r#"
    Update AWS::AutoScaling::AutoScalingGroup/P-web
      LaunchTemplate.Version: "$Latest" -> "3"
    0. UpdateAutoScalingGroup P-web after []
    "#);
}

#[test]
fn a_size_is_put_back_once_the_attachments_are_settled() {
    assert_snapshot!(after(&["the group was resized", "capacity providers are being attached"]), @"
    Wait AWS::ECS::ClusterCapacityProviderAssociations/P
    Update AWS::AutoScaling::AutoScalingGroup/P-web
      MinSize: 0 -> 1
      MaxSize: 10 -> 3
    0. Wait P after []
    1. UpdateAutoScalingGroup P-web after [0]
    ");
}

#[test]
fn a_group_that_is_gone_is_made_empty_and_its_provider_replaced() {
    assert_snapshot!(after(&["the group is gone"]), @r#"
    Create AWS::AutoScaling::AutoScalingGroup/P-web
      MinSize: null -> 1
      MaxSize: null -> 3
      VPCZoneIdentifier: null -> ["subnet-c","subnet-d"]
    Update AWS::ECS::ClusterCapacityProviderAssociations/P, disruptive
      CapacityProviders: ["FARGATE","FARGATE_SPOT","P-web"] -> ["FARGATE","FARGATE_SPOT"]
    Replace AWS::ECS::CapacityProvider/P-web, disruptive
    0. CreateAutoScalingGroup P-web after []
    1. EnableMetricsCollection P-web after [0]
    2. PutClusterCapacityProviders P after []
    3. Wait P after [2]
    4. DeleteCapacityProvider P-web after [2, 3]
    5. Wait P-web after [4]
    "#);
}

#[test]
fn a_group_that_is_being_deleted_is_waited_for_and_made_again() {
    assert_snapshot!(after(&["the group is being deleted"]), @r#"
    Create AWS::AutoScaling::AutoScalingGroup/P-web
      MinSize: null -> 1
      MaxSize: null -> 3
      VPCZoneIdentifier: null -> ["subnet-c","subnet-d"]
    Update AWS::ECS::ClusterCapacityProviderAssociations/P, disruptive
      CapacityProviders: ["FARGATE","FARGATE_SPOT","P-web"] -> ["FARGATE","FARGATE_SPOT"]
    Replace AWS::ECS::CapacityProvider/P-web, disruptive
    0. Wait P-web after []
    1. CreateAutoScalingGroup P-web after [0]
    2. EnableMetricsCollection P-web after [1]
    3. PutClusterCapacityProviders P after []
    4. Wait P after [3]
    5. DeleteCapacityProvider P-web after [3, 4]
    6. Wait P-web after [5]
    "#);
}

#[test]
fn metrics_are_collected_again() {
    assert_snapshot!(after(&["the group collects no metrics"]), @r#"
    Update AWS::AutoScaling::AutoScalingGroup/P-web
      MetricsCollection: [] -> ["GroupDesiredCapacity","GroupInServiceInstances","GroupMaxSize","GroupMinSize","GroupPend…
    0. EnableMetricsCollection P-web after []
    "#);
}

#[test]
fn further_metrics_of_somebody_else_are_left() {
    assert_eq!(
        changed(|world| {
            let group = world.group().expect("a group");
            group.properties.enabled_metrics.insert("GroupAndWarmPoolTotalCapacity".to_owned());
        }),
        ""
    );
}

#[test]
fn nodes_on_older_settings_are_only_remarked_on() {
    assert_snapshot!(changed(|world| {
        let group = world.group().expect("a group");
        group.instances[0].template_version = Some("2".to_owned());
    }), @"warning: 1 of 1 nodes of `P-web` run on older settings or an older image; set node_refresh to rolling to have them replaced");
}

/// Versions are counted anew in each template.
#[test]
fn nodes_of_a_template_that_is_gone_are_older_whatever_their_version() {
    assert_eq!(
        after(&["a node was launched from a template that is gone"]),
        "warning: 1 of 1 nodes of `P-web` run on older settings or an older image; set node_refresh to rolling to have them replaced"
    );
}

#[test]
fn a_group_of_somebody_else_is_refused_and_left_alone() {
    assert_snapshot!(after(&["the group is somebody else's"]), @"refused AWS::AutoScaling::AutoScalingGroup/P-web: the name is taken by a resource that is not this instance's: its tags are managed-by=massdriver, md-name-prefix=other-prod-cluster-cd34");
}

/// A node group that the inputs no longer name, after a run that died when it had deleted the group's capacity provider.
fn half_dropped(hidden: Option<Part>) -> String {
    let before = wanted();
    let mut world: World = converged(&before);
    let nodes = world.group().expect("a group").instances.clone();
    world.register(&nodes);
    world.capacity_providers.clear();
    let cluster = world.cluster.as_mut().expect("a cluster");
    cluster.capacity_providers.retain(|name| name.starts_with("FARGATE"));
    world.hidden.extend(hidden);
    let after = desired(&inputs(&with(&full_params(), "/cluster/instances", serde_json::json!([]))));
    told(&world.plan(&scope(&after), Some(&after)))
}

#[test]
fn nodes_are_drained_also_when_their_provider_has_gone_before() {
    let plan = half_dropped(None);
    let place = |operation: &str| plan.find(operation).unwrap_or_else(|| panic!("no {operation}\n{plan}"));
    assert!(place("UpdateContainerInstancesState P-web") < place("DeleteAutoScalingGroup P-web"), "{plan}");
}

#[test]
fn nodes_that_cannot_be_listed_stay_also_when_their_provider_has_gone_before() {
    let plan = half_dropped(Some(Part::ContainerInstances));
    assert!(plan.contains("Unknown AWS::AutoScaling::AutoScalingGroup/P-web"), "{plan}");
    assert!(!plan.contains("AutoScalingGroup P-web after"), "{plan}");
}

const DIED: &str = "a removal of the group has died once its nodes drained";

#[test]
fn nodes_of_a_group_that_is_wanted_again_take_tasks_before_their_provider_is_listed() {
    assert_snapshot!(after(&[DIED]), @r#"
    Update AWS::ECS::ContainerInstance/P-web
      Status: "DRAINING" -> "ACTIVE"
    Update AWS::ECS::ClusterCapacityProviderAssociations/P
      CapacityProviders: ["FARGATE","FARGATE_SPOT"] -> ["FARGATE","FARGATE_SPOT","P-web"]
    0. UpdateContainerInstancesState P-web after []
    1. PutClusterCapacityProviders P after [0]
    2. Wait P after [1]
    "#);
}

#[test]
fn a_provider_is_not_listed_while_nobody_can_tell_whether_its_nodes_drain() {
    let desired = wanted();
    let mut world: World = converged(&desired);
    apply(&mut world, DIED);
    world.hidden.insert(Part::ContainerInstances);
    let plan = told(&world.plan(&scope(&desired), Some(&desired)));
    assert!(plan.contains("Unknown AWS::ECS::ContainerInstance/P-web"), "{plan}");
    assert!(!plan.contains("PutClusterCapacityProviders"), "{plan}");
}

#[test]
fn nodes_that_somebody_else_drains_are_left_to_them() {
    let desired = wanted();
    let mut world: World = converged(&desired);
    let listed = world.cluster.as_ref().expect("a cluster").capacity_providers.clone();
    apply(&mut world, DIED);
    world.cluster.as_mut().expect("a cluster").capacity_providers = listed;
    assert_snapshot!(told(&world.plan(&scope(&desired), Some(&desired))), @"warning: 1 of 1 nodes of `P-web` are draining, so that ECS places nothing on them; somebody else has asked for that");
}

#[test]
fn a_node_that_somebody_set_aside_is_not_called_outdated() {
    assert_eq!(after(&["a node on standby runs on an older launch template version"]), "");
}
