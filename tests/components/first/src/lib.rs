//! A plugin built against the first version of the contract. Source and `wit/` stay as they are, so that it shows
//! whether what was built then still runs.

#![cfg(target_family = "wasm")]

wit_bindgen::generate!({ path: "wit", world: "plugin" });

use exports::proctor::ci::service::Guest;
use proctor::ci::{
    host::{Budget, Turn, Wake, emit, note_budget, take_turn, wait},
    types::{
        Authentication, Baseline, Code, Event, Handle, Item, Mistake, Problem, Provider, Report,
        Stage, Started, Target, Trigger, Verdict,
    },
};

struct First;

export!(First);

impl Guest for First {
    fn providers() -> Vec<Provider> {
        vec![Provider {
            name: "first".into(),
            title: "First".into(),
            api_url: "https://first.example".into(),
            documentation: String::new(),
            authentication: Authentication::Bearer,
            key_variables: Vec::new(),
            key_prefix: None,
            parameters: Vec::new(),
            publishing: Vec::new(),
            overrides: Vec::new(),
            abilities: Vec::new(),
            rate: None,
        }]
    }

    /// Uses each of the host's functions once.
    fn run(target: Target) -> Report {
        let granted = take_turn(1_000_000_000);
        note_budget(Budget {
            remaining: Some(1),
            per_minute: None,
            pause: 0,
        });
        emit(&Event::Warning("told".into()));
        let waited = wait(1_000_000);
        let fine = matches!((granted, waited), (Turn::Granted, Wake::Elapsed));
        Report {
            target: target.name,
            provider: target.provider,
            verdict: if fine {
                Verdict::Passed
            } else {
                Verdict::Errored
            },
            reason: None,
            problem: None,
            run: None,
            handle: None,
            tests: Vec::new(),
            warnings: Vec::new(),
            started_at_ms: 0,
            duration_ms: 0,
            queued_ms: None,
            location: None,
        }
    }

    fn start(target: Target) -> Started {
        let trigger = Trigger {
            subject: "first".into(),
            title: "First".into(),
            stage: Stage::Accepted,
            idempotency_key: None,
            job: None,
            runs: Vec::new(),
            at_ms: None,
            baseline: Baseline {
                jobs: None,
                runs: None,
                state: None,
            },
            last_state: None,
        };
        Started {
            handle: Some(Handle {
                provider: target.provider,
                triggers: vec![trigger],
            }),
            problem: None,
        }
    }

    fn watch(target: Target, _: Handle) -> Report {
        Self::run(target)
    }

    fn cancel(_: Target, _: Handle) -> Result<(), Problem> {
        Ok(())
    }

    fn discover(_: Target) -> Result<Vec<Item>, Problem> {
        Err(Problem {
            code: Code::Usage,
            message: "nothing to list".into(),
            who: String::new(),
            retriable: false,
            next: String::new(),
            request_id: None,
        })
    }

    fn validate(_: Target) -> Vec<Mistake> {
        Vec::new()
    }

    fn check(_: Target) -> Result<Vec<String>, Problem> {
        Ok(Vec::new())
    }
}
