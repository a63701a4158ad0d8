//! What is wrong, or doubtful, with the inputs: where it stands, what it is, and what to do about it.

use schemars::JsonSchema;
use serde::{Serialize, Serializer};
use serde_json::Value;
use std::fmt;

/// How much of an offending value is shown, in characters.
const SHOWN: usize = 80;
/// How much of a pointer, which is as long as the names in it.
const SHOWN_OF_POINTER: usize = 400;

/// The file that a finding is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Document {
    Params,
    Connections,
    /// How the step that runs this bundle is set up.
    Config,
    /// What we are about to publish; a problem in it is ours, not the user's.
    Artifact,
}

impl fmt::Display for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Params => "params.json",
            Self::Connections => "connections.json",
            Self::Config => "config.json",
            Self::Artifact => "artifact.json",
        })
    }
}

impl Serialize for Document {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// What is wrong with the inputs, or doubtful.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct Problem {
    #[schemars(with = "String")]
    pub document: Document,
    /// A JSON pointer; empty for the whole document.
    pub pointer: String,
    /// The offending value as JSON, cut short; `None` when it is missing, not a scalar, or may hold a secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// What is wrong, to be read after the value.
    pub message: String,
    pub remedy: String,
}

/// Something to know before going on.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(transparent)]
pub struct Warning(pub Problem);

impl Problem {
    #[must_use]
    pub fn new(document: Document, pointer: impl Into<String>, message: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { document, pointer: pointer.into(), value: None, message: message.into(), remedy: remedy.into() }
    }

    /// The same problem showing `value`, unless it stands where a secret may stand.
    #[must_use]
    pub fn showing(mut self, value: &Value) -> Self {
        self.value = if may_hold_secret(self.document, &self.pointer) { None } else { shown(value) };
        self
    }

    /// The same showing a value of the wrong type, with the quotes that make text of it.
    #[must_use]
    pub fn showing_type(mut self, value: &Value) -> Self {
        self = self.showing(value);
        self.value = self.value.map(|shown| if value.is_string() { format!("\"{shown}\"") } else { shown });
        self
    }

    /// The same finding as something that need not stop the run.
    #[must_use]
    pub fn into_warning(self) -> Warning {
        Warning(self)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_place(f, self.document, &self.pointer, self.value.as_deref())?;
        write!(f, ": {}\n  {}", self.message, self.remedy)
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// `pointer` with one more token, escaped as RFC 6901 asks.
#[must_use]
pub fn below(pointer: &str, token: &str) -> String {
    format!("{pointer}/{}", token.replace('~', "~0").replace('/', "~1"))
}

fn write_place(f: &mut fmt::Formatter<'_>, document: Document, pointer: &str, value: Option<&str>) -> fmt::Result {
    write!(f, "{document}#{}", visible(pointer))?;
    value.map_or(Ok(()), |value| write!(f, " `{value}`"))
}

/// The names in a pointer are the writer's own, and must neither break the line nor command the terminal.
fn visible(pointer: &str) -> String {
    let letters = pointer.chars().map(|letter| if letter.is_control() { letter.escape_debug().to_string() } else { letter.to_string() });
    shortened(&letters.collect::<String>(), SHOWN_OF_POINTER)
}

/// The external id is a secret, and a mistyped `aws_authentication` could hold it anywhere but in the ARN's own place.
fn may_hold_secret(document: Document, pointer: &str) -> bool {
    let suspect = pointer.is_empty() || pointer.starts_with("/aws_authentication");
    document == Document::Connections && suspect && pointer != "/aws_authentication/data/arn"
}

fn shown(value: &Value) -> Option<String> {
    if value.is_object() || value.is_array() {
        return None;
    }
    let text = value.as_str().map_or_else(|| value.to_string(), |text| text.escape_debug().to_string());
    Some(shortened(&text, SHOWN))
}

fn shortened(text: &str, length: usize) -> String {
    match text.char_indices().nth(length) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.to_owned(),
    }
}
