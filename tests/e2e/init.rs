//! `proctor init`: what it writes, and when it writes nothing.

mod beside;
mod hostile;
mod lists;
mod questions;
mod refusals;

use std::collections::BTreeSet;
use std::path::Path;

use proctor_sandbox::{Sandbox, Scenario};
use proctor_test_support::{Outcome, Proctor, sandbox};

/// The systems, each with the file that it reads.
const SYSTEMS: [(&str, &str); 3] = [
    ("github", ".github/workflows/proctor.yml"),
    ("gitlab", ".gitlab-ci.yml"),
    ("jenkins", "Jenkinsfile"),
];

/// A service and something that it runs.
struct Service {
    provider: &'static str,
    stand_in: &'static str,
    variable: &'static str,
    key: &'static str,
    /// Its part of the scenario.
    scenario: &'static str,
    /// The parameters; `{system}` stands for the system under test.
    sets: &'static [&'static str],
}

const SERVICES: [Service; 6] = [
    Service {
        provider: "keploy",
        stand_in: "keploy",
        variable: "KEPLOY_API_KEY",
        key: "kep_sandbox",
        scenario: "allow_private_targets = true",
        sets: &["app=app-7f3", "base_url={system}", "suites=checkout,search"],
    },
    Service {
        provider: "checkview",
        stand_in: "checkview",
        variable: "CHECKVIEW_API_TOKEN",
        key: "cvpat_sandbox",
        scenario: "",
        sets: &["flow=flow-pass"],
    },
    Service {
        provider: "testclix",
        stand_in: "testclix",
        variable: "TESTCLIX_API_KEY",
        key: "testclix-sandbox",
        scenario: "[[testclix.tests]]\nid = \"01GDFIXED&01AAAA\"\n",
        sets: &["test=01GDFIXED&01AAAA"],
    },
    Service {
        provider: "izli",
        stand_in: "izli",
        variable: "IZLI_API_KEY",
        key: "izli_agent_sandbox",
        scenario: "[[izli.api_monitors]]\nid = \"apm_success\"\n",
        sets: &["api_monitor=apm_success"],
    },
    Service {
        provider: "testmo",
        stand_in: "testmo",
        variable: "TESTMO_TOKEN",
        key: "testmo-sandbox",
        scenario: "[[testmo.runs]]\nid = 201\nname = \"passes\"\nsource = \"e2e\"\npassed = 4\n",
        sets: &["run=201"],
    },
    Service {
        provider: "http",
        stand_in: "keploy",
        variable: "PROCTOR_HTTP_KEY",
        key: "kep_sandbox",
        scenario: "allow_private_targets = true",
        sets: &[
            "auth=x-api-key",
            "trigger=POST /apps/app-7f3/test-suites/run",
            "trigger_body={\"base_url\": \"{system}\"}",
            "run_id=$.data.job_id",
            "poll=GET /jobs/{run_id}",
            "state=$.data.job_status",
            "passed=COMPLETED",
            "failed=FAILED,buggy",
        ],
    },
];

impl Service {
    fn sandbox(&self) -> Sandbox {
        let scenario = format!("[{}]\n{}", self.stand_in, self.scenario);
        let scenario = Scenario::from_toml(&scenario).unwrap_or_else(|error| panic!("{error}"));
        Sandbox::start("127.0.0.1:0".parse().expect("an address"), scenario).expect("a free port")
    }

    /// `proctor init` by flags alone.
    fn init(&self, sandbox: &Sandbox, system: &str) -> Proctor {
        let url = sandbox.service_url(self.stand_in);
        let sets: Vec<String> = self
            .sets
            .iter()
            .map(|set| set.replace("{system}", &sandbox.system_url()))
            .collect();
        let sets = sets.iter().flat_map(|set| ["--set", set.as_str()]);
        let sets: Vec<&str> = sets.collect();
        Proctor::new(&[
            "init",
            system,
            "--provider",
            self.provider,
            "--api-url",
            &url,
        ])
        .arguments(&sets)
    }
}

/// `proctor init` for an app of the sandbox's Keploy.
fn keploy(sandbox: &Sandbox, arguments: &[&str]) -> Proctor {
    let url = sandbox.service_url("keploy");
    let system = format!("base_url={}", sandbox.system_url());
    Proctor::new(&["init"])
        .arguments(arguments)
        .arguments(&["--provider", "keploy", "--api-url", &url])
        .arguments(&["--set", "app=app-7f3", "--set", &system])
}

/// Every file below a folder, by its path from there.
fn files(folder: &Path) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(next).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let below = path.strip_prefix(folder).expect("it is below");
            found.insert(below.to_string_lossy().into_owned());
        }
    }
    found
}

/// Asserts that these files were written, and no other.
#[track_caller]
fn wrote(outcome: &Outcome, expected: &[&str]) {
    let expected: BTreeSet<String> = expected.iter().map(|name| (*name).to_owned()).collect();
    assert_eq!(files(outcome.folder.path()), expected, "{}", outcome.err);
}

/// A configuration as it is read.
fn config(outcome: &Outcome) -> toml_edit::DocumentMut {
    let text = outcome.read("proctor.toml");
    text.parse()
        .unwrap_or_else(|error| panic!("{error}\n{text}"))
}

#[test]
fn what_is_written_for_each_service_and_system_passes_the_check() {
    for service in &SERVICES {
        let sandbox = service.sandbox();
        for (system, file) in SYSTEMS {
            let outcome = service.init(&sandbox, system).end().expect(0);
            wrote(&outcome, &["proctor.toml", file]);
            let pipeline = outcome.read(file);
            for known in &SERVICES {
                let is_named = pipeline.contains(known.variable);
                let is_needed = known.variable == service.variable;
                assert_eq!(is_named, is_needed, "{}: {pipeline}", known.variable);
            }
            let outcome = outcome.says(&format!("wrote proctor.toml and {file}"));
            Proctor::new(&["check"])
                .within(outcome.folder.path())
                .variable(service.variable, service.key)
                .end()
                .expect(0);
        }
        assert_eq!(sandbox.count("POST", "**"), 0, "{}", service.provider);
    }
}

#[test]
fn what_is_written_runs() {
    let sandbox = sandbox("");
    let outcome = keploy(&sandbox, &["github"]).end().expect(0);
    Proctor::new(&["run"])
        .within(outcome.folder.path())
        .key(proctor_test_support::KEY)
        .end()
        .expect(0)
        .says("passed");
}

#[test]
fn the_system_is_found_in_the_repository() {
    let sandbox = sandbox("");
    let cases = [
        (".gitlab-ci.yml", "stages: [test]\n", ".gitlab/proctor.yml"),
        ("Jenkinsfile", "node {}\n", "Jenkinsfile.proctor"),
        (
            ".git/config",
            "[remote \"origin\"]\n\turl = git@github.com:shop/shop.git\n",
            ".github/workflows/proctor.yml",
        ),
    ];
    for (name, text, written) in cases {
        let proctor = keploy(&sandbox, &[]);
        std::fs::create_dir(proctor.path(".git")).expect("the folder is free");
        let outcome = proctor.file(name, text).end().expect(0);
        wrote(&outcome, &["proctor.toml", name, written]);
        assert_eq!(outcome.read(name), text, "it stays as it is");
    }
}

#[test]
fn a_dry_run_prints_what_would_be_written_and_writes_nothing() {
    let sandbox = sandbox("");
    let dry = keploy(&sandbox, &["gitlab", "--dry-run"]).end().expect(0);
    wrote(&dry, &[]);
    let wet = keploy(&sandbox, &["gitlab"]).end().expect(0);
    let expected = format!(
        "==> proctor.toml <==\n{}\n==> .gitlab-ci.yml <==\n{}\n",
        wet.read("proctor.toml"),
        wet.read(".gitlab-ci.yml")
    );
    assert_eq!(dry.out, expected);
    assert!(
        sandbox.received().is_empty(),
        "nothing is asked of the service"
    );
}

#[test]
fn a_commit_takes_the_place_of_the_tag_everywhere() {
    let sandbox = sandbox("");
    let commit = "0123456789abcdef0123456789abcdef01234567";
    let tag = concat!("v", env!("CARGO_PKG_VERSION"));
    for (system, file) in SYSTEMS {
        let loose = keploy(&sandbox, &[system]).end().expect(0);
        let command =
            format!("git ls-remote https://github.com/proctor-ci/proctor 'refs/tags/{tag}^{{}}'");
        assert!(loose.out.contains(&command), "{}", loose.out);
        assert!(loose.read(file).contains(&command));
        let pinned = keploy(&sandbox, &[system, "--pin", commit]).end().expect(0);
        assert!(!pinned.out.contains("git ls-remote"), "{}", pinned.out);
        let (loose, pinned) = (loose.read(file), pinned.read(file));
        assert!(
            pinned.contains(commit) && !pinned.contains("git ls-remote"),
            "{pinned}"
        );
        for taken in [
            format!("uses: proctor-ci/proctor@{tag}\n"),
            format!("proctor-ci/proctor/{tag}/templates"),
            format!("@Library('proctor@{tag}')"),
        ] {
            assert!(!pinned.contains(&taken), "{pinned}");
        }
        assert!(loose.contains(tag));
    }
}

#[test]
fn another_configuration_file_is_named_wherever_it_is_read() {
    let sandbox = sandbox("");
    for (system, file) in SYSTEMS {
        let outcome = keploy(&sandbox, &[system, "--config", "ci/hosted.toml"])
            .end()
            .expect(0)
            .says("proctor check --config ci/hosted.toml");
        wrote(&outcome, &["ci/hosted.toml", file]);
        let pipeline = outcome.read(file);
        let named = ["config: \"ci/hosted.toml\"", "config: 'ci/hosted.toml'"];
        assert!(
            named.iter().any(|text| pipeline.contains(text)),
            "{pipeline}"
        );
    }
}

#[test]
fn every_parameter_is_there_or_shown_as_what_may_be_added() {
    let sandbox = sandbox("");
    let outcome = keploy(&sandbox, &["github", "--name", "the shop's"])
        .end()
        .expect(0);
    let text = outcome.read("proctor.toml");
    for line in [
        "[targets.\"the shop's\"]",
        "provider = \"keploy\"",
        "app = \"app-7f3\"",
        "# suites = [\"…\"]  # names or ids of suites; all of the app if left out",
        "# buggy = \"fail\"",
    ] {
        assert!(
            text.lines().any(|found| found.starts_with(line)),
            "{line}\n{text}"
        );
    }
    assert_eq!(
        config(&outcome)["targets"]["the shop's"]["app"].as_str(),
        Some("app-7f3")
    );
}

#[cfg(unix)]
#[test]
fn the_files_are_for_everyone_who_works_on_the_repository() {
    use std::os::unix::fs::PermissionsExt as _;
    let sandbox = sandbox("");
    let outcome = keploy(&sandbox, &["github"])
        .file("usual", "")
        .end()
        .expect(0);
    let mode = |name: &str| {
        let metadata = outcome.path(name).metadata().expect("it is there");
        metadata.permissions().mode() & 0o777
    };
    assert_eq!(mode("proctor.toml"), mode("usual"));
    assert_eq!(mode(".github/workflows/proctor.yml"), mode("usual"));
}
