//! Where GitHub's own program is there, it has to confirm who built what was downloaded.

use proctor_test_support::read;

use crate::action::TOKEN;
use crate::release::{runner, serving};
use crate::releases::{program, sha256};
use crate::runner::Runner;
use crate::step::Ended;

/// A gh that writes down how it was called, knows attestations, and ends a verification so.
fn gh(verify: &str) -> String {
    let called = "printf '%s\\n' \"$GH_TOKEN\" \"$@\" >>\"$RUNNER_TEMP/gh\"";
    format!(
        "case $* in *--help) echo '  --signer-workflow string'; exit 0 ;; esac\n{called}\n{verify}"
    )
}

fn ready() -> Runner {
    runner(&serving("1.2.3"), "1.2.3", &sha256(&program("1.2.3")))
}

fn install(runner: &mut Runner, attestation: &str) -> Ended {
    runner.run(&[
        ("version", "1.2.3"),
        ("command", "install"),
        ("attestation", attestation),
    ])
}

fn was_asked(runner: &Runner) -> bool {
    runner.path("temp/gh").exists()
}

#[test]
fn gh_is_asked_once_with_the_token_of_the_job() {
    let mut runner = ready().program("gh", &gh("echo it is fine"));
    install(&mut runner, "auto").expect(0).says("it is fine");
    let program = runner.cached("1.2.3").join("proctor");
    let expected = [
        TOKEN,
        "attestation",
        "verify",
        program.to_str().expect("UTF-8"),
        "--repo",
        "proctor-ci/proctor",
        "--signer-workflow",
        "proctor-ci/proctor/.github/workflows/release.yml",
    ];
    assert_eq!(
        read(&runner.path("temp/gh")).lines().collect::<Vec<_>>(),
        expected
    );
    let again = install(&mut runner, "auto").expect(0);
    assert!(
        !again.log.contains("it is fine"),
        "the checksum says that it is the same file"
    );
    install(&mut runner, "required")
        .expect(0)
        .says("it is fine");
}

#[test]
fn what_gh_refuses_is_not_kept() {
    let mut runner = ready().program("gh", &gh("echo no such builder >&2; exit 1"));
    install(&mut runner, "auto")
        .refused(2, "the attestation of Proctor 1.2.3 was refused")
        .says("no such builder");
    assert!(!runner.cached("1.2.3").join("proctor").exists());
    assert!(
        !runner
            .path("tool cache/proctor/1.2.3/x64.complete")
            .exists()
    );
    // The checksum alone would let it pass, and so a second attempt must not.
    install(&mut runner, "auto").refused(2, "was refused");
}

#[test]
fn where_gh_cannot_be_asked_that_is_told() {
    let old = "case $* in *--help) exit 1 ;; esac; touch \"$RUNNER_TEMP/gh\"";
    let without_the_flag = "case $* in *--help) echo '  --repo string' ;; *) touch \"$RUNNER_TEMP/gh\"; exit 1 ;; esac";
    let cases = [
        (
            ready().program("gh", without_the_flag),
            "gh is too old to verify attestations",
        ),
        (ready(), "gh is not there"),
        (
            ready().program("gh", old),
            "gh is too old to verify attestations",
        ),
        (
            ready()
                .program("gh", &gh(""))
                .variable("GITHUB_SERVER_URL", "https://git.example.com"),
            "this is not github.com",
        ),
    ];
    for (mut runner, why) in cases {
        let required = install(&mut runner, "required").refused(2, why);
        assert!(!required.log.contains("was not looked at"));
        assert!(!runner.cached("1.2.3").join("proctor").exists());
        install(&mut runner, "auto")
            .expect(0)
            .says(&format!("its attestation was not looked at, as {why}"));
        assert!(!was_asked(&runner));
    }
    let mut without_a_token = ready().program("gh", &gh(""));
    let with = [("version", "1.2.3"), ("command", "install"), ("token", "")];
    without_a_token
        .run(&with)
        .expect(0)
        .says("gh has no token to ask with");
}

#[test]
fn it_can_be_left_out() {
    let mut runner = ready().program("gh", &gh("exit 1"));
    let ended = install(&mut runner, "off").expect(0);
    assert!(
        !was_asked(&runner) && !ended.log.contains("attestation"),
        "{}",
        ended.log
    );
    // What was let pass once is not let pass by that for ever.
    install(&mut runner, "auto").refused(2, "was refused");
    assert!(was_asked(&runner));
}

#[test]
fn nobody_but_gh_gets_the_token() {
    let mut runner = ready().program("gh", &gh(""));
    install(&mut runner, "auto").expect(0);
    let recorder = "case $1 in --version) echo proctor 1.2.3 ;; *) env >environment ;; esac";
    let mut runner = runner.program("recorder", recorder);
    runner
        .run(&[("binary", "recorder"), ("provider", "keploy")])
        .expect(0);
    let environment = read(&runner.workspace().join("environment"));
    assert!(
        !environment.contains(TOKEN) && !environment.contains("PROCTOR_ACTION"),
        "{environment}"
    );
}
