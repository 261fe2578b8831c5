//! What goes wrong on demand.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Deserializer};

use crate::glob;

/// Something that goes wrong with matching requests.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Fault {
    /// The service it hits; all of them if left out.
    #[serde(default)]
    pub service: Option<String>,
    /// `GET`, `POST` or `*`.
    #[serde(default = "any")]
    pub method: String,
    /// The path behind the service's own; `*` stands for any text without a slash, `**` for any text.
    #[serde(default = "anywhere")]
    pub path: String,
    /// How many matching requests are left alone first; those that another fault hit do not count.
    #[serde(default)]
    pub skip: u32,
    /// How many matching requests are hit after that; 0 is all of them.
    #[serde(default = "once")]
    pub times: u32,
    #[serde(flatten)]
    pub kind: FaultKind,
}

fn any() -> String {
    "*".to_owned()
}

fn anywhere() -> String {
    "**".to_owned()
}

const fn once() -> u32 {
    1
}

/// How it goes wrong.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum FaultKind {
    /// The answer comes later.
    Latency {
        ms: u64,
    },
    /// No answer ever comes.
    #[serde(deserialize_with = "nothing_more")]
    Hang,
    /// Another status.
    Status {
        status: u16,
        /// The body as it is sent; the service's own form of an error if left out.
        #[serde(default)]
        body: Option<String>,
        /// The service's name for the error.
        #[serde(default)]
        error_code: Option<String>,
        /// Seconds or an HTTP date.
        #[serde(default)]
        retry_after: Option<String>,
        /// Whether the request is carried out all the same.
        #[serde(default)]
        processed: bool,
    },
    /// The connection is reset before the request is carried out.
    #[serde(deserialize_with = "nothing_more")]
    ResetBefore,
    /// The request is carried out, then the connection is reset.
    #[serde(deserialize_with = "nothing_more")]
    ResetAfter,
    /// The answer says how long it is and ends before.
    #[serde(deserialize_with = "nothing_more")]
    TruncatedBody,
    /// The answer comes in drops, each after `ms`.
    SlowBody {
        ms: u64,
    },
    /// The head of the answer too comes in drops, each after `ms`.
    SlowHead {
        ms: u64,
    },
    /// The answer says that it is so many bytes longer than it is, or shorter if negative.
    WrongLength {
        by: i64,
    },
    /// A body that never ends.
    #[serde(deserialize_with = "nothing_more")]
    EndlessBody,
    /// A head that never ends.
    #[serde(deserialize_with = "nothing_more")]
    EndlessHead,
    /// A page as gateways send it.
    Html {
        #[serde(default = "ok")]
        status: u16,
        #[serde(default)]
        processed: bool,
    },
    /// JSON of another shape.
    WrongJson {
        #[serde(default)]
        processed: bool,
    },
    /// The service's own answer with `null` for every value.
    #[serde(deserialize_with = "nothing_more")]
    Nulls,
    /// The service's own answer with a value of another type for every value.
    #[serde(deserialize_with = "nothing_more")]
    WrongTypes,
    /// JSON of so many lists, each in the one before.
    DeepJson {
        depth: usize,
        #[serde(default)]
        processed: bool,
    },
    /// Something that is no JSON although its content type says so.
    NotJson {
        #[serde(default)]
        processed: bool,
    },
    Redirect {
        location: String,
    },
    /// An error whose message repeats the credential that was sent.
    EchoKey {
        #[serde(default = "bad_request")]
        status: u16,
    },
    /// The credential that was sent, in a form and at a place of choice.
    Leak {
        #[serde(default = "bad_request")]
        status: u16,
        #[serde(default)]
        place: Place,
        #[serde(default)]
        form: Form,
    },
    /// JSON of so many bytes.
    HugeBody {
        bytes: usize,
    },
    /// Every U+FFFD in the answer is sent as the escape of half a character. No scenario could name one.
    #[serde(deserialize_with = "nothing_more")]
    HalfCharacters,
    /// A stream goes silent after its first event.
    #[serde(deserialize_with = "nothing_more")]
    StreamStall,
    /// A stream breaks in the middle of a line.
    #[serde(deserialize_with = "nothing_more")]
    StreamBreakMidLine,
    /// A stream ends after its first event.
    #[serde(deserialize_with = "nothing_more")]
    StreamEarlyEnd,
    /// A stream repeats its first event for ever, each time after `ms`.
    StreamEndless {
        #[serde(default)]
        ms: u64,
    },
}

/// Where in an answer a credential is repeated.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// In the message of the service's own error.
    #[default]
    Message,
    /// In the message, one byte at a time.
    Drops,
    /// In headers, one of them the id of the request.
    Header,
    /// In the address that a redirect names.
    Location,
    /// In a stream of events, cut across them.
    Stream,
    /// In the media type of an error.
    ContentType,
}

/// How a credential is written that is repeated.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Form {
    #[default]
    Plain,
    /// As the end of a text in Base64.
    Base64,
    /// In hexadecimal digits.
    Hex,
    /// Each byte as `%` and two digits.
    Percent,
}

impl Form {
    /// The credential in this form.
    pub fn write(self, key: &str) -> String {
        match self {
            Self::Plain => key.to_owned(),
            Self::Base64 => STANDARD.encode(format!("user:{key}")),
            Self::Hex => key.bytes().map(|byte| format!("{byte:02x}")).collect(),
            Self::Percent => key.bytes().map(|byte| format!("%{byte:02X}")).collect(),
        }
    }
}

/// Refuses fields that a kind does not have.
fn nothing_more<'de, D: Deserializer<'de>>(deserializer: D) -> Result<(), D::Error> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Nothing {}
    Nothing::deserialize(deserializer).map(|Nothing {}| ())
}

const fn ok() -> u16 {
    200
}

const fn bad_request() -> u16 {
    400
}

/// The faults that are yet to come.
#[derive(Debug, Default)]
pub struct Faults(Vec<Fault>);

impl Faults {
    pub fn new(faults: Vec<Fault>) -> Self {
        Self(faults)
    }

    pub fn add(&mut self, fault: Fault) {
        self.0.push(fault);
    }

    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// The fault that hits a request, if one does: the first that matches and is due.
    pub fn take(&mut self, service: &str, method: &str, path: &str) -> Option<FaultKind> {
        let at = self
            .0
            .iter_mut()
            .position(|fault| fault.hits(service, method, path))?;
        let fault = &mut self.0[at];
        let kind = fault.kind.clone();
        match fault.times {
            0 => {}
            1 => {
                self.0.remove(at);
            }
            _ => fault.times -= 1,
        }
        Some(kind)
    }
}

impl Fault {
    fn hits(&mut self, service: &str, method: &str, path: &str) -> bool {
        if self.service.as_deref().is_some_and(|own| own != service)
            || (self.method != "*" && !self.method.eq_ignore_ascii_case(method))
            || !glob::matches(&self.path, path)
        {
            return false;
        }
        if self.skip > 0 {
            self.skip -= 1;
            return false;
        }
        true
    }
}
