//! `schema`: writes the bundle's generated files from the Rust types, or compares them.

use crate::cli::args::Format;
use crate::cli::console::Console;
use crate::cli::exit::{Exit, Stop};
use anyhow::{Context, anyhow};
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
    let current = std::fs::read_to_string(&path).with_context(|| format!("could not read `{}`", path.display())).map_err(Stop::Usage)?;
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
            std::fs::create_dir_all(path.parent().unwrap_or(bundle))
                .with_context(|| format!("could not make the folder of `{}`", path.display()))?;
            std::fs::write(&path, text).with_context(|| format!("could not write `{}`", path.display()))?;
        }
    }
    match console.format {
        Format::Text | Format::TerraformPlan => stale.iter().for_each(|path| console.data(&format!("{path}\n"))),
        Format::Json => console.data(&format!("{:#}\n", serde_json::json!(stale))),
    }
    if !stale.is_empty() && mode == Mode::Compare {
        return Err(Stop::Failed(anyhow!("these files are out of date\n`aws-ecs-cluster schema` writes them anew")));
    }
    Ok(Exit::Done)
}
