//! Where a command writes: data to stdout, everything else to stderr.

use crate::cli::args::Format;
use anstream::{AutoStream, ColorChoice};
use aws_ecs_cluster::engine::event::{Event, Severity};
use aws_ecs_cluster::inputs::Warning;
use aws_ecs_cluster::massdriver::config::LogLevel;
use aws_ecs_cluster::report::log;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::io::{IsTerminal, Write};
use std::time::Instant;

#[derive(Debug)]
pub struct Console {
    pub format: Format,
    level: LogLevel,
    began: Instant,
    /// Whether progress is watched as it happens.
    terminal: bool,
    stdout: ColorChoice,
    stderr: ColorChoice,
}

impl Console {
    pub fn new(format: Format, level: LogLevel) -> Self {
        Self {
            format,
            level,
            began: Instant::now(),
            terminal: std::io::stderr().is_terminal(),
            stdout: colours(&std::io::stdout()),
            stderr: colours(&std::io::stderr()),
        }
    }

    /// Writes data to stdout as it is. A reader that has gone away is no failure of ours.
    pub fn data(&self, text: &str) {
        let mut out = AutoStream::new(std::io::stdout().lock(), self.stdout);
        let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    }

    /// Reports progress: a plain line with the elapsed time, with the date too where no terminal shows it as it happens, or a JSON object.
    pub fn event(&self, event: &Event) {
        if !self.level.shows(event.severity()) {
            return;
        }
        match self.format {
            Format::Json => {
                let mut value = serde_json::to_value(event).unwrap_or_default();
                self.stamp(&mut value);
                self.error_line(&value.to_string());
            }
            Format::Text => {
                if let Some(line) = log::line(event) {
                    self.error_line(&format!("{}{line}", self.time()));
                }
            }
        }
    }

    /// Something that was done after the cluster itself.
    pub fn note(&self, text: &str) {
        if !self.level.shows(Severity::Info) {
            return;
        }
        match self.format {
            Format::Text => self.error_line(&format!("{}{text}", self.time())),
            Format::Json => {
                let mut value = json!({ "event": "note", "message": text });
                self.stamp(&mut value);
                self.error_line(&value.to_string());
            }
        }
    }

    pub fn warning(&self, warning: &Warning) {
        if !self.level.shows(Severity::Warning) {
            return;
        }
        match self.format {
            Format::Text => self.error_line(&format!("{}{}", self.time(), log::warning(warning))),
            Format::Json => {
                let mut value = json!({ "event": "warning", "warning": warning });
                self.stamp(&mut value);
                self.error_line(&value.to_string());
            }
        }
    }

    /// Something of several lines that is good to know, for people.
    pub fn information(&self, text: &str) {
        if self.level.shows(Severity::Info) {
            self.error_line(text.trim_end());
        }
    }

    pub fn error_line(&self, line: &str) {
        let mut out = AutoStream::new(std::io::stderr().lock(), self.stderr);
        let _ = writeln!(out, "{line}");
    }

    fn stamp(&self, value: &mut Value) {
        if let Some(object) = value.as_object_mut() {
            object.insert("time".to_owned(), Value::from(Timestamp::now().to_string()));
            object.insert("run_elapsed".to_owned(), Value::from(self.began.elapsed().as_secs_f64()));
        }
    }

    fn time(&self) -> String {
        let elapsed = self.began.elapsed().as_secs_f64();
        if self.terminal {
            format!("{elapsed:7.1}s  ")
        } else {
            format!("{} {elapsed:7.1}s  ", Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ"))
        }
    }
}

/// Colours only where a terminal shows them and nobody has asked for none.
fn colours(stream: &impl IsTerminal) -> ColorChoice {
    let unwanted = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    if stream.is_terminal() && !unwanted("NO_COLOR") && !unwanted("CI") { ColorChoice::Always } else { ColorChoice::Never }
}
