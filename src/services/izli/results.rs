//! From the entries of a trigger's runs to tests and a verdict.

use serde_json::Value;

use super::entry::{Entry, degraded_passes, meaning};
use crate::api::{Client, json};
use crate::model::{Run, Target, TestCase, Trigger, Verdict};
use crate::services::{Description, Followed, Found, Judged, case};
use crate::verdict::worst;
use crate::watch::{Ending, Leave};

/// Makes the tests of each run and judges them. What is missing is never a pass.
pub fn collect(
    client: &mut Client,
    target: &Target,
    trigger: &Trigger,
    followed: &Followed,
    found: &mut Found,
) -> Judged {
    let body = &followed.body;
    let runs = list(body, "runs");
    let due = body.get("due").and_then(Value::as_u64).unwrap_or(1);
    let missing = match &followed.ending {
        Ending::Left {
            why: Leave::Interrupted(_),
            ..
        } => Verdict::Cancelled,
        Ending::Left { .. } => Verdict::TimedOut,
        _ => Verdict::Errored,
    };
    let form = Form {
        service: client.service(),
        degraded_passes: degraded_passes(target),
        title: &trigger.title,
        by_location: due > 1,
        defined: list(body, "steps"),
        missing,
    };
    let mut verdicts = Vec::new();
    let mut entries = Vec::with_capacity(runs.len());
    for run in &runs {
        let value = run.get("entry").cloned().unwrap_or_default();
        let entry = Entry::read(form.service, form.degraded_passes, value);
        let attempts = run.get("attempts").and_then(Value::as_u64).unwrap_or(1);
        // Beyond what was due, a run that still goes on is no longer waited for.
        if entry.verdict().is_some() || matches!(followed.ending, Ending::Left { .. }) {
            let tests = form.tests(&entry, attempts);
            // A step that went wrong spoils a run that says it passed.
            verdicts.push(worst(tests.iter().map(|test| test.verdict)));
            found.tests.extend(tests);
            entries.push(entry);
        }
    }
    for name in list(body, "locations") {
        let name = json::shown(name);
        let is_there = |entry: &Entry| {
            let place = entry.location.as_deref();
            place.is_some_and(|place| place.eq_ignore_ascii_case(&name))
        };
        if entries.len() < due as usize && !entries.iter().any(is_there) {
            let test = TestCase::new(form.suite(Some(&name)), WHOLE, missing);
            found
                .tests
                .push(test.because("this location brought no result"));
            verdicts.push(missing);
        }
    }
    found.run = only_run(form.service, &entries);
    let told = own_answer(&form, body, &mut verdicts, found);
    let by_time = entries.iter().any(|entry| {
        let id = entry.id.as_ref();
        id.is_none_or(|id| !trigger.runs.contains(id))
    });
    if by_time {
        client.warn(format!(
            "a run of {} was attributed by time, as the trigger's answer did not name it: one that the schedule began after the trigger could not be told apart",
            trigger.title
        ));
    }
    judge(&verdicts, followed, told, found, (&trigger.title, missing))
}

/// The name of the test that stands for a run.
const WHOLE: &str = case::RUN_AS_A_WHOLE;

/// How tests are made.
struct Form<'a> {
    service: &'a Description,
    degraded_passes: bool,
    title: &'a str,
    /// Whether results of several locations are due.
    by_location: bool,
    /// The names of the steps that are defined.
    defined: Vec<&'a Value>,
    /// What a run that has not ended amounts to.
    missing: Verdict,
}

impl Form<'_> {
    fn suite(&self, location: Option<&str>) -> String {
        match location.filter(|_| self.by_location) {
            Some(location) => format!("{} ({location})", self.title),
            None => self.title.to_owned(),
        }
    }

    /// The tests of one run: its steps, or the run itself where it has none or where they do not account for it.
    fn tests(&self, entry: &Entry, attempts: u64) -> Vec<TestCase> {
        let service = self.service;
        let suite = self.suite(entry.location.as_deref());
        let verdict = entry.verdict().unwrap_or(self.missing);
        let steps = json::list(&entry.value, service.assumed("steps")).unwrap_or_default();
        let count = steps.len();
        let mut tests = Vec::with_capacity(count + 1);
        for (index, step) in steps.into_iter().enumerate() {
            tests.push(self.step(&suite, index, step));
        }
        if verdict != Verdict::Passed && count > 0 {
            // What is defined after the step that ended the run was not carried out.
            for name in self.defined.iter().skip(count) {
                tests.push(TestCase::new(&suite, json::shown(name), Verdict::Skipped));
            }
        }
        if count == 0 || worst(tests.iter().map(|test| test.verdict)) != verdict {
            tests.push(self.whole(suite, verdict, entry));
        }
        for test in &mut tests {
            test.attempts = u32::try_from(attempts).unwrap_or(u32::MAX).max(1);
        }
        tests
    }

    fn step(&self, suite: &str, index: usize, step: &Value) -> TestCase {
        let mut test = case::test(self.service, suite, index, step);
        let word = json::text(step, self.service.assumed("step_verdict"));
        let degraded = word.is_some_and(|word| self.service.knows("states_degraded", &word));
        if degraded && self.degraded_passes {
            test.verdict = Verdict::Passed;
        }
        test
    }

    /// The run as one test. It has a step's fields but for its name and its verdict.
    fn whole(&self, suite: String, verdict: Verdict, entry: &Entry) -> TestCase {
        let mut test = case::test(self.service, &suite, 0, &entry.value);
        test.name = WHOLE.to_owned();
        test.verdict = verdict;
        test.url = json::text(&entry.value, self.service.assumed("entry_url"));
        let assertion = test.message.take().filter(|_| test.details.is_some());
        if verdict != Verdict::Passed {
            test.message = assertion
                .or_else(|| json::text(&entry.value, self.service.assumed("error_text")))
                .or_else(|| Some(format!("the state of the run is {}", entry.word)));
        }
        test
    }
}

/// The run, if it is one that has an id.
fn only_run(service: &Description, entries: &[Entry]) -> Option<Run> {
    let [entry] = entries else { return None };
    Some(Run {
        id: entry.id.clone()?,
        url: json::text(&entry.value, service.assumed("entry_url")),
    })
}

/// What the trigger's own answer told of its result counts beside the entries, or alone where there are none.
fn own_answer(
    form: &Form,
    body: &Value,
    verdicts: &mut Vec<Verdict>,
    found: &mut Found,
) -> Option<String> {
    let word = json::text(body, &["told".to_owned()])?;
    let state = meaning(form.service, form.degraded_passes, word.clone());
    let verdict = state.verdict().unwrap_or(Verdict::Errored);
    let so_far = worst(verdicts.iter().copied());
    if !verdicts.is_empty() && worst([so_far, verdict]) == so_far {
        return None;
    }
    let test = TestCase::new(form.title, case::ANSWER_TO_THE_TRIGGER, verdict);
    found.tests.push(match verdict {
        Verdict::Passed => test,
        _ => test.because(format!("the trigger was answered with {word}")),
    });
    verdicts.push(verdict);
    Some(format!("the trigger itself was answered with {word}"))
}

fn judge(
    verdicts: &[Verdict],
    followed: &Followed,
    told: Option<String>,
    found: &mut Found,
    (title, missing): (&str, Verdict),
) -> Judged {
    if let Some(why) = json::text(&followed.body, &["why".to_owned()]) {
        let test = TestCase::new(title, WHOLE, Verdict::Errored);
        found.tests.push(test.because(&why));
        return Judged::because(Verdict::Errored, why);
    }
    if verdicts.is_empty() {
        let why = "no result came";
        let test = TestCase::new(title, WHOLE, missing);
        found.tests.push(test.because(why));
        return Judged::because(missing, why);
    }
    match worst(verdicts.iter().copied()) {
        // A run that was asked for and did not take place is no result.
        Verdict::Skipped => Judged::because(
            Verdict::Errored,
            "the service skipped the run, so that there is no result",
        ),
        verdict => Judged {
            verdict,
            reason: told,
        },
    }
}

fn list<'a>(body: &'a Value, name: &str) -> Vec<&'a Value> {
    body.get(name)
        .and_then(Value::as_array)
        .map(|items| items.iter().collect())
        .unwrap_or_default()
}
