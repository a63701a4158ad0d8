//! Tags: what we put on resources, what AWS adds by itself, and what proves that a resource is this instance's.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What resources are called in the console.
pub const NAME: &str = "Name";
/// Our own ownership tag; its value is the instance's name prefix.
pub const OWNER: &str = "md-name-prefix";
/// Set by ECS on the Auto Scaling group of an associated capacity provider; managed scaling breaks without it.
pub const ECS_MANAGED: &str = "AmazonECSManaged";

/// Whether a tag is put on resources for the bundle's and ECS's own sake.
#[must_use]
pub fn is_ours(key: &str) -> bool {
    matches!(key, OWNER | ECS_MANAGED)
}

/// Tag keys and values in key order. Keys are case-sensitive, as they are at AWS but for IAM.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Tags(pub BTreeMap<String, String>);

impl Tags {
    /// The tags that a resource called `name` carries: `Name`, the defaults (which win over `Name`), and the ownership tag (which wins over all).
    #[must_use]
    pub fn for_resource(name: &str, owner: &Owner, defaults: &Self) -> Self {
        let mut tags = BTreeMap::from([(NAME.to_owned(), name.to_owned())]);
        tags.extend(defaults.0.clone());
        tags.insert(OWNER.to_owned(), owner.name_prefix.clone());
        Self(tags)
    }

    #[must_use]
    pub fn with(mut self, key: &str, value: &str) -> Self {
        self.0.insert(key.to_owned(), value.to_owned());
        self
    }

    /// The tags in `self` that `observed` lacks or holds with another value: what a tagging call has to send.
    #[must_use]
    pub fn missing_from(&self, observed: &Self) -> Self {
        let differs = |(key, value): &(&String, &String)| observed.0.get(*key) != Some(*value);
        Self(self.0.iter().filter(differs).map(|(key, value)| (key.clone(), value.clone())).collect())
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    #[must_use]
    pub fn value(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(String::as_str)
    }
}

impl FromIterator<(String, String)> for Tags {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(pairs: I) -> Self {
        Self(pairs.into_iter().collect())
    }
}

/// Something that AWS shows with its tags, which tell whose it is.
pub trait Tagged {
    /// As AWS shows them.
    fn tags(&self) -> &Tags;
}

/// Whose resources we may touch: those of one Massdriver instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    pub name_prefix: String,
}

impl Owner {
    #[must_use]
    pub fn new(name_prefix: &str) -> Self {
        Self { name_prefix: name_prefix.to_owned() }
    }

    /// The instance's name without the four characters that the platform appends to make `name_prefix`.
    #[must_use]
    pub fn instance(&self) -> &str {
        self.name_prefix.rsplit_once('-').map_or(self.name_prefix.as_str(), |(instance, _)| instance)
    }

    /// Whether these tags prove that the resource is this instance's: our own tag, or those of the OpenTofu bundle of the same instance.
    #[must_use]
    pub fn owns(&self, tags: &Tags) -> bool {
        match tags.value(OWNER) {
            Some(prefix) => prefix == self.name_prefix,
            None => tags.value("managed-by") == Some("massdriver") && self.is_named_by(tags),
        }
    }

    /// The same of a resource that was found by its tags alone: `md-instance` leaves out the four characters that tell two instances of one name
    /// apart, so that the resource's name has to begin with the whole prefix, as every name of the OpenTofu bundle does.
    #[must_use]
    pub fn owns_named(&self, name: &str, tags: &Tags) -> bool {
        self.owns(tags) && (!self.is_by_instance(tags) || name.starts_with(&self.name_prefix))
    }

    /// Whether nothing but `md-instance` says whose the resource is.
    #[must_use]
    pub fn is_by_instance(&self, tags: &Tags) -> bool {
        tags.value(OWNER).is_none() && tags.value("md-package") != Some(self.name_prefix.as_str())
    }

    /// Every tag value that a resource of ours may carry as its proof, for searches by value.
    #[must_use]
    pub fn tag_values(&self) -> Vec<String> {
        vec![self.name_prefix.clone(), self.instance().to_owned()]
    }

    fn is_named_by(&self, tags: &Tags) -> bool {
        tags.value("md-package") == Some(self.name_prefix.as_str()) || tags.value("md-instance") == Some(self.instance())
    }
}
