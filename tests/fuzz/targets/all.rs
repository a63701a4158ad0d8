#![no_main]

#[path = "../../it/fuzz/targets.rs"]
pub mod targets;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    for (_, target) in targets::TARGETS {
        target(bytes);
    }
});
