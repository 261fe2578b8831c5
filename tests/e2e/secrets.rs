//! The key is in nothing that is written, even when the service repeats it.
//!
//! That nothing tells of it is looked at after each run of the program, here and in all other tests: see
//! `proctor_test_support::secrets`. These tests bring about what could tell of it.

use proctor_sandbox::{Fault, FaultKind, Form, Place, Sandbox, Scenario};

use proctor_test_support::{KEY, Proctor, TRIGGER, fault, sandbox};

/// Everything that makes Proctor say more.
fn talkative(proctor: Proctor, output: &str) -> Proctor {
    proctor
        .arguments(&["--verbose", "--output", output])
        .arguments(&["--report", "markdown=s.md", "--report", "html"])
        .arguments(&["--trace", "trace.har"])
        .variable("PROCTOR_LOG", "trace")
        .variable("RUST_LOG", "trace")
        .variable("RUST_BACKTRACE", "full")
        .variable("RUNNER_DEBUG", "1")
}

/// Where and how the service repeats the key, and at which call.
const LEAKS: [(Place, &str, &str); 8] = [
    (Place::Message, "POST", TRIGGER),
    (Place::Drops, "POST", TRIGGER),
    (Place::Header, "POST", TRIGGER),
    (Place::Location, "POST", TRIGGER),
    (Place::Message, "GET", "/jobs/*"),
    (Place::Location, "GET", "/jobs/*"),
    (Place::Stream, "GET", "/jobs/*/events"),
    (Place::ContentType, "POST", TRIGGER),
];

#[test]
fn a_key_is_masked_wherever_and_however_it_is_repeated() {
    for form in [Form::Plain, Form::Base64, Form::Hex, Form::Percent] {
        std::thread::scope(|scope| {
            for (place, method, path) in LEAKS {
                scope.spawn(move || {
                    for output in ["human", "ndjson"] {
                        repeated(place, form, (method, path), output);
                    }
                });
            }
        });
    }
}

fn repeated(place: Place, form: Form, (method, path): (&str, &str), output: &str) {
    let sandbox = sandbox("queue_ms = 300");
    let kind = FaultKind::Leak {
        status: 400,
        place,
        form,
    };
    sandbox.add_fault(Fault {
        times: 0,
        ..fault(method, path, kind)
    });
    let outcome = talkative(Proctor::run(&sandbox, "app-7f3"), output).end_within(200);
    // What the service said is passed on, without the key.
    match place {
        Place::Message | Place::Drops => outcome.says("***").says("is not liked here"),
        Place::Location => outcome.says("***").says("elsewhere.example/?key="),
        Place::Header | Place::ContentType => outcome.expect(2),
        // The run is looked at beside its stream.
        Place::Stream => outcome.expect(0),
    };
}

#[test]
fn a_key_is_in_no_diagnostics_of_connections_that_fail() {
    let address = "127.0.0.1:0".parse().expect("an address");
    let https = Sandbox::start_tls(address, Scenario::default()).expect("a free port");
    for api in [
        "http://127.0.0.1:9/",
        "https://no-such-host.invalid/",
        &https.service_url("keploy"),
    ] {
        for output in ["human", "ndjson"] {
            let config = format!(
                "[targets.it]\nprovider = \"keploy\"\napi_url = \"{api}\"\napp = \"a\"\nbase_url = \"https://a.example\"\n"
            );
            let proctor = Proctor::new(&["run", "--skip-preflight"])
                .file("proctor.toml", &config)
                .variable("PROCTOR_TIMEOUT", "60s")
                .key(KEY);
            talkative(proctor, output).end_within(200).expect(7);
        }
    }
}

#[test]
fn a_key_in_a_file_is_looked_for_too() {
    let sandbox = sandbox("");
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("key");
    std::fs::write(&file, format!("{KEY}\n")).expect("written");
    sandbox.add_fault(fault("POST", TRIGGER, FaultKind::EchoKey { status: 400 }));
    let proctor = Proctor::run(&sandbox, "app-7f3")
        .without("KEPLOY_API_KEY")
        .variable("KEPLOY_API_KEY_FILE", &file);
    talkative(proctor, "human")
        .end()
        .expect(2)
        .says("the key *** is not liked here");
}

#[test]
fn a_key_that_is_repeated_by_the_service_is_masked() {
    for output in ["human", "ndjson"] {
        let sandbox = sandbox("");
        sandbox.add_fault(fault("POST", TRIGGER, FaultKind::EchoKey { status: 400 }));
        Proctor::run(&sandbox, "app-7f3")
            .arguments(&["--verbose", "--output", output, "--report", "markdown=s.md"])
            .end()
            .expect(2)
            .says("the key *** is not liked here");
    }
}

#[test]
fn a_usual_run_says_nothing_of_the_key() {
    let sandbox = sandbox("");
    Proctor::run(&sandbox, "app-outcomes")
        .arguments(&["--verbose"])
        .end();
    let shown = sandbox
        .received()
        .iter()
        .all(|received| received.header("x-api-key") == Some(KEY));
    assert!(
        shown,
        "every request carries the key in the documented header"
    );
    assert!(
        sandbox
            .received()
            .iter()
            .all(|received| received.header("authorization").is_none())
    );
}

#[test]
fn a_key_is_read_from_a_file_and_from_a_variable_of_choice() {
    let sandbox = sandbox("");
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("key");
    std::fs::write(&file, format!("{KEY}\n")).expect("written");
    Proctor::run(&sandbox, "app-7f3")
        .without("KEPLOY_API_KEY")
        .variable("KEPLOY_API_KEY_FILE", &file)
        .end()
        .expect(0);
    let config = format!(
        "[targets.api]\nprovider = \"keploy\"\nkey_env = \"STAGING_KEY\"\napi_url = \"{}\"\napp = \"app-7f3\"\nbase_url = \"{}\"\n",
        sandbox.service_url("keploy"),
        sandbox.system_url()
    );
    Proctor::new(&["run"])
        .file("proctor.toml", &config)
        .variable("STAGING_KEY", KEY)
        .end()
        .expect(0);
}

#[test]
fn a_password_in_a_url_is_refused_and_not_shown() {
    let sandbox = sandbox("");
    let url = sandbox
        .system_url()
        .replace("http://", "http://user:pa55word@");
    let config = format!(
        "[targets.api]\nprovider = \"keploy\"\napi_url = \"{}\"\napp = \"app-7f3\"\nbase_url = \"{url}\"\n",
        sandbox.service_url("keploy"),
    );
    let by_file = Proctor::new(&["run"])
        .file("proctor.toml", &config)
        .key(KEY);
    for proctor in [by_file, Proctor::run_against(&sandbox, "app-7f3", &url)] {
        let outcome = proctor.end().expect(2).says("must not hold credentials");
        assert!(!outcome.out.contains("pa55word"), "{}", outcome.out);
        assert!(!outcome.err.contains("pa55word"), "{}", outcome.err);
    }
    assert!(sandbox.received().is_empty());
}
