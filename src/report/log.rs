//! One line for each event that a reader of the log needs.

use crate::engine::event::Event;
use crate::engine::execute::GRACE;
use crate::inputs::{Inputs, Warning};
use crate::plan::Goal;
use crate::report::line::Finished;
use crate::report::policy_text;
use crate::report::style::{BOLD, DIM, GREEN, RED, YELLOW, paint};
use crate::report::words::{count, seconds};

/// A doubt about the inputs: what is doubtful on one line, what to do about it on the next.
#[must_use]
pub fn warning(warning: &Warning) -> String {
    format!("{} {warning}", paint(YELLOW, "warning "))
}

/// What sound inputs ask for.
#[must_use]
pub fn valid(inputs: &Inputs) -> String {
    let groups = count(inputs.cluster.groups.len(), "node group");
    let ingress = inputs.cluster.ingress.as_ref().map(|ingress| format!("ingress for {}", count(ingress.zones.len(), "domain")));
    format!("The inputs are valid: {groups}, {}, {}.", ingress.as_deref().unwrap_or("no ingress"), inputs.identity.region)
}

/// The end of a run that has come to its goal.
#[must_use]
pub fn finished(word: &Finished, elapsed: f64) -> String {
    let Finished { goal, name_prefix, region, created, updated, replaced, deleted } = word;
    let done = match (created + updated + replaced + deleted, replaced) {
        (0, _) => "nothing had to be changed".to_owned(),
        (_, 0) => format!("{created} created, {updated} updated, {deleted} deleted"),
        _ => format!("{created} created, {updated} updated, {replaced} replaced, {deleted} deleted"),
    };
    let standing = match goal {
        Goal::Provision => format!("Cluster {name_prefix} in {region} is as wanted."),
        Goal::Decommission => format!("Nothing of {name_prefix} is left in {region}."),
    };
    format!("{} in {}: {done}. {standing}", paint(GREEN, "Done"), seconds(elapsed))
}

/// The event as a line, without time and newline; `None` for events that only programs want.
#[must_use]
pub fn line(event: &Event) -> Option<String> {
    Some(match event {
        Event::Looking { round: 1 } => paint(DIM, "looking at AWS"),
        Event::Looking { .. } => paint(DIM, "looking again at AWS"),
        Event::StillLooking { elapsed } => paint(DIM, format!("still looking at AWS, for {}", seconds(*elapsed))),
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
        Event::Done { address, operation, with, elapsed } => {
            let with = with.as_ref().map(|with| format!(" {with}")).unwrap_or_default();
            format!("{} {address} {operation}{with} {}", paint(GREEN, "done    "), paint(DIM, seconds(*elapsed)))
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
