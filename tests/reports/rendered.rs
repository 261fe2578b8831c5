//! A hostile results file through every kind of report that `proctor render` offers.

use proctor_test_support::{Proctor, consumers};
use serde_json::Value;

use crate::judges::{Wanted, judge};
use crate::texts;

/// The kinds, as the program itself lists them.
pub fn kinds() -> Vec<String> {
    let told = Proctor::new(&["providers"]).end().expect(0).out;
    let (_, list) = told.split_once("\nReports (").expect("a list of reports");
    let names = list
        .lines()
        .skip(2)
        .filter_map(|line| line.split_whitespace().next());
    names.map(str::to_owned).collect()
}

fn rendered(kind: &str, results: &str) -> String {
    let outcome = Proctor::new(&["render", kind, "--from", "results.json"])
        .file("results.json", results)
        .end();
    assert!(!outcome.out.is_empty(), "{kind}: {}", outcome.err);
    outcome.out
}

fn wanted() -> Wanted {
    let texts = texts::all();
    let mut failed: Vec<(String, String)> = texts
        .iter()
        .map(|text| (text.clean.to_owned(), text.clean.to_owned()))
        .collect();
    failed.push(("a megabyte".to_owned(), texts::long().clean.to_owned()));
    Wanted {
        tests: failed.len() + 1,
        failed,
        troubles: 1,
        targets: 3,
        exit_code: 8,
    }
}

#[test]
fn hostile_results_go_through_every_kind() {
    let (results, wanted) = (texts::results(), wanted());
    let kinds = kinds();
    assert!(
        kinds.len() >= 10 && kinds.iter().any(|kind| kind == "junit"),
        "{kinds:?}"
    );
    for kind in kinds {
        judge(&kind, &rendered(&kind, &results), &wanted);
    }
}

#[test]
fn targets_with_hostile_names_go_through_every_kind() {
    let targets = texts::all().len();
    let wanted = Wanted {
        failed: Vec::new(),
        troubles: targets,
        targets,
        tests: 0,
        exit_code: 8,
    };
    let results = texts::results_of_targets();
    for kind in kinds() {
        judge(&kind, &rendered(&kind, &results), &wanted);
    }
}

#[test]
fn a_results_file_keeps_every_text_as_it_came() {
    let json = rendered("json", &texts::results());
    let document: Value = serde_json::from_str(&json).expect("JSON");
    for (at, text) in texts::all().into_iter().enumerate() {
        let test = &document["targets"][0]["tests"][at];
        let raw = text.raw.replace(texts::HALF, "\u{fffd}");
        for field in ["name", "message", "details", "expected", "actual"] {
            assert_eq!(test[field], raw, "{field}");
        }
    }
    // Read and written once more, it is the same.
    assert_eq!(rendered("json", &json), json);
}

#[test]
fn every_kind_has_a_path_of_its_own() {
    let results = texts::results();
    let told = Proctor::new(&["providers"]).end().expect(0).out;
    let mut paths = std::collections::BTreeSet::new();
    for kind in kinds() {
        let line = told
            .lines()
            .find(|line| line.split_whitespace().next() == Some(kind.as_str()));
        let (_, path) = line
            .expect("the kind")
            .rsplit_once("[default: ")
            .expect("a path");
        let path = path.trim_end_matches(']');
        assert!(path == "-" || paths.insert(path.to_owned()), "{path}");
    }
    for path in [
        "gl-code-quality-report.json",
        "gl-annotations.json",
        "proctor.env",
        "warnings-ng.json",
        "ctrf-report.json",
        "proctor.sarif",
    ] {
        assert!(paths.contains(path), "{paths:?}");
    }
    assert!(!rendered("dotenv", &results).is_empty());
}

/// What later jobs of a pipeline get, by the reader that runs GitLab's pipelines on one's own machine.
#[test]
fn variables_are_read_by_gitlab_ci_local() {
    let Some(mut program) = consumers::node_program("gitlab-ci-local") else {
        return;
    };
    let folder = tempfile::tempdir().expect("a folder");
    let pipeline = "tests:\n  script: [cp kept.env proctor.env]\n  artifacts: {reports: {dotenv: proctor.env}}\n\
        later:\n  stage: deploy\n  needs: [tests]\n  script: ['env | grep ^PROCTOR_ | sort > told.txt']\n  artifacts: {paths: [told.txt]}\n";
    let results =
        texts::results().replace("https://x.test/runs/1", "https://x.test/$(id)?a=`b`&c='d'");
    let variables = rendered("dotenv", &results);
    for (name, text) in [(".gitlab-ci.yml", pipeline), ("kept.env", &variables)] {
        std::fs::write(folder.path().join(name), text).expect("it can be written");
    }
    let git = |arguments: &[&str]| {
        let mut git = std::process::Command::new("git");
        let done = git
            .args(["-c", "user.name=x", "-c", "user.email=x@x.test"])
            .args(arguments)
            .current_dir(folder.path())
            .output()
            .expect("git is there");
        assert!(
            done.status.success(),
            "{}",
            String::from_utf8_lossy(&done.stderr)
        );
    };
    git(&["init", "--quiet", "--initial-branch=main"]);
    git(&[
        "remote",
        "add",
        "origin",
        "https://gitlab.test/group/project.git",
    ]);
    git(&["add", "."]);
    git(&["commit", "--quiet", "--message=all"]);
    let done = program
        .args(["--shell-executor-no-image", "--shell-isolation=false"])
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", folder.path())
        .current_dir(folder.path())
        .output()
        .expect("it starts");
    let told = String::from_utf8_lossy(&done.stdout) + String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{told}");
    let read =
        std::fs::read_to_string(folder.path().join("told.txt")).expect("the later job has run");
    let sorted = |text: &str| {
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        lines.sort();
        lines
    };
    assert_eq!(sorted(&read), sorted(&variables));
}
