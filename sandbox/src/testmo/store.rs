//! What is stored: sources, runs, their threads and the tests in them.

use std::time::{Duration, Instant, SystemTime};

use serde_json::{Map, Value};

use super::scenario::{DuplicateKeys, Outcome, Settings};

/// All that is stored.
#[derive(Default)]
pub struct Store {
    pub sources: Vec<Source>,
    pub runs: Vec<Run>,
    last_id: u64,
}

/// The name of a suite over its runs.
pub struct Source {
    pub id: u64,
    pub project: u64,
    pub name: String,
    pub retired: bool,
    pub created: SystemTime,
    pub created_by: u64,
}

/// An automation run.
pub struct Run {
    pub id: u64,
    pub project: u64,
    pub source: u64,
    pub name: String,
    /// The place of a name in the list of all configurations, from 1.
    pub config: Option<u64>,
    pub milestone: Option<u64>,
    pub tags: Vec<String>,
    pub extras: Extras,
    pub threads: Vec<Thread>,
    pub created: SystemTime,
    pub created_by: u64,
    pub updated: SystemTime,
    pub completed: Option<SystemTime>,
    /// Whether its time is the time from creation to completion.
    pub measured: bool,
    /// What is still to come by itself.
    pub plan: Option<Plan>,
}

/// The end of a run that completes by itself.
pub struct Plan {
    /// How long after the first look.
    pub after: Duration,
    pub first_look: Option<Instant>,
    /// What its last thread still gets.
    pub tests: Vec<Test>,
}

/// What can hang on a run, a thread or a test, as it was sent.
#[derive(Default)]
pub struct Extras {
    pub artifacts: Vec<Value>,
    pub fields: Vec<Value>,
    pub links: Vec<Value>,
}

/// A part of a run.
pub struct Thread {
    pub id: u64,
    pub extras: Extras,
    /// Microseconds.
    pub observed: u64,
    /// Microseconds.
    pub computed: u64,
    pub tests: Vec<Test>,
    pub created: SystemTime,
    pub completed: Option<SystemTime>,
}

/// A test in a thread.
#[derive(Clone)]
pub struct Test {
    pub id: u64,
    /// As it was sent.
    pub sent: Map<String, Value>,
    /// The id of its status; none if it is untested.
    pub status: Option<u8>,
    pub outcome: Outcome,
    pub created: SystemTime,
    /// When it was appended; none if before the sandbox was started.
    pub arrived: Option<Instant>,
}

impl Extras {
    /// Those of a body that was checked.
    pub fn of(body: &Map<String, Value>) -> Self {
        let list = |name: &str| {
            let list = body.get(name).and_then(Value::as_array);
            list.cloned().unwrap_or_default()
        };
        Self {
            artifacts: list("artifacts"),
            fields: list("fields"),
            links: list("links"),
        }
    }

    pub fn add(&mut self, more: Self) {
        self.artifacts.extend(more.artifacts);
        self.fields.extend(more.fields);
        self.links.extend(more.links);
    }
}

impl Store {
    /// Leaves out the ids up to this one.
    pub fn skip_ids(&mut self, last_id: u64) {
        self.last_id = self.last_id.max(last_id);
    }

    /// An id that nothing has yet.
    pub fn next_id(&mut self) -> u64 {
        self.last_id += 1;
        self.last_id
    }

    /// The id of a project's source, which is made if it is not there. Source: the API's reference of automation runs.
    pub fn source(&mut self, project: u64, name: &str, now: SystemTime, user: u64) -> u64 {
        let known = self
            .sources
            .iter()
            .find(|source| source.project == project && source.name == name);
        if let Some(source) = known {
            return source.id;
        }
        let id = self.sources.len() as u64 + 1;
        self.sources.push(Source {
            id,
            project,
            name: name.to_owned(),
            retired: false,
            created: now,
            created_by: user,
        });
        id
    }

    pub fn run(&self, id: u64) -> Option<&Run> {
        self.runs.iter().find(|run| run.id == id)
    }

    pub fn run_mut(&mut self, id: u64) -> Option<&mut Run> {
        self.runs.iter_mut().find(|run| run.id == id)
    }

    /// The run that a thread is in.
    pub fn run_of_thread(&self, thread: u64) -> Option<&Run> {
        self.runs
            .iter()
            .find(|run| run.threads.iter().any(|known| known.id == thread))
    }

    /// Lets the runs go on that complete by themselves.
    pub fn settle(&mut self) {
        for run in &mut self.runs {
            run.settle();
        }
    }
}

impl Run {
    /// Somebody looks at it.
    pub fn look(&mut self) {
        if let Some(plan) = &mut self.plan {
            plan.first_look.get_or_insert_with(Instant::now);
        }
    }

    fn settle(&mut self) {
        let due = self.plan.as_ref().is_some_and(|plan| {
            plan.first_look
                .is_some_and(|look| look.elapsed() >= plan.after)
        });
        if !due {
            return;
        }
        let tests = self.plan.take().map(|plan| plan.tests);
        if let Some(thread) = self.threads.last_mut() {
            thread.tests.extend(tests.unwrap_or_default());
        }
        self.complete(SystemTime::now(), true);
    }

    /// Completes it and all of its threads. Source: the API's reference of automation runs.
    pub fn complete(&mut self, now: SystemTime, measured: bool) {
        self.plan = None;
        self.completed = Some(now);
        self.updated = now;
        self.measured = measured;
        for thread in &mut self.threads {
            thread.completed.get_or_insert(now);
        }
    }

    /// Microseconds. ASSUMED: the time of the threads is their sum.
    pub fn elapsed(&self) -> u64 {
        match self.completed {
            Some(completed) if self.measured => {
                let took = completed.duration_since(self.created).unwrap_or_default();
                u64::try_from(took.as_micros()).unwrap_or(u64::MAX)
            }
            _ => self
                .threads
                .iter()
                .fold(0, |sum, thread| sum.saturating_add(thread.elapsed())),
        }
    }
}

impl Thread {
    pub fn new(id: u64, now: SystemTime) -> Self {
        Self {
            id,
            extras: Extras::default(),
            observed: 0,
            computed: 0,
            tests: Vec::new(),
            created: now,
            completed: None,
        }
    }

    /// Microseconds. ASSUMED: what was observed goes before what was computed.
    pub fn elapsed(&self) -> u64 {
        if self.observed > 0 {
            self.observed
        } else {
            self.computed
        }
    }

    /// Takes in a test.
    pub fn append(&mut self, test: Test, duplicates: DuplicateKeys) {
        if duplicates == DuplicateKeys::Replace {
            self.tests.retain(|known| known.key() != test.key());
        }
        self.tests.push(test);
    }

    pub fn has_key(&self, key: &str) -> bool {
        self.tests.iter().any(|test| test.key() == key)
    }

    /// Its tests, but for those that lag behind.
    pub fn seen<'a>(&'a self, settings: &Settings) -> impl Iterator<Item = &'a Test> {
        let lag = Duration::from_millis(settings.totals_lag_ms);
        self.tests
            .iter()
            .filter(move |test| test.arrived.is_none_or(|arrived| arrived.elapsed() >= lag))
    }
}

impl Test {
    /// The text of a member, empty if it has none.
    pub fn text(&self, member: &str) -> &str {
        let text = self.sent.get(member).and_then(Value::as_str);
        text.unwrap_or_default()
    }

    pub fn key(&self) -> &str {
        self.text("key")
    }
}
