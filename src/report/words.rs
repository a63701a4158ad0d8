//! Small words: plurals, durations, and resources in short.

use crate::model::address::{Address, Kind};
use std::time::Duration;

/// `1 change`, `2 changes`.
pub fn count(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

const HOUR: u64 = 60 * 60;

/// Seconds as people say them: `0.3s`, `42s`, `3m 20s`, `1h 12m`.
pub fn seconds(elapsed: f64) -> String {
    if elapsed < 10.0 {
        return format!("{elapsed:.1}s");
    }
    let whole = Duration::from_secs_f64(elapsed.round()).as_secs();
    let told = if whole < HOUR { whole } else { whole - whole % 60 };
    humantime::format_duration(Duration::from_secs(told)).to_string()
}

/// The kind without AWS's namespaces: `LoadBalancer`.
pub fn short_kind(kind: Kind) -> &'static str {
    if kind == Kind::ClusterCapacityProviders {
        // CloudFormation's own is as long as a line.
        return "CapacityProviders";
    }
    let name = kind.type_name();
    name.rsplit("::").next().unwrap_or(name)
}

/// `Cluster my-cluster`, where the whole address would take too much room.
pub fn short(address: &Address) -> String {
    format!("{} {}", short_kind(address.kind), address.name)
}

/// The same without the prefix that all of an instance's names begin with: `LaunchTemplate arm`, or the kind alone.
pub fn shorter(address: &Address, prefix: &str) -> String {
    let name = address.name.strip_prefix(prefix).map_or(address.name.as_str(), |rest| rest.trim_start_matches('-'));
    let kind = short_kind(address.kind);
    if name.is_empty() { kind.to_owned() } else { format!("{kind} {name}") }
}
