//! Whole runs against a service that answers anything at all.
//!
//! Whatever it says: the run ends, nothing is triggered twice, and nobody gets a 0 for it without a test that the
//! service has said to have passed.

use std::collections::BTreeSet;
use std::time::Duration;

use proctor::error::Problem;
use proctor::model::{
    Handle, Parameter, ParameterKind, Policy, Report, Setting, Stage, Target, Trigger, Value,
    Verdict,
};
use proctor::ports::{Method, Request};
use proctor::services::{self, Service};
use proctor::verdict::conclude;

use crate::evidence;
use crate::ports::{Happened, Scripted};
use crate::script::{Act, Script};

/// How long a run may take. It goes by in no time.
const TIMEOUT: Duration = Duration::from_secs(300);

/// What a target says where the script does not say otherwise.
fn usual(provider: &str) -> &'static [(&'static str, &'static str)] {
    match provider {
        "keploy" => &[
            ("app", "app-1"),
            ("base_url", "https://staging.example.com"),
        ],
        "checkview" => &[("flow", "Checkout")],
        "izli" => &[("journey", "Checkout")],
        "testclix" => &[("test", "t-1")],
        "testmo" => &[("run", "7")],
        "http" => &[
            ("auth", "bearer"),
            ("trigger", "POST /projects/7/runs"),
            ("run_id", "$.id"),
            ("poll", "GET /runs/{run_id}"),
            ("state", "$.status"),
            ("passed", "passed"),
            ("failed", "failed"),
            ("running", "queued,running"),
            ("cancel", "DELETE /runs/{run_id}"),
            ("results", "GET /runs/{run_id}/tests"),
            ("results_next", "$.next"),
            ("tests", "$.tests"),
            ("test_name", "$.name"),
            ("test_verdict", "$.status"),
            ("test_duration", "$.ms"),
            ("duration_unit", "ms"),
            ("test_message", "$.message"),
        ],
        other => panic!("{other} is no service"),
    }
}

/// Lets a made-up service answer.
pub fn run(provider: &str, data: &[u8]) {
    exit_code(provider, data);
}

/// The same, with the exit code where there is a report.
pub fn exit_code(provider: &str, data: &[u8]) -> Option<u8> {
    let script = Script::read(data);
    let service = services::named(provider).expect("it is one of all");
    let target = target(service.as_ref(), provider, &script.settings);
    let mistakes = services::validate(&target);
    if !mistakes.is_empty() {
        // The host shows these and does nothing.
        assert!(mistakes.iter().all(|mistake| !mistake.message.is_empty()));
        return None;
    }
    let act = script.act;
    let mut ports = Scripted::new(script);
    match act {
        Act::Run => {
            let report = services::run(&target, &mut ports);
            triggers_once(&ports.happened);
            return Some(judge(&target, &report, &ports));
        }
        Act::Watch => {
            let report = services::watch(&target, &handle(provider), &mut ports);
            triggers_nothing(&ports.happened);
            return Some(judge(&target, &report, &ports));
        }
        Act::Cancel => {
            if let Err(problem) = services::cancel(&target, &handle(provider), &mut ports) {
                is_told(&problem);
            }
            triggers_nothing(&ports.happened);
        }
        Act::Check => {
            if let Err(problem) = services::check(&target, &mut ports) {
                is_told(&problem);
            }
            changes_nothing(&ports.happened);
        }
        Act::Discover => {
            if let Err(problem) = services::discover(&target, &mut ports) {
                is_told(&problem);
            }
            changes_nothing(&ports.happened);
        }
    }
    None
}

/// The target: what is usual, and what the script says of parameters that there are.
fn target(service: &dyn Service, provider: &str, wanted: &[(String, String)]) -> Target {
    let description = service.description();
    let mut given: Vec<(&str, &str)> = Vec::new();
    for (name, value) in usual(provider) {
        if !wanted.iter().any(|(other, _)| other == name) {
            given.push((name, value));
        }
    }
    // A script that names what to run means that and nothing else: a flow and a website go together as little.
    if !wanted.is_empty() && ["checkview", "izli", "testclix"].contains(&provider) {
        given.clear();
    }
    for (name, value) in wanted {
        if !given.iter().any(|(other, _)| other == name) {
            given.push((name, value));
        }
    }
    let parameters = &description.provider.parameters;
    let settings = given.into_iter().filter_map(|(name, text)| {
        let parameter = parameters.iter().find(|each| each.name == name)?;
        let value = value(parameter, text)?;
        let name = name.to_owned();
        Some(Setting { name, value })
    });
    Target {
        name: "target".to_owned(),
        provider: provider.to_owned(),
        api_url: "https://tests.example.com/api".to_owned(),
        settings: settings.collect(),
        overrides: Vec::new(),
        timeout: TIMEOUT,
        location: None,
    }
}

/// The value in the form that the host would hand it over; nothing where the host would refuse it.
fn value(parameter: &Parameter, text: &str) -> Option<Value> {
    let is_choice = |text: &str| {
        parameter.choices.is_empty() || parameter.choices.iter().any(|choice| choice == text)
    };
    if text.trim().is_empty() || text.chars().any(char::is_control) {
        return None;
    }
    match parameter.kind {
        ParameterKind::Text => is_choice(text).then(|| Value::Text(text.to_owned())),
        ParameterKind::Texts | ParameterKind::Variables => Some(Value::Texts(
            text.split(',')
                .filter(|part| !part.trim().is_empty())
                .map(str::to_owned)
                .collect(),
        )),
        ParameterKind::Integer => text.parse().ok().map(Value::Integer),
        ParameterKind::Boolean => text.parse().ok().map(Value::Boolean),
        ParameterKind::SystemUrl => text
            .starts_with("https://")
            .then(|| Value::Text(text.to_owned())),
    }
}

/// The handle of a run that an earlier invocation has left.
fn handle(provider: &str) -> Handle {
    Handle {
        provider: provider.to_owned(),
        triggers: vec![Trigger {
            subject: "7".to_owned(),
            title: "seven".to_owned(),
            stage: Stage::Accepted,
            job: Some("job-7".to_owned()),
            runs: vec!["run-7".to_owned()],
            at_ms: Some(1_760_000_000_000),
            ..Trigger::default()
        }],
    }
}

/// What must hold of any report. Returns its exit code.
fn judge(target: &Target, report: &Report, ports: &Scripted) -> u8 {
    let policy = Policy {
        fail_on: Verdict::ALL
            .into_iter()
            .filter(|verdict| !matches!(verdict, Verdict::Passed | Verdict::Skipped))
            .collect(),
        allow_empty: false,
        exit_zero: false,
        flaky: false,
        new_only: false,
        signal: None,
    };
    let conclusion = conclude(std::slice::from_ref(report), &policy);
    if let Some(problem) = &report.problem {
        is_told(problem);
    }
    assert_eq!(
        report.problem.is_none(),
        report.verdict == Verdict::Passed,
        "what did not pass has a problem: {report:?}"
    );
    if conclusion.exit_code != 0 {
        return conclusion.exit_code;
    }
    let verdicts: Vec<Verdict> = report.tests.iter().map(|test| test.verdict).collect();
    assert!(
        verdicts.contains(&Verdict::Passed),
        "a pass without a test that passed: {report:?}"
    );
    assert!(
        verdicts
            .iter()
            .all(|verdict| matches!(verdict, Verdict::Passed | Verdict::Skipped)),
        "a pass with a test that did not: {report:?}"
    );
    let delivered = ports.delivered.iter().map(Vec::as_slice);
    assert!(
        evidence::of_a_pass(target, delivered),
        "a pass that the service never told of: {report:?}"
    );
    let told = ports.happened.iter();
    let told = told.filter(|each| matches!(each, Happened::Tested)).count();
    assert_eq!(told, report.tests.len(), "the host hears of every test");
    0
}

/// A problem says what happened, who can do something about it, and what.
fn is_told(problem: &Problem) {
    for text in [&problem.message, &problem.who, &problem.next] {
        assert!(!text.trim().is_empty(), "{problem:?}");
    }
}

/// No trigger has an effect twice: neither by being repeated, nor by being sent for two.
fn triggers_once(happened: &[Happened]) {
    let mut announced = 0;
    let mut triggers: Vec<&Request> = Vec::new();
    let mut is_next = false;
    for each in happened {
        match each {
            Happened::Triggering => {
                announced += 1;
                is_next = true;
            }
            Happened::Sent(request, _) if request.method != Method::Get => {
                assert!(announced > 0, "it was sent before it was told: {request:?}");
                if std::mem::take(&mut is_next) {
                    triggers.push(request);
                }
            }
            _ => {}
        }
    }
    for trigger in triggers {
        let effects = happened.iter().filter(
            |each| matches!(each, Happened::Sent(request, true) if is_same(request, trigger)),
        );
        let effects = effects.count();
        assert!(
            effects <= 1 || has_key(trigger),
            "{effects} runs may have been started by {trigger:?}"
        );
    }
}

fn is_same(one: &Request, other: &Request) -> bool {
    (one.method, &one.url, &one.body) == (other.method, &other.url, &other.body)
}

/// Whether the service knows a repeated request by a key.
fn has_key(request: &Request) -> bool {
    request
        .headers
        .iter()
        .any(|(name, value)| name == "idempotency-key" && !value.is_empty())
}

/// Following and stopping send what stops a run, and nothing else that changes anything.
fn triggers_nothing(happened: &[Happened]) {
    let mut changes = BTreeSet::new();
    for each in happened {
        match each {
            Happened::Triggering => panic!("what was to be followed was triggered"),
            Happened::Sent(request, _) if request.method != Method::Get => {
                changes.insert((request.method.name(), request.url.as_str()));
            }
            _ => {}
        }
    }
    assert!(
        changes.len() <= 1,
        "one run is stopped, and by one call: {changes:?}"
    );
}

/// Looking sends what reads, and nothing else.
fn changes_nothing(happened: &[Happened]) {
    for each in happened {
        match each {
            Happened::Sent(request, _) => assert_eq!(request.method, Method::Get),
            Happened::Triggering | Happened::Tested => panic!("{each:?} while only looking"),
        }
    }
}
