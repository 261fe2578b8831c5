//! https: who the sandbox is, and that faults are the same there.

use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use proctor_sandbox::{FaultKind, Sandbox, Scenario};
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use crate::support::{fault, sandbox as plain, until};

type Stream = StreamOwned<ClientConnection, TcpStream>;

fn start() -> Sandbox {
    let address = "127.0.0.1:0".parse().expect("an address");
    Sandbox::start_tls(address, Scenario::default()).expect("a free port")
}

/// Connects as somebody who trusts what a PEM text holds.
fn connect(sandbox: &Sandbox, name: &str, ca_pem: &str) -> Stream {
    let mut roots = RootCertStore::empty();
    let ca = CertificateDer::from_pem_slice(ca_pem.as_bytes()).expect("a certificate");
    roots.add(ca).expect("an authority");
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("protocols")
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from(name.to_owned()).expect("a name");
    let client = ClientConnection::new(Arc::new(config), name).expect("a client");
    let address = sandbox.url().trim_start_matches("https://").to_owned();
    let stream = TcpStream::connect(address).expect("a connection");
    stream
        .set_read_timeout(Some(Duration::from_secs(30)))
        .expect("a timeout");
    StreamOwned::new(client, stream)
}

/// A request of Testmo's API with the full key.
pub fn request(method: &str, path: &str, body: &str) -> String {
    format!(
        "{method} /api/v1{path} HTTP/1.1\r\nhost: sandbox\r\nauthorization: Bearer testmo-sandbox\r\n\
         content-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    )
}

/// Sends a request and reads to the end of the connection: what came, and how it ended.
pub fn send(sandbox: &Sandbox, request: &str) -> (String, io::Result<()>) {
    let ca_pem = sandbox.ca_pem().expect("an authority");
    let mut stream = connect(sandbox, "127.0.0.1", ca_pem);
    let mut answer = Vec::new();
    let end = stream
        .write_all(request.as_bytes())
        .and_then(|()| stream.read_to_end(&mut answer).map(drop));
    (String::from_utf8(answer).expect("UTF-8"), end)
}

fn with(kind: FaultKind) -> Sandbox {
    let sandbox = start();
    sandbox.add_fault(fault("*", "**", kind));
    sandbox
}

const NEW_RUN: (&str, &str) = (
    "/projects/1/automation/runs",
    r#"{"name":"R","source":"api"}"#,
);

/// How many runs there are.
fn runs(sandbox: &Sandbox) -> usize {
    let (answer, end) = send(sandbox, &request("GET", NEW_RUN.0, ""));
    end.expect("a proper end");
    answer.matches("\"threads\":").count()
}

#[test]
fn an_address_says_how_it_is_served() {
    let sandbox = start();
    assert!(sandbox.url().starts_with("https://127.0.0.1:"));
    assert_eq!(
        sandbox.service_url("testmo"),
        format!("{}/api/v1", sandbox.url())
    );
    assert!(sandbox.system_url().starts_with("https://"));
    let ca_pem = sandbox.ca_pem().expect("an authority");
    assert!(ca_pem.starts_with("-----BEGIN CERTIFICATE-----"));
    assert!(!ca_pem.contains("PRIVATE"));
    let plain = plain("");
    assert!(plain.url().starts_with("http://") && plain.ca_pem().is_none());
}

#[test]
fn only_loopback_addresses_are_served() {
    let address = "0.0.0.0:0".parse().expect("an address");
    let error = Sandbox::start_tls(address, Scenario::default())
        .err()
        .expect("a refusal");
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
}

#[test]
fn the_certificate_is_for_the_machine_itself_and_of_this_start() {
    let sandbox = start();
    let ca_pem = sandbox.ca_pem().expect("an authority").to_owned();
    let shake = |name: &str, ca_pem: &str| {
        let mut stream = connect(&sandbox, name, ca_pem);
        stream.write_all(request("GET", "/user", "").as_bytes())
    };
    for name in ["127.0.0.1", "localhost"] {
        shake(name, &ca_pem).unwrap_or_else(|error| panic!("{name}: {error}"));
    }
    shake("testmo.net", &ca_pem).expect_err("another name");
    let other = start();
    let other_pem = other.ca_pem().expect("an authority");
    assert_ne!(ca_pem, other_pem);
    shake("127.0.0.1", other_pem).expect_err("another authority");
    let (answer, end) = send(&sandbox, &request("GET", "/user", ""));
    end.expect("a proper end");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

#[test]
fn only_clients_of_an_authority_are_served_if_one_is_given() {
    let authority = plain_authority();
    let address = "127.0.0.1:0".parse().expect("an address");
    let sandbox =
        Sandbox::start_for_clients(address, Scenario::default(), &authority).expect("a free port");
    let ca_pem = sandbox.ca_pem().expect("an authority");
    let mut stream = connect(&sandbox, "127.0.0.1", ca_pem);
    let refusal = stream
        .write_all(request("GET", "/user", "").as_bytes())
        .and_then(|()| stream.read_to_end(&mut Vec::new()))
        .expect_err("no certificate is shown");
    assert!(
        refusal.to_string().contains("CertificateRequired"),
        "{refusal}"
    );
    assert!(sandbox.received().is_empty());
    for wrong in [
        "",
        "nothing",
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    ] {
        let error = Sandbox::start_for_clients(address, Scenario::default(), wrong)
            .err()
            .expect("a refusal");
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error}");
    }
}

/// The authority of a sandbox that has ended is as good as any.
fn plain_authority() -> String {
    start().ca_pem().expect("an authority").to_owned()
}

#[test]
fn who_speaks_no_tls_gets_no_answer() {
    let sandbox = start();
    let address = sandbox.url().trim_start_matches("https://").to_owned();
    let mut stream = TcpStream::connect(address).expect("a connection");
    stream
        .write_all(request("GET", "/user", "").as_bytes())
        .expect("sent");
    let mut answer = Vec::new();
    // Whether it ends with an error depends on what is still unread.
    let _ = stream.read_to_end(&mut answer);
    assert!(!answer.starts_with(b"HTTP"));
    assert!(sandbox.received().is_empty());
    assert_eq!(runs(&sandbox), 5, "others are served");
}

#[test]
fn a_connection_is_reset_before_or_after_the_work() {
    for (kind, count) in [(FaultKind::ResetBefore, 5), (FaultKind::ResetAfter, 6)] {
        let sandbox = with(kind.clone());
        let (answer, end) = send(&sandbox, &request("POST", NEW_RUN.0, NEW_RUN.1));
        let error = end.expect_err("no proper end");
        assert_eq!(error.kind(), ErrorKind::ConnectionReset, "{kind:?}");
        assert_eq!(answer, "");
        assert_eq!(runs(&sandbox), count, "{kind:?}");
        assert_eq!(sandbox.received()[0].status, 0);
    }
}

#[test]
fn a_truncated_body_ends_before_its_length() {
    let sandbox = with(FaultKind::TruncatedBody);
    let (answer, _) = send(&sandbox, &request("GET", "/user", ""));
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "))
        .expect("a length");
    let length: usize = length.parse().expect("a number");
    assert!(!body.is_empty() && body.len() < length, "{answer}");
}

#[test]
fn answers_come_late_in_drops_or_in_another_form() {
    for (kind, start, part) in [
        (FaultKind::Latency { ms: 5 }, "HTTP/1.1 200", "\"result\""),
        (FaultKind::SlowBody { ms: 1 }, "HTTP/1.1 200", "0\r\n\r\n"),
        (
            FaultKind::Html {
                status: 502,
                processed: false,
            },
            "HTTP/1.1 502",
            "Bad Gateway",
        ),
        (
            FaultKind::HugeBody { bytes: 100_000 },
            "HTTP/1.1 200",
            "xxxx",
        ),
    ] {
        let sandbox = with(kind);
        let (answer, end) = send(&sandbox, &request("GET", "/user", ""));
        end.expect("a proper end");
        assert!(answer.starts_with(start), "{answer}");
        assert!(answer.contains(part), "{answer}");
    }
}

#[test]
fn a_hanging_request_gets_no_answer() {
    let sandbox = with(FaultKind::Hang);
    let mut stream = connect(
        &sandbox,
        "127.0.0.1",
        sandbox.ca_pem().expect("an authority"),
    );
    stream
        .write_all(request("GET", "/user", "").as_bytes())
        .expect("sent");
    until("the request hangs", || sandbox.count("GET", "/user") == 1);
    stream
        .get_ref()
        .set_read_timeout(Some(Duration::from_millis(200)))
        .expect("a timeout");
    let silence = stream.read(&mut [0; 1]).expect_err("nothing comes");
    assert!(matches!(
        silence.kind(),
        ErrorKind::WouldBlock | ErrorKind::TimedOut
    ));
    assert_eq!(runs(&sandbox), 5, "others are served meanwhile");
}

#[test]
fn a_request_that_nobody_waits_for_is_still_carried_out() {
    let sandbox = with(FaultKind::Latency { ms: 50 });
    let mut stream = connect(
        &sandbox,
        "127.0.0.1",
        sandbox.ca_pem().expect("an authority"),
    );
    stream
        .write_all(request("POST", NEW_RUN.0, NEW_RUN.1).as_bytes())
        .expect("sent");
    // It goes without TLS's own goodbye.
    drop(stream);
    until("the run is made", || runs(&sandbox) == 6);
}
