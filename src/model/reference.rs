//! Identifiers that AWS hands out: either known already, or the promise of an operation that has yet to run.

use crate::model::address::Address;
use crate::model::properties::DnsRecord;
use serde::Serialize;
use std::collections::BTreeMap;

/// What an operation on a resource brings to light.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Output {
    Id,
    Arn,
    /// The number of a launch template version.
    Version,
    /// The DNS records by which ACM validates a certificate.
    Records,
}

/// An identifier in a planned operation's payload.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(untagged)]
pub enum Ref {
    Known(String),
    /// Filled in by the operation on this address that yields this output.
    Of(Address, Output),
}

impl Ref {
    pub fn known(id: impl Into<String>) -> Self {
        Self::Known(id.into())
    }

    /// The value that is known at planning time.
    #[must_use]
    pub fn as_known(&self) -> Option<&str> {
        match self {
            Self::Known(id) => Some(id),
            Self::Of(..) => None,
        }
    }
}

/// DNS records in a planned operation's payload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Records {
    Known(Vec<DnsRecord>),
    /// Those that ACM asks for to validate the certificate at this address.
    Of(Address),
}

/// What operations have brought to light in this round.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outputs {
    pub texts: BTreeMap<(Address, Output), String>,
    pub records: BTreeMap<Address, Vec<DnsRecord>>,
}

impl Outputs {
    /// The identifier itself; `None` when the operation that yields it has not run.
    #[must_use]
    pub fn resolve<'a>(&'a self, reference: &'a Ref) -> Option<&'a str> {
        match reference {
            Ref::Known(id) => Some(id),
            Ref::Of(address, output) => self.texts.get(&(address.clone(), *output)).map(String::as_str),
        }
    }

    #[must_use]
    pub fn records<'a>(&'a self, records: &'a Records) -> Option<&'a [DnsRecord]> {
        match records {
            Records::Known(known) => Some(known),
            Records::Of(address) => self.records.get(address).map(Vec::as_slice),
        }
    }
}
