//! What calls bring back to the engine: outputs of operations, and how far an awaited condition is.

use crate::model::properties::DnsRecord;
use crate::model::reference::Output;

/// What an operation or a wait brought to light.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Yield {
    Text(Output, String),
    Records(Vec<DnsRecord>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    Done(Vec<Yield>),
    /// Not yet, and how far it is, for the reader.
    Pending(String),
    /// It never will, and why.
    Failed(String),
}
