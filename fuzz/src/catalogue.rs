//! What the component says can be asked for, as the host hears it.

use std::sync::LazyLock;

use proctor::model::{Authentication, Parameter, ParameterKind, Provider};
use proctor::{report, services};
use proctor_host::bindings::exports::proctor::ci::reports::ReportKind;
use proctor_host::bindings::proctor::ci::types;
use proctor_host::config::Catalogue;

/// The real services with all their parameters.
pub static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| Catalogue {
    providers: services::all()
        .iter()
        .map(|service| provider(service.description().published()))
        .collect(),
    kinds: report::kinds()
        .iter()
        .map(|kind| ReportKind {
            name: kind.name.to_owned(),
            help: kind.help.to_owned(),
            default_path: kind.default_path.to_owned(),
        })
        .collect(),
    plugins: Vec::new(),
});

fn provider(provider: Provider) -> types::Provider {
    types::Provider {
        name: provider.name,
        title: provider.title,
        api_url: provider.api_url,
        documentation: provider.documentation,
        authentication: match provider.authentication {
            Authentication::Bearer => types::Authentication::Bearer,
            Authentication::Header(name) => types::Authentication::Header(name),
            Authentication::Chosen(name) => types::Authentication::Chosen(name),
        },
        key_variables: provider.key_variables,
        key_prefix: provider.key_prefix,
        parameters: provider.parameters.into_iter().map(parameter).collect(),
        publishing: provider.publishing.into_iter().map(parameter).collect(),
        overrides: provider.overrides.into_iter().map(parameter).collect(),
        abilities: Vec::new(),
        rate: None,
    }
}

fn parameter(parameter: Parameter) -> types::Parameter {
    types::Parameter {
        name: parameter.name,
        kind: match parameter.kind {
            ParameterKind::Text => types::ParameterKind::Text,
            ParameterKind::Texts => types::ParameterKind::Texts,
            ParameterKind::Integer => types::ParameterKind::Integer,
            ParameterKind::Boolean => types::ParameterKind::Boolean,
            ParameterKind::SystemUrl => types::ParameterKind::SystemUrl,
            ParameterKind::Variables => types::ParameterKind::Variables,
        },
        required: parameter.required,
        choices: parameter.choices,
        exclusive: parameter.exclusive,
        help: parameter.help,
    }
}
