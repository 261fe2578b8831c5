//! What a made-up service answers, line by line.
//!
//! - a line is the body of an answer with status 200;
//! - `!503 retry-after=2 BODY` one with another status, and with headers (`_` in a value is a blank);
//! - `?` an answer that is lost, `^` a request that does not get through, `+` an answer that is too large;
//! - `~LINE` a line of the stream of events; `~` alone ends this stream, and what follows is of the next;
//! - `:name=value` a parameter of the target; a list's values stand between commas;
//! - `@run`, `@watch`, `@cancel`, `@check`, `@discover` what is done; `@stop MS` when the host is told to stop, `@late MS`
//!   from when on there is no turn in time.
//!
//! Requests are answered in this order. The last line answers all that come after it.

use std::time::Duration;

use proctor::ports::{Head, Response, SendError};

/// What becomes of a request.
pub type Answer = Result<Response, SendError>;

/// What is done with the target.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Act {
    #[default]
    Run,
    Watch,
    Cancel,
    Check,
    Discover,
}

/// A script that was read. Every text is one.
#[derive(Debug, Default)]
pub struct Script {
    pub act: Act,
    pub settings: Vec<(String, String)>,
    pub answers: Vec<Answer>,
    pub streams: Vec<Vec<u8>>,
    pub stop_at: Option<Duration>,
    pub late_from: Option<Duration>,
}

impl Script {
    /// Reads a script.
    pub fn read(data: &[u8]) -> Self {
        let mut script = Self::default();
        let mut is_in_stream = false;
        for line in data.split(|byte| *byte == b'\n') {
            match line {
                [b'@', word @ ..] => script.option(&String::from_utf8_lossy(word)),
                [b':', setting @ ..] => script.setting(&String::from_utf8_lossy(setting)),
                b"~" => is_in_stream = false,
                [b'~', event @ ..] => {
                    if !std::mem::replace(&mut is_in_stream, true) {
                        script.streams.push(Vec::new());
                    }
                    let stream = script.streams.last_mut().expect("one was begun");
                    stream.extend_from_slice(event);
                    stream.push(b'\n');
                }
                b"?" => script.fails(SendError::Lost("connection reset".into())),
                b"^" => script.fails(SendError::NotSent("connection refused".into())),
                b"+" => script.fails(SendError::TooLarge("more than 16 MiB".into())),
                [b'!', rest @ ..] => script.answers.push(Ok(answer(rest))),
                body => script.answers.push(Ok(whole(200, Vec::new(), body))),
            }
        }
        script
    }

    fn fails(&mut self, error: SendError) {
        self.answers.push(Err(error));
    }

    fn setting(&mut self, text: &str) {
        if let Some((name, value)) = text.split_once('=') {
            self.settings.push((name.to_owned(), value.to_owned()));
        }
    }

    fn option(&mut self, text: &str) {
        let (word, number) = text.split_once(' ').unwrap_or((text, ""));
        let at = number.parse().ok().map(Duration::from_millis);
        match word {
            "watch" => self.act = Act::Watch,
            "cancel" => self.act = Act::Cancel,
            "check" => self.act = Act::Check,
            "discover" => self.act = Act::Discover,
            "stop" => self.stop_at = at,
            "late" => self.late_from = at,
            _ => {}
        }
    }
}

fn whole(status: u16, headers: Vec<(String, String)>, body: &[u8]) -> Response {
    Response {
        head: Head { status, headers },
        body: body.to_vec(),
    }
}

/// Reads a status, headers and a body.
fn answer(text: &[u8]) -> Response {
    let (digits, mut rest) = text.split_at(text.len().min(3));
    let status = std::str::from_utf8(digits)
        .ok()
        .and_then(|digits| digits.parse().ok())
        .filter(|status| (100..600).contains(status));
    let mut headers = Vec::new();
    while let Some((header, after)) = next_header(rest) {
        headers.push(header);
        rest = after;
    }
    let body = rest.strip_prefix(b" ").unwrap_or(rest);
    whole(status.unwrap_or(200), headers, body)
}

/// A header before the body, and what stands behind it.
fn next_header(text: &[u8]) -> Option<((String, String), &[u8])> {
    let text = text.strip_prefix(b" ")?;
    let end = text.iter().position(|byte| *byte == b' ');
    let (word, after) = text.split_at(end.unwrap_or(text.len()));
    let (name, value) = std::str::from_utf8(word).ok()?.split_once('=')?;
    let is_name = |byte: u8| byte.is_ascii_lowercase() || byte == b'-';
    if name.is_empty() || !name.bytes().all(is_name) || !is_visible(value) {
        return None;
    }
    Some(((name.to_owned(), value.replace('_', " ")), after))
}

/// Whether a header may have this value: the host passes on no other. Source: RFC 9110, 5.5.
fn is_visible(value: &str) -> bool {
    value.chars().all(|c| !c.is_control())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_says_all_that_may_happen() {
        let text = b"@watch\n@stop 70\n:app=a=b\n{}\n!503 retry-after=2 date=a_b {\"a\": 1}\n?\n~one\n~two\n~\n~three\n!xyz";
        let script = Script::read(text);
        assert_eq!(script.act, Act::Watch);
        assert_eq!(script.stop_at, Some(Duration::from_millis(70)));
        assert_eq!(script.settings, [("app".to_owned(), "a=b".to_owned())]);
        assert_eq!(
            script.streams,
            [b"one\ntwo\n".to_vec(), b"three\n".to_vec()]
        );
        let [first, second, third, last] = script.answers.as_slice() else {
            panic!("{:?}", script.answers)
        };
        assert_eq!(first.as_ref().expect("an answer").head.status, 200);
        let second = second.as_ref().expect("an answer");
        assert_eq!(second.head.status, 503);
        assert_eq!(second.head.header("date"), Some("a b"));
        assert_eq!(second.body, b"{\"a\": 1}");
        assert!(third.is_err());
        assert_eq!(last.as_ref().expect("an answer").head.status, 200);
    }
}
