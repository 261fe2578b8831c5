//! `--ca-file`: authorities that are trusted beside the system's.

use proctor_test_support::Proctor;

use super::{clients::Authority, https, list};

#[test]
fn an_authority_is_trusted_by_flag_variable_and_file() {
    let sandbox = https();
    let url = sandbox.service_url("keploy");
    let pem = sandbox.ca_pem().expect("an authority");
    let with = |proctor: Proctor| proctor.file("ca.pem", pem);
    with(list(&url).arguments(&["--ca-file", "ca.pem"]))
        .end()
        .expect(0)
        .says("app-7f3");
    with(list(&url).variable("PROCTOR_CA_FILE", "ca.pem"))
        .end()
        .expect(0)
        .says("app-7f3");
    let refused = list(&url)
        .end()
        .expect(7)
        .says("UnknownIssuer")
        .says("the certificate that it shows is not trusted")
        .says("who: the author of the pipeline, or whoever runs what was called (unavailable)")
        .says("--ca-file FILE; `proctor check --network` explains the way");
    // Once: it will not be trusted a second later.
    assert_eq!(
        refused.err.matches("UnknownIssuer").count(),
        1,
        "{}",
        refused.err
    );
    let config = format!(
        "[defaults]\nca_file = \"ca.pem\"\n[targets.api]\nprovider = \"keploy\"\napi_url = \"{url}\"\napp = \"app-7f3\"\nbase_url = \"https://staging.example\"\n"
    );
    with(Proctor::new(&["check", "--skip-preflight"]))
        .file("proctor.toml", &config)
        .key(proctor_test_support::KEY)
        .end()
        .expect(0)
        .says("api (keploy): ready");
}

#[test]
fn it_comes_on_top_of_what_is_trusted_otherwise() {
    let (one, other) = (https(), https());
    let pem =
        |sandbox: &proctor_sandbox::Sandbox| sandbox.ca_pem().expect("an authority").to_owned();
    for sandbox in [&one, &other] {
        let proctor = list(&sandbox.service_url("keploy"))
            .file("ca.pem", &pem(&one))
            .file("store.pem", &pem(&other));
        let store = proctor.path("store.pem");
        proctor
            .variable("SSL_CERT_FILE", store)
            .arguments(&["--ca-file", "ca.pem"])
            .end()
            .expect(0)
            .says("app-7f3");
    }
    let both = format!("{}\n# and\n{}", pem(&one), pem(&other));
    for sandbox in [&one, &other] {
        list(&sandbox.service_url("keploy"))
            .file("ca.pem", &both)
            .arguments(&["--ca-file", "ca.pem"])
            .end()
            .expect(0);
    }
}

#[test]
fn the_system_under_test_is_looked_at_in_the_same_way() {
    let sandbox = https();
    let run = |arguments: &[&str]| {
        Proctor::new(&["check", "--provider", "keploy", "--api-url"])
            .arguments(&[
                &sandbox.service_url("keploy"),
                "--set",
                "app=app-7f3",
                "--set",
            ])
            .arguments(&[&format!("base_url={}", sandbox.system_url())])
            .arguments(arguments)
            .file("ca.pem", sandbox.ca_pem().expect("an authority"))
            .variable("PROCTOR_TIMEOUT", "30s")
            .key(proctor_test_support::KEY)
            .end()
    };
    let trusting = run(&["--ca-file", "ca.pem"]).expect(0);
    assert!(
        !trusting.err.contains("could not be looked at"),
        "{}",
        trusting.err
    );
    run(&[]).expect(7).says("could not be looked at");
}

#[test]
fn a_file_that_holds_something_else_is_refused_by_what_is_wrong() {
    let sandbox = https();
    let url = sandbox.service_url("keploy");
    let made = Authority::new("Private CA").client("me", None);
    let cases: [(&str, &str); 6] = [
        (
            "",
            "--ca-file: ca.pem holds no certificate, which begins with `-----BEGIN CERTIFICATE-----`",
        ),
        (
            "not a certificate",
            "--ca-file: ca.pem holds no certificate",
        ),
        (
            &made.key,
            "--ca-file: ca.pem holds a private key; it is to hold the certificates of authorities",
        ),
        (
            "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
            "--ca-file: ca.pem holds a certificate, number 1, that cannot be read",
        ),
        (
            "-----BEGIN CERTIFICATE-----\nA!AA\n-----END CERTIFICATE-----\n",
            "--ca-file: ca.pem is damaged: what is between its marks is not Base64",
        ),
        (
            "-----BEGIN CERTIFICATE-----\nAAAA\n",
            "--ca-file: ca.pem is damaged: a `-----BEGIN …-----` has no end",
        ),
    ];
    for (text, told) in cases {
        let outcome = list(&url)
            .file("ca.pem", text)
            .arguments(&["--ca-file", "ca.pem"])
            .end()
            .expect(2);
        let outcome = outcome.says(told).says("nothing was triggered");
        super::hides(&outcome, made.key.lines().nth(1).expect("a line"));
    }
    list(&url)
        .arguments(&["--ca-file", "nowhere.pem"])
        .end()
        .expect(2)
        .says("--ca-file: nowhere.pem cannot be read: No such file");
    let folder = list(&url).arguments(&["--ca-file", "."]).end().expect(2);
    folder.says("--ca-file: . is no regular file; write what it is to hold to one");
    let der = list(&url).arguments(&["--ca-file", "ca.der"]);
    std::fs::write(der.path("ca.der"), [0x30, 0x82, 1, 0]).expect("written");
    der.end().expect(2).says("--ca-file: ca.der is not PEM");
    assert!(sandbox.received().is_empty());
}

#[test]
fn what_editors_put_around_the_marks_does_no_harm() {
    let sandbox = https();
    let pem = sandbox.ca_pem().expect("an authority");
    for before in [b"\xef\xbb\xbf".as_slice(), b"# Beh\xf6rde\n"] {
        let proctor = list(&sandbox.service_url("keploy")).arguments(&["--ca-file", "ca.pem"]);
        let bytes = [before, pem.as_bytes()].concat();
        std::fs::write(proctor.path("ca.pem"), bytes).expect("written");
        proctor.end().expect(0).says("app-7f3");
    }
}

#[cfg(unix)]
#[test]
fn what_never_ends_is_not_read() {
    let sandbox = https();
    let url = sandbox.service_url("keploy");
    let pipe = list(&url).arguments(&["--ca-file", "pipe"]);
    let made = std::process::Command::new("mkfifo")
        .arg(pipe.path("pipe"))
        .status();
    assert!(made.expect("mkfifo is part of every Unix").success());
    pipe.end_within(60)
        .expect(2)
        .says("--ca-file: pipe is no regular file");
    list(&url)
        .arguments(&["--ca-file", "/dev/zero"])
        .end_within(60)
        .expect(2)
        .says("--ca-file: /dev/zero is no regular file");
}
