//! The cluster artifact: what the app bundles downstream read, and break without.

use super::connections::{Specs, Vpc};
use super::problem::{Document, Problem};
use super::{schema, shapes, violations};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Serialize;
use serde_json::Value;

/// Names in any top-level domain, hyphens and punycode included: wider than the platform's published type, which admits neither.
const DOMAIN: &str = r"^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z0-9-]+$";

#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(title = "ECS cluster", extend("$md" = {"name": "aws-ecs-cluster"}))]
pub struct Artifact {
    pub data: ArtifactData,
    #[schemars(with = "Specs")]
    pub specs: ArtifactSpecs,
}

#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(title = "Cluster data")]
pub struct ArtifactData {
    pub infrastructure: Infrastructure,
    pub capabilities: Capabilities,
    #[schemars(schema_with = "security")]
    pub security: Security,
}

#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(title = "Infrastructure")]
pub struct Infrastructure {
    /// The cluster's Amazon Resource Name, which ends in `cluster/` and its name.
    #[schemars(title = "Cluster ARN", schema_with = "shapes::arn")]
    pub arn: String,
    /// The VPC connection, passed on as it came.
    #[schemars(with = "Vpc")]
    pub vpc: Value,
}

#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(title = "Capabilities")]
pub struct Capabilities {
    /// The load balancers that bring traffic in; empty when ingress is off.
    #[schemars(title = "Ingress", extend("default" = []))]
    pub ingress: Vec<ArtifactIngress>,
}

#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(title = "Load balancer")]
pub struct ArtifactIngress {
    #[schemars(title = "Load balancer ARN", schema_with = "shapes::arn")]
    pub load_balancer_arn: String,
    #[schemars(title = "Security group ARN", schema_with = "shapes::arn")]
    pub security_group_arn: String,
    #[schemars(title = "Listeners")]
    pub listeners: Vec<ArtifactListener>,
}

#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(title = "Listener")]
pub struct ArtifactListener {
    #[schemars(title = "Listener ARN", schema_with = "shapes::arn")]
    pub arn: String,
    /// The names that the listener's certificates are for: exact zone names, lower case, without a trailing dot, each once.
    #[schemars(title = "Domains", default, schema_with = "domains")]
    pub domains: Vec<String>,
    #[schemars(title = "Port")]
    pub port: u16,
    pub protocol: Protocol,
}

/// Apps compare with the lower-case name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Protocol {
    Http,
    Https,
}

/// Nothing of the cluster's IAM or network needs to be handed on, but apps' schemas ask for the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Security {}

/// Consumers find the Region here; the schema lets it be absent, we never do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ArtifactSpecs {
    pub aws: ArtifactAws,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ArtifactAws {
    pub region: String,
}

/// What keeps `artifact` from being published: it must satisfy the schema that the bundle ships.
#[must_use]
pub fn check_artifact(artifact: &Value) -> Vec<Problem> {
    violations::find(Document::Artifact, &schema::artifact_schema(), artifact)
}

fn domains(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "array",
        "default": [],
        "items": {
            "type": "string",
            "pattern": DOMAIN,
            "message": { "pattern": "Use a domain name in lower case without a trailing dot" }
        }
    })
}

fn security(generator: &mut SchemaGenerator) -> Schema {
    let arn = shapes::arn(generator);
    json_schema!({
        "type": "object",
        "title": "Security",
        "properties": {
            "iam": {
                "type": "object",
                "title": "IAM policies",
                "patternProperties": {
                    "^[a-z]+[a-z_]*[a-z]+$": { "type": "object", "required": ["policy_arn"], "properties": { "policy_arn": arn } }
                }
            },
            "identity": { "type": "object", "title": "Identity", "properties": { "role_arn": arn } },
            "network": { "type": "object", "title": "Network", "patternProperties": { "^[a-z-]+$": network_rule(generator) } }
        }
    })
}

fn network_rule(generator: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "object",
        "required": ["arn", "port", "protocol"],
        "properties": {
            "arn": shapes::arn(generator),
            "port": u16::json_schema(generator),
            "protocol": { "type": "string", "enum": ["tcp", "udp"] }
        }
    })
}
