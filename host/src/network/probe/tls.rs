//! The TLS handshake, with what the other side shows, and why it is not believed.

mod told;
mod witness;

use std::{sync::Arc, time::Instant};

use reqwest::Url;
use rustls::{AlertDescription, ProtocolVersion, pki_types::ServerName};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::{TlsConnector, client::TlsStream};

use super::{LIMIT, Probe, Taken, Trouble, host_and_port, trouble};
use crate::network::{
    fault::{find_tls, is_about_client},
    proxy::Server,
    reach::{As, Reach},
    trust::verified_by,
};
use told::Met;
use witness::{Asked, Witness};

impl Probe<'_> {
    /// Shakes hands. `by` is the proxy through which the stream goes.
    pub(super) async fn tls<S>(
        &mut self,
        name: &'static str,
        stream: S,
        url: Url,
        by: Option<&Server>,
    ) -> Taken<TlsStream<S>>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let began = Instant::now();
        let is_proxy = name != "TLS";
        let as_whom = if is_proxy {
            As::Anybody
        } else {
            self.as_whom()
        };
        let (host, port) = host_and_port(&url);
        let bare = host
            .trim_start_matches('[')
            .trim_end_matches(']')
            .to_owned();
        let prepared = prepare(self.reach, as_whom, !is_proxy);
        let (config, witness, asked) = match prepared {
            Ok(prepared) => prepared,
            Err(reason) => {
                let trouble = Trouble::usage(
                    reason,
                    "name a file that holds certificates as PEM, or unset the variable",
                );
                return self.fail(name, Some(began), Vec::new(), trouble);
            }
        };
        let Ok(server) = ServerName::try_from(bare.clone()) else {
            let trouble = Trouble::usage(
                format!("{bare} cannot be named in TLS"),
                "correct the host in the URL",
            );
            return self.fail(name, Some(began), Vec::new(), trouble);
        };
        let connector = TlsConnector::from(Arc::new(config));
        let shaken = tokio::time::timeout(LIMIT, connector.connect(server, stream)).await;
        let met = Met {
            host: &bare,
            port,
            chain: witness.seen(),
            by,
            store: &self
                .reach
                .trust()
                .map(|trust| trust.store.clone())
                .unwrap_or_default(),
            ca_file: self.reach.ca_file(),
            authorities: self.reach.authorities(),
        };
        let trouble = match shaken {
            Ok(Ok(stream)) => {
                let mut facts = vec![spoken(&stream)];
                facts.extend(met.facts());
                if !is_proxy {
                    facts.extend(self.about_client(&asked));
                }
                self.done(name, Some(began), facts);
                return Ok(stream);
            }
            Ok(Err(error)) => match find_tls(&error).filter(|tls| is_refusal(tls)) {
                Some(tls) if !is_proxy => self.certificate_refused_by(tls),
                _ => met.explain(&error),
            },
            Err(_) => Trouble::unavailable(
                trouble::SERVICE,
                format!("{bare} does not answer in TLS within {} s", LIMIT.as_secs()),
                format!(
                    "look whether port {port} speaks TLS, and whether a firewall holds it back"
                ),
            ),
        };
        let facts = met
            .certificate()
            .map(|found| told::about(&found))
            .into_iter()
            .collect();
        self.fail(name, Some(began), facts, trouble)
    }

    /// What there is to say about client certificates.
    fn about_client(&self, asked: &Asked) -> Option<String> {
        match (asked.was(), self.as_whom(), self.reach.identity()) {
            (true, As::Itself, Some(identity)) => {
                let who = told::client(identity.certificate());
                Some(format!(
                    "a client certificate is asked for: shown is {who} in {}",
                    identity.shown
                ))
            }
            (true, As::Itself, None) => Some(
                "a client certificate is asked for, and there is none to show (--client-cert)"
                    .to_owned(),
            ),
            (true, As::Anybody, _) => Some(
                "a client certificate is asked for; systems under test are shown none".to_owned(),
            ),
            (false, As::Itself, Some(identity)) => Some(format!(
                "a client certificate is not asked for: {} is not shown",
                identity.shown
            )),
            (false, ..) => None,
        }
    }
}

/// Whether a service says in the handshake that it does not accept the client's certificate, or the lack of one.
/// `handshake_failure` may mean anything there.
fn is_refusal(tls: &rustls::Error) -> bool {
    let any = rustls::Error::AlertReceived(AlertDescription::HandshakeFailure);
    is_about_client(tls) && *tls != any
}

/// The settings of every run, with somebody who looks on.
fn prepare(
    reach: &Reach,
    as_whom: As,
    with_protocols: bool,
) -> Result<(rustls::ClientConfig, Arc<Witness>, Arc<Asked>), String> {
    let usual = reach.tls(as_whom)?;
    let witness = Arc::new(Witness::new(reach.trust()?.verifier()));
    let asked = Arc::new(Asked::new(Arc::clone(&usual.client_auth_cert_resolver)));
    let verifier: Arc<Witness> = Arc::clone(&witness);
    let resolver: Arc<Asked> = Arc::clone(&asked);
    let mut config = verified_by(verifier)?.with_client_cert_resolver(resolver);
    if with_protocols {
        config.alpn_protocols = usual.alpn_protocols;
    }
    Ok((config, witness, asked))
}

fn spoken<S>(stream: &TlsStream<S>) -> String {
    let (_, session) = stream.get_ref();
    let version = match session.protocol_version() {
        Some(ProtocolVersion::TLSv1_3) => "TLS 1.3".to_owned(),
        Some(ProtocolVersion::TLSv1_2) => "TLS 1.2".to_owned(),
        Some(other) => format!("{other:?}"),
        None => "TLS".to_owned(),
    };
    match session.alpn_protocol() {
        Some(b"h2") => format!("{version}, HTTP/2"),
        _ => format!("{version}, HTTP/1.1"),
    }
}
