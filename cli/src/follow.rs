//! All targets on one thread: each is triggered as soon as it may be, and then they are followed one after the other. The runs
//! go on at their services meanwhile.

use proctor::services;
use wasi::clocks::monotonic_clock;

use crate::{
    kept::Kept,
    line::Line,
    model::{Handle, Report, Started},
    session::Session,
    work::{Work, nothing},
};

/// How far a target is.
enum Place {
    Waiting,
    /// Its runs were triggered, at this moment of the monotonic clock.
    Begun {
        at: u64,
        handle: Handle,
        /// Whether there is more to be triggered, or to be told about why not.
        halted: bool,
    },
    Done(Report),
}

/// Triggers and follows all targets to their ends.
pub fn run_all(session: &Session, works: &[Work], kept: &Kept) -> Vec<Report> {
    if let [work] = works {
        let keep = |handle: &Handle| kept.note(session, 0, work, handle);
        let report = services::run(&work.target, &mut Line::new(session, work, &keep));
        return vec![ended(session, report)];
    }
    let mut places: Vec<Place> = works.iter().map(|_| Place::Waiting).collect();
    loop {
        for at in 0..works.len() {
            if is_free(works, &places, at) {
                places[at] = start(session, works, kept, at);
            }
        }
        let begun = places
            .iter()
            .position(|place| matches!(place, Place::Begun { .. }));
        let Some(at) = begun else { break };
        places[at] = Place::Done(finish(session, works, kept, at, &places[at]));
    }
    let done = places.into_iter().zip(works);
    done.map(|(place, work)| match place {
        Place::Done(report) => report,
        Place::Waiting | Place::Begun { .. } => work.without_run(nothing()),
    })
    .collect()
}

/// Triggers all targets and leaves them. A report without a problem is that of runs that go on.
pub fn start_all(session: &Session, works: &[Work], kept: &Kept) -> Vec<Report> {
    let each = works.iter().enumerate().map(|(at, work)| {
        let keep = |handle: &Handle| kept.note(session, at, work, handle);
        let line = &mut Line::new(session, work, &keep);
        let Started { handle, problem } = services::start(&work.target, line);
        let is_whole = problem.is_none() && handle.is_some();
        let mut report = work.without_run(problem.unwrap_or_else(nothing));
        report.handle = handle;
        if is_whole {
            report.problem = None;
        }
        report
    });
    each.collect()
}

/// Follows runs that were triggered before, one after the other.
pub fn watch_all(session: &Session, works: &[Work], handles: &[Handle]) -> Vec<Report> {
    let begun = monotonic_clock::now();
    let each = works.iter().zip(handles).map(|(work, handle)| {
        let line = &mut Line::since(begun, session, work, &|_| {});
        ended(session, services::watch(&work.target, handle, line))
    });
    each.collect()
}

/// Whether a target that waits may be triggered: nothing that it shares something with is under way, or comes before it.
fn is_free(works: &[Work], places: &[Place], at: usize) -> bool {
    let is_waiting = |other: usize| matches!(places[other], Place::Waiting);
    let stands_before = |other: usize| match places[other] {
        Place::Begun { .. } => true,
        Place::Waiting => other < at,
        Place::Done(_) => false,
    };
    is_waiting(at)
        && !(0..works.len())
            .any(|other| other != at && stands_before(other) && works[at].shares(&works[other]))
}

fn start(session: &Session, works: &[Work], kept: &Kept, at: usize) -> Place {
    let work = &works[at];
    let keep = |handle: &Handle| kept.note(session, at, work, handle);
    let begun = monotonic_clock::now();
    let started = services::start(&work.target, &mut Line::new(session, work, &keep));
    match started {
        Started {
            handle: Some(handle),
            problem,
        } => Place::Begun {
            at: begun,
            handle,
            halted: problem.is_some(),
        },
        Started {
            handle: None,
            problem,
        } => {
            let report = work.without_run(problem.unwrap_or_else(nothing));
            Place::Done(ended(session, report))
        }
    }
}

fn finish(session: &Session, works: &[Work], kept: &Kept, at: usize, place: &Place) -> Report {
    let work = &works[at];
    let Place::Begun {
        at: begun,
        handle,
        halted,
    } = place
    else {
        return work.without_run(nothing());
    };
    let keep = |handle: &Handle| kept.note(session, at, work, handle);
    let line = &mut Line::since(*begun, session, work, &keep);
    let report = match halted {
        false => services::watch(&work.target, handle, line),
        // Sends what is left, never what was sent; and if it still cannot, says why.
        true => services::resume(&work.target, handle, line),
    };
    ended(session, report)
}

fn ended(session: &Session, report: Report) -> Report {
    session
        .terminal
        .say(&format!("{}: {}", report.target, report.verdict));
    report
}
