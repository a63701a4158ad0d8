//! The command line.

use aws_ecs_cluster::massdriver::config::Config;
use clap::{Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

const AFTER_HELP: &str = "\
Examples:
  aws-ecs-cluster --dir . validate            are the inputs valid?
  aws-ecs-cluster --dir . plan                what would be made or changed?
  aws-ecs-cluster --dir . provision           make it so, and print the artifact
  aws-ecs-cluster --dir . plan --decommission what would be deleted?

Exit status: 0 done; 1 failed against AWS, running again may finish it; 2 usage or invalid input, nothing was touched;
3 changes are pending (plan --detailed-exitcode); 4 refused, to protect something; 130 interrupted.

Credentials, profile and endpoint come from the environment, as for every AWS tool (AWS_PROFILE, AWS_ENDPOINT_URL, ...);
the role in the aws_authentication connection is assumed with them.";

/// Makes, changes, adopts and unmakes an AWS ECS cluster for Massdriver.
///
/// Without a command it does what `MASSDRIVER_DEPLOYMENT_ACTION` says: plan, provision or decommission.
#[derive(Debug, Parser)]
#[command(name = "aws-ecs-cluster", version, after_help = AFTER_HELP)]
pub struct Arguments {
    /// The folder that holds params.json, connections.json and, if the step is set up at all, config.json
    #[arg(long, value_name = "DIR", default_value = "/massdriver", global = true)]
    pub dir: PathBuf,
    /// Read the params from this file instead
    #[arg(long, value_name = "FILE", global = true)]
    pub params: Option<PathBuf>,
    /// Read the connections from this file instead
    #[arg(long, value_name = "FILE", global = true)]
    pub connections: Option<PathBuf>,
    /// How results and progress are written
    #[arg(long, value_enum, default_value_t = Format::Text, global = true)]
    pub output: Format,
    /// Use the credentials of the environment as they are, without assuming the connection's role
    #[arg(long, global = true)]
    pub no_assume_role: bool,
    /// Also write every call to AWS and its answer to stderr; no SDK internals, no secrets
    #[arg(long, global = true)]
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
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Check the inputs, without any network
    Validate,
    /// Show what provision would do; changes nothing
    Plan {
        /// Show what decommission would do instead
        #[arg(long)]
        decommission: bool,
        /// Exit with 3 when changes are pending
        #[arg(long)]
        detailed_exitcode: bool,
    },
    /// Make the cluster what the inputs say, and print its artifact
    Provision {
        /// Do not wait until each node group's minimum of nodes has joined the cluster
        #[arg(long)]
        no_wait_for_nodes: bool,
    },
    /// Delete everything that belongs to this instance
    Decommission,
    /// Print the artifact of the cluster as it stands; changes nothing
    Artifact,
    /// Print the least-privilege policy for the role that is assumed
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
    Schema {
        /// Only compare, and fail when a file is out of date
        #[arg(long)]
        check: bool,
        /// The folder of the bundle
        #[arg(long, value_name = "DIR", default_value = ".")]
        bundle: PathBuf,
    },
}
