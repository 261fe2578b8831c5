//! `docs/services.md`, made from the descriptions of the services so that it cannot say anything else than they do.
//! `PROCTOR_BLESS=1` writes it anew.

use std::fmt::Write as _;

use crate::model::{Authentication, Parameter, ParameterKind, Provider};
use crate::services::{Description, Service, all};

const HEAD: &str = "# The services

<!-- Made from the descriptions in src/services by a test; PROCTOR_BLESS=1 cargo test -p proctor writes it anew. -->

What Proctor knows of each service, and what it only assumes. A vendor's page documents what is marked *documented*, at
least for the first of several values. What is marked *assumed* no vendor states: it was not checked against the live
service, it is read tolerantly, and it fails closed: a word or a field that is not understood ends in `errored` or
`unknown`, never in `passed`. Every row can be corrected for a target in `[targets.NAME.api]` without waiting for a release:

```toml
[targets.shop.api]
states_failed = [\"failed\", \"broken\"]   # takes the place of the whole list
```

Words are compared in any case, with `-`, `_` and blanks made equal. A word in none of the lists is not taken for an end:
Proctor warns of it once and looks on until the time limit.

";

#[test]
fn the_page_of_services_says_what_the_descriptions_say() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/services.md");
    let made = page();
    if std::env::var_os("PROCTOR_BLESS").is_some() {
        std::fs::write(path, &made).expect("docs can be written");
    }
    let kept = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        kept == made,
        "docs/services.md is not what the descriptions say: PROCTOR_BLESS=1 writes it anew"
    );
}

#[test]
fn each_service_has_a_page_of_its_own() {
    for service in all() {
        let name = service.description().provider.name;
        let path = format!("{}/docs/services/{name}.md", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
        assert!(text.starts_with("# "), "{path}");
    }
}

fn page() -> String {
    let mut text = HEAD.to_owned();
    let descriptions: Vec<(Box<dyn Service>, Description)> = all()
        .into_iter()
        .map(|service| {
            let description = service.description();
            (service, description)
        })
        .collect();
    overview(&mut text, &descriptions);
    for (_, description) in &descriptions {
        section(&mut text, description);
    }
    text
}

fn overview(text: &mut String, descriptions: &[(Box<dyn Service>, Description)]) {
    text.push_str("| provider | key | followed by | stopped | listed | keeps results |\n");
    text.push_str("| --- | --- | --- | --- | --- | --- |\n");
    for (_, description) in descriptions {
        let provider = &description.provider;
        let yes = |is_so| if is_so { "yes" } else { "no" };
        let followed = if provider.abilities.stream {
            "a stream, and polling"
        } else {
            "polling"
        };
        let _ = writeln!(
            text,
            "| [`{0}`](services/{0}.md) | {1} | {followed} | {2} | {3} | {4} |",
            provider.name,
            keys(provider),
            yes(provider.abilities.cancel),
            yes(provider.abilities.discover),
            yes(!provider.publishing.is_empty()),
        );
    }
}

fn keys(provider: &Provider) -> String {
    let variables: Vec<String> = provider
        .key_variables
        .iter()
        .map(|variable| format!("`{variable}`"))
        .collect();
    let shown = match &provider.authentication {
        Authentication::Bearer => "bearer".to_owned(),
        Authentication::Header(name) => format!("header `{name}`"),
        Authentication::Chosen(parameter) => format!("by `{parameter}`"),
    };
    format!("{}, {shown}", variables.join(" or "))
}

fn section(text: &mut String, description: &Description) {
    let provider = &description.provider;
    let _ = write!(text, "\n## {}\n\n", provider.title);
    let address = match provider.api_url.as_str() {
        "" => "none of its own: `api_url` must be given".to_owned(),
        url => format!("`{url}`"),
    };
    let _ = writeln!(text, "- Address: {address}");
    let _ = writeln!(text, "- Documented at: {}", provider.documentation);
    let cadence = &description.cadence;
    let _ = writeln!(
        text,
        "- Looked at: first after {}, then every {} to {}",
        seconds(cadence.lead()),
        seconds(cadence.first()),
        seconds(cadence.ceiling()),
    );
    if let Some(rate) = provider.rate {
        let _ = writeln!(
            text,
            "- Budget: {} requests a minute for all that share the key, until an answer says otherwise",
            rate.per_minute
        );
    }
    parameters(text, "Parameters of a target", &provider.parameters);
    parameters(text, "Parameters of publishing", &provider.publishing);
    states(text, description);
    assumptions(text, description);
}

fn seconds(time: std::time::Duration) -> String {
    format!("{} s", time.as_secs_f64())
}

fn parameters(text: &mut String, title: &str, parameters: &[Parameter]) {
    if parameters.is_empty() {
        return;
    }
    let _ = write!(
        text,
        "\n### {title}\n\n| name | kind | |\n| --- | --- | --- |\n"
    );
    for parameter in parameters {
        let kind = match parameter.kind {
            ParameterKind::Text => "text",
            ParameterKind::Texts => "text or list",
            ParameterKind::Integer => "whole number",
            ParameterKind::Boolean => "true or false",
            ParameterKind::SystemUrl => "URL of the system under test",
            ParameterKind::Variables => "names of environment variables",
        };
        let need = if parameter.required { ", required" } else { "" };
        let choices = match parameter.choices.as_slice() {
            [] => String::new(),
            choices => format!(" (one of {})", choices.join(", ")),
        };
        let help = cell(&parameter.help);
        let _ = writeln!(
            text,
            "| `{}` | {kind}{need} | {help}{choices} |",
            parameter.name
        );
    }
}

/// What each of the service's words amounts to.
fn states(text: &mut String, description: &Description) {
    const MEANINGS: [(&str, &str); 20] = [
        ("states_queued", "waiting"),
        ("states_running", "going on"),
        (
            "states_completed",
            "at its end; the results tell the verdict",
        ),
        ("states_passed", "`passed`"),
        ("states_failed", "`failed`"),
        ("states_errored", "`errored`"),
        ("states_cancelled", "`cancelled`"),
        ("states_skipped", "`skipped`"),
        (
            "states_degraded",
            "`failed`, or `passed` with `degraded = \"pass\"`",
        ),
        ("states_acknowledged", "as `acknowledged` says"),
        ("states_valid", "`errored`, or as `treat_valid_as` says"),
        ("states_unready", "`errored`: it cannot be run"),
        ("states_unexecuted", "`errored`: it was not run"),
        ("words_passed", "a test: `passed`"),
        ("words_failed", "a test: `failed`"),
        ("words_buggy", "a test: `failed`"),
        ("words_errored", "a test: `errored`"),
        ("words_cancelled", "a test: `cancelled`"),
        ("words_skipped", "a test: `skipped`"),
        ("words_unfinished", "a test: `errored`, as it had not ended"),
    ];
    let rows: Vec<String> = MEANINGS
        .iter()
        .filter_map(|(name, meaning)| {
            let words = description.assumed(name);
            (!words.is_empty()).then(|| format!("| {} | {meaning} |\n", listed(words)))
        })
        .collect();
    if rows.is_empty() {
        return;
    }
    text.push_str("\n### What its words mean\n\n| words | meaning |\n| --- | --- |\n");
    text.push_str(&rows.concat());
    text.push_str("| any other | `unknown`: not an end |\n");
}

fn assumptions(text: &mut String, description: &Description) {
    if description.assumptions().is_empty() {
        return;
    }
    text.push_str("\n### What can be corrected\n\n| name | | | values, tried in order |\n| --- | --- | --- | --- |\n");
    for assumed in description.assumptions() {
        let sure = if assumed.documented {
            "documented"
        } else {
            "assumed"
        };
        let _ = writeln!(
            text,
            "| `{}` | {} | {sure} | {} |",
            assumed.name,
            cell(assumed.help),
            listed(&assumed.values)
        );
    }
}

fn listed(values: &[String]) -> String {
    let quoted: Vec<String> = values
        .iter()
        .map(|value| format!("`{}`", cell(value)))
        .collect();
    quoted.join(", ")
}

/// Text fit for a cell of a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}
