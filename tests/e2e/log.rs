//! Diagnostics: told when they are asked for, to standard error alone, and without secrets.

use proctor_sandbox::{FaultKind, Sandbox, Scenario};
use serde_json::Value;

use proctor_test_support::{KEY, Outcome, Proctor, SHORT, TRIGGER, fault, sandbox, status};

/// `proctor run` with a filter.
fn run(sandbox: &Sandbox, filter: &str) -> Proctor {
    Proctor::run(sandbox, "app-7f3").variable("PROCTOR_LOG", filter)
}

/// The records on standard error: level, path and text.
fn records(outcome: &Outcome) -> Vec<(String, String, String)> {
    let lines = outcome.err.lines().filter_map(|line| {
        let (time, rest) = line.split_once("s ")?;
        time.parse::<f64>().ok()?;
        let (level, rest) = rest.split_at_checked(5)?;
        let (path, text) = rest.trim_start().split_once(' ')?;
        Some((level.trim().to_owned(), path.to_owned(), text.to_owned()))
    });
    lines.collect()
}

fn paths(records: &[(String, String, String)]) -> Vec<&str> {
    let mut paths: Vec<&str> = records.iter().map(|(_, path, _)| path.as_str()).collect();
    paths.sort_unstable();
    paths.dedup();
    paths
}

#[test]
fn nothing_is_told_unless_it_is_asked_for() {
    let sandbox = sandbox("");
    for (arguments, variable) in [(&[][..], ""), (&["--verbose"], "off"), (&["--quiet"], "")] {
        let outcome = run(&sandbox, variable).arguments(arguments).end().expect(0);
        assert!(
            records(&outcome).is_empty(),
            "{arguments:?}: {}",
            outcome.err
        );
    }
}

#[test]
fn verbose_is_what_proctor_itself_says() {
    let sandbox = sandbox("");
    let outcome = run(&sandbox, "").arguments(&["--verbose"]).end().expect(0);
    let records = records(&outcome);
    assert_eq!(paths(&records), ["proctor::service::keploy"]);
    assert!(
        records.iter().all(|(level, ..)| level == "DEBUG"),
        "{records:#?}"
    );
    assert!(
        records
            .iter()
            .any(|(.., text)| text.starts_with("keploy: POST ")),
        "{records:#?}"
    );
}

#[test]
fn the_network_tells_of_connections_answers_and_turns() {
    let sandbox = sandbox("");
    let outcome = run(&sandbox, "network=trace")
        .arguments(&["--quiet"])
        .end()
        .expect(0);
    let records = records(&outcome);
    assert_eq!(paths(&records), ["proctor::network"]);
    let says = |what: &str| records.iter().any(|(.., text)| text.contains(what));
    for what in [
        "keploy: GET ",
        "over a connection made in",
        "over a connection that was there",
        "200 by HTTP/1.1 after",
        "a turn of the account's line after",
        "requests left, of",
        ": the answer ended",
    ] {
        assert!(says(what), "{what}\n{records:#?}");
    }
}

#[test]
fn parts_and_services_are_chosen_by_name() {
    let sandbox = sandbox("");
    // Without a stream of events it is looked again and again.
    let mut gone = fault("GET", "/jobs/*/events", status(404, None, None));
    gone.times = 0;
    sandbox.add_fault(gone);
    let outcome = Proctor::run(&sandbox, "app-stuck")
        .variable("PROCTOR_LOG", "engine=trace,keploy=info")
        .variable("PROCTOR_TIMEOUT", SHORT)
        .end()
        .expect(4);
    let told = records(&outcome);
    assert_eq!(paths(&told), ["proctor::engine"]);
    for begin in [
        "an instance after ",
        "keploy: an instance after ",
        "keploy: waits ",
    ] {
        assert!(
            told.iter().any(|(.., text)| text.starts_with(begin)),
            "{begin}: {told:#?}"
        );
    }
    // What people do not read already is told in full.
    let outcome = run(&sandbox, "service=info")
        .arguments(&["--output", "ndjson"])
        .end()
        .expect(0);
    let told = records(&outcome);
    assert!(
        told.iter()
            .any(|(level, _, text)| level == "INFO" && text.contains("triggered")),
        "{told:#?}"
    );
}

#[test]
fn a_target_is_chosen_by_name_and_a_flag_wins() {
    let sandbox = sandbox("");
    let target = |name: &str| {
        format!(
            "[targets.{name}]\nprovider = \"keploy\"\napi_url = \"{}\"\napp = \"app-7f3\"\nbase_url = \"{}\"\n",
            sandbox.service_url("keploy"),
            sandbox.system_url()
        )
    };
    let config = format!("{}{}", target("login"), target("other"));
    let outcome = Proctor::new(&["run", "--log", "target::login=trace"])
        .file("proctor.toml", &config)
        .variable("PROCTOR_LOG", "target::other=trace")
        .key(KEY)
        .end()
        .expect(0);
    let records = records(&outcome);
    assert_eq!(
        paths(&records),
        [
            "proctor::engine",
            "proctor::network",
            "proctor::service::keploy"
        ]
    );
    assert!(
        records.iter().all(|(.., text)| text.starts_with("login: ")),
        "{records:#?}"
    );
}

#[test]
fn a_target_that_is_not_there_is_warned_of() {
    let sandbox = sandbox("");
    let outcome = run(
        &sandbox,
        "target::keplo=trace,target::kep*=warn,service::mine",
    )
    .end()
    .expect(0)
    .says("the filter of diagnostics speaks of `target::keplo`, and nothing here has that name")
    .says("speaks of `service::mine`");
    assert!(!outcome.err.contains("`target::kep*`"), "{}", outcome.err);
    assert!(records(&outcome).is_empty(), "{}", outcome.err);
}

#[cfg(not(any(target_vendor = "apple", windows)))]
#[test]
fn libraries_tell_of_tls() {
    let address = "127.0.0.1:0".parse().expect("an address");
    let sandbox = Sandbox::start_tls(address, Scenario::default()).expect("a free port");
    let url = sandbox.service_url("keploy");
    let proctor = Proctor::new(&["list", "--provider", "keploy", "--api-url", &url]);
    let authority = proctor.path("ca.pem");
    let outcome = proctor
        .file("ca.pem", sandbox.ca_pem().expect("an authority"))
        .arguments(&["--log", "rustls=debug,reqwest=debug"])
        .variable("SSL_CERT_FILE", authority)
        .key(KEY)
        .end()
        .expect(0);
    let records = records(&outcome);
    let says = |what: &str| records.iter().any(|(.., text)| text.contains(what));
    assert!(says("Using ciphersuite") && says("TLS13"), "{records:#?}");
    assert!(says("starting new connection"), "{records:#?}");
    assert!(
        !paths(&records)
            .iter()
            .any(|path| path.starts_with("proctor")),
        "{records:#?}"
    );
}

#[test]
fn standard_output_stays_data() {
    let sandbox = sandbox("");
    let outcome = run(&sandbox, "trace")
        .arguments(&["--output", "ndjson"])
        .end()
        .expect(0);
    for line in outcome.out.lines() {
        let line: Value =
            serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        assert!(line["type"].is_string());
        assert_ne!(line["type"], "debug", "that is for --verbose");
    }
    assert!(!records(&outcome).is_empty());
    assert!(!outcome.err.contains(KEY), "{}", outcome.err);
}

#[test]
fn neither_a_key_nor_a_command_gets_through() {
    let sandbox = sandbox("");
    sandbox.add_fault(fault("POST", TRIGGER, FaultKind::EchoKey { status: 400 }));
    let outcome = Proctor::run(&sandbox, "app-7f3\n::error::x ##[error]y")
        .variable("PROCTOR_LOG", "trace")
        .variable("HTTPS_PROXY", "http://user:pa55word-of-proxy@127.0.0.1:9")
        .end();
    for text in [&outcome.out, &outcome.err] {
        assert!(
            !text.contains(KEY) && !text.contains("pa55word-of-proxy"),
            "{text}"
        );
    }
    for line in outcome.err.lines() {
        assert!(
            !line.trim_start().starts_with("::") && !line.contains("##["),
            "{line}"
        );
    }
}

#[test]
fn a_wrong_filter_is_a_mistake() {
    let sandbox = sandbox("");
    run(&sandbox, "networ=trace").end().expect(2).says(
        "PROCTOR_LOG: nothing that is named `networ` tells of itself; did you mean `network`?",
    );
    Proctor::run(&sandbox, "app-7f3")
        .arguments(&["--log", "network=loud"])
        .end()
        .expect(2)
        .says("--log: `loud` in `network=loud` is no level");
    for misspelt in ["proctor::nonsense", "network::foo", "wasmtimeXYZ=trace"] {
        let name = misspelt.trim_end_matches("=trace");
        run(&sandbox, misspelt)
            .end()
            .expect(2)
            .says(&format!("nothing that is named `{name}` tells of itself"));
    }
    assert!(sandbox.received().is_empty());
}
