//! `--report`: the run as one HTML page, written however the run ended.

use crate::cli::args::Arguments;
use crate::cli::console::Console;
use crate::cli::exit::{Exit, Stop};
use anyhow::{Context, anyhow};
use aws_ecs_cluster::report::html;
use std::fs::OpenOptions;

/// Finds out before anything is done that the report will have a place. What is there stays until the report is written.
pub fn check(arguments: &Arguments) -> Result<(), Stop> {
    let Some(path) = arguments.report() else { return Ok(()) };
    if std::fs::metadata(path).is_ok_and(|there| !there.is_file() && !there.is_dir()) {
        // Whoever reads from a pipe would take this for all that comes.
        return Ok(());
    }
    let opened = OpenOptions::new().write(true).create(true).truncate(false).open(path);
    opened.map(drop).map_err(|error| {
        let place = path.display();
        Stop::Usage(anyhow!(
            "the report cannot be written to `{place}`: {error}\nname a file that can be written to, in a folder that exists"
        ))
    })
}

/// Writes the report of a run that ends with this status, if one is wanted.
pub fn write(arguments: &Arguments, console: &Console, exit: Exit) -> Result<(), anyhow::Error> {
    let Some(path) = arguments.report() else { return Ok(()) };
    let page = html::page(&console.dossier(), exit as u8);
    std::fs::write(path, page).with_context(|| format!("the report could not be written to `{}`", path.display()))?;
    console.note(&format!("wrote the report to {}", path.display()));
    Ok(())
}
