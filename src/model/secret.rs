//! A string that must never be shown: it has no `Display`, and its `Debug` hides the value.

use crate::model::quoted::without_controls;
use serde::Deserialize;
use std::fmt;

/// An external id, token or key. The only way to its value is [`Secret::expose`], so every use can be found by name.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    #[must_use]
    pub fn new(value: String) -> Self {
        Self(value)
    }

    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A text of one line with the value left out, wherever it stands.
    #[must_use]
    pub fn hide_in(&self, line: &str) -> String {
        let value = without_controls(&self.0);
        let value = value.trim();
        if value.is_empty() { line.to_owned() } else { line.replace(value, "[secret]") }
    }

    /// The value itself, for the one call that needs it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}
