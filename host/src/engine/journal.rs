//! What a component told while it ran: all that is left of a run whose component fails.

use super::{
    limits::Excess,
    texts::{MOST_HANDLE, MOST_TEXT, cut},
};
use crate::{
    bindings::proctor::ci::types::{Event, Handle, TestCase},
    handles,
};

/// The most events of one call, and the most tests beside them.
pub const MOST_EVENTS: usize = 250_000;

/// The most triggers in one handle. Each is a request that costs a run.
const MOST_TRIGGERS: usize = 10_000;

/// The most text in all handles of one call, in bytes: the whole one is told of again with each of its triggers, and
/// only the last is kept. Ours: 300 triggers with 100 earlier runs each come to a third of it.
const MOST_HANDLE_TEXT: usize = 48 * MOST_TEXT;

/// The most warnings that a report keeps.
pub const MOST_WARNINGS: usize = 1_000;

/// Keeps what a report can be made of, and counts.
#[derive(Debug, Default)]
pub struct Journal {
    /// The run, as far as it is known; none as long as nothing of it was sent.
    pub handle: Option<Handle>,
    pub tests: Vec<TestCase>,
    pub warnings: Vec<String>,
    events: usize,
    text: usize,
    /// The bytes of text in all handles.
    handle_text: usize,
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
            handle @ (Event::Triggering(_) | Event::Triggered(_)) => {
                self.count(0)?;
                few_triggers(&handle)?;
                if text > MOST_HANDLE {
                    return Err(Excess::Handle(MOST_HANDLE));
                }
                self.handle_text += text;
                if self.handle_text > MOST_HANDLE_TEXT {
                    return Err(Excess::EventText(MOST_HANDLE_TEXT));
                }
                handle
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
                self.handle = handles::is_begun(handle).then(|| handle.clone());
            }
            Event::Warning(text) if self.warnings.len() < MOST_WARNINGS => {
                self.warnings.push(text.clone());
            }
            Event::Warning(_) => {}
            Event::TestFinished(test) => self.tests.push(test.clone()),
            Event::StateChanged(_) | Event::Retrying(_) | Event::Throttled(_) | Event::Debug(_) => {
            }
        }
    }
}

fn few_triggers(event: &Event) -> Result<(), Excess> {
    match event {
        Event::Triggering(handle) | Event::Triggered(handle)
            if handle.triggers.len() > MOST_TRIGGERS =>
        {
            Err(Excess::Triggers(MOST_TRIGGERS))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        bindings::proctor::ci::types::{Baseline, Stage, Trigger, Verdict},
        engine::texts::{ENTRY, LONGEST_LINE, LONGEST_TEXT},
        fixtures::test_case,
    };

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

    fn trigger(runs: Vec<String>, before: Option<Vec<String>>) -> Trigger {
        Trigger {
            subject: String::new(),
            title: String::new(),
            stage: Stage::Sent,
            idempotency_key: None,
            job: None,
            runs,
            at_ms: None,
            baseline: Baseline {
                jobs: None,
                runs: before,
                state: None,
            },
            last_state: None,
        }
    }

    fn handle(triggers: Vec<Trigger>) -> Handle {
        Handle {
            provider: String::new(),
            triggers,
        }
    }

    /// A handle is told of again and again, so that what is in it counts even if it is empty.
    #[test]
    fn a_flood_of_empty_entries_is_stopped() {
        let handle = handle(vec![trigger(vec![String::new(); 999], None)]);
        let each = 1000 * ENTRY;
        let mut journal = Journal {
            handle_text: MOST_HANDLE_TEXT / each * each - 100 * each,
            ..Journal::default()
        };
        let event = || Event::Triggered(handle.clone());
        let first_refused = (0..).find(|_| journal.take(event()).is_err());
        assert_eq!(first_refused, Some(100));
    }

    /// Each of them is told of before and after its request, with what was there before it and those before it.
    #[test]
    fn a_target_may_start_hundreds_of_runs_where_many_were_before() {
        let ids =
            |of: usize| (0..100).map(move |at| format!("00000000-0000-4000-8000-{of:06}{at:06}"));
        let mut journal = Journal::default();
        let mut told = handle(vec![trigger(Vec::new(), None); 300]);
        for at in 0..300 {
            told.triggers[at] = trigger(vec![format!("run-{at}")], Some(ids(at).collect()));
            for event in [
                Event::Triggering(told.clone()),
                Event::Triggered(told.clone()),
            ] {
                journal.take(event).expect("no flood");
            }
        }
        assert_eq!(journal.handle, Some(told));
    }

    #[test]
    fn what_was_taken_back_is_no_run() {
        let mut journal = Journal::default();
        let sent = trigger(Vec::new(), None);
        let planned = Trigger {
            stage: Stage::Planned,
            ..sent.clone()
        };
        let mut take = |event| {
            journal.take(event).expect("no flood");
            journal.handle.is_some()
        };
        assert!(take(Event::Triggering(handle(vec![sent.clone()]))));
        assert!(!take(Event::Triggered(handle(vec![planned.clone()]))));
        assert!(take(Event::Triggered(handle(vec![sent, planned]))));
    }

    #[test]
    fn warnings_that_nobody_reads_are_not_kept() {
        let mut journal = Journal::default();
        for _ in 0..MOST_WARNINGS + 5 {
            let told = journal.take(Event::Warning("again".into()));
            assert!(told.expect("few").is_some());
        }
        assert_eq!(journal.warnings.len(), MOST_WARNINGS);
    }

    fn test(details: usize) -> Event {
        Event::TestFinished(TestCase {
            details: Some("x".repeat(details)),
            ..test_case("", Verdict::Passed)
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
