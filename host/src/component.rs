//! What the host's front needs of a component, however it is run.

use std::{future::Future, path::Path, pin::Pin, sync::Arc};

use crate::{
    bindings::{
        exports::proctor::ci::{
            generation::{Generated, Wishes},
            reports::{
                Assessment, Circumstances, Conclusion, Expected, Policy, Remarks, ReportKind,
                Results, Unreadable,
            },
            reruns::{Joined, Outcome, Part, Piece},
            sink::{Publication, Tally},
        },
        proctor::ci::types::{
            Event, Handle, Item, Mistake, Problem, Provider, Report, Started, Target, Verdict,
        },
    },
    engine::{Access, Engine, Job, Keep, Source},
    failure::Failure,
    network::{Scheme, Trace, reach::Reach},
    secret::Secret,
    stop::Stop,
};

/// An answer that comes later.
pub type Later<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// What a component says of running something again: the inner error says why it cannot be done.
pub type Rerun<T> = Result<Result<T, String>, Problem>;

/// What reading results files comes to.
pub type Read = Result<Result<Results, Unreadable>, Problem>;

/// One call about one target.
#[derive(Clone)]
pub struct Work {
    pub target: Target,
    pub provider: Provider,
    pub key: Option<Secret>,
    /// Told of everything that happens, while it happens.
    pub events: Arc<dyn Fn(Event) + Send + Sync>,
    /// Told of each event with a handle, if handles are kept.
    pub keep: Option<Keep>,
    /// Told to stop, the component ends within seconds.
    pub stop: Stop,
}

/// A component with services and reports.
///
/// Every call may fail with a problem of the code `internal` if the component itself fails; `run` and `watch` say so in
/// the report they return.
pub trait Component: Send + Sync {
    fn providers(&self) -> Later<'_, Result<Vec<Provider>, Problem>>;
    fn report_kinds(&self) -> Later<'_, Result<Vec<ReportKind>, Problem>>;
    fn run(&self, work: Work) -> Later<'_, Report>;
    fn start(&self, work: Work) -> Later<'_, Started>;
    fn validate<'a>(&'a self, target: &'a Target) -> Later<'a, Result<Vec<Mistake>, Problem>>;
    fn watch(&self, work: Work, handle: Handle) -> Later<'_, Report>;
    /// Goes on with what an earlier process has begun; whoever cannot send what is left at least watches.
    fn resume(&self, work: Work, handle: Handle) -> Later<'_, Report> {
        self.watch(work, handle)
    }
    /// The same without following it.
    fn resume_start(&self, _work: Work, handle: Handle) -> Later<'_, Started> {
        let started = Started {
            handle: Some(handle),
            problem: None,
        };
        Box::pin(std::future::ready(started))
    }
    fn cancel(&self, work: Work, handle: Handle) -> Later<'_, Result<(), Problem>>;
    /// `observed_ms` is how long the tests took, where somebody has measured it.
    fn publish(
        &self,
        work: Work,
        source: Box<dyn Source>,
        observed_ms: Option<u64>,
    ) -> Later<'_, Publication>;
    fn discover(&self, work: Work) -> Later<'_, Result<Vec<Item>, Problem>>;
    /// Has a service make what can be run. Whoever has no services that could says so.
    fn generate(&self, work: Work, _wishes: Wishes) -> Later<'_, Generated> {
        Box::pin(std::future::ready(ungenerated(cannot_generate(&work))))
    }
    fn check(&self, work: Work) -> Later<'_, Result<Vec<String>, Problem>>;
    /// Writes down all requests from now on.
    fn record(&self, _trace: &Trace) {}
    /// Goes by this from the first request on. What has no network need not know.
    fn set_reach(&self, _: &Reach) {}
    /// Loads a plugin. `shown` is its path as the user named it.
    fn plugin<'a>(
        &'a self,
        path: &'a Path,
        shown: &'a str,
    ) -> Later<'a, Result<Arc<dyn Component>, Failure>>;
    /// Looks which tests are in quarantine, and whose trouble is new.
    fn assess<'a>(
        &'a self,
        reports: &'a [Report],
        remarks: &'a Remarks,
        circumstances: &'a Circumstances,
    ) -> Later<'a, Result<Assessment, Problem>>;
    fn conclude<'a>(
        &'a self,
        reports: &'a [Report],
        remarks: &'a Remarks,
        policy: &'a Policy,
    ) -> Later<'a, Result<Conclusion, Problem>>;
    fn render<'a>(
        &'a self,
        kind: &'a str,
        results: &'a Results,
    ) -> Later<'a, Result<String, Problem>>;
    /// A summary in at most `room` bytes; empty if they are too few for any.
    fn summary<'a>(&'a self, results: &'a Results, room: u64)
    -> Later<'a, Result<String, Problem>>;
    /// Whether a target can be run in part.
    fn can_rerun<'a>(&'a self, _target: &'a Target) -> Later<'a, Rerun<()>> {
        let cannot = "nothing is run in part here".to_owned();
        Box::pin(std::future::ready(Ok(Err(cannot))))
    }
    /// What of a target is to be run again, if anything is. The failure of tests at these places is no reason.
    fn narrow<'a>(
        &'a self,
        _target: &'a Target,
        _outcome: &'a Outcome,
        _excused: &'a [u32],
    ) -> Later<'a, Rerun<Option<Part>>> {
        Box::pin(std::future::ready(Ok(Ok(None))))
    }
    /// What a run and a later one of a part of it, which has triggered these pieces, amount to.
    fn join<'a>(
        &'a self,
        outcome: &'a Outcome,
        _again: &'a Report,
        _pieces: Vec<Piece>,
    ) -> Later<'a, Result<Joined, Problem>> {
        let joined = Joined {
            outcome: outcome.clone(),
            complete: false,
        };
        Box::pin(std::future::ready(Ok(joined)))
    }
    /// Merges the results of several files. The inner error says which file is wrong, and where.
    fn read(&self, files: Vec<String>, expected: Vec<Expected>) -> Later<'_, Read>;
}

impl Work {
    fn access(&self) -> Result<Access, Problem> {
        Access::new(
            &self.target.api_url,
            Scheme::of(&self.provider, &self.target),
            self.key.clone(),
            self.provider.rate,
        )
        .map_err(|error| {
            Failure::usage(
                format!(
                    "the API of target `{}` is out of bounds: {error}",
                    self.target.name
                ),
                "correct `api_url`; nothing was triggered",
            )
            .into_problem()
        })
    }

    fn job(self) -> Result<Job, Problem> {
        let access = self.access()?;
        let Self {
            target,
            events,
            keep,
            stop,
            ..
        } = self;
        Ok(Job {
            target,
            access,
            events,
            keep,
            stop,
        })
    }
}

impl Component for Engine {
    fn providers(&self) -> Later<'_, Result<Vec<Provider>, Problem>> {
        Box::pin(self.providers())
    }

    fn report_kinds(&self) -> Later<'_, Result<Vec<ReportKind>, Problem>> {
        Box::pin(self.report_kinds())
    }

    fn run(&self, work: Work) -> Later<'_, Report> {
        Box::pin(async move {
            let target = work.target.clone();
            match work.job() {
                Ok(job) => self.run(job).await,
                Err(problem) => without_run(target, problem),
            }
        })
    }

    fn start(&self, work: Work) -> Later<'_, Started> {
        Box::pin(async move {
            match work.job() {
                Ok(job) => self.start(job).await,
                Err(problem) => Started {
                    handle: None,
                    problem: Some(problem),
                },
            }
        })
    }

    fn validate<'a>(&'a self, target: &'a Target) -> Later<'a, Result<Vec<Mistake>, Problem>> {
        Box::pin(self.validate(target))
    }

    fn watch(&self, work: Work, handle: Handle) -> Later<'_, Report> {
        Box::pin(async move {
            let target = work.target.clone();
            match work.job() {
                Ok(job) => self.watch(job, handle).await,
                Err(problem) => Report {
                    handle: Some(handle),
                    ..without_run(target, problem)
                },
            }
        })
    }

    fn resume(&self, work: Work, handle: Handle) -> Later<'_, Report> {
        Box::pin(async move {
            let target = work.target.clone();
            match work.job() {
                Ok(job) => self.resume(job, handle).await,
                Err(problem) => Report {
                    handle: Some(handle),
                    ..without_run(target, problem)
                },
            }
        })
    }

    fn resume_start(&self, work: Work, handle: Handle) -> Later<'_, Started> {
        Box::pin(async move {
            match work.job() {
                Ok(job) => self.resume_start(job, handle).await,
                Err(problem) => Started {
                    handle: Some(handle),
                    problem: Some(problem),
                },
            }
        })
    }

    fn cancel(&self, work: Work, handle: Handle) -> Later<'_, Result<(), Problem>> {
        Box::pin(async move { self.cancel(work.job()?, handle).await })
    }

    fn publish(
        &self,
        work: Work,
        source: Box<dyn Source>,
        observed_ms: Option<u64>,
    ) -> Later<'_, Publication> {
        Box::pin(async move {
            match work.job() {
                Ok(job) => self
                    .publish(job, source, observed_ms)
                    .await
                    .unwrap_or_else(unpublished),
                Err(problem) => unpublished(problem),
            }
        })
    }

    fn discover(&self, work: Work) -> Later<'_, Result<Vec<Item>, Problem>> {
        Box::pin(async move { self.discover(work.job()?).await })
    }

    fn generate(&self, work: Work, wishes: Wishes) -> Later<'_, Generated> {
        Box::pin(async move {
            let cannot = cannot_generate(&work);
            let generated = match work.job() {
                Ok(job) => self.generate(job, wishes).await.unwrap_or(Err(cannot)),
                Err(problem) => Err(problem),
            };
            generated.unwrap_or_else(ungenerated)
        })
    }

    fn check(&self, work: Work) -> Later<'_, Result<Vec<String>, Problem>> {
        Box::pin(async move { self.check(work.job()?).await })
    }

    fn record(&self, trace: &Trace) {
        self.record(trace);
    }

    fn set_reach(&self, reach: &Reach) {
        self.network().set_reach(reach.clone());
    }

    fn plugin<'a>(
        &'a self,
        path: &'a Path,
        shown: &'a str,
    ) -> Later<'a, Result<Arc<dyn Component>, Failure>> {
        Box::pin(async move {
            let plugin = self.plugin(path, shown).await?;
            Ok(Arc::new(plugin) as Arc<dyn Component>)
        })
    }

    fn assess<'a>(
        &'a self,
        reports: &'a [Report],
        remarks: &'a Remarks,
        circumstances: &'a Circumstances,
    ) -> Later<'a, Result<Assessment, Problem>> {
        Box::pin(self.assess(reports, remarks, circumstances))
    }

    fn conclude<'a>(
        &'a self,
        reports: &'a [Report],
        remarks: &'a Remarks,
        policy: &'a Policy,
    ) -> Later<'a, Result<Conclusion, Problem>> {
        Box::pin(self.conclude(reports, remarks, policy))
    }

    fn render<'a>(
        &'a self,
        kind: &'a str,
        results: &'a Results,
    ) -> Later<'a, Result<String, Problem>> {
        Box::pin(self.render(kind, results))
    }

    fn summary<'a>(
        &'a self,
        results: &'a Results,
        room: u64,
    ) -> Later<'a, Result<String, Problem>> {
        Box::pin(self.summary(results, room))
    }

    fn can_rerun<'a>(&'a self, target: &'a Target) -> Later<'a, Rerun<()>> {
        Box::pin(self.can_rerun(target))
    }

    fn narrow<'a>(
        &'a self,
        target: &'a Target,
        outcome: &'a Outcome,
        excused: &'a [u32],
    ) -> Later<'a, Rerun<Option<Part>>> {
        Box::pin(self.narrow(target, outcome, excused))
    }

    fn join<'a>(
        &'a self,
        outcome: &'a Outcome,
        again: &'a Report,
        pieces: Vec<Piece>,
    ) -> Later<'a, Result<Joined, Problem>> {
        Box::pin(self.join(outcome, again, pieces))
    }

    fn read(&self, files: Vec<String>, expected: Vec<Expected>) -> Later<'_, Read> {
        Box::pin(self.read(files, expected))
    }
}

/// What became of a making that never began, or of which nothing is known.
#[must_use]
pub fn ungenerated(problem: Problem) -> Generated {
    Generated {
        items: Vec::new(),
        job: None,
        problem: Some(problem),
        warnings: Vec::new(),
    }
}

/// The problem of a component that makes nothing.
fn cannot_generate(work: &Work) -> Problem {
    Failure::usage(
        format!("{} cannot generate anything", work.provider.name),
        "name a target whose service can, such as keploy; nothing was triggered",
    )
    .into_problem()
}

/// A publication of which nothing was sent.
#[must_use]
pub fn unpublished(problem: Problem) -> Publication {
    Publication {
        run: None,
        read: Tally {
            passed: 0,
            failed: 0,
            errored: 0,
            skipped: 0,
        },
        sent: 0,
        kept: 0,
        problem: Some(problem),
        warnings: Vec::new(),
    }
}

/// The report of a target for which the component was not asked, or did not answer.
#[must_use]
pub fn without_run(target: Target, problem: Problem) -> Report {
    Report {
        target: target.name,
        provider: target.provider,
        verdict: Verdict::Errored,
        reason: None,
        problem: Some(problem),
        run: None,
        handle: None,
        tests: Vec::new(),
        warnings: Vec::new(),
        started_at_ms: 0,
        duration_ms: 0,
        queued_ms: None,
        location: target.location,
    }
}

/// Nothing to remark beside the reports.
#[must_use]
pub fn no_remarks() -> Remarks {
    Remarks {
        tests: Vec::new(),
        targets: Vec::new(),
    }
}
