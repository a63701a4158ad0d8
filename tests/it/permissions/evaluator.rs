//! IAM's rules for a policy and a request, as far as our policies need them: effects, wildcards, conditions.

use crate::properties::config;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What AWS has to decide on: one action on one resource, with what it knows about the request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ask {
    pub action: String,
    pub resource: String,
    /// Condition keys in lower case, since IAM knows no upper case in them.
    pub context: BTreeMap<String, Vec<String>>,
}

impl Ask {
    pub fn new(action: &str, resource: &str) -> Self {
        Self { action: action.to_owned(), resource: resource.to_owned(), context: BTreeMap::new() }
    }

    pub fn with(mut self, key: &str, value: &str) -> Self {
        self.context.entry(key.to_ascii_lowercase()).or_default().push(value.to_owned());
        self
    }
}

/// A statement that denies decides alone; without one, any that allows will do.
pub fn allows(policy: &Value, ask: &Ask) -> bool {
    let applying = |effect: &str| {
        policy["Statement"].as_array().into_iter().flatten().any(|statement| statement["Effect"] == effect && applies(statement, ask))
    };
    !applying("Deny") && applying("Allow")
}

fn applies(statement: &Value, ask: &Ask) -> bool {
    let action = ask.action.to_ascii_lowercase();
    list(&statement["Action"]).iter().any(|pattern| like(&pattern.to_ascii_lowercase(), &action))
        && list(&statement["Resource"]).iter().any(|pattern| like(pattern, &ask.resource))
        && conditions(&statement["Condition"], ask)
}

fn conditions(condition: &Value, ask: &Ask) -> bool {
    condition.as_object().into_iter().flatten().all(|(operator, keys)| {
        let keys = keys.as_object().expect("condition keys");
        keys.iter().all(|(key, wanted)| holds(operator, ask.context.get(&key.to_ascii_lowercase()), &list(wanted)))
    })
}

fn holds(operator: &str, found: Option<&Vec<String>>, wanted: &[String]) -> bool {
    if operator == "Null" {
        return wanted == [if found.is_none() { "true" } else { "false" }];
    }
    let (quantifier, operator) = operator.split_once(':').unwrap_or(("", operator));
    let found = found.map_or(&[][..], Vec::as_slice);
    let fits = |value: &String| wanted.iter().any(|wanted| compare(operator, wanted, value));
    match quantifier {
        "ForAllValues" => found.iter().all(fits),
        "ForAnyValue" | "" => found.iter().any(fits),
        other => panic!("nobody has taught the evaluator `{other}`"),
    }
}

fn compare(operator: &str, wanted: &str, value: &str) -> bool {
    match operator {
        "StringEquals" => wanted == value,
        "StringLike" => like(wanted, value),
        // AWS treats the two alike, part by part.
        "ArnEquals" | "ArnLike" => {
            let (wanted, value): (Vec<_>, Vec<_>) = (wanted.splitn(6, ':').collect(), value.splitn(6, ':').collect());
            wanted.len() == 6 && value.len() == 6 && wanted.iter().zip(value).all(|(wanted, value)| like(wanted, value))
        }
        other => panic!("nobody has taught the evaluator `{other}`"),
    }
}

/// Whether the text fits the pattern, in which `*` stands for any letters and `?` for one.
pub fn like(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    // reached[n]: the pattern so far fits the first n letters.
    let mut reached = vec![false; text.len() + 1];
    reached[0] = true;
    for letter in pattern {
        let mut next = vec![false; text.len() + 1];
        for place in 0..=text.len() {
            let before = place.checked_sub(1);
            next[place] = match letter {
                '*' => reached[place] || before.is_some_and(|before| next[before]),
                '?' => before.is_some_and(|before| reached[before]),
                letter => before.is_some_and(|before| reached[before] && text[before] == letter),
            };
        }
        reached = next;
    }
    reached[text.len()]
}

fn list(value: &Value) -> Vec<String> {
    match value {
        Value::Array(values) => values.iter().map(|value| value.as_str().expect("text").to_owned()).collect(),
        Value::String(text) => vec![text.clone()],
        other => panic!("neither text nor a list: {other}"),
    }
}

/// The same question asked letter by letter, for comparison.
fn like_by_trying(pattern: &[char], text: &[char]) -> bool {
    match pattern.split_first() {
        None => text.is_empty(),
        Some(('*', rest)) => (0..=text.len()).any(|skipped| like_by_trying(rest, &text[skipped..])),
        Some(('?', rest)) => !text.is_empty() && like_by_trying(rest, &text[1..]),
        Some((letter, rest)) => text.first() == Some(letter) && like_by_trying(rest, &text[1..]),
    }
}

fn statement(effect: &str, action: &str, resource: &str, condition: &Value) -> Value {
    json!({ "Effect": effect, "Action": [action], "Resource": resource, "Condition": condition })
}

fn document(statements: &[Value]) -> Value {
    json!({ "Statement": statements })
}

/// Few letters, so that patterns and texts often meet.
fn words() -> impl Strategy<Value = String> {
    "[ab:]{0,6}"
}

fn statements() -> impl Strategy<Value = Value> {
    let condition = prop_oneof![
        Just(json!({})),
        "[ab*?]{0,3}".prop_map(|wanted| json!({ "StringLike": { "k": wanted } })),
        "[ab]{0,2}".prop_map(|wanted| json!({ "StringEquals": { "k": wanted } })),
        "[ab*]{0,2}".prop_map(|wanted| json!({ "ForAllValues:StringLike": { "k": [wanted] } })),
        Just(json!({ "Null": { "k": "true" } })),
    ];
    (prop_oneof!["Allow", "Deny"], "[ab*]{0,3}", "[ab*]{0,3}", condition)
        .prop_map(|(effect, action, resource, condition)| statement(&effect, &action, &resource, &condition))
}

fn asks() -> impl Strategy<Value = Ask> {
    ("[ab]{0,3}", "[ab]{0,3}", proptest::collection::vec("[ab]{0,2}", 0..3))
        .prop_map(|(action, resource, values)| values.iter().fold(Ask::new(&action, &resource), |ask, value| ask.with("K", value)))
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn wildcards_fit_what_trying_every_way_fits(pattern in "[ab:*?]{0,7}", text in words()) {
        let letters = |text: &str| text.chars().collect::<Vec<_>>();
        prop_assert_eq!(like(&pattern, &text), like_by_trying(&letters(&pattern), &letters(&text)));
    }

    #[test]
    fn a_pattern_without_wildcards_fits_itself_alone(pattern in words(), text in words()) {
        prop_assert_eq!(like(&pattern, &text), pattern == text);
        prop_assert!(like("*", &text));
    }

    #[test]
    fn a_denial_decides_and_one_more_permission_takes_nothing_away(
        statements in proptest::collection::vec(statements(), 0..5), more in statements(), ask in asks(),
    ) {
        let before = allows(&document(&statements), &ask);
        let after = allows(&document(&[statements, vec![more.clone()]].concat()), &ask);
        match more["Effect"].as_str() {
            Some("Allow") => prop_assert!(after || !before),
            _ => prop_assert!(before || !after),
        }
    }

    #[test]
    fn what_aws_does_not_supply_fits_no_condition_but_that_it_is_missing(action in "[ab]{1,3}", wanted in "[ab*]{0,3}") {
        let ask = Ask::new(&action, "r");
        let judged = |condition: Value| allows(&document(&[statement("Allow", "*", "*", &condition)]), &ask);
        for operator in ["StringEquals", "StringLike", "ArnLike", "ForAnyValue:StringLike"] {
            let fits = judged(json!({ operator: { "k": wanted } }));
            prop_assert!(!fits, "{} fits", operator);
        }
        let (all, missing) = (judged(json!({ "ForAllValues:StringLike": { "k": wanted } })), judged(json!({ "Null": { "k": "true" } })));
        let present = judged(json!({ "Null": { "k": "false" } }));
        prop_assert_eq!([all, missing, present], [true, true, false]);
    }
}

#[test]
fn arns_are_compared_part_by_part() {
    let fits = |wanted: &str, value: &str| compare("ArnEquals", wanted, value);
    assert!(fits("arn:aws:iam::aws:policy/*", "arn:aws:iam::aws:policy/service-role/X"));
    assert!(!fits("arn:*:policy/X", "arn:aws:iam::aws:policy/X"), "a star does not reach over a colon");
    assert!(!fits("arn:aws:iam::aws:policy/X", "arn:aws:iam::1:policy/X"));
}
