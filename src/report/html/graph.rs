//! The resources of the plan and what each needs, as a drawing.

use crate::model::address::Address;
use crate::plan::{Change, ChangeAction, Plan};
use crate::report::html::badge::{Badge, badge};
use crate::report::html::changes::verb;
use crate::report::html::layout::{Layout, Place, layout};
use crate::report::record::Recording;
use crate::report::style::sign;
use crate::report::words::{count, short_kind};
use maud::{Markup, html};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

const WIDTH: f64 = 186.0;
const HEIGHT: f64 = 46.0;
const COLUMN: f64 = WIDTH + 44.0;
const ROW: f64 = HEIGHT + 14.0;
const MARGIN: f64 = 16.0;
/// Characters of a name that fit into its box.
const NAME: usize = 23;
/// And of a kind, which is pure ASCII.
const KIND: usize = 20;

/// `None` when the plan has no resource at all.
pub fn figure(plan: &Plan, prefix: &str, recording: &Recording) -> Option<Markup> {
    if plan.changes.is_empty() {
        return None;
    }
    let drawn = drawn(plan);
    let hidden = plan.changes.len() - drawn.len();
    Some(html! {
        @if !drawn.is_empty() {
            div.scroll tabindex="0" role="region" aria-label="Drawing of the resources, can be scrolled sideways" { (drawing(&drawn, prefix, recording)) }
            (key(&drawn, recording))
        }
        @if hidden > 0 { p.dim { (count(hidden, "unchanged resource")) " that nothing here hangs on: not drawn." } }
    })
}

/// What changes, and what it hangs on.
fn drawn(plan: &Plan) -> Vec<&Change> {
    let needed: BTreeSet<&Address> = plan.changes.iter().filter(|change| changes(change)).flat_map(|change| &change.depends_on).collect();
    plan.changes.iter().filter(|change| changes(change) || needed.contains(&change.address)).collect()
}

fn changes(change: &Change) -> bool {
    change.action != ChangeAction::None || !change.reason.is_empty()
}

fn drawing(drawn: &[&Change], prefix: &str, recording: &Recording) -> Markup {
    let places: BTreeMap<&Address, usize> = drawn.iter().enumerate().map(|(place, change)| (&change.address, place)).collect();
    let needs: Vec<BTreeSet<usize>> =
        drawn.iter().map(|change| change.depends_on.iter().filter_map(|address| places.get(address).copied()).collect()).collect();
    let layout = layout(&needs);
    let (width, height) = size(&layout);
    let summary = format!("{} from left to right, each to the right of what it needs", count(drawn.len(), "resource"));
    html! {
        svg.graph xmlns="http://www.w3.org/2000/svg" width=(width) height=(height) viewBox={ "0 0 " (width) " " (height) } role="img" aria-label=(summary) {
            @for line in &layout.lines { path.edge d=(curve(line)) {} }
            @for (place, change) in layout.nodes.iter().zip(drawn) { (node(change, corner(*place), prefix, recording)) }
        }
    }
}

fn size(layout: &Layout) -> (f64, f64) {
    let corners = layout.nodes.iter().map(|place| corner(*place));
    let (right, bottom) = corners.fold((0.0_f64, 0.0_f64), |(right, bottom), (x, y)| (right.max(x), bottom.max(y)));
    (right + WIDTH + MARGIN, (bottom + HEIGHT + MARGIN).ceil())
}

fn corner(place: Place) -> (f64, f64) {
    #[expect(clippy::cast_precision_loss, reason = "a handful of columns")]
    let column = place.column as f64;
    (COLUMN.mul_add(column, MARGIN), ROW.mul_add(place.row, MARGIN).round())
}

/// Out of the first box on its right, straight through the columns in between, into the last on its left.
fn curve(line: &[Place]) -> String {
    let mut path = String::new();
    for (index, place) in line.iter().enumerate() {
        let (left, top) = corner(*place);
        let (right, middle) = (left + WIDTH, top + HEIGHT / 2.0);
        if index > 0 {
            let bend = left - (COLUMN - WIDTH) / 2.0;
            let _ = write!(path, " {bend} {middle} {left} {middle}");
        }
        if index + 1 < line.len() {
            let bend = right + (COLUMN - WIDTH) / 2.0;
            let begin = if index == 0 { 'M' } else { 'L' };
            let _ = write!(path, "{begin}{right} {middle}C{bend} {middle}");
        }
    }
    path
}

fn node(change: &Change, (x, y): (f64, f64), prefix: &str, recording: &Recording) -> Markup {
    let badge = badge(recording, &change.address);
    let shape = badge.map_or("", Badge::class);
    let told = badge.map(|badge| format!(", {}", badge.words())).unwrap_or_default();
    let (mark, _) = sign(change.action);
    html! {
        g.(verb(change.action).replace(' ', "-")).(shape) transform={ "translate(" (x) " " (y) ")" } {
            title { (verb(change.action)) " " (change.address) (told) }
            rect width=(WIDTH) height=(HEIGHT) rx="6" {}
            text.kind x="26" y="18" { (cut(short_kind(change.address.kind))) }
            text.sign x="10" y="19" { (mark) }
            text x="10" y="36" { (shortened(own(&change.address.name, prefix))) }
            @if let Some(badge) = badge { text.fate x=(WIDTH - 10.0) y="18" text-anchor="end" { (badge_mark(badge)) } }
        }
    }
}

const fn badge_mark(badge: Badge) -> &'static str {
    match badge {
        Badge::Failed => "✗",
        Badge::Skipped | Badge::Unfinished => "○",
        Badge::Done => "✓",
    }
}

/// A name without what all names begin with, where there is more to it.
fn own<'a>(name: &'a str, prefix: &str) -> &'a str {
    let rest = name.strip_prefix(prefix).map(|rest| rest.trim_start_matches('-'));
    rest.filter(|rest| !rest.is_empty()).unwrap_or(name)
}

/// The end of a name tells more than its beginning, which all have in common.
fn shortened(name: &str) -> String {
    let letters = name.chars().count();
    if letters <= NAME { name.to_owned() } else { std::iter::once('…').chain(name.chars().skip(letters + 1 - NAME)).collect() }
}

fn cut(kind: &str) -> String {
    if kind.len() <= KIND { kind.to_owned() } else { format!("{}…", &kind[..KIND - 1]) }
}

/// The signs that the drawing uses.
fn key(drawn: &[&Change], recording: &Recording) -> Markup {
    let mut signs: Vec<(&str, &str)> = Vec::new();
    let mut add = |mark: &'static str, words: &'static str| {
        if !signs.contains(&(mark, words)) {
            signs.push((mark, words));
        }
    };
    for change in drawn {
        add(sign(change.action).0, verb(change.action));
    }
    for badge in drawn.iter().filter_map(|change| badge(recording, &change.address)) {
        add(badge_mark(badge), badge.words());
    }
    html! { ul.key aria-label="Signs" { @for (mark, words) in signs { li { strong { (mark) } " " (words) } } } }
}
