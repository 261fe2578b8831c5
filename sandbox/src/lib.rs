//! Hosted testing services, offline, over real HTTP on loopback: for `proctor demo`, `proctor sandbox` and the tests.
//!
//! Each service is written from its vendor's documentation, not from Proctor's client: it checks what it is sent and
//! refuses what the real service would refuse. What no vendor documents is marked ASSUMED at its place.

mod body;
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
mod stream;
mod system;

pub use fault::{Fault, FaultKind};
pub use received::Received;
pub use scenario::ScenarioError;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::thread::JoinHandle;

use server::Shared;

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
}

// The services. Adding one is its module and its name here.
services!(keploy);

/// A running sandbox. Stops when dropped.
pub struct Sandbox {
    address: SocketAddr,
    shared: Arc<Shared>,
    stop: Option<tokio::sync::oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Sandbox {
    /// Starts to serve. Port 0 takes any free port.
    ///
    /// # Errors
    /// If the address is not a loopback one, or cannot be listened on.
    pub fn start(listen: SocketAddr, scenario: Scenario) -> io::Result<Self> {
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
        let shared = Arc::new(Shared::new(scenario));
        let (stop, stopped) = tokio::sync::oneshot::channel();
        let served = Arc::clone(&shared);
        let thread = std::thread::Builder::new()
            .name("sandbox".to_owned())
            .spawn(move || runtime.block_on(server::serve(listener, served, stopped)))?;
        Ok(Self {
            address,
            shared,
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    /// `http://127.0.0.1:PORT`
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
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

    /// Makes something go wrong.
    pub fn add_fault(&self, fault: Fault) {
        self.shared.add_fault(fault);
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
