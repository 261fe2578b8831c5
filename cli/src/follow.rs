//! All targets on one thread: each is triggered as soon as it may be, and then they are followed one after the other. The runs
//! go on at their services meanwhile. A run that has to be seen at work is followed from its trigger on, with no other under way.

use proctor::services;
use wasi::clocks::monotonic_clock;

use crate::{
    error::Problem,
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
        /// Why not all of them were triggered.
        halted: Option<Problem>,
    },
    Done(Report),
}

/// Triggers and follows all targets to their ends.
pub fn run_all(session: &Session, works: &[Work], kept: &Kept) -> Vec<Report> {
    let mut places: Vec<Place> = works.iter().map(|_| Place::Waiting).collect();
    loop {
        for at in 0..works.len() {
            if is_free(works, &places, at) && !is_run_whole(works, at) {
                places[at] = start(session, works, kept, at);
            }
        }
        let ended = end_one(session, works, kept, &places);
        let Some((at, report)) = ended else { break };
        places[at] = Place::Done(report);
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

/// Follows runs that were triggered before, one after the other: first those that have to be seen at work.
pub fn watch_all(session: &Session, works: &[Work], handles: &[Handle]) -> Vec<Report> {
    let begun = monotonic_clock::now();
    let mut order: Vec<usize> = (0..works.len()).collect();
    order.sort_by_key(|at| !works[*at].is_known_by_its_way());
    let each = order.into_iter().map(|at| {
        let work = &works[at];
        let line = &mut Line::since(begun, session, work, &|_| {});
        let report = services::watch(&work.target, &handles[at], line);
        (at, ended(session, report))
    });
    let mut each: Vec<(usize, Report)> = each.collect();
    each.sort_by_key(|(at, _)| *at);
    each.into_iter().map(|(_, report)| report).collect()
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

/// Whether a target is triggered and followed in one go: the only one, and one whose runs have to be seen at work, which could
/// be over before its turn comes.
fn is_run_whole(works: &[Work], at: usize) -> bool {
    works.len() == 1 || works[at].is_known_by_its_way()
}

/// Brings one target to its end: the first that is under way, and only if there is none, one that is run whole.
fn end_one(
    session: &Session,
    works: &[Work],
    kept: &Kept,
    places: &[Place],
) -> Option<(usize, Report)> {
    for (at, place) in places.iter().enumerate() {
        if let Place::Begun {
            at: begun,
            handle,
            halted,
        } = place
        {
            let keep = |handle: &Handle| kept.note(session, at, &works[at], handle);
            let line = &mut Line::since(*begun, session, &works[at], &keep);
            let halted = halted.clone();
            let report = services::follow_started(&works[at].target, handle, halted, line);
            return Some((at, ended(session, report)));
        }
    }
    let at = (0..works.len()).find(|at| is_free(works, places, *at))?;
    let keep = |handle: &Handle| kept.note(session, at, &works[at], handle);
    let line = &mut Line::new(session, &works[at], &keep);
    let report = services::run(&works[at].target, line);
    Some((at, ended(session, report)))
}

fn start(session: &Session, works: &[Work], kept: &Kept, at: usize) -> Place {
    let work = &works[at];
    let keep = |handle: &Handle| kept.note(session, at, work, handle);
    let begun = monotonic_clock::now();
    let started = services::start(&work.target, &mut Line::new(session, work, &keep));
    match started {
        Started {
            handle: Some(handle),
            problem: halted,
        } => Place::Begun {
            at: begun,
            handle,
            halted,
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

fn ended(session: &Session, report: Report) -> Report {
    session
        .terminal
        .say(&format!("{}: {}", report.target, report.verdict));
    report
}
