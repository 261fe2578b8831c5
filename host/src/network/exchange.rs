//! One request and its answer.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, header};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody};

use super::{
    Network,
    body::{self, Incoming},
    fault,
    policy::Policy,
    times::{Cut, Times, Window},
};
use crate::secret::Redactor;

/// How long the head of an answer may take, connecting included.
const FIRST_BYTE: Duration = Duration::from_secs(30);

/// How long the body of an answer may pause.
const BETWEEN_BYTES: Duration = Duration::from_secs(20);

/// The same for an answer that is a stream of events, where silence is normal.
const BETWEEN_EVENTS: Duration = Duration::from_secs(60);

/// The largest body sent, in bytes.
const LARGEST_REQUEST: usize = 8 << 20;

/// The largest head of an answer, in bytes of names and values. Below what wasmtime takes for a component's fields.
const LARGEST_HEAD: usize = 48 << 10;

/// Media types of answers that are streams of events.
const STREAMS: [&str; 4] = [
    "text/event-stream",
    "application/x-ndjson",
    "application/ndjson",
    "application/jsonl",
];

/// Where the text behind an error goes.
pub type Tell = Arc<dyn Fn(String) + Send + Sync>;

/// Everything that one exchange needs.
pub struct Exchange {
    pub network: Network,
    pub policy: Arc<Policy>,
    pub redactor: Redactor,
    pub times: Times,
    pub options: RequestOptions,
    pub tell: Tell,
}

impl Exchange {
    /// Sends a component's request and returns the head of the answer, with a body that is read as it comes.
    ///
    /// # Errors
    /// As sorted by [`fault`]: the component acts on whether the request may have had an effect.
    pub async fn carry_out(
        self,
        request: http::Request<WasiBody>,
    ) -> Result<http::Response<WasiBody>, Error> {
        let (parts, body) = request.into_parts();
        // Without the query, which may hold what nobody should read in a log.
        let label = format!("{} {}", parts.method, parts.uri.path());
        let result = self.attempt(&parts, body, &label).await;
        if let Err((error, behind)) = &result {
            let text = format!(
                "{label}: {error}{}{behind}",
                if behind.is_empty() { "" } else { ": " }
            );
            (self.tell)(self.redactor.redact(&text).into_owned());
        }
        result.map_err(|(error, _)| error)
    }

    async fn attempt(
        &self,
        parts: &http::request::Parts,
        body: WasiBody,
        label: &str,
    ) -> Result<http::Response<WasiBody>, (Error, String)> {
        let (method, url, headers) = self
            .policy
            .admit(parts)
            .map_err(|error| (error, format!("only {} may be reached", self.policy.origin)))?;
        let client = self
            .network
            .client(&self.policy.origin)
            .map_err(|reason| (Error::TlsCertificateError, reason))?;
        let window = self.times.window();
        let send = async {
            let body = whole(body).await.map_err(bare)?;
            let request = client.request(method, url).headers(headers).body(body);
            request.send().await.map_err(|error| {
                let error = error.without_url();
                (fault::before_answer(&error), fault::chain(&error))
            })
        };
        let first_byte = shorter(self.options.first_byte_timeout, FIRST_BYTE);
        let response = tokio::select! {
            biased;
            response = send => response?,
            cut = window.closed() => return Err(bare(cut_off(&cut))),
            () = tokio::time::sleep(first_byte) => return Err(bare(Error::HttpResponseTimeout)),
        };
        self.accept(response, window, label).map_err(bare)
    }

    /// Makes an answer fit for a component: no secret, no surprising encoding, limits on size and pauses.
    fn accept(
        &self,
        response: reqwest::Response,
        window: Window,
        label: &str,
    ) -> Result<http::Response<WasiBody>, Error> {
        let head_size: usize = response
            .headers()
            .iter()
            .map(|(name, value)| name.as_str().len() + value.len())
            .sum();
        if head_size > LARGEST_HEAD {
            return Err(Error::HttpResponseHeaderSectionSize(
                u32::try_from(head_size).ok(),
            ));
        }
        if let Some(coding) = encoding(response.headers()) {
            // Identity is all that is asked for; the filter could not see into anything else.
            return Err(Error::HttpResponseContentCoding(Some(coding)));
        }
        let stream = is_stream(response.headers());
        let mut answer = http::Response::builder().status(response.status());
        if let Some(headers) = answer.headers_mut() {
            *headers = masked(response.headers(), &self.redactor);
        }
        let pause = if stream {
            BETWEEN_EVENTS
        } else {
            BETWEEN_BYTES
        };
        let incoming = Incoming {
            response,
            filter: self.redactor.filter(),
            window,
            pause: shorter(self.options.between_bytes_timeout, pause),
            left: (!stream).then_some(body::LARGEST),
            label: label.to_owned(),
            tell: Arc::clone(&self.tell),
        };
        answer
            .body(incoming.into_body())
            .map_err(|_| Error::HttpProtocolError)
    }
}

/// An error with nothing to be told behind it.
fn bare(error: Error) -> (Error, String) {
    (error, String::new())
}

/// What a component is told when its request is broken off. In both cases the request may have arrived.
pub fn cut_off(cut: &Cut) -> Error {
    match cut {
        Cut::Stopped(_) => Error::ConnectionTerminated,
        Cut::TimedOut => Error::HttpResponseTimeout,
    }
}

fn shorter(wanted: Option<Duration>, limit: Duration) -> Duration {
    wanted.map_or(limit, |wanted| wanted.min(limit))
}

/// Reads the body to send as a whole, so that nothing is sent of a request that its component gives up.
async fn whole(body: WasiBody) -> Result<Bytes, Error> {
    match Limited::new(body, LARGEST_REQUEST).collect().await {
        Ok(body) => Ok(body.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => {
            Err(Error::HttpRequestBodySize(Some(LARGEST_REQUEST as u64)))
        }
        Err(error) => Err(error
            .downcast()
            .map_or(Error::HttpProtocolError, |error| *error)),
    }
}

fn encoding(headers: &HeaderMap) -> Option<String> {
    let coding = headers
        .get(header::CONTENT_ENCODING)?
        .to_str()
        .unwrap_or("?")
        .trim();
    (!coding.is_empty() && !coding.eq_ignore_ascii_case("identity")).then(|| coding.to_owned())
}

fn is_stream(headers: &HeaderMap) -> bool {
    let kind = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    STREAMS
        .iter()
        .any(|stream| kind.trim_start().starts_with(stream))
}

/// The headers without secrets, and without the length, which masking changes.
fn masked(headers: &HeaderMap, redactor: &Redactor) -> HeaderMap {
    headers
        .iter()
        .filter(|(name, _)| *name != header::CONTENT_LENGTH)
        .filter_map(|(name, value)| {
            let value = HeaderValue::from_bytes(&redactor.redact_bytes(value.as_bytes())).ok()?;
            Some((name.clone(), value))
        })
        .collect()
}
