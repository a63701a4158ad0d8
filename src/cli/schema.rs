//! `schema`: writes the bundle's generated files from the Rust types, or compares them.

use crate::cli::args::Format;
use crate::cli::console::Console;
use crate::cli::exit::{Exit, Stop};
use anyhow::anyhow;
use aws_ecs_cluster::inputs::{files, rewrite_manifest};
use aws_ecs_cluster::report;
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
    let current = std::fs::read_to_string(&path).map_err(|error| {
        Stop::Usage(anyhow!("could not read `{}`: {error}\nname the folder that holds it with --bundle", path.display()))
    })?;
    let manifest = rewrite_manifest(&current).map_err(|error| Stop::Usage(error.into()))?;
    let mut generated: BTreeMap<&str, String> = files(&manifest).map_err(|error| Stop::Usage(error.into()))?;
    generated.insert(MANIFEST, manifest);
    generated.extend(report::schemas::files().map_err(|error| Stop::Usage(error.into()))?);
    let mut stale = Vec::new();
    for (name, text) in generated {
        let path = bundle.join(name);
        if std::fs::read_to_string(&path).is_ok_and(|standing| standing == text) {
            continue;
        }
        stale.push(path.display().to_string());
        if mode == Mode::Write {
            write(&path, &text)?;
        }
    }
    match console.format {
        Format::Text | Format::TerraformPlan => stale.iter().try_for_each(|path| console.data(&format!("{path}\n"))),
        Format::Json => console.data(&format!("{:#}\n", serde_json::json!(stale))),
    }?;
    if !stale.is_empty() && mode == Mode::Compare {
        return Err(Stop::Failed(anyhow!("out of date: {}\n`aws-ecs-cluster schema` writes them anew", stale.join(", "))));
    }
    Ok(Exit::Done)
}

fn write(path: &Path, text: &str) -> Result<(), Stop> {
    let folder = path.parent().map_or(Ok(()), std::fs::create_dir_all);
    folder.and_then(|()| std::fs::write(path, text)).map_err(|error| {
        Stop::Failed(anyhow!(
            "could not write `{}`: {error}\nmake way for it, then run this again: what was written before it stands",
            path.display()
        ))
    })
}
