//! The services, for `--help` and `proctor providers`: all of it comes from the component's data.

use std::fmt::Write as _;

use crate::{
    bindings::proctor::ci::types::{Parameter, ParameterKind, Provider},
    config::Catalogue,
};

/// Describes all providers with their parameters.
pub fn providers(catalogue: &Catalogue) -> String {
    let mut text =
        "Providers and their parameters (--set KEY=VALUE, or keys of a target in proctor.toml):\n"
            .to_owned();
    for provider in &catalogue.providers {
        text.push('\n');
        describe(&mut text, provider);
    }
    text.push_str("\nReports (--report KIND[=PATH]):\n\n");
    let longest = catalogue
        .kinds
        .iter()
        .map(|kind| kind.name.len())
        .max()
        .unwrap_or_default();
    for kind in &catalogue.kinds {
        line(
            &mut text,
            &kind.name,
            longest,
            &format!("{} [default: {}]", kind.help, kind.default_path),
        );
    }
    text.trim_end().to_owned()
}

fn describe(text: &mut String, provider: &Provider) {
    let variables: Vec<String> = provider
        .key_variables
        .iter()
        .map(|variable| format!("{variable} (or {variable}_FILE)"))
        .collect();
    let _ = writeln!(
        text,
        "  {}: {}, {}",
        provider.name, provider.title, provider.documentation
    );
    let _ = writeln!(text, "    key: {}", variables.join(", "));
    let longest = provider
        .parameters
        .iter()
        .map(|parameter| parameter.name.len())
        .max();
    for parameter in &provider.parameters {
        let about = about(parameter);
        text.push_str("  ");
        line(text, &parameter.name, longest.unwrap_or_default(), &about);
    }
}

fn about(parameter: &Parameter) -> String {
    let kind = match parameter.kind {
        ParameterKind::Text => "text",
        ParameterKind::Texts => "list",
        ParameterKind::Integer => "number",
        ParameterKind::Boolean => "true or false",
        ParameterKind::SystemUrl => "URL",
        ParameterKind::Variables => "names of environment variables",
    };
    let need = if parameter.required { ", required" } else { "" };
    let choices = match parameter.choices.as_slice() {
        [] => String::new(),
        choices => format!(" (one of {})", choices.join(", ")),
    };
    format!("{kind}{need}: {}{choices}", parameter.help)
}

fn line(text: &mut String, name: &str, width: usize, about: &str) {
    let _ = writeln!(text, "  {name:width$}  {about}");
}
