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

/// The widest text, in characters, for which the rest of its column is moved.
const WIDEST: usize = 40;

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
    let to = items.len().min(from + PAGE);
    for row in rows(&items[from..to], from + 1) {
        ask.say(&row);
    }
    to
}

/// Things of a list one below the other, counted from `first`: what they are called, their ids and notes in columns.
fn rows(items: &[Item], first: usize) -> Vec<String> {
    let last = (first + items.len()).saturating_sub(1).to_string();
    let texts: Vec<[String; 3]> = items
        .iter()
        .map(|item| {
            let note = item.note.as_deref().unwrap_or_default();
            [&item.name, &item.id, note].map(safe::line)
        })
        .collect();
    let width = |column: usize| {
        let widths = texts.iter().map(|text| text[column].chars().count());
        widths.filter(|width| *width <= WIDEST).max().unwrap_or(0)
    };
    let (number, name, id) = (last.len() + 1, width(0), width(1));
    let row = |(at, [called, known, note]): (usize, &[String; 3])| {
        let place = format!("{})", first + at);
        let row = format!("  {place:>number$} {called:name$}  {known:id$}  {note}");
        row.trim_end().to_owned()
    };
    texts.iter().enumerate().map(row).collect()
}

fn prompt(parameter: &Parameter, items: &[Item], shown: usize) -> String {
    let is_list = takes_several(parameter);
    let what = match (items.is_empty(), is_list) {
        (true, false) => "Value",
        (true, true) => "Values, with commas between",
        (false, false) => "Number, name, or =ID",
        (false, true) => "Numbers, names, or =ID, with commas between",
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

/// What one part of an answer stands for: an id behind `=`, or a thing of the list by its number, its id or its name.
///
/// # Errors
/// One sentence. What stands for nothing of the list is not taken for an id: it may be a slip.
fn meant<'a>(items: &'a [Item], part: &str) -> Result<(String, Option<&'a Item>), String> {
    if let Some(id) = part.strip_prefix('=') {
        let id = id.trim();
        return match id.is_empty() {
            true => Err("An id is empty.".to_owned()),
            false => Ok((id.to_owned(), None)),
        };
    }
    let number = part.parse::<usize>().ok();
    let by_number = number
        .and_then(|number| number.checked_sub(1))
        .and_then(|at| items.get(at));
    let by_id = || items.iter().find(|item| item.id == part);
    let named: Vec<&Item> = items.iter().filter(|item| item.name == part).collect();
    let found = by_number.or_else(by_id);
    match (found, named.as_slice()) {
        (Some(item), _) | (None, &[item]) => Ok((item.id.clone(), Some(item))),
        (None, []) => Err(format!(
            "That is none of them: {part:?}. `=` before it takes it as an id."
        )),
        (None, _) => Err(format!("Several are called {part:?}: give the number.")),
    }
}

/// Reads an answer: things of the list, ids behind `=`, or a value as `--set` takes it.
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
        let (id, item) = meant(items, part)?;
        ids.push(id);
        names.extend(item.map(|item| item.name.clone()));
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
        assert_eq!(read("=3"), (texts(&["3"]), None));
        assert_eq!(read("= other"), (texts(&["other"]), None));
        assert!(understood(&several, &items(), "1,").is_err());
        assert!(understood(&several, &items(), "1,=").is_err());
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
    fn what_is_none_of_the_list_is_no_id() {
        let one = parameter(ParameterKind::Text);
        let mut items = items();
        let read = |items: &[Item], answer: &str| understood(&one, items, answer);
        let first = (Value::Text("a,1".to_owned()), Some("One".to_owned()));
        assert_eq!(read(&items, "One"), Ok(first.clone()));
        assert_eq!(read(&items, "a,1"), Ok(first));
        for slip in ["0", "3", "99", "-1", "one", "other", "a"] {
            let refused = read(&items, slip).expect_err(slip);
            assert!(refused.starts_with("That is none of them"), "{refused}");
        }
        items[1].name = "One".to_owned();
        let refused = read(&items, "One").expect_err("two have the name");
        assert!(refused.starts_with("Several are called"), "{refused}");
    }

    #[test]
    fn a_list_is_shown_in_columns() {
        let mut items = items();
        items[1].note = Some("paused".to_owned());
        items[0].name = "Orders".to_owned();
        assert_eq!(
            rows(&items, 9),
            ["   9) Orders  a,1", "  10) Two     1    paused"]
        );
        assert_eq!(rows(&[], 1), Vec::<String>::new());
        items[0].name = "x".repeat(WIDEST + 1);
        assert_eq!(rows(&items, 1)[1], "  2) Two  1    paused");
    }

    #[test]
    fn a_prompt_tells_what_may_be_answered() {
        let mut several = parameter(ParameterKind::Texts);
        assert_eq!(prompt(&several, &[], 0), "Values, with commas between:");
        several.required = false;
        assert_eq!(
            prompt(&several, &items(), 1),
            "Numbers, names, or =ID, with commas between; + shows more of 2; Enter leaves it out:"
        );
    }
}
