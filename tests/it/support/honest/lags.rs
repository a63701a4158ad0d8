//! How long AWS takes: what each test can slow down.

use super::launches::LaunchFailure;

/// Counts of polls or tries that are answered "not yet"; zero is the emulator's own haste.
#[derive(Clone, Debug, Default)]
pub struct Lags {
    /// Describes of a new load balancer that show it `provisioning`.
    pub load_balancer_provisioning: usize,
    /// Describes after a change of a cluster's capacity providers that show it in progress.
    pub attachments: usize,
    /// Describes of a deleted capacity provider that still show it.
    pub capacity_provider_deleting: usize,
    /// Describes of a new certificate that do not show its records, or not all of them.
    pub certificate_records: usize,
    /// Describes of a certificate that show it pending although its record stands.
    pub certificate_pending: usize,
    /// How many of the next certificates that are requested fail once their record stands.
    pub certificates_failing: usize,
    /// The same for certificates whose validation times out, as it does after three days.
    pub certificates_timing_out: usize,
    /// Tries to make an Auto Scaling group before its instance profile is known.
    pub instance_profile_unknown: usize,
    /// Describes of a deleted Auto Scaling group that still show it.
    pub auto_scaling_group_deleting: usize,
    /// Tries to delete the security group of a deleted load balancer while its network interfaces linger.
    pub network_interfaces_lingering: usize,
    /// Tries to delete a certificate whose listener is gone while it counts as in use.
    pub certificate_in_use: usize,
    /// Describes that do not show a new security group yet.
    pub security_group_hidden: usize,
    /// Describes that do not show a new load balancer yet.
    pub load_balancer_hidden: usize,
    /// Describes that do not show a new Auto Scaling group yet.
    pub auto_scaling_group_hidden: usize,
    /// Lists that do not show a new certificate yet.
    pub certificate_hidden: usize,
    /// Tries of each call that builds on something new before it is known there.
    pub newborn_unknown: usize,
    /// Tries of some calls that are refused with what passes, as in a new account.
    pub passing_refusals: usize,
    /// Reads after a change of tags, attributes or settings that show what was before.
    pub stale_reads: usize,
    /// Reads after something was made or deleted that do not know it yet, of kinds that have no count of their own here.
    pub unnoticed_reads: usize,
    /// Changes of a zone that are refused after one was accepted.
    pub zone_busy: usize,
    /// Describes after a change of a capacity provider that show it in progress.
    pub capacity_provider_updating: usize,
    /// How many of the next changes of capacity providers fail behind a success.
    pub updates_failing: usize,
    /// Describes that show a capacity provider that is gone as `INACTIVE`.
    pub capacity_provider_inactive: usize,
    /// How many of the next changes of a cluster's list of capacity providers fail behind a success.
    pub attachments_failing: usize,
    /// Describes of a draining node until what services run on it has moved away.
    pub draining: usize,
    /// Describes that each step of an instance refresh takes beyond the one that every step takes.
    pub instance_refresh: usize,
    /// How many of the next instance refreshes fail.
    pub refreshes_failing: usize,
    /// Tries of Auto Scaling that launch nothing, for each group that is to grow, and why.
    pub launches_failing: usize,
    pub launch_failure: LaunchFailure,
    /// Items on a page of a list; with zero every list is one page.
    pub page_size: usize,
}

/// Small enough that a list of three has two pages.
const PAGE: usize = 2;

impl Lags {
    /// Everything takes this many polls or tries, and pages are small; nothing fails for good.
    pub fn all(polls: usize) -> Self {
        Self {
            load_balancer_provisioning: polls,
            attachments: polls,
            capacity_provider_deleting: polls,
            certificate_records: polls,
            certificate_pending: polls,
            instance_profile_unknown: polls,
            auto_scaling_group_deleting: polls,
            network_interfaces_lingering: polls,
            certificate_in_use: polls,
            security_group_hidden: polls,
            load_balancer_hidden: polls,
            auto_scaling_group_hidden: polls,
            certificate_hidden: polls,
            newborn_unknown: polls,
            passing_refusals: polls,
            stale_reads: polls,
            unnoticed_reads: polls,
            zone_busy: polls,
            capacity_provider_updating: polls,
            capacity_provider_inactive: polls,
            draining: polls,
            page_size: PAGE,
            ..Self::default()
        }
    }
}
