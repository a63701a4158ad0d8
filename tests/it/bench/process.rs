//! One process and its children from start to end: how long, how much processor, how much memory, and what it called.

use std::fs;
use std::io::Read;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::support::call::Call;
use crate::support::proxy::Proxy;

/// How often a process is looked at: what it does between the last look and its end is not seen.
const GLANCE: Duration = Duration::from_millis(2);
/// Linux counts processor time in hundredths of a second.
const TICK: Duration = Duration::from_millis(10);

#[derive(Debug)]
pub struct Cost {
    pub time: Duration,
    /// Of the process and of the children that it waited for; to the hundredth of a second.
    pub processor: Duration,
    /// At its highest, in bytes; of the process itself.
    pub memory: u64,
    pub calls: Vec<Call>,
    pub succeeded: bool,
    pub stderr: String,
}

/// Runs the command to its end. Its output is kept only where it tells of a failure.
pub fn measure(command: &mut Command, proxy: &Proxy) -> Cost {
    let calls_before = proxy.count(|_| true);
    let began = Instant::now();
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("a process to measure");
    let mut stderr = child.stderr.take().expect("its piped output");
    let reader = thread::spawn(move || {
        let mut text = String::new();
        stderr.read_to_string(&mut text).map(|_| text).unwrap_or_default()
    });
    let (processor, memory) = watch(&child);
    let time = began.elapsed();
    let succeeded = child.wait().expect("its end").success();
    let calls = proxy.calls().split_off(calls_before);
    Cost { time, processor, memory, calls, succeeded, stderr: reader.join().unwrap_or_default() }
}

/// Looks until nothing but its exit status is left of the process, which is what it has come to then.
fn watch(child: &Child) -> (Duration, u64) {
    let folder = format!("/proc/{}", child.id());
    let mut memory = 0;
    loop {
        let stat =
            fs::read_to_string(format!("{folder}/stat")).unwrap_or_else(|error| panic!("the benchmark needs Linux's /proc: {error}"));
        // The name of the program stands in brackets and may hold anything.
        let fields: Vec<&str> = stat.rsplit(") ").next().unwrap_or_default().split(' ').collect();
        if fields[0] == "Z" {
            let ticks = fields[11..15].iter().filter_map(|ticks| ticks.parse::<u32>().ok()).sum();
            return (TICK * ticks, memory);
        }
        memory = memory.max(high_water(&folder));
        thread::sleep(GLANCE);
    }
}

fn high_water(folder: &str) -> u64 {
    let status = fs::read_to_string(format!("{folder}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok()).unwrap_or_default() * 1024
}
