//! What goes wrong below HTTP: names, connections, TLS, and a service that is gone.

use std::net::TcpListener;

use proctor_sandbox::{Fault, FaultKind, Flaw, Sandbox, Scenario};
use proctor_test_support::{KEY, Outcome, Proctor, fault, sandbox, until};

use super::ALL;
use super::service::{Service, each, error, sent};

/// After how many seconds a run is killed that does not end.
const WATCHDOG: u64 = 200;

/// `proctor run` of one of Keploy's applications at an address.
fn at(api: &str) -> Proctor {
    let config = format!(
        "[targets.it]\nprovider = \"keploy\"\napi_url = \"{api}\"\napp = \"app-7f3\"\nbase_url = \"https://staging.example.com\"\n"
    );
    Proctor::new(&["run", "--verbose", "--skip-preflight", "--report", "json"])
        .file("proctor.toml", &config)
        .variable("PROCTOR_TIMEOUT", "30s")
        .key(KEY)
}

/// Nothing was sent, and it is told at which call.
#[track_caller]
fn not_sent(outcome: Outcome, says: &str, retriable: bool) {
    let outcome = outcome.expect(7).says(says);
    let error = error(&outcome);
    assert_eq!(error["code"], "unavailable");
    assert_eq!(error["retriable"], retriable, "{error:#}");
    let message = error["message"].as_str().unwrap_or_default();
    assert!(
        message.starts_with("GET /") || message.starts_with("POST /"),
        "{message}"
    );
    assert!(!outcome.path("proctor-handle.json").exists());
}

#[test]
fn where_nobody_listens_is_7() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("bound"));
    drop(listener);
    not_sent(at(&url).end_within(WATCHDOG), "connection refused", true);
}

#[test]
fn a_name_that_nobody_has_is_7() {
    not_sent(
        at("https://no-such-host.invalid/client/v1").end_within(WATCHDOG),
        "no-such-host.invalid",
        true,
    );
}

#[test]
fn a_connection_that_is_no_tls_is_7() {
    let sandbox = sandbox("");
    let url = sandbox.service_url("keploy").replace("http://", "https://");
    not_sent(
        at(&url).end_within(WATCHDOG),
        "no TLS connection could be made",
        true,
    );
    assert!(sandbox.received().is_empty());
}

#[test]
fn a_certificate_that_nobody_should_take_is_7() {
    for flaw in [None, Some(Flaw::WrongName), Some(Flaw::Expired)] {
        let address = "127.0.0.1:0".parse().expect("an address");
        let sandbox = match flaw {
            None => Sandbox::start_tls(address, Scenario::default()),
            Some(flaw) => Sandbox::start_tls_flawed(address, Scenario::default(), flaw),
        };
        let sandbox = sandbox.expect("a free port");
        let proctor = at(&sandbox.service_url("keploy"));
        // Whose authority it is matters only where nothing else is wrong.
        let authority = sandbox.ca_pem().filter(|_| flaw.is_some());
        let proctor = match authority {
            Some(pem) => {
                let file = proctor.path("ca.pem");
                proctor.file("ca.pem", pem).variable("SSL_CERT_FILE", file)
            }
            None => proctor,
        };
        not_sent(
            proctor.end_within(WATCHDOG),
            "the certificate that it shows",
            false,
        );
        assert!(sandbox.received().is_empty(), "{flaw:?}");
    }
}

/// Followed, it would go round for ever.
#[test]
fn a_redirect_that_leads_back_is_not_followed_either() {
    each(ALL, |service| {
        let sandbox = service.sandbox("");
        let kind = FaultKind::Redirect {
            location: format!("{}/again", sandbox.service_url(service.stand_in)),
        };
        sandbox.add_fault(service.lasting(("GET", "**"), kind));
        service
            .end(&sandbox, service.pass.id)
            .expect(8)
            .says("/again");
        assert_eq!(sandbox.count("GET", "**/again"), 0, "{}", service.name);
    });
}

/// At its time limit of some seconds a run has nobody left to ask. The host would drop it 35 s later.
#[test]
fn a_service_that_is_gone_for_good_ends_with_the_time_limit() {
    each(ALL, |service| {
        let Some(trigger) = &service.trigger else {
            return;
        };
        let sandbox = service.sandbox("");
        let mut proctor = service
            .run(&sandbox, service.endless)
            .variable("PROCTOR_TIMEOUT", service.looked_by);
        let child = proctor.spawn();
        until("the run is looked at", || {
            let looks = sent(&sandbox, service.look).len();
            sent(&sandbox, trigger.call).len() == 1
                && looks > usize::try_from(service.looks_before).unwrap_or_default()
        });
        drop(sandbox);
        let outcome = proctor.child_within(child, WATCHDOG);
        assert!(
            [4, 7].contains(&outcome.code),
            "{}\n{}",
            service.name,
            outcome.err
        );
        service.hides_key(&outcome);
        assert!(
            outcome.path("proctor-handle.json").exists(),
            "{}",
            service.name
        );
    });
}

/// Faults that only a stream of events has.
#[test]
fn a_stream_that_never_ends_holds_up_nothing() {
    for ms in [0, 1, 50] {
        let sandbox = sandbox("queue_ms = 300");
        sandbox.add_fault(Fault {
            times: 0,
            ..fault("GET", "/jobs/*/events", FaultKind::StreamEndless { ms })
        });
        let outcome = Proctor::run(&sandbox, "app-7f3")
            .variable("PROCTOR_TIMEOUT", "60s")
            .end_within(WATCHDOG)
            .expect(0);
        assert_eq!(
            outcome.results()["targets"][0]["counts"]["passed"],
            4,
            "{ms}"
        );
    }
}

/// Bodies that no component could hold.
#[test]
fn a_body_without_end_is_read_up_to_a_limit() {
    let kinds = [
        FaultKind::EndlessBody,
        FaultKind::EndlessHead,
        FaultKind::HugeBody { bytes: 100_000_000 },
        FaultKind::DeepJson {
            depth: 1_000_000,
            processed: false,
        },
    ];
    let all: Vec<(&Service, &FaultKind)> = ALL
        .iter()
        .flat_map(|service| kinds.iter().map(move |kind| (*service, kind)))
        .collect();
    each(&all, |(service, kind)| {
        let sandbox = service.sandbox("");
        sandbox.add_fault(service.at_look((*kind).clone()));
        let outcome = service
            .run(&sandbox, service.pass.id)
            .variable("PROCTOR_TIMEOUT", "120s")
            .end_within(WATCHDOG);
        let outcome = service.ended(&sandbox, outcome);
        assert_eq!(
            outcome.code, 8,
            "{} {kind:?}\n{}",
            service.name, outcome.err
        );
        super::service::names_call(&outcome, service.look);
        if let Some(peak) = outcome.peak {
            assert!(peak < 600_000, "{} {kind:?}: {peak} KiB", service.name);
        }
    });
}
