//! Who this program is to a service that asks for a client certificate.

use std::{path::Path, sync::Arc};

use rustls::{
    Error, InconsistentKeys,
    pki_types::CertificateDer,
    sign::{CertifiedKey, SingleCertAndKey},
};

use super::{
    certificate::Certificate,
    pem::{self, Pem},
    trust::provider,
};
use crate::secret::Secret;

/// A certificate and its private key, which can be used and not be read.
#[derive(Clone)]
pub struct Identity {
    resolver: Arc<SingleCertAndKey>,
    certificate: CertificateDer<'static>,
    secrets: Vec<Secret>,
    /// The certificate's file, as named.
    pub shown: String,
}

/// A file that an option names.
#[derive(Debug, Clone, Copy)]
pub struct Named<'a> {
    pub flag: &'static str,
    pub path: &'a Path,
    /// The path as the user wrote it.
    pub shown: &'a str,
}

impl Named<'_> {
    /// Reads it as PEM. The error says which file of which option it is.
    pub fn read(&self) -> Result<Pem, String> {
        pem::read(self.path).map_err(|why| self.wrong(&why))
    }

    /// What is wrong with it.
    pub fn wrong(&self, why: &str) -> String {
        format!("{}: {} {why}", self.flag, self.shown)
    }
}

impl Identity {
    /// Reads a certificate, with those that lead to its authority, and the key: from a file of its own, or the same.
    ///
    /// # Errors
    /// One sentence: a file cannot be read or holds something else, the key is encrypted, or is that of another
    /// certificate.
    pub fn read(certificate: Named<'_>, key: Option<Named<'_>>) -> Result<Self, String> {
        let own = certificate.read()?;
        let other = key.map(|key| key.read()).transpose()?;
        let (place, keys) = match (&key, &other) {
            (Some(place), Some(keys)) => (place, keys),
            _ => (&certificate, &own),
        };
        if keys.encrypted {
            return Err(place.wrong(
                "holds a private key behind a password, which nobody can type in a pipeline; `openssl pkey -in FILE -out \
                 KEY` takes it off, and the CI system's store of secrets keeps the file",
            ));
        }
        if own.certificates.is_empty() {
            return Err(certificate.wrong(match own.keys.is_empty() {
                true => "holds no certificate, which begins with `-----BEGIN CERTIFICATE-----`",
                false => "holds a private key and no certificate; the key's place is --client-key",
            }));
        }
        let key = match keys.keys.as_slice() {
            [key] => key,
            [] if other.is_some() => {
                return Err(place.wrong(
                    "holds no private key, which begins with `-----BEGIN PRIVATE KEY-----`",
                ));
            }
            [] => return Err(place.wrong("holds no private key; name its file with --client-key")),
            _ => return Err(place.wrong("holds several private keys; leave the right one in it")),
        };
        let signing = provider().key_provider.load_private_key(key.clone_key());
        let signing = signing
            .map_err(|_| place.wrong("holds a private key of a kind that is not supported"))?;
        let certified = CertifiedKey::new(own.certificates.clone(), signing);
        match certified.keys_match() {
            // Some kinds of keys do not tell their public half; the service notices then.
            Ok(()) | Err(Error::InconsistentKeys(InconsistentKeys::Unknown)) => {}
            Err(Error::InconsistentKeys(_)) => {
                return Err(format!(
                    "the private key in {} is not that of the certificate in {}",
                    place.shown, certificate.shown
                ));
            }
            Err(_) => return Err(certificate.wrong(unreadable(&own.certificates[0]))),
        }
        Ok(Self {
            resolver: Arc::new(certified.into()),
            certificate: own.certificates[0].clone(),
            secrets: lines(keys),
            shown: certificate.shown.to_owned(),
        })
    }

    /// What presents it to whoever asks.
    pub fn resolver(&self) -> Arc<SingleCertAndKey> {
        Arc::clone(&self.resolver)
    }

    /// The certificate itself.
    pub const fn certificate(&self) -> &CertificateDer<'static> {
        &self.certificate
    }

    /// What must not be shown.
    pub fn secrets(&self) -> impl Iterator<Item = Secret> + '_ {
        self.secrets.iter().cloned()
    }
}

impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Identity({})", self.shown)
    }
}

/// Why the library does not read a certificate.
fn unreadable(der: &CertificateDer<'_>) -> &'static str {
    match Certificate::read(der) {
        // What `openssl x509 -req` makes before version 3.2 if no extensions are named.
        Some(Certificate { version: 1, .. }) => {
            "holds a certificate of X.509 version 1, which is not supported; to make one of version 3, name extensions: \
             `openssl x509 -req … -extfile FILE` with `extendedKeyUsage = clientAuth` in it"
        }
        _ => "holds a certificate that cannot be read",
    }
}

/// The lines of the private key: a text that repeats a part of it repeats a line.
fn lines(pem: &Pem) -> Vec<Secret> {
    let mut inside = false;
    let mut lines = Vec::new();
    for line in pem.text.lines().map(str::trim) {
        if line.starts_with("-----") {
            inside = line.starts_with("-----BEGIN") && line.contains("PRIVATE KEY");
        } else if inside && line.len() >= 16 {
            lines.push(Secret::new(line));
        }
    }
    lines
}
