//! A round's resources as a tree: each below the need of its that comes last.

use crate::model::address::Address;
use crate::report::record::{Round, State, Track};
use crate::report::words::shorter;
use std::collections::BTreeMap;

/// How far a resource is; what a reader wants to see first, first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    Failed,
    Running,
    Skipped,
    Pending,
    Done,
}

#[derive(Debug)]
pub struct Row {
    /// The resource in short.
    pub name: String,
    /// The row that it hangs on, always an earlier one.
    pub parent: Option<usize>,
    pub stage: Stage,
    pub took: Option<f64>,
    /// When its last operation ended, once all have.
    pub ended: Option<f64>,
    /// What it waits for, or what became of it.
    pub words: String,
}

/// One row for each resource, below what it hangs on.
pub fn rows(round: &Round, prefix: &str, now: f64) -> Vec<Row> {
    let resources = by_resource(round);
    let places: BTreeMap<&Address, usize> = resources.iter().enumerate().map(|(place, (address, _))| (*address, place)).collect();
    let parents: Vec<Option<usize>> = resources.iter().map(|(address, tracks)| parent(round, &places, address, tracks)).collect();
    let mut order = Vec::new();
    for place in (0..resources.len()).filter(|place| parents[*place].is_none()) {
        descend(place, &parents, &mut order);
    }
    let row = |place: &usize| {
        let (_, tracks) = &resources[*place];
        let parent = parents[*place].and_then(|parent| order.iter().position(|other| *other == parent));
        Row { parent, ..row(&round.tracks, prefix, tracks, now) }
    };
    order.iter().map(row).collect()
}

fn by_resource(round: &Round) -> Vec<(&Address, Vec<&Track>)> {
    let mut resources: Vec<(&Address, Vec<&Track>)> = Vec::new();
    for track in &round.tracks {
        match resources.iter_mut().find(|(address, _)| *address == &track.step.address) {
            Some((_, tracks)) => tracks.push(track),
            None => resources.push((&track.step.address, vec![track])),
        }
    }
    resources
}

/// The need that comes last in the plan, among those that come before the resource itself: so the tree has no loop.
fn parent(round: &Round, places: &BTreeMap<&Address, usize>, address: &Address, tracks: &[&Track]) -> Option<usize> {
    let own = places[address];
    let needs = tracks.iter().flat_map(|track| &track.step.after).filter_map(|id| places.get(&round.tracks[*id].step.address));
    needs.copied().filter(|place| *place < own).max()
}

fn descend(place: usize, parents: &[Option<usize>], order: &mut Vec<usize>) {
    order.push(place);
    for child in (0..parents.len()).filter(|child| parents[*child] == Some(place)) {
        descend(child, parents, order);
    }
}

fn row(all: &[Track], prefix: &str, tracks: &[&Track], now: f64) -> Row {
    let stage = tracks.iter().map(|track| stage(&track.state)).min().unwrap_or(Stage::Pending);
    let began = tracks.iter().find_map(|track| track.began);
    let last = tracks.iter().filter_map(|track| track.ended).reduce(f64::max);
    let open = matches!(stage, Stage::Running | Stage::Pending);
    let until = if open { Some(now) } else { last };
    Row {
        name: tracks.first().map(|track| shorter(&track.step.address, prefix)).unwrap_or_default(),
        parent: None,
        stage,
        took: began.and_then(|began| Some(until? - began)),
        ended: last.filter(|_| !open),
        words: words(all, prefix, tracks, stage),
    }
}

const fn stage(state: &State) -> Stage {
    match state {
        State::Failed(_) => Stage::Failed,
        State::Running => Stage::Running,
        State::Skipped(_) => Stage::Skipped,
        State::Pending | State::PutOff(_) => Stage::Pending,
        State::Done | State::Overtaken(_) => Stage::Done,
    }
}

fn words(all: &[Track], prefix: &str, tracks: &[&Track], wanted: Stage) -> String {
    let Some(track) = tracks.iter().find(|track| stage(&track.state) == wanted) else { return String::new() };
    match &track.state {
        State::Failed(error) => error.clone(),
        State::Skipped(because) => format!("not done, since {} is not", shorter(because, prefix)),
        State::Running => running(track),
        State::Pending => {
            waiting_for(all, track).map(|other| format!("after {}", shorter(&other.step.address, prefix))).unwrap_or_default()
        }
        State::PutOff(why) => why.clone(),
        State::Done | State::Overtaken(_) => String::new(),
    }
}

fn running(track: &Track) -> String {
    let doing = track.step.until.map_or_else(|| track.step.operation.to_owned(), |until| format!("until {until}"));
    let usually = track.step.usually.map(|usually| format!(", usually {usually}")).unwrap_or_default();
    let detail = track.detail.as_ref().map(|detail| format!(" ({detail})")).unwrap_or_default();
    format!("{doing}{usually}{detail}")
}

/// The first operation of another resource that has to be done first and is not.
fn waiting_for<'a>(all: &'a [Track], track: &Track) -> Option<&'a Track> {
    let needs = track.step.after.iter().map(|id| &all[*id]);
    needs.into_iter().find(|need| need.state != State::Done && need.step.address != track.step.address)
}
