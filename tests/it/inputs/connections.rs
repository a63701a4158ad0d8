//! `connections.json`: what is refused before AWS is asked anything.

use super::{accepted, assert_refused, connections, open_params, params, subnets, with, without};
use serde_json::{Value, json};

const ROLE: &str = "/aws_authentication/data/arn";
const VPC: &str = "/vpc/data/infrastructure/arn";
const REGION: &str = "/vpc/specs/aws/region";
const PUBLIC: &str = "/vpc/data/infrastructure/public_subnets";
const PRIVATE: &str = "/vpc/data/infrastructure/private_subnets";

fn refused(changed: &Value, expected: &[(&str, &str)]) {
    assert_refused(&params(), changed, expected);
}

#[test]
fn both_connections_are_required() {
    refused(&without(&connections(), "/aws_authentication"), &[("/aws_authentication", "is missing")]);
    refused(&without(&connections(), "/vpc"), &[("/vpc", "is missing")]);
}

#[test]
fn the_role_must_be_the_arn_of_an_iam_role() {
    for arn in ["arn:aws:iam::123456789012:user/massdriver", "arn:aws:iam:::role/massdriver", "arn:aws:s3:::role/massdriver"] {
        refused(&with(&connections(), ROLE, json!(arn)), &[(ROLE, "is not the ARN of an IAM role")]);
    }
    for arn in ["massdriver", "arn:aws:iam::123:role/massdriver"] {
        refused(&with(&connections(), ROLE, json!(arn)), &[(ROLE, "use an Amazon Resource Name")]);
    }
}

#[test]
fn a_role_with_a_path_is_a_role() {
    accepted(&params(), &with(&connections(), ROLE, json!("arn:aws:iam::123456789012:role/ops/massdriver")));
}

#[test]
fn the_vpc_must_be_the_arn_of_a_vpc() {
    for resource in
        ["ec2:eu-west-1:123456789012:subnet/subnet-1", "ec2:eu-west-1::vpc/subnet-1", "ec2:eu-west-1::vpc/vpc-", "s3:::vpc/vpc-1"]
    {
        let arn = format!("arn:aws:{resource}");
        refused(&with(&connections(), VPC, json!(arn)), &[(VPC, "is not the ARN of a VPC")]);
    }
}

#[test]
fn role_and_vpc_must_be_of_one_partition() {
    let role = json!("arn:aws-cn:iam::123456789012:role/massdriver");
    refused(&with(&connections(), ROLE, role), &[(ROLE, "is in the partition `aws-cn`, but the VPC is in `aws`")]);
}

#[test]
fn connections_of_other_partitions_are_accepted() {
    let text = connections().to_string().replace("arn:aws:", "arn:aws-us-gov:").replace("eu-west-1", "us-gov-west-1");
    let (inputs, _) = accepted(&params(), &text.parse().expect("JSON"));
    assert_eq!((inputs.identity.partition.as_str(), inputs.identity.region.as_str()), ("aws-us-gov", "us-gov-west-1"));
}

#[test]
fn subnets_must_be_arns_of_subnets() {
    for list in [PUBLIC, PRIVATE] {
        let place = format!("{list}/1/arn");
        let wrong = json!("arn:aws:ec2:eu-west-1:123456789012:instance/i-1");
        refused(&with(&connections(), &place, wrong), &[(&place, "is not the ARN of a subnet")]);
    }
}

#[test]
fn groups_need_a_private_subnet() {
    let bare = with(&connections(), PRIVATE, json!([]));
    refused(&bare, &[(PRIVATE, "is empty, and instances run in private subnets")]);
    accepted(&open_params(), &bare);
}

#[test]
fn ingress_needs_two_distinct_public_subnets() {
    for public in [subnets(&["subnet-a"]), subnets(&["subnet-a", "subnet-a"]), json!([])] {
        let few = with(&connections(), PUBLIC, public);
        assert_refused(&open_params(), &few, &[(PUBLIC, "has fewer than two distinct subnets")]);
        accepted(&params(), &few);
    }
}

#[test]
fn the_region_comes_from_the_specs_or_else_from_the_vpc() {
    let implied = [without(&connections(), "/vpc/specs"), without(&connections(), REGION), with(&connections(), REGION, json!(""))];
    for connections in implied {
        assert_eq!(accepted(&params(), &connections).0.identity.region, "eu-west-1");
    }
    let named = with(&connections(), VPC, json!("arn:aws:ec2:::vpc/vpc-1"));
    assert_eq!(accepted(&params(), &named).0.identity.region, "eu-west-1");
}

#[test]
fn a_region_must_be_named_somewhere() {
    let nameless = with(&connections(), VPC, json!("arn:aws:ec2:::vpc/vpc-1"));
    refused(&without(&nameless, "/vpc/specs"), &[(REGION, "is missing, and the VPC's ARN names no Region either")]);
}

#[test]
fn a_region_is_not_asked_for_while_the_vpc_is_misspelt() {
    let misspelt = with(&without(&connections(), "/vpc/specs"), VPC, json!("vpc-1"));
    refused(&misspelt, &[(VPC, "use an Amazon Resource Name")]);
}

#[test]
fn the_two_regions_must_agree() {
    let text = "`us-east-1`: is not the Region of the VPC's ARN, `eu-west-1`";
    refused(&with(&connections(), REGION, json!("us-east-1")), &[(REGION, text)]);
}

#[test]
fn nothing_but_the_name_of_a_region_can_pass_for_one() {
    for region in ["eu-west", "eu-1", "eu-west-1.evil.example/", "EU-WEST-1", "eu-west-1a", "eu--1"] {
        refused(&with(&connections(), REGION, json!(region)), &[(REGION, "does not name an AWS Region")]);
    }
    let arn = json!("arn:aws:ec2:eu.west.1:123456789012:vpc/vpc-1");
    refused(&without(&with(&connections(), VPC, arn), "/vpc/specs"), &[(VPC, "does not name an AWS Region")]);
}
