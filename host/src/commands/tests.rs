//! The whole host in one process, with a component that does what a test tells it.

use std::{
    collections::HashMap,
    io::{self, Write},
    path::Path,
    sync::{Arc, Mutex},
};

use serde_json::Value as Json;

use super::{Invocation, main_with};
use crate::{
    bindings::{
        exports::proctor::ci::{
            reports::{
                Assessment, Circumstances, Conclusion, Expected, Policy, Remarks, ReportKind,
                Results, Unreadable,
            },
            reruns::{Outcome, Part},
            sink::Publication,
        },
        proctor::ci::types::{
            Baseline, Code, Event, Handle, Item, Mistake, Problem, Provider, Report, Stage,
            Started, State, Target, TestCase, Trigger, Verdict,
        },
    },
    component::{Component, Later, Read, Rerun, Work, unpublished, without_run},
    console::Streams,
    engine::Source,
    environment::Environment,
    failure::Failure,
    fixtures::{catalogue, test_case},
    signals::{Signal, Signals},
};

const KEY: &str = "pre_secret/0123456789";
const HOSTILE: &str = "bad\n::error::forged ##[group] \u{1b}[2J";

/// Does what the target's name says.
#[derive(Default)]
struct Scripted {
    calls: Mutex<Vec<String>>,
}

fn handle(target: &Target) -> Handle {
    Handle {
        provider: target.provider.clone(),
        triggers: vec![Trigger {
            subject: "subject".to_owned(),
            title: "Subject".to_owned(),
            stage: Stage::Accepted,
            idempotency_key: None,
            job: Some(format!("job-{}", target.name)),
            runs: Vec::new(),
            at_ms: None,
            baseline: Baseline {
                jobs: None,
                runs: None,
                state: None,
            },
            last_state: None,
        }],
    }
}

fn problem(code: Code) -> Problem {
    Problem {
        code,
        ..Failure::usage(format!("{HOSTILE} {KEY}"), "do it").into_problem()
    }
}

fn test(name: &str, verdict: Verdict) -> TestCase {
    TestCase {
        suite: "suite".to_owned(),
        message: Some(HOSTILE.to_owned()),
        ..test_case(name, verdict)
    }
}

impl Scripted {
    async fn end(&self, call: &str, work: Work) -> Report {
        let target = work.target.clone();
        self.calls
            .lock()
            .unwrap()
            .push(format!("{call} {}", target.name));
        let events = &work.events;
        events(Event::Triggered(handle(&target)));
        let word = format!("RUNNING {HOSTILE} {KEY}");
        events(Event::StateChanged(State {
            word,
            done: Some(1),
            total: Some(2),
        }));
        let report = without_run(target.clone(), problem(Code::Failed));
        match target.name.as_str() {
            "passes" => Report {
                verdict: Verdict::Passed,
                problem: None,
                tests: vec![test("good", Verdict::Passed)],
                ..report
            },
            "fails" => {
                events(Event::TestFinished(test("bad", Verdict::Failed)));
                Report {
                    verdict: Verdict::Failed,
                    tests: vec![test("bad", Verdict::Failed)],
                    ..report
                }
            }
            "fails-then" => {
                // As a run that ends by itself while the word to stop is on its way.
                work.stop.wait().await;
                Report {
                    verdict: Verdict::Failed,
                    tests: vec![test("bad", Verdict::Failed)],
                    ..report
                }
            }
            "slow" => Report {
                verdict: Verdict::TimedOut,
                problem: Some(problem(Code::TimedOut)),
                handle: Some(handle(&target)),
                ..report
            },
            "breaks" => Report {
                verdict: Verdict::Errored,
                problem: Some(problem(Code::Internal)),
                ..report
            },
            "panics" => panic!("a defect"),
            "stops" => {
                let told = work.stop.wait().await;
                let reason = Some(format!("stopped by {}", told.reason));
                Report {
                    verdict: Verdict::Cancelled,
                    reason,
                    problem: Some(problem(Code::Interrupted)),
                    ..report
                }
            }
            _ => std::future::pending().await,
        }
    }
}

impl Component for Scripted {
    fn providers(&self) -> Later<'_, Result<Vec<Provider>, Problem>> {
        Box::pin(async { Ok(catalogue().providers) })
    }
    fn report_kinds(&self) -> Later<'_, Result<Vec<ReportKind>, Problem>> {
        Box::pin(async { Ok(catalogue().kinds) })
    }
    fn run(&self, work: Work) -> Later<'_, Report> {
        Box::pin(self.end("run", work))
    }
    fn watch(&self, work: Work, _: Handle) -> Later<'_, Report> {
        Box::pin(self.end("watch", work))
    }
    fn can_rerun<'a>(&'a self, _: &'a Target) -> Later<'a, Rerun<()>> {
        Box::pin(async { Ok(Ok(())) })
    }
    fn narrow<'a>(
        &'a self,
        _: &'a Target,
        _: &'a Outcome,
        _: &'a [u32],
    ) -> Later<'a, Rerun<Option<Part>>> {
        let part = Part {
            settings: Vec::new(),
            names: vec!["suite".to_owned()],
            failed: 1,
            tests: 1,
        };
        Box::pin(async { Ok(Ok(Some(part))) })
    }
    fn start(&self, work: Work) -> Later<'_, Started> {
        Box::pin(async move {
            Started {
                handle: Some(handle(&work.target)),
                problem: None,
            }
        })
    }
    fn validate<'a>(&'a self, _: &'a Target) -> Later<'a, Result<Vec<Mistake>, Problem>> {
        Box::pin(async { Ok(Vec::new()) })
    }
    fn publish(&self, _: Work, _: Box<dyn Source>, _: Option<u64>) -> Later<'_, Publication> {
        Box::pin(async { unpublished(problem(Code::Unavailable)) })
    }
    fn cancel(&self, work: Work, _: Handle) -> Later<'_, Result<(), Problem>> {
        self.calls
            .lock()
            .unwrap()
            .push(format!("cancel {}", work.target.name));
        Box::pin(async { Ok(()) })
    }
    fn discover(&self, _: Work) -> Later<'_, Result<Vec<Item>, Problem>> {
        let item = Item {
            kind: "app".to_owned(),
            id: "::set-output".to_owned(),
            name: HOSTILE.to_owned(),
            parent: None,
            note: None,
        };
        Box::pin(async { Ok(vec![item]) })
    }
    fn check(&self, _: Work) -> Later<'_, Result<Vec<String>, Problem>> {
        Box::pin(async { Err(problem(Code::Authentication)) })
    }
    fn plugin<'a>(
        &'a self,
        _: &'a std::path::Path,
        shown: &'a str,
    ) -> Later<'a, Result<Arc<dyn Component>, Failure>> {
        let failure = Failure::usage(format!("the plugin `{shown}` cannot be read"), "correct it");
        Box::pin(async { Err(failure) })
    }
    fn assess<'a>(
        &'a self,
        _: &'a [Report],
        remarks: &'a Remarks,
        _: &'a Circumstances,
    ) -> Later<'a, Result<Assessment, Problem>> {
        Box::pin(async move {
            Ok(Assessment {
                remarks: remarks.clone(),
                warnings: Vec::new(),
                notes: Vec::new(),
            })
        })
    }
    fn conclude<'a>(
        &'a self,
        reports: &'a [Report],
        _: &'a Remarks,
        policy: &'a Policy,
    ) -> Later<'a, Result<Conclusion, Problem>> {
        let codes = reports
            .iter()
            .map(|report| match (&report.problem, policy.signal) {
                (None, _) => 0,
                (Some(problem), Some(signal)) if problem.code == Code::Interrupted => 128 + signal,
                (Some(problem), _) => crate::failure::exit_code(problem.code),
            });
        let exit_codes: Vec<u8> = codes.collect();
        let exit_code = exit_codes.iter().copied().max().unwrap_or(9);
        let verdict = if exit_code == 0 {
            Verdict::Passed
        } else {
            Verdict::Failed
        };
        Box::pin(async move {
            Ok(Conclusion {
                verdict,
                exit_code,
                exit_codes,
            })
        })
    }
    fn render<'a>(
        &'a self,
        kind: &'a str,
        results: &'a Results,
    ) -> Later<'a, Result<String, Problem>> {
        let names: Vec<&str> = results
            .targets
            .iter()
            .map(|report| report.target.as_str())
            .collect();
        let text = match kind {
            "github-annotations" => format!("::error::{}\n", names.join(",")),
            "github-outputs" => "verdict<<d\nfailed\nd\n".to_owned(),
            kind => format!("{kind} of {} with {KEY}\n", names.join(",")),
        };
        Box::pin(async move { Ok(text) })
    }
    fn summary<'a>(&'a self, results: &'a Results, _: u64) -> Later<'a, Result<String, Problem>> {
        self.render("markdown", results)
    }
    fn read(&self, _: Vec<String>, _: Vec<Expected>) -> Later<'_, Read> {
        let message = "it is empty".to_owned();
        Box::pin(async { Ok(Err(Unreadable { file: 0, message })) })
    }
}

#[derive(Clone, Default)]
struct Sink(Arc<Mutex<Vec<u8>>>);

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

struct Ran {
    code: u8,
    out: String,
    err: String,
    calls: Vec<String>,
}

/// Runs a command line in a directory; the key is set unless the variables say otherwise. A signal comes while the targets
/// are under way.
fn run_with(
    directory: &Path,
    arguments: &[&str],
    variables: &[(&str, &str)],
    signal: Option<Signal>,
) -> Ran {
    run_while(directory, arguments, variables, signal, || ())
}

/// The same, with something that happens before the signal comes.
fn run_while(
    directory: &Path,
    arguments: &[&str],
    variables: &[(&str, &str)],
    signal: Option<Signal>,
    meanwhile: impl FnOnce() + Send + 'static,
) -> Ran {
    let out = Sink::default();
    let ran = run_into(
        Box::new(out.clone()),
        directory,
        arguments,
        variables,
        signal,
        meanwhile,
    );
    let out = String::from_utf8(out.0.lock().unwrap().clone()).unwrap();
    Ran { out, ..ran }
}

/// The same, with another standard output.
fn run_into(
    out: Box<dyn Write + Send>,
    directory: &Path,
    arguments: &[&str],
    variables: &[(&str, &str)],
    signal: Option<Signal>,
    meanwhile: impl FnOnce() + Send + 'static,
) -> Ran {
    let err = Sink::default();
    let mut environment: HashMap<&str, &str> = HashMap::from([("BROWSE_KEY", KEY)]);
    environment.extend(variables.iter().copied());
    let (sender, signals) = Signals::scripted();
    let component = Arc::new(Scripted::default());
    let given: Arc<dyn Component> = component.clone();
    if let Some(signal) = signal {
        let component = Arc::clone(&component);
        std::thread::spawn(move || {
            // Once a target is under way, however long that takes.
            while component.calls.lock().unwrap().is_empty() {
                std::thread::sleep(std::time::Duration::from_millis(5));
            }
            meanwhile();
            sender.send_replace(Some(signal));
        });
    }
    let invocation = Invocation {
        arguments: std::iter::once("proctor")
            .chain(arguments.iter().copied())
            .map(Into::into)
            .collect(),
        environment: environment.into_iter().collect::<Environment>(),
        directory: directory.to_owned(),
        streams: Streams {
            out,
            err: Box::new(err.clone()),
            out_is_terminal: false,
            err_is_terminal: false,
        },
        signals: Some(signals),
    };
    let code = main_with(invocation, move || Ok(given));
    let err = String::from_utf8(err.0.lock().unwrap().clone()).unwrap();
    let calls = component.calls.lock().unwrap().clone();
    Ran {
        code,
        out: String::new(),
        err,
        calls,
    }
}

fn run(directory: &Path, arguments: &[&str]) -> Ran {
    run_with(directory, arguments, &[], None)
}

/// A directory with a configuration of these targets.
fn project(targets: &[&str]) -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    let text: String = targets
        .iter()
        .map(|name| format!("[targets.{name}]\nprovider = \"browse\"\nflow = \"f\"\n\n"))
        .collect();
    std::fs::write(directory.path().join("proctor.toml"), text).unwrap();
    directory
}

/// Nothing that a service said may be a command, an escape sequence, or the key.
fn assert_harmless(text: &str) {
    assert!(
        !text.contains(KEY) && !text.contains('\u{1b}') && !text.contains("##["),
        "{text}"
    );
    assert!(
        !text
            .lines()
            .any(|line| line.trim_start().starts_with("::error::forged")),
        "{text}"
    );
}

#[test]
fn several_targets_are_run_and_the_most_serious_counts() {
    let project = project(&["passes", "fails", "breaks"]);
    let ran = run(
        project.path(),
        &["run", "--report", "junit=out/x.xml", "--ci", "none"],
    );
    assert_eq!(ran.code, 70, "{}", ran.err);
    assert_eq!(ran.calls.len(), 3);
    assert!(
        ran.out.contains("text of passes,fails,breaks with ***"),
        "{}",
        ran.out
    );
    assert!(ran.err.contains("fails: failed suite / bad"), "{}", ran.err);
    assert_harmless(&ran.out);
    assert_harmless(&ran.err);
    let written = std::fs::read_to_string(project.path().join("out/x.xml")).unwrap();
    assert_eq!(written, "junit of passes,fails,breaks with ***\n");
    // The run of a component that failed after its trigger can be picked up.
    let handles = std::fs::read_to_string(project.path().join("proctor-handle.json")).unwrap();
    assert!(
        handles.contains("job-breaks") && !handles.contains("job-fails"),
        "{handles}"
    );
}

#[test]
fn a_defect_in_one_target_does_not_take_the_others_along() {
    let project = project(&["panics", "passes"]);
    let ran = run(project.path(), &["run"]);
    assert_eq!(ran.code, 70, "{}", ran.err);
    assert!(ran.out.contains("text of panics,passes"), "{}", ran.out);
}

#[test]
fn nothing_is_triggered_when_something_is_wrong() {
    let project = project(&["passes"]);
    std::fs::write(project.path().join("file"), "").unwrap();
    /// Arguments, variables, and a part of what is said.
    type Case<'a> = (&'a [&'a str], &'a [(&'a str, &'a str)], &'a str);
    let cases: [Case; 10] = [
        (&["run", "pases"], &[], "did you mean `passes`?"),
        (&["run", "--report", "jnuit"], &[], "did you mean `junit`?"),
        (
            &["run", "--report", "junit=file/x"],
            &[],
            "no report can be written to file/x",
        ),
        (
            &["run", "--handle", "file/x"],
            &[],
            "no handle can be written to file/x",
        ),
        (
            &["run", "--timeout", "soon"],
            &[],
            "--timeout: `soon` is not a duration",
        ),
        (
            &["run", "--config", "missing.toml"],
            &[],
            "missing.toml cannot be read",
        ),
        (
            &["run"],
            &[("BROWSE_KEY", "")],
            "set BROWSE_KEY or BROWSE_KEY_FILE (BROWSE_KEY is set but empty)",
        ),
        (
            &["run"],
            &[("BROWSE_KEY", "two words")],
            "the key from BROWSE_KEY contains blanks",
        ),
        (
            &["run"],
            &[("BROWSE_KEY", ""), ("BROWSE_KEY_FILE", "none")],
            "the file that BROWSE_KEY_FILE names",
        ),
        (
            &["run", "--frobnicate"],
            &[],
            "unexpected argument '--frobnicate'",
        ),
    ];
    for (arguments, variables, message) in cases {
        let ran = run_with(project.path(), arguments, variables, None);
        assert_eq!(
            (ran.code, ran.calls.as_slice()),
            (2, [].as_slice()),
            "{arguments:?}: {}",
            ran.err
        );
        assert!(ran.err.contains(message), "{arguments:?}: {}", ran.err);
        assert_eq!(ran.out, "", "{arguments:?}");
        assert!(!ran.err.contains("two words"), "{}", ran.err);
    }
}

#[test]
fn a_key_of_another_form_is_doubted_without_being_shown() {
    let project = project(&["passes"]);
    let ran = run_with(
        project.path(),
        &["run"],
        &[("BROWSE_KEY", "other_0123456789")],
        None,
    );
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(
        ran.err
            .contains("warning: the key from BROWSE_KEY does not begin with `pre_`"),
        "{}",
        ran.err
    );
    assert!(!ran.err.contains("other_"), "{}", ran.err);
}

#[test]
fn a_dead_system_is_found_before_the_trigger() {
    let project = project(&[]);
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let base_url = format!("base_url=http://{port}");
    let arguments = [
        "run",
        "--provider",
        "exam",
        "--set",
        "app=a",
        "--set",
        &base_url,
    ];
    let ran = run_with(project.path(), &arguments, &[("EXAM_KEY", KEY)], None);
    assert_eq!((ran.code, ran.calls.len()), (2, 0), "{}", ran.err);
    assert!(
        ran.err.contains("the system under test is down") && ran.err.contains("refuses"),
        "{}",
        ran.err
    );
}

#[test]
fn ndjson_is_one_object_a_line_to_the_end() {
    let project = project(&["fails"]);
    let ran = run(project.path(), &["run", "--output", "ndjson"]);
    let lines: Vec<Json> = ran
        .out
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let kinds: Vec<&str> = lines
        .iter()
        .map(|line| line["type"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["triggered", "state", "test", "ended", "result"]);
    let last = lines.last().unwrap();
    assert_eq!((ran.code, last["exit_code"].as_u64()), (1, Some(1)));
    assert_eq!(last["targets"][0]["error"]["code"], "failed");
    assert_eq!(lines[1]["state"], format!("RUNNING {HOSTILE} ***"));
    assert_harmless(&ran.out);
    let ran = run(project.path(), &["run", "nothing", "--output=ndjson"]);
    let line: Json = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(
        (ran.code, &line["error"]["code"]),
        (2, &Json::from("usage"))
    );
}

#[test]
fn github_gets_masks_first_then_annotations_summary_and_outputs() {
    let project = project(&["fails"]);
    let variables = [
        ("GITHUB_ACTIONS", "true"),
        ("GITHUB_STEP_SUMMARY", "summary"),
        ("GITHUB_OUTPUT", "output"),
    ];
    let ran = run_with(project.path(), &["run"], &variables, None);
    assert_eq!(ran.code, 1, "{}", ran.err);
    assert!(ran.out.starts_with("::add-mask::"), "{}", ran.out);
    assert!(ran.out.ends_with("::error::fails\n"), "{}", ran.out);
    assert!(
        ran.err.starts_with("::group::") && ran.err.contains("::endgroup::"),
        "{}",
        ran.err
    );
    let read = |name: &str| std::fs::read_to_string(project.path().join(name)).unwrap();
    assert_eq!(read("summary"), "markdown of fails with ***\n");
    assert!(
        read("output").contains("\njunit.xml\n") && read("output").contains("\nresults.json\n")
    );
    assert_eq!(read("junit.xml"), "junit of fails with ***\n");
    assert_eq!(read("results.json"), "json of fails with ***\n");
}

#[test]
fn a_run_that_is_not_waited_for_is_picked_up_and_dropped_when_it_ends() {
    let project = project(&["passes", "slow"]);
    let ran = run(project.path(), &["run", "--no-wait"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(
        ran.out.contains("passes (browse): started: job-passes"),
        "{}",
        ran.out
    );
    let handles = || std::fs::read_to_string(project.path().join("proctor-handle.json"));
    assert!(!handles().unwrap().contains(KEY));
    let ran = run(project.path(), &["wait", "proctor-handle.json"]);
    assert_eq!((ran.code, ran.calls.len()), (4, 2), "{}", ran.err);
    assert!(!handles().unwrap().contains("job-passes") && handles().unwrap().contains("job-slow"));
    let ran = run(project.path(), &["cancel", "proctor-handle.json"]);
    assert_eq!(
        (ran.code, ran.calls),
        (0, vec!["cancel slow".to_owned()]),
        "{}",
        ran.err
    );
    assert!(handles().is_err());
}

#[test]
fn a_signal_stops_the_runs_and_is_reported() {
    let project = project(&["stops"]);
    let ran = run_with(
        project.path(),
        &["run", "--report", "junit"],
        &[],
        Some(Signal::Terminate),
    );
    assert_eq!(ran.code, 143, "{}", ran.err);
    assert!(project.path().join("junit.xml").exists());
}

#[test]
fn a_signal_before_what_failed_is_run_again_is_what_ends_it() {
    let project = project(&["fails-then"]);
    let arguments = ["run", "--retry-failed", "1", "--report", "json"];
    let ran = run_with(project.path(), &arguments, &[], Some(Signal::Terminate));
    assert_eq!(ran.code, 143, "{}", ran.err);
    assert!(ran.err.contains("fails-then: cancelled"), "{}", ran.err);
    assert_eq!(ran.calls, ["run fails-then"]);
}

#[test]
fn a_component_that_does_not_stop_is_left_within_the_limit() {
    let project = project(&["hangs"]);
    let began = std::time::Instant::now();
    let ran = run_with(
        project.path(),
        &["run", "--report", "junit"],
        &[],
        Some(Signal::Interrupt),
    );
    // It would go on for ever; the promise is 5 s, and other tests are run beside this one.
    assert!(began.elapsed() < std::time::Duration::from_secs(20));
    assert_eq!(ran.code, 130, "{}", ran.err);
    assert!(project.path().join("junit.xml").exists());
    let handles = std::fs::read_to_string(project.path().join("proctor-handle.json")).unwrap();
    assert!(handles.contains("job-hangs"), "{handles}");
}

#[test]
fn detaching_leaves_the_run_with_its_handle() {
    let project = project(&["hangs"]);
    let arguments = ["run", "--on-interrupt", "detach"];
    let ran = run_with(project.path(), &arguments, &[], Some(Signal::Hangup));
    assert_eq!(ran.code, 129, "{}", ran.err);
    assert!(
        ran.err
            .contains("follow with `proctor wait proctor-handle.json`"),
        "{}",
        ran.err
    );
}

#[test]
fn lists_and_checks_are_harmless_too() {
    let project = project(&["passes"]);
    let ran = run(project.path(), &["list", "--provider", "browse"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_harmless(&ran.out);
    let ran = run(project.path(), &["check"]);
    assert_eq!(ran.code, 5, "{}", ran.err);
    assert_harmless(&ran.out);
}

#[test]
fn the_help_is_reviewed() {
    let directory = tempfile::tempdir().unwrap();
    insta::assert_snapshot!("help", run(directory.path(), &["--help"]).out);
    insta::assert_snapshot!("help_of_run", run(directory.path(), &["run", "--help"]).out);
    let completions = run(directory.path(), &["completions", "bash"]);
    assert!(completions.out.contains("_proctor"), "{}", completions.out);
    let schema: Json =
        serde_json::from_str(&run(directory.path(), &["schema", "results"]).out).unwrap();
    assert!(schema["properties"]["targets"].is_object());
}

#[test]
fn runs_that_are_not_reported_are_not_overwritten() {
    let project = project(&["passes", "slow"]);
    let handle = project.path().join("proctor-handle.json");
    assert_eq!(run(project.path(), &["run", "passes", "--no-wait"]).code, 0);
    let before = std::fs::read_to_string(&handle).unwrap();
    let asked_for = ["run", "slow", "--handle", "proctor-handle.json"];
    for arguments in [&["run", "slow", "--no-wait"][..], &asked_for] {
        let ran = run(project.path(), arguments);
        assert_eq!((ran.code, ran.calls.len()), (2, 0), "{}", ran.err);
        assert!(
            ran.err.contains("`proctor wait proctor-handle.json`"),
            "{}",
            ran.err
        );
    }
    // A file that nobody asked for is left alone, and another name is taken.
    let ran = run(project.path(), &["run", "slow"]);
    assert_eq!(ran.code, 4, "{}", ran.err);
    assert!(project.path().join("proctor-handle-2.json").exists());
    assert_eq!(std::fs::read_to_string(&handle).unwrap(), before);
    let ran = run(project.path(), &["run", "slow", "--handle", "other.json"]);
    assert_eq!(ran.code, 4, "{}", ran.err);
    let refused: [&[&str]; 3] = [
        &["run", "passes", "--handle", "proctor.toml"],
        &["run", "passes", "--handle", "x", "--report", "junit=./x"],
        &["wait", "other.json", "--report", "junit=other.json"],
    ];
    for arguments in refused {
        let ran = run(project.path(), arguments);
        assert_eq!(
            (ran.code, ran.calls.len()),
            (2, 0),
            "{arguments:?}: {}",
            ran.err
        );
    }
}

/// Two jobs in one directory choose the same name, as nothing is there yet; the one that ends first writes it.
#[test]
fn runs_that_another_job_has_written_meanwhile_are_not_overwritten() {
    let other = project(&["slow"]);
    assert_eq!(run(other.path(), &["run", "--no-wait"]).code, 0);
    let theirs = std::fs::read(other.path().join("proctor-handle.json")).unwrap();
    for name in ["proctor-handle.json", "sub/h.json"] {
        let project = project(&["hangs"]);
        let path = project.path().join(name);
        let (to, text) = (path.clone(), theirs.clone());
        let written = move || std::fs::write(to, text).unwrap();
        let arguments = ["run", "--on-interrupt", "detach", "--handle", name];
        // The usual name is not asked for.
        let count = if name.starts_with("sub") { 5 } else { 3 };
        let signal = Some(Signal::Interrupt);
        let ran = run_while(project.path(), &arguments[..count], &[], signal, written);
        assert_eq!(ran.code, 130, "{}", ran.err);
        assert_eq!(std::fs::read(&path).unwrap(), theirs);
        let numbered = name.replace(".json", "-2.json");
        let ours = std::fs::read_to_string(project.path().join(&numbered)).unwrap();
        assert!(ours.contains("job-hangs"), "{ours}");
        let follow = format!("follow with `proctor wait {numbered}`");
        assert!(ran.err.contains(&follow), "{}", ran.err);
    }
}

/// A standard output that takes nothing.
struct Closed(io::ErrorKind);

impl Write for Closed {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(self.0.into())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn what_cannot_be_printed_is_no_success() {
    let project = project(&["passes", "stops"]);
    let ended = |kind: io::ErrorKind, arguments: &[&str], signal| {
        let out = Box::new(Closed(kind));
        run_into(out, project.path(), arguments, &[], signal, || ())
    };
    let printed: [&[&str]; 6] = [
        &["run", "passes", "--report", "json=-"],
        &["run", "passes", "--output", "ndjson"],
        &["run", "passes"],
        &["list", "--provider", "browse"],
        &["schema", "config"],
        &["--help"],
    ];
    for arguments in printed {
        let ran = ended(io::ErrorKind::StorageFull, arguments, None);
        assert_eq!(ran.code, 70, "{arguments:?}: {}", ran.err);
        let told = "but not all of it could be written";
        assert_eq!(
            ran.err.matches(told).count(),
            1,
            "{arguments:?}: {}",
            ran.err
        );
        // Whoever reads a pipe may have enough of it.
        let ran = ended(io::ErrorKind::BrokenPipe, arguments, None);
        assert!(
            ran.code == 0 && !ran.err.contains(told),
            "{arguments:?}: {}",
            ran.err
        );
    }
    let signal = Some(Signal::Terminate);
    let ran = ended(io::ErrorKind::StorageFull, &["run", "stops"], signal);
    assert_eq!(ran.code, 143, "{}", ran.err);
    assert!(
        ran.err.contains("written to standard output"),
        "{}",
        ran.err
    );
}

#[test]
fn only_reports_are_told_to_go_to_standard_output() {
    let project = project(&["passes"]);
    let told = |arguments: &[&str]| {
        let ran = run(project.path(), arguments);
        assert_eq!((ran.code, ran.calls.len()), (2, 0), "{}", ran.err);
        assert!(ran.err.contains("it is no ordinary file"), "{}", ran.err);
        ran.err.contains("standard output is written as `-`")
    };
    assert!(told(&["run", "--report", "junit=/dev/null"]));
    assert!(!told(&["run", "--handle", "/dev/null"]));
    assert!(!told(&["run", "--trace", "/dev/null"]));
}

#[test]
fn a_handle_that_cannot_be_written_takes_no_report_along() {
    let project = project(&["hangs"]);
    let handle = project.path().join("proctor-handle.json");
    let arguments = ["run", "--on-interrupt", "detach", "--report", "junit"];
    let usurped = move || std::fs::create_dir(handle).unwrap();
    let signal = Some(Signal::Interrupt);
    let ran = run_while(project.path(), &arguments, &[], signal, usurped);
    assert_eq!(ran.code, 130, "{}", ran.err);
    assert!(project.path().join("junit.xml").exists());
    assert!(
        ran.err.contains("the handle cannot be written") && ran.err.contains("hangs: job-hangs"),
        "{}",
        ran.err
    );
}

#[test]
fn every_command_keeps_to_ndjson() {
    let project = project(&["passes"]);
    let lines = |arguments: &[&str]| -> (u8, Vec<Json>) {
        let ran = run_with(
            project.path(),
            arguments,
            &[("PROCTOR_OUTPUT", "ndjson")],
            None,
        );
        let line = |line: &str| serde_json::from_str(line).expect(line);
        (ran.code, ran.out.lines().map(line).collect())
    };
    let (code, checked) = lines(&["check"]);
    assert_eq!((code, checked.len()), (5, 2), "{checked:?}");
    assert_eq!(checked[0]["type"], "checked");
    assert_eq!(checked[0]["error"]["code"], "authentication");
    assert_eq!(
        (&checked[1]["type"], &checked[1]["exit_code"]),
        (&"result".into(), &5.into())
    );

    let (code, started) = lines(&["run", "--no-wait"]);
    let last = started.last().unwrap();
    assert_eq!(
        (code, &last["type"], &last["exit_code"]),
        (0, &"result".into(), &0.into())
    );
    assert_eq!(last["targets"][0]["runs"][0]["job"], "job-passes");
    assert!(started.iter().any(|line| line["type"] == "started"));

    let (code, stopped) = lines(&["cancel", "proctor-handle.json"]);
    assert_eq!((code, stopped.len()), (0, 2), "{stopped:?}");
    assert_eq!(
        (&stopped[0]["type"], &stopped[0]["stopped"]),
        (&"stopped".into(), &true.into())
    );
    assert_eq!(stopped[1]["type"], "result");
}

#[test]
fn only_rendered_diagnostics_keep_their_colours() {
    use crate::{
        bindings::proctor::ci::types::Location,
        config::options::Output,
        console::{Console, Level},
    };
    let told = |failure: &Failure| {
        let err = Sink::default();
        let streams = Streams {
            out: Box::new(Sink::default()),
            err: Box::new(err.clone()),
            out_is_terminal: true,
            err_is_terminal: true,
        };
        let environment = HashMap::<&str, &str>::new().into_iter().collect();
        Console::new(streams, &environment, false, Level::Normal, Output::Human)
            .failure(failure, 2);
        String::from_utf8(err.0.lock().unwrap().clone()).unwrap()
    };
    let plain = told(&Failure::usage("m", "n").details("job: a\u{1b}[2J\n##[error]b"));
    assert!(
        plain.contains("\u{1b}[") && plain.contains("job: a\n"),
        "{plain:?}"
    );
    assert!(
        !plain.contains("[2J") && !plain.contains("##["),
        "{plain:?}"
    );
    let location = Location {
        file: "f".to_owned(),
        line: 1,
    };
    let rendered = told(&Failure::usage("m", "n").rendered("\u{1b}[35mred".to_owned(), location));
    assert!(rendered.contains("\u{1b}[35mred"), "{rendered:?}");
}
