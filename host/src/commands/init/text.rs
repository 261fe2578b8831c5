//! The text of `proctor.toml`: what was settled, and as comments what may be added.

use std::fmt::Write as _;

use toml_edit::Key;

use crate::{
    bindings::proctor::ci::types::{Parameter, ParameterKind, Setting, Value},
    config::{
        diagnostic::Source,
        file,
        plan::{self, Wish},
    },
    console::safe,
    failure::{Details, Failure},
};

use super::{super::session::Session, pipeline, wanted::Wanted};

/// A whole file. `job` is the file of the pipeline.
pub fn file(targets: &[Wanted], job: &str) -> String {
    let page = pipeline::page("services.md");
    format!(
        "# What Proctor runs at hosted services: `proctor check` looks whether it is right, `proctor run` runs it.\n\
         # All that can stand here: {page}\n\
         \n\
         [defaults]\n\
         # How long a run may take. The job in {job} may take longer, so that there is time to report.\n\
         timeout = \"30m\"\n\
         \n{}",
        tables(targets)
    )
}

/// The tables of the targets. What may be added is shown for the first one of each service.
pub fn tables(targets: &[Wanted]) -> String {
    let mut seen: Vec<&str> = Vec::new();
    let mut texts = Vec::new();
    for wanted in targets {
        let provider = wanted.planned.provider.name.as_str();
        let is_first = !seen.contains(&provider);
        seen.push(provider);
        texts.push(table(wanted, is_first));
    }
    texts.join("\n")
}

fn table(wanted: &Wanted, is_first: bool) -> String {
    let planned = &wanted.planned;
    let provider = &planned.provider;
    let mut text = String::new();
    if is_first {
        let key = pipeline::key_variable(planned);
        let key = key.map(|key| {
            format!(" Its key is the variable {key} of the job, and never stands here.")
        });
        let _ = writeln!(
            text,
            "# {}.{}",
            safe::line(&provider.title),
            key.unwrap_or_default()
        );
    }
    if let Some(about) = &wanted.about {
        let _ = writeln!(text, "# At the service: {}", quoted(&safe::line(about)));
    }
    let _ = writeln!(text, "[targets.{}]", key(&planned.target.name));
    let _ = writeln!(text, "provider = {}", quoted(&provider.name));
    if let Some(url) = &wanted.api_url {
        let _ = writeln!(text, "api_url = {}", quoted(url));
    }
    for parameter in &provider.parameters {
        if let Some(setting) = wanted.setting(&parameter.name) {
            let _ = writeln!(text, "# {}", safe::line(&parameter.help));
            let _ = writeln!(text, "{} = {}", parameter.name, value(setting));
        }
    }
    if is_first {
        let open = provider.parameters.iter();
        let open = open.filter(|parameter| wanted.setting(&parameter.name).is_none());
        for parameter in open {
            let help = safe::line(&parameter.help);
            let _ = writeln!(
                text,
                "# {} = {}  # {help}",
                parameter.name,
                example(parameter)
            );
        }
    }
    text
}

/// Something that a parameter could be set to.
fn example(parameter: &Parameter) -> String {
    match (parameter.kind, parameter.choices.first()) {
        (ParameterKind::Text, Some(choice)) => quoted(choice),
        (ParameterKind::Texts, Some(choice)) => format!("[{}]", quoted(choice)),
        (ParameterKind::Text, None) => "\"…\"".to_owned(),
        (ParameterKind::Texts, None) => "[\"…\"]".to_owned(),
        (ParameterKind::Variables, _) => "[\"NAME\"]".to_owned(),
        (ParameterKind::Integer, _) => "1".to_owned(),
        (ParameterKind::Boolean, _) => "true".to_owned(),
        (ParameterKind::SystemUrl, _) => "\"https://staging.example.com\"".to_owned(),
    }
}

fn value(value: &Value) -> String {
    match value {
        Value::Text(text) => quoted(text),
        Value::Texts(texts) => {
            let texts: Vec<String> = texts.iter().map(|text| quoted(text)).collect();
            format!("[{}]", texts.join(", "))
        }
        Value::Integer(number) => number.to_string(),
        Value::Boolean(truth) => truth.to_string(),
    }
}

/// A key, quoted if it has to be.
fn key(name: &str) -> String {
    let is_bare = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if name.chars().all(is_bare) {
        Key::new(name).display_repr().into_owned()
    } else {
        quoted(name)
    }
}

/// A text on one line. What could do harm where the file is shown is written by its number: what a terminal obeys, what
/// turns the direction of text around, and `##[`, which GitHub's runner takes for a command.
fn quoted(text: &str) -> String {
    if safe::line(text) == text {
        return toml_edit::Value::from(text).to_string();
    }
    let mut escaped = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => escaped.extend(['\\', c]),
            '#' | '\u{0}'..='\u{1f}' | '\u{7f}'.. => {
                let _ = write!(escaped, "\\U{:08X}", u32::from(c));
            }
            c => escaped.push(c),
        }
    }
    escaped.push('"');
    escaped
}

/// Reads back what is to be written: it has to say what was settled, and nothing else.
///
/// # Errors
/// A usage failure if a value may not stand in the file.
pub fn look(session: &Session, path: &str, text: &str, targets: &[Wanted]) -> Result<(), Failure> {
    let source = Source {
        path: path.to_owned(),
        text: text.to_owned(),
    };
    let read = file::read(source, &session.catalogue);
    let colour = session.console.colours_diagnostics();
    let planned = plan::plan(&Wish::default(), Some(read), &session.catalogue, colour);
    let planned = planned.map_err(|failure| {
        let next = "give other values; nothing was written";
        let refused = Failure::usage("what was given makes no configuration file", next);
        match failure.details {
            Some(Details::Plain(text) | Details::Rendered(text)) => refused.details(text),
            None => refused.details(failure.problem.message),
        }
    })?;
    let is_same = planned.len() == targets.len()
        && planned.iter().zip(targets).all(|(read, wanted)| {
            let (read, meant) = (&read.target, &wanted.planned.target);
            (&read.name, &read.provider, &read.api_url)
                == (&meant.name, &meant.provider, &meant.api_url)
                && sorted(&read.settings) == sorted(&meant.settings)
        });
    if is_same {
        return Ok(());
    }
    Err(Failure::internal(
        format!("{path} would not say what was settled, and so was not written"),
        "report it with the command that you gave",
    ))
}

fn sorted(settings: &[Setting]) -> Vec<&Setting> {
    let mut sorted: Vec<&Setting> = settings.iter().collect();
    sorted.sort_by_key(|setting| &setting.name);
    sorted
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::catalogue;

    #[test]
    fn a_text_is_one_line_that_reads_back_and_obeys_nobody() {
        for text in [
            "plain",
            "Prüfung",
            "",
            " a ",
            "it's \"quoted\" \\ '''",
            "\"\"\"\n[targets.evil]\nprovider = \"x\"",
            "${{ secrets.X }} $[[ inputs.x ]] ##[error]",
            "::error::x",
            "\u{1b}[2J\u{202e}\u{9b}\u{7f}\u{0}\u{feff}🧪",
            "a\r\nb\u{2028}c\u{85}",
        ] {
            for line in [
                format!("a = {}", quoted(text)),
                format!(
                    "{} = {}",
                    key("b"),
                    value(&Value::Texts(vec![text.to_owned()]))
                ),
                format!("{} = 1", key(text)),
            ] {
                assert_eq!(safe::block(&line), line, "{text:?}");
                assert_eq!(line.lines().count(), 1, "{text:?}");
                let read: toml_edit::DocumentMut = line
                    .parse()
                    .unwrap_or_else(|error| panic!("{line}: {error}"));
                let (name, item) = read.iter().next().unwrap();
                let found = item
                    .as_str()
                    .or_else(|| item.as_array()?.get(0)?.as_str())
                    .unwrap_or(name);
                assert_eq!(found, text);
            }
        }
    }

    #[test]
    fn what_may_be_added_is_right_when_it_is_no_comment_any_more() {
        let catalogue = catalogue();
        for provider in &catalogue.providers {
            let mut text = format!("[targets.it]\nprovider = \"{}\"\n", provider.name);
            for parameter in &provider.parameters {
                let _ = writeln!(text, "{} = {}", parameter.name, example(parameter));
            }
            let source = Source {
                path: "x".to_owned(),
                text,
            };
            let read = file::read(source, &catalogue);
            assert_eq!((read.general, read.particular), (Vec::new(), Vec::new()));
        }
    }
}
