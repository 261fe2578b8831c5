//! Connections, faults, and which service a request goes to.

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use http::{Request, Response};
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

use crate::body::{SentBody, halved, slow, stream_hit, truncated, whole};
use crate::call::{Call, Reply, Service};
use crate::connection::{Connection, Orders, Outgoing, Reset, Wrong};
use crate::fault::{Fault, FaultKind, Faults, Place};
use crate::received::Received;
use crate::tls::Identity;
use crate::{Moment, Scenario, control, lock, system, wrong};

/// The largest request that is read, in bytes.
const LARGEST: usize = 16 * 1024 * 1024;

/// How much of a slow answer comes at once, in bytes.
const DROP: usize = 16;

/// What all connections share.
pub struct Shared {
    services: Vec<Box<dyn Service>>,
    faults: Mutex<Faults>,
    received: Mutex<Log>,
    watcher: Mutex<Option<Watcher>>,
    connections: Connections,
    started: Instant,
}

/// Is told of each moment of each request, with the request's number.
pub type Watcher = Arc<dyn Fn(usize, Moment) + Send + Sync>;

/// How many connections are open, and how many were at once since the start or the last reset.
#[derive(Default)]
struct Connections {
    open: AtomicUsize,
    most: AtomicUsize,
}

/// A connection that counts.
struct Counted<'a>(&'a Connections);

/// The requests since the start or the last reset, and how many there were before.
#[derive(Default)]
struct Log {
    requests: Vec<Received>,
    forgotten: usize,
}

impl Shared {
    pub fn new(scenario: Scenario) -> Self {
        Self {
            services: scenario.services(),
            faults: Mutex::new(Faults::new(scenario.faults)),
            received: Mutex::default(),
            watcher: Mutex::default(),
            connections: Connections::default(),
            started: Instant::now(),
        }
    }

    pub fn received(&self) -> Vec<Received> {
        lock(&self.received).requests.clone()
    }

    pub fn add_fault(&self, fault: Fault) {
        lock(&self.faults).add(fault);
    }

    pub fn watch(&self, watcher: Watcher) {
        *lock(&self.watcher) = Some(watcher);
    }

    fn tell(&self, number: usize, moment: Moment) {
        // Without the lock, as the watcher may take its time.
        let watcher = lock(&self.watcher).clone();
        if let Some(watcher) = watcher {
            watcher(number, moment);
        }
    }

    pub fn most_connections(&self) -> usize {
        self.connections.most.load(Ordering::Relaxed)
    }

    pub fn reset(&self) {
        lock(&self.faults).clear();
        lock(&self.received).forget();
        self.connections.forget();
        for service in &self.services {
            service.reset();
        }
    }

    /// Notes a request before it is answered, so that one without an answer is counted too.
    fn note(&self, service: &dyn Service, call: &Call) -> usize {
        let mut received = lock(&self.received);
        received.requests.push(Received {
            service: service.info().name.to_owned(),
            method: call.method.to_string(),
            path: call.path.clone(),
            query: call.query.clone(),
            headers: call
                .headers
                .iter()
                .map(|(name, value)| {
                    (
                        name.to_string(),
                        String::from_utf8_lossy(value.as_bytes()).into_owned(),
                    )
                })
                .collect(),
            body: String::from_utf8_lossy(&call.body).into_owned(),
            status: 0,
            at_ms: u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX),
        });
        received.forgotten + received.requests.len() - 1
    }

    fn note_status(&self, at: usize, status: u16) {
        let mut received = lock(&self.received);
        // A request that was answered after a reset is no longer there.
        let place = at.checked_sub(received.forgotten);
        if let Some(received) = place.and_then(|at| received.requests.get_mut(at)) {
            received.status = status;
        }
    }
}

impl Connections {
    fn count(&self) -> Counted<'_> {
        let open = self.open.fetch_add(1, Ordering::Relaxed) + 1;
        self.most.fetch_max(open, Ordering::Relaxed);
        Counted(self)
    }

    fn forget(&self) {
        let open = self.open.load(Ordering::Relaxed);
        self.most.store(open, Ordering::Relaxed);
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.open.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Log {
    fn forget(&mut self) {
        self.forgotten += self.requests.len();
        self.requests.clear();
    }
}

/// Accepts connections until told to stop; with an identity over TLS.
pub async fn serve(
    listener: TcpListener,
    identity: Option<Identity>,
    shared: Arc<Shared>,
    mut stopped: oneshot::Receiver<()>,
) {
    let identity = identity.map(Arc::new);
    loop {
        tokio::select! {
            _ = &mut stopped => return,
            accepted = listener.accept() => {
                match accepted {
                    Ok((stream, _)) => drop(tokio::spawn(connection(stream, identity.clone(), Arc::clone(&shared)))),
                    // It went away before it was accepted, or there are too many: others must be let to end.
                    Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
                }
            }
        }
    }
}

async fn connection(stream: TcpStream, identity: Option<Arc<Identity>>, shared: Arc<Shared>) {
    let _counted = shared.connections.count();
    // Latency matters more than packets here.
    let _ = stream.set_nodelay(true);
    let reset = Reset::default();
    let connection = Connection::new(stream, reset.clone());
    let shared = Arc::clone(&shared);
    match identity {
        None => converse(connection, reset, shared).await,
        Some(identity) => {
            // A client that does not trust the certificate goes away again: its own business too.
            if let Ok(stream) = identity.accept(connection).await {
                converse(stream, reset, shared).await;
            }
        }
    }
}

async fn converse(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    reset: Reset,
    shared: Arc<Shared>,
) {
    let orders = Orders::default();
    let stream = Outgoing::new(stream, orders.clone());
    let hand = Hand { reset, orders };
    let service = service_fn(move |request| {
        let (shared, hand) = (Arc::clone(&shared), hand.clone());
        async move { respond(&shared, &hand, request).await }
    });
    // How a connection ends is the client's business.
    let _ = hyper::server::conn::http1::Builder::new()
        .half_close(true)
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

/// What a fault may do to the connection that it came by.
#[derive(Clone)]
struct Hand {
    reset: Reset,
    orders: Orders,
}

async fn respond(
    shared: &Shared,
    hand: &Hand,
    request: Request<Incoming>,
) -> io::Result<Response<SentBody>> {
    let (parts, body) = request.into_parts();
    // A body that breaks off, or has no end, gets no answer.
    let body = Limited::new(body, LARGEST).collect().await;
    let mut call = Call {
        method: parts.method,
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        headers: parts.headers,
        body: body.map_err(io::Error::other)?.to_bytes(),
    };
    if call.path == system::PATH {
        return Ok(whole(system::answer(&call)));
    }
    if let Some(path) = below(&call.path, control::PATH) {
        call.path = path;
        return Ok(whole(control::answer(shared, &call)));
    }
    let found = shared
        .services
        .iter()
        .find_map(|service| Some((service, below(&call.path, service.info().path)?)));
    match found {
        Some((service, path)) => {
            call.path = path;
            serve_call(shared, hand, service.as_ref(), &call).await
        }
        None => Ok(whole(Reply::text(
            404,
            "text/plain",
            "no service of the sandbox is here\n",
        ))),
    }
}

/// What of a path is behind a prefix that ends with a segment.
fn below(path: &str, prefix: &str) -> Option<String> {
    let rest = path.strip_prefix(prefix)?;
    (rest.is_empty() || rest.starts_with('/')).then(|| rest.to_owned())
}

async fn serve_call(
    shared: &Shared,
    hand: &Hand,
    service: &dyn Service,
    call: &Call,
) -> io::Result<Response<SentBody>> {
    let at = shared.note(service, call);
    shared.tell(at, Moment::Received);
    let fault = lock(&shared.faults).take(service.info().name, call.method.as_str(), &call.path);
    let outcome = match fault {
        None => Ok(whole(answered(service, call).await)),
        Some(fault) => hit(service, call, hand, fault).await,
    };
    if let Ok(response) = &outcome {
        shared.note_status(at, response.status().as_u16());
    }
    shared.tell(at, Moment::Answered);
    outcome
}

/// The service's own answer, when it comes.
async fn answered(service: &dyn Service, call: &Call) -> Reply {
    let reply = service.answer(call);
    if !reply.after.is_zero() {
        tokio::time::sleep(reply.after).await;
    }
    reply
}

/// Answers as the fault wants it.
async fn hit(
    service: &dyn Service,
    call: &Call,
    hand: &Hand,
    fault: FaultKind,
) -> io::Result<Response<SentBody>> {
    let processed = match &fault {
        FaultKind::Status { processed, .. }
        | FaultKind::Html { processed, .. }
        | FaultKind::WrongJson { processed }
        | FaultKind::DeepJson { processed, .. }
        | FaultKind::NotJson { processed } => *processed,
        FaultKind::ResetAfter => true,
        _ => false,
    };
    if processed {
        drop(service.answer(call));
    }
    match fault {
        FaultKind::Latency { ms } => {
            tokio::time::sleep(Duration::from_millis(ms)).await;
            Ok(whole(answered(service, call).await))
        }
        FaultKind::Hang => std::future::pending().await,
        FaultKind::ResetBefore | FaultKind::ResetAfter => {
            hand.reset.order();
            Err(io::ErrorKind::ConnectionReset.into())
        }
        FaultKind::TruncatedBody => Ok(truncated(answered(service, call).await)),
        FaultKind::HalfCharacters => Ok(halved(answered(service, call).await)),
        FaultKind::SlowBody { ms } => Ok(slow(
            answered(service, call).await,
            DROP,
            Duration::from_millis(ms),
        )),
        FaultKind::SlowHead { ms } => {
            let each = Duration::from_millis(ms);
            hand.orders.give(Wrong::Drops { bytes: DROP, each });
            let reply = answered(service, call).await;
            // What is asked on this connection later would be as slow.
            Ok(whole(reply.with("connection", "close")))
        }
        FaultKind::WrongLength { by } => {
            let reply = answered(service, call).await;
            if let Some(wrong) = wrong::of_wrong_length(&reply, by) {
                hand.orders.give(wrong);
            }
            Ok(whole(reply))
        }
        FaultKind::EndlessBody => {
            hand.orders.give(wrong::endless_body());
            Ok(whole(Reply::text(200, "application/json", "")))
        }
        FaultKind::EndlessHead => {
            hand.orders.give(wrong::endless_head());
            Ok(whole(Reply::text(200, "application/json", "")))
        }
        FaultKind::Nulls => Ok(whole(wrong::with_values(
            answered(service, call).await,
            |_| serde_json::Value::Null,
        ))),
        FaultKind::WrongTypes => Ok(whole(wrong::with_values(
            answered(service, call).await,
            wrong::of_another_type,
        ))),
        FaultKind::Leak {
            status,
            place: Place::Drops,
            form,
        } => {
            let reply = wrong::leak(service, call, status, (Place::Drops, form));
            Ok(slow(reply, 1, Duration::ZERO))
        }
        FaultKind::StreamStall
        | FaultKind::StreamBreakMidLine
        | FaultKind::StreamEarlyEnd
        | FaultKind::StreamEndless { .. } => Ok(stream_hit(answered(service, call).await, &fault)),
        other => Ok(whole(instead(service, call, other))),
    }
}

/// The answers that take the place of the service's own.
fn instead(service: &dyn Service, call: &Call, fault: FaultKind) -> Reply {
    match fault {
        FaultKind::Status {
            status,
            body,
            error_code,
            retry_after,
            ..
        } => {
            let reply = match body {
                Some(body) => Reply::text(status, "application/json", body),
                None => service.error(
                    call,
                    status,
                    error_code.as_deref(),
                    "as the sandbox was told",
                ),
            };
            match retry_after {
                Some(wait) => reply.with("retry-after", wait),
                None => reply,
            }
        }
        FaultKind::Html { status, .. } => Reply::text(
            status,
            "text/html",
            "<!doctype html><html><body><h1>502 Bad Gateway</h1></body></html>",
        ),
        FaultKind::WrongJson { .. } => Reply::text(
            200,
            "application/json",
            r#"[{"data": 7}, null, {"meta": []}]"#,
        ),
        FaultKind::Redirect { location } => {
            Reply::text(302, "text/plain", "elsewhere").with("location", location)
        }
        FaultKind::EchoKey { status } => {
            let key = service.credential(call).unwrap_or_default();
            service.error(
                call,
                status,
                None,
                &format!("the key {key} is not liked here"),
            )
        }
        FaultKind::Leak {
            status,
            place,
            form,
        } => wrong::leak(service, call, status, (place, form)),
        FaultKind::DeepJson { depth, .. } => wrong::deep(depth),
        FaultKind::HugeBody { bytes } => Reply::text(
            200,
            "application/json",
            format!("{{\"data\": \"{}\"}}", "x".repeat(bytes)),
        ),
        _ => Reply::text(200, "application/json", "{\"data\": {\"job_status\": "),
    }
}
