//! Certificates and their validation records.

use super::{after, changed};
use aws_ecs_cluster::model::observed::CertificateStatus;
use insta::assert_snapshot;

#[test]
fn a_dead_certificate_is_replaced_before_it_is_deleted() {
    assert_snapshot!(after(&["the certificate is dead"]), @r#"
    Create AWS::CertificateManager::Certificate/example.com
      SubjectAlternativeNames: null -> ["*.example.com","example.com"]
    Create AWS::Route53::RecordSetGroup/example.com
    Update AWS::ElasticLoadBalancingV2::Listener/P:443
      Certificates: "example.com" -> ["AWS::CertificateManager::Certificate/example.com","arn"]
    Delete AWS::CertificateManager::Certificate/example.com (example.com)
    0. RequestCertificate example.com after []
    1. Wait example.com after [0]
    2. ChangeResourceRecordSets example.com after [1]
    3. Wait example.com after [0, 1, 2]
    4. ModifyListener P:443 after [0, 1, 3]
    5. DeleteCertificate example.com (example.com) after [4]
    "#);
}

#[test]
fn a_pending_certificate_is_waited_for_and_not_requested_again() {
    assert_snapshot!(after(&["the certificate is pending"]), @r#"
    Wait AWS::CertificateManager::Certificate/example.com
    Create AWS::ElasticLoadBalancingV2::Listener/P:443
      Protocol: null -> "HTTPS"
      SslPolicy: null -> "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09"
      DefaultActions: null -> "path_not_found"
    Create AWS::ElasticLoadBalancingV2::ListenerCertificate/P:443/example.org
    0. Wait example.com after []
    1. CreateListener P:443 after [0]
    2. AddListenerCertificates P:443/example.org after [1]
    "#);
}

#[test]
fn a_pending_certificate_without_records_is_asked_for_them() {
    assert_snapshot!(after(&["the certificate is pending and has no records yet"]), @r#"
    Wait AWS::CertificateManager::Certificate/example.com
    Create AWS::Route53::RecordSetGroup/example.com
    Create AWS::ElasticLoadBalancingV2::Listener/P:443
      Protocol: null -> "HTTPS"
      SslPolicy: null -> "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09"
      DefaultActions: null -> "path_not_found"
    Create AWS::ElasticLoadBalancingV2::ListenerCertificate/P:443/example.org
    0. Wait example.com after []
    1. ChangeResourceRecordSets example.com after [0]
    2. Wait example.com after [0, 1]
    3. CreateListener P:443 after [0, 2]
    4. AddListenerCertificates P:443/example.org after [3]
    "#);
}

#[test]
fn of_two_certificates_the_one_that_serves_is_kept() {
    assert_snapshot!(after(&["there is a second certificate"]), @"
    Delete AWS::CertificateManager::Certificate/example.com (second-1)
    0. DeleteCertificate example.com (second-1) after []
    ");
}

#[test]
fn a_missing_record_of_an_issued_certificate_is_written_again() {
    assert_snapshot!(after(&["the validation record is gone"]), @r#"
    Update AWS::Route53::RecordSetGroup/example.com
      _proof.example.com: null -> "_of-example.com.acm-validations.aws."
    Update AWS::Route53::RecordSetGroup/example.org
      _proof.example.org: null -> "_of-example.org.acm-validations.aws."
    0. ChangeResourceRecordSets example.com after []
    1. ChangeResourceRecordSets example.org after []
    "#);
}

#[test]
fn a_record_with_another_value_is_overwritten() {
    assert_snapshot!(after(&["the validation record says something else"]), @r#"
    Update AWS::Route53::RecordSetGroup/example.com
      _proof.example.com: "elsewhere.example.net." -> "_of-example.com.acm-validations.aws."
    Update AWS::Route53::RecordSetGroup/example.org
      _proof.example.org: "elsewhere.example.net." -> "_of-example.org.acm-validations.aws."
    0. ChangeResourceRecordSets example.com after []
    1. ChangeResourceRecordSets example.org after []
    "#);
}

#[test]
fn certificates_of_others_are_no_difference() {
    assert_eq!(
        after(&[
            "somebody has a group, a template and a certificate of their own",
            "a certificate of somebody else needs the same validation record"
        ]),
        ""
    );
}

#[test]
fn a_dead_certificate_in_use_by_others_is_left_in_place() {
    assert_snapshot!(changed(|world| {
        let mut second = world.certificates[0].clone();
        "arn:second".clone_into(&mut second.arn);
        second.status = CertificateStatus::Dead("its status is EXPIRED".to_owned());
        second.in_use_by.insert("arn:of-their-load-balancer".to_owned());
        world.certificates.push(second);
    }), @"warning: AWS::CertificateManager::Certificate/example.com (arn:second) is left in place: another certificate serves the domain, but arn:of-their-load-balancer use it");
}
