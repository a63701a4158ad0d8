//! What the sources say of AWS refers to the document that holds it, with its origin and how sure it is.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

const DOCUMENT: &str = "docs/aws.md";
const FOLDERS: [&str; 3] = ["src", "tests/it", "tests/emulator"];
/// A search that finds fewer has stopped searching.
const FEWEST: usize = 20;

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|kind| kind == "rs" || kind == "py") {
            found.push(path);
        }
    }
}

/// The headings that a text refers to: `docs/aws.md, "Heading"`, broken over lines or not, with or without back-ticks.
fn referred(text: &str) -> Vec<String> {
    let unmarked = |line: &str| line.trim_start().trim_start_matches(['/', '!', '#']).trim().to_owned();
    let joined = text.lines().map(unmarked).collect::<Vec<_>>().join(" ").replace('`', "");
    let named = joined.split(DOCUMENT).skip(1).filter_map(|after| after.strip_prefix(", \"")?.split_once('"'));
    named.map(|(heading, _)| heading.to_owned()).collect()
}

#[test]
fn every_heading_that_the_sources_refer_to_stands_in_the_document_of_facts() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let document = fs::read_to_string(root.join(DOCUMENT)).expect("the document of facts");
    let headings: BTreeSet<&str> = document.lines().filter_map(|line| line.strip_prefix("## ")).collect();
    let mut paths = Vec::new();
    FOLDERS.iter().for_each(|folder| sources(&root.join(folder), &mut paths));
    let this = Path::new(file!()).file_name();
    let mut count = 0;
    for path in paths.iter().filter(|path| path.file_name() != this) {
        for heading in referred(&fs::read_to_string(path).expect("a source")) {
            count += 1;
            assert!(headings.contains(heading.as_str()), "{} refers to \"{heading}\", which {DOCUMENT} does not have", path.display());
        }
    }
    assert!(count >= FEWEST, "only {count} references were found");
}

#[test]
fn every_fact_says_how_sure_it_is_and_where_it_comes_from() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let document = fs::read_to_string(root.join(DOCUMENT)).expect("the document of facts");
    let rows = document.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| Fact "));
    for row in rows {
        let cells: Vec<&str> = row.trim_matches('|').split(" | ").map(str::trim).collect();
        assert_eq!(cells.len(), 3, "a fact, how sure, and a source: {row}");
        let sure = ["sure", "several", "one", "unconfirmed", "the", "values"].iter().any(|word| cells[1].starts_with(word));
        assert!(sure && !cells[2].is_empty(), "{row}");
    }
}

#[test]
fn a_reference_is_found_where_it_is_broken_over_lines() {
    let text = "/// Slow at times: `docs/aws.md`, \"ACM:\n/// certificates\".\n//! docs/aws.md, \"Names\".";
    assert_eq!(referred(text), ["ACM: certificates", "Names"]);
}
