//! `plan`, `artifact` and `validate`: the commands that change nothing.

use crate::cli::args::{Arguments, Format};
use crate::cli::console::Console;
use crate::cli::converging::unless_interrupted;
use crate::cli::exit::{Exit, Stop};
use crate::cli::session::{Nodes, Survey, identity, inputs, reach, scope, survey_decommission, survey_provision};
use crate::cli::signals::listen;
use anyhow::{Context, anyhow};
use aws_ecs_cluster::engine::converge::Unconverged;
use aws_ecs_cluster::massdriver::artifact;
use aws_ecs_cluster::massdriver::config::Checks;
use aws_ecs_cluster::plan::Goal;
use aws_ecs_cluster::report::{ending, log, plan_json, plan_text, policy_text, terraform_plan};
use std::collections::BTreeSet;

/// How much the exit status of `plan` tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// 0 whenever there is a plan.
    Plain,
    /// 3 when changes are pending.
    Pending,
}

pub fn validate(arguments: &Arguments, console: &Console) -> Result<Exit, Stop> {
    let inputs = inputs(arguments, console)?;
    let valid = log::valid(&inputs);
    match console.format {
        Format::Json => console.note(&valid),
        Format::Text | Format::TerraformPlan => console.information(&valid),
    }
    Ok(Exit::Done)
}

/// What to plan for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aim {
    Provision(Nodes),
    Decommission,
}

pub async fn plan(arguments: &Arguments, console: &Console, aim: Aim, detail: Detail) -> Result<Exit, Stop> {
    let interrupt = listen();
    let survey = match aim {
        Aim::Provision(nodes) => unless_interrupted(&interrupt, console, survey_provision(arguments, console, nodes)).await?,
        Aim::Decommission => unless_interrupted(&interrupt, console, survey_decommission(arguments, console)).await?,
    };
    console.keep(&survey);
    show(&survey, arguments, console)?;
    if !survey.plan.refusals.is_empty() {
        return Err(Stop::Unconverged { ending: Box::new(Unconverged::Refused(survey.plan, 1)), region: survey.identity.region });
    }
    if survey.plan.unknown().next().is_some() {
        let told = if console.format == Format::Text { ending::unknown_in_short } else { ending::unknown };
        return Err(Stop::Failed(anyhow!(told(&survey.plan))));
    }
    Ok(if detail == Detail::Pending && !survey.plan.is_empty() { Exit::Pending } else { Exit::Done })
}

fn show(survey: &Survey, arguments: &Arguments, console: &Console) -> Result<(), Stop> {
    let (region, prefix) = (&survey.identity.region, &survey.identity.owner.name_prefix);
    let shown = match console.format {
        Format::Text => plan_text::text(&survey.plan, region, prefix) + &policy(survey, arguments),
        Format::TerraformPlan => {
            let (desired, observed) = (survey.desired.as_ref(), &survey.observed);
            terraform_plan::json(&survey.plan, region, desired, observed).context("could not write the plan as JSON")? + "\n"
        }
        Format::Json => {
            plan_json::json(&survey.plan, region, prefix, survey.verdicts.as_deref()).context("could not write the plan as JSON")? + "\n"
        }
    };
    console.data(&shown)
}

/// What the policy rules say. Where a failure refuses the plan, it is told among the refusals.
fn policy(survey: &Survey, arguments: &Arguments) -> String {
    match (&survey.verdicts, arguments.config.checks) {
        (Some(verdicts), Checks::Told) => policy_text::text(verdicts),
        (Some(verdicts), _) => policy_text::painted_summary(verdicts) + "\n",
        (None, _) if survey.desired.is_some() => format!("{}\n", policy_text::SKIPPED),
        (None, _) => String::new(),
    }
}

pub async fn artifact(arguments: &Arguments, console: &Console) -> Result<Exit, Stop> {
    let interrupt = listen();
    let identity = identity(arguments, console)?;
    let look = async {
        let aws = reach(arguments, &identity, console).await?;
        Ok(aws.look(&scope(&identity, Goal::Provision, BTreeSet::new())).await)
    };
    let observed = unless_interrupted(&interrupt, console, look).await?;
    let artifact = artifact::of_observed(&identity, &observed).map_err(anyhow::Error::from)?;
    console.data(&format!("{artifact:#}\n"))?;
    Ok(Exit::Done)
}
