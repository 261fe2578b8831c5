//! Many targets and many results in one invocation: what is bounded stays so, and nothing is lost.

mod results;
mod targets;

use std::thread::JoinHandle;

use proctor_sandbox::{Sandbox, Scenario};
use proctor_test_support::{Outcome, Proctor, read};

fn sandbox(scenario: &str) -> Sandbox {
    let scenario = Scenario::from_toml(scenario).unwrap_or_else(|error| panic!("{error}"));
    Sandbox::start("127.0.0.1:0".parse().expect("an address"), scenario).expect("a free port")
}

/// What came of an invocation, and the most memory that it held, in MiB; 0 where the system does not tell.
fn watched(mut proctor: Proctor) -> (Outcome, u64) {
    let child = proctor.spawn();
    let most = peak(child.id());
    let outcome = Outcome::from_child(proctor, child);
    (outcome, most.join().expect("no panic"))
}

/// Looks at a process until it is gone, how much memory it has held at most. Linux keeps that count itself, so that the
/// last look is all that counts.
fn peak(process: u32) -> JoinHandle<u64> {
    std::thread::spawn(move || {
        let status = format!("/proc/{process}/status");
        let mut most = 0;
        while let Some(now) = std::fs::read_to_string(&status)
            .ok()
            .as_deref()
            .and_then(held)
        {
            most = now;
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        most / 1024
    })
}

/// In KiB; none for a process that has ended.
fn held(status: &str) -> Option<u64> {
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

/// How often a report says something.
fn times(outcome: &Outcome, report: &str, text: &str) -> usize {
    read(&outcome.path(report)).matches(text).count()
}
