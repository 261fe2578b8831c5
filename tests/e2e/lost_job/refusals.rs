//! Where nothing can be kept or read, nothing is triggered.

use proctor_sandbox::FaultKind;

use super::life::{Job, STATE};
use super::place;
use proctor_test_support::{Outcome, fault, until};

fn job() -> Job {
    Job::new(&place::KEPLOY, "app-pass")
}

#[track_caller]
fn refused(job: &Job, outcome: Outcome, told: &str) {
    outcome
        .expect(2)
        .says(told)
        .says("nothing was triggered")
        .says("who: the author of the pipeline");
    assert_eq!(job.triggers().len(), 0);
}

#[test]
fn a_directory_that_is_none() {
    let job = job();
    std::fs::write(job.folder.path().join(STATE), "").expect("the folder can be written to");
    refused(&job, job.live(), "nothing can be kept in state");
    let below = job
        .life_without_state()
        .arguments(&["--state", "state/below"]);
    refused(&job, below.end(), "nothing can be kept in state/below");
}

#[test]
fn what_cannot_be_read_names_the_file() {
    let job = job();
    let entry = begun(&job);
    let triggers = job.triggers().len();
    let name = entry
        .file_name()
        .expect("a name")
        .to_string_lossy()
        .into_owned();
    for text in ["", "{", r#"{"proctor_handles": 1, "runs": []}"#] {
        std::fs::write(&entry, text).expect("it can be written");
        job.live()
            .expect(2)
            .says(&name)
            .says("nothing was triggered");
        assert!(entry.exists());
    }
    assert_eq!(job.triggers().len(), triggers);
    job.life().arguments(&["--resume", "never"]).end().expect(0);
    assert_eq!((job.triggers().len(), job.files().len()), (triggers + 1, 0));
}

/// Begins a run and is killed. The file in which it is kept.
fn begun(job: &Job) -> std::path::PathBuf {
    assert!(job.killed_asking(job.life(), "/jobs/"));
    job.entry()
}

#[test]
fn an_intent_that_cannot_be_written_keeps_the_trigger_from_being_sent() {
    let job = job();
    let entry = begun(&job);
    job.live().expect(0);
    let (triggers, asked) = (job.triggers().len(), job.sandbox.count("GET", "/jobs"));
    job.sandbox
        .add_fault(fault("GET", "/jobs", FaultKind::Latency { ms: 10_000 }));
    let mut life = job
        .life()
        .arguments(&["--report", "json=results.json", "--report", "junit"]);
    let child = life.spawn();
    until("asking", || job.sandbox.count("GET", "/jobs") > asked);
    // What is written first is in the way.
    std::fs::create_dir(entry.with_extension("tmp")).expect("it can be made");
    Outcome::from_child(life, child)
        .expect(70)
        .says("it was not triggered, as that cannot be written to state/proctor-state-it-")
        .says("whoever looks after the machine");
    assert_eq!(job.triggers().len(), triggers);
    let handle = job.folder.path().join("proctor-handle.json");
    assert!(!handle.exists(), "nothing goes on");
}

#[test]
fn a_job_that_cannot_be_told_from_others() {
    let job = job();
    refused(&job, job.life().variable("CI", "true").end(), "--state-key");
    let github = job
        .life()
        .variable("GITHUB_ACTIONS", "true")
        .variable("GITHUB_RUN_ID", "7");
    refused(&job, github.end(), "GITHUB_SERVER_URL");
    assert!(job.files().is_empty());
}

#[test]
fn going_on_without_knowing_where() {
    let job = job();
    let auto = |life: proctor_test_support::Proctor| life.arguments(&["--resume", "auto"]).end();
    refused(&job, auto(job.life_without_state()), "--state DIR");
    let by_variable = job.life_without_state().variable("PROCTOR_RESUME", "auto");
    refused(&job, by_variable.end(), "--state DIR");
    let wrong = job.life().variable("PROCTOR_RESUME", "always");
    refused(&job, wrong.end(), "PROCTOR_RESUME");
    auto(job.life()).expect(0);
}

#[test]
fn a_name_that_names_nothing() {
    let job = job();
    for (flag, text) in [("--state-key", ""), ("--state-key", "  "), ("--state", "")] {
        let life = job.life_without_state().arguments(&["--state", STATE]);
        let ended = match flag {
            "--state" => job.life_without_state().arguments(&[flag, text]).end(),
            _ => life.arguments(&[flag, text]).end(),
        };
        refused(&job, ended, flag);
    }
    let blank = job.life().variable("PROCTOR_STATE_KEY", " ");
    refused(&job, blank.end(), "PROCTOR_STATE_KEY");
    assert!(job.files().is_empty());
}
