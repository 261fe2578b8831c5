//! Reaching an address.

use std::{
    io,
    net::SocketAddr,
    time::{Duration, Instant},
};

use reqwest::Url;
use tokio::net::TcpStream;

use super::{Probe, Taken, Trouble, host_and_port, listed, trouble};

/// How long one address may take. Several may have to be tried.
const EACH: Duration = Duration::from_secs(5);

/// How many addresses are tried.
const MOST: usize = 4;

/// Why an address could not be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Failed {
    Refused,
    Unreachable,
    Silent,
    Other,
}

impl Probe<'_> {
    /// Connects to the first address that lets one.
    pub(super) async fn connect(
        &mut self,
        towards: &Url,
        addresses: &[SocketAddr],
        is_proxy: bool,
    ) -> Taken<TcpStream> {
        let began = Instant::now();
        let (mut tried, mut failed) = (Vec::new(), Vec::new());
        for address in addresses.iter().take(MOST) {
            match tokio::time::timeout(EACH, TcpStream::connect(address)).await {
                Ok(Ok(stream)) => {
                    tried.push(format!("{address} accepts it"));
                    self.done("connection", Some(began), tried);
                    return Ok(stream);
                }
                Ok(Err(error)) => {
                    let (how, words) = sorted(&error);
                    failed.push(how);
                    tried.push(format!("{address} {words}"));
                }
                Err(_) => {
                    failed.push(Failed::Silent);
                    tried.push(format!("{address} is silent for {} s", EACH.as_secs()));
                }
            }
        }
        let (host, port) = host_and_port(towards);
        let failed = failed.into_iter().max();
        let mut trouble = told(&host, port, failed, &tried, is_proxy);
        if failed == Some(Failed::Refused) && !is_proxy {
            trouble = self.dead(trouble);
        }
        self.fail("connection", Some(began), Vec::new(), trouble)
    }
}

fn sorted(error: &io::Error) -> (Failed, String) {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => (Failed::Refused, "refuses it".to_owned()),
        io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable => (
            Failed::Unreachable,
            "cannot be reached from here".to_owned(),
        ),
        io::ErrorKind::TimedOut => (Failed::Silent, "is silent".to_owned()),
        _ => (Failed::Other, format!("cannot be connected to: {error}")),
    }
}

fn told(
    host: &str,
    port: u16,
    failed: Option<Failed>,
    tried: &[String],
    is_proxy: bool,
) -> Trouble {
    let what = match is_proxy {
        true => format!("the proxy {host}"),
        false => host.to_owned(),
    };
    let message = format!("no connection to {what}: {}", listed(tried));
    let who = match is_proxy {
        true => trouble::PROXY,
        false => trouble::NETWORK,
    };
    let next = match (failed, is_proxy) {
        (Some(Failed::Refused), true) => format!("nothing listens at port {port}: look whether the proxy runs, and for a slip in the variable"),
        (Some(Failed::Refused), false) => format!(
            "nothing listens at port {port}, or a firewall says so: look for a slip in the URL; behind a proxy, set HTTPS_PROXY"
        ),
        (Some(Failed::Unreachable), _) => "this machine has no way there: look at its network, and whether it needs a proxy (HTTPS_PROXY)".to_owned(),
        (Some(Failed::Silent), _) => format!(
            "a firewall drops it, mostly: have {host}, port {port}, allowed for this machine, or set HTTPS_PROXY"
        ),
        (Some(Failed::Other) | None, _) => "look at the network of this machine".to_owned(),
    };
    Trouble::unavailable(who, message, next)
}
