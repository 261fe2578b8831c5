//! What a component may send, and what it is made into.

use http::{HeaderMap, HeaderName, HeaderValue, Method, header, request::Parts};
use reqwest::Url;
use wasmtime_wasi_http::{DEFAULT_FORBIDDEN_HEADERS, Error};

use super::{Credential, Origin, Scheme};

/// The longest URL sent, in bytes.
const LONGEST_URL: usize = 8 << 10;

/// Headers that say who is asking, or that a proxy acts on: the host's alone.
const RESERVED: [HeaderName; 5] = [
    header::AUTHORIZATION,
    header::COOKIE,
    header::PROXY_AUTHENTICATE,
    HeaderName::from_static("x-api-key"),
    HeaderName::from_static("api-key"),
];

/// Headers that are left out: an answer that is compressed, or only part of one, could carry the key past the filter.
const LEFT_OUT: [HeaderName; 5] = [
    header::ACCEPT_ENCODING,
    header::RANGE,
    header::IF_RANGE,
    header::TE,
    header::EXPECT,
];

/// What one target may send, and as whom.
#[derive(Debug, Clone)]
pub struct Policy {
    pub origin: Origin,
    pub credential: Option<Credential>,
}

impl Policy {
    /// The URL, method and headers to send.
    ///
    /// # Errors
    /// `HttpRequestDenied` if the request goes anywhere else than to the target's origin, or uses a method that is
    /// meant for proxies; `HttpRequestUriInvalid` and the like if it cannot be sent.
    pub fn admit(&self, parts: &Parts) -> Result<(Method, Url, HeaderMap), Error> {
        if [Method::CONNECT, Method::TRACE].contains(&parts.method) {
            return Err(Error::HttpRequestDenied);
        }
        let text = parts.uri.to_string();
        if text.len() > LONGEST_URL {
            return Err(Error::HttpRequestUriTooLong);
        }
        // Compared in the form in which it is sent, so that two readings of one text cannot differ.
        let url = Url::parse(&text).map_err(|_| Error::HttpRequestUriInvalid)?;
        match Origin::of(&url) {
            Ok(origin) if origin == self.origin => {}
            _ => return Err(Error::HttpRequestDenied),
        }
        Ok((parts.method.clone(), url, self.headers(&parts.headers)?))
    }

    /// Whether a component may not set this header.
    pub fn reserves(&self, name: &HeaderName) -> bool {
        let credential = match &self.credential {
            Some(Credential {
                scheme: Scheme::Header(own),
                ..
            }) => name.as_str().eq_ignore_ascii_case(own),
            _ => false,
        };
        credential || reserved(name)
    }

    fn headers(&self, given: &HeaderMap) -> Result<HeaderMap, Error> {
        let mut headers: HeaderMap = given
            .iter()
            .filter(|(name, _)| !self.reserves(name) && !LEFT_OUT.contains(name))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        headers.remove(header::CONTENT_LENGTH);
        if let Some(credential) = &self.credential
            && credential.scheme != Scheme::None
        {
            let (name, value) = present(credential).ok_or(Error::HttpRequestDenied)?;
            headers.insert(name, value);
        }
        Ok(headers)
    }
}

/// Whether no component may set this header, whatever its target.
pub fn reserved(name: &HeaderName) -> bool {
    RESERVED.contains(name)
        || DEFAULT_FORBIDDEN_HEADERS.contains(name)
        || name.as_str().starts_with("proxy-")
}

/// The header that shows the key; none if the key or the header's name cannot stand in a header.
fn present(credential: &Credential) -> Option<(HeaderName, HeaderValue)> {
    let (name, text) = credential.header()?;
    let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
    let mut value = HeaderValue::try_from(text).ok()?;
    value.set_sensitive(true);
    Some((name, value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::Secret;

    fn policy(scheme: Scheme) -> Policy {
        Policy {
            origin: Origin::parse("https://api.example.com/v1").expect("valid"),
            credential: Some(Credential {
                scheme,
                key: Secret::new("the-key"),
            }),
        }
    }

    fn parts(url: &str, headers: &[(&'static str, &'static str)]) -> Parts {
        let mut request = http::Request::builder().uri(url);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(()).expect("valid").into_parts().0
    }

    #[test]
    fn only_the_own_origin_is_admitted() {
        let policy = policy(Scheme::Bearer);
        assert!(
            policy
                .admit(&parts("https://api.example.com/v2?x=1", &[]))
                .is_ok()
        );
        for bad in [
            "http://api.example.com/",
            "https://api.example.com:8443/",
            "https://api.example.com.evil.example/",
            "https://evil.example/https://api.example.com/",
            "https://user@api.example.com/",
            "https://api.example.com@evil.example/",
        ] {
            let refused = policy.admit(&parts(bad, &[]));
            assert!(
                matches!(refused, Err(Error::HttpRequestDenied)),
                "{bad}: {refused:?}"
            );
        }
    }

    #[test]
    fn the_credential_is_the_hosts() {
        let given = [
            ("authorization", "Bearer mine"),
            ("x-key", "mine"),
            ("cookie", "a=b"),
            ("proxy-authorization", "mine"),
            ("accept-encoding", "gzip"),
            ("range", "bytes=0-3"),
            ("accept", "application/json"),
        ];
        let (_, _, headers) = policy(Scheme::Header("X-Key".into()))
            .admit(&parts("https://api.example.com/", &given))
            .expect("admitted");
        let mut sent: Vec<_> = headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_bytes()))
            .collect();
        sent.sort_unstable();
        assert_eq!(
            sent,
            [("accept", &b"application/json"[..]), ("x-key", b"the-key")]
        );

        let (_, _, headers) = policy(Scheme::Bearer)
            .admit(&parts("https://api.example.com/", &given))
            .expect("admitted");
        assert_eq!(headers[header::AUTHORIZATION], "Bearer the-key");

        let (_, _, headers) = policy(Scheme::Basic)
            .admit(&parts("https://api.example.com/", &given))
            .expect("admitted");
        assert_eq!(headers[header::AUTHORIZATION], "Basic dGhlLWtleQ==");
        let (_, _, headers) = policy(Scheme::None)
            .admit(&parts("https://api.example.com/", &given))
            .expect("admitted");
        assert!(!headers.contains_key(header::AUTHORIZATION));
    }

    #[test]
    fn a_key_that_cannot_stand_in_a_header_is_not_sent() {
        let mut policy = policy(Scheme::Bearer);
        policy.credential = Some(Credential {
            scheme: Scheme::Bearer,
            key: Secret::new("two\nlines"),
        });
        let refused = policy.admit(&parts("https://api.example.com/", &[]));
        assert!(matches!(refused, Err(Error::HttpRequestDenied)));
    }
}
