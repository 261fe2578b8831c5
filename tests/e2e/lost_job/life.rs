//! The lives of one CI job: processes that share a folder, and a directory in which they keep what they have begun.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::Child;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use proctor_sandbox::{Moment, Received, Sandbox, Scenario};
use serde_json::Value;

use super::place::Place;
use proctor_test_support::{Outcome, Proctor, read};

/// Where a life keeps what it has begun, within the job's folder.
pub const STATE: &str = "state";

/// A job at a service of its own.
pub struct Job {
    pub place: &'static Place,
    pub sandbox: Arc<Sandbox>,
    pub folder: tempfile::TempDir,
    config: String,
}

impl Job {
    /// A job that runs what the target is to name.
    pub fn new(place: &'static Place, id: &str) -> Self {
        let scenario = format!("[{}]\n{}", place.stand_in, place.settings);
        let scenario = Scenario::from_toml(&scenario).unwrap_or_else(|error| panic!("{error}"));
        let address = "127.0.0.1:0".parse().expect("an address");
        let sandbox = Sandbox::start(address, scenario).expect("a free port");
        let target = place
            .target
            .replace("{api}", &sandbox.service_url(place.stand_in))
            .replace("{system}", &sandbox.system_url())
            .replace("{id}", id);
        Self {
            place,
            sandbox: Arc::new(sandbox),
            folder: tempfile::tempdir().expect("a folder"),
            config: format!("[targets.it]\n{target}\n"),
        }
    }

    /// One life, not yet begun.
    pub fn life(&self) -> Proctor {
        self.life_without_state().arguments(&["--state", STATE])
    }

    pub fn life_without_state(&self) -> Proctor {
        std::fs::write(self.folder.path().join("proctor.toml"), &self.config)
            .expect("the folder can be written to");
        Proctor::new(&["run"])
            .within(self.folder.path())
            .variable(self.place.variable, self.place.key)
            .variable("PROCTOR_TIMEOUT", "60s")
    }

    /// A life that comes to its end, with its report.
    pub fn live(&self) -> Outcome {
        self.life()
            .arguments(&["--report", "json=results.json"])
            .end()
    }

    /// A life that is killed when a request has come so far, counted from 0 within this life. Whether it was.
    pub fn killed_at(&self, life: Proctor, at: usize, wanted: Moment) -> bool {
        let number = self.sandbox.received().len() + at;
        self.killed_when(life, move |told, moment| (told, moment) == (number, wanted))
    }

    /// A life that is killed when the service is first asked for something at a path that begins so. Whether it was.
    pub fn killed_asking(&self, life: Proctor, path: &'static str) -> bool {
        let sandbox = Arc::downgrade(&self.sandbox);
        self.killed_when(life, move |told, _| {
            let all = sandbox.upgrade().map(|sandbox| sandbox.received());
            all.is_some_and(|all| all[told].method == "GET" && all[told].path.starts_with(path))
        })
    }

    fn killed_when(
        &self,
        mut life: Proctor,
        is_due: impl Fn(usize, Moment) -> bool + Send + Sync + 'static,
    ) -> bool {
        let child: Arc<Mutex<Option<Child>>> = Arc::default();
        let victim = Arc::clone(&child);
        self.sandbox.watch(move |told, moment| {
            if is_due(told, moment)
                && let Some(child) = lock(&victim).as_mut()
            {
                child.kill().expect("it can be killed");
            }
        });
        {
            // Before it is noted which process it is, nobody can be told of its requests.
            let mut child = lock(&child);
            *child = Some(life.spawn());
        }
        let was_killed = ended(&child).is_none();
        self.sandbox.watch(|_, _| {});
        was_killed
    }

    /// A life that is killed after so long. What came of it if it ended before.
    pub fn killed_after(&self, time: Duration) -> Option<Outcome> {
        let mut life = self.life().arguments(&["--report", "json=results.json"]);
        let mut child = life.spawn();
        std::thread::sleep(time);
        child.kill().expect("it can be killed");
        let status = child.wait().expect("it ends");
        status.code()?;
        Some(Outcome::from_child(life, child))
    }

    /// Whether a life has come to its end but for its exit: it has reported its run, and forgotten it.
    pub fn is_done(&self) -> bool {
        self.kept().is_none() && self.folder.path().join("results.json").exists()
    }

    /// How far each trigger had come, by what is kept; none if nothing is.
    pub fn kept(&self) -> Option<Vec<String>> {
        let file = self.files().into_iter().find(|file| is_json(file))?;
        let kept: Value = serde_json::from_str(&read(&file)).expect("JSON");
        let triggers = kept["runs"][0]["handle"]["triggers"]
            .as_array()
            .expect("a list");
        let stage = |trigger: &Value| trigger["stage"].as_str().unwrap_or_default().to_lowercase();
        Some(triggers.iter().map(stage).collect())
    }

    /// The file in which something is kept.
    pub fn entry(&self) -> PathBuf {
        let mut files = self.files().into_iter();
        files.find(|file| is_json(file)).expect("something is kept")
    }

    /// Everything in the directory where something may be kept, but for the results that later runs are compared with.
    pub fn files(&self) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(self.folder.path().join(STATE));
        let entries = entries.into_iter().flatten();
        entries
            .map(|entry| entry.expect("an entry").path())
            .filter(|path| !path.ends_with("last"))
            .collect()
    }

    /// The requests that start a run.
    pub fn triggers(&self) -> Vec<Received> {
        let (method, path) = self.place.trigger;
        let head = path.split('*').next().unwrap_or_default();
        let tail = path.split('*').next_back().unwrap_or_default();
        let mut all = self.sandbox.received();
        all.retain(|received| {
            let path = &received.path;
            received.method == method && path.starts_with(head) && path.ends_with(tail)
        });
        all
    }

    /// How many runs of one thing were started: requests of one idempotency key are one.
    pub fn started(&self, needle: &str) -> usize {
        let mut triggers = self.triggers();
        triggers.retain(|received| received.path.contains(needle));
        let key = |received: &Received| received.header("idempotency-key").map(str::to_owned);
        let keys: BTreeSet<String> = triggers.iter().filter_map(key).collect();
        let keyless = triggers.iter().filter(|received| key(received).is_none());
        keys.len() + keyless.count()
    }
}

fn is_json(file: &std::path::Path) -> bool {
    file.extension().is_some_and(|ending| ending == "json")
}

pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Waits for the end. The exit code, or none if it was killed.
fn ended(child: &Mutex<Option<Child>>) -> Option<i32> {
    loop {
        if let Some(child) = lock(child).as_mut()
            && let Some(status) = child.try_wait().expect("it can be waited for")
        {
            return status.code();
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}
