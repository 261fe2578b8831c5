//! Five hundred targets of all services at once.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use proctor_sandbox::Sandbox;
use serde_json::Value;

use super::{sandbox, watched};
use proctor_test_support::Proctor;

/// How many connections may be open to one origin: for the requests and the streams of events that are under way, as
/// `host/src/network/lanes.rs` says, and those that are kept for later ones; with some more, as a server notices late that one
/// is closed. All services of the sandbox are one origin.
const CONNECTIONS: usize = 32 + 64 + 32 + 32;

/// In MiB: more than twice what it takes, which is about half of one for each target.
const MEMORY: u64 = 600;

/// How many targets there are at each service. Every tenth finds a failure.
const KEPLOY: usize = 150;
const HTTP: usize = 130;
const TESTCLIX: usize = 120;
const TESTMO: usize = 70;
const CHECKVIEW: usize = 20;
/// Few, as what izli.io grants is not told by its answers and has to do.
const IZLI: usize = 10;

/// The targets of one service: how many, how each is written, and what is there for it.
struct Many {
    name: &'static str,
    stand_in: &'static str,
    count: usize,
    variable: &'static str,
    key: &'static str,
    /// `{id}` stands for what is run.
    target: &'static str,
    id: fn(usize) -> String,
}

const fn fails(number: usize) -> bool {
    number.is_multiple_of(10)
}

fn word(number: usize) -> &'static str {
    if fails(number) { "fail" } else { "pass" }
}

const ALL: [Many; 6] = [
    Many {
        name: "keploy",
        stand_in: "keploy",
        count: KEPLOY,
        variable: "KEPLOY_API_KEY",
        key: "kep_sandbox",
        target: "provider = \"keploy\"\napp = \"{id}\"\nbase_url = \"{system}\"",
        id: |number| format!("app-{number}"),
    },
    Many {
        name: "http",
        stand_in: "keploy",
        count: HTTP,
        variable: "PROCTOR_HTTP_KEY",
        key: "kep_sandbox",
        target: r#"
            provider = "http"
            auth = "x-api-key"
            trigger = "POST /apps/{id}/test-suites/run"
            trigger_body = '{"base_url": "{system}"}'
            run_id = "$.data.job_id"
            poll = "GET /jobs/{run_id}"
            state = "$.data.job_status"
            results = "GET /apps/{id}/test-runs/{run_id}/suite-reports"
            tests = "$.data"
            test_name = "$.suite_name"
            test_verdict = "$.status"
            passed = ["COMPLETED", "passed"]
            failed = ["FAILED"]
            queued = ["QUEUED"]
            running = ["RUNNING"]
        "#,
        id: |number| format!("app-{}", KEPLOY + number),
    },
    Many {
        name: "testclix",
        stand_in: "testclix",
        count: TESTCLIX,
        variable: "TESTCLIX_API_KEY",
        key: "testclix-sandbox",
        target: "provider = \"testclix\"\ntest = \"{id}\"",
        id: |number| match fails(number) {
            true => format!("01GDFAIL&{number:04}"),
            false => format!("01GDFIXED&{number:04}"),
        },
    },
    Many {
        name: "testmo",
        stand_in: "testmo",
        count: TESTMO,
        variable: "TESTMO_TOKEN",
        key: "testmo-sandbox",
        target: "provider = \"testmo\"\nrun = \"{id}\"",
        id: |number| (201 + number).to_string(),
    },
    Many {
        name: "checkview",
        stand_in: "checkview",
        count: CHECKVIEW,
        variable: "CHECKVIEW_API_TOKEN",
        key: "cvpat_sandbox",
        target: "provider = \"checkview\"\nflow = \"{id}\"",
        id: |number| format!("flow-{number}-{}", word(number)),
    },
    Many {
        name: "izli",
        stand_in: "izli",
        count: IZLI,
        variable: "IZLI_API_KEY",
        key: "izli_agent_sandbox",
        target: "provider = \"izli\"\napi_monitor = \"{id}\"",
        id: |number| match fails(number) {
            true => format!("apm_{number}_failed"),
            false => format!("apm_{number}_success"),
        },
    },
];

/// Everything that the targets run. What Keploy grants is less than all of them would ask at once.
fn scenario() -> String {
    let mut text = "[keploy]\nallow_private_targets = true\nlink = \"same-id\"\nrequests_per_minute = 6000\nburst = 300\n".to_owned();
    for number in 0..KEPLOY + HTTP {
        let place = number.checked_sub(KEPLOY).unwrap_or(number);
        let _ = writeln!(
            text,
            "[[keploy.apps]]\nid = \"app-{number}\"\nsuites = [{{ id = \"s-{}\", duration_ms = 2000 }}]",
            word(place)
        );
    }
    text.push_str("[testclix]\n");
    for number in 0..TESTCLIX {
        let id = (ALL[2].id)(number);
        let _ = writeln!(
            text,
            "[[testclix.tests]]\nid = \"{id}\"\nprocessing_ms = 3000"
        );
    }
    text.push_str("[testmo]\n");
    for number in 0..TESTMO {
        let failed = usize::from(fails(number));
        let _ = writeln!(
            text,
            "[[testmo.runs]]\nid = {}\nname = \"r\"\nsource = \"e2e\"\nstate = \"finishing\"\npassed = 4\nfailed = {failed}",
            201 + number
        );
    }
    text.push_str("[checkview]\nrequests_per_minute = 6000\n[[checkview.websites]]\nid = \"site\"\nurl = \"https://shop.example\"\n");
    for number in 0..CHECKVIEW {
        let id = (ALL[4].id)(number);
        let _ = writeln!(text, "[[checkview.websites.flows]]\nid = \"{id}\"");
    }
    text.push_str("[izli]\n");
    for number in 0..IZLI {
        let id = (ALL[5].id)(number);
        let _ = writeln!(text, "[[izli.api_monitors]]\nid = \"{id}\"");
    }
    text
}

/// `proctor.toml`, and the verdict that is due for each target.
fn config(sandbox: &Sandbox) -> (String, BTreeMap<String, &'static str>) {
    let (mut text, mut due) = (String::new(), BTreeMap::new());
    for many in &ALL {
        for number in 0..many.count {
            let name = format!("{}-{number}", many.name);
            let settings = many
                .target
                .replace("{id}", &(many.id)(number))
                .replace("{system}", &sandbox.system_url());
            let api = sandbox.service_url(many.stand_in);
            let _ = writeln!(text, "[targets.{name}]\napi_url = \"{api}\"\n{settings}\n");
            due.insert(name, if fails(number) { "failed" } else { "passed" });
        }
    }
    (text, due)
}

#[test]
fn five_hundred_targets_are_followed_at_once() {
    let sandbox = sandbox(&scenario());
    let (config, due) = config(&sandbox);
    assert_eq!(due.len(), 500);
    let mut proctor = Proctor::new(&["run", "--jobs", "500", "--report", "json"])
        .file("proctor.toml", &config)
        .variable("PROCTOR_TIMEOUT", "5m");
    for many in &ALL {
        proctor = proctor.variable(many.variable, many.key);
    }
    let (outcome, memory) = watched(proctor);
    let outcome = outcome.expect(1);

    let results = outcome.results();
    let found: BTreeMap<String, &str> = results["targets"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|target| (text(&target["name"]).to_owned(), text(&target["verdict"])))
        .collect();
    assert_eq!(found, due);

    let received = sandbox.received();
    let refused: Vec<_> = received
        .iter()
        .filter(|received| received.status == 429)
        .map(|received| (&received.service, &received.path, received.at_ms))
        .collect();
    assert!(refused.is_empty(), "over the rate: {refused:?}");
    let triggers = ["/apps/*/test-suites/run", "/execute/*", "/test-flows/*/run"];
    let started: usize = triggers
        .map(|path| sandbox.count("POST", path))
        .iter()
        .sum();
    assert_eq!(started, KEPLOY + HTTP + TESTCLIX + CHECKVIEW);
    assert!(
        sandbox.most_connections() <= CONNECTIONS,
        "{} connections",
        sandbox.most_connections()
    );
    assert!(memory < MEMORY, "{memory} MiB");
    println!(
        "{} requests, {} connections, {memory} MiB",
        received.len(),
        sandbox.most_connections()
    );
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
