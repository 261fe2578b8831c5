//! What an entry says, as a table.

use super::*;
use crate::services::Service;
use crate::services::izli::Izli;
use crate::services::izli::entry::{Entry, Outcome};

fn outcome(value: Json, degraded_passes: bool) -> Outcome {
    Entry::read(&Izli.description(), degraded_passes, value).outcome
}

#[test]
fn words_and_truth_values_are_read_together_and_the_worse_wins() {
    use Verdict::{Cancelled, Errored, Failed, Passed, Skipped};
    let ended = Outcome::Ended;
    let table = [
        (json!({"status": "success"}), ended(Passed)),
        (json!({"status": "SUCCEEDED"}), ended(Passed)),
        (json!({"state": "up"}), ended(Passed)),
        (json!({"result": "healthy"}), ended(Passed)),
        (json!({"outcome": "unhealthy"}), ended(Failed)),
        (json!({"status": "failure"}), ended(Failed)),
        (json!({"status": "timed-out"}), ended(Errored)),
        (json!({"status": "error"}), ended(Errored)),
        (json!({"status": "warning"}), ended(Failed)),
        (json!({"status": "canceled"}), ended(Cancelled)),
        (json!({"status": "paused"}), ended(Skipped)),
        (
            json!({"status": "skipped", "success": true}),
            ended(Skipped),
        ),
        (json!({"status": "in progress"}), Outcome::Going),
        (
            json!({"status": "running", "success": true}),
            Outcome::Going,
        ),
        (json!({"status": "retrying"}), Outcome::Going),
        (json!({"status": "marinating"}), Outcome::Unknown),
        (
            json!({"status": "marinating", "success": true, "duration_ms": 1}),
            Outcome::Unknown,
        ),
        (json!({"status": "completed"}), ended(Errored)),
        (
            json!({"status": "completed", "success": true}),
            ended(Passed),
        ),
        (json!({"status": "done", "passed": false}), ended(Failed)),
        (
            json!({"status": "finished", "result": "passed"}),
            ended(Passed),
        ),
        (
            json!({"status": "finished", "result": "passed", "success": false}),
            ended(Failed),
        ),
        (
            json!({"status": "finished", "result": "odd"}),
            ended(Errored),
        ),
        (
            json!({"status": "success", "success": false}),
            ended(Failed),
        ),
        (json!({"status": "failed", "success": true}), ended(Failed)),
        (json!({"success": true}), ended(Passed)),
        (json!({"passed": false}), ended(Failed)),
        (json!({"duration_ms": 3}), ended(Errored)),
        (json!({}), Outcome::Going),
        (json!(null), Outcome::Going),
        (json!([1]), Outcome::Going),
    ];
    for (value, expected) in table {
        assert_eq!(outcome(value.clone(), false), expected, "{value}");
    }
    let degraded = json!({"status": "degraded"});
    assert_eq!(outcome(degraded.clone(), false), ended(Failed));
    assert_eq!(outcome(degraded, true), ended(Passed));
    let disputed = json!({"status": "degraded", "success": false});
    assert_eq!(outcome(disputed, true), ended(Failed));
}

#[test]
fn an_entry_is_known_by_its_id_or_its_time_and_place() {
    let identity = |value: Json| Entry::read(&Izli.description(), false, value).identity();
    assert_eq!(identity(json!({"id": 7})).as_deref(), Some("7"));
    assert_eq!(
        identity(json!({"timestamp": 1_760_000_000, "region": "eu"})).as_deref(),
        Some("1760000000000 eu")
    );
    assert_eq!(identity(json!({"location": "eu", "status": "up"})), None);
}

#[test]
fn whole_runs_end_as_their_words_say() {
    let table = [
        ("degraded", None, Verdict::Failed, Some(Code::Failed)),
        ("degraded", Some("pass"), Verdict::Passed, None),
        (
            "cancelled",
            None,
            Verdict::Cancelled,
            Some(Code::ServiceErrored),
        ),
        ("paused", None, Verdict::Errored, Some(Code::ServiceErrored)),
        ("marinating", None, Verdict::TimedOut, Some(Code::TimedOut)),
        ("pending", None, Verdict::TimedOut, Some(Code::TimedOut)),
    ];
    for (word, degraded, verdict, problem) in table {
        let mut target = login();
        target
            .settings
            .extend(degraded.map(|value| text("degraded", value)));
        let report = world(server(vec![planned(1_000, entry("run_new", word, 1))])).run(&target);
        assert_eq!(
            (report.verdict, code(&report)),
            (verdict, problem),
            "{word}: {report:?}"
        );
        if verdict == Verdict::TimedOut {
            assert!(reason(&report).contains(word));
            assert!(report.handle.is_some());
        }
    }
}

#[test]
fn a_degraded_step_passes_only_where_degraded_runs_do() {
    let mut degraded = entry("run_new", "degraded", 1);
    degraded["steps"] = json!([{"name": "slow", "status": "degraded"}]);
    let server = || server(vec![planned(1_000, degraded.clone())]);
    assert_eq!(world(server()).run(&login()).verdict, Verdict::Failed);
    let lenient = with(login(), text("degraded", "pass"));
    let report = world(server()).run(&lenient);
    assert_eq!(shown(&report), ["Login/slow passed"]);
    assert_eq!(report.verdict, Verdict::Passed);
}
