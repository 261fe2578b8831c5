//! Targets from what `proctor list --output ndjson` has written: one for each thing that is run by itself.

use std::io::Read as _;

use serde::Deserialize;

use crate::{
    bindings::proctor::ci::types::{Item, Parameter, ParameterKind, Value},
    cli::InitArgs,
    config::short_title,
    failure::Failure,
};

use super::{
    super::session::Session,
    given,
    wanted::{Names, Wanted, naming},
};

/// The longest list that is read, in bytes: 16 MiB.
const LONGEST: u64 = 16 * 1024 * 1024;

/// The most targets that are made at once.
const MOST: usize = 1_000;

/// The kind of things that parameters name and that are no tests to run: they are where tests come from, and for a while.
const NO_TESTS: &str = "branch";

/// A line of the list. What else stands in it is passed over.
#[derive(Deserialize)]
struct Line {
    #[serde(rename = "type")]
    about: String,
    kind: Option<String>,
    id: Option<String>,
    name: Option<String>,
    parent: Option<String>,
}

/// The targets that a list describes: one for each thing that is run by itself, each with the parameters that `--set` gives to all of them.
///
/// # Errors
/// A usage failure if the list is none, or holds nothing that can be run.
pub fn targets(
    session: &Session,
    arguments: &InitArgs,
    shown: &str,
) -> Result<Vec<Wanted>, Failure> {
    let (text, shown) = read(session, shown)?;
    let items = items(&text, shown)?;
    let provider = arguments.provider.as_deref().unwrap_or_default();
    let begun = Wanted::begin(session, provider, arguments, arguments.api_url.clone())?;
    let mut names = Names::default();
    let mut all: Vec<Wanted> = Vec::new();
    let mut others: Vec<&str> = Vec::new();
    for item in &items {
        let Some(wanted) = target(&begun, item)? else {
            others.push(&item.kind);
            continue;
        };
        all.push(wanted);
        let wanted = all.last_mut().expect("one was added");
        let name = names.make(&[&item.name, &item.id, &item.kind]);
        names.keep(&name);
        wanted.planned.target.name = name;
    }
    others.sort_unstable();
    others.dedup();
    if all.is_empty() {
        return Err(nothing(&begun, &others, shown));
    }
    if !others.is_empty() {
        let title = short_title(&begun.planned.provider);
        let kinds = others.join(", ");
        session.console.warn(&format!(
            "passed over what no parameter of {title} runs: {kinds}"
        ));
    }
    if all.len() > MOST {
        return Err(Failure::usage(
            format!(
                "{shown} lists {} things, and at most {MOST} targets are made at once",
                all.len()
            ),
            "choose from the lines of the list; nothing was written",
        ));
    }
    if let Some(name) = &arguments.name {
        let [only] = all.as_mut_slice() else {
            return Err(Failure::usage(
                format!(
                    "--name is for one target, and {shown} lists {} things",
                    all.len()
                ),
                "leave --name out: each target is called after what it runs; nothing was written",
            ));
        };
        only.planned.target.name = given::named(name)?;
    }
    Ok(all)
}

/// What is there, and what it is called.
fn read<'a>(session: &Session, shown: &'a str) -> Result<(String, &'a str), Failure> {
    type Source = std::io::Result<Box<dyn std::io::Read>>;
    let mut text = String::new();
    let (source, shown): (Source, &str) = match shown {
        "-" => (Ok(Box::new(std::io::stdin())), "standard input"),
        shown => {
            let file = std::fs::File::open(session.path(shown));
            (file.map(|file| Box::new(file) as _), shown)
        }
    };
    let length = source.and_then(|source| source.take(LONGEST + 1).read_to_string(&mut text));
    let why = match length {
        Ok(length) if length as u64 > LONGEST => "it is larger than 16 MiB".to_owned(),
        Ok(_) => return Ok((text, shown)),
        Err(error) => error.to_string(),
    };
    Err(Failure::usage(
        format!("--from-list: {shown} cannot be read: {why}"),
        "give what `proctor list --output ndjson` has written; nothing was written",
    ))
}

/// What is listed, each thing once.
fn items(text: &str, shown: &str) -> Result<Vec<Item>, Failure> {
    let mut items: Vec<Item> = Vec::new();
    for (at, line) in text
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty())
    {
        let refuse = |what: &str| {
            Failure::usage(
                format!("--from-list: line {} of {shown} {what}", at + 1),
                "give what `proctor list --output ndjson` has written; nothing was written",
            )
        };
        let line: Line = serde_json::from_str(line)
            .map_err(|error| refuse(&format!("is not what `proctor list` writes: {error}")))?;
        match line.about.as_str() {
            "item" => {}
            "error" => return Err(refuse("says why there is no list: solve that first")),
            _ => continue,
        }
        let (Some(kind), Some(id)) = (line.kind, line.id) else {
            return Err(refuse("has no `kind` or no `id`"));
        };
        let item = Item {
            kind,
            name: line.name.unwrap_or_else(|| id.clone()),
            id,
            parent: line.parent,
            note: None,
        };
        if !items
            .iter()
            .any(|known| (&known.kind, &known.id) == (&item.kind, &item.id))
        {
            items.push(item);
        }
    }
    Ok(items)
}

/// The target that runs this; nothing if no parameter names such a thing, or there is nothing in it to run.
fn target(begun: &Wanted, item: &Item) -> Result<Option<Wanted>, Failure> {
    if item.kind == NO_TESTS {
        return Ok(None);
    }
    let parameters = begun.planned.provider.parameters.iter();
    let named = parameters
        .filter_map(|parameter| Some((parameter, naming(parameter, item)?)))
        .next();
    let Some((parameter, value)) = named else {
        return Ok(None);
    };
    let name = &parameter.name;
    if begun.setting(name).is_some() {
        return Err(Failure::usage(
            format!("`{name}` is given by --set, and each line of the list gives another"),
            format!("leave out --set {name}; nothing was written"),
        ));
    }
    let mut wanted = begun.clone();
    wanted.set(name, Some(value));
    wanted.about = Some(item.name.clone());
    if let (Some(parameter), Some(parent)) = (owner(&wanted), &item.parent) {
        wanted.set(&parameter, Some(Value::Text(parent.clone())));
    }
    Ok(Some(wanted))
}

/// The parameter for what a listed thing belongs to: the only text that is still missing, as the app of a suite.
fn owner(wanted: &Wanted) -> Option<String> {
    let is_text = |parameter: &&Parameter| parameter.kind == ParameterKind::Text;
    let missing: Vec<&Parameter> = wanted.missing().filter(is_text).collect();
    match missing.as_slice() {
        [only] => Some(only.name.clone()),
        _ => None,
    }
}

fn nothing(begun: &Wanted, others: &[&str], shown: &str) -> Failure {
    let title = short_title(&begun.planned.provider);
    let message = match others {
        [] => format!("--from-list: {shown} lists nothing"),
        kinds => format!(
            "--from-list: no parameter of {title} runs what {shown} lists: {}",
            kinds.join(", ")
        ),
    };
    let provider = &begun.planned.provider.name;
    Failure::usage(
        message,
        format!("see what `proctor list --provider {provider}` shows; nothing was written"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_read_and_each_thing_counts_once() {
        let text = "{\"type\":\"item\",\"kind\":\"app\",\"id\":\"a\",\"name\":\"A\",\"parent\":null,\"new\":1}\n\n\
                    {\"type\":\"warning\",\"message\":\"m\"}\n\
                    {\"type\":\"item\",\"kind\":\"app\",\"id\":\"a\"}\n\
                    {\"type\":\"item\",\"kind\":\"suite\",\"id\":\"a\",\"parent\":\"a\"}\n";
        let items = items(text, "-").unwrap();
        let told: Vec<(&str, &str, &str)> = items
            .iter()
            .map(|item| (item.kind.as_str(), item.id.as_str(), item.name.as_str()))
            .collect();
        assert_eq!(told, [("app", "a", "A"), ("suite", "a", "a")]);
    }

    #[test]
    fn what_is_no_list_is_refused_by_its_line() {
        for (text, told) in [
            ("app  a  A\n", "line 1 of x is not"),
            (
                "\n{\"type\":\"item\",\"kind\":\"app\"}\n",
                "line 2 of x has no",
            ),
            (
                "{\"type\":\"error\",\"error\":{}}\n",
                "line 1 of x says why",
            ),
            ("[]\n", "line 1 of x is not"),
        ] {
            let refused = items(text, "x").unwrap_err();
            assert!(refused.problem.message.contains(told), "{refused}");
        }
        assert_eq!(items("", "x").unwrap(), []);
    }
}
