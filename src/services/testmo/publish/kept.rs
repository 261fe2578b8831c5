//! A file of what could not be sent at an earlier time.

use serde_json::Value;

use super::desk::Desk;
use super::lot::Lot;
use super::session::{MARK, Session};
use crate::api::Client;
use crate::error::{Code, Problem};
use crate::publish::testmo::Words;

/// The longest line that is read, in bytes. A batch is half as long, and its thread's fields are a part of that.
const LONGEST_LINE: usize = 8 * 1024 * 1024;

/// Sends what a file holds that was kept. Up to where it is broken, if it is.
pub fn send(client: &mut Client, desk: &mut Desk, name: String) {
    let mut kept = Kept { session: None };
    let mut line = 0u64;
    let why = loop {
        line += 1;
        let next = desk.feed.borrow_mut().line(LONGEST_LINE);
        match next {
            Ok(Some(bytes)) => {
                if let Err(why) = kept.take(client, desk, &bytes) {
                    break Some(why);
                }
            }
            Ok(None) if line == 1 => break Some("it is empty"),
            Ok(None) => break None,
            Err(why) => break Some(why),
        }
    };
    kept.end(client, desk);
    if let Some(why) = why {
        let problem = Problem::new(
            Code::Usage,
            format!("{name}, line {line}: this is not what Proctor has kept: {why}"),
        )
        .next("what stands before that line was published; look what became of the file");
        desk.faults.push(problem);
    }
}

struct Kept {
    session: Option<(Session, Words)>,
}

impl Kept {
    fn take(
        &mut self,
        client: &mut Client,
        desk: &mut Desk,
        line: &[u8],
    ) -> Result<(), &'static str> {
        let value: Value = serde_json::from_slice(line).map_err(|_| "it is no JSON")?;
        if value.get(MARK).is_some() {
            self.end(client, desk);
            let session = Session::read(&value, desk.target);
            self.session = Some(session.ok_or("another version of Proctor has written it")?);
            return Ok(());
        }
        let (session, words) = self
            .session
            .as_mut()
            .ok_or("it does not say where it belongs")?;
        let lot = Lot::read(value, (words, &desk.words), &mut desk.publication.read);
        let lot = lot.ok_or("there are no tests in it")?;
        session.push(client, desk, lot, None);
        Ok(())
    }

    fn end(&mut self, client: &mut Client, desk: &mut Desk) {
        if let Some((session, _)) = self.session.take() {
            session.end(client, desk, None);
        }
    }
}
