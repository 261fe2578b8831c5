//! Which certificates are trusted: what the system has, or what the environment names in its place.
#![cfg(not(any(target_vendor = "apple", windows)))]

use proctor_sandbox::{Sandbox, Scenario};

use proctor_test_support::{KEY, Outcome, Proctor};

fn https() -> Sandbox {
    let address = "127.0.0.1:0".parse().expect("an address");
    Sandbox::start_tls(address, Scenario::default()).expect("a free port")
}

/// Lists what the sandbox has; `variable` names a file or folder in the folder of the program, which holds the
/// certificate that `pem` gives.
fn list(sandbox: &Sandbox, variable: Option<&str>, pem: &str) -> Outcome {
    let arguments = ["--verbose", "list", "--provider", "keploy", "--api-url"];
    let proctor = Proctor::new(&arguments)
        .arguments(&[&sandbox.service_url("keploy")])
        .variable("PROCTOR_TIMEOUT", "30s")
        .key(KEY);
    let folder = proctor.path("store");
    std::fs::create_dir(&folder).expect("a folder");
    let proctor = proctor.file("store/ca.pem", pem);
    match variable {
        Some("SSL_CERT_FILE") => {
            let file = folder.join("ca.pem");
            proctor.variable("SSL_CERT_FILE", file)
        }
        Some(name) => proctor.variable(name, folder),
        None => proctor,
    }
    .end()
}

#[test]
fn a_store_that_the_environment_names_is_trusted() {
    let sandbox = https();
    let pem = sandbox.ca_pem().expect("an authority");
    for variable in ["SSL_CERT_FILE", "SSL_CERT_DIR"] {
        list(&sandbox, Some(variable), pem)
            .expect(0)
            .says("app-7f3");
    }
}

#[test]
fn an_authority_that_nobody_named_is_not_trusted() {
    let sandbox = https();
    list(&sandbox, None, "").expect(7).says("UnknownIssuer");
}

#[test]
fn a_store_without_certificates_is_told_by_its_variable() {
    let sandbox = https();
    for variable in ["SSL_CERT_FILE", "SSL_CERT_DIR"] {
        list(&sandbox, Some(variable), "")
            .expect(2)
            .says(&format!("{variable} is set, and nothing is trusted"));
    }
}
