//! `config.json`: how the step that runs this bundle is set up. It may be missing, and so may everything in it.

use crate::engine::event::Importance;
use crate::inputs::problem::below;
use crate::inputs::{Document, Problem, Warning, choose, read_document};
use serde_json::Value;

const OPTIONS: [&str; 2] = ["log_level", "policy"];
const POLICY_OPTIONS: [&str; 2] = ["enable", "halt_on_failure"];

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Config {
    pub log_level: LogLevel,
    pub checks: Checks,
}

/// How much of a run the log tells. Results and the message that a run ends with are always written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogLevel {
    Error,
    Warn,
    #[default]
    Info,
    /// Every call to AWS and its answer too.
    Debug,
}

const LOG_LEVELS: [(&str, LogLevel); 4] =
    [("error", LogLevel::Error), ("warn", LogLevel::Warn), ("info", LogLevel::Info), ("debug", LogLevel::Debug)];

impl LogLevel {
    #[must_use]
    pub const fn shows(self, importance: Importance) -> bool {
        match importance {
            Importance::Error => true,
            Importance::Warning => !matches!(self, Self::Error),
            Importance::Info => matches!(self, Self::Info | Self::Debug),
        }
    }
}

/// What becomes of the policy rules.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Checks {
    Skipped,
    /// Failures are told, and nothing else.
    #[default]
    Told,
    /// A failure refuses the plan.
    Demanded,
}

/// Reads `config.json`, which is `None` where the platform has mounted none. On failure every problem of it.
pub fn parse(bytes: Option<&[u8]>) -> Result<(Config, Vec<Warning>), Vec<Problem>> {
    let Some(bytes) = bytes else { return Ok((Config::default(), Vec::new())) };
    let document = read_document(Document::Config, bytes)?;
    let mut reader = Reader::default();
    let config = reader.config(&document);
    if reader.problems.is_empty() { Ok((config, reader.warnings)) } else { Err(reader.problems) }
}

#[derive(Default)]
struct Reader {
    problems: Vec<Problem>,
    warnings: Vec<Warning>,
}

impl Reader {
    fn config(&mut self, document: &Value) -> Config {
        self.known_only(document, "", &OPTIONS);
        Config { log_level: self.log_level(&document["log_level"]), checks: self.checks(&document["policy"]) }
    }

    fn log_level(&mut self, value: &Value) -> LogLevel {
        let level = |text: &str| LOG_LEVELS.iter().find(|(name, _)| name.eq_ignore_ascii_case(text)).map(|(_, meant)| *meant);
        match value {
            Value::Null => LogLevel::default(),
            Value::String(text) => level(text).unwrap_or_else(|| {
                let names = LOG_LEVELS.map(|(name, _)| name);
                self.refuse("/log_level", "is no log level", &choose(text, &names), value)
            }),
            _ => self.refuse("/log_level", "is not text in quotes", "use `error`, `warn`, `info` or `debug`", value),
        }
    }

    fn checks(&mut self, policy: &Value) -> Checks {
        if !policy.is_null() && !policy.is_object() {
            return self.refuse("/policy", "is not an object", "write an object with `enable` and `halt_on_failure`", policy);
        }
        self.known_only(policy, "/policy", &POLICY_OPTIONS);
        let enabled = self.truth("/policy/enable", &policy["enable"]);
        let halts = self.truth("/policy/halt_on_failure", &policy["halt_on_failure"]);
        match (enabled, halts) {
            (Some(false), _) => Checks::Skipped,
            (_, Some(true)) => Checks::Demanded,
            _ => Checks::Told,
        }
    }

    /// The platform evaluates each value as a jq expression, and what comes out of one may be text. Null is what jq makes of a path that is not there.
    fn truth(&mut self, pointer: &str, value: &Value) -> Option<bool> {
        match value {
            Value::Null => None,
            Value::Bool(truth) => Some(*truth),
            Value::String(text) if text.eq_ignore_ascii_case("true") => Some(true),
            Value::String(text) if text.eq_ignore_ascii_case("false") => Some(false),
            _ => self.refuse(pointer, "is not true or false", "make it true or false", value),
        }
    }

    fn known_only(&mut self, value: &Value, pointer: &str, known: &[&str]) {
        let keys = value.as_object().into_iter().flat_map(serde_json::Map::keys);
        for key in keys.filter(|key| !known.contains(&key.as_str())) {
            let found =
                Problem::new(Document::Config, below(pointer, key), "is no option of this bundle, and is not read", choose(key, known));
            self.warnings.push(found.into_warning());
        }
    }

    fn refuse<T: Default>(&mut self, pointer: &str, message: &str, remedy: &str, value: &Value) -> T {
        self.problems.push(Problem::new(Document::Config, pointer, message, remedy).showing(value));
        T::default()
    }
}
