//! A resource's identity in plans, events and reports: its CloudFormation type and its name.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Serialize, Serializer};
use std::borrow::Cow;
use std::fmt;

/// The kinds of resources that make up a cluster, in the order in which a reader expects them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    Role,
    InstanceProfile,
    SecurityGroup,
    Cluster,
    LaunchTemplate,
    AutoScalingGroup,
    CapacityProvider,
    ClusterCapacityProviders,
    ContainerInstance,
    Certificate,
    RecordSetGroup,
    LoadBalancer,
    Listener,
    ListenerCertificate,
}

impl Kind {
    /// The name that CloudFormation gives to this type of resource.
    #[must_use]
    pub const fn type_name(self) -> &'static str {
        match self {
            Self::Role => "AWS::IAM::Role",
            Self::InstanceProfile => "AWS::IAM::InstanceProfile",
            Self::SecurityGroup => "AWS::EC2::SecurityGroup",
            Self::Cluster => "AWS::ECS::Cluster",
            Self::LaunchTemplate => "AWS::EC2::LaunchTemplate",
            Self::AutoScalingGroup => "AWS::AutoScaling::AutoScalingGroup",
            Self::CapacityProvider => "AWS::ECS::CapacityProvider",
            Self::ClusterCapacityProviders => "AWS::ECS::ClusterCapacityProviderAssociations",
            // CloudFormation has no such type; ECS itself calls it a container instance.
            Self::ContainerInstance => "AWS::ECS::ContainerInstance",
            Self::Certificate => "AWS::CertificateManager::Certificate",
            Self::RecordSetGroup => "AWS::Route53::RecordSetGroup",
            Self::LoadBalancer => "AWS::ElasticLoadBalancingV2::LoadBalancer",
            Self::Listener => "AWS::ElasticLoadBalancingV2::Listener",
            Self::ListenerCertificate => "AWS::ElasticLoadBalancingV2::ListenerCertificate",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.type_name())
    }
}

impl Serialize for Kind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.type_name())
    }
}

/// One resource, written `AWS::ECS::Cluster/my-cluster`. Unique within a plan, and known before the resource exists.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address {
    pub kind: Kind,
    pub name: String,
}

impl Address {
    #[must_use]
    pub fn new(kind: Kind, name: impl Into<String>) -> Self {
        Self { kind, name: name.into() }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.kind, self.name)
    }
}

impl Serialize for Address {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl JsonSchema for Address {
    fn schema_name() -> Cow<'static, str> {
        "Address".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": "^AWS::[A-Za-z0-9]+::[A-Za-z0-9]+/.+$" })
    }
}
