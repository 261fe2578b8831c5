//! One request and its answer.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, header};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody};

use super::{
    Network,
    body::{self, Incoming},
    dialling::Probe,
    fault,
    lanes::Lane,
    policy::Policy,
    times::{Cut, Times, Window},
    trace::{Entry, Watch},
    traffic::{Place, Traffic},
};
use crate::{
    diagnostics::{is_finest, note},
    secret::Redactor,
};

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
    /// The target whose request it is.
    pub target: Arc<str>,
    /// What writes it down, if it is.
    pub watch: Option<Watch>,
    pub traffic: Traffic,
}

impl Exchange {
    /// Sends a component's request and returns the head of the answer, with a body that is read as it comes.
    ///
    /// # Errors
    /// As sorted by [`fault`]: the component acts on whether the request may have had an effect.
    pub async fn carry_out(
        self,
        request: http::Request<WasiBody>,
        place: Place,
    ) -> Result<http::Response<WasiBody>, Error> {
        let (parts, body) = request.into_parts();
        // Without the query, which may hold what nobody should read in a log.
        let label = format!("{} {}", parts.method, parts.uri.path());
        let mut entry = self.watch.as_ref().map(|watch| Entry::begin(watch, &parts));
        let result = self.attempt(&parts, body, &label, &mut entry, place).await;
        if let Err((error, behind)) = &result {
            let why = format!(
                "{error}{}{behind}",
                if behind.is_empty() { "" } else { ": " }
            );
            (self.tell)(
                self.redactor
                    .redact(&format!("{label}: {why}"))
                    .into_owned(),
            );
            if let Some(entry) = entry {
                entry.fail(&why);
            }
        }
        result.map_err(|(error, _)| error)
    }

    async fn attempt(
        &self,
        parts: &http::request::Parts,
        body: WasiBody,
        label: &str,
        entry: &mut Option<Entry>,
        place: Place,
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
        let lane = self.lane(&headers, &window).await?;
        let begun = Instant::now();
        let probe = self.probe(entry.as_ref());
        let send = async {
            let body = whole(body).await.map_err(bare)?;
            if let Some(entry) = entry.as_mut() {
                entry.sends(&method, &url, &headers, &body);
            }
            let request = client.request(method, url).headers(headers).body(body);
            let sent = match &probe {
                Some(probe) => probe.over(request.send()).await,
                None => request.send().await,
            };
            sent.map_err(|error| {
                let error = error.without_url();
                (
                    fault::before_answer(&error, self.network.shows_certificate()),
                    self.network.conceal(&fault::chain(&error)),
                )
            })
        };
        let first_byte = shorter(self.options.first_byte_timeout, FIRST_BYTE);
        let response = tokio::select! {
            biased;
            response = send => response?,
            cut = window.closed() => return Err(bare(cut_off(&cut))),
            () = tokio::time::sleep(first_byte) => return Err(bare(Error::HttpResponseTimeout)),
        };
        if let Some(entry) = entry {
            entry.answers(&response, self.network.is_direct(&self.policy.origin));
        }
        if let Some(probe) = probe.filter(|_| is_finest()) {
            self.tell_of(&response, &probe, begun, label);
        }
        self.accept(response, window, (lane, place), label, entry)
            .map_err(bare)
    }

    /// What takes the times of the connection, if anybody wants to know them.
    fn probe(&self, entry: Option<&Entry>) -> Option<Probe> {
        entry
            .map(Entry::probe)
            .or_else(|| is_finest().then(Probe::default))
    }

    /// Tells of an answer's head, and of the connection that it came over.
    fn tell_of(&self, response: &reqwest::Response, probe: &Probe, begun: Instant, label: &str) {
        let marks = probe.marks();
        let over = match (marks.dialled, marks.connected) {
            (Some(dialled), Some(connected)) => {
                let took = connected.saturating_duration_since(dialled);
                format!("a connection made in {took:.1?}")
            }
            _ => "a connection that was there".to_owned(),
        };
        let from = response
            .remote_addr()
            .map_or_else(String::new, |address| format!(" to {address}"));
        note!(
            Trace,
            "proctor::network",
            &self.target,
            "{label}: {} by {:?} after {:.1?}, over {over}{from}",
            response.status().as_u16(),
            response.version(),
            begun.elapsed()
        );
    }

    /// The right to have this request under way. A stream of events is refused if there are many already, before anything
    /// is sent: its component looks from time to time instead.
    async fn lane(&self, headers: &HeaderMap, window: &Window) -> Result<Lane, (Error, String)> {
        let (lanes, origin) = (self.network.lanes(), &self.policy.origin);
        let refused = |why: &str| (Error::ConnectionLimitReached, why.to_owned());
        if names_stream(headers, &header::ACCEPT) {
            let free = lanes.for_stream(origin);
            return free.ok_or_else(|| refused("as many streams of events are open as may be"));
        }
        tokio::select! {
            biased;
            lane = lanes.for_request(origin) => lane.ok_or_else(|| refused("there is no lane")),
            _ = window.closed() => Err(refused("it waited for the answers to others, and was not sent")),
        }
    }

    /// Makes an answer fit for a component: no secret, no surprising encoding, limits on size and pauses.
    fn accept(
        &self,
        response: reqwest::Response,
        window: Window,
        (lane, place): (Lane, Place),
        label: &str,
        entry: &mut Option<Entry>,
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
        // Whatever is told of them goes to the component.
        let headers = masked(response.headers(), &self.redactor);
        if let Some(coding) = encoding(&headers) {
            // Identity is all that is asked for; the filter could not see into anything else.
            return Err(Error::HttpResponseContentCoding(Some(coding)));
        }
        let stream = names_stream(response.headers(), &header::CONTENT_TYPE);
        let mut answer = http::Response::builder().status(response.status());
        if let Some(of_answer) = answer.headers_mut() {
            *of_answer = headers;
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
            left: match stream {
                true => body::LARGEST_STREAM,
                false => body::LARGEST,
            },
            pace: stream.then(body::Pace::default),
            label: label.to_owned(),
            target: Arc::clone(&self.target),
            tell: Arc::clone(&self.tell),
            entry: entry.take(),
            traffic: self.traffic.clone(),
            _place: place,
            _lane: lane,
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

/// Whether a header that holds media types begins with one of a stream.
fn names_stream(headers: &HeaderMap, name: &HeaderName) -> bool {
    let kind = headers
        .get(name)
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
