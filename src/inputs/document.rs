//! From the bytes of a mounted file to JSON.

use super::problem::{Document, Problem, below};
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};
use std::cell::RefCell;
use std::fmt;

/// Some editors put it before the text; JSON does not allow it.
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";
/// The platform's files are some kilobytes long. What is far longer is a mistake, and is not worth the memory.
pub const MOST_BYTES: usize = 1 << 20;
/// Names written twice of which the reader is told; more of them are one mistake.
const MOST_REPEATS: usize = 20;

/// The object that `bytes` hold, or everything that keeps it from being one.
pub fn read(document: Document, bytes: &[u8]) -> Result<Value, Vec<Problem>> {
    let problem = |message: &str, remedy: &str| vec![Problem::new(document, "", message, remedy)];
    let text = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
    if text.len() > MOST_BYTES {
        return Err(problem("is longer than 1 MiB", "is it the right file? What this bundle reads is some kilobytes long"));
    }
    if text.trim_ascii().is_empty() {
        return Err(problem("is empty", "write a JSON object into it"));
    }
    let repeats = RefCell::new(Vec::new());
    // The error names line and column, and quotes nothing of the text.
    let value =
        value(text, &repeats).map_err(|error| problem(&format!("is not JSON: {error}"), "correct the syntax at that line and column"))?;
    let repeats: Vec<Problem> = repeats.take().into_iter().map(|pointer| repeated(document, pointer)).collect();
    match value {
        _ if !repeats.is_empty() => Err(repeats),
        Value::Object(_) => Ok(value),
        _ => Err(vec![not_an_object(document, &value)]),
    }
}

fn not_an_object(document: Document, value: &Value) -> Problem {
    Problem::new(document, "", "is not an object", "write a JSON object, which begins with `{`").showing(value)
}

fn repeated(document: Document, pointer: String) -> Problem {
    Problem::new(document, pointer, "is written twice", "keep one of the two: which of them counts must not be a guess")
}

fn value(text: &[u8], repeats: &RefCell<Vec<String>>) -> serde_json::Result<Value> {
    let mut reader = serde_json::Deserializer::from_slice(text);
    let value = Place { parent: None, token: Token::Whole, repeats }.deserialize(&mut reader)?;
    reader.end()?;
    Ok(value)
}

/// Where in the document a value stands. Pointers are only written out for names that are there twice: a copy for each value would cost a
/// hostile document nothing and us everything.
#[derive(Clone, Copy)]
struct Place<'a> {
    parent: Option<&'a Place<'a>>,
    token: Token<'a>,
    repeats: &'a RefCell<Vec<String>>,
}

#[derive(Clone, Copy)]
enum Token<'a> {
    Whole,
    Name(&'a str),
    Index(usize),
}

impl Place<'_> {
    fn pointer(&self) -> String {
        let parent = self.parent.map(Place::pointer).unwrap_or_default();
        match self.token {
            Token::Whole => parent,
            Token::Name(name) => below(&parent, name),
            Token::Index(index) => format!("{parent}/{index}"),
        }
    }

    fn note_repeat(&self) {
        let mut repeats = self.repeats.borrow_mut();
        if repeats.len() < MOST_REPEATS {
            repeats.push(self.pointer());
        }
    }
}

impl<'de> DeserializeSeed<'de> for Place<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Place<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, truth: bool) -> Result<Value, E> {
        Ok(Value::Bool(truth))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Value, E> {
        Ok(Number::from_f64(number).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Value, E> {
        Ok(text.into())
    }

    fn visit_string<E: Error>(self, text: String) -> Result<Value, E> {
        Ok(text.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut found = Vec::new();
        while let Some(item) = items.next_element_seed(Place { parent: Some(&self), token: Token::Index(found.len()), ..self })? {
            found.push(item);
        }
        Ok(Value::Array(found))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Value, A::Error> {
        let mut found = Map::new();
        while let Some(name) = fields.next_key::<String>()? {
            let place = Place { parent: Some(&self), token: Token::Name(&name), ..self };
            let value = fields.next_value_seed(place)?;
            if found.contains_key(&name) {
                place.note_repeat();
            }
            found.insert(name, value);
        }
        Ok(Value::Object(found))
    }
}
