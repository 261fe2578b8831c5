//! All services in one `proctor run`.

use std::collections::BTreeSet;

use proctor_sandbox::{Sandbox, Scenario};

use super::ALL;
use super::service::{Expected, Service, sent, targets};
use proctor_test_support::{Outcome, Proctor};

/// A sandbox with what every service's tests need.
fn sandbox() -> Sandbox {
    let scenario: String = ALL
        .iter()
        .map(|service| format!("[{}]\n{}\n", service.stand_in, service.settings))
        .collect();
    let scenario = Scenario::from_toml(&scenario).unwrap_or_else(|error| panic!("{error}"));
    Sandbox::start("127.0.0.1:0".parse().expect("an address"), scenario).expect("a free port")
}

/// One target at each service.
fn run(sandbox: &Sandbox, chosen: impl Fn(&Service) -> &Expected) -> Outcome {
    let config: String = ALL
        .iter()
        .map(|service| service.target(sandbox, service.name, chosen(service).id))
        .collect();
    let mut proctor = Proctor::new(&["run", "--verbose", "--report", "json", "--report", "junit"])
        .file("proctor.toml", &config)
        .variable("PROCTOR_TIMEOUT", "30s");
    for service in ALL {
        proctor = proctor.variable(service.variable, service.key);
    }
    let outcome = proctor.end();
    for service in ALL {
        service.hides_key(&outcome);
        if let Some(trigger) = &service.trigger {
            assert_eq!(sent(sandbox, trigger.call).len(), 1, "{}", service.name);
        }
    }
    outcome
}

#[test]
fn every_service_passes_in_one_run() {
    let sandbox = sandbox();
    let outcome = run(&sandbox, |service| &service.pass).expect(0);
    let results = outcome.results();
    assert_eq!(results["verdict"], "passed");
    let names: BTreeSet<&str> = targets(&results)
        .iter()
        .filter_map(|target| target["name"].as_str())
        .collect();
    assert_eq!(names, ALL.iter().map(|service| service.name).collect());
    // Beside each other, not one after the other.
    let each: Vec<u64> = targets(&results)
        .iter()
        .filter_map(|target| target["duration_ms"].as_u64())
        .collect();
    let whole = results["duration_ms"].as_u64().unwrap_or_default();
    assert!(whole < each.iter().sum(), "{whole} ms for {each:?}");
}

#[test]
fn each_services_failure_is_reported_as_its_own() {
    let sandbox = sandbox();
    let outcome = run(&sandbox, |service| &service.fail).expect(1);
    let results = outcome.results();
    for (service, target) in ALL.iter().zip(targets(&results)) {
        assert_eq!(target["name"], service.name);
        assert_eq!(target["verdict"], service.fail.verdict, "{}", service.name);
        let counts = ["passed", "failed", "errored"]
            .map(|name| target["counts"][name].as_u64().unwrap_or_default());
        assert_eq!(counts, service.fail.counts, "{}", service.name);
    }
    let junit = outcome.read("junit.xml");
    for service in ALL {
        assert!(junit.contains(service.name), "{}: {junit}", service.name);
    }
}

/// A key goes to its own service alone.
#[test]
fn no_service_is_shown_the_key_of_another() {
    let sandbox = sandbox();
    run(&sandbox, |service| &service.pass).expect(0);
    for received in sandbox.received() {
        for service in ALL {
            if received.service == service.stand_in {
                continue;
            }
            let shown = received
                .headers
                .iter()
                .any(|(_, value)| value.contains(service.key));
            assert!(!shown, "{} {}", received.service, received.path);
        }
    }
}
