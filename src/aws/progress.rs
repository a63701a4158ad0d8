//! What calls bring back to the engine: outputs of operations, and how far an awaited condition is.

use crate::model::properties::DnsRecord;
use crate::model::reference::Output;

/// What an operation or a wait brought to light.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Yield {
    Text(Output, String),
    Records(Vec<DnsRecord>),
}

/// How much a look at a condition may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// Whether it holds, and how far it is.
    Progress,
    /// And why it does not, from whatever can tell: the wait has been long, or ends here.
    Reasons,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    Done(Vec<Yield>),
    /// Not yet, and how far it is, for the reader.
    Pending(String),
    /// It never will, and why.
    Failed(String),
    /// AWS has come to rest on something else: somebody has undone what was done, which the next look tells.
    Undone(String),
}
