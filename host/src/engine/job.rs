//! Calls about one target: an instance of its own, one origin, one credential, limits on time.

use std::{sync::Arc, time::Duration};

use futures_util::FutureExt;
use tokio::time::Instant;
use wasmtime::{Store, component::Instance};

use super::{
    Engine,
    call::Calling,
    input::Source,
    limits::Allowance,
    problem::{Ended, Maker},
    report::bounded,
    state::{Keep, Record, Session, State, Tell},
    texts::few,
};
use crate::{
    bindings::{
        exports::proctor::ci::{service::Guest, sink::Publication},
        proctor::ci::types::{
            Event, Handle, Item, Mistake, Problem, Rate, Report, Started, Target,
        },
    },
    clock::now_ms,
    network::{Credential, Gate, Open, Origin, OriginError, Policy, Scheme, Times, Watch},
    secret::{Redactor, Secret},
    stop::Stop,
};

/// The longest time limit that is taken at its word.
const LONGEST_LIMIT: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// Where a target's requests may go, and as whom.
#[derive(Debug, Clone)]
pub struct Access {
    origin: Origin,
    credential: Option<Credential>,
    rate: Option<Rate>,
}

/// One call about one target.
#[derive(Clone)]
pub struct Job {
    pub target: Target,
    pub access: Access,
    /// Told of everything that happens, while it happens, from any thread.
    pub events: Tell,
    /// Told of each event with a handle, if anybody keeps handles.
    pub keep: Option<Keep>,
    pub stop: Stop,
}

impl Access {
    /// Access to the origin of `api_url`, with a credential if there is a key.
    ///
    /// # Errors
    /// [`OriginError`] if no component may be sent there.
    pub fn new(
        api_url: &str,
        scheme: Scheme,
        key: Option<Secret>,
        rate: Option<Rate>,
    ) -> Result<Self, OriginError> {
        Ok(Self {
            origin: Origin::parse(api_url)?,
            credential: key.map(|key| Credential { scheme, key }),
            rate,
        })
    }

    /// What keeps the key out of texts.
    pub(super) fn redactor(&self) -> Redactor {
        Redactor::new(self.key())
    }

    fn key(&self) -> Option<&Secret> {
        self.credential.as_ref().map(|credential| &credential.key)
    }
}

impl Engine {
    /// Triggers the target's run, follows it to its end and collects its results.
    ///
    /// Never fails: if the component does, or is cut off, the report holds what its events told, and why there is no
    /// more.
    pub async fn run(&self, job: Job) -> Report {
        let target = job.target.clone();
        self.report(job, None, move |store, service| {
            async move { service.call_run(store, &target).await }.boxed()
        })
        .await
    }

    /// Follows a run that was triggered earlier to its end and collects its results. Never fails, as [`Engine::run`].
    pub async fn watch(&self, job: Job, handle: Handle) -> Report {
        let target = job.target.clone();
        let known = Some(handle.clone());
        self.report(job, known, move |store, service| {
            async move { service.call_watch(store, &target, &handle).await }.boxed()
        })
        .await
    }

    /// Goes on with what an earlier process has begun, to its end. Never fails, as [`Engine::run`]. A plugin can only watch
    /// it.
    pub async fn resume(&self, job: Job, handle: Handle) -> Report {
        let Some(resumption) = self.0.resumption.clone() else {
            return self.watch(job, handle).await;
        };
        let target = job.target.clone();
        let known = Some(handle.clone());
        self.reported(job, known, move |store: &mut Store<State>, instance| {
            async move {
                let resumption = resumption.load(&mut *store, &instance)?;
                resumption.call_resume(store, &target, &handle).await
            }
            .boxed()
        })
        .await
    }

    /// Goes on with what an earlier process has begun, without following it. Of a plugin's nothing more is sent.
    pub async fn resume_start(&self, job: Job, handle: Handle) -> Started {
        let known = Some(handle.clone());
        let Some(resumption) = self.0.resumption.clone() else {
            return Started {
                handle: known,
                problem: None,
            };
        };
        let target = job.target.clone();
        let record = Record::new();
        let session = self.session(&job, &record);
        let answer = self.within(
            &job,
            &record,
            session,
            move |store: &mut Store<State>, instance: Instance| {
                async move {
                    let resumption = resumption.load(&mut *store, &instance)?;
                    resumption.call_resume_start(store, &target, &handle).await
                }
                .boxed()
            },
        );
        let answer = answer.await;
        self.started(&job, &record, answer, known)
    }

    /// Triggers what the target names and returns at once. If the component fails or is cut off, its events tell what
    /// may have been triggered.
    pub async fn start(&self, job: Job) -> Started {
        let target = job.target.clone();
        let record = Record::new();
        let answer = self.about(&job, &record, move |store, service| {
            async move { service.call_start(store, &target).await }.boxed()
        });
        let answer = answer.await;
        self.started(&job, &record, answer, None)
    }

    /// What was started, within bounds; if the component failed or was cut off, what its events told. `known` is what was
    /// triggered before.
    fn started(
        &self,
        job: &Job,
        record: &Record,
        answer: Result<Started, Ended>,
        known: Option<Handle>,
    ) -> Started {
        let bounded = answer.and_then(|started| {
            let mut handle = started.handle.map(|handle| of_own(&job.target, handle));
            let few = handle.as_mut().map_or(Ok(()), few);
            few.map_err(|excess| Ended::Broke(self.0.maker.clone(), excess.to_string()))?;
            Ok(Started { handle, ..started })
        });
        let limit = Duration::from_millis(job.target.timeout_ms);
        bounded.unwrap_or_else(|ended| Started {
            handle: record.take_journal().handle.or(known),
            problem: Some(ended.problem(limit, &job.access.redactor())),
        })
    }

    /// Settings that cannot be right, without asking the service.
    ///
    /// # Errors
    /// The host's problem if the component fails.
    pub async fn validate(&self, target: &Target) -> Result<Vec<Mistake>, Problem> {
        let (target, service) = (target.clone(), self.0.service.clone());
        self.pure(move |store, instance| {
            async move {
                let service = service.load(&mut *store, &instance)?;
                service.call_validate(store, &target).await
            }
            .boxed()
        })
        .await
    }

    /// Stops what a handle names.
    ///
    /// # Errors
    /// The component's problem, or the host's if the component fails or is cut off.
    pub async fn cancel(&self, job: Job, handle: Handle) -> Result<(), Problem> {
        let target = job.target.clone();
        self.answer(job, move |store, service| {
            async move { service.call_cancel(store, &target, &handle).await }.boxed()
        })
        .await
    }

    /// What can be run. Errors as for [`Engine::cancel`].
    pub async fn discover(&self, job: Job) -> Result<Vec<Item>, Problem> {
        let target = job.target.clone();
        self.answer(job, move |store, service| {
            async move { service.call_discover(store, &target).await }.boxed()
        })
        .await
    }

    /// Looks whether the target could be run, triggering nothing. Errors as for [`Engine::cancel`].
    pub async fn check(&self, job: Job) -> Result<Vec<String>, Problem> {
        let target = job.target.clone();
        self.answer(job, move |store, service| {
            async move { service.call_check(store, &target).await }.boxed()
        })
        .await
    }

    /// Makes a call that ends in a report. `known` is the run, if it was triggered before.
    async fn report(
        &self,
        job: Job,
        known: Option<Handle>,
        call: impl for<'a> FnOnce(&'a mut Store<State>, &'a Guest) -> Calling<'a, Report>
        + Send
        + 'static,
    ) -> Report {
        let service = self.0.service.clone();
        self.reported(job, known, move |store: &mut Store<State>, instance| {
            async move {
                let service = service.load(&mut *store, &instance)?;
                call(store, &service).await
            }
            .boxed()
        })
        .await
    }

    async fn reported(
        &self,
        job: Job,
        known: Option<Handle>,
        call: impl for<'a> FnOnce(&'a mut Store<State>, Instance) -> Calling<'a, Report>,
    ) -> Report {
        let started = Instant::now();
        let started_at_ms = now_ms();
        let record = Record::new();
        let session = self.session(&job, &record);
        let answer = self.within(&job, &record, session, call).await;
        let answer = answer.and_then(|report| {
            bounded(report).map_err(|excess| Ended::Broke(self.0.maker.clone(), excess.to_string()))
        });
        match answer {
            Ok(report) => Report {
                // Facts of the host's, whatever a plugin says.
                handle: report.handle.map(|handle| of_own(&job.target, handle)),
                target: job.target.name,
                provider: job.target.provider,
                location: job.target.location,
                ..report
            },
            Err(ended) => {
                let mut journal = record.take_journal();
                journal.handle = journal.handle.or(known);
                ended.report(&job, journal, started_at_ms, started.elapsed())
            }
        }
    }

    /// Makes a call that ends in a value or a problem.
    async fn answer<T: 'static>(
        &self,
        job: Job,
        call: impl for<'a> FnOnce(&'a mut Store<State>, &'a Guest) -> Calling<'a, Result<T, Problem>>
        + Send
        + 'static,
    ) -> Result<T, Problem> {
        let limit = Duration::from_millis(job.target.timeout_ms);
        self.about(&job, &Record::new(), call)
            .await
            .unwrap_or_else(|ended| Err(ended.problem(limit, &job.access.redactor())))
    }

    /// Publishes what `source` holds.
    ///
    /// # Errors
    /// The host's problem if the component fails or is cut off: then it is not known what was sent.
    pub async fn publish(
        &self,
        job: Job,
        source: Box<dyn Source>,
        observed_ms: Option<u64>,
    ) -> Result<Publication, Problem> {
        let target = job.target.clone();
        let limit = Duration::from_millis(job.target.timeout_ms);
        let record = Record::new();
        let sink = self.0.sink.clone();
        let sink = sink.ok_or_else(|| self.0.maker.internal("it keeps no results"))?;
        let session = Session {
            source: Some(source),
            ..self.session(&job, &record)
        };
        let publication = self.within(
            &job,
            &record,
            session,
            move |store: &mut Store<State>, instance: Instance| {
                async move {
                    let sink = sink.load(&mut *store, &instance)?;
                    sink.call_publish(store, &target, observed_ms).await
                }
                .boxed()
            },
        );
        publication
            .await
            .map_err(|ended| ended.problem(limit, &job.access.redactor()))
    }

    async fn about<T: 'static>(
        &self,
        job: &Job,
        record: &Record,
        call: impl for<'a> FnOnce(&'a mut Store<State>, &'a Guest) -> Calling<'a, T> + Send + 'static,
    ) -> Result<T, Ended> {
        let service = self.0.service.clone();
        let session = self.session(job, record);
        self.within(
            job,
            record,
            session,
            move |store: &mut Store<State>, instance: Instance| {
                async move {
                    let service = service.load(&mut *store, &instance)?;
                    call(store, &service).await
                }
                .boxed()
            },
        )
        .await
    }

    /// Makes a call that has the job's time and network.
    pub(super) async fn within<T: 'static>(
        &self,
        job: &Job,
        record: &Record,
        session: Session,
        call: impl for<'a> FnOnce(&'a mut Store<State>, Instance) -> Calling<'a, T>,
    ) -> Result<T, Ended> {
        let watch = self.watch_of(job);
        let session = match &watch {
            Some(watch) => heard(session, watch.clone()),
            None => session,
        };
        let limit = Duration::from_millis(job.target.timeout_ms).min(LONGEST_LIMIT);
        let times = Times {
            stop: job.stop.clone(),
            deadline: Instant::now() + limit,
        };
        let answer = self.call(
            session,
            self.gate(job, &times, watch),
            Allowance::TARGET,
            call,
        );
        tokio::select! {
            biased;
            answer = answer => answer.map_err(|error| Ended::of(&self.0.maker, &error, record)),
            cut = times.over() => Err(Ended::Cut(cut)),
        }
    }

    pub(super) fn session(&self, job: &Job, record: &Record) -> Session {
        let Access { origin, rate, .. } = &job.access;
        Session {
            stop: job.stop.clone(),
            stop_told: false,
            account: self.0.accounts.of(origin, job.access.key(), *rate),
            tell: Arc::clone(&job.events),
            keep: job.keep.clone(),
            provider: job.target.provider.clone(),
            record: record.clone(),
            source: None,
            target: Arc::from(job.target.name.as_str()),
        }
    }

    /// What writes down the job's requests, if they are.
    fn watch_of(&self, job: &Job) -> Option<Watch> {
        let plugin = match &self.0.maker {
            Maker::Proctor => None,
            Maker::Plugin(shown) => Some(&**shown),
        };
        let trace = self.0.network.trace()?;
        Some(trace.watch(&job.target, plugin))
    }

    fn gate(&self, job: &Job, times: &Times, watch: Option<Watch>) -> Gate {
        let events = Arc::clone(&job.events);
        Gate::open(Open {
            network: self.0.network.clone(),
            policy: Arc::new(Policy {
                origin: job.access.origin.clone(),
                credential: job.access.credential.clone(),
            }),
            redactor: job.access.redactor(),
            times: times.clone(),
            tell: Arc::new(move |text| events(Event::Debug(text))),
            target: Arc::from(job.target.name.as_str()),
            watch,
        })
    }
}

/// The session with a watch that hears of each event first.
fn heard(session: Session, watch: Watch) -> Session {
    let tell = Arc::clone(&session.tell);
    Session {
        tell: Arc::new(move |event| {
            watch.hear(&event);
            tell(event);
        }),
        ..session
    }
}

/// The handle as one of the target's own provider, whatever a plugin says.
fn of_own(target: &Target, handle: Handle) -> Handle {
    Handle {
        provider: target.provider.clone(),
        ..handle
    }
}
