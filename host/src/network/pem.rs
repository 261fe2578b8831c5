//! Files with certificates and keys, as people have them: PEM, and what they take for it.

use std::{fs::File, io::Read as _, path::Path};

use rustls::pki_types::{
    CertificateDer, PrivateKeyDer,
    pem::{self, PemObject as _, SectionKind},
};

/// The largest file that is read, in bytes: the store of a whole system is a quarter of a megabyte.
const LARGEST: u64 = 16 << 20;

/// What some editors begin a text in UTF-8 with.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// What a file holds.
pub struct Pem {
    pub certificates: Vec<CertificateDer<'static>>,
    pub keys: Vec<PrivateKeyDer<'static>>,
    /// Whether there is a private key behind a password.
    pub encrypted: bool,
    /// The text, which may hold a secret.
    pub text: String,
}

/// Reads a file.
///
/// # Errors
/// What is wrong with it, after `FILE `.
pub fn read(path: &Path) -> Result<Pem, String> {
    let unreadable = |error: std::io::Error| format!("cannot be read: {error}");
    // A pipe may have nobody at its other end, and devices have none at all.
    if !std::fs::metadata(path).map_err(unreadable)?.is_file() {
        return Err("is no regular file; write what it is to hold to one".to_owned());
    }
    let file = File::open(path).map_err(unreadable)?;
    let mut bytes = Vec::new();
    file.take(LARGEST + 1)
        .read_to_end(&mut bytes)
        .map_err(unreadable)?;
    if bytes.len() as u64 > LARGEST {
        return Err(format!("is larger than {} MB", LARGEST >> 20));
    }
    parse(&bytes)
}

/// Around the marks anything may stand, in any encoding (RFC 7468, 2): comments, and what editors put at the beginning.
fn parse(bytes: &[u8]) -> Result<Pem, String> {
    let bytes = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
    // An element of ASN.1 that says how long it is: DER, and so PKCS #12 too. PEM is text.
    let is_der = bytes.starts_with(&[0x30, 0x82]) || bytes.starts_with(&[0x30, 0x83]);
    let text = String::from_utf8_lossy(bytes).into_owned();
    let is_text = text.contains("-----BEGIN") || std::str::from_utf8(bytes).is_ok();
    if is_der || !is_text {
        return Err(not_pem());
    }
    let encrypted = text.contains("-----BEGIN ENCRYPTED PRIVATE KEY-----")
        || text
            .lines()
            .any(|line| line.trim() == "Proc-Type: 4,ENCRYPTED");
    let (mut certificates, mut keys) = (Vec::new(), Vec::new());
    for section in <(SectionKind, Vec<u8>)>::pem_slice_iter(bytes) {
        match section {
            Ok((SectionKind::Certificate, der)) => certificates.push(der.into()),
            Ok((SectionKind::PrivateKey, der)) => keys.push(PrivateKeyDer::Pkcs8(der.into())),
            Ok((SectionKind::RsaPrivateKey, der)) => keys.push(PrivateKeyDer::Pkcs1(der.into())),
            Ok((SectionKind::EcPrivateKey, der)) => keys.push(PrivateKeyDer::Sec1(der.into())),
            Ok(_) => {}
            // The older way of encrypting puts lines before the Base64, which end the reading.
            Err(_) if encrypted => break,
            Err(error) => return Err(format!("is damaged: {}", told(&error))),
        }
    }
    Ok(Pem {
        certificates,
        keys,
        encrypted,
        text,
    })
}

fn not_pem() -> String {
    "is not PEM, a text with `-----BEGIN CERTIFICATE-----`; `openssl x509 -inform der` makes it of DER, `openssl \
     pkcs12 -nodes` of a .p12 or .pfx file"
        .to_owned()
}

/// What the reader found, without anything of the file itself.
fn told(error: &pem::Error) -> String {
    match error {
        pem::Error::MissingSectionEnd { .. } => "a `-----BEGIN …-----` has no end".to_owned(),
        pem::Error::IllegalSectionStart { .. } => {
            "a line begins as a `-----BEGIN …-----` and is none".to_owned()
        }
        pem::Error::Base64Decode(_) => "what is between its marks is not Base64".to_owned(),
        _ => "it is not PEM".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_pem_is_told_without_its_content() {
        let cases: [(&[u8], &str); 4] = [
            (&[0x30, 0x82, 1, 2], "is not PEM"),
            (b"\xff\xfe\x00", "is not PEM"),
            (
                b"-----BEGIN PRIVATE KEY-----\nsecret\n",
                "is damaged: a `-----BEGIN …-----` has no end",
            ),
            (
                b"-----BEGIN PRIVATE KEY-----\nse!cret\n-----END PRIVATE KEY-----\n",
                "is damaged: what is between its marks is not Base64",
            ),
        ];
        for (bytes, expected) in cases {
            let told = parse(bytes).err().expect("refused");
            assert!(told.contains(expected) && !told.contains("cret"), "{told}");
        }
    }

    #[test]
    fn what_stands_around_the_marks_does_not_matter() {
        let block = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        let befores: [&[u8]; 3] = [
            b"\xef\xbb\xbf",
            b"# M\xfcller\n",
            b"\xef\xbb\xbf# caf\xe9\r\n",
        ];
        for before in befores {
            let read = parse(&[before, block.as_bytes()].concat()).expect("read");
            assert_eq!(read.certificates.len(), 1, "{before:?}");
        }
    }

    #[test]
    fn what_is_no_file_is_not_waited_for() {
        let told = read(Path::new(".")).err().expect("refused");
        assert_eq!(told, "is no regular file; write what it is to hold to one");
    }

    #[test]
    fn both_ways_of_encrypting_a_key_are_seen() {
        for text in [
            "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n",
            "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\nAAAA\n-----END RSA PRIVATE KEY-----\n",
        ] {
            assert!(parse(text.as_bytes()).expect("read").encrypted, "{text}");
        }
        assert!(!parse(b"no PEM in it\n").expect("read").encrypted);
    }
}
