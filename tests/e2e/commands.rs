//! The other commands.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use proctor_sandbox::FaultKind;
use serde_json::Value;

use crate::services::service::terminate;
use proctor_test_support::{
    KEY, Outcome, Proctor, SHORT, TRIGGER, fault, sandbox, signalled_at, status, until,
};

fn on(sandbox: &proctor_sandbox::Sandbox, arguments: &[&str]) -> Outcome {
    Proctor::new(arguments)
        .arguments(&["--api-url", &sandbox.service_url("keploy")])
        .key(KEY)
        .end()
}

#[test]
fn demo_shows_a_failure_and_ends_well() {
    let outcome = Proctor::new(&["demo"]).end().expect(0).says("exit code 1");
    for file in ["junit.xml", "results.json", "summary.md", "report.html"] {
        assert!(outcome.path("proctor-demo").join(file).exists(), "{file}");
    }
    assert!(
        outcome.out.contains("BASKET_EMPTY") || outcome.out.contains("422"),
        "{}",
        outcome.out
    );
    Proctor::new(&["demo", "--exit-code"]).end().expect(1);
}

#[test]
fn list_shows_apps_and_then_suites() {
    let sandbox = sandbox("");
    on(&sandbox, &["list", "--provider", "keploy"])
        .expect(0)
        .says("app-7f3")
        .says("orders");
    on(
        &sandbox,
        &["list", "--provider", "keploy", "--set", "app=app-7f3"],
    )
    .expect(0)
    .says("suite-checkout")
    .says("checkout");
    on(
        &sandbox,
        &["list", "--provider", "keploy", "--set", "app=nowhere"],
    )
    .expect(2);
}

#[test]
fn check_tells_what_would_be_wrong_and_triggers_nothing() {
    let sandbox = sandbox("");
    let target = |app: &str, more: &str| {
        format!(
            "[targets.api]\nprovider = \"keploy\"\napi_url = \"{}\"\napp = \"{app}\"\nbase_url = \"{}\"\n{more}",
            sandbox.service_url("keploy"),
            sandbox.system_url()
        )
    };
    let check = |config: String, key: &str| {
        Proctor::new(&["check"])
            .file("proctor.toml", &config)
            .key(key)
            .end()
    };
    check(target("app-7f3", ""), KEY).expect(0).says("2 suites");
    check(target("app-7f3", "suites = [\"serch\"]\n"), KEY)
        .expect(2)
        .says("search");
    check(target("nowhere", ""), KEY).expect(2);
    check(target("app-7f3", ""), "kep_wrong").expect(5);
    assert_eq!(sandbox.count("POST", "**"), 0);
}

/// A file with what was started of these targets, none of which ends by itself.
fn started(sandbox: &proctor_sandbox::Sandbox, names: &[&str]) -> String {
    let target = |name: &&str| {
        format!(
            "[targets.{name}]\nprovider = \"keploy\"\napi_url = \"{}\"\napp = \"app-{name}\"\nbase_url = \"{}\"\n",
            sandbox.service_url("keploy"),
            sandbox.system_url()
        )
    };
    let config: String = names.iter().map(target).collect();
    Proctor::new(&["run", "--no-wait"])
        .file("proctor.toml", &config)
        .key(KEY)
        .end()
        .expect(0)
        .read("proctor-handle.json")
}

/// Two apps whose runs do not end by themselves.
fn two_endless() -> proctor_sandbox::Sandbox {
    let app = |name: &str| {
        format!(
            "[[keploy.apps]]\nid = \"app-{name}\"\nsuites = [{{ id = \"s\", duration_ms = 600000 }}]\n"
        )
    };
    sandbox(&format!("{}{}", app("one"), app("two")))
}

#[test]
fn what_was_stopped_while_it_was_waited_for_does_not_go_on() {
    let sandbox = two_endless();
    let handle = started(&sandbox, &["one"]);
    let waited = Proctor::new(&["wait", "h.json", "--timeout", SHORT])
        .file("h.json", &handle)
        .key(KEY)
        .end()
        .expect(4)
        .says("it was stopped");
    assert!(!waited.path("h.json").exists(), "{}", waited.err);
    assert!(!waited.err.contains("goes on"), "{}", waited.err);
    // Nor after a signal.
    let handle = started(&sandbox, &["two"]);
    let looked = sandbox.received().len();
    let mut waiting = Proctor::new(&["wait", "h.json"])
        .file("h.json", &handle)
        .key(KEY);
    let child = waiting.spawn();
    until("a look", || sandbox.received().len() > looked);
    terminate(&child);
    let waited = Outcome::from_child(waiting, child).expect(143);
    assert_eq!(sandbox.count("POST", "/jobs/*/stop"), 2);
    assert!(!waited.path("h.json").exists(), "{}", waited.err);
}

#[test]
fn what_was_stopped_before_a_signal_came_is_not_stopped_again() {
    let sandbox = Arc::new(two_endless());
    let handle = started(&sandbox, &["one", "two"]);
    let names = |text: &str| {
        let file: Value = serde_json::from_str(text).expect("JSON");
        let runs = file["runs"].as_array().expect("a list").iter();
        let names = runs.map(|run| run["target"]["name"].as_str().expect("a name").to_owned());
        names.collect::<Vec<_>>()
    };
    assert_eq!(names(&handle), ["one", "two"]);
    let mut hang = fault("POST", "/jobs/*/stop", FaultKind::Hang);
    hang.skip = 1;
    hang.times = 0;
    sandbox.add_fault(hang);
    let mut cancelling = Proctor::new(&["cancel", "h.json"])
        .file("h.json", &handle)
        .key(KEY);
    let stops = AtomicUsize::new(0);
    let child = signalled_at(&sandbox, &mut cancelling, "TERM", move |received| {
        received.path.ends_with("/stop") && stops.fetch_add(1, Ordering::Relaxed) == 1
    });
    let left = Outcome::from_child(cancelling, child)
        .expect(143)
        .says("one: stopped")
        .says("run `proctor cancel` again for what was not stopped");
    assert_eq!(names(&left.read("h.json")), ["two"]);
}

#[test]
fn a_run_is_started_and_waited_for_later() {
    let sandbox = sandbox("queue_ms = 300");
    let started = Proctor::start(&sandbox, "app-7f3")
        .end()
        .expect(0)
        .says("proctor wait");
    let handle = started.read("proctor-handle.json");
    let waited = Proctor::new(&["wait", "h.json", "--report", "json"])
        .file("h.json", &handle)
        .key(KEY)
        .end()
        .expect(0);
    assert_eq!(waited.results()["targets"][0]["counts"]["passed"], 4);
    assert!(
        !waited.path("h.json").exists(),
        "a run that is reported is dropped"
    );
    assert_eq!(sandbox.count("POST", TRIGGER), 1);
}

#[test]
fn a_handle_file_that_is_none_is_refused() {
    for text in ["", "[]", "{\"version\": 99}", "not json"] {
        Proctor::new(&["wait", "h.json"])
            .file("h.json", text)
            .key(KEY)
            .end()
            .expect(2)
            .says("h.json");
    }
    Proctor::new(&["wait", "nowhere.json"])
        .end()
        .expect(2)
        .says("nowhere.json");
}

#[test]
fn results_are_rendered_again() {
    let sandbox = sandbox("");
    let ran = Proctor::run(&sandbox, "app-outcomes")
        .arguments(&["--set", "suites=fail"])
        .end()
        .expect(1);
    let results = ran.read("results.json");
    let render = |kind: &str, text: &str| {
        Proctor::new(&["render", kind, "--from", "r.json"])
            .file("r.json", text)
            .end()
    };
    assert_eq!(
        render("junit", &results).expect(1).out.trim(),
        ran.read("junit.xml").trim()
    );
    assert_eq!(
        render("json", &results).expect(1).out.trim(),
        results.trim()
    );
    render("markdown", &results).expect(1).says("fail");
    render("junit", "{\"schema\": 99}").expect(2).says("r.json");
    render("poem", &results).expect(2).says("junit");
}

#[test]
fn providers_schemas_completions_and_help_are_printed() {
    Proctor::new(&["providers"])
        .end()
        .expect(0)
        .says("keploy")
        .says("KEPLOY_API_KEY")
        .says("base_url");
    Proctor::new(&["run", "--help"])
        .end()
        .expect(0)
        .says("keploy")
        .says("base_url");
    Proctor::new(&["completions", "bash"])
        .end()
        .expect(0)
        .says("proctor");
    Proctor::new(&["--version"])
        .end()
        .expect(0)
        .says(env!("CARGO_PKG_VERSION"));
    for kind in ["config", "results"] {
        let schema = Proctor::new(&["schema", kind]).end().expect(0);
        let schema: Value = serde_json::from_str(&schema.out).expect("JSON");
        assert_eq!(
            schema["$schema"], "https://json-schema.org/draft/2020-12/schema",
            "{kind}"
        );
    }
}

#[test]
fn the_sandbox_serves_until_it_is_ended() {
    use std::io::{BufRead, BufReader};
    let mut proctor = Proctor::new(&["sandbox", "--listen", "127.0.0.1:0"]);
    let mut child = proctor.spawn();
    let out = child.stdout.take().expect("a pipe");
    let mut lines = BufReader::new(out).lines().map_while(Result::ok);
    let url = lines
        .find_map(|line| {
            let from = line.find("http://")?;
            let url = line[from..].split_whitespace().next()?;
            url.contains("/keploy")
                .then(|| url.trim_matches(['"', '\'']).to_owned())
        })
        .expect("it says where it serves");
    let shown = lines
        .find_map(|line| Some(line.split_once("proctor run ")?.1.to_owned()))
        .expect("it shows a run");
    let mut arguments = vec!["run"];
    arguments.extend(shown.split_whitespace());
    Proctor::new(&arguments).key(KEY).end().expect(0);
    Proctor::new(&["list", "--provider", "keploy", "--api-url", &url])
        .key(KEY)
        .end()
        .expect(0)
        .says("app-7f3");
    child.kill().expect("it runs");
    child.wait().expect("it ends");
    Proctor::new(&["sandbox", "--listen", "0.0.0.0:0"])
        .end()
        .expect(2)
        .says("loopback");
    Proctor::new(&["sandbox", "--scenario", "s.toml"])
        .file("s.toml", "[keploy]\nqueue = 1\n")
        .end()
        .expect(2)
        .says("line 2");
}

#[test]
fn a_handle_that_cannot_be_written_takes_no_report_along() {
    let sandbox = sandbox("queue_ms = 60000");
    // The run goes on, as it cannot be stopped when its time is up.
    sandbox.add_fault(fault("POST", "/jobs/*/stop", status(403, None, None)));
    let mut proctor = Proctor::run(&sandbox, "app-7f3").variable("PROCTOR_TIMEOUT", SHORT);
    let handle = proctor.path("proctor-handle.json");
    let child = proctor.spawn();
    until("a trigger", || sandbox.count("POST", TRIGGER) == 1);
    std::fs::create_dir(handle).expect("nothing is there yet");
    let outcome = Outcome::from_child(proctor, child)
        .expect(70)
        .says("the handle cannot be written");
    assert_eq!(outcome.results()["targets"][0]["verdict"], "timed-out");
    assert!(outcome.path("junit.xml").exists());
}

#[test]
fn a_run_whose_report_was_lost_can_be_reported_again() {
    let sandbox = sandbox("queue_ms = 8000");
    let started = Proctor::start(&sandbox, "app-7f3").end().expect(0);
    let mut proctor = Proctor::new(&["wait", "h.json", "--report", "json"])
        .file("h.json", &started.read("proctor-handle.json"))
        .key(KEY);
    let report = proctor.path("results.json");
    let before = sandbox.received().len();
    let child = proctor.spawn();
    until("a look", || sandbox.received().len() > before);
    std::fs::create_dir(&report).expect("nothing is there yet");
    let outcome = Outcome::from_child(proctor, child).expect(70);
    Proctor::new(&["wait", "h.json"])
        .file("h.json", &outcome.read("h.json"))
        .key(KEY)
        .end()
        .expect(0);
}

#[test]
fn the_handle_of_an_earlier_job_neither_blocks_nor_is_lost() {
    let sandbox = sandbox("queue_ms = 60000");
    let started = Proctor::start(&sandbox, "app-7f3").end().expect(0);
    let earlier = started.read("proctor-handle.json");
    // Its run cannot be stopped when its time is up, so that there is a handle to keep.
    sandbox.add_fault(fault("POST", "/jobs/*/stop", status(403, None, None)));
    let outcome = Proctor::run(&sandbox, "app-7f3")
        .file("proctor-handle.json", &earlier)
        .variable("PROCTOR_TIMEOUT", SHORT)
        .end()
        .expect(4)
        .says("proctor-handle-2.json");
    assert_eq!(outcome.read("proctor-handle.json"), earlier);
    assert!(outcome.read("proctor-handle-2.json").contains("job-0002"));
}
