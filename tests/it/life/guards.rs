//! What AWS refuses or forgives, the AWS of these tests has to refuse and forgive as well: nothing else here means anything if not.

use serde_json::{Value, json};

use super::seed;
use crate::support::call::{Call, Reply};
use crate::support::honest::Lags;
use crate::support::world::{Output, World};

#[track_caller]
fn first<'a>(output: &'a Output, action: &str) -> &'a Call {
    output.calls_of(action).first().copied().unwrap_or_else(|| panic!("no {action}\n{output}"))
}

#[track_caller]
fn assert_says(reply: &Reply, status: u16, word: &str) {
    assert!(reply.status == status && reply.body.contains(word), "expected {status} and `{word}`, not {} and {}", reply.status, reply.body);
}

#[test]
fn nothing_is_destroyed_by_making_it_again() {
    let world = World::seeded_with("twice", &seed(&["example.com"]));
    let output = world.run(&["provision"]).expect(0);
    let before = world.census();
    let name = world.name_prefix();
    let template = before["launch_templates"][0]["id"].as_str().expect("an id");
    let expected = [
        ("ecs:CreateCluster", 200, name),
        ("ecs:CreateCapacityProvider", 400, "already exists"),
        ("autoscaling:CreateAutoScalingGroup", 400, "AlreadyExists"),
        ("elasticloadbalancing:CreateLoadBalancer", 200, before["load_balancers"][0]["arn"].as_str().expect("an ARN")),
        ("elasticloadbalancing:CreateListener", 200, ":listener/"),
        ("ec2:CreateSecurityGroup", 400, "InvalidGroup.Duplicate"),
        ("ec2:CreateLaunchTemplate", 200, template),
        ("iam:CreateRole", 409, "EntityAlreadyExists"),
        ("acm:RequestCertificate", 200, before["certificates"][0]["arn"].as_str().expect("an ARN")),
    ];
    for (action, status, word) in expected {
        assert_says(&world.replay(first(&output, action)), status, word);
    }
    assert_eq!(world.census(), before);
}

#[test]
fn what_differs_is_not_taken_for_the_same() {
    let world = World::seeded_with("differs", &seed(&["example.com"]));
    let output = world.run(&["provision"]).expect(0);
    let before = world.census();
    let changed = |action: &str, from: &str, to: &str| {
        let mut call = first(&output, action).clone();
        assert!(call.body.contains(from), "{}", call.body);
        call.body = call.body.replace(from, to);
        world.replay(&call)
    };
    assert_says(&changed("ecs:CreateCluster", "md-name-prefix", "somebody-elses"), 400, "inconsistent");
    assert_says(&changed("elasticloadbalancing:CreateLoadBalancer", "internet-facing", "internal"), 400, "DuplicateLoadBalancerName");
    assert_says(&changed("elasticloadbalancing:CreateListener", "Type=redirect", "Type=fixed-response"), 400, "DuplicateListener");
    assert_says(
        &changed("ec2:CreateLaunchTemplate", "InstanceType=t3.medium", "InstanceType=t3.large"),
        400,
        "IdempotentParameterMismatch",
    );
    let mut other = first(&output, "ecs:CreateCapacityProvider").clone();
    other.body = other.body.replacen("\"name\":\"", "\"name\":\"other-", 1);
    assert_says(&world.replay(&other), 400, "already being used");
    assert_eq!(world.census(), before);
}

#[test]
fn nothing_goes_while_it_is_in_use() {
    let world = World::seeded_with("in-use", &seed(&["example.com"]));
    let output = world.run(&["provision"]).expect(0);
    let before = world.census();
    let ask = |action: &str, operation: &str, params: Value| world.ask_like(first(&output, action), operation, &params);
    let (name, group) = (world.name_prefix(), world.group_name());
    let [nodes, alb] = [0, 1].map(|place| before["security_groups"][place]["id"].clone());
    let (certificate, balancer) = (before["certificates"][0]["arn"].clone(), before["load_balancers"][0]["arn"].clone());
    let listener = world.listener_arn(443);
    let (ecs, ec2, elb, auto_scaling) =
        ("ecs:CreateCluster", "ec2:CreateSecurityGroup", "elasticloadbalancing:CreateListener", "autoscaling:CreateAutoScalingGroup");
    let default = json!({ "ListenerArn": listener, "Certificates.member.1.CertificateArn": certificate });
    let sizes = json!({ "AutoScalingGroupName": group, "MinSize": "5", "MaxSize": "1" });
    let list = json!({ "cluster": name, "capacityProviders": ["nobody"], "defaultCapacityProviderStrategy": [] });
    let expected = [
        (ecs, "DeleteCapacityProvider", json!({ "capacityProvider": group }), 200, "DELETE_FAILED"),
        (ecs, "DeleteCluster", json!({ "cluster": name }), 400, "ClusterContainsContainerInstancesException"),
        (ecs, "PutClusterCapacityProviders", list, 400, "InvalidParameterException"),
        (ec2, "DeleteSecurityGroup", json!({ "GroupId": nodes }), 400, "DependencyViolation"),
        (ec2, "DeleteSecurityGroup", json!({ "GroupId": alb }), 400, "DependencyViolation"),
        ("acm:RequestCertificate", "DeleteCertificate", json!({ "CertificateArn": certificate }), 400, "ResourceInUseException"),
        (elb, "DeleteLoadBalancer", json!({ "LoadBalancerArn": balancer }), 400, "OperationNotPermitted"),
        (elb, "RemoveListenerCertificates", default, 400, "OperationNotPermitted"),
        (auto_scaling, "DeleteAutoScalingGroup", json!({ "AutoScalingGroupName": group }), 400, "ResourceInUse"),
        (auto_scaling, "UpdateAutoScalingGroup", sizes, 400, "ValidationError"),
    ];
    for (like, operation, params, status, word) in expected {
        assert_says(&ask(like, operation, params), status, word);
    }
    assert_eq!(world.census(), before);
}

#[test]
fn a_certificate_serves_only_once_its_record_stands() {
    let world = World::seeded_with("pending", &seed(&["example.com"]));
    let output = world.run(&["provision"]).expect(0);
    let acm = first(&output, "acm:RequestCertificate");
    let requested = world.ask_like(acm, "RequestCertificate", &json!({ "DomainName": "example.net", "ValidationMethod": "DNS" }));
    let requested: Value = serde_json::from_str(&requested.body).expect("a reply in JSON");
    let arn = requested["CertificateArn"].as_str().expect("an ARN");
    let described = world.ask_like(acm, "DescribeCertificate", &json!({ "CertificateArn": arn }));
    assert_says(&described, 200, "PENDING_VALIDATION");
    let elb = first(&output, "elasticloadbalancing:CreateListener");
    let asked = json!({ "ListenerArn": world.listener_arn(443), "Certificates.member.1.CertificateArn": arn });
    assert_says(&world.ask_like(elb, "AddListenerCertificates", &asked), 400, "UnsupportedCertificate");
}

#[test]
fn what_nobody_knows_is_said_loudly_and_not_taken_for_an_error_of_awss() {
    let world = World::seeded_with("unknown", &seed(&[]));
    let output = world.run(&["provision"]).expect(0);
    let group = first(&output, "autoscaling:CreateAutoScalingGroup");
    assert_says(&world.ask_like(group, "DescribeAccountLimits", &json!({})), 501, "autoscaling:DescribeAccountLimits");
    let mut elsewhere = group.clone();
    let (_, authorization) =
        elsewhere.headers.iter_mut().find(|(name, _)| name.eq_ignore_ascii_case("authorization")).expect("a signature");
    *authorization = authorization.replace("/autoscaling/", "/cloudformation/");
    assert_says(&world.replay(&elsewhere), 501, "cloudformation:CreateAutoScalingGroup");
    let nodes = first(&output, "ecs:ListContainerInstances");
    let asked = json!({ "cluster": world.name_prefix(), "filter": "attribute:ecs.os-type == linux" });
    assert_says(&world.ask_like(nodes, "ListContainerInstances", &asked), 501, "attribute:ecs.os-type");
}

#[test]
fn one_refresh_at_a_time_and_none_of_what_is_not_there() {
    let world = World::seeded_with("refreshes", &seed(&[]));
    let output = world.run(&["provision"]).expect(0);
    let like = first(&output, "autoscaling:CreateAutoScalingGroup");
    let of_group = json!({ "AutoScalingGroupName": world.group_name() });
    let ask = |operation: &str| world.ask_like(like, operation, &of_group);
    assert_says(&ask("CancelInstanceRefresh"), 400, "ActiveInstanceRefreshNotFound");
    assert_says(&ask("StartInstanceRefresh"), 200, "InstanceRefreshId");
    assert_says(&ask("StartInstanceRefresh"), 400, "InstanceRefreshInProgress");
    assert_says(&ask("DescribeInstanceRefreshes"), 200, "InProgress");
    // All nodes are protected, and nobody said what becomes of such: they are waited for.
    assert_says(&ask("DescribeInstanceRefreshes"), 200, "protected from scale-in");
    assert_says(&ask("CancelInstanceRefresh"), 200, "InstanceRefreshId");
    assert_says(&ask("DescribeInstanceRefreshes"), 200, "Cancelled");
    let nobody = json!({ "AutoScalingGroupName": "nobody" });
    assert_says(&world.ask_like(like, "StartInstanceRefresh", &nobody), 400, "not found");
}

#[test]
fn a_list_of_three_has_two_pages_and_whoever_reads_one_is_found_out() {
    let world = World::seeded_with("pages", &json!({ "groups": [], "zones": ["example.com", "example.org", "example.net"] }));
    let output = world.run(&["provision"]).expect(0);
    world.lag(Lags { page_size: 2, ..Lags::default() });
    let like = first(&output, "acm:RequestCertificate");
    let page = world.ask_like(like, "ListCertificates", &json!({}));
    let page: Value = serde_json::from_str(&page.body).expect("a reply in JSON");
    assert_eq!(page["CertificateSummaryList"].as_array().map(Vec::len), Some(2));
    assert_eq!(world.unread_pages(), ["acm:ListCertificates"]);
    let rest = world.ask_like(like, "ListCertificates", &json!({ "NextToken": page["NextToken"] }));
    let rest: Value = serde_json::from_str(&rest.body).expect("a reply in JSON");
    assert_eq!(rest["CertificateSummaryList"].as_array().map(Vec::len), Some(1));
    assert!(rest["NextToken"].is_null(), "{rest}");
    assert_eq!(world.unread_pages(), [""; 0]);
}
