//! Two accounts to begin with: one without any cluster, one in which everything is as desired.

use super::{StandingGroup, World, Zone};
use crate::plan::samples::zone_name;
use aws_ecs_cluster::model::answers::{Tenants, Workload};
use aws_ecs_cluster::model::observed::{
    Attachments, CertificateStatus, ObservedAutoScalingGroup, ObservedCapacityProvider, ObservedCertificate, ObservedCluster,
    ObservedInstance, ObservedInstanceProfile, ObservedLaunchTemplate, ObservedListener, ObservedLoadBalancer, ObservedRole, ObservedRule,
    ProviderState,
};
use aws_ecs_cluster::model::properties::{DnsRecord, Listener, SecurityGroup};
use aws_ecs_cluster::model::reference::Ref;
use aws_ecs_cluster::model::tags::Owner;
use aws_ecs_cluster::plan::desired::{Desired, DesiredGroup, DesiredIngress, DesiredNodes, FARGATE_PROVIDERS};
use std::collections::{BTreeMap, BTreeSet};

/// AWS's own form: it holds the name.
pub fn load_balancer_arn(name: &str, id: &str) -> String {
    format!("arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/{name}/{id}")
}

/// An account with three hosted zones and nothing else.
pub fn empty(owner: &Owner) -> World {
    let zones = ["Z1", "Z2", "Z3"].map(|id| (id.to_owned(), Zone { name: zone_name(id), records: Vec::new() }));
    World {
        owner: owner.clone(),
        role: None,
        instance_profile: None,
        security_groups: BTreeMap::new(),
        cluster: None,
        launch_templates: BTreeMap::new(),
        auto_scaling_groups: BTreeMap::new(),
        capacity_providers: BTreeMap::new(),
        certificates: Vec::new(),
        load_balancer: None,
        zones: zones.into(),
        listener_rules: BTreeMap::new(),
        tenants: Tenants::default(),
        container_instances: Vec::new(),
        stray_instances: BTreeSet::new(),
        refreshes: BTreeMap::new(),
        referring_groups: BTreeMap::new(),
        workload: Workload::default(),
        ec2_services: BTreeSet::new(),
        tokens: BTreeMap::new(),
        hidden: BTreeSet::new(),
        made: 0,
    }
}

/// An account in which everything is as desired.
pub fn converged(desired: &Desired) -> World {
    let mut world = empty(&desired.owner);
    let names = desired.groups().iter().map(|group| group.capacity_provider.name.clone());
    world.cluster = Some(ObservedCluster {
        arn: format!("arn:aws:ecs:eu-west-1:123456789012:cluster/{}", desired.cluster.name),
        status: "ACTIVE".to_owned(),
        properties: desired.cluster.clone(),
        capacity_providers: names.chain(FARGATE_PROVIDERS.map(str::to_owned)).collect(),
        default_strategy: Vec::new(),
        active_services: 0,
        attachments: Attachments::Settled,
    });
    if let Some(nodes) = &desired.nodes {
        add_nodes(&mut world, nodes);
    }
    if let Some(ingress) = &desired.ingress {
        add_ingress(&mut world, ingress);
    }
    world
}

/// The record by which ACM validates any certificate of this account for a domain.
pub fn validation_record(domain: &str) -> DnsRecord {
    DnsRecord {
        name: format!("_proof.{domain}"),
        record_type: "CNAME".to_owned(),
        value: format!("_of-{domain}.acm-validations.aws."),
        ttl: 60,
    }
}

fn add_nodes(world: &mut World, nodes: &DesiredNodes) {
    world.role = Some(ObservedRole {
        arn: format!("arn:aws:iam::123456789012:role/{}", nodes.role.name),
        properties: nodes.role.clone(),
        inline_policies: Some(BTreeSet::new()),
    });
    world.instance_profile = Some(ObservedInstanceProfile {
        arn: format!("arn:aws:iam::123456789012:instance-profile/{}", nodes.instance_profile.name),
        properties: nodes.instance_profile.clone(),
    });
    add_security_group(world, "sg-nodes", &nodes.security_group);
    for group in &nodes.groups {
        add_group(world, group);
    }
}

fn add_security_group(world: &mut World, id: &str, properties: &SecurityGroup) {
    let rules = properties.rules.keys().enumerate();
    let found = StandingGroup {
        id: id.to_owned(),
        properties: properties.clone(),
        rules: rules
            .map(|(number, rule)| (rule.clone(), ObservedRule { id: format!("{id}-rule-{number}"), tags: properties.tags.clone() }))
            .collect(),
    };
    world.security_groups.insert(properties.name.clone(), found);
}

fn add_group(world: &mut World, group: &DesiredGroup) {
    let name = group.auto_scaling_group.name.clone();
    let template_id = format!("lt-{}", group.launch_template_name);
    let arn = format!("arn:aws:autoscaling:eu-west-1:123456789012:autoScalingGroup:1:autoScalingGroupName/{name}");
    let mut content = group.content.clone();
    content.security_groups = vec![Ref::known("sg-nodes")];
    let template = ObservedLaunchTemplate {
        id: template_id.clone(),
        name: group.launch_template_name.clone(),
        tags: group.launch_template_tags.clone(),
        latest_version: 3,
        default_version: 3,
        description: content.version_description().expect("every identifier is known"),
        content,
    };
    let instances = (1..=group.auto_scaling_group.min_size).map(|number| ObservedInstance {
        id: format!("i-{name}-{number}"),
        protected_from_scale_in: true,
        lifecycle_state: "InService".to_owned(),
        template_id: Some(template_id.clone()),
        template_version: Some("3".to_owned()),
    });
    let found = ObservedAutoScalingGroup {
        arn: arn.clone(),
        properties: group.auto_scaling_group.clone(),
        launch_template_id: Some(template_id.clone()),
        launch_template_version: Some("3".to_owned()),
        desired_capacity: group.auto_scaling_group.min_size,
        availability_zones: ["eu-west-1a", "eu-west-1b"].map(str::to_owned).into(),
        instances: instances.collect(),
        deleting: false,
    };
    let provider = ObservedCapacityProvider {
        arn: format!("arn:aws:ecs:eu-west-1:123456789012:capacity-provider/{}", group.capacity_provider.name),
        properties: group.capacity_provider.clone(),
        auto_scaling_group_arn: Some(arn),
        state: ProviderState::Active,
    };
    world.register(&found.instances);
    world.launch_templates.insert(group.launch_template_name.clone(), template);
    world.auto_scaling_groups.insert(name, found);
    world.capacity_providers.insert(group.capacity_provider.name.clone(), provider);
}

fn add_ingress(world: &mut World, ingress: &DesiredIngress) {
    add_security_group(world, "sg-alb", &ingress.security_group);
    for zone in &ingress.zones {
        let record = validation_record(&zone.certificate.domain);
        let standing =
            world.zones.entry(zone.zone_id.clone()).or_insert_with(|| Zone { name: zone_name(&zone.zone_id), records: Vec::new() });
        standing.records.push(record.clone());
        world.certificates.push(ObservedCertificate {
            arn: certificate_arn(&zone.certificate.domain),
            properties: zone.certificate.clone(),
            status: CertificateStatus::Issued,
            records: vec![record],
            in_use_by: BTreeSet::new(),
        });
    }
    let arn = load_balancer_arn(&ingress.load_balancer.name, "1");
    let domains: Vec<&str> = ingress.zones.iter().map(|zone| zone.certificate.domain.as_str()).collect();
    let mut properties = ingress.load_balancer.clone();
    properties.security_groups = BTreeSet::from([Ref::known("sg-alb")]);
    let mut https = ingress.https.clone();
    https.default_certificate = domains.first().map(|domain| Ref::Known(certificate_arn(domain)));
    let extra = domains.iter().skip(1).map(|domain| certificate_arn(domain)).collect();
    world.load_balancer = Some(ObservedLoadBalancer {
        listeners: vec![listener(&arn, ingress.redirect.clone(), BTreeSet::new()), listener(&arn, https, extra)],
        arn,
        dns_name: "main-1.eu-west-1.elb.amazonaws.com".to_owned(),
        state: "active".to_owned(),
        properties,
    });
}

fn listener(load_balancer: &str, properties: Listener, extra_certificates: BTreeSet<String>) -> ObservedListener {
    ObservedListener { arn: format!("{load_balancer}/listener-{}", properties.port), properties, extra_certificates }
}

fn certificate_arn(domain: &str) -> String {
    format!("arn:aws:acm:eu-west-1:123456789012:certificate/{domain}")
}
