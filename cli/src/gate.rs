//! The way to one service: what the native host does between a component and the network.
//!
//! A request goes to the origin of the target's API and nowhere else, redirects are not followed, the key is attached here, and
//! it is taken out of the answer should the service echo it. So the core never sees it, and cannot pass it on.

use std::time::Duration;

use url::Url;

use crate::{
    edge::{
        http::{self, Limits, nanos},
        stream,
    },
    network::{Credential, Origin},
    ports::{Chunk, Head, Request, Response, SendError, Stream},
    secret::{Filter, Redactor, Secret},
};

/// How long connecting may take: 10 s.
const CONNECT: Duration = Duration::from_secs(10);

/// How long an answer may take to begin: 30 s.
const HEAD: Duration = Duration::from_secs(30);

/// How long the pieces of an answer may lie apart: 20 s.
const PIECE: Duration = Duration::from_secs(20);

/// The longest URL sent, in bytes.
const LONGEST_URL: usize = 8 << 10;

/// The longest stream of events that is read, in bytes.
const LONGEST_STREAM: usize = 64 << 20;

/// Headers that say who is asking, and those by which an answer could carry the key past the filter: compressed, or in part.
const KEPT_BACK: [&str; 9] = [
    "authorization",
    "cookie",
    "x-api-key",
    "api-key",
    "accept-encoding",
    "range",
    "if-range",
    "te",
    "expect",
];

/// The way to one service.
#[derive(Debug)]
pub struct Gate {
    origin: Origin,
    credential: Option<Credential>,
    redactor: Redactor,
}

impl Gate {
    /// The way to the service of this API.
    ///
    /// # Errors
    /// One sentence if the URL is none that a key may be sent to.
    pub fn new(api_url: &str, credential: Option<Credential>) -> Result<Self, String> {
        let origin = Origin::parse(api_url).map_err(|error| error.to_string())?;
        let redactor = Redactor::new(credential.iter().map(|credential| &credential.key));
        Ok(Self {
            origin,
            credential,
            redactor,
        })
    }

    /// Whose account it is.
    pub fn whose(&self) -> (Origin, Option<Secret>) {
        let key = self.credential.as_ref().map(|it| it.key.clone());
        (self.origin.clone(), key)
    }

    /// Sends a request and reads the whole answer, until a moment of the monotonic clock.
    ///
    /// # Errors
    /// `Denied` if it would leave the origin, else by what may have happened at the service.
    pub fn send(&self, request: &Request, until: u64) -> Result<Response, SendError> {
        let Response { head, body } = http::send(&self.admit(request)?, Some(limits(until)))?;
        Ok(Response {
            head: self.masked(head),
            body: self.redactor.redact_bytes(&body).into_owned(),
        })
    }

    /// Sends a request whose answer is read piece by piece.
    ///
    /// # Errors
    /// As for [`Gate::send`].
    pub fn open(&self, request: &Request, until: u64) -> Result<Box<dyn Stream>, SendError> {
        let inner = stream::open(&self.admit(request)?, Some(limits(until)))?;
        Ok(Box::new(Masked {
            inner,
            head: self.redactor.clone(),
            filter: self.redactor.filter(),
            read: 0,
            end: None,
        }))
    }

    /// The request as it is sent, with the key.
    fn admit(&self, request: &Request) -> Result<Request, SendError> {
        let denied = || SendError::Denied("it would leave the service's own address".to_owned());
        // Compared in the form in which it is sent, so that two readings of one text cannot differ.
        let mut url = Url::parse(&request.url).map_err(|_| denied())?;
        url.set_fragment(None);
        match Origin::of(&url) {
            Ok(origin) if origin == self.origin => {}
            _ => return Err(denied()),
        }
        if url.as_str().len() > LONGEST_URL {
            return Err(SendError::NotSent("its URL is too long".to_owned()));
        }
        let own = self.credential.as_ref().and_then(Credential::header);
        let mut headers: Vec<(String, String)> = request
            .headers
            .iter()
            .filter(|(name, _)| !is_kept_back(name, own.as_ref().map(|(name, _)| *name)))
            .cloned()
            .collect();
        headers.extend(own.map(|(name, value)| (name.to_owned(), value)));
        Ok(Request {
            method: request.method,
            url: url.into(),
            headers,
            body: request.body.clone(),
        })
    }

    fn masked(&self, head: Head) -> Head {
        masked(&self.redactor, head)
    }
}

fn is_kept_back(name: &str, own: Option<&str>) -> bool {
    let mut names = KEPT_BACK.iter().copied().chain(own);
    let start = name.get(..6).unwrap_or_default();
    names.any(|known| known.eq_ignore_ascii_case(name)) || start.eq_ignore_ascii_case("proxy-")
}

fn limits(until: u64) -> Limits {
    Limits {
        connect: nanos(CONNECT),
        head: nanos(HEAD),
        piece: nanos(PIECE),
        until,
    }
}

fn masked(redactor: &Redactor, head: Head) -> Head {
    let Head { status, headers } = head;
    let mask = |(name, value): (String, String)| (name, redactor.redact(&value).into_owned());
    Head {
        status,
        headers: headers.into_iter().map(mask).collect(),
    }
}

/// A stream without the key, also where it lies across two pieces.
struct Masked {
    inner: Box<dyn Stream>,
    head: Redactor,
    filter: Filter,
    read: usize,
    /// What comes after what was held back.
    end: Option<Chunk>,
}

impl Stream for Masked {
    fn next(&mut self, within: Duration) -> Chunk {
        if let Some(end) = self.end.take() {
            return end;
        }
        match self.inner.next(within) {
            Chunk::Head(head) => Chunk::Head(masked(&self.head, head)),
            Chunk::Bytes(bytes) => {
                self.read += bytes.len();
                match self.read {
                    0..=LONGEST_STREAM => Chunk::Bytes(self.filter.push(&bytes)),
                    _ => Chunk::Broken(SendError::TooLarge(format!(
                        "more than {LONGEST_STREAM} bytes"
                    ))),
                }
            }
            Chunk::Idle => Chunk::Idle,
            end @ (Chunk::Ended | Chunk::Broken(_)) => match self.filter.finish() {
                held if held.is_empty() => end,
                held => {
                    self.end = Some(end);
                    Chunk::Bytes(held)
                }
            },
        }
    }
}
