//! The workflow and the container image name what the scripts know.

use proctor_test_support::{consumers, read, root};

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
