//! The load balancer and its listeners.

use super::{after, changed};
use insta::assert_snapshot;

#[test]
fn attributes_are_set_again() {
    assert_snapshot!(after(&["the load balancer lost its protection"]), @r#"
    Update AWS::ElasticLoadBalancingV2::LoadBalancer/P
      LoadBalancerAttributes.deletion_protection.enabled: "false" -> "true"
    0. ModifyLoadBalancerAttributes P after []
    "#);
}

#[test]
fn subnets_and_security_groups_are_changed_in_place() {
    assert_snapshot!(after(&["the load balancer is in other subnets", "the load balancer has another security group"]), @r#"
    Update AWS::ElasticLoadBalancingV2::LoadBalancer/P
      Subnets: ["subnet-old"] -> ["subnet-a","subnet-b"]
      SecurityGroups: ["sg-old"] -> ["sg-alb"]
    0. SetSubnets P after []
    1. SetSecurityGroups P after [0]
    "#);
}

#[test]
fn a_load_balancer_in_another_vpc_is_refused() {
    assert_snapshot!(changed(|world| {
        let balancer = world.load_balancer.as_mut().expect("a load balancer");
        "vpc-2".clone_into(&mut balancer.properties.vpc_id);
    }), @"refused AWS::ElasticLoadBalancingV2::LoadBalancer/P: it is internet-facing in `vpc-2`; the inputs ask for internet-facing in `vpc-1`, and AWS cannot change that");
}

#[test]
fn a_load_balancer_that_is_being_provisioned_is_waited_for() {
    assert_snapshot!(after(&["the load balancer is still being provisioned"]), @"
    Wait AWS::ElasticLoadBalancingV2::LoadBalancer/P
    0. Wait P after []
    ");
}

#[test]
fn an_old_tls_policy_is_raised_in_place() {
    assert_snapshot!(after(&["listener 443 has the old TLS policy"]), @r#"
    Update AWS::ElasticLoadBalancingV2::Listener/P:443
      SslPolicy: "ELBSecurityPolicy-2016-08" -> "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09"
    0. ModifyListener P:443 after []
    "#);
}

#[test]
fn a_listener_that_is_gone_is_made_with_all_certificates() {
    assert_snapshot!(after(&["listener 443 is gone"]), @r#"
    Create AWS::ElasticLoadBalancingV2::Listener/P:443
    Create AWS::ElasticLoadBalancingV2::ListenerCertificate/P:443
      Certificates: null -> "example.org"
    0. CreateListener P:443 after []
    1. AddListenerCertificates P:443 after [0]
    "#);
}

#[test]
fn a_default_action_is_put_right() {
    assert_snapshot!(after(&["listener 80 forwards"]), @r#"
    Update AWS::ElasticLoadBalancingV2::Listener/P:80
      DefaultActions: {"other":"forward to somewhere"} -> "redirect_to_https"
    0. ModifyListener P:80 after []
    "#);
}

#[test]
fn further_certificates_are_attached_again() {
    assert_snapshot!(after(&["listener 443 lost its further certificates"]), @r#"
    Update AWS::ElasticLoadBalancingV2::ListenerCertificate/P:443
      Certificates: null -> "example.org"
    0. AddListenerCertificates P:443 after []
    "#);
}

#[test]
fn certificates_and_listeners_of_somebody_else_stay() {
    assert_eq!(after(&["somebody attached a certificate to listener 443", "somebody added a listener"]), "");
}
