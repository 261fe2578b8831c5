//! What one request costs beyond the service's answer.

use std::fmt::Write as _;

use proctor_sandbox::Sandbox;

use super::KEY;
use crate::{
    Result,
    command::{Measured, Timed, found},
    figures::{Sample, count, in_ms, milliseconds, times},
    page::Page,
    setting::{Setting, sandbox},
};

/// The script of the other side.
const SCRIPT: &str = include_str!("../../scripts/polls.sh");

/// The costs of one request, in milliseconds.
#[derive(Default)]
struct Each {
    wall: Vec<f64>,
    cpu: Vec<f64>,
}

impl Each {
    fn note(&mut self, few: &Measured, many: &Measured, requests: usize) {
        let each = |few: f64, many: f64| (many - few) / requests as f64;
        self.wall.push(each(in_ms(few.wall()), in_ms(many.wall())));
        self.cpu.push(each(in_ms(few.cpu), in_ms(many.cpu)));
    }

    fn row(&self, name: &str) -> [String; 3] {
        let median = |all: &[f64]| milliseconds(Sample::new(all.iter().copied()).median());
        [name.to_owned(), median(&self.wall), median(&self.cpu)]
    }
}

pub fn play(setting: &Setting, page: &mut Page) -> Result<()> {
    let folder = setting.within("polls")?;
    let requests = setting.either(400, 20);
    let sandbox = sandbox(&scenario(requests))?;
    let curl = found("curl").and(found("jq"));
    curl.ok_or("curl and jq are not there: see tests/consumers/install.sh")?;
    let script = folder.join("polls.sh");
    std::fs::write(&script, SCRIPT)?;
    let (mut ours, mut theirs) = (Each::default(), Each::default());
    for _ in 0..setting.either(7, 1) {
        let few = ours_with(setting, &sandbox, "few")?.expect(&[0])?.took;
        let many = ours_with(setting, &sandbox, "many")?.expect(&[0])?.took;
        ours.note(&few, &many, requests);
        let asks = |times: usize| {
            Timed::new("sh", &folder)
                .arguments([&script])
                .variable("API", sandbox.service_url("keploy"))
                .variable("KEY", KEY)
                .variable("JOB", "job-old-few-0")
                .variable("TIMES", times.to_string())
        };
        let few = asks(0).expect(&[0])?.took;
        let many = asks(requests / 10).expect(&[0])?.took;
        theirs.note(&few, &many, requests / 10);
    }
    tell(&ours, &theirs, requests, page);
    Ok(())
}

/// An app with a page of results, and one with many more.
fn scenario(requests: usize) -> String {
    let mut text =
        "[keploy]\nallow_private_targets = true\nlink = \"same-id\"\nrequests_per_minute = 1000000\nburst = 100000\nqueue_ms = 0\n"
            .to_owned();
    for (app, suites) in [("few", 1), ("many", requests + 1)] {
        let _ = write!(text, "[[keploy.apps]]\nid = \"{app}\"\nsuites = [");
        for suite in 0..suites {
            let _ = write!(text, "{{ id = \"s{suite}\", duration_ms = 0 }},");
        }
        text.push_str("]\n");
    }
    text
}

/// A run whose results come one on a page: as many requests, one after the other.
fn ours_with(setting: &Setting, sandbox: &Sandbox, app: &str) -> Result<Timed> {
    let folder = setting.within(&format!("polls-{app}"))?;
    let config = format!(
        r#"
[targets.it]
provider      = "http"
api_url       = "{}"
auth          = "x-api-key"
trigger       = "POST /apps/{app}/test-suites/run"
trigger_body  = '{{"base_url": "{}"}}'
run_id        = "$.data.job_id"
poll          = "GET /jobs/{{run_id}}"
state         = "$.data.job_status"
results       = "GET /apps/{app}/test-runs/{{run_id}}/suite-reports?page_size=1"
results_next  = "$.meta.pagination.next_cursor"
results_page  = "GET /apps/{app}/test-runs/{{run_id}}/suite-reports?page_size=1&after={{next}}"
tests         = "$.data"
test_name     = "$.suite_name"
test_verdict  = "$.status"
passed        = ["COMPLETED", "passed"]
failed        = ["FAILED"]
running       = ["QUEUED", "RUNNING"]
"#,
        sandbox.service_url("keploy"),
        sandbox.system_url()
    );
    std::fs::write(folder.join("proctor.toml"), config)?;
    Ok(setting
        .proctor(&folder, &["run"])
        .variable("PROCTOR_HTTP_KEY", KEY))
}

fn tell(ours: &Each, theirs: &Each, requests: usize, page: &mut Page) {
    page.part("Each request");
    page.paragraph(&format!(
        "What a request costs by itself, the service's own time included: a run with {} more requests than another, one after \
         the other, and the difference divided by their number. The shell script starts `curl` and `jq` for each. Medians.",
        count(requests)
    ));
    let rows = [
        ours.row("Proctor"),
        theirs.row("`curl` and `jq` in a shell"),
    ];
    page.table(["program", "time", "processor time"], &rows);
    let median = |all: &[f64]| Sample::new(all.iter().copied()).median();
    let (own, other) = (median(&ours.cpu), median(&theirs.cpu));
    page.ratio(
        "processor time of a request, beside `curl` and `jq`",
        milliseconds(own),
        milliseconds(other),
        times(own, other),
    );
}
