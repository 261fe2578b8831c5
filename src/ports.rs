//! All effects, as traits: the network, the clock, the account's line, and what is told to the host.

#[cfg(test)]
pub mod fake;

use std::time::Duration;

use crate::model::{Handle, TestCase};

/// A reading of a clock that only goes forward, since some fixed moment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Instant(pub Duration);

impl Instant {
    /// The time since an earlier reading; zero if it was later.
    #[must_use]
    pub const fn since(self, earlier: Self) -> Duration {
        self.0.saturating_sub(earlier.0)
    }

    /// The reading so much later.
    #[must_use]
    pub const fn after(self, time: Duration) -> Self {
        Self(self.0.saturating_add(time))
    }
}

/// Why a wait ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wake {
    /// The whole time went by.
    Elapsed,
    /// The host was told to stop, and by what. Told once.
    Cancelled(String),
}

/// How the wait for a turn ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Turn {
    /// One request may be sent now.
    Granted,
    /// The turn would have come too late.
    NotWithin,
    /// The host was told to stop, and by what. Told once.
    Cancelled(String),
}

/// What an answer said about the account's rate budget.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Budget {
    /// Requests that may still be sent now.
    pub remaining: Option<u32>,
    /// Requests a minute.
    pub per_minute: Option<u32>,
    /// How long nothing must be sent.
    pub pause: Duration,
}

/// The methods in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    Get,
    Post,
    Put,
    Patch,
    Delete,
}

impl Method {
    /// Its name on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }

    /// The method of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Get, Self::Post, Self::Put, Self::Patch, Self::Delete]
            .into_iter()
            .find(|method| method.name() == name)
    }
}

/// A request to the service. The host adds the credential.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    pub method: Method,
    pub url: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

/// Status and headers of an answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Head {
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
}

impl Head {
    /// The first value of a header; `name` in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }
}

/// A whole answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Response {
    pub head: Head,
    pub body: Vec<u8>,
}

/// Why there is no answer. The cases differ in whether the request may have had an effect.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// The request certainly did not reach the service.
    #[error("{0}")]
    NotSent(String),
    /// The request may have been carried out, and the answer was lost.
    #[error("{0}")]
    Lost(String),
    /// The host does not allow the request. It never will.
    #[error("{0}")]
    Denied(String),
    /// The answer is larger than is accepted.
    #[error("{0}")]
    TooLarge(String),
    /// The way stays closed until somebody opens it.
    #[error("{1}")]
    Barred(Bar, String),
}

/// What closes the way. Sending again does not open it, and may lock an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bar {
    /// The proxy does not accept the user name and password, or the lack of them. The request was not sent.
    Proxy,
    /// The service asks for a client certificate, and there is none. The request had no effect.
    CertificateMissing,
    /// The service refuses the client certificate, in the handshake. The request was not sent.
    CertificateRefused,
    /// The same after the handshake, so that it is not known what became of the request.
    CertificateRefusedLate,
    /// The certificate that the service, or a proxy before it, showed is not trusted. The request was not sent.
    NotTrusted,
}

/// What an open connection brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Chunk {
    /// The answer began.
    Head(Head),
    Bytes(Vec<u8>),
    /// Nothing came within the time given.
    Idle,
    /// The service closed the stream.
    Ended,
    /// The connection failed, before or after the answer began.
    Broken(SendError),
}

/// The largest answer that is read as a whole, in bytes.
pub const LARGEST_ANSWER: usize = 16 * 1024 * 1024;

/// An answer that is read as it comes.
pub trait Stream {
    /// Waits for the next piece, at most so long. After `Ended` or `Broken` there is nothing more.
    fn next(&mut self, within: Duration) -> Chunk;
}

/// The network: one origin, and nothing else.
pub trait Transport {
    /// Sends a request and reads the whole answer.
    ///
    /// # Errors
    /// [`SendError`], by what may have happened at the service.
    fn send(&mut self, request: &Request) -> Result<Response, SendError>;

    /// Sends a request whose answer is read piece by piece; its head comes as the first piece.
    ///
    /// # Errors
    /// [`SendError`] if the request could not even be begun.
    fn open(&mut self, request: &Request) -> Result<Box<dyn Stream>, SendError>;
}

/// Time and chance.
pub trait Clock {
    fn now(&self) -> Instant;

    /// Milliseconds since the Unix epoch, by a clock that may jump.
    fn unix_ms(&self) -> u64;

    /// Waits, or less if the host is told to stop. Zero asks without waiting.
    fn wait(&mut self, time: Duration) -> Wake;

    /// 64 bits that nobody can foresee.
    fn random(&mut self) -> u64;

    /// A number from 0 to 1, for jitter.
    fn chance(&mut self) -> f64 {
        // 53 bits are what a double holds exactly.
        (self.random() >> 11) as f64 / (1u64 << 53) as f64
    }
}

/// The line of all who share the account's rate budget.
pub trait Account {
    /// Waits for a turn to send one request.
    fn take_turn(&mut self, within: Duration) -> Turn;

    /// Passes on what an answer said about the budget.
    fn note_budget(&mut self, budget: Budget);
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(
    target_pointer_width = "64",
    expect(
        clippy::large_enum_variant,
        reason = "there is one at a time, which is handed on at once"
    )
)]
pub enum Event {
    /// The trigger is about to be sent.
    Triggering(Handle),
    /// The service accepted the trigger, or the run of an unanswered trigger was found; or one that was sent certainly had no
    /// effect, and is planned again.
    Triggered(Handle),
    StateChanged {
        word: String,
        done: Option<u32>,
        total: Option<u32>,
    },
    TestFinished(TestCase),
    Retrying {
        call: String,
        attempt: u32,
        wait: Duration,
        reason: String,
    },
    Throttled(Duration),
    Warning(String),
    Debug(String),
}

/// Where events go.
pub trait Events {
    fn emit(&mut self, event: Event);
}

/// A piece of what is to be published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// A file of JUnit XML begins: its name as the user gave it.
    Junit(String),
    /// A file begins that [`Input::keep`] has made at an earlier time: its name as the user gave it.
    Kept(String),
    /// The next bytes of the file that began last.
    Bytes(Vec<u8>),
}

/// What is to be published, piece by piece.
pub trait Input {
    /// The next piece; none at the end.
    fn next(&mut self) -> Option<Piece>;

    /// Keeps bytes of what could not be sent, one after the other.
    fn keep(&mut self, bytes: &[u8]);
}

/// All effects.
pub trait Ports: Transport + Clock + Account + Events {}

impl<T: Transport + Clock + Account + Events> Ports for T {}
