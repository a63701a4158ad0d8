//! Colours. The texts read the same without them; the printer strips them where they do not belong.

use crate::plan::ChangeAction;
use anstyle::{AnsiColor, Style};
use std::fmt::Display;

pub const GREEN: Style = AnsiColor::Green.on_default();
pub const YELLOW: Style = AnsiColor::Yellow.on_default();
pub const RED: Style = AnsiColor::Red.on_default();
pub const DIM: Style = Style::new().dimmed();
pub const BOLD: Style = Style::new().bold();

pub fn paint(style: Style, text: impl Display) -> String {
    format!("{style}{text}{style:#}")
}

/// The sign before a resource in a plan, and its colour.
pub const fn sign(action: ChangeAction) -> (&'static str, Style) {
    match action {
        ChangeAction::Create => ("+", GREEN),
        ChangeAction::Update => ("~", YELLOW),
        ChangeAction::Replace => ("±", RED),
        ChangeAction::Delete => ("-", RED),
        ChangeAction::None => ("=", DIM),
        ChangeAction::Wait => ("…", DIM),
        ChangeAction::Unknown => ("?", RED),
    }
}
