//! The same cluster by Terraform, where it is to be had: a second row of figures, from the same AWS.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::aws;
use super::process::{Cost, measure};
use super::table::{Limits, beside_ours, row};
use crate::support::world::{REGION, World};

const CLUSTER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/bench/cluster.tf");

/// `TERRAFORM_PLUGINS` may name a folder with the AWS provider, as `terraform init -plugin-dir` takes it.
pub fn figures(ours: &[Cost; 3]) {
    let world = super::world("bench-terraform", 1, 2);
    let folder = tempfile::tempdir().expect("a folder for Terraform");
    fs::copy(CLUSTER, folder.path().join("cluster.tf")).expect("the benchmark's cluster.tf");
    fs::write(folder.path().join("terraform.tfvars.json"), variables(&world).to_string()).expect("Terraform's variables");
    if let Err(why) = prepare(&world, &folder) {
        eprintln!("Terraform: not measured, {why}");
        return;
    }
    super::run(&world, &["plan"]);
    let runs: [(&str, &[&str]); 3] = [
        ("terraform apply, 1 group, 2 zones", &["apply", "-auto-approve"]),
        ("terraform plan with nothing to do", &["plan"]),
        ("terraform destroy", &["destroy", "-auto-approve"]),
    ];
    for ((what, args), ours) in runs.into_iter().zip(ours) {
        run(&world, &folder, what, args, ours);
    }
}

fn prepare(world: &World, folder: &TempDir) -> Result<(), String> {
    let plugins = env::var("TERRAFORM_PLUGINS").map(|plugins| format!("-plugin-dir={plugins}"));
    let mut init = terraform(world, folder.path(), &["init"]);
    // What is to be downloaded comes through the caller's own network, with the caller's settings.
    init.env_clear().envs(env::vars_os()).args(plugins).stdin(Stdio::null());
    let output = init.output().map_err(|error| format!("for want of `terraform`: {error}"))?;
    let words = String::from_utf8_lossy(&output.stderr);
    let first = words.lines().find(|line| line.contains("Error")).unwrap_or("it gives no reason").to_owned();
    if output.status.success() { Ok(()) } else { Err(format!("`terraform init` failed: {first}")) }
}

fn run(world: &World, folder: &TempDir, what: &str, args: &[&str], ours: &Cost) {
    let cost: Cost = measure(&mut terraform(world, folder.path(), args), &world.proxy);
    if cost.succeeded {
        row(what, &cost, Limits { time: None::<Duration>, ..Limits::default() });
        beside_ours(&cost, ours);
    } else {
        eprintln!("{what}: failed\n{}", cost.stderr);
    }
}

fn terraform(world: &World, folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::new("terraform");
    command.args(args).args(["-input=false", "-no-color"]).current_dir(folder);
    aws::reach(&mut command, world);
    command
}

fn variables(world: &World) -> Value {
    let ingress = &world.params()["cluster"]["ingress"];
    let others = ingress["additional_route53_hosted_zones"].as_array().into_iter().flatten();
    let arns = [&ingress["default_route53_hosted_zone"]].into_iter().chain(others).filter_map(Value::as_str);
    let ids = arns.filter_map(|arn| arn.rsplit('/').next());
    let names: BTreeMap<&str, Value> =
        ids.map(|id| (id, world.aws("route53", "get_hosted_zone", json!({ "Id": id }))["HostedZone"]["Name"].take())).collect();
    let zones: BTreeMap<&str, &str> =
        names.iter().map(|(id, name)| (*id, name.as_str().unwrap_or_default().trim_end_matches('.'))).collect();
    json!({
        "name": world.name_prefix(),
        "region": REGION,
        "vpc_id": world.vpc_id(),
        "public_subnets": world.subnet_ids("public"),
        "private_subnets": world.subnet_ids("private"),
        "zones": zones,
    })
}
