//! `GET /jobs/{jobId}/events`, and the same of a load test: a stream that ends with what it is about.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use serde_json::Value;
use tokio::sync::mpsc::{Sender, channel};
use tokio::time::Instant;

use super::jobs::Job;
use super::load::LoadTest;
use super::scenario::{App, Events, Settings};
use super::{Keploy, lock, shapes};
use crate::call::Reply;

/// How often a stream looks whether there is something to tell.
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// Whether the end is reached, and the event that tells how far it is; none once the sandbox has forgotten it.
type Look = Box<dyn Fn() -> Option<(bool, Value)> + Send>;

/// The stream of a job's events.
pub fn events(keploy: &Keploy, job: &Job) -> Reply {
    let (jobs, settings, id) = (
        Arc::clone(&keploy.jobs),
        keploy.settings.clone(),
        job.id.clone(),
    );
    stream(
        keploy,
        Box::new(move || {
            let jobs = lock(&jobs);
            let job = jobs.job(&id)?;
            let progress = job.progress(&settings);
            Some((progress.ended, shapes::event(job, &progress)))
        }),
    )
}

/// The stream of a load test's events.
pub fn load_events(keploy: &Keploy, app: &App, test: &LoadTest) -> Reply {
    let (tests, settings) = (Arc::clone(&keploy.load_tests), keploy.settings.clone());
    let (app, id) = (app.clone(), test.id.clone());
    stream(
        keploy,
        Box::new(move || {
            let tests = lock(&tests);
            let test = tests.iter().find(|test| test.id == id)?;
            Some(test.event(&settings, &app))
        }),
    )
}

fn stream(keploy: &Keploy, look: Look) -> Reply {
    let (send, receive) = channel::<Bytes>(16);
    tokio::spawn(tell(keploy.settings.clone(), look, send));
    let kind = match keploy.settings.events {
        Events::Ndjson => "application/x-ndjson",
        Events::Sse => "text/event-stream",
    };
    Reply::pieces(kind, receive)
}

/// Sends an event for each change, and signs of life in between, until the end or until nobody listens.
async fn tell(settings: Settings, look: Look, send: Sender<Bytes>) {
    let form = settings.events;
    let heartbeat_after = Duration::from_millis(settings.heartbeat_ms);
    let mut told = None;
    let mut last = Instant::now();
    while let Some((ended, event)) = look() {
        let piece = if told.as_ref() != Some(&event) {
            Some(frame(form, &event))
        } else if !heartbeat_after.is_zero() && last.elapsed() >= heartbeat_after {
            Some(heartbeat(form))
        } else {
            None
        };
        if let Some(piece) = piece {
            if send.send(piece).await.is_err() {
                return;
            }
            last = Instant::now();
        }
        if ended {
            return;
        }
        told = Some(event);
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

fn frame(form: Events, event: &Value) -> Bytes {
    Bytes::from(match form {
        Events::Ndjson => format!("{event}\n"),
        Events::Sse => format!("event: progress\ndata: {event}\n\n"),
    })
}

fn heartbeat(form: Events) -> Bytes {
    Bytes::from_static(match form {
        Events::Ndjson => b"\n",
        Events::Sse => b": alive\n\n",
    })
}
