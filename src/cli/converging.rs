//! `provision` and `decommission`: carry out a plan until nothing is left to do.

use crate::cli::args::{Arguments, Format};
use crate::cli::consent::Consent;
use crate::cli::console::Console;
use crate::cli::exit::{Exit, Stop};
use crate::cli::session::{Nodes, Survey, survey_decommission, survey_provision};
use crate::cli::signals::listen;
use anyhow::anyhow;
use aws_ecs_cluster::engine::Context;
use aws_ecs_cluster::engine::converge::{Unconverged, converge};
use aws_ecs_cluster::engine::event::Event;
use aws_ecs_cluster::engine::execute::GRACE;
use aws_ecs_cluster::engine::interrupt::Interrupt;
use aws_ecs_cluster::engine::wait::{HEARTBEAT, told_meanwhile};
use aws_ecs_cluster::massdriver::artifact;
use aws_ecs_cluster::massdriver::platform::{Platform, PlatformError, Withdrawn};
use aws_ecs_cluster::model::observed::Observed;
use aws_ecs_cluster::model::secret::Secret;
use aws_ecs_cluster::plan::Goal;
use aws_ecs_cluster::policy::Outcome;
use aws_ecs_cluster::report::ending::{unknown_in_short, untold};
use aws_ecs_cluster::report::live::Heading;
use aws_ecs_cluster::report::{plan_text, policy_text};
use std::future::Future;

/// Where the platform is when nobody says otherwise.
pub const DEFAULT_URL: &str = "https://api.massdriver.cloud";

pub async fn provision(arguments: &Arguments, console: &Console, nodes: Nodes) -> Result<Exit, Stop> {
    let platform = platform()?;
    let interrupt = listen();
    let survey = unless_interrupted(&interrupt, console, survey_provision(arguments, console, nodes)).await?;
    let identity = survey.identity.clone();
    let observed = carry_out(survey, &interrupt, console, Consent::Given).await?;
    let artifact = artifact::of_observed(&identity, &observed).map_err(anyhow::Error::from)?;
    if let Some(platform) = platform {
        let title = artifact::title(&identity);
        told(Goal::Provision, in_time(&interrupt, platform.publish(&title, &artifact, &|words| warn(console, words))).await)?;
        console.note("published the artifact");
    }
    console.data(&format!("{artifact:#}\n"))?;
    Ok(Exit::Done)
}

pub async fn decommission(arguments: &Arguments, console: &Console, consent: Consent) -> Result<Exit, Stop> {
    let platform = platform()?;
    let interrupt = listen();
    let survey = unless_interrupted(&interrupt, console, survey_decommission(arguments, console)).await?;
    let name_prefix = survey.identity.owner.name_prefix.clone();
    carry_out(survey, &interrupt, console, consent).await?;
    if let Some(platform) = platform {
        let withdrawn = in_time(&interrupt, platform.withdraw(&name_prefix, &|words| warn(console, words))).await;
        console.note(match told(Goal::Decommission, withdrawn)? {
            Withdrawn::Now => "deleted the artifact from the platform",
            Withdrawn::GoneAlready => "the artifact was gone from the platform already",
        });
    }
    Ok(Exit::Done)
}

/// What becomes of a run whose last step was to tell the platform; `None` when it did not answer in time.
fn told<T>(goal: Goal, answer: Option<Result<T, PlatformError>>) -> Result<T, Stop> {
    let answer = answer.ok_or(Stop::Late(goal))?;
    answer.map_err(|error| Stop::Failed(anyhow!(untold(goal, &error.to_string()))))
}

fn warn(console: &Console, words: &str) {
    console.event(&Event::Warning { message: words.to_owned() });
}

/// What the platform answers within the time that whoever interrupts leaves for calls under way.
async fn in_time<T>(interrupt: &Interrupt, asking: impl Future<Output = T>) -> Option<T> {
    let late = async {
        interrupt.raised().await;
        tokio::time::sleep(GRACE).await;
    };
    tokio::select! {
        biased;
        answer = asking => Some(answer),
        () = late => None,
    }
}

/// Access to the platform, where this is a deployment of the platform's.
fn platform() -> Result<Option<Platform>, Stop> {
    let set = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let Some(token) = set("MASSDRIVER_TOKEN").map(Secret::new) else { return Ok(None) };
    let deployment = set("MASSDRIVER_DEPLOYMENT_ID").ok_or_else(|| Stop::Usage(PlatformError::NoDeployment.into()))?;
    let url = set("MASSDRIVER_URL").unwrap_or_else(|| DEFAULT_URL.to_owned());
    Platform::new(&url, &deployment, &token).map(Some).map_err(|error| Stop::Usage(error.into()))
}

async fn carry_out(survey: Survey, interrupt: &Interrupt, console: &Console, consent: Consent) -> Result<Observed, Stop> {
    console.keep(&survey);
    if console.format == Format::Json {
        for warning in &survey.plan.warnings {
            console.event(&Event::Warning { message: warning.clone() });
        }
    } else if survey.plan.refusals.is_empty() {
        show(&survey, console);
    }
    if survey.plan.refusals.is_empty() {
        tell_policy(&survey, console);
    }
    let survey = consent.ask(survey, interrupt, console).await?;
    console.keep(&survey);
    if survey.plan.refusals.is_empty() && !survey.plan.is_empty() {
        console.watch(heading(&survey));
    }
    let report = |event: &Event| console.event(event);
    let context = Context { report: &report, interrupt };
    // Where nothing can be done the plan that was shown is the end.
    let shown = console.shows_plans() && survey.plan.operations.is_empty();
    let first = (survey.observed, survey.plan);
    converge(&survey.aws, &survey.scope, survey.desired.as_ref(), first, context).await.map_err(|ending| match ending {
        Unconverged::Unknown(plan) if shown => Stop::Failed(anyhow!(unknown_in_short(&plan))),
        ending => Stop::Unconverged { ending: Box::new(ending), region: survey.identity.region },
    })
}

/// The plan as text.
pub fn show(survey: &Survey, console: &Console) {
    console.information(&plan_text::text(&survey.plan, &survey.identity.region, &survey.identity.owner.name_prefix));
}

/// The rules that fail, and a line that sums all of them up.
fn tell_policy(survey: &Survey, console: &Console) {
    let Some(verdicts) = &survey.verdicts else {
        if survey.desired.is_some() {
            console.note(policy_text::SKIPPED);
        }
        return;
    };
    for verdict in verdicts.iter().filter(|verdict| verdict.outcome == Outcome::Failed) {
        console.event(&Event::Policy { verdict: verdict.clone() });
    }
    console.policy(verdicts);
}

fn heading(survey: &Survey) -> Heading {
    let doing = match survey.plan.goal {
        Goal::Provision => "Provisioning",
        Goal::Decommission => "Decommissioning",
    };
    let prefix = survey.identity.owner.name_prefix.clone();
    Heading { title: format!("{doing} {prefix} in {}", survey.identity.region), prefix }
}

/// Nothing has been started yet, so an interrupt ends the run at once.
pub async fn unless_interrupted<T>(
    interrupt: &Interrupt,
    console: &Console,
    reading: impl Future<Output = Result<T, Stop>>,
) -> Result<T, Stop> {
    let report = |event: &Event| console.event(event);
    tokio::select! {
        biased;
        () = interrupt.raised() => Err(Stop::Interrupted),
        read = told_meanwhile(&report, HEARTBEAT, reading) => read,
    }
}
