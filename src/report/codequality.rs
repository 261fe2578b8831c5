//! A code quality report, as GitLab shows it in merge requests.
//!
//! A list of issues. GitLab reads up to the first that lacks one of `description`, `fingerprint`, `severity` and
//! `location` (`code_climate.rs` and `codequality_reports.rb` of gitlab-org/gitlab), and keeps one of those with the same
//! fingerprint. Source of the fields: docs.gitlab.com, "Code Quality", report format.

use super::class::Class;
use super::clean::one_line;
use super::issues::{Issue, issues};
use super::json::quoted;
use super::view::plural;
use crate::model::{Results, Verdict};

/// How long a title and a message may be, in characters. GitLab shows a description as one line.
const MAX_TEXT: usize = 300;

/// Renders the issues.
pub(super) fn render(results: &Results) -> String {
    let (issues, more) = issues(results);
    let mut rows: Vec<String> = issues.iter().map(row).collect();
    if more > 0 {
        // Its fingerprint is no hash, so that it is that of no test.
        let text = format!(
            "{} not shown here: read the results",
            plural(more, "more failure")
        );
        rows.push(written(
            &text,
            "more",
            "proctor-more",
            "info",
            ("proctor.toml", 1),
        ));
    }
    super::json::array(&rows) + "\n"
}

fn row(issue: &Issue<'_>) -> String {
    let text = format!(
        "{}: {}",
        one_line(&issue.title, MAX_TEXT),
        one_line(&issue.message, MAX_TEXT)
    );
    let (file, line) = issue.place();
    written(
        &text,
        issue.word,
        &issue.fingerprint,
        severity(issue),
        (&file, line),
    )
}

fn written(
    text: &str,
    check: &str,
    fingerprint: &str,
    severity: &str,
    place: (&str, u32),
) -> String {
    let (file, line) = place;
    format!(
        r#"{{"description": {}, "check_name": "proctor/{check}", "fingerprint": "{fingerprint}", "severity": "{severity}", "location": {{"path": {}, "lines": {{"begin": {line}}}}}}}"#,
        quoted(text),
        quoted(file),
    )
}

/// A failed test is a finding; one that could not be judged may be none. Where a whole target has no results, nothing is
/// known of any of its tests. What was known before is not for this change to mend, and what does not count is for nobody
/// now.
const fn severity(issue: &Issue<'_>) -> &'static str {
    match issue.class {
        Class::Known => return "minor",
        Class::Quarantined | Class::Flaky => return "info",
        Class::New | Class::Failed | Class::LeftOut | Class::Quiet => {}
    }
    match (issue.verdict, issue.test.is_some()) {
        (Verdict::Passed | Verdict::Skipped, _) => "info",
        (_, false) => "blocker",
        (Verdict::Failed, true) => "critical",
        (Verdict::Errored | Verdict::TimedOut | Verdict::Unknown, true) => "major",
        (Verdict::Cancelled, true) => "minor",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::render;
    use crate::model::{TestCase, Verdict};
    use crate::report::sample::{many, remarked, report, results};

    fn read(text: &str) -> Vec<Value> {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn the_verdict_decides_how_severe_it_is() {
        let table = [
            (Verdict::Failed, "critical"),
            (Verdict::Errored, "major"),
            (Verdict::TimedOut, "major"),
            (Verdict::Unknown, "major"),
            (Verdict::Cancelled, "minor"),
        ];
        for (verdict, severity) in table {
            let test = TestCase::new("s", "t", verdict);
            let issues = read(&render(&results(vec![report("api", verdict, vec![test])])));
            assert_eq!(issues.len(), 1);
            assert_eq!(issues[0]["severity"], severity);
            assert_eq!(issues[0]["check_name"], format!("proctor/{verdict}"));
        }
    }

    #[test]
    fn what_is_known_or_does_not_count_is_less_severe() {
        let issues = read(&render(&remarked()));
        let told: Vec<(&str, &str)> = issues
            .iter()
            .map(|issue| {
                let text = |field: &str| issue[field].as_str().unwrap();
                (text("check_name"), text("severity"))
            })
            .collect();
        assert_eq!(
            told,
            [
                ("proctor/missing-key", "info"),
                ("proctor/fail-fast", "info"),
                ("proctor/failed", "critical"),
                ("proctor/timed-out", "major"),
                ("proctor/failed", "minor"),
                ("proctor/failed", "info"),
                ("proctor/flaky", "info"),
                ("proctor/flaky", "info"),
            ]
        );
        assert_eq!(
            issues[5]["description"],
            "shop: cart / applies a coupon: in quarantine until 2026-12-31: the coupon service moves (the coupon is refused)"
        );
        assert_eq!(
            issues[6]["description"],
            "shop: cart / counts items: passed after 3 attempts; attempt 1: timed-out (30s): without a reason"
        );
    }

    #[test]
    fn a_run_without_results_is_not_silent() {
        let empty = read(&render(&results(Vec::new())));
        assert_eq!(empty[0]["description"], "proctor: no tests ran");
        assert_eq!(empty[0]["severity"], "blocker");
        let passed = report(
            "a",
            Verdict::Passed,
            vec![TestCase::new("", "t", Verdict::Passed)],
        );
        assert_eq!(render(&results(vec![passed])), "[]\n");
    }

    #[test]
    fn the_last_one_tells_of_the_rest() {
        let issues = read(&render(&many(1200, "x")));
        assert_eq!(issues.len(), 1001);
        assert_eq!(
            issues[1000]["description"],
            "200 more failures not shown here: read the results"
        );
    }
}
