//! `resources/proctor/install.sh`, which the action, the Jenkins library and people use.

use std::process::Command;

use proctor_test_support::{read, root, until};

use crate::installer::{Install, files};
use crate::releases::{ASSET, Answer, Releases, program, sha256};
use crate::runner::executable;

fn serving(answers: &[Answer]) -> Releases {
    Releases::new().with("1.2.3", ASSET, answers)
}

fn right() -> Answer {
    Answer::Whole(program("1.2.3"))
}

#[test]
fn a_release_is_installed_and_kept() {
    let releases = serving(&[right()]);
    let install = Install::new(&releases).expect(0, "verified and installed as to/proctor");
    assert_eq!(files(&install.path("to")), ["proctor"]);
    let version = Command::new(install.path("to/proctor"))
        .arg("--version")
        .output()
        .expect("it runs");
    assert_eq!(version.stdout, b"proctor 1.2.3\n");
    let mut again = Install::new(&releases);
    std::fs::rename(install.path("to"), again.path("to")).expect("a folder");
    let output = again.run("v1.2.3", "to");
    let said = String::from_utf8(output.stderr).expect("UTF-8");
    assert!(said.contains("is there already"), "{said}");
    assert_eq!(
        releases.requests().len(),
        1,
        "verified, and not downloaded again"
    );
}

#[test]
fn what_was_tampered_with_is_replaced() {
    let releases = serving(&[right()]);
    let install = Install::new(&releases);
    std::fs::create_dir(install.path("to")).expect("a folder");
    executable(&install.path("to/proctor"), "echo evil");
    let install = install.expect(0, "is not what was released as 1.2.3, and is replaced");
    assert_eq!(
        std::fs::read(install.path("to/proctor")).expect("a file"),
        program("1.2.3")
    );
}

#[test]
fn nothing_is_kept_that_is_not_what_was_released() {
    let other = Answer::Whole(program("6.6.6"));
    let install = Install::new(&serving(&[other])).expect(2, "is not what was released");
    let (is, should_be) = (sha256(&program("6.6.6")), sha256(&program("1.2.3")));
    let mut again = Install::new(&serving(&[Answer::Whole(program("6.6.6"))]));
    let output = again.run("1.2.3", "to");
    let said = String::from_utf8(output.stderr).expect("UTF-8");
    assert!(said.contains(&is) && said.contains(&should_be), "{said}");
    assert!(
        !install.path("bin/slept").exists(),
        "asking again would not help"
    );
}

#[test]
fn without_a_checksum_nothing_is_downloaded() {
    let releases = serving(&[right()]);
    Install::new(&releases)
        .checksum("proctor-aarch64-apple-darwin", &sha256(b""))
        .expect(2, &format!("has no SHA-256 checksum of {ASSET}"));
    Install::new(&releases)
        .checksum(ASSET, "abc")
        .expect(2, &format!("has no SHA-256 checksum of {ASSET}"));
    Install::new(&releases)
        .checksum(ASSET, &"z".repeat(64))
        .expect(2, &format!("has no SHA-256 checksum of {ASSET}"));
    Install::new(&releases)
        .variable("PROCTOR_CHECKSUMS", "/nowhere/1.2.3.txt")
        .expect(2, "there are no checksums of Proctor 1.2.3");
    Install::new(&releases)
        .without("PROCTOR_CHECKSUMS")
        .expect(2, "there are no checksums of Proctor 1.2.3");
    assert_eq!(releases.requests(), Vec::<String>::new());
}

#[test]
fn checksums_are_read_in_every_form_of_sha256sum() {
    for line in [
        "SUM *ASSET",
        "SUM  ASSET\r\n",
        "SUM  ASSET",
        "00  ASSET.sha\nSUM  ASSET\n11 other\n",
    ] {
        let releases = serving(&[right()]);
        let install = Install::new(&releases);
        let text = line
            .replace("ASSET", ASSET)
            .replace("SUM", &sha256(&program("1.2.3")));
        std::fs::write(install.path("checksums"), text).expect("a file");
        install.expect(0, "verified");
    }
}

#[test]
fn a_download_that_breaks_off_is_tried_again() {
    let broken = || Answer::Truncated(program("1.2.3"));
    let flaky = serving(&[broken(), Answer::Status(503), Answer::Status(429), right()]);
    let install =
        Install::new(&flaky).expect(0, "attempt 3 of 4: the server answered with status 429");
    assert_eq!(read(&install.path("bin/slept")), "1\n3\n9\n");
    let never = serving(&[broken()]);
    Install::new(&never).expect(7, "tried 4 times");
    assert_eq!(never.requests().len(), 4);
}

#[test]
fn what_is_not_there_is_not_asked_for_again() {
    for status in [404, 403, 401] {
        let releases = serving(&[Answer::Status(status)]);
        Install::new(&releases).expect(2, &format!("the server answered with status {status}"));
        assert_eq!(releases.requests().len(), 1);
    }
}

#[test]
fn a_place_that_does_not_answer_is_out_of_reach() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = closed.local_addr().expect("an address");
    drop(closed);
    Install::new(&serving(&[]))
        .variable("PROCTOR_DOWNLOAD", format!("http://{address}"))
        .expect(7, "cannot be downloaded, tried 4 times");
}

#[test]
fn releases_come_over_https_or_from_this_machine() {
    let elsewhere = [
        "http://example.com/x",
        "http://127.0.0.1.example.com/x",
        "http://127.0.0.1@example.com/x",
        "http://localhost:80@example.com",
        "ftp://127.0.0.1/x",
        "file:///etc",
        "https://",
        "-o",
        "127.0.0.1/x",
    ];
    for place in elsewhere {
        Install::new(&serving(&[]))
            .variable("PROCTOR_DOWNLOAD", place)
            .program("curl", "touch \"$(dirname \"$0\")/../asked\"")
            .expect(2, "name an https URL, or an http one on this machine")
            .path("asked")
            .metadata()
            .expect_err("nobody was asked");
    }
}

#[test]
fn curl_is_told_to_stay_on_https() {
    let install = Install::new(&serving(&[]))
        .variable("PROCTOR_DOWNLOAD", "https://mirror.example/proctor/")
        .program(
            "curl",
            "printf '%s\\n' \"$@\" >\"$(dirname \"$0\")/../asked\"; echo refused >&2; exit 7",
        )
        .expect(7, "cannot be downloaded, tried 4 times: refused");
    let asked = read(&install.path("asked"));
    assert!(
        asked.contains("--proto\n=https\n--proto-redir\n=https\n"),
        "{asked}"
    );
    assert!(
        asked.ends_with(&format!("https://mirror.example/proctor/v1.2.3/{ASSET}\n")),
        "{asked}"
    );
}

#[test]
fn versions_and_folders_are_looked_at() {
    for version in [
        "",
        "latest",
        "1",
        "1.2",
        "1.2.3/../..",
        "1.2.3 4",
        "$(id)",
        "-v",
        "v",
    ] {
        let output = Install::new(&serving(&[right()])).run(version, "to");
        assert_eq!(output.status.code(), Some(2), "{version:?}");
    }
    let mut into_a_file = Install::new(&serving(&[right()]));
    std::fs::write(into_a_file.path("file"), "").expect("a file");
    let output = into_a_file.run("1.2.3", "file/to");
    let said = String::from_utf8(output.stderr).expect("UTF-8");
    assert!(said.contains("file/to cannot be written to"), "{said}");
    let mut odd = Install::new(&serving(&[right()]));
    assert_eq!(odd.run("1.2.3", "-a 'b $(c)").status.code(), Some(0));
    assert!(odd.path("-a 'b $(c)/proctor").is_file());
}

/// What a small image has.
const FEW: [&str; 13] = [
    "sh", "bash", "uname", "mkdir", "mktemp", "mv", "rm", "chmod", "cat", "tail", "dirname",
    "grep", "printf",
];

#[test]
fn other_programs_do_as_well() {
    for (downloader, hasher) in [
        ("wget", "sha256sum"),
        ("curl", "openssl"),
        ("wget", "shasum"),
    ] {
        let Some(_) = proctor_test_support::consumers::program(downloader) else {
            continue;
        };
        let Some(_) = proctor_test_support::consumers::program(hasher) else {
            continue;
        };
        let mut tools = FEW.to_vec();
        // shasum is a Perl script.
        tools.extend([downloader, hasher, "env", "perl"]);
        Install::new(&serving(&[right()]))
            .only(&tools)
            .expect(0, "verified and installed");
        Install::new(&serving(&[Answer::Whole(program("6.6.6"))]))
            .only(&tools)
            .expect(2, "is not what was released");
        Install::new(&serving(&[]))
            .only(&tools)
            .expect(2, "cannot be downloaded");
        let flaky = serving(&[Answer::Truncated(program("1.2.3")), right()]);
        Install::new(&flaky)
            .only(&tools)
            .expect(0, "attempt 1 of 4");
    }
    let with = |tool| {
        let mut tools = FEW.to_vec();
        tools.push(tool);
        Install::new(&serving(&[right()])).only(&tools)
    };
    with("sha256sum").expect(2, "neither curl nor wget is here");
    with("curl").expect(2, "none of sha256sum, shasum and openssl is here");
}

/// 1 would say that a test failed.
#[test]
fn what_cannot_be_computed_or_written_ends_with_2() {
    for (broken, told) in [
        ("sha256sum", "cannot compute the checksum"),
        ("chmod", "cannot be made a program"),
        ("mv", "cannot be replaced"),
        ("mktemp", "cannot be written to"),
        ("tail", "cannot be read"),
    ] {
        let answers = match broken {
            "tail" => [Answer::Truncated(program("1.2.3"))],
            _ => [right()],
        };
        Install::new(&serving(&answers))
            .program(broken, "exit 1")
            .expect(2, told);
    }
}

#[test]
fn every_shell_will_do() {
    for (shell, arguments) in [
        ("dash", vec![]),
        ("bash", vec!["--posix"]),
        ("busybox", vec!["sh"]),
    ] {
        let Some(mut command) = proctor_test_support::consumers::program(shell) else {
            continue;
        };
        let releases = serving(&[Answer::Truncated(program("1.2.3")), right()]);
        let install = Install::new(&releases);
        let output = command
            .args(arguments)
            .arg(root().join("resources/proctor/install.sh"))
            .args(["1.2.3", "to"])
            .envs(
                install
                    .command
                    .get_envs()
                    .filter_map(|(name, value)| Some((name, value?))),
            )
            .current_dir(install.folder.path())
            .output()
            .expect("it starts");
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{shell}: {said}");
        assert_eq!(files(&install.path("to")), ["proctor"]);
    }
}

#[test]
fn a_signal_ends_a_download_and_leaves_nothing() {
    for (signal, code) in [("TERM", 143), ("INT", 130), ("HUP", 129)] {
        let releases = serving(&[Answer::Hang(program("1.2.3"))]);
        let mut install = Install::new(&releases);
        let child = install
            .command
            .args(["1.2.3", "to"])
            .spawn()
            .expect("sh starts");
        until("downloading", || !releases.requests().is_empty());
        let sent = Command::new("kill")
            .args([&format!("-{signal}"), &child.id().to_string()])
            .status();
        assert!(sent.is_ok_and(|status| status.success()), "kill -{signal}");
        // Its standard error ends when curl has ended too.
        let output = child.wait_with_output().expect("it can be waited for");
        assert_eq!(output.status.code(), Some(code));
        assert_eq!(files(&install.path("to")), Vec::<String>::new());
    }
}
