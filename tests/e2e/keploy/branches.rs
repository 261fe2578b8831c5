use proctor_test_support::{KEY, Proctor, TRIGGER, sandbox};

use super::{config, proctor, tests, with_system};

const APP: &str = r#"
[[keploy.apps]]
id = "shop"
suites = [{ id = "s1", name = "checkout", steps = ["pay"] }]
[[keploy.apps.branches]]
id = "b7"
name = "pr-12"
suites = [{ id = "s9", name = "refunds", steps = ["refund"] }]
"#;

#[test]
fn a_run_of_a_branch_runs_its_suites() {
    let sandbox = sandbox(APP);
    for (lines, ran) in [
        ("", "checkout/pay: passed"),
        ("branch = \"pr-12\"", "refunds/refund: passed"),
        (
            "branch = \"b7\"\nsuites = [\"refunds\"]",
            "refunds/refund: passed",
        ),
        (
            "ci_branch = { name = \"pr-12\", provider = \"github\", repo_full_name = \"acme/api\", pr_number = 12 }",
            "refunds/refund: passed",
        ),
        // One that is created begins with the app's suites.
        ("ci_branch.name = \"pr-13\"", "checkout/pay: passed"),
    ] {
        let outcome = proctor(&with_system(&sandbox, lines)).end().expect(0);
        assert_eq!(tests(&outcome), [ran], "{lines}");
    }
    assert_eq!(sandbox.count("POST", "/apps/*/branches/ci"), 2);
}

#[test]
fn a_branch_that_is_not_there_starts_nothing() {
    let sandbox = sandbox(APP);
    proctor(&with_system(&sandbox, "branch = \"pr-21\""))
        .end()
        .expect(2)
        .says("pr-12");
    assert_eq!(sandbox.count("POST", TRIGGER), 0);
}

#[test]
fn the_coverage_of_the_schema_is_a_gate() {
    for (told, code) in [("83.5", 0), ("\"79 %\"", 1), ("0.9", 3), ("1", 3)] {
        let sandbox = sandbox(&format!(
            "[[keploy.apps]]\nid = \"shop\"\nschema_coverage = {told}\nsuites = [{{ id = \"s1\", steps = [\"pay\"] }}]"
        ));
        let lines = "min_schema_coverage = 80";
        let outcome = proctor(&with_system(&sandbox, lines)).end().expect(code);
        assert_eq!(tests(&outcome).len(), 2);
        assert!(tests(&outcome)[1].starts_with("schema coverage/>= 80 %: "));
        if told == "0.9" {
            let unit = format!("{lines}\napi.schema_coverage_unit = \"fraction\"");
            proctor(&with_system(&sandbox, &unit)).end().expect(0);
        }
    }
    // An app without a schema has no coverage, which is no pass.
    let sandbox = sandbox(APP);
    proctor(&with_system(&sandbox, "min_schema_coverage = 1"))
        .end()
        .expect(3)
        .says("schema coverage");
}

#[test]
fn what_can_be_named_is_listed() {
    let sandbox = sandbox(&format!(
        "{APP}[[keploy.apps.test_reports]]\nid = \"tr-9\"\nname = \"nightly\"\n"
    ));
    let list = || {
        Proctor::new(&["list", "--provider", "keploy", "--set", "app=shop"])
            .arguments(&["--api-url", &sandbox.service_url("keploy")])
            .key(KEY)
            .end()
            .expect(0)
    };
    let out = list().out;
    for line in ["suite", "branch", "test-report"] {
        assert!(out.contains(line), "{out}");
    }
    let load =
        "[targets.it.load_test]\nvirtual_users = 1\nduration_secs = 1\nlimits = \"p95_ms < 500\"";
    proctor(&with_system(&sandbox, load)).end().expect(0);
    list().says("load-test");
}

#[test]
fn a_target_without_a_system_is_refused() {
    let sandbox = sandbox(APP);
    proctor(&config(&sandbox, ""))
        .end()
        .expect(2)
        .says("`base_url`: it is missing");
}
