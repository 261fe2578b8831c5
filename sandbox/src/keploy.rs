//! Keploy's public REST API, "client/v1".
//!
//! Source: <https://keploy.io/docs/running-keploy/public-api/> (the guide, which wins) and the vendor's OpenAPI file
//! "Keploy Public API" 1.0.0. Neither states a single field of test runs and suite reports, nor how a job's run is found.

mod answers;
mod body;
mod branches;
mod events;
mod generation;
mod jobs;
mod lists;
mod load;
mod recorded;
mod routes;
pub mod scenario;
mod shapes;
mod trigger;

pub use scenario::Settings;

use std::sync::{Arc, Mutex};
use std::time::Instant;

use serde_json::json;

use crate::{ServiceInfo, lock};
use crate::call::{Call, Reply, Service};
use answers::Answers;
use crate::bucket::{Buckets, Budget};
use jobs::Jobs;
use load::LoadTest;
use scenario::{Branch, Scope};

/// How it appears in the sandbox.
pub const INFO: ServiceInfo = ServiceInfo {
    name: "keploy",
    title: "Keploy",
    key: "kep_sandbox",
    read_only_key: Some("kep_readonly"),
    path: "/keploy/client/v1",
    probe: "/users/me",
    demo: "app = \"shop\"\nbase_url = \"{system_url}\"\n",
    demo_publish: "",
};

/// The service with what a scenario says of it.
pub fn service(settings: Settings) -> Keploy {
    Keploy::new(settings)
}

/// The service.
pub struct Keploy {
    settings: Settings,
    jobs: Arc<Mutex<Jobs>>,
    load_tests: Arc<Mutex<Vec<LoadTest>>>,
    /// Branches that were created, each with the id of its app.
    branches: Mutex<Vec<(String, Branch)>>,
    /// Since when test reports are being made.
    began: Mutex<Instant>,
    buckets: Mutex<Buckets>,
    answers: Answers,
}

impl Keploy {
    fn new(settings: Settings) -> Self {
        Self {
            jobs: Arc::new(Mutex::new(Jobs::new(&settings))),
            load_tests: Arc::default(),
            branches: Mutex::default(),
            began: Mutex::new(Instant::now()),
            buckets: Mutex::new(Buckets::new(settings.requests_per_minute, settings.burst)),
            answers: Answers::default(),
            settings,
        }
    }

    /// The scopes of a key; none if it is not a key.
    fn scopes(&self, key: &str) -> Option<Vec<Scope>> {
        match key {
            _ if key == INFO.key => Some(vec![Scope::Read, Scope::Write]),
            _ if Some(key) == INFO.read_only_key => Some(vec![Scope::Read]),
            _ => self
                .settings
                .keys
                .iter()
                .find(|known| known.key == key)
                .map(|known| known.scopes.clone()),
        }
    }

    fn refuse(&self, call: &Call) -> Option<Reply> {
        let unauthorized =
            |message: &str| Some(self.answers.error(401, "AUTHENTICATION_REQUIRED", message));
        if credentials(call) > 1 {
            // ASSUMED: the documents say which headers there are, not what becomes of two of them. A client that sends
            // two has a mistake that must not stay hidden.
            let message = "send either X-API-Key or Authorization, once";
            return Some(self.answers.error(400, "VALIDATION_ERROR", message));
        }
        let Some(key) = key(call) else {
            return unauthorized("an API key is required");
        };
        let Some(scopes) = self.scopes(&key) else {
            return unauthorized("the API key is not valid");
        };
        let wanted = wanted(call);
        if scopes.iter().all(|scope| *scope < wanted) {
            return Some(self.answers.error(
                403,
                "INSUFFICIENT_SCOPE",
                &format!("this call needs the scope {}", wanted.word()),
            ));
        }
        None
    }
}

/// The scope that a call needs. Source: the guide.
fn wanted(call: &Call) -> Scope {
    if call.path.starts_with("/api-keys") || call.method == http::Method::DELETE {
        Scope::Admin
    } else if call.method == http::Method::GET {
        Scope::Read
    } else {
        Scope::Write
    }
}

/// How many headers carry a credential.
fn credentials(call: &Call) -> usize {
    ["x-api-key", "authorization"]
        .iter()
        .map(|name| call.headers.get_all(*name).iter().count())
        .sum()
}

/// The key: `X-API-Key`, else `Authorization: Bearer`.
fn key(call: &Call) -> Option<String> {
    call.header("x-api-key")
        .or(call.bearer())
        .map(str::to_owned)
}

/// The name of an error by its status. Source: the guide, "errors".
fn usual_code(status: u16) -> &'static str {
    match status {
        400 | 413 => "VALIDATION_ERROR",
        401 => "AUTHENTICATION_REQUIRED",
        403 => "INSUFFICIENT_SCOPE",
        404 => "RESOURCE_NOT_FOUND",
        409 => "CONFLICT",
        429 => "RATE_LIMITED",
        _ => "INTERNAL_ERROR",
    }
}

impl Service for Keploy {
    fn info(&self) -> &'static ServiceInfo {
        &INFO
    }

    fn answer(&self, call: &Call) -> Reply {
        let budget = lock(&self.buckets).take(&key(call).unwrap_or_default());
        let reply = if budget.granted {
            self.refuse(call)
                .unwrap_or_else(|| routes::route(self, call))
        } else {
            self.answers
                .error(429, "RATE_LIMITED", "too many requests")
                .with("retry-after", budget.reset_s.max(1).to_string())
        };
        self.with_budget(reply, &budget)
    }

    fn error(&self, call: &Call, status: u16, code: Option<&str>, message: &str) -> Reply {
        let budget = lock(&self.buckets).look(&key(call).unwrap_or_default());
        let code = code.unwrap_or_else(|| usual_code(status));
        self.with_budget(self.answers.error(status, code, message), &budget)
    }

    fn credential(&self, call: &Call) -> Option<String> {
        key(call)
    }

    fn reset(&self) {
        *lock(&self.jobs) = Jobs::new(&self.settings);
        lock(&self.load_tests).clear();
        lock(&self.branches).clear();
        *lock(&self.began) = Instant::now();
        *lock(&self.buckets) = Buckets::new(self.settings.requests_per_minute, self.settings.burst);
    }
}

impl Keploy {
    /// Adds the headers that every answer has. Source: the guide, "rate limits".
    fn with_budget(&self, reply: Reply, budget: &Budget) -> Reply {
        let limit = self.settings.requests_per_minute;
        reply
            .with("x-ratelimit-limit", limit.to_string())
            .with("x-ratelimit-remaining", budget.remaining.to_string())
            .with("x-ratelimit-reset", budget.reset_s.to_string())
    }

    /// Who a key belongs to. The body is not documented. ASSUMED: a user with an id.
    fn me(&self) -> Reply {
        self.answers
            .data(200, json!({"id": "user-1", "email": "ci@example.com"}))
    }
}
