//! Which call does what.

use serde_json::{Value, json};

use super::events::{events, load_events};
use super::jobs::Job;
use super::load::LoadTest;
use super::scenario::{App, Link};
use super::trigger::trigger;
use super::{Keploy, branches, generation, lists, load, lock, recorded, shapes, usual_code};
use crate::call::{Call, Reply};

/// The largest body that is taken, in bytes. Source: the OpenAPI file.
const LARGEST: usize = 5 * 1024 * 1024;

/// What is documented below an app, and not here.
const NOT_HERE: [&str; 2] = ["generation-history", "recordings"];

/// Answers a call whose key is all right.
pub fn route(keploy: &Keploy, call: &Call) -> Reply {
    if call.body.len() > LARGEST {
        return keploy
            .answers
            .error(413, "VALIDATION_ERROR", "the body is over 5 MB");
    }
    let segments = call.segments();
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    match (call.method.as_str(), segments.as_slice()) {
        ("GET", ["users", "me"]) => keploy.me(),
        ("GET", ["apps"]) => apps(keploy, call),
        ("GET", ["jobs"]) => jobs(keploy, call),
        ("GET", ["jobs", id]) => with_job(keploy, id, |job| {
            keploy.answers.data(200, shapes::job(&keploy.settings, job))
        }),
        ("GET", ["jobs", id, "events"]) => with_job(keploy, id, |job| events(keploy, job)),
        ("POST", ["jobs", id, "stop"]) => stop(keploy, id),
        (_, ["api-keys", ..]) | ("DELETE", ["apps", _]) => {
            not_here(keploy, "managing keys and apps")
        }
        (method, ["apps", app, rest @ ..]) => {
            match keploy.settings.apps.iter().find(|known| known.id == *app) {
                Some(app) => of_app(keploy, call, method, app, rest),
                None => missing(keploy, "app"),
            }
        }
        _ => missing(keploy, "path"),
    }
}

fn of_app(keploy: &Keploy, call: &Call, method: &str, app: &App, rest: &[&str]) -> Reply {
    match (method, rest) {
        ("GET", []) => one_app(keploy, call, app),
        ("GET", ["test-suites"]) => suites(keploy, call, app),
        ("GET", ["test-suites", id]) => {
            let known = generation::suites(keploy, app);
            match known.iter().find(|suite| suite.id == *id) {
                Some(suite) => keploy.answers.data(200, shapes::suite(suite)),
                None => missing(keploy, "suite"),
            }
        }
        ("GET", ["branches"]) => branches::list(keploy, call, app),
        ("POST", ["branches", "ci"]) => branches::find_or_create(keploy, call, app),
        ("GET", ["schema-coverage"]) => coverage(keploy, app),
        ("GET", ["test-reports", rest @ ..]) => recorded::route(keploy, call, app, rest),
        ("GET", ["load-tests"]) => load::list(keploy, app),
        ("POST", ["load-tests"]) => load::start(keploy, call, app),
        ("GET", ["load-tests", id]) => with_load_test(keploy, app, id, |test| {
            keploy.answers.data(200, test.report(&keploy.settings, app))
        }),
        ("GET", ["load-tests", id, "events"]) => {
            with_load_test(keploy, app, id, |test| load_events(keploy, app, test))
        }
        ("POST", ["load-tests", id, "stop"]) => load::stop(keploy, app, id),
        ("POST", ["test-suites", "generate"]) => generation::generate(keploy, call, app),
        ("POST", ["test-suites", "run"]) => trigger(keploy, call, app),
        ("GET", ["test-runs"]) => runs(keploy, call, app),
        ("GET", ["test-runs", run]) => with_run(keploy, app, run, |job| {
            keploy.answers.data(200, shapes::run(&keploy.settings, job))
        }),
        ("GET", ["test-runs", run, "suite-reports"]) => with_reports(keploy, app, run, |job| {
            let settings = &keploy.settings;
            lists::by_cursor(keploy, call, job.reported(settings), |&index| {
                shapes::report(settings, job, index, &job.suites()[index], false)
            })
        }),
        ("GET", ["test-runs", run, "suite-reports", id]) => {
            with_reports(keploy, app, run, |job| single_report(keploy, job, id))
        }
        ("POST", ["test-suites", _, "validate"] | ["test-runs", _, "normalize"]) => {
            not_here(keploy, "this call")
        }
        (_, [first, ..]) if NOT_HERE.contains(first) => not_here(keploy, first),
        _ => missing(keploy, "path"),
    }
}

/// Says that a part of the documented API is not in the sandbox, rather than answering wrongly.
fn not_here(keploy: &Keploy, what: &str) -> Reply {
    let message = format!("{what}: the real service has this, the sandbox does not");
    keploy.answers.error(501, "NOT_IN_SANDBOX", &message)
}

/// The first of the parameters that the real service has and the sandbox does not.
pub fn unserved(keploy: &Keploy, call: &Call, parameters: &[&str]) -> Option<Reply> {
    let found = parameters
        .iter()
        .find(|name| call.parameter(name).is_some())?;
    Some(not_here(keploy, found))
}

pub fn missing(keploy: &Keploy, what: &str) -> Reply {
    keploy
        .answers
        .error(404, "RESOURCE_NOT_FOUND", &format!("{what} not found"))
}

fn app_json(app: &App) -> Value {
    json!({"id": app.id, "name": app.name, "endpoint": app.endpoint, "cid": "c-1",
        "created_at": 1_735_689_600, "updated_at": 1_735_776_000})
}

fn apps(keploy: &Keploy, call: &Call) -> Reply {
    let wanted = call.parameter("q").unwrap_or_default().to_lowercase();
    let apps = keploy.settings.apps.iter();
    let apps: Vec<&App> = apps
        .filter(|app| app.name.to_lowercase().contains(&wanted))
        .collect();
    lists::by_offset(keploy, call, &apps, |app| app_json(app))
}

fn one_app(keploy: &Keploy, call: &Call, app: &App) -> Reply {
    unserved(keploy, call, &["fields"]).unwrap_or_else(|| keploy.answers.data(200, app_json(app)))
}

fn suites(keploy: &Keploy, call: &Call, app: &App) -> Reply {
    if let Some(reply) = unserved(keploy, call, &["q", "has_sandbox_test"]) {
        return reply;
    }
    match branches::asked(keploy, call, app) {
        Ok(Some(branch)) => lists::by_cursor(keploy, call, &branch.suites, shapes::suite),
        Ok(None) => {
            let suites = generation::suites(keploy, app);
            lists::by_cursor(keploy, call, &suites, shapes::suite)
        }
        Err(reply) => reply,
    }
}

/// DOC: a percentage is told, and the app must have a schema. ASSUMED: where, and 404 for an app without one.
fn coverage(keploy: &Keploy, app: &App) -> Reply {
    match &app.schema_coverage {
        Some(told) => {
            let name = keploy.settings.spelling.spell("coverage_percentage");
            keploy.answers.data(200, json!({name: told}))
        }
        None => missing(keploy, "schema"),
    }
}

fn with_load_test(
    keploy: &Keploy,
    app: &App,
    id: &str,
    answer: impl FnOnce(&LoadTest) -> Reply,
) -> Reply {
    let tests = lock(&keploy.load_tests).clone();
    let mut own = tests.iter().filter(|test| test.app == app.id);
    own.find(|test| test.id == id)
        .map_or_else(|| missing(keploy, "load test"), answer)
}

fn jobs(keploy: &Keploy, call: &Call) -> Reply {
    let jobs = lock(&keploy.jobs);
    // ASSUMED: the order is not documented.
    let newest_first: Vec<&Job> = jobs.all.iter().rev().collect();
    lists::by_offset(keploy, call, &newest_first, |job| {
        shapes::job(&keploy.settings, job)
    })
}

fn with_job(keploy: &Keploy, id: &str, answer: impl FnOnce(&Job) -> Reply) -> Reply {
    let job = lock(&keploy.jobs).job(id).cloned();
    job.map_or_else(|| missing(keploy, "job"), |job| answer(&job))
}

fn stop(keploy: &Keploy, id: &str) -> Reply {
    let mut jobs = lock(&keploy.jobs);
    let Some(job) = jobs.job_mut(id) else {
        return missing(keploy, "job");
    };
    if job.progress(&keploy.settings).ended {
        return match keploy.settings.stop_finished_status {
            200..300 => keploy.answers.data(200, json!({"job_id": id})),
            status => keploy
                .answers
                .error(status, usual_code(status), "the job has ended"),
        };
    }
    job.stop();
    keploy.answers.data(200, json!({"job_id": id}))
}

fn runs(keploy: &Keploy, call: &Call, app: &App) -> Reply {
    let settings = &keploy.settings;
    let kind = call.parameter("kind").unwrap_or_default();
    if !["", shapes::RUN_KIND, "rerecord", "sandbox_run"].contains(&kind.as_str()) {
        return keploy.answers.invalid("kind", "is not a kind of run");
    }
    let jobs = lock(&keploy.jobs);
    let ours_hidden = matches!(settings.link, Link::None | Link::SameId);
    // ASSUMED: the newest first.
    let newest_first = jobs.all.iter().rev();
    let runs: Vec<&Job> = newest_first
        .filter(|job| (kind.is_empty() || kind == shapes::RUN_KIND) && job.app == app.id)
        .filter(|job| !(job.generates || job.ours && ours_hidden))
        .collect();
    lists::by_offset(keploy, call, &runs, |job| shapes::run(settings, job))
}

fn with_run(keploy: &Keploy, app: &App, run: &str, answer: impl FnOnce(&Job) -> Reply) -> Reply {
    let ours_hidden = keploy.settings.link == Link::None;
    let job = lock(&keploy.jobs)
        .all
        .iter()
        .filter(|job| job.run == run && job.app == app.id && !job.generates)
        .find(|job| !(job.ours && ours_hidden))
        .cloned();
    job.map_or_else(|| missing(keploy, "run"), |job| answer(&job))
}

fn with_reports(
    keploy: &Keploy,
    app: &App,
    run: &str,
    answer: impl FnOnce(&Job) -> Reply,
) -> Reply {
    with_run(keploy, app, run, |job| {
        if job.has_reports(&keploy.settings) {
            answer(job)
        } else {
            missing(keploy, "report")
        }
    })
}

fn single_report(keploy: &Keploy, job: &Job, id: &str) -> Reply {
    let settings = &keploy.settings;
    let mut reported = job.reported(settings).iter();
    match reported.find(|&&index| shapes::report_id(job, index) == id) {
        Some(&index) => {
            let suite = &job.suites()[index];
            let report = shapes::report(settings, job, index, suite, true);
            keploy.answers.data(200, report)
        }
        None => missing(keploy, "report"),
    }
}
