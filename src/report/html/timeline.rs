//! When each operation and wait began and how long it took, with the chain that decided how long the run was.

use crate::report::record::{Recording, State, Track};
use crate::report::words::{count, seconds, shorter};
use maud::{Markup, html};

/// One line of the timeline.
struct Bar<'a> {
    /// Nothing for a look at AWS.
    track: Option<&'a Track>,
    began: f64,
    ended: f64,
    critical: bool,
}

/// `None` when nothing was done. The names' common prefix is left out: the page's title tells it.
pub fn timeline(recording: &Recording, prefix: &str, end: f64) -> Option<Markup> {
    let bars = bars(recording, end);
    let not_begun: Vec<&Track> = recording.tracks().filter(|track| track.began.is_none()).collect();
    if bars.is_empty() && not_begun.is_empty() {
        return None;
    }
    let whole = bars.iter().map(|bar| bar.ended).fold(0.1, f64::max);
    Some(html! {
        (critical_path(&bars, prefix))
        div.timeline.wide {
            table {
                caption { (caption(recording)) }
                thead {
                    tr {
                        th scope="col" { "Operation" }
                        th.number scope="col" { "Began" }
                        th.number scope="col" { "Took" }
                        th.bar scope="col" { "From 0 to " (seconds(whole)) }
                    }
                }
                tbody { @for bar in &bars { (line(bar, prefix, whole)) } }
            }
        }
        @if !not_begun.is_empty() {
            h3 { "Not begun" }
            ul.unnamed { @for track in not_begun { li { (operation(track, prefix)) } } }
        }
    })
}

fn caption(recording: &Recording) -> String {
    let waits = recording.tracks().filter(|track| track.step.waits_for.is_some()).count();
    let operations = recording.tracks().count() - waits;
    format!("{} and {}, in the order in which they began", count(operations, "operation"), count(waits, "wait"))
}

fn bars(recording: &Recording, end: f64) -> Vec<Bar<'_>> {
    let mut bars = Vec::new();
    for round in &recording.rounds {
        let critical = round.critical();
        bars.extend(round.tracks.iter().filter_map(|track| {
            let began = track.began?;
            Some(Bar {
                track: Some(track),
                began,
                ended: track.ended.unwrap_or(end).max(began),
                critical: critical.contains(&track.step.id),
            })
        }));
    }
    bars.extend(recording.looks.iter().map(|(began, ended)| Bar { track: None, began: *began, ended: *ended, critical: true }));
    bars.sort_by(|one, other| one.began.total_cmp(&other.began).then(one.track.is_some().cmp(&other.track.is_some())));
    bars
}

/// The critical path in words, for those who cannot see the bars, and to be read at a glance.
fn critical_path(bars: &[Bar<'_>], prefix: &str) -> Markup {
    let path: Vec<&Bar<'_>> = bars.iter().filter(|bar| bar.critical).collect();
    let sum: f64 = path.iter().map(|bar| bar.ended - bar.began).sum();
    html! {
        details open[path.len() <= 12] {
            summary { "The critical path, " (seconds(sum)) ": what decided how long the run took" }
            div {
                ol.path {
                    @for bar in path {
                        li { (name(bar, prefix)) " " span.dim { (seconds(bar.ended - bar.began)) } }
                    }
                }
            }
        }
    }
}

fn name(bar: &Bar<'_>, prefix: &str) -> Markup {
    html! {
        @if let Some(track) = bar.track { (operation(track, prefix)) } @else { "Look at AWS" }
    }
}

fn operation(track: &Track, prefix: &str) -> Markup {
    html! { strong { (shorter(&track.step.address, prefix)) } " " span.dim { (track.words()) } }
}

fn line(bar: &Bar<'_>, prefix: &str, whole: f64) -> Markup {
    let took = bar.ended - bar.began;
    let place = format!("left:{:.2}%;width:{:.2}%", bar.began / whole * 100.0, took / whole * 100.0);
    let class = match bar.track.map(|track| &track.state) {
        Some(State::Failed(_)) => "failed",
        _ if bar.critical => "critical",
        _ => "usual",
    };
    html! {
        tr {
            th scope="row" { (name(bar, prefix)) (marks(bar)) }
            td.number data-label="began" { (seconds(bar.began)) }
            td.number data-label="took" { (seconds(took)) }
            td.bar { div.lane aria-hidden="true" { span.(class) style=(place) {} } }
        }
    }
}

fn marks(bar: &Bar<'_>) -> Markup {
    html! {
        @if bar.critical { " " span.badge.small.cool { "critical" } }
        @match bar.track.map(|track| &track.state) {
            Some(State::Failed(error)) => { " " span.badge.small.bad { "failed" } " " span.bad { (error) } }
            Some(State::Overtaken(why)) => { " " span.badge.small.warn { "overtaken" } " " span.dim { (why) } }
            Some(State::PutOff(why)) => { " " span.badge.small.warn { "put off" } " " span.dim { (why) } }
            Some(State::Running) => { " " span.badge.small.warn { "not finished" } }
            _ => {}
        }
    }
}
