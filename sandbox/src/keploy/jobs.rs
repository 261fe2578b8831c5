//! Jobs and their runs. A job's state follows from the time since its trigger; nothing runs in the background.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use super::scenario::{App, Link, Outcome, Settings, Suite};

/// When the jobs from before the sandbox was started began: 2025-01-01.
const LONG_AGO: Duration = Duration::from_secs(1_735_689_600);

/// A job, with its run.
#[derive(Debug, Clone)]
pub struct Job {
    pub id: String,
    pub run: String,
    pub app: String,
    pub base_url: String,
    course: Arc<Course>,
    pub created: SystemTime,
    /// Whether a request to the sandbox started it.
    pub ours: bool,
    /// Whether it makes suites rather than running them.
    pub generates: bool,
    /// None for a job from before the sandbox was started, which has ended.
    triggered: Option<Instant>,
    stopped: Option<Instant>,
}

/// What a job runs and what comes of it, as far as that is known when it begins.
#[derive(Debug)]
struct Course {
    suites: Vec<Suite>,
    /// When each suite ends, since the trigger; none for one that never does, and for those behind it.
    ends: Vec<Option<Duration>>,
    /// The places of the suites that get a report.
    reported: Vec<usize>,
    fails: bool,
}

/// All jobs, the newest last.
#[derive(Debug)]
pub struct Jobs {
    pub all: Vec<Job>,
    started: usize,
    /// How often each suite was run, by its app's id and its own.
    runs: HashMap<(String, String), u32>,
}

/// How far a job has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    pub word: String,
    pub done: usize,
    pub ended: bool,
}

/// What a trigger asked for.
pub struct Order {
    pub base_url: String,
    /// What is run, or made.
    pub suites: Vec<Suite>,
    pub generates: bool,
}

impl Jobs {
    /// Two jobs of each app that ended long ago.
    pub fn new(settings: &Settings) -> Self {
        let old = |app: &App, number: usize| Job {
            id: format!("job-old-{}-{number}", app.id),
            run: format!("run-old-{}-{number}", app.id),
            app: app.id.clone(),
            base_url: app.endpoint.clone(),
            course: Course::new(passing(&app.suites), settings),
            created: UNIX_EPOCH + LONG_AGO,
            ours: false,
            generates: false,
            triggered: None,
            stopped: None,
        };
        Self {
            all: settings
                .apps
                .iter()
                .flat_map(|app| [old(app, 0), old(app, 1)])
                .collect(),
            started: 0,
            runs: HashMap::new(),
        }
    }

    /// Starts a job, and as many of others as the scenario wants. Returns its id.
    pub fn start(&mut self, app: &App, order: Order, settings: &Settings) -> String {
        self.started += 1;
        let number = self.started;
        let id = format!("job-{number:04x}");
        let suites = self.as_run_now(app, order.suites);
        let job = Job {
            run: match settings.link {
                Link::SameId => id.clone(),
                _ => format!("run-{number:04x}"),
            },
            id: id.clone(),
            app: app.id.clone(),
            base_url: order.base_url,
            course: Course::new(suites, settings),
            created: SystemTime::now(),
            ours: true,
            generates: order.generates,
            triggered: Some(Instant::now()),
            stopped: None,
        };
        let noise = |other: usize| Job {
            id: format!("job-noise-{number}-{other}"),
            run: format!("run-noise-{number}-{other}"),
            base_url: app.endpoint.clone(),
            course: Course::new(passing(&app.suites), settings),
            ours: false,
            ..job.clone()
        };
        let noise: Vec<Job> = (0..settings.noise_runs).map(noise).collect();
        self.all.push(job);
        self.all.extend(noise);
        id
    }

    /// The suites with what becomes of them this time.
    fn as_run_now(&mut self, app: &App, mut suites: Vec<Suite>) -> Vec<Suite> {
        for suite in &mut suites {
            let runs = self.runs.entry((app.id.clone(), suite.id.clone()));
            let runs = runs.or_default();
            if *runs < suite.fails_first {
                suite.outcome = Some(Outcome::Fail);
            }
            *runs += 1;
        }
        suites
    }

    pub fn job(&self, id: &str) -> Option<&Job> {
        self.all.iter().find(|job| job.id == id)
    }

    pub fn job_mut(&mut self, id: &str) -> Option<&mut Job> {
        self.all.iter_mut().find(|job| job.id == id)
    }
}

/// The suites as a run of somebody else has them: whoever takes it for their own sees it pass.
fn passing(suites: &[Suite]) -> Vec<Suite> {
    let pass = |suite: &Suite| Suite {
        outcome: Some(Outcome::Pass),
        ..suite.clone()
    };
    suites.iter().map(pass).collect()
}

impl Course {
    fn new(suites: Vec<Suite>, settings: &Settings) -> Arc<Self> {
        let mut at = Some(Duration::from_millis(settings.queue_ms));
        let (mut ends, mut reported, mut fails) = (Vec::new(), Vec::new(), false);
        for (place, suite) in suites.iter().enumerate() {
            let outcome = suite.outcome();
            at = match outcome {
                Outcome::Stuck => None,
                _ => at.map(|at| at + Duration::from_millis(suite.duration_ms())),
            };
            ends.push(at);
            if outcome != Outcome::Missing {
                reported.push(place);
            }
            fails |= matches!(outcome, Outcome::Fail | Outcome::Buggy);
        }
        Arc::new(Self {
            suites,
            ends,
            reported,
            fails,
        })
    }

    /// How many suites have ended so long after the trigger.
    fn done(&self, ran: Duration) -> usize {
        let has_ended = |end: &Option<Duration>| end.is_some_and(|end| end <= ran);
        self.ends.partition_point(has_ended)
    }
}

impl Job {
    pub fn suites(&self) -> &[Suite] {
        &self.course.suites
    }

    pub fn stop(&mut self) {
        self.stopped.get_or_insert_with(Instant::now);
    }

    /// How long it ran, until now or until it was stopped.
    fn ran(&self) -> Duration {
        let until = self.stopped.unwrap_or_else(Instant::now);
        self.triggered
            .map_or(Duration::MAX, |triggered| until.duration_since(triggered))
    }

    pub fn progress(&self, settings: &Settings) -> Progress {
        let stopped = self.stopped.is_some();
        let ran = self.ran();
        let (done, all) = (self.course.done(ran), self.suites().len());
        let queued = ran < Duration::from_millis(settings.queue_ms);
        let word = match () {
            () if stopped => settings.stopped_job_word.as_str(),
            // ASSUMED: the words of a job that has not ended are not documented.
            () if queued => "QUEUED",
            () if done < all => "RUNNING",
            () if self.course.fails => settings.failed_job_word.as_str(),
            () => "COMPLETED",
        };
        Progress {
            word: word.to_owned(),
            done,
            ended: stopped || (!queued && done == all),
        }
    }

    /// Whether the reports can be read: a while after the job's end.
    pub fn has_reports(&self, settings: &Settings) -> bool {
        let Some(triggered) = self.triggered else {
            return true;
        };
        let end = match self.stopped {
            Some(stopped) => Some(stopped.duration_since(triggered)),
            None => (self.course.ends.last().copied())
                .unwrap_or(Some(Duration::from_millis(settings.queue_ms))),
        };
        end.is_some_and(|end| {
            triggered.elapsed() >= end + Duration::from_millis(settings.reports_after_ms)
        })
    }

    /// The places of the suites with a report: those that ended, but for the ones that are to be missing.
    pub fn reported(&self, settings: &Settings) -> &[usize] {
        let done = self.progress(settings).done;
        let reported = &self.course.reported;
        &reported[..reported.partition_point(|&place| place < done)]
    }
}
