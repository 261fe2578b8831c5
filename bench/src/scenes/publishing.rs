//! Publishing at Testmo, beside the vendor's own client.

use std::path::Path;

use proctor_sandbox::Sandbox;

use crate::{
    Result,
    command::{Measured, Timed},
    figures::{Sample, bytes, count, in_ms, milliseconds, times},
    page::Page,
    setting::{Setting, sandbox_tls},
};

const KEY: &str = "testmo-sandbox";

/// What publishing took.
#[derive(Default)]
struct Took {
    wall: Vec<f64>,
    cpu: Vec<f64>,
    memory: Vec<f64>,
    requests: Vec<f64>,
}

impl Took {
    fn note(&mut self, took: &Measured, requests: usize) {
        self.wall.push(in_ms(took.wall()));
        self.cpu.push(in_ms(took.cpu));
        self.memory.push(took.memory as f64);
        self.requests.push(requests as f64);
    }

    fn row(&self, name: &str) -> [String; 5] {
        [
            name.to_owned(),
            milliseconds(median(&self.wall)),
            milliseconds(median(&self.cpu)),
            bytes(median(&self.memory)),
            count(median(&self.requests).round() as usize),
        ]
    }
}

fn median(all: &[f64]) -> f64 {
    Sample::new(all.iter().copied()).median()
}

pub fn play(setting: &Setting, page: &mut Page) -> Result<()> {
    let folder = setting.within("publishing")?;
    let tests = setting.either(20_000, 1_000);
    let client = setting
        .consumers
        .join("testmo-cli/node_modules/.bin/testmo");
    if !client.is_file() {
        page.part("Publishing");
        page.paragraph("Testmo's own client is not installed here, so nothing was compared.");
        return Ok(());
    }
    let authority = folder.join("ca.pem");
    let sandbox = sandbox_tls("", &authority)?;
    prepare(&folder, &sandbox, tests)?;
    let ours = setting
        .proctor(&folder, &["publish", "results.xml"])
        .variable("SSL_CERT_FILE", &authority)
        .variable("TESTMO_TOKEN", KEY);
    let theirs = Timed::new(&client, &folder)
        .arguments(["automation:run:submit", "--instance", &sandbox.url()])
        .arguments(["--project-id", "1", "--name", "R", "--source", "api-tests"])
        .arguments(["--results", "results.xml"])
        .variable("NODE_EXTRA_CA_CERTS", &authority)
        .variable("TESTMO_TOKEN", KEY);
    let (mut own, mut other) = (Took::default(), Took::default());
    for _ in 0..setting.either(5, 1) {
        measure(&sandbox, &ours, tests, &mut own)?;
        measure(&sandbox, &theirs, tests, &mut other)?;
    }
    tell(&own, &other, tests, page);
    Ok(())
}

fn measure(sandbox: &Sandbox, command: &Timed, tests: usize, took: &mut Took) -> Result<()> {
    sandbox.reset();
    let ended = command.expect(&[0])?;
    let received = sandbox.received();
    let sent: usize = received
        .iter()
        .filter(|it| it.path.ends_with("/append"))
        .filter_map(|it| serde_json::from_str::<serde_json::Value>(&it.body).ok())
        .filter_map(|body| body["tests"].as_array().map(Vec::len))
        .sum();
    if sent != tests {
        return Err(format!("{sent} tests arrived, not {tests}:\n{}", ended.said).into());
    }
    took.note(&ended.took, received.len());
    Ok(())
}

/// The results, one in twenty of which has failed, and where they go.
fn prepare(folder: &Path, sandbox: &Sandbox, tests: usize) -> Result<()> {
    let mut junit = "<testsuites><testsuite name=\"api\">\n".to_owned();
    for number in 0..tests {
        let head = format!(
            "<testcase classname=\"shop.suite{}\" name=\"case {number}\" time=\"0.0{}\"",
            number / 50,
            1 + number % 9
        );
        junit.push_str(&head);
        match number % 20 {
            0 => junit.push_str("><failure message=\"status code differs\" type=\"AssertionError\">expected 201\nactual 500\nat orders.spec.ts:42</failure></testcase>\n"),
            _ => junit.push_str("/>\n"),
        }
    }
    junit.push_str("</testsuite></testsuites>\n");
    std::fs::write(folder.join("results.xml"), junit)?;
    let place = format!(
        "[publish.testmo]\nprovider = \"testmo\"\napi_url = \"{}\"\nproject_id = 1\nsource = \"api-tests\"\nname = \"R\"\n",
        sandbox.url()
    );
    std::fs::write(folder.join("proctor.toml"), place)?;
    Ok(())
}

fn tell(ours: &Took, theirs: &Took, tests: usize, page: &mut Page) {
    page.part("Publishing, beside Testmo's own client");
    page.paragraph(&format!(
        "One JUnit file of {} tests, one in twenty failed, sent to the sandbox over TLS by each in turn. That all tests \
         have arrived is checked each time. Medians.",
        count(tests)
    ));
    let rows = [
        ours.row("Proctor"),
        theirs.row("`@testmo/testmo-cli` 1.4.0"),
    ];
    page.table(
        [
            "program",
            "time",
            "processor time",
            "peak memory",
            "requests",
        ],
        &rows,
    );
    let what = |thing: &str| {
        format!(
            "{thing} of publishing {} tests, beside `testmo-cli`",
            count(tests)
        )
    };
    let (own, other) = (median(&ours.wall), median(&theirs.wall));
    let ratio = times(own, other);
    page.ratio(&what("time"), milliseconds(own), milliseconds(other), ratio);
    let (own, other) = (median(&ours.cpu), median(&theirs.cpu));
    let ratio = times(own, other);
    page.ratio(
        &what("processor time"),
        milliseconds(own),
        milliseconds(other),
        ratio,
    );
    let (own, other) = (median(&ours.memory), median(&theirs.memory));
    let ratio = times(own, other);
    page.ratio(&what("memory"), bytes(own), bytes(other), ratio);
}
