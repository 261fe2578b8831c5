//! When a request got its connection, for whoever wants to know.
//!
//! The client connects inside of the future that sends the request, so what belongs to a request is found in a variable
//! of its task. A connection that another request had left is not dialled, and gives no marks.

use std::{
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
    time::{Duration, Instant},
};

use tower_layer::Layer;
use tower_service::Service;

tokio::task_local! {
    static PROBE: Probe;
}

/// Takes the times of one request's connection. Clones are the same probe.
#[derive(Debug, Clone, Default)]
pub struct Probe(Arc<Mutex<Marks>>);

/// What is known of a request's connection.
#[derive(Debug, Clone, Copy, Default)]
pub struct Marks {
    /// When a new connection was begun; none if there was one already.
    pub dialled: Option<Instant>,
    /// How long its name was looked up; none if it is an address, or was given up before.
    pub resolving: Option<Duration>,
    /// When it stood, TLS included.
    pub connected: Option<Instant>,
}

impl Probe {
    /// Carries out what sends a request.
    pub async fn over<F: Future>(&self, sending: F) -> F::Output {
        PROBE.scope(self.clone(), sending).await
    }

    /// What is known by now.
    #[must_use]
    pub fn marks(&self) -> Marks {
        *self.lock()
    }

    fn lock(&self) -> MutexGuard<'_, Marks> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn current() -> Option<Probe> {
    PROBE.try_with(Clone::clone).ok()
}

/// Carries out the look-up of a name, and takes its time.
pub async fn resolving<T>(look_up: impl Future<Output = T>) -> T {
    let begun = Instant::now();
    let found = look_up.await;
    if let Some(probe) = current() {
        probe.lock().resolving = Some(begun.elapsed());
    }
    found
}

/// Makes a client tell of its connections.
#[derive(Debug, Clone, Copy)]
pub struct Dialling;

/// A connector that tells.
#[derive(Debug, Clone)]
pub struct Dialled<S>(S);

impl<S> Layer<S> for Dialling {
    type Service = Dialled<S>;

    fn layer(&self, connector: S) -> Dialled<S> {
        Dialled(connector)
    }
}

impl<S, R> Service<R> for Dialled<S>
where
    S: Service<R>,
    S::Future: Send + 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, to: R) -> Self::Future {
        // Taken now: a connection that another one overtakes is finished by a task of the client's own.
        let probe = current();
        if let Some(probe) = &probe {
            probe.lock().dialled = Some(Instant::now());
        }
        let connecting = self.0.call(to);
        Box::pin(async move {
            let connected = connecting.await?;
            if let Some(probe) = &probe {
                probe.lock().connected = Some(Instant::now());
            }
            Ok(connected)
        })
    }
}
