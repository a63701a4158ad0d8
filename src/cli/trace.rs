//! `--trace-calls`: our own records of calls and nothing of the SDK's, which would tell headers and bodies.

use crate::cli::args::Format;
use aws_ecs_cluster::report::line::{Line, Said, Word};
use jiff::Timestamp;
use std::fmt::Debug;
use std::io::Write;
use std::time::Instant;
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;

/// From now on every answer of AWS's is a line of stderr.
pub fn calls(format: Format, began: Instant) {
    let ours = Targets::new().with_target("aws_ecs_cluster", LevelFilter::DEBUG);
    let lines = match format {
        Format::Json => JsonLines { began }.boxed(),
        Format::Text | Format::TerraformPlan => {
            tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_ansi(false).with_target(false).boxed()
        }
    };
    tracing_subscriber::registry().with(lines.with_filter(ours)).init();
}

/// The same as the other lines of a run that is read by a program.
struct JsonLines {
    began: Instant,
}

impl<S: Subscriber> Layer<S> for JsonLines {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut answer = Answer::default();
        event.record(&mut answer);
        let Answer { service, operation, outcome, code, words } = answer;
        let word = Word::Call { service, operation, outcome, code, words };
        let line = Line { said: Said::Word(&word), time: Timestamp::now().to_string(), run_elapsed: self.began.elapsed().as_secs_f64() };
        let _ = writeln!(std::io::stderr().lock(), "{}", serde_json::to_string(&line).unwrap_or_default());
    }
}

/// What `aws::call` records of an answer.
#[derive(Default)]
struct Answer {
    service: String,
    operation: String,
    outcome: String,
    code: Option<String>,
    words: Option<String>,
}

impl Visit for Answer {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.record_str(field, &format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        let value = value.to_owned();
        match field.name() {
            "service" => self.service = value,
            "operation" => self.operation = value,
            "code" => self.code = Some(value),
            "words" => self.words = Some(value),
            // The text of the record itself.
            "message" => self.outcome = value,
            _ => {}
        }
    }
}
