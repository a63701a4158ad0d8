//! What is desired, with the names and identifiers that stand already in place of those that AWS has yet to hand out.

use crate::model::address::Kind;
use crate::model::observed::Observed;
use crate::plan::desired::{Desired, address_of, alb_security_group_address};
use crate::plan::{capacity_provider, certificate, security_group};
use std::collections::BTreeSet;

/// Everything is looked up anew, so that nothing in it is older than this look, whatever an earlier one has filled in.
#[must_use]
pub fn as_known(desired: &Desired, observed: &Observed) -> Desired {
    let mut known = capacity_provider::as_named(desired, observed);
    let owner = &desired.owner;
    let group = security_group::reference(&address_of(Kind::SecurityGroup, owner), &observed.node_security_group, owner);
    for node_group in known.nodes.iter_mut().flat_map(|nodes| &mut nodes.groups) {
        node_group.content.security_groups = vec![group.clone()];
    }
    if let Some(ingress) = &mut known.ingress {
        let group = security_group::reference(&alb_security_group_address(owner), &observed.alb_security_group, owner);
        ingress.load_balancer.security_groups = BTreeSet::from([group]);
        ingress.https.default_certificate = ingress.zones.first().map(|zone| certificate::reference(&zone.certificate, observed));
    }
    known
}
