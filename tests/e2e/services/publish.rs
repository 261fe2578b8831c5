//! Publishing at Testmo: whatever becomes of a request, each test is stored once.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use proctor_sandbox::{FaultKind, Sandbox, Scenario};
use serde_json::Value;

use super::service::{Call, each, sent, terminate};
use super::testmo::SERVICE;
use proctor_test_support::{Outcome, Proctor, ask, consumers, read, status, until};

const CREATE: Call = ("POST", "/projects/*/automation/runs");
const THREADS: Call = ("POST", "/automation/runs/*/threads");
const APPEND: Call = ("POST", "/automation/runs/threads/*/append");
const COMPLETE: Call = ("POST", "/automation/runs/*/complete");

const JUNIT: &str = r#"<testsuites><testsuite name="s" time="3.2">
<testcase name="ok" classname="a.B" time="1.0"/>
<testcase name="bad" classname="a.B" time="2.2"><failure message="m" type="T">trace</failure></testcase>
<testcase name="later" classname="a.B"><skipped message="not today"/></testcase>
</testsuite></testsuites>"#;

/// So many tests, which come in batches of 250.
fn large(count: usize) -> String {
    let cases: String = (0..count)
        .map(|number| format!("<testcase name=\"case {number}\" classname=\"a.B\"/>"))
        .collect();
    format!("<testsuites><testsuite name=\"s\">{cases}</testsuite></testsuites>")
}

/// The place of publishing.
fn place(sandbox: &Sandbox) -> String {
    format!(
        "[publish.testmo]\nprovider = \"testmo\"\napi_url = \"{}\"\nproject_id = 1\nsource = \"api-tests\"\n",
        sandbox.url()
    )
}

/// `proctor publish`, with a file of results.
fn publish(sandbox: &Sandbox, junit: &str, arguments: &[&str]) -> Proctor {
    Proctor::new(&["publish"])
        .arguments(arguments)
        .file("proctor.toml", &place(sandbox))
        .file("results.xml", junit)
        .variable(SERVICE.variable, SERVICE.key)
}

/// What the service answers.
fn api(sandbox: &Sandbox, path: &str) -> Value {
    let url = format!("{}{path}", sandbox.service_url("testmo"));
    let authorization = format!("Bearer {}", SERVICE.key);
    let body = ask("GET", &url, &[("authorization", &authorization)], "");
    serde_json::from_str(&body).unwrap_or_else(|error| panic!("{body}: {error}"))
}

/// The runs that were made here.
fn runs(sandbox: &Sandbox) -> Vec<Value> {
    let list = api(sandbox, "/projects/1/automation/runs");
    let runs = list["result"].as_array().expect("a list");
    let made = |run: &&Value| run["id"].as_u64().is_some_and(|id| id >= 4711);
    runs.iter().filter(made).cloned().collect()
}

/// The names of all tests that were stored, in all runs that were made here, sorted.
fn stored(sandbox: &Sandbox) -> Vec<String> {
    let mut names = Vec::new();
    for run in runs(sandbox) {
        let mut next = Some(1);
        while let Some(page) = next {
            let path = format!(
                "/automation/runs/{}/tests?per_page=1000&order=asc&page={page}",
                run["id"]
            );
            let list = api(sandbox, &path);
            let tests = list["result"].as_array().expect("a list");
            let own = tests.iter().filter_map(|test| test["name"].as_str());
            names.extend(own.map(str::to_owned));
            next = list["next_page"].as_u64();
        }
    }
    names.sort();
    names
}

/// There is one run, it is complete, and it has these tests.
#[track_caller]
fn one_run(sandbox: &Sandbox, tests: usize) -> Value {
    let runs = runs(sandbox);
    assert_eq!(runs.len(), 1, "{runs:#?}");
    assert_eq!(runs[0]["is_completed"], true, "{:#}", runs[0]);
    assert_eq!(runs[0]["total_count"], tests, "{:#}", runs[0]);
    runs[0].clone()
}

#[track_caller]
fn each_once(sandbox: &Sandbox, count: usize) {
    let mut wanted: Vec<String> = (0..count).map(|number| format!("case {number}")).collect();
    wanted.sort();
    assert!(stored(sandbox) == wanted, "not every test is there once");
}

#[test]
fn junit_files_become_one_run() {
    let sandbox = SERVICE.sandbox("");
    let outcome = publish(&sandbox, JUNIT, &["results.xml"])
        .end()
        .expect(0)
        .says("3 tests");
    SERVICE.hides_key(&outcome);
    let run = one_run(&sandbox, 3);
    assert_eq!(run["failure_count"], 1);
    assert_eq!(run["elapsed"], 3_200_000);
    let received = sandbox.received();
    let calls: Vec<&str> = received
        .iter()
        .filter(|received| received.method == "POST")
        .map(|received| received.path.as_str())
        .collect();
    assert_eq!(calls[0], "/projects/1/automation/runs");
    assert_eq!(calls[1], "/automation/runs/4711/threads");
    assert_eq!(calls[2], "/automation/runs/threads/4712/append");
    assert_eq!(calls.last(), Some(&"/automation/runs/4711/complete"));
    assert!(
        received
            .iter()
            .all(|received| received.header("authorization") == Some("Bearer testmo-sandbox"))
    );
}

#[test]
fn several_files_by_pattern_are_one_thread_and_batches_keep_the_order() {
    let sandbox = SERVICE.sandbox("");
    publish(&sandbox, JUNIT, &["*.xml"])
        .file("a-large.xml", &large(600))
        .end()
        .expect(0)
        .says("603 tests");
    one_run(&sandbox, 603);
    assert_eq!(sent(&sandbox, THREADS).len(), 1);
    let names: Vec<Value> = sent(&sandbox, APPEND)
        .iter()
        .flat_map(|received| tests_in(&received.body))
        .map(|test| test["name"].clone())
        .collect();
    assert_eq!(names[0], "case 0");
    assert_eq!(names[599], "case 599");
    assert_eq!(names[600], "ok");
}

fn tests_in(body: &str) -> Vec<Value> {
    let mut body: Value = serde_json::from_str(body).expect("JSON");
    serde_json::from_value(body["tests"].take()).expect("a list")
}

#[test]
fn results_of_a_run_are_published() {
    let sandbox = SERVICE.sandbox("");
    let keploy = proctor_test_support::sandbox("");
    let ran = Proctor::run(&keploy, "app-outcomes")
        .arguments(&["--set", "suites=fail,pass"])
        .end()
        .expect(1);
    let outcome = publish(&sandbox, JUNIT, &["r.json"])
        .file("r.json", &ran.read("results.json"))
        .end()
        .expect(0);
    SERVICE.hides_key(&outcome);
    let counts = ran.results()["targets"][0]["counts"].clone();
    let run = one_run(
        &sandbox,
        counts["total"].as_u64().unwrap_or_default() as usize,
    );
    assert_eq!(run["failure_count"], counts["failed"]);
}

#[test]
fn a_run_publishes_at_its_end_and_keeps_its_exit_code() {
    for (suites, code) in [("fail,pass", 1), ("pass", 0)] {
        let sandbox = Scenario::from_toml("[keploy]\nallow_private_targets = true\n");
        let sandbox = Sandbox::start(
            "127.0.0.1:0".parse().expect("an address"),
            sandbox.expect("a scenario"),
        )
        .expect("a free port");
        let outcome = Proctor::run(&sandbox, "app-outcomes")
            .arguments(&["--set", &format!("suites={suites}"), "--publish", "testmo"])
            .file("proctor.toml", &place(&sandbox))
            .variable(SERVICE.variable, SERVICE.key)
            .end()
            .expect(code);
        SERVICE.hides_key(&outcome);
        let total = outcome.results()["targets"][0]["counts"]["total"].clone();
        one_run(&sandbox, total.as_u64().unwrap_or_default() as usize);
    }
}

#[test]
fn a_place_that_is_wrong_is_found_out_before_anything_is_triggered() {
    let sandbox = proctor_test_support::sandbox("");
    Proctor::run(&sandbox, "app-7f3")
        .arguments(&["--publish", "testno"])
        .file("proctor.toml", &place(&sandbox))
        .variable(SERVICE.variable, SERVICE.key)
        .end()
        .expect(2)
        .says("testmo");
    Proctor::run(&sandbox, "app-7f3")
        .arguments(&["--publish", "testmo"])
        .file("proctor.toml", &place(&sandbox))
        .end()
        .expect(2)
        .says("TESTMO_TOKEN");
    assert_eq!(sandbox.count("POST", "**"), 0);
}

#[test]
fn a_command_is_measured_and_its_exit_code_passed_on() {
    each(&[0, 3], |code| {
        let sandbox = SERVICE.sandbox("");
        let script = format!("sleep 0.3; cp results.xml out.xml; exit {code}");
        publish(&sandbox, JUNIT, &["out.xml", "--", "sh", "-c", &script])
            .end()
            .expect(*code);
        one_run(&sandbox, 3);
        let thread: Value = serde_json::from_str(&sent(&sandbox, THREADS)[0].body).expect("JSON");
        let complete = sandbox.received();
        let observed = std::iter::once(thread)
            .chain(
                complete
                    .iter()
                    .filter_map(|received| serde_json::from_str(&received.body).ok()),
            )
            .find_map(|body: Value| body["elapsed_observed"].as_u64())
            .expect("the measured time is sent");
        assert!((300_000..10_000_000).contains(&observed), "{observed} µs");
    });
}

#[test]
fn a_command_that_cannot_be_started_is_2_and_one_without_results_is_told() {
    let sandbox = SERVICE.sandbox("");
    publish(&sandbox, JUNIT, &["results.xml", "--", "no-such-command"])
        .end()
        .expect(2)
        .says("no-such-command");
    publish(&sandbox, JUNIT, &["nowhere.xml"])
        .end()
        .expect(2)
        .says("nowhere.xml");
    publish(
        &sandbox,
        JUNIT,
        &["nowhere.xml", "--", "sh", "-c", "exit 7"],
    )
    .end()
    .expect(7)
    .says("nowhere.xml");
    assert!(runs(&sandbox).is_empty());
}

/// All pairs of a call and a fault after which the call may succeed.
fn passing() -> Vec<(Call, FaultKind)> {
    let page = |processed| FaultKind::Html {
        status: 502,
        processed,
    };
    let faults = [
        FaultKind::Latency { ms: 500 },
        FaultKind::ResetBefore,
        FaultKind::ResetAfter,
        FaultKind::TruncatedBody,
        page(false),
        page(true),
        status(500, None, None),
        status(503, None, Some("1")),
        status(429, None, Some("1")),
    ];
    [CREATE, THREADS, APPEND, COMPLETE]
        .into_iter()
        .flat_map(|call| faults.clone().map(|fault| (call, fault)))
        .collect()
}

#[test]
fn whatever_becomes_of_a_request_each_test_is_stored_once() {
    each(&passing(), |(call, kind)| {
        let sandbox = SERVICE.sandbox("");
        sandbox.add_fault(SERVICE.fault(*call, kind.clone()));
        let outcome = publish(&sandbox, &large(300), &["results.xml"]).end();
        assert_eq!(
            outcome.code, 0,
            "{call:?} {kind:?}\n{}\n{}",
            outcome.out, outcome.err
        );
        one_run(&sandbox, 300);
        each_once(&sandbox, 300);
    });
}

#[test]
fn what_cannot_be_sent_is_kept_and_sent_later_without_a_test_twice() {
    // With how often it comes about: as often as it is tried.
    let lasting = [
        (status(503, None, None), 4),
        (FaultKind::ResetBefore, 4),
        (status(422, None, None), 1),
    ];
    // The first batch, and a later one.
    each(&[0, 1], |&skip| {
        each(&lasting, |(kind, times)| {
            let sandbox = SERVICE.sandbox("");
            sandbox.add_fault(proctor_sandbox::Fault {
                skip,
                times: *times,
                ..SERVICE.fault(APPEND, kind.clone())
            });
            let outcome = publish(&sandbox, &large(600), &["results.xml"]).end();
            SERVICE.hides_key(&outcome);
            assert_ne!(outcome.code, 0, "{kind:?}\n{}", outcome.out);
            let said = format!("{}{}", outcome.out, outcome.err);
            assert!(
                said.contains("proctor-unsent.jsonl") && said.contains("POST /automation/runs/"),
                "{kind:?}: {said}"
            );
            // By a pattern, which must not keep the file from being removed.
            let outcome = publish(&sandbox, JUNIT, &["k*.jsonl"])
                .file("k.jsonl", &kept(&outcome))
                .end();
            assert!(!outcome.path("k.jsonl").exists(), "{}", outcome.err);
            assert_eq!(
                outcome.code, 0,
                "{kind:?}\n{}\n{}",
                outcome.out, outcome.err
            );
            each_once(&sandbox, 600);
        });
    });
}

/// The file with what was not sent.
fn kept(outcome: &Outcome) -> String {
    let name = ["proctor-unsent.jsonl", "k.jsonl"]
        .into_iter()
        .find(|name| outcome.path(name).exists());
    outcome.read(name.expect("a kept file"))
}

#[test]
fn a_key_that_is_refused_is_5_and_loses_nothing() {
    for key in ["wrong", "testmo-readonly"] {
        let sandbox = SERVICE.sandbox("");
        let outcome = publish(&sandbox, JUNIT, &["results.xml"])
            .variable(SERVICE.variable, key)
            .end()
            .expect(5);
        assert!(!outcome.out.contains(key), "{}", outcome.out);
        assert!(runs(&sandbox).is_empty());
        assert_eq!(sandbox.count("POST", "**"), 1, "{key}");
        let kept = kept(&outcome);
        publish(&sandbox, JUNIT, &["k.jsonl"])
            .file("k.jsonl", &kept)
            .end()
            .expect(0);
        one_run(&sandbox, 3);
    }
}

#[test]
fn a_key_that_is_repeated_is_masked_and_a_redirect_not_followed() {
    for call in [CREATE, APPEND] {
        let sandbox = SERVICE.sandbox("");
        sandbox.add_fault(SERVICE.fault(call, FaultKind::EchoKey { status: 400 }));
        let outcome = publish(&sandbox, JUNIT, &["results.xml", "--verbose"])
            .end()
            .says("the key *** is not liked here");
        assert_ne!(outcome.code, 0);
        SERVICE.hides_key(&outcome);
        let (sandbox, elsewhere) = (SERVICE.sandbox(""), SERVICE.sandbox(""));
        let location = format!("{}/elsewhere", elsewhere.service_url("testmo"));
        let kind = FaultKind::Redirect {
            location: location.clone(),
        };
        sandbox.add_fault(SERVICE.fault(call, kind));
        publish(&sandbox, JUNIT, &["results.xml"])
            .end()
            .expect(8)
            .says(&location);
        assert!(elsewhere.received().is_empty());
    }
}

#[test]
fn a_budget_that_is_used_up_is_waited_for() {
    let sandbox = SERVICE.sandbox("requests_per_minute = 1\nburst = 2\nblock_ms = 1000");
    publish(&sandbox, &large(300), &["results.xml"])
        .end()
        .expect(0);
    let names: BTreeSet<String> = appended(&sandbox)
        .iter()
        .map(|test| test["name"].to_string())
        .collect();
    assert_eq!((names.len(), appended(&sandbox).len()), (300, 300));
    let received = sandbox.received();
    assert!(received.iter().any(|received| received.status == 429));
    for two in received.windows(2).filter(|two| two[0].status == 429) {
        assert!(two[1].at_ms - two[0].at_ms >= 950, "again too soon");
    }
}

#[test]
fn files_that_cannot_be_read_are_2_and_what_is_before_the_break_is_sent() {
    let sandbox = SERVICE.sandbox("");
    publish(&sandbox, "this is no XML", &["results.xml"])
        .end()
        .expect(2)
        .says("results.xml");
    let sandbox = SERVICE.sandbox("");
    let broken = large(10).replace("</testsuite></testsuites>", "<testcase name=");
    publish(&sandbox, &broken, &["results.xml"])
        .end()
        .expect(2)
        .says("results.xml");
    each_once(&sandbox, 10);
    let sandbox = SERVICE.sandbox("");
    publish(&sandbox, "<testsuites/>", &["results.xml"])
        .end()
        .expect(9);
    assert!(runs(&sandbox).is_empty());
}

#[test]
fn what_is_about_running_tests_is_refused_at_its_line() {
    let sandbox = SERVICE.sandbox("");
    for line in ["retries = 2", "queue_timeout = \"5m\""] {
        let key = line.split(' ').next().expect("a key");
        let file = format!("{}{line}\n", place(&sandbox));
        publish(&sandbox, JUNIT, &["results.xml"])
            .file("proctor.toml", &file)
            .end()
            .expect(2)
            .says(&format!(
                "`{key}` has no meaning where results are published"
            ))
            .says("proctor.toml:6");
    }
    assert!(runs(&sandbox).is_empty());
}

#[test]
fn verdicts_count_only_if_that_is_asked_for() {
    let sandbox = SERVICE.sandbox("");
    publish(&sandbox, JUNIT, &["results.xml"]).end().expect(0);
    publish(&sandbox, JUNIT, &["results.xml", "--fail-on", "failed"])
        .end()
        .expect(1)
        .says("the tests are failed, exit code 1 (--fail-on)");
    publish(&sandbox, JUNIT, &["results.xml", "--fail-on", ""])
        .end()
        .expect(2)
        .says("--fail-on: the list is empty");
}

#[test]
fn what_is_wrong_is_told_of_where_it_is() {
    let sandbox = SERVICE.sandbox("");
    for (arguments, said) in [
        (
            &["--set", "source=bad source!"][..],
            "error: --set source=bad source!: ",
        ),
        (
            &["--to", "nope"],
            "error: proctor.toml defines no place `nope` to publish at",
        ),
        (
            &["--provider", "keploy"],
            "error: Keploy keeps no results of other tests",
        ),
    ] {
        let arguments = [&["results.xml"], arguments].concat();
        let outcome = publish(&sandbox, JUNIT, &arguments).end();
        let outcome = outcome.expect(2).says(said);
        assert!(!outcome.err.contains("correct the file"), "{}", outcome.err);
    }
    let nowhere = Proctor::new(&["run", "--publish", "results"]).end();
    let outcome = nowhere
        .expect(2)
        .says("nothing says where to publish")
        .says("add a `[publish.results]`");
    assert!(!outcome.err.contains("--provider"), "{}", outcome.err);
    assert!(runs(&sandbox).is_empty());
}

#[cfg(unix)]
#[test]
fn a_signal_keeps_what_was_not_sent() {
    let sandbox = SERVICE.sandbox("");
    let mut slow = SERVICE.lasting(APPEND, FaultKind::Latency { ms: 700 });
    slow.skip = 1;
    sandbox.add_fault(slow);
    let mut proctor = publish(&sandbox, &large(3000), &["results.xml"]);
    let child = proctor.spawn();
    until("a second batch", || sent(&sandbox, APPEND).len() > 1);
    terminate(&child);
    let outcome = Outcome::from_child(proctor, child).expect(143);
    let kept = kept(&outcome);
    assert!(!kept.contains(SERVICE.key));
    let fast = publish(&sandbox, JUNIT, &["k.jsonl"]).file("k.jsonl", &kept);
    fast.end().expect(0);
    each_once(&sandbox, 3000);
}

/// The vendor's client, where `tests/consumers/install.sh` puts it.
fn client() -> Option<PathBuf> {
    let program = consumers::folder().join("testmo-cli/node_modules/.bin/testmo");
    program.exists().then_some(program)
}

/// What the vendor's client sends for a file, over TLS.
fn sent_by_vendor(client: &Path, file: &Path) -> Vec<Value> {
    let sandbox = Sandbox::start_tls(
        "127.0.0.1:0".parse().expect("an address"),
        Scenario::default(),
    )
    .expect("a free port");
    let folder = tempfile::tempdir().expect("a folder");
    let ca = folder.path().join("ca.pem");
    std::fs::write(&ca, sandbox.ca_pem().expect("an authority")).expect("written");
    let mut command = Command::new(client);
    for proxy in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
        command.env_remove(proxy);
    }
    let output = command
        .args(["automation:run:submit", "--instance", &sandbox.url()])
        .args(["--project-id", "1", "--name", "R", "--source", "api-tests"])
        .arg("--results")
        .arg(file)
        .current_dir(folder.path())
        .env("NODE_EXTRA_CA_CERTS", &ca)
        .env("TESTMO_TOKEN", SERVICE.key)
        .output()
        .expect("the client runs");
    assert!(output.status.success(), "{output:?}");
    appended(&sandbox)
}

/// What Proctor sends for the same file.
fn sent_by_proctor(file: &Path) -> Vec<Value> {
    let sandbox = SERVICE.sandbox("");
    publish(&sandbox, &read(file), &["results.xml"])
        .end()
        .expect(0);
    appended(&sandbox)
}

/// All tests that the sandbox took, in their order.
fn appended(sandbox: &Sandbox) -> Vec<Value> {
    sent(sandbox, APPEND)
        .iter()
        .filter(|received| received.status == 204)
        .flat_map(|received| tests_in(&received.body))
        .collect()
}

/// A test as both should have sent it.
///
/// Three things are other on purpose, or for the better: the second test of one name gets a key of its own, the vendor's
/// client leaves references by number in attributes as they are, and texts within HTML fields are escaped.
fn comparable(test: &Value, is_first: bool) -> Value {
    let mut test = test.clone();
    if !is_first {
        test["key"] = Value::Null;
    }
    for field in test["fields"].as_array_mut().into_iter().flatten() {
        if field["type"] == 3 {
            field["value"] = Value::Null;
        }
        if let Some(message) = field["meta"]["message"].as_str() {
            field["meta"]["message"] = message.replace("&#10;", "\n").into();
        }
    }
    test
}

/// Files of many programs: for each the vendor's client and Proctor have sent the same tests, with the same keys, names,
/// folders, statuses, times, fields and artifacts, in the same order.
#[test]
fn the_vendors_client_sends_the_same_tests() {
    let Some(client) = client() else {
        println!("skipped: the vendor's client is not installed");
        eprintln!("skipped: the vendor's client is not installed");
        return;
    };
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures/junit");
    let files: Vec<PathBuf> = std::fs::read_dir(folder)
        .expect("fixtures")
        .map(|entry| entry.expect("an entry").path())
        // The vendor's client takes every file for UTF-8, and gives up on entities of a file's own.
        .filter(|file| !file.ends_with("latin1.xml") && !file.ends_with("text.xml"))
        .collect();
    assert!(files.len() >= 7, "{files:?}");
    each(&files, |file| {
        let (theirs, ours) = (sent_by_vendor(&client, file), sent_by_proctor(file));
        assert!(!theirs.is_empty(), "{}", file.display());
        assert_eq!(ours.len(), theirs.len(), "{}", file.display());
        let mut known = BTreeSet::new();
        for (their, our) in theirs.iter().zip(&ours) {
            let is_first = known.insert(their["key"].to_string());
            assert_eq!(
                comparable(our, is_first),
                comparable(their, is_first),
                "{}",
                file.display()
            );
        }
        let keys: BTreeSet<String> = ours.iter().map(|test| test["key"].to_string()).collect();
        assert_eq!(keys.len(), ours.len(), "{}", file.display());
    });
}
