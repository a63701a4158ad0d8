//! From valid documents to the values that the plan is made from.

use super::connections::{Connections, Subnet};
use super::connections_checks::{region, subnet_id, vpc_id};
use super::metadata::Metadata;
use super::params::{Instance, OpenIngress, Params};
use super::params_checks::zone_id;
use super::problem::{Document, Problem};
use super::resolved::{ClusterInputs, Identity, Ingress, Inputs, Network, NodeGroup, RoleToAssume};
use crate::model::arn::Arn;
use crate::model::catalog;
use crate::model::tags::{Owner, Tags};
use ipnet::Ipv4Net;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeSet;

/// `params` and `connections` have passed every check; an error means that a check has a gap.
pub fn inputs(params: &Value, connections: Value) -> Result<Inputs, Problem> {
    Ok(Inputs { cluster: cluster(params)?, identity: identity(params, connections)? })
}

/// `params` needs to hold no more than valid metadata.
pub fn identity(params: &Value, mut connections: Value) -> Result<Identity, Problem> {
    let metadata: Metadata = read(Document::Params, "/md_metadata", &params["md_metadata"])?;
    let typed: Connections = read(Document::Connections, "", &connections)?;
    let region = region(&connections)?;
    let authentication = typed.aws_authentication.data;
    let external_id = authentication.external_id.filter(|id| !id.is_empty());
    let role = RoleToAssume { arn: authentication.arn, external_id };
    let infrastructure = typed.vpc.data.infrastructure;
    let vpc: Arn = parsed(&infrastructure.arn)?;
    let network = Network {
        id: vpc_id(&vpc).ok_or_else(unreadable)?.to_owned(),
        cidr: infrastructure.cidr,
        public_subnets: subnet_ids(&infrastructure.public_subnets)?,
        private_subnets: subnet_ids(&infrastructure.private_subnets)?,
        connection: connections.get_mut("vpc").map(Value::take).ok_or_else(unreadable)?,
    };
    Ok(Identity {
        owner: Owner::new(&metadata.name_prefix),
        default_tags: Tags(metadata.default_tags),
        region,
        partition: vpc.partition,
        role,
        vpc: network,
    })
}

fn cluster(params: &Value) -> Result<ClusterInputs, Problem> {
    let Params { cluster } = read(Document::Params, "", params)?;
    Ok(ClusterInputs {
        container_insights: cluster.container_insights,
        groups: cluster.instances.into_iter().map(group).collect::<Result<_, _>>()?,
        ingress: if cluster.ingress.enable_ingress { Some(ingress(&cluster.ingress.fields.into())?) } else { None },
    })
}

fn group(instance: Instance) -> Result<NodeGroup, Problem> {
    let Instance { name, instance_type, min_size, max_size, root_volume_gb, node_refresh } = instance;
    let instance = catalog::find(&instance_type).ok_or_else(unreadable)?;
    Ok(NodeGroup { name, instance, min_size, max_size, root_volume_gb, node_refresh })
}

fn ingress(fields: &Value) -> Result<Ingress, Problem> {
    let open: OpenIngress = read(Document::Params, "/cluster/ingress", fields)?;
    let mut zones: Vec<String> = Vec::new();
    for arn in [open.default_route53_hosted_zone].iter().chain(&open.additional_route53_hosted_zones) {
        let id = zone_id(arn).ok_or_else(unreadable)?;
        if !zones.iter().any(|known| known == id) {
            zones.push(id.to_owned());
        }
    }
    Ok(Ingress { zones, allowed_cidrs: canonical(&open.allowed_cidrs)? })
}

fn canonical(ranges: &[String]) -> Result<BTreeSet<String>, Problem> {
    ranges.iter().map(|range| range.parse::<Ipv4Net>().map(|network| network.trunc().to_string()).map_err(|_| unreadable())).collect()
}

fn subnet_ids(subnets: &[Subnet]) -> Result<Vec<String>, Problem> {
    let mut ids: Vec<String> = Vec::new();
    for subnet in subnets {
        let arn = parsed(&subnet.arn)?;
        let id = subnet_id(&arn).ok_or_else(unreadable)?;
        if !ids.iter().any(|known| known == id) {
            ids.push(id.to_owned());
        }
    }
    Ok(ids)
}

fn parsed(arn: &str) -> Result<Arn, Problem> {
    arn.parse().map_err(|_| unreadable())
}

/// serde's own words are left out: they may quote the external id.
fn read<'de, T: Deserialize<'de>>(document: Document, pointer: &str, value: &'de Value) -> Result<T, Problem> {
    let refused =
        |_| Problem::new(document, pointer, "cannot be read, though it has the right form", "report this as a defect of the bundle");
    T::deserialize(value).map_err(refused)
}

fn unreadable() -> Problem {
    Problem::new(Document::Params, "", "cannot be resolved, though it is valid", "report this as a defect of the bundle")
}
