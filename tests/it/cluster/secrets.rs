//! No secret leaves: whatever happens, at whatever level of detail, nothing that is written holds one.

use super::{PROVISION, assert_says, fargate_only, run};
use crate::support::call::{Call, Reply};
use crate::support::world::{Output, World};
use aws_ecs_cluster::aws::endpoints::stays_private;
use aws_ecs_cluster::massdriver::platform::Platform;
use aws_ecs_cluster::model::secret::Secret;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use std::fs;
use std::path::Path;
use std::process::Command;

const EXTERNAL_ID: &str = "marked-external-id-5c1f";
const TOKEN: &str = "marked-token-9e02";
const ACCESS_KEY: &str = "marked-secret-access-key-77ab";
const SESSION_KEY: &str = "marked-session-key-d3d3";
const SESSION_TOKEN: &str = "marked-session-token-4b4b";
const DEPLOYMENT: &str = "deployment-1";

/// A deployment in which every secret can be told from everything else.
fn marked(name: &str) -> World {
    let mut world = World::seeded_with(name, &fargate_only());
    let url = world.proxy.url();
    world.set_connections(|connections| connections["aws_authentication"]["data"]["external_id"] = json!(EXTERNAL_ID));
    let environment = [
        ("AWS_SECRET_ACCESS_KEY", ACCESS_KEY),
        ("MASSDRIVER_TOKEN", TOKEN),
        ("MASSDRIVER_DEPLOYMENT_ID", DEPLOYMENT),
        ("MASSDRIVER_URL", url.as_str()),
        ("RUST_LOG", "trace"),
        ("RUST_BACKTRACE", "1"),
    ];
    for (variable, value) in environment {
        world.set_env(variable, value);
    }
    world.proxy.before(|call| (call.service == "massdriver").then(|| Reply::json(201, &json!({}))));
    world.proxy.after(|call, reply| if call.operation == "AssumeRole" { with_marked_session(reply) } else { reply });
    world
}

fn with_marked_session(mut reply: Reply) -> Reply {
    for (element, value) in [("SecretAccessKey", SESSION_KEY), ("SessionToken", SESSION_TOKEN)] {
        let (open, close) = (format!("<{element}>"), format!("</{element}>"));
        let Some((before, rest)) = reply.body.split_once(&open) else { continue };
        let Some((_, after)) = rest.split_once(&close) else { continue };
        reply.body = format!("{before}{open}{value}{close}{after}");
    }
    reply.headers.retain(|(name, _)| !name.eq_ignore_ascii_case("content-length"));
    reply
}

fn secrets() -> Vec<String> {
    let basic = STANDARD.encode(format!("{DEPLOYMENT}:{TOKEN}"));
    [EXTERNAL_ID, TOKEN, ACCESS_KEY, SESSION_KEY, SESSION_TOKEN, basic.as_str()].map(str::to_owned).to_vec()
}

/// Neither what was printed nor any file that was written holds a secret.
#[track_caller]
fn assert_silent(world: &World, output: &Output) {
    for secret in secrets() {
        assert!(!output.stdout.contains(&secret) && !output.stderr.contains(&secret), "`{secret}` is shown\n{output}");
        for (path, text) in files(world.dir()) {
            assert!(path.ends_with("connections.json") || !text.contains(&secret), "`{secret}` is in {path}");
        }
    }
}

fn files(folder: &Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            let text = String::from_utf8_lossy(&fs::read(&path).expect("a file")).into_owned();
            found.push((path.to_string_lossy().into_owned(), text));
        }
    }
    found
}

#[test]
fn a_clusters_life_shows_no_secret_at_any_level_and_in_no_format() {
    let world = marked("secrets");
    let used = |output: &Output| output.calls.iter().any(|call| call.header("x-amz-security-token") == Some(SESSION_TOKEN));
    let report = ["--report", "report.html"];
    let (plan, provision) = ([&["plan"], &report[..]].concat(), [PROVISION, &report].concat());
    let decommission = [&["decommission"], &report[..]].concat();
    for command in [&["validate"][..], &plan, &provision, &["artifact"], &plan, &decommission] {
        for more in [&[][..], &["--trace-calls"], &["--output", "json"], &["--output", "json", "--trace-calls"]] {
            let output = world.run(&[command, more].concat()).expect(0);
            assert_silent(&world, &output);
            assert!(command == ["validate"] || used(&output), "the marked session was not used\n{output}");
            assert_eq!(
                fs::exists(world.dir().join("report.html")).ok(),
                Some(command != ["validate"]),
                "a report is among what is searched"
            );
        }
    }
}

#[test]
fn failures_of_every_side_show_no_secret() {
    let world = marked("secrets-failing");
    world.write("config.json", &json!({ "log_level": "debug" }).to_string());
    run(&world, PROVISION, 0);
    let failing: [(&str, fn(&Call) -> Reply); 7] = [
        ("sts", Reply::denied),
        ("sts", |call| {
            let sent = call.param("ExternalId").unwrap_or_default();
            Reply::error(call, 400, "ValidationError", &format!("Value '{sent}' at 'externalId' failed to satisfy constraint"))
        }),
        ("ecs", |call| Reply::error(call, 403, "InvalidSignatureException", &unsigned(call))),
        ("ec2", |call| Reply::error(call, 403, "SignatureDoesNotMatch", &unsigned(call))),
        ("massdriver", |call| echo(call, 403)),
        ("massdriver", |call| echo(call, 422)),
        ("ecs", Reply::denied),
    ];
    for (service, reply) in failing {
        world.proxy.clear_rules();
        world.proxy.after(|call, reply| if call.operation == "AssumeRole" { with_marked_session(reply) } else { reply });
        world.proxy.before(move |call| (call.service == service).then(|| reply(call)));
        world.proxy.before(|call| (call.service == "massdriver").then(|| Reply::json(201, &json!({}))));
        let provision = [PROVISION, &["--report", "report.html"]].concat();
        for command in [&provision[..], &["plan"], &["decommission", "--output", "json", "--report", "report.html"]] {
            let output = world.run(command);
            assert!(output.status == 1 || service == "massdriver", "{output}");
            assert_silent(&world, &output);
        }
    }
}

/// A service that repeats what should have been signed.
fn unsigned(call: &Call) -> String {
    let token = call.header("x-amz-security-token").unwrap_or_default();
    format!(
        "The signature does not match.\n\nThe Canonical String for this request should have been\n'POST\n/\n\nx-amz-security-token:{token}\n'"
    )
}

/// A platform that repeats what it was sent.
fn echo(call: &Call, status: u16) -> Reply {
    let sent = call.header("authorization").unwrap_or_default();
    Reply::json(status, &json!({ "errors": { "authorization": [sent, format!("the token {TOKEN} is not known")] } }))
}

#[test]
fn what_the_platform_repeats_of_the_token_is_left_out_and_the_rest_is_told() {
    let world = marked("secrets-echoed");
    world.proxy.clear_rules();
    world.proxy.before(|call| (call.service == "massdriver").then(|| echo(call, 422)));
    let output = run(&world, PROVISION, 1);
    assert_silent(&world, &output);
    assert_says(&output, &["authorization: Basic [secret], the token [secret] is not known"]);
}

#[test]
fn no_piece_of_a_token_is_left_where_an_answer_is_cut_or_written_oddly() {
    let platform = Platform::new("https://example.com", DEPLOYMENT, &Secret::new(TOKEN.to_owned())).expect("a platform");
    let (begin, end) = TOKEN.split_at(6);
    for answer in [format!("{}{TOKEN} is unknown", "x".repeat(295)), format!("{begin}\u{7}{end} is unknown")] {
        let words = platform.words(answer.as_bytes());
        assert!(!words.contains(begin), "{words}");
    }
}

#[test]
fn the_token_follows_no_redirect() {
    let world = marked("secrets-redirect");
    let elsewhere = World::bare("secrets-elsewhere");
    world.proxy.clear_rules();
    let target = elsewhere.proxy.url();
    world.proxy.before(move |call| {
        (call.service == "massdriver").then(|| {
            let mut reply = Reply::json(307, &json!({}));
            reply.headers.push(("location".to_owned(), format!("{target}/v1/resources")));
            reply
        })
    });
    assert_says(&run(&world, PROVISION, 1), &["307"]);
    assert!(elsewhere.proxy.calls().is_empty());
}

#[test]
fn the_platform_is_https_or_this_machine_itself() {
    let token = Secret::new(TOKEN.to_owned());
    for url in ["https://api.massdriver.cloud", "http://localhost:4000", "http://127.0.0.1:1", "http://127.9.9.9", "http://[::1]:1/"] {
        assert!(Platform::new(url, DEPLOYMENT, &token).is_ok(), "{url}");
    }
    let unsafe_urls = [
        "http://localhost.evil.com",
        "http://localhost@evil.com",
        "https://user:marked-password@example.com",
        "http://127.0.0.1.evil.com",
        "http://127.0.0.1@evil.com:80",
        "http://[::ffff:203.0.113.1]",
        "http://[2001:db8::1]",
        "http://0.0.0.0",
        "http://10.0.0.1",
        "ftp://localhost",
        "//localhost",
        "localhost",
        "https:",
        "",
    ];
    for url in unsafe_urls {
        let error = Platform::new(url, DEPLOYMENT, &token).err().unwrap_or_else(|| panic!("{url} is taken")).to_string();
        assert!(!error.contains("marked-"), "{error}");
    }
}

/// Whether a type has a trait, found out by which of two constants of one name the compiler prefers.
macro_rules! has {
    ($type:ty: $($bound:tt)+) => {{
        struct Probe<T>(std::marker::PhantomData<T>);
        #[allow(dead_code, reason = "the one that is preferred hides the other")]
        trait Otherwise {
            const HAS: bool = false;
        }
        impl<T> Otherwise for Probe<T> {}
        #[allow(dead_code, reason = "the one that is preferred hides the other")]
        impl<T: $($bound)+> Probe<T> {
            const HAS: bool = true;
        }
        Probe::<$type>::HAS
    }};
}

#[test]
fn a_secret_can_neither_be_displayed_nor_written_as_json() {
    assert!(has!(String: std::fmt::Display) && has!(String: serde::Serialize), "the probe finds what is there");
    assert!(!has!(Secret: std::fmt::Display) && !has!(Secret: serde::Serialize) && !has!(Secret: AsRef<str>));
    assert_eq!(format!("{:?}", Secret::new(TOKEN.to_owned())), "[secret]");
    let platform = Platform::new("https://example.com", DEPLOYMENT, &Secret::new(TOKEN.to_owned())).expect("a platform");
    let shown = format!("{platform:?}");
    assert!(secrets().iter().all(|secret| !shown.contains(secret.as_str())), "{shown}");
}

/// A profile that sends everything to another machine in clear, with nothing in the environment that would say otherwise.
#[test]
fn a_session_is_not_sent_in_clear_whatever_names_the_address() {
    let world = marked("secrets-profile");
    for host in ["http://192.0.2.1", "http://aws.example.com:8080"] {
        world.write("profile", &format!("[default]\nendpoint_url = {host}\n"));
        let mut command = Command::new(env!("CARGO_BIN_EXE_aws-ecs-cluster"));
        let environment = world.environment().into_iter().filter(|(name, _)| name != "AWS_ENDPOINT_URL");
        command.env_clear().envs(environment).env("AWS_CONFIG_FILE", world.dir().join("profile"));
        let output = command.args(["plan", "--dir"]).arg(world.dir()).output().expect("a run");
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.contains(&format!("`{host}")) && said.contains("is plain http to another machine"), "{said}");
    }
}

#[test]
fn addresses_are_private_by_tls_or_by_being_here() {
    let private = [
        "https://aws.example.com",
        "http://127.0.0.1:1",
        "http://localhost",
        "http://[::1]/",
        "http://169.254.169.254/latest",
        "http://[fd00:ec2::254]/",
    ];
    for url in private {
        assert!(stays_private(&url.parse().expect("a URL")), "{url}");
    }
    for url in [
        "http://aws.example.com",
        "http://192.0.2.1",
        "http://localhost.example.com",
        "http://[2001:db8::1]/",
        "ftp://127.0.0.1.example.com",
        "/path",
    ] {
        assert!(!stays_private(&url.parse().expect("a URL")), "{url}");
    }
}

#[test]
fn an_external_id_that_sts_would_refuse_is_refused_before_and_not_shown() {
    let mut world = marked("secrets-form");
    for id in [format!("{EXTERNAL_ID} "), format!("{EXTERNAL_ID}\n"), "§".to_owned(), "é".repeat(4), "§x".repeat(700)] {
        world.set_connections(|connections| connections["aws_authentication"]["data"]["external_id"] = json!(id));
        let output = run(&world, &["validate"], 2);
        assert_says(&output, &["/aws_authentication/data/external_id", "2 to 1224"]);
        assert_silent(&world, &output);
    }
    world.set_connections(|connections| connections["aws_authentication"]["data"]["external_id"] = json!(""));
    let output = world.run(&["plan"]).expect(0);
    assert_eq!(output.calls_of("sts:AssumeRole")[0].param("ExternalId"), None, "an empty one is none");
}
