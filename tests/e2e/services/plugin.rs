//! A plugin as a target: loaded, confined, and never left out in silence.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

use proctor_test_components::ECHO_PATH;

use proctor_test_support::Proctor;

/// Answers as the example's service does, and notes what it was sent.
fn echo() -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("bound"));
    let heads = Arc::new(Mutex::new(Vec::new()));
    let noted = Arc::clone(&heads);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.expect("a connection");
            let mut head = String::new();
            let mut reader = BufReader::new(stream.try_clone().expect("a second handle"));
            while reader.read_line(&mut head).is_ok_and(|read| read > 2) {}
            let body = match head.starts_with("POST") {
                true => "7",
                false => "done\npassed sign in\npassed pay",
            };
            noted.lock().expect("no panic").push(head);
            let length = body.len();
            let answer = format!(
                "HTTP/1.1 200 OK\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
            );
            // The other side may be gone.
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    (url, heads)
}

fn target(url: &str, more: &str) -> String {
    let path = toml_edit::Value::from(ECHO_PATH).to_string();
    format!("[targets.mine]\nplugin = {path}\napi_url = \"{url}\"\n{more}")
}

fn proctor(arguments: &[&str], config: &str) -> Proctor {
    Proctor::new(arguments)
        .file("proctor.toml", config)
        .variable("ECHO_TOKEN", "echo-secret-0123456789")
}

#[test]
fn a_plugin_runs_with_the_key_that_its_target_names() {
    let (url, heads) = echo();
    let config = target(&url, "key_env = \"ECHO_TOKEN\"\n");
    let outcome = proctor(&["run"], &config).end().expect(0);
    assert!(outcome.out.contains("2 passed"), "{}", outcome.out);
    let heads = heads.lock().expect("no panic").clone();
    assert!(
        heads
            .iter()
            .all(|head| head.contains("Bearer echo-secret-0123456789")),
        "{heads:?}"
    );
    assert_eq!(
        heads.iter().filter(|head| head.starts_with("POST")).count(),
        1
    );

    let outcome = proctor(&["check"], &config).end().expect(0);
    let told = format!("it reaches {url} and nothing else; the key in ECHO_TOKEN is sent there");
    assert!(outcome.out.contains(&told), "{}", outcome.out);
}

#[test]
fn a_plugin_gets_no_key_by_its_own_words() {
    let (url, heads) = echo();
    let outcome = proctor(&["run"], &target(&url, ""))
        .variable("ECHO_KEY", "echo-secret-0123456789")
        .end()
        .expect(2);
    assert!(
        outcome.err.contains("add `key_env = \"ECHO_KEY\"`"),
        "{}",
        outcome.err
    );
    assert!(heads.lock().expect("no panic").is_empty());
}

#[test]
fn a_plugin_that_cannot_be_run_is_a_mistake_and_never_left_out() {
    for (config, told) in [
        (
            "[targets.mine]\nplugin = \"nowhere.wasm\"\n",
            "the plugin `nowhere.wasm` cannot be read",
        ),
        (
            "[targets.mine]\nplugin = 3\nprovider = \"keploy\"\n",
            "`plugin` must be a string",
        ),
        (
            "[targets.mine]\nplugin = \"proctor.toml\"\n",
            "the plugin `proctor.toml` is not WebAssembly",
        ),
    ] {
        let outcome = proctor(&["run"], config).end().expect(2);
        assert!(outcome.err.contains(told), "{config}: {}", outcome.err);
    }
    let (url, _) = echo();
    let wrong = target(&url, "provider = \"other\"\n");
    let outcome = proctor(&["run"], &wrong).end().expect(2);
    assert!(
        outcome.err.contains("has no provider `other`"),
        "{}",
        outcome.err
    );
}
