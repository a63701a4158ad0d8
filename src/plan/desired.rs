//! From inputs and facts to the resources that should exist, every property decided.

use crate::inputs::{ContainerInsights, Inputs, NodeGroup, NodeRefresh};
use crate::model::address::{Address, Kind};
use crate::model::facts::{Facts, Seen};
use crate::model::names;
use crate::model::properties::{
    ANYWHERE, AutoScalingGroup, CapacityProvider, Certificate, Cluster, DefaultAction, Direction, HTTP_PORT, HTTPS_PORT, InstanceProfile,
    LaunchTemplateContent, Listener, LoadBalancer, MetadataOptions, Peer, Role, RootVolume, Rule, SecurityGroup,
};
use crate::model::reference::{Output, Ref};
use crate::model::tags::{ECS_MANAGED, Owner, Tags};
use std::collections::{BTreeMap, BTreeSet};

/// TLS policies in the order of preference. AWS recommends the first; Regions and partitions that lack it have the second.
pub const TLS_POLICIES: [&str; 2] = ["ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09", "ELBSecurityPolicy-TLS13-1-2-2021-06"];
/// Attached to the nodes' role, under `arn:PARTITION:iam::aws:policy/`.
pub const NODE_POLICIES: [&str; 3] =
    ["service-role/AmazonEC2ContainerServiceforEC2Role", "AmazonSSMManagedInstanceCore", "AmazonEC2ContainerRegistryReadOnly"];
/// Every group metric that Auto Scaling has of instances. They cost nothing.
const GROUP_METRICS: [&str; 8] = [
    "GroupDesiredCapacity",
    "GroupInServiceInstances",
    "GroupMaxSize",
    "GroupMinSize",
    "GroupPendingInstances",
    "GroupStandbyInstances",
    "GroupTerminatingInstances",
    "GroupTotalInstances",
];
/// Where the ECS-optimized Amazon Linux 2023 images have their root volume.
const ROOT_DEVICE: &str = "/dev/xvda";
pub const FARGATE_PROVIDERS: [&str; 2] = ["FARGATE", "FARGATE_SPOT"];

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Desired {
    pub owner: Owner,
    pub cluster: Cluster,
    /// `None` for a cluster of Fargate only.
    pub nodes: Option<DesiredNodes>,
    pub ingress: Option<DesiredIngress>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DesiredNodes {
    pub role: Role,
    pub instance_profile: InstanceProfile,
    pub security_group: SecurityGroup,
    pub groups: Vec<DesiredGroup>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DesiredGroup {
    pub auto_scaling_group: AutoScalingGroup,
    /// Under the name that it gets when it has to be made; [`crate::plan::as_known`] gives it that which it has.
    pub capacity_provider: CapacityProvider,
    /// The name that the template gets when it has to be made; one made by the OpenTofu bundle keeps its own.
    pub launch_template_name: String,
    pub launch_template_tags: Tags,
    /// Whether running nodes are replaced when the template changes.
    pub node_refresh: NodeRefresh,
    /// How many nodes have to have joined the cluster before a provision is done.
    pub awaited_nodes: usize,
    /// The node security group in it is a reference until it is known.
    pub content: LaunchTemplateContent,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DesiredIngress {
    pub security_group: SecurityGroup,
    pub load_balancer: LoadBalancer,
    /// Default zone first; the names are unique.
    pub zones: Vec<DesiredZone>,
    pub redirect: Listener,
    /// Its default certificate is the first zone's.
    pub https: Listener,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DesiredZone {
    pub zone_id: String,
    pub certificate: Certificate,
}

/// Where resources of this prefix are found in plans.
#[must_use]
pub fn address_of(kind: Kind, owner: &Owner) -> Address {
    let prefix = &owner.name_prefix;
    let name = match kind {
        Kind::Role => names::role(prefix),
        Kind::InstanceProfile => names::instance_profile(prefix),
        Kind::LoadBalancer => names::load_balancer(prefix),
        Kind::SecurityGroup => names::node_security_group(prefix),
        _ => prefix.clone(),
    };
    Address::new(kind, name)
}

#[must_use]
pub fn alb_security_group_address(owner: &Owner) -> Address {
    Address::new(Kind::SecurityGroup, names::alb_security_group(&owner.name_prefix))
}

#[must_use]
pub fn listener_address(owner: &Owner, port: i32) -> Address {
    Address::new(Kind::Listener, format!("{}:{port}", names::load_balancer(&owner.name_prefix)))
}

/// Where a domain's certificate beside the default one is found in plans. ELB has no name for it: it is the listener's, and the domain's.
#[must_use]
pub fn listener_certificate_address(owner: &Owner, domain: &str) -> Address {
    Address::new(Kind::ListenerCertificate, format!("{}/{domain}", listener_address(owner, HTTPS_PORT).name))
}

impl Desired {
    /// Designs the cluster. Call it only with facts that [`crate::inputs::check_facts`] has no problem with: what is missing from them is left out.
    #[must_use]
    pub fn new(inputs: &Inputs, facts: &Facts) -> Self {
        let owner = inputs.identity.owner.clone();
        let prefix = &owner.name_prefix;
        let cluster = Cluster {
            name: prefix.clone(),
            container_insights: container_insights(inputs.cluster.container_insights).to_owned(),
            tags: tags(inputs, prefix),
        };
        let nodes = (!inputs.cluster.groups.is_empty()).then(|| nodes(inputs, facts));
        let ingress = inputs.cluster.ingress.as_ref().map(|_| ingress(inputs, facts));
        Self { owner, cluster, nodes, ingress }
    }

    /// Every node group, none for a cluster of Fargate only.
    #[must_use]
    pub fn groups(&self) -> &[DesiredGroup] {
        self.nodes.as_ref().map_or(&[], |nodes| &nodes.groups)
    }

    /// The same, done without waiting for any node to join the cluster.
    #[must_use]
    pub fn without_awaited_nodes(mut self) -> Self {
        let groups = self.nodes.iter_mut().flat_map(|nodes| &mut nodes.groups);
        groups.for_each(|group| group.awaited_nodes = 0);
        self
    }

    /// The domains that apps can use, default zone first.
    #[must_use]
    pub fn domains(&self) -> Vec<&str> {
        self.ingress.iter().flat_map(|ingress| &ingress.zones).map(|zone| zone.certificate.domain.as_str()).collect()
    }
}

/// As the `containerInsights` cluster setting spells it.
const fn container_insights(wanted: ContainerInsights) -> &'static str {
    match wanted {
        ContainerInsights::Enhanced => "enhanced",
        ContainerInsights::Enabled => "enabled",
        ContainerInsights::Disabled => "disabled",
    }
}

fn tags(inputs: &Inputs, name: &str) -> Tags {
    Tags::for_resource(name, &inputs.identity.owner, &inputs.identity.default_tags)
}

fn nodes(inputs: &Inputs, facts: &Facts) -> DesiredNodes {
    let prefix = &inputs.identity.owner.name_prefix;
    let role_name = names::role(prefix);
    let profile_name = names::instance_profile(prefix);
    let partition = &inputs.identity.partition;
    let group_name = names::node_security_group(prefix);
    let rules = BTreeMap::from([
        (rule(Direction::Ingress, "-1", None, Peer::Itself), "Cluster internal ingress".to_owned()),
        (rule(Direction::Egress, "-1", None, Peer::Cidr(ANYWHERE.to_owned())), "Allow all egress".to_owned()),
    ]);
    DesiredNodes {
        role: Role {
            trusted_principals: trusted_principals(partition),
            managed_policies: NODE_POLICIES.iter().map(|policy| format!("arn:{partition}:iam::aws:policy/{policy}")).collect(),
            tags: tags(inputs, &role_name),
            name: role_name.clone(),
        },
        instance_profile: InstanceProfile { tags: tags(inputs, &profile_name), name: profile_name, role: Some(role_name) },
        security_group: SecurityGroup {
            description: format!("ECS cluster {prefix} EC2 instance security group"),
            vpc_id: inputs.identity.vpc.id.clone(),
            rules,
            tags: tags(inputs, &group_name),
            name: group_name,
        },
        groups: inputs.cluster.groups.iter().map(|group| node_group(inputs, facts, group)).collect(),
    }
}

/// In China, AWS's own ECS roles trust both spellings of the EC2 service.
fn trusted_principals(partition: &str) -> BTreeSet<String> {
    let mut services = BTreeSet::from(["ec2.amazonaws.com".to_owned()]);
    if partition == "aws-cn" {
        services.insert("ec2.amazonaws.com.cn".to_owned());
    }
    services
}

fn rule(direction: Direction, protocol: &str, ports: Option<(i32, i32)>, peer: Peer) -> Rule {
    Rule { direction, protocol: protocol.to_owned(), ports, peer }
}

fn node_group(inputs: &Inputs, facts: &Facts, group: &NodeGroup) -> DesiredGroup {
    let name = names::auto_scaling_group(&inputs.identity.owner.name_prefix, &group.name);
    let provider_name = names::capacity_provider(&name);
    let template_name = names::launch_template(&name);
    DesiredGroup {
        content: content(inputs, facts, group, &name),
        node_refresh: group.node_refresh,
        awaited_nodes: usize::try_from(group.min_size).unwrap_or(usize::MAX),
        launch_template_tags: tags(inputs, &template_name),
        launch_template_name: template_name,
        capacity_provider: CapacityProvider {
            tags: tags(inputs, &provider_name),
            name: provider_name,
            managed_scaling: true,
            target_capacity: 100,
            minimum_scaling_step_size: 1,
            maximum_scaling_step_size: 10_000,
            instance_warmup_period: 300,
            managed_termination_protection: true,
            managed_draining: true,
        },
        auto_scaling_group: AutoScalingGroup {
            min_size: size(group.min_size),
            max_size: size(group.max_size),
            subnets: inputs.identity.vpc.private_subnets.iter().cloned().collect(),
            new_instances_protected_from_scale_in: true,
            health_check_grace_period: 300,
            enabled_metrics: GROUP_METRICS.iter().map(ToString::to_string).collect(),
            tags: tags(inputs, &name).with(ECS_MANAGED, "true"),
            name,
        },
    }
}

/// The schema bounds sizes far below this.
fn size(wanted: u32) -> i32 {
    i32::try_from(wanted).unwrap_or(i32::MAX)
}

fn content(inputs: &Inputs, facts: &Facts, group: &NodeGroup, name: &str) -> LaunchTemplateContent {
    let owner = &inputs.identity.owner;
    let images = facts.images.present();
    let image = group.instance.image_family().and_then(|family| images.and_then(|images| images.get(&family)));
    LaunchTemplateContent {
        image_id: image.cloned().unwrap_or_default(),
        instance_type: group.instance.name.to_owned(),
        instance_profile: names::instance_profile(&owner.name_prefix),
        security_groups: vec![Ref::Of(address_of(Kind::SecurityGroup, owner), Output::Id)],
        network_interface_description: format!("{name} network interface"),
        network_interface_delete_on_termination: Some(true),
        associate_public_ip_address: Some(false),
        user_data: user_data(&owner.name_prefix),
        detailed_monitoring: true,
        metadata_options: MetadataOptions {
            http_endpoint: "enabled".to_owned(),
            http_tokens: "required".to_owned(),
            // One hop reaches the host only: containers on a bridge network stay off the node's role.
            http_put_response_hop_limit: 1,
        },
        root_volume: Some(RootVolume {
            device_name: ROOT_DEVICE.to_owned(),
            volume_size: size(group.root_volume_gb),
            volume_type: "gp3".to_owned(),
            encrypted: true,
            delete_on_termination: Some(true),
        }),
        tags: tags(inputs, name).with(ECS_MANAGED, "true"),
    }
}

/// Appends rather than overwrites: the GPU images ship settings of their own in the same file.
fn user_data(cluster: &str) -> String {
    format!(
        "#!/bin/bash\ncat >> /etc/ecs/ecs.config <<'END'\nECS_CLUSTER={cluster}\nECS_ENABLE_CONTAINER_METADATA=true\nECS_AWSVPC_BLOCK_IMDS=true\nEND\n"
    )
}

fn ingress(inputs: &Inputs, facts: &Facts) -> DesiredIngress {
    let owner = &inputs.identity.owner;
    let name = names::load_balancer(&owner.name_prefix);
    let zones = zones(inputs, facts);
    let default_certificate =
        zones.first().map(|zone| Ref::Of(Address::new(Kind::Certificate, zone.certificate.domain.clone()), Output::Arn));
    DesiredIngress {
        security_group: alb_security_group(inputs),
        load_balancer: LoadBalancer {
            scheme: "internet-facing".to_owned(),
            vpc_id: inputs.identity.vpc.id.clone(),
            subnets: crate::inputs::alb_subnets(inputs, facts).into_iter().collect(),
            security_groups: BTreeSet::from([Ref::Of(alb_security_group_address(owner), Output::Id)]),
            attributes: BTreeMap::from([
                ("deletion_protection.enabled".to_owned(), "true".to_owned()),
                ("routing.http.drop_invalid_header_fields.enabled".to_owned(), "true".to_owned()),
            ]),
            tags: tags(inputs, &name),
            name: name.clone(),
        },
        zones,
        redirect: Listener {
            port: HTTP_PORT,
            protocol: "HTTP".to_owned(),
            ssl_policy: None,
            default_certificate: None,
            default_action: DefaultAction::RedirectToHttps,
            tags: tags(inputs, &name),
        },
        https: Listener {
            port: HTTPS_PORT,
            protocol: "HTTPS".to_owned(),
            ssl_policy: Some(tls_policy(facts).to_owned()),
            default_certificate,
            default_action: DefaultAction::PathNotFound,
            tags: tags(inputs, &name),
        },
    }
}

fn alb_security_group(inputs: &Inputs) -> SecurityGroup {
    let prefix = &inputs.identity.owner.name_prefix;
    let name = names::alb_security_group(prefix);
    let cidrs = inputs.cluster.ingress.iter().flat_map(|ingress| &ingress.allowed_cidrs);
    let mut rules: BTreeMap<Rule, String> = cidrs
        .flat_map(|cidr| [(HTTP_PORT, "HTTP ingress"), (HTTPS_PORT, "HTTPS ingress")].map(|(port, text)| (cidr, port, text)))
        .map(|(cidr, port, text)| (rule(Direction::Ingress, "tcp", Some((port, port)), Peer::Cidr(cidr.clone())), text.to_owned()))
        .collect();
    rules.insert(rule(Direction::Egress, "-1", None, Peer::Cidr(ANYWHERE.to_owned())), "Allow all egress".to_owned());
    SecurityGroup {
        description: format!("ECS cluster {prefix} ALB security group"),
        vpc_id: inputs.identity.vpc.id.clone(),
        rules,
        tags: tags(inputs, &name),
        name,
    }
}

fn zones(inputs: &Inputs, facts: &Facts) -> Vec<DesiredZone> {
    let ids = inputs.cluster.ingress.iter().flat_map(|ingress| &ingress.zones);
    ids.filter_map(|id| facts.zones.get(id).and_then(Seen::present))
        .map(|zone| DesiredZone {
            zone_id: zone.id.clone(),
            certificate: Certificate {
                domain: zone.name.clone(),
                alternative_names: BTreeSet::from([format!("*.{}", zone.name)]),
                // `*` is not allowed in a tag's value, so the zone's own name stands for both.
                tags: tags(inputs, &zone.name),
            },
        })
        .collect()
}

/// The best policy that the Region has; the best of all when the Region would not say.
fn tls_policy(facts: &Facts) -> &'static str {
    let offered = facts.tls_policies.present();
    TLS_POLICIES.into_iter().find(|policy| offered.is_none_or(|offered| offered.contains(*policy))).unwrap_or(TLS_POLICIES[1])
}
