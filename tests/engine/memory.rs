//! The key is not in the component's memory, whatever the service answers.
#![cfg(target_os = "linux")]

use std::{
    fs::{self, File},
    os::unix::fs::FileExt as _,
    sync::{Arc, Mutex},
};

use proctor_host::{
    bindings::proctor::ci::types::{Setting, Target, Value, Verdict},
    engine::{Access, Engine, Job},
    network::Scheme,
    secret::Secret,
    stop::Stop,
};

use crate::server::Server;

/// Of this test alone: others in this process give theirs to a component on purpose.
const KEY: &str = "memory-key-2718281828459045";

/// The same in Base64, but for the ends.
const KEY_IN_BASE64: &str = "bWVtb3J5LWtleS0yNzE4MjgxODI4NDU5MDQ1";

/// What the component has to hold, so that the search is known to work.
const MARKER: &str = "memory-marker-3141592653589793";

/// What wasmtime calls the memory that holds a module's data, which its linear memory begins with.
const IMAGE: &str = "wasm-memory-image";

/// The linear memories of this process: the image that each begins with, and what adjoins it.
fn memories() -> Vec<(u64, u64)> {
    let maps = fs::read_to_string("/proc/self/maps").expect("readable");
    let mut found: Vec<(u64, u64)> = Vec::new();
    let mut open = false;
    for line in maps.lines() {
        let mut words = line.split_whitespace();
        let (Some(range), Some(rights)) = (words.next(), words.next()) else {
            continue;
        };
        let (from, to) = range.split_once('-').expect("a range");
        let at = |text: &str| u64::from_str_radix(text, 16).expect("an address");
        let (from, to) = (at(from), at(to));
        let name = words.nth(3).unwrap_or_default();
        let adjoins = open && found.last().is_some_and(|last| last.1 == from);
        if rights.starts_with("rw") && (name.contains(IMAGE) || (adjoins && name.is_empty())) {
            match found.last_mut().filter(|_| adjoins) {
                Some(last) => last.1 = to,
                None => found.push((from, to)),
            }
            open = true;
        } else {
            open = false;
        }
    }
    found
}

/// Which of the texts are in a linear memory.
fn held(texts: &[&str]) -> Vec<bool> {
    let memory = File::open("/proc/self/mem").expect("readable");
    let mut held = vec![false; texts.len()];
    for (from, to) in memories() {
        let mut bytes = vec![0; usize::try_from(to - from).expect("it is in memory")];
        // Another test's instance may have gone since the list was made.
        if memory.read_exact_at(&mut bytes, from).is_err() {
            continue;
        }
        for (held, text) in held.iter_mut().zip(texts) {
            *held |= bytes
                .windows(text.len())
                .any(|window| window == text.as_bytes());
        }
    }
    held
}

fn target(origin: &str) -> Target {
    let text = |name: &str, value: &str| Setting {
        name: name.into(),
        value: Value::Text(value.into()),
    };
    let texts = |name: &str, value: &str| Setting {
        name: name.into(),
        value: Value::Texts(vec![value.into()]),
    };
    Target {
        name: "target".into(),
        provider: "http".into(),
        api_url: origin.into(),
        settings: vec![
            text("auth", "bearer"),
            text("trigger", "POST /runs"),
            text("trigger_body", &format!("{{\"marker\": \"{MARKER}\"}}")),
            text("run_id", "$.id"),
            text("poll", "GET /runs/{run_id}"),
            text("state", "$.state"),
            text("tests", "$.tests"),
            text("test_name", "$.name"),
            text("test_verdict", "$.verdict"),
            texts("passed", "passed"),
            texts("failed", "failed"),
            texts("running", "running"),
        ],
        overrides: Vec::new(),
        timeout_ms: 60_000,
        location: None,
    }
}

#[tokio::test]
async fn the_component_never_holds_the_key() {
    if !fs::exists("/proc/self/mem").unwrap_or_default() {
        eprintln!("skipped: there is no /proc to look at a component's memory with");
        return;
    }
    let found: Arc<Mutex<Vec<Vec<bool>>>> = Arc::default();
    let kept = Arc::clone(&found);
    let server = Server::answering(move |first| {
        // The service repeats the key wherever it can.
        let echo = format!("\"key\": \"{KEY}\", \"{KEY}\": \"{KEY_IN_BASE64}\"");
        if first.starts_with("POST") {
            return (201, format!("{{\"id\": 7, {echo}}}"));
        }
        let mut found = kept.lock().expect("no panic");
        found.push(held(&[MARKER, KEY, KEY_IN_BASE64]));
        let state = match found.len() {
            1 => "running",
            _ => "passed",
        };
        let tests = format!("[{{\"name\": \"of {KEY}\", \"verdict\": \"passed\"}}]");
        (
            200,
            format!("{{\"state\": \"{state}\", {echo}, \"tests\": {tests}}}"),
        )
    })
    .await;
    let access = Access::new(&server.origin, Scheme::Bearer, Some(Secret::new(KEY)), None);
    let job = Job {
        target: target(&server.origin),
        access: access.expect("a good origin"),
        events: Arc::new(|_| {}),
        stop: Stop::new(),
        keep: None,
    };
    let engine = Engine::embedded().expect("compiled for this machine");
    let report = engine.run(job).await;
    assert_eq!((report.verdict, report.problem), (Verdict::Passed, None));
    assert_eq!(report.tests[0].name, "of ***");
    let key = format!("authorization: bearer {KEY}");
    assert!(server.heads().iter().all(|head| head.contains(&key)));
    let found = found.lock().expect("no panic");
    assert!(found.len() >= 2);
    for held in found.iter() {
        assert_eq!(
            held[..],
            [true, false, false],
            "the marker, the key, its Base64"
        );
    }
}
