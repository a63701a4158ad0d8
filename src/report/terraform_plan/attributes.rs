//! The attributes of one resource, and the three views that a plan of Terraform has of them: values, what is unknown, and where values come from.

use crate::model::tags::Tags;
use serde_json::{Map, Value, json};

/// What one attribute is set to.
#[derive(Clone, Debug, PartialEq)]
pub enum Attribute {
    Constant(Value),
    /// Taken from another resource: its value, where that is known already, and the attribute that it comes from.
    Reference {
        value: Option<Value>,
        from: String,
    },
    /// What AWS hands out, which nobody sets.
    Computed(Option<String>),
    /// Nested blocks.
    Blocks(Vec<Attributes>),
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Attributes(Vec<(&'static str, Attribute)>);

impl Attributes {
    pub fn set(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.0.push((name, Attribute::Constant(value.into())));
        self
    }

    /// An attribute that is the `from` of another resource, such as `aws_lb.main.arn`.
    pub fn refer(mut self, name: &'static str, value: Option<&str>, from: &str) -> Self {
        self.0.push((name, Attribute::Reference { value: value.map(Value::from), from: from.to_owned() }));
        self
    }

    /// The same for a list, which is not known while it is empty.
    pub fn refer_in_list(mut self, name: &'static str, values: &[&str], from: &str) -> Self {
        let value = (!values.is_empty()).then(|| json!(values));
        self.0.push((name, Attribute::Reference { value, from: from.to_owned() }));
        self
    }

    pub fn computed(mut self, name: &'static str, value: Option<&str>) -> Self {
        self.0.push((name, Attribute::Computed(value.map(str::to_owned))));
        self
    }

    pub fn block(self, name: &'static str, block: Self) -> Self {
        self.blocks(name, vec![block])
    }

    pub fn blocks(mut self, name: &'static str, blocks: Vec<Self>) -> Self {
        self.0.push((name, Attribute::Blocks(blocks)));
        self
    }

    pub fn tags(self, tags: &Tags) -> Self {
        self.set("tags", json!(tags)).computed_tags(tags)
    }

    /// The provider fills `tags_all` from the tags and its own defaults, of which there are none.
    fn computed_tags(mut self, tags: &Tags) -> Self {
        self.0.push(("tags_all", Attribute::Constant(json!(tags))));
        self
    }

    /// The same without the tags that `after` does not have: others have added them, and they stay.
    pub fn with_tags_of(mut self, after: &Self) -> Self {
        for (name, attribute) in self.0.iter_mut().filter(|(name, _)| ["tags", "tags_all", "tag"].contains(name)) {
            let wanted = after.0.iter().find(|(other, _)| other == name);
            match (attribute, wanted.map(|(_, wanted)| wanted)) {
                (Attribute::Constant(Value::Object(tags)), Some(Attribute::Constant(wanted))) => {
                    tags.retain(|key, _| wanted.get(key).is_some());
                }
                // An Auto Scaling group has a block for each, which begins with the key.
                (Attribute::Blocks(tags), Some(Attribute::Blocks(wanted))) => {
                    tags.retain(|tag| wanted.iter().any(|other| other.0.first() == tag.0.first()));
                }
                _ => {}
            }
        }
        self
    }

    /// What is known.
    pub fn values(&self) -> Value {
        self.map(|attribute| match attribute {
            Attribute::Constant(value) => Some(value.clone()),
            Attribute::Reference { value, .. } => value.clone(),
            Attribute::Computed(value) => value.clone().map(Value::from),
            Attribute::Blocks(blocks) => Some(blocks.iter().map(Self::values).collect()),
        })
    }

    /// True for each attribute that is known only once the plan is carried out.
    pub fn unknown(&self) -> Value {
        self.map(|attribute| match attribute {
            Attribute::Constant(_) => None,
            Attribute::Reference { value, .. } => value.is_none().then_some(Value::Bool(true)),
            Attribute::Computed(value) => value.is_none().then_some(Value::Bool(true)),
            Attribute::Blocks(blocks) => Some(blocks.iter().map(Self::unknown).collect()),
        })
    }

    /// As a configuration would set them.
    pub fn expressions(&self) -> Value {
        self.map(|attribute| match attribute {
            Attribute::Constant(value) => Some(json!({ "constant_value": value })),
            Attribute::Reference { from, .. } => {
                let resource = from.rsplit_once('.').map_or(from.as_str(), |(resource, _)| resource);
                Some(json!({ "references": [from, resource] }))
            }
            Attribute::Computed(_) => None,
            Attribute::Blocks(blocks) => Some(blocks.iter().map(Self::expressions).collect()),
        })
    }

    fn map(&self, view: impl Fn(&Attribute) -> Option<Value>) -> Value {
        let seen = self.0.iter().filter_map(|(name, attribute)| Some(((*name).to_owned(), view(attribute)?)));
        Value::Object(seen.collect::<Map<_, _>>())
    }
}
