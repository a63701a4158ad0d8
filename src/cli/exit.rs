//! The exit statuses, and what brings a run to a stop before it is done.

use aws_ecs_cluster::engine::converge::Unconverged;
use aws_ecs_cluster::inputs::Problem;
use aws_ecs_cluster::plan::Goal;
use aws_ecs_cluster::report::ending::{explain, late};
use aws_ecs_cluster::report::line::Word;
use std::process::ExitCode;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    Done = 0,
    Failed = 1,
    Invalid = 2,
    Pending = 3,
    Refused = 4,
    Interrupted = 130,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Why a command ended early.
#[derive(Debug)]
pub enum Stop {
    /// The inputs are wrong; nothing was touched.
    Invalid(Vec<Problem>),
    /// The command was called wrongly; nothing was touched.
    Usage(anyhow::Error),
    Failed(anyhow::Error),
    /// Before anything was started.
    Interrupted,
    /// After everything that leads to the goal, while the platform did not answer.
    Late(Goal),
    Unconverged {
        ending: Box<Unconverged>,
        region: String,
    },
}

impl From<anyhow::Error> for Stop {
    fn from(error: anyhow::Error) -> Self {
        Self::Failed(error)
    }
}

impl Stop {
    pub fn exit(&self) -> Exit {
        match self {
            Self::Invalid(_) | Self::Usage(_) => Exit::Invalid,
            Self::Failed(_) => Exit::Failed,
            Self::Interrupted | Self::Late(_) => Exit::Interrupted,
            Self::Unconverged { ending, .. } => match **ending {
                Unconverged::Refused(..) => Exit::Refused,
                Unconverged::Interrupted(..) => Exit::Interrupted,
                Unconverged::Failed(..) | Unconverged::Unknown(_) | Unconverged::Stuck(..) => Exit::Failed,
            },
        }
    }

    /// What is said of it at the end.
    pub fn word(&self) -> Word {
        let problems = if let Self::Invalid(problems) = self { problems.clone() } else { Vec::new() };
        let refusals = match self {
            Self::Unconverged { ending, .. } => {
                if let Unconverged::Refused(plan, _) = &**ending {
                    plan.refusals.clone()
                } else {
                    Vec::new()
                }
            }
            _ => Vec::new(),
        };
        Word::Error { exit_status: self.exit() as u8, message: self.text(), problems, refusals }
    }

    fn text(&self) -> String {
        match self {
            Self::Invalid(problems) => {
                let each: Vec<String> = problems.iter().map(ToString::to_string).collect();
                let noun = if problems.len() == 1 { "problem" } else { "problems" };
                format!("error: {} {noun} in the inputs; nothing was touched\n{}", problems.len(), each.join("\n"))
            }
            // The chain is told once, here.
            Self::Usage(error) | Self::Failed(error) => format!("error: {error:#}"),
            Self::Interrupted => "interrupted; nothing was changed".to_owned(),
            Self::Late(goal) => late(*goal),
            // Each refusal says by itself that it is one, and an interrupt is no error of anybody's.
            Self::Unconverged { ending, region } if matches!(**ending, Unconverged::Refused(..) | Unconverged::Interrupted(..)) => {
                explain(ending, region)
            }
            Self::Unconverged { ending, region } => format!("error: {}", explain(ending, region)),
        }
    }
}
