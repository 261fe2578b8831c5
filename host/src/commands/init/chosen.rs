//! The question about one parameter: what it is, what can be chosen, and how the answer is read.

use crate::{
    bindings::proctor::ci::types::{Item, Parameter, ParameterKind, Value},
    config::value,
    console::safe,
    failure::Failure,
};

use super::ask::Ask;

/// How many things are shown at a time.
const PAGE: usize = 20;

/// The value of a parameter, and the name of what was chosen if that is one thing of the list.
pub type Chosen = Option<(Value, Option<String>)>;

/// Asks for the value of a parameter; none if it is left out.
///
/// # Errors
/// If the answers end.
pub async fn chosen(
    ask: &Ask<'_>,
    parameter: &Parameter,
    items: &[Item],
) -> Result<Chosen, Failure> {
    let need = if parameter.required { ", required" } else { "" };
    ask.say(&format!("{}{need}: {}", parameter.name, parameter.help));
    if !parameter.choices.is_empty() {
        ask.say(&format!("One of {}.", parameter.choices.join(", ")));
    }
    let mut shown = show(ask, items, 0);
    loop {
        let answer = ask.line(&prompt(parameter, items, shown)).await?;
        if answer == "+" && shown < items.len() {
            shown = show(ask, items, shown);
            continue;
        }
        if answer.is_empty() {
            if !parameter.required {
                return Ok(None);
            }
            ask.say("A run needs it.");
            continue;
        }
        match understood(parameter, items, &answer) {
            Ok(chosen) => return Ok(Some(chosen)),
            Err(error) => ask.say(&error),
        }
    }
}

/// Shows one page of a list; returns how many were shown altogether.
fn show(ask: &Ask<'_>, items: &[Item], from: usize) -> usize {
    for (at, item) in items.iter().enumerate().skip(from).take(PAGE) {
        let note = item
            .note
            .as_deref()
            .map(|note| format!("  {}", safe::line(note)));
        ask.say(&format!(
            "  {}) {}  {}{}",
            at + 1,
            safe::line(&item.name),
            safe::line(&item.id),
            note.unwrap_or_default()
        ));
    }
    items.len().min(from + PAGE)
}

fn prompt(parameter: &Parameter, items: &[Item], shown: usize) -> String {
    let is_list = takes_several(parameter);
    let what = match (items.is_empty(), is_list) {
        (true, false) => "Value",
        (true, true) => "Values, with commas between",
        (false, false) => "Number, or =ID",
        (false, true) => "Numbers, or =ID, with commas between",
    };
    let more = if shown < items.len() {
        format!("; + shows more of {}", items.len())
    } else {
        String::new()
    };
    let leave = if parameter.required {
        ""
    } else {
        "; Enter leaves it out"
    };
    format!("{what}{more}{leave}:")
}

fn takes_several(parameter: &Parameter) -> bool {
    matches!(
        parameter.kind,
        ParameterKind::Texts | ParameterKind::Variables
    )
}

/// Reads an answer: numbers of the list, ids behind `=`, or a value as `--set` takes it.
fn understood(
    parameter: &Parameter,
    items: &[Item],
    answer: &str,
) -> Result<(Value, Option<String>), String> {
    if items.is_empty() {
        let value = value::from_text(parameter, answer).map_err(|refused| refused.message)?;
        return Ok((value, None));
    }
    let parts: Vec<&str> = if takes_several(parameter) {
        answer.split(',').map(str::trim).collect()
    } else {
        vec![answer]
    };
    let mut ids = Vec::new();
    let mut names = Vec::new();
    for part in parts {
        let number = part
            .parse::<usize>()
            .ok()
            .and_then(|number| number.checked_sub(1));
        match (part.strip_prefix('='), number.and_then(|at| items.get(at))) {
            (Some(id), _) => ids.push(id.to_owned()),
            (None, Some(item)) => {
                ids.push(item.id.clone());
                names.push(item.name.clone());
            }
            (None, None) => ids.push(part.to_owned()),
        }
    }
    if ids.iter().any(|id| id.trim().is_empty()) {
        return Err("An id is empty.".to_owned());
    }
    let name = (ids.len() == 1).then(|| names.pop()).flatten();
    match parameter.kind {
        ParameterKind::Texts | ParameterKind::Variables => Ok((Value::Texts(ids), name)),
        _ => {
            let value = value::from_text(parameter, &ids[0]).map_err(|refused| refused.message)?;
            Ok((value, name))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parameter(kind: ParameterKind) -> Parameter {
        Parameter {
            name: "it".to_owned(),
            kind,
            required: true,
            choices: Vec::new(),
            exclusive: false,
            help: String::new(),
        }
    }

    fn items() -> Vec<Item> {
        [("a,1", "One"), ("1", "Two")]
            .map(|(id, name)| Item {
                kind: "it".to_owned(),
                id: id.to_owned(),
                name: name.to_owned(),
                parent: None,
                note: None,
            })
            .to_vec()
    }

    #[test]
    fn a_number_is_a_place_in_the_list_and_an_id_can_always_be_typed() {
        let texts = |ids: &[&str]| Value::Texts(ids.iter().map(|id| (*id).to_owned()).collect());
        let several = parameter(ParameterKind::Texts);
        let read = |answer: &str| understood(&several, &items(), answer).unwrap();
        assert_eq!(read("1"), (texts(&["a,1"]), Some("One".to_owned())));
        assert_eq!(read("=1"), (texts(&["1"]), None));
        assert_eq!(read("2, 1"), (texts(&["1", "a,1"]), None));
        assert_eq!(read("3"), (texts(&["3"]), None));
        assert_eq!(read("other"), (texts(&["other"]), None));
        assert!(understood(&several, &items(), "1,").is_err());
        let one = parameter(ParameterKind::Text);
        let read = understood(&one, &items(), "1").unwrap();
        assert_eq!(read.0, Value::Text("a,1".to_owned()));
        let number = parameter(ParameterKind::Integer);
        assert_eq!(
            understood(&number, &items(), "2").unwrap().0,
            Value::Integer(1)
        );
        assert!(understood(&number, &items(), "1").is_err());
        assert!(understood(&number, &[], "x").is_err());
    }

    #[test]
    fn a_prompt_tells_what_may_be_answered() {
        let mut several = parameter(ParameterKind::Texts);
        assert_eq!(prompt(&several, &[], 0), "Values, with commas between:");
        several.required = false;
        assert_eq!(
            prompt(&several, &items(), 1),
            "Numbers, or =ID, with commas between; + shows more of 2; Enter leaves it out:"
        );
    }
}
