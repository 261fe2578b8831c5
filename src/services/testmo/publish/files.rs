//! Files of JUnit XML: one run, one thread.

use std::time::Duration;

use serde_json::Value;

use super::desk::Desk;
use super::feed::File;
use super::lot::{Lot, count};
use super::session::Session;
use super::wish::Wish;
use crate::api::Client;
use crate::error::{Code, Problem};
use crate::publish::junit::{Case, Reader, Top};
use crate::publish::testmo::{Batches, thread_fields};

/// How many fields the files may give the thread together. Source: what the vendor's client lets each object have.
const MOST_FIELDS: usize = 24;

/// Sends the file that has begun and all of its kind that follow it.
pub fn send(client: &mut Client, desk: &mut Desk, name: String, observed: Option<Duration>) {
    let wish = match Wish::of(desk.target, client.ports.unix_ms()) {
        Ok(wish) => wish,
        Err(problem) => {
            // The same for each file.
            if !desk.faults.contains(&problem) {
                desk.faults.push(problem);
            }
            return;
        }
    };
    let mut files = Files {
        session: Session::new(wish, observed, desk.made),
        batches: Batches::new(desk.words.clone()),
        elapsed_us: 0,
        fields: Vec::new(),
    };
    // Those of a later session get a name of their own.
    desk.made += 1;
    let mut next = Some(name);
    while let Some(name) = next {
        files.read(client, desk, name);
        next = desk.feed.borrow_mut().next_junit();
    }
    files.end(client, desk);
}

struct Files {
    session: Session,
    /// One for all files, as keys differ within a thread.
    batches: Batches,
    elapsed_us: u64,
    fields: Vec<Value>,
}

impl Files {
    /// Reads a file to its end, or as far as it can be read.
    fn read(&mut self, client: &mut Client, desk: &mut Desk, name: String) {
        let mut reader = Reader::new(name, File(desk.feed));
        let mut elapsed_us: u64 = 0;
        let end = loop {
            match reader.next_case() {
                Ok(Some(case)) => {
                    elapsed_us = elapsed_us.saturating_add(case.elapsed_us.unwrap_or_default());
                    self.take(client, desk, case);
                }
                Ok(None) => break Ok(reader.finish()),
                Err(error) => break Err(error),
            }
        };
        match end {
            Ok(top) => self.whole(top, elapsed_us),
            Err(error) => {
                self.elapsed_us = self.elapsed_us.saturating_add(elapsed_us);
                let problem = Problem::new(Code::Usage, error.to_string()).next(
                    "look at what writes the file; what was read of it before that place was published",
                );
                desk.faults.push(problem);
            }
        }
    }

    fn take(&mut self, client: &mut Client, desk: &mut Desk, case: Case) {
        if !case.name.is_empty() {
            count(&mut desk.publication.read, case.outcome);
        }
        if let Some(batch) = self.batches.push(case) {
            self.session
                .push(client, desk, Lot::new(batch, Vec::new()), None);
        }
    }

    /// Adds what a whole file says of its tests.
    fn whole(&mut self, top: Top, of_tests_us: u64) {
        let elapsed_us = top.elapsed_us.unwrap_or(of_tests_us);
        self.elapsed_us = self.elapsed_us.saturating_add(elapsed_us);
        let room = MOST_FIELDS.saturating_sub(self.fields.len());
        self.fields
            .extend(thread_fields(top).into_iter().take(room));
    }

    fn end(mut self, client: &mut Client, desk: &mut Desk) {
        desk.unnamed += self.batches.unnamed();
        if let Some(batch) = self.batches.finish() {
            let lot = Lot::new(batch, self.fields);
            self.session.push(client, desk, lot, Some(self.elapsed_us));
        }
        self.session.end(client, desk, Some(self.elapsed_us));
    }
}
