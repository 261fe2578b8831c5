//! The workflow and the container image name what the scripts know.

use proctor_test_support::{consumers, read, root};
use serde_json::Value;

use super::tree::{Tree, asset, platforms};

#[test]
fn the_workflow_builds_and_tries_each_platform() {
    let workflow = read(&root().join(".github/workflows/release.yml"));
    for platform in platforms() {
        let times = workflow.matches(&format!("- target: {platform}\n")).count();
        assert_eq!(times, 2, "{platform} is built and tried");
    }
    let targets = workflow.matches("- target: ").count();
    assert_eq!(targets, 2 * platforms().count());
}

#[test]
fn the_workflow_calls_scripts_that_are_there() {
    let workflow = read(&root().join(".github/workflows/release.yml"));
    let called: Vec<&str> = workflow
        .split_whitespace()
        .map(|word| word.trim_start_matches("version=$("))
        .filter(|word| word.starts_with("release/") && word.ends_with(".sh"))
        .collect();
    assert!(called.len() > 5, "{called:?}");
    for script in called {
        assert!(root().join(script).is_file(), "{script} is not there");
    }
}

/// The job of the workflow that runs a script, and those that it waits for.
fn job(workflow: &Value, script: &str) -> (String, Vec<String>) {
    let jobs = workflow["jobs"].as_object().expect("jobs");
    let runs = |job: &Value| {
        let steps = job["steps"].as_array().expect("steps").iter();
        steps
            .filter_map(|step| step["run"].as_str())
            .any(|run| run.contains(script))
    };
    let mut found = jobs.iter().filter(|(_, job)| runs(job));
    let (name, job) = found
        .next()
        .unwrap_or_else(|| panic!("no job runs {script}"));
    assert!(found.next().is_none(), "several jobs run {script}");
    let needs = job["needs"].as_array().expect("what it waits for").iter();
    let needs = needs.filter_map(Value::as_str).map(str::to_owned).collect();
    (name.clone(), needs)
}

#[test]
fn what_may_fail_after_publishing_is_a_job_of_its_own() {
    let workflow = read(&root().join(".github/workflows/release.yml"));
    let workflow = serde_saphyr::from_str(&workflow).expect("YAML");
    let (publishing, _) = job(&workflow, "release/publish.sh");
    for script in ["release/main.sh", "release/latest.sh"] {
        let (name, needs) = job(&workflow, script);
        assert_ne!(name, publishing);
        assert!(needs.contains(&publishing), "{script} before publishing");
    }
    let (images, _) = job(&workflow, "release/push.sh");
    assert!(job(&workflow, "release/publish.sh").1.contains(&images));
}

#[test]
fn the_image_is_made_of_the_static_programs() {
    let dockerfile = read(&root().join("Dockerfile"));
    let ignored = read(&root().join(".dockerignore"));
    for platform in platforms().filter(|platform| platform.contains("-linux-")) {
        let path = format!("dist/{}", asset(&platform));
        assert!(dockerfile.contains(&format!("{path} /proctor\n")), "{path}");
        assert!(ignored.contains(&format!("!{path}\n")), "{path}");
    }
}

#[test]
fn a_platform_that_is_not_released_is_not_built() {
    let tree = Tree::new();
    tree.run("build.sh", &["riscv64gc-unknown-linux-musl", "out"])
        .refuses("none of the platforms");
}

#[test]
fn the_scripts_are_clean() {
    let Some(mut shellcheck) = consumers::program("shellcheck") else {
        return;
    };
    let scripts = std::fs::read_dir(root().join("release")).expect("the scripts");
    let scripts: Vec<_> = scripts
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|end| end == "sh"))
        .collect();
    assert!(scripts.len() > 10, "{scripts:?}");
    shellcheck.args(scripts);
    super::tree::run(&root(), shellcheck).succeeds();
}
