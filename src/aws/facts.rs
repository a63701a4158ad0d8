//! Gathers what must be known of the account before a cluster can be designed, all of it at once, and of that only what the look does not show.

use crate::aws::call::seen;
use crate::aws::failure::Failure;
use crate::aws::route53::Zones;
use crate::aws::{Aws, Scope};
use crate::inputs::Inputs;
use crate::model::facts::{Facts, ImageFamily, Seen, Subnet};
use crate::model::observed::Observed;
use crate::plan::desired::TLS_POLICIES;
use crate::plan::standing::{NetworkQuestions, needed_subnets};
use std::collections::{BTreeMap, BTreeSet};

type Subnets = BTreeMap<String, Subnet>;
type Offerings = BTreeMap<String, BTreeSet<String>>;

impl Aws {
    /// Looks at what may be this instance's, and reads what these inputs need beside it. A read that fails leaves its part unknown.
    pub async fn survey(&self, inputs: &Inputs, scope: &Scope) -> (Facts, Observed) {
        let families: BTreeSet<ImageFamily> = inputs.cluster.groups.iter().filter_map(|group| group.instance.image_family()).collect();
        let zone_ids: &[String] = inputs.cluster.ingress.as_ref().map_or(&[], |ingress| &ingress.zones);
        let (observed, images, zones) = tokio::join!(self.look(scope), self.recommended_images(&families), self.hosted_zones(zone_ids));
        let questions = NetworkQuestions::new(inputs, &observed);
        let mut facts = self.network(inputs, &questions, seen(images.map(Some)), zones).await;
        facts.load_balancer_subnets = own_subnets(inputs, &observed);
        (facts, observed)
    }

    async fn network(
        &self,
        inputs: &Inputs,
        questions: &NetworkQuestions,
        images: Seen<BTreeMap<ImageFamily, String>>,
        zones: Zones,
    ) -> Facts {
        let vpc_id = &inputs.identity.vpc.id;
        let (subnets, routed, offerings, policies) = tokio::join!(
            self.subnets(&questions.subnets),
            self.internet_subnets(vpc_id, &questions.routed),
            self.offerings(&questions.instance_types),
            self.tls_policies(&questions.tls_policies),
        );
        let subnets = if questions.subnets.is_empty() { Ok(standing_subnets(inputs)) } else { subnets };
        let public = inputs.cluster.ingress.iter().flat_map(|_| inputs.identity.vpc.public_subnets.iter().cloned());
        let routed = if questions.routed.is_empty() { Ok(public.collect()) } else { routed };
        let offerings = match &subnets {
            Ok(subnets) if questions.instance_types.is_empty() => Ok(standing_offerings(inputs, subnets)),
            _ => offerings,
        };
        let policies = if questions.tls_policies.is_empty() { Ok(BTreeSet::from([TLS_POLICIES[0].to_owned()])) } else { policies };
        Facts {
            vpc: seen(self.vpc(vpc_id, subnets.as_ref().ok()).await),
            subnets: seen(subnets.map(Some)),
            internet_subnets: seen(routed.map(Some)),
            zones: zones.by_id,
            listed_zones: zones.listed,
            offerings: seen(offerings.map(Some)),
            images,
            tls_policies: seen(policies.map(Some)),
            load_balancer_subnets: BTreeSet::new(),
        }
    }

    /// A subnet of the VPC shows that there is one.
    async fn vpc(&self, id: &str, subnets: Option<&Subnets>) -> Result<Option<()>, Failure> {
        if subnets.is_some_and(|subnets| subnets.values().any(|subnet| subnet.vpc_id == id)) {
            Ok(Some(()))
        } else {
            self.vpc_exists(id).await
        }
    }
}

fn own_subnets(inputs: &Inputs, observed: &Observed) -> BTreeSet<String> {
    let ours = observed.load_balancer.ours(&inputs.identity.owner);
    ours.map(|found| found.properties.subnets.clone()).unwrap_or_default()
}

/// The subnets that the cluster stands on. Their zones are not asked for: what counts of them is that they differ, so each bears its subnet's name.
fn standing_subnets(inputs: &Inputs) -> Subnets {
    let vpc_id = &inputs.identity.vpc.id;
    let subnet = |id: String| (id.clone(), Subnet { availability_zone: id.clone(), vpc_id: vpc_id.clone(), id });
    needed_subnets(inputs).into_iter().map(subnet).collect()
}

/// Types that run where they are wanted are offered there.
fn standing_offerings(inputs: &Inputs, subnets: &Subnets) -> Offerings {
    let private = inputs.identity.vpc.private_subnets.iter().filter_map(|id| subnets.get(id));
    let zones: BTreeSet<String> = private.map(|subnet| subnet.availability_zone.clone()).collect();
    inputs.cluster.groups.iter().map(|group| (group.instance.name.to_owned(), zones.clone())).collect()
}
