//! The real Checkov over the plans of a whole cluster, before and after it is made.

use crate::cluster::{PROVISION, run};
use crate::support::world::World;
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;

/// Checks that fail, each with the reason why that is meant.
const MEANT: [(&str, &str); 4] = [
    ("CKV2_AWS_28", "which web ACL protects the load balancer is for the account to choose"),
    ("CKV2_AWS_71", "one certificate for a zone and one level below it serves every app"),
    ("CKV_AWS_260", "port 80 is open to redirect to HTTPS, and serves nothing"),
    ("CKV_AWS_91", "the bundle has no bucket to write access logs to"),
];
/// Checks that pass only where Checkov sees which resource refers to which: the security groups are used, HTTP is redirected.
const BY_REFERENCE: [&str; 2] = ["CKV2_AWS_20", "CKV2_AWS_5"];

fn checkov() -> PathBuf {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(".venv-checkov/bin/checkov");
    assert!(path.exists(), "Checkov is not installed: run `make test`, which makes .venv-checkov, or `make checkov` alone");
    path
}

/// Checkov's report on the plan in this file.
fn scan(plan: &Path) -> Value {
    let mut command = Command::new(checkov());
    command.arg("-f").arg(plan).args(["--framework", "terraform_plan", "--skip-download", "--output", "json"]);
    let output = command.output().expect("Checkov to run");
    let text = String::from_utf8_lossy(&output.stdout);
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("no report: {error}\n{text}\n{}", String::from_utf8_lossy(&output.stderr)))
}

fn ids<'a>(report: &'a Value, kind: &str) -> BTreeSet<&'a str> {
    let checks = report["results"][kind].as_array().into_iter().flatten();
    checks.filter_map(|check| check["check_id"].as_str()).collect()
}

#[track_caller]
fn assert_clean(report: &Value, resources: usize) {
    assert_eq!(report["summary"]["parsing_errors"], 0, "{:#}", report["summary"]);
    assert_eq!(report["summary"]["resource_count"], resources, "{:#}", report["summary"]);
    assert_eq!(ids(report, "failed_checks"), MEANT.iter().map(|(id, _)| *id).collect());
    let passed = ids(report, "passed_checks");
    assert!(BY_REFERENCE.iter().all(|id| passed.contains(id)), "{passed:?}");
    assert!(passed.len() >= 25, "few checks apply: {passed:?}");
}

#[test]
fn checkov_has_nothing_against_the_plan_of_a_cluster_but_what_is_meant() {
    let world = World::seeded("checkov");
    let plan = |name: &str| {
        let text = run(&world, &["plan", "--output", "terraform-plan"], 0).stdout;
        world.write(name, &text);
        world.dir().join(name)
    };
    let fresh = plan("fresh.json");
    run(&world, PROVISION, 0);
    let standing = plan("standing.json");
    let fresh = thread::spawn(move || scan(&fresh));
    assert_clean(&scan(&standing), 31);
    assert_clean(&fresh.join().expect("a report"), 31);
}
