//! What tests are looked at by before they are judged: what is in quarantine, and what failures are compared with.

use std::time::SystemTime;

use proctor::assess::{Circumstances, Rule};

use crate::{
    config::{
        file::Config,
        options::{Baseline, FailOn},
    },
    failure::Failure,
    model::{Quarantine, Report},
    report,
};

/// Reads it, before anything is triggered.
///
/// # Errors
/// A usage failure if earlier results cannot be read, are kept where this program does not look, or are missing although
/// only new failures are to count.
pub fn prepare(
    config: Option<&Config>,
    baseline: Option<&Baseline>,
    fail_on: &FailOn,
) -> Result<Circumstances, Failure> {
    let rules = config.iter().flat_map(|config| &config.quarantine);
    let rules = rules.map(|rule| Rule {
        tests: rule.tests.clone(),
        targets: rule.targets.clone(),
        quarantine: Quarantine {
            reason: rule.reason.clone(),
            until: rule.until.clone(),
        },
    });
    let targets = config.iter().flat_map(|config| &config.targets);
    let baseline = match baseline {
        Some(Baseline::File(path)) => Some(earlier(path)?),
        Some(Baseline::Last) => {
            return Err(Failure::usage(
                "failures are to be compared with the last results, which only the native program keeps",
                "name a results file with --baseline FILE; nothing was triggered",
            ));
        }
        None if fail_on.new => {
            return Err(Failure::usage(
                "only new failures are to count (`new`), but nothing says what they are compared with",
                "give earlier results with --baseline FILE, as `--report json` writes them; nothing was triggered",
            ));
        }
        None => None,
    };
    Ok(Circumstances {
        rules: rules.collect(),
        today: today(),
        targets: targets.map(|entry| entry.name.clone()).collect(),
        baseline,
        flaky: fail_on.flaky,
    })
}

/// The targets of earlier results.
fn earlier(path: &str) -> Result<Vec<Report>, Failure> {
    let refuse = |why: String| {
        Failure::usage(
            format!("{path} cannot be compared with: {why}"),
            "name a file that `--report json` has written; nothing was triggered",
        )
    };
    let text = std::fs::read_to_string(path).map_err(|error| refuse(error.to_string()))?;
    let results = report::read(&text).map_err(|error| refuse(error.to_string()))?;
    Ok(results.targets)
}

/// The day in UTC: `2026-12-31`.
fn today() -> String {
    let now = humantime::format_rfc3339_seconds(SystemTime::now()).to_string();
    now.split('T').next().unwrap_or_default().to_owned()
}
