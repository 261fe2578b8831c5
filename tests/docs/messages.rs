//! The messages that the page on troubleshooting explains are those that Proctor says.

use proctor_test_support::{KEY, Proctor, SHORT, sandbox};

use crate::block::expect_none;
use crate::page::page;
use crate::words::sources;

/// A heading of this level is a message: code, with `…` for what differs.
const LEVEL: u8 = 3;

#[test]
fn messages_stand_in_the_source() {
    let sources: Vec<String> = sources().iter().map(|text| in_one_line(text)).collect();
    let page = page("docs/troubleshooting.md");
    let messages = page
        .headings
        .iter()
        .filter(|heading| heading.level == LEVEL);
    let mut wrong = Vec::new();
    let mut count = 0;
    for heading in messages {
        if heading.codes.is_empty() {
            wrong.push(format!("#{} names no message", heading.anchor));
        }
        for message in &heading.codes {
            count += 1;
            let parts: Vec<&str> = message
                .split('…')
                .map(str::trim)
                .filter(|part| !part.is_empty())
                .collect();
            let told = sources
                .iter()
                .any(|text| parts.iter().all(|part| text.contains(part)));
            if parts.is_empty() || !told {
                wrong.push(format!("nothing says {message:?}"));
            }
        }
    }
    assert!(count > 20, "the page has messages");
    expect_none(&wrong);
}

/// What people meet first is explained.
#[test]
fn usual_mistakes_are_on_the_page() {
    let sandbox = sandbox("");
    let run = |app: &str| Proctor::run(&sandbox, app);
    let target =
        "[targets.api]\nprovider = \"keploy\"\napp = \"a\"\nbase_url = \"https://a.example\"\n";
    let with = |text: &str, arguments: &[&str]| {
        Proctor::new(arguments).file("proctor.toml", &format!("{target}{text}"))
    };
    let met = [
        Proctor::new(&["run"]),
        run("app-7f3").without("KEPLOY_API_KEY"),
        run("app-7f3").key("kep a"),
        with("suits = [\"a\"]\n", &["run"]),
        with("", &["run", "shop"]).key(KEY),
        with("", &["run", "--report", "htlm"]),
        with("", &["run", "--report", "junit=/"]).key(KEY),
        with("", &["run", "--api-url", "http://api.example"]),
        Proctor::run_against(&sandbox, "app-7f3", "http://127.0.0.1:9/"),
        run("app-7f3").arguments(&["--set", "suites=chekcout"]),
        run("app-stuck").variable("PROCTOR_TIMEOUT", SHORT),
        run("app-7f3").key("kep_wrong"),
        Proctor::new(&["run", "--provider", "keploy", "--skip-preflight"])
            .arguments(&["--set", "app=a", "--set", "base_url=https://a.example"])
            .arguments(&["--api-url", "http://127.0.0.1:9/"])
            .key(KEY),
        run("app-empty"),
    ];
    let page = page("docs/troubleshooting.md");
    let mut wrong = Vec::new();
    for proctor in met {
        let outcome = proctor.end();
        let told = in_one_line(&format!("{}{}", outcome.err, outcome.out));
        assert_ne!(outcome.code, 0, "{told}");
        let under = format!("{}-", outcome.code);
        let mut part = "";
        let explained = page.headings.iter().any(|heading| {
            if heading.level < LEVEL {
                part = &heading.anchor;
            }
            let mut messages = heading.codes.iter();
            part.starts_with(&under) && messages.any(|message| says(&told, message))
        });
        if !explained {
            wrong.push(format!(
                "exit code {}: nothing explains {told}",
                outcome.code
            ));
        }
    }
    expect_none(&wrong);
}

/// Whether a text has the parts of a message, in their order.
fn says(told: &str, message: &str) -> bool {
    let mut rest = told;
    message
        .split('…')
        .map(str::trim)
        .all(|part| match rest.find(part) {
            Some(at) => {
                rest = &rest[at + part.len()..];
                true
            }
            None => false,
        })
}

/// A source without the marks that continue a text in the next line.
fn in_one_line(text: &str) -> String {
    text.replace("\\\"", "\"")
        .replace("\\`", "`")
        .replace("\\\n", " ")
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}
