//! `config.json`: what it may say, how tolerant its values are, and what is said of the rest.

use super::{assert_problems, assert_warned};
use aws_ecs_cluster::engine::event::Importance;
use aws_ecs_cluster::inputs::{Problem, Warning};
use aws_ecs_cluster::massdriver::config::{Checks, Config, LogLevel, parse};
use serde_json::{Value, json};

fn read(config: &Value) -> Result<(Config, Vec<Warning>), Vec<Problem>> {
    parse(Some(config.to_string().as_bytes()))
}

fn accepted(config: &Value) -> Config {
    let (config, warnings) = read(config).unwrap_or_else(|problems| panic!("refused: {problems:#?}"));
    assert_eq!(warnings, []);
    config
}

#[test]
fn nothing_has_to_be_said() {
    let usual = Config { log_level: LogLevel::Info, checks: Checks::Told };
    assert_eq!(parse(None), Ok((usual, Vec::new())));
    let nulls = json!({ "log_level": null, "policy": { "enable": null, "halt_on_failure": null } });
    for config in [json!({}), json!({ "policy": {} }), json!({ "policy": null }), nulls] {
        assert_eq!(accepted(&config), usual, "{config}");
    }
}

#[test]
fn values_that_jq_has_made_text_of_mean_the_same() {
    for (halt, level) in [(json!(true), "debug"), (json!("true"), "DEBUG"), (json!("True"), "Debug")] {
        let config = json!({ "log_level": level, "policy": { "enable": halt, "halt_on_failure": halt } });
        assert_eq!(accepted(&config), Config { log_level: LogLevel::Debug, checks: Checks::Demanded }, "{config}");
    }
    for off in [json!(false), json!("false")] {
        assert_eq!(accepted(&json!({ "policy": { "enable": off, "halt_on_failure": true } })).checks, Checks::Skipped);
    }
}

#[test]
fn every_wrong_value_is_refused_at_once_with_what_to_write_instead() {
    let wrong = json!({ "log_level": "debgu", "policy": { "enable": "yes", "halt_on_failure": 1 } });
    assert_problems(
        &read(&wrong).expect_err("accepted"),
        &[
            ("/log_level", "config.json#/log_level `debgu`: is no log level\n  use `error` or `warn` or `info` or `debug`"),
            ("/policy/enable", "`yes`: is not true or false\n  make it true or false"),
            ("/policy/halt_on_failure", "`1`: is not true or false"),
        ],
    );
    let shapes = json!({ "log_level": 3, "policy": true });
    assert_problems(&read(&shapes).expect_err("accepted"), &[("/log_level", "is not text in quotes"), ("/policy", "is not an object")]);
    assert_problems(&parse(Some(b"[]")).expect_err("accepted"), &[("", "config.json#: is not an object")]);
    assert_problems(&parse(Some(b"{")).expect_err("accepted"), &[("", "config.json#: is not JSON")]);
}

#[test]
fn an_option_that_does_not_exist_is_warned_of_and_changes_nothing() {
    let (config, warnings) = read(&json!({ "loglevel": "debug", "policy": { "halt": true } })).expect("accepted");
    assert_eq!(config, Config::default());
    let expected =
        [("/loglevel", "is no option of this bundle, and is not read\n  use `log_level` or `policy`"), ("/policy/halt", "halt_on_failure")];
    assert_warned(&warnings, &expected);
}

#[test]
fn a_level_shows_what_is_as_bad_or_worse() {
    let levels = [LogLevel::Error, LogLevel::Warn, LogLevel::Info, LogLevel::Debug];
    let shown = levels.map(|level| [Importance::Error, Importance::Warning, Importance::Info].map(|severity| level.shows(severity)));
    assert_eq!(shown, [[true, false, false], [true, true, false], [true, true, true], [true, true, true]]);
}
