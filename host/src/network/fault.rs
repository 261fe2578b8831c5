//! From what the HTTP client says to the error codes of WASI.
//!
//! The component decides by them whether a request may have had an effect, so the line between the two kinds is drawn
//! here. Certainly not sent: `DNS-error`, `connection-refused`, `connection-timeout`, `TLS-…`,
//! `destination-unavailable`, `HTTP-request-…`. Unknown: everything else.

use std::{error::Error as StdError, io};

use wasmtime_wasi_http::Error;

/// A name could not be resolved.
#[derive(Debug, thiserror::Error)]
#[error("{name} cannot be resolved: {reason}")]
pub struct DnsFailure {
    pub name: String,
    pub reason: String,
}

/// An error and what lies behind it, in one line.
pub fn chain(error: &dyn StdError) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let told = cause.to_string();
        if !text.ends_with(&told) {
            text.push_str(": ");
            text.push_str(&told);
        }
        next = cause.source();
    }
    text
}

/// What kept the head of an answer from coming.
pub fn before_answer(error: &reqwest::Error) -> Error {
    if error.is_builder() {
        return Error::HttpRequestUriInvalid;
    }
    if error.is_connect() {
        return while_connecting(error);
    }
    match find::<hyper::Error>(error) {
        Some(inner) if inner.is_parse_too_large() => Error::HttpResponseHeaderSectionSize(None),
        Some(inner) if inner.is_parse() || inner.is_parse_status() => Error::HttpProtocolError,
        _ => Error::ConnectionTerminated,
    }
}

/// What broke off the body of an answer.
pub fn amid_answer(error: &reqwest::Error) -> Error {
    let cut = find::<hyper::Error>(error).is_some_and(hyper::Error::is_incomplete_message)
        || find::<io::Error>(error)
            .is_some_and(|inner| inner.kind() == io::ErrorKind::UnexpectedEof);
    if cut {
        Error::HttpResponseIncomplete
    } else {
        Error::ConnectionTerminated
    }
}

fn while_connecting(error: &reqwest::Error) -> Error {
    if let Some(failure) = find::<DnsFailure>(error) {
        return Error::DnsError {
            rcode: Some(failure.to_string()),
            info_code: None,
        };
    }
    if error.is_timeout() {
        return Error::ConnectionTimeout;
    }
    if let Some(tls) = find_tls(error) {
        return of_tls(tls);
    }
    match find::<io::Error>(error).map(io::Error::kind) {
        Some(io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable) => {
            Error::DestinationUnavailable
        }
        Some(io::ErrorKind::TimedOut) => Error::ConnectionTimeout,
        _ => Error::ConnectionRefused,
    }
}

fn of_tls(error: &rustls::Error) -> Error {
    match error {
        rustls::Error::InvalidCertificate(_) | rustls::Error::NoCertificatesPresented => {
            Error::TlsCertificateError
        }
        rustls::Error::AlertReceived(alert) => Error::TlsAlertReceived {
            alert_id: Some(u8::from(*alert)),
            alert_message: Some(error.to_string()),
        },
        _ => Error::TlsProtocolError,
    }
}

/// The first error of a type in the chain.
fn find<'e, T: StdError + 'static>(error: &'e (dyn StdError + 'static)) -> Option<&'e T> {
    causes(error).find_map(|error| error.downcast_ref())
}

/// As [`find`] for rustls, whose errors travel inside `io::Error`, which names them only by `get_ref`.
fn find_tls<'e>(error: &'e (dyn StdError + 'static)) -> Option<&'e rustls::Error> {
    causes(error).find_map(|error| {
        let mut inner = error.downcast_ref::<io::Error>();
        while let Some(wrapped) = inner {
            let held = wrapped.get_ref()?;
            if let Some(tls) = held.downcast_ref() {
                return Some(tls);
            }
            inner = held.downcast_ref();
        }
        error.downcast_ref()
    })
}

/// The error and what lies behind it.
fn causes<'e>(
    error: &'e (dyn StdError + 'static),
) -> impl Iterator<Item = &'e (dyn StdError + 'static)> {
    let mut next = Some(error);
    std::iter::from_fn(move || {
        let error = next?;
        next = error.source();
        Some(error)
    })
}
