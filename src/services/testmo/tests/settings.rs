//! What is checked without asking anybody, and what settings become.

use serde_json::{Value as Json, json};

use super::server::Server;
use super::{integer, junit, many, sink, target, text, texts, truth, with, world};
use crate::model::{Setting, Target};
use crate::services::{self, Service};

fn wrong(target: &Target) -> Vec<String> {
    let mistakes = services::validate(target);
    mistakes
        .into_iter()
        .filter_map(|mistake| mistake.parameter)
        .collect()
}

#[test]
fn settings_that_cannot_be_right_are_named() {
    let none: [&str; 0] = [];
    let table: Vec<(Vec<Setting>, Vec<&str>)> = vec![
        (vec![text("run", "1")], vec![]),
        (vec![text("run", "1"), integer("threads", 4)], vec![]),
        (
            vec![text("run", "1"), integer("threads", 0)],
            vec!["threads"],
        ),
        (vec![text("run", " ")], vec!["run"]),
        (vec![integer("project_id", 1)], vec!["source"]),
        (vec![text("source", "e2e")], vec!["project_id"]),
        (
            vec![integer("project_id", 0), text("source", "e2e")],
            vec!["project_id"],
        ),
        (vec![text("run", "1"), text("source", "e2e")], vec![]),
        (vec![text("run", "1"), truth("complete", true)], vec![]),
    ];
    for (settings, expected) in table {
        assert_eq!(wrong(&target(settings.clone())), expected, "{settings:?}");
    }
    for source in ["e2e-web", "ab", "A1"] {
        assert_eq!(
            wrong(&target(vec![
                integer("project_id", 1),
                text("source", source)
            ])),
            none
        );
    }
    for source in ["a", "1ab", "a_b", "a b", "-ab", "é2e", ""] {
        assert_eq!(
            wrong(&target(vec![
                integer("project_id", 1),
                text("source", source)
            ])),
            ["source"],
            "{source}"
        );
    }
    for (setting, name) in [
        (texts("tags", &["ok", "a b"]), "tags"),
        (texts("tags", &[""]), "tags"),
        (texts("fields", &["novalue"]), "fields"),
        (texts("fields", &["=value"]), "fields"),
        (texts("fields", &["url:=https://x.test"]), "fields"),
        (texts("links", &["Docs=http://x.test"]), "links"),
        (texts("links", &["https://x.test"]), "links"),
        (texts("artifacts", &["a=https:///x"]), "artifacts"),
        (texts("artifacts", &["a=/tmp/x"]), "artifacts"),
        (truth("complete", true), "complete"),
        (integer("config_id", -1), "config_id"),
    ] {
        assert_eq!(wrong(&with(sink(), setting)), [name]);
    }
}

#[test]
fn the_address_is_cut_to_its_origin() {
    let service = super::super::Testmo;
    for given in [
        "https://a.testmo.net",
        "https://a.testmo.net/",
        "https://a.testmo.net/projects/1?x#y",
        "https://a.testmo.net?x",
    ] {
        assert_eq!(
            service.base_url(given),
            "https://a.testmo.net/api/v1",
            "{given}"
        );
    }
    assert_eq!(
        service.base_url("http://127.0.0.1:8080/x"),
        "http://127.0.0.1:8080/api/v1"
    );
    assert_eq!(
        service.description().provider.api_url,
        "",
        "every customer has another"
    );
}

/// The body that creates the run for a target.
fn created(target: &Target) -> Json {
    let mut world = world(Server::default());
    let publication = world.publish(target, junit("a.xml", &many(1)));
    assert_eq!(publication.problem, None);
    world.server.borrow().runs[0].body.clone()
}

#[test]
fn what_is_said_of_a_run_is_sent_with_it() {
    let mut target = sink();
    target.settings.extend([
        text("name", "Nightly 7"),
        text("config", "Chrome"),
        integer("milestone_id", 7),
        texts("tags", &["nightly"]),
        texts("fields", &["text:Notes=a=b", "owner=ada"]),
        texts("links", &["Docs=https://x.test/?a=b"]),
        texts("artifacts", &["log=https://x.test/log"]),
        text("ci.url", "https://ci.test/812"),
        text("ci.branch", "feature/x"),
        text("ci.commit", "abc123"),
    ]);
    assert_eq!(
        created(&target),
        json!({
            "name": "Nightly 7", "source": "api-tests", "config": "Chrome", "milestone_id": 7, "tags": ["nightly"],
            "fields": [
                {"type": 1, "name": "commit", "value": "abc123"},
                {"type": 2, "name": "Notes", "value": "a=b"},
                {"type": 1, "name": "owner", "value": "ada"}],
            "links": [
                {"name": "Build 812", "url": "https://ci.test/812"},
                {"name": "Docs", "url": "https://x.test/?a=b"}],
            "artifacts": [{"name": "log", "url": "https://x.test/log"}],
        })
    );
}

#[test]
fn the_build_names_the_run_and_the_branch_tags_it() {
    let build = with(
        with(sink(), text("ci.branch", "feature/ü x_1")),
        text("ci.url", "http://ci.local/1"),
    );
    let body = created(&build);
    assert_eq!(
        (&body["name"], &body["tags"]),
        (&json!("api-tests #812"), &json!(["feature---x_1"]))
    );
    assert_eq!(body["links"], json!([]));
    assert_eq!(body["fields"][0]["value"], "http://ci.local/1");
    let local = target(vec![integer("project_id", 1), text("source", "e2e")]);
    assert_eq!(created(&local)["name"], "e2e 2025-10-09T08:53:20Z");
}
