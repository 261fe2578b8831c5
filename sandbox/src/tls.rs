//! https with certificates of the sandbox's own, made at every start.

use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _, ReadBuf};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::server::danger::ClientCertVerifier;
use tokio_rustls::rustls::{RootCertStore, ServerConfig};
use tokio_rustls::server::TlsStream;

use crate::connection::Connection;

/// A name that no DNS knows (RFC 6761, 6.2): for trying out proxies, which look names up themselves.
const NAME: &str = "sandbox.test";

/// How long a client may go on sending whose handshake has failed.
const GOODBYE: Duration = Duration::from_secs(1);

/// What is wrong with a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flaw {
    /// It is for another name.
    WrongName,
    /// It was good until 1975.
    Expired,
}

/// Who the sandbox is, and who vouches for it.
pub struct Identity {
    acceptor: TlsAcceptor,
    ca_pem: String,
}

impl Identity {
    /// Makes a certificate authority, and a certificate for `localhost`, 127.0.0.1, [`NAME`] and `ip`, perhaps with a
    /// flaw. With the authorities of clients, in PEM, only those are served that show a certificate of one of them.
    ///
    /// # Errors
    /// If there is no randomness to make keys of, or no authority in what is given.
    pub fn new(ip: IpAddr, flaw: Option<Flaw>, client_ca: Option<&str>) -> io::Result<Self> {
        let (authority, ca_pem) = authority().map_err(io::Error::other)?;
        let (certificate, key) = certificate(ip, flaw, &authority).map_err(io::Error::other)?;
        let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(io::Error::other)?
            .with_client_cert_verifier(clients(client_ca)?)
            .with_single_cert(vec![certificate], key)
            .map_err(io::Error::other)?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self {
            acceptor: TlsAcceptor::from(Arc::new(config)),
            ca_pem,
        })
    }

    /// What a client must trust.
    pub fn ca_pem(&self) -> &str {
        &self.ca_pem
    }

    /// Shakes hands.
    pub async fn accept(&self, connection: Connection) -> io::Result<Stream> {
        match self.acceptor.accept(connection).into_fallible().await {
            Ok(stream) => Ok(Stream(stream)),
            Err((error, connection)) => {
                say_goodbye(connection).await;
                Err(error)
            }
        }
    }
}

/// Closes a connection in good order: closed while the client still sends, it would be reset, and the word why might
/// be lost.
async fn say_goodbye(mut connection: Connection) {
    let rest = async {
        connection.shutdown().await?;
        tokio::io::copy(&mut connection, &mut tokio::io::sink()).await
    };
    // How it ends is the client's business.
    let _ = tokio::time::timeout(GOODBYE, rest).await;
}

/// Who decides about client certificates.
fn clients(client_ca: Option<&str>) -> io::Result<Arc<dyn ClientCertVerifier>> {
    let Some(pem) = client_ca else {
        return Ok(WebPkiClientVerifier::no_client_auth());
    };
    let mut trusted = RootCertStore::empty();
    for authority in CertificateDer::pem_slice_iter(pem.as_bytes()) {
        let authority = authority.map_err(invalid)?;
        trusted.add(authority).map_err(invalid)?;
    }
    if trusted.is_empty() {
        return Err(invalid("there is no certificate in it"));
    }
    let provider = Arc::new(ring::default_provider());
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(trusted), provider);
    verifier.build().map_err(invalid)
}

fn invalid(error: impl std::fmt::Display) -> io::Error {
    let message = format!("the authorities of clients cannot be used: {error}");
    io::Error::new(io::ErrorKind::InvalidInput, message)
}

fn named(name: &str, subjects: Vec<String>) -> Result<CertificateParams, rcgen::Error> {
    let mut params = CertificateParams::new(subjects)?;
    params.distinguished_name.push(DnType::CommonName, name);
    Ok(params)
}

fn authority() -> Result<(Issuer<'static, KeyPair>, String), rcgen::Error> {
    let mut params = named("Proctor sandbox CA", Vec::new())?;
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let key = KeyPair::generate()?;
    let pem = params.self_signed(&key)?.pem();
    Ok((Issuer::new(params, key), pem))
}

fn certificate(
    ip: IpAddr,
    flaw: Option<Flaw>,
    authority: &Issuer<'static, KeyPair>,
) -> Result<(CertificateDer<'static>, PrivateKeyDer<'static>), rcgen::Error> {
    let mut subjects = vec![
        "localhost".to_owned(),
        Ipv4Addr::LOCALHOST.to_string(),
        NAME.to_owned(),
    ];
    if ip != Ipv4Addr::LOCALHOST {
        subjects.push(ip.to_string());
    }
    if flaw == Some(Flaw::WrongName) {
        subjects = vec!["elsewhere.example".to_owned()];
    }
    let mut params = named("Proctor sandbox", subjects)?;
    if flaw == Some(Flaw::Expired) {
        params.not_after = rcgen::date_time_ymd(1975, 1, 1);
        params.not_before = rcgen::date_time_ymd(1974, 1, 1);
    }
    params.use_authority_key_identifier_extension = true;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let key = KeyPair::generate()?;
    let certificate = params.signed_by(&key, authority)?;
    let key = PrivatePkcs8KeyDer::from(key.serialize_der());
    Ok((certificate.into(), key.into()))
}

/// A connection behind TLS.
///
/// A client that goes away without TLS's own goodbye is taken for one that said it, as without TLS: its request is
/// carried out all the same. A request that is cut off is still noticed, as it says how long it is.
pub struct Stream(TlsStream<Connection>);

impl AsyncRead for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let read = ready!(Pin::new(&mut self.0).poll_read(cx, buf));
        Poll::Ready(match read {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(()),
            read => read,
        })
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}
