//! What is written down of requests to a server that says anything at all.

use std::sync::Arc;

use http_body_util::{BodyExt, Full};
use serde_json::json;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
    time::Instant as Moment,
};
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody};

use super::*;
use crate::{
    bindings::proctor::ci::types::Setting,
    network::{
        Credential, Network, Origin, Policy, Scheme, Times,
        exchange::Exchange,
        traffic::{Place, Traffic},
    },
    stop::Stop,
};

const KEY: &str = "kep_0123456789abcdef";
const OTHER: &str = "other-key-0123456789";

/// Answers each request on a connection of its own with these bytes, and returns the address.
async fn serve(answer: Vec<u8>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = [0; 4096];
            let _ = stream.read(&mut request).await;
            let _ = stream.write_all(&answer).await;
        }
    });
    origin
}

fn answer(head: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let head = format!("HTTP/1.1 {head}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n");
    [head.as_bytes(), body].concat()
}

fn place() -> Place {
    Traffic::new().begin().expect("the first has a place")
}

/// A trace, and what is needed to make requests that it sees.
struct Scene {
    folder: tempfile::TempDir,
    trace: Trace,
    network: Network,
}

impl Scene {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let known = Box::new(|| Redactor::new(&[Secret::new(KEY), Secret::new(OTHER)]));
        let trace = Trace::begin(&folder.path().join("trace.har"), known).unwrap();
        let network = Network::new();
        network.record(&trace);
        Self {
            folder,
            trace,
            network,
        }
    }

    fn watch(&self) -> Watch {
        let target = Target {
            name: "api".to_owned(),
            provider: "http".to_owned(),
            api_url: String::new(),
            settings: vec![Setting {
                name: "env.BUILD".to_owned(),
                value: SettingValue::Text("build-4711".to_owned()),
            }],
            overrides: Vec::new(),
            timeout_ms: 0,
            location: None,
        };
        self.trace.watch(&target, None)
    }

    fn exchange(&self, origin: &str, watch: &Watch) -> Exchange {
        let key = Secret::new(KEY);
        Exchange {
            network: self.network.clone(),
            redactor: Redactor::new([&key]),
            policy: Arc::new(Policy {
                origin: Origin::parse(origin).unwrap(),
                credential: Some(Credential {
                    scheme: Scheme::Header("X-Own".to_owned()),
                    key,
                }),
            }),
            times: Times {
                stop: Stop::new(),
                deadline: Moment::now() + Duration::from_secs(60),
            },
            options: RequestOptions::default(),
            tell: Arc::new(|_| {}),
            target: Arc::from("api"),
            watch: Some(watch.clone()),
            traffic: Traffic::new(),
        }
    }

    /// Sends a request and reads the answer to its end.
    async fn send(&self, origin: &str, url: &str, body: &str) -> Result<Vec<u8>, Error> {
        let request = http::Request::post(url)
            .header("content-type", "application/json")
            .body(sent(body))
            .unwrap();
        let exchange = self.exchange(origin, &self.watch());
        let response = exchange.carry_out(request, place()).await?;
        Ok(response.into_body().collect().await?.to_bytes().to_vec())
    }

    /// The file as text, and as JSON.
    fn written(&self) -> (String, Value) {
        self.trace.end().unwrap();
        let text = std::fs::read_to_string(self.folder.path().join("trace.har")).unwrap();
        let value = serde_json::from_str(&text).unwrap();
        (text, value)
    }

    /// The one entry.
    fn entry(&self) -> Value {
        let (text, value) = self.written();
        assert!(!text.contains(KEY) && !text.contains(OTHER), "{text}");
        let entries = value["log"]["entries"].as_array().unwrap();
        assert_eq!(entries.len(), 1, "{text}");
        entries[0].clone()
    }
}

fn sent(body: &str) -> WasiBody {
    let body = Full::new(bytes::Bytes::copy_from_slice(body.as_bytes()));
    body.map_err(|never| match never {}).boxed_unsync()
}

#[tokio::test]
async fn an_exchange_is_written_down_without_its_secrets() {
    let scene = Scene::new();
    let body =
        format!(r#"{{"mine":"{KEY}","theirs":"{OTHER}","token":"unheard-of","env":"build-4711"}}"#);
    let origin = serve(answer(
        "201 Made\r\nset-cookie: sid=abcdef",
        body.as_bytes(),
    ))
    .await;
    let url = format!("{origin}/runs?page=2&access_token=unheard-of");
    let read = scene
        .send(&origin, &url, r#"{"password":"unheard-of","n":1}"#)
        .await
        .unwrap();
    assert!(
        String::from_utf8(read).unwrap().contains(OTHER),
        "the component is not lied to"
    );
    let entry = scene.entry();
    let (request, response) = (&entry["request"], &entry["response"]);
    assert_eq!(request["method"], "POST");
    assert_eq!(
        request["url"],
        format!("{origin}/runs?page=2&access_token=***")
    );
    assert_eq!(request["postData"]["text"], r#"{"password":"***","n":1}"#);
    assert_eq!(request["bodySize"], 31);
    assert!(
        request["headers"]
            .as_array()
            .unwrap()
            .contains(&json!({"name": "x-own", "value": "***"}))
    );
    assert_eq!(response["status"], 201);
    assert_eq!(
        response["content"]["text"],
        r#"{"mine":"***","theirs":"***","token":"***","env":"***"}"#
    );
    assert_eq!(response["content"]["size"], body.len());
    assert_eq!(response["bodySize"], body.len());
    assert!(
        response["headers"]
            .as_array()
            .unwrap()
            .contains(&json!({"name": "set-cookie", "value": "***"}))
    );
    assert_eq!(entry["serverIPAddress"], "127.0.0.1");
    assert!(
        entry["timings"]["connect"].as_f64().unwrap() >= 0.0,
        "{entry}"
    );
    assert!(
        entry.get("_error").is_none() && entry.get("comment").is_none(),
        "{entry}"
    );
}

#[tokio::test]
async fn hostile_answers_survive_as_json() {
    for (body, text, encoding) in [
        (
            &b"</script>\0\x1b[2J\xe2\x80\xa8"[..],
            "</script>\0\u{1b}[2J\u{2028}",
            None,
        ),
        (br#"{"a":"\ud800"}"#, r#"{"a":"\ud800"}"#, None),
        (b"\xed\xa0\x80", "7aCA", Some("base64")),
        (b"\xff\xfe", "//4=", Some("base64")),
    ] {
        let scene = Scene::new();
        let origin = serve(answer("200 OK\r\ncontent-type: text/html", body)).await;
        scene
            .send(&origin, &format!("{origin}/"), "")
            .await
            .unwrap();
        let content = scene.entry()["response"]["content"].clone();
        assert_eq!(content["text"], text);
        assert_eq!(content["encoding"].as_str(), encoding);
        assert_eq!(content["size"], body.len());
    }
}

#[tokio::test]
async fn a_long_body_is_cut_and_no_secret_with_it() {
    for offset in 0..KEY.len() {
        let scene = Scene::new();
        let body = format!(
            "{}{OTHER}{}",
            "x".repeat(har::LONGEST_BODY - offset),
            "y".repeat(99)
        );
        let origin = serve(answer("200 OK", body.as_bytes())).await;
        let read = scene
            .send(&origin, &format!("{origin}/"), "")
            .await
            .unwrap();
        assert_eq!(read.len(), body.len());
        let content = scene.entry()["response"]["content"].clone();
        let text = content["text"].as_str().unwrap();
        assert!(!text.contains("ot"), "{}", &text[text.len() - 30..]);
        assert_eq!(content["size"], body.len());
        let comment = content["comment"].as_str().unwrap();
        assert!(comment.contains("64 KiB") && comment.contains(&body.len().to_string()));
    }
}

#[tokio::test]
async fn what_is_refused_is_written_down_too() {
    let scene = Scene::new();
    let refused = scene
        .send("https://api.example.com", "https://evil.example/?q=1", "x")
        .await;
    assert!(matches!(refused, Err(Error::HttpRequestDenied)));
    let entry = scene.entry();
    assert_eq!(entry["request"]["url"], "https://evil.example/?q=1");
    assert_eq!(
        (&entry["response"]["status"], &entry["response"]["bodySize"]),
        (&json!(0), &json!(-1))
    );
    let error = entry["_error"].as_str().unwrap();
    assert!(
        error.contains("only https://api.example.com:443 may be reached"),
        "{error}"
    );
}

#[tokio::test]
async fn a_connection_that_fails_and_an_answer_that_breaks_off_say_so() {
    let scene = Scene::new();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    assert!(
        scene
            .send(&origin, &format!("{origin}/"), "x")
            .await
            .is_err()
    );
    let entry = scene.entry();
    assert_eq!(entry["response"]["status"], 0);
    assert!(
        entry["_error"].as_str().unwrap().contains("refused"),
        "{entry}"
    );
    let part = |name: &str| entry["timings"][name].as_f64().unwrap();
    let connecting = part("blocked") + part("connect");
    assert!((entry["time"].as_f64().unwrap() - connecting).abs() < 1e-6);

    let scene = Scene::new();
    let origin = serve(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc".to_vec()).await;
    assert!(
        scene
            .send(&origin, &format!("{origin}/"), "x")
            .await
            .is_err()
    );
    let entry = scene.entry();
    assert_eq!(
        (
            &entry["response"]["status"],
            &entry["response"]["content"]["text"]
        ),
        (&json!(200), &json!("abc"))
    );
    assert!(
        entry["_error"].as_str().unwrap().contains("broke off"),
        "{entry}"
    );
}

#[tokio::test]
async fn what_is_given_up_and_what_is_under_way_is_told() {
    let scene = Scene::new();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    let request = || {
        http::Request::get(format!("{origin}/slow"))
            .body(sent(""))
            .unwrap()
    };
    let watch = scene.watch();
    let given_up = scene
        .exchange(&origin, &watch)
        .carry_out(request(), place());
    assert!(
        tokio::time::timeout(Duration::from_millis(50), given_up)
            .await
            .is_err()
    );
    let mut under_way = Box::pin(
        scene
            .exchange(&origin, &watch)
            .carry_out(request(), place()),
    );
    tokio::select! {
        biased;
        _ = &mut under_way => panic!("nobody answers"),
        () = std::future::ready(()) => {}
    }
    let (_, value) = scene.written();
    let entries = value["log"]["entries"].as_array().unwrap();
    assert_eq!(entries.len(), 1);
    assert!(
        entries[0]["_error"].as_str().unwrap().contains("given up"),
        "{value}"
    );
    let comment = value["log"]["comment"].as_str().unwrap();
    assert!(
        comment.contains("1 requests were still under way"),
        "{comment}"
    );
    drop(under_way);
    scene.trace.end().unwrap();
}

#[tokio::test]
async fn a_repeated_request_says_why() {
    let scene = Scene::new();
    let origin = serve(answer("200 OK", b"")).await;
    let watch = scene.watch();
    watch.hear(&Event::Retrying(
        crate::bindings::proctor::ci::types::Retry {
            call: "GET /runs".to_owned(),
            attempt: 1,
            in_ms: 5,
            reason: format!("it said {OTHER}"),
        },
    ));
    for path in ["/v1/other", "/v1/runs", "/v1/runs"] {
        let request = http::Request::get(format!("{origin}{path}"))
            .body(sent(""))
            .unwrap();
        let response = scene
            .exchange(&origin, &watch)
            .carry_out(request, place())
            .await
            .unwrap();
        response.into_body().collect().await.unwrap();
    }
    let (_, value) = scene.written();
    let comments: Vec<&Value> = value["log"]["entries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| &entry["comment"])
        .collect();
    assert_eq!(
        comments,
        [
            &Value::Null,
            &json!("attempt 2 of GET /runs: it said ***"),
            &Value::Null
        ]
    );
}

#[tokio::test]
async fn an_encoding_with_a_secret_is_told_without_it() {
    let scene = Scene::new();
    let head = format!("200 OK\r\ncontent-encoding: x-{KEY}");
    let origin = serve(answer(&head, b"{}")).await;
    let told = scene.send(&origin, &format!("{origin}/"), "x").await;
    let Err(Error::HttpResponseContentCoding(Some(coding))) = told else {
        panic!("{told:?}");
    };
    assert_eq!(coding, "x-***");
    let error = scene.entry()["_error"].to_string();
    assert!(error.contains("x-***"), "{error}");
}

#[tokio::test]
async fn nothing_is_written_of_nothing_and_nothing_is_replaced() {
    let scene = Scene::new();
    assert_eq!(scene.trace.end().unwrap(), None);
    let path = scene.folder.path().join("trace.har");
    assert!(!path.exists(), "nothing was asked");

    let traced = async |path: &Path, then: &dyn Fn()| {
        let known = Box::new(Redactor::default);
        let trace = Trace::begin(path, known)?;
        let scene = Scene {
            folder: tempfile::tempdir().unwrap(),
            network: Network::new(),
            trace,
        };
        let _ = scene
            .send("https://a.example", "https://b.example/", "")
            .await;
        then();
        scene.trace.end()
    };
    let read = |path: &Path| std::fs::read_to_string(path).unwrap();
    std::fs::write(&path, "").unwrap();
    assert_eq!(traced(&path, &|| ()).await.unwrap(), None, "an empty file");
    let first = read(&path);
    assert!(first.starts_with(MARK), "{first}");
    let second = scene.folder.path().join("trace-2.har");
    assert_eq!(traced(&path, &|| ()).await.unwrap(), Some(second.clone()));
    assert_eq!(read(&path), first);

    // Made by somebody while the requests went on.
    let late = scene.folder.path().join("late.har");
    let make = || std::fs::write(&late, "mine").unwrap();
    let moved = traced(&late, &make).await.unwrap().unwrap();
    assert_eq!(
        (read(&late).as_str(), moved.ends_with("late-2.har")),
        ("mine", true)
    );

    for other in ["mine", "{\"log\":{\"creator\":{\"name\":\"Other\"", "{"] {
        std::fs::write(&late, other).unwrap();
        let refused = traced(&late, &|| ()).await.unwrap_err();
        assert!(
            refused.to_string().contains("no trace of Proctor's"),
            "{refused}"
        );
        assert_eq!(read(&late), other);
    }
}
