//! Everything that goes wrong, as its reader meets it, in one text: so that its language is read as a whole.

mod endings;
mod inputs;
mod plans;
mod platform;
mod source;
mod usage;
pub mod waits;

use super::golden::assert_golden;
use serde_json::Value;
use std::future::Future;
use std::path::Path;

fn section(title: &str, texts: impl IntoIterator<Item = String>) -> String {
    let texts: Vec<String> = texts.into_iter().map(|text| anstream::adapter::strip_str(text.trim_end()).to_string()).collect();
    format!("==== {title}\n\n{}\n\n", texts.join("\n\n"))
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime").block_on(future)
}

#[test]
fn everything_that_goes_wrong_is_told_in_these_words() {
    let all = [
        section("Inputs", inputs::wrong()),
        section("Files", inputs::documents()),
        section("config.json", inputs::configs()),
        section("Inputs against the account", inputs::facts()),
        section("Usage", usage::calls()),
        section("AWS denies everything", usage::denied()),
        section("Endings", endings::endings()),
        section("Advice", endings::advice()),
        section("Artifact", inputs::artifacts()),
        section("Platform", platform::endings()),
        section("Refusals", plans::refused()),
        section("Refusals by policy", plans::policies()),
        section("Policy", plans::policy_failures()),
        section("Could not be read", plans::unread()),
        section("Waits", [waits::bounds().join("\n")]),
        section("Waits that fail", waits::failures()),
        section("Calls that were overtaken", waits::performed()),
    ];
    assert_golden("errors.txt", &all.concat());
}

/// Every refusal of the scenarios says what to do, and reads as one sentence after its address.
#[test]
fn every_refusal_says_why_and_what_to_do() {
    let pattern = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios");
    let plans = std::fs::read_dir(pattern).expect("the scenarios").map(|entry| entry.expect("an entry").path().join("plan.json"));
    let refusals: Vec<Value> = plans
        .map(|plan| serde_json::from_str::<Value>(&std::fs::read_to_string(plan).expect("a plan")).expect("JSON"))
        .flat_map(|plan| plan["refusals"].as_array().cloned().unwrap_or_default())
        .collect();
    assert!(refusals.len() >= 4, "{refusals:?}");
    for refusal in refusals {
        for field in ["reason", "remedy"] {
            let text = refusal[field].as_str().expect("a text");
            let begins_small = text.chars().next().is_some_and(|letter| !letter.is_uppercase() || text.starts_with("AWS"));
            assert!(text.len() > 10 && !text.ends_with('.') && begins_small, "{field}: {text}");
        }
    }
}
