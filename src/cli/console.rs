//! Where a command writes: data to stdout, everything else to stderr. Everything that is said is kept for the run's report too.

use crate::cli::args::Format;
use crate::cli::exit::Stop;
use crate::cli::live::Live;
use crate::cli::session::Survey;
use anstream::{AutoStream, ColorChoice};
use anyhow::anyhow;
use aws_ecs_cluster::engine::event::{Event, Importance};
use aws_ecs_cluster::inputs::{Identity, Warning};
use aws_ecs_cluster::massdriver::config::LogLevel;
use aws_ecs_cluster::plan::Goal;
use aws_ecs_cluster::policy::Verdict;
use aws_ecs_cluster::report::dossier::Dossier;
use aws_ecs_cluster::report::line::{Line, Said, Word};
use aws_ecs_cluster::report::live::Heading;
use aws_ecs_cluster::report::{log, plan_text, policy_text};
use jiff::Timestamp;
use std::cell::{Ref, RefCell};
use std::io::{ErrorKind, IsTerminal, Write};
use std::time::Instant;

#[derive(Debug)]
pub struct Console {
    pub format: Format,
    level: LogLevel,
    pub began: Instant,
    /// Whether stderr can show a tree that moves.
    lively: bool,
    stdout: ColorChoice,
    stderr: ColorChoice,
    /// The live view, while there is one.
    live: RefCell<Option<Live>>,
    dossier: RefCell<Dossier>,
}

impl Console {
    pub fn new(format: Format, level: LogLevel) -> Self {
        let began = Timestamp::now().strftime("%Y-%m-%d %H:%M:%S UTC").to_string();
        let stderr = colours(&std::io::stderr());
        Self {
            format,
            level,
            began: Instant::now(),
            lively: stderr == ColorChoice::Always && std::env::var_os("TERM").is_some(),
            stdout: colours(&std::io::stdout()),
            stderr,
            live: RefCell::new(None),
            dossier: RefCell::new(Dossier { began, ..Dossier::default() }),
        }
    }

    /// Writes data to stdout as it is. A reader that has gone away is no failure of ours; anything else that keeps it from being written is one.
    pub fn data(&self, text: &str) -> Result<(), Stop> {
        self.settle();
        let mut out = AutoStream::new(std::io::stdout().lock(), self.stdout);
        match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
            Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(Stop::Failed(anyhow!(
                "the result could not be written to stdout: {error}\nmake room for it or send it elsewhere, then run this again: what was done stands"
            ))),
            _ => Ok(()),
        }
    }

    /// Shows the run as a tree that moves, where somebody can watch it. A trace of calls would tear it apart.
    pub fn watch(&self, heading: Heading) {
        let wanted = self.format == Format::Text && self.level.shows(Importance::Info) && !tracing::enabled!(tracing::Level::DEBUG);
        if self.lively && wanted {
            self.live.replace(Some(Live::start(heading, self.began)));
        }
    }

    /// Ends the live view, if there is one, leaving its summary.
    pub fn settle(&self) {
        self.live.replace(None);
    }

    /// Reports progress: a plain line with the elapsed time, with the date too where no tree can be shown, or a JSON object.
    pub fn event(&self, event: &Event) {
        let at = self.began.elapsed().as_secs_f64();
        self.dossier.borrow_mut().recording.note(at, event);
        if let Some(live) = &*self.live.borrow() {
            live.event(at, event);
            // What a tree cannot keep stays as a line above it.
            if !matches!(event, Event::Failed { .. } | Event::Overtaken { .. } | Event::Warning { .. }) {
                return;
            }
        }
        if !self.level.shows(event.importance()) {
            return;
        }
        match self.format {
            Format::Json => self.json(Said::Event(event)),
            Format::Text | Format::TerraformPlan => {
                if let Some(line) = log::line(event) {
                    self.error_line(&format!("{}{line}", self.time()));
                }
            }
        }
    }

    /// Says what is no event of the engine's.
    pub fn say(&self, word: &Word) {
        self.dossier.borrow_mut().say(word);
        if !self.level.shows(word.importance()) {
            return;
        }
        match (self.format, word) {
            (Format::Json, word) => self.json(Said::Word(word)),
            (_, Word::Run { .. } | Word::Call { .. }) => {}
            (_, Word::Note { message }) => self.error_line(&format!("{}{message}", self.time())),
            (_, Word::InputsWarning(warning)) => self.error_line(&format!("{}{}", self.time(), log::warning(warning))),
            (_, Word::Finished(finished)) => self.error_line(&log::finished(finished, self.began.elapsed().as_secs_f64())),
            (format, Word::Error { message, refusals, .. }) => {
                self.settle();
                // As text a plan has told its refusals on stdout.
                let told = format == Format::Text && !refusals.is_empty() && self.dossier.borrow().command == "plan";
                let message = if told { plan_text::refused_in_short(refusals) } else { plan_text::coloured(message) };
                self.error_line(&message);
            }
        }
    }

    /// Keeps for the report how the run ends, before it is said.
    pub fn conclude(&self, word: &Word) {
        self.dossier.borrow_mut().say(word);
    }

    /// Says what a run has come to that had a goal.
    pub fn finish(&self) {
        let finished = self.dossier.borrow().finished();
        if let Some(finished) = finished {
            self.say(&Word::Finished(finished));
        }
    }

    /// Something that is good to know and no event.
    pub fn note(&self, text: &str) {
        self.say(&Word::Note { message: text.to_owned() });
    }

    /// What the policy rules come to. The report has a section for them, so this is none of its notes.
    pub fn policy(&self, verdicts: &[Verdict]) {
        let word = Word::Note { message: policy_text::summary(verdicts) };
        if !self.level.shows(word.importance()) {
            return;
        }
        match self.format {
            Format::Json => self.json(Said::Word(&word)),
            Format::Text | Format::TerraformPlan => self.error_line(&format!("{}{}", self.time(), policy_text::painted_summary(verdicts))),
        }
    }

    pub fn warning(&self, warning: &Warning) {
        self.say(&Word::InputsWarning(warning.clone()));
    }

    /// Keeps for the report what the run is to come to.
    pub fn pursue(&self, goal: Goal) {
        self.dossier.borrow_mut().goal = Some(goal);
    }

    /// Keeps for the report what the run is about.
    pub fn aim_at(&self, identity: &Identity) {
        self.dossier.borrow_mut().target = Some((identity.owner.name_prefix.clone(), identity.region.clone()));
    }

    /// Keeps for the report what the run sets out to do.
    pub fn keep(&self, survey: &Survey) {
        let mut dossier = self.dossier.borrow_mut();
        dossier.plan = Some(survey.plan.clone());
        dossier.verdicts.clone_from(&survey.verdicts);
    }

    /// Everything that is known of the run by now.
    pub fn dossier(&self) -> Ref<'_, Dossier> {
        self.dossier.borrow_mut().elapsed = self.began.elapsed().as_secs_f64();
        self.dossier.borrow()
    }

    /// Something of several lines that is good to know, for people.
    pub fn information(&self, text: &str) {
        if self.level.shows(Importance::Info) {
            self.error_line(text.trim_end());
        }
    }

    /// Whether a plan is shown to people before it is carried out.
    pub fn shows_plans(&self) -> bool {
        self.format != Format::Json && self.level.shows(Importance::Info)
    }

    pub fn error_line(&self, line: &str) {
        if let Some(live) = &*self.live.borrow() {
            return live.line(line);
        }
        let mut out = AutoStream::new(std::io::stderr().lock(), self.stderr);
        let _ = writeln!(out, "{line}");
    }

    fn json(&self, said: Said<'_>) {
        let line = Line { said, time: Timestamp::now().to_string(), run_elapsed: self.began.elapsed().as_secs_f64() };
        self.error_line(&serde_json::to_string(&line).unwrap_or_default());
    }

    fn time(&self) -> String {
        let elapsed = self.began.elapsed().as_secs_f64();
        if self.lively {
            format!("{elapsed:7.1}s  ")
        } else {
            format!("{} {elapsed:7.1}s  ", Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ"))
        }
    }
}

/// Colours only where a terminal shows them and nobody has asked for none.
fn colours(stream: &impl IsTerminal) -> ColorChoice {
    let unwanted = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let dumb = std::env::var_os("TERM").is_some_and(|terminal| terminal == "dumb");
    if stream.is_terminal() && !dumb && !unwanted("NO_COLOR") && !unwanted("CI") { ColorChoice::Always } else { ColorChoice::Never }
}
