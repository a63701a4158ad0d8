//! Security groups and their rules.

use super::{after, changed};
use crate::plan::world::edits;
use aws_ecs_cluster::model::observed::ObservedRule;
use aws_ecs_cluster::model::properties::{Direction, Peer, Rule};
use aws_ecs_cluster::model::tags::Tags;
use insta::assert_snapshot;

#[test]
fn a_missing_rule_is_added() {
    assert_snapshot!(after(&["the nodes' security group lost a rule"]), @r#"
    Update AWS::EC2::SecurityGroup/P
      SecurityGroupIngress: null -> "everything from itself"
    0. AuthorizeSecurityGroupIngress P after []
    "#);
}

#[test]
fn a_rule_too_many_is_revoked_and_not_tagged() {
    assert_snapshot!(after(&["the nodes' security group has a rule too many"]), @r#"
    Update AWS::EC2::SecurityGroup/P, disruptive
      SecurityGroupIngress: "tcp on port 22 from 10.9.0.0/16" -> null
    0. RevokeSecurityGroupIngress P after []
    "#);
}

#[test]
fn a_missing_rule_is_added_before_another_is_revoked() {
    assert_snapshot!(after(&["the nodes' security group lost a rule", "the nodes' security group has a rule too many"]), @r#"
    Update AWS::EC2::SecurityGroup/P, disruptive
      SecurityGroupIngress: null -> "everything from itself"
      SecurityGroupIngress: "tcp on port 22 from 10.9.0.0/16" -> null
    0. AuthorizeSecurityGroupIngress P after []
    1. RevokeSecurityGroupIngress P after [0]
    "#);
}

#[test]
fn a_wrong_description_is_corrected_in_place() {
    assert_snapshot!(after(&["the nodes' security group describes a rule otherwise"]), @r#"
    Update AWS::EC2::SecurityGroup/P
      SecurityGroupIngress.Description: "old words" -> "Cluster internal ingress"
    0. UpdateSecurityGroupRuleDescriptionsIngress P after []
    "#);
}

#[test]
fn a_rule_without_our_tags_is_tagged_when_its_group_is_corrected() {
    assert_snapshot!(after(&["a rule of the nodes' security group has no tags", "the nodes' security group describes a rule otherwise"]), @r#"
    Update AWS::EC2::SecurityGroup/P
      SecurityGroupIngress.Description: "old words" -> "Cluster internal ingress"
      SecurityGroupRules.Tags: "1 without" -> {"Name":"P","managed-by":"massdriver","md-name-prefix":"shop-prod-clu…
    0. UpdateSecurityGroupRuleDescriptionsIngress P after []
    1. CreateTags P after [0]
    "#);
}

#[test]
fn the_tags_of_its_rules_are_not_asked_for_where_a_group_is_as_it_should_be() {
    assert_snapshot!(after(&["a rule of the nodes' security group has no tags"]), @"");
}

#[test]
fn a_security_group_of_somebody_else_is_refused_and_left_alone() {
    assert_snapshot!(after(&["the load balancer's security group is somebody else's"]), @r#"
    Update AWS::ElasticLoadBalancingV2::LoadBalancer/P, disruptive
      SecurityGroups: ["sg-alb"] -> [["AWS::EC2::SecurityGroup/P-alb","id"]]
    0. SetSecurityGroups P after []
    refused AWS::EC2::SecurityGroup/P-alb: the name is taken by a resource that is not this instance's: its tags are managed-by=massdriver, md-name-prefix=other-prod-cluster-cd34
    "#);
}

#[test]
fn rules_that_leave_no_room_are_revoked_before_others_are_added() {
    let told = changed(|world| {
        edits::apply(world, "the load balancer's security group lost a rule");
        let group = world.alb_security_group().expect("a group");
        for number in 0..59 {
            let peer = Peer::Cidr(format!("10.{number}.0.0/16"));
            let rule = Rule { direction: Direction::Ingress, protocol: "tcp".to_owned(), ports: Some((22, 22)), peer };
            group.properties.rules.insert(rule.clone(), "by hand".to_owned());
            group.rules.insert(rule, ObservedRule { id: format!("sgr-{number}"), tags: Tags::default() });
        }
    });
    let operations: Vec<&str> = told.lines().filter(|line| line.starts_with(|first: char| first.is_ascii_digit())).collect();
    assert_eq!(operations, ["0. RevokeSecurityGroupIngress P-alb after []", "1. AuthorizeSecurityGroupIngress P-alb after [0]"]);
    assert!(told.starts_with("Update AWS::EC2::SecurityGroup/P-alb, disruptive"), "{told}");
}

#[test]
fn taking_over_tells_of_every_rule_that_goes() {
    let told = after(&["everything was made by the OpenTofu bundle", "the nodes' security group has a rule too many"]);
    let words =
        "warning: taking over AWS::EC2::SecurityGroup/P revokes a rule that the inputs do not ask for: tcp on port 22 from 10.9.0.0/16";
    assert!(told.contains(words), "{told}");
    assert!(!after(&["the nodes' security group has a rule too many"]).contains("warning"));
}
