//! Whose run it is that is gone on with, and when it is not.

use std::path::PathBuf;
use std::process::Child;

use proctor_sandbox::{FaultKind, Moment};
use serde_json::Value;

use super::life::{Job, STATE};
use super::place;
use proctor_test_support::{Outcome, Proctor, SHORT, ask, fault, read, status, until};

/// A job at Keploy whose run takes some seconds.
fn job() -> Job {
    Job::new(&place::KEPLOY, "app-long")
}

/// What GitLab says of a job.
fn on_gitlab(life: Proctor, pipeline: &str, job_id: &str) -> Proctor {
    life.variable("GITLAB_CI", "true")
        .variable("CI_SERVER_URL", "https://gitlab.example.com")
        .variable("CI_PROJECT_ID", "3")
        .variable("CI_PIPELINE_ID", pipeline)
        .variable("CI_JOB_NAME", "hosted tests 1/2")
        .variable("CI_JOB_ID", job_id)
}

/// Kills it at its first look at the run.
#[track_caller]
fn kill(job: &Job, life: Proctor) {
    assert!(job.killed_asking(life, "/jobs/"));
    assert_eq!(job.kept(), Some(vec!["accepted".to_owned()]));
}

/// Waits until its run is followed.
fn follow(job: &Job, life: &mut Proctor) -> Child {
    let before = job.sandbox.count("GET", "/jobs/*");
    let child = life.spawn();
    until("following", || job.sandbox.count("GET", "/jobs/*") > before);
    child
}

fn posts(job: &Job) -> usize {
    job.triggers().len()
}

#[test]
fn another_attempt_is_the_same_job_and_another_run_of_the_pipeline_is_not() {
    let job = job();
    kill(&job, on_gitlab(job.life(), "7", "100"));

    let other = on_gitlab(job.life(), "8", "101").end().expect(0);
    assert_eq!(posts(&job), 2);
    assert!(!other.err.contains("earlier life"), "{}", other.err);

    let again = on_gitlab(
        job.life().arguments(&["--report", "json=results.json"]),
        "7",
        "102",
    );
    let again = again.end().expect(0);
    assert_eq!(posts(&job), 2, "{}", again.err);
    let told =
        "it: warning: following the run job-0001 that an earlier life of this job has started";
    assert!(again.err.contains(told), "{}", again.err);
    let results: Value =
        serde_json::from_str(&read(&job.folder.path().join("results.json"))).expect("JSON");
    let warning = results["targets"][0]["warnings"][0].as_str();
    assert!(
        warning.is_some_and(|text| text.contains("job-0001")),
        "{results}"
    );
    assert!(job.files().is_empty(), "{:?}", job.files());
}

#[test]
fn a_target_that_has_changed_is_run_anew() {
    let job = job();
    kill(&job, job.life());
    job.life()
        .arguments(&["--set", "suites=first"])
        .end()
        .expect(0);
    assert_eq!(posts(&job), 2);
    // What was begun before is gone on with once it is wanted again.
    job.live().expect(0);
    assert_eq!((posts(&job), job.files().len()), (2, 0));
}

#[test]
fn a_key_of_ones_own_names_the_job() {
    let job = job();
    let keyed = |key: &str| {
        job.life()
            .variable("CI", "true")
            .variable("PROCTOR_STATE_KEY", key)
    };
    kill(&job, keyed("build 7"));
    keyed("build 8").end().expect(0);
    assert_eq!(posts(&job), 2);
    keyed("build 7").end().expect(0);
    assert_eq!((posts(&job), job.files().len()), (2, 0));
}

#[test]
fn jobs_that_cannot_be_told_apart_keep_out_of_each_others_way() {
    let job = job();
    let mut first = job.life();
    let child = follow(&job, &mut first);
    // The first one lives: its run is its own.
    job.live().expect(0);
    assert_eq!(posts(&job), 2);
    Outcome::from_child(first, child).expect(0);
    assert!(job.files().is_empty(), "{:?}", job.files());
}

#[test]
fn two_that_are_run_again_at_once_do_not_go_on_with_the_same_run() {
    let job = job();
    kill(&job, job.life());
    let (mut one, mut other) = (job.life(), job.life());
    let (first, second) = (one.spawn(), other.spawn());
    let ends = [
        Outcome::from_child(one, first),
        Outcome::from_child(other, second),
    ];
    let resumed = ends.iter().filter(|end| end.err.contains("earlier life"));
    assert_eq!(resumed.count(), 1, "{}\n{}", ends[0].err, ends[1].err);
    for end in ends {
        end.expect(0);
    }
    assert_eq!((posts(&job), job.files().len()), (2, 0));
}

#[test]
fn never_starts_anew_and_forgets_what_was_kept() {
    let job = job();
    kill(&job, job.life());
    job.life().arguments(&["--resume", "never"]).end().expect(0);
    assert_eq!((posts(&job), job.files().len()), (2, 0));
    // Without a directory there is nothing to forget.
    job.life_without_state()
        .arguments(&["--resume", "never"])
        .end()
        .expect(0);
}

#[test]
fn a_run_that_was_left_at_the_time_limit_is_gone_on_with() {
    let job = Job::new(&place::CHECKVIEW_SLOW, "flow-pass");
    let early = job.life().variable("PROCTOR_TIMEOUT", SHORT);
    early.end().expect(4).says("run this job again");
    assert_eq!(job.kept(), Some(vec!["accepted".to_owned()]));
    job.live().expect(0);
    assert_eq!((posts(&job), job.files().len()), (1, 0));
}

#[test]
fn a_trigger_of_which_nothing_is_known_is_sent_again_only_on_demand() {
    let job = job();
    // Lost on its way, with no trace at the service.
    let lost = fault("POST", place::KEPLOY.trigger.1, FaultKind::ResetBefore);
    job.sandbox.add_fault(lost);
    job.live().expect(7);
    assert_eq!(job.kept(), Some(vec!["sent".to_owned()]));
    let file = job.entry();
    let name = file
        .file_name()
        .expect("a name")
        .to_string_lossy()
        .into_owned();
    let again = job.live().expect(7).says(&name).says("--resume never");
    assert_eq!(posts(&job), 1);
    let results: Value =
        serde_json::from_str(&read(&job.folder.path().join("results.json"))).expect("JSON");
    assert_eq!(
        results["targets"][0]["error"]["retriable"], false,
        "{}",
        again.err
    );
    job.life().arguments(&["--resume", "never"]).end().expect(0);
    assert_eq!((posts(&job), job.files().len()), (2, 0));
}

#[test]
fn a_trigger_that_was_turned_away_is_sent_by_the_next_life() {
    let job = job();
    let busy = status(429, None, Some("100"));
    job.sandbox
        .add_fault(fault("POST", place::KEPLOY.trigger.1, busy));
    let mut life = job.life().variable("PROCTOR_TIMEOUT", "5m");
    let mut child = life.spawn();
    // It may be replaced while it is read.
    let is_planned = |file: &PathBuf| {
        std::fs::read_to_string(file).is_ok_and(|text| text.to_lowercase().contains("planned"))
    };
    until("planned again", || job.files().iter().any(is_planned));
    child.kill().expect("it waits for another attempt");
    child.wait().expect("it ends");
    assert_eq!(job.kept(), Some(vec!["planned".to_owned()]));
    job.live().expect(0);
    assert_eq!((posts(&job), job.files().len()), (2, 0));
}

#[test]
fn what_was_kept_can_be_waited_for() {
    let job = job();
    kill(&job, job.life());
    let file = job.entry().display().to_string();
    Proctor::new(&["wait", &file])
        .variable(place::KEPLOY.variable, place::KEPLOY.key)
        .end()
        .expect(0);
    assert_eq!(posts(&job), 1);
    assert!(job.kept().is_none());
}

#[test]
fn what_is_under_way_needs_no_look_at_the_system_under_test() {
    let job = job();
    // Nobody listens on port 1.
    let down = ["--set", "base_url=http://127.0.0.1:1"];
    kill(
        &job,
        job.life().arguments(&down).arguments(&["--skip-preflight"]),
    );
    job.life().arguments(&down).end().expect(0);
    assert_eq!(posts(&job), 1);
    job.life().arguments(&down).end().expect(2);
}

#[test]
fn a_run_that_is_not_waited_for_is_kept_until_its_handle_is_written() {
    let job = job();
    let handle = job.folder.path().join("proctor-handle.json");
    let start = || job.life().arguments(&["--no-wait"]);
    for moment in [Moment::Received, Moment::Answered] {
        let job = &job;
        let before = posts(job);
        // The fourth request is the trigger, after the suites and two lists of runs and one of jobs.
        let at = (0..).find(|at| {
            assert!(job.killed_at(start(), *at, moment));
            posts(job) > before
        });
        assert!(at.is_some() && !handle.exists());
        start().end().expect(0).says("earlier life");
        assert_eq!((posts(job), job.files().len()), (before + 1, 0));
        let wait = Proctor::new(&["wait", &handle.display().to_string()]);
        wait.variable(place::KEPLOY.variable, place::KEPLOY.key)
            .end()
            .expect(0);
    }
    start().end().expect(0);
    assert!(handle.exists() && job.files().is_empty());
}

/// A test that passes as it did before: that its state is new shows only while its run is at work.
#[test]
fn what_was_seen_of_a_run_counts_when_it_is_over() {
    let job = Job::new(&place::TESTCLIX, "01GDSAME&01AAAA");
    let mut life = job.life();
    let mut child = life.spawn();
    let is_at_work = || {
        let kept = job.kept().map(|_| read(&job.entry()));
        kept.is_some_and(|text| text.contains("\"last_state\": \"processing\""))
    };
    until("a look at work", is_at_work);
    child.kill().expect("it can be killed");
    child.wait().expect("it ends");
    let url = format!(
        "{}/status/01GDSAME%2601AAAA",
        job.sandbox.service_url("testclix")
    );
    let key = [("x-api-key", place::TESTCLIX.key)];
    until("the end", || {
        ask("GET", &url, &key, "").contains("\"pass\"")
    });
    job.live().expect(0);
    assert_eq!((posts(&job), job.files().len()), (1, 0));
}

#[test]
fn what_is_kept_holds_no_key() {
    let job = job();
    kill(&job, job.life());
    for file in job.files() {
        assert!(
            !read(&file).contains(place::KEPLOY.key),
            "{}",
            file.display()
        );
    }
    assert!(job.entry().starts_with(job.folder.path().join(STATE)));
}
