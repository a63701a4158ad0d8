//! What programs read: every line of stderr and every plan with `--output json` is as its schema says.

use super::help::COMMANDS;
use crate::cluster::{PREFIX, PROVISION, fargate_only, run};
use crate::support::world::{Output, World};
use jsonschema::Validator;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::OnceLock;

fn validator(file: &str) -> Validator {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(file);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    jsonschema::validator_for(&serde_json::from_str(&text).expect("a schema is JSON")).expect("a sound schema")
}

fn events() -> &'static Validator {
    static EVENTS: OnceLock<Validator> = OnceLock::new();
    EVENTS.get_or_init(|| validator("events.schema.json"))
}

fn plans() -> &'static Validator {
    static PLANS: OnceLock<Validator> = OnceLock::new();
    PLANS.get_or_init(|| validator("plan.schema.json"))
}

fn violations(validator: &Validator, value: &Value) -> Vec<String> {
    validator.iter_errors(value).map(|error| error.to_string()).collect()
}

/// Holds the output of a run with `--output json` against the schemas; any other is left alone. Of a run that was killed the last line may be cut.
#[track_caller]
pub fn assert_documented(args: &[String], output: &Output) {
    let asks = args.iter().any(|arg| arg == "--output=json") || args.windows(2).any(|pair| pair[0] == "--output" && pair[1] == "json");
    if !asks {
        return;
    }
    let killed = output.status > 128 && output.status != 130;
    let whole = if killed { output.stderr.rfind('\n').map_or("", |end| &output.stderr[..end]) } else { &output.stderr };
    for line in whole.lines() {
        let value: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("not JSON: {error}: {line}\n{output}"));
        assert!(!value.to_string().contains("\\u001b"), "colours of a terminal in a line for programs: {line}");
        let found = violations(events(), &value);
        assert!(found.is_empty(), "{found:?}\n{line}");
    }
    if args.iter().any(|arg| arg == "plan") && !killed && !output.stdout.is_empty() {
        let found = violations(plans(), &output.json());
        assert!(found.is_empty(), "{found:?}\n{output}");
    }
}

#[test]
fn the_schemas_refuse_what_no_run_says() {
    let said = json!({ "event": "done", "address": "AWS::ECS::Cluster/c", "operation": "CreateCluster", "elapsed": 0.1, "time": "2026-01-01T00:00:00Z", "run_elapsed": 0.2 });
    assert_eq!(violations(events(), &said), [""; 0]);
    for (field, value) in [("event", json!("unheard_of")), ("address", json!(7)), ("elapsed", json!("long")), ("time", json!(null))] {
        let mut wrong = said.clone();
        wrong[field] = value;
        assert!(!violations(events(), &wrong).is_empty(), "{wrong}");
    }
    assert!(!violations(plans(), &json!({ "format_version": "1.0" })).is_empty());
}

#[test]
fn the_first_line_says_which_version_of_the_format_follows() {
    let world = World::seeded_with("versioned", &fargate_only());
    for args in [&["validate", "--output", "json"][..], &["plan", "--output", "json"], &["iam-policy", "--output", "json"]] {
        let output = run(&world, args, 0);
        let first: Value = serde_json::from_str(output.stderr.lines().next().expect("a line")).expect("JSON");
        assert_eq!((&first["event"], &first["format_version"], &first["command"]), (&json!("run"), &json!("1.0"), &json!(args[0])));
    }
}

#[test]
fn a_wrong_command_line_is_told_in_json_to_whoever_asks_for_json() {
    let world = World::bare("misused");
    for args in [&["--output", "json", "frobnicate"][..], &["plan", "--output=json", "--frobnicate", "json"]] {
        let output = run(&world, args, 2);
        let lines: Vec<Value> = output.stderr.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
        assert_eq!((lines.len(), &lines[0]["event"], &lines[1]["exit_status"]), (2, &json!("run"), &json!(2)), "{output}");
        let message = lines[1]["message"].as_str().expect("a message");
        assert!(message.starts_with("error: un") && message.contains("frobnicate'"), "{message}");
    }
    let plain = run(&world, &["frobnicate"], 2);
    assert!(plain.stderr.starts_with("error: unrecognized subcommand 'frobnicate'"), "{plain}");
}

/// What a command prints on stdout when it is asked for JSON.
enum Printed {
    Nothing,
    Json,
    /// A script or a page, which has no other form.
    Text,
}

#[test]
fn every_command_says_json_lines_and_prints_its_data_as_json_where_data_it_is() {
    let bare = World::bare("commands");
    let seeded = World::seeded_with("commands-done", &fargate_only());
    let commands: [(&World, &[&str], Printed); 9] = [
        (&bare, &["validate"], Printed::Nothing),
        (&seeded, &["plan"], Printed::Json),
        (&seeded, &["provision"], Printed::Json),
        (&seeded, &["artifact"], Printed::Json),
        (&seeded, &["decommission"], Printed::Nothing),
        (&bare, &["iam-policy"], Printed::Json),
        (&bare, &["schema", "--check", "--bundle", env!("CARGO_MANIFEST_DIR")], Printed::Json),
        (&bare, &["completions", "bash"], Printed::Text),
        (&bare, &["man"], Printed::Text),
    ];
    let known: BTreeSet<&str> = commands.iter().map(|(_, args, _)| args[0]).collect();
    assert_eq!(known, BTreeSet::from(COMMANDS), "a command is not among these");
    for (world, args, printed) in commands {
        let output = run(world, &[args, &["--output", "json"]].concat(), 0);
        let first: Value = serde_json::from_str(output.stderr.lines().next().expect("a line")).expect("JSON");
        assert_eq!((&first["event"], &first["command"]), (&json!("run"), &json!(args[0])));
        match printed {
            Printed::Nothing => assert_eq!(output.stdout, "", "{args:?}"),
            Printed::Json => drop(output.json()),
            Printed::Text => assert!(output.stdout.len() > 1000 && serde_json::from_str::<Value>(&output.stdout).is_err(), "{output}"),
        }
    }
}

/// A name lookup takes a thread, and of a thread that asks for more memory than there can be the system gives none: tokio panics.
#[test]
fn a_panic_is_told_by_its_place_and_in_json_to_whoever_asks_for_json() {
    let mut world = World::bare("panicking");
    world.set_env("RUST_MIN_STACK", "1000000000000000000");
    world.set_env("AWS_ENDPOINT_URL", "http://localhost:9");
    let plain = run(&world, &["plan"], 101);
    assert!(
        plain.stderr.contains("error: this is a defect of aws-ecs-cluster, at ") && plain.stderr.contains("please report it"),
        "{plain}"
    );
    let output = run(&world, &["plan", "--output", "json"], 101);
    let last: Value = serde_json::from_str(output.stderr.lines().last().expect("a line")).expect("JSON");
    assert_eq!((&last["event"], &last["exit_status"]), (&json!("error"), &json!(101)), "{output}");
    assert!(last["message"].as_str().is_some_and(|message| message.starts_with("error: this is a defect")), "{output}");
    for output in [plain, output] {
        assert!(!output.stderr.contains("spawn"), "the panic's own words are shown\n{output}");
    }
}

#[test]
fn a_warning_about_the_inputs_is_an_event() {
    let world = World::bare("doubtful");
    world.write("config.json", r#"{ "surplus": true }"#);
    let output = run(&world, &["validate", "--output", "json"], 0);
    let lines: Vec<Value> = output.stderr.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let events: Vec<&Value> = lines.iter().map(|line| &line["event"]).collect();
    assert_eq!(events, ["run", "inputs_warning", "note"]);
    assert_eq!(lines[1]["pointer"], "/surplus");
}

#[test]
fn the_last_line_of_a_run_that_is_done_says_what_it_has_come_to() {
    let world = World::seeded_with("done", &fargate_only());
    let last = |output: &Output| -> Value { serde_json::from_str(output.stderr.lines().last().expect("a line")).expect("JSON") };
    let json = ["--output", "json", "--report", "r.html"];
    let made = last(&run(&world, &[PROVISION, &json].concat(), 0));
    assert_eq!((&made["event"], &made["goal"], &made["name_prefix"]), (&json!("finished"), &json!("provision"), &json!(PREFIX)));
    assert!(made["created"].as_u64() > Some(0), "{made}");
    assert_eq!((&made["updated"], &made["replaced"], &made["deleted"]), (&json!(0), &json!(0), &json!(0)));
    let steady = run(&world, PROVISION, 0);
    let said = format!("s: nothing had to be changed. Cluster {PREFIX} in us-west-2 is as wanted.");
    assert!(steady.stderr.lines().last().is_some_and(|line| line.starts_with("Done in ") && line.ends_with(&said)), "{steady}");
    let gone = run(&world, &["decommission"], 0);
    let said = format!(" 0 created, 0 updated, 1 deleted. Nothing of {PREFIX} is left in us-west-2.");
    assert!(gone.stderr.ends_with(&(said + "\n")), "{gone}");
    assert_eq!(last(&run(&world, &["plan", "--output", "json"], 0))["event"], "looking", "a plan is no end");
}

#[test]
fn the_error_is_the_last_line_of_a_run_that_is_refused_with_a_report_too() {
    let world = World::seeded_with("last", &fargate_only());
    world.take_name("cluster");
    for args in
        [&["plan", "--output", "json", "--report", "r.html"][..], &[PROVISION, &["--output", "json", "--report", "r.html"]].concat()]
    {
        let output = run(&world, args, 4);
        let last: Value = serde_json::from_str(output.stderr.lines().last().expect("a line")).expect("JSON");
        assert_eq!((&last["event"], &last["exit_status"]), (&json!("error"), &json!(4)), "{output}");
        assert_eq!(last["refusals"].as_array().map(Vec::len), Some(1), "{last}");
        let message = last["message"].as_str().expect("a message");
        assert!(message.starts_with("refused: ") && message.ends_with("nothing was changed"), "{message}");
    }
}

#[test]
fn a_refused_plan_says_on_stderr_why_it_ends_so() {
    let world = World::seeded_with("why", &fargate_only());
    world.take_name("cluster");
    let text = run(&world, &["plan"], 4);
    assert!(text.stdout.contains("the name is taken"), "{text}");
    assert_eq!(text.stderr.lines().last(), Some("refused for 1 reason, told in the plan; nothing was changed"), "{text}");
    let terraform = run(&world, &["plan", "--output", "terraform-plan"], 4);
    assert!(terraform.stderr.contains("the name is taken"), "{terraform}");
}

#[test]
fn a_traced_call_is_a_line_like_the_others() {
    let world = World::seeded_with("traced", &fargate_only());
    let output = run(&world, &["plan", "--output", "json", "--trace-calls"], 0);
    let lines: Vec<Value> = output.stderr.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let call = |operation: &str| lines.iter().find(|line| line["event"] == "call" && line["operation"] == operation).expect("a call");
    assert_eq!((&call("DescribeClusters")["service"], &call("DescribeClusters")["outcome"]), (&json!("Ecs"), &json!("answered")));
    let refused = call("GetRole");
    assert_eq!((&refused["outcome"], &refused["code"]), (&json!("refused"), &json!("NoSuchEntity")));
    assert!(refused["words"].as_str().is_some_and(|words| !words.is_empty()), "{refused}");
}

#[test]
fn the_events_tell_the_graph_that_is_carried_out() {
    let world = World::seeded_with("graph", &crate::cluster::open(&["example.com"]));
    let output = run(&world, &[PROVISION, &["--output", "json"]].concat(), 0);
    let lines: Vec<Value> = output.stderr.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let executing = lines.iter().find(|line| line["event"] == "executing").expect("the steps");
    let steps = executing["steps"].as_array().expect("a list");
    let listener = format!("AWS::ElasticLoadBalancingV2::Listener/{PREFIX}:443");
    let create = steps.iter().find(|step| step["address"] == listener.as_str()).expect("listener 443");
    let needs = create["after"].as_array().expect("a list").iter().map(|id| &steps[id.as_u64().expect("a number") as usize]);
    assert!(needs.clone().any(|need| need["operation"] == "CreateLoadBalancer"), "{create:#}");
    let issued = needs.clone().find(|need| need["waits_for"] == "the certificate for `example.com` to be ISSUED").expect("the certificate");
    assert_eq!(issued["usually"], "1 to 5 min");
}
