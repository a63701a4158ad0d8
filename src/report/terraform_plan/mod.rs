//! A plan in the shape in which Terraform shows its own as JSON, for tools that read nothing else: policy scanners, reviewers, cost estimates.
//!
//! Nothing here is Terraform's: no state, no provider, no registry. Resources have the types and attributes that its AWS provider gives them.

mod attributes;
mod cluster;
mod ingress;
mod nodes;
mod security_group;

use crate::model::address::{Address, Kind};
use crate::model::observed::Observed;
use crate::plan::desired::Desired;
use crate::plan::{Change, ChangeAction, Plan, as_known};
use attributes::Attributes;
use serde_json::{Value, json};
use std::collections::BTreeSet;

const FORMAT_VERSION: &str = "1.2";
/// A Terraform that writes this format. Readers take a file without it for something else.
const TERRAFORM_VERSION: &str = "1.9.0";
/// The provider's short name; its full address would name a registry.
const PROVIDER: &str = "aws";

/// Two sides of one resource.
struct Resource {
    kind: &'static str,
    name: String,
    /// Where our own plan has it.
    address: Address,
    /// What stands; `None` when nothing does.
    before: Option<Attributes>,
    after: Option<Attributes>,
}

impl Resource {
    fn address(&self) -> String {
        format!("{}.{}", self.kind, self.name)
    }

    fn without_tags_of_others(self) -> Self {
        let before = match (self.before, &self.after) {
            (Some(before), Some(after)) => Some(before.with_tags_of(after)),
            (before, _) => before,
        };
        Self { before, ..self }
    }
}

/// What a plan is shown with.
#[derive(Clone, Copy)]
struct View<'a> {
    desired: &'a Desired,
    observed: &'a Observed,
}

/// The plan as Terraform would show it, pretty-printed.
pub fn json(plan: &Plan, region: &str, desired: Option<&Desired>, observed: &Observed) -> serde_json::Result<String> {
    let known = desired.map(|desired| as_known(desired, observed));
    let mut resources = known.as_ref().map(|desired| resources(View { desired, observed })).unwrap_or_default();
    resources.extend(removed(plan, &resources));
    let planned: Vec<Value> = resources.iter().filter_map(planned_value).collect();
    let changes: Vec<Value> = resources.iter().map(|resource| resource_change(resource, actions(resource, &resources, plan))).collect();
    let configured: Vec<Value> = resources.iter().filter_map(configuration).collect();
    let provider = json!({ "name": PROVIDER, "full_name": PROVIDER, "expressions": { "region": { "constant_value": region } } });
    serde_json::to_string_pretty(&json!({
        "format_version": FORMAT_VERSION,
        "terraform_version": TERRAFORM_VERSION,
        "planned_values": { "root_module": { "resources": planned } },
        "resource_changes": changes,
        "configuration": { "provider_config": { PROVIDER: provider }, "root_module": { "resources": configured } },
        "applyable": !plan.is_empty() && plan.refusals.is_empty(),
        "complete": plan.unknown().next().is_none(),
        "errored": !plan.refusals.is_empty(),
    }))
}

fn resources(view: View) -> Vec<Resource> {
    let mut all = cluster::resources(view);
    all.extend(nodes::resources(view));
    all.extend(ingress::resources(view));
    all.into_iter().map(Resource::without_tags_of_others).collect()
}

/// What the plan deletes and nothing desired stands for: named, without its attributes.
fn removed(plan: &Plan, shown: &[Resource]) -> Vec<Resource> {
    let known: BTreeSet<&Address> = shown.iter().map(|resource| &resource.address).collect();
    let deleted = plan.changes.iter().filter(|change| change.action == ChangeAction::Delete && !known.contains(&change.address));
    deleted
        .filter_map(|change| {
            let before = Attributes::default().set("name", change.address.name.as_str());
            let (kind, address) = (kind_of(change.address.kind)?, change.address.clone());
            // What belongs to another resource is named after it, and at the end by what tells it apart.
            let name = address.name.rsplit('/').next().map(identifier).unwrap_or_default();
            Some(Resource { kind, name, address, before: Some(before), after: None })
        })
        .collect()
}

const fn kind_of(kind: Kind) -> Option<&'static str> {
    Some(match kind {
        Kind::Role => "aws_iam_role",
        Kind::InstanceProfile => "aws_iam_instance_profile",
        Kind::SecurityGroup => "aws_security_group",
        Kind::Cluster => "aws_ecs_cluster",
        Kind::LaunchTemplate => "aws_launch_template",
        Kind::AutoScalingGroup => "aws_autoscaling_group",
        Kind::CapacityProvider => "aws_ecs_capacity_provider",
        Kind::ClusterCapacityProviders => "aws_ecs_cluster_capacity_providers",
        // Terraform has no resource for what nodes register by themselves.
        Kind::ContainerInstance => return None,
        Kind::Certificate => "aws_acm_certificate",
        Kind::RecordSetGroup => "aws_route53_record",
        Kind::LoadBalancer => "aws_lb",
        Kind::Listener => "aws_lb_listener",
        Kind::ListenerCertificate => "aws_lb_listener_certificate",
    })
}

/// Our plan decides whether anything is done. Terraform has resources of their own for what we count to another, such as a rule of a security
/// group: what is done to those is as their two sides say.
fn actions(resource: &Resource, shown: &[Resource], plan: &Plan) -> &'static [&'static str] {
    let of_plan = plan.changes.iter().find(|change: &&Change| change.address == resource.address).map(|change| change.action);
    match (&resource.before, &resource.after, of_plan) {
        (_, _, None | Some(ChangeAction::None | ChangeAction::Wait | ChangeAction::Unknown)) => &["no-op"],
        (None, _, _) => &["create"],
        (_, None, _) => &["delete"],
        // One that is about to be gone is made anew too.
        (_, _, Some(ChangeAction::Replace | ChangeAction::Create)) => &["delete", "create"],
        (before, after, _) if before != after || is_hidden(resource, shown) => &["update"],
        _ => &["no-op"],
    }
}

/// Whether an update changes nothing that Terraform has an attribute for, such as a refresh of a group's nodes: then the resource stands for it.
fn is_hidden(resource: &Resource, shown: &[Resource]) -> bool {
    let mut parts = shown.iter().filter(|other| other.address == resource.address);
    kind_of(resource.address.kind) == Some(resource.kind) && parts.all(|part| part.before == part.after)
}

/// What Terraform says of a resource in one of its lists, after that by which each list names it.
fn described(resource: &Resource, rest: Value) -> Value {
    let mut entry = json!({ "address": resource.address(), "mode": "managed", "type": resource.kind, "name": resource.name });
    if let (Some(entry), Value::Object(rest)) = (entry.as_object_mut(), rest) {
        entry.extend(rest);
    }
    entry
}

fn planned_value(resource: &Resource) -> Option<Value> {
    let after = resource.after.as_ref()?;
    Some(described(
        resource,
        json!({
            "provider_name": PROVIDER,
            "schema_version": 0,
            "values": after.values(),
            "sensitive_values": {},
        }),
    ))
}

fn resource_change(resource: &Resource, actions: &[&str]) -> Value {
    let Resource { before, after, .. } = resource;
    // What is left as it is is shown as it shall be, and what is not to be and stays all the same, as it is.
    let sides = if actions == ["no-op"] { [after.as_ref().or(before.as_ref()); 2] } else { [before.as_ref(), after.as_ref()] };
    let [before, after] = sides;
    described(
        resource,
        json!({
            "provider_name": PROVIDER,
            "change": {
                "actions": actions,
                "before": before.map(Attributes::values),
                "after": after.map(Attributes::values),
                "after_unknown": after.map_or_else(|| json!({}), Attributes::unknown),
                "before_sensitive": {},
                "after_sensitive": {},
            },
        }),
    )
}

fn configuration(resource: &Resource) -> Option<Value> {
    let after = resource.after.as_ref()?;
    Some(described(
        resource,
        json!({
            "provider_config_key": PROVIDER,
            "expressions": after.expressions(),
            "schema_version": 0,
        }),
    ))
}

/// As much of a name as an identifier may hold. Dots become underscores, which no domain has; everything else that is not allowed becomes a hyphen.
fn identifier(name: &str) -> String {
    let allowed = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_');
    name.chars()
        .map(|letter| {
            if letter == '.' {
                '_'
            } else if allowed(letter) {
                letter
            } else {
                '-'
            }
        })
        .collect()
}
