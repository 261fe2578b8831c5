//! Configuration files: each is held against the schema, and read by the program as `proctor run` does, up to the
//! complaint that no key is there. Parts of a file are completed first.

use std::sync::OnceLock;

use proctor_test_support::Proctor;
use serde_json::{Value, json};
use toml_edit::{DocumentMut, Item, Table, value};

use crate::block::{Block, Kind, expect_none, of_kind};

/// The least that a target of each service needs, as `(provider, parameter, value)`.
const LEAST: [(&str, &[(&str, &str)]); 5] = [
    (
        "keploy",
        &[("app", "a"), ("base_url", "https://staging.example.com")],
    ),
    ("checkview", &[("flow", "a")]),
    ("testclix", &[("test", "a")]),
    ("izli", &[("journey", "a")]),
    (
        "testmo",
        &[("run", "1"), ("api_url", "https://example.testmo.net")],
    ),
];

/// A target whose key is never there: what ends the program before it asks anything of anybody.
const LAST: &str = "without-a-key";

/// Holds a value against a JSON schema.
pub fn held_against(schema: &str, value: &Value) -> Result<(), String> {
    let mut compiler = boon::Compiler::new();
    compiler
        .add_resource("schema.json", serde_json::from_str(schema).expect("JSON"))
        .expect("a resource");
    let mut schemas = boon::Schemas::new();
    let index = compiler
        .compile("schema.json", &mut schemas)
        .expect("a schema");
    schemas
        .validate(value, index)
        .map_err(|error| format!("{error:#}"))
}

/// The schema of `proctor.toml`, as the program prints it.
fn schema() -> &'static str {
    static SCHEMA: OnceLock<String> = OnceLock::new();
    SCHEMA.get_or_init(|| Proctor::new(&["schema"]).end().expect(0).out)
}

#[test]
fn configurations_are_read_by_the_program() {
    let blocks = of_kind(Kind::Config);
    assert!(!blocks.is_empty(), "there are examples");
    let wrong: Vec<String> = blocks
        .iter()
        .filter_map(|block| {
            let error = check(block).err()?;
            Some(format!("{}: {error}", block.place()))
        })
        .collect();
    expect_none(&wrong);
}

#[test]
fn a_wrong_configuration_is_noticed() {
    let with = |text: &str| {
        let mut block = Block::new("docs/services/keploy.md", 1, "toml".to_owned());
        block.text = text.to_owned();
        check(&block)
    };
    with("[targets.a.api]\nstates_failed = [\"x\"]\n").expect("a part is completed");
    with("[targets.a]\nprovider = \"keploy\"\napp = \"a\"\n").expect_err("base_url is missing");
    with("[targets.a]\nprovider = \"kepoly\"\n").expect_err("no such service");
    with("[publish.x]\nprovider = \"testmo\"\nprojekt = 1\n").expect_err("no such parameter");
    with("[defaults]\ntimeout = \"soon\"\n").expect_err("not a duration");
}

/// Reads an example, completed by the service that its page is about, or else by any that takes it.
pub fn check(block: &Block) -> Result<(), String> {
    let written: DocumentMut = block.text.parse().map_err(|error| format!("{error}"))?;
    let of_page = LEAST
        .iter()
        .filter(|(provider, _)| block.page.ends_with(&format!("services/{provider}.md")));
    let mut services: Vec<_> = of_page.collect();
    if services.is_empty() {
        services = LEAST.iter().collect();
    }
    let mut last = String::new();
    for (provider, least) in services {
        let completed = complete(written.clone(), provider, least);
        match read_by_program(&completed) {
            Ok(()) => return Ok(()),
            Err(error) => last = format!("completed for {provider}: {error}"),
        }
    }
    Err(last)
}

/// Adds what a part of a file leaves out.
pub fn complete(mut file: DocumentMut, provider: &str, least: &[(&str, &str)]) -> DocumentMut {
    for (name, target) in tables(&mut file, "targets") {
        if target.get("provider").is_none() && target.get("plugin").is_none() {
            assert!(!name.is_empty());
            target.insert("provider", value(provider));
            for (parameter, text) in least {
                target.entry(parameter).or_insert(value(*text));
            }
        }
    }
    for (_, place) in tables(&mut file, "publish") {
        place.entry("provider").or_insert(value("testmo"));
        place
            .entry("api_url")
            .or_insert(value("https://example.testmo.net"));
        place.entry("project_id").or_insert(value(1));
        place.entry("source").or_insert(value("tests"));
    }
    let targets = file.entry("targets").or_insert(Item::Table(Table::new()));
    let mut last = Table::new();
    last.insert("provider", value("keploy"));
    for (parameter, text) in LEAST[0].1 {
        last.insert(parameter, value(*text));
    }
    last.insert("key_env", value("NEVER_SET"));
    let targets = targets.as_table_mut().expect("[targets] is a table");
    targets.insert(LAST, Item::Table(last));
    file
}

/// The tables below one of the top level, with their names.
fn tables<'a>(file: &'a mut DocumentMut, name: &str) -> Vec<(String, &'a mut Table)> {
    let Some(all) = file.get_mut(name).and_then(Item::as_table_mut) else {
        return Vec::new();
    };
    all.iter_mut()
        .filter_map(|(name, item)| Some((name.get().to_owned(), item.as_table_mut()?)))
        .collect()
}

/// Names of the `[publish.NAME]` of a file.
fn places(file: &DocumentMut) -> Vec<String> {
    let all = file.get("publish").and_then(Item::as_table);
    all.map(|all| all.iter().map(|(name, _)| name.to_owned()).collect())
        .unwrap_or_default()
}

fn read_by_program(file: &DocumentMut) -> Result<(), String> {
    held_against(schema(), &as_json(file.as_item()))?;
    let mut commands = vec![vec!["check".to_owned()]];
    commands.extend(
        places(file)
            .into_iter()
            .map(|name| vec!["run".to_owned(), "--publish".to_owned(), name]),
    );
    for command in commands {
        let arguments: Vec<&str> = command.iter().map(String::as_str).collect();
        let mut proctor = Proctor::new(&arguments).file("proctor.toml", &file.to_string());
        for name in named(file, "plugin") {
            let path = proctor.path(&name);
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("the folder is free");
            std::fs::copy(proctor_test_components::ECHO_PATH, path).expect("the plugin is built");
        }
        for name in named(file, "env") {
            proctor = proctor.variable(&name, "value");
        }
        let outcome = proctor.end();
        let ends_at_keys = outcome.code == 2 && keys_alone_are_missing(&outcome.err);
        if !ends_at_keys {
            return Err(format!(
                "{command:?}: exit code {}: {}",
                outcome.code, outcome.err
            ));
        }
    }
    Ok(())
}

/// Whether what the program says is that keys are missing, and nothing else.
pub fn keys_alone_are_missing(told: &str) -> bool {
    told.contains(" is missing: set ")
        && told
            .lines()
            .all(|line| !line.contains("-->") && !line.starts_with("warning"))
}

/// What all targets say for a key that is a text or a list of texts.
fn named(file: &DocumentMut, key: &str) -> Vec<String> {
    let Some(targets) = file.get("targets").and_then(Item::as_table) else {
        return Vec::new();
    };
    targets
        .iter()
        .filter_map(|(_, target)| target.get(key))
        .flat_map(|item| match as_json(item) {
            Value::String(text) => vec![text],
            Value::Array(all) => all
                .into_iter()
                .filter_map(|each| each.as_str().map(str::to_owned))
                .collect(),
            _ => Vec::new(),
        })
        .collect()
}

fn as_json(item: &Item) -> Value {
    match item {
        Item::None => Value::Null,
        Item::Value(value) => value_as_json(value),
        Item::Table(table) => table
            .iter()
            .map(|(name, item)| (name.to_owned(), as_json(item)))
            .collect(),
        Item::ArrayOfTables(tables) => tables
            .iter()
            .map(|table| as_json(&Item::Table(table.clone())))
            .collect(),
    }
}

fn value_as_json(value: &toml_edit::Value) -> Value {
    match value {
        toml_edit::Value::String(text) => json!(text.value()),
        toml_edit::Value::Integer(number) => json!(number.value()),
        toml_edit::Value::Float(number) => json!(number.value()),
        toml_edit::Value::Boolean(truth) => json!(truth.value()),
        toml_edit::Value::Datetime(time) => json!(time.value().to_string()),
        toml_edit::Value::Array(items) => items.iter().map(value_as_json).collect(),
        toml_edit::Value::InlineTable(table) => table
            .iter()
            .map(|(name, value)| (name.to_owned(), value_as_json(value)))
            .collect(),
    }
}
