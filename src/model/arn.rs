//! Amazon Resource Names, split at their first five colons.

use std::fmt;
use std::str::FromStr;
use thiserror::Error;

/// `arn:partition:service:region:account:resource`; region and account may be empty, the resource may hold colons and slashes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Arn {
    pub partition: String,
    pub service: String,
    pub region: String,
    pub account: String,
    pub resource: String,
}

#[derive(Debug, Error, PartialEq, Eq)]
#[error("`{0}` is not an ARN (arn:partition:service:region:account:resource)")]
pub struct NotAnArn(pub String);

impl Arn {
    /// What follows `kind/` in the resource part: the `vpc-1` of `vpc/vpc-1`.
    #[must_use]
    pub fn resource_id(&self, kind: &str) -> Option<&str> {
        let id = self.resource.strip_prefix(kind)?.strip_prefix('/')?;
        (!id.is_empty()).then_some(id)
    }
}

impl FromStr for Arn {
    type Err = NotAnArn;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut parts = text.splitn(6, ':');
        let mut next = || parts.next().map(str::to_owned);
        match (next(), next(), next(), next(), next(), next()) {
            (Some(arn), Some(partition), Some(service), Some(region), Some(account), Some(resource))
                if arn == "arn" && partition.starts_with("aws") && !service.is_empty() && !resource.is_empty() =>
            {
                Ok(Self { partition, service, region, account, resource })
            }
            _ => Err(NotAnArn(text.to_owned())),
        }
    }
}

impl fmt::Display for Arn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { partition, service, region, account, resource } = self;
        write!(f, "arn:{partition}:{service}:{region}:{account}:{resource}")
    }
}
