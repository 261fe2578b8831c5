//! Every status that an answer may have, at a call before the trigger, at the trigger, and at a look.

use std::fmt::Write as _;

use proctor_test_support::Proctor;
use proctor_test_support::server::{Asked, Scripted};
use serde_json::Value;

const ALL: std::ops::RangeInclusive<u16> = 400..=599;

/// The status that a path names: `/before/418/…`.
fn named(path: &str) -> Option<(&str, u16)> {
    let mut segments = path.split('/').skip(1);
    Some((segments.next()?, segments.next()?.parse().ok()?))
}

/// Answers with the status that the path names: at once, at the trigger, or at a look.
fn service(asked: &Asked) -> (u16, String) {
    let refused = |status| (status, "{\"message\": \"as told\"}".to_owned());
    match (named(&asked.path), asked.method.as_str()) {
        (Some(("look", _)), "POST") => (200, "{\"id\": 7}".to_owned()),
        (Some((_, status)), _) => refused(status),
        _ => refused(404),
    }
}

/// The variable with the key of a status.
fn variable(status: u16) -> String {
    format!("OF_{status}_TOKEN")
}

/// A target for each status and place.
fn config(url: &str) -> String {
    let mut config = String::new();
    for status in ALL {
        let http = format!(
            r#"
            provider = "http"
            auth = "none"
            trigger = "POST /runs"
            run_id = "$.id"
            poll = "GET /runs/{{run_id}}"
            state = "$.state"
            passed = ["passed"]
            failed = ["failed"]
            running = ["running"]
            api_url = "{url}"#
        );
        // With a key of its own each is an account of its own, which waits for no other.
        let before = format!(
            "provider = \"checkview\"\nkey_env = \"{}\"\nflow = \"flow-{status}\"\napi_url = \"{url}",
            variable(status)
        );
        for (place, target) in [("before", &before), ("trigger", &http), ("look", &http)] {
            writeln!(
                config,
                "[targets.{place}-{status}]\n{target}/{place}/{status}\""
            )
            .expect("text");
        }
    }
    config
}

/// The exit code, by what `docs/exit-codes.md` says of who has to act.
fn expected(place: &str, status: u16) -> i64 {
    match (status, place) {
        (401 | 403, _) => 5,
        (402, _) => 6,
        (408 | 425 | 429 | 500.., _) => 7,
        (400 | 404 | 409 | 413 | 422, "before" | "trigger") | (410, "before") => 2,
        (404 | 409 | 410, "look") => 3,
        _ => 8,
    }
}

#[test]
fn each_status_has_the_exit_code_of_who_has_to_act() {
    let server = Scripted::answering(service);
    let mut proctor = Proctor::new(&["run", "--jobs", "256", "--report", "json"])
        .file("proctor.toml", &config(&server.url))
        .variable("PROCTOR_TIMEOUT", "60s");
    for status in ALL {
        proctor = proctor.variable(&variable(status), format!("cvpat_0123456789_{status}"));
    }
    let outcome = proctor.end_within(400);
    let results = outcome.results();
    let targets = results["targets"].as_array().expect("targets");
    let codes = results["exit_codes"].as_array().expect("codes");
    assert_eq!(targets.len(), 3 * ALL.count());
    let wrong: Vec<String> = targets
        .iter()
        .zip(codes)
        .filter_map(|(target, code)| wrong(target, code))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let asked = server.asked();
    for status in ALL {
        let posted = |place: &str| {
            let path = format!("/{place}/{status}/");
            asked
                .iter()
                .filter(|asked| asked.method == "POST" && asked.path.starts_with(&path))
                .count()
        };
        assert_eq!((posted("before"), posted("look")), (0, 1), "{status}");
        // 429 is the only one of these that surely had no effect.
        assert!(posted("trigger") == 1 || status == 429, "{status}");
    }
}

/// What is wrong with a target's end, if anything is.
fn wrong(target: &Value, code: &Value) -> Option<String> {
    let name = target["name"].as_str().expect("a name");
    let (place, status) = name.split_once('-').expect("both");
    let number = status.parse().expect("a number");
    let message = target["error"]["message"].as_str().unwrap_or_default();
    let call = match place {
        "before" => "GET /",
        "trigger" => "POST /runs",
        _ => "GET /runs/7",
    };
    let as_told = code.as_i64() == Some(expected(place, number));
    // The last of many attempts may be one that the time limit broke off.
    let tells = message.contains(status) || message.contains("no answer came");
    let names = message.contains(call) && tells;
    (!as_told || !names).then(|| format!("{name}: {code} {message}"))
}
