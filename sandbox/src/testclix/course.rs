//! What has happened to a test. Its state follows from the time; nothing runs in the background.
//!
//! All times are since the sandbox was started.

use std::time::Duration;

use super::state::State;
use super::test::{Kind, Test};

/// The runs of a test, the oldest first.
#[derive(Debug)]
pub struct Course {
    /// When somebody else's run ends.
    busy_until: Duration,
    runs: Vec<Run>,
}

#[derive(Debug)]
struct Run {
    /// When it is its turn; none behind a run that never ends.
    begins: Option<Duration>,
    /// The state that it leaves the test in.
    after: State,
    seen_queued: bool,
    dipped: bool,
}

impl Course {
    /// The course of a test that is asked for the first time.
    pub fn new(test: &Test, now: Duration) -> Self {
        Self {
            busy_until: now + Duration::from_millis(test.busy_ms),
            runs: Vec::new(),
        }
    }

    /// Starts a run, behind those that have not ended.
    pub fn start(&mut self, test: &Test, now: Duration) {
        let free = match self.runs.last() {
            Some(run) => run.ends(test),
            None => Some(self.busy_until),
        };
        self.runs.push(Run {
            begins: free.map(|free| free.max(now)),
            after: match self.runs.len() < test.fails_first {
                true => State::Error,
                false => test.after,
            },
            seen_queued: false,
            dipped: false,
        });
    }

    /// The state that is read, which may be the old one once more.
    pub fn read(&mut self, test: &Test, now: Duration) -> State {
        let state = self.state(test, now);
        let Some(at) = self.current(test, now) else {
            return state;
        };
        let old = self.old(test, at);
        let run = &mut self.runs[at];
        if state == State::Queued {
            run.seen_queued = true;
        } else if test.dip && run.seen_queued && !run.dipped {
            run.dipped = true;
            return old;
        }
        state
    }

    /// The state without dips.
    pub fn state(&self, test: &Test, now: Duration) -> State {
        match self.current(test, now) {
            Some(at) => self.runs[at].state(test, now),
            None if now < self.busy_until => working(test),
            None => test.before,
        }
    }

    /// The run that the state belongs to.
    fn current(&self, test: &Test, now: Duration) -> Option<usize> {
        let shown = |run: &Run| run.age(test, now).is_some();
        self.runs.iter().rposition(shown)
    }

    /// The state from before a run.
    fn old(&self, test: &Test, at: usize) -> State {
        let last = at.checked_sub(1).and_then(|last| self.runs.get(last));
        last.map_or(test.before, |last| last.after)
    }
}

impl Run {
    /// When it has ended and the next may begin.
    fn ends(&self, test: &Test) -> Option<Duration> {
        if matches!(self.after, State::Queued | State::Processing) {
            return None;
        }
        let takes = if test.runs_unseen() {
            0
        } else {
            test.queued_ms + test.processing_ms
        };
        Some(self.begins? + Duration::from_millis(takes))
    }

    /// For how long it can be seen.
    fn age(&self, test: &Test, now: Duration) -> Option<Duration> {
        now.checked_sub(self.begins? + Duration::from_millis(test.lag_ms))
    }

    fn state(&self, test: &Test, now: Duration) -> State {
        let age = self.age(test, now).unwrap_or_default();
        let queued = Duration::from_millis(test.queued_ms);
        let processed = queued + Duration::from_millis(test.processing_ms);
        match () {
            () if test.runs_unseen() => self.after,
            () if age < queued || self.after == State::Queued => State::Queued,
            () if age < processed => State::Processing,
            () => self.after,
        }
    }
}

/// What a test shows while it is run.
const fn working(test: &Test) -> State {
    match test.kind {
        Kind::Scenario => State::Processing,
        Kind::Availability | Kind::Vitals => State::Queued,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ZERO: Duration = Duration::ZERO;

    const fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    /// 100 ms queued, 100 ms processing, from pass to error.
    fn test() -> Test {
        Test {
            queued_ms: 100,
            processing_ms: 100,
            ..Test::with_id("01GFAIL&01A")
        }
    }

    fn read(test: &Test, course: &mut Course, times: &[u64]) -> Vec<State> {
        times
            .iter()
            .map(|&at| course.read(test, ms(at)))
            .collect()
    }

    fn started(test: &Test) -> Course {
        let mut course = Course::new(test, ZERO);
        course.start(test, ZERO);
        course
    }

    #[test]
    fn a_run_is_queued_then_processing_then_over() {
        use State::{Error, Pass, Processing, Queued};
        let test = test();
        let mut course = Course::new(&test, ZERO);
        assert_eq!(course.read(&test, ms(5_000)), Pass);
        course.start(&test, ms(5_000));
        let states = read(&test, &mut course, &[5_000, 5_099, 5_100, 5_199, 5_200]);
        assert_eq!(states, [Queued, Queued, Processing, Processing, Error]);
    }

    #[test]
    fn the_store_may_lag_behind() {
        use State::{Error, Pass, Queued};
        let test = Test {
            lag_ms: 1_000,
            ..test()
        };
        let states = read(&test, &mut started(&test), &[0, 999, 1_000, 1_200]);
        assert_eq!(states, [Pass, Pass, Queued, Error]);
    }

    #[test]
    fn a_run_that_is_too_fast_is_never_seen() {
        let test = Test {
            too_fast: true,
            ..test()
        };
        assert_eq!(read(&test, &mut started(&test), &[0]), [State::Error]);
    }

    #[test]
    fn the_old_state_comes_back_for_one_reading_after_queued_was_seen() {
        use State::{Error, Pass, Processing, Queued};
        let test = Test {
            dip: true,
            ..test()
        };
        let states = read(&test, &mut started(&test), &[0, 100, 101, 200]);
        assert_eq!(states, [Queued, Pass, Processing, Error]);
        let states = read(&test, &mut started(&test), &[0, 200, 201]);
        assert_eq!(states, [Queued, Pass, Error]);
        assert_eq!(read(&test, &mut started(&test), &[150]), [Processing]);
    }

    #[test]
    fn a_second_run_waits_for_the_first() {
        use State::{Error, Processing, Queued};
        let test = test();
        let mut course = started(&test);
        course.start(&test, ms(150));
        let states = read(&test, &mut course, &[199, 200, 300, 400]);
        assert_eq!(states, [Processing, Queued, Processing, Error]);
    }

    #[test]
    fn a_run_that_never_ends_holds_up_the_others() {
        for (after, at) in [(State::Queued, 0), (State::Processing, 100)] {
            let test = Test { after, ..test() };
            let mut course = started(&test);
            course.start(&test, ZERO);
            assert_eq!(read(&test, &mut course, &[at, 9_000_000]), [after, after]);
        }
    }

    #[test]
    fn runs_fail_before_others_pass() {
        use State::{Error, Pass, Processing, Queued};
        let test = Test {
            after: Pass,
            fails_first: 1,
            dip: true,
            ..test()
        };
        let mut course = started(&test);
        assert_eq!(read(&test, &mut course, &[0, 100, 150, 200]), [Queued, Pass, Processing, Error]);
        course.start(&test, ms(300));
        let states = read(&test, &mut course, &[300, 400, 450, 500]);
        assert_eq!(states, [Queued, Error, Processing, Pass], "what it dips to is what the first has left");
    }

    #[test]
    fn somebody_elses_run_is_first() {
        use State::{Error, Pass, Processing, Queued};
        let test = Test {
            busy_ms: 500,
            ..test()
        };
        let mut course = Course::new(&test, ms(50));
        assert_eq!(read(&test, &mut course, &[50, 549, 550]), [Processing, Processing, Pass]);
        let mut course = Course::new(&test, ms(50));
        course.start(&test, ms(100));
        let states = read(&test, &mut course, &[100, 550, 750]);
        assert_eq!(states, [Processing, Queued, Error]);
    }
}
