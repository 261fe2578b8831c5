//! Targets from what `proctor list` has written.

use proctor_sandbox::Sandbox;
use proctor_test_support::{KEY, Proctor, sandbox};

use super::{config, wrote};

fn list(sandbox: &Sandbox, more: &[&str]) -> String {
    Proctor::new(&["list", "--provider", "keploy", "--output", "ndjson"])
        .arguments(&["--api-url", &sandbox.service_url("keploy")])
        .arguments(more)
        .key(KEY)
        .end()
        .expect(0)
        .out
}

fn init(sandbox: &Sandbox, from: &str) -> Proctor {
    let system = format!("base_url={}", sandbox.system_url());
    let url = sandbox.service_url("keploy");
    Proctor::new(&["init", "github", "--provider", "keploy", "--api-url", &url]).arguments(&[
        "--set",
        &system,
        "--from-list",
        from,
    ])
}

#[test]
fn each_suite_becomes_a_target_of_its_app() {
    let sandbox = sandbox("");
    let listed = list(&sandbox, &["--set", "app=app-7f3"]);
    let outcome = init(&sandbox, "-").answers(&listed).end().expect(0);
    let config = config(&outcome);
    let targets = config["targets"].as_table().expect("targets");
    assert_eq!(targets.len(), 2);
    for (name, suite) in [("checkout", "suite-checkout"), ("search", "suite-search")] {
        let target = &targets[name];
        assert_eq!(target["app"].as_str(), Some("app-7f3"));
        assert_eq!(target["suites"][0].as_str(), Some(suite), "{config}");
    }
    Proctor::new(&["check"])
        .within(outcome.folder.path())
        .key(KEY)
        .end()
        .expect(0)
        .says("1 suite would be run");
    let text = outcome.read("proctor.toml");
    assert_eq!(
        text.matches("# rate_limit = 1").count(),
        1,
        "examples once a service\n{text}"
    );
}

#[test]
fn what_is_no_test_becomes_no_target() {
    let sandbox = sandbox(
        r#"
[[keploy.apps]]
id = "shop"
suites = [{ id = "s1", name = "checkout", steps = ["pay"] }, { id = "s2", name = "search", steps = ["find"] }]
[[keploy.apps.branches]]
id = "b7"
name = "pr-12"
suites = [{ id = "s9", name = "refunds", steps = ["refund"] }]
[[keploy.apps.test_reports]]
id = "tr-9"
name = "nightly"
"#,
    );
    let listed = list(&sandbox, &["--set", "app=shop"]);
    // One that was made before; it is listed only once there is one.
    let load = "{\"type\":\"item\",\"kind\":\"load-test\",\"id\":\"l1\",\"name\":\"peak\",\"parent\":\"shop\"}\n";
    for kind in ["suite", "branch", "test-report"] {
        assert!(listed.contains(&format!("\"kind\":\"{kind}\"")), "{listed}");
    }
    let outcome = init(&sandbox, "-")
        .answers(&format!("{listed}{load}"))
        .end()
        .expect(0)
        .says("passed over what no parameter of Keploy runs: branch, load-test, test-report");
    let config = config(&outcome);
    let targets = config["targets"].as_table().expect("targets");
    let suites: Vec<Option<&str>> = targets
        .iter()
        .map(|(_, target)| target["suites"][0].as_str())
        .collect();
    assert_eq!(suites, [Some("s1"), Some("s2")], "{config}");
    let branches: String = listed
        .lines()
        .filter(|line| line.contains("\"kind\":\"branch\""))
        .map(|line| format!("{line}\n"))
        .collect();
    let outcome = init(&sandbox, "-")
        .answers(&branches)
        .end()
        .expect(2)
        .says("runs what standard input lists: branch");
    wrote(&outcome, &[]);
}

#[test]
fn each_app_becomes_a_target_and_a_file_may_hold_the_list() {
    let sandbox = sandbox("");
    let listed = list(&sandbox, &[]);
    let outcome = init(&sandbox, "list.ndjson")
        .file("list.ndjson", &listed)
        .end()
        .expect(0);
    let config = config(&outcome);
    let targets = config["targets"].as_table().expect("targets");
    let items = listed
        .lines()
        .filter(|line| line.contains("\"kind\":\"app\""));
    assert_eq!(targets.len(), items.count());
    assert!(
        targets
            .iter()
            .any(|(_, target)| target["app"].as_str() == Some("app-7f3"))
    );
}

#[test]
fn a_list_that_cannot_be_taken_is_refused() {
    let sandbox = sandbox("");
    let app = "{\"type\":\"item\",\"kind\":\"app\",\"id\":\"a\"}\n";
    let many: String = (0..1_001)
        .map(|number| format!("{{\"type\":\"item\",\"kind\":\"app\",\"id\":\"{number}\"}}\n"))
        .collect();
    let cases: [(&str, &[&str], &str); 8] = [
        ("", &[], "lists nothing"),
        ("app  a  A\n", &[], "line 1"),
        (
            "{\"type\":\"item\",\"kind\":\"flow\",\"id\":\"a\"}\n",
            &[],
            "no parameter of Keploy",
        ),
        ("{\"type\":\"error\",\"error\":{}}\n", &[], "line 1"),
        (
            "{\"type\":\"item\",\"kind\":\"app\",\"id\":\"\"}\n",
            &[],
            "`app` must not be empty",
        ),
        (app, &["--set", "app=b"], "`app` is given by --set"),
        (
            &format!("{app}{}", app.replace("\"a\"", "\"b\"")),
            &["--name", "x"],
            "--name is for one target",
        ),
        (&many, &[], "at most 1000"),
    ];
    for (text, more, told) in cases {
        let outcome = init(&sandbox, "-")
            .arguments(more)
            .answers(text)
            .end()
            .expect(2)
            .says(told);
        wrote(&outcome, &[]);
    }
    init(&sandbox, "nowhere.ndjson")
        .end()
        .expect(2)
        .says("nowhere.ndjson cannot be read");
    let one = init(&sandbox, "-")
        .arguments(&["--name", "x"])
        .answers(app)
        .end()
        .expect(0);
    assert!(config(&one)["targets"]["x"].is_table());
}

#[test]
fn what_no_parameter_names_is_told_of_and_passed_over() {
    let sandbox = sandbox("");
    let text = "{\"type\":\"item\",\"kind\":\"app\",\"id\":\"a\"}\n{\"type\":\"item\",\"kind\":\"odd\",\"id\":\"b\"}\n";
    let outcome = init(&sandbox, "-")
        .answers(text)
        .end()
        .expect(0)
        .says("odd");
    assert_eq!(
        config(&outcome)["targets"]
            .as_table()
            .map(toml_edit::Table::len),
        Some(1)
    );
}
