//! Tries the points of a matrix, all or a sample, and tells how many there were and which of them failed.

use std::any::Any;
use std::fmt::Display;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// Set to anything, it makes every matrix try all of its points; set to `2/5`, the second of each five, so that five runs try all of them.
const EXHAUSTIVE: &str = "MATRIX_EXHAUSTIVE";
/// Points of one matrix that are tried at the same time when all are.
const THREADS: usize = 5;
/// The same for a sample, beside which other tests run.
const SAMPLE_THREADS: usize = 2;
/// The same where a point is mostly waited for.
const WAITING_THREADS: usize = 12;
/// Lines of a failure that are shown; the first failure is shown whole.
const LINES: usize = 12;

/// What came of a point that did not fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tried {
    Converged,
    /// The run ended before it came to the point, and did so well.
    NeverCame,
    /// The same where AWS takes its time: which calls have to be made again then is chance.
    DidNotCome,
}

pub fn is_exhaustive() -> bool {
    std::env::var_os(EXHAUSTIVE).is_some()
}

/// Tries every point, or `sample` of them at even distances, and fails with the list of those that did not end well.
#[track_caller]
pub fn try_points<P: Display + Sync>(matrix: &str, points: &[P], sample: usize, attempt: impl Fn(&P) -> Tried + Sync) {
    let (chosen, threads) = if is_exhaustive() { (asked_for(points), THREADS) } else { (spread(points, sample), SAMPLE_THREADS) };
    try_chosen(matrix, points.len(), &chosen, threads, attempt);
}

/// Tries every point of a matrix whose points take minutes of waiting. Its test has to be marked as ignored, since no sample of it is quick.
#[track_caller]
pub fn try_patiently<P: Display + Sync>(matrix: &str, points: &[P], attempt: impl Fn(&P) -> Tried + Sync) {
    try_chosen(matrix, points.len(), &asked_for(points), WAITING_THREADS, attempt);
}

#[track_caller]
fn try_chosen<P: Display + Sync>(matrix: &str, all: usize, chosen: &[&P], threads: usize, attempt: impl Fn(&P) -> Tried + Sync) {
    let began = Instant::now();
    let next = AtomicUsize::new(0);
    let outcomes = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some(point) = chosen.get(next.fetch_add(1, Ordering::SeqCst)) {
                    let outcome = catch_unwind(AssertUnwindSafe(|| attempt(point))).map_err(words);
                    let mut outcomes = outcomes.lock().expect("the outcomes");
                    if outcome.is_err() {
                        eprintln!("  {matrix}: {point} failed, {} of {} tried", outcomes.len() + 1, chosen.len());
                    }
                    outcomes.push((point.to_string(), outcome));
                }
            });
        }
    });
    conclude(matrix, all, began.elapsed(), outcomes.into_inner().expect("the outcomes"));
}

#[track_caller]
fn conclude(matrix: &str, points: usize, took: Duration, outcomes: Vec<(String, Result<Tried, String>)>) {
    let tried = outcomes.len();
    let all_with = |tried| outcomes.iter().filter(move |(_, outcome)| *outcome == Ok(tried)).map(|(point, _)| point.clone());
    let missed: Vec<String> = all_with(Tried::NeverCame).collect();
    let chances = all_with(Tried::DidNotCome).count();
    let failed: Vec<(String, String)> =
        outcomes.into_iter().filter_map(|(point, outcome)| outcome.err().map(|words| (point, words))).collect();
    eprintln!(
        "matrix {matrix}: {tried} of {points} points tried, {} converged, {} never came up, {:.0} s",
        tried - failed.len() - missed.len() - chances,
        missed.len() + chances,
        took.as_secs_f64()
    );
    for (point, words) in &failed {
        eprintln!("  FAILED {point}\n    {}", words.lines().take(LINES).collect::<Vec<_>>().join("\n    "));
    }
    let list: Vec<&str> = failed.iter().map(|(point, _)| point.as_str()).collect();
    let first = failed.first().map_or("", |(_, words)| words);
    assert!(failed.is_empty(), "{} of {tried} points of {matrix} failed: {list:#?}\nthe first of them: {first}", failed.len());
    assert!(points > 0, "{matrix} has no points");
    assert!(missed.is_empty(), "{} of {tried} points of {matrix} never came up: {missed:#?}", missed.len());
    let most = (tried / 8).max(2).min(tried.saturating_sub(1));
    assert!(chances <= most, "{chances} of {tried} points of {matrix} did not come up, {most} at most may: the matrix proves too little");
}

/// All points, or the part of them that was asked for, which may be none of a few.
fn asked_for<P>(points: &[P]) -> Vec<&P> {
    let asked = std::env::var(EXHAUSTIVE).unwrap_or_default();
    part(points, &asked)
}

fn part<'a, P>(points: &'a [P], asked: &str) -> Vec<&'a P> {
    let number = |text: &str| text.parse::<usize>().ok().filter(|number| *number > 0);
    match asked.split_once('/').map(|(which, of)| (number(which), number(of))) {
        Some((Some(which), Some(of))) => points.iter().skip(which - 1).step_by(of).collect(),
        _ => points.iter().collect(),
    }
}

/// The first, the last, and what is evenly spread between them.
fn spread<P>(points: &[P], sample: usize) -> Vec<&P> {
    let last = points.len().saturating_sub(1);
    let wanted = sample.min(points.len());
    (0..wanted).map(|place| &points[place * last / wanted.saturating_sub(1).max(1)]).collect()
}

fn words(panic: Box<dyn Any + Send>) -> String {
    let text = panic.downcast_ref::<String>().cloned();
    text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned())).unwrap_or_else(|| "a panic without words".to_owned())
}

#[test]
fn a_sample_is_spread_from_the_first_point_to_the_last() {
    let points: Vec<usize> = (0..10).collect();
    assert_eq!(spread(&points, 4), [&0, &3, &6, &9]);
    assert_eq!(spread(&points, 1), [&0]);
    assert_eq!(spread(&points[..2], 5), [&0, &1]);
    assert_eq!(spread::<usize>(&[], 5), [&0; 0]);
}

#[test]
fn the_parts_of_a_matrix_are_all_of_it() {
    let points: Vec<usize> = (0..10).collect();
    assert_eq!(part(&points, "2/3"), [&1, &4, &7]);
    let mut all: Vec<&usize> = ["1/3", "2/3", "3/3"].iter().flat_map(|asked| part(&points, asked)).collect();
    all.sort();
    assert_eq!(all, part(&points, "1"));
}
