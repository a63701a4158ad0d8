//! `--report`: the run as one HTML page, written however the run ended.

use crate::cli::args::Arguments;
use crate::cli::console::Console;
use crate::cli::exit::{Exit, Stop};
use anyhow::{Context, anyhow};
use aws_ecs_cluster::report::html;
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

/// Writes the report of a run that ends with this status, if one is wanted.
pub fn write(arguments: &Arguments, console: &Console, exit: Exit) -> Result<(), anyhow::Error> {
    let Some(path) = arguments.report() else { return Ok(()) };
    let page = html::page(&console.dossier(), exit as u8);
    std::fs::write(path, page).with_context(|| format!("the report could not be written to `{}`", path.display()))?;
    console.note(&format!("wrote the report to {}", path.display()));
    Ok(())
}
