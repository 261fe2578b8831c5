//! Many targets and many results in one invocation.

use std::{fmt::Write as _, path::Path, time::Duration};

use super::KEY;
use crate::{
    Result,
    command::Measured,
    figures::{bytes, count, in_ms, milliseconds},
    lengths::drawn,
    page::Page,
    setting::{Setting, sandbox},
};

/// Kinds of report that hold every result.
const KINDS: [&str; 10] = [
    "json",
    "junit",
    "html",
    "markdown",
    "gitlab-codequality",
    "gitlab-annotations",
    "dotenv",
    "warnings-ng",
    "sarif",
    "ctrf",
];

pub fn play(setting: &Setting, page: &mut Page) -> Result<()> {
    many_targets(setting, page)?;
    many_results(setting, page)
}

fn many_targets(setting: &Setting, page: &mut Page) -> Result<()> {
    let folder = setting.within("targets")?;
    let targets = setting.either(500, 20);
    let (shortest, longest) = (Duration::from_secs(5), Duration::from_secs(20));
    let lengths = drawn(targets, shortest, longest);
    let mut scenario = granting();
    for (at, length) in lengths.iter().enumerate() {
        let _ = writeln!(
            scenario,
            "[[keploy.apps]]\nid = \"app-{at}\"\nsuites = [{{ id = \"s\", duration_ms = {} }}]",
            length.as_millis()
        );
    }
    let sandbox = sandbox(&scenario)?;
    let config: String = (0..targets)
        .map(|at| {
            target(
                &format!("t{at}"),
                &sandbox.service_url("keploy"),
                &format!("app-{at}"),
                &sandbox.system_url(),
            )
        })
        .collect();
    std::fs::write(folder.join("proctor.toml"), config)?;
    let command = setting
        .proctor(&folder, &["run", "--report", "json"])
        .variable("PROCTOR_HTTP_KEY", KEY);
    let took = command.expect(&[0])?.took;
    let received = sandbox.received();
    let refused = received.iter().filter(|it| it.status == 429).count();
    let slowest = lengths.iter().max().copied().unwrap_or_default();
    page.part(&format!("{} targets at once", count(targets)));
    page.paragraph(
        "One invocation with a target for each of as many jobs, of 5 to 20 seconds at random, at one service without a stream \
         and with a generous rate.",
    );
    let rows = [
        ("the longest job", milliseconds(in_ms(slowest))),
        ("the whole invocation", milliseconds(in_ms(took.wall()))),
        ("processor time", milliseconds(in_ms(took.cpu))),
        ("peak memory", bytes(took.memory as f64)),
    ]
    .map(|(name, value)| [name.to_owned(), value]);
    let more = [
        ("most connections at once", sandbox.most_connections()),
        ("requests", received.len()),
        (
            "requests that the service refused for coming too fast",
            refused,
        ),
    ]
    .map(|(name, number)| [name.to_owned(), count(number)]);
    page.table(["what", "figure"], &[rows.as_slice(), &more].concat());
    page.ratio(
        &format!(
            "{} targets, beside the longest of their jobs",
            count(targets)
        ),
        milliseconds(in_ms(took.wall())),
        milliseconds(in_ms(slowest)),
        crate::figures::times(in_ms(took.wall()), in_ms(slowest)),
    );
    Ok(())
}

/// A Keploy that grants what is asked for.
fn granting() -> String {
    "[keploy]\nallow_private_targets = true\nlink = \"same-id\"\nrequests_per_minute = 1000000\nburst = 100000\nqueue_ms = 0\n"
        .to_owned()
}

fn target(name: &str, api: &str, app: &str, system: &str) -> String {
    format!(
        r#"
[targets.{name}]
provider      = "http"
api_url       = "{api}"
auth          = "x-api-key"
trigger       = "POST /apps/{app}/test-suites/run"
trigger_body  = '{{"base_url": "{system}"}}'
run_id        = "$.data.job_id"
poll          = "GET /jobs/{{run_id}}"
state         = "$.data.job_status"
results       = "GET /apps/{app}/test-runs/{{run_id}}/suite-reports?page_size=500"
results_next  = "$.meta.pagination.next_cursor"
results_page  = "GET /apps/{app}/test-runs/{{run_id}}/suite-reports?page_size=500&after={{next}}"
tests         = "$.data"
test_name     = "$.suite_name"
test_verdict  = "$.status"
test_duration = "$.duration_ms"
duration_unit = "ms"
passed        = ["COMPLETED", "passed"]
failed        = ["FAILED", "failed"]
running       = ["QUEUED", "RUNNING"]
"#
    )
}

fn many_results(setting: &Setting, page: &mut Page) -> Result<()> {
    let folder = setting.within("results")?;
    let (targets, each) = (10, setting.either(10_000, 200));
    let mut scenario = granting();
    for app in 0..targets {
        let _ = write!(scenario, "[[keploy.apps]]\nid = \"app-{app}\"\nsuites = [");
        for suite in 0..each {
            let outcome = if suite % 20 == 0 { "fail" } else { "pass" };
            let _ = write!(
                scenario,
                "{{ id = \"case {suite} of the shop\", outcome = \"{outcome}\", duration_ms = 0, steps = [\"it\"] }},"
            );
        }
        scenario.push_str("]\n");
    }
    let sandbox = sandbox(&scenario)?;
    let (api, system) = (sandbox.service_url("keploy"), sandbox.system_url());
    let config: String = (0..targets)
        .map(|at| target(&format!("t{at}"), &api, &format!("app-{at}"), &system))
        .collect();
    std::fs::write(folder.join("proctor.toml"), config)?;
    let run = setting
        .proctor(&folder, &["run", "--report", "json"])
        .variable("PROCTOR_HTTP_KEY", KEY)
        .expect(&[1])?;
    drop(sandbox);
    let mut rows = vec![row(
        "collecting them, page by page, and writing `json`",
        &run.took,
        &folder.join("results.json"),
    )];
    for kind in KINDS {
        let to = format!("{kind}=report.{kind}");
        let render = ["render", &to, "--from", "results.json", "--exit-zero"];
        let took = setting.proctor(&folder, &render).expect(&[0])?.took;
        let report = folder.join(format!("report.{kind}"));
        rows.push(row(&format!("`{kind}`"), &took, &report));
    }
    let half = [
        "render",
        "json=merged.json",
        "--from",
        "results.json",
        "--from",
        "report.json",
        "--exit-zero",
    ];
    let took = setting.proctor(&folder, &half).expect(&[0])?.took;
    rows.push(row(
        "merging two files of as many",
        &took,
        &folder.join("merged.json"),
    ));
    page.part(&format!("{} results", count(targets * each)));
    page.paragraph(
        "One run of ten targets, and each kind of report made of its results file by `proctor render`, a process of its own. \
         That the work grows no faster than the results is tested by counting the component's instructions.",
    );
    page.table(
        [
            "what",
            "time",
            "processor time",
            "peak memory",
            "size of the file",
        ],
        &rows,
    );
    Ok(())
}

fn row(what: &str, took: &Measured, file: &Path) -> [String; 5] {
    let size = std::fs::metadata(file).map_or(0, |it| it.len());
    [
        what.to_owned(),
        milliseconds(in_ms(took.wall())),
        milliseconds(in_ms(took.cpu)),
        bytes(took.memory as f64),
        bytes(size as f64),
    ]
}
