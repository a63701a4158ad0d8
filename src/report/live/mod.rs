//! What a terminal shows while a run is under way: a tree of its resources that fits the window, and what is left of it at the end.

mod rows;

use crate::report::record::Recording;
use crate::report::style::{BOLD, DIM, GREEN, RED, YELLOW};
use crate::report::words::{count, seconds, shorter};
use anstyle::Style;
use rows::{Row, Stage, rows};
use unicode_width::UnicodeWidthChar;

/// Taller than this and the eye does not find its place.
const TALLEST: usize = 40;
/// Room for `59m 59s`.
const TIME_WIDTH: usize = 7;
const SPINNER: [&str; 8] = ["⠋", "⠙", "⠸", "⠴", "⠦", "⠧", "⠇", "⠏"];

/// The terminal's window, in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    pub columns: usize,
    pub rows: usize,
}

/// What the run is about.
#[derive(Clone, Debug)]
pub struct Heading {
    /// `Provisioning my-cluster in us-west-2`.
    pub title: String,
    /// What all names of the instance begin with: said once, in the title.
    pub prefix: String,
}

/// The lines to show `now` seconds after the run began. None is wider than the window, and together they leave a row free.
#[must_use]
pub fn frame(recording: &Recording, heading: &Heading, window: Window, now: f64) -> Vec<String> {
    let mut lines = vec![Pen::new(window).text(BOLD, &heading.title).text(DIM, &format!("  {}", seconds(now)))];
    if recording.is_looking() || recording.rounds.is_empty() {
        lines.push(Pen::new(window).text(DIM, spinner(now)).text(DIM, " looking again at AWS"));
    } else if let Some(round) = recording.rounds.last() {
        let all = rows(round, &heading.prefix, now);
        let done = all.iter().filter(|row| row.stage == Stage::Done).count();
        lines[0].add(DIM, &format!(", {done} of {} done", count(all.len(), "resource")));
        let room = window.rows.saturating_sub(2).clamp(1, TALLEST);
        lines.extend(tree(&all, room, window, now));
    }
    if recording.interrupted.is_some() {
        lines[0].add(YELLOW, "  interrupted: finishing calls under way");
    }
    lines.truncate(window.rows.saturating_sub(1).max(1));
    lines.into_iter().map(|line| line.done).collect()
}

/// What stays on the screen when the run is over.
#[must_use]
pub fn summary(recording: &Recording, heading: &Heading, window: Window, now: f64) -> Vec<String> {
    let ended: Vec<_> = recording.tracks().filter(|track| track.ended.is_some()).collect();
    let waits = ended.iter().filter(|track| track.step.waits_for.is_some()).count();
    let words = format!("{} and {} in {}", count(ended.len() - waits, "operation"), count(waits, "wait"), seconds(now));
    let mut lines = vec![Pen::new(window).text(BOLD, &words)];
    let longest = ended.iter().max_by(|one, other| one.took(now).unwrap_or(0.0).total_cmp(&other.took(now).unwrap_or(0.0)));
    if let Some((track, took)) = longest.and_then(|track| Some((track, track.took(now)?))) {
        let words = format!("the longest, {}: {} {}", seconds(took), shorter(&track.step.address, &heading.prefix), track.words());
        lines.push(Pen::new(window).text(DIM, &words));
    }
    lines.into_iter().map(|line| line.done).collect()
}

/// As many rows as there is room for, those that matter most now, and a count of the others.
fn tree(all: &[Row], room: usize, window: Window, now: f64) -> Vec<Pen> {
    let shown = choose(all, room);
    let mut lines = Vec::new();
    for (index, row) in all.iter().enumerate().filter(|(index, _)| shown[*index]) {
        let depth = ancestors(all, index).filter(|ancestor| shown[*ancestor]).count();
        lines.push(line(row, depth, window, now));
    }
    let hidden = |stages: &[Stage]| all.iter().zip(&shown).filter(|(row, shown)| !**shown && stages.contains(&row.stage)).count();
    let counts = [
        (hidden(&[Stage::Running]), "under way"),
        (hidden(&[Stage::Pending]), "to come"),
        (hidden(&[Stage::Done]), "done"),
        (hidden(&[Stage::Failed, Stage::Skipped]), "not done"),
    ];
    let words: Vec<String> = counts.iter().filter(|(number, _)| *number > 0).map(|(number, words)| format!("{number} {words}")).collect();
    if !words.is_empty() {
        lines.push(Pen::new(window).text(DIM, &format!("and {}", words.join(", "))));
    }
    lines
}

/// Which rows are shown: trouble first, then what is under way, what comes next, and what was done last.
fn choose(all: &[Row], room: usize) -> Vec<bool> {
    if all.len() <= room {
        return vec![true; all.len()];
    }
    let mut order: Vec<usize> = (0..all.len()).collect();
    order.sort_by(|one, other| {
        let (one, other) = (&all[*one], &all[*other]);
        one.stage.cmp(&other.stage).then(other.ended.unwrap_or(0.0).total_cmp(&one.ended.unwrap_or(0.0)))
    });
    let chosen = &order[..room.saturating_sub(1)];
    (0..all.len()).map(|index| chosen.contains(&index)).collect()
}

fn ancestors(all: &[Row], index: usize) -> impl Iterator<Item = usize> {
    std::iter::successors(all[index].parent, |parent| all[*parent].parent)
}

fn line(row: &Row, depth: usize, window: Window, now: f64) -> Pen {
    let (mark, style) = match row.stage {
        Stage::Failed => ("✗", RED),
        Stage::Running => (spinner(now), YELLOW),
        Stage::Skipped => ("-", YELLOW),
        Stage::Pending => ("·", DIM),
        Stage::Done => ("✓", GREEN),
    };
    let took = row.took.map(seconds).unwrap_or_default();
    let branch = if depth == 0 { String::new() } else { format!("{}└ ", "  ".repeat(depth - 1)) };
    let name = if row.stage == Stage::Running { BOLD } else { Style::new() };
    let pen = Pen::new(window).text(style, mark).text(DIM, &format!(" {took:>TIME_WIDTH$}  {branch}")).text(name, &row.name);
    if row.words.is_empty() { pen } else { pen.text(DIM, &format!("  {}", row.words)) }
}

fn spinner(now: f64) -> &'static str {
    // Truncating is meant: which tenth of a second it is.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "seconds of a run fit")]
    let tenth = (now * 10.0) as usize;
    SPINNER[tenth % SPINNER.len()]
}

/// Writes one line, as far as the window is wide.
struct Pen {
    done: String,
    left: usize,
}

impl Pen {
    const fn new(window: Window) -> Self {
        // In the last column some terminals wrap already.
        Self { done: String::new(), left: window.columns.saturating_sub(1) }
    }

    fn text(mut self, style: Style, text: &str) -> Self {
        self.add(style, text);
        self
    }

    fn add(&mut self, style: Style, text: &str) {
        let printable = || text.chars().filter(|letter| !letter.is_control());
        let width: usize = printable().map(|letter| letter.width().unwrap_or(0)).sum();
        let cut = width > self.left;
        let mut room = if cut { self.left.saturating_sub(1) } else { self.left };
        let mut kept = String::new();
        for letter in printable() {
            let wide = letter.width().unwrap_or(0);
            if wide > room {
                break;
            }
            room -= wide;
            kept.push(letter);
        }
        if cut && self.left > 0 {
            kept.push('…');
        }
        self.left = if cut { 0 } else { room };
        self.done.push_str(&crate::report::style::paint(style, kept));
    }
}
