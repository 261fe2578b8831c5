//! A process that is killed at a request, and another that goes on with what the host was told of before.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::rc::Rc;
use std::time::Duration;

use crate::model::{Handle, Report, Stage, Target};
use crate::ports::fake::Fake;
use crate::ports::{Clock, Event, Instant, Request, Response, SendError};
use crate::services::{resume, run};

/// At which request of a life it is killed, from 0, and how far that request is.
pub type Kill = (usize, Moment);

/// How far a request is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// It waits for its turn.
    InLine,
    /// It is about to be sent.
    Before,
    /// It was carried out.
    After,
}

/// What unwinds a life that is killed.
struct Killed;

/// The lives of one CI job at one service.
pub struct Lives {
    pub ports: Fake,
    kill: Rc<Cell<Option<Kill>>>,
}

/// A job at a service that a test scripts.
pub fn lives(
    mut serve: impl FnMut(&Request, Instant) -> Result<Response, SendError> + 'static,
) -> Lives {
    let kill: Rc<Cell<Option<Kill>>> = Rc::default();
    let due = Rc::clone(&kill);
    let mut ports = Fake::new(move |request, now| {
        let now_due = match due.take() {
            Some((0, moment)) => Some(moment),
            later => {
                due.set(later.map(|(left, moment)| (left - 1, moment)));
                None
            }
        };
        // What finishes a run is sent without a turn.
        if matches!(now_due, Some(Moment::InLine | Moment::Before)) {
            resume_unwind(Box::new(Killed));
        }
        let answer = serve(request, now);
        if now_due == Some(Moment::After) {
            resume_unwind(Box::new(Killed));
        }
        answer
    });
    let in_line = Rc::clone(&kill);
    ports.at_turn = Box::new(move || {
        if in_line.get() == Some((0, Moment::InLine)) {
            in_line.set(None);
            resume_unwind(Box::new(Killed));
        }
    });
    Lives { ports, kill }
}

impl Lives {
    /// One life: goes on with what is known, if anything is. None if it was killed.
    pub fn live(&mut self, target: &Target, kill: Option<Kill>) -> Option<Report> {
        let known = self.known();
        self.kill.set(kill);
        let ports = &mut self.ports;
        let life = catch_unwind(AssertUnwindSafe(|| match &known {
            Some(handle) => resume(target, handle, ports),
            None => run(target, ports),
        }));
        match life {
            Ok(report) => Some(report),
            Err(killed) if killed.is::<Killed>() => None,
            Err(panic) => resume_unwind(panic),
        }
    }

    /// What the host was told of last.
    pub fn known(&self) -> Option<Handle> {
        self.told().last().cloned()
    }

    /// How far a trigger was, each time that the host was told.
    pub fn told_of(&self, trigger: usize) -> Vec<Stage> {
        let told = self.told();
        told.map(|handle| handle.triggers[trigger].stage).collect()
    }

    fn told(&self) -> impl Iterator<Item = &Handle> {
        let events = self.ports.events.iter();
        events.filter_map(|event| match event {
            Event::Triggering(handle) | Event::Triggered(handle) => Some(handle),
            _ => None,
        })
    }
}

/// Kills at every request of a run in turn, as it waits for its turn, before and after it was carried out, lets another process go on `later`, and
/// gives what came of it to `check`, with what was known at the kill. Returns how many kills there were.
pub fn at_every_request(
    target: &Target,
    later: Duration,
    mut job: impl FnMut() -> Lives,
    mut check: impl FnMut(&str, Option<Handle>, &Report),
) -> usize {
    let mut kills = 0;
    for at in 0.. {
        for moment in [Moment::InLine, Moment::Before, Moment::After] {
            let mut lives = job();
            if lives.live(target, Some((at, moment))).is_some() {
                return kills;
            }
            kills += 1;
            let known = lives.known();
            lives.ports.wait(later);
            let report = lives.live(target, None).expect("nobody kills it");
            check(
                &format!("killed at request {at}, {moment:?}"),
                known,
                &report,
            );
        }
    }
    unreachable!("a run has an end")
}
