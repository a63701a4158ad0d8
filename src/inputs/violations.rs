//! Runs a JSON Schema over a document and says in plain words what each violation means.

use super::problem::{Document, Problem, below};
use super::suggest;
use jsonschema::error::{TypeKind, ValidationErrorKind};
use jsonschema::{Draft, ValidationError};
use serde_json::Value;

/// Every violation of `schema` by `instance`, the whole of `document`.
#[must_use]
pub fn find(document: Document, schema: &Value, instance: &Value) -> Vec<Problem> {
    let reader = Reader { document, schema };
    match jsonschema::options().with_draft(Draft::Draft7).build(schema) {
        Ok(validator) => validator.iter_errors(instance).flat_map(|error| reader.problems(&error)).collect(),
        Err(error) => vec![reader.defect(&error)],
    }
}

struct Reader<'a> {
    document: Document,
    schema: &'a Value,
}

impl Reader<'_> {
    fn problems(&self, error: &ValidationError) -> Vec<Problem> {
        match error.kind() {
            ValidationErrorKind::OneOfNotValid { context } => self.no_alternative(error, context),
            ValidationErrorKind::Required { property } => vec![self.missing(error, property)],
            ValidationErrorKind::PropertyNames { error: inner } => vec![self.bad_key(error, inner)],
            _ => vec![self.bad_value(error)],
        }
    }

    fn missing(&self, error: &ValidationError, property: &Value) -> Problem {
        let name = property.as_str().unwrap_or_default();
        let (message, remedy) = match name {
            "default_route53_hosted_zone" => ("is required when ingress is enabled", "choose a hosted zone, or disable ingress".to_owned()),
            "md_metadata" => ("is missing", "run with the params.json that the platform writes, which holds `md_metadata`".to_owned()),
            _ => ("is missing", format!("add `{name}`")),
        };
        Problem::new(self.document, below(error.instance_path().as_str(), name), message, remedy)
    }

    fn bad_key(&self, outer: &ValidationError, inner: &ValidationError) -> Problem {
        let key = inner.instance();
        let pointer = below(outer.instance_path().as_str(), key.as_str().unwrap_or_default());
        let (message, remedy) = self.wording(inner);
        Problem::new(self.document, pointer, format!("has a key that {message}"), remedy)
    }

    fn bad_value(&self, error: &ValidationError) -> Problem {
        let (message, remedy) = self.wording(error);
        let problem = Problem::new(self.document, error.instance_path().as_str(), message, remedy);
        match error.kind() {
            ValidationErrorKind::Type { .. } => problem.showing_type(error.instance()),
            _ => problem.showing(error.instance()),
        }
    }

    /// Either a list of choices, or branches of which a `const` says which one was meant: then that branch's violations are the news.
    fn no_alternative(&self, error: &ValidationError, branches: &[Vec<ValidationError<'static>>]) -> Vec<Problem> {
        let choices = self.choices(error);
        if choices.is_empty() {
            let (other, meant): (Vec<_>, Vec<_>) = branches.iter().partition(|errors| errors.iter().any(is_wrong_branch));
            if meant.is_empty() {
                // The switch is none of the choices, and reported for that: what stands beside it is judged as if it were meant.
                let beside = other.into_iter().flatten().filter(|error| !is_wrong_branch(error) && !is_missing(error));
                return beside.flat_map(|error| self.problems(error)).collect();
            }
            return meant.into_iter().flatten().flat_map(|error| self.problems(error)).collect();
        }
        // What is not even a string violates the `type` beside the choices, and is reported for that.
        let Some(chosen) = error.instance().as_str() else { return Vec::new() };
        let problem = Problem::new(self.document, error.instance_path().as_str(), "is not offered", suggest::remedy(chosen, &choices));
        vec![problem.showing(error.instance())]
    }

    fn choices(&self, error: &ValidationError) -> Vec<&str> {
        let alternatives = self.node(error).and_then(|node| node.get("oneOf")).and_then(Value::as_array);
        alternatives.into_iter().flatten().filter_map(|choice| choice.get("const")?.as_str()).collect()
    }

    fn wording(&self, error: &ValidationError) -> (String, String) {
        match error.kind() {
            ValidationErrorKind::Type { kind } => (format!("is not {}", expected(kind)), retyped(kind, error.instance())),
            ValidationErrorKind::Pattern { .. } => ("does not have the form that is needed".to_owned(), self.form(error)),
            ValidationErrorKind::Minimum { limit } => (format!("is less than {limit}"), format!("make it at least {limit}")),
            ValidationErrorKind::Maximum { limit } => (format!("is more than {limit}"), format!("make it at most {limit}")),
            ValidationErrorKind::MinItems { limit } => ("has too few entries".to_owned(), format!("give at least {limit}")),
            ValidationErrorKind::MaxProperties { limit } => ("has too many entries".to_owned(), format!("leave at most {limit}")),
            ValidationErrorKind::MinLength { limit: 1 } => ("is empty".to_owned(), "give it a value".to_owned()),
            ValidationErrorKind::MinLength { limit } => ("is too short".to_owned(), format!("use at least {limit} characters")),
            ValidationErrorKind::MaxLength { limit } => ("is too long".to_owned(), format!("use at most {limit} characters")),
            // The masked text names the rule and leaves the value out, which may be a secret.
            _ => (format!("breaks a rule: {}", error.masked()), "correct the value".to_owned()),
        }
    }

    /// What the form tells its user when the pattern beside it does not match.
    fn form(&self, error: &ValidationError) -> String {
        let message = self.node(error).and_then(|node| node.pointer("/message/pattern")).and_then(Value::as_str);
        message.map_or_else(|| "correct the value".to_owned(), lower_first)
    }

    /// The schema that holds the violated keyword.
    fn node(&self, error: &ValidationError) -> Option<&Value> {
        let (node, _keyword) = error.schema_path().as_str().rsplit_once('/')?;
        self.schema.pointer(node)
    }

    fn defect(&self, error: &ValidationError) -> Problem {
        let message = format!("cannot be checked, since the bundle's own schema is invalid: {}", error.masked());
        Problem::new(self.document, "", message, "report this as a defect of the bundle")
    }
}

fn is_wrong_branch(error: &ValidationError) -> bool {
    matches!(error.kind(), ValidationErrorKind::Constant { .. })
}

fn is_missing(error: &ValidationError) -> bool {
    matches!(error.kind(), ValidationErrorKind::Required { .. })
}

fn expected(kind: &TypeKind) -> &'static str {
    let TypeKind::Single(kind) = kind else { return "of the right type" };
    match kind.as_str() {
        "array" => "a list",
        "boolean" => "true or false",
        "integer" => "a whole number",
        "number" => "a number",
        "object" => "an object",
        "string" => "text in quotes",
        _ => "of the right type",
    }
}

/// What makes the value one of the right type; often it is a matter of quotes.
fn retyped(kind: &TypeKind, value: &Value) -> String {
    let is_number = |text: &str| text.trim().parse::<f64>().is_ok();
    match (expected(kind), value) {
        ("true or false", Value::String(_)) => "write true or false without quotes".to_owned(),
        ("a whole number" | "a number", Value::String(text)) if is_number(text) => "write the number without quotes".to_owned(),
        ("text in quotes", Value::Bool(_) | Value::Number(_)) => "put it in quotes".to_owned(),
        (expected, _) => format!("make it {expected}"),
    }
}

fn lower_first(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}
