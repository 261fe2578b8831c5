//! `--trace`: every request of a command in one HTTP Archive, without secrets, whatever becomes of the command.

use std::path::Path;

use boon::{Compiler, Draft, Schemas};
use proctor_sandbox::{FaultKind, Sandbox};
use serde_json::Value;

use proctor_test_components::ECHO_PATH;
use proctor_test_support::{
    KEY, Outcome, Proctor, TRIGGER, consumers, fault, read, root, sandbox, status,
};

fn har(path: &Path) -> Value {
    let text = read(path);
    assert!(!text.contains(KEY), "the key is in the trace");
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

fn entries(har: &Value) -> &[Value] {
    har["log"]["entries"].as_array().expect("entries")
}

/// What a trace says was asked, as the sandbox tells it.
fn asked(har: &Value) -> Vec<(String, String)> {
    let asked = entries(har).iter().map(|entry| {
        let text = |name: &str| entry["request"][name].as_str().expect("text");
        let url = text("url").split('?').next().expect("a path");
        let (_, path) = url.split_once("/client/v1").expect("Keploy's API");
        (text("method").to_owned(), path.to_owned())
    });
    asked.collect()
}

fn received(sandbox: &Sandbox) -> Vec<(String, String)> {
    let received = sandbox.received().into_iter();
    received
        .map(|request| (request.method, request.path))
        .collect()
}

/// Everything that is true of every trace.
fn is_sound(har: &Value) {
    let log = &har["log"];
    assert_eq!(log["version"], "1.2");
    assert_eq!(log["creator"]["name"], "Proctor");
    let pages: Vec<&Value> = log["pages"]
        .as_array()
        .expect("pages")
        .iter()
        .map(|page| &page["id"])
        .collect();
    let mut last = String::new();
    for entry in entries(har) {
        assert!(pages.contains(&&entry["pageref"]), "{entry}");
        let began = entry["startedDateTime"]
            .as_str()
            .expect("a time")
            .to_owned();
        assert!(began >= last, "{began} is before {last}");
        last = began;
        let timings = &entry["timings"];
        let known = ["blocked", "dns", "connect", "send", "wait", "receive"];
        let sum: f64 = known
            .iter()
            .map(|part| timings[part].as_f64().expect("a number"))
            .filter(|part| *part >= 0.0)
            .sum();
        let time = entry["time"].as_f64().expect("a number");
        assert!((sum - time).abs() < 1e-6, "{timings} is not {time}");
    }
    fits_schema(har);
}

/// Holds a trace against the schema of the package `har-schema`.
fn fits_schema(har: &Value) {
    let Some(folder) = consumers::node_package("har-schema") else {
        return;
    };
    let mut compiler = Compiler::new();
    compiler.set_default_draft(Draft::V6);
    compiler.enable_format_assertions();
    for file in std::fs::read_dir(folder.join("lib")).expect("schemas") {
        let path = file.expect("a file").path();
        if path
            .extension()
            .is_some_and(|extension| extension == "json")
        {
            let name = path
                .file_name()
                .expect("a name")
                .to_string_lossy()
                .into_owned();
            let mut schema: Value = serde_json::from_str(&read(&path)).expect("JSON");
            // Each says the name of its own file once more.
            schema.as_object_mut().expect("an object").remove("$id");
            let url = format!("http://har.test/{name}");
            compiler.add_resource(&url, schema).expect("a schema");
        }
    }
    let mut schemas = Schemas::new();
    let whole = compiler
        .compile("http://har.test/har.json", &mut schemas)
        .unwrap_or_else(|error| panic!("{error:#}"));
    if let Err(error) = schemas.validate(har, whole) {
        panic!("{error:#}");
    }
}

/// `proctor run` with a trace.
fn traced(sandbox: &Sandbox, app: &str) -> Proctor {
    Proctor::run(sandbox, app).arguments(&["--trace", "trace.har"])
}

fn trace_of(outcome: &Outcome) -> Value {
    let har = har(&outcome.path("trace.har"));
    is_sound(&har);
    har
}

#[test]
fn each_request_of_a_run_is_in_it_once_and_in_order() {
    let sandbox = sandbox("");
    let outcome = traced(&sandbox, "app-7f3").end().expect(0);
    let har = trace_of(&outcome);
    let sandboxs = received(&sandbox);
    assert_eq!(asked(&har).len(), sandboxs.len());
    assert_eq!(asked(&har), sandboxs);
    assert_eq!(har["log"]["pages"][0]["title"], "keploy (keploy)");
    let streams = entries(&har).iter().filter(|entry| {
        let kind = entry["response"]["content"]["mimeType"].as_str();
        kind.is_some_and(|kind| kind.contains("ndjson"))
    });
    let streams: Vec<&Value> = streams.collect();
    assert!(!streams.is_empty(), "a stream of events is a request too");
    for stream in streams {
        let text = stream["response"]["content"]["text"]
            .as_str()
            .expect("text");
        assert!(text.contains("COMPLETED"), "{stream}");
    }
    let first = &entries(&har)[0];
    let connect = first["timings"]["connect"].as_f64();
    assert!(connect.is_some_and(|took| took >= 0.0), "{first}");
    let reused = entries(&har)
        .iter()
        .any(|entry| entry["timings"]["connect"] == -1);
    assert!(reused, "connections are kept");
    let trigger = entries(&har)
        .iter()
        .find(|entry| entry["request"]["method"] == "POST")
        .expect("a trigger");
    let data = &trigger["request"]["postData"];
    let text = data["text"].as_str().expect("text");
    assert!(text.contains("base_url"), "{data}");
    assert_eq!(trigger["request"]["bodySize"], text.len());
    for entry in entries(&har) {
        let response = &entry["response"];
        let text = response["content"]["text"].as_str().expect("text");
        assert_eq!(response["bodySize"], response["content"]["size"]);
        if !text.contains("***") {
            assert_eq!(response["bodySize"], text.len(), "{entry}");
        }
        let headers = entry["request"]["headers"].as_array().expect("headers");
        let key = headers.iter().find(|header| header["name"] == "x-api-key");
        assert_eq!(key.expect("the key's header")["value"], "***");
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let metadata = outcome.path("trace.har").metadata().expect("a file");
        assert_eq!(metadata.permissions().mode() & 0o777, 0o600);
    }
    let left = std::fs::read_dir(outcome.folder.path()).expect("a folder");
    assert_eq!(left.count(), 3, "two reports, the trace, and nothing else");
}

#[test]
fn a_browser_is_answered_from_it() {
    let sandbox = sandbox("");
    let outcome = traced(&sandbox, "app-outcomes").end().expect(3);
    let (Some(browser), Some(mut node)) = (
        consumers::program("chromium"),
        consumers::node(&["playwright-core"]),
    ) else {
        return;
    };
    // Nobody is there any more who could answer.
    drop(sandbox);
    let output = node
        .arg(root().join("tests/e2e/har.cjs"))
        .arg(outcome.path("trace.har"))
        .arg(browser.get_program())
        .output()
        .expect("node starts");
    let (out, err) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    assert!(output.status.success(), "{out}{err}");
    let compared: usize = out.trim().parse().expect("a number");
    assert!(compared >= 4, "only {compared} requests");
}

#[test]
fn it_is_written_however_a_run_ends() {
    let refused = status(401, None, None);
    let quota = status(402, Some("quota_exceeded"), None);
    for (kind, code) in [
        (refused, 5),
        (quota, 6),
        (status(500, None, None), 7),
        (FaultKind::NotJson { processed: false }, 8),
        (FaultKind::EchoKey { status: 400 }, 2),
    ] {
        let sandbox = sandbox("");
        let mut fault = fault("POST", TRIGGER, kind);
        fault.times = 0;
        sandbox.add_fault(fault);
        let outcome = traced(&sandbox, "app-7f3").end().expect(code);
        let har = trace_of(&outcome);
        let trigger = entries(&har)
            .iter()
            .find(|entry| entry["request"]["method"] == "POST")
            .unwrap_or_else(|| panic!("{code}: {har}"));
        if code == 2 {
            let text = trigger["response"]["content"]["text"]
                .as_str()
                .expect("text");
            assert!(text.contains("***"), "{text}");
        }
    }
}

#[test]
fn a_request_without_an_answer_and_its_repetition_are_told_apart() {
    let sandbox = sandbox("");
    sandbox.add_fault(fault("GET", "/jobs/*", FaultKind::ResetBefore));
    sandbox.add_fault(fault("GET", "/jobs", status(503, None, Some("1"))));
    let outcome = traced(&sandbox, "app-7f3").end().expect(0);
    let har = trace_of(&outcome);
    let failed: Vec<&Value> = entries(&har)
        .iter()
        .filter(|entry| entry.get("_error").is_some())
        .collect();
    assert_eq!(failed.len(), 1, "{failed:#?}");
    assert_eq!(failed[0]["response"]["status"], 0);
    let repeated = entries(&har)
        .iter()
        .filter_map(|entry| entry["comment"].as_str())
        .filter(|comment| comment.starts_with("attempt 2 of GET /jobs: "));
    assert_eq!(repeated.count(), 1, "{har:#}");
}

#[test]
fn hostile_bodies_and_what_is_named_like_a_secret() {
    let body = r#"{"message":"</script>\ud800 ##[error] ::error::","access_token":"unheard-of-1","next":"https://x.test/?signature=unheard-of-2"}"#;
    let sandbox = sandbox("");
    let kind = FaultKind::Status {
        status: 400,
        body: Some(body.to_owned()),
        error_code: None,
        retry_after: None,
        processed: false,
    };
    sandbox.add_fault(fault("POST", TRIGGER, kind));
    let outcome = traced(&sandbox, "app-7f3").end().expect(2);
    let text = outcome.read("trace.har");
    assert!(!text.contains("unheard-of"), "{text}");
    let har = trace_of(&outcome);
    let shown = entries(&har).iter().any(|entry| {
        let text = entry["response"]["content"]["text"]
            .as_str()
            .unwrap_or_default();
        text.starts_with(r#"{"message":"</script>\ud800 ##[error] ::error::","access_token":"***""#)
    });
    assert!(shown, "{text}");
}

#[test]
fn targets_share_it_side_by_side() {
    let sandbox = sandbox("");
    let target = |name: &str, app: &str| {
        format!(
            "[targets.{name}]\nprovider = \"keploy\"\napi_url = \"{}\"\napp = \"{app}\"\nbase_url = \"{}\"\n",
            sandbox.service_url("keploy"),
            sandbox.system_url()
        )
    };
    let config = format!(
        "[defaults]\ntrace = \"deep/trace.har\"\n{}{}",
        target("one", "app-7f3"),
        target("two", "app-outcomes")
    );
    let outcome = Proctor::new(&["run"])
        .file("proctor.toml", &config)
        .key(KEY)
        .end()
        .expect(3);
    let har = har(&outcome.path("deep/trace.har"));
    is_sound(&har);
    assert_eq!(entries(&har).len(), sandbox.received().len());
    for name in ["one", "two"] {
        let of_target = |entry: &&Value| entry["_target"] == name && entry["pageref"] == name;
        assert!(entries(&har).iter().filter(of_target).count() > 3, "{name}");
    }
}

#[test]
fn each_command_that_asks_a_service_has_one() {
    let sandbox = sandbox("");
    let url = sandbox.service_url("keploy");
    let listed = Proctor::new(&["list", "--provider", "keploy", "--api-url", &url])
        .variable("PROCTOR_TRACE", "list.har")
        .key(KEY)
        .end()
        .expect(0);
    assert_eq!(asked(&har(&listed.path("list.har"))), received(&sandbox));

    let target = format!(
        "[targets.api]\nprovider = \"keploy\"\napi_url = \"{url}\"\napp = \"app-7f3\"\nbase_url = \"{}\"\n",
        sandbox.system_url()
    );
    let checked = Proctor::new(&["check", "--trace", "check.har"])
        .file("proctor.toml", &target)
        .key(KEY)
        .end()
        .expect(0);
    assert!(!entries(&har(&checked.path("check.har"))).is_empty());

    for command in ["wait", "cancel"] {
        let started = Proctor::start(&sandbox, "app-7f3")
            .arguments(&["--trace", "start.har"])
            .end()
            .expect(0);
        assert!(
            asked(&har(&started.path("start.har")))
                .iter()
                .any(|(method, _)| method == "POST")
        );
        let ended = Proctor::new(&[command, "proctor-handle.json", "--trace", "end.har"])
            .within(started.folder.path())
            .key(KEY)
            .end();
        let har = har(&started.path("end.har"));
        is_sound(&har);
        assert!(!entries(&har).is_empty(), "{command}: {}", ended.err);
    }
}

#[test]
fn publishing_is_in_it() {
    let sandbox = sandbox("");
    let config = format!(
        "[publish.testmo]\nprovider = \"testmo\"\napi_url = \"{}\"\nproject_id = 1\nsource = \"api-tests\"\n",
        sandbox.url()
    );
    let key = "testmo-sandbox";
    let outcome = Proctor::new(&["publish", "results.xml", "--trace", "trace.har"])
        .file("proctor.toml", &config)
        .file(
            "results.xml",
            "<testsuite name=\"s\"><testcase name=\"a\"/></testsuite>",
        )
        .variable("TESTMO_TOKEN", key)
        .end();
    let text = outcome.read("trace.har");
    assert!(!text.contains(key), "{text}");
    let har = trace_of(&outcome);
    assert_eq!(entries(&har).len(), sandbox.received().len());
    assert!(!entries(&har).is_empty(), "{}", outcome.err);
}

#[test]
fn a_plugin_is_named() {
    let plugin = toml_edit::Value::from(ECHO_PATH).to_string();
    let config = format!(
        "[targets.mine]\nplugin = {plugin}\napi_url = \"http://127.0.0.1:9\"\nkey_env = \"ECHO_TOKEN\"\n"
    );
    let outcome = Proctor::new(&["run", "--trace", "trace.har"])
        .file("proctor.toml", &config)
        .variable("ECHO_TOKEN", "echo-secret-0123456789")
        .variable("PROCTOR_TIMEOUT", "2s")
        .end();
    assert!(!outcome.read("trace.har").contains("echo-secret"));
    let har = trace_of(&outcome);
    let entry = &entries(&har)[0];
    assert_eq!(entry["_plugin"], ECHO_PATH, "{}", outcome.err);
    assert_eq!(entry["response"]["status"], 0);
    assert!(
        entry["_error"]
            .as_str()
            .is_some_and(|error| error.contains("refused")),
        "{entry}"
    );
    let title = har["log"]["pages"][0]["title"].as_str().expect("a title");
    assert!(
        title.starts_with("mine (") && title.contains("plugin"),
        "{title}"
    );
}

#[cfg(unix)]
#[test]
fn signals_leave_a_whole_file() {
    use std::process::Command;

    for signals in [&["TERM"][..], &["INT", "INT"]] {
        let sandbox = sandbox("");
        // The service does not answer when it is to stop, so that there is time for a second signal.
        sandbox.add_fault(fault("POST", "/jobs/*/stop", FaultKind::Hang));
        let mut proctor = traced(&sandbox, "app-stuck").variable("PROCTOR_TIMEOUT", "5m");
        let child = proctor.spawn();
        proctor_test_support::until("following", || sandbox.count("GET", "/jobs/*") > 0);
        for signal in signals {
            let kill = Command::new("kill")
                .args([&format!("-{signal}"), &child.id().to_string()])
                .status();
            assert!(kill.is_ok_and(|status| status.success()));
            proctor_test_support::until("stopping", || sandbox.count("POST", "/jobs/*/stop") > 0);
        }
        let outcome = Outcome::from_child(proctor, child);
        assert!([130, 143].contains(&outcome.code), "{}", outcome.err);
        let har = trace_of(&outcome);
        assert!(entries(&har).len() > 3, "{har}");
    }
}

#[test]
fn a_place_where_it_cannot_be_is_found_before_anything_is_triggered() {
    let sandbox = sandbox("");
    for (path, told) in [
        ("-", "standard output is for results"),
        (".", "it is a directory"),
        ("results.json", "the trace would be written to it"),
        (
            "./proctor-handle.json",
            "the handle of runs that go on is kept there",
        ),
        ("notes.txt", "there is a file already that is no trace"),
        ("output", "the CI system reads it"),
        ("./summary", "the CI system reads it"),
        ("ca.pem", "certificates and keys are read from it"),
        ("proctor.toml", "the configuration is read from it"),
    ] {
        let authorities = if path == "ca.pem" { path } else { "" };
        let outcome = Proctor::run(&sandbox, "app-7f3")
            .file("notes.txt", "mine")
            .file("output", "")
            .file("summary", "")
            .file("ca.pem", "")
            .file("proctor.toml", "")
            .variable("GITHUB_OUTPUT", "output")
            .variable("GITHUB_STEP_SUMMARY", "summary")
            .variable("PROCTOR_CA_FILE", authorities)
            .arguments(&["--trace", path])
            .end()
            .expect(2)
            .says(told);
        assert_eq!(outcome.read("notes.txt"), "mine");
    }
    assert!(sandbox.received().is_empty());
}

#[test]
fn it_takes_the_place_of_no_file_that_a_command_works_with() {
    let sandbox = sandbox("queue_ms = 60000");
    let started = Proctor::start(&sandbox, "app-7f3").end().expect(0);
    let handle = started.read("proctor-handle.json");
    let asked = sandbox.received().len();
    for command in ["wait", "cancel"] {
        let refused = Proctor::new(&[command, "mine.json", "--trace", "mine.json"])
            .file("mine.json", &handle)
            .key(KEY)
            .end()
            .expect(2)
            .says("no trace can be written to mine.json");
        assert_eq!(refused.read("mine.json"), handle);
    }
    // The name that the handle gets where one is there already.
    Proctor::run(&sandbox, "app-7f3")
        .file("proctor-handle.json", &handle)
        .arguments(&["--trace", "proctor-handle-2.json"])
        .end()
        .expect(2)
        .says("the handle of runs that go on is kept there");
    let config = format!(
        "[publish.testmo]\nprovider = \"testmo\"\napi_url = \"{}\"\nproject_id = 1\nsource = \"api-tests\"\n",
        sandbox.url()
    );
    for (trace, told) in [
        (
            "proctor-unsent.jsonl",
            "results that cannot be sent are kept there",
        ),
        ("out/./later.xml", "results are read from it"),
        ("results.xml", "results are read from it"),
    ] {
        Proctor::new(&["publish", "results.xml", "out/*.xml", "--trace", trace])
            .file("proctor.toml", &config)
            .arguments(&["--", "true"])
            .variable("TESTMO_TOKEN", "testmo-sandbox")
            .end()
            .expect(2)
            .says(told);
    }
    assert_eq!(sandbox.received().len(), asked);
}

#[test]
fn each_command_of_a_job_has_its_own() {
    let sandbox = sandbox("");
    let list = |within: Option<&Outcome>, key: &str| {
        let url = sandbox.service_url("keploy");
        let list = Proctor::new(&["list", "--provider", "keploy", "--api-url", &url])
            .variable("PROCTOR_TRACE", "trace.har")
            .key(key);
        match within {
            Some(first) => list.within(first.folder.path()).end(),
            None => list.end(),
        }
    };
    let first = list(None, KEY).expect(0);
    let before = first.read("trace.har");
    for name in ["trace-2.har", "trace-3.har"] {
        let next = list(Some(&first), KEY).expect(0);
        assert!(
            next.err.contains(&format!("the trace is in {name}, as ")),
            "{}",
            next.err
        );
        assert_eq!(
            entries(&har(&first.path(name))).len(),
            entries(&har(&first.path("trace.har"))).len()
        );
    }
    // Refused before anything is asked: there is nothing to write.
    list(Some(&first), "").expect(2);
    assert!(!first.path("trace-4.har").exists());
    assert_eq!(first.read("trace.har"), before);
}
