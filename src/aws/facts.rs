//! Gathers what must be known of the account before a cluster can be designed, all of it at once.

use crate::aws::Aws;
use crate::aws::call::seen;
use crate::aws::failure::Failure;
use crate::inputs::Inputs;
use crate::model::facts::{Facts, HostedZone, ImageFamily, Seen};
use crate::plan::desired::TLS_POLICIES;
use futures_util::future::join_all;
use std::collections::{BTreeMap, BTreeSet};

impl Aws {
    /// Reads only what these inputs need. A read that fails leaves its part unknown.
    pub async fn facts(&self, inputs: &Inputs) -> Facts {
        let network = &inputs.identity.vpc;
        let ingress = inputs.cluster.ingress.as_ref();
        let public: &[String] = ingress.map_or(&[], |_| &network.public_subnets);
        let private: &[String] = if inputs.cluster.groups.is_empty() { &[] } else { &network.private_subnets };
        let subnet_ids: BTreeSet<String> = public.iter().chain(private).cloned().collect();
        let types: BTreeSet<&str> = inputs.cluster.groups.iter().map(|group| group.instance.name).collect();
        let families: BTreeSet<ImageFamily> = inputs.cluster.groups.iter().filter_map(|group| group.instance.image_family()).collect();
        let zone_ids: &[String] = ingress.map_or(&[], |ingress| &ingress.zones);
        let (vpc, subnets, internet_subnets, offerings, images, zones, tls_policies) = tokio::join!(
            self.vpc_exists(&network.id),
            self.subnets(&subnet_ids),
            self.internet_routes(&network.id, public),
            self.offerings(&types),
            self.recommended_images(&families),
            join_all(zone_ids.iter().map(|id| self.zone(id))),
            self.tls_policies(ingress.is_some().then_some(&TLS_POLICIES[..])),
        );
        Facts {
            vpc: seen(vpc),
            subnets: seen(subnets.map(Some)),
            internet_subnets: seen(internet_subnets.map(Some)),
            zones: zones.into_iter().collect::<BTreeMap<_, _>>(),
            offerings: seen(offerings.map(Some)),
            images: seen(images.map(Some)),
            tls_policies: seen(tls_policies.map(Some)),
        }
    }

    async fn internet_routes(&self, vpc_id: &str, public: &[String]) -> Result<BTreeSet<String>, Failure> {
        if public.is_empty() { Ok(BTreeSet::new()) } else { self.internet_subnets(vpc_id, public).await }
    }

    async fn zone(&self, id: &str) -> (String, Seen<HostedZone>) {
        (id.to_owned(), seen(self.hosted_zone(id).await))
    }
}
