//! A cancelled job: all its processes get SIGTERM, the run at the service is stopped, and the reports are there.

use std::process::Child;

use proctor_test_support::{KEY, sandbox, until};

use crate::programs::{files_below, results, small_program};
use crate::runner::{Ended, IMAGES, Image, Job, signal_group, signal_script};
use crate::server::{Answer, Server};

#[test]
fn a_cancelled_job_stops_its_run_and_reports() {
    for image in &IMAGES {
        stops_and_reports(image, signal_group);
    }
}

/// Some executors reach the processes one by one. There must be no shell that keeps the signal from the program.
#[test]
fn the_script_becomes_the_program() {
    for image in &IMAGES {
        stops_and_reports(image, signal_script);
    }
}

fn stops_and_reports(image: &'static Image, signal: fn(&Child, &str)) {
    let sandbox = sandbox("");
    let Some(job) = Job::new(image) else {
        return;
    };
    let small = String::from_utf8(small_program()).expect("UTF-8");
    job.tool("proctor", &small);
    let set = format!("app=app-stuck\nbase_url={}", sandbox.system_url());
    let job = job
        .input("version", "image")
        .input("provider", "keploy")
        .input("api-url", sandbox.service_url("keploy"))
        .input("set", set)
        .input("timeout", "2m")
        .variable("KEPLOY_API_KEY", KEY);
    let child = job.start();
    until("following", || sandbox.count("GET", "/jobs/*") > 0);
    signal(&child, "TERM");
    let ended = Ended::of(child);
    let name = image.name;
    assert!(
        ended.log.contains("interrupted by SIGTERM"),
        "{name}\n{}",
        ended.log
    );
    assert_ne!(ended.code, 0, "{name}");
    assert_eq!(sandbox.count("POST", "/jobs/*/stop"), 1, "{name}");
    let results = results(&job.path("proctor-reports/results.json"));
    assert_eq!(results["exit_code"], 143, "{name}");
    assert_eq!(results["targets"][0]["verdict"], "cancelled");
    assert!(job.path("proctor-reports/junit.xml").exists());
}

#[test]
fn a_job_that_is_cancelled_while_it_downloads_leaves_no_program() {
    const ASSET: &str = "proctor-x86_64-unknown-linux-musl";
    for image in &IMAGES {
        let server = Server::start();
        let path = format!("/v{}/{ASSET}", env!("CARGO_PKG_VERSION"));
        server.give(&path, Answer::Hang);
        let Some(job) = Job::new(image) else { continue };
        job.tool(
            "uname",
            "case $1 in -s) echo Linux ;; *) echo x86_64 ;; esac",
        );
        let job = job
            .released(&[(ASSET, &"0".repeat(64))])
            .input("download-url", server.url.as_str());
        let child = job.start();
        until("downloading", || !server.asked().is_empty());
        signal_group(&child, "TERM");
        let ended = Ended::of(child);
        assert_ne!(ended.code, 0, "{}\n{}", image.name, ended.log);
        let left = files_below(&job.path(".proctor"));
        assert!(!left.iter().any(|file| file.ends_with(ASSET)), "{left:?}");
    }
}
