//! Looking a name up.

use std::{
    collections::BTreeSet,
    net::{IpAddr, SocketAddr},
    time::Instant,
};

use reqwest::Url;

use super::{LIMIT, Probe, Taken, Trouble, host_and_port, listed, trouble};

/// Why a name has no address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failed {
    NoSuchName,
    NoServer,
    Other,
}

impl Probe<'_> {
    /// The addresses of the service, or of the proxy that knows the way to it.
    pub(super) async fn names(&mut self, towards: &Url, is_proxy: bool) -> Taken<Vec<SocketAddr>> {
        let (host, port) = host_and_port(towards);
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let mut facts = Vec::new();
        if is_proxy {
            let (own, _) = host_and_port(self.url);
            facts.push(format!("{own} is left to the proxy to look up"));
        }
        if let Ok(address) = bare.parse::<IpAddr>() {
            if !is_proxy {
                facts.push(format!("{bare} is an address already"));
            }
            self.done("name", None, facts);
            return Ok(vec![SocketAddr::new(address, port)]);
        }
        let began = Instant::now();
        let looked = tokio::time::timeout(LIMIT, tokio::net::lookup_host((bare, port))).await;
        let trouble = match looked {
            Ok(Ok(found)) => {
                let found: Vec<SocketAddr> = found.collect();
                let addresses: BTreeSet<IpAddr> = found.iter().map(SocketAddr::ip).collect();
                let shown: Vec<String> = addresses.iter().map(ToString::to_string).collect();
                facts.push(format!("{bare} is {}", listed(&shown)));
                self.done("name", Some(began), facts);
                return Ok(found);
            }
            Ok(Err(error)) => {
                let trouble = not_found(bare, is_proxy, &error.to_string());
                if is_proxy {
                    trouble
                } else {
                    self.dead(trouble)
                }
            }
            Err(_) => Trouble::unavailable(
                trouble::NETWORK,
                format!(
                    "no DNS server answered within {} s for {bare}",
                    LIMIT.as_secs()
                ),
                "look whether this machine may reach its DNS servers (on Linux in /etc/resolv.conf)",
            ),
        };
        self.fail("name", Some(began), facts, trouble)
    }
}

fn not_found(name: &str, is_proxy: bool, error: &str) -> Trouble {
    let what = match is_proxy {
        true => "the proxy's URL",
        false => "the URL",
    };
    let behind = match is_proxy {
        true => "",
        false => "; behind a proxy that looks names up, set HTTPS_PROXY",
    };
    match sorted(error) {
        Failed::NoSuchName => Trouble::unavailable(
            trouble::AUTHOR,
            format!("there is no {name}: the name has no address"),
            format!(
                "look for a slip in {what}, or whether the name is known in another network only{behind}"
            ),
        ),
        Failed::NoServer => Trouble::unavailable(
            trouble::NETWORK,
            format!("no DNS server could tell the address of {name}"),
            format!(
                "look whether this machine has a network and may reach its DNS servers (on Linux in /etc/resolv.conf){behind}"
            ),
        ),
        Failed::Other => Trouble::unavailable(
            trouble::NETWORK,
            format!("{name} cannot be looked up: {error}"),
            format!("look it up with another program on this machine{behind}"),
        ),
    }
}

/// By the words of the system's library, which are all that the standard library passes on.
///
/// Sources: `gai_strerror` of glibc and musl, of macOS, and the messages of the errors 11001 to 11004 of Windows.
pub fn sorted(error: &str) -> Failed {
    const NO_SUCH_NAME: [&str; 7] = [
        "Name or service not known",
        "Name does not resolve",
        "Name has no usable address",
        "No address associated with hostname",
        "nodename nor servname provided",
        "os error 11001",
        "os error 11004",
    ];
    const NO_SERVER: [&str; 4] = [
        "Temporary failure in name resolution",
        "Try again",
        "os error 11002",
        "Non-recoverable failure",
    ];
    let says = |texts: &[&str]| texts.iter().any(|text| error.contains(text));
    if says(&NO_SUCH_NAME) {
        Failed::NoSuchName
    } else if says(&NO_SERVER) {
        Failed::NoServer
    } else {
        Failed::Other
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_each_system_are_understood() {
        let cases = [
            (
                "failed to lookup address information: Name or service not known",
                Failed::NoSuchName,
            ),
            (
                "failed to lookup address information: Name does not resolve",
                Failed::NoSuchName,
            ),
            (
                "failed to lookup address information: Temporary failure in name resolution",
                Failed::NoServer,
            ),
            (
                "failed to lookup address information: Try again",
                Failed::NoServer,
            ),
            (
                "No such host is known. (os error 11001)",
                Failed::NoSuchName,
            ),
            (
                "failed to lookup address information: nodename nor servname provided, or not known",
                Failed::NoSuchName,
            ),
            ("something new", Failed::Other),
        ];
        for (text, expected) in cases {
            assert_eq!(sorted(text), expected, "{text}");
        }
    }
}
