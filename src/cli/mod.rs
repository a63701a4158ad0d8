//! One file per group of commands.

pub mod args;
mod consent;
mod console;
mod converging;
pub mod exit;
mod live;
mod manual;
mod planning;
mod report;
mod schema;
mod session;
mod signals;
mod trace;

use anyhow::anyhow;
use args::{ACTION, Arguments, Command, Format};
use aws_ecs_cluster::aws::permissions::{self, Whose};
use aws_ecs_cluster::engine::event::Event;
use aws_ecs_cluster::inputs::Warning;
use aws_ecs_cluster::massdriver::config::{Config, LogLevel};
use aws_ecs_cluster::plan::Goal;
use aws_ecs_cluster::report::line::{FORMAT_VERSION, Word};
use consent::Consent;
use console::Console;
use exit::{Exit, Stop};
use planning::{Aim, Detail};
use session::Nodes;
use std::time::Instant;

/// Says what is wrong with the command line, in JSON to whoever asks for JSON.
pub fn misused(misuse: &Stop) -> Exit {
    let format = if args::given_ask_for_json() { Format::Json } else { Format::Text };
    let console = Console::new(format, LogLevel::default());
    console.say(&run_of("none"));
    console.say(&misuse.word());
    misuse.exit()
}

/// Says how a run ends that has no console to say it: in JSON to whoever asks for JSON.
pub fn last_word(began: Instant, exit_status: u8, message: String) {
    let format = if args::given_ask_for_json() { Format::Json } else { Format::Text };
    let mut console = Console::new(format, LogLevel::default());
    console.began = began;
    console.say(&Word::Error { exit_status, message, problems: Vec::new(), refusals: Vec::new() });
}

/// The first line of every run.
const fn run_of(command: &'static str) -> Word {
    Word::Run { format_version: FORMAT_VERSION, program_version: env!("CARGO_PKG_VERSION"), command }
}

pub async fn run(mut arguments: Arguments) -> Exit {
    let named = arguments.take_up_action();
    let configured = configured(&arguments);
    if let Ok((config, _)) = &configured {
        arguments.config = *config;
    }
    let console = Console::new(arguments.output, arguments.config.log_level);
    if arguments.trace_calls || arguments.config.log_level == LogLevel::Debug {
        trace::calls(arguments.output, console.began);
    }
    console.say(&run_of(arguments.command.as_ref().map_or("none", Command::name)));
    console.pursue(goal(&arguments));
    if let Err(stop) = report::check(&arguments) {
        console.say(&stop.word());
        return stop.exit();
    }
    let ended = match configured {
        Ok((_, warnings)) => {
            for warning in &warnings {
                console.warning(warning);
            }
            match named {
                Ok(()) => command(&arguments, &console).await,
                Err(stop) => Err(stop),
            }
        }
        Err(stop) => Err(stop),
    };
    console.settle();
    end(&arguments, &console, ended)
}

/// Writes the report, and says what went wrong after everything else, so that it is the last line.
fn end(arguments: &Arguments, console: &Console, ended: Result<Exit, Stop>) -> Exit {
    let exit = ended.as_ref().map_or_else(Stop::exit, |exit| *exit);
    if let Err(stop) = &ended {
        console.conclude(&stop.word());
    }
    let stop = match (ended, report::write(arguments, console, exit)) {
        (Ok(exit), Ok(())) => {
            console.finish();
            return exit;
        }
        (Ok(_), Err(unwritten)) => Stop::Failed(anyhow!("{unwritten:#}\n{}", report::done(arguments))),
        (Err(stop), Ok(())) => stop,
        (Err(stop), Err(unwritten)) => {
            console.event(&Event::Warning { message: format!("{unwritten:#}") });
            stop
        }
    };
    console.say(&stop.word());
    stop.exit()
}

/// What `config.json` says, for the commands that work in the folder that holds it.
fn configured(arguments: &Arguments) -> Result<(Config, Vec<Warning>), Stop> {
    match &arguments.command {
        Some(Command::IamPolicy { .. } | Command::Schema { .. } | Command::Completions { .. } | Command::Man) => {
            Ok((Config::default(), Vec::new()))
        }
        // It takes no more of the inputs than a decommission.
        Some(Command::Artifact) => session::config(arguments, Goal::Decommission),
        _ => session::config(arguments, goal(arguments)),
    }
}

fn goal(arguments: &Arguments) -> Goal {
    match &arguments.command {
        Some(Command::Decommission { .. } | Command::Plan { decommission: true, .. }) => Goal::Decommission,
        _ => Goal::Provision,
    }
}

async fn command(arguments: &Arguments, console: &Console) -> Result<Exit, Stop> {
    if arguments.output == Format::TerraformPlan && !matches!(arguments.command, Some(Command::Plan { .. })) {
        return Err(Stop::Usage(anyhow!("only a plan has the shape of a plan\nuse `--output terraform-plan` with `plan`")));
    }
    let awaited = |left_alone: &bool| if *left_alone { Nodes::LeftAlone } else { Nodes::Awaited };
    match &arguments.command {
        None => Err(Stop::Usage(anyhow!("no command is given and {ACTION} is not set\nname a command; see --help"))),
        Some(Command::Validate) => planning::validate(arguments, console),
        Some(Command::Plan { decommission, detailed_exitcode, no_wait_for_nodes, .. }) => {
            let aim = if *decommission { Aim::Decommission } else { Aim::Provision(awaited(no_wait_for_nodes)) };
            let detail = if *detailed_exitcode { Detail::Pending } else { Detail::Plain };
            planning::plan(arguments, console, aim, detail).await
        }
        Some(Command::Provision { no_wait_for_nodes, .. }) => converging::provision(arguments, console, awaited(no_wait_for_nodes)).await,
        Some(Command::Decommission { yes, .. }) => {
            let consent = if *yes { Consent::Given } else { Consent::Asked };
            converging::decommission(arguments, console, consent).await
        }
        Some(Command::Artifact) => planning::artifact(arguments, console).await,
        Some(Command::IamPolicy { name_prefix, partition, adoption }) => {
            let whose = Whose::new(partition, name_prefix).map_err(|error| Stop::Usage(error.into()))?;
            let policy = if *adoption { permissions::adoption(&whose) } else { permissions::policy(&whose) };
            console.data(&format!("{policy:#}\n"))?;
            Ok(Exit::Done)
        }
        Some(Command::Schema { check, bundle }) => {
            let mode = if *check { schema::Mode::Compare } else { schema::Mode::Write };
            schema::schema(bundle, mode, console)
        }
        Some(Command::Completions { shell }) => manual::completions(*shell, console),
        Some(Command::Man) => manual::page(console),
    }
}
