//! What other people have in the account, and circumstances that a plan has to respect.

use super::drift_nodes::adopted;
use super::{Edit, World};
use crate::plan::world::{Part, validation_record};
use aws_ecs_cluster::model::answers::{ListenerRule, ObservedService, ObservedTask, ReferringGroup};
use aws_ecs_cluster::model::observed::{
    CertificateStatus, ObservedCapacityProvider, ObservedCertificate, ObservedContainerInstance, ObservedInstance, ObservedListener,
    ProviderState,
};
use aws_ecs_cluster::model::properties::{Certificate, DnsRecord, StrategyItem};
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
    ("somebody else's capacity provider scales the group", |world| {
        let group = world.group().map(|group| group.arn.clone());
        add_provider(world, "rival", group.as_deref());
        let ours = world.provider().map(|provider| provider.properties.name.clone());
        if let (Some(cluster), Some(ours)) = (&mut world.cluster, &ours) {
            cluster.capacity_providers.remove(ours);
            world.capacity_providers.remove(ours);
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
    ("an app has a rule on listener 443", |world| add_rule(world, "www.example.com")),
    ("an app serves a host under the second domain", |world| add_rule(world, "www.example.org")),
    ("a service runs on the cluster", |world| {
        world.tenants.services.insert("shop".to_owned());
    }),
    ("an app's security group lets traffic in from the load balancer's", |world| {
        if let Some(id) = world.alb_security_group().map(|group| group.id.clone()) {
            world.referring_groups.entry(id).or_default().insert(ReferringGroup { name: "shop-app".to_owned(), id: "sg-app".to_owned() });
        }
    }),
    ("a service relies on the capacity provider", |world| {
        if let Some(name) = world.provider().map(|provider| provider.properties.name.clone()) {
            world.workload.services.push(service("shop", &[&name]));
        }
    }),
    ("a service with launch type EC2 runs on a node", |world| {
        world.workload.services.push(service("shop", &[]));
        run_task(world, "service:shop");
    }),
    ("a daemon runs on a node", |world| {
        world.workload.services.push(ObservedService { is_daemon: true, ..service("logs", &[]) });
        run_task(world, "service:logs");
    }),
    ("a task that no service started runs on a node", |world| run_task(world, "family:migrate")),
    ("a task that no service started runs on Fargate", |world| {
        run_task(world, "family:report");
        world.workload.tasks.iter_mut().for_each(|task| task.container_instance = None);
    }),
    ("what runs on the cluster cannot be read", |world| {
        world.hidden.insert(Part::Workload);
    }),
    ("a service has launch type EC2", |world| {
        world.cluster.iter_mut().for_each(|cluster| cluster.active_services = 1);
        world.ec2_services.insert("shop".to_owned());
    }),
    ("records lead to the load balancer", |world| {
        lead(world, "Z1", "www.example.com", "CNAME", "Main-1.eu-west-1.elb.amazonaws.com");
        lead(world, "Z1", "example.com", "A", "dualstack.main-1.eu-west-1.elb.amazonaws.com.");
        lead(world, "Z1", "blog.example.com", "CNAME", "blog.example.net");
    }),
    ("a record under the second domain leads to the load balancer", |world| {
        lead(world, "Z2", "www.example.org", "CNAME", "main-1.eu-west-1.elb.amazonaws.com");
    }),
    ("the records of the zones cannot be read", |world| {
        world.hidden.insert(Part::LeadingRecords);
    }),
    ("a node outside every group has lost its connection", |world| {
        let silent = ObservedContainerInstance {
            arn: "arn:stray-container-instance".to_owned(),
            ec2_instance_id: "i-stray".to_owned(),
            agent_connected: false,
            draining: false,
            running_tasks: 1,
        };
        world.stray_instances.insert(silent.ec2_instance_id.clone());
        world.container_instances.push(silent);
    }),
    ("a machine outside AWS has lost its connection", |world| {
        let external = ObservedContainerInstance {
            arn: "arn:external-container-instance".to_owned(),
            ec2_instance_id: "mi-external".to_owned(),
            agent_connected: false,
            draining: false,
            running_tasks: 1,
        };
        world.container_instances.push(external);
    }),
    ("what EC2 knows of its instances cannot be read", |world| {
        world.hidden.insert(Part::GoneInstances);
    }),
    ("the nodes cannot be read", |world| {
        world.hidden.insert(Part::ContainerInstances);
    }),
    ("a policy is embedded in the role", |world| {
        world.role.iter_mut().for_each(|role| role.inline_policies = Some(BTreeSet::from(["by-hand".to_owned()])));
    }),
    ("everything was made by the OpenTofu bundle", |world| {
        let tags = adopted(world);
        adopt(world, &tags);
    }),
    ("everything was made by the OpenTofu bundle of today", |world| {
        let tags = Tags::default().with("managed-by", "massdriver").with("md-component", "cluster");
        let tags = tags.with("md-instance", world.owner.clone().instance());
        adopt(world, &tags);
    }),
    ("the OpenTofu bundle switched the group to a type that its image does not boot on", |world| {
        if let Some(template) = world.template() {
            "m7g.large".clone_into(&mut template.content.instance_type);
            template.latest_version += 1;
            template.default_version = template.latest_version;
        }
    }),
    ("nothing is left of the node groups but role, profile and firewall", |world| {
        let groups = std::mem::take(&mut world.auto_scaling_groups);
        world.launch_templates.clear();
        world.capacity_providers.clear();
        world.container_instances.clear();
        if let Some(cluster) = &mut world.cluster {
            cluster.capacity_providers.retain(|name| !groups.contains_key(name));
        }
    }),
    ("AWS has added what it adds", |world| {
        let by_aws =
            |tags: &mut Tags| *tags = tags.clone().with("aws:cloudformation:stack-name", "somebody's").with("AmazonECSManaged", "");
        for group in world.auto_scaling_groups.values_mut() {
            let more = ObservedInstance { id: format!("{}-more", group.arn), ..group.instances.first().cloned().expect("a node") };
            group.instances.push(more);
            group.desired_capacity += 1;
            group.properties.tags = group.properties.tags.clone().with("aws:ec2:fleet-id", "fleet-1");
        }
        world.cluster.iter_mut().for_each(|cluster| by_aws(&mut cluster.properties.tags));
        world.capacity_providers.values_mut().for_each(|provider| by_aws(&mut provider.properties.tags));
        world.launch_templates.values_mut().for_each(|template| by_aws(&mut template.tags));
        world.load_balancer.iter_mut().for_each(|balancer| by_aws(&mut balancer.properties.tags));
        if let Some(balancer) = &mut world.load_balancer {
            balancer.properties.attributes.insert("idle_timeout.timeout_seconds".to_owned(), "60".to_owned());
        }
    }),
    ("everything is in another network", |world| {
        world.security_groups.values_mut().for_each(|group| "vpc-other".clone_into(&mut group.properties.vpc_id));
        world.load_balancer.iter_mut().for_each(|balancer| "vpc-other".clone_into(&mut balancer.properties.vpc_id));
    }),
    ("somebody else uses the certificate", |world| {
        if let Some(certificate) = world.certificate() {
            certificate.in_use_by.insert("arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/theirs/2".to_owned());
        }
    }),
];

fn service(name: &str, capacity_providers: &[&str]) -> ObservedService {
    let capacity_providers = capacity_providers.iter().map(ToString::to_string).collect();
    ObservedService { name: name.to_owned(), capacity_providers, is_daemon: false }
}

/// On the first node of the first group.
fn run_task(world: &mut World, group: &str) {
    let launched = world.group().and_then(|group| group.instances.first()).map(|instance| instance.id.clone());
    let node = world.container_instances.iter().find(|node| Some(&node.ec2_instance_id) == launched.as_ref());
    let container_instance = node.map(|node| node.arn.clone());
    let arn = "arn:aws:ecs:eu-west-1:123456789012:task/shop-prod-cluster-ab12/0a1b".to_owned();
    world.workload.tasks.push(ObservedTask { arn, group: group.to_owned(), container_instance });
}

fn lead(world: &mut World, zone: &str, name: &str, record_type: &str, value: &str) {
    let record = DnsRecord { name: name.to_owned(), record_type: record_type.to_owned(), value: value.to_owned(), ttl: 300 };
    world.zones.get_mut(zone).expect("a zone of the account").records.push(record);
}

/// Another instance of this same bundle.
fn theirs() -> Tags {
    Tags::default().with("managed-by", "massdriver").with("md-name-prefix", "other-prod-cluster-cd34")
}

fn add_rule(world: &mut World, host: &str) {
    let rule = ListenerRule { host: Some(host.to_owned()), paths: BTreeSet::from(["/".to_owned()]) };
    if let Some(arn) = world.listener(443).map(|listener| listener.arn.clone()) {
        world.listener_rules.entry(arn).or_default().insert(rule);
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
fn adopt(world: &mut World, tags: &Tags) {
    let tags = tags.clone();
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
