use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use tokio::{
    task::{Id, JoinSet},
    time::{MissedTickBehavior, interval_at, sleep_until},
};

use crate::{
    bindings::exports::proctor::ci::{reports::Remarks, reruns::Repeated},
    bindings::proctor::ci::types::{
        Code, Event, Handle, Problem, Report, Stage, Started, Target, TestCase, Verdict,
    },
    component::{Work, no_remarks, without_run},
    config::{options::OnInterrupt, plan::milliseconds},
    failure::Failure,
    handles::{self, Again},
    signals::Signal,
    stop::{Stop, Told},
};

use super::{
    at_once::{AtOnce, Queue},
    excused::Excused,
    fail_fast::{self, FailFast},
    in_turn::{self, Place, Predecessors},
    rerun::{self, Reruns, Rounds},
    resume::Known,
    session::{GRACE, Session, interrupted, now_ms},
    settled::Settled,
};

/// How often it is said that something still goes on, where there is no live display.
const HEARTBEAT: Duration = Duration::from_secs(60);

/// How long stopping a run may take that was not followed yet. After a signal it is given up before.
const STOPPING: Duration = Duration::from_secs(10);

/// What to do about a target.
#[derive(Debug, Clone)]
pub enum Task {
    /// Trigger a run and follow it to its end.
    Run,
    /// Follow a run that was triggered before.
    Watch(Handle),
    /// Trigger a run and leave it.
    Start,
    /// Go on with what an earlier life of this job has begun, to its end.
    Resume(Known),
    /// Go on with it, and leave it.
    ResumeStart(Known),
}

impl Task {
    /// What was triggered before.
    const fn handle(&self) -> Option<&Handle> {
        match self {
            Self::Run | Self::Start => None,
            Self::Watch(handle) => Some(handle),
            Self::Resume(known) | Self::ResumeStart(known) => Some(&known.handle),
        }
    }
}

/// A target and what to do about it.
#[derive(Clone)]
pub struct Assignment {
    pub work: Work,
    pub task: Task,
    pub key_env: Option<String>,
    /// The plugin that carries it out, by its path as named.
    pub plugin: Option<String>,
    /// The file in which `--state` keeps what is begun, as long as it does.
    pub state: Option<String>,
    pub reruns: Reruns,
}

/// What came of all targets.
pub struct Followed {
    /// In the order of the assignments. Of a run that was only started there is the handle and no problem.
    pub reports: Vec<Report>,
    /// What is known beside the reports.
    pub remarks: Remarks,
    /// Of each report with a handle, what it is a part of, if what failed was being run again.
    pub again: Vec<Option<Again>>,
    /// Runs that were only started, once they are told from those that are to be judged.
    pub started: Vec<Report>,
    pub signal: Option<Signal>,
    pub started_at_ms: u64,
    pub duration_ms: u64,
}

/// What a target's events have told so far: all there is if it is left before its end.
#[derive(Default)]
pub struct Notes {
    pub handle: Option<Handle>,
    pub tests: Vec<TestCase>,
    /// Set while what failed is run again: the handle and the tests are those of that run.
    pub again: Option<Again>,
    /// What came of tests before they were run again.
    pub repeated: Vec<Repeated>,
}

impl Notes {
    /// What is known before anything happens.
    fn of(assignment: &Assignment) -> Self {
        let again = assignment.reruns.again.clone();
        let before = again.as_ref().map(|again| again.before.repeated.clone());
        Self {
            handle: assignment
                .task
                .handle()
                .filter(|it| handles::is_begun(it))
                .cloned(),
            tests: Vec::new(),
            repeated: before.unwrap_or_default(),
            again,
        }
    }
}

/// By what the end of a target is looked at before all have ended.
#[derive(Clone)]
pub struct Looks {
    pub fail_fast: Arc<FailFast>,
    pub excused: Arc<Excused>,
}

impl Looks {
    /// Those of the command with these options.
    pub fn of(settled: &Settled) -> Self {
        Self {
            fail_fast: Arc::new(FailFast::new(settled)),
            excused: Arc::new(Excused::new(settled)),
        }
    }
}

/// Carries out all assignments, at most `jobs` at once if that was said, until they end or a signal comes.
pub async fn follow(
    session: &Session,
    assignments: Vec<Assignment>,
    jobs: Option<usize>,
    (on_interrupt, looks): (OnInterrupt, Looks),
    stop: &Stop,
) -> Followed {
    let (started, started_at_ms) = (Instant::now(), now_ms());
    let targets: Vec<Target> = assignments
        .iter()
        .map(|each| each.work.target.clone())
        .collect();
    let names: Vec<String> = targets.iter().map(|target| target.name.clone()).collect();
    session.console.begin(&names);
    let mut flock = Flock::start(session, assignments, jobs, &looks);
    let signal = flock.until_done(session, on_interrupt, stop).await;
    let (mut reports, mut remarks, again) =
        flock.reports(targets, signal, on_interrupt, started_at_ms, started);
    session.console.finish();
    remarks
        .targets
        .extend(fail_fast::remarks(&mut reports, stop, signal));
    Followed {
        reports,
        remarks,
        again,
        started: Vec::new(),
        signal,
        started_at_ms,
        duration_ms: milliseconds(started.elapsed()),
    }
}

/// The assignments that are being carried out.
struct Flock {
    running: JoinSet<Report>,
    ids: Vec<Id>,
    done: Vec<Option<Report>>,
    notes: Vec<Arc<Mutex<Notes>>>,
}

impl Flock {
    fn start(
        session: &Session,
        assignments: Vec<Assignment>,
        jobs: Option<usize>,
        looks: &Looks,
    ) -> Self {
        let mut flock = Self {
            running: JoinSet::new(),
            ids: Vec::new(),
            done: vec![None; assignments.len()],
            notes: Vec::new(),
        };
        let works: Vec<&Work> = assignments.iter().map(|each| &each.work).collect();
        let under_way = assignments.iter().map(|each| each.task.handle().is_some());
        let places: Vec<(&Work, bool)> = works.iter().copied().zip(under_way).collect();
        let places = in_turn::places(&places);
        let at_once = AtOnce::new(&works, jobs);
        for (at, (assignment, before)) in assignments.into_iter().zip(places).enumerate() {
            let notes = Arc::new(Mutex::new(Notes::of(&assignment)));
            let carried = in_its_turn(
                session.clone(),
                assignment,
                before,
                at_once.queue(at),
                Arc::clone(&notes),
                looks.clone(),
            );
            flock.ids.push(flock.running.spawn(carried).id());
            flock.notes.push(notes);
        }
        flock
    }

    /// Waits until all are done, or until a signal has come and what follows from it has had its time.
    async fn until_done(
        &mut self,
        session: &Session,
        on_interrupt: OnInterrupt,
        stop: &Stop,
    ) -> Option<Signal> {
        let mut heartbeat = interval_at(tokio::time::Instant::now() + HEARTBEAT, HEARTBEAT);
        heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut signal = None;
        let mut last_moment = tokio::time::Instant::now();
        loop {
            tokio::select! {
                biased;
                ended = self.running.join_next_with_id() => match ended {
                    None => return signal,
                    Some(Ok((id, report))) => self.take(id, report),
                    // Its report is made of its notes.
                    Some(Err(_)) => {}
                },
                came = session.signals.first(), if signal.is_none() => {
                    signal = Some(came);
                    last_moment = tokio::time::Instant::now() + GRACE;
                    if on_interrupt == OnInterrupt::Detach {
                        self.running.shutdown().await;
                        return signal;
                    }
                    session.console.say(&format!("{} came: stopping the runs", came.name()));
                    stop.tell(came.name());
                }
                // Only once none is at work any more do their notes say all.
                () = sleep_until(last_moment), if signal.is_some() => {
                    self.running.shutdown().await;
                    return signal;
                }
                _ = heartbeat.tick() => session.console.heartbeat(),
            }
        }
    }

    fn take(&mut self, id: Id, report: Report) {
        if let Some(place) = self.ids.iter().position(|known| *known == id) {
            self.done[place] = Some(report);
        }
    }

    /// The reports of all, in order, with what is known beside them; of those that did not end, what their notes say.
    fn reports(
        self,
        targets: Vec<Target>,
        signal: Option<Signal>,
        on_interrupt: OnInterrupt,
        started_at_ms: u64,
        started: Instant,
    ) -> (Vec<Report>, Remarks, Vec<Option<Again>>) {
        let (mut reports, mut remarks, mut parts) = (Vec::new(), no_remarks(), Vec::new());
        let each = self.done.into_iter().zip(self.notes).zip(targets);
        for (place, ((done, notes), target)) in each.enumerate() {
            let mut notes =
                std::mem::take(&mut *notes.lock().unwrap_or_else(PoisonError::into_inner));
            let again = notes.again.take();
            let repeated = match (&done, &again) {
                // Its report is what was known before, and not what both amount to.
                (None, Some(again)) => again.before.repeated.clone(),
                _ => std::mem::take(&mut notes.repeated),
            };
            remarks.tests.extend(rerun::remarks(place, repeated));
            let report = match (done, &again) {
                // A component that failed after the trigger does not know that the run goes on.
                (Some(report), _) => Report {
                    handle: report
                        .handle
                        .or(notes.handle.filter(|_| goes_on(report.problem.as_ref()))),
                    ..report
                },
                (None, None) => Report {
                    started_at_ms,
                    duration_ms: milliseconds(started.elapsed()),
                    ..left_behind(target, notes, signal, on_interrupt)
                },
                (None, Some(again)) => rerun::cut_short(
                    again.before.report.clone(),
                    left_behind(target, notes, signal, on_interrupt),
                ),
            };
            reports.push(report);
            parts.push(again);
        }
        (reports, remarks, parts)
    }
}

fn goes_on(problem: Option<&Problem>) -> bool {
    problem.is_some_and(|problem| problem.code == Code::Internal)
}

/// The report of a target whose component has not ended.
fn left_behind(
    target: Target,
    notes: Notes,
    signal: Option<Signal>,
    on_interrupt: OnInterrupt,
) -> Report {
    let Notes { handle, tests, .. } = notes;
    let Some(signal) = signal else {
        let problem =
            Failure::internal("following the target has failed", "report it").into_problem();
        return Report {
            handle,
            tests,
            ..without_run(target, problem)
        };
    };
    let by = format!("interrupted by {}", signal.name());
    let is_answered = |handle: &Handle| {
        let mut triggers = handle.triggers.iter();
        triggers.any(|trigger| trigger.stage == Stage::Accepted)
    };
    let problem = match (&handle, on_interrupt) {
        (None, _) => interrupted(
            format!("{by} before a run was triggered"),
            "run again when ready",
        ),
        (Some(handle), _) if !is_answered(handle) => interrupted(
            format!("{by}; the trigger was not answered, so a run may have been started"),
            "let `proctor wait` look for it and follow it, or `proctor cancel` look for it and stop it",
        ),
        (Some(_), OnInterrupt::Detach) => interrupted(
            format!("{by}; the run goes on at the service"),
            "follow the run with `proctor wait`",
        ),
        (Some(_), OnInterrupt::Cancel) => interrupted(
            format!("{by}; the service did not stop the run in time"),
            "stop the run with `proctor cancel`, or follow it with `proctor wait`",
        ),
    };
    Report {
        verdict: Verdict::Cancelled,
        reason: Some(by),
        handle,
        tests,
        ..without_run(target, problem)
    }
}

/// Carries out an assignment once those before it that it has something in common with are done with.
async fn in_its_turn(
    session: Session,
    assignment: Assignment,
    (place, before): (Place, Predecessors),
    queue: Queue,
    notes: Arc<Mutex<Notes>>,
    looks: Looks,
) -> Report {
    if !before.is_empty() {
        let told = "waiting for another target that runs the same".to_owned();
        (assignment.work.events)(Event::Debug(told));
        let stop = assignment.work.stop.clone();
        tokio::select! {
            () = before.done() => {}
            _ = stop.wait() => {}
        }
    }
    let report = carry_out(session, assignment, queue, notes, &looks).await;
    drop(place);
    report
}

async fn carry_out(
    session: Session,
    assignment: Assignment,
    queue: Queue,
    notes: Arc<Mutex<Notes>>,
    looks: &Looks,
) -> Report {
    let stop = assignment.work.stop.clone();
    let _turn = tokio::select! {
        turn = queue.turn() => Some(turn),
        _ = stop.wait() => None,
    };
    let Assignment {
        mut work,
        task,
        plugin,
        reruns,
        ..
    } = assignment;
    let target = work.target.clone();
    let is_followed = !matches!(task, Task::Start | Task::ResumeStart(_));
    let end = End {
        session: &session,
        stop: &stop,
        notes: Arc::clone(&notes),
        fail_fast: &looks.fail_fast,
    };
    if let Some(told) = work.stop.told() {
        let report = match task.handle().cloned() {
            Some(handle) => {
                let part = reruns.again.as_ref().map(|again| again.narrowed(&target));
                work.target = part.unwrap_or(target);
                let report = stopped(&session, work, handle, plugin.as_deref(), &told).await;
                match reruns.again {
                    Some(again) => rerun::cut_short(again.before.report, report),
                    None => report,
                }
            }
            None => {
                let message = format!("interrupted by {} before a run was triggered", told.reason);
                Report {
                    verdict: Verdict::Cancelled,
                    ..without_run(target, interrupted(message, "run again when ready"))
                }
            }
        };
        return match is_followed {
            true => end.told(report).await,
            false => end.set_aside(report),
        };
    }
    let (show, heard) = (Arc::clone(&work.events), Arc::clone(&notes));
    work.events = Arc::new(move |event| {
        if note(&heard, &event) {
            show(event);
        }
    });
    let component = session.component_of(plugin.as_deref());
    let started_at_ms = now_ms();
    let rounds = Rounds {
        session: session.clone(),
        component: Arc::clone(&component),
        work,
        reruns,
        notes,
        excused: Arc::clone(&looks.excused),
        began: Instant::now(),
    };
    let work = rounds.first();
    if let Task::Resume(known) | Task::ResumeStart(known) = &task {
        (work.events)(Event::Warning(known.told()));
    }
    let started = match task {
        Task::Start => component.start(work).await,
        Task::ResumeStart(known) => component.resume_start(work, known.handle).await,
        Task::Run => {
            let report = component.run(work).await;
            return end.told(rounds.after(report).await).await;
        }
        Task::Watch(handle) => {
            let report = component.watch(work, handle).await;
            return end.told(rounds.after(report).await).await;
        }
        Task::Resume(known) => {
            let mut report = component.resume(work, known.handle.clone()).await;
            known.explain(&mut report);
            return end.told(rounds.after(report).await).await;
        }
    };
    Report {
        started_at_ms,
        ..with_handle(target, started)
    }
}

/// Stops a run that was triggered before and is not followed yet, as the word to stop has come.
async fn stopped(
    session: &Session,
    work: Work,
    handle: Handle,
    plugin: Option<&str>,
    told: &Told,
) -> Report {
    let target = work.target.clone();
    let by = format!("interrupted by {}", told.reason);
    // The word is about following the run: stopping it has the time that is left.
    let mut work = Work {
        stop: Stop::new(),
        ..work
    };
    work.target.timeout_ms = work.target.timeout_ms.min(milliseconds(STOPPING));
    let answer = session
        .component_of(plugin)
        .cancel(work, handle.clone())
        .await;
    let (handle, problem) = match answer {
        Ok(()) => (
            None,
            interrupted(
                format!("{by} before the run was followed; the run was stopped"),
                "run again when ready",
            ),
        ),
        Err(problem) => (
            Some(handle),
            interrupted(
                format!(
                    "{by} before the run was followed, and it was not stopped: {}",
                    problem.message
                ),
                "stop the run with `proctor cancel`, or follow it with `proctor wait`",
            ),
        ),
    };
    Report {
        verdict: Verdict::Cancelled,
        reason: Some(by),
        handle,
        ..without_run(target, problem)
    }
}

/// The end of a target.
struct End<'a> {
    session: &'a Session,
    stop: &'a Stop,
    notes: Arc<Mutex<Notes>>,
    fail_fast: &'a FailFast,
}

impl End<'_> {
    /// Tells of it while the target still has its turn: if it has failed and nothing else is to begin, nothing must have its
    /// turn before it is told so.
    async fn told(&self, report: Report) -> Report {
        let report = self.set_aside(report);
        self.session.console.ended(&report);
        self.fail_fast.look(self.session, &report, self.stop).await;
        report
    }

    /// The report as it is to be if another target has failed meanwhile.
    fn set_aside(&self, report: Report) -> Report {
        let notes = self.notes.lock().unwrap_or_else(PoisonError::into_inner);
        let has_begun = has_begun(&report, &notes);
        fail_fast::set_aside(report, self.stop, has_begun)
    }
}

/// Whether anything of the target was started. Where what failed is run again, something was before.
fn has_begun(report: &Report, notes: &Notes) -> bool {
    let handle = report.handle.as_ref().or(notes.handle.as_ref());
    handle.is_some_and(handles::is_begun) || notes.again.is_some() || !report.tests.is_empty()
}

/// What was started of a target, and why not all of it.
fn with_handle(target: Target, started: Started) -> Report {
    let Started { handle, problem } = started;
    let is_whole = problem.is_none() && handle.is_some();
    let nothing = || {
        let message = "it was started, and nothing says what leads to its run";
        Failure::internal(message, "report it to whoever has made the plugin").into_problem()
    };
    let report = without_run(target, problem.unwrap_or_else(nothing));
    Report {
        handle,
        verdict: match is_whole {
            true => Verdict::Passed,
            false => report.verdict,
        },
        problem: report.problem.filter(|_| !is_whole),
        ..report
    }
}

/// Takes down what counts if the target is left. Returns whether it is news to anybody else.
fn note(notes: &Mutex<Notes>, event: &Event) -> bool {
    let mut notes = notes.lock().unwrap_or_else(PoisonError::into_inner);
    match event {
        Event::Triggering(handle) => notes.handle = Some(handle.clone()),
        Event::Triggered(handle) => {
            let begun = handles::is_begun(handle).then(|| handle.clone());
            let known = std::mem::replace(&mut notes.handle, begun);
            return !known.is_some_and(|known| {
                is_same_but_for_state(&known, handle) || is_taken_back(&known, handle)
            });
        }
        Event::TestFinished(test) => notes.tests.push(test.clone()),
        _ => {}
    }
    true
}

/// Whether a handle only says in addition what was seen of a run on its way.
fn is_same_but_for_state(known: &Handle, handle: &Handle) -> bool {
    let without = |handle: &Handle| {
        let mut handle = handle.clone();
        for trigger in &mut handle.triggers {
            trigger.last_state = None;
        }
        handle
    };
    without(known) == without(handle)
}

/// Whether a handle says of a trigger that it certainly had no effect. Why is told beside it.
fn is_taken_back(known: &Handle, handle: &Handle) -> bool {
    let mut both = known.triggers.iter().zip(&handle.triggers);
    both.any(|(known, now)| known.stage == Stage::Sent && now.stage == Stage::Planned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bindings::{
        exports::proctor::ci::reruns::Outcome,
        proctor::ci::types::{Baseline, Trigger},
    };

    fn report() -> Report {
        without_run(
            crate::fixtures::target("shop"),
            interrupted("a word came".to_owned(), "wait"),
        )
    }

    fn handle(stage: Stage) -> Handle {
        Handle {
            provider: "browse".to_owned(),
            triggers: vec![Trigger {
                subject: "s".to_owned(),
                title: "S".to_owned(),
                stage,
                idempotency_key: None,
                job: None,
                runs: Vec::new(),
                at_ms: None,
                baseline: Baseline {
                    jobs: None,
                    runs: None,
                    state: None,
                },
                last_state: None,
            }],
        }
    }

    #[test]
    fn what_was_run_has_begun_though_its_retry_has_not() {
        assert!(!has_begun(&report(), &Notes::default()));
        let with = |stage| Notes {
            handle: Some(handle(stage)),
            ..Notes::default()
        };
        assert!(!has_begun(&report(), &with(Stage::Planned)));
        assert!(has_begun(&report(), &with(Stage::Sent)));
        let before = Outcome {
            report: report(),
            repeated: Vec::new(),
            pieces: Vec::new(),
        };
        let again = Notes {
            again: Some(Again::new(1, Vec::new(), before, &str::to_owned)),
            ..Notes::default()
        };
        assert!(has_begun(&report(), &again));
    }

    #[test]
    fn what_leads_nowhere_was_not_started() {
        let target = || crate::fixtures::target("shop");
        let started = |handle, problem| with_handle(target(), Started { handle, problem });
        assert_eq!(started(Some(handle(Stage::Accepted)), None).problem, None);
        let code = |report: Report| report.problem.map(|problem| problem.code);
        assert_eq!(code(started(None, None)), Some(Code::Internal));
        let interrupted = Some(interrupted("a word came".to_owned(), "wait"));
        assert_eq!(code(started(None, interrupted)), Some(Code::Interrupted));
    }

    #[test]
    fn what_was_not_answered_is_not_said_to_go_on() {
        for (stage, detached, cancelled) in [
            (
                None,
                "before a run was triggered",
                "before a run was triggered",
            ),
            (
                Some(Stage::Sent),
                "may have been started",
                "may have been started",
            ),
            (Some(Stage::Accepted), "goes on", "did not stop the run"),
        ] {
            for (on_interrupt, told) in [
                (OnInterrupt::Detach, detached),
                (OnInterrupt::Cancel, cancelled),
            ] {
                let notes = Notes {
                    handle: stage.map(handle),
                    ..Notes::default()
                };
                let target = crate::fixtures::target("shop");
                let left = left_behind(target, notes, Some(Signal::Terminate), on_interrupt);
                let problem = left.problem.expect("it has no end");
                assert!(
                    problem.message.contains(told),
                    "{stage:?}: {}",
                    problem.message
                );
                assert_eq!(left.handle, stage.map(handle));
            }
        }
    }

    #[test]
    fn what_had_no_effect_leaves_no_run_and_is_no_news() {
        let notes = Mutex::default();
        assert!(note(&notes, &Event::Triggering(handle(Stage::Sent))));
        assert!(!note(&notes, &Event::Triggered(handle(Stage::Planned))));
        assert_eq!(notes.lock().expect("no panic").handle, None);
        assert!(note(&notes, &Event::Triggering(handle(Stage::Sent))));
        assert!(note(&notes, &Event::Triggered(handle(Stage::Accepted))));
    }

    #[test]
    fn what_is_left_in_a_retry_has_the_tests_of_the_whole() {
        use crate::fixtures::test_case;
        let before = Report {
            tests: vec![
                test_case("stays", Verdict::Passed),
                test_case("again", Verdict::Failed),
            ],
            ..report()
        };
        let before = Outcome {
            report: before,
            repeated: Vec::new(),
            pieces: Vec::new(),
        };
        let again = Again::new(1, Vec::new(), before, &str::to_owned);
        // The retry has ended and is joined already, but nobody was told so.
        let notes = Notes {
            handle: Some(handle(Stage::Accepted)),
            tests: vec![test_case("again", Verdict::Passed)],
            repeated: vec![Repeated {
                test: 1,
                earlier: vec![test_case("again", Verdict::Failed)],
            }],
            again: Some(again),
        };
        let flock = Flock {
            running: JoinSet::new(),
            ids: Vec::new(),
            done: vec![None],
            notes: vec![Arc::new(Mutex::new(notes))],
        };
        let targets = vec![crate::fixtures::target("shop")];
        let signal = Some(Signal::Terminate);
        let (reports, remarks, parts) =
            flock.reports(targets, signal, OnInterrupt::Detach, 0, Instant::now());
        let verdicts: Vec<Verdict> = reports[0].tests.iter().map(|test| test.verdict).collect();
        assert_eq!(verdicts, [Verdict::Passed, Verdict::Failed]);
        assert!(
            remarks.tests.is_empty(),
            "they are about what was known before"
        );
        assert!(reports[0].handle.is_some() && parts[0].is_some());
    }
}
