//! Drift of everything that has to do with nodes.

use super::{Edit, World};
use aws_ecs_cluster::model::names;
use aws_ecs_cluster::model::observed::{Attachments, ObservedContainerInstance, ObservedRule, ProviderState};
use aws_ecs_cluster::model::properties::{Direction, Peer, Rule};
use aws_ecs_cluster::model::tags::{OWNER, Tags};
use std::collections::BTreeSet;

pub const EDITS: &[Edit] = &[
    ("the role trusts another service", |world| {
        if let Some(role) = &mut world.role {
            role.properties.trusted_principals = BTreeSet::from(["lambda.amazonaws.com".to_owned()]);
        }
    }),
    ("the role trusts another account", |world| {
        if let Some(role) = &mut world.role {
            role.properties.trusted_principals.insert("AWS: arn:aws:iam::210987654321:root".to_owned());
        }
    }),
    ("the role lacks a policy", |world| {
        if let Some(role) = &mut world.role {
            role.properties.managed_policies.pop_first();
        }
    }),
    ("the role carries only the tags of the OpenTofu bundle", |world| {
        let tags = adopted(world);
        if let Some(role) = &mut world.role {
            role.properties.tags = tags;
        }
    }),
    ("the instance profile is empty", |world| {
        if let Some(profile) = &mut world.instance_profile {
            profile.properties.role = None;
        }
    }),
    ("the instance profile holds another role", |world| {
        if let Some(profile) = &mut world.instance_profile {
            profile.properties.role = Some("another-role".to_owned());
        }
    }),
    ("role and instance profile are gone", |world| {
        world.instance_profile = None;
        world.role = None;
    }),
    ("the nodes' security group lost a rule", |world| {
        if let Some(group) = world.node_security_group() {
            let rule = group.rules.keys().next().cloned();
            group.rules.pop_first();
            rule.and_then(|rule| group.properties.rules.remove(&rule));
        }
    }),
    ("the nodes' security group has a rule too many", |world| {
        let id = world.fresh("sgr");
        if let Some(group) = world.node_security_group() {
            let rule = extra_rule();
            group.properties.rules.insert(rule.clone(), "by hand".to_owned());
            group.rules.insert(rule, ObservedRule { id, tags: Tags::default() });
        }
    }),
    ("the nodes' security group describes a rule otherwise", |world| {
        if let Some(text) = world.node_security_group().and_then(|group| group.properties.rules.values_mut().next()) {
            "old words".clone_into(text);
        }
    }),
    ("a rule of the nodes' security group has no tags", |world| {
        if let Some(rule) = world.node_security_group().and_then(|group| group.rules.values_mut().next()) {
            rule.tags = Tags::default();
        }
    }),
    ("Container Insights is off", |world| {
        if let Some(cluster) = &mut world.cluster {
            "disabled".clone_into(&mut cluster.properties.container_insights);
        }
    }),
    ("the cluster is being provisioned", |world| {
        if let Some(cluster) = &mut world.cluster {
            "PROVISIONING".clone_into(&mut cluster.status);
        }
    }),
    ("capacity providers are being attached", |world| {
        if let Some(cluster) = &mut world.cluster {
            cluster.attachments = Attachments::InProgress;
        }
    }),
    ("capacity providers failed to attach", |world| {
        if let Some(cluster) = &mut world.cluster {
            cluster.attachments = Attachments::Failed("as_policy is FAILED (capacityProviderName=web)".to_owned());
        }
    }),
    ("no capacity provider is attached", |world| {
        if let Some(cluster) = &mut world.cluster {
            cluster.capacity_providers.clear();
        }
    }),
    ("the launch template boots an older image", |world| {
        if let Some(template) = world.template() {
            "ami-older".clone_into(&mut template.content.image_id);
            template.description = template.content.version_description().expect("every identifier is known");
        }
    }),
    ("the launch template leaves public addresses to the subnet and interfaces behind", |world| {
        if let Some(template) = world.template() {
            template.content.associate_public_ip_address = None;
            template.content.network_interface_delete_on_termination = Some(false);
            template.description = template.content.version_description().expect("every identifier is known");
        }
    }),
    ("a launch template version was made by hand", |world| {
        if let Some(template) = world.template() {
            template.latest_version += 1;
            template.description = String::new();
        }
    }),
    ("an older launch template version is the default", |world| {
        if let Some(template) = world.template() {
            template.default_version = 1;
        }
    }),
    ("the launch template's tags are lost but for ours", |world| {
        let owner = world.owner.name_prefix.clone();
        if let Some(template) = world.template() {
            template.tags = Tags::default().with(OWNER, &owner);
        }
    }),
    ("the launch template is gone", |world| {
        let id = world.template().map(|template| template.id.clone());
        world.launch_templates.retain(|_, template| Some(&template.id) != id.as_ref());
    }),
    ("the group launches from the latest version", |world| {
        if let Some(group) = world.group() {
            group.launch_template_version = Some("$Latest".to_owned());
        }
    }),
    ("the group was resized", |world| {
        if let Some(group) = world.group() {
            group.properties.min_size = 0;
            group.properties.max_size += 7;
        }
    }),
    ("the group does not protect its instances", |world| {
        if let Some(group) = world.group() {
            group.properties.new_instances_protected_from_scale_in = false;
        }
    }),
    ("the group collects no metrics", |world| {
        if let Some(group) = world.group() {
            group.properties.enabled_metrics.clear();
        }
    }),
    ("the group is in other subnets", |world| {
        if let Some(group) = world.group() {
            group.properties.subnets = BTreeSet::from(["subnet-old".to_owned()]);
        }
    }),
    ("a node that is gone is still registered", |world| {
        if world.cluster.is_some() {
            world.container_instances.push(ObservedContainerInstance {
                arn: "arn:container-instance".to_owned(),
                ec2_instance_id: "i-gone".to_owned(),
                agent_connected: false,
                draining: false,
                running_tasks: 0,
            });
        }
    }),
    ("a node has lost its connection", |world| {
        if let Some(node) = world.container_instances.first_mut() {
            node.agent_connected = false;
        }
    }),
    ("a node has not joined yet", |world| {
        let launched = world.group().and_then(|group| group.instances.first()).map(|instance| instance.id.clone());
        world.container_instances.retain(|node| Some(&node.ec2_instance_id) != launched.as_ref());
    }),
    ("a node runs on an older launch template version", |world| {
        if let Some(instance) = world.group().and_then(|group| group.instances.first_mut()) {
            instance.template_version = Some("1".to_owned());
        }
    }),
    ("a node was launched from a template that is gone", |world| {
        if let Some(instance) = world.group().and_then(|group| group.instances.first_mut()) {
            instance.template_id = Some("lt-gone".to_owned());
        }
    }),
    ("a node on standby runs on an older launch template version", |world| {
        if let Some(instance) = world.group().and_then(|group| group.instances.last_mut()) {
            instance.template_version = Some("1".to_owned());
            "Standby".clone_into(&mut instance.lifecycle_state);
        }
    }),
    ("an instance refresh is under way", |world| {
        if let Some(group) = world.group().filter(|group| !group.instances.is_empty()) {
            group.instances.iter_mut().for_each(|instance| instance.template_version = Some("1".to_owned()));
            let name = group.properties.name.clone();
            world.refreshes.insert(name, "refresh-under-way".to_owned());
        }
    }),
    ("the group is gone", |world| {
        let arn = world.group().map(|group| group.arn.clone());
        world.auto_scaling_groups.retain(|_, group| Some(&group.arn) != arn.as_ref());
    }),
    ("the group is being deleted", |world| {
        if let Some(group) = world.group() {
            group.deleting = true;
            group.instances.clear();
        }
    }),
    ("the capacity provider belongs to an older group", |world| {
        if let Some(provider) = world.provider() {
            provider.auto_scaling_group_arn = Some("arn:aws:autoscaling:eu-west-1:123456789012:autoScalingGroup:0:old".to_owned());
        }
    }),
    ("the capacity provider bears the name of its node group alone", |world| {
        let prefix = world.owner.name_prefix.clone();
        let Some(mut provider) = world.provider().cloned() else { return };
        let name = provider.properties.name.clone();
        let group = provider.auto_scaling_group_arn.as_ref().and_then(|arn| arn.rsplit_once("autoScalingGroupName/"));
        let Some(older) = group.map(|(_, group)| names::older_capacity_provider(&prefix, group).to_owned()) else { return };
        world.capacity_providers.remove(&name);
        older.clone_into(&mut provider.properties.name);
        if let Some(cluster) = world.cluster.as_mut().filter(|cluster| cluster.capacity_providers.contains(&name)) {
            cluster.capacity_providers.remove(&name);
            cluster.capacity_providers.insert(older.clone());
        }
        world.capacity_providers.insert(older, provider);
    }),
    ("the capacity provider scales by single steps", |world| {
        if let Some(provider) = world.provider() {
            provider.properties.maximum_scaling_step_size = 1;
            provider.properties.managed_draining = false;
        }
    }),
    ("the capacity provider is gone", |world| {
        let name = world.provider().map(|provider| provider.properties.name.clone());
        detach(world, name.as_ref());
        world.capacity_providers.retain(|other, _| Some(other) != name.as_ref());
    }),
    ("a removal of the group has died once its nodes drained", |world| {
        let Some(nodes) = world.group().map(|group| group.instances.clone()) else { return };
        let name = world.provider().map(|provider| provider.properties.name.clone());
        detach(world, name.as_ref());
        let registered: BTreeSet<String> = world.container_instances.iter().map(|node| node.ec2_instance_id.clone()).collect();
        let strangers: Vec<_> = nodes.iter().filter(|node| !registered.contains(&node.id)).cloned().collect();
        if world.cluster.is_some() {
            world.register(&strangers);
        }
        let drained = world.container_instances.iter_mut().filter(|node| nodes.iter().any(|other| other.id == node.ec2_instance_id));
        drained.for_each(|node| node.draining = true);
    }),
    ("the capacity provider is being updated", |world| {
        if let Some(provider) = world.provider() {
            provider.state = ProviderState::Updating;
        }
    }),
    ("the capacity provider's last update failed", |world| {
        if let Some(provider) = world.provider() {
            provider.state = ProviderState::UpdateFailed("the group could not be tagged".to_owned());
        }
    }),
    ("the capacity provider is being deleted", |world| {
        let name = world.provider().map(|provider| {
            provider.state = ProviderState::Deleting;
            provider.properties.name.clone()
        });
        detach(world, name.as_ref());
    }),
];

fn detach(world: &mut World, name: Option<&String>) {
    if let (Some(cluster), Some(name)) = (&mut world.cluster, name) {
        cluster.capacity_providers.remove(name);
    }
}

/// The tags that the OpenTofu bundle gave to everything.
pub fn adopted(world: &World) -> Tags {
    Tags::default().with("managed-by", "massdriver").with("md-package", &world.owner.name_prefix)
}

pub fn extra_rule() -> Rule {
    Rule { direction: Direction::Ingress, protocol: "tcp".to_owned(), ports: Some((22, 22)), peer: Peer::Cidr("10.9.0.0/16".to_owned()) }
}
