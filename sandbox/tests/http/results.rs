//! Runs, reports, and how they can be found.

use proctor_sandbox::Sandbox;
use serde_json::{Value, json};

use crate::support::{TARGET, call, end, get, run, run_with, sandbox, text, until};

const RUNS: &str = "/apps/app-7f3/test-runs";

/// A sandbox on which a run of `app-7f3` has ended: the last state of its job, and the runs that are new.
fn ended(settings: &str) -> (Sandbox, Value, Vec<Value>) {
    let sandbox = sandbox(settings);
    let before = get(&sandbox, RUNS).ids();
    let job = end(&sandbox, &run(&sandbox, "app-7f3"));
    let is_new = |run: &Value| !before.contains(&text(&run["id"]));
    let runs = get(&sandbox, RUNS)
        .list()
        .into_iter()
        .filter(is_new)
        .collect();
    (sandbox, job, runs)
}

fn reports(sandbox: &Sandbox, run: &str) -> Vec<Value> {
    get(sandbox, &format!("{RUNS}/{run}/suite-reports")).list()
}

#[test]
fn the_job_may_name_its_run() {
    let (sandbox, job, runs) = ended("link = \"job-field\"");
    assert_eq!(job["test_run_id"], runs[0]["id"]);
    assert!(runs[0].get("job_id").is_none());
    assert_eq!(reports(&sandbox, &text(&job["test_run_id"])).len(), 2);

    let running = run(&sandbox, "app-stuck");
    let state = get(&sandbox, &format!("/jobs/{running}")).data();
    assert!(state.get("test_run_id").is_none(), "only once it has ended");
}

#[test]
fn the_run_may_name_its_job() {
    let (sandbox, job, runs) = ended("link = \"run-list\"");
    assert!(job.get("test_run_id").is_none());
    assert_eq!(runs.len(), 1);
    assert_eq!(runs[0]["job_id"], job["job_id"]);
    assert_eq!(reports(&sandbox, &text(&runs[0]["id"])).len(), 2);
}

#[test]
fn there_may_be_no_more_than_a_new_run() {
    let (sandbox, job, runs) = ended("link = \"difference\"");
    assert!(job.get("test_run_id").is_none());
    assert_eq!(runs.len(), 1);
    assert!(runs[0].get("job_id").is_none() && runs[0].get("created_at").is_some());
    assert_eq!(reports(&sandbox, &text(&runs[0]["id"])).len(), 2);
}

#[test]
fn the_run_may_have_the_id_of_its_job() {
    let (sandbox, job, runs) = ended("link = \"same-id\"");
    assert!(runs.is_empty());
    let id = text(&job["job_id"]);
    assert_eq!(
        get(&sandbox, &format!("{RUNS}/{id}")).data()["id"],
        id.as_str()
    );
    assert_eq!(reports(&sandbox, &id).len(), 2);
}

#[test]
fn there_may_be_no_run_at_all() {
    let (sandbox, job, runs) = ended("link = \"none\"");
    assert!(runs.is_empty() && job.get("test_run_id").is_none());
    for run in ["run-0001", "job-0001"] {
        assert_eq!(get(&sandbox, &format!("{RUNS}/{run}")).status, 404);
        assert_eq!(
            get(&sandbox, &format!("{RUNS}/{run}/suite-reports")).status,
            404
        );
    }
}

#[test]
fn runs_of_others_appear_beside_ours_and_can_be_read() {
    let (sandbox, job, runs) = ended("link = \"difference\"\nnoise_runs = 2");
    assert_eq!(runs.len(), 3);
    for run in &runs {
        let id = text(&run["id"]);
        until("the run's reports are there", || {
            get(&sandbox, &format!("{RUNS}/{id}/suite-reports")).status == 200
        });
        assert_eq!(reports(&sandbox, &id).len(), 2, "nothing gives them away");
    }
    let jobs = get(&sandbox, "/jobs").ids_of("job_id");
    assert_eq!(jobs.iter().filter(|id| id.contains("noise")).count(), 2);
    assert!(jobs.contains(&text(&job["job_id"])));
}

#[test]
fn a_run_that_fails_is_not_hidden_by_those_of_others() {
    let sandbox = sandbox("link = \"difference\"\nnoise_runs = 1");
    let path = "/apps/app-outcomes/test-runs";
    let before = get(&sandbox, path).ids();
    end(&sandbox, &run(&sandbox, "app-outcomes"));
    let new: Vec<_> = get(&sandbox, path)
        .ids()
        .into_iter()
        .filter(|id| !before.contains(id))
        .collect();
    let failing = |id: &String| {
        let mut words = Vec::new();
        until("the reports are there", || {
            let answer = get(&sandbox, &format!("{path}/{id}/suite-reports"));
            if answer.status == 200 {
                words = answer
                    .list()
                    .iter()
                    .map(|report| text(&report["status"]))
                    .collect();
            }
            answer.status == 200
        });
        words.contains(&"failed".to_owned())
    };
    assert_eq!(new.iter().filter(|id| failing(id)).count(), 1, "{new:?}");
}

#[test]
fn runs_are_listed_by_kind_and_by_app() {
    let (sandbox, ..) = ended("");
    let all = get(&sandbox, RUNS).ids();
    assert_eq!(
        get(&sandbox, &format!("{RUNS}?kind=test_suite_run")).ids(),
        all
    );
    assert!(
        get(&sandbox, &format!("{RUNS}?kind=rerecord"))
            .ids()
            .is_empty()
    );
    assert_eq!(get(&sandbox, &format!("{RUNS}?kind=other")).status, 400);
    for (index, id) in all.iter().enumerate() {
        let run = get(&sandbox, &format!("{RUNS}/{id}")).data();
        assert_eq!(run["status"], "Completed", "{index}");
        assert_eq!(run["kind"], "test_suite_run", "{index}");
        assert_eq!(
            get(&sandbox, &format!("/apps/app-slow/test-runs/{id}")).status,
            404
        );
    }
}

/// The state, the reports by suite, and the full one of each.
fn outcomes(settings: &str) -> (Value, Vec<Value>, Vec<Value>) {
    let sandbox = sandbox(settings);
    let job = end(&sandbox, &run(&sandbox, "app-outcomes"));
    let base = "/apps/app-outcomes/test-runs/run-0001/suite-reports";
    let list = get(&sandbox, base).list();
    let single = |report: &Value| get(&sandbox, &format!("{base}/{}", text(&report["id"]))).data();
    let singles = list.iter().map(single).collect();
    let missing = get(&sandbox, &format!("{base}/run-0001-report-6"));
    assert_eq!(missing.status, 404, "a suite without a report has none");
    (job, list, singles)
}

#[test]
fn every_outcome_has_its_word() {
    let (job, list, _) = outcomes("");
    assert_eq!(job["job_status"], "FAILED");
    let words: Vec<_> = list
        .iter()
        .map(|report| (text(&report["suite_name"]), text(&report["status"])))
        .collect();
    let expected = [
        ("pass", "passed"),
        ("fail", "failed"),
        ("buggy", "buggy"),
        ("skip", "skipped"),
        ("unknown", "marinated"),
        ("running", "running"),
    ];
    assert_eq!(
        words,
        expected.map(|(name, word)| (name.to_owned(), word.to_owned()))
    );
    let (job, ..) = outcomes("failed_job_word = \"COMPLETED\"");
    assert_eq!(job["job_status"], "COMPLETED");
}

#[test]
fn a_failed_step_tells_what_was_expected() {
    let (_, list, _) = outcomes("");
    let steps = |name: &str| {
        let found = list.iter().find(|report| report["suite_name"] == name);
        found.expect("a report")["steps"]
            .as_array()
            .expect("steps")
            .clone()
    };
    assert!(steps("pass").iter().all(|step| step["pass"] == true));
    for name in ["fail", "buggy"] {
        let steps = steps(name);
        assert_eq!(
            (&steps[0]["pass"], &steps[1]["pass"]),
            (&json!(true), &json!(false))
        );
        let failure = &steps[1]["assertionFailures"][0];
        assert_eq!(
            (&failure["expected"], &failure["actual"]),
            (&json!("422"), &json!("500"))
        );
        assert_eq!(failure["stepIndex"], 1);
        assert_eq!(steps[1]["responseReceived"]["status"], 500);
        assert_eq!(steps[1]["requestSent"]["url"], format!("{TARGET}/orders"));
    }
    assert!(
        steps("skip")
            .iter()
            .all(|step| step["pass"].is_null() && step["status"] == "skipped")
    );
}

#[test]
fn a_failed_step_says_what_the_scenario_wants() {
    let app = "[[keploy.apps]]\nid = \"app-7f3\"\n[[keploy.apps.suites]]\nid = \"fail\"\nmessage = \"::error::no\"\n";
    let (sandbox, _, runs) = ended(app);
    let reports = reports(&sandbox, &text(&runs[0]["id"]));
    let failures = &reports[0]["steps"][1]["assertionFailures"];
    assert_eq!(failures.as_array().map(Vec::len), Some(1));
    assert_eq!(failures[0]["error"], "::error::no");
    assert!(
        reports[0]["steps"][0]["assertionFailures"]
            .as_array()
            .is_some_and(Vec::is_empty)
    );
}

#[test]
fn steps_may_be_in_the_single_report_only() {
    for (settings, listed) in [("", true), ("steps_in = \"detail\"", false)] {
        let (_, list, singles) = outcomes(settings);
        assert!(
            list.iter()
                .all(|report| report.get("steps").is_some() == listed)
        );
        assert!(
            singles
                .iter()
                .all(|report| report["steps"].as_array().is_some_and(|it| it.len() == 2))
        );
    }
}

#[test]
fn names_may_be_in_camel_case() {
    let (sandbox, job, runs) = ended("link = \"job-field\"\nspelling = \"camel\"");
    assert_eq!(job["testRunId"], runs[0]["id"]);
    assert!(
        job["job_status"].is_string(),
        "what is documented stays as it is"
    );
    assert!(runs[0].get("createdAt").is_some() && runs[0].get("created_at").is_none());
    let report = &reports(&sandbox, &text(&job["testRunId"]))[0];
    assert!(report.get("suiteName").is_some() && report.get("suiteId").is_some());
    assert!(report.get("suite_name").is_none() && report.get("durationMs").is_some());
    let (_, job, runs) = ended("link = \"run-list\"\nspelling = \"camel\"");
    assert_eq!(runs[0]["jobId"], job["job_id"]);
}

#[test]
fn reports_come_by_pages() {
    let (sandbox, ..) = ended("");
    let base = format!("{RUNS}/run-0001/suite-reports");
    let first = get(&sandbox, &format!("{base}?page_size=1"));
    let cursor = text(&first.pagination()["next_cursor"]);
    let second = get(&sandbox, &format!("{base}?page_size=1&after={cursor}"));
    assert_eq!(
        [first.ids(), second.ids()].concat(),
        get(&sandbox, &base).ids()
    );
    assert_eq!(second.pagination()["has_next_page"], false);
}

#[test]
fn reports_may_come_late() {
    let (sandbox, ..) = ended("reports_after_ms = 3600000");
    for path in ["", "/run-0001-report-0"] {
        let answer = get(&sandbox, &format!("{RUNS}/run-0001/suite-reports{path}"));
        assert_eq!(answer.refusal(), (404, "RESOURCE_NOT_FOUND".to_owned()));
    }
    assert_eq!(
        get(&sandbox, &format!("{RUNS}/run-0001")).status,
        200,
        "the run itself is there"
    );
    let (sandbox, ..) = ended("reports_after_ms = 50");
    until("the reports come", || {
        get(&sandbox, &format!("{RUNS}/run-0001/suite-reports")).status == 200
    });
}

#[test]
fn a_stopped_run_reports_what_had_ended() {
    let sandbox = sandbox(
        "[[keploy.apps]]\nid = \"app-7f3\"\nsuites = [{ id = \"quick\" }, { id = \"stuck\" }, { id = \"behind\" }]",
    );
    let job = run_with(&sandbox, "app-7f3", &json!({"base_url": TARGET}));
    let base = format!("{RUNS}/run-0001/suite-reports");
    until("the first suite ends", || {
        get(&sandbox, &format!("/jobs/{job}")).data()["completed_suites"] == 1
    });
    assert_eq!(get(&sandbox, &base).status, 404, "not while it runs");
    assert_eq!(
        get(&sandbox, &format!("{RUNS}/run-0001")).data()["status"],
        "Running"
    );
    call(&sandbox, "POST", &format!("/jobs/{job}/stop")).send();
    let suites: Vec<_> = get(&sandbox, &base)
        .list()
        .iter()
        .map(|it| text(&it["suite_id"]))
        .collect();
    assert_eq!(suites, ["quick"]);
}

#[test]
fn an_app_without_suites_completes_with_no_reports() {
    let sandbox = sandbox("");
    assert_eq!(
        end(&sandbox, &run(&sandbox, "app-empty"))["job_status"],
        "COMPLETED"
    );
    assert!(
        get(&sandbox, "/apps/app-empty/test-runs/run-0001/suite-reports")
            .list()
            .is_empty()
    );
}
