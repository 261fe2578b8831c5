//! Whole runs: under each host that is here, and what only one of them has to show.

use proctor_sandbox::{Sandbox, Scenario};
use proctor_test_support::{KEY, SHORT, TRIGGER, consumers, sandbox, status};

use super::host::{Host, Invocation, Outcome, hosts};

/// An app of two suites, one of which fails.
const MIXED: &str = r#"
[[keploy.apps]]
id = "mixed"
[[keploy.apps.suites]]
id = "good"
[[keploy.apps.suites]]
id = "bad"
outcome = "fail"
"#;

fn counts(outcome: &Outcome) -> (u64, u64) {
    let junit = outcome.read("junit.xml");
    let of = |name: &str| {
        let (_, rest) = junit
            .split_once(&format!(" {name}=\""))
            .expect("it is counted");
        let (number, _) = rest.split_once('"').expect("a number");
        number.parse().expect("a number")
    };
    (of("tests"), of("failures"))
}

#[test]
fn a_run_passes_under_every_host() {
    for host in hosts() {
        let sandbox = sandbox("");
        let outcome = Invocation::run(&sandbox, "app-7f3")
            .reporting()
            .end_under(host)
            .expect(0);
        let results = outcome.results();
        assert_eq!(results["verdict"], "passed", "{host:?}");
        let (tests, failures) = counts(&outcome);
        assert!(tests > 0 && failures == 0, "{host:?}");
        assert_eq!(sandbox.count("POST", TRIGGER), 1, "{host:?}");
        assert!(!outcome.path("proctor-handle.json").exists(), "{host:?}");
    }
}

#[test]
fn a_run_fails_under_every_host() {
    for host in hosts() {
        let sandbox = sandbox(MIXED);
        let outcome = Invocation::run(&sandbox, "mixed")
            .reporting()
            .end_under(host)
            .expect(1)
            .says("exit code 1 (failed)");
        assert_eq!(outcome.results()["targets"][0]["verdict"], "failed");
        assert_eq!(counts(&outcome).1, 1, "{host:?}");
        if host == Host::Embedded
            && let Some(mut python) = consumers::python("python")
        {
            let script = "import sys; from junitparser import JUnitXml; print(JUnitXml.fromfile(sys.argv[1]).failures)";
            let read = python
                .args(["-c", script])
                .arg(outcome.path("junit.xml"))
                .output()
                .expect("it starts");
            assert_eq!(String::from_utf8_lossy(&read.stdout).trim(), "1");
        }
    }
}

#[test]
fn a_wrong_key_is_told_under_every_host() {
    for host in hosts() {
        let sandbox = sandbox("");
        let outcome = Invocation::run(&sandbox, "app-7f3")
            .reporting()
            .variable("KEPLOY_API_KEY", "kep_of_somebody_else")
            .end_under(host)
            .expect(5)
            .says("exit code 5 (authentication)");
        let error = &outcome.results()["targets"][0]["error"];
        assert_eq!(error["code"], "authentication");
        assert_eq!(error["who"], "whoever holds the key");
    }
}

#[test]
fn an_unknown_id_is_wrong_usage() {
    let sandbox = sandbox("");
    let outcome = Invocation::run(&sandbox, "no-such-app")
        .reporting()
        .end()
        .expect(2);
    assert_eq!(outcome.results()["targets"][0]["error"]["code"], "usage");
}

#[test]
fn a_service_that_is_not_there_is_unavailable_under_every_host() {
    let address = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
        listener.local_addr().expect("an address")
    };
    for host in hosts() {
        Invocation::new(&["run", "--provider", "keploy", "--set", "app=a"])
            .arguments(&["--set", "base_url=https://example.com"])
            .arguments(&["--api-url", &format!("http://{address}")])
            .arguments(&["--timeout", "8s"])
            .variable("KEPLOY_API_KEY", KEY)
            .end_under(host)
            .expect(7)
            .says("could not be sent");
    }
}

#[test]
fn a_run_that_outlives_its_time_is_stopped() {
    let sandbox = sandbox("queue_ms = 60000\n");
    let outcome = Invocation::run_within(&sandbox, "app-7f3", "10s")
        .reporting()
        .end()
        .expect(4);
    let target = &outcome.results()["targets"][0];
    assert_eq!(target["verdict"], "timed-out");
    assert_eq!(target["error"]["code"], "timed_out");
    assert_eq!(sandbox.count("POST", "/jobs/*/stop"), 1);
}

/// A target of the configuration, with its settings as they are written there.
fn target(sandbox: &Sandbox, name: &str, service: &str, settings: &str) -> String {
    let url = sandbox.service_url(service);
    format!("[targets.{name}]\nprovider = \"{service}\"\napi_url = \"{url}\"\n{settings}\n")
}

/// A target of Keploy.
fn of_app(sandbox: &Sandbox, name: &str, app: &str) -> String {
    let system = sandbox.system_url();
    let settings = format!("app = \"{app}\"\nbase_url = \"{system}\"");
    target(sandbox, name, "keploy", &settings)
}

/// Three targets: one that passes, one that fails, and one that the service refuses.
fn several(sandbox: &Sandbox) -> String {
    format!(
        "[defaults]\ntimeout = \"20s\"\nreports = [\"json\"]\n{}{}{}",
        of_app(sandbox, "first", "app-7f3"),
        of_app(sandbox, "second", "mixed"),
        of_app(sandbox, "third", "no-such-app")
    )
}

#[test]
fn several_targets_are_triggered_before_any_is_followed() {
    let sandbox = sandbox(&format!(
        "queue_ms = 1500\n{MIXED}[[keploy.apps]]\nid = \"app-7f3\"\n[[keploy.apps.suites]]\nid = \"s\"\n"
    ));
    let outcome = Invocation::new(&["run", "first", "second"])
        .file("proctor.toml", &several(&sandbox))
        .variable("KEPLOY_API_KEY", KEY)
        .end()
        .expect(1);
    let results = outcome.results();
    assert_eq!(results["exit_codes"], serde_json::json!([0, 1]));
    let received = sandbox.received();
    let is_trigger = |path: &str| path.ends_with("/test-suites/run");
    let triggers: Vec<usize> = received
        .iter()
        .enumerate()
        .filter(|(_, request)| request.method == "POST" && is_trigger(&request.path))
        .map(|(at, _)| at)
        .collect();
    let followed = received
        .iter()
        .position(|request| request.path.contains("/jobs/"))
        .expect("the runs were followed");
    assert_eq!(triggers.len(), 2);
    assert!(
        triggers.iter().all(|at| *at < followed),
        "{triggers:?} {followed}"
    );
}

#[test]
fn the_most_serious_of_several_targets_counts() {
    let sandbox = sandbox(&format!(
        "{MIXED}[[keploy.apps]]\nid = \"app-7f3\"\n[[keploy.apps.suites]]\nid = \"s\"\n"
    ));
    let outcome = Invocation::new(&["run"])
        .file("proctor.toml", &several(&sandbox))
        .variable("KEPLOY_API_KEY", KEY)
        .end()
        .expect(2);
    let results = outcome.results();
    assert_eq!(results["exit_codes"], serde_json::json!([0, 1, 2]));
    let verdicts: Vec<_> = results["targets"]
        .as_array()
        .expect("targets")
        .iter()
        .map(|target| target["verdict"].as_str().expect("a word"))
        .collect();
    assert_eq!(verdicts, ["passed", "failed", "errored"]);
    assert_eq!(results["targets"][1]["location"]["file"], "proctor.toml");
}

#[test]
fn targets_that_could_not_be_told_apart_run_in_turn() {
    let test = "[[testclix.tests]]\nid = \"01GDFIXED&01AAAA\"\nprocessing_ms = 6000\n";
    let scenario = Scenario::from_toml(test).expect("a scenario");
    let sandbox =
        Sandbox::start("127.0.0.1:0".parse().expect("an address"), scenario).expect("a free port");
    let target = |name: &str| {
        format!(
            "[targets.{name}]\nprovider = \"testclix\"\napi_url = \"{}\"\ntest = \"01GDFIXED&01AAAA\"\n",
            sandbox.service_url("testclix")
        )
    };
    let config = format!("{}{}", target("one"), target("two"));
    Invocation::new(&["run", "--timeout", "120s", "--report", "json"])
        .file("proctor.toml", &config)
        .variable("TESTCLIX_API_KEY", "testclix-sandbox")
        .end()
        .expect(0);
    let received = sandbox.received();
    let triggers: Vec<usize> = received
        .iter()
        .enumerate()
        .filter(|(_, request)| request.method == "POST")
        .map(|(at, _)| at)
        .collect();
    assert_eq!(triggers.len(), 2);
    let between = &received[triggers[0] + 1..triggers[1]];
    assert!(
        between.iter().any(|request| request.method == "GET"),
        "the first is followed before the second is triggered"
    );
}

/// The places of the requests to a service among all, by their method.
fn places(sandbox: &Sandbox, service: &str, method: &str) -> Vec<usize> {
    let received = sandbox.received();
    let all = received.iter().enumerate();
    all.filter(|(_, request)| request.service == service && request.method == method)
        .map(|(at, _)| at)
        .collect()
}

/// What stands above the targets.
const DEFAULTS: &str = "[defaults]\ntimeout = \"120s\"\nreports = [\"json\"]\n";

#[test]
fn what_is_told_by_being_seen_at_work_runs_while_nothing_else_is_under_way() {
    let tests = ["01GD&01ONE", "01GD&01TWO"];
    let each = tests.map(|id| {
        format!("[[testclix.tests]]\nid = \"{id}\"\nbefore = \"pass\"\nprocessing_ms = 6000\n")
    });
    let sandbox = sandbox(&each.concat());
    let of_test = |name: &str, id: &str| {
        let settings = format!("test = \"{id}\"");
        target(&sandbox, name, "testclix", &settings)
    };
    let config = [
        DEFAULTS.to_owned(),
        of_test("one", tests[0]),
        of_app(&sandbox, "by-id", "app-7f3"),
        of_test("two", tests[1]),
    ];
    let outcome = Invocation::new(&["run"])
        .file("proctor.toml", &config.concat())
        .variable("KEPLOY_API_KEY", KEY)
        .variable("TESTCLIX_API_KEY", "testclix-sandbox")
        .end()
        .expect(0);
    let targets = &outcome.results()["targets"];
    let names = [0, 1, 2].map(|at| targets[at]["name"].clone());
    assert_eq!(names, ["one", "by-id", "two"]);
    let begun = places(&sandbox, "testclix", "POST");
    assert_eq!(begun.len(), 2);
    let others = places(&sandbox, "keploy", "GET");
    assert!(
        others.iter().all(|at| *at < begun[0]),
        "what has an id has ended before: {others:?} {begun:?}"
    );
    let looks = places(&sandbox, "testclix", "GET");
    assert!(
        looks.iter().any(|at| begun[0] < *at && *at < begun[1]),
        "the first is followed before the second is triggered: {looks:?} {begun:?}"
    );
}

/// Two flows of CheckView.
const FLOWS: &str = "flow = [\"flow-contact\", \"flow-checkout\"]";

#[test]
fn nothing_is_triggered_once_the_time_is_over() {
    let sandbox = sandbox("[checkview]\ntrigger_ms = 600000\n");
    let late = format!("{FLOWS}\ntimeout = \"{SHORT}\"");
    let config = [
        DEFAULTS.to_owned(),
        target(&sandbox, "late", "checkview", &late),
        of_app(&sandbox, "other", "app-7f3"),
    ];
    let outcome = Invocation::new(&["run"])
        .file("proctor.toml", &config.concat())
        .variable("KEPLOY_API_KEY", KEY)
        .variable("CHECKVIEW_API_TOKEN", "cvpat_sandbox")
        .end()
        .expect(4);
    let late = &outcome.results()["targets"][0];
    assert_eq!(late["error"]["code"], "timed_out");
    let received = sandbox.received();
    let triggers = places(&sandbox, "checkview", "POST");
    let mut triggered: Vec<_> = triggers
        .iter()
        .map(|at| (&received[*at].path, &received[*at].body))
        .collect();
    // One whose answer is lost may be sent again, as its key is known.
    triggered.dedup();
    assert_eq!(triggered.len(), 1, "{triggered:?}");
}

#[test]
fn what_was_refused_is_not_sent_again() {
    let sandbox = sandbox("");
    let mut refusal = proctor_test_support::fault("POST", "**", status(403, None, None));
    refusal.service = Some("checkview".to_owned());
    refusal.skip = 1;
    sandbox.add_fault(refusal);
    let config = [
        DEFAULTS.to_owned(),
        target(&sandbox, "flows", "checkview", FLOWS),
        of_app(&sandbox, "other", "app-7f3"),
    ];
    let outcome = Invocation::new(&["run"])
        .file("proctor.toml", &config.concat())
        .variable("KEPLOY_API_KEY", KEY)
        .variable("CHECKVIEW_API_TOKEN", "cvpat_sandbox")
        .end()
        .expect(5);
    let flows = &outcome.results()["targets"][0];
    assert_eq!(flows["error"]["code"], "authentication");
    assert_eq!(places(&sandbox, "checkview", "POST").len(), 2);
}

#[test]
fn what_certainly_did_nothing_is_sent_again_and_what_may_have_is_not() {
    let sandbox = sandbox("");
    sandbox.add_fault(proctor_test_support::fault(
        "POST",
        TRIGGER,
        status(503, None, Some("1")),
    ));
    Invocation::run(&sandbox, "app-7f3").end().expect(0);
    assert_eq!(sandbox.count("POST", TRIGGER), 2);
    sandbox.add_fault(proctor_test_support::fault(
        "POST",
        TRIGGER,
        proctor_sandbox::FaultKind::ResetAfter,
    ));
    Invocation::run(&sandbox, "app-7f3")
        .end()
        .expect(0)
        .says("was found");
    assert_eq!(sandbox.count("POST", TRIGGER), 3);
}
