//! The cluster artifact, from a cluster that stands or from one that is still to be made.

use crate::inputs::artifact::{
    Artifact, ArtifactAws, ArtifactData, ArtifactIngress, ArtifactListener, ArtifactSpecs, Capabilities, Infrastructure, Protocol, Security,
};
use crate::inputs::{Identity, Problem, check_artifact};
use crate::model::arn::Arn;
use crate::model::names;
use crate::model::observed::{Observed, ObservedListener, ObservedLoadBalancer};
use crate::model::properties::HTTPS_PORT;
use crate::plan::desired::Desired;
use serde_json::Value;
use thiserror::Error;

/// Why there is no artifact to hand out.
#[derive(Debug, Error)]
pub enum NoArtifact {
    #[error("there is no cluster `{0}` of this instance\nrun `provision` to make it")]
    NoCluster(String),
    #[error(
        "the ingress of cluster `{0}` is not complete: its HTTPS listener, a certificate or its security group is missing\nrun `provision` to put it right"
    )]
    Incomplete(String),
    #[error(
        "cluster `{name}` could not be read: {why}\ngive the role the missing permission, or wait until AWS answers; then run this again"
    )]
    Unreadable { name: String, why: String },
    #[error("the artifact does not satisfy the schema that the bundle ships, so apps could not read it:\n{}", list(.0))]
    Invalid(Vec<Problem>),
}

fn list(problems: &[Problem]) -> String {
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

/// The artifact of the cluster as a look found it, checked against the schema.
pub fn of_observed(identity: &Identity, observed: &Observed) -> Result<Value, NoArtifact> {
    let name = &identity.owner.name_prefix;
    let parts = [
        observed.cluster.unknown(),
        observed.load_balancer.unknown(),
        observed.alb_security_group.unknown(),
        observed.certificates.unknown(),
    ];
    if let Some(why) = parts.into_iter().flatten().next() {
        return Err(NoArtifact::Unreadable { name: name.clone(), why: why.to_string() });
    }
    let cluster = observed.cluster.ours(&identity.owner);
    let cluster = cluster.ok_or_else(|| NoArtifact::NoCluster(name.clone()))?;
    let account = cluster.arn.parse::<Arn>().map(|arn| arn.account).unwrap_or_default();
    let load_balancer = observed.load_balancer.ours(&identity.owner);
    let ingress = load_balancer
        .map(|found| observed_ingress(identity, observed, found, &account).ok_or_else(|| NoArtifact::Incomplete(name.clone())));
    let ingress = ingress.transpose()?;
    checked(assemble(identity, cluster.arn.clone(), ingress.into_iter().collect()))
}

/// Whether the artifact of the cluster to be made will satisfy the schema, with made-up identifiers in place of those that AWS has yet to choose.
pub fn check_desired(identity: &Identity, desired: &Desired) -> Result<(), NoArtifact> {
    const ACCOUNT: &str = "000000000000";
    let Identity { owner, region, partition, .. } = identity;
    let arn = |service: &str, resource: String| format!("arn:{partition}:{service}:{region}:{ACCOUNT}:{resource}");
    let name = names::load_balancer(&owner.name_prefix);
    let ingress = desired.ingress.as_ref().map(|ingress| ArtifactIngress {
        load_balancer_arn: arn("elasticloadbalancing", format!("loadbalancer/app/{name}/0")),
        security_group_arn: arn("ec2", "security-group/sg-0".to_owned()),
        listeners: vec![listener(
            arn("elasticloadbalancing", format!("listener/app/{name}/0/0")),
            ingress.zones.iter().map(|zone| zone.certificate.domain.clone()).collect(),
        )],
    });
    let cluster = arn("ecs", format!("cluster/{}", owner.name_prefix));
    checked(assemble(identity, cluster, ingress.into_iter().collect())).map(|_| ())
}

/// What the artifact is called on the platform.
#[must_use]
pub fn title(identity: &Identity) -> String {
    format!("ECS Cluster artifact for {}", identity.owner.name_prefix)
}

fn assemble(identity: &Identity, arn: String, ingress: Vec<ArtifactIngress>) -> Artifact {
    Artifact {
        data: ArtifactData {
            infrastructure: Infrastructure { arn, vpc: identity.vpc.connection.clone() },
            capabilities: Capabilities { ingress },
            security: Security {},
        },
        specs: ArtifactSpecs { aws: ArtifactAws { region: identity.region.clone() } },
    }
}

fn listener(arn: String, domains: Vec<String>) -> ArtifactListener {
    ArtifactListener { arn, domains, port: u16::try_from(HTTPS_PORT).unwrap_or_default(), protocol: Protocol::Https }
}

fn checked(artifact: Artifact) -> Result<Value, NoArtifact> {
    let value = serde_json::to_value(artifact).unwrap_or_default();
    let problems = check_artifact(&value);
    if problems.is_empty() { Ok(value) } else { Err(NoArtifact::Invalid(problems)) }
}

fn observed_ingress(identity: &Identity, observed: &Observed, found: &ObservedLoadBalancer, account: &str) -> Option<ArtifactIngress> {
    let https = found.listeners.iter().find(|listener| listener.properties.port == HTTPS_PORT)?;
    let group = observed.alb_security_group.ours(&identity.owner)?;
    let domains = domains(observed, https);
    if domains.is_empty() {
        return None;
    }
    let Identity { region, partition, .. } = identity;
    Some(ArtifactIngress {
        load_balancer_arn: found.arn.clone(),
        security_group_arn: format!("arn:{partition}:ec2:{region}:{account}:security-group/{}", group.id),
        listeners: vec![listener(https.arn.clone(), domains)],
    })
}

/// The default certificate's domain, then the others' by name, each once: apps use them as keys.
fn domains(observed: &Observed, https: &ObservedListener) -> Vec<String> {
    let certificates = observed.certificates.present().map_or(&[][..], Vec::as_slice);
    let domain = |arn: &str| certificates.iter().find(|found| found.arn == arn).map(|found| found.properties.domain.clone());
    let default = https.properties.default_certificate.as_ref().and_then(|reference| domain(reference.as_known()?));
    let mut others: Vec<String> =
        https.extra_certificates.iter().filter_map(|arn| domain(arn)).filter(|other| Some(other) != default.as_ref()).collect();
    others.sort();
    others.dedup();
    default.into_iter().chain(others).collect()
}
