//! A company's own authority, as tests need one.

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, date_time_ymd,
};

/// An authority.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pub pem: String,
}

/// A certificate and its key, in PEM.
pub struct Made {
    pub certificate: String,
    pub key: String,
}

impl Authority {
    pub fn new(name: &str) -> Self {
        let mut params = CertificateParams::new(Vec::new()).expect("names");
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        let key = KeyPair::generate().expect("a key");
        let pem = params.self_signed(&key).expect("signed").pem();
        Self {
            issuer: Issuer::new(params, key),
            pem,
        }
    }

    /// A certificate for a client; `years` are the first and the last in which it is valid.
    pub fn client(&self, name: &str, years: Option<(i32, i32)>) -> Made {
        self.made(name, &[], years, ExtendedKeyUsagePurpose::ClientAuth)
    }

    /// A certificate for a server.
    pub fn server(&self, names: &[&str], years: Option<(i32, i32)>) -> Made {
        self.made("server", names, years, ExtendedKeyUsagePurpose::ServerAuth)
    }

    /// A server's certificate that nobody else has signed.
    pub fn of_itself(names: &[&str], is_ca: IsCa) -> Made {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let mut params = CertificateParams::new(names).expect("names");
        params.is_ca = is_ca;
        let key = KeyPair::generate().expect("a key");
        Made {
            certificate: params.self_signed(&key).expect("signed").pem(),
            key: key.serialize_pem(),
        }
    }

    fn made(
        &self,
        name: &str,
        names: &[&str],
        years: Option<(i32, i32)>,
        usage: ExtendedKeyUsagePurpose,
    ) -> Made {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let mut params = CertificateParams::new(names).expect("names");
        params.distinguished_name.push(DnType::CommonName, name);
        params.extended_key_usages = vec![usage];
        params.use_authority_key_identifier_extension = true;
        if let Some((first, last)) = years {
            params.not_before = date_time_ymd(first, 1, 1);
            params.not_after = date_time_ymd(last, 12, 31);
        }
        let key = KeyPair::generate().expect("a key");
        let certificate = params.signed_by(&key, &self.issuer).expect("signed");
        Made {
            certificate: certificate.pem(),
            key: key.serialize_pem(),
        }
    }
}
