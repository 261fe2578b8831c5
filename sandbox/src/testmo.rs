//! Testmo's REST API for test automation: it does not run tests, it keeps their results.
//!
//! Source: <https://docs.testmo.com/api> (error handling, pagination and expands, automation runs, automation sources)
//! and the vendor's packages `@testmo/testmo-api` and `@testmo/testmo-cli`. The members of a test that is read back, the
//! service's limits, and what it makes of unknown statuses and of duplicate keys are not documented.

mod answers;
mod check;
mod counts;
mod expands;
mod filter;
mod limit;
mod list;
mod object;
mod reads;
mod routes;
pub mod scenario;
mod seed;
mod shapes;
mod store;
mod submit;
mod usual;

pub use scenario::Settings;

use std::sync::{Mutex};
use std::time::Instant;

use serde_json::{Value, json};

use crate::{ServiceInfo, lock};
use crate::call::{Call, Reply, Service};
use answers::Wrongs;
use limit::Limit;
use list::Query;
use reads::Found;
use scenario::Role;
use store::Store;

/// How it appears in the sandbox. Every customer has an address of his own, an origin, below which the path is always
/// the same: the vendor's client cuts the address it is given to its origin.
pub const INFO: ServiceInfo = ServiceInfo {
    name: "testmo",
    title: "Testmo",
    key: "testmo-sandbox",
    read_only_key: Some("testmo-readonly"),
    path: "/api/v1",
    probe: "/user",
    demo: "run = \"101\"\n",
    demo_publish: "project_id = 1\nsource = \"proctor-demo\"\n",
};

/// The service with what a scenario says of it.
pub fn service(settings: Settings) -> Testmo {
    Testmo {
        store: Mutex::new(seed::store(&settings)),
        limit: Mutex::new(Limit::new(&settings)),
        settings,
    }
}

/// The service.
pub struct Testmo {
    settings: Settings,
    store: Mutex<Store>,
    limit: Mutex<Limit>,
}

/// Who calls.
pub struct Caller {
    user: u64,
    role: Role,
    projects: Option<Vec<u64>>,
}

impl Caller {
    /// Whether a project is there for them.
    fn sees(&self, project: u64) -> bool {
        self.projects
            .as_ref()
            .is_none_or(|projects| projects.contains(&project))
    }
}

/// The key: `Authorization: Bearer KEY`.
fn key(call: &Call) -> Option<&str> {
    call.header("authorization")?.strip_prefix("Bearer ")
}

impl Testmo {
    /// Whose key it is; none if it is not a key.
    fn caller(&self, key: &str) -> Option<Caller> {
        let caller = |user, role, projects| Caller {
            user,
            role,
            projects,
        };
        if key == INFO.key {
            return Some(caller(1, Role::Write, None));
        }
        if Some(key) == INFO.read_only_key {
            return Some(caller(2, Role::Read, None));
        }
        let (user, known) = (3..).zip(&self.settings.keys).find(|(_, it)| it.key == key)?;
        Some(caller(user, known.role, known.projects.clone()))
    }

    fn admit(&self, call: &Call) -> Result<Caller, Reply> {
        // ASSUMED: what becomes of two credentials is not documented. A client that sends two has a mistake that must
        // not stay hidden.
        if call.headers.get_all("authorization").iter().count() > 1 {
            return Err(answers::error(401, "send Authorization once"));
        }
        let caller = key(call).and_then(|key| self.caller(key));
        let caller = caller.ok_or_else(|| answers::error(401, "no or no valid API key"))?;
        if caller.role == Role::None {
            return Err(answers::error(403, "the user has no access to the API"));
        }
        Ok(caller)
    }

    /// A user, as far as others see them.
    fn user(&self, id: u64) -> Value {
        let name = match id {
            1 => "CI".to_owned(),
            2 => "Reader".to_owned(),
            _ => format!("User {id}"),
        };
        json!({"id": id, "name": name, "email": format!("user{id}@example.com")})
    }

    /// Whose key it is. ASSUMED: in `result`, as other single objects.
    fn me(&self, caller: &Caller, call: &Call) -> Found {
        Query::new(call, &[]).end()?;
        let mut user = self.user(caller.user);
        user["role_id"] = json!(if caller.role == Role::Write { 1 } else { 2 });
        user["timezone"] = json!("Etc/UTC");
        user["date_format"] = json!("Y-m-d");
        user["time_format"] = json!("H:i");
        user["is_api"] = json!(true);
        Ok(answers::result(&user, &json!({})))
    }
}

impl Service for Testmo {
    fn info(&self) -> &'static ServiceInfo {
        &INFO
    }

    fn answer(&self, call: &Call) -> Reply {
        let account = key(call).unwrap_or_default();
        if let Err(wait) = lock(&self.limit).take(account, Instant::now()) {
            let reply = answers::error(429, "too many requests");
            if !self.settings.tell_wait {
                return reply;
            }
            let seconds = wait.as_millis().div_ceil(1_000);
            return reply.with("retry-after", seconds.to_string());
        }
        let mut store = lock(&self.store);
        store.settle();
        match self.admit(call) {
            Ok(caller) => routes::route(self, &mut store, &caller, call),
            Err(refusal) => refusal,
        }
    }

    fn error(&self, _: &Call, status: u16, code: Option<&str>, message: &str) -> Reply {
        match status {
            422 => answers::invalid(&Wrongs::one(code.unwrap_or("request"), message)),
            _ => answers::error(status, message),
        }
    }

    fn credential(&self, call: &Call) -> Option<String> {
        key(call).map(str::to_owned)
    }

    fn reset(&self) {
        *lock(&self.store) = seed::store(&self.settings);
        *lock(&self.limit) = Limit::new(&self.settings);
    }
}
