//! `connections.json` as the platform sends it: the role to assume and the VPC to work in.

use super::shapes;
use crate::model::secret::Secret;
use schemars::JsonSchema;
use serde::Deserialize;

#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct Connections {
    pub aws_authentication: IamRole,
    pub vpc: Vpc,
}

/// The role that this bundle assumes to work in an AWS account.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[schemars(title = "IAM role", extend("$md" = {"name": "aws-iam-role"}))]
pub struct IamRole {
    pub data: IamRoleData,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[schemars(title = "Role")]
pub struct IamRoleData {
    /// The role's Amazon Resource Name.
    #[schemars(title = "Role ARN", schema_with = "shapes::arn")]
    pub arn: String,
    /// The secret that the role's trust policy asks for, where it asks for one.
    #[serde(default)]
    #[schemars(title = "External ID", with = "String")]
    pub external_id: Option<Secret>,
}

/// The network that the cluster lives in.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[schemars(title = "VPC", extend("$md" = {"name": "aws-vpc"}))]
pub struct Vpc {
    pub data: VpcData,
    #[serde(default)]
    #[schemars(with = "Specs")]
    pub specs: Option<Specs>,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[schemars(title = "Network data")]
pub struct VpcData {
    pub infrastructure: VpcInfrastructure,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[schemars(title = "Network")]
pub struct VpcInfrastructure {
    /// The VPC's Amazon Resource Name.
    #[schemars(title = "VPC ARN", schema_with = "shapes::arn")]
    pub arn: String,
    /// The VPC's IPv4 range.
    #[schemars(title = "CIDR", schema_with = "shapes::vpc_cidr")]
    pub cidr: String,
    /// Subnets with a way out to the internet, but none in.
    pub private_subnets: Vec<Subnet>,
    /// Subnets that the internet can reach.
    pub public_subnets: Vec<Subnet>,
    /// Subnets without the internet.
    pub internal_subnets: Vec<Subnet>,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[schemars(title = "Subnet")]
pub struct Subnet {
    /// The subnet's Amazon Resource Name.
    #[schemars(title = "Subnet ARN", schema_with = "shapes::arn")]
    pub arn: String,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[schemars(title = "Specifications")]
pub struct Specs {
    #[serde(default)]
    #[schemars(with = "AwsSpecs")]
    pub aws: Option<AwsSpecs>,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[schemars(title = "AWS")]
pub struct AwsSpecs {
    /// The AWS Region that the resource lives in.
    // Without the second attribute the schema would give the field the default null.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(title = "Region", with = "String", extend("examples" = ["us-west-2"]))]
    pub region: Option<String>,
}
