//! How far each target is: a live line on a terminal, a line for each change of state elsewhere.

use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use super::safe;
use crate::{
    bindings::{
        exports::proctor::ci::reruns::Part,
        proctor::ci::types::{
            Event, Handle, Report, Retry, Stage, State, TestCase, Trigger, Verdict,
        },
    },
    config::options::verdict_word,
};

/// A wait for the rate budget that is worth telling of: 10 s.
const LONG_WAIT_MS: u64 = 10_000;

/// The progress of all targets.
pub struct Progress {
    live: Option<MultiProgress>,
    verbose: bool,
    rows: Vec<Row>,
}

struct Row {
    target: String,
    began: Instant,
    state: String,
    running: bool,
    bar: Option<ProgressBar>,
}

impl Progress {
    pub fn new(live: bool, verbose: bool) -> Self {
        Self {
            live: live.then(MultiProgress::new),
            verbose,
            rows: Vec::new(),
        }
    }

    /// Adds a row for each target.
    pub fn begin(&mut self, targets: &[String]) {
        let width = targets
            .iter()
            .map(|name| name.chars().count())
            .max()
            .unwrap_or_default();
        for target in targets {
            let bar = self.live.as_ref().map(|live| {
                // First into its place: whatever changes a bar draws it, and outside of it that line would stay.
                let bar = live.add(ProgressBar::new_spinner());
                dress(&bar, target, width);
                bar
            });
            self.rows.push(Row {
                target: target.clone(),
                began: Instant::now(),
                state: "waiting".to_owned(),
                running: true,
                bar,
            });
        }
    }

    /// Takes in an event. Returns a line to print, if it is worth one.
    pub fn event(&mut self, target: &str, event: &Event) -> Option<String> {
        let verbose = self.verbose;
        let live = self.live.is_some();
        match event {
            Event::Triggering(_) => self
                .change(target, "triggering".to_owned())
                .filter(|_| verbose),
            Event::Triggered(handle) => self.change(target, triggered(handle)),
            Event::StateChanged(state) => self.change(target, told(state)),
            Event::TestFinished(test) => finished(test, verbose && !live),
            Event::Retrying(retry) => Some(retrying(retry)),
            Event::Throttled(ms) => (*ms >= LONG_WAIT_MS).then(|| throttled(*ms)),
            Event::Warning(text) => Some(format!("warning: {text}")),
            // A diagnostic, and so not told here.
            Event::Debug(_) => None,
        }
    }

    /// Notes a state. Returns it as a line if it is new and there is no live line to show it.
    fn change(&mut self, target: &str, state: String) -> Option<String> {
        let row = self.rows.iter_mut().find(|row| row.target == target)?;
        if row.state == state {
            return None;
        }
        row.state.clone_from(&state);
        match &row.bar {
            Some(bar) => {
                bar.set_message(safe::line(&state));
                None
            }
            None => Some(state),
        }
    }

    /// Notes the end of a target. Returns a line where there is no live one.
    pub fn ended(&mut self, report: &Report) -> Option<String> {
        let word = verdict_word(report.verdict);
        let row = self
            .rows
            .iter_mut()
            .find(|row| row.target == report.target)?;
        row.running = false;
        row.state = word.to_owned();
        match &row.bar {
            Some(bar) => {
                bar.finish_with_message(word);
                None
            }
            None => Some(format!("{word} after {}", spoken(row.began.elapsed()))),
        }
    }

    /// A line for each target that still runs; none where there are live ones.
    pub fn heartbeat(&self) -> Vec<String> {
        if self.live.is_some() {
            return Vec::new();
        }
        let running = self.rows.iter().filter(|row| row.running);
        running
            .map(|row| {
                format!(
                    "{}: still {} after {}",
                    row.target,
                    row.state,
                    spoken(row.began.elapsed())
                )
            })
            .collect()
    }

    /// Runs what prints, with the live lines out of its way.
    pub fn suspend(&self, print: impl FnOnce()) {
        match &self.live {
            Some(live) if !self.rows.is_empty() => live.suspend(print),
            _ => print(),
        }
    }

    /// Takes the rows away.
    pub fn finish(&mut self) {
        if let Some(live) = &self.live {
            // A terminal that is gone has nothing to clear.
            let _ = live.clear();
        }
        self.rows.clear();
    }
}

/// An event as a diagnostic: how serious it is, and what is told. Tests that end are results.
pub fn diagnostic(event: &Event) -> Option<(log::Level, String)> {
    match event {
        Event::Triggering(_) => Some((log::Level::Info, "triggering".to_owned())),
        Event::Triggered(handle) => Some((log::Level::Info, triggered(handle))),
        Event::StateChanged(state) => Some((log::Level::Info, told(state))),
        Event::TestFinished(_) => None,
        Event::Retrying(retry) => Some((log::Level::Info, retrying(retry))),
        Event::Throttled(ms) if *ms >= LONG_WAIT_MS => Some((log::Level::Info, throttled(*ms))),
        Event::Throttled(ms) => Some((log::Level::Debug, throttled(*ms))),
        Event::Warning(text) => Some((log::Level::Warn, text.clone())),
        Event::Debug(text) => Some((log::Level::Debug, text.clone())),
    }
}

/// The most names of what is run again that are told one by one.
const MOST_NAMED: usize = 5;

/// What is run again, which time it is, and of how many at most.
pub fn rerunning((round, most): (u32, u32), part: &Part) -> String {
    let them = if part.failed == 1 { "it" } else { "them" };
    let shown = part.names.iter().take(MOST_NAMED).map(String::as_str);
    let shown = shown.collect::<Vec<_>>().join(", ");
    let more = match part.names.len().saturating_sub(MOST_NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!(
        "{} of {} tests failed, running {them} again ({round} of {most}): {shown}{more}",
        part.failed, part.tests
    )
}

fn retrying(retry: &Retry) -> String {
    format!(
        "{} failed ({}); attempt {} follows in {}",
        retry.call,
        retry.reason,
        retry.attempt.saturating_add(1),
        spoken(Duration::from_millis(retry.in_ms))
    )
}

fn throttled(ms: u64) -> String {
    let wait = spoken(Duration::from_millis(ms));
    format!("the service's rate limit is used up; going on in {wait}")
}

/// Makes a bar a target's live line. A state that is too long for the terminal is cut.
fn dress(bar: &ProgressBar, target: &str, width: usize) {
    let style = ProgressStyle::with_template("{spinner} {prefix}  {wide_msg}  {elapsed}")
        .expect("the template is valid, which a test shows");
    bar.set_style(style);
    bar.set_prefix(format!("{:width$}", safe::line(target)));
    bar.set_message("waiting");
    bar.enable_steady_tick(Duration::from_millis(120));
}

fn triggered(handle: &Handle) -> String {
    let accepted = handle
        .triggers
        .iter()
        .filter(|trigger| trigger.stage == Stage::Accepted);
    let latest = accepted.clone().next_back();
    let id = match latest.map(|trigger| (&trigger.job, trigger.runs.first())) {
        Some((Some(job), _)) => format!(", job {job}"),
        Some((None, Some(run))) => format!(", run {run}"),
        _ => String::new(),
    };
    match (handle.triggers.len(), latest) {
        (_, Some(latest)) if is_anothers(latest) => {
            format!("following {}", id.trim_start_matches(", "))
        }
        (0 | 1, _) | (_, None) => format!("triggered{id}"),
        (all, Some(latest)) => format!(
            "triggered {} of {all}: {}{id}",
            accepted.count(),
            latest.title
        ),
    }
}

/// Whether the run was there before: nothing was sent, and so there is neither a time of that nor a job.
fn is_anothers(trigger: &Trigger) -> bool {
    trigger.at_ms.is_none()
        && trigger.idempotency_key.is_none()
        && trigger.job.is_none()
        && !trigger.runs.is_empty()
}

fn told(state: &State) -> String {
    match (state.done, state.total) {
        (Some(done), Some(total)) => format!("{} {done}/{total}", state.word),
        (Some(done), None) => format!("{} {done}", state.word),
        _ => state.word.clone(),
    }
}

fn finished(test: &TestCase, all: bool) -> Option<String> {
    let trouble = !matches!(test.verdict, Verdict::Passed | Verdict::Skipped);
    let name = match test.suite.as_str() {
        "" => test.name.clone(),
        suite => format!("{suite} / {}", test.name),
    };
    let why = test
        .message
        .as_deref()
        .map(|text| format!(": {text}"))
        .unwrap_or_default();
    (trouble || all).then(|| format!("{} {name}{why}", verdict_word(test.verdict)))
}

/// A duration as people say it: in milliseconds below a second, else in whole seconds.
fn spoken(duration: Duration) -> String {
    let rounded = match duration.as_secs() {
        0 => Duration::from_millis(u64::from(duration.subsec_millis())),
        seconds => Duration::from_secs(seconds + u64::from(duration.subsec_millis() >= 500)),
    };
    humantime::format_duration(rounded).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bindings::proctor::ci::types::Baseline;

    fn state(word: &str, done: Option<u32>) -> Event {
        Event::StateChanged(State {
            word: word.to_owned(),
            done,
            total: Some(3),
        })
    }

    #[test]
    fn without_a_terminal_each_change_is_a_line() {
        let mut progress = Progress::new(false, false);
        progress.begin(&["api".to_owned()]);
        assert_eq!(
            progress.event("api", &state("RUNNING", Some(1))).as_deref(),
            Some("RUNNING 1/3")
        );
        assert_eq!(progress.event("api", &state("RUNNING", Some(1))), None);
        assert_eq!(progress.heartbeat().len(), 1);
        assert!(progress.heartbeat()[0].starts_with("api: still RUNNING 1/3 after "));
    }

    #[test]
    fn a_run_that_was_there_before_is_followed_and_was_not_triggered() {
        let handle = |job: Option<&str>, at_ms| Handle {
            provider: "exam".to_owned(),
            triggers: vec![Trigger {
                subject: "104".to_owned(),
                title: "Nightly".to_owned(),
                stage: Stage::Accepted,
                idempotency_key: None,
                job: job.map(str::to_owned),
                runs: vec!["104".to_owned()],
                at_ms,
                baseline: Baseline {
                    jobs: None,
                    runs: None,
                    state: None,
                },
                last_state: None,
            }],
        };
        assert_eq!(triggered(&handle(None, None)), "following run 104");
        assert_eq!(triggered(&handle(None, Some(1))), "triggered, run 104");
        assert_eq!(triggered(&handle(Some("7"), None)), "triggered, job 7");
    }

    #[test]
    fn what_is_run_again_is_named() {
        let part = |names: &[&str], failed| Part {
            settings: Vec::new(),
            names: names.iter().map(|&name| name.to_owned()).collect(),
            failed,
            tests: 14,
        };
        assert_eq!(
            rerunning((1, 2), &part(&["checkout", "search"], 2)),
            "2 of 14 tests failed, running them again (1 of 2): checkout, search"
        );
        assert_eq!(
            rerunning((2, 2), &part(&["a", "b", "c", "d", "e", "f", "g"], 1)),
            "1 of 14 tests failed, running it again (2 of 2): a, b, c, d, e and 2 more"
        );
    }

    #[test]
    fn the_template_of_live_lines_is_valid() {
        let bar = ProgressBar::hidden();
        dress(&bar, "api", 5);
        assert_eq!(bar.prefix(), "api  ");
    }
}
