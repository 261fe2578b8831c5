//! From the start of a program to its first request.

use crate::{
    Result,
    command::{Timed, found},
    figures::{Sample, bytes, in_ms, milliseconds, times},
    loopback::Loopback,
    page::Page,
    setting::Setting,
};

/// A program that sends a request as soon as it can.
struct Contender {
    name: &'static str,
    command: Timed,
    /// How long until its first request arrived, in milliseconds.
    first: Vec<f64>,
    cpu: Vec<f64>,
    memory: Vec<f64>,
}

pub fn play(setting: &Setting, page: &mut Page) -> Result<()> {
    let server = Loopback::start()?;
    let mut contenders = contenders(setting, &server.url())?;
    // The first round fills the system's caches.
    for round in 0..=setting.either(21, 2) {
        for contender in &mut contenders {
            server.forget();
            let took = contender.command.run()?.took;
            let first = server.arrival()?.saturating_sub(took.began);
            if round > 0 {
                contender.first.push(in_ms(first));
                contender.cpu.push(in_ms(took.cpu));
                contender.memory.push(took.memory as f64);
            }
        }
    }
    tell(&contenders, page);
    Ok(())
}

fn contenders(setting: &Setting, url: &str) -> Result<Vec<Contender>> {
    let folder = setting.within("startup")?;
    let ours = setting
        .proctor(&folder, &["run", "--provider", "http", "--api-url", url])
        .arguments(["--set", "auth=none", "--set", "trigger=POST /runs"])
        .arguments(["--set", "poll=GET /runs/1", "--set", "state=$.state"])
        .arguments(["--set", "passed=passed", "--set", "failed=failed"]);
    let mut all = vec![("Proctor", ours)];
    let curl = found("curl").ok_or("curl is not there: see tests/consumers/install.sh")?;
    all.push((
        "`curl`",
        Timed::new(curl, &folder).arguments(["-s", "-X", "POST", url]),
    ));
    if let Some(node) = found("node") {
        let script = format!("require('http').get('{url}', it => it.resume())");
        let command = Timed::new(node, &folder).arguments(["-e", &script]);
        all.push(("Node.js, with nothing loaded", command));
    }
    let contender = |(name, command)| Contender {
        name,
        command,
        first: Vec::new(),
        cpu: Vec::new(),
        memory: Vec::new(),
    };
    Ok(all.into_iter().map(contender).collect())
}

fn tell(contenders: &[Contender], page: &mut Page) {
    page.part("Start-up to the first request");
    page.paragraph(
        "Each program in turn sends a request to a server on the same machine, which notes when it arrives and answers 404. \
         Proctor has then read its configuration, started its component and checked the target; it goes on to report the 404. \
         Medians.",
    );
    let median = |all: &[f64]| Sample::new(all.iter().copied()).median();
    let rows: Vec<[String; 4]> = contenders
        .iter()
        .map(|it| {
            [
                it.name.to_owned(),
                milliseconds(median(&it.first)),
                milliseconds(median(&it.cpu)),
                bytes(median(&it.memory)),
            ]
        })
        .collect();
    page.table(
        [
            "program",
            "until the first request",
            "processor time",
            "peak memory",
        ],
        &rows,
    );
    if let [ours, .., node] = contenders
        && contenders.len() > 2
    {
        let (ours, node) = (median(&ours.first), median(&node.first));
        page.ratio(
            "start-up to the first request, beside Node.js with nothing loaded",
            milliseconds(ours),
            milliseconds(node),
            times(ours, node),
        );
    }
    if let [ours, curl, ..] = contenders {
        let (ours, curl) = (median(&ours.first), median(&curl.first));
        page.ratio(
            "start-up to the first request, beside `curl`",
            milliseconds(ours),
            milliseconds(curl),
            times(ours, curl),
        );
    }
}
