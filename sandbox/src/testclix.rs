//! TestCLIX's API, version 1: the state of website scenarios, availability checks and vitals, and starting them.
//!
//! Source: <https://docs.testclix.com/integration/api> and the pages on statuses of the three kinds of test. The API has
//! no run: one starts a test and reads the test's state. When which state is shown during a run is not documented.

mod course;
mod defaults;
mod routes;
pub mod scenario;
mod state;
mod test;

pub use scenario::Settings;

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard};
use std::time::Instant;

use serde_json::json;

use crate::{ServiceInfo, lock};
use crate::call::{Call, Reply, Service};
use crate::bucket::Buckets;
use course::Course;

/// How it appears in the sandbox.
pub const INFO: ServiceInfo = ServiceInfo {
    name: "testclix",
    title: "TestCLIX",
    key: "testclix-sandbox",
    read_only_key: None,
    path: "/testclix/v1/api",
    probe: "/status",
    demo: "test = [\"01J8SHOP4Q&01J8HOMEX2\", \"01J8SHOP4Q&01J8SRCH7M\"]\nnames = [\"Home page\", \"Search\"]\n",
    demo_publish: "",
};

/// Source: the API page, as are the other messages.
const UNAUTHORIZED: &str = "Unauthorized";
const WRONG_KEY: &str = "User is not authorized to access this resource with an explicit deny in an identity-based policy";

/// The service with what a scenario says of it.
pub fn service(settings: Settings) -> TestClix {
    TestClix {
        past: Mutex::new(Past::new(&settings)),
        settings,
    }
}

/// The service.
pub struct TestClix {
    settings: Settings,
    past: Mutex<Past>,
}

/// What has happened since the start or the last reset.
struct Past {
    began: Instant,
    /// By the test's id; a test that nobody asked for has none yet.
    courses: HashMap<String, Course>,
    executions_left: Option<u32>,
    buckets: Buckets,
}

impl Past {
    fn new(settings: &Settings) -> Self {
        let limit = settings.requests_per_minute;
        Self {
            began: Instant::now(),
            courses: HashMap::new(),
            executions_left: settings.executions_left,
            buckets: Buckets::new(limit, limit),
        }
    }
}

impl TestClix {
    fn past(&self) -> MutexGuard<'_, Past> {
        lock(&self.past)
    }

    /// Refuses a request whose credential is not exactly the header that is documented.
    fn unauthorized(&self, call: &Call) -> Option<Reply> {
        let count = |name: &str| call.headers.get_all(name).iter().count();
        let (own, other) = (count("x-api-key"), count("authorization"));
        if own > 1 || (own == 1 && other > 0) {
            // ASSUMED: the documents name one header and do not say what becomes of two credentials. A client that sends
            // two has a mistake that must not stay hidden.
            return Some(self.message(400, "send x-api-key, once, and no other credential"));
        }
        match call.header("x-api-key") {
            Some(key) if key == INFO.key => None,
            // ASSUMED: an empty header counts as none.
            None | Some("") => Some(self.message(401, UNAUTHORIZED)),
            Some(_) => Some(self.message(403, WRONG_KEY)),
        }
    }

    /// ASSUMED: that there is a limit, what it answers, and that it comes behind the check of the key.
    fn limited(&self, call: &Call) -> Option<Reply> {
        if self.settings.requests_per_minute == 0 {
            return None;
        }
        let key = self.credential(call).unwrap_or_default();
        let budget = self.past().buckets.take(&key);
        if budget.granted {
            return None;
        }
        let reply = self.message(429, "Too Many Requests");
        Some(if self.settings.retry_after {
            reply.with("retry-after", budget.reset_s.max(1).to_string())
        } else {
            reply
        })
    }

    /// An error: one member. ASSUMED: a gateway may spell it with a capital.
    fn message(&self, status: u16, message: &str) -> Reply {
        let name = if self.settings.capital_message {
            "Message"
        } else {
            "message"
        };
        Reply::json(status, &json!({ name: message }))
    }
}

impl Service for TestClix {
    fn info(&self) -> &'static ServiceInfo {
        &INFO
    }

    fn answer(&self, call: &Call) -> Reply {
        self.unauthorized(call)
            .or_else(|| self.limited(call))
            .unwrap_or_else(|| routes::route(self, call))
    }

    /// The service has no names for its errors.
    fn error(&self, _: &Call, status: u16, code: Option<&str>, message: &str) -> Reply {
        match code {
            Some(code) => self.message(status, &format!("{code}: {message}")),
            None => self.message(status, message),
        }
    }

    fn credential(&self, call: &Call) -> Option<String> {
        call.header("x-api-key").map(str::to_owned)
    }

    fn reset(&self) {
        *self.past() = Past::new(&self.settings);
    }
}
