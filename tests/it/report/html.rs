//! The report of a run: whole, sound and safe, however the run ended.

use super::page::Page;
use super::record::{cluster, finished};
use crate::cluster::{PREFIX, assert_untouched, group, run};
use crate::support::call::Reply;
use crate::support::proxy::Fault;
use crate::support::world::{REGION, World};
use aws_ecs_cluster::inputs::{Document, Problem};
use aws_ecs_cluster::plan::adoption::Adoption;
use aws_ecs_cluster::plan::{Change, ChangeAction, FieldChange, Goal, Plan, Refusal};
use aws_ecs_cluster::report::dossier::{Dossier, End};
use aws_ecs_cluster::report::html;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::sync::mpsc::channel;
use std::time::Duration;

const REPORT: &str = "report.html";

fn world(name: &str) -> World {
    World::seeded_with(name, &json!({ "groups": [group("general", "t3.medium")], "zones": ["example.com"] }))
}

#[track_caller]
fn page(world: &World) -> Page {
    let source = fs::read_to_string(world.dir().join(REPORT)).expect("a report");
    let secret = world.connections()["aws_authentication"]["data"]["external_id"].as_str().expect("an external id");
    assert!(!source.contains(secret), "the report shows the external id");
    Page::sound(&source)
}

fn dossier(plan: Option<Plan>, end: End) -> Dossier {
    Dossier {
        command: "provision",
        program_version: "0.1.0",
        began: "2026-01-01 00:00:00 UTC".into(),
        elapsed: 62.5,
        target: Some(("demo".into(), "us-west-2".into())),
        plan,
        recording: finished(),
        end,
        ..Dossier::default()
    }
}

#[test]
fn the_report_of_a_run_tells_every_change_operation_and_wait() {
    let world = world("told");
    let planned = run(&world, &["plan", "--no-wait-for-nodes", "--report", REPORT, "--output", "json"], 0).json();
    let shown = page(&world);
    let addresses: Vec<&str> =
        planned["changes"].as_array().expect("changes").iter().filter_map(|change| change["address"].as_str()).collect();
    assert!(addresses.len() > 10);
    let made = run(&world, &["provision", "--no-wait-for-nodes", "--report", REPORT, "--output", "json"], 0);
    let told = page(&world);
    for address in addresses {
        assert!(shown.text().contains(address) && told.text().contains(address), "{address} is missing");
        assert!(told.all("g").iter().any(|node| node.text.contains(address)), "{address} is not drawn");
    }
    let events: Vec<Value> = made.stderr.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let ended = events.iter().filter(|event| ["done", "ready"].contains(&event["event"].as_str().unwrap_or_default())).count();
    let looks = events.iter().filter(|event| event["event"] == "looking").count();
    assert_eq!(told.with_class("lane").len(), ended + looks, "a bar for every operation, wait and look, the first included");
    let mut mutations: BTreeMap<&str, usize> = BTreeMap::new();
    made.mutations().into_iter().for_each(|call| *mutations.entry(&call.operation).or_default() += 1);
    for (operation, number) in mutations {
        let rows = told.all("tr").iter().filter(|row| row.text.contains(operation)).count();
        assert!(rows >= number, "{operation} was called {number} times, and is told {rows} times");
    }
    assert!(told.all("h1")[0].text.contains(PREFIX));
    assert!(told.with_class("badge")[0].text.contains("Done"));
}

#[test]
fn the_critical_path_is_marked_and_told_in_words() {
    let page = Page::sound(&html::page(&dossier(None, End::default()), 0));
    let marked: Vec<&str> =
        page.all("tr").iter().filter(|row| row.text.contains("critical")).map(|row| row.text.split(" critical").next().unwrap()).collect();
    let expected = [
        "Look at AWS",
        "Certificate example.com RequestCertificate",
        "Certificate example.com waits for the certificate for `example.com` to be ISSUED",
        "Listener :443 CreateListener",
        "Look at AWS",
    ];
    assert_eq!(marked, expected);
    let path: Vec<&str> =
        page.all("li").iter().filter(|item| item.around.contains(&"ol".to_owned())).map(|item| item.text.as_str()).collect();
    assert_eq!(path.len(), 5);
    assert!(path[2].ends_with("59s"), "{path:?}");
    // From the first look to the end of the last, and no longer than the run.
    assert!(page.text().contains("The critical path, 1m 3s"), "{}", page.text());
}

#[test]
fn a_failed_run_is_reported_with_what_stands_and_what_to_do() {
    let world = world("failed");
    world.proxy.fail("ecs:CreateCluster", 1000, Fault::Denied);
    run(&world, &["provision", "--report", REPORT], 1);
    let page = page(&world);
    assert!(page.with_class("badge")[0].text.contains("Failed"));
    for words in ["CreateCluster", "allow this action", "what was made stands", "not done"] {
        assert!(page.text().contains(words), "`{words}` is not said: {}", page.text());
    }
    assert!(page.with_class("failed").iter().any(|node| node.text.contains("AWS::ECS::Cluster")), "the drawing does not show it");
}

#[test]
fn a_refusal_and_invalid_inputs_are_reported_too() {
    let mut world = world("refused");
    world.take_name("cluster");
    run(&world, &["provision", "--report", REPORT], 4);
    let refused = page(&world);
    assert!(refused.with_class("badge")[0].text.contains("Refused"));
    assert!(refused.text().contains("the name is taken") && refused.text().contains("To go on: "), "{}", refused.text());
    assert!(refused.text().contains("protect what is there; nothing was changed."), "{}", refused.text());
    run(&world, &["plan", "--report", REPORT], 4);
    assert!(page(&world).text().contains("the name is taken"));
    world.set_params(|params| params["cluster"]["instances"][0]["min_size"] = json!("one"));
    run(&world, &["plan", "--report", REPORT], 2);
    let invalid = page(&world);
    assert!(invalid.text().contains("params.json#/cluster/instances/0/min_size"), "{}", invalid.text());
    assert!(invalid.all("svg").is_empty());
}

#[test]
fn a_report_that_cannot_be_written_is_known_before_anything_is_done() {
    let world = world("nowhere");
    // The second is there and takes no files, the third is a folder itself.
    for place in ["no/such/folder/report.html", "/proc/report.html", "."] {
        let output = run(&world, &["provision", "--report", place], 2);
        assert!(output.calls.is_empty(), "{output}");
        assert!(output.stderr.contains("name a file that can be written to, in a folder that exists"), "{output}");
    }
}

#[test]
fn a_report_that_is_not_written_after_all_leaves_the_cluster_and_says_so() {
    let world = World::seeded_with("full", &json!({ "groups": [], "zones": [] }));
    let output = run(&world, &["provision", "--report", "/dev/full"], 1);
    assert!(output.stderr.contains("No space left on device") && output.stderr.contains("the cluster stands as wanted"), "{output}");
    assert!(output.stdout.contains("\"infrastructure\""), "{output}");
}

#[test]
fn a_pipe_that_nobody_reads_is_not_waited_for() {
    let world = World::bare("pipe");
    let pipe = world.dir().join("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().expect("mkfifo").success());
    world.write("params.json", "{");
    let output = world.start(&["plan", "--report", "pipe"]).wait_within(Duration::from_secs(20)).expect(2);
    assert!(output.stderr.contains("the report could not be written to `pipe`"), "{output}");
}

#[test]
fn an_old_report_stays_whole_until_there_is_another() {
    let world = World::bare("whole");
    world.write("params.json", "{");
    world.write(REPORT, "what was there");
    let mut old = std::fs::File::open(world.dir().join(REPORT)).expect("the old report");
    run(&world, &["plan", "--report", REPORT], 2);
    assert!(page(&world).with_class("badge").len() == 1);
    assert_eq!(std::io::read_to_string(&mut old).expect("what was there"), "what was there");
    let names = std::fs::read_dir(world.dir())
        .expect("the folder")
        .filter(|entry| entry.as_ref().is_ok_and(|entry| entry.file_name().to_string_lossy().contains("aws-ecs-cluster-report")));
    assert_eq!(names.count(), 0);
}

#[test]
fn an_interrupted_run_is_reported() {
    let world = world("stopped");
    let gate = crate::cluster::gate::Gate::before(&world, "ecs:CreateCapacityProvider");
    let mut running = world.start(&["provision", "--report", REPORT]);
    gate.wait();
    running.signal("INT");
    gate.open();
    running.wait().expect(130);
    let page = page(&world);
    assert!(page.with_class("badge")[0].text.contains("Interrupted"));
    assert!(page.text().contains("Not begun"), "{}", page.text());
}

#[test]
fn a_plan_and_an_artifact_can_be_interrupted_and_the_report_knows_what_it_was_to_be() {
    let commands = [
        (&["plan", "--report", REPORT][..], "Plan to provision"),
        (&["plan", "--decommission", "--report", REPORT], "Plan to decommission"),
        (&["artifact"], ""),
    ];
    let world = world("early");
    for ((args, title), signal) in commands.into_iter().zip(["INT", "TERM", "INT"]) {
        world.write(REPORT, "what was there");
        let (asked, asking) = channel();
        world.proxy.before(move |call| {
            (call.operation == "DescribeClusters").then(|| {
                asked.send(()).ok();
                Reply::throttled(call).after(Duration::from_mins(1))
            })
        });
        let mut running = world.start(args);
        asking.recv_timeout(Duration::from_mins(1)).expect("a look at the cluster");
        assert_eq!(fs::read_to_string(world.dir().join(REPORT)).expect("the file"), "what was there");
        running.signal(signal);
        let output = running.wait().expect(130);
        assert_untouched(&output);
        assert!(output.stdout.is_empty() && output.stderr.contains("interrupted; nothing was changed"), "{output}");
        if !title.is_empty() {
            let page = page(&world);
            assert_eq!(page.all("h1")[0].text, format!("{title} {PREFIX}"));
            assert!(page.with_class("badge")[0].text.contains("Interrupted") && page.text().contains(REGION), "{}", page.text());
        }
        world.proxy.clear_rules();
    }
}

#[test]
fn nothing_that_comes_from_outside_becomes_markup() {
    let evil = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>";
    let change = Change {
        address: cluster(),
        action: ChangeAction::Update,
        fields: vec![FieldChange { path: evil.into(), old: json!(evil), new: json!({ evil: [evil, 1, null] }) }],
        disruptive: true,
        reason: evil.into(),
        adoption: Some(Adoption::WaitsForConsent),
        depends_on: BTreeSet::new(),
    };
    let refusal = Refusal { address: cluster(), reason: evil.into(), remedy: evil.into() };
    let plan = Plan {
        goal: Goal::Provision,
        changes: vec![change],
        operations: Vec::new(),
        lags: false,
        warnings: vec![evil.into()],
        refusals: vec![refusal],
    };
    let problem = Problem::new(Document::Params, evil, evil, evil).showing(&json!(evil));
    let mut dossier =
        dossier(Some(plan), End { exit_status: 2, message: Some(evil.into()), problems: vec![problem.clone()], refusals: Vec::new() });
    dossier.doubts = vec![problem.into_warning()];
    dossier.target = Some((evil.into(), evil.into()));
    dossier.notes = vec![evil.into()];
    let page = Page::sound(&html::page(&dossier, 2));
    assert!(page.text().contains("waits for your consent"), "{}", page.text());
    assert!(page.text().matches(evil).count() >= 8, "it is shown as text: {}", page.text());
}

#[test]
fn the_report_that_the_documentation_shows_is_sound() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/demo-report.html");
    let page = Page::sound(&fs::read_to_string(path).expect("the demo's report"));
    assert!(page.all("h1")[0].text.contains(PREFIX) && page.with_class("lane").len() > 20);
}
