//! izli.io's API, version 1: journeys, API monitors and monitors, their runs, and starting them.
//!
//! Source: <https://izli.io/docs/api/authentication> and <https://izli.io/docs/api/endpoints>, the latter in its current and
//! in an older form; "the old pages" are the older one. What a trigger answers and what a run looks like is in neither.

mod answers;
mod defaults;
mod lists;
mod outcome;
mod routes;
mod runs;
pub mod scenario;
mod shapes;
mod steps;
mod thing;
mod trigger;

pub use scenario::Settings;

use std::sync::{Mutex, MutexGuard};

use crate::{ServiceInfo, lock};
use crate::call::{Call, Reply, Service};
use crate::bucket::Buckets;
use runs::Runs;
use scenario::Scope;
use thing::Collection;

/// How it appears in the sandbox.
pub const INFO: ServiceInfo = ServiceInfo {
    name: "izli",
    title: "izli.io",
    key: "izli_agent_sandbox",
    read_only_key: None,
    path: "/izli/api/v1",
    probe: "/monitors",
    demo: "journey = [\"Sign in\", \"Checkout\"]\napi_monitor = \"Orders API\"\nmonitor = \"Home page\"\n",
    demo_publish: "",
};

/// The service with what a scenario says of it.
pub fn service(settings: Settings) -> Izli {
    Izli {
        past: Mutex::new(Past::new(&settings)),
        settings,
    }
}

/// The service.
pub struct Izli {
    settings: Settings,
    past: Mutex<Past>,
}

/// What has happened since the start or the last reset.
struct Past {
    runs: Runs,
    buckets: Buckets,
}

impl Past {
    fn new(settings: &Settings) -> Self {
        let limit = settings.requests_per_minute;
        Self {
            runs: Runs::new(),
            buckets: Buckets::new(limit, limit),
        }
    }
}

impl Izli {
    fn past(&self) -> MutexGuard<'_, Past> {
        lock(&self.past)
    }

    /// Refuses a request whose key is not presented as documented, is unknown, or may not do this.
    fn refuse(&self, call: &Call) -> Option<Reply> {
        if credentials(call) > 1 {
            // ASSUMED: the documents name one header and do not say what becomes of two credentials. A client that sends
            // two has a mistake that must not stay hidden.
            return Some(self.error_of(400, "send one Authorization header and no other key"));
        }
        let Some(scopes) = call.bearer().and_then(|key| self.scopes(key)) else {
            return Some(self.error_of(401, "Invalid or missing API key"));
        };
        let wanted = wanted(call);
        let may = wanted.is_none_or(|wanted| scopes.iter().any(|scope| scope.allows(wanted)));
        (!may).then(|| self.error_of(403, "the key's scopes do not allow this"))
    }

    fn scopes(&self, key: &str) -> Option<&[Scope]> {
        if key == INFO.key {
            return Some(&[Scope::Agent]);
        }
        let known = self.settings.keys.iter().find(|known| known.key == key)?;
        Some(&known.scopes)
    }

    /// The limit is in the old pages only. ASSUMED: it is kept for each key, and requests without one cost nothing.
    fn limited(&self, call: &Call) -> Option<Reply> {
        let key = self.credential(call).unwrap_or_default();
        let budget = self.past().buckets.take(&key);
        if budget.granted {
            return None;
        }
        let reply = self.error_of(429, "too many requests");
        Some(if self.settings.retry_after {
            reply.with("retry-after", budget.reset_s.max(1).to_string())
        } else {
            reply
        })
    }
}

/// The scope of old keys that a call needs; none for what has no scope of its own.
fn wanted(call: &Call) -> Option<Scope> {
    let segments = call.segments();
    let collection = Collection::of_path(segments.first()?)?;
    // ASSUMED: the old pages have no scope for API monitors; they were monitors then.
    let [read, run, write] = match collection {
        Collection::Journeys => [Scope::JourneysRead, Scope::JourneysRun, Scope::JourneysWrite],
        Collection::Monitors | Collection::ApiMonitors => {
            [Scope::MonitorsRead, Scope::MonitorsRun, Scope::MonitorsWrite]
        }
    };
    Some(match (call.method.as_str(), segments.len()) {
        ("GET", _) => read,
        ("POST", 3..) => run,
        _ => write,
    })
}

/// How many headers carry a credential, or look as if they did.
fn credentials(call: &Call) -> usize {
    ["authorization", "x-api-key"]
        .iter()
        .map(|name| call.headers.get_all(*name).iter().count())
        .sum()
}

impl Service for Izli {
    fn info(&self) -> &'static ServiceInfo {
        &INFO
    }

    fn answer(&self, call: &Call) -> Reply {
        self.refuse(call)
            .or_else(|| self.limited(call))
            .unwrap_or_else(|| routes::route(self, call))
    }

    fn error(&self, _: &Call, status: u16, code: Option<&str>, message: &str) -> Reply {
        let code = code.unwrap_or_else(|| answers::usual_code(status));
        answers::error(&self.settings, status, code, message)
    }

    fn credential(&self, call: &Call) -> Option<String> {
        call.bearer().map(str::to_owned)
    }

    fn reset(&self) {
        *self.past() = Past::new(&self.settings);
    }
}
