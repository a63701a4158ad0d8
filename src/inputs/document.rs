//! From the bytes of a mounted file to JSON.

use super::problem::{Document, Problem};
use serde_json::Value;

/// Some editors put it before the text; JSON does not allow it.
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// The object that `bytes` hold.
pub fn read(document: Document, bytes: &[u8]) -> Result<Value, Problem> {
    let text = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
    if text.trim_ascii().is_empty() {
        return Err(Problem::new(document, "", "is empty", "write a JSON object into it"));
    }
    // The error names line and column, and quotes nothing of the text.
    let value: Value = serde_json::from_slice(text)
        .map_err(|error| Problem::new(document, "", format!("is not JSON: {error}"), "correct the syntax at that line and column"))?;
    if value.is_object() { Ok(value) } else { Err(not_an_object(document, &value)) }
}

fn not_an_object(document: Document, value: &Value) -> Problem {
    Problem::new(document, "", "is not an object", "write a JSON object, which begins with `{`").showing(value)
}
