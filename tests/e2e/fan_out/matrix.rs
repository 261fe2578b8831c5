//! `proctor matrix` for GitHub: which targets go into which job.

use proctor_test_support::{Proctor, sandbox};
use serde_json::{Value, json};

use super::{Workspace, entries, shared_out, target, text};

/// Names that would do something if anything took them for more than a name.
pub const HOSTILE: [&str; 9] = [
    "-x",
    "--config=/etc/passwd",
    "it's $(touch pwned) `touch pwned`; touch pwned",
    "##[error]forged",
    "::error::forged",
    "\"quoted\" \\ {{ }} ${{ secrets.KEY }}",
    "!reference [a] & *c | d: #e",
    "\u{202e}desrever \u{1f9ea} é",
    "$HOME $[[ inputs.x ]] %n",
];

fn targets(names: &[&str]) -> String {
    let sandbox = "http://127.0.0.1:1";
    let each = names.iter().map(|name| {
        format!(
            "[targets.{}]\nprovider = \"keploy\"\napi_url = \"{sandbox}\"\napp = \"a\"\nbase_url = \"{sandbox}\"\n",
            super::toml_string(name)
        )
    });
    each.collect()
}

#[test]
fn each_target_is_a_job_without_a_key_or_a_network() {
    let workspace = Workspace::new(&targets(&["api", "shop", "site"]));
    let all = workspace.matrix(&[]);
    assert_eq!(shared_out(&all), [["api"], ["shop"], ["site"]]);
    assert_eq!(
        all[1],
        json!({ "shard": "2", "name": "shop", "targets": "shop" })
    );
    assert_eq!(
        shared_out(&workspace.matrix(&["site", "api"])),
        [["api"], ["site"]]
    );
    let two = workspace.matrix(&["--shards", "2"]);
    assert_eq!(shared_out(&two), [vec!["api", "site"], vec!["shop"]]);
    assert_eq!(text(&two[0], "name"), "api, site");
    assert_eq!(workspace.matrix(&["--shards", "256"]).len(), 3);
}

#[test]
fn shards_are_balanced_by_what_earlier_runs_took() {
    let workspace = Workspace::new(&targets(&["a", "b", "c", "d", "e"]));
    let results = |durations: &[(&str, u64)], at: &str| {
        let targets: Vec<Value> = durations
            .iter()
            .map(|(name, ms)| {
                json!({
                    "name": name, "provider": "keploy", "verdict": "skipped", "tests": [], "warnings": [],
                    "counts": { "passed": 0, "failed": 0, "errored": 0, "cancelled": 0, "timed_out": 0,
                        "skipped": 0, "unknown": 0, "total": 0 },
                    "run": { "id": "r" }, "started_at": at, "duration_ms": ms,
                })
            })
            .collect();
        let codes = vec![0; targets.len()];
        json!({
            "schema": 1, "verdict": "skipped", "exit_code": 0, "exit_codes": codes, "version": "1",
            "started_at": at, "duration_ms": 1, "targets": targets,
        })
        .to_string()
    };
    let old = [("a", 1), ("b", 1), ("gone", 1)];
    workspace.write("old.json", &results(&old, "2026-01-01T00:00:00.000Z"));
    let new = [("a", 90_000), ("b", 40_000), ("c", 30_000), ("d", 30_000)];
    workspace.write("new.json", &results(&new, "2026-02-01T00:00:00.000Z"));
    for files in [["--from", "*.json"], ["--from=new.json", "--from=old.json"]] {
        let mut arguments = vec!["--shards", "2"];
        arguments.extend(files);
        // `e` counts as the median, 35 s: 90 + 30 against 40 + 35 + 30.
        assert_eq!(
            shared_out(&workspace.matrix(&arguments)),
            [vec!["a", "d"], vec!["b", "c", "e"]]
        );
    }
    // A first pipeline has no earlier results.
    let first = workspace
        .proctor(&[
            "matrix",
            "--for=github",
            "--shards=2",
            "--from=cache/*.json",
        ])
        .end()
        .expect(0)
        .says("cache/*.json");
    assert_eq!(shared_out(&entries(&first.out)).concat().len(), 5);
    workspace.write("broken.json", "{");
    workspace
        .proctor(&["matrix", "--for=github", "--shards=2", "--from=broken.json"])
        .end()
        .expect(2)
        .says("broken.json");
}

#[test]
fn targets_whose_runs_must_take_turns_are_one_job() {
    let flow = |name: &str, flows: &str, key: &str| {
        format!("[targets.{name}]\nprovider = \"checkview\"\nflow = [{flows}]\n{key}\n")
    };
    let config = [
        flow("one", "\"checkout\"", ""),
        flow("two", "\"contact\"", ""),
        flow("three", "\"search\", \"checkout\"", ""),
        // Whether it is another account, only the keys could tell.
        flow("four", "\"contact\"", "key_env = \"OTHER_KEY\""),
    ];
    let workspace = Workspace::new(&config.concat());
    let together = [vec!["one", "three"], vec!["two", "four"]];
    assert_eq!(shared_out(&workspace.matrix(&[])), together);
    assert_eq!(shared_out(&workspace.matrix(&["--shards", "4"])), together);
    assert_eq!(workspace.matrix(&["--shards", "1"]).len(), 1);
}

#[test]
fn hostile_names_are_nothing_but_names() {
    let sandbox = sandbox("");
    let config: String = HOSTILE
        .iter()
        .map(|name| target(&sandbox, name, "app-7f3", "suites = [\"search\"]"))
        .collect();
    let workspace = Workspace::new(&config);
    let outcome = workspace
        .proctor(&["matrix", "--shards", "3"])
        .variable("GITHUB_ACTIONS", "true")
        .variable("GITHUB_OUTPUT", "output")
        .end()
        .expect(0);
    assert_eq!(outcome.out.lines().count(), 1);
    assert!(!outcome.out.contains("##["), "{}", outcome.out);
    assert!(!outcome.out.contains('\u{202e}'), "{}", outcome.out);
    let output = workspace.read("output");
    let (head, rest) = output.split_once('\n').expect("lines");
    let delimiter = head.strip_prefix("matrix<<").expect("an output");
    assert_eq!(rest, format!("{}{delimiter}\n", outcome.out));

    let shards = entries(&outcome.out);
    let mut all = shared_out(&shards).concat();
    all.sort_unstable();
    let mut expected = HOSTILE.to_vec();
    expected.sort_unstable();
    assert_eq!(all, expected);
    for shard in &shards {
        workspace.run(shard).expect(0);
    }
    let merged = ["json=all.json", "--from", "results-*.json", "--all-targets"];
    workspace.render(&merged).expect(0);
    assert_eq!(
        super::names(&workspace.results("all.json")).len(),
        HOSTILE.len()
    );
    assert!(!workspace.path().join("pwned").exists());
}

#[test]
fn a_matrix_that_cannot_be_is_refused() {
    let many: Vec<String> = (0..257).map(|at| format!("t{at}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let many = Workspace::new(&targets(&many));
    many.proctor(&["matrix", "--for", "github"])
        .end()
        .expect(2)
        .says("256")
        .says("--shards");
    assert_eq!(many.matrix(&["--shards", "256"]).len(), 256);

    let workspace = Workspace::new(&targets(&["api", "shop"]));
    let cases: [(&[&str], &str); 9] = [
        (&[], "--for github"),
        (&["--for", "jenkins"], "github, gitlab"),
        (&["--for", "github", "shpo"], "shop"),
        (&["--for", "github", "--shards", "0"], "--shards"),
        (&["--for", "github", "--shards", "257"], "--shards"),
        (&["--for", "github", "--from", "r.json"], "--shards"),
        (&["--for", "github", "--image", "x"], "--image"),
        (&["--for", "gitlab", "--template", "x.json"], ".yml"),
        (
            &["--for", "github", "--output", "proctor.toml/x"],
            "--output",
        ),
    ];
    for (arguments, said) in cases {
        let outcome = workspace.proctor(&["matrix"]).arguments(arguments).end();
        let outcome = outcome.expect(2).says(said);
        assert_eq!(outcome.out, "", "{arguments:?}");
    }
    let blank = Workspace::new(&targets(&["api "]));
    blank
        .proctor(&["matrix", "--for", "github"])
        .end()
        .expect(2)
        .says("blank");
    Proctor::new(&["matrix", "--for", "github"])
        .end()
        .expect(2)
        .says("proctor.toml");
    Proctor::new(&["matrix", "--for", "github"])
        .file("proctor.toml", "[targets.api]\nprovider = \"keploy\"\n")
        .end()
        .expect(2)
        .says("lacks `app`");
}
