//! The live view on a terminal: a thread that redraws the run's tree, while lines that stay are written above it.

use aws_ecs_cluster::engine::event::Event;
use aws_ecs_cluster::report::live::{Heading, Window, frame, summary};
use aws_ecs_cluster::report::record::Recording;
use crossterm::cursor::{MoveToColumn, MoveUp};
use crossterm::terminal::{BeginSynchronizedUpdate, Clear, ClearType, EndSynchronizedUpdate};
use crossterm::{queue, terminal};
use std::io::{Stderr, Write};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use unicode_width::UnicodeWidthStr;

/// Between two frames: often enough for the eye.
const TICK: Duration = Duration::from_millis(100);
/// Where the terminal does not tell its size.
const USUAL_WINDOW: Window = Window { columns: 80, rows: 24 };

#[derive(Debug)]
pub struct Live {
    sender: Sender<Message>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug)]
enum Message {
    Event(f64, Event),
    Line(String),
}

impl Live {
    /// Takes over the lower end of the terminal until it is dropped.
    pub fn start(heading: Heading, began: Instant) -> Self {
        let (sender, receiver) = channel();
        let thread =
            std::thread::spawn(move || Screen { heading, began, recording: Recording::default(), drawn: Vec::new() }.run(&receiver));
        Self { sender, thread: Some(thread) }
    }

    pub fn event(&self, at: f64, event: &Event) {
        // The thread ends with this side only.
        let _ = self.sender.send(Message::Event(at, event.clone()));
    }

    /// Writes a line that stays, above the tree.
    pub fn line(&self, line: &str) {
        let _ = self.sender.send(Message::Line(line.to_owned()));
    }
}

impl Drop for Live {
    /// Leaves the summary in the tree's place before anything else is written.
    fn drop(&mut self) {
        let (closed, _) = channel();
        self.sender = closed;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

struct Screen {
    heading: Heading,
    began: Instant,
    recording: Recording,
    /// The width of each line that is on the screen now.
    drawn: Vec<usize>,
}

impl Screen {
    fn run(mut self, receiver: &Receiver<Message>) {
        let mut due = Instant::now();
        loop {
            let mut above = Vec::new();
            match receiver.recv_timeout(due.saturating_duration_since(Instant::now())) {
                Ok(Message::Event(at, event)) => self.recording.note(at, &event),
                Ok(Message::Line(line)) => above.push(line),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            if !above.is_empty() || Instant::now() >= due {
                let lines = frame(&self.recording, &self.heading, window(), self.now());
                self.draw(&above, &lines);
                due = Instant::now() + TICK;
            }
        }
        let lines = summary(&self.recording, &self.heading, window(), self.now());
        self.draw(&[], &lines);
    }

    fn now(&self) -> f64 {
        self.began.elapsed().as_secs_f64()
    }

    /// A terminal that has gone away is no reason to stop the run.
    fn draw(&mut self, above: &[String], lines: &[String]) {
        let _ = self.try_draw(above, lines);
        self.drawn = lines.iter().map(|line| console_width(line)).collect();
    }

    /// Writes over what was drawn before: no blank screen in between, which would flicker.
    fn try_draw(&self, above: &[String], lines: &[String]) -> std::io::Result<()> {
        let mut out: Stderr = std::io::stderr();
        let mut text = Vec::new();
        queue!(text, BeginSynchronizedUpdate, MoveToColumn(0))?;
        let rows = self.rows_drawn(window().columns);
        if rows > 0 {
            queue!(text, MoveUp(rows))?;
        }
        if !above.is_empty() {
            queue!(text, Clear(ClearType::FromCursorDown))?;
        }
        for line in above.iter().chain(lines) {
            text.extend_from_slice(line.as_bytes());
            queue!(text, Clear(ClearType::UntilNewLine))?;
            text.extend_from_slice(b"\r\n");
        }
        queue!(text, Clear(ClearType::FromCursorDown), EndSynchronizedUpdate)?;
        out.write_all(&text)?;
        out.flush()
    }

    /// How many rows that takes now: a window that became narrower has wrapped what was wider.
    fn rows_drawn(&self, columns: usize) -> u16 {
        let rows: usize = self.drawn.iter().map(|width| width.div_ceil(columns.max(1)).max(1)).sum();
        u16::try_from(rows).unwrap_or(u16::MAX)
    }
}

fn window() -> Window {
    match terminal::size() {
        Ok((columns, rows)) if columns > 0 && rows > 0 => Window { columns: columns.into(), rows: rows.into() },
        _ => USUAL_WINDOW,
    }
}

/// Without the codes for colours, which take no room.
fn console_width(line: &str) -> usize {
    anstream::adapter::strip_str(line).to_string().width()
}
