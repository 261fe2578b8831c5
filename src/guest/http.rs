//! Requests and whole answers, on waki's bindings. Time limits, the origin and the credential are the host's.
//!
//! waki's own client is left out: it parses each header's name into the `http` crate's table of known ones and makes
//! its errors by `anyhow`, whose backtraces come with a demangler. That is a fifth of what a component may weigh.

use std::time::Duration;

pub use waki::bindings::wasi;

use wasi::clocks::monotonic_clock;
use wasi::http::outgoing_handler;
use wasi::http::types::{
    ErrorCode, Fields, FutureIncomingResponse, IncomingResponse, Method as WasiMethod,
    OutgoingBody, OutgoingRequest, RequestOptions, Scheme,
};
use wasi::io::error::Error as IoError;
use wasi::io::poll::{Pollable, poll};
use wasi::io::streams::StreamError;

use crate::ports::{Bar, Head, LARGEST_ANSWER, Method, Request, Response, SendError};

/// How much is read at once, in bytes.
pub const PIECE: u64 = 64 * 1024;
/// How much is written at once, in bytes: the most that `blocking-write-and-flush` takes.
const WRITTEN: usize = 4096;

/// What wasmtime says of a body that is larger than the host lets through. Source: wasmtime-wasi-http, `Error`'s `Display`.
const PASSES_LIMIT: &str = "body size exceeds limit";

/// What the host's words begin with when a service refuses the client certificate after the handshake: WASI has a code for
/// alerts, and all that have it were not sent. The same is in `host/src/network/fault.rs`, and a test of the whole program.
const REFUSED_LATE: &str = "the service refuses the client certificate";

/// That a certificate is required. Source: RFC 8446, 6.
const CERTIFICATE_REQUIRED: u8 = 116;

/// How long a request may take, where the host sets no limits of its own.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// How long connecting may take, in nanoseconds.
    pub connect: u64,
    /// How long the answer's head may take, in nanoseconds.
    pub head: u64,
    /// How long each piece of the answer may take, in nanoseconds.
    pub piece: u64,
    /// When all of it has to be there, by the monotonic clock.
    pub until: u64,
}

/// Sends a request and reads the whole answer.
pub fn send(request: &Request, limits: Option<Limits>) -> Result<Response, SendError> {
    let future = begin(request, limits)?;
    ready(&future.subscribe(), limits, |limits| limits.head)?;
    let response = match future.get() {
        Some(Ok(Ok(response))) => response,
        Some(Ok(Err(code))) => return Err(by_code(&code)),
        Some(Err(())) | None => return Err(lost("the answer was taken already")),
    };
    let head = head(&response);
    let incoming = response
        .consume()
        .map_err(|()| lost("the answer has no body"))?;
    let stream = incoming
        .stream()
        .map_err(|()| lost("the answer has no body"))?;
    let mut body = Vec::new();
    loop {
        ready(&stream.subscribe(), limits, |limits| limits.piece)?;
        match stream.read(PIECE) {
            Ok(piece) if body.len() + piece.len() > LARGEST_ANSWER => {
                return Err(SendError::TooLarge(format!(
                    "more than {LARGEST_ANSWER} bytes"
                )));
            }
            Ok(piece) => body.extend_from_slice(&piece),
            Err(StreamError::Closed) => return Ok(Response { head, body }),
            Err(StreamError::LastOperationFailed(error)) => return Err(amid(&error)),
        }
    }
}

/// Waits until something is ready, at most as long as one of the limits and all of them say.
fn ready(
    pollable: &Pollable,
    limits: Option<Limits>,
    limit: fn(Limits) -> u64,
) -> Result<(), SendError> {
    let Some(limits) = limits else {
        pollable.block();
        return Ok(());
    };
    let soon = monotonic_clock::now().saturating_add(limit(limits));
    let timer = monotonic_clock::subscribe_instant(soon.min(limits.until));
    match poll(&[pollable, &timer]).contains(&0) {
        true => Ok(()),
        false => Err(lost("it took too long")),
    }
}

/// What ended an answer in its middle. WASI has codes for that; wasmtime has none for what its embedder's bodies end with,
/// so that its words have to do.
pub fn amid(error: &IoError) -> SendError {
    let why = error.to_debug_string();
    if why.contains(PASSES_LIMIT) {
        SendError::TooLarge("it passes the host's limit".to_owned())
    } else {
        SendError::Lost(format!("the answer broke off: {why}"))
    }
}

/// Sends a request, and returns what its answer comes by.
pub fn begin(
    request: &Request,
    limits: Option<Limits>,
) -> Result<FutureIncomingResponse, SendError> {
    let unmade = || SendError::NotSent("the request could not be made".to_owned());
    let made = make(request).ok_or_else(unmade)?;
    let body = made.body().map_err(|()| unmade())?;
    let options = limits.map(|limits| {
        let options = RequestOptions::new();
        // A host that cannot limit connecting alone is left to the limit of the whole.
        let _ = options.set_connect_timeout(Some(limits.connect));
        options
    });
    let future = outgoing_handler::handle(made, options).map_err(|code| by_code(&code))?;
    write(&body, &request.body);
    OutgoingBody::finish(body, None).map_err(|code| by_code(&code))?;
    Ok(future)
}

fn make(request: &Request) -> Option<OutgoingRequest> {
    let mut headers = Vec::with_capacity(request.headers.len());
    for (name, value) in &request.headers {
        headers.push((name.clone(), value.clone().into_bytes()));
    }
    let made = OutgoingRequest::new(Fields::from_list(&headers).ok()?);
    let (scheme, rest) = request.url.split_once("://")?;
    let scheme = match scheme {
        "http" => Scheme::Http,
        "https" => Scheme::Https,
        other => Scheme::Other(other.to_owned()),
    };
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let method = match request.method {
        Method::Get => WasiMethod::Get,
        Method::Post => WasiMethod::Post,
        Method::Put => WasiMethod::Put,
        Method::Patch => WasiMethod::Patch,
        Method::Delete => WasiMethod::Delete,
    };
    made.set_method(&method).ok()?;
    made.set_scheme(Some(&scheme)).ok()?;
    made.set_authority(Some(authority)).ok()?;
    made.set_path_with_query(Some(path)).ok()?;
    Some(made)
}

/// Writes the body as far as it is taken. If it is not, the answer tells why.
fn write(body: &OutgoingBody, bytes: &[u8]) {
    let Ok(stream) = body.write() else { return };
    for piece in bytes.chunks(WRITTEN) {
        if stream.blocking_write_and_flush(piece).is_err() {
            return;
        }
    }
}

/// Status and headers of an answer.
pub fn head(response: &IncomingResponse) -> Head {
    let mut headers = Vec::new();
    for (name, value) in response.headers().entries() {
        let value = String::from_utf8_lossy(&value).into_owned();
        headers.push((name.to_ascii_lowercase(), value));
    }
    Head {
        status: response.status(),
        headers,
    }
}

/// The request may have been carried out.
pub fn lost(why: &str) -> SendError {
    SendError::Lost(why.to_owned())
}

/// By what may have happened at the service.
pub fn by_code(code: &ErrorCode) -> SendError {
    use ErrorCode as E;
    let told = |text: &str| text.to_owned();
    match code {
        E::DnsTimeout => SendError::NotSent(told("looking up the service's name took too long")),
        E::DnsError(payload) => SendError::NotSent(match &payload.rcode {
            Some(why) => format!("the service's name cannot be resolved: {why}"),
            None => told("the service's name cannot be resolved"),
        }),
        E::DestinationNotFound
        | E::DestinationUnavailable
        | E::DestinationIpProhibited
        | E::DestinationIpUnroutable => {
            SendError::NotSent(told("the service's address cannot be reached"))
        }
        E::ConnectionRefused => SendError::NotSent(told("connection refused")),
        E::ConnectionTimeout => SendError::NotSent(told("connecting took too long")),
        E::ConnectionLimitReached => SendError::NotSent(told("too many connections")),
        E::TlsProtocolError => SendError::NotSent(told("no TLS connection could be made")),
        E::TlsCertificateError => SendError::Barred(
            Bar::NotTrusted,
            told("the certificate that it shows is not trusted"),
        ),
        E::TlsAlertReceived(payload) => {
            let why = match &payload.alert_message {
                Some(why) => format!("no TLS connection could be made: {why}"),
                None => told("no TLS connection could be made"),
            };
            match payload.alert_id {
                Some(CERTIFICATE_REQUIRED) => SendError::Barred(
                    Bar::CertificateMissing,
                    told("the service wants a client certificate"),
                ),
                // From `bad_certificate` to `certificate_unknown`, `unknown_ca` and `access_denied`: RFC 8446, 6.
                Some(42..=46 | 48 | 49) => SendError::Barred(Bar::CertificateRefused, why),
                _ => SendError::NotSent(why),
            }
        }
        E::HttpRequestDenied => SendError::Denied(told("it would leave the service's own address")),
        E::HttpResponseBodySize(_)
        | E::HttpResponseHeaderSectionSize(_)
        | E::HttpResponseHeaderSize(_)
        | E::HttpResponseTrailerSectionSize(_)
        | E::HttpResponseTrailerSize(_) => SendError::TooLarge(told("it passes the host's limit")),
        E::ConnectionTerminated => lost("the connection was closed"),
        E::HttpResponseTimeout | E::ConnectionReadTimeout | E::ConnectionWriteTimeout => {
            lost("it took too long")
        }
        E::HttpResponseIncomplete => lost("the answer broke off"),
        E::HttpProtocolError
        | E::HttpResponseTransferCoding(_)
        | E::HttpResponseContentCoding(_)
        | E::HttpUpgradeFailed => lost("the answer was not well-formed HTTP"),
        E::LoopDetected => lost("a proxy found itself asked twice"),
        E::InternalError(Some(why)) if why.starts_with(REFUSED_LATE) => {
            SendError::Barred(Bar::CertificateRefusedLate, why.clone())
        }
        E::InternalError(Some(why)) => SendError::Lost(why.clone()),
        E::HttpRequestLengthRequired
        | E::HttpRequestBodySize(_)
        | E::HttpRequestMethodInvalid
        | E::HttpRequestUriInvalid
        | E::HttpRequestUriTooLong
        | E::HttpRequestHeaderSectionSize(_)
        | E::HttpRequestHeaderSize(_)
        | E::HttpRequestTrailerSectionSize(_)
        | E::HttpRequestTrailerSize(_) => {
            SendError::NotSent(told("the host found the request to be malformed"))
        }
        E::InternalError(None) => lost("the host failed to send it"),
        E::ConfigurationError => SendError::Barred(
            Bar::Proxy,
            told("the proxy wants a user name and password that it accepts"),
        ),
    }
}

/// A duration as WASI counts it: nanoseconds, at most some 584 years.
pub fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}
