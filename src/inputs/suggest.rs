//! What to offer instead of a choice that does not exist.

/// No more than this many letters may differ for a name to be taken for a slip of another.
const SLIP: usize = 3;
const OFFERED: usize = 3;
/// Lists up to this long are shown whole.
const SHORT_LIST: usize = 6;

/// Names the choices nearest to `given`, or all of them when there are few.
#[must_use]
pub fn remedy(given: &str, choices: &[&str]) -> String {
    if choices.len() <= SHORT_LIST {
        return format!("use {}", either(choices));
    }
    slip(given, choices).unwrap_or_else(|| "choose one that the form offers".to_owned())
}

/// Asks for the choices of which `given` may be a slip, if there are any.
#[must_use]
pub fn slip(given: &str, choices: &[&str]) -> Option<String> {
    let near = nearest(given, choices);
    (!near.is_empty()).then(|| format!("did you mean {}?", either(&near)))
}

fn nearest<'a>(given: &str, choices: &[&'a str]) -> Vec<&'a str> {
    // Nobody mistypes a name this badly, and comparing takes time in the square of the length.
    if given.len() > 2 * longest(choices) {
        return Vec::new();
    }
    let mut ranked: Vec<(usize, &str)> = choices.iter().map(|choice| (distance(given, choice), *choice)).collect();
    ranked.sort_by_key(|(distance, _)| *distance);
    ranked.into_iter().filter(|(distance, _)| *distance <= SLIP).take(OFFERED).map(|(_, choice)| choice).collect()
}

fn longest(choices: &[&str]) -> usize {
    choices.iter().map(|choice| choice.len()).max().unwrap_or_default()
}

fn either(choices: &[&str]) -> String {
    let quoted: Vec<String> = choices.iter().map(|choice| format!("`{choice}`")).collect();
    quoted.join(" or ")
}

/// How many letters have to be put in, taken out or changed to make `left` into `right`.
fn distance(left: &str, right: &str) -> usize {
    let mut row: Vec<usize> = (0..=right.chars().count()).collect();
    for (index, letter) in left.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = index + 1;
        for (column, other) in right.chars().enumerate() {
            let changed = diagonal + usize::from(letter != other);
            diagonal = row[column + 1];
            row[column + 1] = changed.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row.last().copied().unwrap_or_default()
}
