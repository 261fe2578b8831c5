//! A process that is killed at a request, and another that goes on with what the host was told of before.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::rc::Rc;
use std::time::Duration;

use crate::model::{Handle, Report, Target};
use crate::ports::fake::Fake;
use crate::ports::{Clock, Event, Instant, Request, Response, SendError};
use crate::services::{resume, run};

/// At which request of a life it is killed, from 0, and whether that request was carried out before.
pub type Kill = (usize, bool);

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
    let ports = Fake::new(move |request, now| {
        let now_due = match due.take() {
            Some((0, after)) => Some(after),
            later => {
                due.set(later.map(|(left, after)| (left - 1, after)));
                None
            }
        };
        if now_due == Some(false) {
            resume_unwind(Box::new(Killed));
        }
        let answer = serve(request, now);
        if now_due == Some(true) {
            resume_unwind(Box::new(Killed));
        }
        answer
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
        let mut latest = self.ports.events.iter().rev();
        latest.find_map(|event| match event {
            Event::Triggering(handle) | Event::Triggered(handle) => Some(handle.clone()),
            _ => None,
        })
    }
}

/// Kills at every request of a run in turn, before and after it was carried out, lets another process go on `later`, and
/// gives what came of it to `check`, with what was known at the kill. Returns how many kills there were.
pub fn at_every_request(
    target: &Target,
    later: Duration,
    mut job: impl FnMut() -> Lives,
    mut check: impl FnMut(&str, Option<Handle>, &Report),
) -> usize {
    let mut kills = 0;
    for at in 0.. {
        for after in [false, true] {
            let mut lives = job();
            if lives.live(target, Some((at, after))).is_some() {
                return kills;
            }
            kills += 1;
            let known = lives.known();
            lives.ports.wait(later);
            let report = lives.live(target, None).expect("nobody kills it");
            let told = match after {
                true => format!("killed after request {at} was carried out"),
                false => format!("killed before request {at} was carried out"),
            };
            check(&told, known, &report);
        }
    }
    unreachable!("a run has an end")
}
