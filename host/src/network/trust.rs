//! Which certificates are trusted.

use reqwest::{Client, ClientBuilder};

use super::fault::chain;

/// Makes a client that trusts what the system trusts.
///
/// On Linux that is what Mozilla trusts if the system has no store, as in images made from `scratch` and in slim ones.
/// `SSL_CERT_FILE` and `SSL_CERT_DIR` take the place of the system's store there, as they do for OpenSSL; on macOS and
/// Windows `SSL_CERT_FILE` comes on top of it.
///
/// # Errors
/// Why it cannot be made: the environment names a store without certificates, or a proxy's URL is wrong.
pub(crate) fn trusting(builder: ClientBuilder) -> Result<Client, String> {
    system::trust(builder)?
        .build()
        .map_err(|error| chain(&error))
}

#[cfg(any(target_vendor = "apple", windows))]
mod system {
    use super::{ClientBuilder, chain};

    /// The system verifies; certificates that the environment names are added.
    pub fn trust(builder: ClientBuilder) -> Result<ClientBuilder, String> {
        let Some(path) = std::env::var_os("SSL_CERT_FILE") else {
            return Ok(builder);
        };
        let pem = std::fs::read(&path)
            .map_err(|error| format!("SSL_CERT_FILE cannot be read: {error}"))?;
        let certificates =
            reqwest::Certificate::from_pem_bundle(&pem).map_err(|error| chain(&error))?;
        Ok(builder.tls_certs_merge(certificates))
    }
}

#[cfg(not(any(target_vendor = "apple", windows)))]
mod system {
    use reqwest::Certificate;
    use rustls::{RootCertStore, pki_types::CertificateDer};
    use rustls_native_certs::CertificateResult;

    use super::{ClientBuilder, chain};

    /// The variables that name another store than the system's.
    const VARIABLES: [&str; 2] = ["SSL_CERT_FILE", "SSL_CERT_DIR"];

    pub fn trust(builder: ClientBuilder) -> Result<ClientBuilder, String> {
        let named = VARIABLES
            .into_iter()
            .find(|name| std::env::var_os(name).is_some());
        let roots = roots(rustls_native_certs::load_native_certs(), named)?;
        let certificates: Result<Vec<_>, _> = roots
            .iter()
            .map(|root| Certificate::from_der(root))
            .collect();
        let certificates = certificates.map_err(|error| chain(&error))?;
        Ok(builder.tls_certs_only(certificates))
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

    /// Stores of systems hold certificates that nobody can read any more. They are passed over, as OpenSSL does.
    fn is_usable(certificate: &CertificateDer<'static>) -> bool {
        RootCertStore::empty().add(certificate.clone()).is_ok()
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
