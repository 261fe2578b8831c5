//! The services, for `--help` and `proctor providers`: all of it comes from the component's data.

use std::fmt::Write as _;

use crate::{
    bindings::proctor::ci::types::{Parameter, ParameterKind, Provider},
    config::{
        Catalogue,
        options::{find, variable},
    },
};

/// The least room for a description, in characters, however narrow the terminal is.
const NARROWEST: usize = 20;

/// Describes all providers with their parameters, in lines of so many characters if somebody says how many.
pub fn providers(catalogue: &Catalogue, width: Option<usize>) -> String {
    let mut text =
        "Providers and their parameters (--set KEY=VALUE, or keys of a target in proctor.toml):\n"
            .to_owned();
    for provider in &catalogue.providers {
        text.push('\n');
        describe(&mut text, provider, width);
    }
    text.push_str("\nReports (--report KIND[=PATH]):\n\n");
    let longest = catalogue
        .kinds
        .iter()
        .map(|kind| kind.name.len())
        .max()
        .unwrap_or_default();
    for kind in &catalogue.kinds {
        let start = format!("  {:longest$}  ", kind.name);
        let about = format!("{} [default: {}]", kind.help, kind.default_path);
        line(&mut text, &start, &about, width);
    }
    text.trim_end().to_owned()
}

fn describe(text: &mut String, provider: &Provider, width: Option<usize>) {
    let variables: Vec<String> = provider
        .key_variables
        .iter()
        .map(|variable| format!("{variable} (or {variable}_FILE)"))
        .collect();
    let title = format!("{}, {}", provider.title, provider.documentation);
    line(text, &format!("  {}: ", provider.name), &title, width);
    line(text, "    key: ", &variables.join(", "), width);
    let longest = provider
        .parameters
        .iter()
        .map(|parameter| parameter.name.len())
        .max()
        .unwrap_or_default();
    for parameter in &provider.parameters {
        let start = format!("    {:longest$}  ", parameter.name);
        line(text, &start, &about(parameter), width);
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

/// Adds a line. Where it is too long it goes on below its text, as the columns of clap do.
fn line(text: &mut String, start: &str, about: &str, width: Option<usize>) {
    let offset = start.chars().count();
    let room = width.map_or(usize::MAX, |width| {
        width.saturating_sub(offset).max(NARROWEST)
    });
    let lines = wrapped(about, room);
    let broken = format!("\n{:offset$}", "");
    let _ = writeln!(text, "{start}{}", lines.join(&broken));
}

/// The text in lines of at most so many characters; a word that is longer has a line of its own.
fn wrapped(text: &str, room: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= room => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// The same command, with the variable of each option in the help of its flag.
pub fn with_variables(command: clap::Command) -> clap::Command {
    command.mut_args(|flag| {
        let Some(variable) = variable_of(&flag) else {
            return flag;
        };
        let named = |help: &clap::builder::StyledStr| with_variable(&help.to_string(), &variable);
        let (short, long) = (flag.get_help().map(named), flag.get_long_help().map(named));
        let flag = match short {
            Some(help) => flag.help(help),
            None => flag,
        };
        match long {
            Some(help) => flag.long_help(help),
            None => flag,
        }
    })
}

/// The variable by which the option of a flag may be given too, if it is one.
fn variable_of(flag: &clap::Arg) -> Option<String> {
    let name = match flag.get_long()? {
        // It may be repeated, and the variable holds all.
        "report" => "reports".to_owned(),
        long => long.replace('-', "_"),
    };
    find(&name).map(|key| variable(key.name))
}

/// The help with the variable at the end of its first paragraph, before what is usual.
fn with_variable(help: &str, variable: &str) -> String {
    let named = format!("[env: {variable}]");
    if help.contains(&named) {
        return help.to_owned();
    }
    let (first, rest) = match help.find("\n\n") {
        Some(at) => help.split_at(at),
        None => (help, ""),
    };
    if let Some((before, usual)) = first.split_once(" [default: ") {
        return format!("{before} {named} [default: {usual}{rest}");
    }
    let (first, end) = match first.strip_suffix('.') {
        Some(first) => (first, "."),
        None => (first, ""),
    };
    format!("{first} {named}{end}{rest}")
}
