//! The key is in nothing that is written, even when the service repeats it.

use proctor_sandbox::FaultKind;

use proctor_test_support::{KEY, Outcome, Proctor, TRIGGER, fault, sandbox};

fn hides_key(outcome: &Outcome) {
    assert!(!outcome.out.contains(KEY), "{}", outcome.out);
    assert!(!outcome.err.contains(KEY), "{}", outcome.err);
    for entry in std::fs::read_dir(outcome.folder.path()).expect("a folder") {
        let path = entry.expect("an entry").path();
        assert!(
            !proctor_test_support::read(&path).contains(KEY),
            "{}",
            path.display()
        );
    }
}

#[test]
fn a_key_that_is_repeated_by_the_service_is_masked() {
    for output in ["human", "ndjson"] {
        let sandbox = sandbox("");
        sandbox.add_fault(fault("POST", TRIGGER, FaultKind::EchoKey { status: 400 }));
        let outcome = Proctor::run(&sandbox, "app-7f3")
            .arguments(&["--verbose", "--output", output, "--report", "markdown=s.md"])
            .end()
            .expect(2)
            .says("the key *** is not liked here");
        hides_key(&outcome);
    }
}

#[test]
fn a_usual_run_says_nothing_of_the_key() {
    let sandbox = sandbox("");
    let outcome = Proctor::run(&sandbox, "app-outcomes")
        .arguments(&["--verbose"])
        .end();
    hides_key(&outcome);
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
