use std::net::SocketAddr;

use proctor_sandbox::{Sandbox, Scenario, ServiceInfo, services};

use crate::{
    cli::{ConfigArgs, DemoArgs, FollowArgs, RunArgs, TargetArgs},
    config::DEFAULT_FILE,
    environment::Environment,
    failure::Failure,
    output,
};

use super::{run, sandbox, session::Session};

/// Reports that the demo writes.
const REPORTS: [&str; 4] = [
    "junit=junit.xml",
    "json=results.json",
    "markdown=summary.md",
    "html=report.html",
];

/// `proctor demo`: an ordinary run on the sandbox, from a configuration file that it leaves behind.
pub async fn demo(session: &Session, arguments: &DemoArgs) -> Result<u8, Failure> {
    let address = SocketAddr::from(([127, 0, 0, 1], 0));
    let sandbox = sandbox::start(address, Scenario::demo(), None)
        .await
        .map_err(|error| {
            Failure::internal(
                format!("the sandbox cannot be started: {error}"),
                "report it",
            )
        })?;
    let out = &arguments.out;
    let config = configuration(&sandbox);
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
         Configuration and reports are in {out}: {DEFAULT_FILE}, junit.xml, results.json, summary.md and\n\
         report.html, which is to be opened in a browser\n"
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
            publish: place(),
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

/// The sandbox's Keploy once more, this time described in the configuration itself.
const BY_DESCRIPTION: &str = r#"
[targets.by-description]
provider = "http"
api_url = "{api_url}"
auth = "X-API-Key"
key_env = "KEPLOY_API_KEY"
trigger = "POST /apps/shop/test-suites/run"
trigger_body = '{"base_url": "{system_url}", "test_suite_ids": ["sign-in"]}'
run_id = "$.data.job_id"
poll = "GET /jobs/{run_id}"
state = "$.data.job_status"
passed = "COMPLETED"
failed = "FAILED"
"#;

/// A configuration with one target for each service, and one that describes its service itself.
fn configuration(sandbox: &Sandbox) -> String {
    let mut text =
        "# Written by `proctor demo`. The services are the sandbox's, which ends with the demo.\n"
            .to_owned();
    for service in services() {
        let ServiceInfo {
            name,
            demo,
            demo_publish,
            ..
        } = service;
        let head = format!(
            "provider = {}\napi_url = {}\n",
            quoted(name),
            quoted(&sandbox.service_url(name))
        );
        text.push_str(&format!("\n[targets.{name}-demo]\n{head}{demo}"));
        if !demo_publish.is_empty() {
            text.push_str(&format!("\n[publish.{name}]\n{head}{demo_publish}"));
        }
    }
    text.push_str(&BY_DESCRIPTION.replace("{api_url}", &sandbox.service_url("keploy")));
    text.replace("{system_url}", &sandbox.system_url())
}

/// The place where the demo publishes its results: the first service that keeps some.
fn place() -> Option<String> {
    let keeps = |service: &&ServiceInfo| !service.demo_publish.is_empty();
    let service = services().iter().find(keeps)?;
    Some(service.name.to_owned())
}

/// A TOML string.
fn quoted(text: &str) -> String {
    toml_edit::Value::from(text).to_string()
}
