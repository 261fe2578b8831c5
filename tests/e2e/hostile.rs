//! Plugins that do their worst, beside a target that goes on and passes.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::net::TcpStream;
use std::time::Duration;

use proctor_sandbox::Sandbox;
use proctor_test_components::HOSTILE_PATH;
use proctor_test_support::server::{Asked, Scripted, answer};
use proctor_test_support::{KEY, Outcome, Proctor, sandbox};
use serde_json::Value;

/// What a plugin is told to try.
struct Attempt {
    mode: &'static str,
    /// Of its target. Several where it depends on the machine's pace which limit is reached first.
    codes: &'static [i64],
    /// What its target's report says.
    says: &'static str,
}

const fn attempt(mode: &'static str, codes: &'static [i64], says: &'static str) -> Attempt {
    Attempt { mode, codes, says }
}

/// What uses something up.
const EXCESS: [Attempt; 19] = [
    attempt("memory", &[70], "memory allocation of"),
    attempt("recursion", &[70], "the plugin `"),
    attempt("loop", &[70, 4], "computed for 10s"),
    attempt("wait-for-nothing", &[70, 4], "computed for 10s"),
    attempt("compute-between-waits", &[4], "time limit"),
    attempt("wait-for-ever", &[4], "time limit"),
    // Where telling of events is slow, it has computed for too long before there were too many.
    attempt("flood", &[70], "the plugin `"),
    attempt("huge-handles", &[70], "more than 10000 triggers"),
    attempt("huge-event", &[70], "the plugin `"),
    attempt("open-endlessly", &[70], "things of the host's"),
    attempt("hoard-timers", &[70], "things of the host's"),
    attempt("hold-requests", &[9], "16 open, 84 refused"),
    attempt("send-too-much", &[9], "body: "),
    attempt("huge-headers", &[70], "the plugin `"),
    attempt("all-randomness", &[70], "the plugin `"),
    attempt("extremes", &[9], "65536 random bytes"),
    attempt("too-many-tests", &[70], "more than 250000 tests"),
    attempt("too-much-text", &[70], "bytes of text"),
    attempt("print", &[9], "printed"),
];

/// What claims something.
const FORGERY: [Attempt; 8] = [
    attempt("panic", &[70], "on purpose"),
    attempt("exit", &[70], "the plugin `"),
    attempt("told-then-trap", &[70], "the plugin `"),
    attempt("pass-without-tests", &[9], ""),
    attempt("forge-texts", &[0], "forged"),
    attempt("forge-handle", &[3], ""),
    attempt("forge-numbers", &[0], "extreme"),
    attempt("print-answer", &[70], "it got 200  ***"),
];

/// Answers `/hang` never, `/echo` with the key, and anything else with a number.
fn service(asked: &Asked, stream: &mut TcpStream) {
    let body = match asked.path.as_str() {
        "/hang" => return std::thread::sleep(Duration::from_secs(300)),
        "/echo" => asked
            .head
            .lines()
            .find_map(|line| line.strip_prefix("authorization: Bearer "))
            .unwrap_or("no key"),
        _ => "7",
    };
    // The other side may have gone.
    let _ = stream.write_all(answer(200, body).as_bytes());
}

/// What has every right to pass.
fn honest(sandbox: &Sandbox) -> String {
    format!(
        "[targets.honest]\nprovider = \"keploy\"\napi_url = \"{}\"\napp = \"app-7f3\"\nbase_url = \"{}\"\n",
        sandbox.service_url("keploy"),
        sandbox.system_url()
    )
}

fn plugin(url: &str, mode: &str) -> String {
    let path = toml_edit::Value::from(HOSTILE_PATH).to_string();
    let place = match mode {
        "hold-requests" | "open-endlessly" => "/hang",
        "print-answer" => "/echo",
        _ => "/",
    };
    format!(
        "[targets.{mode}]\nplugin = {path}\napi_url = \"{url}\"\nkey_env = \"HOSTILE_KEY\"\nmode = \"{mode}\"\nurl = \"{url}{place}\"\n"
    )
}

/// A run of the honest target beside these attempts.
fn run(sandbox: &Sandbox, attempts: &[Attempt]) -> Proctor {
    let service = Scripted::start(service);
    let config: String = attempts
        .iter()
        .map(|attempt| plugin(&service.url, attempt.mode))
        .chain([honest(sandbox)])
        .collect();
    Proctor::new(&[
        "run", "--jobs", "40", "--report", "json", "--report", "junit",
    ])
    .file("proctor.toml", &config)
    .variable("PROCTOR_TIMEOUT", "30s")
    .variable("HOSTILE_KEY", "hostile-secret-0123456789")
    .key(KEY)
}

/// The targets of the results by name, each with its exit code.
fn targets(outcome: &Outcome) -> BTreeMap<String, Value> {
    let results = outcome.results();
    let all = results["targets"].as_array().expect("targets").iter();
    let codes = results["exit_codes"].as_array().expect("codes");
    all.zip(codes)
        .map(|(target, code)| {
            let mut target = target.clone();
            target["exit_code"] = code.clone();
            (target["name"].as_str().expect("a name").to_owned(), target)
        })
        .collect()
}

#[track_caller]
fn ended_as_told(outcome: &Outcome, attempts: &[Attempt]) {
    let targets = targets(outcome);
    assert_eq!(targets.len(), attempts.len() + 1);
    for Attempt { mode, codes, says } in attempts {
        let target = &targets[*mode];
        let code = target["exit_code"].as_i64().expect("a code");
        assert!(codes.contains(&code), "{mode}: {target:#}");
        if codes[0] == code {
            assert!(target.to_string().contains(says), "{mode}: {target:#}");
        }
        if code == 70 {
            let message = target["error"]["message"].as_str().expect("a message");
            assert!(message.starts_with("the plugin `"), "{mode}: {message}");
            assert_eq!(target["error"]["who"], "the author of the plugin");
        }
        assert_eq!(target["provider"], "hostile", "{mode}");
    }
    let honest = &targets["honest"];
    assert_eq!(honest["exit_code"], 0, "{honest:#}");
    assert_eq!(honest["counts"]["passed"], 4, "{honest:#}");
}

#[test]
fn whoever_uses_up_too_much_is_stopped_and_the_others_go_on() {
    let sandbox = sandbox("");
    // At the time limit a target is given 35 s to end.
    let outcome = run(&sandbox, &EXCESS).end_within(400);
    ended_as_told(&outcome, &EXCESS);
    assert_eq!(outcome.code, 70);
    // 256 MiB of the one that takes all it can get, and what the others leave.
    if let Some(peak) = outcome.peak {
        assert!(peak < 1_500_000, "{peak} KiB");
    }
}

#[test]
fn whoever_forges_something_is_not_believed() {
    let sandbox = sandbox("");
    for output in ["human", "ndjson"] {
        let outcome = run(&sandbox, &FORGERY)
            .arguments(&["--verbose", "--output", output])
            .variable("GITHUB_ACTIONS", "true")
            .variable("PROCTOR_LOG", "trace")
            .end_within(300);
        ended_as_told(&outcome, &FORGERY);
        assert_eq!(outcome.code, 70);
        obeys_nobody(&outcome, output);
        let targets = targets(&outcome);
        let trapped = &targets["told-then-trap"];
        assert_eq!(trapped["verdict"], "errored", "{trapped:#}");
        // What goes on is told of, and as what it is.
        let kept: Value = serde_json::from_str(&outcome.read("proctor-handle.json")).expect("JSON");
        for run in kept["runs"].as_array().expect("runs") {
            assert_eq!(run["handle"]["provider"], "hostile", "{run:#}");
            assert_eq!(run["plugin"], HOSTILE_PATH, "{run:#}");
        }
    }
}

/// No line of the output is what a plugin meant it to be.
#[track_caller]
fn obeys_nobody(outcome: &Outcome, output: &str) {
    for text in [&outcome.out, &outcome.err] {
        assert!(
            !text.contains("\u{1b}]0;") && !text.contains("\u{1b}[2J"),
            "{text}"
        );
        assert!(!text.contains("\u{1b}[0Ksection_start:1:forged"), "{text}");
        for line in text.lines() {
            let line = line.trim_start();
            for command in [
                "::error title=forged",
                "::set-output",
                "::stop-commands::forged",
            ] {
                assert!(!line.starts_with(command), "{line}");
            }
            assert!(!line.contains("##[error]forged"), "{line}");
        }
    }
    let junit = outcome.read("junit.xml");
    assert!(!junit.contains("<testcase name=\"forged\""), "{junit}");
    if output == "ndjson" {
        let lines: Vec<Value> = outcome
            .out
            .lines()
            .filter(|line| !line.starts_with("::"))
            .map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}")))
            .collect();
        let results = lines.iter().filter(|line| line["type"] == "result");
        assert_eq!(results.count(), 1);
    }
}

#[test]
fn a_report_as_large_as_may_be_keeps_no_other_from_being_written() {
    let sandbox = sandbox("");
    let attempts = [attempt("many-tests", &[0], "")];
    let outcome = run(&sandbox, &attempts)
        .arguments(&["--report", "html", "--report", "markdown=summary.md"])
        .end_within(400)
        .expect(0);
    ended_as_told(&outcome, &attempts);
    assert!(outcome.read("junit.xml").contains("honest"));
}

#[test]
fn a_plugin_holds_up_no_other_target_of_the_same_account() {
    let sandbox = sandbox("");
    let url = sandbox.service_url("keploy");
    let path = toml_edit::Value::from(HOSTILE_PATH).to_string();
    // It says that the account has to rest for five centuries.
    let config = format!(
        "[targets.greedy]\nplugin = {path}\napi_url = \"{url}\"\nkey_env = \"KEPLOY_API_KEY\"\nmode = \"turns\"\n{}",
        honest(&sandbox)
    );
    for arguments in [&["--jobs", "1"][..], &[]] {
        let outcome = Proctor::new(&["run", "--report", "json"])
            .arguments(arguments)
            .file("proctor.toml", &config)
            .variable("PROCTOR_TIMEOUT", "20s")
            .key(KEY)
            .end_within(200);
        let targets = targets(&outcome);
        assert_eq!(targets["honest"]["exit_code"], 0, "{targets:#?}");
        assert_eq!(targets["greedy"]["exit_code"], 9, "{targets:#?}");
    }
}
