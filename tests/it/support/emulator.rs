//! The emulator and its tools, one of each for the whole test process, ended by the process's own end.

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Mutex, OnceLock};

use serde_json::Value;

use super::locked;

/// What the emulator had to say about its own failures.
pub const LOG: &str = concat!(env!("CARGO_TARGET_TMPDIR"), "/emulator.log");

/// The emulator of this process, started by whoever asks first.
pub fn emulator() -> &'static Emulator {
    static EMULATOR: OnceLock<Emulator> = OnceLock::new();
    EMULATOR.get_or_init(Emulator::start)
}

pub struct Emulator {
    pub address: SocketAddr,
    /// Kept because the server serves for as long as its standard input stays open.
    _server: Child,
    tools: Mutex<Tools>,
}

struct Tools {
    _process: Child,
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Emulator {
    fn start() -> Self {
        let log = File::create(LOG).unwrap_or_else(|error| panic!("cannot write {LOG}: {error}"));
        // It would issue certificates by the clock; when they are issued is decided in front of it.
        let mut server = spawn(python("serve.py").env("MOTO_ACM_VALIDATION_WAIT", "0").stderr(log));
        let url = first_line(&mut server);
        let address = url.trim_start_matches("http://").parse().unwrap_or_else(|_| panic!("the emulator did not start: see {LOG}"));
        let tools = Mutex::new(Tools::start(&url));
        Self { address, _server: server, tools }
    }

    /// Asks `tests/emulator/tools.py`, which documents its questions; an error is AWS's, as its text.
    pub fn ask(&self, question: &Value) -> Result<Value, String> {
        let line = locked(&self.tools).exchange(question);
        let mut answer: Value = serde_json::from_str(&line)
            .unwrap_or_else(|error| panic!("the emulator's tools failed at {question}, see their output above ({error})"));
        match answer.get_mut("ok") {
            Some(value) => Ok(value.take()),
            None => Err(answer["error"].as_str().unwrap_or("an error without a text").to_owned()),
        }
    }
}

impl Tools {
    fn start(url: &str) -> Self {
        let mut process = spawn(python("tools.py").args(["--endpoint", url]));
        let questions = process.stdin.take().expect("the tools' piped input");
        let answers = BufReader::new(process.stdout.take().expect("the tools' piped output"));
        Self { _process: process, questions, answers }
    }

    fn exchange(&mut self, question: &Value) -> String {
        let mut answer = String::new();
        // Tools that died answer nothing, which the caller reports.
        let asked = writeln!(self.questions, "{question}");
        if asked.is_ok() && self.answers.read_line(&mut answer).is_err() {
            answer.clear();
        }
        answer
    }
}

fn python(script: &str) -> Command {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let python: PathBuf = root.join(".venv/bin/python");
    assert!(python.exists(), "the emulator is not installed: run `make test`, which makes .venv, or `make venv` alone");
    let mut command = Command::new(python);
    command.arg(root.join("tests/emulator").join(script)).current_dir(root);
    command
}

fn spawn(command: &mut Command) -> Child {
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("cannot start {}: {error}", command.get_program().display()))
}

fn first_line(server: &mut Child) -> String {
    let mut line = String::new();
    let stdout = server.stdout.take().expect("the emulator's piped output");
    BufReader::new(stdout).read_line(&mut line).unwrap_or_else(|error| panic!("the emulator said nothing: {error}"));
    line.trim().to_owned()
}
