//! What the CI systems are given.

use proctor_test_support::{KEY, Outcome, Proctor, sandbox};

fn failing(sandbox: &proctor_sandbox::Sandbox) -> Proctor {
    let config = format!(
        "# a comment\n[targets.api]\nprovider = \"keploy\"\napi_url = \"{}\"\napp = \"app-outcomes\"\nbase_url = \"{}\"\nsuites = [\"fail\", \"pass\"]\n",
        sandbox.service_url("keploy"),
        sandbox.system_url()
    );
    Proctor::new(&["run"])
        .file("proctor.toml", &config)
        .key(KEY)
}

fn github(proctor: Proctor) -> Outcome {
    let (summary, output) = (proctor.path("summary"), proctor.path("output"));
    proctor
        .file("summary", "# before\n")
        .file("output", "before=1\n")
        .variable("GITHUB_ACTIONS", "true")
        .variable("GITHUB_STEP_SUMMARY", summary)
        .variable("GITHUB_OUTPUT", output)
        .end()
}

#[test]
fn github_gets_masks_groups_annotations_summary_and_outputs() {
    let sandbox = sandbox("");
    let outcome = github(failing(&sandbox)).expect(1);
    assert!(outcome.out.starts_with("::add-mask::"), "{}", outcome.out);
    assert!(
        outcome.out.contains(&format!("::add-mask::{KEY}\n")),
        "{}",
        outcome.out
    );
    let all = format!("{}{}", outcome.out, outcome.err);
    assert!(
        all.contains("::group::") && all.contains("::endgroup::"),
        "{all}"
    );
    let error = outcome
        .out
        .lines()
        .find(|line| line.starts_with("::error "))
        .expect("an annotation");
    assert!(
        error.contains("file=proctor.toml") && error.contains("line=2"),
        "{error}"
    );
    let summary = outcome.read("summary");
    assert!(
        summary.starts_with("# before\n") && summary.contains("fail"),
        "{summary}"
    );
    let outputs = outputs(&outcome.read("output"));
    let get = |name: &str| {
        outputs
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    };
    assert_eq!(get("before"), Some("1"));
    assert_eq!(get("verdict"), Some("failed"));
    assert_eq!(get("exit-code"), Some("1"));
    assert_eq!(
        (get("passed"), get("failed"), get("errored"), get("skipped")),
        (Some("3"), Some("1"), Some("0"), Some("0"))
    );
    assert_eq!(
        (get("junit"), get("results")),
        (Some("junit.xml"), Some("results.json"))
    );
    assert_eq!(get("run-url"), Some(""));
    assert!(outcome.path("junit.xml").exists() && outcome.path("results.json").exists());
}

/// Reads the file as the runner does: `name=value`, or `name<<DELIMITER` and lines up to the delimiter.
fn outputs(text: &str) -> Vec<(String, String)> {
    let mut outputs = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        match (line.find('='), line.find("<<")) {
            (equals, Some(at)) if equals.is_none_or(|equals| at < equals) => {
                let (name, end) = (&line[..at], &line[at + 2..]);
                let value: Vec<&str> = lines.by_ref().take_while(|line| *line != end).collect();
                outputs.push((name.to_owned(), value.join("\n")));
            }
            (Some(at), _) => outputs.push((line[..at].to_owned(), line[at + 1..].to_owned())),
            _ => panic!("{line:?} is no output"),
        }
    }
    outputs
}

#[test]
fn gitlab_gets_sections_and_junit() {
    let sandbox = sandbox("");
    let outcome = failing(&sandbox)
        .variable("GITLAB_CI", "true")
        .end()
        .expect(1);
    let all = format!("{}{}", outcome.out, outcome.err);
    assert!(
        all.contains("\u{1b}[0Ksection_start:") && all.contains("\u{1b}[0Ksection_end:"),
        "{all:?}"
    );
    assert!(
        !all.contains("::error") && !all.contains("::add-mask"),
        "{all}"
    );
    assert!(outcome.path("junit.xml").exists());
}

#[test]
fn jenkins_gets_a_plain_log_and_junit() {
    let sandbox = sandbox("");
    let outcome = failing(&sandbox)
        .variable("JENKINS_URL", "https://ci.example/")
        .end()
        .expect(1);
    let all = format!("{}{}", outcome.out, outcome.err);
    assert!(!all.contains('\u{1b}') && !all.contains("::"), "{all}");
    assert!(outcome.path("junit.xml").exists());
}

#[test]
fn without_a_ci_system_nothing_is_written_unasked() {
    let sandbox = sandbox("");
    let outcome = failing(&sandbox).end().expect(1);
    assert!(!outcome.path("junit.xml").exists() && !outcome.path("results.json").exists());
    assert!(
        outcome.err.contains("COMPLETED") || outcome.err.contains("FAILED"),
        "changes of state are told: {}",
        outcome.err
    );
}

#[test]
fn github_is_told_of_what_ends_a_step_before_its_run() {
    let sandbox = sandbox("");
    let config = format!(
        "[targets.api]\nprovider = \"keploy\"\napi_url = \"{}\"\napp = \"a\"\nbase_ulr = \"x\"\n",
        sandbox.service_url("keploy")
    );
    let by_file = Proctor::new(&["run"]).file("proctor.toml", &config);
    let cases = [
        (by_file, "::error file=proctor.toml,line=5,title=Proctor::"),
        (Proctor::new(&["run", "--frob"]), "::error title=Proctor::"),
        (failing(&sandbox).key(""), "::error title=Proctor::"),
    ];
    for (proctor, told) in cases {
        let outcome = github(proctor).expect(2);
        let lines = outcome.out.lines().chain(outcome.err.lines());
        let errors: Vec<&str> = lines.filter(|line| line.starts_with("::error")).collect();
        assert_eq!(errors.len(), 1, "{}{}", outcome.out, outcome.err);
        assert!(errors[0].starts_with(told), "{}", errors[0]);
        let expected = [("before", "1"), ("verdict", "errored"), ("exit-code", "2")];
        assert_eq!(
            outputs(&outcome.read("output")),
            expected.map(|(name, value)| (name.to_owned(), value.to_owned()))
        );
    }
    let elsewhere = github(Proctor::new(&["run", "--frob", "--ci", "none"])).expect(2);
    assert!(!elsewhere.err.contains("::error"), "{}", elsewhere.err);
}
