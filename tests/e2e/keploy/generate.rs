use proctor_sandbox::{FaultKind, Sandbox};
use proctor_test_support::{KEY, Proctor, TRIGGER, fault, sandbox};

use super::{config, with_system};

const GENERATE: &str = "/apps/*/test-suites/generate";

const APP: &str = r#"
[[keploy.apps]]
id = "shop"
suites = [{ id = "s1", name = "checkout" }]
generates = [{ id = "refunds", name = "Refunds" }, { id = "invoices", name = "Invoices" }]
"#;

fn generate(sandbox: &Sandbox) -> Proctor {
    Proctor::new(&["generate"])
        .file("proctor.toml", &with_system(sandbox, ""))
        .file("openapi.yaml", "openapi: 3.1.0\n")
        .key(KEY)
}

#[test]
fn suites_are_generated_and_those_that_are_new_are_listed() {
    let sandbox = sandbox(APP);
    let outcome = generate(&sandbox)
        .arguments(&["it", "--schema", "openapi.yaml", "--prompt", "mind refunds"])
        .end()
        .expect(0)
        .says("2 suites are new");
    let lines: Vec<&str> = outcome.out.lines().collect();
    assert_eq!(lines.len(), 2, "{}", outcome.out);
    assert!(lines[0].contains("refunds-1") && lines[0].contains("Refunds"));
    let outcome = generate(&sandbox)
        .arguments(&["--max-suites", "1", "--output", "ndjson"])
        .end()
        .expect(0);
    let items = outcome
        .out
        .lines()
        .filter(|line| line.contains("refunds-2"));
    assert_eq!(items.count(), 1, "{}", outcome.out);
    assert!(!outcome.out.contains("invoices-2"));
    assert_eq!(sandbox.count("POST", TRIGGER), 0, "nothing is run");
}

#[test]
fn nothing_new_is_9_and_wrong_usage_is_2() {
    let sandbox = sandbox("[[keploy.apps]]\nid = \"shop\"\n");
    let advice = "give a schema, docs or a prompt to generate from";
    let outcome = generate(&sandbox).end().expect(9);
    outcome.says("nothing is new").says(advice);
    let outcome = generate(&sandbox)
        .arguments(&["--schema", "openapi.yaml"])
        .end()
        .expect(9)
        .says("or give other material to generate from");
    assert!(!outcome.err.contains(advice), "{}", outcome.err);
    let started = sandbox.count("POST", GENERATE);
    for (arguments, said) in [
        (
            &["--schema", "nowhere.yaml"][..],
            "nowhere.yaml is not there",
        ),
        (&["--docs", "empty.txt"], "empty.txt is empty"),
        (&["--schema", "large.yaml"], "no more than 5 MB"),
        (&["--max-suites", "0"], "--max-suites"),
        (&["other"], "no target `other`"),
    ] {
        generate(&sandbox)
            .file("empty.txt", " \n")
            .file("large.yaml", &"x".repeat(5_000_001))
            .arguments(arguments)
            .end()
            .expect(2)
            .says(said);
    }
    Proctor::new(&["generate"])
        .file("proctor.toml", &config(&sandbox, "test_report = \"tr-9\""))
        .key(KEY)
        .end()
        .expect(2)
        .says("`test_report`: suites are generated for the app as a whole");
    generate(&sandbox)
        .file("proctor.toml", &with_system(&sandbox, "branch = \"main\""))
        .end()
        .expect(2)
        .says("`branch`: suites are generated for the app as a whole");
    assert_eq!(sandbox.count("POST", GENERATE), started);
}

#[test]
fn a_service_that_generates_nothing_says_so() {
    let sandbox = sandbox("");
    let url = sandbox.service_url("izli");
    let config =
        format!("[targets.it]\nprovider = \"izli\"\napi_url = \"{url}\"\njourney = \"x\"\n");
    let outcome = Proctor::new(&["generate", "--skip-preflight"])
        .file("proctor.toml", &config)
        .variable("IZLI_API_KEY", "izli_x")
        .end();
    outcome.expect(2).says("cannot generate");
}

#[test]
fn a_key_that_may_only_read_is_5_and_a_lost_answer_is_looked_for() {
    let sandbox = sandbox(APP);
    generate(&sandbox)
        .key("kep_readonly")
        .end()
        .expect(5)
        .says("INSUFFICIENT_SCOPE");
    sandbox.add_fault(fault("POST", GENERATE, FaultKind::ResetAfter));
    generate(&sandbox).end().expect(0).says("2 suites are new");
    assert_eq!(sandbox.count("POST", GENERATE), 2);
}

#[cfg(unix)]
#[test]
fn a_signal_stops_the_job() {
    use proctor_test_support::{Outcome, until};

    let sandbox = sandbox(
        "[[keploy.apps]]\nid = \"shop\"\ngenerates = [{ id = \"one\" }, { id = \"stuck\" }]\n",
    );
    let mut proctor = generate(&sandbox);
    let child = proctor.spawn();
    until("a look", || sandbox.count("GET", "/jobs/*") > 0);
    let told = std::process::Command::new("kill")
        .args(["-TERM", &child.id().to_string()])
        .status();
    assert!(told.is_ok_and(|status| status.success()), "kill -TERM");
    let outcome = Outcome::from_child(proctor, child).expect(143);
    assert_eq!(sandbox.count("POST", "/jobs/*/stop"), 1);
    outcome.says("SIGTERM");
}
