//! From suite reports to tests and a verdict. The reports' fields are ASSUMED; what is not understood never passes.

use std::time::Duration;

use serde_json::Value;

use super::app_path;
use super::attribution::{Untold, attribute, unread, wait_for};
use super::{branch, catalog, coverage};
use crate::api::{Client, Failure, Fault, Phase, encode, json};
use crate::error::Problem;
use crate::model::{Counts, Target, TestCase, Trigger, Verdict};
use crate::services::{Description, Followed, Found, Judged, State, by_cursor, case};
use crate::verdict::worst;

/// When reports that are not there yet are asked for again. ASSUMED: a run just ended may answer 404 for a while.
const LATE_REPORTS: [Duration; 3] = [
    Duration::from_secs(1),
    Duration::from_secs(3),
    Duration::from_secs(5),
];

/// What a suite is called that its report does not name.
pub const NAMELESS: &str = "suite without a name";

/// How many reports without steps are read one by one.
const MOST_DETAILS: usize = 100;

/// Collects the reports of the job's run and judges them together with the job's state.
pub fn collect(
    client: &mut Client,
    target: &Target,
    trigger: &Trigger,
    followed: &Followed,
    found: &mut Found,
) -> Result<Judged, Problem> {
    let unread = match attribute(client, trigger, followed) {
        Ok(run) => {
            let id = run.id.clone();
            found.run = Some(run);
            read_reports(client, target, trigger, &id, found)?
        }
        Err(untold) => match (untold, client.interrupted()) {
            (_, Some(by)) => {
                return Err(Problem::new(
                    crate::error::Code::Interrupted,
                    format!("interrupted by {by}"),
                ));
            }
            (Untold::Unread(problem), None) => return Err(problem),
            (Untold::Evidence(why), None) => Some(format!(
                "the suites' results cannot be attributed to the job: {why}"
            )),
        },
    };
    if unread.is_none() {
        missing_suites(client, target, found)?;
    }
    let judged = judge(target, &followed.state, unread, found);
    match target.integer("min_schema_coverage") {
        Some(least) => {
            let has_ended = followed.state.has_ended();
            let gate = coverage::gate(client, &trigger.subject, least, has_ended)?;
            Ok(coverage::beside(judged, gate, found))
        }
        None => Ok(judged),
    }
}

/// Reads the run's suite reports; some reason if they cannot be read.
fn read_reports(
    client: &mut Client,
    target: &Target,
    trigger: &Trigger,
    run: &str,
    found: &mut Found,
) -> Result<Option<String>, Problem> {
    let base = app_path(
        &trigger.subject,
        &format!("/test-runs/{}/suite-reports", encode(run)),
    );
    let mut late = LATE_REPORTS.into_iter();
    loop {
        found.tests.clear();
        let mut details = Details::default();
        let outcome = by_cursor(
            client,
            &format!("{base}?page_size=100"),
            "list",
            |client, reports| {
                for report in reports {
                    if let Some(report) = details.with_steps(client, &base, report) {
                        found.tests.extend(suite_tests(client, target, &report));
                    }
                }
            },
        );
        let failure = match (details.missing, outcome) {
            (Some(missing), _) => return Err(missing.problem(Phase::AfterTrigger)),
            (None, Ok(())) => return Ok(None),
            (None, Err(failure)) => failure,
        };
        let not_yet = matches!(&failure.fault, Fault::Refused(refusal) if refusal.status == 404);
        match late.next() {
            Some(wait) if not_yet => wait_for(client, "the suites' reports", wait)?,
            _ => return unreadable(failure).map(Some),
        }
    }
}

/// A reason, if the reports are of no use; the problem itself, if somebody else must act.
fn unreadable(failure: Failure) -> Result<String, Problem> {
    match &failure.fault {
        Fault::Refused(refusal) if matches!(refusal.status, 404 | 410) => Ok(format!(
            "the suites' reports are not there: {}: {}",
            failure.call,
            failure.fault.told()
        )),
        _ => Err(failure.problem(Phase::AfterTrigger)),
    }
}

/// What single reports add to those in the list.
#[derive(Default)]
struct Details {
    /// How many were read.
    read: usize,
    /// Why the first was not read without which the list does not count as read.
    missing: Option<Failure>,
}

impl Details {
    /// The report with its steps, which may stand only in the single report; none if nothing tells yet what came of it.
    fn with_steps(&mut self, client: &mut Client, base: &str, report: Value) -> Option<Value> {
        let service = client.service();
        let has_steps = json::list(&report, service.assumed("steps")).is_some();
        let id = json::text(&report, service.assumed("id"));
        let (false, Some(id)) = (has_steps || self.read >= MOST_DETAILS, id) else {
            return Some(report);
        };
        self.read += 1;
        let failure = match client.get(&format!("{base}/{}", encode(&id))) {
            Ok(answer) => return Some(merged(report, &answer.json)),
            Err(failure) => failure,
        };
        // What the list tells stands without the steps, unless it is this side that did not wait for them.
        let has_verdict = json::text(&report, service.assumed("verdict")).is_some();
        let may_be_read = matches!(unread(&failure), Untold::Unread(_));
        if failure.fault.is_ours() || (may_be_read && !has_verdict) {
            self.missing.get_or_insert(failure);
            return has_verdict.then_some(report);
        }
        Some(report)
    }
}

/// The report of the list with the fields of the single one. The list's stay where that does not have them.
fn merged(report: Value, single: &Value) -> Value {
    match (report, single.get("data")) {
        (Value::Object(mut listed), Some(Value::Object(single))) => {
            listed.extend(single.clone());
            Value::Object(listed)
        }
        (report, _) => report,
    }
}

/// The tests of one suite: its steps, or the suite itself where it has none or where its steps do not account for it.
fn suite_tests(client: &mut Client, target: &Target, report: &Value) -> Vec<TestCase> {
    let service = client.service();
    let id = json::text(report, service.assumed("suite_id"));
    let name = json::text(report, service.assumed("name"))
        .or_else(|| id.clone())
        .unwrap_or_else(|| NAMELESS.to_owned());
    let (verdict, message) = suite_verdict(client, target, &name, report);
    let service = client.service();
    let steps = json::list(report, service.assumed("steps")).unwrap_or_default();
    let mut tests = Vec::with_capacity(steps.len() + 1);
    for (index, value) in steps.into_iter().enumerate() {
        tests.push(case::test(service, &name, index, value));
    }
    if target.text("buggy") == Some("warn")
        && verdict == Verdict::Passed
        && is_buggy(service, report)
    {
        // What was waved through as a whole must not fail by its steps.
        for test in tests
            .iter_mut()
            .filter(|test| test.verdict == Verdict::Failed)
        {
            test.verdict = Verdict::Skipped;
        }
    }
    if tests.is_empty() || worst(tests.iter().map(|test| test.verdict)) != verdict {
        let mut suite = TestCase::new(&name, case::SUITE_AS_A_WHOLE, verdict);
        suite.message = message.or_else(|| json::text(report, service.assumed("error_text")));
        suite.duration_ms = case::duration_ms(service, report);
        tests.push(suite);
    }
    tests
}

fn is_buggy(service: &Description, report: &Value) -> bool {
    json::text(report, service.assumed("verdict"))
        .is_some_and(|word| service.knows("words_buggy", &word))
}

/// The suite's own verdict, and why where its word alone does not tell.
fn suite_verdict(
    client: &mut Client,
    target: &Target,
    name: &str,
    report: &Value,
) -> (Verdict, Option<String>) {
    let service = client.service();
    let Some(word) = json::text(report, service.assumed("verdict")) else {
        return (
            Verdict::Errored,
            Some("its report holds no verdict".to_owned()),
        );
    };
    if service.knows("words_buggy", &word) {
        let told = "Keploy marks it as buggy: the API itself seems to answer wrongly";
        if target.text("buggy") == Some("warn") {
            client.warn(format!("suite {name:?}: {told}"));
            return (Verdict::Passed, None);
        }
        return (Verdict::Failed, Some(told.to_owned()));
    }
    case::read_word(service, &word)
}

/// A suite that was asked for and is in no report is an error, never left out.
fn missing_suites(client: &mut Client, target: &Target, found: &mut Found) -> Result<(), Problem> {
    let wanted = target.texts("suites");
    let of_branch = branch::word(target).is_some();
    if wanted.is_empty() && !of_branch {
        return Ok(());
    }
    let reported = |tests: &[TestCase], suite: &str| tests.iter().any(|test| test.suite == suite);
    let mut missing: Vec<String> = wanted
        .iter()
        .filter(|word| !reported(&found.tests, word))
        .cloned()
        .collect();
    if missing.is_empty() && !wanted.is_empty() {
        return Ok(());
    }
    // Suites may be wanted by id and reported by name, and those of a branch are wanted without being named.
    let names = match asked_names(client, target, &mut missing) {
        Ok(names) => names,
        Err(failure) => match unread(&failure) {
            Untold::Unread(problem) => return Err(problem),
            Untold::Evidence(why) if wanted.is_empty() => {
                missing = vec!["the branch's suites".to_owned()];
                client.warn(format!("which suites the branch has cannot be told: {why}"));
                vec![None]
            }
            Untold::Evidence(_) => vec![None; missing.len()],
        },
    };
    for (word, name) in missing.iter().zip(names) {
        let is_reported = |name: &String| reported(&found.tests, name);
        if !is_reported(word) && !name.as_ref().is_some_and(is_reported) {
            let name = name.unwrap_or_else(|| word.clone());
            let test = TestCase::new(name, case::SUITE_AS_A_WHOLE, Verdict::Errored);
            found
                .tests
                .push(test.because("it was asked for and is in no report"));
        }
    }
    Ok(())
}

/// The names of the suites that were asked for. `ids` gets all of a branch if none is named.
fn asked_names(
    client: &mut Client,
    target: &Target,
    ids: &mut Vec<String>,
) -> Result<Vec<Option<String>>, Failure> {
    let app = target.text("app").unwrap_or_default();
    let branch = match branch::word(target) {
        Some(_) => branch::find(client, target)?.ok(),
        None => None,
    };
    let scope = branch::Scope {
        app: app.to_owned(),
        branch,
    };
    if ids.is_empty() {
        *ids = catalog::ids(client, &scope)?;
    }
    catalog::names(client, &scope, ids)
}

/// A pass is COMPLETED with at least one suite, none of them other than passed: the guide's sample takes COMPLETED for a
/// pass, the report pages show a run as completed whatever its suites did, so neither word is enough alone.
fn judge(target: &Target, state: &State, unread: Option<String>, found: &mut Found) -> Judged {
    let counts = Counts::of(&found.tests);
    let worst = worst(found.tests.iter().map(|test| test.verdict));
    let judged = |verdict, reason: Option<String>| Judged { verdict, reason };
    match (state, unread, worst) {
        (State::Cancelled(word), _, _) => judged(
            Verdict::Cancelled,
            Some(format!("the service told of the state {word}")),
        ),
        (State::Failed(word), Some(why), _) => judged(
            Verdict::Failed,
            Some(format!(
                "the job ended {word}, which means failed tests; {why}"
            )),
        ),
        (State::Completed(_), Some(why), _) if target.is_set("trust_job_status") => {
            found.tests.push(TestCase::new("", "job", Verdict::Passed));
            judged(
                Verdict::Passed,
                Some(format!(
                    "the job's state is trusted (trust_job_status); {why}"
                )),
            )
        }
        (_, Some(why), _) => judged(
            Verdict::Errored,
            Some(format!("the job completed, but {why}")),
        ),
        (State::Failed(word), None, _) if counts.get(Verdict::Failed) == 0 => judged(
            Verdict::Errored,
            Some(format!(
                "the job ended {word}, but none of its suites failed"
            )),
        ),
        (_, None, _) if found.tests.is_empty() => {
            judged(Verdict::Skipped, Some("the run holds no suite".to_owned()))
        }
        (_, None, verdict) => judged(verdict, None),
    }
}
