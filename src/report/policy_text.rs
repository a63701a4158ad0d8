//! What the policy rules say, as people read it: failures in full, the rest as a count.

use crate::policy::{Outcome, Verdict};
use crate::report::style::{DIM, GREEN, RED, paint};

/// The failures and the summary, with a final newline.
#[must_use]
pub fn text(verdicts: &[Verdict]) -> String {
    let failed = verdicts.iter().filter(|verdict| verdict.outcome == Outcome::Failed);
    let lines: Vec<String> = failed.map(|verdict| format!("{} {}\n", paint(RED, "policy:"), failure(verdict))).collect();
    lines.concat() + &painted_summary(verdicts) + "\n"
}

/// The rule, every resource that breaks it, and what to do: several lines, without a final newline.
#[must_use]
pub fn failure(verdict: &Verdict) -> String {
    let mut marks = vec![verdict.severity.name()];
    marks.extend(verdict.controls);
    let head = format!("{} does not hold: {} {}", verdict.id, verdict.title, paint(DIM, format!("({})", marks.join(", "))));
    let found = verdict.findings.iter().map(|finding| format!("  {}: {}", finding.address, finding.reason));
    std::iter::once(head).chain(found).chain([format!("  {}", verdict.remedy)]).collect::<Vec<_>>().join("\n")
}

/// How many rules hold, in one line. Rules that the bundle does not keep by design, or that were not checked, are named.
#[must_use]
pub fn summary(verdicts: &[Verdict]) -> String {
    let with = |outcome: Outcome| verdicts.iter().filter(move |verdict| verdict.outcome == outcome);
    let named = |outcome: Outcome, words: &str| {
        let ids: Vec<&str> = with(outcome).map(|verdict| verdict.id).collect();
        (!ids.is_empty()).then(|| format!("{} {words} ({})", ids.len(), ids.join(", ")))
    };
    let mut parts = vec![format!("{} passed", with(Outcome::Passed).count()), format!("{} failed", with(Outcome::Failed).count())];
    parts.extend(named(Outcome::Exempt, "exempt by design"));
    parts.extend(named(Outcome::NotChecked, "not checked"));
    if with(Outcome::NotApplicable).next().is_some() {
        parts.push(format!("{} not applicable", with(Outcome::NotApplicable).count()));
    }
    format!("{LABEL} {}.", parts.join(", "))
}

/// The word that the summary begins with.
const LABEL: &str = "Policy:";

/// The summary for people: its first word tells by its colour whether a rule fails.
#[must_use]
pub fn painted_summary(verdicts: &[Verdict]) -> String {
    let style = if verdicts.iter().any(|verdict| verdict.outcome == Outcome::Failed) { RED } else { GREEN };
    summary(verdicts).replacen(LABEL, &paint(style, LABEL), 1)
}

/// What is said in place of a summary where the rules are not asked.
pub const SKIPPED: &str = "Policy: not checked, since `policy.enable` of the step is false.";
