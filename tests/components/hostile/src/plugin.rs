//! The exports of the world `plugin`.

use crate::{attempts, forgery};

wit_bindgen::generate!({
    path: "../../../wit",
    world: "plugin",
});

use exports::proctor::ci::service::Guest;
use proctor::ci::types::{
    Authentication, Baseline, Code, Handle, Item, Mistake, Parameter, ParameterKind, Problem,
    Provider, Report, Stage, Started, Target, Trigger, Value, Verdict,
};

struct Hostile;

export!(Hostile);

impl Guest for Hostile {
    fn providers() -> Vec<Provider> {
        vec![Provider {
            name: "hostile".into(),
            title: "Hostile".into(),
            api_url: "https://hostile.example".into(),
            documentation: String::new(),
            authentication: Authentication::Bearer,
            key_variables: Vec::new(),
            key_prefix: None,
            parameters: ["mode", "url", "path"].map(parameter).to_vec(),
            publishing: Vec::new(),
            overrides: Vec::new(),
            abilities: Vec::new(),
            rate: None,
        }]
    }

    fn run(target: Target) -> Report {
        match setting(&target, "mode") {
            "forge-texts" => forgery::texts(target),
            "forge-handle" => forgery::handles(target),
            "forge-numbers" => forgery::numbers(target),
            "pass-without-tests" => forgery::passed(target, Vec::new()),
            "too-many-tests" => forgery::many(target, 250_001, 0),
            "many-tests" => forgery::many(target, 10_000, 1_000),
            "too-much-text" => forgery::many(target, 200_000, 200),
            _ => {
                let lines = attempts::make(&target);
                report(target, lines)
            }
        }
    }

    fn start(target: Target) -> Started {
        attempts::make(&target);
        Started {
            handle: Some(handle("started")),
            problem: None,
        }
    }

    fn watch(target: Target, handle: Handle) -> Report {
        let mut lines: Vec<String> = handle
            .triggers
            .into_iter()
            .map(|each| each.subject)
            .collect();
        lines.extend(attempts::make(&target));
        report(target, lines)
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

    fn check(target: Target) -> Result<Vec<String>, Problem> {
        Ok(attempts::make(&target))
    }
}

fn parameter(name: &str) -> Parameter {
    Parameter {
        name: name.into(),
        kind: ParameterKind::Text,
        required: false,
        choices: Vec::new(),
        exclusive: false,
        help: String::new(),
    }
}

/// A handle of this provider.
pub fn handle(subject: &str) -> Handle {
    Handle {
        provider: "hostile".into(),
        triggers: vec![Trigger {
            subject: subject.into(),
            title: subject.into(),
            stage: Stage::Accepted,
            idempotency_key: None,
            job: Some("job-1".into()),
            runs: Vec::new(),
            at_ms: None,
            baseline: Baseline {
                jobs: None,
                runs: None,
                state: None,
            },
            last_state: None,
        }],
    }
}

/// The text of a setting; empty if there is none.
pub fn setting<'t>(target: &'t Target, name: &str) -> &'t str {
    target
        .settings
        .iter()
        .find_map(|setting| match &setting.value {
            Value::Text(text) if setting.name == name => Some(text.as_str()),
            _ => None,
        })
        .unwrap_or_default()
}

fn report(target: Target, warnings: Vec<String>) -> Report {
    Report {
        target: "somebody else".into(),
        provider: target.provider,
        verdict: Verdict::Passed,
        reason: None,
        problem: None,
        run: None,
        handle: None,
        tests: Vec::new(),
        warnings,
        started_at_ms: 0,
        duration_ms: 0,
        queued_ms: None,
        location: None,
    }
}
