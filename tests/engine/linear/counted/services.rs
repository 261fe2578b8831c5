//! A service by description with any number of results, and a place where results are published. Both answer at once.

use std::collections::VecDeque;

use http_body_util::{BodyExt, Full};
use proctor_host::bindings::proctor::ci::{
    input::Piece,
    types::{Setting, Target, Value},
};
use serde_json::{Value as Json, json};
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody, WasiHttpHooks};

/// How many results are on a page.
const PAGE: usize = 100;

/// How much of a file comes at once, in bytes: as the host hands it over.
const PIECE: usize = 64 << 10;

const ADDRESS: &str = "https://service.example";

type Worker = Box<dyn Future<Output = Result<(), Error>> + Send>;
type Answer = Result<(http::Response<WasiBody>, Worker), Error>;

/// Answers every request.
pub struct Answering {
    /// How many results the run has.
    pub results: usize,
}

impl Answering {
    fn answer(&self, method: &str, path: &str, query: &str) -> (u16, Json) {
        let last = path.rsplit('/').next().unwrap_or_default();
        match (method, last) {
            ("POST", "append" | "complete") => (204, Json::Null),
            ("POST", _) => (201, json!({"id": 1})),
            (_, "state") => (200, json!({"status": "passed"})),
            (_, "results") => {
                let from = query.strip_prefix("from=").unwrap_or("0");
                (200, self.page(from.parse().expect("a number")))
            }
            _ => (404, json!({"message": "nothing is here"})),
        }
    }

    fn page(&self, from: usize) -> Json {
        let to = self.results.min(from + PAGE);
        let items: Vec<Json> = (from..to)
            .map(|number| json!({"name": format!("test {number}"), "status": "passed", "ms": 5}))
            .collect();
        let next = (to < self.results).then(|| format!("/runs/1/results?from={to}"));
        json!({"items": items, "next": next})
    }
}

impl WasiHttpHooks for Answering {
    fn send_request(
        &mut self,
        request: http::Request<WasiBody>,
        _: Option<RequestOptions>,
        _: Worker,
    ) -> Box<dyn Future<Output = Answer> + Send> {
        let uri = request.uri();
        let query = uri.query().unwrap_or_default();
        let (status, body) = self.answer(request.method().as_str(), uri.path(), query);
        Box::new(async move {
            // A request's body is written only as fast as it is read.
            request.into_body().collect().await?;
            let body = match body {
                Json::Null => String::new(),
                body => body.to_string(),
            };
            let body = Full::new(body.into()).map_err(|never| match never {});
            let response = http::Response::builder()
                .status(status)
                .header("content-type", "application/json")
                .body(body.boxed_unsync());
            let worker: Worker = Box::new(async { Ok(()) });
            Ok((response.expect("well-formed"), worker))
        })
    }
}

fn target(provider: &str, settings: Vec<(&str, Value)>) -> Target {
    Target {
        name: "it".to_owned(),
        provider: provider.to_owned(),
        api_url: ADDRESS.to_owned(),
        settings: settings
            .into_iter()
            .map(|(name, value)| Setting {
                name: name.to_owned(),
                value,
            })
            .collect(),
        overrides: Vec::new(),
        timeout_ms: 600_000,
        location: None,
    }
}

/// A run at the service.
pub fn run() -> Target {
    let text = |text: &str| Value::Text(text.to_owned());
    let texts = |words: &[&str]| Value::Texts(words.iter().map(|&word| word.to_owned()).collect());
    target(
        "http",
        vec![
            ("auth", text("none")),
            ("trigger", text("POST /runs")),
            ("run_id", text("$.id")),
            ("poll", text("GET /runs/{run_id}/state")),
            ("state", texts(&["$.status"])),
            ("results", text("GET /runs/{run_id}/results")),
            ("results_next", text("$.next")),
            ("tests", text("$.items")),
            ("test_name", text("$.name")),
            ("test_verdict", text("$.status")),
            ("test_duration", text("$.ms")),
            ("duration_unit", text("ms")),
            ("passed", texts(&["passed"])),
            ("failed", texts(&["failed"])),
        ],
    )
}

/// A place where results are published.
pub fn place() -> Target {
    let settings = vec![
        ("project_id", Value::Integer(1)),
        ("source", Value::Text("e2e".to_owned())),
        ("name", Value::Text("run".to_owned())),
    ];
    target("testmo", settings)
}

/// A JUnit file with so many tests, in pieces.
pub fn file(tests: usize) -> VecDeque<Piece> {
    let cases: String = (0..tests)
        .map(|number| match number % 20 {
            0 => format!("<testcase classname=\"a.B\" name=\"case {number}\"><failure message=\"differs\">trace</failure></testcase>\n"),
            _ => format!("<testcase classname=\"a.B\" name=\"case {number}\" time=\"0.01\"/>\n"),
        })
        .collect();
    let text = format!("<testsuites><testsuite name=\"s\">\n{cases}</testsuite></testsuites>");
    let mut pieces = VecDeque::from([Piece::Junit("it.xml".to_owned())]);
    let bytes = text.as_bytes().chunks(PIECE);
    pieces.extend(bytes.map(|piece| Piece::Bytes(piece.to_vec())));
    pieces
}
