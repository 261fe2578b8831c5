//! `proctor render` over the results of several jobs.

use proctor_test_support::{KEY, sandbox};
use serde_json::json;

use super::{Workspace, names, target};

#[test]
fn shards_are_run_merged_and_gated() {
    let sandbox = sandbox("");
    let config = [
        target(&sandbox, "orders", "app-7f3", "suites = [\"checkout\"]"),
        target(
            &sandbox,
            "broken",
            "app-outcomes",
            "suites = [\"fail\", \"pass\"]",
        ),
        target(&sandbox, "search", "app-7f3", "suites = [\"search\"]"),
    ];
    let workspace = Workspace::new(&config.concat());
    let shards = workspace.matrix(&["--shards", "2"]);
    assert_eq!(shards.len(), 2);
    let codes: Vec<i32> = shards
        .iter()
        .map(|shard| workspace.run(shard).code)
        .collect();
    assert_eq!(codes, [0, 1]);

    let merged = workspace
        .render(&[
            "json=results.json",
            "junit=out/junit.xml",
            "--from",
            "results-*.json",
        ])
        .expect(1)
        .says("3 targets")
        .says("exit code 1 (a test failed)");
    assert!(merged.out.contains("broken"), "{}", merged.out);
    let results = workspace.results("results.json");
    assert_eq!(
        (&results["verdict"], &results["exit_code"]),
        (&json!("failed"), &json!(1))
    );
    assert_eq!(names(&results), ["orders", "search", "broken"]);
    assert_eq!(results["exit_codes"], json!([0, 0, 1]));
    let parts = ["results-1.json", "results-2.json"].map(|name| workspace.results(name));
    let first = parts.iter().map(|part| part["started_at"].as_str()).min();
    assert_eq!(results["started_at"].as_str(), first.expect("two parts"));
    let lengths = parts.iter().filter_map(|part| part["duration_ms"].as_u64());
    assert!(results["duration_ms"].as_u64() >= lengths.max());
    let junit = workspace.read("out/junit.xml");
    for name in ["orders", "broken", "search"] {
        assert!(junit.contains(&format!("classname=\"{name}.")), "{junit}");
    }

    // What was merged is a results file like any other.
    workspace.render(&["--from", "results.json"]).expect(1);
    workspace
        .render(&["json", "--from", "results.json", "--exit-zero"])
        .expect(0)
        .says("\"exit_code\": 1");
    workspace.render(&["--from", "results-1.json"]).expect(0);
}

#[test]
fn a_shard_that_is_lost_does_not_pass_silently() {
    let sandbox = sandbox("");
    let config = [
        target(&sandbox, "orders", "app-7f3", "suites = [\"checkout\"]"),
        target(&sandbox, "search", "app-7f3", "suites = [\"search\"]"),
    ];
    let workspace = Workspace::new(&config.concat());
    let shards = workspace.matrix(&[]);
    workspace.run(&shards[0]).expect(0);

    workspace.render(&["--from", "results-*.json"]).expect(0);
    let all = ["--from", "results-*.json", "--all-targets"];
    workspace
        .render(&all)
        .expect(3)
        .says("its results are missing")
        .says("unknown");
    let told = workspace.render(&[
        "json=r.json",
        "junit=junit.xml",
        "--from",
        "results-1.json",
        "--all-targets",
    ]);
    told.expect(3);
    let results = workspace.results("r.json");
    let missing = &results["targets"][1];
    assert_eq!(
        (&missing["name"], &missing["provider"], &missing["verdict"]),
        (&json!("search"), &json!("keploy"), &json!("unknown"))
    );
    assert_eq!(missing["location"]["file"], "proctor.toml");
    assert_eq!(results["exit_codes"], json!([0, 3]));
    assert!(
        workspace
            .read("junit.xml")
            .contains("its results are missing")
    );

    let expect = |name| workspace.render(&["--from", "results-*.json", "--expect", name]);
    expect("orders").expect(0);
    expect("search").expect(3);
    expect("serch").expect(2).says("search");

    workspace.run(&shards[1]).expect(0);
    workspace.render(&all).expect(0).says("every target passed");
}

#[test]
fn a_shard_keeps_the_policy_that_it_was_run_with() {
    let sandbox = sandbox("");
    let config = [
        target(&sandbox, "orders", "app-7f3", ""),
        target(&sandbox, "empty", "app-empty", ""),
    ];
    let workspace = Workspace::new(&config.concat());
    let run = |name: &str, more: &[&str]| {
        workspace
            .proctor(&["run", name, "--report", &format!("json={name}.json")])
            .arguments(more)
            .key(KEY)
            .end()
    };
    run("orders", &[]).expect(0);
    run("empty", &["--allow-empty"]).expect(0);
    let files = ["--from", "orders.json", "--from", "empty.json"];
    workspace.render(&files).expect(0);
    run("empty", &[]).expect(9);
    workspace.render(&files).expect(9);
}

#[test]
fn a_file_counts_once_and_a_target_as_often_as_it_was_run() {
    let sandbox = sandbox("");
    let config = target(&sandbox, "orders", "app-7f3", "suites = [\"checkout\"]");
    let workspace = Workspace::new(&config);
    let shards = workspace.matrix(&[]);
    workspace.run(&shards[0]).expect(0);
    let count = |arguments: &[&str]| {
        let mut all = vec!["json=r.json"];
        all.extend(arguments);
        workspace.render(&all).expect(0);
        names(&workspace.results("r.json")).len()
    };
    assert_eq!(
        count(&[
            "--from",
            "results-1.json",
            "--from",
            "./results-1.json",
            "--from",
            "results-*.json"
        ]),
        1
    );
    workspace.write("results-2.json", &workspace.read("results-1.json"));
    assert_eq!(count(&["--from", "results-*.json"]), 2);
    let junit = workspace
        .render(&["junit", "--from", "results-*.json"])
        .expect(0);
    let cases: Vec<&str> = junit
        .out
        .lines()
        .filter(|line| line.contains("<testcase "))
        .filter_map(|line| line.split(" time=").next())
        .collect();
    let mut different = cases.clone();
    different.sort_unstable();
    different.dedup();
    assert!(!cases.is_empty());
    assert_eq!(different.len(), cases.len(), "{cases:?}");
}

#[test]
fn github_is_told_of_what_was_merged_if_that_is_asked_for() {
    let sandbox = sandbox("");
    let config = target(&sandbox, "broken", "app-outcomes", "suites = [\"fail\"]");
    let workspace = Workspace::new(&config);
    let shards = workspace.matrix(&[]);
    workspace.run(&shards[0]).expect(1);
    let render = |more: &[&str]| {
        workspace
            .proctor(&[
                "render",
                "junit=junit.xml",
                "json=merged.json",
                "--from",
                "results-*.json",
            ])
            .arguments(more)
            .variable("GITHUB_ACTIONS", "true")
            .variable("GITHUB_STEP_SUMMARY", "summary")
            .variable("GITHUB_OUTPUT", "output")
            .end()
            .expect(1)
    };
    let quiet = render(&[]);
    assert!(!quiet.out.contains("::error"), "{}", quiet.out);
    assert!(
        !workspace.path().join("summary").exists() && !workspace.path().join("output").exists()
    );

    let told = render(&["--ci", "auto"]);
    assert!(told.out.contains("::error "), "{}", told.out);
    assert!(workspace.read("summary").contains("broken"));
    let outputs = workspace.read("output");
    for (name, value) in [
        ("verdict", "failed"),
        ("junit", "junit.xml"),
        ("results", "merged.json"),
    ] {
        let mut lines = outputs
            .lines()
            .skip_while(|line| !line.starts_with(&format!("{name}<<")));
        assert_eq!(lines.nth(1), Some(value), "{outputs}");
    }
}

#[test]
fn what_cannot_be_rendered_is_told_by_name() {
    let sandbox = sandbox("");
    let workspace = Workspace::new(&target(&sandbox, "orders", "app-7f3", ""));
    let shards = workspace.matrix(&[]);
    workspace.run(&shards[0]).expect(0);
    workspace.write("foreign.json", "{\"results\": []}");
    workspace.write("junit.xml", "<testsuites/>");
    workspace.write("cut.json", &workspace.read("results-1.json")[..200]);
    let good = ["--from", "results-1.json"];
    let cases: [(&[&str], &[&str]); 12] = [
        (
            &["--from", "foreign.json"],
            &["foreign.json", "no results file"],
        ),
        (&["--from", "junit.xml"], &["junit.xml", "no results file"]),
        (
            &["--from", "results-1.json", "--from", "cut.json"],
            &["cut.json"],
        ),
        (
            &["--from", "nowhere.json"],
            &["nowhere.json", "cannot be read"],
        ),
        (
            &["--from", "nowhere-*.json"],
            &["nowhere-*.json", "no file matches"],
        ),
        (
            &["--from", "results-1.json", "cut.json"],
            &["cut.json is a file", "in quotes"],
        ),
        (
            &["poem", good[0], good[1]],
            &["no report kind `poem`", "junit"],
        ),
        (&["junit=", good[0], good[1]], &["the path is missing"]),
        (&["junit", "json", good[0], good[1]], &["two reports"]),
        (&["junit=a", "json=a", good[0], good[1]], &["two reports"]),
        (
            &["junit=cut.json/a", good[0], good[1]],
            &["cut.json/a", "KIND=PATH"],
        ),
        (
            &["--config", "proctor.toml", good[0], good[1]],
            &["--all-targets"],
        ),
    ];
    for (arguments, said) in cases {
        let mut outcome = workspace.render(arguments).expect(2);
        for text in said {
            outcome = outcome.says(text);
        }
        assert_eq!(outcome.out, "", "{arguments:?}");
    }
    let bare = Workspace(tempfile::tempdir().expect("a folder"));
    bare.write("r.json", &workspace.read("results-1.json"));
    bare.render(&["--from", "r.json", "--all-targets"])
        .expect(2)
        .says("proctor.toml");
}

#[test]
fn only_what_tests_and_services_did_can_be_let_pass() {
    let sandbox = sandbox("");
    let config = target(&sandbox, "orders", "app-7f3", "suites = [\"checkout\"]");
    let workspace = Workspace::new(&config);
    let shards = workspace.matrix(&[]);
    workspace.run(&shards[0]).expect(0);
    let passed = workspace.read("results-1.json");
    for (code, verdict, ends) in [
        (1, "failed", 0),
        (7, "errored", 0),
        (2, "errored", 2),
        (143, "cancelled", 143),
    ] {
        let text = passed
            .replace("\"exit_code\": 0", &format!("\"exit_code\": {code}"))
            .replacen(
                "\"verdict\": \"passed\"",
                &format!("\"verdict\": \"{verdict}\""),
                1,
            );
        workspace.write("edited.json", &text);
        workspace.render(&["--from", "edited.json"]).expect(code);
        workspace
            .render(&["--from", "edited.json", "--exit-zero"])
            .expect(ends);
    }
}

#[test]
fn reports_take_the_place_of_nothing_else() {
    let sandbox = sandbox("");
    let config = target(&sandbox, "orders", "app-7f3", "suites = [\"checkout\"]");
    let workspace = Workspace::new(&config);
    let shards = workspace.matrix(&[]);
    workspace.run(&shards[0]).expect(0);
    let from = ["--from", "results-1.json"];
    workspace
        .render(&[&["junit=a.xml", "html=./a.xml"], &from[..]].concat())
        .expect(2)
        .says("two reports");
    #[cfg(unix)]
    workspace
        .render(&[&["junit=/dev/stdout"], &from[..]].concat())
        .expect(2)
        .says("standard output is written as `-`");
}
