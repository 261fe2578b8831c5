//! Which certificates are trusted.

use std::sync::Arc;

use rustls::{
    ClientConfig, ConfigBuilder, RootCertStore,
    client::{WantsClientCert, danger::ServerCertVerifier},
    crypto::{CryptoProvider, ring},
    pki_types::CertificateDer,
};

/// Whom to trust, and by which store.
#[derive(Debug, Clone)]
pub struct Trust {
    verifier: Arc<dyn ServerCertVerifier>,
    /// The store, for people: a phrase such as "the system's store".
    pub store: String,
}

impl Trust {
    /// Trusts what the system trusts, and these authorities.
    ///
    /// On Linux that is what Mozilla trusts if the system has no store, as in images made from `scratch` and in slim
    /// ones. `SSL_CERT_FILE` and `SSL_CERT_DIR` take the place of the system's store there, as they do for OpenSSL; on
    /// macOS and Windows `SSL_CERT_FILE` comes on top of it.
    ///
    /// # Errors
    /// Why there is nothing to trust: the environment names a store without certificates.
    pub fn find(authorities: &[CertificateDer<'static>]) -> Result<Self, String> {
        let (verifier, store) = system::verifier(authorities)?;
        Ok(Self { verifier, store })
    }

    /// What decides about a service's certificate.
    pub fn verifier(&self) -> Arc<dyn ServerCertVerifier> {
        Arc::clone(&self.verifier)
    }

    /// Settings of TLS that trust in this way.
    ///
    /// # Errors
    /// None is known: the versions of TLS are those of the library that speaks it.
    pub fn config(&self) -> Result<ConfigBuilder<ClientConfig, WantsClientCert>, String> {
        verified_by(self.verifier())
    }
}

/// Settings of TLS with somebody who decides about certificates.
pub fn verified_by(
    verifier: Arc<dyn ServerCertVerifier>,
) -> Result<ConfigBuilder<ClientConfig, WantsClientCert>, String> {
    let builder = ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?;
    // `dangerous` is the library's word for any verifier that is not its own; these are its own and the system's.
    Ok(builder
        .dangerous()
        .with_custom_certificate_verifier(verifier))
}

/// Who does the cryptography.
pub fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}

/// Whether a certificate can be trusted as an authority at all.
///
/// Stores of systems hold certificates that nobody can read any more. They are passed over, as OpenSSL does.
pub fn is_usable(certificate: &CertificateDer<'static>) -> bool {
    RootCertStore::empty().add(certificate.clone()).is_ok()
}

#[cfg(any(target_vendor = "apple", windows))]
mod system {
    use rustls_platform_verifier::Verifier;

    use super::{Arc, CertificateDer, ServerCertVerifier, provider};
    use crate::network::pem;

    /// The system verifies; certificates that the environment names are added.
    pub fn verifier(
        authorities: &[CertificateDer<'static>],
    ) -> Result<(Arc<dyn ServerCertVerifier>, String), String> {
        let mut more = authorities.to_vec();
        let mut store = "the system's store".to_owned();
        if let Some(path) = std::env::var_os("SSL_CERT_FILE") {
            let read = pem::read(path.as_ref()).map_err(|why| {
                format!("SSL_CERT_FILE is set, and nothing is trusted: the file {why}")
            })?;
            store.push_str(" and SSL_CERT_FILE");
            more.extend(read.certificates);
        }
        let verifier = Verifier::new_with_extra_roots(more, provider())
            .map_err(|error| format!("the system's store cannot be used: {error}"))?;
        Ok((Arc::new(verifier), store))
    }
}

#[cfg(not(any(target_vendor = "apple", windows)))]
mod system {
    use rustls::{RootCertStore, client::WebPkiServerVerifier};
    use rustls_native_certs::CertificateResult;

    use super::{Arc, CertificateDer, ServerCertVerifier, is_usable, provider};

    /// The variables that name another store than the system's.
    const VARIABLES: [&str; 2] = ["SSL_CERT_FILE", "SSL_CERT_DIR"];

    pub fn verifier(
        authorities: &[CertificateDer<'static>],
    ) -> Result<(Arc<dyn ServerCertVerifier>, String), String> {
        let named = VARIABLES
            .into_iter()
            .find(|name| std::env::var_os(name).is_some());
        let found = rustls_native_certs::load_native_certs();
        let is_empty = found.certs.is_empty();
        let mut all = roots(found, named)?;
        let store = match named {
            Some(name) => name.to_owned(),
            None if is_empty => "Mozilla's list, as the system has no store".to_owned(),
            None => "the system's store".to_owned(),
        };
        all.extend_from_slice(authorities);
        let mut trusted = RootCertStore::empty();
        trusted.add_parsable_certificates(all);
        let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(trusted), provider())
            .build()
            .map_err(|error| error.to_string())?;
        Ok((verifier, store))
    }

    /// What to trust, by what was found in the store that the variable `named` names, or else in the system's.
    ///
    /// There is no other choice than a store that is named: whoever restricts what is trusted must not get more.
    fn roots(
        found: CertificateResult,
        named: Option<&str>,
    ) -> Result<Vec<CertificateDer<'static>>, String> {
        let usable: Vec<_> = found.certs.into_iter().filter(is_usable).collect();
        match (usable.is_empty(), named) {
            (false, _) => Ok(usable),
            (true, None) => Ok(webpki_root_certs::TLS_SERVER_ROOT_CERTS.to_vec()),
            (true, Some(name)) => {
                let reason = found.errors.first().map_or_else(
                    || "there is no certificate in it".to_owned(),
                    ToString::to_string,
                );
                Err(format!("{name} is set, and nothing is trusted: {reason}"))
            }
        }
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        fn found(certs: Vec<CertificateDer<'static>>) -> CertificateResult {
            let mut found = CertificateResult::default();
            found.certs = certs;
            found
        }

        #[test]
        fn a_system_without_certificates_trusts_what_mozilla_trusts() {
            let roots = roots(found(Vec::new()), None).unwrap();
            assert!(roots.len() > 50, "only {} roots", roots.len());
            assert!(roots.iter().all(is_usable));
        }

        #[test]
        fn a_store_is_taken_as_it_is() {
            let own = webpki_root_certs::TLS_SERVER_ROOT_CERTS[0].clone();
            let broken = CertificateDer::from(vec![0x30, 0x03, 1, 2, 3]);
            for named in [None, Some("SSL_CERT_FILE")] {
                let store = found(vec![broken.clone(), own.clone()]);
                assert_eq!(roots(store, named).unwrap(), vec![own.clone()]);
            }
        }

        #[test]
        fn a_named_store_without_certificates_is_an_error_and_not_a_wider_trust() {
            let told = roots(found(Vec::new()), Some("SSL_CERT_FILE")).unwrap_err();
            assert_eq!(
                told,
                "SSL_CERT_FILE is set, and nothing is trusted: there is no certificate in it"
            );
            let missing = rustls_native_certs::load_certs_from_paths(
                Some(std::path::Path::new("no/such/file.pem")),
                None,
            );
            let told = roots(missing, Some("SSL_CERT_FILE")).unwrap_err();
            assert!(told.contains("no/such/file.pem"), "{told}");
        }
    }
}
