//! What may become of one exchange with a service.

use std::time::{Duration, UNIX_EPOCH};

use super::chance::Chance;
use super::change::{Change, anything, changed};
use super::world::{EPOCH, Served};
use crate::ports::{Head, Response, SendError};

/// How an answer with an error looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Body {
    /// As the API's own errors.
    Api,
    Nothing,
    /// A gateway's page.
    Page,
}

/// What a 429 says about when to come again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum After {
    Seconds(u64),
    /// A date so many seconds from now.
    Date(u64),
    Past,
    Nothing,
    /// More seconds than any number holds.
    Absurd,
}

/// Where a redirect leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Toward {
    Itself,
    AnotherOrigin,
}

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    Refused,
    Dns,
    Tls,
    /// The connection breaks before the service has the request.
    ResetBefore,
    /// It breaks after the request was carried out.
    ResetAfter,
    /// The head comes late, or not at all.
    SlowHead(Duration),
    /// The body comes piece by piece, and takes so long.
    SlowBody(Duration),
    /// The body is shorter than was said.
    WrongLength,
    /// The body is cut off, and nothing says so.
    Cut,
    /// An error, of a request that was carried out or not.
    Status {
        status: u16,
        done: bool,
        body: Body,
    },
    Throttled(After),
    /// 503 with `Retry-After`: turned away.
    Busy,
    /// A page for people, with 200.
    Page,
    /// JSON of another shape.
    Shape,
    Changed(Change),
    /// Any JSON without a word of a pass. Not among those that are drawn for schedules.
    Anything,
    /// A list in ten thousand lists.
    Deep,
    NotUtf8,
    /// More than is read: 100 MB, or no end.
    TooLarge,
    Redirect(Toward),
    /// This side's clock is put forward or back, in seconds.
    ClockJump(i64),
    /// The service's `Date` is that of another time, so many seconds off.
    Date(i64),
    /// The account's line gives no turn in time.
    NoTurn,
    /// The answer says that nothing remains of the account's budget, for so many seconds.
    Spent(u64),
}

/// How deep lists are nested by [`Fault::Deep`].
const DEPTH: usize = 10_000;

impl Fault {
    /// Every fault, once with each of its particulars.
    pub fn all() -> Vec<Self> {
        let mut all = vec![
            Self::Refused,
            Self::Dns,
            Self::Tls,
            Self::ResetBefore,
            Self::ResetAfter,
            Self::SlowHead(Duration::from_secs(5)),
            Self::SlowHead(Duration::from_secs(3600)),
            Self::SlowBody(Duration::from_secs(8)),
            Self::SlowBody(Duration::from_secs(3600)),
            Self::WrongLength,
            Self::Cut,
            Self::Busy,
            Self::Page,
            Self::Shape,
            Self::Deep,
            Self::NotUtf8,
            Self::TooLarge,
            Self::NoTurn,
            Self::Spent(3),
            Self::Spent(100_000),
        ];
        for status in 400..600 {
            // What says that the request was wrong has not carried it out.
            for done in [false, true]
                .into_iter()
                .filter(|done| !*done || status >= 500)
            {
                let body = match status % 3 {
                    0 => Body::Api,
                    1 => Body::Nothing,
                    _ => Body::Page,
                };
                all.push(Self::Status { status, done, body });
            }
        }
        let afters = [
            After::Seconds(0),
            After::Seconds(7),
            After::Date(9),
            After::Past,
            After::Nothing,
            After::Absurd,
        ];
        all.extend(afters.map(Self::Throttled));
        all.extend(Change::ALL.map(Self::Changed));
        all.extend([Toward::Itself, Toward::AnotherOrigin].map(Self::Redirect));
        for seconds in [-86_400, -3_600, 3_600, 86_400] {
            all.extend([Self::ClockJump(seconds), Self::Date(seconds)]);
        }
        all
    }

    /// A fault that is drawn: all sorts as likely as each other, not all statuses.
    pub fn any(chance: &mut Chance) -> Self {
        let seconds = chance.below(200);
        match chance.below(24) {
            0 => Self::Refused,
            1 => Self::Dns,
            2 => Self::Tls,
            3 => Self::ResetBefore,
            4 | 5 => Self::ResetAfter,
            6 => Self::SlowHead(Duration::from_secs(seconds)),
            7 => Self::SlowBody(Duration::from_secs(seconds)),
            8 => Self::WrongLength,
            9 => Self::Cut,
            10 | 11 => {
                let status = 400 + chance.below(200) as u16;
                Self::Status {
                    status,
                    done: status >= 500 && chance.one_in(2),
                    body: chance.pick(&[Body::Api, Body::Nothing, Body::Page]),
                }
            }
            12 => Self::Throttled(chance.pick(&[
                After::Seconds(seconds),
                After::Date(seconds),
                After::Past,
                After::Nothing,
                After::Absurd,
            ])),
            13 => Self::Busy,
            14 => Self::Page,
            15 => Self::Shape,
            16 | 17 => Self::Changed(chance.pick(&Change::ALL)),
            18 => match chance.below(3) {
                0 => Self::Deep,
                1 => Self::NotUtf8,
                _ => Self::TooLarge,
            },
            19 => Self::Redirect(chance.pick(&[Toward::Itself, Toward::AnotherOrigin])),
            20 | 21 => {
                let off = chance.pick(&[1, -1]) * chance.pick(&[5, 3_600, 86_400]);
                match chance.one_in(2) {
                    true => Self::ClockJump(off),
                    false => Self::Date(off),
                }
            }
            22 => Self::NoTurn,
            _ => Self::Spent(seconds),
        }
    }

    /// Whether the service gets to carry the request out.
    pub const fn is_carried_out(self) -> bool {
        match self {
            Self::Status { done, .. } => done,
            Self::Refused
            | Self::Dns
            | Self::Tls
            | Self::ResetBefore
            | Self::Throttled(_)
            | Self::Busy
            | Self::Redirect(_)
            | Self::NoTurn => false,
            _ => true,
        }
    }

    /// Whether what the service says is no longer what it said.
    pub const fn lies(self) -> bool {
        matches!(self, Self::Changed(_) | Self::Shape | Self::Anything)
    }

    /// How much longer than usual the answer takes.
    pub const fn delay(self) -> Duration {
        match self {
            Self::SlowHead(time) | Self::SlowBody(time) => time,
            _ => Duration::ZERO,
        }
    }

    /// What comes of an exchange. `served` is what the service made of it, if it carried it out.
    pub fn outcome(
        self,
        served: Option<Served>,
        now: Duration,
        chance: &mut Chance,
    ) -> Result<Served, SendError> {
        let not_sent = |why: &str| Err(SendError::NotSent(why.to_owned()));
        let lost = |why: &str| Err(SendError::Lost(why.to_owned()));
        let whole = || served.unwrap_or_else(|| Served::from(Response::default()));
        match self {
            Self::Refused => not_sent("connection refused"),
            Self::Dns => not_sent("the name cannot be resolved"),
            Self::Tls => not_sent("the certificate is not trusted"),
            Self::ResetBefore | Self::ResetAfter => lost("connection reset"),
            Self::WrongLength => lost("the answer broke off"),
            Self::TooLarge => Err(SendError::TooLarge("more than 16777216 bytes".to_owned())),
            Self::Cut => {
                let mut response = whole().response;
                response.body.truncate(response.body.len() / 2);
                Ok(response.into())
            }
            Self::Status { status, body, .. } => Ok(error(status, body, Vec::new()).into()),
            Self::Throttled(after) => Ok(throttled(after, now).into()),
            Self::Busy => Ok(error(503, Body::Page, header("retry-after", "2")).into()),
            Self::Page => Ok(page(200).into()),
            Self::Shape => {
                Ok(other(br#"{"strange":[null,{"x":-1}],"data":{"nothing":3}}"#.to_vec()).into())
            }
            Self::Changed(change) => {
                let Served { response, evidence } = whole();
                let evidence = if change.keeps_nothing() { 0 } else { evidence };
                Ok(Served::with(changed(&response, change, chance), evidence))
            }
            Self::Anything => Ok(other(anything(chance, 5).to_string().into_bytes()).into()),
            Self::Deep => Ok(other(b"[".repeat(DEPTH)).into()),
            Self::NotUtf8 => Ok(other(b"{\"data\":\"\xff\xfe\"}".to_vec()).into()),
            Self::Redirect(toward) => {
                let to = match toward {
                    Toward::Itself => "/api/v1/again",
                    Toward::AnotherOrigin => "https://elsewhere.example/api/v1",
                };
                Ok(error(302, Body::Nothing, header("location", to)).into())
            }
            Self::Spent(seconds) => {
                let mut served = whole();
                let headers = &mut served.response.head.headers;
                headers.extend(header("x-ratelimit-remaining", "0"));
                headers.extend(header("x-ratelimit-reset", &seconds.to_string()));
                Ok(served)
            }
            Self::Date(off) => {
                let mut served = whole();
                let headers = &mut served.response.head.headers;
                headers.retain(|(name, _)| name != "date");
                headers.extend(header("date", &date(now, off)));
                Ok(served)
            }
            Self::SlowHead(_) | Self::SlowBody(_) | Self::ClockJump(_) | Self::NoTurn => {
                Ok(whole())
            }
        }
    }
}

fn header(name: &str, value: &str) -> Vec<(String, String)> {
    vec![(name.to_owned(), value.to_owned())]
}

/// A date so many seconds off the service's clock, as HTTP writes it.
pub fn date(now: Duration, off: i64) -> String {
    let seconds = EPOCH
        .saturating_add(now.as_secs())
        .saturating_add_signed(off);
    httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs(seconds))
}

fn throttled(after: After, now: Duration) -> Response {
    let headers = match after {
        After::Seconds(seconds) => header("retry-after", &seconds.to_string()),
        After::Date(seconds) => header("retry-after", &date(now, seconds as i64)),
        After::Past => header("retry-after", &date(now, -3_600)),
        After::Absurd => header("retry-after", "99999999999999999999999999"),
        After::Nothing => Vec::new(),
    };
    error(429, Body::Api, headers)
}

fn error(status: u16, body: Body, mut headers: Vec<(String, String)>) -> Response {
    let (kind, body): (&str, &[u8]) = match body {
        Body::Nothing => ("text/plain", b""),
        Body::Page => ("text/html", b"<html>gateway</html>"),
        Body::Api => (
            "application/json",
            br#"{"success":false,"error":{"code":"E1","message":"told so"},"message":"told so"}"#,
        ),
    };
    headers.extend(header("content-type", kind));
    Response {
        head: Head { status, headers },
        body: body.to_vec(),
    }
}

fn page(status: u16) -> Response {
    error(status, Body::Page, Vec::new())
}

/// JSON, or what is said to be.
fn other(body: Vec<u8>) -> Response {
    Response {
        head: Head {
            status: 200,
            headers: header("content-type", "application/json"),
        },
        body,
    }
}
