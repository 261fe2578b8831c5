//! Real runs at a hostile service, on GitHub and on GitLab: every report, the log and the files of the step.

use proctor_sandbox::{FaultKind, Sandbox};
use proctor_test_support::{KEY, Outcome, Proctor, fault, sandbox};

use crate::judges::{Wanted, judge};
use crate::rendered::kinds;
use crate::runner::{Command, SUMMARY_LIMIT, commands, pairs};
use crate::texts::{self, HALF, Hostile};

/// A text as TOML has it, every character that could be anything else by its number.
fn toml(text: &str) -> String {
    let escaped: String = text
        .chars()
        .map(|c| match c {
            // The sandbox sends these as halves.
            HALF => "\\ufffd".to_owned(),
            c if c.is_ascii_alphanumeric() || c == ' ' => c.to_string(),
            c => format!("\\U{:08x}", u32::from(c)),
        })
        .collect();
    format!("\"{escaped}\"")
}

fn hostile() -> Vec<Hostile> {
    texts::all().into_iter().chain([texts::long()]).collect()
}

/// The name of the test with a text.
fn name(text: &Hostile) -> (&str, &str) {
    match text.raw.len() > 10_000 {
        true => ("a megabyte", "a megabyte"),
        false => (&text.raw, text.clean),
    }
}

/// A service that reports a failed test for each text, and one that passed.
fn service() -> Sandbox {
    let mut scenario = "[[keploy.apps]]\nid = \"hostile\"\n".to_owned();
    for (at, text) in hostile().iter().enumerate() {
        scenario.push_str(&format!(
            "[[keploy.apps.suites]]\nid = \"suite-{at}\"\noutcome = \"fail\"\nduration_ms = 1\nsteps = [{}]\nmessage = {}\n",
            toml(name(text).0),
            toml(&text.raw)
        ));
    }
    scenario.push_str("[[keploy.apps.suites]]\nid = \"good\"\noutcome = \"pass\"\nduration_ms = 1\nsteps = [\"fine\"]\n");
    let sandbox = sandbox(&scenario);
    let mut halves = fault("GET", "/apps/*/test-runs/**", FaultKind::HalfCharacters);
    halves.times = 0;
    sandbox.add_fault(halves);
    sandbox
}

fn wanted() -> Wanted {
    let failed: Vec<(String, String)> = hostile()
        .iter()
        .map(|text| (name(text).1.to_owned(), format!("custom: {}", text.clean)))
        .collect();
    Wanted {
        tests: failed.len() + 1,
        failed,
        troubles: 0,
        targets: 1,
        exit_code: 1,
    }
}

/// A run with a report of every kind, each of which is judged.
fn judged(proctor: Proctor) -> Outcome {
    let kinds = kinds();
    let reports: Vec<String> = kinds
        .iter()
        .flat_map(|kind| ["--report".to_owned(), format!("{kind}=report-{kind}")])
        .collect();
    let reports: Vec<&str> = reports.iter().map(String::as_str).collect();
    let outcome = proctor.arguments(&reports).end().expect(1);
    for kind in kinds {
        judge(&kind, &outcome.read(&format!("report-{kind}")), &wanted());
    }
    outcome
}

#[test]
fn a_hostile_service_forges_nothing_on_github() {
    let sandbox = service();
    let proctor = Proctor::run(&sandbox, "hostile");
    let (summary, output) = (proctor.path("summary"), proctor.path("output"));
    let proctor = proctor
        .file("summary", "before, without an end")
        .file("output", "before=1\n")
        .variable("GITHUB_ACTIONS", "true")
        .variable("GITHUB_STEP_SUMMARY", summary)
        .variable("GITHUB_OUTPUT", output);
    let outcome = judged(proctor);
    log(&outcome);
    let summary = outcome.read("summary");
    let summary = summary
        .strip_prefix("before, without an end\n")
        .expect("what was there");
    assert_eq!(summary, outcome.read("report-markdown"));
    let outputs = pairs(&outcome.read("output"));
    let names: Vec<&str> = outputs.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        [
            "before",
            "verdict",
            "exit-code",
            "passed",
            "failed",
            "errored",
            "skipped",
            "run-url",
            "flaky",
            "new",
            "quarantined",
            "junit",
            "results",
            "html"
        ]
    );
    assert_eq!(outputs[1].1, "failed");
}

/// The commands in a log are those that we mean: masks of the key, one group, the annotations.
fn log(outcome: &Outcome) {
    let told = |text: &str, names: &[&str]| -> Vec<Command> {
        let all = commands(text).into_iter();
        all.filter(|command| names.contains(&command.name.as_str()))
            .collect()
    };
    let all = format!("{}\n{}", outcome.out, outcome.err);
    let meant = ["add-mask", "group", "endgroup", "error", "warning"];
    assert_eq!(told(&all, &meant).len(), commands(&all).len());
    for mask in told(&all, &["add-mask"]) {
        assert!(mask.data == KEY || mask.data.len() > KEY.len(), "{mask:?}");
    }
    assert_eq!(told(&all, &["group"]).len(), 1);
    assert_eq!(told(&all, &["endgroup"]).len(), 1);
    let annotations = ["error", "warning"];
    assert_eq!(
        told(&all, &annotations),
        commands(&outcome.read("report-github-annotations"))
    );
}

#[test]
fn a_hostile_service_forges_nothing_on_gitlab() {
    let sandbox = service();
    let outcome = judged(Proctor::run(&sandbox, "hostile").variable("GITLAB_CI", "true"));
    let all = format!("{}\n{}", outcome.out, outcome.err);
    for (mark, count) in [
        ("section_start:", 1),
        ("\u{1b}[0Ksection_end:", 1),
        ("\u{1b}", 4),
    ] {
        assert_eq!(all.matches(mark).count(), count, "{mark:?}");
    }
    assert_eq!(commands(&all), []);
    let control = all
        .chars()
        .find(|c| c.is_control() && !"\n\r\t\u{1b}".contains(*c));
    assert_eq!(control, None);
}

/// What other commands of a step have written takes room from the summary, but never tears it.
#[test]
fn a_summary_keeps_to_the_room_that_is_left() {
    let sandbox = sandbox("");
    for (left, told) in [(2_500, true), (300, false), (0, false)] {
        let before = "x".repeat(SUMMARY_LIMIT - left - 1) + "\n";
        let proctor = Proctor::run(&sandbox, "app-outcomes");
        let path = proctor.path("summary");
        let outcome = proctor
            .file("summary", &before)
            .variable("GITHUB_ACTIONS", "true")
            .variable("GITHUB_STEP_SUMMARY", path)
            .end()
            .expect(3);
        let summary = outcome.read("summary");
        assert!(summary.len() <= SUMMARY_LIMIT, "{}", summary.len());
        let ours = summary.strip_prefix(&before).expect("what was there");
        if told {
            assert!(
                ours.starts_with("## ") && ours.contains("_There was no room for all of it."),
                "{ours}"
            );
            assert!(
                ours.ends_with("The results file has everything._\n"),
                "{ours}"
            );
        } else {
            assert_eq!(ours, "");
            assert!(
                outcome.err.contains("summary file is full"),
                "{}",
                outcome.err
            );
        }
    }
}
