//! What a decommission does, and what it would rather not.

use super::{told, unmade, wanted};
use crate::inputs::with;
use crate::plan::samples::{decommission_scope, desired, full_params, inputs, scope};
use crate::plan::world::{World, converged, edits};
use aws_ecs_cluster::model::answers::ReferringGroup;
use aws_ecs_cluster::model::observed::ObservedRule;
use aws_ecs_cluster::model::properties::{Direction, Peer, Rule};
use aws_ecs_cluster::model::tags::Tags;
use insta::assert_snapshot;
use serde_json::json;

#[test]
fn everything_goes_in_the_order_of_dependency() {
    assert_snapshot!(told(&unmade(&[])), @"
    Delete AWS::AutoScaling::AutoScalingGroup/P-web, disruptive
    Delete AWS::ECS::ClusterCapacityProviderAssociations/P
    Delete AWS::ECS::CapacityProvider/P-web
    Delete AWS::EC2::SecurityGroup/P
    Delete AWS::IAM::InstanceProfile/P
    Delete AWS::IAM::Role/P
    Delete AWS::EC2::LaunchTemplate/P-web
    Delete AWS::ECS::ContainerInstance/P
    Delete AWS::ECS::Cluster/P
    Delete AWS::ElasticLoadBalancingV2::LoadBalancer/P, disruptive
    Delete AWS::Route53::RecordSetGroup/example.org
    Delete AWS::CertificateManager::Certificate/example.org
    Delete AWS::Route53::RecordSetGroup/example.com
    Delete AWS::CertificateManager::Certificate/example.com
    Delete AWS::EC2::SecurityGroup/P-alb
    0. UpdateAutoScalingGroup P-web after []
    1. SetInstanceProtection P-web after [0]
    2. PutClusterCapacityProviders P after []
    3. Wait P after [2]
    4. DeleteCapacityProvider P-web after [2, 3]
    5. Wait P-web after [4]
    6. DeleteAutoScalingGroup P-web after [1, 4, 5]
    7. Wait P-web after [6]
    8. DeleteSecurityGroup P after [0, 1, 6, 7]
    9. RemoveRoleFromInstanceProfile P after [0, 1, 6, 7]
    10. DeleteInstanceProfile P after [0, 1, 6, 7, 9]
    11. DetachRolePolicy P after [9, 10]
    12. DetachRolePolicy P after [9, 10, 11]
    13. DetachRolePolicy P after [9, 10, 12]
    14. DeleteRole P after [9, 10, 13]
    15. DeleteLaunchTemplate P-web after [0, 1, 4, 5, 6, 7]
    16. DeregisterContainerInstance P after [0, 1, 6, 7]
    17. DeleteCluster P after [0, 1, 2, 3, 4, 5, 6, 7, 16]
    18. ModifyLoadBalancerAttributes P after []
    19. DeleteLoadBalancer P after [18]
    20. ChangeResourceRecordSets example.org after [18, 19]
    21. DeleteCertificate example.org after [18, 19, 20]
    22. ChangeResourceRecordSets example.com after [18, 19]
    23. DeleteCertificate example.com after [18, 19, 22]
    24. DeleteSecurityGroup P-alb after [18, 19]
    ");
}

#[test]
fn without_knowing_the_services_no_node_and_no_way_in_goes() {
    assert_snapshot!(told(&unmade(&["the services and tasks cannot be read"])), @"
    Unknown AWS::IAM::Role/P
    Unknown AWS::IAM::InstanceProfile/P
    Unknown AWS::EC2::SecurityGroup/P
    Unknown AWS::EC2::SecurityGroup/P-alb
    Unknown AWS::ECS::Cluster/P
    Unknown AWS::EC2::LaunchTemplate/P-web
    Unknown AWS::AutoScaling::AutoScalingGroup/P-web
    Unknown AWS::ECS::CapacityProvider/P-web
    Unknown AWS::ECS::ClusterCapacityProviderAssociations/P
    Unknown AWS::ECS::ContainerInstance/P
    Unknown AWS::CertificateManager::Certificate/example.com
    Unknown AWS::CertificateManager::Certificate/example.org
    Unknown AWS::Route53::RecordSetGroup/example.com
    Unknown AWS::Route53::RecordSetGroup/example.org
    Unknown AWS::ElasticLoadBalancingV2::LoadBalancer/P
    ");
}

#[test]
fn a_record_that_another_certificate_needs_is_kept() {
    assert_snapshot!(told(&unmade(&["a certificate of somebody else needs the same validation record"])), @"
    Delete AWS::AutoScaling::AutoScalingGroup/P-web, disruptive
    Delete AWS::ECS::ClusterCapacityProviderAssociations/P
    Delete AWS::ECS::CapacityProvider/P-web
    Delete AWS::EC2::SecurityGroup/P
    Delete AWS::IAM::InstanceProfile/P
    Delete AWS::IAM::Role/P
    Delete AWS::EC2::LaunchTemplate/P-web
    Delete AWS::ECS::ContainerInstance/P
    Delete AWS::ECS::Cluster/P
    Delete AWS::ElasticLoadBalancingV2::LoadBalancer/P, disruptive
    Delete AWS::Route53::RecordSetGroup/example.org
    Delete AWS::CertificateManager::Certificate/example.org
    Delete AWS::CertificateManager::Certificate/example.com
    Delete AWS::EC2::SecurityGroup/P-alb
    0. UpdateAutoScalingGroup P-web after []
    1. SetInstanceProtection P-web after [0]
    2. PutClusterCapacityProviders P after []
    3. Wait P after [2]
    4. DeleteCapacityProvider P-web after [2, 3]
    5. Wait P-web after [4]
    6. DeleteAutoScalingGroup P-web after [1, 4, 5]
    7. Wait P-web after [6]
    8. DeleteSecurityGroup P after [0, 1, 6, 7]
    9. RemoveRoleFromInstanceProfile P after [0, 1, 6, 7]
    10. DeleteInstanceProfile P after [0, 1, 6, 7, 9]
    11. DetachRolePolicy P after [9, 10]
    12. DetachRolePolicy P after [9, 10, 11]
    13. DetachRolePolicy P after [9, 10, 12]
    14. DeleteRole P after [9, 10, 13]
    15. DeleteLaunchTemplate P-web after [0, 1, 4, 5, 6, 7]
    16. DeregisterContainerInstance P after [0, 1, 6, 7]
    17. DeleteCluster P after [0, 1, 2, 3, 4, 5, 6, 7, 16]
    18. ModifyLoadBalancerAttributes P after []
    19. DeleteLoadBalancer P after [18]
    20. ChangeResourceRecordSets example.org after [18, 19]
    21. DeleteCertificate example.org after [18, 19, 20]
    22. DeleteCertificate example.com after [18, 19]
    23. DeleteSecurityGroup P-alb after [18, 19]
    ");
}

#[test]
fn several_certificates_of_ours_share_a_record_that_goes_once() {
    assert_snapshot!(told(&unmade(&["there is a second certificate"])), @"
    Delete AWS::AutoScaling::AutoScalingGroup/P-web, disruptive
    Delete AWS::ECS::ClusterCapacityProviderAssociations/P
    Delete AWS::ECS::CapacityProvider/P-web
    Delete AWS::EC2::SecurityGroup/P
    Delete AWS::IAM::InstanceProfile/P
    Delete AWS::IAM::Role/P
    Delete AWS::EC2::LaunchTemplate/P-web
    Delete AWS::ECS::ContainerInstance/P
    Delete AWS::ECS::Cluster/P
    Delete AWS::ElasticLoadBalancingV2::LoadBalancer/P, disruptive
    Delete AWS::Route53::RecordSetGroup/example.org
    Delete AWS::CertificateManager::Certificate/example.org
    Delete AWS::Route53::RecordSetGroup/example.com
    Delete AWS::CertificateManager::Certificate/example.com
    Delete AWS::EC2::SecurityGroup/P-alb
    0. UpdateAutoScalingGroup P-web after []
    1. SetInstanceProtection P-web after [0]
    2. PutClusterCapacityProviders P after []
    3. Wait P after [2]
    4. DeleteCapacityProvider P-web after [2, 3]
    5. Wait P-web after [4]
    6. DeleteAutoScalingGroup P-web after [1, 4, 5]
    7. Wait P-web after [6]
    8. DeleteSecurityGroup P after [0, 1, 6, 7]
    9. RemoveRoleFromInstanceProfile P after [0, 1, 6, 7]
    10. DeleteInstanceProfile P after [0, 1, 6, 7, 9]
    11. DetachRolePolicy P after [9, 10]
    12. DetachRolePolicy P after [9, 10, 11]
    13. DetachRolePolicy P after [9, 10, 12]
    14. DeleteRole P after [9, 10, 13]
    15. DeleteLaunchTemplate P-web after [0, 1, 4, 5, 6, 7]
    16. DeregisterContainerInstance P after [0, 1, 6, 7]
    17. DeleteCluster P after [0, 1, 2, 3, 4, 5, 6, 7, 16]
    18. ModifyLoadBalancerAttributes P after []
    19. DeleteLoadBalancer P after [18]
    20. ChangeResourceRecordSets example.org after [18, 19]
    21. DeleteCertificate example.org after [18, 19, 20]
    22. ChangeResourceRecordSets example.com after [18, 19]
    23. DeleteCertificate example.com after [18, 19, 22]
    24. DeleteCertificate example.com after [18, 19, 22, 23]
    25. DeleteSecurityGroup P-alb after [18, 19]
    ");
}

#[test]
fn a_load_balancer_with_rules_of_apps_is_refused() {
    assert_snapshot!(unmade(&["an app has a rule on listener 443"]).refusals[0].reason, @"apps still receive traffic through it: `www.example.com /`");
}

#[test]
fn a_cluster_with_services_is_refused() {
    assert_snapshot!(unmade(&["a service runs on the cluster"]).refusals[0].reason, @"apps are still on the cluster: service `shop`");
}

#[test]
fn a_cluster_with_capacity_providers_for_managed_instances_is_refused_at_once() {
    let plan = unmade(&["somebody attached a Managed Instances provider"]);
    let refused: Vec<&str> = plan.refusals.iter().map(|refusal| refusal.reason.as_str()).collect();
    assert_eq!(refused, ["capacity providers for Managed Instances are on the cluster, which this bundle did not make: `managed`"]);
}

/// A rule by hand that lets the load balancer's group reach the nodes.
fn tie_groups(world: &mut World) {
    let alb = world.alb_security_group().expect("a group").id.clone();
    let nodes = world.node_security_group().expect("a group");
    let rule =
        Rule { direction: Direction::Ingress, protocol: "tcp".to_owned(), ports: Some((8080, 8080)), peer: Peer::Other(alb.clone()) };
    nodes.properties.rules.insert(rule.clone(), String::new());
    nodes.rules.insert(rule, ObservedRule { id: "sgr-tie".to_owned(), tags: Tags::default() });
    let referring = ReferringGroup { name: nodes.properties.name.clone(), id: nodes.id.clone() };
    world.referring_groups.entry(alb).or_default().insert(referring);
}

#[test]
fn a_rule_that_ties_our_groups_together_is_revoked_once_the_load_balancer_is_gone() {
    let desired = wanted();
    let mut world = converged(&desired);
    tie_groups(&mut world);
    let plan = told(&world.plan(&decommission_scope(&desired), None));
    let place = |line: &str| plan.find(line).unwrap_or_else(|| panic!("no {line}\n{plan}"));
    assert!(!plan.contains("refused"), "{plan}");
    assert!(place("DeleteLoadBalancer P after") < place("RevokeSecurityGroupIngress P after"), "{plan}");
    assert!(place("RevokeSecurityGroupIngress P after") < place("DeleteSecurityGroup P after"), "{plan}");
}

#[test]
fn a_group_that_stays_though_nothing_needs_it_is_named_where_it_holds_one_that_goes() {
    let mut world = converged(&wanted());
    edits::apply(&mut world, "everything was made by the OpenTofu bundle");
    edits::apply(&mut world, "nothing is left of the node groups but role, profile and firewall");
    tie_groups(&mut world);
    let without = with(&with(&full_params(), "/cluster/instances", json!([])), "/cluster/ingress/enable_ingress", json!(false));
    let after = desired(&inputs(&without));
    let plan = told(&world.plan(&scope(&after), Some(&after)));
    assert!(plan.contains("refused AWS::EC2::SecurityGroup/P-alb") && plan.contains("(sg-nodes)"), "{plan}");
    assert!(!plan.contains("RevokeSecurityGroupIngress"), "{plan}");
}
