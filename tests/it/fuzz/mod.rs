//! Bad bytes on the stable toolchain: the whole corpus, and what becomes of it when it is cut, repeated and mixed.

mod targets;

use proptest::prelude::*;
use proptest::sample::Index;
use std::fs;
use std::path::Path;
use targets::TARGETS;

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
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_spoiled_corpus_is_survived(chosen in any::<Index>(), edits in edits()) {
        for (name, target) in TARGETS {
            let inputs = corpus(name);
            target(&spoiled(chosen.get(&inputs).clone(), edits.clone()));
        }
    }
}
