//! What happens on the way to a URL, step by step and in words: for `proctor check --network`.
//!
//! Each step is taken here by itself, so that it is known which one fails and why; the request at the end is sent by
//! the clients of every run. Nothing that is sent carries a key.

mod clock;
mod connection;
mod names;
mod request;
mod tls;
mod trouble;
mod tunnel;

use std::time::{Duration, Instant};

use reqwest::Url;
use tokio::net::TcpStream;

use super::{
    Network, Origin,
    proxy::{Direct, Route, Server},
    reach::{As, Reach},
};
use crate::bindings::proctor::ci::types::Code;
pub use trouble::Trouble;

/// How long one step may take.
pub const LIMIT: Duration = Duration::from_secs(10);

/// One step: what it showed, or why it ended in trouble.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    pub name: &'static str,
    /// What was found out, a sentence each.
    pub facts: Vec<String>,
    pub trouble: Option<Trouble>,
    /// In milliseconds; none for what takes none.
    pub took_ms: Option<u64>,
}

/// What a URL is to the user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// A service's API.
    Service,
    /// A system under test.
    System,
}

/// Everything that the steps share.
pub(super) struct Probe<'a> {
    reach: &'a Reach,
    network: &'a Network,
    url: &'a Url,
    part: Part,
    steps: Vec<Step>,
}

/// The end of the way: the step that failed is noted, and those behind it are not taken.
struct Ended;

type Taken<T> = Result<T, Ended>;

/// Goes the way to a URL. The last step is the one that failed, if one did.
pub async fn examine(reach: &Reach, network: &Network, url: &Url, part: Part) -> Vec<Step> {
    let mut probe = Probe {
        reach,
        network,
        url,
        part,
        steps: Vec::new(),
    };
    // That the way ended early stands in the last step.
    let _: Taken<()> = probe.go().await;
    probe.steps
}

impl Probe<'_> {
    async fn go(&mut self) -> Taken<()> {
        if let Some(proxy) = self.proxy()? {
            self.lead(proxy).await?;
        }
        let answer = self.request().await?;
        self.clock(&answer);
        Ok(())
    }

    /// Up to the point where a request can be sent, by a proxy or without.
    async fn lead(&mut self, proxy: Option<Server>) -> Taken<()> {
        let towards = proxy.as_ref().map_or(self.url, Server::url).clone();
        let addresses = self.names(&towards, proxy.is_some()).await?;
        let stream = self.connect(&towards, &addresses, proxy.is_some()).await?;
        if self.is_secure() {
            self.handshakes(stream, proxy.as_ref()).await?;
        }
        Ok(())
    }

    /// Which proxy counts, and why. Nothing if only the system knows: then the request alone can tell.
    fn proxy(&mut self) -> Taken<Option<Option<Server>>> {
        let (fact, server) = match self.reach.route(self.url) {
            Err(error) => {
                let trouble = Trouble::proxy_setting(&error);
                return self.fail("proxy", None, Vec::new(), trouble);
            }
            Ok(Route::Proxy(variable, server)) => {
                let with = match (server.user(), server.credentials()) {
                    (Some(user), _) => format!(", as user `{user}`"),
                    (None, Some(_)) => ", with a name or a password alone".to_owned(),
                    (None, None) => String::new(),
                };
                (
                    format!("{server}, by {variable}{with}"),
                    Some(server.clone()),
                )
            }
            Ok(Route::Direct(Direct::Loopback)) => (
                "none: this machine is never reached by one".to_owned(),
                None,
            ),
            Ok(Route::Direct(Direct::Exception(variable, entry))) => {
                (format!("none: `{entry}` in {variable} excepts it"), None)
            }
            Ok(Route::Direct(Direct::Unset)) => {
                let variable = if self.is_secure() {
                    "HTTPS_PROXY"
                } else {
                    "HTTP_PROXY"
                };
                let unset = format!("neither {variable} nor ALL_PROXY is set");
                if self.reach.asks_system() {
                    let fact = format!(
                        "{unset}, so the system's settings count; the request shows whether the way is open"
                    );
                    self.done("proxy", None, vec![fact]);
                    return Ok(None);
                }
                (format!("none: {unset}"), None)
            }
        };
        self.done("proxy", None, vec![fact]);
        Ok(Some(server))
    }

    /// TLS with the service, and before it with the proxy and through it if there is one.
    async fn handshakes(&mut self, stream: TcpStream, proxy: Option<&Server>) -> Taken<()> {
        let Some(proxy) = proxy else {
            return self
                .tls("TLS", stream, self.url.clone(), None)
                .await
                .map(drop);
        };
        if proxy.is_secure() {
            let stream = self
                .tls("TLS to proxy", stream, proxy.url().clone(), None)
                .await?;
            let stream = self.tunnel(stream, proxy).await?;
            self.tls("TLS", stream, self.url.clone(), Some(proxy))
                .await
                .map(drop)
        } else {
            let stream = self.tunnel(stream, proxy).await?;
            self.tls("TLS", stream, self.url.clone(), Some(proxy))
                .await
                .map(drop)
        }
    }

    fn is_secure(&self) -> bool {
        self.url.scheme() == "https"
    }

    /// As whom TLS is spoken: a certificate is shown to services alone.
    fn as_whom(&self) -> As {
        match self.part {
            Part::Service => As::Itself,
            Part::System => As::Anybody,
        }
    }

    /// The origin, if it is one that a service may have.
    fn origin(&self) -> Option<Origin> {
        Origin::of(self.url).ok()
    }

    /// The same for a system under test that is certainly down: as `run` does, that is the pipeline's mistake. From where
    /// the service stands, anything else may look different.
    fn dead(&self, trouble: Trouble) -> Trouble {
        match self.part {
            Part::Service => trouble,
            Part::System => Trouble {
                code: Code::Usage,
                retriable: false,
                ..trouble
            },
        }
    }

    fn done(&mut self, name: &'static str, began: Option<Instant>, facts: Vec<String>) {
        self.steps.push(Step {
            name,
            facts,
            trouble: None,
            took_ms: began.map(since),
        });
    }

    fn fail<T>(
        &mut self,
        name: &'static str,
        began: Option<Instant>,
        facts: Vec<String>,
        trouble: Trouble,
    ) -> Taken<T> {
        self.steps.push(Step {
            name,
            facts,
            trouble: Some(trouble),
            took_ms: began.map(since),
        });
        Err(Ended)
    }
}

fn since(began: Instant) -> u64 {
    u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX)
}

/// Host and port of a URL, as they are written in an address.
fn host_and_port(url: &Url) -> (String, u16) {
    let host = url.host_str().unwrap_or_default().to_owned();
    (host, url.port_or_known_default().unwrap_or(443))
}

/// Several names as a person lists them.
fn listed(names: &[String]) -> String {
    match names {
        [] => "nothing".to_owned(),
        [only] => only.clone(),
        [all @ .., last] => format!("{} and {last}", all.join(", ")),
    }
}
