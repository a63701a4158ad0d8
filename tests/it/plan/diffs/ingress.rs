//! The load balancer and its listeners.

use super::{after, changed};
use crate::plan::world::edits;
use aws_ecs_cluster::model::observed::CertificateStatus;
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
    Update AWS::ElasticLoadBalancingV2::LoadBalancer/P, disruptive
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
      Protocol: null -> "HTTPS"
      SslPolicy: null -> "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09"
      DefaultActions: null -> "path_not_found"
    Create AWS::ElasticLoadBalancingV2::ListenerCertificate/P:443/example.org
    0. CreateListener P:443 after []
    1. AddListenerCertificates P:443/example.org after [0]
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
    assert_snapshot!(after(&["listener 443 lost its further certificates"]), @"
    Create AWS::ElasticLoadBalancingV2::ListenerCertificate/P:443/example.org
    0. AddListenerCertificates P:443/example.org after []
    ");
}

#[test]
fn certificates_and_listeners_of_somebody_else_stay() {
    assert_eq!(after(&["somebody attached a certificate to listener 443", "somebody added a listener"]), "");
}

#[test]
fn taking_over_tells_of_a_security_group_that_goes() {
    let told = after(&["everything was made by the OpenTofu bundle", "the load balancer has another security group"]);
    let words = "warning: taking over AWS::ElasticLoadBalancingV2::LoadBalancer/P takes security group `sg-old` from it";
    assert!(told.contains(words), "{told}");
    let trust = after(&["everything was made by the OpenTofu bundle", "the role trusts another account"]);
    assert!(trust.contains("warning: taking over AWS::IAM::Role/P ends the trust in whoever else may assume it: AWS: arn:"), "{trust}");
}

#[test]
fn a_listener_waits_for_no_certificate_that_it_has_already() {
    assert_snapshot!(changed(|world| {
        for edit in ["listener 443 has the old TLS policy", "listener 80 forwards", "listener 443 lost its further certificates"] {
            edits::apply(world, edit);
        }
        world.certificates[1].status = CertificateStatus::Pending;
    }), @r#"
    Wait AWS::CertificateManager::Certificate/example.org
    Update AWS::ElasticLoadBalancingV2::Listener/P:80
      DefaultActions: {"other":"forward to somewhere"} -> "redirect_to_https"
    Update AWS::ElasticLoadBalancingV2::Listener/P:443
      SslPolicy: "ELBSecurityPolicy-2016-08" -> "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09"
    Create AWS::ElasticLoadBalancingV2::ListenerCertificate/P:443/example.org
    0. Wait example.org after []
    1. ModifyListener P:80 after []
    2. ModifyListener P:443 after []
    3. AddListenerCertificates P:443/example.org after [0]
    "#);
}

#[test]
fn a_certificate_of_a_zone_beside_the_default_one_is_replaced_on_the_listener() {
    assert_snapshot!(changed(|world| world.certificates[1].status = CertificateStatus::Dead("its status is EXPIRED".to_owned())), @r#"
    Create AWS::CertificateManager::Certificate/example.org
      SubjectAlternativeNames: null -> ["*.example.org","example.org"]
    Create AWS::Route53::RecordSetGroup/example.org
    Update AWS::ElasticLoadBalancingV2::ListenerCertificate/P:443/example.org
      Certificates: ["example.org"] -> ["AWS::CertificateManager::Certificate/example.org","arn"]
    Delete AWS::CertificateManager::Certificate/example.org (example.org)
    0. RequestCertificate example.org after []
    1. Wait example.org after [0]
    2. ChangeResourceRecordSets example.org after [1]
    3. Wait example.org after [0, 1, 2]
    4. AddListenerCertificates P:443/example.org after [0, 1, 3]
    5. RemoveListenerCertificates P:443/example.org after [4]
    6. DeleteCertificate example.org (example.org) after [4, 5]
    "#);
}

#[test]
fn certificates_that_leave_no_room_go_before_others_come() {
    let told = changed(|world| {
        edits::apply(world, "listener 443 lost its further certificates");
        for number in 0..25 {
            let mut stale = world.certificates[1].clone();
            stale.arn = format!("arn:stale-{number}");
            stale.properties.domain = format!("n{number:02}.example.net");
            world.listener(443).expect("a listener").extra_certificates.insert(stale.arn.clone());
            world.certificates.push(stale);
        }
    });
    let listed = |operation: &str| told.lines().filter(|line| line.contains(&format!(". {operation} "))).collect::<Vec<_>>();
    let places = |lines: &[&str]| lines.iter().map(|line| line.split('.').next().expect("a place").to_owned()).collect::<Vec<_>>();
    let (removed, added) = (places(&listed("RemoveListenerCertificates")), listed("AddListenerCertificates"));
    assert_eq!((removed.len(), added.len()), (25, 1), "{told}");
    assert!(added[0].ends_with(&format!("after [{}]", removed.join(", "))), "{added:?} after {removed:?}");
}
