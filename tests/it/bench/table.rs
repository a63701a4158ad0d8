//! The benchmark's table: figures, and how they stand to what they should be.

use std::time::Duration;

use super::MEBIBYTE;
use super::process::Cost;

/// What a run may cost; `None` where nothing is wanted of it.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// AWS's own waiting, or whatever the time is compared with.
    pub time: Option<Duration>,
    /// How many times as long the run may take.
    pub ratio: f64,
    pub calls: Option<usize>,
    pub processor: Option<Duration>,
    pub memory: Option<u64>,
}

impl Default for Limits {
    fn default() -> Self {
        Self { time: None, ratio: 1.0, calls: None, processor: None, memory: None }
    }
}

pub fn head() {
    eprintln!("{:<36} {:>9} {:>16} {:>12} {:>16} {:>16}", "", "time", "of the limit", "calls", "processor", "memory");
}

pub fn row(what: &str, cost: &Cost, limits: Limits) {
    let time = limits.time.map(|limit| format!("{:.2} <= {:.2}", cost.time.as_secs_f64() / limit.as_secs_f64(), limits.ratio));
    eprintln!(
        "{what:<36} {:>7.2} s {:>16} {:>12} {:>16} {:>16}",
        cost.time.as_secs_f64(),
        time.unwrap_or_default(),
        beside(&calls(cost).to_string(), limits.calls.map(|most| most.to_string())),
        beside(&format!("{:.2} s", cost.processor.as_secs_f64()), limits.processor.map(|most| format!("{:.2}", most.as_secs_f64()))),
        beside(&format!("{} MB", cost.memory / MEBIBYTE), limits.memory.map(|most| (most / MEBIBYTE).to_string())),
    );
}

/// How a run of another program stands to ours.
pub fn beside_ours(theirs: &Cost, ours: &Cost) {
    let times = |theirs: f64, ours: f64| theirs / ours.max(f64::EPSILON);
    eprintln!(
        "    {:.1} times our time, {:.1} times our calls, {:.0} times our processor time",
        times(theirs.time.as_secs_f64(), ours.time.as_secs_f64()),
        times(calls(theirs) as f64, calls(ours) as f64),
        // The clock of the processor ticks in hundredths.
        times(theirs.processor.as_secs_f64(), ours.processor.as_secs_f64().max(0.01)),
    );
}

/// Assuming a role is not counted: with credentials that are those of the role already, it is not called.
fn calls(cost: &Cost) -> usize {
    cost.calls.iter().filter(|call| call.service != "sts").count()
}

fn beside(figure: &str, most: Option<String>) -> String {
    most.map_or_else(|| figure.to_owned(), |most| format!("{figure} <= {most}"))
}
