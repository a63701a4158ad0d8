//! `provision` and `decommission`: carry out a plan until nothing is left to do.

use crate::cli::args::Arguments;
use crate::cli::console::Console;
use crate::cli::exit::{Exit, Stop};
use crate::cli::session::{Survey, survey_decommission, survey_provision};
use aws_ecs_cluster::engine::Context;
use aws_ecs_cluster::engine::converge::{Converged, converge};
use aws_ecs_cluster::engine::event::Event;
use aws_ecs_cluster::engine::interrupt::{Interrupt, Raise};
use aws_ecs_cluster::massdriver::artifact;
use aws_ecs_cluster::report::plan_text;
use tokio::signal::unix::{SignalKind, signal};

pub async fn provision(arguments: &Arguments, console: &Console) -> Result<Exit, Stop> {
    let survey = survey_provision(arguments, console).await?;
    let identity = survey.identity.clone();
    let converged = carry_out(survey, console).await?;
    let artifact = artifact::of_observed(&identity, &converged.observed).map_err(anyhow::Error::from)?;
    console.data(&format!("{artifact:#}\n"));
    Ok(Exit::Done)
}

pub async fn decommission(arguments: &Arguments, console: &Console) -> Result<Exit, Stop> {
    let survey = survey_decommission(arguments).await?;
    carry_out(survey, console).await?;
    Ok(Exit::Done)
}

async fn carry_out(survey: Survey, console: &Console) -> Result<Converged, Stop> {
    for warning in &survey.plan.warnings {
        console.event(&Event::Warning { message: warning.clone() });
    }
    if console.format == crate::cli::args::Format::Text {
        console.error_line(plan_text::text(&survey.plan, &survey.identity.region, &survey.identity.owner.name_prefix).trim_end());
    }
    let (raise, interrupt) = Interrupt::new();
    let listener = tokio::spawn(listen(raise));
    let report = |event: &Event| console.event(event);
    let context = Context { report: &report, interrupt: &interrupt };
    let first = (survey.observed, survey.plan);
    let result = converge(&survey.aws, &survey.scope, survey.desired.as_ref(), first, context).await;
    listener.abort();
    result.map_err(|ending| Stop::Unconverged(Box::new(ending)))
}

/// Raises the interrupt on the first SIGINT or SIGTERM.
async fn listen(raise: Raise) {
    let (Ok(mut interrupt), Ok(mut terminate)) = (signal(SignalKind::interrupt()), signal(SignalKind::terminate())) else { return };
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    raise.raise();
}
