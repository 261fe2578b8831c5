//! Issues in the native format of Jenkins' Warnings plugin: `recordIssues(tool: issues(pattern: 'warnings-ng.json'))`.
//!
//! An object with a list `issues`; an unknown field is passed over, one of another type ends the reading
//! (`JsonBaseParser.java` of jenkinsci/analysis-model). The plugin shows `message` and `fileName` as text, but
//! `description`, `moduleName` and `packageName` as HTML that it has cleaned (`DetailsTableModel.java` of
//! jenkinsci/warnings-ng-plugin): in these, text from outside is escaped here.

use super::class::Class;
use super::clean::{cut_middle, link, one_line, visible};
use super::issues::{Issue, issues};
use super::json::quoted;
use super::view::{self, plural};
use crate::model::{Results, Verdict};

/// How long a title, a message or a name may be, in characters.
const MAX_LINE: usize = 300;
/// How long each text of a description may be, in bytes.
const MAX_TEXT: usize = 4096;
/// How many earlier attempts of a test are told.
const MAX_ATTEMPTS: usize = 5;
/// How much all descriptions may take, in bytes; after that issues have none. Jenkins keeps them with every build.
const ROOM: usize = 4_000_000;

/// Renders the issues.
pub(super) fn render(results: &Results) -> String {
    let (issues, more) = issues(results);
    let mut left = ROOM;
    let mut rows: Vec<String> = issues.iter().map(|issue| row(issue, &mut left)).collect();
    if more > 0 {
        let message = format!(
            "{} not shown here: read the results",
            plural(more, "more failure")
        );
        rows.push(format!(
            r#"{{"fileName": "proctor.toml", "lineStart": 1, "severity": "LOW", "category": "more", "type": "proctor", "message": {}, "fingerprint": "proctor-more"}}"#,
            quoted(&message)
        ));
    }
    format!("{{\"issues\": {}}}\n", super::json::array(&rows))
}

fn row(issue: &Issue<'_>, left: &mut usize) -> String {
    let (file, line) = issue.place();
    let message = format!(
        "{}: {}",
        one_line(&issue.title, MAX_LINE),
        one_line(&issue.message, MAX_LINE)
    );
    let mut row = format!(
        r#"{{"fileName": {}, "lineStart": {line}, "severity": "{}", "category": "{}", "type": "{}", "message": {}, "fingerprint": "{}""#,
        quoted(&file),
        severity(issue),
        issue.word,
        if issue.test.is_some() {
            "test"
        } else {
            "target"
        },
        quoted(&message),
        issue.fingerprint,
    );
    let names = [
        ("moduleName", issue.report.map(|report| &report.target)),
        (
            "packageName",
            issue
                .test
                .map(|test| &test.suite)
                .filter(|suite| !suite.is_empty()),
        ),
    ];
    for (field, name) in names {
        if let Some(name) = name {
            row.push_str(&format!(
                ", \"{field}\": {}",
                quoted(&escaped(&one_line(name, MAX_LINE)))
            ));
        }
    }
    let description = description(issue);
    if let Some(rest) = left
        .checked_sub(description.len())
        .filter(|_| !description.is_empty())
    {
        *left = rest;
        row.push_str(&format!(", \"description\": {}", quoted(&description)));
    }
    row + "}"
}

/// A failed test is a finding; one that could not be judged may be none. A target without results is an error. The
/// plugin's gates count by severity, so what was known before, and what does not count, is less than what is new.
const fn severity(issue: &Issue<'_>) -> &'static str {
    match issue.class {
        Class::Known => return "NORMAL",
        Class::Quarantined | Class::Flaky => return "LOW",
        Class::New | Class::Failed | Class::LeftOut | Class::Quiet => {}
    }
    match (issue.verdict, issue.test.is_some()) {
        (Verdict::Passed | Verdict::Skipped, _) => "LOW",
        (_, false) | (Verdict::Failed, _) => "ERROR",
        (Verdict::Errored | Verdict::TimedOut | Verdict::Unknown, true) => "HIGH",
        (Verdict::Cancelled, true) => "NORMAL",
    }
}

/// All that is known beyond the message, as HTML of paragraphs.
fn description(issue: &Issue<'_>) -> String {
    let test = issue.test;
    let problem = issue.report.and_then(|report| report.problem.as_ref());
    let problem = problem.filter(|_| test.is_none());
    let attempts = test.map(view::earlier).unwrap_or_default();
    let attempts = attempts
        .iter()
        .map(|(attempt, came)| format!("{attempt}: {came}"));
    let attempts = attempts
        .take(MAX_ATTEMPTS)
        .collect::<Vec<String>>()
        .join("\n");
    let attempts = Some(attempts.as_str()).filter(|text| !text.is_empty());
    let texts = [
        ("Before", attempts),
        ("Expected", test.and_then(|test| test.expected.as_deref())),
        ("Actual", test.and_then(|test| test.actual.as_deref())),
        ("Details", test.and_then(|test| test.details.as_deref())),
        ("Who", problem.map(|problem| problem.who.as_str())),
        ("Next", problem.map(|problem| problem.next.as_str())),
        (
            "Request id",
            problem.and_then(|problem| problem.request_id.as_deref()),
        ),
    ];
    let mut html = String::new();
    for (label, text) in texts {
        if let Some(text) = text {
            let text = escaped(&visible(&cut_middle(text, MAX_TEXT)));
            let text = text.trim_end().replace('\n', "<br>");
            html.push_str(&format!("<p>{label}:<br><code>{text}</code></p>"));
        }
    }
    let run = issue.report.and_then(|report| report.run.as_ref());
    let url = test
        .and_then(|test| test.url.as_deref())
        .or(run.and_then(|run| run.url.as_deref()));
    if let Some(url) = url.and_then(link) {
        let url = escaped(&url);
        html.push_str(&format!("<p><a href=\"{url}\">{url}</a></p>"));
    }
    html
}

/// The text as HTML shows it as it is.
fn escaped(text: &str) -> String {
    quick_xml::escape::escape(text).into_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::{ROOM, render};
    use crate::report::sample::{hostile, many, remarked};

    fn issues(text: &str) -> Vec<Value> {
        let root: Value = serde_json::from_str(text).unwrap();
        root["issues"].as_array().unwrap().clone()
    }

    #[test]
    fn what_is_shown_as_html_has_no_tags_but_ours() {
        for issue in issues(&render(&hostile())) {
            for field in ["description", "moduleName", "packageName"] {
                let text = issue[field].as_str().unwrap_or_default();
                let tags = text
                    .split('<')
                    .skip(1)
                    .map(|rest| rest.split('>').next().unwrap());
                for tag in tags {
                    assert!(["p", "/p", "br", "code", "/code"].contains(&tag), "{tag}");
                }
            }
        }
    }

    #[test]
    fn what_is_known_or_does_not_count_is_less_severe() {
        let issues = issues(&render(&remarked()));
        let told: Vec<&str> = issues
            .iter()
            .map(|issue| issue["severity"].as_str().unwrap())
            .collect();
        assert_eq!(
            told,
            ["LOW", "LOW", "ERROR", "HIGH", "NORMAL", "LOW", "LOW", "LOW"]
        );
        let flaky = issues[6]["description"].as_str().unwrap();
        assert!(
            flaky.contains("attempt 2: failed: 2 items, not 3"),
            "{flaky}"
        );
    }

    #[test]
    fn descriptions_go_before_issues() {
        let text = render(&many(1500, &"<".repeat(4000)));
        assert!(text.len() < ROOM + 1_000_000);
        let issues = issues(&text);
        assert_eq!(issues.len(), 1001);
        assert!(issues[0].get("description").is_some());
        assert!(issues[999].get("description").is_none() && issues[999].get("message").is_some());
        assert!(
            issues[1000]["message"]
                .as_str()
                .unwrap()
                .starts_with("500 more")
        );
    }
}
