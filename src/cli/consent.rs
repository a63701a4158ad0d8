//! The question that a decommission by hand asks before it deletes anything.

use crate::cli::args::Format;
use crate::cli::console::Console;
use crate::cli::converging::{show, unless_interrupted};
use crate::cli::exit::Stop;
use crate::cli::session::Survey;
use anyhow::anyhow;
use aws_ecs_cluster::engine::converge::look_and_plan;
use aws_ecs_cluster::engine::interrupt::Interrupt;
use aws_ecs_cluster::model::address::Address;
use aws_ecs_cluster::plan::{ChangeAction, Plan};
use aws_ecs_cluster::report::words::count;
use std::collections::BTreeSet;
use std::io::IsTerminal;
use tokio::sync::oneshot;

/// Whether somebody has to agree before anything is changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Consent {
    Given,
    /// By whoever sits at the terminal; where there is none, nobody could answer.
    Asked,
}

impl Consent {
    /// Asks for the instance's name where that has to be asked. The plan may have become old meanwhile: what is returned then is of a look after
    /// the answer, and deletes nothing that was not agreed to.
    ///
    /// # Errors
    /// When something else is typed, or the run is interrupted before that.
    pub async fn ask(self, mut survey: Survey, interrupt: &Interrupt, console: &Console) -> Result<Survey, Stop> {
        let can_answer = console.format == Format::Text && std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
        if self == Self::Given || !can_answer {
            return Ok(survey);
        }
        while !survey.plan.is_empty() && survey.plan.refusals.is_empty() {
            type_name(&survey, interrupt, console).await?;
            let agreed = doomed(&survey.plan);
            let look = async { Ok(look_and_plan(&survey.aws, &survey.scope, None).await) };
            (survey.observed, survey.plan) = unless_interrupted(interrupt, console, look).await?;
            if !survey.plan.refusals.is_empty() {
                break;
            }
            let is_agreed = doomed(&survey.plan).is_subset(&agreed);
            if !is_agreed || survey.plan.unknown().next().is_some() {
                show(&survey, console);
            }
            if is_agreed {
                break;
            }
            console.note("there is more to delete by now");
        }
        Ok(survey)
    }
}

async fn type_name(survey: &Survey, interrupt: &Interrupt, console: &Console) -> Result<(), Stop> {
    let name = &survey.identity.owner.name_prefix;
    let doomed = count(survey.plan.count(ChangeAction::Delete), "resource");
    console.error_line(&format!("{doomed} will be deleted. Type {name} to go on:"));
    let typed = tokio::select! {
        biased;
        () = interrupt.raised() => return Err(Stop::Interrupted),
        typed = line() => typed,
    };
    if typed.trim() == name {
        return Ok(());
    }
    Err(Stop::Failed(anyhow!("`{name}` was not typed, so nothing was changed\ntype it to delete the cluster, or use --yes")))
}

fn doomed(plan: &Plan) -> BTreeSet<Address> {
    let deleted = plan.changes.iter().filter(|change| change.action == ChangeAction::Delete);
    deleted.map(|change| change.address.clone()).collect()
}

/// What is typed, in a thread that nobody waits for: a run must be able to end while nothing is.
async fn line() -> String {
    let (typed, answer) = oneshot::channel();
    std::thread::spawn(move || {
        let mut line = String::new();
        // What cannot be read agrees to nothing.
        let _ = std::io::stdin().read_line(&mut line);
        let _ = typed.send(line);
    });
    answer.await.unwrap_or_default()
}
