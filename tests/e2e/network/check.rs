//! `check --network`, for ways without a proxy.

use proctor_test_support::{KEY, Outcome, Proctor, sandbox};
use rcgen::{BasicConstraints, IsCa};
use serde_json::Value;

use super::{
    check,
    clients::Authority,
    https,
    servers::{blurting, closed_port, over_tls, plain},
    stable,
};

const ANSWER: &str = "HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";

/// The explanation of a server with a certificate for these names.
fn at(names: &[&str], years: Option<(i32, i32)>, arguments: &[&str]) -> Outcome {
    let authority = Authority::new("Company CA");
    let port = over_tls(&authority.server(names, years), ANSWER);
    check(&format!("https://localhost:{port}/v1"))
        .file("ca.pem", &authority.pem)
        .arguments(arguments)
        .end()
}

const TRUSTING: [&str; 2] = ["--ca-file", "ca.pem"];

#[test]
fn a_way_that_is_open_is_told_step_by_step() {
    let sandbox = https();
    let outcome = check(&sandbox.service_url("keploy"))
        .file("ca.pem", sandbox.ca_pem().expect("an authority"))
        .arguments(&TRUSTING)
        .end()
        .expect(0);
    insta::assert_snapshot!("an_open_way", stable(&outcome));
    let first = &sandbox.received()[0];
    assert!(first.header("x-api-key").is_none() && first.header("authorization").is_none());
    assert_eq!(sandbox.count("POST", "**"), 0);
}

#[test]
fn the_way_is_told_without_a_key_and_with_a_wrong_one() {
    let sandbox = sandbox("");
    let url = sandbox.service_url("keploy");
    check(&url)
        .without("KEPLOY_API_KEY")
        .end()
        .expect(2)
        .says("clock: agrees with the one over there")
        .says("for target `keploy` is missing: set KEPLOY_API_KEY");
    check(&url)
        .key("kep_wrong")
        .end()
        .expect(5)
        .says("clock: agrees with the one over there");
}

#[test]
fn what_is_wrong_with_a_certificate_is_told() {
    let unknown = at(&["localhost"], None, &[]).expect(7);
    assert!(
        unknown.out.contains("is issued by \"Company CA\", whom "),
        "{}",
        unknown.out
    );
    assert!(
        unknown
            .out
            .contains("with --ca-file FILE or PROCTOR_CA_FILE"),
        "{}",
        unknown.out
    );
    let name = at(&["elsewhere.example", "other.example"], None, &TRUSTING).expect(7);
    insta::assert_snapshot!("a_certificate_for_another_name", stable(&name));
    at(&["localhost"], Some((2001, 2002)), &TRUSTING)
        .expect(7)
        .says("is valid from 2001-01-01 00:00 UTC to 2002-12-31 00:00 UTC, and by this machine's clock it is ")
        .says(" too late")
        .says("if `date -u` tells the right time");
    at(&["localhost"], Some((2090, 2091)), &TRUSTING)
        .expect(7)
        .says("is valid from 2090-01-01 00:00 UTC to 2091-12-31 00:00 UTC")
        .says(" too early")
        .says("set this machine's clock");
}

/// The explanation of a server whose own certificate is named as an authority.
fn named_itself(made: &super::clients::Made) -> Outcome {
    let port = over_tls(made, ANSWER);
    check(&format!("https://localhost:{port}/v1"))
        .file("ca.pem", &made.certificate)
        .arguments(&TRUSTING)
        .end()
}

#[test]
fn a_servers_own_certificate_is_no_authority() {
    let signed = Authority::new("Company CA").server(&["localhost"], None);
    named_itself(&signed)
        .expect(7)
        .says(
            "--ca-file ca.pem holds the certificate of localhost itself, and that is no authority",
        )
        .says("name the certificate of \"Company CA\", who signed it, instead");
    let is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    named_itself(&Authority::of_itself(&["localhost"], is_ca))
        .expect(7)
        .says("--ca-file ca.pem holds the certificate of localhost itself, which is an authority (CA:TRUE)")
        .says("basicConstraints=critical,CA:FALSE");
    named_itself(&Authority::of_itself(&["localhost"], IsCa::ExplicitNoCa))
        .expect(5)
        .says("trusted by ");
}

#[test]
fn a_store_that_the_environment_names_is_told_of() {
    let sandbox = https();
    let url = sandbox.service_url("keploy");
    let with = |text: &str| {
        let proctor = check(&url).file("store.pem", text);
        let path = proctor.path("store.pem");
        proctor.variable("SSL_CERT_FILE", path).end()
    };
    with(sandbox.ca_pem().expect("an authority"))
        .expect(0)
        .says("trusted by SSL_CERT_FILE");
    with(&Authority::new("Other").pem)
        .expect(7)
        .says("whom SSL_CERT_FILE does not trust")
        .says("SSL_CERT_FILE takes the place of the system's store");
    with("")
        .expect(2)
        .says("SSL_CERT_FILE is set, and nothing is trusted");
}

#[test]
fn what_answers_without_tls_is_told() {
    let port = blurting(ANSWER);
    check(&format!("https://localhost:{port}/v1"))
        .end()
        .expect(7)
        .says(&format!("localhost:{port} answers, but not in TLS"));
    let port = blurting("");
    check(&format!("https://localhost:{port}/v1"))
        .end()
        .expect(7)
        .says(&format!(
            "the connection to localhost:{port} is closed amid TLS"
        ));
}

#[test]
fn nobody_and_nothing_there_is_told() {
    let refused = check(&format!("https://127.0.0.1:{}/v1", closed_port()))
        .end()
        .expect(7);
    insta::assert_snapshot!("nobody_listens", stable(&refused));
    let nameless = check("https://nothing.invalid/v1").end().expect(7);
    let told = [
        "there is no nothing.invalid: the name has no address",
        "no DNS server could tell the address of nothing.invalid",
    ];
    assert!(
        told.iter().any(|told| nameless.out.contains(told)),
        "{}",
        nameless.out
    );
}

#[test]
fn what_a_gateway_answers_is_told() {
    let with = |answer: &str| {
        let (port, _) = plain(answer);
        check(&format!("http://localhost:{port}/v1")).end()
    };
    with("HTTP/1.1 503 Oops\r\ncontent-length: 0\r\n\r\n")
        .expect(7)
        .says("a gateway answers 503 for localhost, with nothing behind it");
    with("HTTP/1.1 511 Login\r\ncontent-length: 0\r\n\r\n")
        .expect(7)
        .says("this network wants a login first (511)");
    with("HTTP/1.1 400 Bad\r\n\r\n<center>No required SSL certificate was sent</center>")
        .expect(2)
        .says("localhost wants a client certificate (answers 400)");
}

#[test]
fn a_clock_that_goes_wrong_is_told() {
    let (port, _) = plain(
        "HTTP/1.1 401 Unauthorized\r\ndate: Fri, 31 Dec 1999 23:59:59 GMT\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
    );
    check(&format!("http://localhost:{port}/v1"))
        .end()
        .expect(5)
        .says("days ahead of the one over there; set it, as certificates are judged by it");
}

fn two_targets(sandbox: &proctor_sandbox::Sandbox, arguments: &[&str], system: &str) -> Outcome {
    let api = sandbox.service_url("keploy");
    let closed = closed_port();
    let config = format!(
        "[targets.good]\nprovider = \"keploy\"\napi_url = \"{api}\"\napp = \"app-7f3\"\nbase_url = \"{system}\"\n\
         [targets.bad]\nprovider = \"keploy\"\napi_url = \"http://127.0.0.1:{closed}/v1\"\napp = \"a\"\nbase_url = \"{system}\"\n"
    );
    Proctor::new(&["check", "--network"])
        .arguments(arguments)
        .file("proctor.toml", &config)
        .key(KEY)
        .end()
}

#[test]
fn every_target_is_told_of_and_the_others_are_checked() {
    let sandbox = sandbox("");
    let outcome = two_targets(&sandbox, &[], &sandbox.system_url()).expect(7);
    insta::assert_snapshot!("two_targets", stable(&outcome));
}

#[test]
fn a_system_under_test_that_is_down_is_told_of() {
    let sandbox = sandbox("");
    let system = format!("http://127.0.0.1:{}/", closed_port());
    two_targets(&sandbox, &["good"], &system)
        .expect(2)
        .says("the system under test of good")
        .says("refuses it");
    two_targets(&sandbox, &["good", "--skip-preflight"], &system).expect(0);
}

#[test]
fn steps_are_events_too() {
    let sandbox = sandbox("");
    let outcome = check(&sandbox.service_url("keploy"))
        .variable("PROCTOR_OUTPUT", "ndjson")
        .end()
        .expect(0);
    let lines: Vec<Value> = outcome
        .out
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{line}: {error}")))
        .collect();
    let network = lines
        .iter()
        .find(|line| line["type"] == "network")
        .expect("an event");
    let steps: Vec<&str> = network["steps"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|step| step["step"].as_str())
        .collect();
    assert_eq!(steps, ["proxy", "name", "connection", "HTTP", "clock"]);
    assert_eq!(network["targets"], serde_json::json!(["keploy"]));
    assert!(
        lines.iter().any(|line| line["type"] == "checked"),
        "{}",
        outcome.out
    );
}
