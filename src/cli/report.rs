//! `--report`: the run as one HTML page, written however the run ended.

use crate::cli::args::Arguments;
use crate::cli::console::Console;
use crate::cli::exit::{Exit, Stop};
use anyhow::anyhow;
use aws_ecs_cluster::report::html;
use aws_ecs_cluster::report::line::Word;
use std::path::Path;

/// Finds out before anything is done that the report will have a place.
pub fn check(arguments: &Arguments) -> Result<(), Stop> {
    let Some(path) = arguments.report() else { return Ok(()) };
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
    if folder.is_dir() && !path.is_dir() {
        return Ok(());
    }
    Err(Stop::Usage(anyhow!("the report cannot be written to `{}`\nname a file in a folder that exists", path.display())))
}

/// Writes the report, if one is wanted; a run that is otherwise done has failed when it cannot be written.
pub fn write(arguments: &Arguments, console: &Console, exit: Exit) -> Exit {
    let Some(path) = arguments.report() else { return exit };
    let page = html::page(&console.dossier(), exit as u8);
    match std::fs::write(path, page) {
        Ok(()) => {
            console.note(&format!("wrote the report to {}", path.display()));
            exit
        }
        Err(error) => {
            let message = format!("error: the report could not be written to `{}`: {error}", path.display());
            let failed = if exit == Exit::Done { Exit::Failed } else { exit };
            console.say(&Word::Error { exit_status: failed as u8, message, problems: Vec::new(), refusals: Vec::new() });
            failed
        }
    }
}
