//! How often each service may be called: no more than AWS takes, so that a run never throttles itself nor the account's other callers.

use crate::plan::action::Service;
use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

/// So many calls within any span of this length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    pub calls: usize,
    pub span: Duration,
}

/// A little more than the second that AWS counts by: calls do not arrive as evenly as they leave.
const SECOND: Duration = Duration::from_millis(1100);

const fn a_second(calls: usize) -> Rate {
    Rate { calls, span: SECOND }
}

/// For operations that AWS publishes no figure for. A run of ordinary size never comes near it.
const COURTESY: Rate = a_second(20);

/// What shares a rate: a name for it, and the rate.
///
/// Route 53 counts the whole account's calls together, ACM each operation by itself (`docs/aws.md`, "All services: quotas of calls").
#[must_use]
pub fn rate_of(service: Service, operation: &str) -> (&'static str, Rate) {
    match (service, operation) {
        (Service::Route53, _) => ("any", a_second(5)),
        (Service::Acm, "ListCertificates") => ("list", a_second(1)),
        (Service::Acm, "RequestCertificate") => ("request", a_second(5)),
        (Service::Acm, "AddTagsToCertificate") => ("tag", a_second(5)),
        (Service::Acm, "DescribeCertificate") => ("describe", a_second(10)),
        (Service::Acm, "ListTagsForCertificate") => ("list tags", a_second(10)),
        (Service::Acm, "DeleteCertificate") => ("delete", a_second(10)),
        _ => ("any", COURTESY),
    }
}

/// When the calls of one service were, or will be, let through.
#[derive(Debug)]
pub struct Turns {
    service: Service,
    given: BTreeMap<&'static str, VecDeque<Instant>>,
}

impl Turns {
    #[must_use]
    pub const fn of(service: Service) -> Self {
        Self { service, given: BTreeMap::new() }
    }

    /// Takes the next turn for a call of this operation: the moment at which it may leave, which is now unless too many have.
    pub fn take(&mut self, operation: &str, now: Instant) -> Instant {
        let (share, rate) = rate_of(self.service, operation);
        let given = self.given.entry(share).or_default();
        let first = if given.len() < rate.calls { None } else { given.pop_front() };
        let turn = first.map_or(now, |first| now.max(first + rate.span));
        given.push_back(turn);
        turn
    }
}
