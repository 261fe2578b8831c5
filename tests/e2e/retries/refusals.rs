//! Where nothing can be run in part, and what cannot be meant.

use super::site::{KEPLOY, Served};
use proctor_sandbox::{Sandbox, Scenario};
use proctor_test_support::Proctor;

/// A target whose service knows no parts.
fn described(sandbox: &Sandbox) -> String {
    let api = sandbox.service_url("keploy");
    format!(
        "[targets.smoke]\nprovider = \"http\"\napi_url = \"{api}\"\nauth = \"X-API-Key\"\n\
         trigger = \"POST /apps/app-7f3/test-suites/run\"\ntrigger_body = '{{\"base_url\": \"{}\"}}'\n\
         run_id = \"$.data.job_id\"\npoll = \"GET /jobs/{{run_id}}\"\nstate = \"$.data.job_status\"\n\
         passed = [\"COMPLETED\"]\nfailed = [\"FAILED\"]\nrunning = [\"QUEUED\", \"RUNNING\"]\n",
        sandbox.system_url()
    )
}

fn keploy() -> Sandbox {
    let scenario =
        Scenario::from_toml("[keploy]\nallow_private_targets = true").expect("a scenario");
    Sandbox::start("127.0.0.1:0".parse().expect("an address"), scenario).expect("a free port")
}

fn proctor(arguments: &[&str], config: &str) -> Proctor {
    Proctor::new(arguments)
        .file("proctor.toml", config)
        .variable("PROCTOR_HTTP_KEY", "kep_sandbox")
}

#[test]
fn a_target_that_cannot_be_run_in_part_is_told_where_it_stands() {
    let sandbox = keploy();
    let config = described(&sandbox) + "retries = 2\n";
    let line = config.lines().count();
    let outcome = proctor(&["run"], &config).end().expect(2);
    outcome
        .says("`retries`: what fails of it cannot be run again")
        .says(&format!("proctor.toml:{line}:1"));
    assert!(sandbox.received().is_empty());
}

#[test]
fn by_default_it_is_run_all_the_same() {
    let sandbox = keploy();
    let config = format!("[defaults]\nretries = 2\n{}", described(&sandbox));
    let outcome = proctor(&["run"], &config).end().expect(0);
    let told = "warning: what fails is not run again of smoke (";
    assert_eq!(outcome.err.matches(told).count(), 1, "{}", outcome.err);
    assert!(
        !outcome.err.contains("tests that fail are run again"),
        "{}",
        outcome.err
    );
}

fn refused(served: &Served, proctor: Proctor, says: &str) {
    proctor.end().expect(2).says(says);
    assert!(served.triggers().is_empty());
}

#[test]
fn what_cannot_be_meant_is_refused() {
    let served = KEPLOY.serve(1, "");
    for times in ["11", "-1", "often", ""] {
        let flag = format!("--retry-failed={times}");
        let told = format!("--retry-failed: `{times}` is not a whole number from 0 to 10");
        refused(&served, served.proctor(&["run", &flag]), &told);
    }
    let proctor = served
        .proctor(&["run"])
        .variable("PROCTOR_RETRY_FAILED", "11");
    refused(&served, proctor, "PROCTOR_RETRY_FAILED: `11` is not");
    let proctor = served.proctor(&["run", "--no-wait", "--retry-failed", "1"]);
    refused(&served, proctor, "cannot be used with");
}

#[test]
fn a_run_that_is_not_waited_for_is_started_once() {
    let mut served = KEPLOY.serve(1, "");
    served.lines = "retries = 2".to_owned();
    let outcome = served.proctor(&["run", "--no-wait"]).end().expect(0);
    assert!(!outcome.err.contains("run again"), "{}", outcome.err);
    served.only_the_part_again(0);
}
