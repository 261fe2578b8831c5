//! The outputs of a GitHub step, in the form of the file that `GITHUB_OUTPUT` names.
//!
//! Each is `name<<DELIMITER`, the value, and the delimiter, on lines of their own.

use super::class::{Census, Class};
use super::clean::link;
use crate::model::{Results, Verdict};

/// Renders the outputs.
pub(super) fn render(results: &Results, nonce: &str) -> String {
    let mut text = String::new();
    for (name, value) in &values(results) {
        text.push_str(&output(name, value, nonce));
    }
    text
}

/// What the run amounts to, as names and values on one line each. `errored` counts every test that is neither passed,
/// failed nor skipped. These four count every test once; `flaky` is part of what passed, `new` and `quarantined` are parts
/// of what did not go well.
pub(super) fn values(results: &Results) -> [(&'static str, String); 10] {
    let census = Census::of(&results.targets);
    let [passed, failed, skipped] =
        [Verdict::Passed, Verdict::Failed, Verdict::Skipped].map(|verdict| census.get(verdict));
    let errored = census.total() - passed - failed - skipped;
    let count = |class| census.class(class).to_string();
    [
        ("verdict", results.conclusion.verdict.word().to_owned()),
        ("exit-code", results.conclusion.exit_code.to_string()),
        ("passed", passed.to_string()),
        ("failed", failed.to_string()),
        ("errored", errored.to_string()),
        ("skipped", skipped.to_string()),
        ("run-url", run_url(results)),
        ("flaky", count(Class::Flaky)),
        ("new", count(Class::New)),
        ("quarantined", count(Class::Quarantined)),
    ]
}

/// The first address of a run that is one; empty if there is none.
fn run_url(results: &Results) -> String {
    let mut runs = results
        .targets
        .iter()
        .filter_map(|report| report.run.as_ref());
    runs.find_map(|run| link(run.url.as_deref()?))
        .unwrap_or_default()
}

fn output(name: &str, value: &str, nonce: &str) -> String {
    let delimiter = delimiter(value, nonce);
    format!("{name}<<{delimiter}\n{value}\n{delimiter}\n")
}

/// A delimiter that does not occur in the value.
fn delimiter(value: &str, nonce: &str) -> String {
    let nonce: String = nonce.chars().filter(char::is_ascii_alphanumeric).collect();
    let mut delimiter = format!("proctor_{nonce}");
    while value.contains(&delimiter) {
        delimiter.push('_');
    }
    delimiter
}

#[cfg(test)]
mod tests {
    use super::{delimiter, output};

    #[test]
    fn a_value_cannot_hold_its_delimiter() {
        assert_eq!(delimiter("a", "x1\n<<"), "proctor_x1");
        let forged = "a\nproctor_x1\nb<<proctor_x1_\n";
        assert_eq!(delimiter(forged, "x1"), "proctor_x1__");
        assert!(output("name", forged, "x1").starts_with("name<<proctor_x1__\n"));
    }
}
