//! A service that is a function of a call and the time.

use super::*;

/// What a call is answered with; 404 if with nothing.
pub type Told = Option<(u16, Json)>;

/// Answers `METHOD /path`, beside its query and body, at a time since the beginning.
pub fn serve(
    mut route: impl FnMut(&str, &str, &Json, Duration) -> Told + 'static,
) -> impl FnMut(&Request, Instant) -> Result<Response, SendError> + 'static {
    move |request, Instant(now)| {
        let path = request.url.strip_prefix("https://x/v1").expect("our own");
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let body = serde_json::from_slice(&request.body).unwrap_or(Json::Null);
        let call = format!("{} {path}", request.method.name());
        Ok(match route(&call, query, &body, now) {
            Some((status, data)) => answer(status, &json!({"data": data, "meta": {}})),
            None => error(404, "RESOURCE_NOT_FOUND"),
        })
    }
}

pub fn integer(name: &str, value: i64) -> Setting {
    Setting {
        name: name.into(),
        value: Value::Integer(value),
    }
}

/// The bodies of the requests of this method to paths with this end.
pub fn bodies(ports: &Fake, method: Method, end: &str) -> Vec<Json> {
    let requests = ports.sent.iter();
    requests
        .filter(|request| request.method == method && request.url.ends_with(end))
        .map(|request| serde_json::from_slice(&request.body).expect("JSON"))
        .collect()
}

/// Each test as `suite/name: verdict`.
pub fn told(report: &Report) -> Vec<String> {
    let tests = report.tests.iter();
    tests
        .map(|test| format!("{}/{}: {}", test.suite, test.name, test.verdict))
        .collect()
}
