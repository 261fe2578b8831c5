use std::{io, net::SocketAddr};

use proctor_sandbox::{Sandbox, Scenario, services};
use rustls::pki_types::{CertificateDer, pem::PemObject as _};

use crate::{cli::SandboxArgs, failure::Failure, output};

use super::session::Session;

/// `proctor sandbox`: serves until it is told to stop.
pub async fn sandbox(session: &Session, arguments: &SandboxArgs) -> Result<u8, Failure> {
    let scenario = match &arguments.scenario {
        Some(shown) => read(session, shown)?,
        None => Scenario::default(),
    };
    let listen = arguments.listen;
    if let Some(shown) = &arguments.tls {
        output::probe(&session.path(shown)).map_err(|error| unwritable(shown, &error))?;
    }
    let clients = match &arguments.client_ca {
        Some(shown) => Some(authorities(session, shown)?),
        None => None,
    };
    let tls = arguments.tls.as_ref().map(|_| clients);
    let sandbox = start(listen, scenario, tls).await.map_err(|error| {
        Failure::usage(
            format!("nothing can be served at {listen}: {error}"),
            "choose another --listen ADDRESS",
        )
    })?;
    if let (Some(shown), Some(pem)) = (&arguments.tls, sandbox.ca_pem()) {
        output::write(&session.path(shown), pem).map_err(|error| unwritable(shown, &error))?;
    }
    session.console.raw_out(&introduction(session, &sandbox));
    if arguments.scenario.is_none() {
        session.console.raw_out(&first_run(&sandbox));
    }
    session.signals.first().await;
    Ok(0)
}

/// The authorities of clients, as text: the sandbox says whether they are some.
fn authorities(session: &Session, shown: &str) -> Result<String, Failure> {
    let next = "correct the file given with --client-ca";
    let text = std::fs::read_to_string(session.path(shown))
        .map_err(|error| Failure::usage(format!("{shown} cannot be read: {error}"), next))?;
    let mut certificates = CertificateDer::pem_slice_iter(text.as_bytes()).flatten();
    match certificates.next() {
        Some(_) => Ok(text),
        None => Err(Failure::usage(
            format!("{shown} holds no certificate"),
            next,
        )),
    }
}

/// Starts a sandbox, which sets up a runtime of its own and so must not be started on a thread of this one. `tls` is
/// for https, and in it the authorities of the clients that are served, if it is not for all.
pub async fn start(
    listen: SocketAddr,
    scenario: Scenario,
    tls: Option<Option<String>>,
) -> io::Result<Sandbox> {
    let start = move || match tls {
        None => Sandbox::start(listen, scenario),
        Some(None) => Sandbox::start_tls(listen, scenario),
        Some(Some(clients)) => Sandbox::start_for_clients(listen, scenario, &clients),
    };
    tokio::task::spawn_blocking(start)
        .await
        .unwrap_or_else(|error| Err(io::Error::other(error)))
}

fn read(session: &Session, shown: &str) -> Result<Scenario, Failure> {
    let next = "correct the file given with --scenario";
    let text = std::fs::read_to_string(session.path(shown))
        .map_err(|error| Failure::usage(format!("{shown} cannot be read: {error}"), next))?;
    Scenario::from_toml(&text)
        .map_err(|error| Failure::usage(format!("{shown} is no scenario: {error}"), next))
}

fn unwritable(shown: &str, error: &io::Error) -> Failure {
    Failure::usage(
        format!("the certificate cannot be written to {shown}: {error}"),
        "choose another file with --tls FILE",
    )
}

/// A run of what is there without a scenario. As at the real service the system must not be on this machine, and nothing
/// asks the one that stands there.
fn first_run(sandbox: &Sandbox) -> String {
    let Some(keploy) = services().iter().find(|known| known.name == "keploy") else {
        return String::new();
    };
    format!(
        "\nA run:\n\n  KEPLOY_API_KEY={} proctor run --provider keploy --api-url {} --set app=app-7f3 \
         --set base_url=https://staging.example.com --skip-preflight\n",
        keploy.key,
        sandbox.service_url(keploy.name)
    )
}

/// What to set and to pass for each service, ready to be copied.
fn introduction(session: &Session, sandbox: &Sandbox) -> String {
    let mut text = format!("The sandbox serves at {}; Ctrl-C ends it.\n", sandbox.url());
    for service in services() {
        let provider = session.catalogue.provider(service.name);
        let variable = provider.and_then(|provider| provider.key_variables.first());
        let key = variable
            .map(|variable| format!("{variable}={} ", service.key))
            .unwrap_or_default();
        text.push_str(&format!(
            "\n  {key}proctor list --provider {} --api-url {}\n",
            service.name,
            sandbox.service_url(service.name)
        ));
    }
    text
}
