//! Inputs that are valid, the account that they find, and what they ask for.

use crate::inputs as documents;
use aws_ecs_cluster::aws::Scope;
use aws_ecs_cluster::inputs::Inputs;
use aws_ecs_cluster::model::facts::{Facts, HostedZone, ImageFamily, Seen, Unread};
use aws_ecs_cluster::model::names;
use aws_ecs_cluster::plan::Goal;
use aws_ecs_cluster::plan::desired::{Desired, TLS_POLICIES};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Two groups, two zones.
pub fn full_params() -> Value {
    let groups = json!([documents::group("web", "m5.large"), documents::group("batch", "m7g.large")]);
    let params = documents::with(&documents::open_params(), "/cluster/instances", groups);
    let more = json!(["arn:aws:route53:::hostedzone/Z2"]);
    documents::with(&params, "/cluster/ingress/additional_route53_hosted_zones", more)
}

pub fn inputs(params: &Value) -> Inputs {
    documents::accepted(params, &documents::connections()).0
}

/// Two groups, two zones.
pub fn full() -> Desired {
    desired(&inputs(&full_params()))
}

pub fn desired(inputs: &Inputs) -> Desired {
    Desired::new(inputs, &facts(inputs))
}

/// The name of the zone with this id.
pub fn zone_name(id: &str) -> String {
    match id {
        "Z1" => "example.com".to_owned(),
        "Z2" => "example.org".to_owned(),
        other => format!("{}.example.net", other.to_lowercase()),
    }
}

/// An account that has all that the inputs ask for.
pub fn facts(inputs: &Inputs) -> Facts {
    let zones = inputs.cluster.ingress.iter().flat_map(|ingress| &ingress.zones);
    let images = [(ImageFamily::X86, "ami-x86"), (ImageFamily::Arm64, "ami-arm64"), (ImageFamily::Gpu, "ami-gpu")];
    Facts {
        vpc: Seen::Present(()),
        subnets: Seen::Unknown(Unread { words: "not read".to_owned(), passes: false }),
        internet_subnets: Seen::Present(inputs.identity.vpc.public_subnets.iter().cloned().collect()),
        zones: zones.map(|id| (id.clone(), Seen::Present(HostedZone { id: id.clone(), name: zone_name(id), private: false }))).collect(),
        offerings: Seen::Present(BTreeMap::new()),
        images: Seen::Present(images.map(|(family, id)| (family, id.to_owned())).into()),
        listed_zones: Seen::Absent,
        tls_policies: Seen::Present(TLS_POLICIES.map(str::to_owned).into()),
        load_balancer_subnets: BTreeSet::new(),
    }
}

/// The scope of a provision.
pub fn scope(desired: &Desired) -> Scope {
    Scope {
        goal: Goal::Provision,
        owner: desired.owner.clone(),
        vpc_id: "vpc-1".to_owned(),
        auto_scaling_groups: desired.groups().iter().map(|group| group.auto_scaling_group.name.clone()).collect(),
    }
}

/// The scope of a decommission of the same cluster.
pub fn decommission_scope(desired: &Desired) -> Scope {
    Scope { goal: Goal::Decommission, auto_scaling_groups: BTreeSet::new(), ..scope(desired) }
}

/// The names of what is made for one prefix.
pub struct Names {
    pub node_security_group: String,
    pub alb_security_group: String,
}

impl Names {
    pub fn of(prefix: &str) -> Self {
        Self { node_security_group: names::node_security_group(prefix), alb_security_group: names::alb_security_group(prefix) }
    }
}
