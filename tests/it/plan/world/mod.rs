//! An account made up: what stands in it, our own and other people's, and how much of it a look shows.

pub mod edits;
mod look;
mod seed;

use super::samples::Names;
use aws_ecs_cluster::model::answers::{ListenerRule, ReferringGroup, Tenants, Workload};
use aws_ecs_cluster::model::observed::{
    ObservedAutoScalingGroup, ObservedCapacityProvider, ObservedCertificate, ObservedCluster, ObservedContainerInstance, ObservedInstance,
    ObservedInstanceProfile, ObservedLaunchTemplate, ObservedListener, ObservedLoadBalancer, ObservedRole, ObservedRule,
};
use aws_ecs_cluster::model::properties::{DnsRecord, Rule, SecurityGroup};
use aws_ecs_cluster::model::tags::Owner;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

pub use seed::{converged, empty, load_balancer_arn, validation_record};

/// A part of the account that a look may fail to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub enum Part {
    Role,
    InstanceProfile,
    NodeSecurityGroup,
    AlbSecurityGroup,
    Cluster,
    LaunchTemplates,
    AutoScalingGroups,
    CapacityProviders,
    Certificates,
    LoadBalancer,
    ZoneRecords,
    Tenants,
    ContainerInstances,
    ListenerRules,
    SharingCertificates,
    Workload,
    Ec2Services,
    LeadingRecords,
    ReferringGroups,
    SecurityGroupRules,
    GoneInstances,
    Refreshes,
}

pub const PARTS: [Part; 22] = [
    Part::Role,
    Part::InstanceProfile,
    Part::NodeSecurityGroup,
    Part::AlbSecurityGroup,
    Part::Cluster,
    Part::LaunchTemplates,
    Part::AutoScalingGroups,
    Part::CapacityProviders,
    Part::Certificates,
    Part::LoadBalancer,
    Part::ZoneRecords,
    Part::Tenants,
    Part::ContainerInstances,
    Part::ListenerRules,
    Part::SharingCertificates,
    Part::Workload,
    Part::Ec2Services,
    Part::LeadingRecords,
    Part::ReferringGroups,
    Part::SecurityGroupRules,
    Part::GoneInstances,
    Part::Refreshes,
];

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone {
    pub name: String,
    pub records: Vec<DnsRecord>,
}

/// A security group with its rules, each of which is a resource of its own too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StandingGroup {
    pub id: String,
    pub properties: SecurityGroup,
    pub rules: BTreeMap<Rule, ObservedRule>,
}

/// Everything that stands. Maps are by name and hold what belongs to others as well.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct World {
    pub owner: Owner,
    pub role: Option<ObservedRole>,
    pub instance_profile: Option<ObservedInstanceProfile>,
    pub security_groups: BTreeMap<String, StandingGroup>,
    pub cluster: Option<ObservedCluster>,
    pub launch_templates: BTreeMap<String, ObservedLaunchTemplate>,
    pub auto_scaling_groups: BTreeMap<String, ObservedAutoScalingGroup>,
    pub capacity_providers: BTreeMap<String, ObservedCapacityProvider>,
    pub certificates: Vec<ObservedCertificate>,
    pub load_balancer: Option<ObservedLoadBalancer>,
    /// By id.
    pub zones: BTreeMap<String, Zone>,
    /// By listener ARN.
    pub listener_rules: BTreeMap<String, BTreeSet<ListenerRule>>,
    pub tenants: Tenants,
    pub container_instances: Vec<ObservedContainerInstance>,
    /// EC2 instances that run outside every group.
    pub stray_instances: BTreeSet<String>,
    /// By Auto Scaling group, the id of the instance refresh that is under way.
    pub refreshes: BTreeMap<String, String>,
    /// By the id of a security group, the groups of other people whose rules refer to it.
    pub referring_groups: BTreeMap<String, BTreeSet<ReferringGroup>>,
    pub workload: Workload,
    /// Services with launch type EC2.
    pub ec2_services: BTreeSet<String>,
    /// By idempotency token, the ARN of the certificate requested with it.
    pub tokens: BTreeMap<String, String>,
    /// What a look cannot read.
    pub hidden: BTreeSet<Part>,
    /// How many identifiers have been given out.
    pub made: usize,
}

impl World {
    /// An identifier that was never given out before.
    pub fn fresh(&mut self, kind: &str) -> String {
        self.made += 1;
        format!("{kind}-{}", self.made)
    }

    pub fn node_security_group(&mut self) -> Option<&mut StandingGroup> {
        let name = Names::of(&self.owner.name_prefix).node_security_group;
        self.security_groups.get_mut(&name)
    }

    pub fn alb_security_group(&mut self) -> Option<&mut StandingGroup> {
        let name = Names::of(&self.owner.name_prefix).alb_security_group;
        self.security_groups.get_mut(&name)
    }

    /// Registers instances with the cluster. They stay registered when they die, as those do whose agent was not connected at the end.
    pub fn register(&mut self, instances: &[ObservedInstance]) {
        let node = |instance: &ObservedInstance| ObservedContainerInstance {
            arn: format!("arn:node/{}", instance.id),
            ec2_instance_id: instance.id.clone(),
            agent_connected: true,
            draining: false,
            running_tasks: 0,
        };
        self.container_instances.extend(instances.iter().map(node));
    }

    /// The first group that is ours.
    pub fn group(&mut self) -> Option<&mut ObservedAutoScalingGroup> {
        let owner = self.owner.clone();
        self.auto_scaling_groups.values_mut().find(|group| owner.owns(&group.properties.tags))
    }

    /// The first template that is ours.
    pub fn template(&mut self) -> Option<&mut ObservedLaunchTemplate> {
        let owner = self.owner.clone();
        self.launch_templates.values_mut().find(|template| owner.owns(&template.tags))
    }

    /// The first capacity provider that is ours.
    pub fn provider(&mut self) -> Option<&mut ObservedCapacityProvider> {
        let owner = self.owner.clone();
        self.capacity_providers.values_mut().find(|provider| owner.owns(&provider.properties.tags))
    }

    /// The first certificate that is ours.
    pub fn certificate(&mut self) -> Option<&mut ObservedCertificate> {
        let owner = self.owner.clone();
        self.certificates.iter_mut().find(|certificate| owner.owns(&certificate.properties.tags))
    }

    pub fn listener(&mut self, port: i32) -> Option<&mut ObservedListener> {
        let balancer = self.load_balancer.as_mut()?;
        balancer.listeners.iter_mut().find(|listener| listener.properties.port == port)
    }
}
