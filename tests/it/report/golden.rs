//! Texts for people, kept in files so that a change of them is read by somebody. `UPDATE_GOLDEN=1` writes them anew.

use std::fs;
use std::path::{Path, PathBuf};

fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/report/golden").join(name)
}

/// The text as it stands.
pub fn golden(name: &str) -> String {
    fs::read_to_string(path(name)).unwrap_or_default()
}

#[track_caller]
pub fn assert_golden(name: &str, found: &str) {
    let path = path(name);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder for the golden texts");
        fs::write(&path, found).expect("a golden text to write");
        return;
    }
    let expected = golden(name);
    let same = expected.lines().zip(found.lines()).take_while(|(one, other)| one == other).count();
    let few = |text: &str| text.lines().skip(same).take(5).collect::<Vec<_>>().join("\n");
    assert!(
        expected == found,
        "{} differs from line {}\n--- there\n{}\n--- found\n{}\nUPDATE_GOLDEN=1 writes it anew",
        path.display(),
        same + 1,
        few(&expected),
        few(found)
    );
}
