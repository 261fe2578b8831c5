//! Running again what failed: how often, of which targets, and what comes of it.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use crate::{
    bindings::{
        exports::proctor::ci::{
            reports::TestRemark,
            reruns::{Joined, Outcome, Part, Piece, Repeated},
        },
        proctor::ci::types::{Code, Event, Mistake, Problem, Report, Stage, Verdict},
    },
    component::{Component, Work},
    config::plan::{Planned, milliseconds},
    failure::Failure,
    handles::Again,
    stop::Told,
};

use super::{
    excused::Excused,
    follow::{Assignment, Notes},
    ready::refuse,
    resume::{Keeper, is_unfound, named},
    session::{Session, interrupted},
    settled::Settled,
};

/// With less time than this a run would be paid for that nobody could follow. Ours.
const LEAST: Duration = Duration::from_secs(1);

/// How often what failed of a target is run again, and what is under way of that.
#[derive(Clone, Default)]
pub struct Reruns {
    pub most: u32,
    /// The part that the target's run is one of.
    pub again: Option<Again>,
    /// What keeps what is begun, if anything does.
    pub keeper: Option<Keeper>,
}

/// How often what failed is run again, for each target; says so beforehand.
///
/// # Errors
/// A usage failure if a target wants it by itself and cannot be run in part.
pub async fn settle(
    session: &Session,
    settled: &Settled,
    planned: &[Planned],
) -> Result<Vec<u32>, Failure> {
    let mut times = Vec::with_capacity(planned.len());
    let mut unable = Vec::new();
    for planned in planned {
        let own = planned.retries.unwrap_or_default();
        let above = settled.above_file.retry_failed;
        let of_file = planned.retries.or(settled.of_file.retry_failed);
        let wanted = above.or(of_file).unwrap_or_default();
        if wanted == 0 && own == 0 {
            times.push(0);
            continue;
        }
        let component = session.component_of(planned.plugin.as_deref());
        match component.can_rerun(&planned.target).await? {
            Ok(()) => times.push(wanted),
            Err(why) if own > 0 => return Err(refuse(session, planned, &[mistake(&why)])),
            Err(why) => {
                unable.push(format!("{} ({why})", planned.target.name));
                times.push(0);
            }
        }
    }
    if !unable.is_empty() {
        let unable: Vec<&str> = unable.iter().map(String::as_str).collect();
        let told = format!("what fails is not run again of {}", named(&unable));
        session.console.warn(&told);
    }
    if let Some(most) = times.iter().max().filter(|most| **most > 0) {
        session.console.note(&beforehand(*most));
    }
    Ok(times)
}

fn mistake(why: &str) -> Mistake {
    Mistake {
        parameter: Some("retries".to_owned()),
        message: format!("what fails of it cannot be run again: {why}"),
    }
}

fn beforehand(most: u32) -> String {
    let times = match most {
        1 => "once".to_owned(),
        most => format!("up to {most} times"),
    };
    format!(
        "tests that fail are run again, {times} for each target; every run that is started so counts against the plan's quota"
    )
}

/// Brings the assignments up to what was under way when all was left.
pub fn bring_up(assignments: &mut [Assignment], again: &[Option<Again>]) {
    for (assignment, again) in assignments.iter_mut().zip(again) {
        assignment.reruns.again.clone_from(again);
    }
}

/// What the tests of the target at this place were before.
pub fn remarks(place: usize, repeated: Vec<Repeated>) -> impl Iterator<Item = TestRemark> {
    let target = u32::try_from(place).unwrap_or(u32::MAX);
    repeated.into_iter().map(move |repeated| TestRemark {
        target,
        test: repeated.test,
        earlier: repeated.earlier,
        standing: None,
        quarantine: None,
    })
}

/// What was known of a target whose later run was broken off: why it has no end counts, and the tests stay as they were.
pub fn cut_short(before: Report, left: Report) -> Report {
    let told = |problem: Problem| Problem {
        message: format!("what had failed was being run again: {}", problem.message),
        ..problem
    };
    let mut warnings = before.warnings;
    warnings.extend(left.warnings);
    Report {
        verdict: left.verdict,
        reason: left.reason,
        problem: left.problem.map(told),
        handle: left.handle,
        duration_ms: before.duration_ms.saturating_add(left.duration_ms),
        warnings,
        ..before
    }
}

/// One target from its first run to its last.
pub struct Rounds {
    pub session: Session,
    pub component: Arc<dyn Component>,
    /// About the whole target.
    pub work: Work,
    pub reruns: Reruns,
    pub notes: Arc<Mutex<Notes>>,
    pub excused: Arc<Excused>,
    pub began: Instant,
}

impl Rounds {
    /// The call that comes first: about the part that is under way, or else about the whole target.
    pub fn first(&self) -> Work {
        match &self.reruns.again {
            Some(again) => self.about(again),
            None => self.work.clone(),
        }
    }

    /// Runs again what failed, as often as is wanted. `report` is what came of the first call.
    pub async fn after(mut self, report: Report) -> Report {
        let (mut round, mut joined) = match self.reruns.again.take() {
            // To take what was known for all of it would hide that a run may have been started, however often one looks.
            Some(again) if is_unfound(&report) => (again.round, broken_off(again.before, report)),
            Some(again) => (again.round, self.joined(again.before, report).await),
            None => (0, self.alone(report)),
        };
        while joined.complete && round < self.reruns.most {
            let Some(part) = self.next(&mut joined.outcome).await else {
                break;
            };
            round += 1;
            let (name, most) = (&self.work.target.name, self.reruns.most);
            self.session.console.rerunning(name, (round, most), &part);
            let report = self.run(round, part, &joined.outcome).await;
            joined = self.joined(joined.outcome, report).await;
        }
        joined.outcome.report
    }

    /// A run of the whole.
    fn alone(&self, report: Report) -> Joined {
        Joined {
            outcome: Outcome {
                report,
                repeated: Vec::new(),
                pieces: self.pieces(),
            },
            complete: true,
        }
    }

    /// What is to be run again, if anything is and there is still time for it.
    async fn next(&self, outcome: &mut Outcome) -> Option<Part> {
        let excused = self.excused.of(&self.session, &outcome.report).await;
        let narrowed = self.component.narrow(&self.work.target, outcome, &excused);
        let why = match (narrowed.await, self.work.stop.told()) {
            (Ok(Ok(None)), _) => return None,
            (Ok(Ok(Some(_))), Some(told)) => {
                self.not_begun(outcome, &told);
                return None;
            }
            (Ok(Ok(Some(_))), None) if self.is_superseded() => {
                "a newer build has taken this one's place".to_owned()
            }
            (Ok(Ok(Some(part))), None) if self.left() >= LEAST => return Some(part),
            (Ok(Ok(Some(_))), None) => "no time is left for it".to_owned(),
            (Ok(Err(why)), _) => why,
            (Err(problem), _) => problem.message,
        };
        self.warn(outcome, format!("what failed is not run again: {why}"));
        None
    }

    /// A word to stop came before what failed was run again. A signal is what ended it then; that another target failed is
    /// told of by whoever gave that word.
    fn not_begun(&self, outcome: &mut Outcome, told: &Told) {
        if told.failed.is_some() {
            return;
        }
        let report = &mut outcome.report;
        let by = format!("interrupted by {}", told.reason);
        let message = format!("{by} before what had failed was run again");
        report.verdict = Verdict::Cancelled;
        report.reason = Some(by);
        report.problem = Some(interrupted(message, "run again when ready"));
    }

    fn is_superseded(&self) -> bool {
        let keeper = self.reruns.keeper.as_ref();
        keeper.is_some_and(Keeper::is_superseded)
    }

    fn warn(&self, outcome: &mut Outcome, told: String) {
        (self.work.events)(Event::Warning(told.clone()));
        outcome.report.warnings.push(told);
    }

    /// What is left of the target's time, which is one for all of its runs.
    fn left(&self) -> Duration {
        let whole = Duration::from_millis(self.work.target.timeout_ms);
        whole.saturating_sub(self.began.elapsed())
    }

    async fn run(&self, round: u32, part: Part, before: &Outcome) -> Report {
        let console = &self.session.console;
        let redact = |text: &str| console.redact(text);
        let again = Again::new(round, part.settings, before.clone(), &redact);
        let work = self.about(&again);
        {
            let mut notes = self.notes();
            notes.handle = None;
            notes.tests.clear();
            notes.again = Some(again);
        }
        self.component.run(work).await
    }

    /// A call about a part, within the time that is left.
    fn about(&self, again: &Again) -> Work {
        let mut target = again.narrowed(&self.work.target);
        target.timeout_ms = milliseconds(self.left());
        let keeper = self.reruns.keeper.as_ref();
        Work {
            target,
            keep: keeper.map(|keeper| keeper.keep(Some(again.clone()))),
            ..self.work.clone()
        }
    }

    /// What was known before and what came later, together.
    async fn joined(&self, before: Outcome, again: Report) -> Joined {
        if is_interrupted(&again) {
            return broken_off(before, again);
        }
        let joined = self.component.join(&before, &again, self.pieces()).await;
        let joined = joined.unwrap_or_else(|problem| {
            let mut outcome = before;
            outcome.report.handle = again.handle;
            let told = format!("what failed was run again to no end: {}", problem.message);
            outcome.report.warnings.push(told);
            Joined {
                outcome,
                complete: false,
            }
        });
        // The part stays noted until there is another: whoever is left from here on can be gone on with from there.
        let repeated = &joined.outcome.repeated;
        self.notes().repeated.clone_from(repeated);
        joined
    }

    /// What the last run has triggered.
    fn pieces(&self) -> Vec<Piece> {
        let notes = self.notes();
        let triggers = notes.handle.iter().flat_map(|handle| &handle.triggers);
        let sent = triggers.filter(|trigger| trigger.stage != Stage::Planned);
        sent.map(|trigger| Piece {
            subject: trigger.subject.clone(),
            title: trigger.title.clone(),
        })
        .collect()
    }

    fn notes(&self) -> MutexGuard<'_, Notes> {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What was known before stands as far as the tests are concerned, and why the later run has no end counts.
fn broken_off(before: Outcome, again: Report) -> Joined {
    Joined {
        outcome: Outcome {
            report: cut_short(before.report, again),
            ..before
        },
        complete: false,
    }
}

fn is_interrupted(report: &Report) -> bool {
    let problem = report.problem.as_ref();
    problem.is_some_and(|problem| problem.code == Code::Interrupted)
}
