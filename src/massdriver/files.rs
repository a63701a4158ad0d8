//! The files that the platform mounts for the provisioner.

use crate::inputs::MOST_BYTES;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use thiserror::Error;

const PARAMS: &str = "params.json";
const CONNECTIONS: &str = "connections.json";
const CONFIG: &str = "config.json";

#[derive(Debug, Error)]
#[error("could not read `{}`: {why}", path.display())]
pub struct UnreadableFile {
    pub path: PathBuf,
    why: std::io::Error,
}

/// The bytes of the two files that say what to make. What is in them is for `inputs` to judge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mounted {
    pub params: Vec<u8>,
    pub connections: Vec<u8>,
}

impl Mounted {
    /// Reads `params.json` and `connections.json` of the folder, or the files given in their stead. On failure each that cannot be read.
    pub fn read(dir: &Path, params: Option<&Path>, connections: Option<&Path>) -> Result<Self, Vec<UnreadableFile>> {
        let read = |given: Option<&Path>, name| {
            let path = given.map_or_else(|| dir.join(name), Path::to_path_buf);
            contents(&path).map_err(|why| UnreadableFile { path, why })
        };
        match (read(params, PARAMS), read(connections, CONNECTIONS)) {
            (Ok(params), Ok(connections)) => Ok(Self { params, connections }),
            (params, connections) => Err([params.err(), connections.err()].into_iter().flatten().collect()),
        }
    }
}

/// The bytes of `config.json`; `None` where the platform has mounted none.
pub fn read_config(dir: &Path) -> Result<Option<Vec<u8>>, UnreadableFile> {
    let path = dir.join(CONFIG);
    match contents(&path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(why) => Err(UnreadableFile { path, why }),
    }
}

/// The bytes of a file, of one that is too long no more than what shows that it is.
fn contents(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(MOST_BYTES as u64 + 4).read_to_end(&mut bytes)?;
    Ok(bytes)
}
