//! Without one of its permissions a run ends in 1, and says which permission and what it is missing for.

use super::life::{CHAPTERS, live, world};
use crate::cluster::run;
use crate::support::call::Call;
use crate::support::proxy::Fault;
use std::collections::BTreeMap;
use std::fmt::Write;

/// How many of the permissions are tried each time; all of them where one of these variables is set.
const SAMPLE: usize = 4;
const EXHAUSTIVE: [&str; 2] = ["TEST_EXHAUSTIVE", "MATRIX_EXHAUSTIVE"];
const ALWAYS: usize = 1000;

/// What a run can do without, and what it makes of the lack.
const DISPENSABLE: [(&str, Lack); 5] = [
    // A type that is not offered, or a subnet without a way out, is then found out by what fails.
    ("ec2:DescribeInstanceTypeOfferings", Lack::Told),
    ("ec2:DescribeRouteTables", Lack::Told),
    // The validation record is left in place.
    ("ec2:DescribeRegions", Lack::Told),
    // The best policy is taken, and AWS says if the Region lacks it.
    ("elasticloadbalancing:DescribeSSLPolicies", Lack::MadeUpFor),
    // Each zone is asked for by itself.
    ("route53:ListHostedZones", Lack::MadeUpFor),
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Lack {
    Fatal,
    Told,
    MadeUpFor,
}

fn lack_of(action: &str) -> Lack {
    DISPENSABLE.iter().find(|(known, _)| *known == action).map_or(Lack::Fatal, |(_, lack)| *lack)
}

/// Each action with the chapter of the cluster's life that is the first to come by it.
fn points() -> Vec<(String, usize)> {
    let mut first: BTreeMap<String, usize> = BTreeMap::new();
    for (chapter, calls) in live(world("denied")).iter().enumerate() {
        for call in calls {
            first.entry(call.action()).or_insert(chapter);
        }
    }
    first.into_iter().collect()
}

/// What is wrong with the end of a run that was denied this action.
fn wrong(action: &str, chapter: usize) -> Option<String> {
    let mut world = world(&action.replace(':', "-"));
    for earlier in &CHAPTERS[..chapter] {
        (earlier.happens)(&mut world);
        run(&world, earlier.args, 0);
    }
    (CHAPTERS[chapter].happens)(&mut world);
    world.proxy.fail(action, ALWAYS, Fault::Denied);
    let output = world.run(CHAPTERS[chapter].args);
    let lack = lack_of(action);
    let expected = i32::from(lack == Lack::Fatal);
    let operation = action.split(':').nth(1).unwrap_or_default();
    let mutation = output.calls.iter().filter(|call| call.action() == action).any(Call::is_mutation);
    let mut words = Vec::new();
    if output.status != expected {
        words.push(format!("ended in {} and not in {expected}", output.status));
    }
    if lack != Lack::MadeUpFor && !output.stderr.contains(&format!("{operation} failed")) && action != "sts:AssumeRole" {
        words.push(format!("does not say that {operation} failed"));
    }
    if lack != Lack::MadeUpFor && !output.stderr.contains(&format!("not authorized to perform: {action}")) {
        words.push("does not say what is not allowed".to_owned());
    }
    if mutation && !output.stderr.contains("  AWS::") {
        words.push("does not name the resource".to_owned());
    }
    (!words.is_empty()).then(|| format!("{action}: {}\n{}", words.join(", "), output.stderr))
}

#[test]
fn without_any_one_permission_a_run_fails_and_names_it() {
    let points = points();
    let exhaustive = EXHAUSTIVE.iter().any(|variable| std::env::var_os(variable).is_some());
    let step = if exhaustive { 1 } else { points.len() / SAMPLE };
    let mut failures = String::new();
    let mut tried = 0;
    for (action, chapter) in points.iter().step_by(step) {
        tried += 1;
        if let Some(words) = wrong(action, *chapter) {
            let _ = writeln!(failures, "{words}\n");
        }
    }
    println!("{tried} of {} permissions denied", points.len());
    assert!(failures.is_empty(), "{failures}");
}
