//! Without one of its permissions a run ends in 1, or does without and warns; either way it says which permission and what it is missing for.

use super::calls::asks;
use super::memory::Memory;
use super::stories::{Story, told};
use crate::matrix::trial::{Tried, try_points};
use crate::support::call::{Call, Reply};
use std::collections::BTreeMap;
use std::fmt;

/// What a run can do without, and why that is right. It warns, and goes on.
const DISPENSABLE: [(&str, &str); 9] = [
    ("autoscaling:DescribeScalingActivities", WHY_NODES_STAY_AWAY),
    ("ec2:DescribeInstanceTypeOfferings", "a type that the zones do not have fails at its launch, and is named there"),
    ("ec2:DescribeInstances", WHY_NODES_STAY_AWAY),
    ("ec2:DescribeRegions", "the validation record is left in place, since certificates of other Regions may need it"),
    ("ec2:DescribeRouteTables", "whether the load balancer can be reached is the network's matter, which may be right all the same"),
    ("ec2:DescribeVpcEndpoints", WHY_NODES_STAY_AWAY),
    ("ec2:DescribeVpcs", "asked only for a cluster of Fargate alone, which uses nothing of the network itself"),
    ("elasticloadbalancing:DescribeSSLPolicies", "the best policy is taken, and AWS refuses the listener if the Region lacks it"),
    ("route53:ListHostedZones", "each zone is asked for by itself"),
];
const WHY_NODES_STAY_AWAY: &str = "it only tells why nodes stay away, and they may come all the same";

/// An action that AWS asks its policies about, with the first chapter of a story that comes by it.
struct Point {
    action: String,
    /// The call that it is asked for: its own, or one that demands it besides.
    call: String,
    story: &'static Story,
    chapter: usize,
}

impl fmt::Display for Point {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} for {} in chapter {} of {}", self.action, self.call, self.chapter + 1, self.story.name)
    }
}

fn points() -> Vec<Point> {
    let mut points: BTreeMap<String, Point> = BTreeMap::new();
    for (story, chapters) in told() {
        let mut memory = Memory::default();
        for (chapter, told) in chapters.iter().enumerate() {
            for call in &told.calls {
                for asked in asks(call, &memory) {
                    let action = asked.action;
                    let is_better = |known: &Point| known.action != known.call && action == call.action();
                    if story.is_sure_of(call) && points.get(&action).is_none_or(is_better) {
                        points.insert(action.clone(), Point { action, call: call.action(), story, chapter });
                    }
                }
                memory.learn(call);
            }
        }
    }
    points.into_values().collect()
}

fn deny(point: &Point) -> Tried {
    let chapter = &point.story.chapters[point.chapter];
    let world = point.story.world(point.chapter);
    let (action, name) = (point.action.clone(), point.call.clone());
    world.proxy.before(move |call| (call.action() == name).then(|| Reply::not_allowed(call, &action)));
    let output = world.run(chapter.args);
    let denied = output.calls_of(&point.call);
    if denied.is_empty() {
        return Tried::NeverCame;
    }
    let is_dispensable = DISPENSABLE.iter().any(|(known, _)| *known == point.action);
    let expected = if is_dispensable { chapter.status } else { 1 };
    assert!(output.status == expected, "ended in {} and not in {expected}\n{output}", output.status);
    let operation = point.call.split_once(':').map_or("", |(_, operation)| operation);
    let resource = if denied.iter().any(|call| Call::is_mutation(call)) { "  AWS::" } else { "" };
    let words = [format!("{operation} failed"), format!("not authorized to perform: {}", point.action), resource.to_owned()];
    // A plan tells what it could not read on stdout.
    let said = format!("{}{}", output.stdout, output.stderr);
    let unsaid: Vec<&String> = words.iter().filter(|words| !said.contains(words.as_str())).collect();
    assert!(unsaid.is_empty(), "does not say {unsaid:?}\n{output}");
    Tried::Converged
}

#[test]
fn without_any_one_permission_a_run_names_it_and_fails_or_warns() {
    try_points("an action of the policy is denied", &points(), 4, deny);
}
