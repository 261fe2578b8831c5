//! CheckView's REST API: hosted browser tests for websites.
//!
//! Source: <https://checkview.io/docs/rest-api-getting-started/>, which states keys, scopes, rate limits, paging,
//! idempotency and errors. The reference of its endpoints is not public: what is ASSUMED in them can be chosen by the
//! scenario.

mod flows;
mod idempotency;
mod lists;
mod problems;
mod routes;
mod runs;
pub mod scenario;
mod shapes;
mod trigger;
mod window;

pub use scenario::Settings;

use std::sync::{Mutex};
use std::time::{Instant, SystemTime};

use http::Method;

use crate::{ServiceInfo, lock};
use crate::call::{Call, Reply, Service};
use idempotency::{Asked, Found, Store};
use problems::problem;
use runs::Runs;
use scenario::{ResetUnit, Scope};
use window::{Budget, Window, whole_seconds};

/// How it appears in the sandbox.
pub const INFO: ServiceInfo = ServiceInfo {
    name: "checkview",
    title: "CheckView",
    key: "cvpat_sandbox",
    read_only_key: Some("cvpat_readonly"),
    path: "/checkview/api/v1",
    probe: "/websites",
    demo: "flow = [\"Contact form\", \"Checkout\"]\n",
    demo_publish: "",
};

/// The service with what a scenario says of it.
pub fn service(settings: Settings) -> CheckView {
    CheckView {
        runs: Mutex::new(Runs::new(&settings)),
        window: Mutex::new(Window::new(settings.requests_per_minute)),
        store: Mutex::default(),
        settings,
    }
}

/// The service, holding one organization.
pub struct CheckView {
    settings: Settings,
    runs: Mutex<Runs>,
    window: Mutex<Window>,
    store: Mutex<Store>,
}

/// The scope that a call needs. ASSUMED: reading is `read:organization`, everything else `write:organization`.
fn wanted(call: &Call) -> (Scope, &'static str) {
    if call.method == Method::GET {
        (Scope::ReadOrganization, "read:organization")
    } else {
        (Scope::WriteOrganization, "write:organization")
    }
}

impl CheckView {
    /// The scopes of a key; none if it is not a key.
    fn scopes(&self, key: &str) -> Option<Vec<Scope>> {
        match key {
            _ if key == INFO.key => Some(vec![Scope::ReadOrganization, Scope::WriteOrganization]),
            _ if Some(key) == INFO.read_only_key => Some(vec![Scope::ReadOrganization]),
            _ => self
                .settings
                .keys
                .iter()
                .find(|known| known.key == key)
                .map(|known| known.scopes.clone()),
        }
    }

    /// Why a call may not be made, if it may not.
    fn refuse(&self, call: &Call) -> Option<Reply> {
        let refusal = |status, detail: &str| Some(problem(&self.settings, call, status, detail));
        if routes::is_health(call) && !self.settings.health_needs_key {
            return None;
        }
        // ASSUMED: what becomes of two credentials. A client that sends a second one, or one where it does not belong,
        // has a mistake that must not stay hidden.
        if call.headers.get_all("authorization").iter().count() > 1
            || call.headers.contains_key("x-api-key")
        {
            return refusal(401, "Send Authorization: Bearer once, and no other key.");
        }
        let Some(key) = call.bearer() else {
            return refusal(401, "An API token is required: Authorization: Bearer cvpat_...");
        };
        let Some(scopes) = self.scopes(key) else {
            return refusal(401, "The API token is not valid.");
        };
        let (scope, word) = wanted(call);
        if !scopes.contains(&scope) {
            return refusal(403, &format!("This call needs the scope {word}."));
        }
        None
    }

    /// Does what a call asks for, once for each idempotency key.
    fn carry_out(&self, call: &Call) -> Reply {
        if ![Method::POST, Method::PATCH, Method::DELETE].contains(&call.method) {
            return routes::route(self, call);
        }
        let problem = |status, detail: &str| problem(&self.settings, call, status, detail);
        let key = match trigger::idempotency_key(&call.headers) {
            Ok(key) => key,
            Err(detail) => return problem(400, detail),
        };
        let (token, asked, now) = (call.bearer().unwrap_or_default(), Asked::of(call), Instant::now());
        // Held until the answer is kept, so that nothing is done twice.
        let mut store = lock(&self.store);
        match store.find(token, &key, &asked, now) {
            Found::Answer(reply) => reply,
            // ASSUMED: what both of these are answered.
            Found::Other => problem(422, "Another request had this Idempotency-Key."),
            Found::InProgress => problem(
                self.settings.in_progress_status,
                "The request with this Idempotency-Key is in progress.",
            ),
            Found::Nothing => {
                let reply = routes::route(self, call);
                if reply.status.is_success() || self.settings.store_errors {
                    store.keep(token, &key, asked, &reply, now);
                }
                reply
            }
        }
    }

    /// Adds the headers that every answer has. Source: the page, "rate limits".
    fn with_budget(&self, reply: Reply, budget: Budget) -> Reply {
        let reset = match self.settings.reset_unit {
            ResetUnit::Seconds => whole_seconds(budget.reset).to_string(),
            ResetUnit::Milliseconds => budget.reset.as_millis().to_string(),
        };
        let limit = self.settings.requests_per_minute;
        reply
            .with("x-ratelimit-limit", limit.to_string())
            .with("x-ratelimit-remaining", budget.remaining.to_string())
            .with("x-ratelimit-reset", reset)
    }
}

impl Service for CheckView {
    fn info(&self) -> &'static ServiceInfo {
        &INFO
    }

    fn answer(&self, call: &Call) -> Reply {
        let budget = lock(&self.window).take(Instant::now(), SystemTime::now());
        let reply = if budget.granted {
            self.refuse(call).unwrap_or_else(|| self.carry_out(call))
        } else {
            let detail = "The organization has made too many requests.";
            problem(&self.settings, call, 429, detail).with("retry-after", budget.wait_s.to_string())
        };
        self.with_budget(reply, budget)
    }

    fn error(&self, call: &Call, status: u16, code: Option<&str>, message: &str) -> Reply {
        let budget = lock(&self.window).look(Instant::now(), SystemTime::now());
        let reply = problems::named(&self.settings, call, status, code, message);
        self.with_budget(reply, budget)
    }

    fn credential(&self, call: &Call) -> Option<String> {
        call.bearer().map(str::to_owned)
    }

    fn reset(&self) {
        *lock(&self.runs) = Runs::new(&self.settings);
        *lock(&self.window) = Window::new(self.settings.requests_per_minute);
        *lock(&self.store) = Store::default();
    }
}
