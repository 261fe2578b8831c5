//! Whole pipelines: the component included with inputs, and its job run against the sandbox.

use proctor_sandbox::{FaultKind, Sandbox};
use proctor_test_support::{KEY, TRIGGER, fault, read, sandbox, status};
use serde_json::{Value, json};

use crate::hostile::{HOSTILE, WITNESS, expected, inputs, witnessed};
use crate::local::{Pipeline, Project, included};
use crate::programs::{sha256, small_program, with_checksums};
use crate::reports::{annotated_pages, code_quality_is_as_gitlab_reads_it, junit_is_read};
use crate::server::{Answer, Server};
use crate::template::text;

const JOB: &str = "hosted-tests";

/// A project with the program on its jobs' PATH, and the target `api` for this app.
fn project(sandbox: &Sandbox, app: &str, suites: &[&str]) -> Option<Project> {
    let suites = if suites.is_empty() {
        String::new()
    } else {
        format!("suites = {suites:?}\n")
    };
    let config = format!(
        "[targets.api]\nprovider = \"keploy\"\napi_url = \"{}\"\napp = \"{app}\"\nbase_url = \"{}\"\n{suites}",
        sandbox.service_url("keploy"),
        sandbox.system_url(),
    );
    let small = String::from_utf8(small_program()).expect("UTF-8");
    let project = Project::new()?
        .file("proctor.toml", &config)
        .tool("proctor", &small)
        .variable("KEPLOY_API_KEY", KEY);
    Some(project)
}

/// The configuration of a pipeline in which a later job says what the first one told it.
fn with_later_job(inputs: &Value) -> Value {
    json!({
        "include": [included(inputs)],
        "later": {
            "stage": "deploy",
            "when": "always",
            "script": ["echo \"told $PROCTOR_VERDICT $PROCTOR_EXIT_CODE $PROCTOR_PASSED $PROCTOR_FAILED.\""],
        },
    })
}

/// The files that the reports are wired up with.
const REPORTS: [&str; 6] = [
    "junit.xml",
    "results.json",
    "report.html",
    "gl-code-quality-report.json",
    "gl-annotations.json",
    "proctor.env",
];

#[track_caller]
fn all_reports_are_there(pipeline: &Pipeline) {
    for name in REPORTS {
        let path = pipeline.artifact(JOB, &format!("proctor-reports/{name}"));
        assert!(path.is_file(), "{name} is not there\n{}", pipeline.log);
    }
}

#[test]
fn tests_that_pass() {
    let sandbox = sandbox("");
    let Some(project) = project(&sandbox, "app-7f3", &[]) else {
        return;
    };
    let pipeline = project
        .configured(&with_later_job(&json!({"version": "image"})))
        .run();
    pipeline.expect("PASS", JOB);
    pipeline.expect("PASS", "later");
    pipeline.says("told passed 0 ");
    all_reports_are_there(&pipeline);
    assert_eq!(
        pipeline.json(JOB, "proctor-reports/gl-code-quality-report.json"),
        json!([])
    );
    assert_eq!(sandbox.count("POST", TRIGGER), 1);
}

/// A service whose runs have a page.
const SERVICE_WITH_PAGES: &str = r#"
[targets.smoke]
provider = "http"
api_url = "{url}"
auth = "none"
trigger = "POST /runs"
run_id = "$.id"
poll = "GET /runs/{run_id}"
state = "$.status"
run_url = "$.page"
passed = ["passed"]
failed = ["failed"]
running = ["running"]
"#;

#[test]
fn tests_that_fail() {
    let (server, sandbox) = (Server::start(), sandbox(""));
    let page = "https://tests.example.com/runs/7?a=1&b=2";
    let run = json!({"id": "7", "status": "failed", "page": page});
    for path in ["/runs", "/runs/7"] {
        server.give(path, Answer::File(run.to_string().into_bytes()));
    }
    let Some(project) = project(&sandbox, "app-outcomes", &["fail", "pass"]) else {
        return;
    };
    let pipeline = project
        .appending(
            "proctor.toml",
            &SERVICE_WITH_PAGES.replace("{url}", &server.url),
        )
        .configured(&with_later_job(&json!({"version": "image"})))
        .run();
    pipeline.expect("FAIL", JOB);
    pipeline.says("told failed 1 3 2.");
    all_reports_are_there(&pipeline);
    junit_is_read(&pipeline.artifact(JOB, "proctor-reports/junit.xml"), "5 2");
    code_quality_is_as_gitlab_reads_it(
        &pipeline.json(JOB, "proctor-reports/gl-code-quality-report.json"),
    );
    let links = pipeline.json(JOB, "proctor-reports/gl-annotations.json");
    assert!(annotated_pages(&links).contains(&page), "{links}");
    let results = pipeline.json(JOB, "proctor-reports/results.json");
    assert_eq!(results["exit_code"], 1);
}

/// A sandbox in which no run can be started.
fn unavailable() -> Sandbox {
    let sandbox = sandbox("");
    let mut broken = fault("*", "**", status(503, None, None));
    broken.times = 0;
    sandbox.add_fault(broken);
    sandbox
}

#[test]
fn a_service_out_of_reach_fails_the_job_unless_its_exit_code_is_allowed() {
    for (inputs, end) in [
        (
            json!({"version": "image", "reports": "junit json", "args": "--timeout=30s"}),
            "FAIL",
        ),
        (
            json!({"version": "image", "reports": "junit json", "args": "--timeout=30s", "allow-failure-exit-codes": [4, 7]}),
            "WARN",
        ),
        (
            json!({"version": "image", "reports": "junit json", "args": "--timeout=30s", "allow-failure-exit-codes": [6]}),
            "FAIL",
        ),
    ] {
        let sandbox = unavailable();
        let Some(project) = project(&sandbox, "app-7f3", &[]) else {
            return;
        };
        let pipeline = project.including(&inputs).run();
        pipeline.expect(end, JOB);
        let results = pipeline.json(JOB, "proctor-reports/results.json");
        assert_eq!(results["exit_code"], 7, "{results}");
    }
}

#[test]
fn what_is_wrong_in_the_configuration_fails_the_job_and_triggers_nothing() {
    let sandbox = sandbox("");
    let Some(project) = project(&sandbox, "app-7f3", &[]) else {
        return;
    };
    let inputs = json!({"version": "image", "reports": "junit json", "targets": "apo"});
    let pipeline = project.including(&inputs).run();
    pipeline.expect("FAIL", JOB);
    pipeline.says("defines no target `apo`");
    pipeline.says("FAIL 2");
    assert_eq!(sandbox.received().len(), 0);
}

#[test]
fn the_released_program_is_downloaded_verified_and_cached() {
    let (server, sandbox) = (Server::start(), sandbox(""));
    let released = small_program();
    let asset = "proctor-x86_64-unknown-linux-musl";
    let path = format!("/v{}/{asset}", env!("CARGO_PKG_VERSION"));
    for (sum, end) in [(sha256(&released), "PASS"), ("0".repeat(64), "FAIL")] {
        server.give(&path, Answer::File(released.clone()));
        let Some(project) = project(&sandbox, "app-7f3", &[]) else {
            return;
        };
        let pipeline = project
            .tool(
                "uname",
                "case $1 in -s) echo Linux ;; *) echo x86_64 ;; esac",
            )
            .file(
                "templates/run/template.yml",
                &with_checksums(&text(), &[(asset, &sum)]),
            )
            .including(&json!({"download-url": server.url, "reports": "junit json"}))
            .run();
        pipeline.expect(end, JOB);
        if end == "PASS" {
            pipeline.says("cache created");
        } else {
            pipeline.says("is not what was released");
            pipeline.says("FAIL 2");
        }
    }
    assert_eq!(server.asked(), [path.clone(), path]);
    assert_eq!(sandbox.count("POST", TRIGGER), 1);
}

#[test]
fn no_input_is_evaluated_on_its_way_through_a_pipeline() {
    let Some(project) = Project::new() else {
        return;
    };
    let pipeline = project.tool("proctor", WITNESS).including(&inputs()).run();
    pipeline.expect("PASS", JOB);
    assert!(!pipeline.left(JOB, "pwned").exists());
    let text = read(&pipeline.left(JOB, "arguments"));
    assert_eq!(witnessed(&text), expected());
    // One of them has a comma, which parts the names of targets.
    assert_eq!(HOSTILE.len() * 3 + 12, expected().len());
}

#[test]
fn a_key_that_the_service_repeats_is_in_no_log_and_no_report() {
    let sandbox = sandbox("");
    let mut echo = fault("POST", TRIGGER, FaultKind::EchoKey { status: 400 });
    echo.times = 0;
    sandbox.add_fault(echo);
    let Some(project) = project(&sandbox, "app-7f3", &[]) else {
        return;
    };
    let inputs = json!({"version": "image", "reports": "junit json", "args": "--verbose"});
    let pipeline = project.including(&inputs).run();
    pipeline.expect("FAIL", JOB);
    assert_eq!(sandbox.count("POST", TRIGGER), 1);
    assert!(!pipeline.log.contains(KEY), "{}", pipeline.log);
    for name in ["junit.xml", "results.json"] {
        let report = read(&pipeline.artifact(JOB, &format!("proctor-reports/{name}")));
        assert!(!report.contains(KEY), "{report}");
    }
}

#[test]
fn included_twice_it_is_two_jobs() {
    let sandbox = sandbox("");
    let Some(project) = project(&sandbox, "app-7f3", &[]) else {
        return;
    };
    let one = json!({"version": "image", "reports": "junit json", "job-name": "first", "reports-dir": "one"});
    let other = json!({
        "version": "image",
        "reports": "junit json",
        "job-name": "second",
        "reports-dir": "other",
        "provider": "keploy",
        "config": "",
        "api-url": sandbox.service_url("keploy"),
        "set": format!("app=app-outcomes\nsuites=fail\nbase_url={}", sandbox.system_url()),
    });
    let configuration = json!({"include": [included(&one), included(&other)]});
    let pipeline = project.configured(&configuration).run();
    pipeline.expect("PASS", "first");
    pipeline.expect("FAIL", "second");
    assert_eq!(pipeline.json("first", "one/results.json")["exit_code"], 0);
    assert_eq!(
        pipeline.json("second", "other/results.json")["exit_code"],
        1
    );
}

/// What the README says: from a project of the same GitLab, from anywhere, or from the project itself.
#[test]
fn it_can_be_included_in_each_of_gitlabs_ways() {
    let server = Server::start();
    server.give("/run/template.yml", Answer::File(text().into_bytes()));
    let component = "$CI_SERVER_FQDN/$CI_PROJECT_PATH/run@$CI_COMMIT_SHA";
    for mut item in [
        json!({ "component": component }),
        json!({ "remote": format!("{}/run/template.yml", server.url) }),
        json!({ "local": "templates/run/template.yml" }),
    ] {
        let Some(project) = Project::new() else {
            return;
        };
        item["inputs"] = json!({"version": "image", "reports": "", "targets": "api\nthe shop"});
        let configuration = json!({ "include": [item] });
        let pipeline = project
            .tool("proctor", WITNESS)
            .configured(&configuration)
            .run();
        pipeline.expect("PASS", JOB);
        let arguments = read(&pipeline.left(JOB, "arguments"));
        let arguments = witnessed(&arguments);
        assert_eq!(arguments[2..], ["--", "api", "the shop"], "{configuration}");
    }
}
