//! How long AWS takes: what each test can slow down.

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
}

impl Lags {
    /// Everything takes this many polls or tries; no certificate fails.
    pub fn all(polls: usize) -> Self {
        Self {
            load_balancer_provisioning: polls,
            attachments: polls,
            capacity_provider_deleting: polls,
            certificate_records: polls,
            certificate_pending: polls,
            certificates_failing: 0,
            instance_profile_unknown: polls,
            auto_scaling_group_deleting: polls,
            network_interfaces_lingering: polls,
            certificate_in_use: polls,
            security_group_hidden: polls,
            load_balancer_hidden: polls,
            auto_scaling_group_hidden: polls,
            certificate_hidden: polls,
        }
    }
}
