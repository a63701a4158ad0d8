//! Whose resources a policy is for, as the ARN patterns that fit their names.

use crate::model::names;
use crate::model::tags::Owner;
use thiserror::Error;

/// The characters of a pattern that every name keeps, however it is shortened: of a load balancer's 32, a hyphen and eight digits are the hash.
const ALWAYS_KEPT: usize = 23;

/// One instance, by its name prefix, or all whose prefix fits a pattern such as `shop-*`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Whose {
    partition: String,
    prefix: String,
    instances: Vec<String>,
}

#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum NotAPrefix {
    #[error("`{0}` is neither a name prefix nor a pattern of one\nuse lower-case letters, digits and hyphens, and `*` for any others")]
    Prefix(String),
    #[error("`{0}` is no partition\nuse aws, aws-cn, aws-us-gov or another that begins with aws")]
    Partition(String),
}

impl Whose {
    /// Those of the partition whose name prefix fits.
    pub fn new(partition: &str, prefix: &str) -> Result<Self, NotAPrefix> {
        let plain = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-';
        if prefix.is_empty() || !prefix.chars().all(|letter| plain(letter) || letter == '*') {
            return Err(NotAPrefix::Prefix(prefix.to_owned()));
        }
        if !partition.starts_with("aws") || !partition.chars().all(plain) {
            return Err(NotAPrefix::Partition(partition.to_owned()));
        }
        Ok(Self { partition: partition.to_owned(), prefix: prefix.to_owned(), instances: instances(prefix) })
    }

    pub(super) fn prefix(&self) -> &str {
        &self.prefix
    }

    /// The names of the instances: the prefix without what the platform appends to them.
    pub(super) fn instances(&self) -> &[String] {
        &self.instances
    }

    pub(super) fn arn(&self, rest: &str) -> String {
        format!("arn:{}:{rest}", self.partition)
    }

    pub(super) fn role(&self) -> String {
        self.arn(&format!("iam::*:role/{}", self.named(names::role)))
    }

    pub(super) fn profile(&self) -> String {
        self.arn(&format!("iam::*:instance-profile/{}", self.named(names::instance_profile)))
    }

    /// Auto Scaling groups.
    pub(super) fn groups(&self) -> String {
        let name = if self.prefix.contains('*') { self.named(str::to_owned) } else { format!("{}-*", self.prefix) };
        self.arn(&format!("autoscaling:*:*:autoScalingGroup:*:autoScalingGroupName/{name}"))
    }

    pub(super) fn cluster(&self) -> String {
        self.arn(&format!("ecs:*:*:cluster/{}", self.prefix))
    }

    pub(super) fn container_instances(&self) -> String {
        self.arn(&format!("ecs:*:*:container-instance/{}/*", self.prefix))
    }

    pub(super) fn load_balancer(&self) -> String {
        self.arn(&format!("elasticloadbalancing:*:*:loadbalancer/app/{}/*", self.named(names::load_balancer)))
    }

    pub(super) fn listeners(&self) -> String {
        self.arn(&format!("elasticloadbalancing:*:*:listener/app/{}/*", self.named(names::load_balancer)))
    }

    /// The name that a kind of resource is given, or what its names have in common.
    fn named(&self, name: impl Fn(&str) -> String) -> String {
        let Some((literal, _)) = self.prefix.split_once('*') else { return name(&self.prefix) };
        let kept: String = literal.chars().take(ALWAYS_KEPT).collect();
        // A beginning that the service reserves is replaced, so that nothing is left in common.
        if name(&kept) == kept { format!("{kept}*") } else { "*".to_owned() }
    }
}

/// A pattern may end before the letters that tell prefix and instance apart, or stand for them: both readings are meant.
fn instances(prefix: &str) -> Vec<String> {
    let trimmed = Owner::new(prefix).instance().to_owned();
    let whole = (prefix.contains('*') && prefix != trimmed).then(|| prefix.to_owned());
    whole.into_iter().chain([trimmed]).collect()
}
