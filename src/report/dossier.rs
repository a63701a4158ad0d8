//! Everything about one run that its report tells, gathered as it happens.

use crate::inputs::{Problem, Warning};
use crate::plan::{ChangeAction, Goal, Plan, Refusal};
use crate::policy::Verdict;
use crate::report::line::{Finished, Word};
use crate::report::record::Recording;

#[derive(Clone, Debug, Default)]
pub struct Dossier {
    pub command: &'static str,
    pub program_version: &'static str,
    /// What the run is to come to, where its command has a goal.
    pub goal: Option<Goal>,
    /// When the run began, for people, in UTC.
    pub began: String,
    /// Seconds from then to its end.
    pub elapsed: f64,
    /// The instance's name prefix and its Region, once the inputs are known to be sound.
    pub target: Option<(String, String)>,
    /// The first plan: what the run set out to do.
    pub plan: Option<Plan>,
    /// What every policy rule says; nothing where they are not asked.
    pub verdicts: Option<Vec<Verdict>>,
    pub recording: Recording,
    pub doubts: Vec<Warning>,
    pub notes: Vec<String>,
    pub end: End,
}

/// How the run ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct End {
    pub exit_status: u8,
    /// What went wrong, what stands, what to do.
    pub message: Option<String>,
    pub problems: Vec<Problem>,
    pub refusals: Vec<Refusal>,
}

impl Dossier {
    /// The last word of a run that has come to its goal; `None` for a command that has none to come to.
    #[must_use]
    pub fn finished(&self) -> Option<Finished> {
        let (name_prefix, region) = self.target.clone()?;
        let plan = self.plan.as_ref().filter(|_| ["provision", "decommission"].contains(&self.command))?;
        Some(Finished {
            goal: plan.goal,
            name_prefix,
            region,
            created: plan.count(ChangeAction::Create),
            updated: plan.count(ChangeAction::Update),
            replaced: plan.count(ChangeAction::Replace),
            deleted: plan.count(ChangeAction::Delete),
        })
    }

    pub fn say(&mut self, word: &Word) {
        match word {
            Word::Run { command, program_version, .. } => {
                self.command = command;
                self.program_version = program_version;
            }
            Word::Call { .. } | Word::Finished(_) => {}
            Word::Note { message } => self.notes.push(message.clone()),
            Word::InputsWarning(warning) => self.doubts.push(warning.clone()),
            Word::Error { exit_status, message, problems, refusals } => {
                self.end = End {
                    exit_status: *exit_status,
                    message: Some(message.clone()),
                    problems: problems.clone(),
                    refusals: refusals.clone(),
                };
            }
        }
    }
}
