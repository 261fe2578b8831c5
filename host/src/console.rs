//! What people and programs get to read: progress and diagnostics on standard error, results on standard output.

mod colour;
mod ndjson;
mod progress;
pub mod safe;
pub mod table;

use std::{
    fmt::Display,
    io::{self, Write},
    sync::{
        Mutex, MutexGuard, OnceLock, PoisonError, RwLock,
        atomic::{AtomicBool, Ordering},
    },
    time::Instant,
};

use serde_json::Value;

use crate::{
    bindings::{
        exports::proctor::ci::{reports::Results, reruns::Part, sink::Publication},
        proctor::ci::types::{Event, Item, Problem, Report, Target},
    },
    config::options::Output,
    diagnostics::Filter,
    environment::Environment,
    failure::{Details, Failure, code_name},
    network::{probe::Step, proxy::Proxies},
    secret::{Redactor, Secret},
};
use colour::{BOLD, ERROR, WARNING};
use progress::Progress;

/// Where output goes.
pub struct Streams {
    pub out: Box<dyn Write + Send>,
    pub err: Box<dyn Write + Send>,
    pub out_is_terminal: bool,
    pub err_is_terminal: bool,
}

/// How much is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Level {
    Quiet,
    #[default]
    Normal,
    Verbose,
}

/// Everything that is printed goes through here: redacted, and harmless unless it is our own.
pub struct Console {
    out: Mutex<Box<dyn Write + Send>>,
    err: Mutex<Box<dyn Write + Send>>,
    /// Why standard output did not take all of it, the first time.
    lost: OnceLock<String>,
    colour_out: bool,
    colour_err: bool,
    level: Level,
    ndjson: AtomicBool,
    redactor: RwLock<Redactor>,
    /// The same with the passwords of proxies: for what shows the line itself. See [`Proxies::secrets`].
    strict: RwLock<Redactor>,
    progress: Mutex<Progress>,
    /// Which diagnostics are told.
    filter: Filter,
    begun: Instant,
}

impl Console {
    #[must_use]
    pub fn new(
        streams: Streams,
        environment: &Environment,
        no_color: bool,
        level: Level,
        output: Output,
    ) -> Self {
        let colour = may_colour(environment, no_color);
        let live = streams.err_is_terminal && level != Level::Quiet && output == Output::Human;
        let live = live && environment.get("TERM") != Some("dumb");
        let passwords: Vec<Secret> = Proxies::of(environment).secrets().collect();
        Self {
            colour_out: colour && streams.out_is_terminal,
            colour_err: colour && streams.err_is_terminal,
            out: Mutex::new(streams.out),
            err: Mutex::new(streams.err),
            lost: OnceLock::new(),
            level,
            ndjson: AtomicBool::new(output == Output::Ndjson),
            redactor: RwLock::new(Redactor::default()),
            strict: RwLock::new(Redactor::new(&passwords)),
            progress: Mutex::new(Progress::new(live, level == Level::Verbose)),
            filter: match level {
                Level::Verbose => Filter::verbose(),
                _ => Filter::default(),
            },
            begun: Instant::now(),
        }
    }

    /// The same with other diagnostics than those of its level.
    #[must_use]
    pub fn telling(mut self, filter: Filter) -> Self {
        self.filter = filter;
        self
    }

    /// Which diagnostics are told.
    #[must_use]
    pub const fn filter(&self) -> &Filter {
        &self.filter
    }

    /// Whether diagnostics may have colours.
    #[must_use]
    pub const fn colours_diagnostics(&self) -> bool {
        self.colour_err
    }

    /// What is written to standard output.
    #[must_use]
    pub fn output(&self) -> Output {
        if self.ndjson.load(Ordering::Relaxed) {
            Output::Ndjson
        } else {
            Output::Human
        }
    }

    /// Changes what is written to standard output, before anything was.
    pub fn set_output(&self, output: Output) {
        self.ndjson
            .store(output == Output::Ndjson, Ordering::Relaxed);
        if output == Output::Ndjson {
            *self.progress() = Progress::new(false, self.level == Level::Verbose);
        }
    }

    /// Whether progress is shown to people.
    #[must_use]
    pub fn shows_progress(&self) -> bool {
        self.output() == Output::Human && self.level != Level::Quiet
    }

    /// Replaces these secrets too from now on.
    pub fn hide(&self, secrets: &[&Secret]) {
        for redactor in [&self.strict, &self.redactor] {
            let mut redactor = redactor.write().unwrap_or_else(PoisonError::into_inner);
            *redactor = redactor.with(secrets.iter().copied());
        }
    }

    /// The text without secrets.
    #[must_use]
    pub fn redact(&self, text: &str) -> String {
        let redactor = self.redactor.read().unwrap_or_else(PoisonError::into_inner);
        redactor.redact(text).into_owned()
    }

    /// What keeps secrets out of everything that shows what passes on the line.
    #[must_use]
    pub fn strict_redactor(&self) -> Redactor {
        let strict = self.strict.read().unwrap_or_else(PoisonError::into_inner);
        strict.clone()
    }

    /// Tells a diagnostic, if it is wanted: when, how serious, where it comes from, and whose it is.
    ///
    /// Always to standard error: standard output is for results.
    pub fn record(&self, level: log::Level, path: &str, target: Option<&str>, text: &dyn Display) {
        if !self.filter.matches(level, path, target, text) {
            return;
        }
        let since = self.begun.elapsed().as_secs_f64();
        let whose = target.map(|name| format!("{name}: ")).unwrap_or_default();
        let line = format!("{since:.3}s {level:5} {path} {whose}{text}");
        let redactor = self.strict_redactor();
        let line = safe::line(&redactor.redact(&line));
        let line = redactor.redact(&line);
        self.to_err(&format!("{line}\n"));
    }

    /// Tells of an event of a target as a diagnostic, unless people read it already.
    fn record_event(&self, target: &str, provider: &str, event: &Event) {
        let shown = match (self.output(), self.level) {
            (Output::Ndjson, _) => log::LevelFilter::Off,
            (Output::Human, Level::Quiet) => log::LevelFilter::Warn,
            (Output::Human, _) => log::LevelFilter::Info,
        };
        if let Some((level, text)) = progress::diagnostic(event)
            && level > shown
        {
            let path = format!("proctor::service::{provider}");
            self.record(level, &path, Some(target), &text);
        }
    }

    /// Prints text of our own making to standard output as it is, except for secrets.
    pub fn raw_out(&self, text: &str) {
        let text = self.redact(text);
        self.to_out(&text);
    }

    /// Prints text of our own making to standard error as it is, except for secrets.
    pub fn raw_err(&self, text: &str) {
        let text = self.redact(text);
        self.to_err(&text);
    }

    /// Tells the CI system what to mask. The one thing that is printed unredacted.
    pub fn mask_commands(&self, commands: &str, out_is_taken: bool) {
        if out_is_taken {
            self.to_err(commands)
        } else {
            self.to_out(commands)
        }
    }

    /// Prints a result for people to standard output, or to standard error if that is taken.
    pub fn result(&self, text: &str, out_is_taken: bool) {
        let text = self.redact(&safe::block(text));
        if out_is_taken {
            self.to_err(&colour::report(&text, self.colour_err));
        } else {
            self.to_out(&colour::report(&text, self.colour_out));
        }
    }

    /// Prints lines about something for people to standard output: none of them is what it all amounts to.
    pub fn facts(&self, text: &str) {
        let text = self.redact(&safe::block(text));
        self.to_out(&colour::lines(&text, self.colour_out));
    }

    /// Says what goes on, to people who want to know.
    pub fn say(&self, text: &str) {
        if self.shows_progress() {
            self.err_line(&self.harmless(text));
        }
    }

    /// Says something that must be known even to those who want to hear little.
    pub fn note(&self, text: &str) {
        if self.output() == Output::Ndjson {
            return self.json(ndjson::message("note", text));
        }
        self.err_line(&self.harmless(text));
    }

    /// Warns of something that changes nothing.
    pub fn warn(&self, text: &str) {
        if self.output() == Output::Ndjson {
            return self.json(ndjson::message("warning", text));
        }
        let label = colour::paint("warning:", WARNING, self.colour_err);
        self.err_line(&format!("{label} {}", self.harmless(text)));
    }

    /// Prints why there is no result.
    pub fn failure(&self, failure: &Failure, exit_code: u8) {
        if self.output() == Output::Ndjson {
            self.json(ndjson::failure(failure, exit_code));
        }
        let label = colour::paint("error:", ERROR, self.colour_err);
        let problem = &failure.problem;
        self.err_line(&format!("{label} {}", self.harmless(&problem.message)));
        if let Some(details) = &failure.details {
            match details {
                Details::Rendered(text) if self.colour_err => self.err_line(text),
                details => self.err_line(&safe::block(details.text())),
            }
        }
        if let Some(id) = &problem.request_id {
            self.err_line(&format!("  request id: {}", safe::line(id)));
        }
        self.remedy(problem);
    }

    /// Says of one of several targets what went wrong with it, and who does what about it.
    pub fn trouble(&self, text: &str, problem: &Problem) {
        self.warn(text);
        if self.output() == Output::Human {
            self.remedy(problem);
        }
    }

    /// Who acts, and what comes next.
    fn remedy(&self, problem: &Problem) {
        let label = colour::paint("next:", BOLD, self.colour_err);
        let who = safe::line(&problem.who);
        self.err_line(&format!("  who: {who} ({})", code_name(problem.code)));
        self.err_line(&format!("  {label} {}", safe::line(&problem.next)));
    }

    /// Begins to show the progress of targets.
    pub fn begin(&self, targets: &[String]) {
        if self.shows_progress() {
            self.progress().begin(targets);
        }
    }

    /// Tells of an event of a target, which is at this provider.
    pub fn event(&self, target: &str, provider: &str, event: &Event) {
        self.record_event(target, provider, event);
        match self.output() {
            Output::Ndjson => {
                if self.level == Level::Verbose || !matches!(event, Event::Debug(_)) {
                    self.json(ndjson::event(target, event));
                }
            }
            Output::Human => self.human_event(target, event),
        }
    }

    fn human_event(&self, target: &str, event: &Event) {
        if let (Level::Quiet, Event::Warning(text)) = (self.level, event) {
            return self.warn(&format!("{target}: {text}"));
        }
        if self.level == Level::Quiet {
            return;
        }
        let line = self.progress().event(target, event);
        if let Some(line) = line {
            self.err_line(&self.harmless(&format!("{target}: {line}")));
        }
    }

    /// Tells that what failed of a target is run again: which time it is, and of how many at most.
    pub fn rerunning(&self, target: &str, (round, most): (u32, u32), part: &Part) {
        if self.output() == Output::Ndjson {
            return self.json(ndjson::rerunning(target, (round, most), part));
        }
        if self.level == Level::Quiet {
            return;
        }
        let line = progress::rerunning((round, most), part);
        self.err_line(&self.harmless(&format!("{target}: {line}")));
    }

    /// Tells that a target has ended.
    pub fn ended(&self, report: &Report) {
        if self.output() == Output::Ndjson {
            return self.json(ndjson::ended(report));
        }
        if self.level == Level::Quiet {
            return;
        }
        let line = self.progress().ended(report);
        if let Some(line) = line {
            self.err_line(&self.harmless(&format!("{}: {line}", report.target)));
        }
    }

    /// Says of every target that still runs how far it is, where there is no live display.
    pub fn heartbeat(&self) {
        if self.shows_progress() {
            let lines = self.progress().heartbeat();
            for line in lines {
                self.err_line(&safe::line(&line));
            }
        }
    }

    /// Takes the live display away.
    pub fn finish(&self) {
        self.progress().finish();
    }

    /// Tells of a target that was left out.
    pub fn ndjson_left_out(&self, report: &Report) {
        self.json(ndjson::left_out(report));
    }

    /// Tells of a target that would be left out.
    pub fn ndjson_not_checked(&self, target: &Target, why: &str) {
        self.json(ndjson::not_checked(target, why));
    }

    /// Writes the line that ends a stream of events.
    ///
    /// `started` are the runs that were started and left.
    pub fn ndjson_result(&self, results: &Results, started: &[Report]) {
        self.json(ndjson::result(results, started));
    }

    /// Writes the line that ends a stream of events if all runs were started and left.
    pub fn ndjson_all_started(&self, started: &[Report], duration_ms: u64) {
        self.json(ndjson::all_started(started, duration_ms));
    }

    /// Writes the line that ends a stream of events of a command that has nothing but an exit code.
    pub fn ndjson_end(&self, exit_code: u8) {
        self.json(ndjson::end(exit_code));
    }

    /// Tells of a run that was started and left.
    pub fn ndjson_started(&self, report: &Report) {
        self.json(ndjson::started(report));
    }

    /// Tells whether a target could be run.
    pub fn ndjson_checked(&self, target: &Target, answer: &Result<Vec<String>, Problem>) {
        self.json(ndjson::checked(target, answer));
    }

    /// Tells of the way to a URL, step by step.
    pub fn ndjson_network(&self, url: &str, targets: &[String], steps: &[Step]) {
        self.json(ndjson::network(url, targets, steps));
    }

    /// Tells whether a run was stopped.
    pub fn ndjson_stopped(&self, target: &Target, problem: Option<&Problem>) {
        self.json(ndjson::stopped(target, problem));
    }

    /// Tells that a run of an older build was stopped, or why it was not. `run` is that run for people, and its build.
    pub fn superseded(
        &self,
        target: &str,
        (run, build): (&str, Option<&str>),
        ids: &[&str],
        problem: Option<&Problem>,
    ) {
        if self.output() == Output::Ndjson {
            return self.json(ndjson::superseded(target, build, ids, problem));
        }
        match problem {
            None => self.note(&format!("superseded: {run} was stopped")),
            Some(problem) => {
                let message = &problem.message;
                self.warn(&format!("--supersede: {run} was not stopped: {message}"));
            }
        }
    }

    /// Tells that the other targets are stopped, as this one has failed.
    pub fn failing_fast(&self, target: &str) {
        if self.output() == Output::Ndjson {
            return self.json(ndjson::failing_fast(target));
        }
        self.say(&format!(
            "{target} failed: stopping the other targets (--fail-fast)"
        ));
    }

    /// Writes one item of a list as a line of JSON.
    pub fn ndjson_item(&self, item: &Item) {
        self.json(ndjson::item(item));
    }

    /// Writes what was published as a line of JSON.
    pub fn ndjson_published(&self, publication: &Publication) {
        self.json(ndjson::published(publication));
    }

    /// Writes a line of JSON to standard output. Inside of strings `##[` is written in another way, as GitHub's runner
    /// would take it for a command.
    pub fn json(&self, value: Value) {
        let text = self.redact(&value.to_string()).replace("##[", "#\\u0023[");
        self.to_out(&format!("{text}\n"));
    }

    /// Without secrets, and then on one line that is cut and obeys nobody: cut first, half a secret could be left.
    fn harmless(&self, text: &str) -> String {
        safe::line(&self.redact(text))
    }

    fn err_line(&self, line: &str) {
        let line = self.redact(line);
        self.to_err(&format!("{line}\n"));
    }

    /// Why not all of standard output could be written; none if it could, or if whoever reads it wanted no more.
    #[must_use]
    pub fn lost(&self) -> Option<&str> {
        self.lost.get().map(String::as_str)
    }

    /// A pipe that is closed is nobody's to tell, as `head` closes it, and the exit code still counts. Any other error is told at
    /// the end of the command.
    fn to_out(&self, text: &str) {
        let write = || {
            let mut out = self.out.lock().unwrap_or_else(PoisonError::into_inner);
            let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
            match written {
                Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                    self.lost.get_or_init(|| error.to_string());
                }
                _ => {}
            }
        };
        self.progress().suspend(write);
    }

    /// There is no place left to tell of errors: they are dropped.
    fn to_err(&self, text: &str) {
        let write = || {
            let mut err = self.err.lock().unwrap_or_else(PoisonError::into_inner);
            let _ = err.write_all(text.as_bytes()).and_then(|()| err.flush());
        };
        self.progress().suspend(write);
    }

    fn progress(&self) -> MutexGuard<'_, Progress> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether colours are wanted at all. Source: no-color.org.
fn may_colour(environment: &Environment, no_color: bool) -> bool {
    !no_color && environment.get("NO_COLOR").is_none() && environment.get("TERM") != Some("dumb")
}
