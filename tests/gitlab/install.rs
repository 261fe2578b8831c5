//! How the job comes to its program: downloaded and verified each time, or that of the image, or not at all.

use proctor_sandbox::Sandbox;
use proctor_test_support::{KEY, TRIGGER, read, sandbox};

use crate::programs::{executable, files_below, results, sha256, small_program};
use crate::runner::{IMAGES, Image, Job};
use crate::schema::ASSETS;
use crate::server::{Answer, Server};

const VERSION: &str = env!("CARGO_PKG_VERSION");
const ASSET: &str = "proctor-x86_64-unknown-linux-musl";

fn path(version: &str, asset: &str) -> String {
    format!("/v{version}/{asset}")
}

/// A job that downloads from a server, and would trigger a run at the sandbox.
fn job(image: &'static Image, server: &Server, sandbox: &Sandbox) -> Option<Job> {
    let set = format!("app=app-7f3\nbase_url={}", sandbox.system_url());
    let job = Job::new(image)?
        .input("download-url", server.url.as_str())
        .input("provider", "keploy")
        .input("api-url", sandbox.service_url("keploy"))
        .input("set", set)
        .variable("KEPLOY_API_KEY", KEY);
    job.tool(
        "uname",
        r#"case $1 in -s) echo Linux ;; *) echo x86_64 ;; esac"#,
    );
    Some(job)
}

#[test]
fn what_was_released_is_downloaded_once_verified_each_time_and_run() {
    for image in &IMAGES {
        let (server, sandbox) = (Server::start(), sandbox(""));
        let released = small_program();
        server.give(&path(VERSION, ASSET), Answer::File(released.clone()));
        let Some(job) = job(image, &server, &sandbox) else {
            continue;
        };
        let job = job.released(&[
            ("proctor.wasm", &"0".repeat(64)),
            (ASSET, &sha256(&released)),
        ]);
        job.end()
            .expect(image.name, 0, &["proctor: downloading http://"]);
        assert_eq!(
            results(&job.path("proctor-reports/results.json"))["verdict"],
            "passed"
        );
        let installed = format!(".proctor/{VERSION}/{ASSET}");
        assert_eq!(
            files_below(&job.path(".proctor")),
            [format!("{VERSION}/{ASSET}")]
        );

        job.end().expect(image.name, 0, &[]);
        assert_eq!(server.asked(), [path(VERSION, ASSET)], "{}", image.name);

        executable(&job.path(&installed), "echo tampered; exit 0");
        let ended = job.end();
        ended.expect(image.name, 0, &[]);
        assert!(!ended.log.contains("tampered"), "{}", ended.log);
        assert_eq!(read(&job.path(&installed)).as_bytes(), released);
        assert_eq!(server.asked().len(), 2, "{}", image.name);
        assert_eq!(sandbox.count("POST", TRIGGER), 3);
    }
}

#[test]
fn what_is_not_what_was_released_is_removed_and_nothing_is_run() {
    for image in &IMAGES {
        let released = small_program();
        let other = b"#!/bin/sh\necho other\n".to_vec();
        for answer in [Answer::File(other), Answer::Half(released.clone())] {
            let (server, sandbox) = (Server::start(), sandbox(""));
            server.give(&path(VERSION, ASSET), answer);
            let Some(job) = job(image, &server, &sandbox) else {
                continue;
            };
            let sum = sha256(&released);
            let job = job.released(&[(ASSET, &sum)]);
            let told = format!("{} gave is not what was released", path(VERSION, ASSET));
            job.end().expect(image.name, 2, &[&told, &sum]);
            assert!(files_below(&job.path(".proctor")).is_empty());
            assert_eq!(sandbox.received().len(), 0);
        }
    }
}

#[test]
fn without_a_checksum_nothing_is_even_downloaded() {
    let none: &[(&str, &str)] = &[];
    let other_platform = &[("proctor-aarch64-unknown-linux-musl", &*"0".repeat(64))];
    let short = &[(ASSET, "abc")];
    let no_hexadecimal = &[(ASSET, &*"g".repeat(64))];
    let similar = &[("xproctor-x86_64-unknown-linux-musl", &*"0".repeat(64))];
    for image in &IMAGES {
        for checksums in [none, other_platform, short, no_hexadecimal, similar] {
            let (server, sandbox) = (Server::start(), sandbox(""));
            server.give(&path(VERSION, ASSET), Answer::File(small_program()));
            let Some(job) = job(image, &server, &sandbox) else {
                continue;
            };
            let job = job.released(checksums);
            job.end().expect(
                image.name,
                2,
                &["has no checksum of proctor-x86_64-unknown-linux-musl 0."],
            );
            assert!(server.asked().is_empty() && sandbox.received().is_empty());
        }
    }
}

#[test]
fn another_version_needs_its_checksums() {
    let released = small_program();
    let sum = sha256(&released);
    for image in &IMAGES {
        let (server, sandbox) = (Server::start(), sandbox(""));
        server.give(&path("9.8.7", ASSET), Answer::File(released.clone()));
        let Some(job) = job(image, &server, &sandbox) else {
            continue;
        };
        let job = job.released(&[(ASSET, &sum)]).input("version", "9.8.7");
        job.end().expect(
            image.name,
            2,
            &["has no checksum", "9.8.7", "give `checksums`"],
        );
        assert!(server.asked().is_empty());
        let Some(job) = self::job(image, &server, &sandbox) else {
            continue;
        };
        let others = format!("{sum}  proctor.wasm");
        let job = job.input("version", "9.8.7").input("checksums", others);
        let told = format!("`checksums` has no SHA-256 checksum of {ASSET}");
        job.end().expect(image.name, 2, &[&told]);
        assert!(server.asked().is_empty());
        // Both forms of sha256sum, among those of other files.
        for line in [format!("{sum}  {ASSET}"), format!("{sum} *{ASSET}")] {
            let Some(job) = self::job(image, &server, &sandbox) else {
                continue;
            };
            let sums = format!("{}  proctor.wasm\n{line}\n", "1".repeat(64));
            let job = job.input("version", "9.8.7").input("checksums", sums);
            job.end().expect(image.name, 0, &[]);
        }
    }
}

#[test]
fn a_server_that_does_not_give_it_is_asked_again_if_that_can_help() {
    let cases = [
        (
            Answer::Status(404),
            2,
            1,
            "see that this version is released",
        ),
        (Answer::Status(503), 7, 3, "tried 3 times"),
    ];
    for image in &IMAGES {
        for (answer, code, asked, said) in cases.clone() {
            let (server, sandbox) = (Server::start(), sandbox(""));
            server.give(&path(VERSION, ASSET), answer);
            let Some(job) = job(image, &server, &sandbox) else {
                continue;
            };
            let job = job.released(&[(ASSET, &"0".repeat(64))]);
            job.end()
                .expect(image.name, code, &["cannot be downloaded", said]);
            assert!(files_below(&job.path(".proctor")).is_empty());
            assert_eq!(server.asked().len(), asked, "{}", image.name);
            assert_eq!(sandbox.received().len(), 0);
        }
    }
}

#[test]
fn each_platform_has_its_program() {
    let image = &IMAGES[1];
    for (system, machine, asset) in ASSETS {
        let (server, sandbox) = (Server::start(), sandbox(""));
        let released = small_program();
        server.give(&path(VERSION, asset), Answer::File(released.clone()));
        let Some(job) = job(image, &server, &sandbox) else {
            return;
        };
        job.tool(
            "uname",
            &format!("case $1 in -s) echo {system} ;; *) echo {machine} ;; esac"),
        );
        let job = job.released(&[(asset, &sha256(&released))]);
        if asset.is_empty() {
            let told = format!("there is no release for {system} {machine}");
            job.end().expect(machine, 2, &[&told, "`version: image`"]);
        } else {
            job.end().expect(machine, 0, &[]);
            assert_eq!(server.asked(), [path(VERSION, asset)]);
        }
    }
}

#[test]
fn the_program_of_the_image_is_used_if_the_input_says_so() {
    for image in &IMAGES {
        let (server, sandbox) = (Server::start(), sandbox(""));
        let Some(job) = job(image, &server, &sandbox) else {
            continue;
        };
        let job = job.input("version", "image");
        job.end()
            .expect(image.name, 2, &["no `proctor` on the PATH of the image"]);
        let small = String::from_utf8(small_program()).expect("UTF-8");
        job.tool("proctor", &small);
        job.end().expect(image.name, 0, &[]);
        assert!(server.asked().is_empty() && !job.path(".proctor").exists());
    }
}

#[test]
fn an_image_that_lacks_what_is_needed_is_told_what_to_add() {
    let (server, sandbox) = (Server::start(), sandbox(""));
    server.give(&path(VERSION, ASSET), Answer::File(small_program()));
    for image in &IMAGES {
        for (tools, told) in [
            (["curl", "wget"].as_slice(), "add curl or wget"),
            (
                ["sha256sum", "openssl"].as_slice(),
                "add sha256sum, shasum or openssl",
            ),
        ] {
            let Some(mut job) = job(image, &server, &sandbox) else {
                continue;
            };
            for tool in tools.iter().filter(|tool| image.has(tool)) {
                job = job.without_tool(tool);
            }
            let job = job.released(&[(ASSET, &"0".repeat(64))]);
            job.end().expect(image.name, 2, &[told]);
        }
    }
    assert!(server.asked().is_empty() && sandbox.received().is_empty());
}

/// GitLab refuses these by the inputs' patterns. A variable of the project that has the name of the job's wins over it.
#[test]
fn a_variable_in_the_place_of_an_input_is_looked_at_too() {
    let cases = [
        ("PROCTOR_INPUT_VERSION", "", "`version` must be like 0."),
        (
            "PROCTOR_INPUT_VERSION",
            "../../x",
            "`version` must be like 0.",
        ),
        (
            "PROCTOR_INPUT_DOWNLOAD_URL",
            "http://example.com",
            "must begin with https://",
        ),
        (
            "PROCTOR_INPUT_DOWNLOAD_URL",
            "file:///x",
            "must begin with https://",
        ),
    ];
    for (name, value, told) in cases {
        let (server, sandbox) = (Server::start(), sandbox(""));
        let Some(job) = job(&IMAGES[1], &server, &sandbox) else {
            return;
        };
        let job = job
            .released(&[(ASSET, &"0".repeat(64))])
            .variable(name, value);
        job.end().expect(value, 2, &[told]);
    }
}

/// 1 would say that a test failed.
#[test]
fn what_cannot_be_written_or_computed_ends_with_2() {
    let released = small_program();
    for image in &IMAGES {
        let hasher = match image.has("sha256sum") {
            true => "sha256sum",
            false => "openssl",
        };
        for (broken, told) in [
            ("mkdir", "cannot be made"),
            ("chmod", "cannot be written"),
            ("mv", "cannot be written"),
            (hasher, "cannot compute the checksum"),
            ("rm", "cannot be removed"),
        ] {
            let (server, sandbox) = (Server::start(), sandbox(""));
            server.give(&path(VERSION, ASSET), Answer::File(released.clone()));
            let Some(job) = job(image, &server, &sandbox) else {
                continue;
            };
            job.tool(broken, "exit 1");
            let job = job.released(&[(ASSET, &sha256(&released))]);
            job.end().expect(image.name, 2, &["proctor: ", told]);
            assert_eq!(sandbox.received().len(), 0, "{broken}");
        }
    }
}

#[test]
fn reports_of_an_earlier_job_are_not_taken_for_those_of_one_that_ends_early() {
    for image in &IMAGES {
        let Some(job) = Job::new(image) else { continue };
        std::fs::create_dir(job.path("proctor-reports")).expect("the project is empty");
        let old = ["junit.xml", "proctor.env", "proctor-handle.json", "own.xml"];
        let mut job = job.input("version", "image");
        for name in old {
            job = job.file(&format!("proctor-reports/{name}"), "of another job");
        }
        job.end().expect(image.name, 2, &["there is no `proctor`"]);
        let mut left = files_below(&job.path("proctor-reports"));
        left.sort();
        assert_eq!(left, ["own.xml", "proctor-handle.json"], "{}", image.name);
    }
}
