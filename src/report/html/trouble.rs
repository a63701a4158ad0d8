//! What went wrong and what was doubtful: problems, refusals, failures, warnings.

use crate::inputs::{Problem, Warning};
use crate::plan::Refusal;
use crate::report::dossier::Dossier;
use maud::{Markup, html};

pub fn trouble(dossier: &Dossier) -> Option<Markup> {
    let planned: &[Refusal] = dossier.plan.as_ref().map_or(&[], |plan| &plan.refusals);
    let end = &dossier.end;
    let refusals = if end.refusals.is_empty() { planned } else { &end.refusals };
    if end.message.is_none() && refusals.is_empty() {
        return None;
    }
    // The refusals that the run ended with are told one by one, and so is all but the last line of its message.
    let told = !end.problems.is_empty() || !end.refusals.is_empty();
    Some(html! {
        @if !end.problems.is_empty() { p { "Nothing was touched. In the inputs:" } }
        @for problem in &end.problems { (finding(problem)) }
        @for refusal in refusals { (refused(refusal)) }
        @if let (Some(message), false) = (&end.message, told) { div.note.bad-edge { pre { (message) } } }
        @if !refusals.is_empty() { p { "This is refused to protect what is there" @if let Some(standing) = standing(dossier) { "; " (standing) } "." } }
    })
}

/// What became of things by the time the run was refused, which is the last line of its message.
fn standing(dossier: &Dossier) -> Option<&str> {
    let message = dossier.end.message.as_deref().filter(|_| !dossier.end.refusals.is_empty())?;
    message.lines().last()
}

pub fn warnings(dossier: &Dossier) -> Option<Markup> {
    let planned: &[String] = dossier.plan.as_ref().map_or(&[], |plan| &plan.warnings);
    if dossier.doubts.is_empty() && planned.is_empty() {
        return None;
    }
    Some(html! {
        @for Warning(Problem { document, pointer, value, message, remedy }) in &dossier.doubts {
            div.note.warn-edge { (place(&format!("{document}#{pointer}"), value.as_deref(), message)) p { (remedy) } }
        }
        @for warning in planned { div.note.warn-edge { pre { (warning) } } }
    })
}

fn finding(problem: &Problem) -> Markup {
    let Problem { document, pointer, value, message, remedy } = problem;
    html! { div.note.bad-edge { (place(&format!("{document}#{pointer}"), value.as_deref(), message)) p { (remedy) } } }
}

fn refused(refusal: &Refusal) -> Markup {
    html! {
        div.note.bad-edge {
            p { span.badge.small.bad { "refused" } " " code { (refusal.address) } }
            p { (refusal.reason) }
            p { strong { "To go on: " } (refusal.remedy) }
        }
    }
}

fn place(at: &str, value: Option<&str>, message: &str) -> Markup {
    html! { p { code { (at) } @if let Some(value) = value { " " code { (value) } } ": " (message) } }
}
