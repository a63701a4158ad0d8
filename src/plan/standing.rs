//! What of the network a run has to ask for: what stands as the inputs want it has been judged when it was made.

use crate::inputs::Inputs;
use crate::model::observed::{Observed, ObservedAutoScalingGroup, ObservedLoadBalancer};
use crate::model::properties::HTTPS_PORT;
use crate::model::tags::Owner;
use crate::plan::auto_scaling_group::observed_group;
use crate::plan::desired::TLS_POLICIES;
use std::collections::BTreeSet;

/// What is asked of the account beside the look. Empty where nothing is to be made of the answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NetworkQuestions {
    /// Do these subnets exist, in which VPC and Availability Zone?
    pub subnets: BTreeSet<String>,
    /// Which of these lead to an internet gateway?
    pub routed: Vec<String>,
    /// Which Availability Zones offer these instance types?
    pub instance_types: BTreeSet<&'static str>,
    /// Which of these does the Region have?
    pub tls_policies: Vec<&'static str>,
}

impl NetworkQuestions {
    /// A load balancer that stands on every public subnet proves that they exist, each in a zone of its own, and that they led to the internet
    /// when it was made; an Auto Scaling group that launches this type into every private subnet proves as much of those.
    #[must_use]
    pub fn new(inputs: &Inputs, observed: &Observed) -> Self {
        let mut questions = Self::default();
        let network = &inputs.identity.vpc;
        let owner = &inputs.identity.owner;
        if inputs.cluster.ingress.is_some() {
            let load_balancer = standing_load_balancer(inputs, observed);
            if load_balancer.is_none() {
                questions.routed.clone_from(&network.public_subnets);
            }
            if !load_balancer.is_some_and(has_best_policy) {
                questions.tls_policies = TLS_POLICIES.into();
            }
        }
        if !inputs.cluster.groups.iter().all(|group| stands(inputs, &group.name, group.instance.name, observed, owner)) {
            questions.instance_types = inputs.cluster.groups.iter().map(|group| group.instance.name).collect();
        }
        if !questions.routed.is_empty() || !questions.instance_types.is_empty() {
            questions.subnets = needed_subnets(inputs);
        }
        questions
    }
}

/// The subnets that the cluster itself uses.
#[must_use]
pub fn needed_subnets(inputs: &Inputs) -> BTreeSet<String> {
    let (public, private) = inputs.needed_subnets();
    public.iter().chain(private).cloned().collect()
}

fn standing_load_balancer<'a>(inputs: &Inputs, observed: &'a Observed) -> Option<&'a ObservedLoadBalancer> {
    let network = &inputs.identity.vpc;
    let wanted: BTreeSet<String> = network.public_subnets.iter().cloned().collect();
    let found = observed.load_balancer.ours(&inputs.identity.owner)?;
    (found.properties.vpc_id == network.id && found.properties.subnets == wanted).then_some(found)
}

fn has_best_policy(load_balancer: &ObservedLoadBalancer) -> bool {
    let https = load_balancer.listeners.iter().find(|listener| listener.properties.port == HTTPS_PORT);
    https.is_some_and(|listener| listener.properties.ssl_policy.as_deref() == Some(TLS_POLICIES[0]))
}

/// Whether the node group has its Auto Scaling group on the wanted subnets, launching the wanted type.
fn stands(inputs: &Inputs, group: &str, instance_type: &str, observed: &Observed, owner: &Owner) -> bool {
    let wanted: BTreeSet<String> = inputs.identity.vpc.private_subnets.iter().cloned().collect();
    let name = crate::model::names::auto_scaling_group(&owner.name_prefix, group);
    let found = observed_group(observed, &name, owner).filter(|found| !found.deleting && found.properties.subnets == wanted);
    found.is_some_and(|found| launches(found, instance_type, observed))
}

fn launches(group: &ObservedAutoScalingGroup, instance_type: &str, observed: &Observed) -> bool {
    let mut templates = observed.launch_templates.present().into_iter().flat_map(|templates| templates.values());
    let used = templates.find(|template| Some(&template.id) == group.launch_template_id.as_ref());
    used.is_some_and(|template| template.content.instance_type == instance_type)
}
