//! What the commands share: reading the inputs, reaching AWS, and the first look.

use crate::cli::args::Arguments;
use crate::cli::console::Console;
use crate::cli::exit::Stop;
use anyhow::anyhow;
use aws_ecs_cluster::aws::{Access, Aws, Scope, connect, endpoints};
use aws_ecs_cluster::engine::converge::{look_and_plan, think};
use aws_ecs_cluster::engine::event::Event;
use aws_ecs_cluster::inputs::{Identity, Inputs, Warning, check_facts, parse, parse_for_decommission, unread_foundations};
use aws_ecs_cluster::massdriver::artifact;
use aws_ecs_cluster::massdriver::config::{self, Checks, Config};
use aws_ecs_cluster::massdriver::files::{Mounted, read_config};
use aws_ecs_cluster::model::facts::Facts;
use aws_ecs_cluster::model::names;
use aws_ecs_cluster::model::observed::Observed;
use aws_ecs_cluster::plan::desired::Desired;
use aws_ecs_cluster::plan::{Goal, Plan, as_known};
use aws_ecs_cluster::policy::{self, Subject, Verdict};
use std::collections::BTreeSet;

/// Everything that a run knows before it changes anything.
pub struct Survey {
    pub aws: Aws,
    pub identity: Identity,
    pub scope: Scope,
    /// `None` when the goal is that nothing is left.
    pub desired: Option<Desired>,
    pub observed: Observed,
    pub plan: Plan,
    /// What the policy rules say of what is desired; `None` where they are not asked.
    pub verdicts: Option<Vec<Verdict>>,
}

/// Whether a provision is done before its nodes have joined the cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nodes {
    Awaited,
    LeftAlone,
}

/// Reads and checks the inputs. Makes no call.
pub fn inputs(arguments: &Arguments, console: &Console) -> Result<Inputs, Stop> {
    let files = mounted(arguments)?;
    let (inputs, warnings) = parse(&files.params, &files.connections).map_err(Stop::Invalid)?;
    console.aim_at(&inputs.identity);
    for warning in &warnings {
        console.warning(warning);
    }
    Ok(inputs)
}

/// Reads what it takes to find the cluster, and to delete it.
pub fn identity(arguments: &Arguments, console: &Console) -> Result<Identity, Stop> {
    let files = mounted(arguments)?;
    let identity = parse_for_decommission(&files.params, &files.connections).map_err(Stop::Invalid)?;
    console.aim_at(&identity);
    Ok(identity)
}

/// Reads and checks `config.json`. When it is wrong, what is wrong with the inputs for this goal is told too.
pub fn config(arguments: &Arguments, goal: Goal) -> Result<(Config, Vec<Warning>), Stop> {
    let bytes =
        read_config(&arguments.dir).map_err(|error| Stop::Usage(anyhow!("{error}\nname a folder with --dir whose files can be read")))?;
    config::parse(bytes.as_deref()).map_err(|mut problems| {
        if let Ok(files) = mounted(arguments) {
            let of_inputs = match goal {
                Goal::Provision => parse(&files.params, &files.connections).err(),
                Goal::Decommission => parse_for_decommission(&files.params, &files.connections).err(),
            };
            problems.splice(0..0, of_inputs.into_iter().flatten());
        }
        Stop::Invalid(problems)
    })
}

fn mounted(arguments: &Arguments) -> Result<Mounted, Stop> {
    let read = Mounted::read(&arguments.dir, arguments.params.as_deref(), arguments.connections.as_deref());
    read.map_err(|unreadable| {
        let each: Vec<String> = unreadable.iter().map(ToString::to_string).collect();
        let remedy = "name the folder that holds both with --dir, or the files with --params and --connections";
        Stop::Usage(anyhow!("{}\n{remedy}", each.join("\n")))
    })
}

/// Clients for the inputs' Region and role, which is assumed.
pub async fn reach(arguments: &Arguments, identity: &Identity, console: &Console) -> Result<Aws, Stop> {
    check_endpoints()?;
    console.event(&Event::Looking { round: 1 });
    let role = &identity.role;
    let access = if arguments.no_assume_role {
        Access::Ambient
    } else {
        Access::Role { arn: role.arn.clone(), external_id: role.external_id.clone() }
    };
    connect(&identity.region, &access).await.map_err(|error| Stop::Failed(error.into()))
}

/// The SDK takes endpoints from the environment as they are.
fn check_endpoints() -> Result<(), Stop> {
    let set = endpoints::VARIABLES.into_iter().filter_map(|name| Some((name, std::env::var_os(name)?)));
    // Empty it is as good as not set, but only where it is meant for all services.
    let meant = set.filter(|(name, value)| *name != endpoints::VARIABLES[0] || !value.is_empty());
    let mut wrong = meant.filter_map(|(name, value)| Some((name, endpoints::check(&value).err()?)));
    wrong.next().map_or(Ok(()), |(name, wrong)| Err(Stop::Usage(anyhow!("{name} {wrong}"))))
}

pub fn scope(identity: &Identity, goal: Goal, auto_scaling_groups: BTreeSet<String>) -> Scope {
    Scope { goal, owner: identity.owner.clone(), vpc_id: identity.vpc.id.clone(), auto_scaling_groups }
}

/// Reads the account and plans the way to the inputs. Whatever can be known to be wrong without changing anything ends here.
pub async fn survey_provision(arguments: &Arguments, console: &Console, nodes: Nodes) -> Result<Survey, Stop> {
    let inputs = inputs(arguments, console)?;
    let aws = reach(arguments, &inputs.identity, console).await?;
    let prefix = &inputs.identity.owner.name_prefix;
    let groups = inputs.cluster.groups.iter().map(|group| names::auto_scaling_group(prefix, &group.name)).collect();
    let scope = scope(&inputs.identity, Goal::Provision, groups);
    let (facts, mut observed) = aws.survey(&inputs, &scope).await;
    if arguments.config.checks == Checks::Demanded {
        observed.role = aws.with_inline_policies(observed.role).await;
    }
    let desired = match (design(&inputs, &facts, console)?, nodes) {
        (desired, Nodes::Awaited) => desired,
        (desired, Nodes::LeftAlone) => desired.without_awaited_nodes(),
    };
    let (observed, mut plan) = think(&aws, &scope, Some(&desired), observed).await;
    let desired = as_known(&desired, &observed);
    let subject = Subject { identity: &inputs.identity, facts: &facts, desired: &desired, observed: &observed };
    let verdicts = (arguments.config.checks != Checks::Skipped).then(|| policy::judge(&subject));
    if arguments.config.checks == Checks::Demanded {
        plan.refusals.extend(verdicts.iter().flat_map(|verdicts| policy::refusals(verdicts)));
    }
    Ok(Survey { aws, identity: inputs.identity, scope, desired: Some(desired), observed, plan, verdicts })
}

/// Plans the way to nothing left.
pub async fn survey_decommission(arguments: &Arguments, console: &Console) -> Result<Survey, Stop> {
    let identity = identity(arguments, console)?;
    let aws = reach(arguments, &identity, console).await?;
    let scope = scope(&identity, Goal::Decommission, BTreeSet::new());
    let (observed, plan) = look_and_plan(&aws, &scope, None).await;
    Ok(Survey { aws, identity, scope, desired: None, observed, plan, verdicts: None })
}

fn design(inputs: &Inputs, facts: &Facts, console: &Console) -> Result<Desired, Stop> {
    readable(inputs, facts)?;
    let (problems, warnings) = check_facts(inputs, facts);
    for warning in &warnings {
        console.warning(warning);
    }
    if !problems.is_empty() {
        return Err(Stop::Invalid(problems));
    }
    let desired = Desired::new(inputs, facts);
    artifact::check_desired(&inputs.identity, &desired).map_err(|error| Stop::Failed(error.into()))?;
    Ok(desired)
}

/// Ends the run where the design lacks its foundations.
fn readable(inputs: &Inputs, facts: &Facts) -> Result<(), Stop> {
    let unread = unread_foundations(inputs, facts);
    if unread.is_empty() {
        return Ok(());
    }
    let reasons: Vec<&str> = unread.iter().map(|(why, _)| *why).collect();
    let actions: BTreeSet<&str> = unread.iter().map(|(_, action)| *action).collect();
    let actions: Vec<&str> = actions.into_iter().collect();
    Err(Stop::Failed(anyhow!(
        "could not read from AWS what the cluster is designed from; nothing was changed\n  {}\nallow the role {}, or wait until AWS answers; then run this again",
        reasons.join("\n  "),
        actions.join(", ")
    )))
}
