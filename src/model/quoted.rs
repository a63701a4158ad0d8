//! What others say, made fit to be shown.

use crate::model::secret::Secret;

/// How much of one answer is shown, in characters. AWS's longest are encoded reasons of a denial, of about a thousand.
const LONGEST: usize = 2000;
/// Services that find a signature wrong repeat what should have been signed, the session's token included; nobody can use it but a thief.
const SIGNED: [&str; 2] = ["canonical string", "x-amz-security-token"];
const LEFT_OUT: &str = "[what was signed is not shown]";

/// Their words in one line that does not command a terminal, without these secrets and without what was signed, and not endless.
#[must_use]
pub fn quoted(words: &str, hidden: &[&Secret]) -> String {
    let joined = without_controls(words);
    // A secret that is broken over lines is found only when these are joined; anything else reads better with the lines kept apart.
    let hidden = hidden.iter().fold(joined.clone(), |words, secret| secret.hide_in(&words));
    let text =
        if hidden == joined { words.split(char::is_control).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" ") } else { hidden };
    without_signed(&text).chars().take(LONGEST).collect()
}

pub(super) fn without_controls(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_control()).collect()
}

fn without_signed(text: &str) -> String {
    let lower = text.to_ascii_lowercase();
    match SIGNED.iter().filter_map(|word| lower.find(word)).min() {
        Some(start) => format!("{}{LEFT_OUT}", &text[..start]),
        None => text.to_owned(),
    }
}
