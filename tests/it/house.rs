//! What ARCHITECTURE.md promises of the sources themselves: floors, purity, size, and nothing left lying about.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// What the modules of the lower floors must not touch: they compute, and nothing else.
const IMPURE: [&str; 12] = [
    "tokio",
    "aws_sdk",
    "aws_config",
    "aws_smithy",
    "std::fs",
    "std::env",
    "std::net",
    "std::io",
    "std::process",
    "Instant",
    "SystemTime",
    "println!",
];
const PURE: [&str; 4] = ["model", "inputs", "plan", "policy"];

/// Each module with the modules that it may use beside itself.
const FLOORS: [(&str, &[&str]); 8] = [
    ("model", &[]),
    ("inputs", &["model"]),
    ("plan", &["model", "inputs"]),
    ("policy", &["model", "inputs", "plan"]),
    ("aws", &["model", "inputs", "plan"]),
    ("engine", &["model", "inputs", "plan", "policy", "aws"]),
    ("massdriver", &["model", "inputs", "plan", "aws", "engine"]),
    ("report", &["model", "inputs", "plan", "policy", "aws", "engine"]),
];

const LONGEST_FILE: usize = 400;
const LONGEST_FUNCTION: usize = 60;
/// Functions that may be longer: one exhaustive match each, which is easier to read in one piece.
const LONG_ON_PURPOSE: [(&str, &str); 5] = [
    ("src/aws/perform.rs", "carry_out"),
    ("src/plan/action_facts.rs", "effect"),
    ("src/plan/action_facts.rs", "inputs"),
    ("src/plan/action_facts.rs", "operation"),
    ("tests/it/engine/fake/apply.rs", "apply"),
];

const UNFINISHED: [&str; 5] =
    [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("dbg", "!("), concat!("unimple", "mented!("), concat!("to", "do!(")];
/// Beginnings of paths that only exist on one machine.
const MACHINE_PATHS: [&str; 4] = [concat!("/ho", "me/"), concat!("/ro", "ot/"), concat!("/Us", "ers/"), concat!("/wo", "rk/")];
const NOT_OURS: [&str; 5] = ["target", ".git", ".venv", ".venv-checkov", "node_modules"];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if NOT_OURS.contains(&name.as_str()) {
        } else if path.is_dir() {
            walk(&path, found);
        } else {
            found.push(path);
        }
    }
}

/// Every text file under a folder of the project, by its path within the project.
fn files(folder: &str) -> BTreeMap<String, String> {
    let mut paths = Vec::new();
    walk(&root().join(folder), &mut paths);
    let named = paths.into_iter().filter_map(|path| {
        let name = path.strip_prefix(root()).ok()?.to_string_lossy().into_owned();
        Some((name, fs::read_to_string(&path).ok()?))
    });
    named.collect()
}

fn sources(folder: &str) -> BTreeMap<String, String> {
    files(folder).into_iter().filter(|(name, _)| Path::new(name).extension().is_some_and(|kind| kind == "rs")).collect()
}

/// The lines that are code, with their numbers.
fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines().enumerate().map(|(number, line)| (number + 1, line)).filter(|(_, line)| !line.trim_start().starts_with("//"))
}

/// The module that a source file under `src` belongs to.
fn module(name: &str) -> &str {
    let inner = name.strip_prefix("src/").unwrap_or(name);
    inner.split_once('/').map_or(inner, |(module, _)| module)
}

/// The modules of this crate that a line names.
fn used(line: &str) -> impl Iterator<Item = &str> {
    let after = line.match_indices("crate::").map(|(place, found)| &line[place + found.len()..]);
    after.map(|rest| rest.split(|letter: char| !letter.is_alphanumeric() && letter != '_').next().unwrap_or_default())
}

/// Each function's name and how many lines it has, as rustfmt lays it out.
fn functions(text: &str) -> Vec<(String, usize)> {
    let lines: Vec<&str> = text.lines().collect();
    let mut found = Vec::new();
    for (start, line) in lines.iter().enumerate() {
        let inner = line.trim_start();
        let Some(name) = function_name(inner) else { continue };
        let close = format!("{}}}", &line[..line.len() - inner.len()]);
        let body = lines[start..].iter().position(|line| line.ends_with(['{', '}', ';'])).unwrap_or_default();
        let opens = lines[start + body].ends_with('{');
        let end = lines[start..].iter().position(|line| *line == close).filter(|_| opens).unwrap_or(body);
        found.push((name.to_owned(), end + 1));
    }
    found
}

fn function_name(line: &str) -> Option<&str> {
    let (before, after) = line.split_once("fn ")?;
    let qualifiers = ["pub", "pub(super)", "pub(crate)", "const", "async"];
    let declares = before.split_whitespace().all(|word| qualifiers.contains(&word));
    declares.then(|| after.split(['(', '<']).next().unwrap_or_default())
}

fn assert_none(found: &[String], rule: &str) {
    assert!(found.is_empty(), "{rule}:\n{}", found.join("\n"));
}

#[test]
fn the_lower_floors_are_pure() {
    let mut found = Vec::new();
    for (name, text) in sources("src").iter().filter(|(name, _)| PURE.contains(&module(name))) {
        for (number, line) in code(text) {
            found.extend(IMPURE.iter().filter(|word| line.contains(*word)).map(|word| format!("{name}:{number}: {word}")));
        }
    }
    assert_none(&found, "model, inputs, plan and policy do no I/O and read no clock");
}

#[test]
fn a_module_uses_only_floors_below_it() {
    let floors: BTreeMap<&str, &[&str]> = FLOORS.into();
    let mut found = Vec::new();
    for (name, text) in &sources("src") {
        let own = module(name);
        let Some(below) = floors.get(own) else { continue };
        for (number, line) in code(text) {
            let wrong = used(line).filter(|other| *other != own && !below.contains(other));
            found.extend(wrong.map(|other| format!("{name}:{number}: {other}")));
        }
    }
    assert_none(&found, "a module uses only floors below it");
}

#[test]
fn every_module_has_its_floor() {
    let known: BTreeSet<&str> = FLOORS.into_iter().map(|(module, _)| module).chain(["cli", "main.rs", "lib.rs"]).collect();
    let all = sources("src");
    let unknown: Vec<String> = all.keys().filter(|name| !known.contains(module(name))).cloned().collect();
    assert_none(&unknown, "these files belong to no floor");
}

#[test]
fn only_the_binary_has_errors_without_a_type() {
    let edges = ["cli", "main.rs"];
    let mut found = Vec::new();
    for (name, text) in sources("src").iter().filter(|(name, _)| !edges.contains(&module(name))) {
        found.extend(code(text).filter(|(_, line)| line.contains("anyhow")).map(|(number, _)| format!("{name}:{number}")));
    }
    assert_none(&found, "anyhow is for main and cli");
}

#[test]
fn no_source_file_is_long() {
    let all = sources("src").into_iter().chain(sources("tests"));
    let found: Vec<String> = all
        .map(|(name, text)| (name, text.lines().count()))
        .filter(|(_, lines)| *lines > LONGEST_FILE)
        .map(|(name, lines)| format!("{name}: {lines} lines"))
        .collect();
    assert_none(&found, "a file that grew too long answers more than one question");
}

#[test]
fn no_function_is_long_but_for_exhaustive_matches() {
    let mut long = Vec::new();
    for (file, text) in sources("src").into_iter().chain(sources("tests")) {
        let lengths = functions(&text).into_iter().filter(|(_, lines)| *lines > LONGEST_FUNCTION);
        long.extend(lengths.map(|(function, lines)| (file.clone(), function, lines)));
    }
    let allowed = |file: &str, function: &str| LONG_ON_PURPOSE.contains(&(file, function));
    let found: Vec<String> = long
        .iter()
        .filter(|(file, function, _)| !allowed(file, function))
        .map(|(file, function, lines)| format!("{file}: {function} has {lines} lines"))
        .collect();
    assert_none(&found, "a function fits on a screen");
    for (file, function) in LONG_ON_PURPOSE {
        assert!(long.iter().any(|(other, name, _)| (other.as_str(), name.as_str()) == (file, function)), "{function} is not long any more");
    }
}

#[test]
fn functions_are_measured_as_they_are_laid_out() {
    let text = "fn one() -> usize {\n    1\n}\n\nimpl Two {\n    pub async fn two(\n        one: usize,\n    ) {\n        one;\n    }\n\n    fn three() {}\n}\n\ntrait Four {\n    fn four(&self) -> bool;\n}\n";
    let measured = functions(text);
    let expected = [("one", 3), ("two", 5), ("three", 1), ("four", 1)].map(|(name, lines)| (name.to_owned(), lines));
    assert_eq!(measured, expected);
}

#[test]
fn nothing_is_left_unfinished() {
    let mut found = Vec::new();
    for (name, text) in sources("src").into_iter().chain(sources("tests")) {
        for (number, line) in text.lines().enumerate() {
            found.extend(UNFINISHED.iter().filter(|word| line.contains(*word)).map(|word| format!("{name}:{}: {word}", number + 1)));
        }
    }
    assert_none(&found, "unfinished work does not go in");
}

#[test]
fn no_file_names_a_place_on_somebodys_machine() {
    let mut found = Vec::new();
    for (name, text) in &files("") {
        for (number, line) in text.lines().enumerate() {
            found.extend(MACHINE_PATHS.iter().filter(|path| line.contains(*path)).map(|path| format!("{name}:{}: {path}", number + 1)));
        }
    }
    assert_none(&found, "the project works wherever it is checked out");
}

#[test]
fn secrets_are_looked_into_where_they_are_sent_and_nowhere_else() {
    let allowed = ["src/aws/session.rs", "src/massdriver/platform.rs", "src/model/secret.rs"];
    let all = sources("src");
    let found: Vec<String> =
        all.iter().filter(|(_, text)| code(text).any(|(_, line)| line.contains("expose"))).map(|(name, _)| name.clone()).collect();
    assert_eq!(found, allowed);
}

#[test]
fn nothing_can_switch_off_the_verification_of_certificates() {
    let mut found = Vec::new();
    for (name, text) in &sources("src") {
        for (number, line) in code(text) {
            let words = ["dangerous", "ServerCertVerifier", "accept_invalid"];
            let called = words.iter().filter(|word| line.contains(*word));
            found.extend(called.map(|word| format!("{name}:{number}: {word}")));
        }
    }
    assert_none(&found, "TLS is verified, whoever asks otherwise");
}

#[test]
fn every_dependency_comes_from_the_registry_with_its_checksum() {
    let lock = fs::read_to_string(root().join("Cargo.lock")).expect("Cargo.lock");
    let field = |package: &str, name: &str| package.lines().find_map(|line| line.strip_prefix(&format!("{name} = "))).map(str::to_owned);
    let packages: Vec<&str> = lock.split("[[package]]").skip(1).collect();
    let registry = "\"registry+https://github.com/rust-lang/crates.io-index\"";
    let strange =
        packages.iter().filter(|package| field(package, "source").as_deref() != Some(registry) || field(package, "checksum").is_none());
    let names: Vec<String> = strange.filter_map(|package| field(package, "name")).collect();
    assert_eq!(names, ["\"aws-ecs-cluster\""], "of {} packages", packages.len());
}
