//! Engines, jobs and what they told.

use std::{
    sync::{Arc, LazyLock, Mutex},
    time::Duration,
};

use proctor_host::{
    bindings::proctor::ci::types::{Code, Event, Location, Report, Setting, Target, Value},
    engine::{Access, Engine, Job},
    network::Scheme,
    secret::Secret,
    stop::Stop,
};

/// The key of all jobs.
pub const KEY: &str = "key_0123456789/abcdef";

static HOSTILE: LazyLock<Engine> = LazyLock::new(|| {
    Engine::precompiled(proctor_test_components::HOSTILE).expect("compiled under the same settings")
});

/// The engine with the hostile component.
pub fn hostile() -> Engine {
    HOSTILE.clone()
}

/// A job and what it told.
pub struct Attempt {
    pub job: Job,
    pub stop: Stop,
    events: Arc<Mutex<Vec<Event>>>,
}

/// An attempt of the hostile component at `origin`.
pub fn attempt(origin: &str, settings: &[(&str, &str)]) -> Attempt {
    let events = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&events);
    let stop = Stop::new();
    let access =
        Access::new(origin, Scheme::Bearer, Some(Secret::new(KEY)), None).expect("a good origin");
    let job = Job {
        target: target(origin, settings),
        access,
        events: Arc::new(move |event| kept.lock().expect("no panic").push(event)),
        keep: None,
        stop: stop.clone(),
    };
    Attempt { job, stop, events }
}

fn target(origin: &str, settings: &[(&str, &str)]) -> Target {
    Target {
        name: "target".into(),
        provider: "hostile".into(),
        api_url: origin.into(),
        settings: settings
            .iter()
            .map(|(name, value)| Setting {
                name: (*name).into(),
                value: Value::Text((*value).into()),
            })
            .collect(),
        overrides: Vec::new(),
        timeout_ms: 60_000,
        location: Some(Location {
            file: "proctor.toml".into(),
            line: 7,
        }),
    }
}

impl Attempt {
    /// The same with another time limit.
    pub fn timeout(mut self, limit: Duration) -> Self {
        self.job.target.timeout_ms = limit.as_millis() as u64;
        self
    }

    /// Runs it.
    pub async fn run(&self) -> Report {
        hostile().run(self.job.clone()).await
    }

    /// Runs it and returns what the component said came of it.
    pub async fn outcome(&self) -> Vec<String> {
        let report = self.run().await;
        assert_eq!(report.problem, None);
        report.warnings
    }

    /// What it told for `--verbose`.
    pub fn debug(&self) -> String {
        let events = self.events.lock().expect("no panic");
        let texts: Vec<_> = events
            .iter()
            .filter_map(|event| match event {
                Event::Debug(text) => Some(text.as_str()),
                _ => None,
            })
            .collect();
        texts.join("\n")
    }

    /// How many events it told.
    pub fn told(&self) -> usize {
        self.events.lock().expect("no panic").len()
    }
}

/// The code and message of a report's problem.
pub fn problem(report: &Report) -> (Code, &str) {
    let problem = report.problem.as_ref().expect("a problem");
    (problem.code, &problem.message)
}
