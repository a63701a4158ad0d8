//! Small words: plurals and durations.

/// `1 change`, `2 changes`.
pub fn count(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

/// Seconds as people say them: `0.3s`, `42s`, `3m 20s`.
pub fn seconds(elapsed: f64) -> String {
    if elapsed < 10.0 {
        return format!("{elapsed:.1}s");
    }
    let whole = std::time::Duration::from_secs_f64(elapsed.round());
    humantime::format_duration(whole).to_string()
}
