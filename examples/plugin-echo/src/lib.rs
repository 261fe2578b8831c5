//! A whole plugin: "echo", a service that answers in lines. The README walks through it.
#![cfg(target_family = "wasm")]

use exports::proctor::ci::service::{Guest, Handle, Item, Mistake, Problem, Provider, Report, Started, Target};
use proctor::ci::host::{Budget, Turn, Wake, emit, note_budget, take_turn, wait};
use proctor::ci::types::{Ability, Code, Event, Stage, TestCase, Trigger, Verdict};
use waki::{Client, Method};

wit_bindgen::generate!({ path: "../../wit", world: "plugin", additional_derives: [Default],
    additional_derives_ignore: ["ability", "event", "parameter", "parameter-kind", "setting", "state", "turn", "value", "wake"],
    additional_member_attributes: { "proctor:ci/types@1.3.0/verdict.errored": [#[default]], "proctor:ci/types@1.3.0/stage.planned": [#[default]],
        "proctor:ci/types@1.3.0/code.internal": [#[default]], "proctor:ci/types@1.3.0/authentication.bearer": [#[default]] } });
struct Echo;
export!(Echo);

#[rustfmt::skip] // Short functions stay in one line.
impl Guest for Echo {
    fn providers() -> Vec<Provider> {
        let [name, title, api_url] = ["echo", "Echo", "https://echo.example"].map(String::from);
        let (key_variables, abilities) = (vec!["ECHO_KEY".into()], vec![Ability::Cancel]);
        vec![Provider { name, title, api_url, key_variables, abilities, ..Provider::default() }]
    }
    fn run(target: Target) -> Report {
        let run = begin(&target).map(|handle| Self::watch(target, handle));
        run.unwrap_or_else(|problem| Report { problem: Some(problem), ..Report::default() })
    }
    fn start(target: Target) -> Started {
        let begun = begin(&target);
        Started { problem: begun.as_ref().err().cloned(), handle: begun.ok() }
    }
    fn watch(target: Target, handle: Handle) -> Report {
        follow(&target, &handle).unwrap_or_else(|problem| {
            let verdict = match problem.code {
                Code::Interrupted => Verdict::Cancelled,
                Code::TimedOut => Verdict::TimedOut,
                _ => Verdict::Errored,
            };
            let stopped = verdict != Verdict::Errored && call(Method::Delete, &target, &handle).is_ok();
            Report { verdict, problem: Some(problem), handle: (!stopped).then_some(handle), ..Report::default() }
        })
    }
    fn cancel(target: Target, handle: Handle) -> Result<(), Problem> { call(Method::Delete, &target, &handle).map(drop) }
    fn discover(_: Target) -> Result<Vec<Item>, Problem> { Ok(vec![]) }
    fn validate(_: Target) -> Vec<Mistake> { vec![] }
    fn check(target: Target) -> Result<Vec<String>, Problem> { Ok(vec![call(Method::Get, &target, &Handle::default())?]) }
}

fn begin(target: &Target) -> Result<Handle, Problem> {
    let trigger = Trigger { stage: Stage::Sent, ..Trigger::default() };
    let mut handle = Handle { provider: target.provider.clone(), triggers: vec![trigger] };
    emit(&Event::Triggering(handle.clone()));
    handle.triggers[0].job = Some(call(Method::Post, target, &handle)?);
    handle.triggers[0].stage = Stage::Accepted;
    emit(&Event::Triggered(handle.clone()));
    Ok(handle)
}

fn follow(target: &Target, handle: &Handle) -> Result<Report, Problem> {
    let begun = std::time::Instant::now();
    while begun.elapsed().as_millis() < target.timeout_ms.into() {
        if let Some(lines) = call(Method::Get, target, handle)?.strip_prefix("done") {
            let tests: Vec<_> = lines.trim().lines().map(test).collect();
            tests.iter().for_each(|test| emit(&Event::TestFinished(test.clone())));
            let bad = tests.iter().find(|test| test.verdict != Verdict::Passed);
            let problem = bad.map(|test| problem(Code::Failed, format!("{} failed", test.name)));
            let verdict = bad.map_or(Verdict::Passed, |test| test.verdict);
            return Ok(Report { verdict, problem, tests, ..Report::default() });
        }
        let Wake::Elapsed = wait(1_000_000_000) else { return Err(problem(Code::Interrupted, "stopped")) };
    }
    Err(problem(Code::TimedOut, "the time limit passed"))
}

fn test(line: &str) -> TestCase {
    let (word, name) = line.split_once(' ').unwrap_or(("", line));
    let verdict = if word == "passed" { Verdict::Passed } else { Verdict::Failed };
    TestCase { name: name.into(), verdict, attempts: 1, ..TestCase::default() }
}

fn call(method: Method, target: &Target, handle: &Handle) -> Result<String, Problem> {
    let Turn::Granted = take_turn(u64::MAX) else { return Err(problem(Code::Interrupted, "stopped")) };
    let run = handle.triggers.first().and_then(|trigger| trigger.job.as_deref()).unwrap_or_default();
    let url = format!("{}/runs/{run}", target.api_url);
    let code = |wake| if matches!(wake, Wake::Elapsed) { Code::Unavailable } else { Code::Interrupted };
    let lost = |error| problem(code(wait(0)), format!("no answer from {url}: {error}"));
    let answer = Client::new().request(method, &url).send().map_err(lost)?;
    let remaining = answer.header("x-ratelimit-remaining").and_then(|left| left.to_str().ok()?.parse().ok());
    note_budget(Budget { remaining, ..Budget::default() });
    let (status, body) = (answer.status_code(), answer.body().map_err(lost)?);
    match status {
        200..=299 => Ok(String::from_utf8_lossy(&body).trim().to_owned()),
        401 | 403 => Err(problem(Code::Authentication, "the service refused the key")),
        _ => Err(problem(Code::Unavailable, format!("{url} answered {status}"))),
    }
}

fn problem(code: Code, message: impl Into<String>) -> Problem {
    Problem { code, message: message.into(), who: "its owner".into(), next: "see its log".into(), ..Problem::default() }
}
