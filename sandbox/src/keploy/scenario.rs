//! The `[keploy]` part of a scenario.

use serde::Deserialize;
use serde_json::Value;

use crate::spelling::Spelling;

/// What Keploy holds and how it behaves.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    pub apps: Vec<App>,
    /// More keys than the two that are always there.
    pub keys: Vec<Key>,
    /// How many requests a minute a key may make, 1 or more.
    pub requests_per_minute: u32,
    /// How many requests a key may make at once.
    pub burst: u32,
    /// How long a job waits before its first suite, in milliseconds.
    pub queue_ms: u64,
    /// The word of a job in which a suite failed. The guide takes FAILED for "tests failed"; the report pages show a run
    /// as completed whatever its suites did, so COMPLETED is possible too.
    pub failed_job_word: String,
    /// The word of a job that was stopped: STOPPED or CANCELLED.
    pub stopped_job_word: String,
    /// What stopping a finished job answers. ASSUMED: 409.
    pub stop_finished_status: u16,
    pub link: Link,
    /// How many jobs of others, with their runs, appear on the app with each of ours.
    pub noise_runs: usize,
    /// How long after its job's end a run's reports answer 404, in milliseconds.
    pub reports_after_ms: u64,
    pub steps_in: StepsIn,
    pub spelling: Spelling,
    pub events: Events,
    /// How often a stream of events sends a sign of life, in milliseconds; 0 is never.
    pub heartbeat_ms: u64,
    /// Whether an unknown suite id is refused with 400 or passed over. Not documented.
    pub unknown_suites: UnknownSuites,
    /// Whether loopback and private addresses are taken as targets. The real service, which is elsewhere, refuses them;
    /// here the service and the system under test are on one machine.
    pub allow_private_targets: bool,
}

/// A key and what it may do.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Key {
    pub key: String,
    pub scopes: Vec<Scope>,
}

/// What a key may do; each scope holds those before it. Source: the guide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    Read,
    Write,
    Admin,
}

impl Scope {
    pub const fn word(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Admin => "admin",
        }
    }
}

/// How the run of a job can be found. Not documented, so every way that is thinkable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Link {
    /// The ended job names its run.
    JobField,
    /// The run names its job.
    RunList,
    /// A new run appears, and that is all.
    Difference,
    /// The run has the id of its job, and is in no list.
    SameId,
    /// The run does not appear.
    None,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StepsIn {
    /// The list of reports has the steps.
    List,
    /// Only the single report has them.
    Detail,
}

/// The form of the stream. The guide says NDJSON, the OpenAPI file server-sent events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Events {
    Ndjson,
    Sse,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum UnknownSuites {
    Refuse,
    Skip,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct App {
    pub id: String,
    #[serde(default)]
    pub name: String,
    #[serde(default)]
    pub endpoint: String,
    #[serde(default)]
    pub suites: Vec<Suite>,
    #[serde(default)]
    pub branches: Vec<Branch>,
    /// What generation adds to the suites.
    #[serde(default)]
    pub generates: Vec<Suite>,
    /// How long a load test takes here, in milliseconds, whatever was asked for.
    #[serde(default = "usual::load_ms")]
    pub load_ms: u64,
    /// The state in which a load test ends.
    #[serde(default = "usual::load_word")]
    pub load_word: String,
    /// What a load test's report holds at its end, beside what was asked for.
    #[serde(default = "usual::load_report")]
    pub load_report: Value,
    /// What is told of the coverage of the schema; the app has no schema if it is left out.
    #[serde(default)]
    pub schema_coverage: Option<Value>,
    #[serde(default)]
    pub test_reports: Vec<TestReport>,
}

impl Default for App {
    fn default() -> Self {
        Self {
            id: String::new(),
            name: String::new(),
            endpoint: String::new(),
            suites: Vec::new(),
            branches: Vec::new(),
            generates: Vec::new(),
            load_ms: usual::load_ms(),
            load_word: usual::load_word(),
            load_report: usual::load_report(),
            schema_coverage: None,
            test_reports: Vec::new(),
        }
    }
}

/// What a load test is like if nothing is said.
mod usual {
    use serde_json::{Value, json};

    pub const fn load_ms() -> u64 {
        30
    }

    pub fn load_word() -> String {
        "COMPLETED".to_owned()
    }

    pub fn load_report() -> Value {
        json!({
                "requests": 1200, "p50_ms": 80, "p95_ms": 240, "error_rate": 0.002, "requests_per_second": 20.5,
            })
    }
}

/// A branch of an app.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Branch {
    pub id: String,
    pub name: String,
    pub status: String,
    pub suites: Vec<Suite>,
}

impl Default for Branch {
    fn default() -> Self {
        Self {
            id: String::new(),
            name: String::new(),
            status: "open".to_owned(),
            suites: Vec::new(),
        }
    }
}

/// A record/replay test report.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TestReport {
    pub id: String,
    pub name: String,
    /// Its state; by its test cases if left out.
    pub status: Option<String>,
    /// For how long since the sandbox was started it is still being made, in milliseconds.
    pub running_ms: u64,
    /// How many failed test cases its totals count; as many as there are if left out.
    pub failed_total: Option<usize>,
    /// How many test cases of a set the full report gives at most.
    pub full_cases: Option<usize>,
    pub test_sets: Vec<TestSet>,
}

/// A set of recorded test cases.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TestSet {
    pub id: String,
    pub name: String,
    pub test_cases: Vec<RecordedCase>,
}

/// A recorded test case.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RecordedCase {
    pub name: String,
    /// PASSED, FAILED, IGNORED or OBSOLETE.
    pub status: String,
    /// As Go writes a duration.
    pub time_taken: String,
}

impl Default for RecordedCase {
    fn default() -> Self {
        Self {
            name: String::new(),
            status: "PASSED".to_owned(),
            time_taken: "12.5ms".to_owned(),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Suite {
    pub id: String,
    #[serde(default)]
    pub name: String,
    /// What becomes of it; by the words in its id and name if left out.
    #[serde(default)]
    pub outcome: Option<Outcome>,
    /// How long it takes; 20 ms, or 60 s if it is called slow, if left out.
    #[serde(default)]
    pub duration_ms: Option<u64>,
    /// The names of its steps; two if left out.
    #[serde(default)]
    pub steps: Vec<String>,
    /// How many of its first runs fail, before those with the outcome.
    #[serde(default)]
    pub fails_first: u32,
    /// What its failed assertion says; two assertions of a usual API if left out.
    #[serde(default)]
    pub message: Option<String>,
}

/// What becomes of a suite.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    Pass,
    Fail,
    Buggy,
    Skip,
    /// A word that no document knows.
    Unknown,
    /// Still running when its job has ended.
    Running,
    /// Never ends.
    Stuck,
    /// Run, and in no report.
    Missing,
}

impl Suite {
    pub fn named(id: &str, name: &str) -> Self {
        Self {
            id: id.to_owned(),
            name: name.to_owned(),
            outcome: None,
            duration_ms: None,
            steps: Vec::new(),
            fails_first: 0,
            message: None,
        }
    }

    pub fn title(&self) -> &str {
        if self.name.is_empty() {
            &self.id
        } else {
            &self.name
        }
    }

    fn says(&self, word: &str) -> bool {
        [&self.id, &self.name]
            .iter()
            .any(|text| text.to_lowercase().contains(word))
    }

    pub fn outcome(&self) -> Outcome {
        const WORDS: [(&str, Outcome); 7] = [
            ("fail", Outcome::Fail),
            ("buggy", Outcome::Buggy),
            ("skip", Outcome::Skip),
            ("unknown", Outcome::Unknown),
            ("running", Outcome::Running),
            ("stuck", Outcome::Stuck),
            ("missing", Outcome::Missing),
        ];
        self.outcome.unwrap_or_else(|| {
            WORDS
                .into_iter()
                .find(|(word, _)| self.says(word))
                .map_or(Outcome::Pass, |(_, outcome)| outcome)
        })
    }

    pub fn duration_ms(&self) -> u64 {
        self.duration_ms
            .unwrap_or_else(|| if self.says("slow") { 60_000 } else { 20 })
    }

    pub fn steps(&self) -> Vec<String> {
        if self.steps.is_empty() {
            vec!["first step".to_owned(), "second step".to_owned()]
        } else {
            self.steps.clone()
        }
    }
}

impl Default for Settings {
    fn default() -> Self {
        let suites = |words: &[&str]| {
            words
                .iter()
                .map(|word| Suite::named(&format!("suite-{word}"), word))
                .collect()
        };
        let app = |id: &str, name: &str, words: &[&str]| App {
            id: id.to_owned(),
            name: name.to_owned(),
            endpoint: format!("https://{name}.example.com"),
            suites: suites(words),
            generates: suites(words),
            ..App::default()
        };
        Self {
            apps: vec![
                app("app-7f3", "orders", &["checkout", "search"]),
                app(
                    "app-outcomes",
                    "outcomes",
                    &[
                        "pass", "fail", "buggy", "skip", "unknown", "running", "missing",
                    ],
                ),
                app("app-stuck", "stuck", &["stuck"]),
                app("app-slow", "slow", &["slow"]),
                app("app-empty", "empty", &[]),
            ],
            keys: Vec::new(),
            requests_per_minute: 100,
            burst: 100,
            queue_ms: 30,
            failed_job_word: "FAILED".to_owned(),
            stopped_job_word: "STOPPED".to_owned(),
            stop_finished_status: 409,
            link: Link::RunList,
            noise_runs: 0,
            reports_after_ms: 0,
            steps_in: StepsIn::List,
            spelling: Spelling::Snake,
            events: Events::Ndjson,
            heartbeat_ms: 0,
            unknown_suites: UnknownSuites::Refuse,
            allow_private_targets: false,
        }
    }
}

impl Settings {
    /// What `proctor demo` shows: a shop's API whose checkout forgot about an empty basket.
    #[must_use]
    pub fn demo() -> Self {
        let suite = |id: &str, name: &str, outcome, steps: &[&str], duration_ms| Suite {
            outcome: Some(outcome),
            steps: steps.iter().map(|&step| step.to_owned()).collect(),
            duration_ms: Some(duration_ms),
            ..Suite::named(id, name)
        };
        let suites = vec![
            suite(
                "sign-in",
                "Sign in",
                Outcome::Pass,
                &["request a token", "refresh it", "refuse an old one"],
                420,
            ),
            suite(
                "catalog",
                "Catalog",
                Outcome::Pass,
                &[
                    "list products",
                    "filter by price",
                    "page through",
                    "one product",
                ],
                560,
            ),
            suite(
                "basket",
                "Basket",
                Outcome::Pass,
                &["put in", "change the amount", "take out"],
                380,
            ),
            suite(
                "checkout",
                "Checkout",
                Outcome::Fail,
                &["create order", "pay", "refuse an empty basket"],
                640,
            ),
            suite(
                "orders",
                "Order history",
                Outcome::Pass,
                &["list orders", "one order", "hide those of others"],
                450,
            ),
        ];
        Self {
                queue_ms: 300,
                allow_private_targets: true,
                apps: vec![App {
                    id: "shop".to_owned(),
                    name: "Shop API".to_owned(),
                    endpoint: "https://staging.shop.example".to_owned(),
                    suites,
                    ..App::default()
                }],
                ..Self::default()
            }
    }
}
