//! How the network is reached: by which proxies, trusting whom, and as whom.

use std::{
    path::Path,
    sync::{Arc, OnceLock},
    time::SystemTime,
};

use reqwest::{ClientBuilder, Proxy, Url};
use rustls::{ClientConfig, pki_types::CertificateDer};

use super::{
    certificate::Certificate,
    identity::{Identity, Named},
    proxy::{Proxies, ProxyError, Route},
    trust::{Trust, is_usable},
};
use crate::{
    environment::Environment,
    secret::{Redactor, Secret},
};

/// What is spoken over TLS, in the order of preference. Source: RFC 7301, and the registry of IANA.
const SPOKEN: [&[u8]; 2] = [b"h2", b"http/1.1"];

/// Whether the system has settings for proxies beside the environment, which the client library reads then.
const HAS_SETTINGS: bool = cfg!(any(target_vendor = "apple", windows));

/// The files that options name, as written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Files {
    pub ca_file: Option<String>,
    pub client_cert: Option<String>,
    pub client_key: Option<String>,
}

/// How the network is reached. Cheap to clone. The default goes by no proxy, trusts what the system trusts, and shows
/// no certificate.
#[derive(Clone, Default)]
pub struct Reach(Arc<Inner>);

#[derive(Default)]
struct Inner {
    proxies: Proxies,
    /// Keeps the passwords of proxies out of what others say.
    conceal: Redactor,
    /// Trusted on top of the system's, and the file they are from.
    authorities: Option<(String, Vec<CertificateDer<'static>>)>,
    identity: Option<Identity>,
    /// Found at its first use: reading the system's certificates takes time that a run over http has not to spend.
    trust: OnceLock<Result<Trust, String>>,
}

/// Whether a client certificate is shown where one is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum As {
    /// To services, whose targets the user named.
    Itself,
    /// To everything else: systems under test and proxies.
    Anybody,
}

impl Reach {
    /// Reads the environment, and the files from a directory on.
    ///
    /// # Errors
    /// One sentence about a file that is not what its option is for.
    pub fn read(
        files: &Files,
        environment: &Environment,
        directory: &Path,
    ) -> Result<Self, String> {
        let authorities = files
            .ca_file
            .as_deref()
            .map(|shown| {
                let path = directory.join(shown);
                let named = Named {
                    flag: "--ca-file",
                    path: &path,
                    shown,
                };
                authorities(named).map(|found| (shown.to_owned(), found))
            })
            .transpose()?;
        let proxies = Proxies::of(environment);
        let passwords: Vec<Secret> = proxies.secrets().collect();
        Ok(Self(Arc::new(Inner {
            proxies,
            conceal: Redactor::new(&passwords),
            authorities,
            identity: identity(files, directory)?,
            trust: OnceLock::new(),
        })))
    }

    /// How a URL is reached. Errors as [`Proxies::route`].
    pub fn route(&self, url: &Url) -> Result<Route<'_>, ProxyError> {
        let route = self.0.proxies.route(url)?;
        match (&route, &self.0.identity) {
            // The client library would show the certificate to the proxy as well.
            (Route::Proxy(variable, server), Some(_)) if server.is_secure() => Err(ProxyError {
                variable,
                reason: "it is reached over https, which does not go together with a client certificate; use its http \
                         port"
                    .to_owned(),
            }),
            _ => Ok(route),
        }
    }

    /// The certificate that is shown to services.
    #[must_use]
    pub fn identity(&self) -> Option<&Identity> {
        self.0.identity.as_ref()
    }

    /// The file with authorities that are trusted beside the system's, as named.
    #[must_use]
    pub fn ca_file(&self) -> Option<&str> {
        self.0.authorities.as_ref().map(|(shown, _)| shown.as_str())
    }

    /// What must not be shown anywhere: the lines of the client's private key.
    pub fn secrets(&self) -> Vec<Secret> {
        self.0.identity.iter().flat_map(Identity::secrets).collect()
    }

    /// What a proxy, a library or the system says, without the passwords of proxies.
    pub fn conceal(&self, said: &str) -> String {
        self.0.conceal.redact(said).into_owned()
    }

    /// Whether the system's settings say by which proxy anything is reached. Where a variable names one, it alone counts.
    pub fn asks_system(&self) -> bool {
        HAS_SETTINGS && self.0.proxies.is_empty()
    }

    /// A warning if the client certificate is not valid now.
    #[must_use]
    pub fn doubt(&self) -> Option<String> {
        let identity = self.identity()?;
        let certificate = Certificate::read(identity.certificate())?;
        let now = SystemTime::now();
        let is_valid = certificate.not_before <= now && now <= certificate.not_after;
        (!is_valid).then(|| {
            format!(
                "the client certificate in {} is valid {}, which is not now",
                identity.shown,
                certificate.validity()
            )
        })
    }

    /// Whom to trust.
    ///
    /// # Errors
    /// The environment names a store without certificates.
    pub fn trust(&self) -> Result<&Trust, String> {
        let found = self.0.trust.get_or_init(|| Trust::find(self.authorities()));
        found.as_ref().map_err(Clone::clone)
    }

    /// What is trusted on top of the store.
    pub(super) fn authorities(&self) -> &[CertificateDer<'static>] {
        let found = self.0.authorities.as_ref();
        found.map_or(&[], |(_, certificates)| certificates)
    }

    /// The settings of TLS.
    ///
    /// # Errors
    /// As for [`Reach::trust`].
    pub fn tls(&self, as_whom: As) -> Result<ClientConfig, String> {
        let builder = self.trust()?.config()?;
        let mut config = match (as_whom, self.identity()) {
            (As::Itself, Some(identity)) => builder.with_client_cert_resolver(identity.resolver()),
            _ => builder.with_no_client_auth(),
        };
        config.alpn_protocols = SPOKEN.map(<[u8]>::to_vec).to_vec();
        Ok(config)
    }

    /// Lets a client go by this.
    ///
    /// # Errors
    /// As for [`Reach::trust`].
    pub fn apply(&self, builder: ClientBuilder, as_whom: As) -> Result<ClientBuilder, String> {
        let builder = builder.tls_backend_preconfigured(self.tls(as_whom)?);
        if self.0.proxies.is_empty() {
            return Ok(match HAS_SETTINGS {
                true => builder,
                false => builder.no_proxy(),
            });
        }
        let reach = self.clone();
        let by_route = move |url: &Url| match reach.route(url) {
            Ok(Route::Proxy(_, server)) => Some(server.url().clone()),
            // Nobody gets here with a proxy that cannot be used: see `Network::client` and `preflight`.
            Ok(Route::Direct(_)) | Err(_) => None,
        };
        Ok(builder.proxy(Proxy::custom(by_route)))
    }
}

impl std::fmt::Debug for Reach {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reach")
            .field("proxies", &self.0.proxies)
            .field("ca_file", &self.ca_file())
            .field("identity", &self.0.identity)
            .finish()
    }
}

/// The certificates of a file that holds nothing but authorities.
fn authorities(file: Named<'_>) -> Result<Vec<CertificateDer<'static>>, String> {
    let pem = file.read()?;
    if !pem.keys.is_empty() || pem.encrypted {
        return Err(file.wrong(
            "holds a private key; it is to hold the certificates of authorities and nothing secret",
        ));
    }
    if pem.certificates.is_empty() {
        return Err(
            file.wrong("holds no certificate, which begins with `-----BEGIN CERTIFICATE-----`")
        );
    }
    match pem.certificates.iter().position(|found| !is_usable(found)) {
        None => Ok(pem.certificates),
        Some(at) => Err(file.wrong(&format!(
            "holds a certificate, number {}, that cannot be read",
            at + 1
        ))),
    }
}

fn identity(files: &Files, directory: &Path) -> Result<Option<Identity>, String> {
    let Some(shown) = files.client_cert.as_deref() else {
        return match &files.client_key {
            None => Ok(None),
            Some(_) => Err(
                "--client-key without --client-cert: a key alone shows nobody who you are"
                    .to_owned(),
            ),
        };
    };
    let path = directory.join(shown);
    let certificate = Named {
        flag: "--client-cert",
        path: &path,
        shown,
    };
    let Some(shown) = files.client_key.as_deref() else {
        return Identity::read(certificate, None).map(Some);
    };
    let path = directory.join(shown);
    let key = Named {
        flag: "--client-key",
        path: &path,
        shown,
    };
    Identity::read(certificate, Some(key)).map(Some)
}
