//! The vendor's own client against the sandbox, over TLS.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use proctor_sandbox::{Sandbox, Scenario};
use serde_json::{Value, json};

use crate::tls::{request, send};

/// The program, where `tests/consumers/install.sh` puts it; `PROCTOR_CONSUMERS` names another folder than
/// `target/consumers`.
fn client() -> Option<PathBuf> {
    let consumers = std::env::var_os("PROCTOR_CONSUMERS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/consumers"),
        PathBuf::from,
    );
    let program = consumers.join("testmo-cli/node_modules/.bin/testmo");
    program.exists().then_some(program)
}

/// A folder for the files of one test.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::create_dir_all(&folder).expect("a folder");
    folder
}

/// Submits a JUnit file; nothing if the client is not there.
fn submit(sandbox: &Sandbox, name: &str, token: &str, junit: &str) -> Option<Output> {
    let Some(program) = client() else {
        println!("skipped: the vendor's client is not installed");
        return None;
    };
    let folder = folder(name);
    let (ca, results) = (folder.join("ca.pem"), folder.join("results.xml"));
    std::fs::write(&ca, sandbox.ca_pem().expect("an authority")).expect("the CA's file");
    std::fs::write(&results, junit).expect("the results");
    let mut command = Command::new(program);
    for proxy in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
        command.env_remove(proxy);
    }
    let output = command
        .args(["automation:run:submit", "--instance", &sandbox.url()])
        .args(["--project-id", "1", "--name", "R", "--source", "api-tests"])
        .arg("--results")
        .arg(&results)
        .current_dir(&folder)
        .env("NODE_EXTRA_CA_CERTS", &ca)
        .env("TESTMO_TOKEN", token)
        .output()
        .expect("the client runs");
    Some(output)
}

fn start(settings: &str) -> Sandbox {
    let scenario = Scenario::from_toml(settings).expect("a scenario");
    let address = "127.0.0.1:0".parse().expect("an address");
    Sandbox::start_tls(address, scenario).expect("a free port")
}

/// The body of a request that was received.
fn body(sandbox: &Sandbox, index: usize) -> Value {
    serde_json::from_str(&sandbox.received()[index].body).expect("JSON")
}

const THREE: &str = r#"<testsuites><testsuite name="s" time="3.2">
<testcase name="ok" classname="a.B" time="1.0"/>
<testcase name="bad" classname="a.B" time="2.2" file="b.py" line="7"><failure message="m" type="T">trace</failure></testcase>
<testcase name="later" classname="a.B"><skipped message="not today"/></testcase>
</testsuite></testsuites>"#;

/// SHA-256 of `a.B.ok`, in hex.
const KEY_OF_OK: &str = "cd70912ddd6f";

#[test]
fn three_tests_are_stored_as_documented() {
    let sandbox = start("");
    let Some(output) = submit(&sandbox, "testmo-three", "testmo-sandbox", THREE) else {
        return;
    };
    assert!(output.status.success(), "{output:?}");
    let received = sandbox.received();
    let requests: Vec<_> = received
        .iter()
        .map(|it| (it.method.as_str(), it.path.as_str(), it.status))
        .collect();
    let [first, second, third, fourth] = requests[..] else {
        panic!("{requests:?}");
    };
    assert_eq!(first, ("POST", "/projects/1/automation/runs", 201));
    assert_eq!(
        second,
        ("POST", "/automation/runs/4711/threads", 201),
        "the id is understood"
    );
    assert_eq!(third, ("POST", "/automation/runs/threads/4712/append", 204));
    assert_eq!(fourth, ("POST", "/automation/runs/4711/complete", 204));
    assert_eq!(body(&sandbox, 1)["elapsed_computed"], 3_200_000);
    assert_eq!(body(&sandbox, 3), json!({"measure_elapsed": false}));
    check_tests(&sandbox);
}

/// What a path of the API gives.
fn read(sandbox: &Sandbox, path: &str) -> Value {
    let (answer, end) = send(sandbox, &request("GET", path, ""));
    end.expect("a proper end");
    let (_, body) = answer.split_once("\r\n\r\n").expect("a head");
    serde_json::from_str(body).expect("JSON")
}

/// Reads the run back through the API.
fn check_tests(sandbox: &Sandbox) {
    let run = read(sandbox, "/automation/runs/4711")["result"].take();
    for (member, value) in [
        ("name", json!("R")),
        ("is_completed", json!(true)),
        ("status", json!(3)),
        ("elapsed", json!(3_200_000)),
        ("total_count", json!(3)),
        ("success_count", json!(1)),
        ("failure_count", json!(1)),
        ("thread_completed_count", json!(1)),
    ] {
        assert_eq!(run[member], value, "{member}");
    }
    let tests = read(sandbox, "/automation/runs/4711/tests?order=asc")["result"].take();
    let key = tests[0]["key"].as_str().expect("a key");
    assert!(key.starts_with(KEY_OF_OK) && key.len() == 64, "{key}");
    let names = [&tests[0], &tests[1], &tests[2]].map(|test| test["name"].clone());
    assert_eq!(names, ["ok", "bad", "later"]);
    let outcomes = [&tests[0], &tests[1], &tests[2]].map(|test| test["status_id"].clone());
    assert_eq!(outcomes, [2, 3, 1]);
    assert_eq!(
        (&tests[1]["file"], &tests[1]["line"], &tests[1]["elapsed"]),
        (&json!("b.py"), &json!(7), &json!(2_200_000))
    );
    let failure = json!({"type": 4, "name": "Failure", "value": "trace",
        "meta": {"message": "m", "type": "T"}, "is_highlight": true});
    assert_eq!(tests[1]["fields"], json!([failure]));
}

#[test]
fn many_tests_come_in_batches() {
    let sandbox = start("");
    let cases: String = (0..600)
        .map(|number| format!("<testcase name=\"case {number}\" classname=\"a.B\"/>"))
        .collect();
    let junit = format!("<testsuites><testsuite name=\"s\">{cases}</testsuite></testsuites>");
    if submit(&sandbox, "testmo-many", "testmo-sandbox", &junit).is_none() {
        return;
    }
    let lengths: Vec<_> = (2..5)
        .map(|index| body(&sandbox, index)["tests"].as_array().map(Vec::len))
        .collect();
    assert_eq!(lengths, [Some(250), Some(250), Some(100)]);
    let run = read(&sandbox, "/automation/runs/4711");
    assert_eq!(run["result"]["total_count"], 600);
}

#[test]
fn refusals_are_understood_by_the_client() {
    for (settings, token, told) in [
        ("", "wrong", "API key"),
        ("", "testmo-readonly", "role"),
        (
            "[testmo]\n[[testmo.statuses]]\nid = 1\nname = \"Fine\"\naliases = [\"fine\"]\noutcome = \"success\"",
            "testmo-sandbox",
            "alias",
        ),
    ] {
        let sandbox = start(settings);
        let Some(output) = submit(&sandbox, "testmo-refused", token, THREE) else {
            return;
        };
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        let text = [output.stdout, output.stderr].concat();
        let text = String::from_utf8_lossy(&text);
        assert!(text.contains(told), "{told}: {text}");
    }
}
