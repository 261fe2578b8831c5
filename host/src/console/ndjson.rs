//! Events and results as JSON, one object a line. Field names are only ever added to.

use std::time::SystemTime;

use serde_json::{Map, Value, json};

use crate::{
    bindings::{
        exports::proctor::ci::{
            reports::{Results, SetAside},
            reruns::Part,
            sink::Publication,
        },
        proctor::ci::types::{Event, Handle, Item, Problem, Report, Stage, Target, TestCase},
    },
    config::options::verdict_word,
    failure::{Details, Failure, code_name},
    network::probe::Step,
};

/// An object of a type, with the time.
fn line(kind: &str, fields: Value) -> Value {
    let now = humantime::format_rfc3339_millis(SystemTime::now()).to_string();
    let mut object = Map::new();
    object.insert("type".to_owned(), json!(kind));
    object.insert("time".to_owned(), json!(now));
    if let Value::Object(fields) = fields {
        object.extend(fields);
    }
    Value::Object(object)
}

/// Something to say about no target.
pub fn message(kind: &str, text: &str) -> Value {
    line(kind, json!({ "message": text }))
}

/// Something that happened to a target.
pub fn event(target: &str, event: &Event) -> Value {
    let (kind, fields) = match event {
        Event::Triggering(handle) => ("triggering", json!({ "runs": runs(Some(handle)) })),
        Event::Triggered(handle) => ("triggered", json!({ "runs": runs(Some(handle)) })),
        Event::StateChanged(state) => (
            "state",
            json!({ "state": state.word, "done": state.done, "total": state.total }),
        ),
        Event::TestFinished(case) => ("test", test(case)),
        Event::Retrying(retry) => (
            "retrying",
            json!({
                "call": retry.call, "attempt": retry.attempt, "in_ms": retry.in_ms, "reason": retry.reason,
            }),
        ),
        Event::Throttled(wait_ms) => ("throttled", json!({ "in_ms": wait_ms })),
        Event::Warning(text) => ("warning", json!({ "message": text })),
        Event::Debug(text) => ("debug", json!({ "message": text })),
    };
    let mut value = line(kind, fields);
    value["target"] = json!(target);
    value
}

fn test(case: &TestCase) -> Value {
    json!({
        "suite": case.suite,
        "name": case.name,
        "verdict": verdict_word(case.verdict),
        "queued_ms": case.queued_ms,
        "duration_ms": case.duration_ms,
        "attempts": case.attempts,
        "message": case.message,
        "expected": case.expected,
        "actual": case.actual,
        "url": case.url,
    })
}

/// That what failed of a target is run again.
pub fn rerunning(target: &str, (round, most): (u32, u32), part: &Part) -> Value {
    let mut value = line(
        "rerunning",
        json!({
            "round": round,
            "most": most,
            "failed": part.failed,
            "tests": part.tests,
            "names": part.names,
        }),
    );
    value["target"] = json!(target);
    value
}

/// The end of a target.
pub fn ended(report: &Report) -> Value {
    let mut value = line("ended", summary(report, None));
    value["target"] = json!(report.target);
    value
}

/// The end of a target that was left out, as there is no key for it.
pub fn left_out(report: &Report) -> Value {
    let mut value = line("ended", summary(report, Some(SetAside::MissingKey)));
    value["target"] = json!(report.target);
    value
}

/// The word for why a target was not run, or not to its end, on purpose; as in the results file.
const fn set_aside_word(set_aside: SetAside) -> &'static str {
    match set_aside {
        SetAside::MissingKey => "missing-key",
        SetAside::FailFast => "fail-fast",
    }
}

fn summary(report: &Report, set_aside: Option<SetAside>) -> Value {
    json!({
        "name": report.target,
        "provider": report.provider,
        "verdict": verdict_word(report.verdict),
        "reason": report.reason,
        "run": report.run.as_ref().map(|run| json!({ "id": run.id, "url": run.url })),
        "tests": report.tests.len(),
        "queued_ms": report.queued_ms,
        "duration_ms": report.duration_ms,
        "error": report.problem.as_ref().map(problem),
        "set_aside": set_aside.map(set_aside_word),
    })
}

/// A run that was started and is left to itself.
pub fn started(report: &Report) -> Value {
    let mut value = line("started", left(report));
    value["target"] = json!(report.target);
    value
}

fn left(report: &Report) -> Value {
    let handle = report.handle.as_ref();
    json!({
        "name": report.target,
        "provider": report.provider,
        "runs": runs(handle),
        "verdict": null,
        "error": null,
    })
}

/// The way to a URL, step by step; the step that failed, if one did, is the last.
pub fn network(url: &str, targets: &[String], steps: &[Step]) -> Value {
    let step = |step: &Step| {
        let trouble = step.trouble.as_ref().map(|trouble| {
            json!({
                "code": code_name(trouble.code),
                "message": trouble.message,
                "who": trouble.who,
                "next": trouble.next,
            })
        });
        json!({ "step": step.name, "facts": step.facts, "took_ms": step.took_ms, "error": trouble })
    };
    let steps: Vec<Value> = steps.iter().map(step).collect();
    line(
        "network",
        json!({ "url": url, "targets": targets, "steps": steps }),
    )
}

/// What was published, and where.
pub fn published(publication: &Publication) -> Value {
    let Publication {
        run,
        read,
        sent,
        kept,
        problem,
        warnings,
    } = publication;
    line(
        "published",
        json!({
            "run": run.as_ref().map(|run| &run.id),
            "read": {
                "passed": read.passed,
                "failed": read.failed,
                "errored": read.errored,
                "skipped": read.skipped,
            },
            "sent": sent,
            "kept": kept,
            "warnings": warnings,
            "error": problem.as_ref().map(self::problem),
        }),
    )
}

/// What was triggered, one by one, and how far each has come.
fn runs(handle: Option<&Handle>) -> Value {
    let triggers = handle.map(|handle| handle.triggers.as_slice());
    triggers
        .unwrap_or_default()
        .iter()
        .map(|trigger| {
            let stage = match trigger.stage {
                Stage::Planned => "planned",
                Stage::Sent => "sent",
                Stage::Accepted => "accepted",
            };
            json!({
                "subject": trigger.subject,
                "title": trigger.title,
                "stage": stage,
                "job": trigger.job,
                "ids": trigger.runs,
            })
        })
        .collect()
}

/// What a target that was started and left is in the last line.
fn left_behind(started: &[Report]) -> impl Iterator<Item = Value> {
    started.iter().map(|report| {
        let mut summary = left(report);
        summary["exit_code"] = json!(0);
        summary
    })
}

/// The end of everything if all runs were started and left: there is no verdict yet.
pub fn all_started(started: &[Report], duration_ms: u64) -> Value {
    let targets: Vec<Value> = left_behind(started).collect();
    line(
        "result",
        json!({
            "verdict": null,
            "exit_code": 0,
            "exit_codes": vec![0; targets.len()],
            "duration_ms": duration_ms,
            "targets": targets,
        }),
    )
}

/// The end of a command that judges no run.
pub fn end(exit_code: u8) -> Value {
    line("result", json!({ "exit_code": exit_code }))
}

/// Whether a target could be run.
pub fn checked(target: &Target, answer: &Result<Vec<String>, Problem>) -> Value {
    line(
        "checked",
        json!({
            "target": target.name,
            "provider": target.provider,
            "ready": answer.is_ok(),
            "facts": answer.as_deref().unwrap_or_default(),
            "error": answer.as_ref().err().map(problem),
        }),
    )
}

/// A target that is not looked at, as there is no key for it.
pub fn not_checked(target: &Target, why: &str) -> Value {
    line(
        "checked",
        json!({
            "target": target.name,
            "provider": target.provider,
            "ready": false,
            "facts": [],
            "error": null,
            "set_aside": set_aside_word(SetAside::MissingKey),
            "reason": why,
        }),
    )
}

/// Whether a run was stopped.
pub fn stopped(target: &Target, refused: Option<&Problem>) -> Value {
    line(
        "stopped",
        json!({
            "target": target.name,
            "provider": target.provider,
            "stopped": refused.is_none(),
            "error": refused.map(problem),
        }),
    )
}

/// Whether a run of an older build was stopped.
pub fn superseded(
    target: &str,
    build: Option<&str>,
    ids: &[&str],
    refused: Option<&Problem>,
) -> Value {
    line(
        "superseded",
        json!({
            "target": target,
            "build": build,
            "ids": ids,
            "stopped": refused.is_none(),
            "error": refused.map(problem),
        }),
    )
}

/// That the other targets are stopped, as this one has failed.
pub fn failing_fast(target: &str) -> Value {
    line("fail_fast", json!({ "target": target }))
}

/// The end of everything. `started` are the runs that were started and left.
pub fn result(results: &Results, started: &[Report]) -> Value {
    let conclusion = &results.conclusion;
    let exit_codes: Vec<u8> = conclusion
        .exit_codes
        .iter()
        .copied()
        .chain(started.iter().map(|_| 0))
        .collect();
    let targets: Vec<Value> = results
        .targets
        .iter()
        .zip(&conclusion.exit_codes)
        .enumerate()
        .map(|(at, (report, exit_code))| {
            let mut remarks = results.remarks.targets.iter();
            let remark = remarks.find(|remark| usize::try_from(remark.target) == Ok(at));
            let mut summary = summary(report, remark.map(|remark| remark.set_aside));
            summary["exit_code"] = json!(exit_code);
            summary
        })
        .chain(left_behind(started))
        .collect();
    line(
        "result",
        json!({
            "verdict": verdict_word(conclusion.verdict),
            "exit_code": conclusion.exit_code,
            "exit_codes": exit_codes,
            "duration_ms": results.duration_ms,
            "targets": targets,
        }),
    )
}

/// Why there is no result.
pub fn failure(failure: &Failure, exit_code: u8) -> Value {
    line(
        "error",
        json!({
            "error": problem(&failure.problem),
            "exit_code": exit_code,
            "details": failure.details.as_ref().map(Details::plain),
        }),
    )
}

/// The error object, as in the results file.
pub fn problem(problem: &Problem) -> Value {
    json!({
        "code": code_name(problem.code),
        "message": problem.message,
        "who": problem.who,
        "retriable": problem.retriable,
        "next": problem.next,
        "request_id": problem.request_id,
    })
}

/// Something that can be run.
pub fn item(item: &Item) -> Value {
    line(
        "item",
        json!({
            "kind": item.kind, "id": item.id, "name": item.name, "parent": item.parent, "note": item.note,
        }),
    )
}
