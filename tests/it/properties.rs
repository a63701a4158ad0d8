//! Which cases the properties are tried with.

use crate::matrix::trial::is_exhaustive;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use std::sync::OnceLock;
use std::time::{SystemTime, UNIX_EPOCH};

/// The same cases each time, so that no change fails by a world that nobody has drawn before. Where every point of the matrices is tried they
/// are new ones; a test that fails shows their seed, and `PROPTEST_RNG_SEED` draws them again.
pub fn config() -> ProptestConfig {
    let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    let seed = match config.rng_seed {
        RngSeed::Fixed(seed) => seed,
        RngSeed::Random if is_exhaustive() => of_this_run(),
        RngSeed::Random => 0,
    };
    eprintln!("cases drawn with PROPTEST_RNG_SEED={seed}");
    ProptestConfig { rng_seed: RngSeed::Fixed(seed), ..config }
}

fn of_this_run() -> u64 {
    static SEED: OnceLock<u64> = OnceLock::new();
    *SEED.get_or_init(|| SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| u64::from(time.subsec_nanos())))
}
