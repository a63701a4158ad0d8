//! What a plan refuses to do, and what it leaves alone because it could not be read.

use crate::inputs::{group, with};
use crate::plan::samples;
use crate::plan::world::{PARTS, World, converged, edits};
use crate::policy::Case;
use crate::policy::breaches::BREACHES;
use aws_ecs_cluster::model::tags::Tags;
use aws_ecs_cluster::plan::desired::Desired;
use aws_ecs_cluster::plan::{Plan, Refusal};
use aws_ecs_cluster::policy;
use aws_ecs_cluster::report::policy_text;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// What is asked of a cluster with everything: to stay, to lose a group and a domain, to lose all groups and its ingress.
fn wanted() -> [Desired; 3] {
    let full = samples::full_params();
    let fewer = with(&with(&full, "/cluster/instances", json!([group("web", "m5.large")])), ADDITIONAL, json!([]));
    let bare = with(&with(&full, "/cluster/instances", json!([])), "/cluster/ingress", json!({ "enable_ingress": false }));
    [&full, &fewer, &bare].map(|params: &Value| samples::desired(&samples::inputs(params)))
}

const ADDITIONAL: &str = "/cluster/ingress/additional_route53_hosted_zones";

/// Every plan over a cluster with everything that has come to this.
fn plans(change: impl Fn(&mut World)) -> Vec<Plan> {
    let full = samples::full();
    let mut world = converged(&full);
    change(&mut world);
    let unmade = world.plan(&samples::decommission_scope(&full), None);
    wanted().iter().map(|desired| world.plan(&samples::scope(desired), Some(desired))).chain([unmade]).collect()
}

fn told(refusal: &Refusal) -> String {
    format!("refused: {}: {}\n  {}", refusal.address, refusal.reason, refusal.remedy)
}

/// Each reason for which a plan is refused.
pub fn refused() -> Vec<String> {
    let edited = edits::all().into_iter().flat_map(|(_, edit)| plans(edit));
    let untagged = plans(|world| world.cluster.as_mut().expect("a cluster").properties.tags = Tags::default());
    edited.chain(untagged).flat_map(|plan| plan.refusals).map(|refusal| told(&refusal)).collect::<BTreeSet<_>>().into_iter().collect()
}

/// Each policy rule that can refuse a plan, broken.
pub fn policies() -> Vec<String> {
    let broken = BREACHES.into_iter().flat_map(|(_, change, _)| {
        let mut case = Case::full();
        change(&mut case);
        policy::refusals(&case.judge())
    });
    broken.map(|refusal| told(&refusal)).collect::<BTreeSet<_>>().into_iter().collect()
}

/// Each rule as a run tells it that goes on all the same.
pub fn policy_failures() -> Vec<String> {
    let mut case = Case::full();
    case.desired.cluster.container_insights = "disabled".to_owned();
    vec![policy_text::text(&case.judge()), policy_text::SKIPPED.to_owned()]
}

/// Why a resource is left alone, each reason once.
pub fn unread() -> Vec<String> {
    let edits: [&[&str]; 3] = [&[], &["the nodes' security group has a rule too many"], &["a node that is gone is still registered"]];
    let hidden = PARTS.into_iter().flat_map(|part| {
        edits.into_iter().flat_map(move |names| {
            plans(|world| {
                names.iter().for_each(|name| edits::apply(world, name));
                world.hidden.insert(part);
            })
        })
    });
    let late = plans(|world| {
        edits::apply(world, "the nodes' security group has a rule too many");
        world.node_security_group().expect("a security group").rules.clear();
    });
    let reasons = hidden.chain(late).flat_map(|plan| plan.unknown().map(|change| change.reason.clone()).collect::<Vec<_>>());
    reasons.filter(|reason| !reason.starts_with("needs AWS::")).collect::<BTreeSet<_>>().into_iter().collect()
}
