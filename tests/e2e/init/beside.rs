//! A pipeline beside what is there already.

use proctor_test_support::{Proctor, sandbox};

use super::{keploy, wrote};

const TARGETS: &str = "[targets.a]\nprovider = \"keploy\"\napp = \"a\"\nbase_url = \"https://x.example\"\n\
    [targets.b]\nprovider = \"checkview\"\nflow = \"b\"\nkey_env = \"SHOP_TOKEN\"\n\
    [targets.c]\nprovider = \"http\"\napi_url = \"https://c.example\"\nauth = \"none\"\ntrigger = \"POST /runs\"\n\
    run_id = \"$.id\"\npoll = \"GET /runs/{run_id}\"\nstate = \"$.state\"\npassed = [\"ok\"]\nfailed = [\"bad\"]\n";

#[test]
fn a_configuration_that_is_there_gets_a_pipeline_with_the_keys_of_its_targets() {
    for (system, file, expected) in [
        (
            "github",
            ".github/workflows/proctor.yml",
            "          KEPLOY_API_KEY: ${{ secrets.KEPLOY_API_KEY }}\n          SHOP_TOKEN: ${{ secrets.SHOP_TOKEN }}\n",
        ),
        (
            "gitlab",
            ".gitlab-ci.yml",
            "# It needs KEPLOY_API_KEY, SHOP_TOKEN: ",
        ),
        (
            "jenkins",
            "Jenkinsfile",
            "proctor(credentialsId: [KEPLOY_API_KEY: 'keploy-api-key', SHOP_TOKEN: 'shop-token'])",
        ),
    ] {
        let outcome = Proctor::new(&["init", system])
            .file("proctor.toml", TARGETS)
            .end()
            .expect(0);
        wrote(&outcome, &["proctor.toml", file]);
        let pipeline = outcome.read(file);
        assert!(pipeline.contains(expected), "{pipeline}");
        for other in ["PROCTOR_HTTP_KEY", "CHECKVIEW_API_TOKEN"] {
            assert!(!pipeline.contains(other), "{pipeline}");
        }
        assert_eq!(outcome.read("proctor.toml"), TARGETS);
    }
}

/// What `[defaults]` and targets ask for beside the keys of targets.
const MORE: &str = "[defaults]\npublish = \"results\"\ncomment = \"auto\"\n\
    [publish.results]\nprovider = \"testmo\"\napi_url = \"https://example.testmo.net\"\nproject_id = 1\nsource = \"api\"\n\
    [targets.c]\nprovider = \"http\"\napi_url = \"https://c.example\"\nauth = \"none\"\n\
    env = [\"PROJECT\", \"GITHUB_SHA\", \"CI_COMMIT_SHA\", \"GIT_COMMIT\"]\n\
    trigger = \"POST /{env.PROJECT}/runs/{env.GITHUB_SHA}/{env.CI_COMMIT_SHA}/{env.GIT_COMMIT}\"\n\
    run_id = \"$.id\"\npoll = \"GET /runs/{run_id}\"\nstate = \"$.state\"\npassed = [\"ok\"]\nfailed = [\"bad\"]\n";

#[test]
fn a_place_a_comment_and_variables_get_what_they_need() {
    let cases: [(&str, &str, &[&str], &[&str]); 3] = [
        (
            "github",
            ".github/workflows/proctor.yml",
            &[
                "      pull-requests: write\n",
                "          TESTMO_TOKEN: ${{ secrets.TESTMO_TOKEN }}\n",
                "          PROJECT: ${{ vars.PROJECT }}\n          CI_COMMIT_SHA: ${{ vars.CI_COMMIT_SHA }}\n          \
                 GIT_COMMIT: ${{ vars.GIT_COMMIT }}\n",
                "          GITHUB_TOKEN: ${{ github.token }}\n",
            ],
            &[
                "the secret TESTMO_TOKEN",
                "the variable PROJECT of the repository",
            ],
        ),
        (
            "gitlab",
            ".gitlab-ci.yml",
            &[
                "# It needs TESTMO_TOKEN: ",
                "with PROJECT, GITHUB_SHA, GIT_COMMIT: CI/CD variables",
                "PROCTOR_GITLAB_TOKEN",
            ],
            &[
                "CI/CD variable TESTMO_TOKEN",
                "the CI/CD variable PROJECT",
                "PROCTOR_GITLAB_TOKEN",
            ],
        ),
        (
            "jenkins",
            "Jenkinsfile",
            &[
                "proctor(credentialsId: [TESTMO_TOKEN: 'testmo-token'])",
                "with PROJECT, GITHUB_SHA, CI_COMMIT_SHA, which",
            ],
            &["with the id testmo-token", "the variable PROJECT: "],
        ),
    ];
    for (system, file, lines, steps) in cases {
        let mut outcome = Proctor::new(&["init", system])
            .file("proctor.toml", MORE)
            .end()
            .expect(0);
        let pipeline = outcome.read(file);
        for line in lines {
            assert!(pipeline.contains(line), "{line}\n{pipeline}");
        }
        for step in steps {
            outcome = outcome.says(step);
        }
        let named = pipeline.matches("SHA").count();
        assert!(
            named > 0 && !pipeline.contains("vars.GITHUB_"),
            "{pipeline}"
        );
    }
}

#[test]
fn a_comment_of_another_system_needs_nothing_of_this_one() {
    for (system, file, choice) in [
        ("github", ".github/workflows/proctor.yml", "gitlab"),
        ("github", ".github/workflows/proctor.yml", "never"),
        ("gitlab", ".gitlab-ci.yml", "github"),
        ("jenkins", "Jenkinsfile", "auto"),
    ] {
        let text = format!("[defaults]\ncomment = \"{choice}\"\n{TARGETS}");
        let outcome = Proctor::new(&["init", system])
            .file("proctor.toml", &text)
            .end()
            .expect(0);
        let told = format!("{}{}", outcome.read(file), outcome.out);
        for needed in ["GITHUB_TOKEN", "GITLAB_TOKEN", "write\n", "comments.md"] {
            assert!(!told.contains(needed), "{system} {choice}: {told}");
        }
    }
}

#[test]
fn a_place_or_a_variable_that_cannot_be_is_found_before_anything_is_written() {
    let publish = "[publish.results]\nprovider = \"testmo\"\napi_url = \"https://example.testmo.net\"\nsource = \"api\"\n";
    for (text, says) in [
        (
            format!("[defaults]\npublish = \"results\"\n{publish}{TARGETS}"),
            "project_id",
        ),
        (
            format!("[defaults]\npublish = \"other\"\n{publish}{TARGETS}"),
            "`other`",
        ),
        (
            MORE.replace("\"PROJECT\"", "\"X: ${{ secrets.Y }}\""),
            "not the name of an environment variable",
        ),
    ] {
        let outcome = Proctor::new(&["init", "github"])
            .file("proctor.toml", &text)
            .end()
            .expect(2)
            .says(says);
        wrote(&outcome, &["proctor.toml"]);
    }
}

#[test]
fn the_job_may_take_longer_than_the_longest_run() {
    let target =
        |timeout: &str| format!("[targets.a]\nprovider = \"checkview\"\nflow = \"a\"\n{timeout}");
    for (text, minutes) in [
        (target(""), 45),
        (format!("[defaults]\ntimeout = \"2h\"\n{}", target("")), 135),
        (target("timeout = \"61m\"\n"), 76),
    ] {
        let written = |system: &str| {
            let init = Proctor::new(&["init", system]).file("proctor.toml", &text);
            init.end().expect(0)
        };
        for (system, file, line) in [
            (
                "github",
                ".github/workflows/proctor.yml",
                format!("timeout-minutes: {minutes}\n"),
            ),
            (
                "gitlab",
                ".gitlab-ci.yml",
                format!("job-timeout: {minutes} minutes\n"),
            ),
            (
                "jenkins",
                "Jenkinsfile",
                format!("timeout(time: {minutes}, unit: 'MINUTES')\n"),
            ),
        ] {
            let pipeline = written(system).read(file);
            assert!(pipeline.contains(&line), "{line}{pipeline}");
        }
    }
}

#[test]
fn the_job_may_take_longer_than_all_together_of_targets_that_take_turns() {
    let target = |name: &str, flow: &str, timeout: &str| {
        format!(
            "[targets.{name}]\nprovider = \"checkview\"\nflow = \"{flow}\"\ntimeout = \"{timeout}\"\n"
        )
    };
    let text = [
        target("a", "one", "30m"),
        target("b", "two", "50m"),
        target("c", "one", "30m"),
        target("d", "one", "20m"),
    ];
    let outcome = Proctor::new(&["init", "github"])
        .file("proctor.toml", &text.concat())
        .end()
        .expect(0);
    let pipeline = outcome.read(".github/workflows/proctor.yml");
    assert!(pipeline.contains("timeout-minutes: 95\n"), "{pipeline}");
}

#[test]
fn a_configuration_with_a_mistake_gets_none() {
    let outcome = Proctor::new(&["init", "github"])
        .file(
            "proctor.toml",
            "[targets.a]\nprovider = \"keploy\"\nap = \"a\"\n",
        )
        .end()
        .expect(2)
        .says("proctor.toml:3:");
    wrote(&outcome, &["proctor.toml"]);
}

#[test]
fn what_has_to_be_added_by_hand_is_shown() {
    let sandbox = sandbox("");
    let gitlab = keploy(&sandbox, &["gitlab"])
        .file(".gitlab-ci.yml", "build: {script: [make]}\n")
        .end()
        .expect(0)
        .says("include:\n  - local: .gitlab/proctor.yml\n");
    wrote(
        &gitlab,
        &["proctor.toml", ".gitlab-ci.yml", ".gitlab/proctor.yml"],
    );
    let jenkins = keploy(&sandbox, &["jenkins"])
        .file("Jenkinsfile", "node {}\n")
        .end()
        .expect(0)
        .says("    proctor(credentialsId: [KEPLOY_API_KEY: 'keploy-api-key'])\n");
    wrote(
        &jenkins,
        &["proctor.toml", "Jenkinsfile", "Jenkinsfile.proctor"],
    );
    // What is beside is not written over either.
    keploy(&sandbox, &["jenkins"])
        .file("Jenkinsfile", "")
        .file("Jenkinsfile.proctor", "")
        .end()
        .expect(2)
        .says("Jenkinsfile.proctor is there already");
}
