//! Load tests. Source: the OpenAPI file for the calls and the request; ASSUMED: every field of the answers, and that a
//! load test tells its state in the words of a job.

use std::time::{Duration, Instant, SystemTime};

use serde_json::{Value, json};

use super::body::{Wrong, number, object, only, text};
use super::scenario::{App, Settings};
use super::trigger::target;
use super::{Keploy, lock, shapes, usual_code};
use crate::call::{Call, Reply};

/// A load test. Its state follows from the time since its start.
#[derive(Debug, Clone)]
pub struct LoadTest {
    pub id: String,
    pub app: String,
    base_url: String,
    users: u64,
    seconds: u64,
    profile: String,
    created: SystemTime,
    started: Instant,
    stopped: bool,
}

impl LoadTest {
    /// Its state, and whether that is its end.
    pub fn state(&self, settings: &Settings, app: &App) -> (String, bool) {
        let ran = self.started.elapsed();
        let queue = Duration::from_millis(settings.queue_ms);
        // The seconds that were asked for are what it would take at the service; here nothing is loaded.
        let takes = Duration::from_millis(app.load_ms);
        match () {
            () if self.stopped => (settings.stopped_job_word.clone(), true),
            () if ran < queue => ("QUEUED".to_owned(), false),
            () if ran < queue + takes => ("RUNNING".to_owned(), false),
            () => (app.load_word.clone(), true),
        }
    }

    /// The report: what was asked for, the state, and at the end what was measured.
    pub fn report(&self, settings: &Settings, app: &App) -> Value {
        let (word, ended) = self.state(settings, app);
        let mut report = json!({
            "id": self.id,
            "status": word,
            "base_url": self.base_url,
            "virtual_users": self.users,
            "duration_secs": self.seconds,
            "profile": self.profile,
            "created_at": shapes::moment(self.created),
        });
        if let (true, Some(measured)) = (ended, app.load_report.as_object()) {
            for (name, value) in measured {
                report[name] = value.clone();
            }
        }
        report
    }

    /// An event of its stream. ASSUMED: as one of a job.
    pub fn event(&self, settings: &Settings, app: &App) -> (bool, Value) {
        let (word, ended) = self.state(settings, app);
        (ended, json!({"status": word, "id": self.id}))
    }
}

/// `POST /apps/{appId}/load-tests`.
pub fn start(keploy: &Keploy, call: &Call, app: &App) -> Reply {
    let mut tests = lock(&keploy.load_tests);
    let id = format!("load-{:04x}", tests.len() + 1);
    match read(&keploy.settings, call, app, id.clone()) {
        Ok(test) => {
            tests.push(test);
            keploy.answers.data(202, json!({ "run_id": id }))
        }
        Err((field, message)) => keploy.answers.invalid(field, &message),
    }
}

fn read(settings: &Settings, call: &Call, app: &App, id: String) -> Result<LoadTest, Wrong> {
    let body = object(call)?;
    only(&body, &["base_url", "virtual_users", "duration_secs", "profile"])?;
    let required = |name, told: Option<u64>| told.ok_or((name, format!("{name} is required")));
    Ok(LoadTest {
        id,
        app: app.id.clone(),
        base_url: target(settings, &Value::Object(body.clone()))?,
        users: required("virtual_users", number(&body, "virtual_users", 1)?)?,
        seconds: required("duration_secs", number(&body, "duration_secs", 1)?)?,
        profile: text(&body, "profile")?.unwrap_or_else(|| "constant".to_owned()),
        created: SystemTime::now(),
        started: Instant::now(),
        stopped: false,
    })
}

/// `GET /apps/{appId}/load-tests`: all of them, without pages.
pub fn list(keploy: &Keploy, app: &App) -> Reply {
    let tests = lock(&keploy.load_tests);
    let own = tests.iter().filter(|test| test.app == app.id);
    let reports: Vec<Value> = own.map(|test| test.report(&keploy.settings, app)).collect();
    keploy.answers.data(200, json!(reports))
}

/// `POST /apps/{appId}/load-tests/{runId}/stop`.
pub fn stop(keploy: &Keploy, app: &App, id: &str) -> Reply {
    let mut tests = lock(&keploy.load_tests);
    let mut own = tests.iter_mut().filter(|test| test.app == app.id);
    let Some(test) = own.find(|test| test.id == id) else {
        return super::routes::missing(keploy, "load test");
    };
    let (_, ended) = test.state(&keploy.settings, app);
    match keploy.settings.stop_finished_status {
        status if ended && status >= 300 => {
            let code = usual_code(status);
            keploy.answers.error(status, code, "the load test has ended")
        }
        _ => {
            test.stopped |= !ended;
            keploy.answers.data(200, json!({ "id": id }))
        }
    }
}
