//! How far each target is: a line for each event.

use std::time::Duration;

use crate::{
    error::spoken,
    model::{Handle, Stage, TestCase},
    ports::Event,
    terminal::{Level, Terminal},
};

/// A wait for the rate budget that is worth telling of.
const LONG_WAIT: Duration = Duration::from_secs(10);

/// Tells of an event of a target, if it is worth a line.
pub fn tell(terminal: &Terminal, target: &str, event: &Event) {
    let all = terminal.level == Level::Verbose;
    let line = match event {
        Event::Triggering(_) => all.then(|| "triggering".to_owned()),
        Event::Triggered(handle) => is_accepted(handle).then(|| triggered(handle)),
        Event::StateChanged { word, done, total } => Some(match (done, total) {
            (Some(done), Some(total)) => format!("{word} {done}/{total}"),
            (Some(done), None) => format!("{word} {done}"),
            _ => word.clone(),
        }),
        Event::TestFinished(test) => finished(test, all),
        Event::Retrying {
            call,
            attempt,
            wait,
            reason,
        } => Some(format!(
            "{call} failed ({reason}); attempt {} follows in {}",
            attempt.saturating_add(1),
            spoken(*wait)
        )),
        Event::Throttled(wait) => (*wait >= LONG_WAIT).then(|| {
            let wait = spoken(*wait);
            format!("the service's rate limit is used up; going on in {wait}")
        }),
        Event::Warning(text) => return terminal.warn(&format!("{target}: {text}")),
        Event::Debug(text) => all.then(|| text.clone()),
    };
    if let Some(line) = line {
        terminal.say(&format!("{target}: {line}"));
    }
}

/// Whether there is a run; if not, a trigger had no effect, and why is told beside it.
fn is_accepted(handle: &Handle) -> bool {
    let mut triggers = handle.triggers.iter();
    triggers.any(|trigger| trigger.stage == Stage::Accepted)
}

fn triggered(handle: &Handle) -> String {
    let accepted = handle
        .triggers
        .iter()
        .filter(|trigger| trigger.stage == Stage::Accepted);
    let id = match accepted.clone().next_back() {
        Some(trigger) => match (&trigger.job, trigger.runs.first()) {
            (Some(job), _) => format!(", job {job}"),
            (None, Some(run)) => format!(", run {run}"),
            (None, None) => String::new(),
        },
        None => String::new(),
    };
    match handle.triggers.len() {
        0 | 1 => format!("triggered{id}"),
        all => format!("triggered {} of {all}{id}", accepted.count()),
    }
}

/// A test that went wrong, or any if all are wanted.
fn finished(test: &TestCase, all: bool) -> Option<String> {
    let name = match test.suite.as_str() {
        "" => test.name.clone(),
        suite => format!("{suite} / {}", test.name),
    };
    let why = test
        .message
        .as_deref()
        .map(|text| format!(": {text}"))
        .unwrap_or_default();
    (proctor::verdict::is_trouble(test.verdict) || all)
        .then(|| format!("{} {name}{why}", test.verdict))
}
