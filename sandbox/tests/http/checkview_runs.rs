//! What becomes of a run, and how it is told.

use proctor_sandbox::Sandbox;
use serde_json::{Value, json};

use crate::checkview_support::{checkview, ended, get, one_flow, outcome, start, trigger};
use crate::support::{text, until};

/// What a run tells of its end.
fn told(run: &Value) -> Vec<Value> {
    ["status", "state", "result", "outcome", "passed"]
        .iter()
        .map(|name| run[name].clone())
        .collect()
}

fn expected(status: &str) -> Vec<Value> {
    let nothing = Value::Null;
    let mut told = vec![nothing; 5];
    told[0] = json!(status);
    told
}

/// The names and words of a run's steps.
fn steps(run: &Value) -> Vec<(String, String)> {
    let steps = run["steps"].as_array().expect("steps");
    let step = |step: &Value| (text(&step["name"]), text(&step["status"]));
    steps.iter().map(step).collect()
}

fn words(run: &Value) -> Vec<String> {
    steps(run).into_iter().map(|(_, word)| word).collect()
}

#[test]
fn every_outcome_has_its_word_and_steps() {
    let sandbox = checkview("");
    for (flow, word, steps) in [
        ("flow-pass", "passed", vec!["passed"; 3]),
        ("flow-fail", "failed", vec!["passed", "failed"]),
        ("flow-error", "error", vec!["passed", "failed"]),
        ("flow-setup-error", "setup_error", vec![]),
        ("flow-cancelled", "cancelled", vec!["passed"]),
        ("flow-skipped", "skipped", vec![]),
        ("flow-unknown", "marinated", vec!["passed"; 3]),
        ("flow-completed", "completed", vec!["passed"; 3]),
    ] {
        let run = outcome(&sandbox, flow);
        assert_eq!(told(&run), expected(word), "{flow}");
        assert_eq!(words(&run), steps, "{flow}");
    }
    let run = outcome(&sandbox, "flow-disagree");
    assert_eq!(
        (&run["status"], &run["result"]),
        (&json!("passed"), &json!("failed"))
    );
}

#[test]
fn errors_are_told_where_they_are() {
    let sandbox = checkview("");
    let run = outcome(&sandbox, "flow-fail");
    assert_eq!(run["error"], run["steps"][1]["error"]);
    assert!(text(&run["error"]).contains("did not appear"));
    assert!(run["steps"][0]["error"].is_null());
    let run = outcome(&sandbox, "flow-setup-error");
    assert!(text(&run["error"]).contains("not set up"));
    let run = outcome(&sandbox, "flow-pass");
    assert!(run["error"].is_null());
}

/// A run of the flow that there is, as it is told.
fn look(sandbox: &Sandbox, run: &str) -> Value {
    get(sandbox, &format!("/test-runs/{run}")).json()
}

#[test]
fn a_pending_run_has_done_nothing() {
    let sandbox = one_flow("queue_ms = 600000", "");
    let run = look(&sandbox, &start(&sandbox, "flow"));
    assert_eq!(told(&run), expected("pending"));
    assert!(run["created_at"].is_string() && run["started_at"].is_null());
    assert!(run["finished_at"].is_null() && run["video_url"].is_null());
    assert_eq!(run["steps"], json!([]));
}

#[test]
fn a_running_run_has_begun() {
    let sandbox = one_flow("", "duration_ms = 600000");
    let id = start(&sandbox, "flow");
    until("it runs", || look(&sandbox, &id)["status"] == "running");
    let run = look(&sandbox, &id);
    assert_eq!(told(&run), expected("running"));
    assert!(run["started_at"].is_string() && run["finished_at"].is_null());
    assert!(run["video_url"].is_null());
    assert_eq!(run["steps"], json!([]), "the first takes minutes");
}

#[test]
fn an_ended_run_tells_when_it_was_what() {
    let sandbox = one_flow("queue_ms = 20", "duration_ms = 30");
    let end = outcome(&sandbox, "flow");
    let times = ["created_at", "started_at", "finished_at"].map(|name| text(&end[name]));
    assert!(times[0] < times[1] && times[1] < times[2], "{times:?}");
    assert!(times.iter().all(|time| time.ends_with('Z')));
    assert_eq!(end["steps"][0]["duration_ms"], 10);
}

#[test]
fn a_stuck_or_slow_run_does_not_end() {
    for flow in ["flow-stuck", "flow-slow"] {
        let sandbox = checkview("");
        let run = start(&sandbox, flow);
        // Begun later and ended earlier.
        outcome(&sandbox, "flow-pass");
        until("it runs", || look(&sandbox, &run)["status"] == "running");
        assert!(look(&sandbox, &run)["finished_at"].is_null(), "{flow}");
    }
}

#[test]
fn the_verdict_may_be_elsewhere() {
    let end = |place: &str, flow: &str| {
        let sandbox = checkview(&format!("verdict_in = \"{place}\""));
        let run = outcome(&sandbox, flow);
        let object = run.as_object().expect("an object").clone();
        let told = object.into_iter();
        let told = told.filter(|(name, _)| {
            ["status", "state", "result", "outcome", "passed"].contains(&name.as_str())
        });
        Value::Object(told.collect())
    };
    for (place, pass, fail) in [
        (
            "state",
            json!({"state": "passed"}),
            json!({"state": "failed"}),
        ),
        (
            "result",
            json!({"result": "passed"}),
            json!({"result": "failed"}),
        ),
        (
            "completed-result",
            json!({"status": "completed", "result": "passed"}),
            json!({"status": "completed", "result": "failed"}),
        ),
        (
            "completed-outcome",
            json!({"status": "completed", "outcome": "passed"}),
            json!({"status": "completed", "outcome": "failed"}),
        ),
        (
            "completed-passed",
            json!({"status": "completed", "passed": true}),
            json!({"status": "completed", "passed": false}),
        ),
    ] {
        assert_eq!(end(place, "flow-pass"), pass);
        assert_eq!(end(place, "flow-fail"), fail);
    }
    let both = json!({"status": "passed", "result": "failed"});
    assert_eq!(end("result", "flow-disagree"), both);
    assert_eq!(end("completed-result", "flow-disagree"), both);
    let both = json!({"state": "passed", "result": "failed"});
    assert_eq!(end("state", "flow-disagree"), both);
    let none = json!({"status": "completed"});
    assert_eq!(end("completed-result", "flow-completed"), none);
    let word = json!({"status": "cancelled"});
    assert_eq!(end("completed-passed", "flow-cancelled"), word);
}

#[test]
fn words_can_be_chosen() {
    let sandbox = checkview(
        "queue_ms = 500\n[checkview.words]\npassed = \"Passed\"\nfailed = \"FAILURE\"\nrunning = \"in-progress\"\npending = \"Queued\"",
    );
    let first = trigger(&sandbox, "flow-stuck", "k").json();
    assert_eq!(first["status"], "Queued");
    let run = text(&first["id"]);
    until("it runs", || {
        get(&sandbox, &format!("/test-runs/{run}")).json()["status"] == "in-progress"
    });
    let run = outcome(&sandbox, "flow-fail");
    assert_eq!(run["status"], "FAILURE");
    assert_eq!(words(&run), ["Passed", "FAILURE"]);
}

#[test]
fn steps_after_a_failure_are_absent_or_skipped() {
    let steps_of = |after: &str, flow: &str| {
        let settings = format!("after_failure = \"{after}\"");
        let sandbox = one_flow(
            &settings,
            &format!("{flow}\nsteps = [\"one\", \"two\", \"three\", \"four\"]"),
        );
        words(&outcome(&sandbox, "flow"))
    };
    let fail = "outcome = \"fail\"\nbreaks_at = 3";
    assert_eq!(steps_of("absent", fail), ["passed", "passed", "failed"]);
    assert_eq!(
        steps_of("skipped", fail),
        ["passed", "passed", "failed", "skipped"]
    );
    let cancelled = "outcome = \"cancelled\"";
    assert_eq!(
        steps_of("skipped", cancelled),
        ["passed", "skipped", "skipped", "skipped"]
    );
    let skipped = "outcome = \"skipped\"";
    assert_eq!(steps_of("skipped", skipped), ["skipped"; 4]);
    assert_eq!(steps_of("skipped", "outcome = \"pass\""), ["passed"; 4]);
}

#[test]
fn a_visual_run_has_more_artifacts_than_a_fast_one() {
    let sandbox = checkview("");
    let visual = outcome(&sandbox, "flow-contact");
    assert_eq!(visual["mode"], "visual");
    for name in ["video_url", "har_url"] {
        assert!(text(&visual[name]).starts_with("https://"), "{name}");
    }
    let screenshots = visual["screenshots"].as_array().expect("screenshots");
    assert_eq!(screenshots.len(), 3);
    assert_eq!(visual["steps"][0]["screenshot_url"], screenshots[0]);
    let fast = outcome(&sandbox, "flow-newsletter");
    assert_eq!(fast["mode"], "fast");
    assert_eq!(fast["screenshots"].as_array().map(Vec::len), Some(3));
    assert!(fast["video_url"].is_null() && fast["har_url"].is_null());
}

#[test]
fn steps_may_be_elsewhere_or_nowhere() {
    for (settings, member) in [
        ("", Some("steps")),
        ("steps_in = \"step_results\"", Some("step_results")),
        (
            "steps_in = \"step_results\"\nspelling = \"camel\"",
            Some("stepResults"),
        ),
        ("steps_in = \"results\"", Some("results")),
        ("steps_in = \"none\"", None),
    ] {
        let sandbox = checkview(settings);
        let old = get(&sandbox, "/test-runs/run-old-flow-contact-0").json();
        for name in ["steps", "step_results", "stepResults", "results"] {
            let found = old[name].as_array().map(Vec::len);
            assert_eq!(found, (member == Some(name)).then_some(3), "{name}");
        }
    }
}

#[test]
fn the_list_has_steps_only_if_told_so() {
    for (settings, steps) in [("", None), ("list_steps = true", Some(3))] {
        let sandbox = checkview(settings);
        let listed = get(&sandbox, "/test-runs").json()[0].clone();
        assert_eq!(listed["steps"].as_array().map(Vec::len), steps);
        assert_eq!(listed["video_url"].is_string(), steps.is_some());
        assert_eq!(listed["status"], "passed");
    }
}

#[test]
fn names_may_be_in_camel_case() {
    let sandbox = checkview("spelling = \"camel\"");
    let run = get(&sandbox, "/test-runs/run-old-flow-contact-0").json();
    for name in [
        "testFlowId",
        "websiteId",
        "createdAt",
        "startedAt",
        "finishedAt",
        "videoUrl",
        "harUrl",
    ] {
        assert!(run[name].is_string(), "{name}");
    }
    for name in ["durationMs", "screenshotUrl"] {
        assert!(!run["steps"][0][name].is_null(), "{name}");
    }
    let snake = |name: &String| name.contains('_');
    assert!(!run.as_object().expect("an object").keys().any(snake));
}

#[test]
fn a_run_names_its_flow_as_chosen() {
    for (chosen, member) in [
        ("test_flow_id", Some("test_flow_id")),
        ("flow_id", Some("flow_id")),
        ("none", None),
    ] {
        let sandbox = checkview(&format!("flow_reference = \"{chosen}\""));
        let run = get(&sandbox, "/test-runs/run-old-flow-contact-0").json();
        for name in ["test_flow_id", "flow_id"] {
            assert_eq!(run[name] == "flow-contact", member == Some(name));
        }
    }
}

#[test]
fn twenty_flows_run_side_by_side() {
    let sandbox = checkview("");
    let flows = (1..=20).map(|number| format!("flow-twenty-{number:02}"));
    let runs: Vec<_> = flows.map(|flow| start(&sandbox, &flow)).collect();
    for run in runs {
        assert_eq!(ended(&sandbox, &run)["status"], "passed");
    }
}

#[test]
fn what_a_scenario_does_not_have_is_refused() {
    for (text, word) in [
        ("[checkview]\nqueue = 3", "queue"),
        ("[checkview]\ntrigger_path = \"start\"", "start"),
        ("[checkview]\nreset_unit = \"minutes\"", "minutes"),
        (
            "[checkview]\nkeys = [{ key = \"k\", scopes = [\"read\"] }]",
            "read",
        ),
        ("[checkview.words]\ngreat = \"x\"", "great"),
        ("[[checkview.websites]]\nname = \"a\"", "id"),
        (
            "[[checkview.websites]]\nid = \"a\"\n[[checkview.websites.flows]]\nid = \"f\"\noutcome = \"great\"",
            "great",
        ),
        (
            "[[checkview.websites]]\nid = \"a\"\n[[checkview.websites.flows]]\nid = \"f\"\nmode = \"blind\"",
            "blind",
        ),
    ] {
        let error = proctor_sandbox::Scenario::from_toml(text).expect_err("a refusal");
        assert!(error.to_string().contains(word), "{error}");
    }
}
