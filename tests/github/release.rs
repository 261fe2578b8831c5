//! The action installs what was released, verifies it each time, and keeps it in the tool cache.

use crate::releases::{ASSET, Answer, Releases, program, sha256};
use crate::runner::{Runner, executable};

/// The version of the action's checkout.
const OWN: &str = env!("CARGO_PKG_VERSION");

/// A runner with an action that has the checksum of a version, and a place to download it from.
pub fn runner(releases: &Releases, version: &str, sum: &str) -> Runner {
    let runner = Runner::new().variable("PROCTOR_DOWNLOAD", releases.url());
    let checksums = runner
        .action()
        .join(format!("resources/proctor/checksums/{version}.txt"));
    std::fs::write(checksums, format!("{sum}  {ASSET}\n")).expect("a file");
    runner
}

pub fn serving(version: &str) -> Releases {
    Releases::new().with(version, ASSET, &[Answer::Whole(program(version))])
}

#[test]
fn the_version_of_the_action_is_installed_and_put_on_the_path() {
    let releases = serving(OWN);
    let mut runner = runner(&releases, OWN, &sha256(&program(OWN)));
    let ended = runner
        .run(&[("command", "install")])
        .expect(0)
        .says(&format!("proctor {OWN}"));
    assert_eq!(releases.requests(), [format!("v{OWN}/{ASSET}")]);
    let folder = runner.cached(OWN);
    assert_eq!(ended.paths, [folder.to_str().expect("UTF-8")]);
    assert_eq!(
        ended.output("binary"),
        folder.join("proctor").to_str().expect("UTF-8")
    );
    assert!(folder.with_file_name("x64.complete").exists());
    assert!(
        !runner.workspace().join("called").exists(),
        "nothing is run"
    );
    assert_eq!(ended.errors(), []);
}

#[test]
fn what_is_in_the_tool_cache_is_verified_each_time() {
    let releases = serving("1.2.3");
    let mut runner = runner(&releases, "1.2.3", &sha256(&program("1.2.3")));
    let with = [("version", "v1.2.3"), ("provider", "keploy")];
    runner.run(&with).expect(0).says("verified and installed");
    runner.run(&with).expect(0).says("is there already");
    assert_eq!(releases.requests().len(), 1);
    executable(&runner.cached("1.2.3").join("proctor"), "echo evil");
    let ended = runner
        .run(&with)
        .expect(0)
        .says("is not what was released as 1.2.3, and is replaced");
    assert!(!ended.log.contains("evil"), "{}", ended.log);
    assert_eq!(releases.requests().len(), 2);
}

#[test]
fn what_cannot_be_verified_is_not_run() {
    let wrong = sha256(b"another");
    let releases = serving("1.2.3");
    let with = [("version", "1.2.3"), ("provider", "keploy")];
    let mut other = runner(&releases, "1.2.3", &wrong);
    other.run(&with).refused(2, "is not what was released");
    assert!(!other.cached("1.2.3").join("proctor").exists());
    assert!(!other.workspace().join("called").exists());
    let mut unknown = runner(&releases, "9.9.9", &wrong);
    unknown
        .run(&with)
        .refused(2, "there are no checksums of Proctor 1.2.3");
    assert_eq!(
        releases.requests().len(),
        1,
        "without a checksum nothing is downloaded"
    );
}

#[test]
fn what_cannot_be_downloaded_is_told() {
    let with = [("version", "1.2.3"), ("provider", "keploy")];
    let sum = sha256(&program("1.2.3"));
    let missing = Releases::new();
    runner(&missing, "1.2.3", &sum)
        .run(&with)
        .refused(2, "status 404");
    let down = Releases::new().with("1.2.3", ASSET, &[Answer::Status(503)]);
    let ended = runner(&down, "1.2.3", &sum)
        .without_tool("sleep")
        .program("sleep", "")
        .run(&with)
        .refused(7, "status 503");
    assert_eq!(ended.paths, Vec::<String>::new());
}

#[test]
fn where_the_tool_cache_is_closed_the_temporary_folder_serves() {
    let releases = serving("1.2.3");
    let mut runner =
        runner(&releases, "1.2.3", &sha256(&program("1.2.3"))).without("RUNNER_TOOL_CACHE");
    let ended = runner
        .run(&[("version", "1.2.3"), ("command", "install")])
        .expect(0);
    let folder = runner.path("temp/proctor/1.2.3/x64");
    assert_eq!(
        ended.output("binary"),
        folder.join("proctor").to_str().expect("UTF-8")
    );
}

/// Git's shell on Windows writes `C:\x` as `/c/x`; here `W:` and `/` stand for that.
const CYGPATH: &str = "case $1 in -u) echo \"${2#W:}\" ;; -w) echo \"W:$2\" ;; esac";

#[test]
fn on_windows_paths_leave_the_shell_as_windows_writes_them() {
    let asset = "proctor-aarch64-pc-windows-msvc.exe";
    let recorder =
        "case $1 in --version) ;; *) printf '%s\\n' \"$@\" >called; env >environment ;; esac";
    let released = format!("#!/bin/sh\n{recorder}\n").into_bytes();
    let sum = sha256(&released);
    let releases = Releases::new().with("1.2.3", asset, &[Answer::Whole(released)]);
    let runner = runner(&releases, "1.2.3", &sum).program("cygpath", CYGPATH);
    let checksums = runner
        .action()
        .join("resources/proctor/checksums/1.2.3.txt");
    std::fs::write(checksums, format!("{sum} *{asset}\r\n")).expect("a file");
    let cache = runner.path("tool cache");
    let mut runner = runner
        .variable("RUNNER_OS", "Windows")
        .variable("RUNNER_ARCH", "ARM64")
        .variable("RUNNER_TOOL_CACHE", format!("W:{}", cache.display()));
    let with = [
        ("version", "1.2.3"),
        ("provider", "keploy"),
        ("set", "a=/b"),
    ];
    let ended = runner.run(&with).expect(0);
    let folder = format!("W:{}/proctor/1.2.3/arm64", cache.display());
    assert_eq!(ended.paths, [folder.as_str()]);
    assert_eq!(ended.output("binary"), format!("{folder}/proctor.exe"));
    let read = |name: &str| proctor_test_support::read(&runner.workspace().join(name));
    assert_eq!(read("called"), "run\n--provider=keploy\n--set=a=/b\n");
    for variable in [
        "MSYS_NO_PATHCONV=1",
        "MSYS2_ARG_CONV_EXCL=*",
        "MSYS2_ENV_CONV_EXCL=*",
    ] {
        assert!(
            read("environment").lines().any(|line| line == variable),
            "{variable}"
        );
    }
}

/// 1 would say that a test failed.
#[test]
fn what_cannot_be_written_ends_with_2() {
    let mut runner = runner(&serving("1.2.3"), "1.2.3", &sha256(&program("1.2.3")))
        .variable("RUNNER_TEMP", "/nowhere/at/all");
    let with = [("version", "1.2.3"), ("command", "install")];
    runner.run(&with).refused(2, "cannot be written");
}
