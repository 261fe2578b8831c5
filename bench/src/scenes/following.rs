//! Whole runs, beside a pipeline's own script: how long after the job's end it is known, and what that takes.

use std::{fmt::Write as _, path::PathBuf, time::Duration};

use proctor_sandbox::{Received, Sandbox};

use super::SCRIPT;
use crate::{
    Result,
    command::{Ended, Timed, found, now},
    figures::{Sample, bytes, count, in_ms, milliseconds, times},
    lengths::drawn,
    page::Page,
    setting::{Setting, sandbox},
};

/// Who follows a job, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum How {
    Stream,
    Polling,
    Script,
}

const ALL: [How; 3] = [How::Stream, How::Polling, How::Script];

impl How {
    const fn name(self) -> &'static str {
        match self {
            Self::Stream => "Proctor, by the service's stream",
            Self::Polling => "Proctor, by polling",
            Self::Script => "`curl`, `jq` and `sleep 10`",
        }
    }

    /// What tells one app, key and folder from the others.
    fn mark(self, at: usize) -> String {
        let how = match self {
            Self::Stream => "stream",
            Self::Polling => "polling",
            Self::Script => "script",
        };
        format!("{how}-{at}")
    }
}

/// What following the jobs took.
#[derive(Default)]
struct Followed {
    /// From the job's end to the program's, in milliseconds.
    lag: Vec<f64>,
    cpu: Vec<f64>,
    memory: Vec<f64>,
    requests: Vec<f64>,
}

pub fn play(setting: &Setting, page: &mut Page) -> Result<()> {
    found("curl")
        .and(found("jq"))
        .ok_or("curl and jq are not there: see tests/consumers/install.sh")?;
    let lengths = match setting.quick {
        false => drawn(16, Duration::from_secs(15), Duration::from_secs(90)),
        true => drawn(2, Duration::from_secs(2), Duration::from_secs(5)),
    };
    let sandbox = sandbox(&scenario(&lengths))?;
    let started = now();
    // All at once: they hardly do anything but wait, and so the machine is the same for all.
    let mut running = Vec::new();
    for at in 0..lengths.len() {
        for how in ALL {
            let command = command(setting, &sandbox, how, at)?;
            running.push((how, at, command.start()?));
            std::thread::sleep(Duration::from_millis(150));
        }
    }
    let mut ended = Vec::new();
    for (how, at, running) in running {
        ended.push((how, at, running.expect(&[0])?));
    }
    let received = sandbox.received();
    let mut all: Vec<(How, Followed)> = Vec::new();
    for how in ALL {
        let mut followed = Followed::default();
        for (_, at, ended) in ended.iter().filter(|(it, ..)| *it == how) {
            let own = of_key(&received, &key(how, *at));
            followed.note(ended, &own, started, lengths[*at])?;
        }
        all.push((how, followed));
    }
    tell(&all, &lengths, page);
    Ok(())
}

fn key(how: How, at: usize) -> String {
    format!("kep_{}", how.mark(at))
}

/// An app and a key for each, so that every request is known by who has sent it.
fn scenario(lengths: &[Duration]) -> String {
    let mut text =
        "[keploy]\nallow_private_targets = true\nlink = \"same-id\"\nqueue_ms = 0\n".to_owned();
    for (at, length) in lengths.iter().enumerate() {
        for how in ALL {
            let (mark, key) = (how.mark(at), key(how, at));
            let _ = writeln!(
                text,
                "[[keploy.apps]]\nid = \"{mark}\"\nsuites = [{{ id = \"s\", duration_ms = {} }}]\n\
                 [[keploy.keys]]\nkey = \"{key}\"\nscopes = [\"read\", \"write\"]",
                length.as_millis()
            );
        }
    }
    text
}

fn command(setting: &Setting, sandbox: &Sandbox, how: How, at: usize) -> Result<Timed> {
    let (mark, key) = (how.mark(at), key(how, at));
    let folder = setting.within(&mark)?;
    let (api, system) = (sandbox.service_url("keploy"), sandbox.system_url());
    if how == How::Script {
        let script: PathBuf = folder.join("follow.sh");
        std::fs::write(&script, SCRIPT)?;
        return Ok(Timed::new("sh", &folder)
            .arguments([&script])
            .variable("API", &api)
            .variable("SYSTEM", &system)
            .variable("APP", &mark)
            .variable("KEY", &key));
    }
    std::fs::write(
        folder.join("proctor.toml"),
        target(how, &api, &mark, &system),
    )?;
    let command = setting.proctor(&folder, &["run", "--report", "junit", "--report", "json"]);
    Ok(command
        .variable("KEPLOY_API_KEY", &key)
        .variable("PROCTOR_HTTP_KEY", &key))
}

/// The same job, told as a Keploy target, or by description, which knows no stream.
fn target(how: How, api: &str, app: &str, system: &str) -> String {
    if how == How::Stream {
        return format!(
            "[targets.it]\nprovider = \"keploy\"\napi_url = \"{api}\"\napp = \"{app}\"\nbase_url = \"{system}\"\n"
        );
    }
    format!(
        r#"
[targets.it]
provider      = "http"
api_url       = "{api}"
auth          = "x-api-key"
trigger       = "POST /apps/{app}/test-suites/run"
trigger_body  = '{{"base_url": "{system}"}}'
run_id        = "$.data.job_id"
poll          = "GET /jobs/{{run_id}}"
state         = "$.data.job_status"
results       = "GET /apps/{app}/test-runs/{{run_id}}/suite-reports"
tests         = "$.data"
test_name     = "$.suite_name"
test_verdict  = "$.status"
passed        = ["COMPLETED", "passed"]
failed        = ["FAILED"]
running       = ["QUEUED", "RUNNING"]
"#
    )
}

/// The requests that were sent with a key.
fn of_key<'a>(received: &'a [Received], key: &str) -> Vec<&'a Received> {
    let bearer = format!("Bearer {key}");
    received
        .iter()
        .filter(|it| {
            it.header("x-api-key") == Some(key) || it.header("authorization") == Some(&bearer)
        })
        .collect()
}

impl Followed {
    fn note(
        &mut self,
        ended: &Ended,
        own: &[&Received],
        started: Duration,
        length: Duration,
    ) -> Result<()> {
        let trigger = own.iter().find(|it| it.method == "POST");
        let trigger = trigger.ok_or("a contender has started no job")?;
        let job_ended = started + Duration::from_millis(trigger.at_ms) + length;
        self.lag
            .push(in_ms(ended.took.ended.saturating_sub(job_ended)));
        self.cpu.push(in_ms(ended.took.cpu));
        self.memory.push(ended.took.memory as f64);
        self.requests.push(own.len() as f64);
        Ok(())
    }

    fn row(&self, name: &str) -> [String; 7] {
        let lag = sample(&self.lag);
        [
            name.to_owned(),
            milliseconds(lag.median()),
            milliseconds(lag.quantile(0.9)),
            milliseconds(lag.most()),
            count(sample(&self.requests).median().round() as usize),
            milliseconds(sample(&self.cpu).median()),
            bytes(sample(&self.memory).median()),
        ]
    }
}

fn sample(all: &[f64]) -> Sample {
    Sample::new(all.iter().copied())
}

fn tell(all: &[(How, Followed)], lengths: &[Duration], page: &mut Page) {
    page.part("A whole run, beside the script that Keploy's documentation suggests");
    let seconds = Sample::new(lengths.iter().map(Duration::as_secs_f64));
    page.paragraph(&format!(
        "{} jobs of {:.0} to {:.0} seconds, their lengths drawn at random with a fixed seed, each followed by all three at once \
         on one sandbox. The script starts the run with `curl`, asks for its state every ten seconds as documented, and ends \
         when the word is a last one. Proctor reads the results as well and writes two reports in that time. The lag is from \
         the end of the job at the service to the end of the program. By the stream Proctor uses what Keploy offers; by \
         polling, as with a service without one, it looks after one second and then ever more rarely, up to every 15. Memory \
         is that of the largest process.",
        lengths.len(),
        seconds.quantile(0.0),
        seconds.most()
    ));
    let rows: Vec<[String; 7]> = all.iter().map(|(how, it)| it.row(how.name())).collect();
    page.table(
        [
            "program",
            "lag, median",
            "nine in ten within",
            "longest",
            "requests",
            "processor time",
            "peak memory",
        ],
        &rows,
    );
    let of = |wanted: How| all.iter().find(|(how, _)| *how == wanted).map(|(_, it)| it);
    let (Some(stream), Some(polling), Some(script)) =
        (of(How::Stream), of(How::Polling), of(How::Script))
    else {
        return;
    };
    for (what, ours) in [
        (
            "from the job's end to the exit, by the stream, beside a loop of 10 s",
            stream,
        ),
        (
            "from the job's end to the exit, by polling, beside a loop of 10 s",
            polling,
        ),
    ] {
        let (ours, theirs) = (sample(&ours.lag).median(), sample(&script.lag).median());
        page.ratio(
            what,
            milliseconds(ours),
            milliseconds(theirs),
            times(ours, theirs),
        );
    }
    let (ours, theirs) = (sample(&stream.cpu).median(), sample(&script.cpu).median());
    page.ratio(
        "processor time of a whole run, beside the script",
        milliseconds(ours),
        milliseconds(theirs),
        times(ours, theirs),
    );
}
