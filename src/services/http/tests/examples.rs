//! The examples of `docs/http-provider.md`, run against replies in the documented shape.
//!
//! `tests/fixtures/http/NAME.toml` is the example; each `NAME-*.json` beside it is a run: what is asked, in order, what is
//! answered, and what comes of it.

use std::collections::VecDeque;
use std::fs;
use std::path::{Path, PathBuf};

use super::*;
use crate::model::ParameterKind;
use crate::services::{named, validate};

fn fixtures(extension: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/http");
    let mut paths: Vec<PathBuf> = fs::read_dir(folder)
        .expect("the folder is there")
        .map(|entry| entry.expect("it can be read").path())
        .filter(|path| path.extension().is_some_and(|own| own == extension))
        .collect();
    paths.sort();
    paths
}

fn name(path: &Path) -> &str {
    let stem = path.file_stem().and_then(|stem| stem.to_str());
    stem.expect("a name")
}

/// The one target of an example, as the host would read it.
fn example(path: &Path) -> Target {
    let written = fs::read_to_string(path).expect("text");
    let file: toml_edit::DocumentMut = written.parse().expect("TOML");
    let (name, table) = file["targets"]
        .as_table()
        .and_then(|targets| targets.iter().next())
        .expect("a target");
    let provider = named("http").expect("registered").description().provider;
    let mut target = Target {
        name: name.to_owned(),
        settings: Vec::new(),
        ..bare()
    };
    for (key, item) in table.as_table().expect("a table").iter() {
        match key {
            "provider" => assert_eq!(item.as_str(), Some("http")),
            "api_url" => target.api_url = item.as_str().expect("a text").to_owned(),
            "key_env" | "timeout" => {}
            _ => {
                let parameter = provider.parameters.iter().find(|known| known.name == key);
                let kind = parameter.unwrap_or_else(|| panic!("{key} is unknown")).kind;
                target.settings.push(setting(key, kind, item));
            }
        }
    }
    target
}

fn setting(key: &str, kind: ParameterKind, item: &toml_edit::Item) -> Setting {
    match kind {
        ParameterKind::Text => text(key, item.as_str().expect("a text")),
        ParameterKind::Texts | ParameterKind::Variables => {
            let list: Vec<&str> = match item.as_array() {
                Some(list) => list
                    .iter()
                    .map(|item| item.as_str().expect("a text"))
                    .collect(),
                None => vec![item.as_str().expect("a text")],
            };
            texts(key, &list)
        }
        ParameterKind::Integer => Setting {
            name: key.to_owned(),
            value: Value::Integer(item.as_integer().expect("a number")),
        },
        other => panic!("{key} is {other:?}"),
    }
}

/// Answers what is asked in the order of the fixture, and only that.
fn scripted(api_url: String, exchanges: Vec<Json>) -> (Fake, Rc<RefCell<VecDeque<Json>>>) {
    let rest = Rc::new(RefCell::new(VecDeque::from(exchanges)));
    let left = Rc::clone(&rest);
    let ports = Fake::new(move |request, _| {
        let path = request.url.strip_prefix(&api_url).expect("below api_url");
        let asked = format!("{} {path}", request.method.name());
        let exchange = left.borrow_mut().pop_front();
        let exchange = exchange.unwrap_or_else(|| panic!("nothing is left for {asked}"));
        assert_eq!(exchange["ask"], json!(asked));
        let body = match request.body.as_slice() {
            [] => Json::Null,
            body => serde_json::from_slice(body).expect("JSON"),
        };
        assert_eq!(exchange["body"], body, "{asked}");
        let status = exchange["status"]
            .as_u64()
            .and_then(|n| u16::try_from(n).ok());
        Ok(answer(status.unwrap_or(200), &exchange["reply"]))
    });
    (ports, rest)
}

/// The report as the fixture puts it.
fn told(report: &Report) -> Json {
    let tests = report.tests.iter().map(|test| {
        json!([
            test.suite,
            test.name,
            test.verdict.word(),
            test.duration_ms,
            test.message,
            test.url
        ])
    });
    json!({
        "verdict": report.verdict.word(),
        "code": code(report).map_or("passed", Code::name),
        "run": report.run.as_ref().map(|run| json!([run.id, run.url])),
        "tests": tests.collect::<Vec<_>>(),
        "warnings": report.warnings,
    })
}

#[test]
fn examples_run_as_their_fixtures_say() {
    for path in fixtures("json") {
        let scenario = name(&path);
        let written = fs::read_to_string(&path).expect("text");
        let fixture: Json = serde_json::from_str(&written).expect(scenario);
        let (service, _) = scenario.split_once('-').expect("NAME-CASE.json");
        let mut target = example(&path.with_file_name(format!("{service}.toml")));
        for (variable, value) in fixture["env"].as_object().expect("an object") {
            let value = value.as_str().expect("a text");
            target
                .settings
                .push(text(&format!("env.{variable}"), value));
        }
        assert_eq!(validate(&target), Vec::new(), "{scenario}");
        let exchanges = fixture["exchanges"].as_array().expect("a list").clone();
        let (mut ports, rest) = scripted(target.api_url.clone(), exchanges);
        ports.stop_at = fixture["stop_at_ms"].as_u64().map(Duration::from_millis);
        let report = run(&target, &mut ports);
        assert!(rest.borrow().is_empty(), "{scenario}: not asked: {rest:?}");
        assert_eq!(told(&report), fixture["report"], "{scenario}");
    }
}

#[test]
fn every_example_is_shown_and_run() {
    let guide = include_str!("../../../../docs/http-provider.md");
    let runs = fixtures("json");
    let examples = fixtures("toml");
    assert!(examples.len() >= 2);
    for path in &examples {
        let own = format!("{}-", name(path));
        let cases = runs
            .iter()
            .filter(|run| name(run).starts_with(&own))
            .count();
        assert!(cases >= 3, "{own}: {cases} cases");
        let written = fs::read_to_string(path).expect("text");
        let shown = format!("```toml\n{}\n```", written.trim());
        assert!(guide.contains(&shown), "the guide does not show {path:?}");
    }
}
