//! Cuts the texts of what a component says to a sane length, and counts them.

use super::limits::Excess;
use crate::bindings::proctor::ci::types::{Event, Handle, TestCase};

/// The most text in all events of one call, in bytes, and as much again in its tests.
pub const MOST_TEXT: usize = 64 << 20;

/// The most text in one handle, in bytes as it is written. What is kept of it has to be read again: see
/// [`crate::handles::LARGEST`].
pub const MOST_HANDLE: usize = 16 << 20;

/// The longest text that is one line, in bytes.
pub const LONGEST_LINE: usize = 4 << 10;

/// The longest text of several lines, in bytes.
pub const LONGEST_TEXT: usize = 64 << 10;

/// What an entry of a list counts for beside its texts, in bytes: about what it takes in memory and in a line of output.
pub const ENTRY: usize = 64;

/// What ends a text that was cut.
const CUT: &str = "…";

/// Cuts the texts of an event and returns how many bytes are left of them.
pub fn cut(event: &mut Event) -> usize {
    let mut texts = Texts(0);
    match event {
        Event::Triggering(handle) | Event::Triggered(handle) => texts.handle(handle),
        Event::StateChanged(state) => texts.line(&mut state.word),
        Event::TestFinished(test) => texts.test(test),
        Event::Retrying(retry) => {
            texts.line(&mut retry.call);
            texts.line(&mut retry.reason);
        }
        Event::Warning(text) | Event::Debug(text) => texts.line(text),
        Event::Throttled(_) => {}
    }
    texts.0
}

/// Cuts the texts of a handle.
///
/// # Errors
/// [`Excess`] if there is too much of it to be kept.
pub fn few(handle: &mut Handle) -> Result<(), Excess> {
    let mut texts = Texts(0);
    texts.handle(handle);
    match texts.0 {
        0..=MOST_HANDLE => Ok(()),
        _ => Err(Excess::Handle(MOST_HANDLE)),
    }
}

/// How many bytes a text takes in a results file: a control character takes six there. Source: RFC 8259, 7.
fn written(text: &str) -> usize {
    let more = text.bytes().map(|byte| match byte {
        b'"' | b'\\' | b'\n' | b'\r' | b'\t' => 1,
        0..=0x1f => 5,
        _ => 0,
    });
    text.len() + more.sum::<usize>()
}

/// Counts the bytes of what it cuts, as they are written.
#[derive(Debug, Default)]
pub struct Texts(pub usize);

impl Texts {
    pub fn handle(&mut self, handle: &mut Handle) {
        self.line(&mut handle.provider);
        for trigger in &mut handle.triggers {
            self.0 += ENTRY;
            let baseline = &mut trigger.baseline;
            self.line(&mut trigger.subject);
            self.line(&mut trigger.title);
            self.lines(trigger.job.iter_mut().chain(&mut baseline.state));
            self.lines(
                trigger
                    .idempotency_key
                    .iter_mut()
                    .chain(&mut trigger.last_state),
            );
            self.entries(&mut trigger.runs);
            for ids in baseline.jobs.iter_mut().chain(&mut baseline.runs) {
                self.entries(ids);
            }
        }
    }

    /// All of a test.
    pub fn test(&mut self, test: &mut TestCase) {
        self.essentials(test);
        self.details(test);
    }

    /// What a test cannot do without.
    pub fn essentials(&mut self, test: &mut TestCase) {
        self.line(&mut test.suite);
        self.line(&mut test.name);
        self.lines(test.message.iter_mut().chain(&mut test.url));
        for attachment in &mut test.attachments {
            self.0 += ENTRY;
            self.line(&mut attachment.name);
            self.line(&mut attachment.url);
        }
    }

    /// The rest of it.
    pub fn details(&mut self, test: &mut TestCase) {
        for text in test
            .details
            .iter_mut()
            .chain(&mut test.expected)
            .chain(&mut test.actual)
        {
            self.text(text, LONGEST_TEXT);
        }
    }

    /// The entries of a list, which take room even if they are empty.
    fn entries(&mut self, texts: &mut [String]) {
        self.0 += ENTRY * texts.len();
        self.lines(texts);
    }

    pub fn lines<'t>(&mut self, texts: impl IntoIterator<Item = &'t mut String>) {
        for text in texts {
            self.line(text);
        }
    }

    pub fn line(&mut self, text: &mut String) {
        self.text(text, LONGEST_LINE);
    }

    fn text(&mut self, text: &mut String, longest: usize) {
        if text.len() > longest {
            text.truncate(text.floor_char_boundary(longest - CUT.len()));
            text.push_str(CUT);
            text.shrink_to_fit();
        }
        self.0 += written(text);
    }
}
