//! What is kept of a session, so that it can go on at a later time: one line of JSON before those of the tests.

use serde_json::{Value, json};

use super::{Place, Session};
use crate::api::json as read;
use crate::model::Target;
use crate::publish::testmo::Words;
use crate::services::testmo::publish::wish::Wish;

/// Which form of the lines this is.
const VERSION: u64 = 1;
/// The member by which the line is known.
pub const MARK: &str = "proctor_kept";

impl Session {
    /// The line; `words` are those in use.
    pub(super) fn header(&self, words: &Words) -> Value {
        let Words {
            passed,
            failure,
            error,
            skipped,
        } = words;
        let Place {
            run,
            is_own,
            is_run_open,
            is_run_in_doubt,
            thread,
            is_thread_open,
            is_timed,
            sent,
            in_doubt,
            elapsed_us,
        } = &self.place;
        json!({
            MARK: VERSION,
            "for": Value::from(&self.wish),
            "run": run, "is_own": is_own, "is_run_open": is_run_open, "is_run_in_doubt": is_run_in_doubt,
            "thread": thread, "is_thread_open": is_thread_open, "is_timed": is_timed,
            "sent": sent, "in_doubt": in_doubt, "elapsed_us": elapsed_us,
            "made": self.made, "observed_us": self.observed_us,
            "words": [passed, failure, error, skipped],
        })
    }

    /// Reads the line, with the words of that time; none if it is of another version or broken. What the target says
    /// today wins.
    pub fn read(header: &Value, target: &Target) -> Option<(Self, Words)> {
        if header.get(MARK)?.as_u64()? != VERSION {
            return None;
        }
        let truth = |name: &str| header.get(name)?.as_bool();
        let number = |name: &str| header.get(name)?.as_u64();
        let text = |name: &str| header.get(name).and_then(read::scalar);
        let wish = Wish::read(header.get("for")?)?.corrected(target);
        let mut session = Self::new(wish, None, number("made")?);
        session.observed_us = number("observed_us");
        let words = words(header.get("words")?)?;
        session.is_old = true;
        session.place = Place {
            run: text("run"),
            is_own: truth("is_own")?,
            is_run_open: truth("is_run_open")?,
            is_run_in_doubt: truth("is_run_in_doubt")?,
            thread: text("thread"),
            is_thread_open: truth("is_thread_open")?,
            is_timed: truth("is_timed")?,
            sent: number("sent")?,
            in_doubt: number("in_doubt")?,
            elapsed_us: number("elapsed_us")?,
        };
        Some((session, words))
    }
}

fn words(value: &Value) -> Option<Words> {
    let word = |at: usize| value.get(at)?.as_str().map(str::to_owned);
    Some(Words {
        passed: word(0)?,
        failure: word(1)?,
        error: word(2)?,
        skipped: word(3)?,
    })
}
