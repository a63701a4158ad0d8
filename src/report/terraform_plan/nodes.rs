//! What the node groups are made of.

use super::attributes::Attributes;
use super::{Resource, View, identifier, security_group};
use crate::model::address::{Address, Kind};
use crate::model::facts::Seen;
use crate::model::observed::ObservedAutoScalingGroup;
use crate::model::properties::{AutoScalingGroup, CapacityProvider, InstanceProfile, LaunchTemplateContent, Role};
use crate::model::reference::Ref;
use crate::model::tags::Tags;
use crate::model::texts::trust_policy;
use crate::plan::desired::{DesiredGroup, DesiredNodes, address_of};
use crate::plan::{template_of, template_references};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use std::collections::BTreeMap;

const ROLE_NAME: &str = "aws_iam_role.nodes.name";
const PROFILE_NAME: &str = "aws_iam_instance_profile.nodes.name";
const SECURITY_GROUP_ID: &str = "aws_security_group.nodes.id";

pub fn resources(view: View) -> Vec<Resource> {
    let Some(nodes) = &view.desired.nodes else { return Vec::new() };
    let address = address_of(Kind::SecurityGroup, &view.desired.owner);
    let mut all = access(view, nodes);
    all.extend(security_group::resources(view, "nodes", &address, &nodes.security_group, &view.observed.node_security_group));
    all.extend(nodes.groups.iter().flat_map(|group| node_group(view, group)));
    all
}

fn access(view: View, nodes: &DesiredNodes) -> Vec<Resource> {
    let found = view.observed.role.present();
    let arn = found.map(|found| found.arn.as_str());
    let address = address_of(Kind::Role, &view.desired.owner);
    let mut all = vec![Resource {
        kind: "aws_iam_role",
        name: "nodes".to_owned(),
        address: address.clone(),
        before: found.map(|found| role(&found.properties, arn)),
        after: Some(role(&nodes.role, arn)),
    }];
    all.extend(nodes.role.managed_policies.iter().map(|policy| {
        let attached = || Attributes::default().refer("role", Some(&nodes.role.name), ROLE_NAME).set("policy_arn", policy.as_str());
        let stands = found.is_some_and(|found| found.properties.managed_policies.contains(policy));
        let name = identifier(policy.rsplit('/').next().unwrap_or(policy));
        let before = stands.then(attached);
        Resource { kind: "aws_iam_role_policy_attachment", name, address: address.clone(), before, after: Some(attached()) }
    }));
    let found = view.observed.instance_profile.present();
    let arn = found.map(|found| found.arn.as_str());
    all.push(Resource {
        kind: "aws_iam_instance_profile",
        name: "nodes".to_owned(),
        address: address_of(Kind::InstanceProfile, &view.desired.owner),
        before: found.map(|found| profile(&found.properties, arn)),
        after: Some(profile(&nodes.instance_profile, arn)),
    });
    all
}

fn role(role: &Role, arn: Option<&str>) -> Attributes {
    let Role { name, trusted_principals, managed_policies: _, tags } = role;
    let trust = trust_policy(trusted_principals);
    Attributes::default().set("name", name.as_str()).set("assume_role_policy", trust).tags(tags).computed("arn", arn)
}

fn profile(profile: &InstanceProfile, arn: Option<&str>) -> Attributes {
    let InstanceProfile { name, role, tags } = profile;
    Attributes::default().set("name", name.as_str()).refer("role", role.as_deref(), ROLE_NAME).tags(tags).computed("arn", arn)
}

/// Template, Auto Scaling group and capacity provider. They share the group's own name.
fn node_group(view: View, group: &DesiredGroup) -> [Resource; 3] {
    let prefix = format!("{}-", view.desired.owner.name_prefix);
    let full = &group.auto_scaling_group.name;
    let name = format!("nodes-{}", identifier(full.strip_prefix(&prefix).unwrap_or(full)));
    [template_resource(view, group, &name), group_resource(view, group, &name), provider_resource(view, group, &name)]
}

fn template_resource(view: View, group: &DesiredGroup, name: &str) -> Resource {
    let found = template_of(group, view.observed, &view.desired.owner);
    let id = found.map(|found| found.id.as_str());
    let called = found.map_or(&group.launch_template_name, |found| &found.name);
    Resource {
        kind: "aws_launch_template",
        name: name.to_owned(),
        address: Address::new(Kind::LaunchTemplate, called),
        before: found.map(|found| template(called, &found.content, &found.tags, id)),
        after: Some(template(called, &group.content, &group.launch_template_tags, id)),
    }
}

fn named<'a, T>(seen: &'a Seen<BTreeMap<String, T>>, name: &str) -> Option<&'a T> {
    seen.present().and_then(|all| all.get(name))
}

fn template(name: &str, content: &LaunchTemplateContent, tags: &Tags, id: Option<&str>) -> Attributes {
    let security_groups: Vec<&str> = content.security_groups.iter().filter_map(Ref::as_known).collect();
    let options = &content.metadata_options;
    let metadata = Attributes::default()
        .set("http_endpoint", options.http_endpoint.as_str())
        .set("http_tokens", options.http_tokens.as_str())
        .set("http_put_response_hop_limit", options.http_put_response_hop_limit);
    let interface = Attributes::default()
        .set("device_index", 0)
        .set("description", content.network_interface_description.as_str())
        .set("associate_public_ip_address", content.associate_public_ip_address.map(|public| public.to_string()))
        .set("delete_on_termination", content.network_interface_delete_on_termination.map(|deleted| deleted.to_string()))
        .refer_in_list("security_groups", &security_groups, SECURITY_GROUP_ID);
    let specification = |kind: &str| Attributes::default().set("resource_type", kind).set("tags", json!(content.tags));
    Attributes::default()
        .set("name", name)
        .set("image_id", content.image_id.as_str())
        .set("instance_type", content.instance_type.as_str())
        .block("iam_instance_profile", Attributes::default().refer("name", Some(&content.instance_profile), PROFILE_NAME))
        .set("user_data", STANDARD.encode(&content.user_data))
        .block("monitoring", Attributes::default().set("enabled", content.detailed_monitoring))
        .block("metadata_options", metadata)
        .block("network_interfaces", interface)
        .blocks("block_device_mappings", volumes(content))
        .blocks("tag_specifications", ["instance", "volume", "network-interface"].map(specification).into())
        .tags(tags)
        .computed("id", id)
}

fn volumes(content: &LaunchTemplateContent) -> Vec<Attributes> {
    let volume = content.root_volume.as_ref().map(|volume| {
        let ebs = Attributes::default()
            .set("delete_on_termination", volume.delete_on_termination.map(|deleted| deleted.to_string()))
            .set("encrypted", volume.encrypted.to_string())
            .set("volume_size", volume.volume_size)
            .set("volume_type", volume.volume_type.as_str());
        Attributes::default().set("device_name", volume.device_name.as_str()).block("ebs", ebs)
    });
    volume.into_iter().collect()
}

fn group_resource(view: View, desired: &DesiredGroup, name: &str) -> Resource {
    let found = standing_group(view, desired);
    let arn = found.map(|found| found.arn.as_str());
    let (template, version) = template_references(desired, view.observed, &view.desired.owner);
    // Others may collect more metrics than we ask for.
    let mut wanted = desired.auto_scaling_group.clone();
    wanted.enabled_metrics.extend(found.into_iter().flat_map(|found| found.properties.enabled_metrics.clone()));
    let before = |found: &ObservedAutoScalingGroup| {
        let (id, version) = (found.launch_template_id.as_deref(), found.launch_template_version.as_deref());
        group(&found.properties, arn).block("launch_template", launched(name, id, version))
    };
    Resource {
        kind: "aws_autoscaling_group",
        name: name.to_owned(),
        address: Address::new(Kind::AutoScalingGroup, &desired.auto_scaling_group.name),
        before: found.map(before),
        after: Some(group(&wanted, arn).block("launch_template", launched(name, template.as_known(), version.as_known()))),
    }
}

/// The node group's Auto Scaling group, unless it is about to be gone.
fn standing_group<'a>(view: View<'a>, group: &DesiredGroup) -> Option<&'a ObservedAutoScalingGroup> {
    named(&view.observed.auto_scaling_groups, &group.auto_scaling_group.name).filter(|found| !found.deleting)
}

fn launched(name: &str, id: Option<&str>, version: Option<&str>) -> Attributes {
    let template = format!("aws_launch_template.{name}");
    Attributes::default().refer("id", id, &format!("{template}.id")).refer("version", version, &format!("{template}.latest_version"))
}

fn group(group: &AutoScalingGroup, arn: Option<&str>) -> Attributes {
    let AutoScalingGroup {
        name,
        min_size,
        max_size,
        subnets,
        new_instances_protected_from_scale_in,
        health_check_grace_period,
        enabled_metrics,
        tags,
    } = group;
    let tag = |(key, value): (&String, &String)| {
        Attributes::default().set("key", key.as_str()).set("value", value.as_str()).set("propagate_at_launch", true)
    };
    Attributes::default()
        .set("name", name.as_str())
        .set("min_size", *min_size)
        .set("max_size", *max_size)
        .set("vpc_zone_identifier", json!(subnets))
        .set("protect_from_scale_in", *new_instances_protected_from_scale_in)
        .set("health_check_type", "EC2")
        .set("health_check_grace_period", *health_check_grace_period)
        .set("enabled_metrics", json!(enabled_metrics))
        .blocks("tag", tags.0.iter().map(tag).collect())
        .computed("arn", arn)
}

fn provider_resource(view: View, desired: &DesiredGroup, name: &str) -> Resource {
    let found = named(&view.observed.capacity_providers, &desired.capacity_provider.name);
    let arn = found.map(|found| found.arn.as_str());
    let group = standing_group(view, desired).map(|group| group.arn.as_str());
    let from = format!("aws_autoscaling_group.{name}.arn");
    let shown = |properties: &CapacityProvider, group: Option<&str>| provider(properties, arn, &Scaled { arn: group, from: &from });
    Resource {
        kind: "aws_ecs_capacity_provider",
        name: name.to_owned(),
        address: Address::new(Kind::CapacityProvider, &desired.capacity_provider.name),
        before: found.map(|found| shown(&found.properties, found.auto_scaling_group_arn.as_deref())),
        after: Some(shown(&desired.capacity_provider, group)),
    }
}

/// The Auto Scaling group of a provider.
struct Scaled<'a> {
    arn: Option<&'a str>,
    /// The attribute that the ARN comes from.
    from: &'a str,
}

fn provider(provider: &CapacityProvider, arn: Option<&str>, group: &Scaled<'_>) -> Attributes {
    let switch = |on: bool| if on { "ENABLED" } else { "DISABLED" };
    let scaling = Attributes::default()
        .set("status", switch(provider.managed_scaling))
        .set("target_capacity", provider.target_capacity)
        .set("minimum_scaling_step_size", provider.minimum_scaling_step_size)
        .set("maximum_scaling_step_size", provider.maximum_scaling_step_size)
        .set("instance_warmup_period", provider.instance_warmup_period);
    let details = Attributes::default()
        .refer("auto_scaling_group_arn", group.arn, group.from)
        .set("managed_termination_protection", switch(provider.managed_termination_protection))
        .set("managed_draining", switch(provider.managed_draining))
        .block("managed_scaling", scaling);
    Attributes::default()
        .set("name", provider.name.as_str())
        .block("auto_scaling_group_provider", details)
        .tags(&provider.tags)
        .computed("arn", arn)
}
