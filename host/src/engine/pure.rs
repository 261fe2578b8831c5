//! Calls that need neither network nor target.

use std::{sync::Arc, time::Duration};

use futures_util::FutureExt;
use wasmtime::{Store, component::Instance};

use super::{
    Engine,
    call::Calling,
    problem::{Ended, Maker},
    state::{Record, Session, State},
};
use crate::{
    bindings::{
        exports::proctor::ci::{
            reports::{
                self, Assessment, Circumstances, Conclusion, Expected, Policy, Remarks, ReportKind,
                Results, Unreadable,
            },
            reruns::{self, Joined, Outcome, Part, Piece},
        },
        proctor::ci::types::{Problem, Provider, Report, Target},
    },
    network::{Gate, account::Account},
    stop::Stop,
};

/// How long such a call may take altogether. How long the component may compute is bounded much closer: this is for what
/// comes on top of it, handing over hundreds of thousands of results on a machine that has other things to do.
const LIMIT: Duration = Duration::from_secs(600);

impl Engine {
    /// The services, described as data.
    ///
    /// # Errors
    /// As for every pure call: a problem of the code `internal` if the component fails.
    pub async fn providers(&self) -> Result<Vec<Provider>, Problem> {
        let service = self.0.service.clone();
        self.pure(move |store, instance| {
            async move {
                let service = service.load(&mut *store, &instance)?;
                service.call_providers(store).await
            }
            .boxed()
        })
        .await
    }

    /// The kinds of report that [`Engine::render`] knows.
    ///
    /// # Errors
    /// As for [`Engine::providers`].
    pub async fn report_kinds(&self) -> Result<Vec<ReportKind>, Problem> {
        let reports = self.reports()?;
        self.pure(move |store, instance| {
            async move {
                let reports = reports.load(&mut *store, &instance)?;
                reports.call_report_kinds(store).await
            }
            .boxed()
        })
        .await
    }

    /// Looks which tests are in quarantine, and whose trouble is new.
    ///
    /// # Errors
    /// As for [`Engine::providers`].
    pub async fn assess(
        &self,
        all: &[Report],
        remarks: &Remarks,
        circumstances: &Circumstances,
    ) -> Result<Assessment, Problem> {
        let reports = self.reports()?;
        let (all, remarks) = (all.to_vec(), remarks.clone());
        let circumstances = circumstances.clone();
        self.pure(move |store, instance| {
            async move {
                let reports = reports.load(&mut *store, &instance)?;
                let assessed = reports.call_assess(store, &all, &remarks, &circumstances);
                assessed.await
            }
            .boxed()
        })
        .await
    }

    /// Judges the reports of all targets, with what is remarked of them.
    ///
    /// # Errors
    /// As for [`Engine::providers`].
    pub async fn conclude(
        &self,
        all: &[Report],
        remarks: &Remarks,
        policy: &Policy,
    ) -> Result<Conclusion, Problem> {
        let reports = self.reports()?;
        let (all, remarks, policy) = (all.to_vec(), remarks.clone(), policy.clone());
        self.pure(move |store, instance| {
            async move {
                let reports = reports.load(&mut *store, &instance)?;
                reports.call_conclude(store, &all, &remarks, &policy).await
            }
            .boxed()
        })
        .await
    }

    /// Renders the results as a report of a kind.
    ///
    /// # Errors
    /// As for [`Engine::providers`]; also if the component does not know the kind, which its
    /// [`report_kinds`](Engine::report_kinds) tell beforehand.
    pub async fn render(&self, kind: &str, results: &Results) -> Result<String, Problem> {
        let reports = self.reports()?;
        let nonce = nonce()?;
        let (kind, results) = (kind.to_owned(), results.clone());
        let rendered = self
            .pure(move |store, instance| {
                async move {
                    let reports = reports.load(&mut *store, &instance)?;
                    reports.call_render(store, &kind, &results, &nonce).await
                }
                .boxed()
            })
            .await?;
        rendered.map_err(|why| self.0.maker.internal(&why))
    }

    /// Renders the results as a summary in at most `room` bytes; empty if they are too few for any.
    ///
    /// # Errors
    /// As for [`Engine::providers`].
    pub async fn summary(&self, results: &Results, room: u64) -> Result<String, Problem> {
        let reports = self.reports()?;
        let results = results.clone();
        self.pure(move |store, instance| {
            async move {
                let reports = reports.load(&mut *store, &instance)?;
                reports.call_summary(store, &results, room).await
            }
            .boxed()
        })
        .await
    }

    /// Reads results back that `render("json", …)` has written, merges those of several files, and adds targets that are
    /// missing. The inner error says which file is wrong and where: the fault of whoever wrote it.
    ///
    /// # Errors
    /// As for [`Engine::providers`].
    pub async fn read(
        &self,
        files: Vec<String>,
        expected: Vec<Expected>,
    ) -> Result<Result<Results, Unreadable>, Problem> {
        let reports = self.reports()?;
        self.pure(move |store, instance| {
            async move {
                let reports = reports.load(&mut *store, &instance)?;
                reports.call_read(store, &files, &expected).await
            }
            .boxed()
        })
        .await
    }

    /// Whether a target can be run in part. The inner error says why it never can; of a plugin nothing can.
    ///
    /// # Errors
    /// As for [`Engine::providers`].
    pub async fn can_rerun(&self, target: &Target) -> Result<Result<(), String>, Problem> {
        let Some(reruns) = self.0.reruns.clone() else {
            return Ok(Err("a plugin is asked for whole targets alone".to_owned()));
        };
        let target = target.clone();
        self.pure(move |store, instance| {
            async move {
                let reruns = reruns.load(&mut *store, &instance)?;
                reruns.call_can(store, &target).await
            }
            .boxed()
        })
        .await
    }

    /// What of a target is to be run again, if not only tests at these places failed. The inner error says why it cannot be
    /// named.
    ///
    /// # Errors
    /// As for [`Engine::providers`].
    pub async fn narrow(
        &self,
        target: &Target,
        outcome: &Outcome,
        excused: &[u32],
    ) -> Result<Result<Option<Part>, String>, Problem> {
        let reruns = self.reruns()?;
        let (target, outcome) = (target.clone(), outcome.clone());
        let excused = excused.to_vec();
        self.pure(move |store, instance| {
            async move {
                let reruns = reruns.load(&mut *store, &instance)?;
                reruns.call_narrow(store, &target, &outcome, &excused).await
            }
            .boxed()
        })
        .await
    }

    /// What a run and a later one of a part of it amount to.
    ///
    /// # Errors
    /// As for [`Engine::providers`].
    pub async fn join(
        &self,
        outcome: &Outcome,
        again: &Report,
        pieces: Vec<Piece>,
    ) -> Result<Joined, Problem> {
        let reruns = self.reruns()?;
        let (outcome, again) = (outcome.clone(), again.clone());
        self.pure(move |store, instance| {
            async move {
                let reruns = reruns.load(&mut *store, &instance)?;
                reruns.call_join(store, &outcome, &again, &pieces).await
            }
            .boxed()
        })
        .await
    }

    fn reruns(&self) -> Result<reruns::GuestIndices, Problem> {
        let reruns = self.0.reruns.clone();
        reruns.ok_or_else(|| self.0.maker.internal("it runs nothing in part"))
    }

    fn reports(&self) -> Result<reports::GuestIndices, Problem> {
        self.0
            .reports
            .clone()
            .ok_or_else(|| self.0.maker.internal("it makes no reports"))
    }

    /// Makes a call in an instance without a network.
    pub(super) async fn pure<T>(
        &self,
        call: impl for<'a> FnOnce(&'a mut Store<State>, Instance) -> Calling<'a, T>,
    ) -> Result<T, Problem> {
        let record = Record::new();
        let session = Session {
            stop: Stop::new(),
            stop_told: false,
            account: Account::new(None),
            tell: Arc::new(|_| {}),
            keep: None,
            provider: String::new(),
            record: record.clone(),
            source: None,
            target: Arc::default(),
        };
        let call = self.call(session, Gate::closed(), self.0.maker.allowance(), call);
        match tokio::time::timeout(LIMIT, call).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(error)) => {
                let ended = Ended::of(&self.0.maker, &error, &record);
                Err(ended.problem(LIMIT, &Default::default()))
            }
            Err(_) => Err(self.0.maker.internal("it did not answer")),
        }
    }
}

/// Random text that nobody who wrote a test's name could have known.
fn nonce() -> Result<String, Problem> {
    crate::nonce::nonce().map_err(|error| {
        Maker::Proctor.internal(&format!("the system gives no randomness: {error}"))
    })
}
