//! Starting and stopping.

use std::io::ErrorKind;
use std::net::TcpStream;
use std::sync::mpsc::channel;
use std::time::Duration;

use proctor_sandbox::{FaultKind, Sandbox, Scenario, services};

use crate::support::{bare, call, fault, run, sandbox, until};

#[test]
fn only_loopback_addresses_are_listened_on() {
    for address in ["0.0.0.0:0", "[::]:0", "192.0.2.1:0"] {
        let refused = Sandbox::start(address.parse().expect("an address"), Scenario::default());
        let error = refused.err().expect("a refusal");
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error}");
        assert!(error.to_string().contains("loopback"), "{error}");
    }
}

#[test]
fn a_taken_address_is_an_error() {
    let sandbox = sandbox("");
    let address = sandbox.url().trim_start_matches("http://").parse();
    let again = Sandbox::start(address.expect("an address"), Scenario::default());
    assert_eq!(again.err().expect("a refusal").kind(), ErrorKind::AddrInUse);
}

#[test]
fn services_tell_what_a_client_needs() {
    let sandbox = sandbox("");
    for service in services() {
        let url = sandbox.service_url(service.name);
        assert_eq!(url, format!("{}{}", sandbox.url(), service.path));
        for key in [Some(service.key), service.read_only_key]
            .into_iter()
            .flatten()
        {
            let url = format!("{}{}", service.path, service.probe);
            let taken = [("x-api-key", ""), ("authorization", "Bearer ")]
                .map(|(header, prefix)| {
                    bare(&sandbox, "GET", &url)
                        .header(header, &format!("{prefix}{key}"))
                        .send()
                        .status
                })
                .contains(&200);
            assert!(taken, "{}", service.name);
        }
    }
}

#[test]
fn dropping_a_sandbox_ends_open_connections() {
    let sandbox = sandbox("");
    let address = sandbox.url().trim_start_matches("http://").to_owned();
    sandbox.add_fault(fault("GET", "/apps", FaultKind::Hang));
    let hanging = call(&sandbox, "GET", "/apps")
        .start()
        .expect("a connection");
    let job = run(&sandbox, "app-stuck");
    let path = format!("/jobs/{job}/events");
    let mut streaming = call(&sandbox, "GET", &path).open().expect("a stream");
    let idle = TcpStream::connect(&address).expect("a connection");
    until("the request hangs", || sandbox.count("GET", "/apps") == 1);

    let (send, receive) = channel();
    std::thread::spawn(move || {
        drop(sandbox);
        send.send(()).expect("somebody waits");
    });
    let dropped = receive.recv_timeout(Duration::from_secs(30));
    dropped.expect("dropping returns");
    streaming.pieces().expect_err("the stream is cut off");
    TcpStream::connect(&address).expect_err("nobody listens");
    drop((hanging, idle));
}
