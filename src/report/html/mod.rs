//! A run as one page that needs nothing beside itself: no network, no script. Every text in it is escaped by the template.

mod badge;
mod changes;
mod graph;
mod layout;
mod timeline;
mod trouble;
mod verdicts;

use crate::plan::{ChangeAction, Goal, Plan};
use crate::report::dossier::Dossier;
use crate::report::words::seconds;
use maud::{DOCTYPE, Markup, PreEscaped, html};

const STYLE: &str = include_str!("page.css");
/// Whatever should slip into the page could neither run nor call anybody.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/// The page, of a run that ended with this exit status.
#[must_use]
pub fn page(dossier: &Dossier, exit_status: u8) -> String {
    let (outcome, tone) = outcome(dossier, exit_status);
    let title = title(dossier);
    let sections = sections(dossier);
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                title { (outcome) ": " (title) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                a.skip href="#content" { "Skip to the content" }
                header { div.inner { (head(dossier, exit_status, &title, &sections)) } }
                main #content tabindex="-1" {
                    div.inner {
                        (tally(dossier, exit_status))
                        @for section in &sections {
                            section aria-labelledby=(section.id) { h2 id=(section.id) { (section.title) } (section.body) }
                        }
                    }
                }
                footer { div.inner { (foot(dossier, outcome, tone)) } }
            }
        }
    };
    page.into_string()
}

struct Section {
    id: &'static str,
    title: &'static str,
    body: Markup,
}

/// Those that have something to say, in the order in which a reader wants to know.
fn sections(dossier: &Dossier) -> Vec<Section> {
    let prefix = dossier.target.as_ref().map_or("", |(prefix, _)| prefix);
    let all = [
        ("trouble", "What went wrong, and what to do", trouble::trouble(dossier)),
        ("warnings", "Warnings", trouble::warnings(dossier)),
        ("resources", "Resources", dossier.plan.as_ref().and_then(|plan| graph::figure(plan, prefix, &dossier.recording))),
        ("timeline", "Timeline", timeline::timeline(&dossier.recording, prefix, dossier.elapsed)),
        ("policy", "Policy", dossier.verdicts.as_deref().and_then(verdicts::verdicts)),
        ("changes", "Changes", dossier.plan.as_ref().and_then(|plan| changes::changes(plan, &dossier.recording))),
    ];
    all.into_iter().filter_map(|(id, title, body)| Some(Section { id, title, body: body? })).collect()
}

fn head(dossier: &Dossier, exit_status: u8, title: &str, sections: &[Section]) -> Markup {
    let (outcome, tone) = outcome(dossier, exit_status);
    html! {
        h1 { (title) }
        p { span.badge.(tone) { (outcome) } }
        dl.facts {
            @if let Some((_, region)) = &dossier.target { div { dt { "Region" } dd { (region) } } }
            div { dt { "Began" } dd { (dossier.began) } }
            div { dt { "Took" } dd { (seconds(dossier.elapsed)) } }
            div { dt { "Exit status" } dd { (exit_status) } }
        }
        @if !sections.is_empty() {
            nav aria-label="Contents" {
                ul { @for section in sections { li { a href={ "#" (section.id) } { (section.title) } } } }
            }
        }
    }
}

fn title(dossier: &Dossier) -> String {
    let doing = match (dossier.command, dossier.goal) {
        ("plan", Some(Goal::Decommission)) => "Plan to decommission",
        ("plan", _) => "Plan to provision",
        ("decommission", _) => "Decommission",
        _ => "Provision",
    };
    dossier.target.as_ref().map_or_else(|| doing.to_owned(), |(prefix, _)| format!("{doing} {prefix}"))
}

/// The end in a word or two, and its colour.
fn outcome(dossier: &Dossier, exit_status: u8) -> (&'static str, &'static str) {
    match exit_status {
        0 if dossier.command == "plan" => ("Planned", "good"),
        0 => ("Done", "good"),
        2 => ("Invalid", "bad"),
        3 => ("Changes pending", "cool"),
        4 => ("Refused", "bad"),
        130 => ("Interrupted", "warn"),
        _ => ("Failed", "bad"),
    }
}

/// How many resources the plan makes, changes and deletes.
fn tally(dossier: &Dossier, exit_status: u8) -> Markup {
    let Some(plan) = &dossier.plan else { return html! {} };
    let tense = if dossier.command != "plan" && exit_status == 0 { Tense::Done } else { Tense::ToDo };
    let counted = counted(plan, tense);
    html! {
        @if counted.is_empty() {
            p.note { "Nothing is there, and nothing is to be made." }
        } @else {
            ul.tally aria-label="Summary" {
                @for (number, words, tone) in counted { li { strong.(tone) { (number) } (words) } }
            }
        }
    }
}

/// Whether a plan is told as done or as still to do.
#[derive(Clone, Copy)]
enum Tense {
    Done,
    ToDo,
}

fn counted(plan: &Plan, tense: Tense) -> Vec<(usize, &'static str, &'static str)> {
    let words = |done: &'static str, to_do: &'static str| match tense {
        Tense::Done => done,
        Tense::ToDo => to_do,
    };
    let all = [
        (ChangeAction::Create, words("created", "to create"), "good"),
        (ChangeAction::Update, words("updated", "to update"), "warn"),
        (ChangeAction::Replace, words("replaced", "to replace"), "bad"),
        (ChangeAction::Delete, words("deleted", "to delete"), "bad"),
        (ChangeAction::Wait, words("waited for", "to wait for"), "cool"),
        (ChangeAction::Unknown, "unknown", "odd"),
        (ChangeAction::None, "unchanged", "dim"),
    ];
    all.into_iter().map(|(action, words, tone)| (plan.count(action), words, tone)).filter(|(number, ..)| *number > 0).collect()
}

fn foot(dossier: &Dossier, outcome: &str, tone: &str) -> Markup {
    html! {
        p { span.(tone) { (outcome) } @for note in &dossier.notes { ". " (note.trim_end_matches('.')) } "." }
        p { "Written by aws-ecs-cluster " (dossier.program_version) "." }
    }
}
