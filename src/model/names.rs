//! The names of everything made for one instance of the bundle: the original's where AWS allows them, else shortened with a hash.
//!
//! Adoption finds resources by these names, so a name is only ever altered when AWS would refuse it.

use sha2::{Digest, Sha256};
use std::fmt::Write;

/// What one AWS service says about a name, in characters.
struct NameRule {
    limit: usize,
    /// Prefixes that the service keeps for itself, compared without regard to case.
    reserved: &'static [&'static str],
}

const LOAD_BALANCER: NameRule = NameRule { limit: 32, reserved: &["internal-"] };
const ROLE: NameRule = NameRule { limit: 64, reserved: &[] };
const INSTANCE_PROFILE: NameRule = NameRule { limit: 128, reserved: &[] };
const CAPACITY_PROVIDER: NameRule = NameRule { limit: 255, reserved: &["aws", "ecs", "fargate"] };
const SECURITY_GROUP: NameRule = NameRule { limit: 255, reserved: &["sg-"] };
const LAUNCH_TEMPLATE: NameRule = NameRule { limit: 128, reserved: &[] };

/// Eight hexadecimal digits: enough to keep the few names of one account apart.
const HASH_LENGTH: usize = 8;
/// Put before a name whose own beginning is reserved; itself reserved by no service.
const STAND_IN: &str = "md-";

#[must_use]
pub fn load_balancer(prefix: &str) -> String {
    fitted(prefix, &LOAD_BALANCER)
}

#[must_use]
pub fn role(prefix: &str) -> String {
    fitted(prefix, &ROLE)
}

#[must_use]
pub fn instance_profile(prefix: &str) -> String {
    fitted(prefix, &INSTANCE_PROFILE)
}

#[must_use]
pub fn node_security_group(prefix: &str) -> String {
    fitted(prefix, &SECURITY_GROUP)
}

#[must_use]
pub fn alb_security_group(prefix: &str) -> String {
    fitted(&format!("{prefix}-alb"), &SECURITY_GROUP)
}

/// The Auto Scaling group of a node group. Auto Scaling reserves no prefix and allows 255 characters.
#[must_use]
pub fn auto_scaling_group(prefix: &str, group: &str) -> String {
    format!("{prefix}-{}", bare_group(prefix, group))
}

/// A node group's name without the prefix: in the OpenTofu bundle's first inputs it held it already, and was trimmed ever since.
#[must_use]
pub fn bare_group<'a>(prefix: &str, group: &'a str) -> &'a str {
    group.strip_prefix(prefix).and_then(|rest| rest.strip_prefix('-')).unwrap_or(group)
}

/// What older versions of the OpenTofu bundle called the capacity provider of this Auto Scaling group: by the node group's name alone.
#[must_use]
pub fn older_capacity_provider<'a>(prefix: &str, auto_scaling_group: &'a str) -> &'a str {
    bare_group(prefix, auto_scaling_group)
}

/// A function of the Auto Scaling group's name, so that the provider of a group that the inputs no longer name is found too.
#[must_use]
pub fn capacity_provider(auto_scaling_group: &str) -> String {
    fitted(auto_scaling_group, &CAPACITY_PROVIDER)
}

#[must_use]
pub fn launch_template(auto_scaling_group: &str) -> String {
    fitted(auto_scaling_group, &LAUNCH_TEMPLATE)
}

/// The first `length` hexadecimal digits of the SHA-256 of `text`.
#[must_use]
pub fn short_hash(text: &str, length: usize) -> String {
    let mut digits = String::with_capacity(64);
    for byte in Sha256::digest(text.as_bytes()) {
        let _ = write!(digits, "{byte:02x}");
    }
    digits.truncate(length);
    digits
}

fn fitted(name: &str, rule: &NameRule) -> String {
    let reserved = starts_with_any(name, rule.reserved);
    if name.len() <= rule.limit && !reserved {
        return name.to_owned();
    }
    let hash = short_hash(name, HASH_LENGTH);
    let stem = if reserved { format!("{STAND_IN}{name}") } else { name.to_owned() };
    let room = rule.limit - HASH_LENGTH - 1;
    let kept: String = stem.chars().take(room).collect();
    format!("{}-{hash}", kept.trim_end_matches('-'))
}

fn starts_with_any(name: &str, prefixes: &[&str]) -> bool {
    let lower = name.to_ascii_lowercase();
    prefixes.iter().any(|prefix| lower.starts_with(prefix))
}
