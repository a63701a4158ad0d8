//! The live view on a real pseudo-terminal, as its user sees it.

use crate::cluster::gate::Gate;
use crate::cluster::{PROVISION, fargate_only, provisioned};
use crate::support::world::World;
use pty_process::Size;
use pty_process::blocking::{Command, Pty, open};
use serde_json::json;
use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::process::{Child, ExitStatus};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use vt100::Parser;

const TIME_LIMIT: Duration = Duration::from_mins(2);

/// A run of the binary on a terminal of its own.
struct Session {
    child: Child,
    terminal: Arc<Pty>,
    screen: Arc<Mutex<Parser>>,
    everything: Arc<Mutex<Vec<u8>>>,
    reader: Option<JoinHandle<()>>,
}

impl Session {
    fn start(world: &World, rows: u16, columns: u16, environment: &[(&str, &str)]) -> Self {
        Self::of(world, PROVISION, (rows, columns), environment)
    }

    fn of(world: &World, args: &[&str], (rows, columns): (u16, u16), environment: &[(&str, &str)]) -> Self {
        let (terminal, inner) = open().expect("a pseudo-terminal");
        terminal.resize(Size::new(rows, columns)).expect("a size");
        let child = Command::new(env!("CARGO_BIN_EXE_aws-ecs-cluster"))
            .args(["--dir".as_ref(), world.dir().as_os_str()])
            .args(args)
            .env_clear()
            .envs(world.environment())
            .env("TERM", "xterm-256color")
            .envs(environment.iter().copied())
            .spawn(inner)
            .expect("the binary");
        let terminal = Arc::new(terminal);
        let screen = Arc::new(Mutex::new(Parser::new(size(rows), size(columns), 0)));
        let everything = Arc::new(Mutex::new(Vec::new()));
        let (ours, theirs, kept) = (Arc::clone(&terminal), Arc::clone(&screen), Arc::clone(&everything));
        let reader = std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            // The end of the run is an error to the terminal's reader.
            while let Ok(read) = (&*ours).read(&mut bytes) {
                theirs.lock().expect("the screen").process(&bytes[..read]);
                kept.lock().expect("what was written").extend_from_slice(&bytes[..read]);
            }
        });
        Self { child, terminal, screen, everything, reader: Some(reader) }
    }

    fn text(&self) -> String {
        self.screen.lock().expect("the screen").screen().contents()
    }

    /// Waits until the screen holds this.
    #[track_caller]
    fn until(&self, holds: impl Fn(&str) -> bool) -> String {
        let end = Instant::now() + TIME_LIMIT;
        loop {
            let text = self.text();
            if holds(&text) {
                return text;
            }
            assert!(Instant::now() < end, "the screen never came to hold it:\n{text}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn press(&self, keys: &str) {
        (&*self.terminal).write_all(keys.as_bytes()).expect("a keyboard");
    }

    /// Nothing is read meanwhile, so that no frame for the new size gets onto the old screen.
    fn resize(&self, rows: u16, columns: u16) {
        let mut screen = self.screen.lock().expect("the screen");
        self.terminal.resize(Size::new(rows, columns)).expect("a size");
        screen.set_size(size(rows), size(columns));
    }

    #[track_caller]
    fn wait(&mut self) -> ExitStatus {
        let end = Instant::now() + TIME_LIMIT;
        loop {
            if let Some(status) = self.child.try_wait().expect("the state of the run") {
                return status;
            }
            assert!(Instant::now() < end, "the run does not end:\n{}", self.text());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// The screen after the end, and every byte that was written.
    #[track_caller]
    fn end(self) -> (String, String) {
        self.end_with(0)
    }

    #[track_caller]
    fn end_with(mut self, expected: i32) -> (String, String) {
        let status = self.wait();
        // Dropping our last hold on the terminal's inner side ends the reader too.
        self.reader.take().expect("a reader").join().expect("the reader");
        let text = self.screen.lock().expect("the screen").screen().contents();
        assert_eq!(status.code(), Some(expected), "{text}");
        let bytes = self.everything.lock().expect("what was written");
        (text, String::from_utf8_lossy(&bytes).into_owned())
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // Both fail for a run that has ended and been waited for, which is the usual case.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn size(number: u16) -> NonZeroU16 {
    NonZeroU16::new(number).expect("a window has some size")
}

fn world(name: &str) -> World {
    World::seeded_with(
        name,
        &json!({ "groups": [{ "name": "general", "instance_type": "t3.medium", "min_size": 1, "max_size": 3 }], "zones": ["example.com"] }),
    )
}

fn titles(text: &str) -> usize {
    text.matches("Provisioning demo-dev-ecs-ab12").count()
}

#[test]
fn a_terminal_shows_a_tree_and_keeps_a_summary() {
    let world = world("tree");
    let gate = Gate::before(&world, "ecs:CreateCapacityProvider");
    let session = Session::start(&world, 24, 80, &[]);
    gate.wait();
    // The group's metrics may still be on their way when its provider is asked for.
    let shown = ["CapacityProvider general  CreateCapacityProvider", "✓", "└ AutoScalingGroup general  after CapacityProviders"];
    session.until(|text| shown.iter().all(|part| text.contains(part)) && titles(text) == 1);
    gate.open();
    let (text, bytes) = session.end();
    assert!(text.contains("\"capabilities\"") || text.contains("\"specs\""), "the artifact comes last\n{text}");
    assert!(bytes.contains("operations and ") && bytes.contains("the longest, "), "{bytes}");
    assert_eq!(titles(&text), 0, "the tree is gone\n{text}");
}

#[test]
fn a_small_window_and_one_that_changes_its_size_show_one_tree() {
    let world = world("small");
    let gate = Gate::before(&world, "ecs:CreateCapacityProvider");
    let session = Session::start(&world, 10, 40, &[]);
    gate.wait();
    session.until(|text| text.contains("CapacityProvider general") && text.contains("\nand ") && titles(text) == 1);
    for (rows, columns) in [(30, 100), (24, 60), (12, 90)] {
        session.resize(rows, columns);
        // The old frame, cut off, may be there for the time between two frames.
        session.until(|text| titles(text) == 1 && text.contains("CapacityProvider general  CreateC"));
    }
    gate.open();
    let (text, _) = session.end();
    assert_eq!(titles(&text), 0, "{text}");
}

#[test]
fn whoever_wants_no_colours_gets_plain_lines_on_a_terminal_too() {
    for (name, value) in [("NO_COLOR", "1"), ("CI", "true"), ("TERM", "dumb")] {
        let world = World::seeded_with("plain", &fargate_only());
        let (_, bytes) = Session::start(&world, 24, 80, &[(name, value)]).end();
        assert!(bytes.contains("CreateCluster"), "{bytes}");
        assert!(!bytes.contains("\u{1b}[?2026h") && !bytes.contains("Provisioning demo"), "{name}={value}\n{bytes}");
        assert!(!bytes.contains('\u{1b}'), "{name}={value}\n{bytes}");
        let line = bytes.lines().find(|line| line.contains("CreateCluster")).expect("a line");
        let (date, _) = line.split_once(' ').expect("words");
        assert!(date.parse::<jiff::Timestamp>().is_ok(), "{name}={value}: no date: {line}");
    }
}

#[test]
fn a_decommission_on_a_terminal_deletes_nothing_before_the_name_is_typed() {
    let world = provisioned("asked", &fargate_only());
    let question = "will be deleted. Type demo-dev-ecs-ab12 to go on:";
    let ask = || {
        let session = Session::of(&world, &["decommission"], (24, 100), &[]);
        session.until(|text| text.contains(question));
        session
    };
    let session = ask();
    session.press("yes\n");
    let (text, _) = session.end_with(1);
    assert!(text.contains("was not typed, so nothing was changed"), "{text}");
    let session = ask();
    session.press("\u{3}");
    assert!(session.end_with(130).0.contains("nothing was changed"));
    assert_ne!(world.leftovers(), [""; 0]);
    let session = ask();
    session.press("demo-dev-ecs-ab12\n");
    session.end();
    assert_eq!(world.leftovers(), [""; 0]);
    let (text, _) = Session::of(&world, &["decommission"], (24, 100), &[]).end();
    assert!(!text.contains(question), "nothing is left to ask about\n{text}");
}

#[test]
fn what_is_deployed_while_the_question_stands_is_not_deleted_for_an_older_plans_sake() {
    let world = provisioned("asked-long-ago", &fargate_only());
    let session = Session::of(&world, &["decommission"], (24, 100), &[]);
    session.until(|text| text.contains("to go on:"));
    world.create_service("web");
    session.press("demo-dev-ecs-ab12\n");
    let (text, _) = session.end_with(4);
    assert!(text.contains("service `web`") && text.contains("nothing was changed"), "{text}");
}

#[test]
fn whoever_says_yes_is_not_asked() {
    let world = provisioned("yes", &fargate_only());
    let (text, _) = Session::of(&world, &["decommission", "--yes"], (24, 100), &[]).end();
    assert!(!text.contains("to go on:"), "{text}");
    assert_eq!(world.leftovers(), [""; 0]);
}
