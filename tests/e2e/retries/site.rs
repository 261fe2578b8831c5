//! Services of which a part can be run again, each with something that passes and something that fails at first.

use std::collections::BTreeSet;
use std::process::Child;
use std::sync::{Arc, Mutex, PoisonError};

use proctor_sandbox::{Moment, Received, Sandbox, Scenario};
use serde_json::Value;

use proctor_test_support::{Outcome, Proctor};

/// A service, and what is run there.
pub struct Site {
    pub name: &'static str,
    /// The scenario; `{first}` stands for how many runs fail at first.
    scenario: &'static str,
    /// The target; `{api}` stands for the base URL, `{system}` for the system under test.
    target: &'static str,
    variable: &'static str,
    key: &'static str,
    /// What the paths of triggers begin and end with.
    trigger: (&'static str, &'static str),
    /// How many triggers there are for the whole.
    pub whole: usize,
    /// What names the part that fails, in the path or body of its trigger, and what must not be in it.
    pub part: (&'static str, &'static str),
    /// The suite of the test that fails.
    pub suite: &'static str,
}

pub const KEPLOY: Site = Site {
    name: "keploy",
    scenario: r#"
        [keploy]
        allow_private_targets = true
        [[keploy.apps]]
        id = "shop"
        [[keploy.apps.suites]]
        id = "s-1"
        name = "checkout"
        [[keploy.apps.suites]]
        id = "s-2"
        name = "search"
        fails_first = {first}
    "#,
    target: "provider = \"keploy\"\napi_url = \"{api}\"\napp = \"shop\"\nbase_url = \"{system}\"",
    variable: "KEPLOY_API_KEY",
    key: "kep_sandbox",
    trigger: ("/apps/", "/test-suites/run"),
    whole: 1,
    part: ("s-2", "s-1"),
    suite: "search",
};

/// Both flows have one name, and so does one of another website.
pub const CHECKVIEW: Site = Site {
    name: "checkview",
    scenario: r#"
        [[checkview.websites]]
        id = "shop"
        [[checkview.websites.flows]]
        id = "flow-1"
        name = "Contact"
        [[checkview.websites.flows]]
        id = "flow-2"
        name = "Contact"
        fails_first = {first}
        [[checkview.websites]]
        id = "blog"
        [[checkview.websites.flows]]
        id = "flow-3"
        name = "Contact"
    "#,
    target: "provider = \"checkview\"\napi_url = \"{api}\"\nwebsite = \"shop\"",
    variable: "CHECKVIEW_API_TOKEN",
    key: "cvpat_sandbox",
    trigger: ("/test-flows/", "/run"),
    whole: 2,
    part: ("flow-2", "flow-1"),
    suite: "Contact (flow-2)",
};

pub const TESTCLIX: Site = Site {
    name: "testclix",
    scenario: r#"
        [[testclix.tests]]
        id = "01J8ONE&01J8HOME"
        processing_ms = 5000
        [[testclix.tests]]
        id = "01J8TWO&01J8HOME"
        processing_ms = 5000
        fails_first = {first}
    "#,
    target: "provider = \"testclix\"\napi_url = \"{api}\"\n\
             test = [\"01J8ONE&01J8HOME\", \"01J8TWO&01J8HOME\"]\nnames = [\"Home\", \"Search\"]",
    variable: "TESTCLIX_API_KEY",
    key: "testclix-sandbox",
    trigger: ("/execute/", ""),
    whole: 2,
    part: ("01J8TWO", "01J8ONE"),
    suite: "Search",
};

/// Of one name, though of different kinds.
pub const IZLI: Site = Site {
    name: "izli",
    scenario: r#"
        [[izli.journeys]]
        id = "jrn_1"
        name = "Basket"
        [[izli.api_monitors]]
        id = "apm_1"
        name = "Basket"
        fails_first = {first}
    "#,
    target: "provider = \"izli\"\napi_url = \"{api}\"\njourney = \"Basket\"\napi_monitor = \"Basket\"",
    variable: "IZLI_API_KEY",
    key: "izli_agent_sandbox",
    trigger: ("/", "/(run-now|trigger)"),
    whole: 2,
    part: ("apm_1", "jrn_1"),
    suite: "Basket (api_monitor apm_1)",
};

pub const ALL: [&Site; 4] = [&KEPLOY, &CHECKVIEW, &TESTCLIX, &IZLI];

/// A site that is served.
pub struct Served {
    pub site: &'static Site,
    pub sandbox: Arc<Sandbox>,
    /// More lines of the target.
    pub lines: String,
}

impl Site {
    /// The service, where so many runs of one thing fail at first; `more` says what else there is about it.
    pub fn serve(&'static self, first: u32, more: &str) -> Served {
        let scenario = self
            .scenario
            .replace("{first}", &format!("{first}\n{more}"));
        let scenario = Scenario::from_toml(&scenario).unwrap_or_else(|error| panic!("{error}"));
        let address = "127.0.0.1:0".parse().expect("an address");
        Served {
            site: self,
            sandbox: Arc::new(Sandbox::start(address, scenario).expect("a free port")),
            lines: String::new(),
        }
    }
}

impl Served {
    pub fn config(&self) -> String {
        let target = self
            .site
            .target
            .replace("{api}", &self.sandbox.service_url(self.site.name))
            .replace("{system}", &self.sandbox.system_url());
        format!("[targets.it]\n{target}\n{}\n", self.lines)
    }

    /// `proctor COMMAND`, with the target in `proctor.toml`.
    pub fn proctor(&self, arguments: &[&str]) -> Proctor {
        Proctor::new(arguments)
            .file("proctor.toml", &self.config())
            .variable(self.site.variable, self.site.key)
            .variable("PROCTOR_TIMEOUT", "60s")
    }

    /// `proctor run` that runs what failed again so many times.
    pub fn run(&self, times: &str) -> Proctor {
        self.proctor(&[
            "run",
            "--report",
            "json",
            "--report",
            "junit",
            "--retry-failed",
            times,
        ])
    }

    /// The requests that start runs.
    pub fn triggers(&self) -> Vec<Received> {
        let mut all = self.sandbox.received();
        all.retain(|received| self.is_trigger(received));
        all
    }

    pub fn is_trigger(&self, received: &Received) -> bool {
        let (head, tail) = self.site.trigger;
        let ends = match tail {
            "/(run-now|trigger)" => ["/run-now", "/trigger"]
                .iter()
                .any(|end| received.path.ends_with(end)),
            tail => received.path.ends_with(tail),
        };
        received.method == "POST" && received.path.starts_with(head) && ends
    }

    /// All triggers behind those of the whole are about the part that failed alone, and each has a key of its own where
    /// there are keys.
    #[track_caller]
    pub fn only_the_part_again(&self, times: usize) {
        let (part, other) = self.site.part;
        let triggers = self.triggers();
        assert_eq!(triggers.len(), self.site.whole + times, "{triggers:#?}");
        for again in &triggers[self.site.whole..] {
            let told = format!("{} {}", again.path, again.body);
            assert!(told.contains(part) && !told.contains(other), "{told}");
        }
        let keys = triggers
            .iter()
            .map(|trigger| trigger.header("idempotency-key"));
        let keys: Vec<&str> = keys.flatten().collect();
        let different: BTreeSet<&str> = keys.iter().copied().collect();
        assert_eq!(keys.len(), different.len(), "{keys:?}");
        let is_keyed = self.site.name == "checkview";
        assert_eq!(keys.len(), if is_keyed { triggers.len() } else { 0 });
    }

    /// Lets the process be killed when the first request comes after so many triggers.
    pub fn kill_after(&self, triggers: usize, life: &mut Proctor) -> bool {
        self.kill_when(life, move |before, _| before == triggers)
    }

    /// Lets the process be killed when the trigger of this number comes, from 1.
    pub fn kill_at(&self, trigger: usize, life: &mut Proctor) -> bool {
        self.kill_when(life, move |before, is_trigger| {
            is_trigger && before + 1 == trigger
        })
    }

    /// Lets the process be killed by a request, of which it is told how many triggers were before it and whether it is one.
    fn kill_when(
        &self,
        life: &mut Proctor,
        is_wanted: impl Fn(usize, bool) -> bool + Send + Sync + 'static,
    ) -> bool {
        let child: Arc<Mutex<Option<Child>>> = Arc::default();
        let (victim, sandbox) = (Arc::clone(&child), Arc::downgrade(&self.sandbox));
        let (head, tail) = self.site.trigger;
        let is_start = move |received: &Received| {
            let path = &received.path;
            let ends =
                path.ends_with(tail) || path.ends_with("/run-now") || path.ends_with("/trigger");
            received.method == "POST" && path.starts_with(head) && ends
        };
        self.sandbox.watch(move |told, moment| {
            let all = sandbox.upgrade().map(|sandbox| sandbox.received());
            let is_due = all.is_some_and(|all| {
                let before = all.iter().take(told).filter(|one| is_start(one)).count();
                moment == Moment::Received && is_wanted(before, is_start(&all[told]))
            });
            let mut victim = victim.lock().unwrap_or_else(PoisonError::into_inner);
            if is_due && let Some(child) = victim.as_mut() {
                child.kill().expect("it can be killed");
            }
        });
        {
            // Before it is noted which process it is, nobody can be told of its requests.
            let mut child = child.lock().unwrap_or_else(PoisonError::into_inner);
            *child = Some(life.spawn());
        }
        let code = loop {
            let mut child = child.lock().unwrap_or_else(PoisonError::into_inner);
            let ended = child
                .as_mut()
                .and_then(|child| child.try_wait().expect("it can be waited for"));
            drop(child);
            if let Some(status) = ended {
                break status.code();
            }
            std::thread::sleep(std::time::Duration::from_millis(5));
        };
        self.sandbox.watch(|_, _| {});
        code.is_none()
    }
}

/// The tests of the only target.
pub fn tests(outcome: &Outcome) -> Vec<Value> {
    let results = outcome.results();
    results["targets"][0]["tests"]
        .as_array()
        .cloned()
        .unwrap_or_default()
}

/// The tests that were run again.
pub fn repeated(outcome: &Outcome) -> Vec<Value> {
    let mut tests = tests(outcome);
    tests.retain(|test| {
        test["earlier"]
            .as_array()
            .is_some_and(|earlier| !earlier.is_empty())
    });
    tests
}

/// The warnings of the only target, in one text.
pub fn warnings(outcome: &Outcome) -> String {
    outcome.results()["targets"][0]["warnings"].to_string()
}
