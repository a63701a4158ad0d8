//! `schema`: writes the bundle's generated files from the Rust types, or compares them.

use crate::cli::console::Console;
use crate::cli::exit::{Exit, Stop};
use anyhow::Context;
use aws_ecs_cluster::inputs::{files, rewrite_manifest};
use std::collections::BTreeMap;
use std::path::Path;

const MANIFEST: &str = "massdriver.yaml";

/// What to do with a file that differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    Write,
    Compare,
}

/// Prints the paths that differ. Comparing, it fails when there are any.
pub fn schema(bundle: &Path, mode: Mode, console: &Console) -> Result<Exit, Stop> {
    let path = bundle.join(MANIFEST);
    let current = std::fs::read_to_string(&path).with_context(|| format!("could not read `{}`", path.display())).map_err(Stop::Usage)?;
    let manifest = rewrite_manifest(&current).map_err(|error| Stop::Usage(error.into()))?;
    let mut generated: BTreeMap<&str, String> = files(&manifest).map_err(|error| Stop::Usage(error.into()))?;
    generated.insert(MANIFEST, manifest);
    let mut stale = false;
    for (name, text) in generated {
        let path = bundle.join(name);
        if std::fs::read_to_string(&path).is_ok_and(|standing| standing == text) {
            continue;
        }
        stale = true;
        console.data(&format!("{}\n", path.display()));
        if mode == Mode::Write {
            std::fs::write(&path, text).with_context(|| format!("could not write `{}`", path.display()))?;
        }
    }
    if stale && mode == Mode::Compare {
        console.error_line("error: these files are out of date\n`aws-ecs-cluster schema` writes them anew");
        return Ok(Exit::Failed);
    }
    Ok(Exit::Done)
}
