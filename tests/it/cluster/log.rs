//! The log of a run as a developer reads it in the platform: plain lines, told as they happen. Times are masked.

use super::{PROVISION, fargate_only, run};
use crate::report::golden::assert_golden;
use crate::support::world::{Output, World};

const ACTION: &str = "MASSDRIVER_DEPLOYMENT_ACTION";

/// The log with everything that differs from run to run put out of sight. Lines that depend on how quick the machine is are left out.
fn masked(output: &Output) -> Vec<String> {
    let lines = output.stderr.lines().map(masked_line);
    lines.filter(|line| !line.contains("  waiting  ")).collect()
}

fn masked_line(line: &str) -> String {
    match stamped(line) {
        Some(said) => format!("TIME  {}", without_elapsed(said)),
        None => line
            .strip_prefix("Done in ")
            .and_then(|rest| rest.split_once(": "))
            .map_or_else(|| line.to_owned(), |(_, rest)| format!("Done in ELAPSED: {rest}")),
    }
}

/// What follows the date and the seconds since the beginning, in a line that has them.
fn stamped(line: &str) -> Option<&str> {
    let (date, rest) = line.split_once(' ')?;
    let is_date = date.len() == 20 && date.starts_with("20") && date.ends_with('Z') && date.as_bytes()[10] == b'T';
    let (seconds, said) = rest.trim_start().split_once("s  ")?;
    (is_date && seconds.parse::<f64>().is_ok()).then_some(said)
}

/// The line without how long it took, which is its last word.
fn without_elapsed(said: &str) -> String {
    let last = said.rsplit(' ').next().unwrap_or_default();
    let is_time = last.strip_suffix('s').is_some_and(|seconds| seconds.parse::<f64>().is_ok());
    if is_time { said[..said.len() - last.len()].to_owned() + "ELAPSED" } else { said.to_owned() }
}

/// Ids are the emulator's: of images, and of subnets, several of which stand in one list.
fn masked_ids(line: &str) -> String {
    let masked = |word: &str| {
        if word.starts_with("ami-") {
            "IMAGE".to_owned()
        } else if word.starts_with("[\"subnet-") {
            "SUBNETS".to_owned()
        } else {
            word.to_owned()
        }
    };
    line.split(' ').map(masked).collect::<Vec<_>>().join(" ")
}

/// The lines in order, those that tell of operations which run at the same time sorted.
fn settled(output: &Output) -> String {
    let mut lines: Vec<String> = masked(output).iter().map(|line| masked_ids(line)).collect();
    for block in lines.chunk_by_mut(|one, other| is_operation(one) && is_operation(other)) {
        block.sort();
    }
    lines.join("\n") + "\n"
}

fn is_operation(line: &str) -> bool {
    ["TIME  done ", "TIME  ready "].iter().any(|beginning| line.starts_with(beginning))
}

#[track_caller]
fn assert_plain(output: &Output) {
    assert!(!output.stderr.contains('\u{1b}') && !output.stderr.contains('\r'), "terminal codes in a log\n{output}");
    for line in output.stderr.lines().filter(|line| line.contains("AWS::") && !line.starts_with(' ')) {
        assert!(stamped(line).is_some(), "a line about a resource without its time: {line}\n{output}");
    }
}

#[track_caller]
fn assert_log(output: &Output, golden: &str) {
    assert_plain(output);
    assert_golden(golden, &settled(output));
}

/// As the platform runs it: no arguments but the folder.
#[test]
fn the_log_of_a_cluster_of_fargate_alone() {
    let mut world = World::seeded_with("log-fargate", &fargate_only());
    for action in ["provision", "decommission"] {
        world.set_env(ACTION, action);
        assert_log(&run(&world, &[], 0), &format!("fargate-{action}.log"));
    }
}

#[test]
fn the_log_of_a_cluster_with_nodes_and_ingress() {
    let seed = serde_json::json!({ "groups": [super::group("general", "t3.medium")], "zones": ["example.com"] });
    let world = World::seeded_with("log-full", &seed);
    assert_log(&run(&world, PROVISION, 0), "full-provision.log");
    assert_log(&run(&world, &["decommission"], 0), "full-decommission.log");
}

#[test]
fn times_are_told_from_what_is_said() {
    assert_eq!(masked_line("2026-01-02T03:04:05Z    12.3s  done     A/b CreateB 0.1s"), "TIME  done     A/b CreateB ELAPSED");
    assert_eq!(masked_line("2026-01-02T03:04:05Z     0.3s  nothing left to do"), "TIME  nothing left to do");
    assert_eq!(masked_line("Done in 1m 2s: 1 created."), "Done in ELAPSED: 1 created.");
    assert_eq!(masked_line("  + AWS::ECS::Cluster  x"), "  + AWS::ECS::Cluster  x");
}
