//! `GET /jobs/{jobId}/events`: a stream that ends with its job.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use serde_json::Value;
use tokio::sync::mpsc::{Sender, channel};
use tokio::time::Instant;

use super::jobs::{Job, Jobs, Progress};
use super::scenario::{Events, Settings};
use super::{Keploy, lock, shapes};
use crate::call::Reply;

/// How often a stream looks whether there is something to tell.
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// The stream of a job's events.
pub fn events(keploy: &Keploy, job: &Job) -> Reply {
    let (send, receive) = channel::<Bytes>(16);
    let source = Source {
        jobs: Arc::clone(&keploy.jobs),
        settings: keploy.settings.clone(),
        job: job.id.clone(),
    };
    tokio::spawn(tell(source, send));
    let kind = match keploy.settings.events {
        Events::Ndjson => "application/x-ndjson",
        Events::Sse => "text/event-stream",
    };
    Reply::pieces(kind, receive)
}

/// Where a stream finds its events.
struct Source {
    jobs: Arc<Mutex<Jobs>>,
    settings: Settings,
    job: String,
}

impl Source {
    /// How far the job has come and the event that tells it; none once the sandbox has forgotten the job.
    fn look(&self) -> Option<(Progress, Value)> {
        let jobs = lock(&self.jobs);
        let job = jobs.job(&self.job)?;
        let progress = job.progress(&self.settings);
        let event = shapes::event(job, &progress);
        Some((progress, event))
    }
}

/// Sends an event for each change, and signs of life in between, until the job has ended or nobody listens.
async fn tell(source: Source, send: Sender<Bytes>) {
    let form = source.settings.events;
    let heartbeat_after = Duration::from_millis(source.settings.heartbeat_ms);
    let mut told = None;
    let mut last = Instant::now();
    while let Some((progress, event)) = source.look() {
        let piece = if told.as_ref() != Some(&progress) {
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
        if progress.ended {
            return;
        }
        told = Some(progress);
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
