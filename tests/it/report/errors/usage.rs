//! What the binary says when it is called wrongly, or gets nowhere: all of it through the binary.

use crate::inputs::{connections, params};
use crate::report::help::APART;
use crate::support::call::Reply;
use crate::support::world::{Output, World};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

type Environment = &'static [(&'static str, &'static str)];

const TOKEN: (&str, &str) = ("MASSDRIVER_TOKEN", "t");
const DEPLOYMENT: (&str, &str) = ("MASSDRIVER_DEPLOYMENT_ID", "d");
/// Nothing is asked of the machine that the test runs on.
const ALONE: (&str, &str) = ("AWS_EC2_METADATA_DISABLED", "true");

/// Arguments and environment, in a folder with sound inputs and some files that are not.
const CALLS: [(&[&str], Environment); 33] = [
    (&[], &[]),
    (&[], &[("MASSDRIVER_DEPLOYMENT_ACTION", "destroy")]),
    (&["provison"], &[]),
    (&["plan", "--detailed"], &[]),
    (&["validate", "--output", "terraform-plan"], &[]),
    (&["--output", "terraform-plan", "validate"], &[]),
    (&["schema", "--check", "--no-assume-role"], &[]),
    (&["--dir", "/no/such/folder", "plan"], &[]),
    (&["--dir", "params.json", "plan"], &[]),
    (&["--dir", "no-yaml", "--params", "broken.json", "plan"], &[]),
    (&["validate"], &[]),
    (&["--params", "broken.json", "plan"], &[]),
    (&["plan"], &[("AWS_ENDPOINT_URL", "localhost:4566")]),
    (&["plan"], &[("AWS_ENDPOINT_URL", "http://aws.example.com")]),
    (&["plan"], &[("AWS_ENDPOINT_URL_ECS", "http://aws.example.com")]),
    // Neither of the first two is in the way of what the third says.
    (&["plan"], &[("AWS_ENDPOINT_URL", ""), ("AWS_ENDPOINT_URL_S3", "http://minio:9000"), ("SSL_CERT_FILE", "/dev/null")]),
    (&["plan"], &[ALONE]),
    (&["plan"], &[ALONE, ("AWS_ENDPOINT_URL", "http://127.0.0.1:1"), ("AWS_ACCESS_KEY_ID", "AK"), ("AWS_SECRET_ACCESS_KEY", "s")]),
    (&["plan", "--report", "no/such/folder/report.html"], &[]),
    (&["--params", "broken.json", "plan", "--report", "/dev/full"], &[]),
    (&["provision"], &[TOKEN]),
    (&["provision"], &[TOKEN, DEPLOYMENT, ("MASSDRIVER_URL", "http://example.com")]),
    (&["provision"], &[TOKEN, DEPLOYMENT, ("MASSDRIVER_URL", "https://me:pw@example.com")]),
    (&["provision"], &[TOKEN, DEPLOYMENT, ("SSL_CERT_FILE", "/dev/null")]),
    (&["iam-policy", "--name-prefix", "My_Cluster"], &[]),
    (&["iam-policy", "--partition", "gov"], &[]),
    (&["schema", "--bundle", "nowhere"], &[]),
    (&["schema", "--bundle", "no-yaml"], &[]),
    (&["schema", "--bundle", "no-params"], &[]),
    (&["schema", "--bundle", "no-name"], &[]),
    (&["schema", "--bundle", "stale", "--check"], &[]),
    (&["schema", "--bundle", "folder-taken"], &[]),
    (&["schema", "--bundle", "file-taken"], &[]),
];

const MANIFEST: &str = include_str!("../../../../massdriver.yaml");

fn prepare(folder: &Path) {
    let write = |name: &str, text: &str| {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder to make");
        std::fs::write(path, text).expect("a file to write");
    };
    write("params.json", &params().to_string());
    write("connections.json", &connections().to_string());
    write("broken.json", "{ \"cluster\": ");
    write("no-yaml/massdriver.yaml", "schema: [\nparams:\n");
    write("no-params/massdriver.yaml", "name: aws-ecs-cluster\n");
    write("no-name/massdriver.yaml", "params:\n  required: []\n");
    for bundle in ["stale", "folder-taken", "file-taken"] {
        write(&format!("{bundle}/massdriver.yaml"), MANIFEST);
    }
    write("folder-taken/docs", "a file where a folder has to be");
    write("file-taken/docs/plan.schema.json/file", "a folder where a file has to be");
}

/// What the binary says of each wrong call, with the folder's name made the same everywhere.
pub fn calls() -> Vec<String> {
    let folder = tempfile::tempdir().expect("a folder");
    let here = folder.path().to_string_lossy().into_owned();
    prepare(folder.path());
    let told = |(args, environment): (&[&str], Environment)| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_aws-ecs-cluster"));
        command.env_clear().current_dir(&folder).args(args).envs(environment.iter().copied());
        if !args.iter().any(|arg| *arg == "--dir" || APART.contains(arg)) {
            command.args(["--dir", &here]);
        }
        let output = command.output().expect("the binary");
        let text = String::from_utf8_lossy(&output.stderr).replace(&here, "DIR");
        said(args, environment, &text, output.status.code())
    };
    CALLS.into_iter().map(told).chain([without_resources(), without_room()]).collect()
}

fn said(args: &[&str], environment: Environment, stderr: &str, status: Option<i32>) -> String {
    let variables: String = environment.iter().map(|(name, value)| format!("{name}={value} ")).collect();
    let lines: Vec<&str> = stderr.lines().map(without_time).collect();
    let call = format!("$ {variables}aws-ecs-cluster {}", args.join(" "));
    format!("{}\n{}\n[exit status {}]", call.trim_end(), lines.join("\n"), status.unwrap_or_default())
}

/// A line of the log without its date and how far the run was.
fn without_time(line: &str) -> &str {
    let dated = line.starts_with("20") && line.get(10..11) == Some("T");
    line.split_once("s  ").filter(|_| dated).map_or(line, |(_, rest)| rest)
}

/// A process that may open no more files has no runtime.
fn without_resources() -> String {
    let script = "exec 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-; ulimit -n 4; exec \"$0\" man";
    let output = Command::new("sh").args(["-c", script, env!("CARGO_BIN_EXE_aws-ecs-cluster")]).env_clear().output();
    let output = output.expect("a shell");
    said(&["man"], &[], &String::from_utf8_lossy(&output.stderr), output.status.code())
}

/// A result that does not get to where it is sent.
fn without_room() -> String {
    let output = Command::new("sh").args(["-c", "exec \"$0\" man >/dev/full", env!("CARGO_BIN_EXE_aws-ecs-cluster")]).env_clear().output();
    let output = output.expect("a shell");
    said(&["man", ">/dev/full"], &[], &String::from_utf8_lossy(&output.stderr), output.status.code())
}

/// What is said where AWS denies everything, and of an interrupt before anything was done.
pub fn denied() -> Vec<String> {
    let world = World::bare("errors");
    world.proxy.before(|call| Some(Reply::denied(call)));
    let calls: [&[&str]; 4] =
        [&["plan"], &["plan", "--no-assume-role"], &["artifact", "--no-assume-role"], &["decommission", "--no-assume-role"]];
    let mut told: Vec<String> = calls.iter().map(|args| of_world(&world, args, &world.run(args))).collect();
    world.proxy.clear_rules();
    world.proxy.before(|call| Some(Reply::error(call, 400, "RegionDisabledException", "STS is not activated in this region")));
    told.push(of_world(&world, &["plan", "(refused)"], &world.run(&["plan"])));
    world.proxy.clear_rules();
    let (asked, asking) = std::sync::mpsc::channel();
    world.proxy.before(move |call| {
        asked.send(()).ok();
        Some(Reply::throttled(call).after(Duration::from_mins(1)))
    });
    let mut running = world.start(&["plan"]);
    asking.recv_timeout(Duration::from_mins(1)).expect("a call");
    running.signal("INT");
    told.push(of_world(&world, &["plan", "(interrupted)"], &running.wait()));
    told
}

fn of_world(world: &World, args: &[&str], output: &Output) -> String {
    said(args, &[], &output.stderr.replace(&world.account, "123456789012"), Some(output.status))
}
