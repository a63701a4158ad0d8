//! `--report`: the run as one HTML page, written however the run ended.

use crate::cli::args::{Arguments, Command};
use crate::cli::console::Console;
use crate::cli::exit::{Exit, Stop};
use anyhow::{Context, anyhow};
use aws_ecs_cluster::report::html;
use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::FileTypeExt;
use std::path::Path;
use tokio::net::unix::pipe;

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
    put(path, page.as_bytes()).with_context(|| format!("the report could not be written to `{}`", path.display()))?;
    console.note(&format!("wrote the report to {}", path.display()));
    Ok(())
}

/// What stands of a run of which only the report is missing.
pub const fn done(arguments: &Arguments) -> &'static str {
    match arguments.command {
        Some(Command::Provision { .. }) => "the cluster stands as wanted, and only the report is missing",
        Some(Command::Decommission { .. }) => "nothing of the cluster is left, and only the report is missing",
        _ => "nothing was changed, and only the report is missing",
    }
}

/// Puts a page in the place of what is there, which stays whole until all of the page is written.
fn put(path: &Path, page: &[u8]) -> std::io::Result<()> {
    let kind = std::fs::metadata(path)?.file_type();
    if kind.is_fifo() {
        return pour(path, page);
    }
    if !kind.is_file() {
        return std::fs::write(path, page);
    }
    // What a link leads to is replaced, and not the link.
    let path = path.canonicalize()?;
    // In containers every run is process 1, and two may write into one folder.
    let beside = path.with_file_name(format!(".aws-ecs-cluster-report-{:016x}", fastrand::u64(..)));
    let written = File::create_new(&beside).and_then(|mut file| file.write_all(page));
    match written.and_then(|()| std::fs::rename(&beside, &path)) {
        Ok(()) => Ok(()),
        Err(error) => {
            let _ = std::fs::remove_file(&beside);
            // A file that is mounted by itself, or in a folder that takes no others.
            let alone = [ErrorKind::PermissionDenied, ErrorKind::ResourceBusy, ErrorKind::ReadOnlyFilesystem].contains(&error.kind());
            if alone { std::fs::write(&path, page) } else { Err(error) }
        }
    }
}

/// Writes into a pipe. One that nobody reads from is an error: it would be waited for without end.
fn pour(path: &Path, page: &[u8]) -> std::io::Result<()> {
    let sender = pipe::OpenOptions::new().open_sender(path)?;
    File::from(sender.into_blocking_fd()?).write_all(page)
}
