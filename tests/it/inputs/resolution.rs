//! What valid documents become.

use super::{accepted, connections, group, open_params, params, subnets, with};
use aws_ecs_cluster::inputs::{ContainerInsights, NodeRefresh};
use serde_json::{Value, json};

#[test]
fn a_group_takes_its_values_from_the_params() {
    let given = json!({
        "name": "web", "instance_type": "m7g.large", "min_size": 2, "max_size": 5, "root_volume_gb": 80, "node_refresh": "rolling"
    });
    let (inputs, _) = accepted(&with(&params(), "/cluster/instances/0", given), &connections());
    let group = &inputs.cluster.groups[0];
    assert_eq!((group.name.as_str(), group.instance.name), ("web", "m7g.large"));
    assert_eq!((group.min_size, group.max_size, group.root_volume_gb, group.node_refresh), (2, 5, 80, NodeRefresh::Rolling));
}

#[test]
fn what_is_left_out_has_its_documented_default() {
    let (inputs, _) = accepted(&params(), &connections());
    assert_eq!((inputs.cluster.groups[0].root_volume_gb, inputs.cluster.groups[0].node_refresh), (30, NodeRefresh::Never));
    assert_eq!(inputs.cluster.container_insights, ContainerInsights::Enabled);
}

#[test]
fn container_insights_can_be_chosen() {
    let chosen =
        [("enhanced", ContainerInsights::Enhanced), ("enabled", ContainerInsights::Enabled), ("disabled", ContainerInsights::Disabled)];
    for (word, level) in chosen {
        let (inputs, _) = accepted(&with(&params(), "/cluster/container_insights", json!(word)), &connections());
        assert_eq!(inputs.cluster.container_insights, level);
    }
}

#[test]
fn groups_keep_their_order() {
    let groups = json!([group("web", "m5.large"), group("ai", "g5.xlarge"), group("jobs", "c7g.large")]);
    let (inputs, _) = accepted(&with(&params(), "/cluster/instances", groups), &connections());
    let names: Vec<&str> = inputs.cluster.groups.iter().map(|group| group.name.as_str()).collect();
    assert_eq!(names, ["web", "ai", "jobs"]);
}

#[test]
fn the_identity_names_owner_account_and_network() {
    let (inputs, _) = accepted(&params(), &connections());
    let identity = inputs.identity;
    assert_eq!(identity.owner.name_prefix, "shop-prod-cluster-ab12");
    assert_eq!(identity.default_tags.value("md-project"), Some("shop"));
    assert_eq!((identity.region.as_str(), identity.partition.as_str()), ("eu-west-1", "aws"));
    assert_eq!(identity.role.arn, "arn:aws:iam::123456789012:role/massdriver");
    assert_eq!((identity.vpc.id.as_str(), identity.vpc.cidr.as_str()), ("vpc-1", "10.0.0.0/16"));
    assert_eq!(identity.vpc.public_subnets, ["subnet-a", "subnet-b"]);
    assert_eq!(identity.vpc.private_subnets, ["subnet-c", "subnet-d"]);
}

#[test]
fn a_role_without_an_external_id_has_none() {
    let role = json!({ "data": { "arn": "arn:aws:iam::123456789012:role/massdriver" } });
    assert_eq!(accepted(&params(), &with(&connections(), "/aws_authentication", role)).0.identity.role.external_id, None);
}

#[test]
fn a_repeated_subnet_counts_once_and_the_order_stays() {
    let public = subnets(&["subnet-b", "subnet-a", "subnet-b"]);
    let (inputs, _) = accepted(&open_params(), &with(&connections(), "/vpc/data/infrastructure/public_subnets", public));
    assert_eq!(inputs.identity.vpc.public_subnets, ["subnet-b", "subnet-a"]);
}

#[test]
fn the_vpc_connection_is_kept_byte_for_byte() {
    let vpc = r#"{"zeta":[1.0,{"b":1,"a":2}],"specs":{"aws":{"zone":null,"region":"eu-west-1"}},"data":{"infrastructure":{"private_subnets":[{"x":1,"arn":"arn:aws:ec2:eu-west-1:123456789012:subnet/subnet-c"}],"arn":"arn:aws:ec2:eu-west-1:123456789012:vpc/vpc-1","cidr":"10.0.0.0/16","public_subnets":[],"internal_subnets":[]}}}"#;
    let vpc_value: Value = vpc.parse().expect("JSON");
    let (inputs, _) = accepted(&params(), &with(&connections(), "/vpc", vpc_value));
    assert_eq!(inputs.identity.vpc.connection.to_string(), vpc);
}

#[test]
fn unknown_fields_are_let_be() {
    let odd = with(&with(&params(), "/cluster/legacy", json!({ "a": [] })), "/region", json!("x"));
    accepted(&odd, &with(&connections(), "/vpc/data/peering", json!([])));
}
