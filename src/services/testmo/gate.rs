//! Waiting for a run that others fill, and judging it. The run is never completed here.

use std::collections::BTreeSet;

use serde_json::Value;

use super::run_path;
use crate::api::{Client, Failure, Phase, json};
use crate::error::Problem;
use crate::model::{Run, Target, TestCase, Trigger, Verdict};
use crate::services::{
    Description, Followed, Found, Judged, Observer, Plan, Seen, State, by_number, case,
};
use crate::verdict::worst;

/// The whole list in the order in which the tests came. DOC: 1000 a page at most.
const TESTS: &str = "/tests?per_page=1000&sort=automation_run_tests:id&order=asc";

/// Looks whether the run is there. Nothing is triggered.
pub fn prepare(client: &mut Client, target: &Target) -> Result<Vec<Plan>, Problem> {
    let run = target.text("run").unwrap_or_default();
    let answer = client
        .get(&run_path(run, ""))
        .map_err(|failure| failure.problem(Phase::BeforeTrigger))?;
    let name = answer.json["result"].get("name").and_then(json::scalar);
    let intent = Trigger {
        subject: run.to_owned(),
        title: name.unwrap_or_else(|| format!("run {run}")),
        runs: vec![run.to_owned()],
        ..Trigger::default()
    };
    Ok(vec![Plan { call: None, intent }])
}

/// Looks at the run until its end.
pub fn observer(target: &Target, trigger: &Trigger) -> Box<dyn Observer> {
    Box::new(Gate {
        path: run_path(&trigger.subject, ""),
        threads: target.integer("threads"),
    })
}

struct Gate {
    path: String,
    threads: Option<i64>,
}

impl Observer for Gate {
    fn look(&mut self, client: &mut Client) -> Result<Seen, Failure> {
        let answer = client.get_once(&self.path)?;
        Ok(Seen {
            state: self.state(client.service(), &answer.json),
            body: answer.json,
        })
    }
}

impl Gate {
    /// The run's state. Its status shows failures while it still runs, so only its end is an end.
    fn state(&self, service: &Description, run: &Value) -> State {
        let state = service.state(run, "state");
        let Some(word) = state.word() else {
            return State::Absent;
        };
        let word = spoken(word, &state);
        match (is_completed(service, run), state) {
            (Some(true), _) => State::Completed(word),
            (Some(false), _) if self.has_its_threads(service, run) => State::Completed(word),
            (Some(false), State::Unknown(_)) => State::Unknown(word),
            (Some(false), _) => State::Running(word),
            (None, _) => State::Absent,
        }
    }

    fn has_its_threads(&self, service: &Description, run: &Value) -> bool {
        let count = |places| json::number(run, service.assumed(places));
        match (
            self.threads,
            count("threads_completed"),
            count("threads_active"),
        ) {
            (Some(wanted), Some(completed), Some(active)) => {
                active == 0.0 && completed >= wanted as f64
            }
            _ => false,
        }
    }
}

/// The status for people, to whom a number alone says nothing.
fn spoken(word: &str, state: &State) -> String {
    match state {
        State::Passed(_) => format!("{word} (no failures)"),
        State::Failed(_) => format!("{word} (failures)"),
        State::Running(_) => format!("{word} (running)"),
        _ => word.to_owned(),
    }
}

fn is_completed(service: &Description, run: &Value) -> Option<bool> {
    match json::text(run, service.assumed("is_completed"))?.as_str() {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}

/// Reads the run's tests and judges them together with what the run says of itself.
pub fn collect(
    client: &mut Client,
    target: &Target,
    trigger: &Trigger,
    followed: &Followed,
    found: &mut Found,
) -> Result<Judged, Problem> {
    found.run = Some(Run {
        id: trigger.subject.clone(),
        url: None,
    });
    let path = run_path(&trigger.subject, TESTS);
    let mut tests = by_number(client, &path, "list", usize::MAX)
        .map_err(|failure| failure.problem(Phase::AfterTrigger))?;
    // What stands there twice, word for word, is one test, and must not stand in for another.
    let mut seen = BTreeSet::new();
    tests.retain(|test| seen.insert(json::written(test)));
    let service = client.service();
    for (index, test) in tests.iter().enumerate() {
        found.tests.push(read_test(service, index, test));
    }
    // What is no number of things counts nothing.
    let count = |places| {
        let number = json::number(&followed.body, service.assumed(places));
        number.filter(|number| *number >= 0.0 && number.fract() == 0.0)
    };
    let counts = Counts {
        total: count("count_total"),
        failed: count("count_failed"),
    };
    let was_completed = is_completed(service, &followed.body) == Some(true);
    let status = service.state(&followed.body, "state");
    let judged = judge(&counts, &status, was_completed, &found.tests);
    Ok(match (judged.verdict, was_completed) {
        (Verdict::Passed, false) => Judged::because(
            Verdict::Passed,
            format!(
                "all {} threads are complete; the run itself is still open",
                target.integer("threads").unwrap_or_default()
            ),
        ),
        _ => judged,
    })
}

fn read_test(service: &Description, index: usize, test: &Value) -> TestCase {
    let folder = json::text(test, service.assumed("folder")).unwrap_or_default();
    let mut case = case::test(service, &folder, index, test);
    // Nothing above 2^53 is a time.
    let elapsed = json::number(test, service.assumed("elapsed_us"));
    case.duration_ms = elapsed
        .filter(|us| (0.0..9e15).contains(us))
        .map(|us| us as u64 / 1000);
    case
}

/// What the run says of its tests together.
struct Counts {
    total: Option<f64>,
    failed: Option<f64>,
}

/// Fails closed: a pass needs an end, tests, all of them read, none of them failed, and nobody who says otherwise.
fn judge(counts: &Counts, status: &State, was_completed: bool, tests: &[TestCase]) -> Judged {
    let (Some(total), Some(failed)) = (counts.total, counts.failed) else {
        return Judged::because(Verdict::Errored, "the run does not count its tests");
    };
    let worst = worst(tests.iter().map(|test| test.verdict));
    let listed = tests.len() as f64;
    if total == 0.0 && tests.is_empty() {
        return Judged::because(Verdict::Skipped, "the run holds no test");
    }
    if failed > 0.0 && !tests.iter().any(|test| test.verdict == Verdict::Failed) {
        return Judged::because(
            Verdict::Failed,
            format!(
                "the run counts {} failed tests, but lists none",
                failed as u64
            ),
        );
    }
    if failed > 0.0 || worst == Verdict::Failed {
        return Judged::plain(Verdict::Failed);
    }
    if matches!(status, State::Failed(_)) {
        return Judged::because(
            Verdict::Failed,
            "the run's status is a failure, but none of its tests is",
        );
    }
    if listed < total {
        return Judged::because(
            Verdict::Errored,
            format!(
                "the run counts {} tests, but lists {}",
                total as u64,
                tests.len()
            ),
        );
    }
    match (status, worst) {
        // Once the run is complete nothing runs any more; before, the threads speak for it.
        (State::Passed(_), worst) => Judged::plain(worst),
        (State::Running(_), worst) if !was_completed => Judged::plain(worst),
        (_, Verdict::Passed) => Judged::because(
            Verdict::Errored,
            format!(
                "the run ended in a status that says nothing, {:?}",
                status.word().unwrap_or_default()
            ),
        ),
        (_, worst) => Judged::plain(worst),
    }
}
