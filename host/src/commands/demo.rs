use std::{fmt::Write as _, net::SocketAddr, sync::Arc};

use proctor_sandbox::{Sandbox, Scenario, services};

use crate::{
    bindings::proctor::ci::types::{Item, ParameterKind, Provider, Target},
    cli::{ConfigArgs, DemoArgs, FollowArgs, RunArgs, TargetArgs},
    component::Work,
    config::{DEFAULT_FILE, options::DEFAULT_TIMEOUT, plan::milliseconds},
    environment::Environment,
    failure::Failure,
    output,
    secret::Secret,
    stop::Stop,
};

use super::{run, sandbox, session::Session};

/// Reports that the demo writes.
const REPORTS: [&str; 3] = [
    "junit=junit.xml",
    "json=results.json",
    "markdown=summary.md",
];

/// `proctor demo`: an ordinary run on the sandbox, from a configuration file that it leaves behind.
pub async fn demo(session: &Session, arguments: &DemoArgs) -> Result<u8, Failure> {
    let address = SocketAddr::from(([127, 0, 0, 1], 0));
    let sandbox = sandbox::start(address, Scenario::demo())
        .await
        .map_err(|error| {
            Failure::internal(
                format!("the sandbox cannot be started: {error}"),
                "report it",
            )
        })?;
    let out = &arguments.out;
    let config = configuration(session, &sandbox).await?;
    let inside = Session {
        environment: environment(session),
        directory: session.path(out),
        ..session.clone()
    };
    output::write(&inside.path(DEFAULT_FILE), &config).map_err(|error| {
        Failure::usage(
            format!("{out}/{DEFAULT_FILE} cannot be written: {error}"),
            "choose another --out DIR",
        )
    })?;
    let code = run::run(&inside, &flags()).await?;
    let text = format!(
        "\nThe run ends with exit code {code}; in a pipeline `proctor run` would return it.\n\
         Configuration and reports are in {out}: {DEFAULT_FILE}, junit.xml, results.json, summary.md\n"
    );
    session.console.result(&text, false);
    Ok(if arguments.exit_code || session.signals.seen().is_some() {
        code
    } else {
        0
    })
}

fn flags() -> RunArgs {
    RunArgs {
        target: TargetArgs {
            config: ConfigArgs {
                config: Some(DEFAULT_FILE.to_owned()),
            },
            ..TargetArgs::default()
        },
        follow: FollowArgs {
            ci: Some("none".to_owned()),
            report: REPORTS.map(str::to_owned).to_vec(),
            ..FollowArgs::default()
        },
        ..RunArgs::default()
    }
}

/// Nothing but the sandbox's keys: the demo is the same everywhere.
fn environment(session: &Session) -> Environment {
    services()
        .iter()
        .filter_map(|service| {
            let provider = session.catalogue.provider(service.name)?;
            Some((
                provider.key_variables.first()?.clone(),
                service.key.to_owned(),
            ))
        })
        .collect()
}

/// A configuration with one target for each service: the first thing that can be run there.
async fn configuration(session: &Session, sandbox: &Sandbox) -> Result<String, Failure> {
    let mut text =
        "# Written by `proctor demo`. The services are the sandbox's, which ends with the demo.\n"
            .to_owned();
    for service in services() {
        let Some(provider) = session.catalogue.provider(service.name) else {
            continue;
        };
        let api_url = sandbox.service_url(service.name);
        let items = discover(session, provider, &api_url, Secret::new(service.key)).await?;
        let _ = writeln!(text, "\n[targets.{}-demo]", provider.name);
        let _ = writeln!(text, "provider = {}", quoted(&provider.name));
        let _ = writeln!(text, "api_url = {}", quoted(&api_url));
        for (name, value) in settings(provider, &items, sandbox) {
            let _ = writeln!(text, "{name} = {}", quoted(&value));
        }
    }
    Ok(text)
}

async fn discover(
    session: &Session,
    provider: &Provider,
    api_url: &str,
    key: Secret,
) -> Result<Vec<Item>, Failure> {
    let stop = Stop::new();
    let work = Work {
        target: Target {
            name: provider.name.clone(),
            provider: provider.name.clone(),
            api_url: api_url.to_owned(),
            settings: Vec::new(),
            overrides: Vec::new(),
            timeout_ms: milliseconds(DEFAULT_TIMEOUT),
            location: None,
        },
        provider: provider.clone(),
        key: Some(key),
        events: Arc::new(|_| {}),
        stop: stop.clone(),
    };
    Ok(session
        .unless_stopped(&stop, session.component.discover(work))
        .await??)
}

/// A value for each parameter that a run needs: a thing of the parameter's name, or the system under test.
fn settings(provider: &Provider, items: &[Item], sandbox: &Sandbox) -> Vec<(String, String)> {
    let required = provider
        .parameters
        .iter()
        .filter(|parameter| parameter.required);
    required
        .filter_map(|parameter| {
            let value = match parameter.kind {
                ParameterKind::SystemUrl => sandbox.system_url(),
                _ => items
                    .iter()
                    .find(|item| item.kind == parameter.name)?
                    .id
                    .clone(),
            };
            Some((parameter.name.clone(), value))
        })
        .collect()
}

/// A TOML string.
fn quoted(text: &str) -> String {
    toml_edit::Value::from(text).to_string()
}
