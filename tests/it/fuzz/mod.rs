//! Bad bytes on the stable toolchain: the whole corpus, and what becomes of it when it is cut, repeated and mixed.

/// What cargo-fuzz builds, so that it is compiled and run where there is no cargo-fuzz too.
#[allow(unused_attributes, reason = "whether there is a `main` is for the root of a crate to say")]
#[path = "../../fuzz/targets/all.rs"]
mod all;

/// In place of libFuzzer's, which calls the target by itself.
macro_rules! fuzz_target {
    (|$bytes:ident: &[u8]| $body:block) => {
        pub fn run($bytes: &[u8]) $body
    };
}
pub(crate) use fuzz_target;

use crate::properties::config;
use all::targets::TARGETS;
use proptest::prelude::*;
use proptest::sample::Index;
use std::fs;
use std::path::Path;

/// The corpus of a target: small inputs, each with something of its own about it.
fn corpus(target: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/corpus").join(target);
    let mut paths: Vec<_> = fs::read_dir(folder).expect("a corpus").map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    paths.iter().map(|path| fs::read(path).expect("an input")).collect()
}

/// One way to spoil an input.
#[derive(Clone, Debug)]
enum Edit {
    Cut(Index, Index),
    Repeat(Index, Index),
    Put(Index, Vec<u8>),
    Swap(Index, u8),
}

fn edits() -> impl Strategy<Value = Vec<Edit>> {
    let pieces = prop_oneof![
        prop::collection::vec(any::<u8>(), 1..8),
        prop::sample::select(vec![
            "\"",
            "{",
            "[",
            ",",
            ":",
            "null",
            "1e999",
            "-0",
            "\u{feff}",
            "\r\n",
            "\\u0000",
            "\u{202e}",
            "\u{1b}[31m",
            "*",
            "..",
            "arn:"
        ])
        .prop_map(|text| text.as_bytes().to_vec()),
    ];
    let edit = prop_oneof![
        any::<(Index, Index)>().prop_map(|(from, to)| Edit::Cut(from, to)),
        any::<(Index, Index)>().prop_map(|(from, to)| Edit::Repeat(from, to)),
        (any::<Index>(), pieces).prop_map(|(at, bytes)| Edit::Put(at, bytes)),
        any::<(Index, u8)>().prop_map(|(at, byte)| Edit::Swap(at, byte)),
    ];
    prop::collection::vec(edit, 0..6)
}

fn spoiled(mut bytes: Vec<u8>, edits: Vec<Edit>) -> Vec<u8> {
    for edit in edits {
        let end = bytes.len() + 1;
        let range = |from: Index, to: Index| {
            let (from, to) = (from.index(end), to.index(end));
            from.min(to)..from.max(to)
        };
        match edit {
            Edit::Cut(from, to) => drop(bytes.drain(range(from, to))),
            Edit::Repeat(from, to) => {
                let range = range(from, to);
                let piece = bytes[range.clone()].to_vec();
                bytes.splice(range.end..range.end, piece);
            }
            Edit::Put(at, piece) => {
                let at = at.index(end);
                bytes.splice(at..at, piece);
            }
            Edit::Swap(at, byte) if !bytes.is_empty() => {
                let at = at.index(bytes.len());
                bytes[at] = byte;
            }
            Edit::Swap(..) => {}
        }
    }
    bytes
}

#[test]
fn the_corpus_is_survived() {
    for (name, target) in TARGETS {
        let inputs = corpus(name);
        assert!(inputs.len() > 1, "too little of {name}");
        inputs.iter().for_each(|bytes| target(bytes));
    }
    all::run(b"any bytes");
}

#[test]
fn what_cargo_fuzz_builds_has_the_crates_that_the_targets_use() {
    let manifest = include_str!("../../fuzz/Cargo.toml");
    let sources = [include_str!("targets.rs"), include_str!("../../fuzz/targets/all.rs")].concat();
    let after_use = sources.lines().filter_map(|line| line.strip_prefix("use "));
    let crates = after_use.filter_map(|path| path.split("::").next()).chain(["libfuzzer_sys"]);
    for name in crates.filter(|name| *name != "std") {
        let line = format!("\n{} = ", name.replace('_', "-"));
        assert!(manifest.contains(&line) || manifest.contains(&format!("\n{name} = ")), "tests/fuzz/Cargo.toml lacks {name}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..config() })]

    #[test]
    fn a_spoiled_corpus_is_survived(chosen in any::<Index>(), edits in edits()) {
        for (name, target) in TARGETS {
            let inputs = corpus(name);
            target(&spoiled(chosen.get(&inputs).clone(), edits.clone()));
        }
    }
}
