//! Publishing: reads results file by file, and sends them in batches, in their order.
//!
//! All files of JUnit XML that come one after the other are one run with one thread. What cannot be sent is kept, with
//! all that is needed to go on later without sending a test twice.

mod desk;
mod feed;
mod files;
mod kept;
mod lot;
mod remote;
mod session;
mod wish;

use std::cell::RefCell;
use std::time::Duration;

use super::validate;
use crate::api::Client;
use crate::error::{Code, Problem};
use crate::model::{Publication, Target};
use crate::ports::{Input, Piece};
use crate::publish::testmo::Words;
use desk::Desk;
use feed::Feed;

/// Sends everything from `input`; `observed` is how long the tests took.
pub fn publish(
    client: &mut Client,
    target: &Target,
    input: &mut dyn Input,
    observed: Option<Duration>,
) -> Publication {
    if let Some(mistake) = validate::mistakes(target).into_iter().next() {
        let name = mistake.parameter.unwrap_or_default();
        let problem = Problem::new(Code::Usage, format!("{name}: {}", mistake.message))
            .next("correct the configuration; nothing was sent");
        return Publication {
            problem: Some(problem),
            ..Publication::default()
        };
    }
    let feed = RefCell::new(Feed::new(input));
    let mut desk = Desk::new(target, &feed, words(client));
    let mut observed = observed;
    loop {
        let piece = feed.borrow_mut().next_file();
        match piece {
            // What was measured belongs to the files at hand, and not to those of an earlier time.
            Some(Piece::Junit(name)) => files::send(client, &mut desk, name, observed.take()),
            Some(Piece::Kept(name)) => kept::send(client, &mut desk, name),
            Some(Piece::Bytes(_)) | None => break,
        }
    }
    desk.finish(client)
}

/// The words for outcomes: the service's, or the user's.
fn words(client: &Client) -> Words {
    let service = client.service();
    let word = |name: &str| service.assumed(name).first().cloned().unwrap_or_default();
    Words {
        passed: word("status_passed"),
        failure: word("status_failure"),
        error: word("status_error"),
        skipped: word("status_skipped"),
    }
}
