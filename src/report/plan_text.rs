//! A plan as people read it: sign, kind, name, why, the fields that change, and a line that sums it up.

use crate::plan::adoption::Adoption;
use crate::plan::{Change, ChangeAction, FieldChange, Goal, Plan, Refusal};
use crate::report::style::{BOLD, DIM, RED, YELLOW, paint, sign};
use crate::report::words::count;
use serde_json::Value;

/// How much of a value is shown, in characters.
const SHOWN: usize = 120;

/// The whole plan, with a final newline.
#[must_use]
pub fn text(plan: &Plan, region: &str, name_prefix: &str) -> String {
    let goal = match plan.goal {
        Goal::Provision => "provision",
        Goal::Decommission => "decommission",
    };
    let mut lines = vec![paint(BOLD, format!("Plan to {goal} {name_prefix} in {region}")), String::new()];
    let width = plan.changes.iter().map(|change| change.address.kind.type_name().len()).max().unwrap_or_default();
    let told = |change: &&Change| change.action != ChangeAction::None || !change.reason.is_empty() || change.adoption.is_some();
    let shown = plan.changes.iter().filter(told);
    lines.extend(shown.flat_map(|change| change_lines(change, width)));
    if lines.len() > 2 {
        lines.push(String::new());
    }
    lines.extend(plan.warnings.iter().map(|warning| format!("{}: {warning}", paint(YELLOW, "warning"))));
    lines.extend(refusals(plan).iter().map(|refusal| coloured(refusal)));
    lines.extend(adoption(plan));
    lines.push(summary(plan));
    lines.join("\n") + "\n"
}

/// How many resources are taken over, and how.
fn adoption(plan: &Plan) -> Option<String> {
    let labels = [Adoption::Identical, Adoption::SafeInPlace, Adoption::WaitsForConsent, Adoption::Kept];
    let counted = labels.map(|label| (label, plan.changes.iter().filter(|change| change.adoption == Some(label)).count()));
    let words = |(label, number): &(Adoption, usize)| match label {
        Adoption::WaitsForConsent if *number > 1 => format!("{number} wait for your consent"),
        label => format!("{number} {label}"),
    };
    let parts: Vec<String> = counted.iter().filter(|(_, number)| *number > 0).map(words).collect();
    (!parts.is_empty()).then(|| format!("Taking over what the OpenTofu bundle made: {}.", parts.join(", ")))
}

/// What the plan comes to, in one line.
#[must_use]
pub fn summary(plan: &Plan) -> String {
    let unchanged = plan.count(ChangeAction::None);
    if plan.is_empty() {
        return match (plan.goal, unchanged) {
            (Goal::Decommission, _) => "Nothing to do: nothing of this instance is left.".to_owned(),
            (Goal::Provision, unchanged) => format!("Nothing to do: {} as wanted.", count(unchanged, "resource")),
        };
    }
    let counted = [
        (ChangeAction::Create, "to create"),
        (ChangeAction::Update, "to update"),
        (ChangeAction::Replace, "to replace"),
        (ChangeAction::Delete, "to delete"),
        (ChangeAction::Wait, "to wait for"),
        (ChangeAction::Unknown, "unknown"),
        (ChangeAction::None, "unchanged"),
    ];
    let always = [ChangeAction::Create, ChangeAction::Update, ChangeAction::Delete];
    let parts: Vec<String> = counted
        .iter()
        .map(|(action, words)| (action, plan.count(*action), words))
        .filter(|(action, number, _)| *number > 0 || always.contains(action))
        .map(|(_, number, words)| format!("{number} {words}"))
        .collect();
    let counted = parts.join(", ");
    match plan.refusals.len() {
        0 => format!("Plan: {counted}."),
        reasons if plan.operations.is_empty() => format!("Refused for {}: nothing will be changed.", count(reasons, "reason")),
        reasons => format!("Refused for {}: nothing will be changed (otherwise: {counted}).", count(reasons, "reason")),
    }
}

/// Why the plan must not be carried out, and what to do about it.
#[must_use]
pub fn refusals(plan: &Plan) -> Vec<String> {
    let line = |refusal: &Refusal| format!("{REFUSED}: {}: {}\n  {}", refusal.address, refusal.reason, refusal.remedy);
    plan.refusals.iter().map(line).collect()
}

/// The same in one line, for those who have the plan before them.
#[must_use]
pub fn refused_in_short(refusals: &[Refusal]) -> String {
    format!("{REFUSED} for {}, told in the plan; nothing was changed", count(refusals.len(), "reason"))
}

/// The word that each refusal begins with.
const REFUSED: &str = "refused";

/// What is said of the end of a run, with the word that marks each refusal in its colour.
#[must_use]
pub fn coloured(message: &str) -> String {
    let line = |line: &str| match line.strip_prefix(REFUSED) {
        Some(rest) if rest.starts_with(':') => paint(RED, REFUSED) + rest,
        _ => line.to_owned(),
    };
    message.lines().map(line).collect::<Vec<_>>().join("\n")
}

fn change_lines(change: &Change, width: usize) -> Vec<String> {
    let (mark, style) = sign(change.action);
    let kind = change.address.kind.type_name();
    let disruptive = if change.disruptive { paint(RED, " (disruptive)") } else { String::new() };
    let reason = if change.reason.is_empty() { String::new() } else { paint(DIM, format!("  # {}", change.reason)) };
    let label = change.adoption.map(|label| paint(DIM, format!("  [{label}]"))).unwrap_or_default();
    let head = format!("  {} {kind:width$}  {}{disruptive}{reason}{label}", paint(style, mark), paint(BOLD, &change.address.name));
    std::iter::once(head).chain(change.fields.iter().map(field_line)).collect()
}

fn field_line(field: &FieldChange) -> String {
    match (&field.old, &field.new) {
        (Value::Null, new) => format!("      {}: {}", field.path, value(new)),
        (old, Value::Null) => format!("      {}: {} -> removed", field.path, value(old)),
        (old, new) => format!("      {}: {} -> {}", field.path, value(old), value(new)),
    }
}

fn value(value: &Value) -> String {
    let whole = match with_references_told(value) {
        Value::String(text) => text.escape_debug().to_string(),
        other => other.to_string(),
    };
    if whole.chars().count() <= SHOWN {
        return whole;
    }
    let cut: String = whole.chars().take(SHOWN).collect();
    format!("{cut}…")
}

/// The value with each reference to what another operation yields put into words.
pub(super) fn with_references_told(value: &Value) -> Value {
    match value {
        Value::Array(parts) if is_reference(parts) => Value::from("(known once it is made)"),
        Value::Array(parts) => parts.iter().map(with_references_told).collect(),
        other => other.clone(),
    }
}

fn is_reference(parts: &[Value]) -> bool {
    matches!(parts, [Value::String(address), Value::String(_)] if address.starts_with("AWS::"))
}
