//! Both a handle file and what is kept of a job know of one run: it is reported once, and started once.

use std::process::Command;

use super::life::{Job, STATE};
use super::place;
use proctor_test_support::{Outcome, Proctor, SHORT, until};

/// A job at CheckView, whose run is left at the time limit and named by a handle file too.
fn left() -> Job {
    let job = Job::new(&place::CHECKVIEW_SLOW, "flow-pass");
    early(&job).expect(4);
    assert_eq!(handles(&job), ["proctor-handle.json"]);
    assert!(job.kept().is_some());
    job
}

/// A life that ends before its run.
fn early(job: &Job) -> Outcome {
    job.life().variable("PROCTOR_TIMEOUT", SHORT).end()
}

/// The handle files.
fn handles(job: &Job) -> Vec<String> {
    let entries = std::fs::read_dir(job.folder.path()).expect("the folder");
    let mut names: Vec<String> = entries
        .map(|entry| entry.expect("an entry").file_name())
        .map(|name| name.to_string_lossy().into_owned())
        .filter(|name| name.starts_with("proctor-handle"))
        .collect();
    names.sort();
    names
}

fn command(job: &Job, arguments: &[&str]) -> Outcome {
    Proctor::new(arguments)
        .within(job.folder.path())
        .variable(job.place.variable, job.place.key)
        .end()
}

#[test]
fn what_was_waited_for_is_not_reported_again() {
    let job = left();
    command(&job, &["wait", "proctor-handle.json", "--timeout", "60s"]).expect(0);
    assert_eq!((handles(&job).len(), job.files().len()), (0, 0));
    let again = job.live().expect(0);
    assert!(!again.err.contains("earlier life"), "{}", again.err);
    assert_eq!(job.triggers().len(), 2);
}

#[test]
fn what_was_stopped_is_not_gone_on_with() {
    let job = Job::new(&place::KEPLOY, "app-long");
    assert!(job.killed_asking(job.life(), "/jobs/"));
    let file = job.entry();
    command(&job, &["cancel", &file.display().to_string()]).expect(0);
    assert!(job.files().is_empty(), "{:?}", job.files());
}

#[test]
fn a_run_that_is_left_twice_is_named_once() {
    let job = left();
    early(&job).expect(4);
    assert_eq!(handles(&job), ["proctor-handle.json"]);
    job.live().expect(0);
    assert_eq!((handles(&job).len(), job.triggers().len()), (0, 1));
}

#[test]
fn a_handle_file_that_is_asked_for_may_name_the_run_that_is_gone_on_with() {
    let job = left();
    let named = || {
        job.life()
            .arguments(&["--handle", "proctor-handle.json"])
            .end()
    };
    named().expect(0);
    assert_eq!((handles(&job).len(), job.triggers().len()), (0, 1));
    // One of another job is still not touched.
    early(&job).expect(4);
    let other = job
        .life()
        .arguments(&["--handle", "proctor-handle.json", "--state-key", "another"])
        .end();
    other.expect(2).says("holds a run that is not reported yet");
    assert_eq!(job.triggers().len(), 2);
}

#[test]
fn what_a_job_is_at_is_left_to_it() {
    let job = Job::new(&place::KEPLOY, "app-endless");
    let mut life = job.life();
    let mut child = life.spawn();
    until("following", || job.sandbox.count("GET", "/jobs/*") > 0);
    let file = job.entry().display().to_string();
    for name in ["wait", "cancel"] {
        command(&job, &[name, &file])
            .expect(2)
            .says("the job whose run it keeps is at work");
    }
    assert_eq!(job.sandbox.count("POST", "/jobs/*/stop"), 0);
    child.kill().expect("it can be killed");
    child.wait().expect("it ends");
    command(&job, &["cancel", &file]).expect(0);
    assert_eq!(job.sandbox.count("POST", "/jobs/*/stop"), 1);
    assert!(job.files().is_empty(), "{:?}", job.files());
}

#[test]
fn never_forgets_all_that_was_begun_of_a_target_once_another_run_begins() {
    let job = Job::new(&place::KEPLOY, "app-long");
    // Two that cannot be told apart, both lost.
    let (mut one, mut other) = (job.life(), job.life());
    let (mut first, mut second) = (one.spawn(), other.spawn());
    until("both", || job.triggers().len() == 2);
    let kept = || {
        let mut files = job.files();
        files.retain(|file| {
            file.extension().is_some_and(|ending| ending == "json")
                && proctor_test_support::read(file).contains("job-0")
        });
        files.len()
    };
    until("both are kept", || kept() == 2);
    for child in [&mut first, &mut second] {
        child.kill().expect("it can be killed");
        child.wait().expect("it ends");
    }
    // What begins nothing forgets nothing.
    let never = || job.life().arguments(&["--resume", "never"]);
    std::fs::write(job.folder.path().join("wrong.toml"), "").expect("the folder can be written to");
    never()
        .arguments(&["--handle", "wrong.toml"])
        .end()
        .expect(2);
    assert_eq!(kept(), 2);
    assert!(job.killed_asking(never(), "/jobs/"));
    assert_eq!(job.triggers().len(), 3);
    job.live().expect(0).says("job-0003");
    assert_eq!(job.triggers().len(), 3);
    assert!(job.kept().is_none());
}

/// The targets of a job share its lock, whatever the number of files that may be open.
#[test]
fn many_targets_need_few_open_files() {
    const TARGETS: usize = 300;
    let job = Job::new(&place::KEPLOY, "app-pass");
    let api = job.sandbox.service_url("keploy");
    let target = |number| {
        format!(
            "[targets.t{number}]\nprovider = \"keploy\"\napi_url = \"{api}\"\napp = \"app-none-{number}\"\nbase_url = \"{}\"\n",
            job.sandbox.system_url()
        )
    };
    let config: String = (0..TARGETS).map(target).collect();
    std::fs::write(job.folder.path().join("many.toml"), config)
        .expect("the folder can be written to");
    let ended = Command::new("sh")
        .args([
            "-c",
            "ulimit -n 128; exec \"$0\" run --config many.toml --jobs 8 --state state",
        ])
        .arg(proctor_test_support::program())
        .current_dir(job.folder.path())
        .env_clear()
        .env(job.place.variable, job.place.key)
        .output()
        .expect("a shell");
    let err = String::from_utf8_lossy(&ended.stderr);
    assert!(!err.contains("open files"), "{err}");
    // There are no such apps: every target was looked for.
    assert_eq!(ended.status.code(), Some(2), "{err}");
    assert!(job.sandbox.count("GET", "/apps/**") >= TARGETS, "{err}");
    let left = std::fs::read_dir(job.folder.path().join(STATE)).expect("a directory");
    assert_eq!(left.count(), 0);
}

#[test]
fn a_signal_stops_what_waits_for_its_turn() {
    let job = Job::new(&place::KEPLOY, "app-endless");
    let target = |name: &str| {
        job.life_without_state()
            .arguments(&["--no-wait", "--handle", name])
            .end()
            .expect(0);
        let text = proctor_test_support::read(&job.folder.path().join(name));
        serde_json::from_str::<serde_json::Value>(&text).expect("JSON")
    };
    let (mut both, second) = (target("one.json"), target("other.json"));
    let runs = both["runs"].as_array_mut().expect("a list");
    runs.push(second["runs"][0].clone());
    runs[1]["target"]["name"] = "second".into();
    std::fs::write(job.folder.path().join("both.json"), both.to_string()).expect("a file");
    let mut waiting = Proctor::new(&["wait", "both.json", "--jobs", "1"])
        .within(job.folder.path())
        .variable(job.place.variable, job.place.key);
    let child = waiting.spawn();
    until("following", || job.sandbox.count("GET", "/jobs/*") > 0);
    let sent = Command::new("kill")
        .args(["-TERM", &child.id().to_string()])
        .status();
    assert!(sent.is_ok_and(|status| status.success()));
    Outcome::from_child(waiting, child)
        .expect(143)
        .says("before the run was followed; the run was stopped");
    assert_eq!(job.sandbox.count("POST", "/jobs/*/stop"), 2);
}
