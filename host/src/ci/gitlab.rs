//! GitLab CI: parts of the log that can be folded.

/// The beginning and end of a folded section. Its name is fixed, its header is our own text.
///
/// Source: docs.gitlab.com, "Job logs", custom collapsible sections.
#[must_use]
pub fn section(title: &str, unix_time: u64) -> (String, String) {
    const NAME: &str = "proctor_progress";
    (
        format!("\u{1b}[0Ksection_start:{unix_time}:{NAME}[collapsed=true]\r\u{1b}[0K{title}\n"),
        format!("\u{1b}[0Ksection_end:{unix_time}:{NAME}\r\u{1b}[0K\n"),
    )
}
