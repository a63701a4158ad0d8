//! One line for each event that a reader of the log needs.

use crate::engine::event::Event;
use crate::engine::execute::GRACE;
use crate::inputs::Warning;
use crate::report::policy_text;
use crate::report::style::{BOLD, DIM, GREEN, RED, YELLOW, paint};
use crate::report::words::{count, seconds};

/// A doubt about the inputs: what is doubtful on one line, what to do about it on the next.
#[must_use]
pub fn warning(warning: &Warning) -> String {
    format!("{} {warning}", paint(YELLOW, "warning "))
}

/// The event as a line, without time and newline; `None` for events that only programs want.
#[must_use]
pub fn line(event: &Event) -> Option<String> {
    Some(match event {
        Event::Looking { round: 1 } => paint(DIM, "looking at AWS"),
        Event::Looking { .. } => paint(DIM, "looking again at AWS"),
        Event::Planned { operations: 0, .. } => paint(DIM, "nothing left to do"),
        Event::Planned { changes, operations, .. } => {
            paint(BOLD, format!("{} by {}", count(*changes, "change"), count(*operations, "operation")))
        }
        Event::Executing { .. } | Event::Started { .. } => return None,
        Event::Waiting { address, waiting_for, detail, elapsed } => {
            format!("{} {address}: for {waiting_for} ({}, {detail})", paint(DIM, "waiting "), seconds(*elapsed))
        }
        Event::Ready { address, waited_for, elapsed } => {
            format!("{} {address}: waited for {waited_for} {}", paint(GREEN, "ready   "), paint(DIM, seconds(*elapsed)))
        }
        Event::Done { address, operation, elapsed } => {
            format!("{} {address} {operation} {}", paint(GREEN, "done    "), paint(DIM, seconds(*elapsed)))
        }
        Event::Overtaken { address, why, .. } => {
            format!("{} {address}: {why}; looking again will tell", paint(YELLOW, "overtaken"))
        }
        Event::PutOff { address, why, .. } => {
            format!("{} {address}: {why}; looking again whether anything else is in the way", paint(DIM, "put off "))
        }
        Event::Failed { address, error, .. } => format!("{} {address}: {error}", paint(RED, "failed  ")),
        Event::Skipped { address, operation, because } => {
            format!("{} {address} {operation}: {because} did not get done", paint(YELLOW, "skipped "))
        }
        Event::Warning { message } => format!("{} {message}", paint(YELLOW, "warning ")),
        Event::Policy { verdict } => format!("{} {}", paint(YELLOW, "policy  "), policy_text::failure(verdict)),
        Event::Interrupted => {
            paint(YELLOW, format!("interrupted: nothing new is started, calls under way have {} s to finish", GRACE.as_secs()))
        }
    })
}
