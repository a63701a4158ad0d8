//! The artifact: the shape that apps read, and what must not be published.

use super::{assert_problems, connections, with, without};
use crate::plan::samples;
use crate::plan::world::{converged, edits};
use aws_ecs_cluster::inputs::artifact::{
    Artifact, ArtifactAws, ArtifactData, ArtifactIngress, ArtifactListener, ArtifactSpecs, Capabilities, Infrastructure, Protocol, Security,
};
use aws_ecs_cluster::inputs::check_artifact;
use aws_ecs_cluster::massdriver::artifact::{NoArtifact, of_observed};
use serde_json::{Value, json};

const LISTENER: &str = "/data/capabilities/ingress/0/listeners/0";
const BALANCER: &str = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/shop/50dc6c495c0c9188";

fn artifact() -> Artifact {
    let listener = ArtifactListener {
        arn: "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/shop/50dc6c495c0c9188/0467ef3c8400ae65".to_owned(),
        domains: vec!["example.com".to_owned()],
        port: 443,
        protocol: Protocol::Https,
    };
    let ingress = ArtifactIngress {
        load_balancer_arn: BALANCER.to_owned(),
        security_group_arn: "arn:aws:ec2:eu-west-1:123456789012:security-group/sg-1".to_owned(),
        listeners: vec![listener],
    };
    let arn = "arn:aws:ecs:eu-west-1:123456789012:cluster/shop".to_owned();
    let data = ArtifactData {
        infrastructure: Infrastructure { arn, vpc: connections()["vpc"].clone() },
        capabilities: Capabilities { ingress: vec![ingress] },
        security: Security {},
    };
    Artifact { data, specs: ArtifactSpecs { aws: ArtifactAws { region: "eu-west-1".to_owned() } } }
}

fn written() -> Value {
    serde_json::to_value(artifact()).expect("an artifact is plain data")
}

fn refused(changed: &Value, expected: &[(&str, &str)]) {
    assert_problems(&check_artifact(changed), expected);
}

#[test]
fn the_artifact_has_the_shape_that_apps_read() {
    let written = written();
    assert_eq!(written.pointer(&format!("{LISTENER}/port")), Some(&json!(443)));
    assert_eq!(written.pointer(&format!("{LISTENER}/protocol")), Some(&json!("https")));
    assert_eq!(written.pointer(&format!("{LISTENER}/domains/0")), Some(&json!("example.com")));
    assert_eq!(written.pointer("/data/infrastructure/vpc"), Some(&connections()["vpc"]));
    assert_eq!(written.pointer("/data/security"), Some(&json!({})));
    assert_eq!(written.pointer("/specs/aws/region"), Some(&json!("eu-west-1")));
    assert_eq!(check_artifact(&written), []);
}

#[test]
fn an_artifact_without_ingress_still_has_the_list() {
    let mut closed = artifact();
    closed.data.capabilities.ingress.clear();
    let written = serde_json::to_value(closed).expect("an artifact is plain data");
    assert_eq!(written.pointer("/data/capabilities/ingress"), Some(&json!([])));
    assert_eq!(check_artifact(&written), []);
}

#[test]
fn what_apps_cannot_do_without_must_be_there() {
    let required = [
        "/data",
        "/specs",
        "/data/security",
        "/data/capabilities",
        "/data/capabilities/ingress",
        "/data/infrastructure",
        "/data/infrastructure/arn",
        "/data/infrastructure/vpc",
        "/data/infrastructure/vpc/data",
        "/data/infrastructure/vpc/data/infrastructure/cidr",
    ];
    for pointer in required {
        refused(&without(&written(), pointer), &[(pointer, "is missing")]);
    }
    for field in ["arn", "port", "protocol"] {
        let pointer = format!("{LISTENER}/{field}");
        refused(&without(&written(), &pointer), &[(&pointer, "is missing")]);
    }
    for field in ["load_balancer_arn", "security_group_arn", "listeners"] {
        let pointer = format!("/data/capabilities/ingress/0/{field}");
        refused(&without(&written(), &pointer), &[(&pointer, "is missing")]);
    }
}

#[test]
fn what_the_platform_leaves_optional_is_optional() {
    for pointer in [&format!("{LISTENER}/domains"), "/specs/aws", "/specs/aws/region", "/data/infrastructure/vpc/specs"] {
        refused(&without(&written(), pointer), &[]);
    }
}

#[test]
fn domains_may_have_hyphens_digits_and_punycode_but_no_capitals_or_trailing_dots() {
    for domain in ["example.com", "my-company.com", "xn--bcher-kva.example", "a.b.c.example", "example.xn--p1ai", "4chan.org"] {
        refused(&with(&written(), &format!("{LISTENER}/domains"), json!([domain])), &[]);
    }
    for domain in ["example.com.", "Example.com", "-a.com", "a-.com", "localhost", "", "a..b", "*.example.com"] {
        let place = format!("{LISTENER}/domains/0");
        refused(&with(&written(), &format!("{LISTENER}/domains"), json!([domain])), &[(&place, "use a domain name in lower case")]);
    }
}

#[test]
fn values_of_another_kind_are_refused() {
    let cases = [
        (format!("{LISTENER}/protocol"), json!("HTTPS")),
        (format!("{LISTENER}/port"), json!("443")),
        (format!("{LISTENER}/port"), json!(65536)),
        (format!("{LISTENER}/port"), json!(-1)),
        (format!("{LISTENER}/port"), json!(443.5)),
        (format!("{LISTENER}/domains"), json!(null)),
        ("/data/capabilities/ingress/0/load_balancer_arn".to_owned(), json!("arn:gcp:x:::y")),
        ("/data/infrastructure/arn".to_owned(), json!("shop")),
        ("/specs/aws/region".to_owned(), json!(null)),
        ("/data/security".to_owned(), json!([])),
    ];
    for (pointer, value) in cases {
        let problems = check_artifact(&with(&written(), &pointer, value));
        assert_eq!(problems.iter().map(|problem| problem.pointer.as_str()).collect::<Vec<_>>(), [pointer.as_str()]);
    }
}

#[test]
fn security_is_free_to_hold_policies_rules_and_a_role() {
    let policy = json!({ "policy_arn": "arn:aws:iam::123456789012:policy/read" });
    let rule = json!({ "arn": "arn:aws:ec2:eu-west-1:123456789012:security-group/sg-1", "port": 53, "protocol": "udp" });
    let identity = json!({ "role_arn": "arn:aws:iam::123456789012:role/x" });
    let full = json!({ "iam": { "read": policy }, "network": { "dns": rule }, "identity": identity });
    refused(&with(&written(), "/data/security", full.clone()), &[]);
    let cases = [
        ("/iam/read", json!({})),
        ("/iam/read/policy_arn", json!("read")),
        ("/network/dns/port", json!(70_000)),
        ("/network/dns/protocol", json!("icmp")),
        ("/identity/role_arn", json!("x")),
    ];
    for (pointer, value) in cases {
        assert_eq!(check_artifact(&with(&written(), "/data/security", with(&full, pointer, value))).len(), 1, "{pointer}");
    }
    // Keys outside the naming pattern are not looked into.
    refused(&with(&written(), "/data/security", json!({ "iam": { "Read": {} }, "network": { "dns_1": {} } })), &[]);
}

#[test]
fn keys_of_later_versions_are_let_be() {
    refused(&with(&written(), "/data/capabilities/internal_ingress", json!([])), &[]);
}

#[test]
fn the_connections_in_it_may_be_of_any_partition() {
    let text = written().to_string().replace("arn:aws:", "arn:aws-cn:");
    refused(&text.parse().expect("JSON"), &[]);
}

#[test]
fn a_security_group_of_somebody_else_is_not_handed_to_apps() {
    let desired = samples::full();
    let mut world = converged(&desired);
    edits::apply(&mut world, "the load balancer's security group is somebody else's");
    let identity = samples::inputs(&samples::full_params()).identity;
    let refused = of_observed(&identity, &world.look(&samples::scope(&desired)));
    assert!(matches!(refused, Err(NoArtifact::Incomplete(_))), "{refused:?}");
}
