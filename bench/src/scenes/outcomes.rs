//! What a run comes to, beside a pipeline's own script, when not all goes well.

use std::{process::Command, time::Duration};

use proctor_sandbox::Sandbox;

use super::{KEY, SCRIPT};
use crate::{
    Result,
    command::{Ended, Timed},
    page::Page,
    setting::{Setting, sandbox},
};

/// Something that happens to a run.
struct Case {
    what: &'static str,
    /// The word in the suite's id that says what becomes of it.
    suite: &'static str,
    /// More of the scenario: settings of Keploy, then faults.
    settings: &'static str,
    faults: &'static str,
    key: &'static str,
    /// Whether somebody stops the job at the service.
    stopped: bool,
}

const USUAL: Case = Case {
    what: "all tests pass",
    suite: "pass",
    settings: "",
    faults: "",
    key: KEY,
    stopped: false,
};

const CASES: [Case; 9] = [
    USUAL,
    Case {
        what: "a test fails",
        suite: "fail",
        ..USUAL
    },
    Case {
        what: "a test fails, and the job's word is `COMPLETED` all the same, as the vendor's report pages have it",
        suite: "fail",
        settings: "failed_job_word = \"COMPLETED\"",
        ..USUAL
    },
    Case {
        what: "a suite ends without a verdict",
        suite: "unknown",
        ..USUAL
    },
    Case {
        what: "the answer to one question after the state is lost",
        faults: "[[faults]]\nmethod = \"GET\"\npath = \"/jobs/*\"\nkind = \"reset_before\"",
        ..USUAL
    },
    Case {
        what: "a gateway answers 502 with a page, once",
        faults: "[[faults]]\nmethod = \"GET\"\npath = \"/jobs/*\"\nkind = \"html\"\nstatus = 502",
        ..USUAL
    },
    Case {
        what: "the run is started and the answer to that is lost",
        faults: "[[faults]]\nmethod = \"POST\"\npath = \"/apps/*/test-suites/run\"\nkind = \"reset_after\"",
        ..USUAL
    },
    Case {
        what: "the key is refused",
        key: "kep_of_somebody_else",
        ..USUAL
    },
    Case {
        what: "somebody stops the run at the service",
        stopped: true,
        ..USUAL
    },
];

pub fn play(setting: &Setting, page: &mut Page) -> Result<()> {
    let mut rows = Vec::new();
    for (at, case) in CASES.iter().enumerate() {
        let ours = outcome(setting, case, &format!("ours-{at}"), ours)?;
        let theirs = outcome(setting, case, &format!("theirs-{at}"), theirs)?;
        rows.push([
            case.what.to_owned(),
            told(&ours.0, ours.1),
            told(&theirs.0, theirs.1),
        ]);
    }
    page.part("What each of them tells");
    page.paragraph(
        "The same script and the same sandbox, with one thing that happens to a run. Nothing is timed here, so the script \
         pauses for 0.3 s and tries twelve times, in place of ten seconds and sixty times. Given are the exit code, how many \
         runs were started, and the last line that was said.",
    );
    page.table(["what happens", "Proctor", "the script"], &rows);
    Ok(())
}

/// A contender's invocation, in a folder.
type Contender = fn(&Setting, &Sandbox, &Case, &str) -> Result<Timed>;

/// What came of a case, and how many runs were started.
fn outcome(
    setting: &Setting,
    case: &Case,
    folder: &str,
    contender: Contender,
) -> Result<(Ended, usize)> {
    let sandbox = sandbox(&format!(
        "[keploy]\nallow_private_targets = true\nqueue_ms = 0\n{}\n[[keploy.apps]]\nid = \"app\"\n\
         suites = [{{ id = \"s-{}\", duration_ms = 1200 }}]\n{}\n",
        case.settings, case.suite, case.faults
    ))?;
    let running = contender(setting, &sandbox, case, folder)?.start()?;
    if case.stopped {
        stop(&sandbox)?;
    }
    let ended = running.end()?;
    let received = sandbox.received();
    let triggers = received
        .iter()
        .filter(|it| it.method == "POST" && it.path.ends_with("/run"));
    let effective = triggers.filter(|it| it.status == 0 || it.status < 300);
    Ok((ended, effective.count()))
}

fn ours(setting: &Setting, sandbox: &Sandbox, case: &Case, folder: &str) -> Result<Timed> {
    let folder = setting.within(folder)?;
    let config = format!(
        "[targets.it]\nprovider = \"keploy\"\napi_url = \"{}\"\napp = \"app\"\nbase_url = \"{}\"\n",
        sandbox.service_url("keploy"),
        sandbox.system_url()
    );
    std::fs::write(folder.join("proctor.toml"), config)?;
    Ok(setting
        .proctor(&folder, &["run"])
        .variable("KEPLOY_API_KEY", case.key))
}

fn theirs(setting: &Setting, sandbox: &Sandbox, case: &Case, folder: &str) -> Result<Timed> {
    let folder = setting.within(folder)?;
    let script = folder.join("follow.sh");
    std::fs::write(&script, SCRIPT)?;
    Ok(Timed::new("sh", &folder)
        .arguments([&script])
        .variable("API", sandbox.service_url("keploy"))
        .variable("SYSTEM", sandbox.system_url())
        .variable("APP", "app")
        .variable("KEY", case.key)
        .variable("PAUSE", "0.3")
        .variable("TRIES", "12"))
}

/// Stops the job once it is there.
fn stop(sandbox: &Sandbox) -> Result<()> {
    let begun = std::time::Instant::now();
    while sandbox.count("POST", "/apps/*/test-suites/run") == 0 {
        if begun.elapsed() > Duration::from_secs(30) {
            return Err("a contender has started no job".into());
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    std::thread::sleep(Duration::from_millis(200));
    // The first job of a sandbox.
    let url = format!("{}/jobs/job-0001/stop", sandbox.service_url("keploy"));
    let status = Command::new("curl")
        .args(["-s", "-f", "-o", "/dev/null", "-X", "POST"])
        .args(["-H", &format!("X-API-Key: {KEY}"), &url])
        .status()?;
    match status.success() {
        true => Ok(()),
        false => Err("the job cannot be stopped".into()),
    }
}

fn told(ended: &Ended, started: usize) -> String {
    let code = match ended.took.code {
        Some(code) => code.to_string(),
        None => "a signal".to_owned(),
    };
    let runs = match started {
        1 => String::new(),
        other => format!(", {other} runs started"),
    };
    let last = ended.said.lines().rfind(|line| !line.trim().is_empty());
    let last = plain(last.unwrap_or_default().trim());
    format!("**{code}**{runs}: {last}")
}

/// Text of a program, with nothing in it that Markdown or a reader of this page would take for something else.
fn plain(text: &str) -> String {
    let shown: String = text
        .chars()
        .filter(|letter| !letter.is_control() && !"*_`[]".contains(*letter))
        .collect();
    match shown.char_indices().nth(110) {
        Some((at, _)) => format!("{}…", &shown[..at]),
        None => shown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::Measured;

    fn ended(code: Option<i32>, said: &str) -> Ended {
        let took = Measured {
            began: Duration::ZERO,
            ended: Duration::ZERO,
            cpu: Duration::ZERO,
            memory: 0,
            code,
        };
        Ended {
            took,
            said: said.to_owned(),
        }
    }

    #[test]
    fn an_outcome_is_told_by_code_and_last_line() {
        assert_eq!(
            told(&ended(Some(1), "job j\ntests failed\n\n"), 1),
            "**1**: tests failed"
        );
        assert_eq!(
            told(&ended(None, "`a` [b](c) *d*"), 0),
            "**a signal**, 0 runs started: a b(c) d"
        );
        assert_eq!(plain(&"x".repeat(500)).chars().count(), 111);
    }
}
