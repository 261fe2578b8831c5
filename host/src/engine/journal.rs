//! What a component told while it ran: all that is left of a run whose component fails.

use super::limits::Excess;
use crate::bindings::proctor::ci::types::{Event, Handle, TestCase};

/// The most events of one call, and the most tests beside them.
const MOST_EVENTS: usize = 250_000;

/// The most text in all events of one call, in bytes, and as much again in its tests.
const MOST_TEXT: usize = 64 << 20;

/// The longest text that is one line, in bytes.
const LONGEST_LINE: usize = 4 << 10;

/// The longest text of several lines, in bytes.
const LONGEST_TEXT: usize = 64 << 10;

/// What ends a text that was cut.
const CUT: &str = "…";

/// Keeps what a report can be made of, and counts.
#[derive(Debug, Default)]
pub struct Journal {
    /// The run, as far as it is known.
    pub handle: Option<Handle>,
    pub tests: Vec<TestCase>,
    pub warnings: Vec<String>,
    events: usize,
    text: usize,
    /// The bytes of text in `tests`.
    tests_text: usize,
    /// Whether tests are no longer taken down.
    full: bool,
}

impl Journal {
    /// Takes down an event and returns what is to be told of it, with its texts cut to a sane length.
    ///
    /// Tests have room of their own, and those for which there is none are left out: results may be large without
    /// anything being wrong, and the component's report has all of them. A warning says so once.
    ///
    /// # Errors
    /// [`Excess`] if it is one event, or one byte, too many.
    pub fn take(&mut self, mut event: Event) -> Result<Option<Event>, Excess> {
        let text = cut(&mut event);
        let event = match event {
            Event::TestFinished(_) if self.full => return Ok(None),
            Event::TestFinished(test) if self.has_room(text) => {
                self.tests_text += text;
                Event::TestFinished(test)
            }
            Event::TestFinished(_) => {
                self.full = true;
                Event::Warning(format!(
                    "there are more tests than can be told of one by one; {} were, the reports have the rest",
                    self.tests.len()
                ))
            }
            other => {
                self.count(text)?;
                other
            }
        };
        self.note(&event);
        Ok(Some(event))
    }

    fn has_room(&self, text: usize) -> bool {
        self.tests.len() < MOST_EVENTS && self.tests_text + text <= MOST_TEXT
    }

    fn count(&mut self, text: usize) -> Result<(), Excess> {
        self.events += 1;
        if self.events > MOST_EVENTS {
            return Err(Excess::Events(MOST_EVENTS));
        }
        self.text += text;
        if self.text > MOST_TEXT {
            return Err(Excess::EventText(MOST_TEXT));
        }
        Ok(())
    }

    fn note(&mut self, event: &Event) {
        match event {
            Event::Triggering(handle) | Event::Triggered(handle) => {
                self.handle = Some(handle.clone())
            }
            Event::Warning(text) => self.warnings.push(text.clone()),
            Event::TestFinished(test) => self.tests.push(test.clone()),
            Event::StateChanged(_) | Event::Retrying(_) | Event::Throttled(_) | Event::Debug(_) => {
            }
        }
    }
}

/// Cuts the texts of an event and returns how many bytes are left of them.
fn cut(event: &mut Event) -> usize {
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

/// Counts the bytes of what it cuts.
struct Texts(usize);

impl Texts {
    fn handle(&mut self, handle: &mut Handle) {
        self.line(&mut handle.provider);
        for trigger in &mut handle.triggers {
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
            self.lines(&mut trigger.runs);
            self.lines(baseline.jobs.iter_mut().chain(&mut baseline.runs).flatten());
        }
    }

    fn test(&mut self, test: &mut TestCase) {
        self.line(&mut test.suite);
        self.line(&mut test.name);
        self.lines(test.message.iter_mut().chain(&mut test.url));
        for attachment in &mut test.attachments {
            self.line(&mut attachment.name);
            self.line(&mut attachment.url);
        }
        for text in test
            .details
            .iter_mut()
            .chain(&mut test.expected)
            .chain(&mut test.actual)
        {
            self.text(text, LONGEST_TEXT);
        }
    }

    fn lines<'t>(&mut self, texts: impl IntoIterator<Item = &'t mut String>) {
        for text in texts {
            self.line(text);
        }
    }

    fn line(&mut self, text: &mut String) {
        self.text(text, LONGEST_LINE);
    }

    fn text(&mut self, text: &mut String, longest: usize) {
        if text.len() > longest {
            text.truncate(text.floor_char_boundary(longest - CUT.len()));
            text.push_str(CUT);
            text.shrink_to_fit();
        }
        self.0 += text.len();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bindings::proctor::ci::types::Verdict;

    #[test]
    fn long_texts_are_cut_between_characters() {
        let event = Journal::default()
            .take(Event::Warning("é".repeat(LONGEST_LINE)))
            .expect("one event");
        let Some(Event::Warning(text)) = event else {
            panic!("another event: {event:?}")
        };
        assert!(text.len() <= LONGEST_LINE && text.ends_with("é…"));
    }

    #[test]
    fn floods_are_stopped() {
        let mut journal = Journal::default();
        let first_refused = (0..).find(|_| journal.take(Event::Throttled(1)).is_err());
        assert_eq!(first_refused, Some(MOST_EVENTS));

        let mut journal = Journal::default();
        let line = || Event::Debug("x".repeat(LONGEST_LINE));
        let first_refused = (0..).find(|_| journal.take(line()).is_err());
        assert_eq!(first_refused, Some(MOST_TEXT / LONGEST_LINE));
    }

    fn test(details: usize) -> Event {
        Event::TestFinished(TestCase {
            suite: String::new(),
            name: String::new(),
            verdict: Verdict::Passed,
            queued_ms: None,
            duration_ms: None,
            attempts: 1,
            message: None,
            details: Some("x".repeat(details)),
            expected: None,
            actual: None,
            url: None,
            attachments: Vec::new(),
        })
    }

    /// Takes tests until one is not taken down, and returns how many were.
    fn fill(journal: &mut Journal, details: usize) -> usize {
        let full = |event| matches!(event, Some(Event::Warning(_)));
        (0..)
            .find(|_| full(journal.take(test(details)).expect("no end of the call")))
            .expect("there is an end")
    }

    #[test]
    fn large_results_are_left_out_and_end_nothing() {
        let mut journal = Journal::default();
        assert_eq!(fill(&mut journal, 0), MOST_EVENTS);

        let mut journal = Journal::default();
        let room = MOST_TEXT / LONGEST_TEXT;
        assert_eq!(fill(&mut journal, LONGEST_TEXT), room);
        assert_eq!(journal.take(test(1)), Ok(None));
        assert!(journal.take(Event::Throttled(1)).expect("room").is_some());
        assert_eq!((journal.tests.len(), journal.warnings.len()), (room, 1));
    }
}
