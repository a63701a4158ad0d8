//! A world of a test's own: an AWS account in the emulator, the provisioner's inputs in a folder, and a proxy between the two.

use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::aws::{Agents, ask};
use super::emulator::emulator;
use super::honest::{Honest, Lags};
use super::inputs;
use super::proxy::Proxy;
pub use super::run::{Output, Running};
use crate::report::help::APART;

pub const REGION: &str = "us-west-2";

pub struct World {
    pub account: String,
    pub proxy: Proxy,
    dir: TempDir,
    params: Value,
    connections: Value,
    environment: Vec<(String, String)>,
    /// What stands between the proxy and the emulator; nothing in a bare world.
    honest: Option<Arc<Honest>>,
    agents_at_work: bool,
}

impl Drop for World {
    fn drop(&mut self) {
        // The emulator would keep every account until its own end, and a matrix fills the machine's memory with them.
        if self.honest.is_some() && !thread::panicking() {
            drop(ask(&self.account, json!({ "do": "forget" })));
        }
    }
}

impl World {
    /// A fresh account with a VPC, three node groups asked for, and two public DNS zones.
    pub fn seeded(name: &str) -> Self {
        Self::seeded_with(name, &json!({}))
    }

    /// The same with other `zones`, `groups` or `name_prefix`, as `tests/emulator/seed.py` takes them.
    pub fn seeded_with(name: &str, seed: &Value) -> Self {
        let account = fresh_account();
        let mut question = seed.clone();
        question["do"] = json!("seed");
        let mut inputs = ask(&account, question).unwrap_or_else(|error| panic!("cannot seed the world of {name}: {error}"));
        let (params, connections) = (inputs["params"].take(), inputs["connections"].take());
        let mut world = Self::new(name, account, Proxy::start(Some(emulator().address)), params, connections);
        let honest = Honest::new(emulator().address, &world.account);
        world.honest = Some(Arc::clone(&honest));
        world.proxy.in_front(move |call, forward| honest.answer(call, forward));
        world
    }

    /// Sound inputs with nothing behind them, and nobody who answers a call.
    pub fn bare(name: &str) -> Self {
        let account = fresh_account();
        let connections = inputs::connections(&account, REGION);
        let mut world = Self::new(name, account, Proxy::start(None), inputs::params(), connections);
        world.agents_at_work = false;
        world
    }

    /// From now on launched machines never join the cluster.
    pub fn stop_agents(&mut self) {
        self.agents_at_work = false;
    }

    fn new(name: &str, account: String, proxy: Proxy, params: Value, connections: Value) -> Self {
        let dir = tempfile::Builder::new().prefix(name).tempdir().expect("a folder for the world");
        let world = Self { account, proxy, dir, params, connections, environment: Vec::new(), honest: None, agents_at_work: true };
        world.write("params.json", &world.params.to_string());
        world.write("connections.json", &world.connections.to_string());
        world
    }

    /// Makes AWS take its time from now on.
    pub fn lag(&self, lags: Lags) {
        self.honest.as_ref().expect("a seeded world").set(lags);
    }

    /// The agent of this EC2 instance loses its connection to ECS for good.
    pub fn disconnect_agent(&self, instance: &str) {
        self.honest.as_ref().expect("a seeded world").disconnect(instance);
    }

    /// From now on runs are a deployment on a platform that publishes what it is given.
    pub fn deploy(&mut self) {
        let url = self.proxy.url();
        for (variable, value) in [("MASSDRIVER_URL", url.as_str()), ("MASSDRIVER_TOKEN", "t"), ("MASSDRIVER_DEPLOYMENT_ID", "d")] {
            self.set_env(variable, value);
        }
    }

    /// The cluster's artifact on the platform.
    pub fn published(&self) -> Option<Value> {
        self.honest.as_ref().expect("a seeded world").published("cluster")
    }

    /// The lists that runs began to read and did not read to their end.
    pub fn unread_pages(&self) -> Vec<String> {
        self.honest.as_ref().expect("a seeded world").unread_pages()
    }

    /// The EC2 instances whose agents have lost their connection.
    pub(super) fn disconnected_agents(&self) -> Arc<dyn Fn() -> Vec<String> + Send + Sync> {
        let honest = self.honest.clone();
        Arc::new(move || honest.as_ref().map_or_else(Vec::new, |honest| honest.disconnected()))
    }

    pub fn dir(&self) -> &Path {
        self.dir.path()
    }

    pub fn params(&self) -> &Value {
        &self.params
    }

    pub fn connections(&self) -> &Value {
        &self.connections
    }

    pub fn set_params(&mut self, change: impl FnOnce(&mut Value)) {
        change(&mut self.params);
        self.write("params.json", &self.params.to_string());
    }

    pub fn set_connections(&mut self, change: impl FnOnce(&mut Value)) {
        change(&mut self.connections);
        self.write("connections.json", &self.connections.to_string());
    }

    /// Writes a file into the folder that the provisioner reads.
    pub fn write(&self, file: &str, text: &str) {
        fs::write(self.dir.path().join(file), text).unwrap_or_else(|error| panic!("cannot write {file}: {error}"));
    }

    /// Sets a variable in the environment of the runs to come.
    pub fn set_env(&mut self, name: &str, value: &str) {
        self.environment.push((name.to_owned(), value.to_owned()));
    }

    /// P, the name of almost everything.
    pub fn name_prefix(&self) -> &str {
        self.params["md_metadata"]["name_prefix"].as_str().expect("md_metadata.name_prefix")
    }

    /// Runs the binary to its end.
    #[track_caller]
    pub fn run(&self, args: &[&str]) -> Output {
        self.start(args).wait()
    }

    /// Starts the binary, with nothing in its environment but what it needs.
    pub fn start(&self, args: &[&str]) -> Running<'_> {
        let mut command = Command::new(env!("CARGO_BIN_EXE_aws-ecs-cluster"));
        if !args.iter().any(|arg| APART.contains(arg)) {
            command.args(["--dir".as_ref(), self.dir.path().as_os_str()]);
        }
        command.args(args).current_dir(self.dir.path()).env_clear().envs(self.environment());
        let name_prefix = self.params["md_metadata"]["name_prefix"].as_str().unwrap_or_default();
        Running::start(&mut command, &self.proxy, name_prefix, self.agents_for(args))
    }

    /// All that a run has in its environment.
    pub fn environment(&self) -> Vec<(OsString, OsString)> {
        let always = [
            ("PATH", std::env::var_os("PATH").unwrap_or_default()),
            ("HOME", self.dir.path().into()),
            ("AWS_ENDPOINT_URL", self.proxy.url().into()),
            ("AWS_ACCESS_KEY_ID", self.account.clone().into()),
            ("AWS_SECRET_ACCESS_KEY", "x".into()),
            ("AWS_EC2_METADATA_DISABLED", "true".into()),
        ];
        let set = self.environment.iter().map(|(name, value)| (name.into(), value.into()));
        always.into_iter().map(|(name, value)| (name.into(), value)).chain(set).collect()
    }

    /// A provision waits for its nodes, which join only if somebody plays their agents.
    fn agents_for(&self, args: &[&str]) -> Option<Agents> {
        let by_platform = self.environment.iter().any(|(name, value)| name == "MASSDRIVER_DEPLOYMENT_ACTION" && value == "provision");
        let provisions = args.contains(&"provision") && !args.contains(&"--no-wait-for-nodes");
        (self.agents_at_work && (provisions || by_platform)).then(|| self.keep_nodes_joined())
    }
}

/// Twelve digits that no other test of this process has, and that show which process they belong to.
fn fresh_account() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    format!("1{:05}{:06}", std::process::id() % 100_000, NEXT.fetch_add(1, Ordering::SeqCst))
}
