//! `provision` and `decommission`: carry out a plan until nothing is left to do.

use crate::cli::args::Arguments;
use crate::cli::console::Console;
use crate::cli::exit::{Exit, Stop};
use crate::cli::session::{Survey, survey_decommission, survey_provision};
use aws_ecs_cluster::engine::Context;
use aws_ecs_cluster::engine::converge::{Converged, converge};
use aws_ecs_cluster::engine::event::Event;
use aws_ecs_cluster::engine::interrupt::Interrupt;
use aws_ecs_cluster::massdriver::artifact;
use aws_ecs_cluster::report::plan_text;
use std::future::Future;
use tokio::signal::unix::{SignalKind, signal};

pub async fn provision(arguments: &Arguments, console: &Console) -> Result<Exit, Stop> {
    let interrupt = listen();
    let survey = unless_interrupted(&interrupt, survey_provision(arguments, console)).await?;
    let identity = survey.identity.clone();
    let converged = carry_out(survey, &interrupt, console).await?;
    let artifact = artifact::of_observed(&identity, &converged.observed).map_err(anyhow::Error::from)?;
    console.data(&format!("{artifact:#}\n"));
    Ok(Exit::Done)
}

pub async fn decommission(arguments: &Arguments, console: &Console) -> Result<Exit, Stop> {
    let interrupt = listen();
    let survey = unless_interrupted(&interrupt, survey_decommission(arguments)).await?;
    carry_out(survey, &interrupt, console).await?;
    Ok(Exit::Done)
}

async fn carry_out(survey: Survey, interrupt: &Interrupt, console: &Console) -> Result<Converged, Stop> {
    for warning in &survey.plan.warnings {
        console.event(&Event::Warning { message: warning.clone() });
    }
    if console.format == crate::cli::args::Format::Text {
        console.error_line(plan_text::text(&survey.plan, &survey.identity.region, &survey.identity.owner.name_prefix).trim_end());
    }
    let report = |event: &Event| console.event(event);
    let context = Context { report: &report, interrupt };
    let first = (survey.observed, survey.plan);
    converge(&survey.aws, &survey.scope, survey.desired.as_ref(), first, context)
        .await
        .map_err(|ending| Stop::Unconverged(Box::new(ending)))
}

/// An interrupt that the first SIGINT or SIGTERM raises.
fn listen() -> Interrupt {
    let (raise, interrupt) = Interrupt::new();
    tokio::spawn(async move {
        let (Ok(mut interrupted), Ok(mut terminated)) = (signal(SignalKind::interrupt()), signal(SignalKind::terminate())) else {
            return;
        };
        tokio::select! {
            _ = interrupted.recv() => {}
            _ = terminated.recv() => {}
        }
        raise.raise();
        // Dropped, the interrupt would look as if it could never come.
        std::future::pending::<()>().await;
    });
    interrupt
}

/// Nothing has been started yet, so an interrupt ends the run at once.
async fn unless_interrupted(interrupt: &Interrupt, survey: impl Future<Output = Result<Survey, Stop>>) -> Result<Survey, Stop> {
    tokio::select! {
        biased;
        () = interrupt.raised() => Err(Stop::Interrupted),
        survey = survey => survey,
    }
}
