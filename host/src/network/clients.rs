//! The HTTP clients that all targets share, so that connections are kept.

use std::{
    net::SocketAddr,
    sync::{Arc, OnceLock},
    time::Duration,
};

use reqwest::{
    Client, ClientBuilder,
    dns::{Addrs, Name, Resolve, Resolving},
    redirect,
};

use super::{
    dialling::{self, Dialling},
    fault::{DnsFailure, chain},
    lanes::{self, Lanes},
    origin::Origin,
    proxy::Route,
    reach::{As, Reach},
    trace::Trace,
};
use crate::diagnostics::is_finest;

/// How long it may take until a connection stands, TLS included.
pub const CONNECT_LIMIT: Duration = Duration::from_secs(10);

/// How long an idle connection is kept. Longer than the longest usual pause between two polls.
const KEEP_IDLE: Duration = Duration::from_secs(90);

/// The way out, shared by all targets. Cheap to clone.
#[derive(Clone, Default)]
pub struct Network(Arc<Clients>);

/// Each is made at its first use: reading the system's certificates takes time that a run over http has not to spend.
#[derive(Default)]
struct Clients {
    reach: OnceLock<Reach>,
    /// http to this machine: no proxy, no certificates.
    plain: OnceLock<Result<Client, String>>,
    /// https to this machine: no proxy.
    local: OnceLock<Result<Client, String>>,
    /// https, by the proxy that the environment names.
    outside: OnceLock<Result<Client, String>>,
    trace: OnceLock<Trace>,
    lanes: Lanes,
}

impl Network {
    /// A network that has not been used yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Writes down all requests from now on. Only the first trace counts.
    pub fn record(&self, trace: &Trace) {
        // Whoever began the other one has ended by now, or shares it.
        let _ = self.0.trace.set(trace.clone());
    }

    /// Where requests are written down, if they are.
    pub(crate) fn trace(&self) -> Option<&Trace> {
        self.0.trace.get()
    }

    /// Goes by this from now on. What is said first counts: connections are kept.
    pub fn set_reach(&self, reach: Reach) {
        // Settled once, before anything is sent.
        let _ = self.0.reach.set(reach);
    }

    /// Whether services are shown a client certificate.
    pub(super) fn shows_certificate(&self) -> bool {
        self.0.reach.get().and_then(Reach::identity).is_some()
    }

    /// What was said of the line, without the passwords of proxies.
    pub(super) fn conceal(&self, said: &str) -> String {
        let reach = self.0.reach.get();
        reach.map_or_else(|| said.to_owned(), |reach| reach.conceal(said))
    }

    /// The bounds on what is under way at once.
    pub(super) fn lanes(&self) -> &Lanes {
        &self.0.lanes
    }

    /// The client for an origin.
    ///
    /// # Errors
    /// Why it cannot be made: the environment names a store without certificates, or a proxy that cannot be used.
    pub(crate) fn client(&self, origin: &Origin) -> Result<&Client, String> {
        let reach = self.0.reach.get_or_init(Reach::default);
        let watched = |builder: ClientBuilder| match self.is_watched() {
            true => builder.connector_layer(Dialling),
            false => builder,
        };
        let client = match (origin.is_loopback(), origin.is_secure()) {
            (true, false) => self.0.plain.get_or_init(|| plain(watched(local()))),
            (true, true) => {
                let local = || local_over_tls(watched(local()), reach);
                self.0.local.get_or_init(local)
            }
            (false, _) => {
                reach
                    .route(&origin.url())
                    .map_err(|error| error.to_string())?;
                let outside = || outside(watched(builder(Anywhere)), reach);
                self.0.outside.get_or_init(outside)
            }
        };
        client.as_ref().map_err(Clone::clone)
    }

    /// Whether an origin is reached without a proxy.
    pub(super) fn is_direct(&self, origin: &Origin) -> bool {
        let reach = self.0.reach.get_or_init(Reach::default);
        let route = reach.route(&origin.url());
        origin.is_loopback() || matches!(route, Ok(Route::Direct(_)))
    }

    /// Whether anybody wants to know of connections.
    fn is_watched(&self) -> bool {
        self.trace().is_some() || is_finest()
    }
}

impl std::fmt::Debug for Network {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Network")
    }
}

fn builder(resolver: impl Resolve + 'static) -> ClientBuilder {
    // Fails only if a provider is installed already, which will do as well.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder()
        .user_agent(concat!("proctor/", env!("CARGO_PKG_VERSION")))
        .redirect(redirect::Policy::none())
        .referer(false)
        .connect_timeout(CONNECT_LIMIT)
        .pool_idle_timeout(KEEP_IDLE)
        .pool_max_idle_per_host(lanes::REQUESTS)
        .dns_resolver(Arc::new(resolver))
}

fn local() -> ClientBuilder {
    builder(Loopback)
}

/// A client for what is no service: no certificate of the client's is shown, and names are looked up in the usual way.
///
/// # Errors
/// As for [`Network::client`].
pub fn visitor(reach: &Reach, connect: Duration, answer: Duration) -> Result<Client, String> {
    // Fails only if a provider is installed already, which will do as well.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let builder = Client::builder()
        .connect_timeout(connect)
        .timeout(answer)
        .redirect(redirect::Policy::none())
        .user_agent(concat!("proctor/", env!("CARGO_PKG_VERSION")));
    let builder = reach.apply(builder, As::Anybody)?;
    builder.build().map_err(|error| chain(&error))
}

/// A client for the CI system's own API at an origin: as for a service, but no certificate of the client's is shown.
///
/// # Errors
/// As for [`Network::client`].
pub fn platform(reach: &Reach, origin: &Origin) -> Result<Client, String> {
    let builder = match (origin.is_loopback(), origin.is_secure()) {
        (true, false) => return plain(local()),
        (true, true) => reach.apply(local(), As::Anybody)?.no_proxy(),
        (false, _) => {
            let route = reach.route(&origin.url());
            route.map_err(|error| error.to_string())?;
            reach.apply(builder(Anywhere), As::Anybody)?
        }
    };
    builder.build().map_err(|error| chain(&error))
}

fn outside(builder: ClientBuilder, reach: &Reach) -> Result<Client, String> {
    let builder = reach.apply(builder, As::Itself)?;
    builder.build().map_err(|error| chain(&error))
}

fn local_over_tls(builder: ClientBuilder, reach: &Reach) -> Result<Client, String> {
    let builder = reach.apply(builder, As::Itself)?.no_proxy();
    builder.build().map_err(|error| chain(&error))
}

fn plain(builder: ClientBuilder) -> Result<Client, String> {
    builder
        .no_proxy()
        .tls_certs_only([])
        .build()
        .map_err(|error| chain(&error))
}

/// Resolves names as the system does.
struct Anywhere;

/// Resolves names as the system does and drops addresses that are not this machine's, so that a hosts file cannot turn
/// plain http to `localhost` into plain http to somewhere else.
struct Loopback;

impl Resolve for Anywhere {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(look_up(name, |_| true))
    }
}

impl Resolve for Loopback {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(look_up(name, |address| address.ip().is_loopback()))
    }
}

async fn look_up(
    name: Name,
    wanted: fn(&SocketAddr) -> bool,
) -> Result<Addrs, Box<dyn std::error::Error + Send + Sync>> {
    let failed = |reason: String| DnsFailure {
        name: name.as_str().to_owned(),
        reason,
    };
    let look_up = tokio::net::lookup_host((name.as_str(), 0));
    let found: Vec<SocketAddr> = dialling::resolving(look_up)
        .await
        .map_err(|error| failed(error.to_string()))?
        .filter(wanted)
        .collect();
    log::trace!(target: "proctor::network", "{} is at {}", name.as_str(), addresses(&found));
    if found.is_empty() {
        return Err(failed("no usable address".to_owned()).into());
    }
    Ok(Box::new(found.into_iter()))
}

fn addresses(found: &[SocketAddr]) -> String {
    let addresses: Vec<String> = found
        .iter()
        .map(|address| address.ip().to_string())
        .collect();
    addresses.join(", ")
}
