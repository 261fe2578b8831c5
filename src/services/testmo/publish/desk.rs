//! What the sessions of one publication have in common, and what it amounts to.

use std::cell::RefCell;
use std::time::Duration;

use super::feed::Feed;
use super::lot::all;
use crate::api::Client;
use crate::error::{Code, Problem};
use crate::model::{Publication, Run, Target};
use crate::publish::testmo::Words;

/// How long closing may take when the host was told to stop: it ends all 4 s after.
const CLOSE_INTERRUPTED: Duration = Duration::from_millis(1500);
/// The same when the time is over.
const CLOSE_LATE: Duration = Duration::from_secs(10);

/// What all sessions write to.
pub struct Desk<'d, 'i> {
    pub target: &'d Target,
    pub feed: &'d RefCell<Feed<'i>>,
    pub words: Words,
    pub publication: Publication,
    /// Why nothing is sent any more.
    pub halted: Option<Problem>,
    /// Why something is not at the service as it should be, besides that.
    pub faults: Vec<Problem>,
    /// How many sessions there were of files of JUnit XML, so that no two of their runs have one name.
    pub made: u64,
    /// How many cases were left out for want of a name.
    pub unnamed: usize,
}

impl<'d, 'i> Desk<'d, 'i> {
    pub fn new(target: &'d Target, feed: &'d RefCell<Feed<'i>>, words: Words) -> Self {
        Self {
            target,
            feed,
            words,
            publication: Publication::default(),
            halted: None,
            faults: Vec::new(),
            made: 0,
            unnamed: 0,
        }
    }

    /// Keeps a line of what could not be sent.
    pub fn keep(&self, line: &str) {
        let mut feed = self.feed.borrow_mut();
        feed.keep(line.as_bytes());
        feed.keep(b"\n");
    }

    /// Stops sending for good. What is open is closed within a time, where the time is short.
    pub fn halt(&mut self, client: &mut Client, problem: Problem) {
        if self.halted.is_none() {
            self.halted = Some(problem);
        }
        let is_late = matches!(&self.halted, Some(problem) if problem.code == Code::TimedOut);
        self.hurry(client, is_late || client.left().is_zero());
    }

    /// Leaves only the time to close, if the host was told to stop or the time is over.
    pub fn hurry(&self, client: &mut Client, is_late: bool) {
        match (client.is_finishing(), client.interrupted()) {
            (true, _) => {}
            (false, Some(_)) => client.finish_within(CLOSE_INTERRUPTED),
            (false, None) if is_late => client.finish_within(CLOSE_LATE),
            (false, None) => {}
        }
    }

    /// Names the run that the results are in; of several the last one.
    pub fn note_run(&mut self, id: &str) {
        self.publication.run = Some(Run {
            id: id.to_owned(),
            url: None,
        });
    }

    pub fn finish(mut self, client: &mut Client) -> Publication {
        match self.unnamed {
            0 => {}
            1 => client.warn("a test case without a name was left out".to_owned()),
            more => client.warn(format!("{more} test cases without a name were left out")),
        }
        let read = all(&self.publication.read);
        let mut problems: Vec<Problem> = self.halted.into_iter().collect();
        if read > 0 && self.publication.sent == read {
            // Everything arrived all the same.
            for problem in problems.drain(..) {
                client.warn(problem.message);
            }
        }
        problems.append(&mut self.faults);
        if problems.is_empty() && read == 0 && !self.target.is_set("allow_empty") {
            let none = Problem::new(
                Code::NoTests,
                "there is no test in what was to be published",
            )
            .next("look whether the tests ran and wrote their results, or set allow_empty");
            problems.push(none);
        }
        let mut publication = self.publication;
        for problem in problems.drain(1.min(problems.len())..) {
            client.warn(problem.message);
        }
        publication.problem = problems
            .pop()
            .map(|problem| told(problem, &publication, read));
        publication
    }
}

/// The problem with what was sent and kept, and how to send the rest.
fn told(problem: Problem, publication: &Publication, read: u64) -> Problem {
    let Publication { sent, kept, .. } = publication;
    let message = match (read, kept) {
        (0, _) => problem.message,
        (_, 0) => format!("{sent} of {read} tests were sent: {}", problem.message),
        (_, _) => format!(
            "{sent} of {read} tests were sent, {kept} were kept: {}",
            problem.message
        ),
    };
    let first = match problem.code {
        _ if problem.next != problem.code.next() => problem.next.as_str(),
        Code::Usage => "correct the configuration",
        Code::Authentication => "check that the key is valid and may add runs to the project",
        Code::Unavailable | Code::TimedOut | Code::Interrupted => {
            "wait until nothing is in the way"
        }
        _ => "look at the run at the service",
    };
    let next = match kept {
        0 => problem.next.clone(),
        _ => {
            format!("{first}; then `proctor publish` sends the kept file again, and no test twice")
        }
    };
    Problem {
        message,
        next,
        ..problem
    }
}
