//! The form of the results file. The order in which fields are written here is their order in the file.

use serde_json::Value;

use super::form::Form;
use super::writer::Writer;
use super::{ReadError, SCHEMA};
use crate::error::{Code, Problem};
use crate::model::{
    Attachment, Conclusion, Counts, Location, Quarantine, Report, Results, Run, SetAside, Standing,
    TestCase, Verdict,
};
use crate::report::view::timestamp;
use crate::verdict::effective;

const BYTE: Form = Form::Number(0, u8::MAX as u64);
const COUNT: Form = Form::Number(0, u64::MAX);
const MAYBE_COUNT: Form = Form::Optional(&COUNT);
const MAYBE_TEXT: Form = Form::Optional(&Form::Text);

/// What tells how to read the rest.
pub(super) const HEAD: Form = Form::Object(&[("schema", COUNT)]);

/// The whole file.
pub(super) const DOCUMENT: Form = Form::Object(&[
    ("schema", COUNT),
    ("verdict", Form::Verdict),
    ("exit_code", BYTE),
    ("exit_codes", Form::List(&BYTE)),
    ("version", Form::Text),
    ("started_at", Form::Moment),
    ("duration_ms", COUNT),
    ("targets", Form::List(&TARGET)),
]);

const TARGET: Form = Form::Object(&[
    ("name", Form::Text),
    ("provider", Form::Text),
    ("verdict", Form::Verdict),
    ("reason", MAYBE_TEXT),
    ("error", Form::Optional(&ERROR)),
    ("run", Form::Optional(&RUN)),
    ("counts", COUNTS),
    ("tests", Form::List(&TEST)),
    ("warnings", Form::List(&Form::Text)),
    ("started_at", Form::Moment),
    ("duration_ms", COUNT),
    ("queued_ms", MAYBE_COUNT),
    ("location", Form::Optional(&LOCATION)),
    ("set_aside", Form::Optional(&Form::Word(&SET_ASIDE))),
]);

const ERROR: Form = Form::Object(&[
    ("code", Form::Code),
    ("message", Form::Text),
    ("who", Form::Text),
    ("retriable", Form::Truth),
    ("next", Form::Text),
    ("request_id", MAYBE_TEXT),
]);

const RUN: Form = Form::Object(&[("id", Form::Text), ("url", MAYBE_TEXT)]);

const LOCATION: Form = Form::Object(&[
    ("file", Form::Text),
    ("line", Form::Number(0, u32::MAX as u64)),
]);

const COUNTS: Form = Form::Object(&[
    ("passed", COUNT),
    ("failed", COUNT),
    ("errored", COUNT),
    ("cancelled", COUNT),
    ("timed_out", COUNT),
    ("skipped", COUNT),
    ("unknown", COUNT),
    ("total", COUNT),
    ("flaky", MAYBE_COUNT),
    ("quarantined", MAYBE_COUNT),
]);

const TEST: Form = Form::Object(&[
    ("suite", Form::Text),
    ("name", Form::Text),
    ("verdict", Form::Verdict),
    ("queued_ms", MAYBE_COUNT),
    ("duration_ms", MAYBE_COUNT),
    ("attempts", Form::Number(1, u32::MAX as u64)),
    ("message", MAYBE_TEXT),
    ("details", MAYBE_TEXT),
    ("expected", MAYBE_TEXT),
    ("actual", MAYBE_TEXT),
    ("url", MAYBE_TEXT),
    ("attachments", Form::List(&ATTACHMENT)),
    ("flaky", Form::Optional(&Form::Truth)),
    ("standing", Form::Optional(&Form::Word(&STANDING))),
    ("quarantine", Form::Optional(&QUARANTINE)),
    ("earlier", Form::Optional(&Form::List(&ATTEMPT))),
]);

/// What came of a test before it was run again.
const ATTEMPT: Form = Form::Object(&[
    ("verdict", Form::Verdict),
    ("duration_ms", MAYBE_COUNT),
    ("attempts", Form::Number(1, u32::MAX as u64)),
    ("message", MAYBE_TEXT),
    ("details", MAYBE_TEXT),
    ("expected", MAYBE_TEXT),
    ("actual", MAYBE_TEXT),
    ("url", MAYBE_TEXT),
]);

const QUARANTINE: Form = Form::Object(&[("reason", Form::Text), ("until", Form::Text)]);

const STANDING: [&str; Standing::ALL.len()] = [Standing::New.word(), Standing::Known.word()];

const SET_ASIDE: [&str; SetAside::ALL.len()] =
    [SetAside::MissingKey.word(), SetAside::FailFast.word()];

const ATTACHMENT: Form = Form::Object(&[("name", Form::Text), ("url", Form::Text)]);

/// The names of the counts in the order of [`Verdict::ALL`].
const COUNTED: [&str; Verdict::ALL.len()] = [
    "passed",
    "failed",
    "errored",
    "cancelled",
    "timed_out",
    "skipped",
    "unknown",
];

impl Writer {
    fn text(&mut self, name: &str, text: &str) {
        self.key(name);
        self.string(text);
    }

    fn maybe_text(&mut self, name: &str, text: &Option<String>) {
        match text {
            Some(text) => self.text(name, text),
            None => self.null(name),
        }
    }

    fn number(&mut self, name: &str, number: u64) {
        self.key(name);
        self.plain(&number);
    }

    fn maybe_number(&mut self, name: &str, number: Option<u64>) {
        match number {
            Some(number) => self.number(name, number),
            None => self.null(name),
        }
    }

    fn maybe_word(&mut self, name: &str, word: Option<&str>) {
        match word {
            Some(word) => self.text(name, word),
            None => self.null(name),
        }
    }

    fn null(&mut self, name: &str) {
        self.key(name);
        self.plain(&"null");
    }

    fn list<T>(&mut self, name: &str, items: &[T], write: fn(&mut Self, &T)) {
        self.key(name);
        self.open('[');
        for item in items {
            self.item();
            write(self, item);
        }
        self.close(']');
    }

    fn maybe_object<T>(&mut self, name: &str, part: Option<&T>, write: fn(&mut Self, &T)) {
        match part {
            Some(part) => {
                self.key(name);
                write(self, part);
            }
            None => self.null(name),
        }
    }
}

/// Writes the whole file.
pub(super) fn write(writer: &mut Writer, results: &Results) {
    let Results {
        version,
        started_at_ms,
        duration_ms,
        conclusion,
        targets,
    } = results;
    let Conclusion {
        verdict,
        exit_code,
        exit_codes,
    } = conclusion;
    writer.open('{');
    writer.number("schema", SCHEMA);
    writer.text("verdict", verdict.word());
    writer.number("exit_code", u64::from(*exit_code));
    writer.list("exit_codes", exit_codes, |writer, code| writer.plain(code));
    writer.text("version", version);
    writer.text("started_at", &timestamp(*started_at_ms));
    writer.number("duration_ms", *duration_ms);
    writer.list("targets", targets, write_target);
    writer.close('}');
}

/// Writes a report without its handle, which belongs to the invocation that made it.
fn write_target(writer: &mut Writer, report: &Report) {
    let Report {
        target,
        provider,
        verdict,
        reason,
        problem,
        run,
        handle: _,
        tests,
        warnings,
        started_at_ms,
        duration_ms,
        queued_ms,
        location,
        set_aside,
    } = report;
    writer.open('{');
    writer.text("name", target);
    writer.text("provider", provider);
    writer.text("verdict", verdict.word());
    writer.maybe_text("reason", reason);
    writer.maybe_object("error", problem.as_ref(), write_error);
    writer.maybe_object("run", run.as_ref(), write_run);
    writer.key("counts");
    write_counts(writer, tests);
    writer.list("tests", tests, write_test);
    writer.list("warnings", warnings, |writer, text| writer.string(text));
    writer.text("started_at", &timestamp(*started_at_ms));
    writer.number("duration_ms", *duration_ms);
    writer.maybe_number("queued_ms", *queued_ms);
    writer.maybe_object("location", location.as_ref(), write_location);
    writer.maybe_word("set_aside", set_aside.map(SetAside::word));
    writer.close('}');
}

fn write_error(writer: &mut Writer, problem: &Problem) {
    let Problem {
        code,
        message,
        who,
        retriable,
        next,
        request_id,
    } = problem;
    writer.open('{');
    writer.text("code", code.name());
    writer.text("message", message);
    writer.text("who", who);
    writer.key("retriable");
    writer.plain(retriable);
    writer.text("next", next);
    writer.maybe_text("request_id", request_id);
    writer.close('}');
}

fn write_run(writer: &mut Writer, run: &Run) {
    let Run { id, url } = run;
    writer.open('{');
    writer.text("id", id);
    writer.maybe_text("url", url);
    writer.close('}');
}

fn write_location(writer: &mut Writer, location: &Location) {
    let Location { file, line } = location;
    writer.open('{');
    writer.text("file", file);
    writer.number("line", u64::from(*line));
    writer.close('}');
}

fn write_counts(writer: &mut Writer, tests: &[TestCase]) {
    let counts = Counts::of(tests);
    writer.open('{');
    for (name, verdict) in COUNTED.into_iter().zip(Verdict::ALL) {
        writer.number(name, counts.get(verdict) as u64);
    }
    writer.number("total", counts.total() as u64);
    writer.number("flaky", number_of(tests, TestCase::is_flaky));
    writer.number("quarantined", number_of(tests, is_quarantined));
    writer.close('}');
}

fn write_test(writer: &mut Writer, test: &TestCase) {
    let TestCase {
        suite,
        name,
        verdict,
        queued_ms,
        duration_ms,
        attempts,
        message,
        details,
        expected,
        actual,
        url,
        attachments,
        earlier,
        standing,
        quarantine,
    } = test;
    writer.open('{');
    writer.text("suite", suite);
    writer.text("name", name);
    writer.text("verdict", verdict.word());
    writer.maybe_number("queued_ms", *queued_ms);
    writer.maybe_number("duration_ms", *duration_ms);
    writer.number("attempts", u64::from((*attempts).max(1)));
    writer.maybe_text("message", message);
    writer.maybe_text("details", details);
    writer.maybe_text("expected", expected);
    writer.maybe_text("actual", actual);
    writer.maybe_text("url", url);
    writer.list("attachments", attachments, write_attachment);
    writer.key("flaky");
    writer.plain(&test.is_flaky());
    writer.maybe_word("standing", standing.map(Standing::word));
    writer.maybe_object("quarantine", quarantine.as_ref(), write_quarantine);
    writer.list("earlier", earlier, write_attempt);
    writer.close('}');
}

/// Writes what came of a test before it was run again: all but what it has in common with the test.
fn write_attempt(writer: &mut Writer, test: &TestCase) {
    writer.open('{');
    writer.text("verdict", test.verdict.word());
    writer.maybe_number("duration_ms", test.duration_ms);
    writer.number("attempts", u64::from(test.attempts.max(1)));
    writer.maybe_text("message", &test.message);
    writer.maybe_text("details", &test.details);
    writer.maybe_text("expected", &test.expected);
    writer.maybe_text("actual", &test.actual);
    writer.maybe_text("url", &test.url);
    writer.close('}');
}

fn write_quarantine(writer: &mut Writer, quarantine: &Quarantine) {
    let Quarantine { reason, until } = quarantine;
    writer.open('{');
    writer.text("reason", reason);
    writer.text("until", until);
    writer.close('}');
}

fn number_of(tests: &[TestCase], are: fn(&TestCase) -> bool) -> u64 {
    tests.iter().filter(|test| are(test)).count() as u64
}

const fn is_quarantined(test: &TestCase) -> bool {
    test.quarantine.is_some()
}

fn write_attachment(writer: &mut Writer, attachment: &Attachment) {
    let Attachment { name, url } = attachment;
    writer.open('{');
    writer.text("name", name);
    writer.text("url", url);
    writer.close('}');
}

/// An object that was read by its form, so that every field is what the form says.
struct Part(Value);

impl Part {
    fn take(&mut self, name: &str) -> Value {
        self.0.get_mut(name).map(Value::take).unwrap_or_default()
    }

    fn maybe_text(&mut self, name: &str) -> Option<String> {
        match self.take(name) {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    fn text(&mut self, name: &str) -> String {
        self.maybe_text(name).unwrap_or_default()
    }

    fn maybe_number(&mut self, name: &str) -> Option<u64> {
        self.take(name).as_u64()
    }

    fn number(&mut self, name: &str) -> u64 {
        self.maybe_number(name).unwrap_or_default()
    }

    fn small<T: TryFrom<u64>>(&mut self, name: &str) -> T {
        T::try_from(self.number(name))
            .ok()
            .expect("the form limits it")
    }

    fn verdict(&mut self) -> Verdict {
        let word = self.text("verdict");
        let mut all = Verdict::ALL.into_iter();
        all.find(|verdict| verdict.word() == word)
            .expect("the form allows no other word")
    }

    fn list(&mut self, name: &str) -> Vec<Value> {
        match self.take(name) {
            Value::Array(list) => list,
            _ => Vec::new(),
        }
    }

    fn part(&mut self, name: &str) -> Option<Self> {
        Some(self.take(name)).filter(Value::is_object).map(Self)
    }
}

/// The results that a file of the form [`DOCUMENT`] stands for.
///
/// # Errors
/// [`ReadError::Contradiction`] if parts of it do not fit each other.
pub(super) fn results(document: Value) -> Result<Results, ReadError> {
    let mut document = Part(document);
    let codes = document.list("exit_codes");
    let parts = document.list("targets");
    if codes.len() != parts.len() {
        return Err(ReadError::Contradiction {
            path: "exit_codes".to_owned(),
            message: format!("{} codes for {} targets", codes.len(), parts.len()),
        });
    }
    let mut targets = Vec::with_capacity(parts.len());
    for (at, part) in parts.into_iter().enumerate() {
        targets.push(report(Part(part), at)?);
    }
    let conclusion = Conclusion {
        verdict: document.verdict(),
        exit_code: document.small("exit_code"),
        exit_codes: codes
            .iter()
            .map(|code| code.as_u64().unwrap_or_default() as u8)
            .collect(),
    };
    if conclusion.verdict == Verdict::Passed && !have_passed(&targets, &conclusion) {
        return Err(ReadError::Contradiction {
            path: "verdict".to_owned(),
            message: "it is `passed`, which not every target has".to_owned(),
        });
    }
    Ok(Results {
        version: document.text("version"),
        started_at_ms: document.number("started_at"),
        duration_ms: document.number("duration_ms"),
        conclusion,
        targets,
    })
}

/// Whether the targets prove a pass, whatever a file says of itself: an edited one must not turn a pipeline green.
fn have_passed(targets: &[Report], conclusion: &Conclusion) -> bool {
    let codes = conclusion.exit_codes.iter().chain([&conclusion.exit_code]);
    !targets.is_empty()
        && targets
            .iter()
            .all(|report| effective(report) == Verdict::Passed)
        && codes.into_iter().all(|code| *code == 0)
}

fn report(mut part: Part, at: usize) -> Result<Report, ReadError> {
    let tests: Vec<TestCase> = part.list("tests").into_iter().map(test).collect();
    let told = part.part("counts");
    if !told.is_some_and(|told| are_counts_of(told, &tests)) {
        return Err(ReadError::Contradiction {
            path: format!("targets[{at}].counts"),
            message: "they are not those of the tests".to_owned(),
        });
    }
    let set_aside = part.maybe_text("set_aside");
    Ok(Report {
        target: part.text("name"),
        provider: part.text("provider"),
        verdict: part.verdict(),
        reason: part.maybe_text("reason"),
        problem: part.part("error").map(problem),
        run: part.part("run").map(|mut run| Run {
            id: run.text("id"),
            url: run.maybe_text("url"),
        }),
        handle: None,
        tests,
        warnings: part
            .list("warnings")
            .into_iter()
            .filter_map(|warning| warning.as_str().map(str::to_owned))
            .collect(),
        started_at_ms: part.number("started_at"),
        duration_ms: part.number("duration_ms"),
        queued_ms: part.maybe_number("queued_ms"),
        location: part.part("location").map(|mut location| Location {
            file: location.text("file"),
            line: location.small("line"),
        }),
        set_aside: SetAside::ALL
            .into_iter()
            .find(|each| Some(each.word()) == set_aside.as_deref()),
    })
}

fn are_counts_of(mut told: Part, tests: &[TestCase]) -> bool {
    let counts = Counts::of(tests);
    let total = told.number("total") == counts.total() as u64;
    let mut each = COUNTED.into_iter().zip(Verdict::ALL);
    total && each.all(|(name, verdict)| told.number(name) == counts.get(verdict) as u64)
}

fn problem(mut part: Part) -> Problem {
    Problem {
        code: Code::from_name(&part.text("code")).expect("the form allows no other name"),
        message: part.text("message"),
        who: part.text("who"),
        retriable: part.take("retriable").as_bool().unwrap_or_default(),
        next: part.text("next"),
        request_id: part.maybe_text("request_id"),
    }
}

fn test(value: Value) -> TestCase {
    let mut part = Part(value);
    let earlier = part.list("earlier");
    let standing = part.maybe_text("standing");
    let quarantine = part.part("quarantine");
    let attachments = part.list("attachments");
    let test = TestCase {
        suite: part.text("suite"),
        name: part.text("name"),
        queued_ms: part.maybe_number("queued_ms"),
        ..attempt(&mut part)
    };
    let named = |value| TestCase {
        suite: test.suite.clone(),
        name: test.name.clone(),
        ..attempt(&mut Part(value))
    };
    TestCase {
        attachments: attachments.into_iter().map(attachment).collect(),
        earlier: earlier.into_iter().map(named).collect(),
        standing: Standing::ALL
            .into_iter()
            .find(|each| Some(each.word()) == standing.as_deref()),
        quarantine: quarantine.map(|mut part| Quarantine {
            reason: part.text("reason"),
            until: part.text("until"),
        }),
        ..test
    }
}

/// What a test and an earlier attempt at it have in common.
fn attempt(part: &mut Part) -> TestCase {
    TestCase {
        duration_ms: part.maybe_number("duration_ms"),
        attempts: part.small("attempts"),
        message: part.maybe_text("message"),
        details: part.maybe_text("details"),
        expected: part.maybe_text("expected"),
        actual: part.maybe_text("actual"),
        url: part.maybe_text("url"),
        ..TestCase::new("", "", part.verdict())
    }
}

fn attachment(value: Value) -> Attachment {
    let mut part = Part(value);
    Attachment {
        name: part.text("name"),
        url: part.text("url"),
    }
}
