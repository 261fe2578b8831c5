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

/// What kept the head of an answer from coming. `shown` says whether there is a client certificate to show.
pub fn before_answer(error: &reqwest::Error, shown: bool) -> Error {
    if error.is_builder() {
        return Error::HttpRequestUriInvalid;
    }
    if error.is_connect() {
        return while_connecting(error, shown);
    }
    if let Some(tls) = find_tls(error).filter(|tls| is_about_client(tls)) {
        return refused_client(tls, shown);
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

fn while_connecting(error: &reqwest::Error, shown: bool) -> Error {
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
        return match is_missing(tls, shown) {
            true => certificate_required(tls),
            false => of_tls(tls),
        };
    }
    match tunnel(error) {
        Some(Tunnel::Unauthorized) => return Error::ConfigurationError,
        Some(Tunnel::Refused) => return Error::DestinationUnavailable,
        None => {}
    }
    match find::<io::Error>(error).map(io::Error::kind) {
        Some(io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable) => {
            Error::DestinationUnavailable
        }
        Some(io::ErrorKind::TimedOut) => Error::ConnectionTimeout,
        _ => Error::ConnectionRefused,
    }
}

/// What a proxy answered instead of opening a way to the service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tunnel {
    /// 407.
    Unauthorized,
    /// Anything else but 200, or nothing.
    Refused,
}

/// What a proxy answered. The client library has a type for it that it shows to nobody, so its words have to do.
pub fn tunnel(error: &(dyn StdError + 'static)) -> Option<Tunnel> {
    causes(error).find_map(
        |cause| match cause.to_string().strip_prefix("tunnel error: ")? {
            "proxy authorization required" => Some(Tunnel::Unauthorized),
            "unsuccessful" | "unexpected end of file" | "proxy response headers too long" => {
                Some(Tunnel::Refused)
            }
            // Behind it is an error of the connection to the proxy.
            _ => None,
        },
    )
}

/// A service that does not accept the client's certificate, or the lack of one.
///
/// With TLS 1.3 it finds that when the client takes the handshake to be over and has sent its request. That a
/// certificate is required is said in the handshake alone, where no request has been acted on yet (RFC 8446, 4.4.2.4).
/// The others may come at any time, so it is not known what became of the request.
///
/// The component knows the others by their first words: `src/guest/http.rs`.
fn refused_client(error: &rustls::Error, shown: bool) -> Error {
    match is_missing(error, shown) {
        true => certificate_required(error),
        false => Error::InternalError(Some(format!(
            "the service refuses the client certificate: {error}"
        ))),
    }
}

/// Whether a service says by this that it wants a certificate, and none was shown.
///
/// Before TLS 1.3 there is no alert for that, and servers choose among those for certificates that are wrong. Where none
/// was shown, these can only be about the lack of one.
pub fn is_missing(error: &rustls::Error, shown: bool) -> bool {
    use rustls::AlertDescription as Alert;
    match error {
        rustls::Error::AlertReceived(Alert::CertificateRequired) => true,
        rustls::Error::AlertReceived(alert) => {
            let about_one = [Alert::BadCertificate, Alert::CertificateUnknown];
            !shown && about_one.contains(alert)
        }
        _ => false,
    }
}

fn certificate_required(error: &rustls::Error) -> Error {
    Error::TlsAlertReceived {
        alert_id: Some(u8::from(rustls::AlertDescription::CertificateRequired)),
        alert_message: Some(error.to_string()),
    }
}

/// Whether a service says by this that it does not accept the client's certificate, or the lack of one.
pub fn is_about_client(error: &rustls::Error) -> bool {
    use rustls::AlertDescription as Alert;
    matches!(
        error,
        rustls::Error::AlertReceived(
            Alert::CertificateRequired
                | Alert::BadCertificate
                | Alert::UnsupportedCertificate
                | Alert::CertificateRevoked
                | Alert::CertificateExpired
                | Alert::CertificateUnknown
                | Alert::UnknownCA
                | Alert::AccessDenied
                | Alert::HandshakeFailure
        )
    )
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
pub fn find<'e, T: StdError + 'static>(error: &'e (dyn StdError + 'static)) -> Option<&'e T> {
    causes(error).find_map(|error| error.downcast_ref())
}

/// As [`find`] for rustls, whose errors travel inside `io::Error`, which names them only by `get_ref`.
pub fn find_tls<'e>(error: &'e (dyn StdError + 'static)) -> Option<&'e rustls::Error> {
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

#[cfg(test)]
mod tests {
    use rustls::AlertDescription as Alert;

    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("{0}")]
    struct Said(&'static str);

    #[test]
    fn what_a_proxy_answered_is_known_by_the_words_of_the_client_library() {
        let cases = [
            (
                "tunnel error: proxy authorization required",
                Some(Tunnel::Unauthorized),
            ),
            ("tunnel error: unsuccessful", Some(Tunnel::Refused)),
            (
                "tunnel error: unexpected end of file",
                Some(Tunnel::Refused),
            ),
            ("tunnel error: failed to create underlying connection", None),
            ("client error (Connect)", None),
        ];
        for (words, expected) in cases {
            assert_eq!(tunnel(&Said(words)), expected, "{words}");
        }
    }

    #[test]
    fn only_a_missing_certificate_is_certain_to_have_had_no_effect() {
        let of = |alert| refused_client(&rustls::Error::AlertReceived(alert), true);
        assert!(matches!(
            of(Alert::CertificateRequired),
            Error::TlsAlertReceived { .. }
        ));
        let without = rustls::Error::AlertReceived(Alert::BadCertificate);
        assert!(matches!(
            refused_client(&without, false),
            Error::TlsAlertReceived {
                alert_id: Some(116),
                ..
            }
        ));
        for alert in [
            Alert::CertificateExpired,
            Alert::UnknownCA,
            Alert::AccessDenied,
        ] {
            assert!(
                matches!(of(alert), Error::InternalError(Some(_))),
                "{alert:?}"
            );
        }
    }
}
