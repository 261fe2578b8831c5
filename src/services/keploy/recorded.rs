//! Record/replay test reports: made by `keploy` in somebody's own pipeline, and read back by id. Nothing is started.
//!
//! DOC: the report with its totals, the full report with its test cases, and the lists. Fails closed: what the totals
//! count and no list shows is not taken for a pass.

mod case;
mod duration;
mod list;

use serde_json::Value;

use super::app_path;
use crate::api::{Client, Failure, Phase, encode, json as read};
use crate::error::{Code, Problem};
use crate::model::{Counts, Run, Target, TestCase, Trigger, Verdict};
use crate::services::{Description, Followed, Found, Judged, Observer, Plan, Seen, State};
use crate::verdict::worst;

/// Looks whether the report is there.
pub fn prepare(client: &mut Client, target: &Target) -> Result<Vec<Plan>, Problem> {
    let app = target.text("app").unwrap_or_default();
    let report = target.text("test_report").unwrap_or_default();
    let name = look(client, app, report)?;
    let intent = Trigger {
        subject: app.to_owned(),
        title: name.unwrap_or_else(|| format!("test report {report}")),
        job: Some(report.to_owned()),
        runs: vec![report.to_owned()],
        ..Trigger::default()
    };
    Ok(vec![Plan { call: None, intent }])
}

/// The report's name, if it has one.
fn look(client: &mut Client, app: &str, report: &str) -> Result<Option<String>, Problem> {
    let answer = client
        .get(&path_of(app, report, ""))
        .map_err(|failure| failure.problem(Phase::BeforeTrigger))?;
    let data = answer.json.get("data").unwrap_or(&Value::Null);
    Ok(read::text(data, client.service().assumed("name")))
}

/// What is told of the report before it is read.
pub fn check(client: &mut Client, target: &Target) -> Result<String, Problem> {
    let app = target.text("app").unwrap_or_default();
    let report = target.text("test_report").unwrap_or_default();
    Ok(match look(client, app, report)? {
        Some(name) => format!("test report {report} is {name:?}"),
        None => format!("test report {report} is there"),
    })
}

fn path_of(app: &str, report: &str, below: &str) -> String {
    app_path(app, &format!("/test-reports/{}{below}", encode(report)))
}

fn path(trigger: &Trigger, below: &str) -> String {
    let report = trigger.job.as_deref().unwrap_or_default();
    path_of(&trigger.subject, report, below)
}

/// Looks at the report until it is complete.
pub fn observer(trigger: &Trigger) -> Box<dyn Observer> {
    Box::new(Waiting(path(trigger, "")))
}

struct Waiting(String);

impl Observer for Waiting {
    fn look(&mut self, client: &mut Client) -> Result<Seen, Failure> {
        let answer = client.get_once(&self.0)?;
        Ok(Seen {
            state: state(client.service(), &answer.json),
            body: answer.json,
        })
    }
}

/// A report's words for its end say what became of its tests, so that they are read apart from those of a job.
fn state(service: &Description, report: &Value) -> State {
    match read::text(report, service.assumed("report_state")) {
        None => State::Absent,
        Some(word) if service.knows("report_states_ended", &word) => State::Completed(word),
        Some(word) => match service.meaning(word) {
            State::Queued(word) => State::Queued(word),
            State::Running(word) => State::Running(word),
            other => State::Unknown(other.word().unwrap_or_default().to_owned()),
        },
    }
}

/// Reads the test cases and judges them together with the report's totals.
pub fn collect(
    client: &mut Client,
    trigger: &Trigger,
    followed: &Followed,
    found: &mut Found,
) -> Result<Judged, Problem> {
    found.run = Some(Run {
        id: trigger.job.clone().unwrap_or_default(),
        url: page(client.service(), trigger),
    });
    if !followed.state.has_ended() {
        return Ok(Judged::because(
            Verdict::Errored,
            "the test report is not complete",
        ));
    }
    list::read(client, trigger, found)?;
    if let Some(by) = client.interrupted() {
        return Err(Problem::new(
            Code::Interrupted,
            format!("interrupted by {by}"),
        ));
    }
    let totals = Totals::of(client.service(), &followed.body);
    let word = followed.state.word().unwrap_or_default();
    Ok(judge(&totals, word, &found.tests))
}

/// The page for people. DOC: its form.
fn page(service: &Description, trigger: &Trigger) -> Option<String> {
    let form = service.assumed("report_page").first()?;
    let report = encode(trigger.job.as_deref().unwrap_or_default());
    let page = form.replace("{report}", &report);
    let page = page.replace("{app}", &encode(&trigger.subject));
    page.starts_with("https://").then_some(page)
}

/// How many test cases the report itself counts.
struct Totals {
    passed: Option<u64>,
    failed: Option<u64>,
    ignored: Option<u64>,
}

impl Totals {
    fn of(service: &Description, report: &Value) -> Self {
        let count = |places| {
            let number = read::number(report, service.assumed(places))?;
            // What is no number of things counts nothing.
            (number >= 0.0 && number.fract() == 0.0 && number < 1e15).then_some(number as u64)
        };
        Self {
            passed: count("report_passed"),
            failed: count("report_failed"),
            ignored: count("report_ignored"),
        }
    }
}

/// A pass needs the word for it, totals, every test case that they count, and none that did anything but pass.
fn judge(totals: &Totals, word: &str, tests: &[TestCase]) -> Judged {
    let counts = Counts::of(tests);
    let listed = |verdict| counts.get(verdict) as u64;
    let worst = worst(tests.iter().map(|test| test.verdict));
    if let Some(failed) = totals.failed
        && failed > listed(Verdict::Failed)
    {
        return Judged::because(
            Verdict::Failed,
            format!(
                "the report counts {failed} failed test cases, and lists {} of them",
                listed(Verdict::Failed)
            ),
        );
    }
    if worst == Verdict::Failed {
        return Judged::plain(worst);
    }
    if word.eq_ignore_ascii_case("FAILED") {
        return Judged::because(
            Verdict::Failed,
            "the report's status is FAILED, though none of its test cases has failed",
        );
    }
    let (Some(passed), Some(_), Some(ignored)) = (totals.passed, totals.failed, totals.ignored)
    else {
        return Judged::because(Verdict::Errored, "the report does not count its test cases");
    };
    let is_short = passed > listed(Verdict::Passed) || ignored > listed(Verdict::Skipped);
    match (word.to_ascii_uppercase().as_str(), worst) {
        _ if is_short => Judged::because(
            Verdict::Errored,
            format!(
                "the report counts {} test cases, and lists {}",
                passed + ignored,
                tests.len()
            ),
        ),
        _ if tests.is_empty() => Judged::because(Verdict::Skipped, "the report holds no test case"),
        ("PASSED" | "IGNORED", worst) => Judged::plain(worst),
        (_, Verdict::Passed | Verdict::Skipped) => Judged::because(
            Verdict::Errored,
            format!("the report's status is {word}, which is no pass"),
        ),
        (_, worst) => Judged::plain(worst),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn totals_and_lists_have_to_agree_for_a_pass() {
        use Verdict::{Errored, Failed, Passed, Skipped};
        let some = |passed, failed, ignored| [Some(passed), Some(failed), Some(ignored)];
        /// Totals, the report's word, its cases, and what that amounts to.
        type Row<'a> = ([Option<u64>; 3], &'a str, &'a [Verdict], Verdict);
        let cases: &[Row<'_>] = &[
            (some(2, 0, 0), "PASSED", &[Passed, Passed], Passed),
            (some(1, 0, 1), "PASSED", &[Passed, Skipped], Passed),
            (some(0, 0, 0), "PASSED", &[], Skipped),
            (some(3, 0, 0), "PASSED", &[Passed], Errored),
            (some(1, 0, 1), "PASSED", &[Passed], Errored),
            (some(1, 1, 0), "PASSED", &[Passed], Failed),
            (some(1, 1, 0), "FAILED", &[Passed, Failed], Failed),
            (some(1, 0, 0), "PASSED", &[Passed, Failed], Failed),
            (some(1, 0, 0), "FAILED", &[Passed], Failed),
            (some(1, 0, 0), "PASSED", &[Passed, Errored], Errored),
            (some(1, 0, 0), "OBSOLETE", &[Passed], Errored),
            (some(0, 0, 1), "IGNORED", &[Skipped], Skipped),
            ([None, Some(0), Some(0)], "PASSED", &[Passed], Errored),
            ([None, Some(1), None], "PASSED", &[Passed], Failed),
            ([None; 3], "FAILED", &[], Failed),
        ];
        for (totals, word, verdicts, expected) in cases {
            let tests: Vec<TestCase> = verdicts
                .iter()
                .map(|verdict| TestCase::new("", "", *verdict))
                .collect();
            let [passed, failed, ignored] = *totals;
            let totals = Totals {
                passed,
                failed,
                ignored,
            };
            let judged = judge(&totals, word, &tests);
            assert_eq!(judged.verdict, *expected, "{word} {verdicts:?}");
        }
    }
}
