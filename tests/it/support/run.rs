//! One run of the real binary: started, watched against a time limit, and what came of it.

use std::fmt;
use std::io::{self, Read, Write};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::aws::Agents;
use super::call::Call;
use super::proxy::Proxy;
use crate::permissions;
use crate::report::lines::assert_documented;

const TIME_LIMIT: Duration = Duration::from_mins(3);
/// What is said when a signal is heard.
const HEARD: &str = "interrupted";
/// Whoever interrupts kills after ten seconds; a machine with too much to do is given more.
const HEARING_LIMIT: Duration = Duration::from_secs(30);
const SETTLE_LIMIT: Duration = Duration::from_secs(5);

/// What a run left behind for the test to look at.
#[derive(Debug)]
pub struct Output {
    /// The exit status; 128 and the signal's number for a run that a signal ended.
    pub status: i32,
    pub stdout: String,
    pub stderr: String,
    /// What it called, in the order of arrival.
    pub calls: Vec<Call>,
}

impl Output {
    /// Fails the test, showing everything, unless the run ended with this status.
    #[track_caller]
    pub fn expect(self, status: i32) -> Self {
        assert!(self.status == status, "expected exit status {status}\n{self}");
        self
    }

    /// What was printed on stdout, which has to be one JSON value.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("stdout is not JSON: {error}\n{self}"))
    }

    pub fn mutations(&self) -> Vec<&Call> {
        self.calls.iter().filter(|call| call.is_mutation()).collect()
    }

    /// The calls of one action, such as `ecs:CreateCluster`.
    pub fn calls_of(&self, action: &str) -> Vec<&Call> {
        self.calls.iter().filter(|call| call.action() == action).collect()
    }
}

impl fmt::Display for Output {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(out, "exit status {}\n--- stdout\n{}\n--- stderr\n{}\n--- calls", self.status, self.stdout, self.stderr)?;
        self.calls.iter().try_for_each(|call| writeln!(out, "{call}"))
    }
}

/// A run that is under way; killed if the test loses interest in it.
pub struct Running<'a> {
    child: Child,
    stdout: Heard,
    stderr: Heard,
    proxy: &'a Proxy,
    calls_before: usize,
    /// Whose policy the calls are judged by.
    name_prefix: String,
    /// What it was asked for.
    args: Vec<String>,
    /// At work until the run is forgotten.
    _agents: Option<Agents>,
}

impl<'a> Running<'a> {
    pub fn start(command: &mut Command, proxy: &'a Proxy, name_prefix: &str, agents: Option<Agents>) -> Self {
        let calls_before = proxy.count(|_| true);
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("cannot start {}: {error}", command.get_program().display()));
        let stdout = Heard::of(child.stdout.take().expect("the run's output"));
        let stderr = Heard::of(child.stderr.take().expect("the run's output"));
        let args = command.get_args().map(|arg| arg.to_string_lossy().into_owned()).collect();
        Self { child, stdout, stderr, proxy, calls_before, name_prefix: name_prefix.to_owned(), args, _agents: agents }
    }

    /// Ends it as an operator's Ctrl-C or an orchestrator's stop does: with SIGINT or SIGTERM, which it has said to have heard when this
    /// returns; or with SIGKILL, which it cannot hear. A run that only looks ends with what it says.
    #[track_caller]
    pub fn signal(&mut self, name: &str) {
        let pid = self.child.id().to_string();
        let sent = Command::new("kill").args(["-s", name, &pid]).status().expect("the kill command");
        assert!(sent.success(), "cannot send SIG{name} to the run");
        let end = Instant::now() + HEARING_LIMIT;
        while name != "KILL" && !self.has_said(HEARD) && !self.has_ended() {
            assert!(Instant::now() < end, "SIG{name} is not heard");
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// Ends it at once, as a machine that loses power does, and says what it had done.
    pub fn kill(mut self) -> Output {
        self.child.kill().expect("killing the run");
        self.wait()
    }

    /// Whether these words have come on stderr.
    fn has_said(&self, words: &str) -> bool {
        self.stderr.so_far().contains(words)
    }

    pub fn has_ended(&mut self) -> bool {
        self.child.try_wait().expect("the state of the run").is_some()
    }

    /// Waits for its end, which has to come within three minutes.
    #[track_caller]
    pub fn wait(self) -> Output {
        self.wait_within(TIME_LIMIT)
    }

    /// Waits for its end, which has to come within this time.
    #[track_caller]
    pub fn wait_within(mut self, limit: Duration) -> Output {
        let end = Instant::now() + limit;
        loop {
            if let Some(status) = self.child.try_wait().expect("the state of the run") {
                return self.output(status);
            }
            if Instant::now() > end {
                self.child.kill().expect("killing the run");
                let status = self.child.wait().expect("the state of the killed run");
                panic!("the run took longer than {} s\n{}", limit.as_secs(), self.output(status));
            }
            thread::sleep(Duration::from_millis(5));
        }
    }

    #[track_caller]
    fn output(&mut self, status: ExitStatus) -> Output {
        self.proxy.settle(self.calls_before, SETTLE_LIMIT);
        let calls = self.proxy.calls();
        permissions::judge(&self.name_prefix, &calls, self.calls_before);
        let output = Output {
            status: status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or(0)),
            stdout: self.stdout.whole(),
            stderr: self.stderr.whole(),
            calls: calls.into_iter().skip(self.calls_before).collect(),
        };
        assert_documented(&self.args, &output);
        output
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        // Both fail for a run that has ended and been waited for, which is the usual case.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// What one of the run's streams has brought so far.
struct Heard {
    text: Text,
    reader: Option<JoinHandle<()>>,
}

#[derive(Clone, Default)]
struct Text(Arc<Mutex<Vec<u8>>>);

impl Write for Text {
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("the run's output").write(piece)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Heard {
    fn of(mut stream: impl Read + Send + 'static) -> Self {
        let text = Text::default();
        let mut heard = text.clone();
        let reader = thread::spawn(move || {
            io::copy(&mut stream, &mut heard).expect("the run's output");
        });
        Self { text, reader: Some(reader) }
    }

    fn so_far(&self) -> String {
        String::from_utf8_lossy(&self.text.0.lock().expect("the run's output")).into_owned()
    }

    /// All of it, once there is no more to come.
    fn whole(&mut self) -> String {
        drop(self.reader.take().map(JoinHandle::join));
        self.so_far()
    }
}
