//! A run as it was: every operation and wait with its times, gathered from the engine's events.

use crate::engine::event::{Event, Step};
use crate::model::address::Address;
use crate::plan::OperationId;
use std::collections::BTreeSet;

/// Everything that happened so far. Times are in seconds since the run began.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Recording {
    pub rounds: Vec<Round>,
    /// When looks at AWS, before and between the rounds, began and ended.
    pub looks: Vec<(f64, f64)>,
    pub interrupted: Option<f64>,
    looking: Option<f64>,
}

/// What one plan's operations came to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Round {
    pub tracks: Vec<Track>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Track {
    pub step: Step,
    pub state: State,
    pub began: Option<f64>,
    pub ended: Option<f64>,
    /// How far AWS is, in the words of the newest heartbeat.
    pub detail: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    Pending,
    Running,
    Done,
    /// Done already by others, or by a call whose answer was lost.
    Overtaken(String),
    /// AWS goes on refusing it; a later round has decided.
    PutOff(String),
    Failed(String),
    /// The resource that did not get done.
    Skipped(Address),
}

impl Recording {
    /// Takes note of an event that happened `at` seconds after the run began.
    pub fn note(&mut self, at: f64, event: &Event) {
        match event {
            Event::Looking { .. } => self.looking = Some(at),
            Event::Planned { .. } => self.looks.extend(self.looking.take().map(|began| (began, at))),
            Event::Executing { steps } if steps.is_empty() => {}
            Event::Executing { steps } => self.rounds.push(Round { tracks: steps.iter().cloned().map(Track::new).collect() }),
            Event::Interrupted => self.interrupted = Some(at),
            Event::StillLooking { .. } | Event::Warning { .. } | Event::Policy { .. } => {}
            event => {
                if let Some(round) = self.rounds.last_mut() {
                    round.note(at, event);
                }
            }
        }
    }

    /// Whether AWS is being looked at again.
    #[must_use]
    pub fn is_looking(&self) -> bool {
        self.looking.is_some()
    }

    pub fn tracks(&self) -> impl Iterator<Item = &Track> {
        self.rounds.iter().flat_map(|round| &round.tracks)
    }
}

impl Round {
    fn note(&mut self, at: f64, event: &Event) {
        match event {
            Event::Started { id, .. } => {
                if let Some(track) = self.tracks.get_mut(*id) {
                    track.state = State::Running;
                    track.began = Some(at);
                }
            }
            Event::Waiting { address, detail, .. } => {
                if let Some(track) = self.running(address) {
                    track.detail = Some(detail.clone());
                }
            }
            Event::Done { address, .. } | Event::Ready { address, .. } => self.end(at, address, State::Done),
            Event::Overtaken { address, why, .. } => self.end(at, address, State::Overtaken(why.clone())),
            Event::PutOff { address, why, .. } => self.end(at, address, State::PutOff(why.clone())),
            Event::Failed { address, error, .. } => self.end(at, address, State::Failed(error.clone())),
            Event::Skipped { address, because, .. } => {
                let pending = self.tracks.iter_mut().find(|track| track.state == State::Pending && track.step.address == *address);
                if let Some(track) = pending {
                    track.state = State::Skipped(because.clone());
                }
            }
            _ => {}
        }
    }

    /// The operation under way on this resource: there is never more than one.
    fn running(&mut self, address: &Address) -> Option<&mut Track> {
        self.tracks.iter_mut().find(|track| track.state == State::Running && track.step.address == *address)
    }

    fn end(&mut self, at: f64, address: &Address, state: State) {
        if let Some(track) = self.running(address) {
            track.state = state;
            track.ended = Some(at);
        }
    }

    /// The chain of operations that made the round as long as it was: from the last to end back to each one's last need to end.
    #[must_use]
    pub fn critical(&self) -> BTreeSet<OperationId> {
        let mut path = BTreeSet::new();
        let mut next = self.last_of(0..self.tracks.len());
        while let Some(id) = next {
            path.insert(id);
            next = self.last_of(self.tracks[id].step.after.iter().copied());
        }
        path
    }

    fn last_of(&self, ids: impl IntoIterator<Item = OperationId>) -> Option<OperationId> {
        let ended = ids.into_iter().filter_map(|id| Some((self.tracks.get(id)?.ended?, id)));
        ended.max_by(|one, other| one.0.total_cmp(&other.0)).map(|(_, id)| id)
    }
}

impl Track {
    fn new(step: Step) -> Self {
        Self { step, state: State::Pending, began: None, ended: None, detail: None }
    }

    /// What it does, in words: the call, or what is waited for.
    #[must_use]
    pub fn words(&self) -> String {
        self.step.waits_for.as_ref().map_or_else(|| self.step.operation.to_owned(), |awaited| format!("waits for {awaited}"))
    }

    /// How long it took, or has taken by `now`.
    #[must_use]
    pub fn took(&self, now: f64) -> Option<f64> {
        self.began.map(|began| self.ended.unwrap_or(now) - began)
    }
}
