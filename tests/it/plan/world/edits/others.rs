//! What other people have in the account, and circumstances that a plan has to respect.

use super::drift_nodes::adopted;
use super::{Edit, World};
use crate::plan::world::{Part, validation_record};
use aws_ecs_cluster::model::observed::{
    CertificateStatus, ObservedCapacityProvider, ObservedCertificate, ObservedContainerInstance, ObservedListener, ProviderState,
};
use aws_ecs_cluster::model::properties::{Certificate, StrategyItem};
use aws_ecs_cluster::model::tags::Tags;
use std::collections::BTreeSet;

pub const NEIGHBOURS: &[Edit] = &[
    ("somebody attached a policy to the role", |world| {
        if let Some(role) = &mut world.role {
            role.properties.managed_policies.insert("arn:aws:iam::aws:policy/CloudWatchAgentServerPolicy".to_owned());
        }
    }),
    ("somebody tagged the cluster", |world| {
        if let Some(cluster) = &mut world.cluster {
            cluster.properties.tags = cluster.properties.tags.clone().with("cost-center", "42");
        }
    }),
    ("somebody attached a capacity provider", |world| add_provider(world, "theirs", Some("arn:of-their-group"))),
    ("somebody attached a Managed Instances provider", |world| add_provider(world, "managed", None)),
    ("somebody set a default strategy", |world| {
        if let Some(cluster) = &mut world.cluster {
            cluster.default_strategy = vec![StrategyItem { capacity_provider: "FARGATE".to_owned(), weight: 1, base: 0 }];
            cluster.capacity_providers.insert("FARGATE".to_owned());
        }
    }),
    ("somebody has a group, a template and a certificate of their own", |world| {
        add_certificate(world, "their-certificate", "elsewhere.example.net");
        if let Some(mut template) = world.template().cloned() {
            "their-template".clone_into(&mut template.name);
            "lt-theirs".clone_into(&mut template.id);
            template.tags = theirs();
            world.launch_templates.insert(template.name.clone(), template);
        }
        if let Some(mut group) = world.group().cloned() {
            "their-group".clone_into(&mut group.properties.name);
            "arn:of-their-group".clone_into(&mut group.arn);
            group.properties.tags = theirs();
            group.launch_template_id = Some("lt-theirs".to_owned());
            group.instances.iter_mut().for_each(|instance| instance.id.push_str("-theirs"));
            world.auto_scaling_groups.insert("their-group".to_owned(), group);
        }
    }),
    ("a certificate of somebody else needs the same validation record", |world| {
        let domain = world.certificate().map(|certificate| certificate.properties.domain.clone());
        if let Some(domain) = domain {
            add_certificate(world, "sharing", &domain);
        }
    }),
    ("somebody attached a certificate to listener 443", |world| {
        add_certificate(world, "attached", "theirs.example.net");
        if let Some(listener) = world.listener(443) {
            listener.extra_certificates.insert("arn:attached".to_owned());
        }
    }),
    ("somebody added a listener", |world| {
        if let Some(listener) = world.listener(80).cloned() {
            let mut properties = listener.properties;
            properties.port = 8080;
            properties.tags = theirs();
            let added = ObservedListener { arn: "arn:their-listener".to_owned(), properties, extra_certificates: BTreeSet::new() };
            world.load_balancer.iter_mut().for_each(|balancer| balancer.listeners.push(added.clone()));
        }
    }),
];

pub const TAKEN: &[Edit] = &[
    ("the role is somebody else's", |world| {
        if let Some(role) = &mut world.role {
            role.properties.tags = theirs();
        }
    }),
    ("the instance profile is somebody else's", |world| {
        if let Some(profile) = &mut world.instance_profile {
            profile.properties.tags = theirs();
        }
    }),
    ("the nodes' security group is somebody else's", |world| {
        if let Some(group) = world.node_security_group() {
            group.properties.tags = theirs();
        }
    }),
    ("the load balancer's security group is somebody else's", |world| {
        if let Some(group) = world.alb_security_group() {
            group.properties.tags = theirs();
        }
    }),
    ("the cluster is somebody else's", |world| {
        if let Some(cluster) = &mut world.cluster {
            cluster.properties.tags = theirs();
        }
    }),
    ("the launch template is somebody else's", |world| {
        if let Some(template) = world.template() {
            template.tags = theirs();
        }
    }),
    ("the group is somebody else's", |world| {
        if let Some(group) = world.group() {
            group.properties.tags = theirs();
        }
    }),
    ("the capacity provider is somebody else's", |world| {
        if let Some(provider) = world.provider() {
            provider.properties.tags = theirs();
        }
    }),
    ("the load balancer is somebody else's", |world| {
        if let Some(balancer) = &mut world.load_balancer {
            balancer.properties.tags = theirs();
        }
    }),
];

pub const CIRCUMSTANCES: &[Edit] = &[
    ("the role cannot be read", |world| {
        world.hidden.insert(Part::Role);
    }),
    ("the listener rules cannot be read", |world| {
        world.hidden.insert(Part::ListenerRules);
    }),
    ("the services and tasks cannot be read", |world| {
        world.hidden.insert(Part::Tenants);
    }),
    ("an app has a rule on listener 443", |world| add_rule(world, "www.example.com /")),
    ("an app serves a host under the second domain", |world| add_rule(world, "www.example.org /")),
    ("a service runs on the cluster", |world| {
        world.tenants.services.insert("shop".to_owned());
    }),
    ("an app's security group lets traffic in from the load balancer's", |world| {
        if let Some(id) = world.alb_security_group().map(|group| group.id.clone()) {
            world.referring_groups.entry(id).or_default().insert("shop-app (sg-app)".to_owned());
        }
    }),
    ("a service relies on the capacity provider", |world| {
        if let Some(name) = world.provider().map(|provider| provider.properties.name.clone()) {
            world.provider_users.entry(name).or_default().insert("shop".to_owned());
        }
    }),
    ("a node that is gone is still registered", |world| {
        let left = ObservedContainerInstance {
            arn: "arn:container-instance".to_owned(),
            ec2_instance_id: "i-gone".to_owned(),
            agent_connected: false,
            running_tasks: 0,
        };
        world.container_instances.push(left);
    }),
    ("a policy is embedded in the role", |world| {
        world.role.iter_mut().for_each(|role| role.inline_policies.extend(["by-hand".to_owned()]));
    }),
    ("everything was made by the OpenTofu bundle", adopt),
];

/// Another instance of this same bundle.
fn theirs() -> Tags {
    Tags::default().with("managed-by", "massdriver").with("md-name-prefix", "other-prod-cluster-cd34")
}

fn add_rule(world: &mut World, rule: &str) {
    if let Some(arn) = world.listener(443).map(|listener| listener.arn.clone()) {
        world.listener_rules.entry(arn).or_default().insert(rule.to_owned());
    }
}

fn add_provider(world: &mut World, name: &str, group: Option<&str>) {
    let (Some(mut provider), Some(cluster)) = (world.provider().cloned(), &mut world.cluster) else { return };
    name.clone_into(&mut provider.properties.name);
    provider.properties.tags = theirs();
    provider.state = ProviderState::Active;
    let provider =
        ObservedCapacityProvider { arn: format!("arn:provider/{name}"), auto_scaling_group_arn: group.map(str::to_owned), ..provider };
    cluster.capacity_providers.insert(name.to_owned());
    world.capacity_providers.insert(name.to_owned(), provider);
}

fn add_certificate(world: &mut World, name: &str, domain: &str) {
    world.certificates.push(ObservedCertificate {
        arn: format!("arn:{name}"),
        properties: Certificate { domain: domain.to_owned(), alternative_names: BTreeSet::new(), tags: theirs() },
        status: CertificateStatus::Issued,
        records: vec![validation_record(domain)],
        in_use_by: BTreeSet::new(),
    });
}

/// What `tofu apply` of the bundle before this one leaves.
fn adopt(world: &mut World) {
    let tags = adopted(world);
    let name = world.owner.name_prefix.clone();
    if let Some(role) = &mut world.role {
        role.properties.tags = tags.clone();
        role.properties.managed_policies.insert("arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy".to_owned());
    }
    world.instance_profile.iter_mut().for_each(|profile| profile.properties.tags = tags.clone());
    world.cluster.iter_mut().for_each(|cluster| cluster.properties.tags = tags.clone());
    world.certificates.iter_mut().for_each(|certificate| certificate.properties.tags = tags.clone());
    for group in world.security_groups.values_mut() {
        group.properties.tags = tags.clone().with("Name", &group.properties.name);
        group.rules.values_mut().for_each(|rule| rule.tags = Tags::default());
    }
    for group in world.auto_scaling_groups.values_mut() {
        group.properties.tags = tags.clone().with("Name", &group.properties.name).with("AmazonECSManaged", "true");
        group.properties.enabled_metrics.clear();
        group.launch_template_version = Some("$Latest".to_owned());
    }
    for provider in world.capacity_providers.values_mut() {
        provider.properties.tags = tags.clone();
        provider.properties.maximum_scaling_step_size = 1;
        provider.properties.managed_draining = false;
    }
    adopt_templates(world, &tags, &name);
    adopt_load_balancer(world, &tags);
}

fn adopt_templates(world: &mut World, tags: &Tags, prefix: &str) {
    let templates = std::mem::take(&mut world.launch_templates);
    for (name, mut template) in templates {
        template.name = format!("{name}20240102030405060700000001");
        template.tags = tags.clone();
        template.description = String::new();
        template.content.instance_profile = format!("arn:aws:iam::123456789012:instance-profile/{prefix}");
        "ami-amazon-linux-2".clone_into(&mut template.content.image_id);
        template.content.user_data = format!("#!/bin/bash\necho ECS_CLUSTER=\"{prefix}\" >> /etc/ecs/ecs.config\n");
        template.content.metadata_options.http_put_response_hop_limit = 2;
        template.content.root_volume = None;
        template.content.tags = tags.clone();
        world.launch_templates.insert(template.name.clone(), template);
    }
}

fn adopt_load_balancer(world: &mut World, tags: &Tags) {
    let Some(balancer) = &mut world.load_balancer else { return };
    balancer.properties.tags = tags.clone();
    balancer.properties.attributes.values_mut().for_each(|value| "false".clone_into(value));
    for listener in &mut balancer.listeners {
        listener.properties.tags = tags.clone();
        if listener.properties.ssl_policy.is_some() {
            listener.properties.ssl_policy = Some("ELBSecurityPolicy-2016-08".to_owned());
        }
    }
}
