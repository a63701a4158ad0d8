//! The role and the instance profile.

use super::after;
use aws_ecs_cluster::model::texts::trusted_principals;
use insta::assert_snapshot;
use serde_json::{Value, json};

#[test]
fn a_changed_trust_is_put_right() {
    assert_snapshot!(after(&["the role trusts another service"]), @r#"
    Update AWS::IAM::Role/P
      AssumeRolePolicyDocument: ["lambda.amazonaws.com"] -> ["ec2.amazonaws.com"]
    0. UpdateAssumeRolePolicy P after []
    "#);
}

#[test]
fn a_missing_policy_is_attached() {
    assert_snapshot!(after(&["the role lacks a policy"]), @r#"
    Update AWS::IAM::Role/P
      ManagedPolicyArns: null -> "arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryReadOnly"
    0. AttachRolePolicy P after []
    "#);
}

#[test]
fn a_policy_of_somebody_else_stays_attached() {
    assert_eq!(after(&["somebody attached a policy to the role"]), "");
}

#[test]
fn missing_tags_are_added_and_those_of_others_left() {
    assert_snapshot!(after(&["the role carries only the tags of the OpenTofu bundle"]), @r#"
    Update AWS::IAM::Role/P
      Tags.Name: null -> "P"
      Tags.md-name-prefix: null -> "P"
      Tags.md-project: null -> "shop"
    0. TagRole P after []
    "#);
}

#[test]
fn an_empty_instance_profile_is_filled() {
    assert_snapshot!(after(&["the instance profile is empty"]), @r#"
    Update AWS::IAM::InstanceProfile/P
      Roles: null -> "P"
    0. AddRoleToInstanceProfile P after []
    "#);
}

#[test]
fn a_wrong_role_leaves_the_instance_profile_before_ours_enters_it() {
    assert_snapshot!(after(&["the instance profile holds another role"]), @r#"
    Update AWS::IAM::InstanceProfile/P
      Roles: "another-role" -> "P"
    0. RemoveRoleFromInstanceProfile P after []
    1. AddRoleToInstanceProfile P after [0]
    "#);
}

#[test]
fn a_role_of_somebody_else_is_refused_and_left_alone() {
    assert_snapshot!(after(&["the role is somebody else's"]), @"refused AWS::IAM::Role/P: the name is taken by a resource that is not this instance's: its tags are managed-by=massdriver, md-name-prefix=other-prod-cluster-cd34");
}

#[test]
fn trust_in_somebody_else_is_taken_away() {
    assert_snapshot!(after(&["the role trusts another account"]), @r#"
    Update AWS::IAM::Role/P
      AssumeRolePolicyDocument: ["AWS: arn:aws:iam::210987654321:root","ec2.amazonaws.com"] -> ["ec2.amazonaws.com"]
    0. UpdateAssumeRolePolicy P after []
    "#);
}

#[test]
fn everyone_whom_a_trust_policy_allows_is_read() {
    let read = |statements: Value| {
        let document = json!({ "Version": "2012-10-17", "Statement": statements }).to_string();
        trusted_principals(&document).into_iter().collect::<Vec<_>>()
    };
    let ec2 = json!({ "Effect": "Allow", "Principal": { "Service": "ec2.amazonaws.com" }, "Action": "sts:AssumeRole" });
    let with = |principal: Value| read(json!([ec2, { "Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole" }]));
    assert_eq!(read(ec2.clone()), ["ec2.amazonaws.com"]);
    assert_eq!(with(json!("*")), ["*", "ec2.amazonaws.com"]);
    let root = "arn:aws:iam::210987654321:root";
    assert_eq!(with(json!({ "AWS": [root, "*"] })), ["AWS: *", &format!("AWS: {root}"), "ec2.amazonaws.com"]);
    assert_eq!(
        with(json!({ "Federated": "cognito-identity.amazonaws.com" })),
        ["Federated: cognito-identity.amazonaws.com", "ec2.amazonaws.com"]
    );
    assert_eq!(
        read(json!([ec2, { "Effect": "Allow", "NotPrincipal": { "AWS": root }, "Action": "sts:AssumeRole" }])),
        ["ec2.amazonaws.com", &format!("not AWS: {root}")]
    );
    assert_eq!(read(json!([ec2, { "Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole" }])), ["ec2.amazonaws.com"]);
}
