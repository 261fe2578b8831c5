//! Bad input: one clear message, nothing triggered.

use proctor_test_support::{KEY, Proctor, TRIGGER, sandbox};

fn config(sandbox: &proctor_sandbox::Sandbox, more: &str) -> String {
    format!(
        "[targets.api]\nprovider = \"keploy\"\napi_url = \"{}\"\napp = \"app-7f3\"\nbase_url = \"{}\"\n{more}",
        sandbox.service_url("keploy"),
        sandbox.system_url()
    )
}

#[test]
fn a_mistake_in_the_file_is_shown_where_it_is() {
    let sandbox = sandbox("");
    let cases = [
        ("suites = [\"a\"", "proctor.toml:6:"),
        ("suits = [\"a\"]\n", "did you mean `suites`"),
        ("buggy = \"maybe\"\n", "warn"),
        ("suites = 3\n", "proctor.toml:6:"),
        ("timeout = \"soon\"\n", "proctor.toml:6:"),
    ];
    for (more, told) in cases {
        let outcome = Proctor::new(&["run"])
            .file("proctor.toml", &config(&sandbox, more))
            .key(KEY)
            .end()
            .expect(2);
        assert!(
            outcome.err.contains(told),
            "{more:?} does not tell {told:?}:\n{}",
            outcome.err
        );
        assert!(!outcome.err.contains("panicked"), "{}", outcome.err);
    }
    assert!(sandbox.received().is_empty());
}

#[test]
fn unknown_names_come_with_the_nearest_one() {
    let sandbox = sandbox("");
    Proctor::new(&["run", "--provider", "keplov"])
        .key(KEY)
        .end()
        .expect(2)
        .says("keploy");
    Proctor::run(&sandbox, "app-7f3")
        .arguments(&["--set", "base_ulr=x"])
        .end()
        .expect(2)
        .says("base_url");
    Proctor::run(&sandbox, "app-7f3")
        .arguments(&["--report", "junti"])
        .end()
        .expect(2)
        .says("junit");
    Proctor::new(&["run", "apo"])
        .file("proctor.toml", &config(&sandbox, ""))
        .key(KEY)
        .end()
        .expect(2)
        .says("api");
    assert!(sandbox.received().is_empty());
}

#[test]
fn a_missing_parameter_or_key_is_named() {
    let sandbox = sandbox("");
    let url = sandbox.service_url("keploy");
    Proctor::new(&[
        "run",
        "--provider",
        "keploy",
        "--api-url",
        &url,
        "--set",
        "app=a",
    ])
    .key(KEY)
    .end()
    .expect(2)
    .says("base_url");
    Proctor::run(&sandbox, "app-7f3")
        .without("KEPLOY_API_KEY")
        .end()
        .expect(2)
        .says("KEPLOY_API_KEY");
    Proctor::run(&sandbox, "app-7f3")
        .key("")
        .end()
        .expect(2)
        .says("KEPLOY_API_KEY");
    Proctor::new(&["run"])
        .key(KEY)
        .end()
        .expect(2)
        .says("proctor.toml");
    assert!(sandbox.received().is_empty());
}

#[test]
fn a_key_with_another_prefix_is_warned_of_and_not_shown() {
    let sandbox = sandbox("");
    let outcome = Proctor::run(&sandbox, "app-7f3")
        .key("cvpat_mistaken")
        .end()
        .expect(5)
        .says("kep_");
    assert!(!outcome.out.contains("cvpat_mistaken") && !outcome.err.contains("cvpat_mistaken"));
}

#[test]
fn a_system_that_is_dead_is_found_before_the_trigger() {
    let sandbox = sandbox("");
    let closed = std::net::TcpListener::bind("127.0.0.1:0")
        .and_then(|listener| listener.local_addr())
        .expect("a port");
    for url in [
        format!("http://{closed}/"),
        format!("{}?status=503", sandbox.system_url()),
        "http://system.invalid/".to_owned(),
    ] {
        Proctor::run_against(&sandbox, "app-7f3", &url)
            .end()
            .expect(2)
            .says(&url);
    }
    assert_eq!(sandbox.count("POST", TRIGGER), 0);
    let system = |status: u16| format!("{}?status={status}", sandbox.system_url());
    Proctor::run_against(&sandbox, "app-7f3", &system(418))
        .end()
        .expect(0);
    Proctor::run_against(&sandbox, "app-7f3", &system(503))
        .arguments(&["--skip-preflight"])
        .end()
        .expect(0);
}

#[test]
fn a_report_that_cannot_be_written_is_found_before_the_trigger() {
    let sandbox = sandbox("");
    Proctor::run(&sandbox, "app-7f3")
        .file("taken", "a file where a folder is wanted")
        .arguments(&["--report", "markdown=taken/summary.md"])
        .end()
        .expect(2)
        .says("taken");
    assert!(sandbox.received().is_empty());
}

#[test]
fn plain_http_to_elsewhere_is_refused() {
    Proctor::new(&[
        "run",
        "--provider",
        "keploy",
        "--api-url",
        "http://api.keploy.example/v1",
    ])
    .arguments(&[
        "--set",
        "app=a",
        "--set",
        "base_url=https://staging.example.com",
    ])
    .key(KEY)
    .end()
    .expect(2)
    .says("https");
}

#[test]
fn a_target_that_the_service_cannot_reach_is_the_services_to_refuse() {
    let scenario = proctor_sandbox::Scenario::default();
    let sandbox =
        proctor_sandbox::Sandbox::start("127.0.0.1:0".parse().expect("an address"), scenario)
            .expect("a port");
    Proctor::run(&sandbox, "app-7f3")
        .end()
        .expect(2)
        .says("invalid baseURL");
}
