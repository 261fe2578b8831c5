//! Client certificates: shown to the service that asks for them, and what is said when that goes wrong.

use std::process::Command;

use proctor_sandbox::{Sandbox, Scenario};
use proctor_test_support::{Outcome, Proctor, consumers};

use super::{
    address, check,
    clients::{Authority, Made},
    hides, list, stable,
};

/// A sandbox that serves clients of an authority alone.
fn strict(authority: &Authority) -> Sandbox {
    Sandbox::start_for_clients(address(), Scenario::default(), &authority.pem).expect("a free port")
}

fn with(proctor: Proctor, sandbox: &Sandbox, made: &Made) -> Proctor {
    proctor
        .file("ca.pem", sandbox.ca_pem().expect("an authority"))
        .file("me.pem", &made.certificate)
        .file("me.key", &made.key)
        .arguments(&["--ca-file", "ca.pem"])
}

const SHOWN: [&str; 4] = ["--client-cert", "me.pem", "--client-key", "me.key"];

fn hides_key(outcome: &Outcome, made: &Made) {
    for line in made.key.lines().filter(|line| !line.starts_with("-----")) {
        hides(outcome, line);
    }
}

#[test]
fn a_certificate_is_shown_to_the_service_that_asks() {
    let authority = Authority::new("Company CA");
    let (sandbox, made) = (strict(&authority), authority.client("ci", None));
    let url = sandbox.service_url("keploy");
    let outcome = with(list(&url), &sandbox, &made)
        .arguments(&SHOWN)
        .end()
        .expect(0)
        .says("app-7f3");
    hides_key(&outcome, &made);
    with(list(&url), &sandbox, &made)
        .variable("PROCTOR_CLIENT_CERT", "me.pem")
        .variable("PROCTOR_CLIENT_KEY", "me.key")
        .end()
        .expect(0);
    let both = format!("{}{}", made.key, made.certificate);
    with(list(&url), &sandbox, &made)
        .file("both.pem", &both)
        .arguments(&["--client-cert", "both.pem"])
        .end()
        .expect(0);
}

#[test]
fn without_a_certificate_or_with_the_wrong_one_nothing_is_sent() {
    let authority = Authority::new("Company CA");
    let sandbox = strict(&authority);
    let url = sandbox.service_url("keploy");
    let good = authority.client("ci", None);
    let late = authority.client("ci", Some((2001, 2002)));
    let foreign = Authority::new("Another CA").client("ci", None);
    with(list(&url), &sandbox, &good)
        .end()
        .expect(2)
        .says("CertificateRequired")
        .says("the request could not be sent (the service wants a client certificate)")
        .says("who: the author of the pipeline (usage)")
        .says("give one with --client-cert FILE and --client-key FILE");
    with(list(&url), &sandbox, &late)
        .arguments(&SHOWN)
        .end()
        .expect(5)
        .says("the client certificate in me.pem is valid from 2001-01-01 00:00 UTC to 2002-12-31 00:00 UTC, which is not now")
        .says("CertificateExpired")
        .says("who: whoever holds the client certificate (authentication)");
    with(list(&url), &sandbox, &foreign)
        .arguments(&SHOWN)
        .end()
        .expect(5)
        .says("UnknownCA");
    assert!(sandbox.received().is_empty());
}

#[test]
fn the_way_is_explained_with_the_certificate() {
    let authority = Authority::new("Company CA");
    let sandbox = strict(&authority);
    let url = sandbox.service_url("keploy");
    let good = authority.client("ci", None);
    let explain = |made: &Made, arguments: &[&str]| {
        let outcome = with(check(&url), &sandbox, made).arguments(arguments).end();
        hides_key(&outcome, made);
        outcome
    };
    explain(&good, &SHOWN)
        .expect(0)
        .says("a client certificate is asked for: shown is that of \"ci\", valid until");
    let without = explain(&good, &[]).expect(2);
    insta::assert_snapshot!("client_certificate_missing", stable(&without));
    let late = authority.client("ci", Some((2001, 2002)));
    explain(&late, &SHOWN)
        .expect(5)
        .says("valid until 2002-12-31 00:00 UTC, which has passed,")
        .says("refuses the client certificate in me.pem (breaks off: it has expired)");
    let foreign = Authority::new("Another CA").client("ci", None);
    explain(&foreign, &SHOWN)
        .expect(5)
        .says("its authority is not known there");
    let open = super::https();
    with(check(&open.service_url("keploy")), &open, &good)
        .arguments(&SHOWN)
        .end()
        .expect(0)
        .says("a client certificate is not asked for: me.pem is not shown");
}

#[test]
fn files_that_do_not_go_together_are_refused() {
    let authority = Authority::new("Company CA");
    let sandbox = strict(&authority);
    let url = sandbox.service_url("keploy");
    let (made, other) = (
        authority.client("ci", None),
        authority.client("other", None),
    );
    let refused = |arguments: &[&str], told: &str| {
        let outcome = with(list(&url), &sandbox, &made)
            .file("other.key", &other.key)
            .file("two.key", &format!("{}{}", made.key, other.key))
            .file("empty.pem", "")
            .arguments(arguments)
            .end()
            .expect(2)
            .says(told)
            .says("nothing was triggered");
        hides_key(&outcome, &made);
        hides_key(&outcome, &other);
    };
    refused(
        &["--client-cert", "me.pem", "--client-key", "other.key"],
        "the private key in other.key is not that of the certificate in me.pem",
    );
    refused(
        &["--client-cert", "me.pem"],
        "--client-cert: me.pem holds no private key; name its file with --client-key",
    );
    refused(
        &["--client-key", "me.key"],
        "--client-key without --client-cert",
    );
    refused(
        &["--client-cert", "me.key", "--client-key", "me.key"],
        "--client-cert: me.key holds a private key and no certificate",
    );
    refused(
        &["--client-cert", "empty.pem", "--client-key", "me.key"],
        "--client-cert: empty.pem holds no certificate",
    );
    refused(
        &["--client-cert", "me.pem", "--client-key", "me.pem"],
        "--client-key: me.pem holds no private key",
    );
    refused(
        &["--client-cert", "me.pem", "--client-key", "two.key"],
        "--client-key: two.key holds several private keys",
    );
    refused(
        &["--client-cert", "me.pem", "--client-key", "gone.key"],
        "--client-key: gone.key cannot be read",
    );
    assert!(sandbox.received().is_empty());
}

/// Makes keys as people do.
fn openssl(folder: &std::path::Path, arguments: &[&str]) -> bool {
    let Some(mut openssl) = consumers::program("openssl") else {
        return false;
    };
    let output = Command::output(openssl.args(arguments).current_dir(folder)).expect("it starts");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    true
}

#[test]
fn every_usual_form_of_a_key_is_taken_and_one_behind_a_password_is_not() {
    let authority = Authority::new("Company CA");
    let sandbox = strict(&authority);
    let url = sandbox.service_url("keploy");
    let made = authority.client("ci", None);
    let proctor = with(list(&url), &sandbox, &made);
    // SEC 1, the older form of keys of elliptic curves.
    if !openssl(
        proctor.folder.path(),
        &["ec", "-in", "me.key", "-out", "sec1.key"],
    ) {
        return;
    }
    assert!(proctor_test_support::read(&proctor.path("sec1.key")).contains("BEGIN EC PRIVATE KEY"));
    proctor
        .arguments(&["--client-cert", "me.pem", "--client-key", "sec1.key"])
        .end()
        .expect(0);
    // An RSA key in the older form and its certificate. The sandbox does not know its authority: it is read, and shown.
    let proctor = with(list(&url), &sandbox, &made);
    let folder = proctor.folder.path().to_owned();
    openssl(
        &folder,
        &["genrsa", "-traditional", "-out", "rsa.key", "2048"],
    );
    openssl(
        &folder,
        &[
            "req", "-x509", "-key", "rsa.key", "-subj", "/CN=rsa", "-out", "rsa.pem", "-days", "2",
        ],
    );
    assert!(proctor_test_support::read(&folder.join("rsa.key")).contains("BEGIN RSA PRIVATE KEY"));
    proctor
        .arguments(&["--client-cert", "rsa.pem", "--client-key", "rsa.key"])
        .end()
        .expect(5)
        .says("alert");
    for arguments in [
        [
            "pkcs8",
            "-topk8",
            "-in",
            "me.key",
            "-passout",
            "pass:word",
            "-out",
            "hidden.key",
        ]
        .as_slice(),
        [
            "ec",
            "-in",
            "me.key",
            "-aes128",
            "-passout",
            "pass:word",
            "-out",
            "hidden.key",
        ]
        .as_slice(),
    ] {
        let proctor = with(list(&url), &sandbox, &made);
        openssl(proctor.folder.path(), arguments);
        proctor
            .arguments(&["--client-cert", "me.pem", "--client-key", "hidden.key"])
            .end()
            .expect(2)
            .says("--client-key: hidden.key holds a private key behind a password");
    }
    let proctor = with(list(&url), &sandbox, &made);
    openssl(
        proctor.folder.path(),
        &[
            "pkcs12",
            "-export",
            "-in",
            "me.pem",
            "-inkey",
            "me.key",
            "-passout",
            "pass:word",
            "-out",
            "me.p12",
        ],
    );
    proctor
        .arguments(&["--client-cert", "me.p12"])
        .end()
        .expect(2)
        .says("--client-cert: me.p12 is not PEM");
}

#[test]
fn the_sandbox_of_the_command_line_asks_for_certificates_too() {
    let sandbox = |arguments: &[&str]| {
        Proctor::new(&["sandbox", "--listen", "127.0.0.1:0"]).arguments(arguments)
    };
    let ending = |arguments: &[&str], told: &str| {
        sandbox(arguments)
            .file("empty.pem", "")
            .end()
            .expect(2)
            .says(told);
    };
    ending(&["--client-ca", "ca.pem"], "--tls");
    ending(
        &["--tls", "own.pem", "--client-ca", "nowhere.pem"],
        "nowhere.pem cannot be read",
    );
    ending(
        &["--tls", "own.pem", "--client-ca", "empty.pem"],
        "empty.pem holds no certificate",
    );
    let authority = Authority::new("Company CA");
    let mut proctor = sandbox(&["--tls", "own.pem", "--client-ca", "company.pem"])
        .file("company.pem", &authority.pem);
    let mut child = proctor.spawn();
    let mut first = String::new();
    let mut out = std::io::BufReader::new(child.stdout.take().expect("piped"));
    std::io::BufRead::read_line(&mut out, &mut first).expect("it says where it serves");
    let url = first
        .split_whitespace()
        .find(|word| word.starts_with("https://"))
        .expect("a URL");
    let api = format!("{}/keploy/client/v1", url.trim_end_matches(';'));
    let made = authority.client("ci", None);
    let asked = |arguments: &[&str]| {
        list(&api)
            .file(
                "ca.pem",
                &proctor_test_support::read(&proctor.path("own.pem")),
            )
            .file("me.pem", &format!("{}{}", made.certificate, made.key))
            .arguments(&["--ca-file", "ca.pem"])
            .arguments(arguments)
            .end()
    };
    let (with, without) = (asked(&["--client-cert", "me.pem"]), asked(&[]));
    child.kill().expect("it runs");
    child.wait().expect("it ends");
    with.expect(0).says("app-7f3");
    without.expect(2);
}

#[test]
fn a_certificate_of_version_1_is_told_by_what_makes_version_3() {
    let authority = Authority::new("Company CA");
    let made = authority.client("ci", None);
    let sandbox = strict(&authority);
    let proctor = with(list(&sandbox.service_url("keploy")), &sandbox, &made);
    let folder = proctor.folder.path().to_owned();
    if !openssl(
        &folder,
        &[
            "req", "-new", "-newkey", "rsa:2048", "-nodes", "-keyout", "v1.key", "-subj", "/CN=v1",
            "-out", "v1.csr",
        ],
    ) {
        return;
    }
    // Newer versions of openssl add extensions, and so version 3, unless they are told of none.
    let make = ["x509", "-req", "-in", "v1.csr", "-signkey", "v1.key"];
    openssl(
        &folder,
        &[&make[..], &["-days", "2", "-out", "v1.pem"]].concat(),
    );
    let text = Command::new("openssl")
        .args(["x509", "-in", "v1.pem", "-noout", "-text"])
        .current_dir(&folder)
        .output()
        .expect("it starts");
    if !String::from_utf8_lossy(&text.stdout).contains("Version: 1 ") {
        return;
    }
    proctor
        .arguments(&["--client-cert", "v1.pem", "--client-key", "v1.key"])
        .end()
        .expect(2)
        .says(
            "--client-cert: v1.pem holds a certificate of X.509 version 1, which is not supported",
        )
        .says("-extfile FILE");
}
