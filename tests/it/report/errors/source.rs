//! Whether every error that the source can tell stands among the texts: a literal that makes one is looked for there, but for its placeholders.

use crate::report::golden::golden;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// What makes an error of the literals in its brackets, and of those in the `let`s that it uses.
const MAKERS: [&str; 17] = [
    "#[error(",
    "Problem::new(",
    "problem(",
    "in_params(",
    "in_connections(",
    "about_list(",
    "shown(",
    "anyhow!(",
    "context(",
    "with_context(",
    "refuse(",
    "Refusal {",
    "local(",
    "unseen(",
    "Failed(",
    "Pending(",
    "unknown(",
];
/// Files that say nothing but what went wrong.
const WHOLE: [&str; 7] = [
    "src/aws/instances.rs",
    "src/aws/joining.rs",
    "src/cli/exit.rs",
    "src/inputs/suggest.rs",
    "src/inputs/violations.rs",
    "src/report/advice.rs",
    "src/report/ending.rs",
];

/// Beginnings of texts that no test can bring about, and why.
const UNTOLD: [(&str, &str); 23] = [
    ("`{name}` was not typed", "only a terminal is asked: tests/it/report/terminal.rs"),
    ("`{group}` {joined}/{minimum}", "how far the nodes are, while all is well"),
    ("{part}; AWS is asked again", "a warning that comes to nothing: tests/it/engine/execution.rs"),
    ("`{0}` is not an ARN", "the checks of the inputs say it in their own words"),
    ("a wait is looked at, not carried out", "only a mistake in the executor carries one out"),
    ("the records that it needs are not known", "only a mistake in a planner runs an operation before what it needs"),
    ("another certificate serves", "why a certificate goes, which stands in plans"),
    ("it can never be used", "why a certificate goes, which stands in plans"),
    ("no listener needs it", "why a certificate goes, which stands in plans"),
    ("could not write the manual page", "memory takes every byte"),
    ("could not write the plan as JSON", "every plan is JSON"),
    ("cannot be read, though", "only a gap in the checks lets such inputs pass"),
    ("cannot be resolved, though", "only a gap in the checks lets such inputs pass"),
    ("cannot be checked, since", "the schemas are our own, and sound"),
    ("report this as a defect of the bundle", "the remedy of those that no inputs bring about"),
    ("breaks a rule", "no schema of ours has a rule without words of its own"),
    ("correct the value", "no schema of ours has a rule without words of its own"),
    ("is too short", "no schema of ours asks for more than one character"),
    ("use at least {limit} characters", "no schema of ours asks for more than one character"),
    ("a number", "no schema of ours asks for a number that may be broken"),
    ("of the right type", "no schema of ours admits several types"),
    ("`{file}` cannot be written as JSON", "every schema is JSON"),
    ("the params cannot be written as YAML", "every schema is YAML"),
];

/// A string literal and where it stands.
struct Literal {
    start: usize,
    text: String,
}

/// A source with its literals and comments blanked out, byte by byte, and the literals apart.
struct Source {
    masked: String,
    literals: Vec<Literal>,
}

impl Source {
    fn read(text: &str) -> Self {
        let mut masked = String::with_capacity(text.len());
        let mut literals = Vec::new();
        while let Some(rest) = text.get(masked.len()..).filter(|rest| !rest.is_empty()) {
            let start = masked.len();
            let (length, literal) = piece(rest);
            if let Some(text) = literal {
                masked.push_str(&" ".repeat(length));
                literals.push(Literal { start, text });
            } else if rest.starts_with("//") || rest.starts_with('\'') {
                masked.push_str(&" ".repeat(length));
            } else {
                masked.push_str(&rest[..length]);
            }
        }
        Self { masked, literals }
    }

    /// The literals that make errors.
    fn errors(&self) -> BTreeSet<String> {
        let mut spans = Vec::new();
        for maker in MAKERS {
            let places = self.masked.match_indices(maker).map(|(place, _)| place);
            for place in places.filter(|place| !self.masked[..*place].ends_with(|before: char| before.is_alphanumeric() || before == '_')) {
                self.include((place, self.end(place + maker.len())), &mut spans);
            }
        }
        spans.into_iter().flat_map(|span| self.within(span)).map(|literal| literal.text.clone()).collect()
    }

    /// The span, and the `let`s of the same function that it uses.
    fn include(&self, span: (usize, usize), spans: &mut Vec<(usize, usize)>) {
        if spans.contains(&span) {
            return;
        }
        spans.push(span);
        let begin = self.masked[..span.0].rfind("fn ").unwrap_or_default();
        let used = self.names(span);
        for (place, _) in self.masked[begin..span.0].match_indices("let ") {
            let place = begin + place;
            let end = self.end(place);
            let bound = self.masked[place..end].split('=').next().unwrap_or_default();
            if words(bound).any(|name| used.contains(name)) && end <= span.0 {
                self.include((place, end), spans);
            }
        }
    }

    /// Where the statement ends, or the brackets around it do.
    fn end(&self, begin: usize) -> usize {
        let mut depth = 0_usize;
        for (place, letter) in self.masked[begin..].char_indices() {
            match letter {
                '(' | '[' | '{' => depth += 1,
                ')' | ']' | '}' | ';' if depth == 0 => return begin + place,
                ')' | ']' | '}' => depth -= 1,
                _ => {}
            }
        }
        self.masked.len()
    }

    fn within(&self, (start, end): (usize, usize)) -> impl Iterator<Item = &Literal> {
        self.literals.iter().filter(move |literal| (start..end).contains(&literal.start))
    }

    /// The names that a span uses, in its placeholders too.
    fn names(&self, span: (usize, usize)) -> BTreeSet<&str> {
        let placed = self.within(span).flat_map(|literal| literal.text.split('{').skip(1).flat_map(words).take(1));
        words(&self.masked[span.0..span.1]).chain(placed).collect()
    }
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|letter: char| !letter.is_alphanumeric() && letter != '_').filter(|word| !word.is_empty())
}

/// How long the first token is, and what it says if it is a string.
fn piece(rest: &str) -> (usize, Option<String>) {
    let first = rest.chars().next().map_or(1, char::len_utf8);
    if rest.starts_with("//") {
        return (rest.find('\n').unwrap_or(rest.len()), None);
    }
    if rest.starts_with("r\"") || rest.starts_with("r#\"") {
        let close = if rest.starts_with("r#") { "\"#" } else { "\"" };
        let open = close.len() + 1;
        let length = rest[open..].find(close).map_or(rest.len(), |end| open + end + close.len());
        return (length, Some(rest[open..length - close.len()].to_owned()));
    }
    if let Some(inner) = rest.strip_prefix('"') {
        let mut escaped = false;
        let end = inner.find(|letter| {
            let ends = letter == '"' && !escaped;
            escaped = letter == '\\' && !escaped;
            ends
        });
        let inner = &inner[..end.unwrap_or(inner.len())];
        return (inner.len() + 2, Some(unescaped(inner)));
    }
    if let Some(inner) = rest.strip_prefix("'\\") {
        return (inner.find('\'').map_or(first, |end| end + 3), None);
    }
    // A letter in quotes, and not a lifetime.
    let quoted = rest.starts_with('\'') && rest.chars().nth(2) == Some('\'');
    (if quoted { rest.chars().take(3).map(char::len_utf8).sum() } else { first }, None)
}

fn unescaped(text: &str) -> String {
    let joined: Vec<&str> = text.split("\\\n").enumerate().map(|(place, line)| if place == 0 { line } else { line.trim_start() }).collect();
    joined.concat().replace("\\n", "\n").replace("\\\"", "\"").replace("\\\\", "\\")
}

/// Each line of the literal as what stands between its placeholders, if there are words in it.
fn lines(literal: &str) -> Vec<Vec<&str>> {
    let spoken = |line: &&str| line.trim().contains(' ') && line.chars().filter(|letter| letter.is_alphabetic()).count() > 3;
    literal.lines().filter(spoken).map(|line| line.trim_end().split(['{', '}']).step_by(2).collect()).collect()
}

/// Whether a line of the texts has all of it, in this order.
fn is_told(line: &[&str], golden: &str) -> bool {
    golden.lines().any(|told| {
        let mut rest = told;
        line.iter().all(|part| {
            let found = rest.find(part);
            rest = found.map_or("", |place| &rest[place + part.len()..]);
            found.is_some()
        })
    })
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() { files(&path, found) } else { found.push(path) }
    }
}

/// Each file with the literals in it that make errors.
fn literals() -> Vec<(String, BTreeSet<String>)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut paths = Vec::new();
    files(&root.join("src"), &mut paths);
    let read = |path: &PathBuf| {
        let name = path.strip_prefix(root).ok()?.to_string_lossy().into_owned();
        let source = Source::read(&fs::read_to_string(path).ok().filter(|_| name.ends_with(".rs"))?);
        let all = || source.literals.iter().map(|literal| literal.text.clone()).collect();
        Some((name.clone(), if WHOLE.contains(&name.as_str()) { all() } else { source.errors() }))
    };
    paths.iter().filter_map(read).collect()
}

#[test]
fn every_error_of_the_source_is_among_the_texts() {
    let golden = golden("errors.txt");
    let excepted = |literal: &str| UNTOLD.iter().any(|(beginning, _)| literal.starts_with(beginning));
    let all = literals();
    let untold = |literal: &str| lines(literal).iter().any(|line| !is_told(line, &golden));
    let of_file = |(name, literals): &(String, BTreeSet<String>)| {
        let missing = literals.iter().filter(|literal| untold(literal) && !excepted(literal));
        missing.map(|literal| format!("{name}: {literal:?}")).collect::<Vec<_>>()
    };
    let missing: Vec<String> = all.iter().flat_map(of_file).collect();
    assert!(
        missing.is_empty(),
        "bring these about in tests/it/report/errors, or say in UNTOLD why that cannot be:\n{}",
        missing.join("\n")
    );
    let spoken = all.iter().flat_map(|(_, literals)| literals).filter(|literal| !lines(literal).is_empty()).count();
    assert!(spoken > 150, "only {spoken} literals were found");
    for (beginning, reason) in UNTOLD {
        let stands = all.iter().flat_map(|(_, literals)| literals).any(|literal| literal.starts_with(beginning) && untold(literal));
        assert!(stands && !reason.is_empty(), "`{beginning}` is not in the source any more, or is told by now");
    }
}

#[test]
fn literals_are_found_in_place_in_lets_and_nowhere_else() {
    let text = r##"
        fn one(found: &str) { let message = format!("is wrong: {found}"); let other = "no error"; refuse(&message, "set it \
            right"); }
        // refuse("a comment of many words")
        fn two<'a>(x: &'a str) -> bool { let (a, b) = if x == "this and that" { ("one thing", 'b') } else { ("another thing", '"') }; problem(a) }
    "##;
    let found: Vec<String> = Source::read(text).errors().into_iter().collect();
    assert_eq!(found, ["another thing", "is wrong: {found}", "one thing", "set it right", "this and that"]);
    assert!(is_told(&lines("is wrong: {found}, {} times")[0], "x\nis wrong: 7, 3 times\n"));
    assert!(!is_told(&lines("is wrong: {found}, {} times")[0], "is wrong: 7\n, 3 times"));
}
