//! Signals: the remote run is stopped or left, the reports are written, and it does not take long.

use std::process::{Child, Command};
use std::time::{Duration, Instant};

use proctor_sandbox::{FaultKind, Sandbox};
use serde_json::Value;

use proctor_test_support::{KEY, Outcome, Proctor, TRIGGER, fault, sandbox, until};

fn send(child: &Child, signal: &str) {
    let sent = Command::new("kill")
        .args([&format!("-{signal}"), &child.id().to_string()])
        .status();
    assert!(sent.is_ok_and(|status| status.success()), "kill -{signal}");
}

/// Starts a run that does not end by itself and waits until it is being followed.
fn begin(sandbox: &Sandbox, arguments: &[&str]) -> (Proctor, Child) {
    let mut proctor = Proctor::run(sandbox, "app-stuck")
        .arguments(arguments)
        .variable("PROCTOR_TIMEOUT", "5m");
    let child = proctor.spawn();
    until("following", || sandbox.count("GET", "/jobs/*") > 0);
    (proctor, child)
}

/// What a signal may take on the busiest machine, which is far from the run's time limit. That it takes 5 s at most is tested
/// where the clock stands still.
const BOUND: Duration = Duration::from_secs(60);

/// Interrupts a run and returns what came of it, in time.
fn interrupt(sandbox: &Sandbox, arguments: &[&str], signal: &str) -> Outcome {
    let (proctor, child) = begin(sandbox, arguments);
    let told = Instant::now();
    send(&child, signal);
    let outcome = Outcome::from_child(proctor, child);
    assert!(told.elapsed() < BOUND, "it took {:?}", told.elapsed());
    outcome
}

#[test]
fn each_signal_stops_the_run_and_has_its_code() {
    for (signal, code) in [("HUP", 129), ("INT", 130), ("TERM", 143)] {
        let sandbox = sandbox("");
        let outcome = interrupt(&sandbox, &[], signal)
            .expect(code)
            .says(&format!("interrupted by SIG{signal}"));
        assert_eq!(sandbox.count("POST", "/jobs/*/stop"), 1, "{signal}");
        let results = outcome.results();
        assert_eq!(results["exit_code"], code);
        let target = &results["targets"][0];
        assert_eq!(target["verdict"], "cancelled");
        assert_eq!(target["error"]["code"], "interrupted");
        assert!(outcome.path("junit.xml").exists());
        assert!(
            !outcome.path("proctor-handle.json").exists(),
            "the run was stopped: nothing is left to be picked up"
        );
    }
}

#[test]
fn a_service_that_hangs_does_not_keep_it() {
    let sandbox = sandbox("");
    // What comes before following is let through: three calls of the app, one list of jobs, some looks at the job.
    for (path, skip) in [
        ("/jobs/*/stop", 0),
        ("/jobs/*", 2),
        ("/apps/**", 3),
        ("/jobs", 1),
    ] {
        let mut hang = fault("*", path, FaultKind::Hang);
        hang.times = 0;
        hang.skip = skip;
        sandbox.add_fault(hang);
    }
    let outcome = interrupt(&sandbox, &[], "TERM").expect(143);
    assert_eq!(
        outcome.results()["targets"][0]["error"]["code"],
        "interrupted"
    );
    // The service did not say that it stopped the run, so it can be picked up.
    let handle: Value = serde_json::from_str(&outcome.read("proctor-handle.json")).expect("JSON");
    assert!(handle.to_string().contains("job-"), "{handle}");
}

#[test]
fn a_run_that_is_left_can_be_picked_up_and_stopped() {
    let sandbox = sandbox("");
    let outcome = interrupt(&sandbox, &["--on-interrupt", "detach"], "TERM")
        .expect(143)
        .says("proctor wait");
    assert_eq!(sandbox.count("POST", "/jobs/*/stop"), 0);
    let handle = outcome.read("proctor-handle.json");
    assert!(!handle.contains(KEY), "{handle}");
    Proctor::new(&["cancel", "h.json"])
        .file("h.json", &handle)
        .key(KEY)
        .end()
        .expect(0);
    assert_eq!(sandbox.count("POST", "/jobs/*/stop"), 1);
    Proctor::new(&["wait", "h.json"])
        .file("h.json", &handle)
        .key(KEY)
        .end()
        .expect(3)
        .says("STOPPED");
    assert_eq!(sandbox.count("POST", TRIGGER), 1);
}

#[test]
fn a_signal_while_reports_are_waited_for_leaves_the_run_to_be_picked_up() {
    let sandbox = sandbox("reports_after_ms = 3600000");
    let reports = "/apps/*/test-runs/*/suite-reports";
    let mut proctor = Proctor::run(&sandbox, "app-7f3");
    let child = proctor.spawn();
    until("reading", || sandbox.count("GET", reports) > 0);
    send(&child, "TERM");
    let outcome = Outcome::from_child(proctor, child)
        .expect(143)
        .says("its results were not read to the end");
    assert!(outcome.path("proctor-handle.json").exists());
}

#[test]
fn a_second_signal_ends_at_once() {
    let sandbox = sandbox("");
    let mut hang = fault("POST", "/jobs/*/stop", FaultKind::Hang);
    hang.times = 0;
    sandbox.add_fault(hang);
    let (proctor, child) = begin(&sandbox, &[]);
    send(&child, "TERM");
    until("stopping", || sandbox.count("POST", "/jobs/*/stop") > 0);
    send(&child, "INT");
    let outcome = Outcome::from_child(proctor, child);
    assert!([130, 143].contains(&outcome.code), "{}", outcome.code);
}

#[test]
fn an_interrupt_while_a_stream_is_open_is_noticed() {
    let sandbox = sandbox("heartbeat_ms = 20");
    let outcome = interrupt(&sandbox, &[], "INT").expect(130);
    assert_eq!(outcome.results()["targets"][0]["verdict"], "cancelled");
}

/// Interrupts while the trigger has not been answered, which comes about after so long.
fn interrupt_trigger(sandbox: &Sandbox, latency_ms: u64) -> Outcome {
    sandbox.add_fault(fault(
        "POST",
        TRIGGER,
        FaultKind::Latency { ms: latency_ms },
    ));
    let mut proctor = Proctor::run(sandbox, "app-stuck").variable("PROCTOR_TIMEOUT", "5m");
    let child = proctor.spawn();
    until("triggering", || sandbox.count("POST", TRIGGER) == 1);
    send(&child, "TERM");
    Outcome::from_child(proctor, child).expect(143)
}

#[test]
fn a_trigger_that_is_interrupted_is_found_and_stopped() {
    let sandbox = sandbox("");
    let outcome = interrupt_trigger(&sandbox, 500);
    assert_eq!(
        sandbox.count("POST", "/jobs/*/stop"),
        1,
        "{}{}",
        outcome.out,
        outcome.err
    );
    assert_eq!(sandbox.count("POST", TRIGGER), 1);
}

#[test]
fn a_trigger_that_is_answered_too_late_can_be_looked_for() {
    let sandbox = sandbox("");
    let outcome = interrupt_trigger(&sandbox, 15_000).says("a run may have been started");
    let handle = outcome.read("proctor-handle.json");
    until("the run", || {
        let cancelled = Proctor::new(&["cancel", "h.json"])
            .file("h.json", &handle)
            .key(KEY)
            .end();
        assert!(
            [0, 7].contains(&cancelled.code),
            "{}{}",
            cancelled.out,
            cancelled.err
        );
        cancelled.code == 0
    });
    assert_eq!(sandbox.count("POST", "/jobs/*/stop"), 1);
    assert_eq!(sandbox.count("POST", TRIGGER), 1);
}
