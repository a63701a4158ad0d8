//! Collects what differs between two sides of a resource, as (path, old, new).

use crate::model::tags::Tags;
use crate::plan::FieldChange;
use serde::Serialize;
use serde_json::Value;

#[derive(Debug, Default)]
pub struct Fields(pub Vec<FieldChange>);

impl Fields {
    /// Notes the field if the two sides differ, and says whether they do.
    pub fn compare<T: Serialize + PartialEq>(&mut self, path: &str, old: &T, new: &T) -> bool {
        let differs = old != new;
        if differs {
            self.note(path, old, new);
        }
        differs
    }

    pub fn note(&mut self, path: &str, old: &impl Serialize, new: &impl Serialize) {
        self.0.push(FieldChange { path: path.to_owned(), old: json(old), new: json(new) });
    }

    /// A field of what is to be made.
    #[must_use]
    pub fn with(mut self, path: &str, new: &impl Serialize) -> Self {
        self.note(path, &None::<()>, new);
        self
    }

    /// Notes every tag that `observed` lacks or holds with another value, and returns what has to be sent.
    ///
    /// Tags that only `observed` has are not ours to judge: AWS, the account's own tagging and people put them there.
    pub fn compare_tags(&mut self, observed: &Tags, desired: &Tags) -> Tags {
        let missing = desired.missing_from(observed);
        for (key, value) in &missing.0 {
            self.note(&format!("Tags.{key}"), &observed.value(key), value);
        }
        missing
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

fn json(value: &impl Serialize) -> Value {
    serde_json::to_value(value).unwrap_or(Value::Null)
}
