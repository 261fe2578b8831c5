//! Requests whose answer is read later, so that something else can be done meanwhile.

use super::{Answer, Client};
use crate::api::{Failure, Fault};
use crate::ports::{Chunk, Head, Instant, LARGEST_ANSWER, Response, SendError, Stream};
use crate::services::Call;

/// A request that was sent, and whose answer has not been read. If it is dropped, the answer is lost.
pub struct Pending {
    call: String,
    stream: Box<dyn Stream>,
    began: Instant,
}

impl Client<'_> {
    /// Sends something once, without waiting for its answer.
    ///
    /// # Errors
    /// Why it could not even be sent.
    pub fn begin(&mut self, call: &Call) -> Result<Pending, Failure> {
        let shown = call.shown();
        let began = self.admitted(call, "application/json").and_then(|request| {
            let began = self.ports.now();
            let stream = self.ports.open(&request)?;
            Ok((stream, began))
        });
        match began {
            Ok((stream, began)) => Ok(Pending {
                call: shown,
                stream,
                began,
            }),
            Err(fault) => Err(Failure { call: shown, fault }),
        }
    }

    /// Waits for the answer to what was begun, until the deadline.
    ///
    /// # Errors
    /// What the attempt failed of.
    pub fn answer(&mut self, pending: Pending) -> Result<Answer, Failure> {
        let Pending {
            call,
            mut stream,
            began,
        } = pending;
        let outcome = self.whole(stream.as_mut()).map_err(Fault::from);
        // A connection is not held while the service is asked about what became of it.
        drop(stream);
        self.answered(&call, began, outcome)
            .map_err(|fault| Failure { call, fault })
    }

    /// Goes on as [`Self::send_at_most_once`] would after its first attempt had failed so.
    ///
    /// # Errors
    /// What the last attempt failed of.
    pub fn repeat_at_most_once(&mut self, failed: Failure, call: &Call) -> Result<Answer, Failure> {
        self.retrying_after(Err(failed), Fault::had_no_effect, call)
    }

    fn whole(&mut self, stream: &mut dyn Stream) -> Result<Response, SendError> {
        let lost = |why: &str| SendError::Lost(why.to_owned());
        let mut head: Option<Head> = None;
        let mut body = Vec::new();
        loop {
            let left = self.left();
            match (stream.next(left), head.as_ref()) {
                (Chunk::Head(first), _) => head = Some(first),
                (Chunk::Bytes(bytes), _) if body.len() + bytes.len() > LARGEST_ANSWER => {
                    let why = format!("more than {LARGEST_ANSWER} bytes");
                    return Err(SendError::TooLarge(why));
                }
                (Chunk::Bytes(bytes), _) => body.extend_from_slice(&bytes),
                (Chunk::Idle, _) if left.is_zero() => {
                    return Err(lost("it did not come in time"));
                }
                (Chunk::Idle, _) => {}
                (Chunk::Broken(error), None) => return Err(error),
                // The service was at it, whatever the connection says of itself.
                (Chunk::Broken(error), Some(_)) => return Err(lost(&error.to_string())),
                (Chunk::Ended, None) => return Err(lost("the connection was closed")),
                (Chunk::Ended, Some(_)) => {
                    let head = head.unwrap_or_default();
                    return Ok(Response { head, body });
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::ports::Method;
    use crate::ports::fake::{Fake, Script};
    use crate::services::{Service, keploy::Keploy};

    const SECOND: Duration = Duration::from_secs(1);

    fn head(status: u16) -> Chunk {
        Chunk::Head(Head {
            status,
            headers: Vec::new(),
        })
    }

    /// What comes of a POST that is answered so, and how long that took.
    fn answer(script: Script) -> (Result<Answer, Fault>, Duration) {
        let description = Keploy.description();
        let mut ports = Fake::new(|_, _| Err(SendError::NotSent("not asked".into())));
        ports.streams.push_back(script);
        let deadline = Instant(60 * SECOND);
        let mut client = Client::new(&mut ports, &description, "https://x", deadline);
        let call = Call::new(Method::Post, "/y", Some("{}".into()));
        let pending = client.begin(&call).expect("it is sent");
        assert_eq!(client.ports.now().0, Duration::ZERO, "nobody has waited");
        let outcome = client.answer(pending).map_err(|failure| failure.fault);
        let took = client.ports.now().0;
        (outcome, took)
    }

    #[test]
    fn an_answer_is_read_whole_however_it_comes() {
        let bytes = |text: &str| Chunk::Bytes(text.as_bytes().to_vec());
        let (outcome, took) = answer(vec![
            (SECOND, head(200)),
            (SECOND, bytes("{\"a\":")),
            (SECOND, bytes("1}")),
            (SECOND, Chunk::Ended),
        ]);
        assert_eq!(outcome.expect("an answer").json["a"], 1);
        assert_eq!(took, 4 * SECOND);
        let (outcome, _) = answer(vec![(SECOND, head(503)), (SECOND, Chunk::Ended)]);
        assert!(matches!(outcome, Err(Fault::Refused(refusal)) if refusal.status == 503));
    }

    #[test]
    fn what_breaks_says_whether_it_was_sent() {
        let refused = || Chunk::Broken(SendError::NotSent("refused".into()));
        let (outcome, _) = answer(vec![(SECOND, refused())]);
        assert!(matches!(outcome, Err(Fault::NotSent(_))));
        for script in [
            vec![(SECOND, head(200)), (SECOND, refused())],
            vec![(SECOND, Chunk::Ended)],
            vec![(SECOND, Chunk::Broken(SendError::Lost("reset".into())))],
        ] {
            let (outcome, _) = answer(script.clone());
            assert!(matches!(outcome, Err(Fault::Lost(_))), "{script:?}");
        }
    }

    #[test]
    fn an_answer_is_waited_for_until_the_deadline_and_read_up_to_a_size() {
        let (outcome, took) = answer(Vec::new());
        assert!(matches!(outcome, Err(Fault::Lost(_))));
        assert_eq!(took, 60 * SECOND);
        let piece = Chunk::Bytes(vec![b' '; LARGEST_ANSWER / 2 + 1]);
        let script = vec![
            (SECOND, head(200)),
            (SECOND, piece.clone()),
            (SECOND, piece),
        ];
        assert!(matches!(answer(script).0, Err(Fault::TooLarge(_))));
    }
}
