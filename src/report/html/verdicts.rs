//! What the policy rules say of the planned cluster: failures first and in full.

use crate::policy::{Outcome, Verdict};
use crate::report::policy_text::summary;
use crate::report::words::short;
use maud::{Markup, html};

pub fn verdicts(verdicts: &[Verdict]) -> Option<Markup> {
    if verdicts.is_empty() {
        return None;
    }
    let (failed, others): (Vec<&Verdict>, Vec<&Verdict>) = verdicts.iter().partition(|verdict| verdict.outcome == Outcome::Failed);
    Some(html! {
        p { (summary(verdicts)) }
        @for verdict in failed { (failure(verdict)) }
        details {
            summary { "Every other rule" }
            div.wide {
                table {
                    caption { "Rules that hold, do not apply, were not checked, or are not kept by design" }
                    thead { tr { @for title in ["Rule", "What holds", "Verdict", "Controls"] { th scope="col" { (title) } } } }
                    tbody { @for verdict in others { (line(verdict)) } }
                }
            }
        }
    })
}

fn failure(verdict: &Verdict) -> Markup {
    html! {
        div.note.bad-edge {
            p { span.badge.small.bad { (verdict.severity.name()) } " " strong { (verdict.id) } " does not hold: " (verdict.title) }
            p { (verdict.why) }
            ul { @for finding in &verdict.findings { li { code { (finding.address) } ": " (finding.reason) } } }
            p { strong { "To do: " } (verdict.remedy) }
            p.dim { (verdict.controls.join(", ")) }
        }
    }
}

fn line(verdict: &Verdict) -> Markup {
    let (words, tone) = match verdict.outcome {
        Outcome::Passed => ("passed", "good"),
        Outcome::Failed => ("failed", "bad"),
        Outcome::Exempt => ("exempt", "warn"),
        Outcome::NotChecked => ("not checked", "warn"),
        Outcome::NotApplicable => ("not applicable", "dim"),
    };
    let judged: Vec<String> = verdict.resources.iter().map(short).collect();
    html! {
        tr {
            th scope="row" { (verdict.id) }
            td { (verdict.title) @if !judged.is_empty() { " " span.dim { "(" (judged.join(", ")) ")" } } }
            td { span.(tone) { (words) } @if let Some(note) = verdict.note { ": " (note) } }
            td.dim { (verdict.controls.join(", ")) }
        }
    }
}
