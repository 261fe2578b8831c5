//! The four calls that are documented.

use std::time::Duration;

use serde_json::{Value, json};

use super::course::Course;
use super::scenario::{Ampersand, Items};
use super::state::State;
use super::test::Test;
use super::{Past, TestClix};
use crate::call::{Call, Reply};

/// The answer for an unknown test, of whatever kind. Source: the API page.
const NO_TEST: &str = "Scenario doesn't exists";

/// Source: the API page.
const USED_UP: &str = "Execution limit exceeded";

/// Answers a call whose key is all right.
pub fn route(service: &TestClix, call: &Call) -> Reply {
    // The path as it was sent: how the ampersand is written matters.
    let path: Vec<&str> = call.path.split('/').skip(1).collect();
    let path = path.as_slice();
    if !matches!(path, ["status"] | ["status" | "execute", _]) {
        return service.message(404, "Not Found");
    }
    if !call.body.is_empty() || !call.query.is_empty() {
        // ASSUMED: no call has a body or a parameter; whether the service minds is not documented.
        return service.message(400, "this call has neither a body nor parameters");
    }
    match (call.method.as_str(), path) {
        ("GET", ["status"]) => overview(service),
        ("GET", ["status", "details"]) => details(service),
        ("GET", ["status", id]) => status(service, call, id),
        ("POST", ["execute", id]) => execute(service, call, id),
        // ASSUMED: what another method answers is not documented.
        _ => service.message(405, "Method Not Allowed"),
    }
}

/// The test that a segment of a path names.
fn test<'a>(service: &'a TestClix, call: &Call, segment: &str) -> Option<&'a Test> {
    let bare = segment.contains('&');
    let encoded = segment.contains("%26");
    let refused = match service.settings.ampersand {
        Ampersand::Both => false,
        Ampersand::Encoded => bare,
        Ampersand::Bare => encoded,
    };
    let id = call.segments().pop()?;
    let mut tests = service.settings.tests.iter();
    tests.find(|test| test.id == id && !refused)
}

impl Past {
    fn now(&self) -> Duration {
        self.began.elapsed()
    }

    fn course(&mut self, test: &Test, now: Duration) -> &mut Course {
        self.courses
            .entry(test.id.clone())
            .or_insert_with(|| Course::new(test, now))
    }

    /// The state of a test that is not itself asked for.
    fn state(&self, test: &Test) -> State {
        let course = self.courses.get(&test.id);
        course.map_or(test.before, |course| course.state(test, self.now()))
    }
}

fn answer(service: &TestClix, test: &Test, state: State) -> Reply {
    let status = state.spelled(service.settings.spelling);
    Reply::json(200, &json!({"test_id": test.id, "status": status}))
}

fn status(service: &TestClix, call: &Call, segment: &str) -> Reply {
    let Some(test) = test(service, call, segment) else {
        return service.message(404, NO_TEST);
    };
    let mut past = service.past();
    let now = past.now();
    let state = past.course(test, now).read(test, now);
    answer(service, test, state)
}

fn execute(service: &TestClix, call: &Call, segment: &str) -> Reply {
    let Some(test) = test(service, call, segment) else {
        return service.message(404, NO_TEST);
    };
    let mut past = service.past();
    if let Some(left) = past.executions_left {
        let Some(left) = left.checked_sub(1) else {
            return service.message(403, USED_UP);
        };
        past.executions_left = Some(left);
    }
    let now = past.now();
    past.course(test, now).start(test, now);
    answer(service, test, State::Queued)
}

/// The tests in alarm. ASSUMED: an acknowledged one is not.
fn failing(service: &TestClix) -> Vec<&Test> {
    let past = service.past();
    let tests = service.settings.tests.iter();
    tests
        .filter(|test| past.state(test) == State::Error)
        .collect()
}

/// ASSUMED: the whole is `error` if a test is, else `pass`.
fn overall(service: &TestClix, failing: &[&Test]) -> String {
    let state = if failing.is_empty() {
        State::Pass
    } else {
        State::Error
    };
    state.spelled(service.settings.spelling)
}

fn overview(service: &TestClix) -> Reply {
    let status = overall(service, &failing(service));
    Reply::json(200, &json!({"status": status}))
}

fn details(service: &TestClix) -> Reply {
    let failing = failing(service);
    let items: Vec<Value> = failing.iter().map(|test| item(service, test)).collect();
    Reply::json(
        200,
        &json!({
            "status": overall(service, &failing),
            "tests": {"error": {"count": items.len(), "items": items}},
        }),
    )
}

fn item(service: &TestClix, test: &Test) -> Value {
    let settings = &service.settings;
    match settings.items {
        Items::Ids => json!(test.id),
        Items::Names => json!(test.title()),
        Items::Objects => {
            let status = State::Error.spelled(settings.spelling);
            json!({"test_id": test.id, "name": test.title(), "status": status})
        }
    }
}
