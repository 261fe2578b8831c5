//! A service as the shared tests see it, and what must hold of every run whatever becomes of it.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::Child;
use std::sync::atomic::{AtomicUsize, Ordering};

use proctor_sandbox::{Fault, FaultKind, Sandbox, Scenario};
use serde_json::Value;

use proctor_test_support::{Outcome, Proctor, fault, read};

/// Method and path of a call; `*` stands for any text without a slash.
pub type Call = (&'static str, &'static str);

/// A service, how it is run at, and what it holds for each outcome.
pub struct Service {
    /// What failures of the tests call it.
    pub name: &'static str,
    /// Its name in the sandbox.
    pub stand_in: &'static str,
    pub variable: &'static str,
    pub key: &'static str,
    /// What its part of the scenario always says.
    pub settings: &'static str,
    /// The target in `proctor.toml`; `{api}` stands for the base URL, `{system}` for the system under test, `{id}` for what is
    /// run.
    pub target: &'static str,
    /// The calls before the trigger that must succeed.
    pub before: &'static [Call],
    /// None where there is nothing to start.
    pub trigger: Option<Triggered>,
    pub look: Call,
    /// How many requests of the same call come before the first look.
    pub looks_before: u32,
    /// What stops a run, where the service can.
    pub stop: Option<Call>,
    /// Where the results are read, unless they come with the look.
    pub results: Option<Call>,
    /// A time limit by which a run was looked at once at least.
    pub looked_by: &'static str,
    pub pass: Expected,
    pub fail: Expected,
    /// Comes to no verdict, where a scenario can bring that about for a single run.
    pub errored: Option<Expected>,
    /// Stopped by somebody at the service, where it knows such a thing.
    pub cancelled: Option<Expected>,
    /// Ends with a word that no document knows.
    pub unknown: Option<Expected>,
    /// Something that does not end.
    pub endless: &'static str,
}

/// What is run, and what comes of it.
pub struct Expected {
    pub id: &'static str,
    pub code: i32,
    /// Of the target.
    pub verdict: &'static str,
    /// How many tests the target reports: passed, failed, errored.
    pub counts: [u64; 3],
    /// What is said of it.
    pub says: &'static str,
}

/// How a run is started, and the exit codes of a run that would pass when something goes wrong with that.
pub struct Triggered {
    pub call: Call,
    /// Carried out, and the answer lost.
    pub lost: i32,
    /// Carried out, and the answer is no JSON, or JSON of another shape.
    pub garbled: i32,
    /// Perhaps carried out, in truth not.
    pub traceless: i32,
    /// 429 without a word of how long to wait.
    pub throttled: i32,
    /// 404 in answer to it.
    pub not_found: i32,
}

impl Service {
    /// The sandbox with this service, and more settings of its part of the scenario.
    pub fn sandbox(&self, settings: &str) -> Sandbox {
        // What a test asks for comes first, as the service's own may end in tables.
        let scenario = format!("[{}]\n{settings}\n{}", self.stand_in, self.settings);
        let scenario = Scenario::from_toml(&scenario).unwrap_or_else(|error| panic!("{error}"));
        Sandbox::start("127.0.0.1:0".parse().expect("an address"), scenario).expect("a free port")
    }

    /// A target of `proctor.toml`.
    pub fn target(&self, sandbox: &Sandbox, name: &str, id: &str) -> String {
        let lines = self
            .target
            .replace("{name}", name)
            .replace("{api}", &sandbox.service_url(self.stand_in))
            .replace("{system}", &sandbox.system_url())
            .replace("{id}", id);
        format!("[targets.{name}]\n{lines}\n")
    }

    /// `proctor run` with one target, reports of both kinds and everything that is said.
    pub fn run(&self, sandbox: &Sandbox, id: &str) -> Proctor {
        Proctor::new(&["run", "--verbose", "--report", "json", "--report", "junit"])
            .file("proctor.toml", &self.target(sandbox, "it", id))
            .variable(self.variable, self.key)
            .variable("PROCTOR_TIMEOUT", "120s")
    }

    /// Runs to the end, and checks what must always hold.
    #[track_caller]
    pub fn end(&self, sandbox: &Sandbox, id: &str) -> Outcome {
        self.ended(sandbox, self.run(sandbox, id).end())
    }

    /// The same after something went wrong with a call.
    #[track_caller]
    pub fn end_with(&self, sandbox: &Sandbox, call: Call, kind: FaultKind) -> Outcome {
        sandbox.add_fault(self.fault(call, kind));
        self.end(sandbox, self.pass.id)
    }

    /// What must hold whatever became of a run.
    #[track_caller]
    pub fn ended(&self, sandbox: &Sandbox, outcome: Outcome) -> Outcome {
        assert!(
            self.started(sandbox) <= 1,
            "{}: {} runs may have been started\n{}",
            self.name,
            self.started(sandbox),
            outcome.err
        );
        self.hides_key(&outcome);
        reports_agree(&outcome);
        outcome
    }

    /// How many runs the requests may have started: those that certainly had no effect are left out, and those of one
    /// idempotency key are one.
    pub fn started(&self, sandbox: &Sandbox) -> usize {
        let Some(Triggered { call, .. }) = &self.trigger else {
            return 0;
        };
        let sent = sent(sandbox, *call);
        let without_effect = [400, 401, 402, 403, 404, 429, 503];
        let effective: Vec<&proctor_sandbox::Received> = sent
            .iter()
            .filter(|received| !without_effect.contains(&received.status))
            .collect();
        let keys: BTreeSet<&str> = effective
            .iter()
            .filter_map(|received| received.header("idempotency-key"))
            .collect();
        let keyless = effective
            .iter()
            .filter(|received| received.header("idempotency-key").is_none())
            .count();
        keys.len() + keyless
    }

    /// The key is in nothing that was written.
    #[track_caller]
    pub fn hides_key(&self, outcome: &Outcome) {
        let key = self.key;
        assert!(!outcome.out.contains(key), "{}", outcome.out);
        assert!(!outcome.err.contains(key), "{}", outcome.err);
        for entry in std::fs::read_dir(outcome.folder.path()).expect("a folder") {
            let path = entry.expect("an entry").path();
            assert!(!read(&path).contains(key), "{}", path.display());
        }
    }

    pub fn fault(&self, (method, path): Call, kind: FaultKind) -> Fault {
        Fault {
            service: Some(self.stand_in.to_owned()),
            ..fault(method, path, kind)
        }
    }

    /// Something that goes wrong with the first look.
    pub fn at_look(&self, kind: FaultKind) -> Fault {
        Fault {
            skip: self.looks_before,
            ..self.fault(self.look, kind)
        }
    }

    /// The same, of every request from now on.
    pub fn lasting(&self, call: Call, kind: FaultKind) -> Fault {
        Fault {
            times: 0,
            ..self.fault(call, kind)
        }
    }
}

/// The requests of a call that the sandbox was sent.
pub fn sent(sandbox: &Sandbox, (method, path): Call) -> Vec<proctor_sandbox::Received> {
    let mut all = sandbox.received();
    all.retain(|received| received.method == method && matches(path, &received.path));
    all
}

/// Whether a path is one of those that a pattern stands for, segment by segment.
fn matches(pattern: &str, path: &str) -> bool {
    let (wanted, given): (Vec<&str>, Vec<&str>) =
        (pattern.split('/').collect(), path.split('/').collect());
    wanted.len() == given.len()
        && wanted
            .iter()
            .zip(given)
            .all(|(wanted, given)| *wanted == "*" || *wanted == given)
}

/// The first target's error tells at which call it came about.
#[track_caller]
pub fn names_call(outcome: &Outcome, (method, path): Call) {
    let literal = path.split('*').next().unwrap_or_default();
    let message = error(outcome)["message"].clone();
    let message = message.as_str().unwrap_or_default();
    assert!(
        message.contains(&format!("{method} {literal}")),
        "{method} {path} is not named: {message:?}"
    );
}

/// The error of the first target.
pub fn error(outcome: &Outcome) -> Value {
    outcome.results()["targets"][0]["error"].clone()
}

/// The exit code is the reports' too, and the JUnit report counts what it holds and what the results hold.
#[track_caller]
fn reports_agree(outcome: &Outcome) {
    let results = outcome.results();
    let said = format!("--- out\n{}\n--- err\n{}", outcome.out, outcome.err);
    assert_eq!(results["exit_code"], outcome.code, "{said}");
    let junit = outcome.read("junit.xml");
    let head = junit
        .split("<testsuites")
        .nth(1)
        .and_then(|rest| rest.split('>').next())
        .unwrap_or_else(|| panic!("no suites: {junit}"));
    let counted = |name: &str| -> usize {
        let from = format!(" {name}=\"");
        head.split(&from)
            .nth(1)
            .and_then(|rest| rest.split('"').next())
            .and_then(|number| number.parse().ok())
            .unwrap_or_else(|| panic!("no {name}: {head}"))
    };
    let elements = |name: &str| junit.matches(&format!("<{name}")).count();
    assert_eq!(counted("tests"), elements("testcase"), "{junit}");
    assert_eq!(counted("failures"), elements("failure"), "{junit}");
    assert_eq!(counted("errors"), elements("error"), "{junit}");
    let failed: u64 = targets(&results)
        .iter()
        .filter_map(|target| target["counts"]["failed"].as_u64())
        .sum();
    assert_eq!(counted("failures") as u64, failed, "{junit}\n{results:#}");
    let whole = outcome.code == 0;
    assert_eq!(
        whole,
        counted("failures") + counted("errors") == 0,
        "{junit}"
    );
}

pub fn targets(results: &Value) -> &[Value] {
    results["targets"].as_array().map_or(&[], Vec::as_slice)
}

/// How many cases are looked at at once: most of it is waiting, and other tests want to get on too.
const AT_ONCE: usize = 12;

/// Does the same with each of several things, many at once.
#[track_caller]
pub fn each<T: Sync>(things: &[T], act: impl Fn(&T) + Sync) {
    let next = AtomicUsize::new(0);
    let failed = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE.min(things.len()) {
            scope.spawn(|| {
                while let Some(thing) = things.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let ended = catch_unwind(AssertUnwindSafe(|| act(thing)));
                    failed.fetch_add(usize::from(ended.is_err()), Ordering::Relaxed);
                }
            });
        }
    });
    let failed = failed.into_inner();
    assert_eq!(failed, 0, "of {} cases; see above", things.len());
}

/// Tells a program to end, as CI systems do.
#[cfg(unix)]
pub fn terminate(child: &Child) {
    let sent = std::process::Command::new("kill")
        .args(["-TERM", &child.id().to_string()])
        .status();
    assert!(sent.is_ok_and(|status| status.success()), "kill -TERM");
}
