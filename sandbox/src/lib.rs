//! Hosted testing services, offline, over real HTTP on loopback: for `proctor demo`, `proctor sandbox` and the tests.
//!
//! Each service is written from its vendor's documentation, not from Proctor's client: it checks what it is sent and
//! refuses what the real service would refuse. What no vendor documents is marked ASSUMED at its place.

mod body;
mod bucket;
mod call;
mod connection;
mod control;
mod fault;
mod glob;
#[macro_use]
mod registry;
mod received;
mod scenario;
mod server;
mod spelling;
mod stream;
mod system;
mod tls;
mod wrong;

pub use fault::{Fault, FaultKind, Form, Place};
pub use received::Received;
pub use scenario::ScenarioError;

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use server::Shared;
pub use tls::Flaw;
use tls::Identity;

/// Takes a lock. That somebody panicked with it is told elsewhere.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What there is to know about a service of the sandbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServiceInfo {
    /// As in `proctor.toml`.
    pub name: &'static str,
    pub title: &'static str,
    /// A key that may do everything a run needs.
    pub key: &'static str,
    /// A key that may only read, where the service has such keys.
    pub read_only_key: Option<&'static str>,
    /// Where its API begins.
    pub path: &'static str,
    /// What below it every key may read.
    pub probe: &'static str,
    /// What `proctor demo` runs there: the settings of a target in TOML. `{system_url}` stands for the system under test.
    pub demo: &'static str,
    /// Where `proctor demo` publishes its results, in TOML; empty for a service that keeps none.
    pub demo_publish: &'static str,
}

// The services. Adding one is its module and its name here.
services!(keploy, checkview, testclix, izli, testmo);

/// How far a request has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// It is there, and nothing has been done about it.
    Received,
    /// It was carried out, and its answer is about to leave.
    Answered,
}

/// A running sandbox. Stops when dropped.
pub struct Sandbox {
    address: SocketAddr,
    ca_pem: Option<String>,
    shared: Arc<Shared>,
    stop: Option<tokio::sync::oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Sandbox {
    /// Starts to serve http. Port 0 takes any free port.
    ///
    /// # Errors
    /// If the address is not a loopback one, or cannot be listened on.
    pub fn start(listen: SocketAddr, scenario: Scenario) -> io::Result<Self> {
        Self::launch(listen, scenario, None)
    }

    /// Starts to serve https, with a certificate for `localhost`, 127.0.0.1 and the address listened on, that an
    /// authority made for this start alone has signed: see [`Sandbox::ca_pem`]. Otherwise as [`Sandbox::start`].
    ///
    /// # Errors
    /// As [`Sandbox::start`], and if no certificate can be made.
    pub fn start_tls(listen: SocketAddr, scenario: Scenario) -> io::Result<Self> {
        Self::launch(
            listen,
            scenario,
            Some(Identity::new(listen.ip(), None, None)?),
        )
    }

    /// As [`Sandbox::start_tls`], with a certificate that nobody should take.
    ///
    /// # Errors
    /// As [`Sandbox::start_tls`].
    pub fn start_tls_flawed(
        listen: SocketAddr,
        scenario: Scenario,
        flaw: Flaw,
    ) -> io::Result<Self> {
        let identity = Identity::new(listen.ip(), Some(flaw), None)?;
        Self::launch(listen, scenario, Some(identity))
    }

    /// As [`Sandbox::start_tls`], but serves only clients that show a certificate of one of these authorities, in PEM.
    ///
    /// # Errors
    /// As [`Sandbox::start_tls`], and `InvalidInput` if there is no authority in the text.
    pub fn start_for_clients(
        listen: SocketAddr,
        scenario: Scenario,
        client_ca: &str,
    ) -> io::Result<Self> {
        let identity = Identity::new(listen.ip(), None, Some(client_ca))?;
        Self::launch(listen, scenario, Some(identity))
    }

    fn launch(
        listen: SocketAddr,
        scenario: Scenario,
        identity: Option<Identity>,
    ) -> io::Result<Self> {
        if !listen.ip().is_loopback() {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                format!(
                    "the sandbox listens on loopback addresses only, not on {}",
                    listen.ip()
                ),
            ));
        }
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let listener = runtime.block_on(tokio::net::TcpListener::bind(listen))?;
        let address = listener.local_addr()?;
        let ca_pem = identity
            .as_ref()
            .map(|identity| identity.ca_pem().to_owned());
        let shared = Arc::new(Shared::new(scenario));
        let (stop, stopped) = tokio::sync::oneshot::channel();
        let served = Arc::clone(&shared);
        let thread = std::thread::Builder::new()
            .name("sandbox".to_owned())
            .spawn(move || runtime.block_on(server::serve(listener, identity, served, stopped)))?;
        Ok(Self {
            address,
            ca_pem,
            shared,
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    /// `http://127.0.0.1:PORT`, or `https://` if it was started so.
    #[must_use]
    pub fn url(&self) -> String {
        let scheme = if self.ca_pem.is_some() {
            "https"
        } else {
            "http"
        };
        format!("{scheme}://{}", self.address)
    }

    /// The certificate, in PEM, of the authority that a client must trust; none without TLS.
    #[must_use]
    pub fn ca_pem(&self) -> Option<&str> {
        self.ca_pem.as_deref()
    }

    /// The base URL of a service's API.
    ///
    /// # Panics
    /// If there is no such service.
    #[must_use]
    pub fn service_url(&self, service: &str) -> String {
        let info = services()
            .iter()
            .find(|info| info.name == service)
            .expect("a service of the sandbox");
        format!("{}{}", self.url(), info.path)
    }

    /// The URL of the system under test, which answers 200.
    #[must_use]
    pub fn system_url(&self) -> String {
        format!("{}{}", self.url(), system::PATH)
    }

    /// Every request to a service, in order.
    #[must_use]
    pub fn received(&self) -> Vec<Received> {
        self.shared.received()
    }

    /// How many requests of a method went to paths that match. `*` stands for any text without a slash; the path begins
    /// behind the service's own.
    #[must_use]
    pub fn count(&self, method: &str, path: &str) -> usize {
        self.received()
            .iter()
            .filter(|received| received.method == method && glob::matches(path, &received.path))
            .count()
    }

    /// The most connections that were open at once.
    #[must_use]
    pub fn most_connections(&self) -> usize {
        self.shared.most_connections()
    }

    /// Forgets the requests so far and the faults, and begins every service anew.
    pub fn reset(&self) {
        self.shared.reset();
    }

    /// Makes something go wrong.
    pub fn add_fault(&self, fault: Fault) {
        self.shared.add_fault(fault);
    }

    /// Has `watcher` told of each moment of each request to a service, with the request's number from 0. The sandbox does
    /// nothing else meanwhile.
    pub fn watch(&self, watcher: impl Fn(usize, Moment) + Send + Sync + 'static) {
        self.shared.watch(Arc::new(watcher));
    }

    /// Serves until the process ends.
    pub fn join(mut self) {
        if let Some(thread) = self.thread.take() {
            // A sandbox that panicked has told so on standard error.
            let _ = thread.join();
        }
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            // It may have ended by itself.
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
