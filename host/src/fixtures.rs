//! What tests are made of: providers with one of each kind of parameter, report kinds, a target, a test case.

use crate::{
    bindings::{
        exports::proctor::ci::reports::ReportKind,
        proctor::ci::types::{
            Ability, Authentication, Parameter, ParameterKind, Provider, Rate, Target, TestCase,
            Verdict,
        },
    },
    config::Catalogue,
};

fn parameter(name: &str, kind: ParameterKind, required: bool, help: &str) -> Parameter {
    Parameter {
        name: name.to_owned(),
        kind,
        required,
        choices: Vec::new(),
        exclusive: false,
        help: help.to_owned(),
    }
}

fn provider(
    name: &str,
    title: &str,
    variable: &str,
    parameters: Vec<Parameter>,
    overrides: Vec<Parameter>,
) -> Provider {
    Provider {
        name: name.to_owned(),
        title: title.to_owned(),
        api_url: format!("https://api.{name}.example/v1"),
        documentation: format!("https://docs.{name}.example"),
        authentication: Authentication::Bearer,
        key_variables: vec![variable.to_owned()],
        key_prefix: Some("pre_".to_owned()),
        parameters,
        publishing: Vec::new(),
        overrides,
        abilities: vec![Ability::Cancel, Ability::Discover],
        rate: Some(Rate {
            per_minute: 60,
            burst: 5,
        }),
    }
}

/// Two providers, `exam` and `browse`, and three kinds of reports.
pub fn catalogue() -> Catalogue {
    use ParameterKind::{Boolean, Integer, SystemUrl, Text, Texts};
    let exam = provider(
        "exam",
        "Exam",
        "EXAM_KEY",
        vec![
            parameter("app", Text, true, "Id of the application."),
            parameter("base_url", SystemUrl, true, "The system under test."),
            parameter(
                "suites",
                Texts,
                false,
                "Names or ids of suites; all when left out.",
            ),
            parameter("rate_limit", Integer, false, "Requests a second."),
        ],
        vec![
            parameter("job_state", Text, false, "Where a job's state is."),
            parameter("stream", Boolean, false, "Whether there is a stream."),
        ],
    );
    let mut browser = parameter("browser", Text, false, "Which browser.");
    browser.choices = vec!["chrome".to_owned(), "firefox".to_owned()];
    let browse = provider(
        "browse",
        "Browse",
        "BROWSE_KEY",
        vec![
            parameter("flow", Texts, true, "Which flows."),
            browser,
            parameter("strict", Boolean, false, "Be strict."),
        ],
        Vec::new(),
    );
    let kinds = [
        ("junit", "junit.xml"),
        ("json", "results.json"),
        ("text", "-"),
    ];
    Catalogue {
        plugins: Vec::new(),
        providers: vec![exam, browse],
        kinds: kinds
            .map(|(name, path)| ReportKind {
                name: name.to_owned(),
                help: format!("the {name} form"),
                default_path: path.to_owned(),
            })
            .to_vec(),
    }
}

/// A target of `browse` without any setting.
pub fn target(name: &str) -> Target {
    Target {
        name: name.to_owned(),
        provider: "browse".to_owned(),
        api_url: "https://api.example.com".to_owned(),
        settings: Vec::new(),
        overrides: Vec::new(),
        timeout_ms: 1,
        location: None,
    }
}

/// A test of which only the verdict is known.
pub fn test_case(name: &str, verdict: Verdict) -> TestCase {
    TestCase {
        suite: String::new(),
        name: name.to_owned(),
        verdict,
        queued_ms: None,
        duration_ms: None,
        attempts: 1,
        message: None,
        details: None,
        expected: None,
        actual: None,
        url: None,
        attachments: Vec::new(),
    }
}
