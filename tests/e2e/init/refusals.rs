//! One clear message, and nothing is written.

use proctor_test_support::{KEY, Proctor, sandbox};

use super::{SYSTEMS, files, keploy, wrote};

#[test]
fn a_file_that_is_there_is_never_written_over() {
    let sandbox = sandbox("");
    for (name, more) in [
        ("proctor.toml", "[targets.app]\nprovider = \"keploy\""),
        (".github", "cannot be written"),
    ] {
        let outcome = keploy(&sandbox, &["github"])
            .file(name, "mine")
            .end()
            .expect(2)
            .says(name);
        wrote(&outcome, &[name]);
        assert_eq!(outcome.read(name), "mine");
        assert!(
            outcome.err.contains(more) || name == "proctor.toml",
            "{}",
            outcome.err
        );
    }
    let proctor = keploy(&sandbox, &["github", "--name", "new"]);
    let workflow = ".github/workflows/proctor.yml";
    std::fs::create_dir_all(proctor.path(".github/workflows")).expect("the folder is free");
    let outcome = proctor
        .file(workflow, "mine")
        .file("proctor.toml", "mine")
        .end()
        .expect(2)
        .says("proctor.toml and .github/workflows/proctor.yml are there already")
        .says("[targets.new]")
        .says("app = \"app-7f3\"");
    wrote(&outcome, &["proctor.toml", workflow]);
    assert_eq!(
        (outcome.read("proctor.toml"), outcome.read(workflow)),
        ("mine".into(), "mine".into())
    );
}

#[test]
fn a_dry_run_refuses_as_a_real_one_does() {
    let sandbox = sandbox("");
    let outcome = keploy(&sandbox, &["jenkins", "--dry-run"])
        .file("proctor.toml", "")
        .end()
        .expect(2)
        .says("proctor.toml is there already");
    assert_eq!(outcome.out, "");
}

#[cfg(unix)]
#[test]
fn a_link_to_nowhere_is_a_file_that_is_there() {
    let sandbox = sandbox("");
    let proctor = keploy(&sandbox, &["jenkins"]);
    let elsewhere = tempfile::tempdir().expect("a folder");
    let target = elsewhere.path().join("written");
    std::os::unix::fs::symlink(&target, proctor.path("proctor.toml")).expect("a link");
    proctor
        .end()
        .expect(2)
        .says("proctor.toml is there already");
    assert!(!target.exists());
}

#[test]
fn what_is_missing_or_wrong_is_named() {
    let least = ["init", "github", "--provider", "keploy"];
    let cases: [(&[&str], &str); 19] = [
        (&["init", "github"], "--provider NAME"),
        (
            &["init", "github", "--provider", "keplov"],
            "did you mean `keploy`",
        ),
        (&least, "`app` is missing; add --set app=VALUE"),
        (
            &[&least[..], &["--set", "app=a"]].concat(),
            "`base_url`: it is missing",
        ),
        (
            &[&least[..], &["--set", "ap=a"]].concat(),
            "did you mean `app`",
        ),
        (&[&least[..], &["--set", "app"]].concat(), "KEY=VALUE"),
        (
            &[&least[..], &["--set", "base_url=ftp://x"]].concat(),
            "base_url",
        ),
        (
            &[&least[..], &["--set", "rate_limit=x"]].concat(),
            "whole number",
        ),
        (
            &[&least[..], &["--api-url", "http://example.com"]].concat(),
            "unencrypted",
        ),
        (
            &[
                &least[..],
                &[
                    "--set",
                    "app=a",
                    "--set",
                    "base_url=https://x.example",
                    "--name",
                    "a\nb",
                ],
            ]
            .concat(),
            "--name",
        ),
        (
            &["init", "github", "--provider", "http", "--set", "auth=none"],
            "--api-url",
        ),
        (
            &["init", "github", "--provider", "checkview"],
            "give `flow` or `website`",
        ),
        (
            &[
                "init",
                "github",
                "--provider",
                "izli",
                "--set",
                "journey=a",
                "--set",
                "locations=x",
            ],
            "target `izli`: `locations`:",
        ),
        (
            &["init", "github", "--config", "../proctor.toml"],
            "--config",
        ),
        (&["init", "github", "--config", "a b.toml"], "--config"),
        (&["init", "github", "--config", "${{x}}.toml"], "--config"),
        (&["init", "github", "--pin", "v0.1.0"], "--pin"),
        (&["init", "github", "--set", "app=a"], "--provider"),
        (
            &["init", "travis"],
            "possible values: github, gitlab, jenkins",
        ),
    ];
    for (arguments, told) in cases {
        let outcome = Proctor::new(arguments).end().expect(2).says(told);
        wrote(&outcome, &[]);
        assert!(!outcome.err.contains("panicked"), "{}", outcome.err);
    }
}

#[test]
fn a_repository_that_tells_of_no_system_or_of_several_needs_the_argument() {
    let sandbox = sandbox("");
    keploy(&sandbox, &[])
        .end()
        .expect(2)
        .says("nothing in the repository tells which CI system")
        .says("proctor init github");
    let outcome = keploy(&sandbox, &[])
        .file("Jenkinsfile", "")
        .file(".gitlab-ci.yml", "")
        .end()
        .expect(2)
        .says("GitLab CI and Jenkins")
        .says("proctor init github");
    wrote(&outcome, &["Jenkinsfile", ".gitlab-ci.yml"]);
}

#[test]
fn below_the_top_of_a_repository_nothing_is_written() {
    let sandbox = sandbox("");
    let top = tempfile::tempdir().expect("a folder");
    let below = top.path().join("below");
    std::fs::create_dir_all(top.path().join(".git")).expect("the folder is free");
    std::fs::create_dir_all(&below).expect("the folder is free");
    keploy(&sandbox, &["github"])
        .within(&below)
        .end()
        .expect(2)
        .says("not the top of the repository");
    assert_eq!(files(&below).len(), 0);
}

#[test]
fn a_key_is_never_written_and_never_shown() {
    let sandbox = sandbox("");
    for (system, _) in SYSTEMS {
        for set in [
            format!("suites={KEY}"),
            "suites=kep_another_key".to_owned(),
            "suites=a,kep_another_key".to_owned(),
            "suites=xx-0123456789abcdef".to_owned(),
        ] {
            let outcome = keploy(&sandbox, &[system, "--set", &set])
                .key(KEY)
                .variable("IZLI_API_KEY", "0123456789abcdef")
                .end()
                .expect(2)
                .says("looks like a key");
            wrote(&outcome, &[]);
            assert!(!outcome.err.contains("kep_another_key"), "{}", outcome.err);
        }
    }
}

#[test]
fn variables_that_hold_keys_do_not_get_into_the_files() {
    let sandbox = sandbox("");
    for (system, file) in SYSTEMS {
        let outcome = keploy(&sandbox, &[system]).key(KEY).end().expect(0);
        for name in ["proctor.toml", file] {
            assert!(!outcome.read(name).contains(KEY), "{name}");
        }
    }
}
