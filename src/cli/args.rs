//! The command line.

use crate::cli::exit::Stop;
use anyhow::anyhow;
use aws_ecs_cluster::massdriver::config::Config;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::parser::ValueSource;
use clap::{Arg, ArgMatches, Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

// The next three are sections of the manual page too.
pub const EXAMPLES: &str = "  \
  aws-ecs-cluster --dir . validate              # are the inputs valid?
  aws-ecs-cluster --dir . plan                  # what would be made or changed?
  aws-ecs-cluster --dir . provision             # make it so, and print the artifact
  aws-ecs-cluster --dir . plan --decommission   # what would be deleted?";
pub const EXIT_STATUS: &str = "  \
  0    done
  1    failed against AWS or Massdriver, or to write a result or report; run it again to go on
  2    wrong usage or inputs; nothing was touched
  3    changes are pending (plan --detailed-exitcode)
  4    refused, to protect something
  130  interrupted";
pub const CREDENTIALS: &str = "\
Credentials, profile and endpoint come from the environment, as for every AWS tool (AWS_PROFILE,
AWS_ENDPOINT_URL, ...). With them the role in the aws_authentication connection is assumed.";
const VALIDATE_HELP: &str = "\
Examples:
  aws-ecs-cluster --dir . validate
  aws-ecs-cluster --params new.json --connections connections.json validate
  aws-ecs-cluster --dir . --output json validate 2>problems.json

Exit status: 0 valid; 2 not, and every problem is on stderr with its JSON pointer and what to do.";
const PLAN_HELP: &str = "\
Examples:
  aws-ecs-cluster --dir . plan
  aws-ecs-cluster --dir . plan --report plan.html             # a page for the review
  aws-ecs-cluster --dir . plan --detailed-exitcode            # status 3 when something would change
  aws-ecs-cluster --dir . --output json plan | jq .summary
  aws-ecs-cluster --dir . plan --decommission

Exit status: 0 there is a plan; 1 AWS could not be read; 2 wrong usage or inputs; 3 changes are
pending, with --detailed-exitcode; 4 refused, to protect something; 130 interrupted.";
const PROVISION_HELP: &str = "\
Examples:
  aws-ecs-cluster --dir . provision >artifact.json
  aws-ecs-cluster --dir . provision --report run.html
  aws-ecs-cluster --dir . --output json provision 2>events.jsonl >artifact.json

It can be interrupted or killed at any moment and run again: there is no state file and no lock.

Where MASSDRIVER_TOKEN and MASSDRIVER_DEPLOYMENT_ID are set, the artifact is published on the
platform, at MASSDRIVER_URL where that is set.";
const DECOMMISSION_HELP: &str = "\
Examples:
  aws-ecs-cluster --dir . plan --decommission   # look first
  aws-ecs-cluster --dir . decommission
  aws-ecs-cluster --dir . decommission --report run.html

On a terminal it asks for the instance's name first, unless --yes is given. It is refused, with
their names, while apps are still on the cluster or behind its load balancer.

Where MASSDRIVER_TOKEN and MASSDRIVER_DEPLOYMENT_ID are set, the artifact is deleted from the
platform, at MASSDRIVER_URL where that is set.";
const ARTIFACT_HELP: &str = "\
Examples:
  aws-ecs-cluster --dir . artifact
  aws-ecs-cluster --dir . artifact | jq -r .data.infrastructure.arn";
const IAM_POLICY_HELP: &str = "\
Examples:
  aws-ecs-cluster iam-policy >policy.json
  aws-ecs-cluster iam-policy --name-prefix shop-dev-ecs-ab12 --partition aws-us-gov";
const SCHEMA_HELP: &str = "\
Examples:
  aws-ecs-cluster schema           # write them, in the bundle's folder
  aws-ecs-cluster schema --check   # status 1 when one is out of date";
const COMPLETIONS_HELP: &str = "\
Examples:
  aws-ecs-cluster completions bash >/etc/bash_completion.d/aws-ecs-cluster
  source <(aws-ecs-cluster completions zsh)
  aws-ecs-cluster completions fish >~/.config/fish/completions/aws-ecs-cluster.fish";
const MAN_HELP: &str = "\
Examples:
  aws-ecs-cluster man | man -l -
  aws-ecs-cluster man >/usr/local/share/man/man1/aws-ecs-cluster.1";

/// How the platform says what to do.
pub const ACTION: &str = "MASSDRIVER_DEPLOYMENT_ACTION";

/// Over the options that every command takes.
const COMMON: &str = "Common options";
/// The commands that read no inputs and call nobody, which leaves one common option that means anything to them.
const APART: [&str; 4] = ["iam-policy", "schema", "completions", "man"];
const MEANT_EVERYWHERE: &str = "output";
/// The others.
const MEANT_BY_INPUTS: [&str; 5] = ["dir", "params", "connections", "no_assume_role", "trace_calls"];
/// The command whose output can have the shape of Terraform's.
const PLAN: &str = "plan";

/// Creates, changes, takes over and deletes an AWS ECS cluster for Massdriver.
///
/// Without a command it does what `MASSDRIVER_DEPLOYMENT_ACTION` says: plan, provision or decommission.
#[derive(Debug, Parser)]
#[command(name = "aws-ecs-cluster", version, after_help = format!("Examples:\n{EXAMPLES}\n\nExit status:\n{EXIT_STATUS}\n\n{CREDENTIALS}"))]
pub struct Arguments {
    /// The folder that holds params.json and connections.json, and config.json where there is one
    #[arg(long, value_name = "DIR", default_value = "/massdriver", global = true, help_heading = COMMON)]
    pub dir: PathBuf,
    /// Read the params from this file instead
    #[arg(long, value_name = "FILE", global = true, help_heading = COMMON)]
    pub params: Option<PathBuf>,
    /// Read the connections from this file instead
    #[arg(long, value_name = "FILE", global = true, help_heading = COMMON)]
    pub connections: Option<PathBuf>,
    /// How results and progress are written; terraform-plan gives a plan the shape of Terraform's own, for tools that read those
    #[arg(long, value_enum, default_value_t = Format::Text, global = true, help_heading = COMMON)]
    pub output: Format,
    /// Use the credentials of the environment as they are, without assuming the connection's role
    #[arg(long, global = true, help_heading = COMMON)]
    pub no_assume_role: bool,
    /// Also write every call to AWS and its answer to stderr; no SDK internals, no secrets
    #[arg(long, global = true, help_heading = COMMON)]
    pub trace_calls: bool,
    /// What `config.json` says; no part of the command line.
    #[arg(skip)]
    pub config: Config,
    #[command(subcommand)]
    pub command: Option<Command>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    Text,
    Json,
    // A doc comment here would make the help of every option twice as long.
    TerraformPlan,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Check the inputs, without any network
    #[command(after_help = VALIDATE_HELP)]
    Validate,
    /// Show what provision would do; changes nothing
    #[command(after_help = PLAN_HELP)]
    Plan {
        /// Show what decommission would do instead
        #[arg(long)]
        decommission: bool,
        /// Exit with 3 when changes are pending
        #[arg(long)]
        detailed_exitcode: bool,
        /// Do not count nodes that have yet to join the cluster
        #[arg(long, conflicts_with = "decommission")]
        no_wait_for_nodes: bool,
        #[command(flatten)]
        reporting: Reporting,
    },
    /// Make the cluster what the inputs say, and print its artifact
    #[command(after_help = PROVISION_HELP)]
    Provision {
        /// Do not wait until each node group's minimum of nodes has joined the cluster
        #[arg(long)]
        no_wait_for_nodes: bool,
        #[command(flatten)]
        reporting: Reporting,
    },
    /// Delete everything that belongs to this instance
    #[command(after_help = DECOMMISSION_HELP)]
    Decommission {
        /// Do not ask first; without it a terminal asks for the instance's name
        #[arg(long)]
        yes: bool,
        #[command(flatten)]
        reporting: Reporting,
    },
    /// Print the artifact of the cluster as it stands; changes nothing
    #[command(after_help = ARTIFACT_HELP)]
    Artifact,
    /// Print the least-privilege policy for the role that is assumed
    #[command(after_help = IAM_POLICY_HELP)]
    IamPolicy {
        /// Limit it to the instance with this name prefix, or to those that fit a pattern such as `shop-*`
        #[arg(long, value_name = "PREFIX", default_value = "*")]
        name_prefix: String,
        /// Print what taking over clusters of the OpenTofu bundle needs beside it
        #[arg(long)]
        adoption: bool,
        /// The partition of the account: aws, aws-cn, aws-us-gov, ...
        #[arg(long, default_value = "aws")]
        partition: String,
    },
    /// Write the params of massdriver.yaml and the schema files from the types in the source
    #[command(after_help = SCHEMA_HELP)]
    Schema {
        /// Only compare, and fail when a file is out of date
        #[arg(long)]
        check: bool,
        /// The folder of the bundle
        #[arg(long, value_name = "DIR", default_value = ".")]
        bundle: PathBuf,
    },
    /// Print the completions for a shell
    #[command(after_help = COMPLETIONS_HELP)]
    Completions {
        /// The shell that they are for
        #[arg(value_enum)]
        shell: Shell,
    },
    /// Print the manual page
    #[command(after_help = MAN_HELP)]
    Man,
}

#[derive(Debug, Args)]
pub struct Reporting {
    /// Write a report of the run to this file: one HTML page, also when the run fails
    #[arg(long, value_name = "FILE.html")]
    pub report: Option<PathBuf>,
}

/// The definition of the command line, without the options that mean nothing to a command among its own.
pub fn definition() -> clap::Command {
    let mut whole = Arguments::command();
    // Only this hands the common options on to the commands.
    whole.build();
    let hidden = |argument: Arg| {
        let meaningless = argument.is_global_set() && argument.get_id() != MEANT_EVERYWHERE;
        argument.hide(meaningless)
    };
    whole.mut_subcommands(|command| {
        let command = if command.get_name() == PLAN { command } else { command.mut_args(without_terraform) };
        if APART.contains(&command.get_name()) { command.mut_args(hidden) } else { command }
    })
}

/// The option `--output` of a command that has no plan to print.
fn without_terraform(argument: Arg) -> Arg {
    if argument.get_id() != MEANT_EVERYWHERE {
        return argument;
    }
    let formats = PossibleValuesParser::new(["text", "json"]);
    let parser = formats.map(|given| if given == "json" { Format::Json } else { Format::Text });
    argument.help("How results and progress are written").value_parser(parser)
}

/// An option that its command would ignore.
fn ignored(matches: &ArgMatches) -> Option<String> {
    let (name, of_command) = matches.subcommand().filter(|(name, _)| APART.contains(name))?;
    let given = |option: &&&str| of_command.value_source(option) == Some(ValueSource::CommandLine);
    let option = MEANT_BY_INPUTS.iter().find(given)?;
    Some(format!("`--{}` means nothing to `{name}`, which reads no inputs and calls nobody\nleave it out", option.replace('_', "-")))
}

impl Arguments {
    /// Those of this process, which ends here when they ask for help, or are wrong and no JSON is asked for.
    pub fn given() -> Result<Self, Stop> {
        let given: Vec<OsString> = std::env::args_os().collect();
        let mut definition = definition();
        let matched = definition.try_get_matches_from_mut(&given);
        if let Some(ignored) = matched.as_ref().ok().and_then(ignored) {
            return Err(Stop::Usage(anyhow!(ignored)));
        }
        let arguments = matched.and_then(|matches| Self::from_arg_matches(&matches).map_err(|error| error.format(&mut definition)));
        arguments.map_err(|error| {
            if !error.use_stderr() || !asks_for_json(&given) {
                error.exit();
            }
            let text = error.render().to_string();
            Stop::Usage(anyhow!("{}", text.trim_start_matches("error: ").trim_end()))
        })
    }

    /// Without a command, takes the one that the platform's action stands for.
    pub fn take_up_action(&mut self) -> Result<(), Stop> {
        let Some(action) = std::env::var_os(ACTION).filter(|_| self.command.is_none()) else { return Ok(()) };
        let reporting = Reporting { report: None };
        self.command = Some(match action.to_str() {
            Some("plan") => Command::Plan { decommission: false, detailed_exitcode: false, no_wait_for_nodes: false, reporting },
            Some("provision") => Command::Provision { no_wait_for_nodes: false, reporting },
            Some("decommission") => Command::Decommission { yes: true, reporting },
            _ => {
                let given = action.to_string_lossy();
                return Err(Stop::Usage(anyhow!(
                    "{ACTION} is `{given}`\nset it to plan, provision or decommission, or name a command; see --help"
                )));
            }
        });
        Ok(())
    }

    /// Where to write the run's report, if anywhere.
    pub fn report(&self) -> Option<&Path> {
        match self.command.as_ref()? {
            Command::Plan { reporting, .. } | Command::Provision { reporting, .. } | Command::Decommission { reporting, .. } => {
                reporting.report.as_deref()
            }
            _ => None,
        }
    }
}

/// Whether those of this process ask for JSON, be they right or wrong.
pub fn given_ask_for_json() -> bool {
    asks_for_json(&std::env::args_os().collect::<Vec<_>>())
}

/// Whether a command line that makes no sense as a whole asks for JSON all the same.
fn asks_for_json(given: &[OsString]) -> bool {
    given.iter().any(|argument| argument == "--output=json") || given.windows(2).any(|pair| pair[0] == "--output" && pair[1] == "json")
}

impl Command {
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Validate => "validate",
            Self::Plan { .. } => "plan",
            Self::Provision { .. } => "provision",
            Self::Decommission { .. } => "decommission",
            Self::Artifact => "artifact",
            Self::IamPolicy { .. } => "iam-policy",
            Self::Schema { .. } => "schema",
            Self::Completions { .. } => "completions",
            Self::Man => "man",
        }
    }
}
