//! Every change with its old and new values.

use crate::model::address::Address;
use crate::plan::{Change, ChangeAction, FieldChange, Plan};
use crate::report::html::badge::badge;
use crate::report::plan_text::with_references_told;
use crate::report::record::Recording;
use crate::report::style::sign;
use crate::report::words::{count, short};
use maud::{Markup, html};
use serde_json::Value;

pub fn changes(plan: &Plan, recording: &Recording) -> Option<Markup> {
    let (unchanged, changed): (Vec<&Change>, Vec<&Change>) =
        plan.changes.iter().partition(|change| change.action == ChangeAction::None && change.fields.is_empty() && change.reason.is_empty());
    if plan.changes.is_empty() {
        return None;
    }
    let place = |address: &Address| plan.changes.iter().position(|change| change.address == *address);
    Some(html! {
        div.list {
            @for change in changed {
                // Two may need each other: one step of this before one step of that.
                @let (first, meanwhile): (Vec<&Address>, Vec<&Address>) = change.depends_on.iter().partition(|other| place(other) < place(&change.address));
                (one(change, &first, &meanwhile, recording))
            }
        }
        @if !unchanged.is_empty() {
            details {
                summary { span.sign.dim aria-hidden="true" { "=" } (count(unchanged.len(), "resource")) " unchanged" }
                div { ul.unnamed { @for change in unchanged { li { code { (change.address) } } } } }
            }
        }
    })
}

/// A change with what has to be there before it is begun, and before it is complete.
fn one(change: &Change, first: &[&Address], meanwhile: &[&Address], recording: &Recording) -> Markup {
    if change.fields.is_empty() && change.depends_on.is_empty() {
        return html! { div.change { (headline(change, recording)) } };
    }
    let open = change.disruptive || matches!(change.action, ChangeAction::Update | ChangeAction::Replace);
    html! {
        details.change open[open] {
            summary { (headline(change, recording)) }
            div {
                @if !change.fields.is_empty() { (fields(&change.address, &change.fields)) }
                (listed("Needs first: ", first))
                (listed("Is complete only after: ", meanwhile))
            }
        }
    }
}

fn listed(label: &str, addresses: &[&Address]) -> Markup {
    html! {
        @if !addresses.is_empty() { p.dim { (label) @for (index, address) in addresses.iter().enumerate() { @if index > 0 { ", " } (short(address)) } } }
    }
}

fn headline(change: &Change, recording: &Recording) -> Markup {
    let (mark, _) = sign(change.action);
    html! {
        span.sign.(tone(change.action)) aria-hidden="true" { (mark) }
        span.(tone(change.action)) { (verb(change.action)) } " "
        code { (change.address) }
        @if change.disruptive { " " span.badge.small.bad { "disruptive" } }
        @if let Some(label) = change.adoption { " " span.badge.small.cool { (label) } }
        @if let Some(badge) = badge(recording, &change.address) { " " span.badge.small.(badge.tone()) { (badge.words()) } }
        @if !change.reason.is_empty() { span.reason.dim { (change.reason) } }
    }
}

fn fields(address: &Address, fields: &[FieldChange]) -> Markup {
    html! {
        div.wide {
            table {
                caption { "Properties of " (address.name) }
                thead { tr { th scope="col" { "Property" } th scope="col" { "Old" } th scope="col" { "New" } } }
                tbody {
                    @for field in fields {
                        tr {
                            th scope="row" { code { (field.path) } }
                            td data-label="old" { (value(&field.old)) }
                            td data-label="new" { (value(&field.new)) }
                        }
                    }
                }
            }
        }
    }
}

fn value(value: &Value) -> Markup {
    match with_references_told(value) {
        Value::Null => html! { span.dim { "none" } },
        Value::String(text) if text.contains('\n') => html! { pre { (text) } },
        Value::String(text) => html! { code { (text) } },
        other => html! { code { (other) } },
    }
}

pub const fn verb(action: ChangeAction) -> &'static str {
    match action {
        ChangeAction::Create => "create",
        ChangeAction::Update => "update",
        ChangeAction::Replace => "replace",
        ChangeAction::Delete => "delete",
        ChangeAction::None => "unchanged",
        ChangeAction::Wait => "wait for",
        ChangeAction::Unknown => "unknown",
    }
}

const fn tone(action: ChangeAction) -> &'static str {
    match action {
        ChangeAction::Create => "good",
        ChangeAction::Update => "warn",
        ChangeAction::Replace | ChangeAction::Delete => "bad",
        ChangeAction::None => "dim",
        ChangeAction::Wait => "cool",
        ChangeAction::Unknown => "odd",
    }
}
