//! What people get to read: results on standard output, all else on standard error. Redacted, and harmless.

use std::{
    cell::RefCell,
    io::{self, Write},
};

use crate::{
    console::safe,
    failure::{Failure, code_name},
    secret::{Redactor, Secret},
};

/// How much is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    Quiet,
    Normal,
    Verbose,
}

/// Everything that is printed or written goes through here.
pub struct Terminal {
    pub level: Level,
    redactor: RefCell<Redactor>,
}

impl Terminal {
    pub fn new(level: Level) -> Self {
        Self {
            level,
            redactor: RefCell::new(Redactor::default()),
        }
    }

    /// Replaces these secrets from now on.
    pub fn hide<'s>(&self, secrets: impl IntoIterator<Item = &'s Secret>) {
        let more = self.redactor.borrow().with(secrets);
        self.redactor.replace(more);
    }

    /// The text without secrets.
    pub fn redact(&self, text: &str) -> String {
        self.redactor.borrow().redact(text).into_owned()
    }

    /// Prints text of our own making to standard output as it is, except for secrets.
    pub fn raw(&self, text: &str) {
        put(io::stdout().lock(), &self.redact(text));
    }

    /// Prints a result for people, to standard error if standard output is for a report.
    pub fn result(&self, text: &str, out_is_taken: bool) {
        let text = self.redact(&safe::block(text));
        match out_is_taken {
            true => put(io::stderr().lock(), &text),
            false => put(io::stdout().lock(), &text),
        }
    }

    /// Says what goes on, to people who want to know.
    pub fn say(&self, text: &str) {
        if self.level > Level::Quiet {
            self.line("", text);
        }
    }

    /// Says something that must be known even to those who want to hear little.
    pub fn note(&self, text: &str) {
        self.line("", text);
    }

    /// Warns of something that changes nothing.
    pub fn warn(&self, text: &str) {
        self.line("warning: ", text);
    }

    /// Prints why there is no result.
    pub fn failure(&self, failure: &Failure) {
        let problem = &failure.problem;
        self.line("error: ", &problem.message);
        if let Some(details) = &failure.details {
            let details = safe::block(&self.redact(&details.plain()));
            put(io::stderr().lock(), &format!("{details}\n"));
        }
        if let Some(id) = &problem.request_id {
            self.line("  request id: ", id);
        }
        let who = format!("{} ({})", problem.who, code_name(problem.code));
        self.line("  who: ", &who);
        self.line("  next: ", &problem.next);
    }

    /// Without secrets first, and then cut: else half a secret could be left.
    fn line(&self, label: &str, text: &str) {
        let text = safe::line(&self.redact(text));
        put(io::stderr().lock(), &format!("{label}{text}\n"));
    }
}

/// A stream that is closed is nobody's to tell, and the exit code still counts: errors of writing are dropped.
fn put(mut stream: impl Write, text: &str) {
    let _ = stream
        .write_all(text.as_bytes())
        .and_then(|()| stream.flush());
}
