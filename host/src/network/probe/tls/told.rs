//! What was met in a handshake, in words.

use std::{io, time::SystemTime};

use rustls::{AlertDescription, CertificateError, Error, pki_types::CertificateDer};

use super::{
    super::{
        listed,
        trouble::{self, Trouble},
    },
    Server,
};
use crate::network::{
    certificate::{Certificate, moment, span},
    fault::{chain, find_tls},
};

/// Makers of proxies and programs that open TLS connections, as they call themselves in the authorities they set up.
///
/// ASSUMED: from their documentation and from certificates seen; a name that is not here is explained all the same.
const INSPECTORS: [&str; 24] = [
    "avast",
    "barracuda",
    "bitdefender",
    "blue coat",
    "burp",
    "charles proxy",
    "check point",
    "cisco umbrella",
    "do_not_trust",
    "eset ssl",
    "fiddler",
    "forcepoint",
    "fortinet",
    "fortigate",
    "kaspersky",
    "mitmproxy",
    "netskope",
    "palo alto",
    "portswigger",
    "skyhigh",
    "sophos",
    "squid",
    "watchguard",
    "zscaler",
];

/// How many names of a certificate are told: some have a hundred.
const MOST_NAMES: usize = 6;

/// What was met.
pub struct Met<'a> {
    pub host: &'a str,
    pub port: u16,
    /// The certificates that were shown, the service's own first.
    pub chain: Vec<Vec<u8>>,
    pub by: Option<&'a Server>,
    /// What is trusted.
    pub store: &'a str,
    pub ca_file: Option<&'a str>,
    /// What is in that file.
    pub authorities: &'a [CertificateDer<'static>],
}

impl Met<'_> {
    /// The service's own certificate.
    pub fn certificate(&self) -> Option<Certificate> {
        Certificate::read(self.chain.first()?)
    }

    /// What is to be known of a handshake that succeeded.
    pub fn facts(&self) -> Vec<String> {
        let mut facts = vec![format!("trusted by {}", self.trusted())];
        facts.extend(self.certificate().map(|certificate| about(&certificate)));
        facts
    }

    fn trusted(&self) -> String {
        match self.ca_file {
            Some(file) => format!("{} and --ca-file {file}", self.store),
            None => self.store.to_owned(),
        }
    }

    /// Why a handshake failed, and what to do.
    pub fn explain(&self, error: &io::Error) -> Trouble {
        let Some(tls) = find_tls(error) else {
            return self.broken(error);
        };
        match tls {
            Error::InvalidCertificate(wrong) => self.distrust(wrong).lasting(),
            Error::InvalidMessage(_) => self.no_tls(),
            Error::AlertReceived(alert) => self.alert(*alert),
            Error::PeerIncompatible(_) | Error::PeerMisbehaved(_) => Trouble::unavailable(
                trouble::SERVICE,
                format!("{} speaks TLS, but not as is needed ({tls})", self.host),
                "it must speak TLS 1.2 or 1.3 with usual ciphers",
            ),
            other => Trouble::unavailable(
                trouble::NETWORK,
                format!("TLS with {} failed ({})", self.host, chain(other)),
                "try the same URL with `curl -v` from this machine",
            ),
        }
    }

    fn distrust(&self, wrong: &CertificateError) -> Trouble {
        use CertificateError as Wrong;
        let Some(certificate) = self.certificate() else {
            return Trouble::unavailable(
                trouble::SERVICE,
                format!("the certificate of {} cannot be read ({wrong})", self.host),
                "have it replaced",
            );
        };
        match wrong {
            Wrong::UnknownIssuer => self.unknown_issuer(&certificate),
            Wrong::Other(_) if self.is_given() && certificate.is_self_signed() => self.authority(),
            Wrong::Expired
            | Wrong::ExpiredContext { .. }
            | Wrong::NotValidYet
            | Wrong::NotValidYetContext { .. } => self.wrong_time(&certificate),
            Wrong::NotValidForName | Wrong::NotValidForNameContext { .. } => {
                self.wrong_name(&certificate)
            }
            _ if certificate.is_self_signed() => self.unknown_issuer(&certificate),
            other => Trouble::unavailable(
                trouble::SERVICE,
                format!("the certificate of {} is refused ({other})", self.host),
                "have it replaced, or see what else is said of it with `openssl s_client`",
            ),
        }
    }

    fn unknown_issuer(&self, certificate: &Certificate) -> Trouble {
        if self.is_given() {
            return self.no_authority(certificate);
        }
        let host = self.host;
        let trusted = self.trusted();
        let how = "name it, as PEM, with --ca-file FILE or PROCTOR_CA_FILE";
        let instead = match self.store.starts_with("SSL_CERT") {
            true => format!("; {} takes the place of the system's store", self.store),
            false => String::new(),
        };
        if certificate.is_self_signed() {
            return Trouble::unavailable(
                trouble::AUTHOR,
                format!(
                    "the certificate of {host} is signed by itself, and {trusted} does not have it"
                ),
                format!("if it is {host}'s own, {how}; if not, somebody stands between{instead}"),
            );
        }
        let issuer = &certificate.issuer;
        let message = format!(
            "the certificate of {host} is issued by {issuer}, whom {trusted} does not trust"
        );
        let next = if is_inspector(certificate) {
            format!(
                "a proxy that opens TLS connections has made it: ask whoever runs it for its authority's certificate, and {how}"
            )
        } else {
            let intermediate = match self.chain.len() {
                1 => format!(
                    ", or {host} leaves out the certificates between its own and the authority's"
                ),
                _ => String::new(),
            };
            let proxy = match self.by {
                Some(_) => "perhaps the proxy opens TLS connections and has made it",
                None => "it is that of a company, or of a proxy that opens TLS connections",
            };
            format!(
                "{proxy}{intermediate}: if it is to be trusted, get the authority's certificate, and {how}{instead}"
            )
        };
        Trouble::unavailable(trouble::AUTHOR, message, next)
    }

    /// Whether the service's own certificate was named as an authority.
    fn is_given(&self) -> bool {
        let own = self.chain.first();
        own.is_some_and(|own| self.authorities.iter().any(|given| given.as_ref() == own))
    }

    fn given(&self) -> String {
        let file = self.ca_file.unwrap_or_default();
        format!(
            "--ca-file {file} holds the certificate of {} itself",
            self.host
        )
    }

    /// A service's own certificate, named where that of its authority belongs.
    fn no_authority(&self, certificate: &Certificate) -> Trouble {
        let next = match certificate.is_self_signed() {
            true => "make an authority (a certificate with CA:TRUE), have it sign one for the server, and name the authority's"
                .to_owned(),
            false => format!(
                "name the certificate of {}, who signed it, instead",
                certificate.issuer
            ),
        };
        let message = format!("{}, and that is no authority", self.given());
        Trouble::unavailable(trouble::AUTHOR, message, next)
    }

    /// An authority that a service shows as its own certificate. `openssl req -x509` makes such if nothing else is said.
    fn authority(&self) -> Trouble {
        let message = format!(
            "{}, which is an authority (CA:TRUE), and no server may show that as its own",
            self.given()
        );
        Trouble::unavailable(
            trouble::AUTHOR,
            message,
            "have it sign a certificate for the server, which shows that one; or make it anew with `openssl req -x509 … \
             -addext basicConstraints=critical,CA:FALSE`",
        )
    }

    fn wrong_time(&self, certificate: &Certificate) -> Trouble {
        let host = self.host;
        let now = SystemTime::now();
        let valid = certificate.validity();
        let clock = moment(now);
        match certificate.not_before.duration_since(now) {
            Ok(early) => Trouble::unavailable(
                trouble::NETWORK,
                format!(
                    "the certificate of {host} is valid {valid}, and by this machine's clock it is {clock}, {} too early",
                    span(early)
                ),
                "set this machine's clock: it is behind, unless the certificate was made for later",
            ),
            Err(_) => {
                let late = now
                    .duration_since(certificate.not_after)
                    .unwrap_or_default();
                Trouble::unavailable(
                    trouble::SERVICE,
                    format!(
                        "the certificate of {host} is valid {valid}, and by this machine's clock it is {clock}, {} too late",
                        span(late)
                    ),
                    format!(
                        "if `date -u` tells the right time, have whoever runs {host} renew the certificate; if not, set this machine's clock"
                    ),
                )
            }
        }
    }

    fn wrong_name(&self, certificate: &Certificate) -> Trouble {
        let host = self.host;
        let names = names(certificate);
        Trouble::unavailable(
            trouble::AUTHOR,
            format!("the certificate is for {names}, and not for {host}"),
            format!(
                "look for a slip in the URL; if there is none, {host} leads to something else from here"
            ),
        )
    }

    fn no_tls(&self) -> Trouble {
        let (host, port) = (self.host, self.port);
        Trouble::unavailable(
            trouble::AUTHOR,
            format!("{host}:{port} answers, but not in TLS"),
            "mostly the port speaks plain HTTP: correct the port; or a network that wants a login first answers for it",
        )
    }

    fn alert(&self, alert: AlertDescription) -> Trouble {
        let (message, next) = match alert {
            AlertDescription::UnrecognisedName => (
                format!("{} says that it does not have that name", self.host),
                "look for a slip in the URL".to_owned(),
            ),
            AlertDescription::ProtocolVersion => (
                format!("{} speaks another version of TLS", self.host),
                "it must speak TLS 1.2 or 1.3".to_owned(),
            ),
            other => (
                format!("{} breaks off TLS ({other:?})", self.host),
                "if it wants a client certificate, give one with --client-cert; if not, try `curl -v` from this machine".to_owned(),
            ),
        };
        Trouble::unavailable(trouble::SERVICE, message, next)
    }

    fn broken(&self, error: &io::Error) -> Trouble {
        let (host, port) = (self.host, self.port);
        let through = match self.by {
            Some(proxy) => format!(" through {proxy}"),
            None => String::new(),
        };
        Trouble::unavailable(
            trouble::NETWORK,
            format!("the connection to {host}:{port}{through} is closed amid TLS ({error})"),
            format!(
                "firewalls do so with names that they do not allow: have {host}, port {port}, allowed; or the port does not speak TLS"
            ),
        )
    }
}

/// A certificate in one line.
pub fn about(certificate: &Certificate) -> String {
    format!(
        "certificate for {}, issued by {}, valid {}",
        names(certificate),
        certificate.issuer,
        certificate.validity()
    )
}

/// A client certificate in one line.
pub fn client(der: &CertificateDer<'_>) -> String {
    match Certificate::read(der) {
        Some(certificate) => {
            let late = match certificate.not_after < SystemTime::now() {
                true => ", which has passed,",
                false => "",
            };
            let until = moment(certificate.not_after);
            format!("that of {}, valid until {until}{late}", certificate.subject)
        }
        None => "one".to_owned(),
    }
}

fn names(certificate: &Certificate) -> String {
    match certificate.names.len() {
        0 => certificate.subject.to_string(),
        few if few <= MOST_NAMES => listed(&certificate.names),
        many => {
            let shown = certificate.names[..MOST_NAMES].join(", ");
            format!("{shown} and {} more", many - MOST_NAMES)
        }
    }
}

fn is_inspector(certificate: &Certificate) -> bool {
    let issuer = certificate.issuer.to_string().to_lowercase();
    INSPECTORS.iter().any(|known| issuer.contains(known))
}
