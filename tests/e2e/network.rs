//! The network between: proxies, authorities, client certificates, and what `check --network` says of them.

mod authorities;
mod check;
mod clients;
mod identities;
mod inspected;
mod proxies;
mod servers;

use proctor_sandbox::{Sandbox, Scenario};
use proctor_test_support::{KEY, Outcome, Proctor};

/// A name of the sandbox's certificate that no DNS knows.
const NAME: &str = "sandbox.test";

fn address() -> std::net::SocketAddr {
    "127.0.0.1:0".parse().expect("an address")
}

fn https() -> Sandbox {
    Sandbox::start_tls(address(), Scenario::default()).expect("a free port")
}

/// The port that a URL names.
fn port(url: &str) -> u16 {
    let authority = url.split('/').nth(2).expect("an authority");
    let port = authority.rsplit(':').next().expect("a port");
    port.parse().expect("a number")
}

/// The URL of a service's API at the sandbox by its name, which only a proxy can look up.
fn by_name(sandbox: &Sandbox) -> String {
    sandbox.service_url("keploy").replace("127.0.0.1", NAME)
}

/// Lists what there is, once: what cannot be sent is not tried for long.
fn list(api_url: &str) -> Proctor {
    Proctor::new(&["--verbose", "list", "--provider", "keploy", "--api-url"])
        .arguments(&[api_url])
        .variable("PROCTOR_TIMEOUT", "30s")
        .key(KEY)
}

/// Explains the way to a service.
fn check(api_url: &str) -> Proctor {
    Proctor::new(&[
        "check",
        "--network",
        "--skip-preflight",
        "--provider",
        "keploy",
    ])
    .arguments(&["--api-url", api_url])
    .arguments(&[
        "--set",
        "app=app-7f3",
        "--set",
        "base_url=https://staging.example",
    ])
    .variable("PROCTOR_TIMEOUT", "30s")
    .key(KEY)
}

/// What a command said on standard output, with markers for what differs each time.
fn stable(outcome: &Outcome) -> String {
    let rules = [
        (r" \(\d+ ms\)", " (… ms)"),
        (r"127\.0\.0\.1:\d+", "127.0.0.1:PORT"),
        (r"localhost:\d+", "localhost:PORT"),
        (r"sandbox\.test:\d+", "sandbox.test:PORT"),
        (r"port \d+", "port PORT"),
        (r"\d{4}-\d\d-\d\d \d\d:\d\d UTC", "DATE"),
        (r"\d+ (second|minute|hour|day)s?", "SPAN"),
        // Which store there is differs from machine to machine.
        (
            "Mozilla's list, as the system has no store|the system's store",
            "STORE",
        ),
    ];
    rules
        .iter()
        .fold(outcome.out.clone(), |text, (pattern, with)| {
            let pattern = regex::Regex::new(pattern).expect("a pattern");
            pattern.replace_all(&text, *with).into_owned()
        })
}

#[track_caller]
fn hides(outcome: &Outcome, secret: &str) {
    assert!(!outcome.out.contains(secret), "{}", outcome.out);
    assert!(!outcome.err.contains(secret), "{}", outcome.err);
}
