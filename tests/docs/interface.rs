//! What the action, the GitLab component and the Jenkins library take and give, by their own files: the pages' tables and
//! examples are held against it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use proctor_test_support::{read, root};
use serde_json::Value;

use crate::block::expect_none;
use crate::page::{Table, page};
use crate::words::report_kinds;
use crate::yaml;

/// `action.yml`.
fn action() -> &'static Value {
    static ACTION: OnceLock<Value> = OnceLock::new();
    ACTION
        .get_or_init(|| yaml::read(&read(&root().join("action.yml"))).expect("the action is YAML"))
}

/// The inputs of the component, by name.
fn component() -> &'static Value {
    static COMPONENT: OnceLock<Value> = OnceLock::new();
    COMPONENT.get_or_init(|| {
        let text = read(&root().join("templates/run/template.yml"));
        let (header, _) = text.split_once("\n---\n").expect("a header, and jobs");
        yaml::at(
            &yaml::read(header).expect("the header is YAML"),
            &["spec", "inputs"],
        )
        .clone()
    })
}

/// `vars/proctor.groovy`.
fn library() -> String {
    read(&root().join("vars/proctor.groovy"))
}

fn names(value: &Value) -> BTreeSet<String> {
    let mapping = value.as_object().expect("a mapping with names");
    mapping.keys().cloned().collect()
}

/// Whether the action has this input, and takes what it is given as far as that can be told.
pub fn action_input(name: &str, value: &Value) -> Result<(), String> {
    if action()["inputs"].get(name).is_none() {
        return Err(format!("the action has no input `{name}`"));
    }
    match (name, value.as_str()) {
        ("reports", Some(text)) => kinds_exist(text.split([',', '\n'])),
        _ => Ok(()),
    }
}

pub fn action_outputs() -> BTreeSet<String> {
    names(&action()["outputs"])
}

/// Whether the component has this input, of this type.
pub fn component_input(name: &str, value: &Value) -> Result<(), String> {
    let Some(input) = component().get(name) else {
        return Err(format!("the component has no input `{name}`"));
    };
    let wanted = input["type"].as_str().unwrap_or("string");
    let fits = match wanted {
        "boolean" => value.is_boolean(),
        "number" => value.is_number(),
        "array" => value.is_array(),
        _ => value.is_string(),
    };
    if !fits {
        return Err(format!(
            "the input `{name}` must be a {wanted}, not {value}"
        ));
    }
    match (input["options"].as_array(), name, value.as_str()) {
        (Some(options), _, _) if !options.contains(value) => {
            Err(format!("the input `{name}` cannot be {value}"))
        }
        (_, "reports", Some(text)) => kinds_exist(text.split([' ', ',', '\n'])),
        _ => Ok(()),
    }
}

/// Whether the library's step takes this argument: an option of its own, or else a parameter of a service.
pub fn step_argument(name: &str) -> Result<(), String> {
    let is_parameter = crate::words::parameters().contains(name);
    match is_parameter || options_of_step().contains(name) {
        true => Ok(()),
        false => Err(format!("the step has no argument `{name}`")),
    }
}

/// Whether all of these, as `KIND` or `KIND=PATH`, are kinds of reports.
pub fn kinds_exist<'a>(reports: impl Iterator<Item = &'a str>) -> Result<(), String> {
    let known = report_kinds();
    let kinds = reports.map(|report| report.split('=').next().unwrap_or_default().trim());
    match kinds
        .filter(|kind| !kind.is_empty())
        .find(|kind| !known.contains(*kind))
    {
        None => Ok(()),
        Some(kind) => Err(format!("there is no report kind `{kind}`")),
    }
}

/// What is in square brackets behind the field of this name of the library.
fn field(name: &str) -> String {
    let text = library();
    let begin = format!("{name} = [");
    let (_, behind) = text
        .split_once(&begin)
        .unwrap_or_else(|| panic!("the library has no {name}"));
    behind.split("\n]").next().expect("it ends").to_owned()
}

/// The names of the step's own options: those that a type is given for.
fn options_of_step() -> BTreeSet<String> {
    let pairs = field("OPTIONS").replace('\n', " ");
    pairs
        .split("',")
        .filter_map(|pair| Some(pair.split_once(": '")?.0.trim().to_owned()))
        .collect()
}

/// What the step makes of a build, by exit code.
fn results_of_step() -> BTreeMap<String, String> {
    field("EXIT_CODES")
        .lines()
        .filter_map(|line| {
            let (code, rest) = line.split_once(':')?;
            let result = rest.split_once("result: '")?.1.split('\'').next()?;
            Some((code.trim().to_owned(), result.to_owned()))
        })
        .collect()
}

/// The names in the first column of a table; a cell may hold several.
fn listed(table: &Table) -> BTreeSet<String> {
    let cells = table.rows.iter().skip(1).map(|row| row[0].as_str());
    cells
        .flat_map(|cell| cell.split(", "))
        .map(|name| name.trim_matches('`').to_owned())
        .collect()
}

#[test]
fn the_page_on_github_lists_what_the_action_takes_and_gives() {
    let page = page("docs/github.md");
    assert_eq!(listed(page.table("inputs")), names(&action()["inputs"]));
    assert_eq!(listed(page.table("outputs")), action_outputs());
}

#[test]
fn the_page_on_gitlab_lists_what_the_component_takes() {
    let page = page("docs/gitlab.md");
    let table = page.table("inputs");
    assert_eq!(listed(table), names(component()));
    let wrong: Vec<String> = table
        .rows
        .iter()
        .skip(1)
        .filter_map(|row| {
            let name = row[0].trim_matches('`');
            let default = &component()[name]["default"];
            let told = match default {
                Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            // The addresses and lists are long: the page may tell them in its own words.
            let shown = row[1].trim_matches('`');
            let is_right =
                shown == told || told.len() > 40 || told == own_version() && shown.is_empty();
            (!is_right).then(|| format!("{name}: the default is {told:?}, not {shown:?}"))
        })
        .collect();
    expect_none(&wrong);
}

/// The version that this tree is.
fn own_version() -> &'static str {
    static VERSION: OnceLock<String> = OnceLock::new();
    VERSION.get_or_init(|| {
        let told = proctor_test_support::Proctor::new(&["--version"])
            .end()
            .expect(0)
            .out;
        told.trim()
            .rsplit(' ')
            .next()
            .unwrap_or_default()
            .to_owned()
    })
}

#[test]
fn the_page_on_jenkins_lists_what_the_step_takes_and_gives() {
    let page = page("docs/jenkins.md");
    assert_eq!(listed(page.table("arguments")), options_of_step());
    let library = library();
    let returned = listed(page.table("what-is-returned"));
    assert!(returned.contains("exitCode"), "{returned:?}");
    for name in returned {
        let given = [
            format!("{name}:"),
            format!("{name} "),
            format!("outcome.{name} = "),
            format!("'{name}'"),
        ];
        assert!(
            given.iter().any(|text| library.contains(text)),
            "{name} is not returned"
        );
    }
}

#[test]
fn the_page_on_jenkins_tells_what_becomes_of_the_build() {
    let page = page("docs/jenkins.md");
    let table = page.table("what-becomes-of-the-build");
    let told: BTreeMap<String, String> = table
        .rows
        .iter()
        .skip(1)
        .flat_map(|row| {
            let codes = row[0].split(", ").map(str::to_owned);
            codes.map(|code| (code, row[2].trim_matches('`').to_owned()))
        })
        .collect();
    assert_eq!(told, results_of_step());
}
