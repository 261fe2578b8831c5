//! `proctor.toml`: read with the place of everything in it, so that every mistake is shown where it is.

use std::ops::Range;

use toml_edit::{Document, Item, TableLike};

use super::{
    Catalogue, defaults,
    diagnostic::{Finding, Source},
    entry::{Entry, TargetReader, plugin_of},
    options::Options,
    quarantine::{self, Rule},
    suggest,
};
use crate::bindings::proctor::ci::types::Provider;

/// A configuration file, as far as it could be understood, and what was wrong with the rest.
#[derive(Debug, Clone)]
pub struct Config {
    pub source: Source,
    pub defaults: Options,
    pub targets: Vec<Entry>,
    /// Where results are published: each `[publish.NAME]`.
    pub publish: Vec<Entry>,
    /// Tests whose trouble does not count for a while: each `[[quarantine]]`.
    pub quarantine: Vec<Rule>,
    /// What each plugin that a target names runs, by its path as named.
    pub plugins: Vec<(String, Vec<Provider>)>,
    /// What is wrong outside of the targets.
    pub general: Vec<Finding>,
    /// What is wrong with the targets.
    pub particular: Vec<Finding>,
}

/// Reads a configuration file. What cannot be understood is among the findings.
#[must_use]
pub fn read(source: Source, catalogue: &Catalogue) -> Config {
    let mut config = Config {
        source,
        defaults: Options::default(),
        targets: Vec::new(),
        publish: Vec::new(),
        quarantine: Vec::new(),
        plugins: catalogue.plugins.clone(),
        general: Vec::new(),
        particular: Vec::new(),
    };
    match Document::parse(config.source.text.clone()) {
        Ok(document) => read_table(&mut config, document.as_table(), catalogue),
        Err(error) => {
            let message = format!("not valid TOML: {}", error.message().replace('\n', "; "));
            let span = error.span().unwrap_or(0..0);
            config.general.push(Finding::new(span, message));
        }
    }
    config
}

fn read_table(config: &mut Config, root: &dyn TableLike, catalogue: &Catalogue) {
    for (name, item) in root.iter() {
        let span = key_span(root, name);
        match (name, item.as_table_like()) {
            ("defaults", Some(table)) => {
                config.defaults = defaults::read(table, catalogue, &mut config.general);
            }
            ("targets", Some(table)) => {
                let section = Section {
                    name,
                    catalogue,
                    findings: &mut config.particular,
                };
                config.targets = section.read(table);
            }
            ("publish", Some(table)) => {
                let section = Section {
                    name,
                    catalogue: &catalogue.of_sinks(),
                    findings: &mut config.general,
                };
                config.publish = section.read(table);
            }
            ("quarantine", _) => {
                let targets = root.get("targets").and_then(Item::as_table_like);
                config.quarantine = quarantine::read(item, span, targets, &mut config.general);
            }
            ("defaults" | "targets" | "publish", None) => {
                let message = format!("`{name}` must be a table");
                config.general.push(Finding::new(span, message));
            }
            _ => {
                let advice =
                    suggest::advice(name, ["defaults", "targets", "publish", "quarantine"]);
                let message = format!("unknown key `{name}`");
                config
                    .general
                    .push(Finding::new(span, message).help(advice));
            }
        }
    }
}

impl Config {
    /// The same with the places of publishing for targets.
    #[must_use]
    pub fn of_publishing(mut self) -> Self {
        self.targets = std::mem::take(&mut self.publish);
        self.particular.clear();
        self
    }
}

/// A table of tables: `[targets.NAME]` or `[publish.NAME]`.
struct Section<'a> {
    name: &'a str,
    catalogue: &'a Catalogue,
    findings: &'a mut Vec<Finding>,
}

impl Section<'_> {
    fn read(self, tables: &dyn TableLike) -> Vec<Entry> {
        let mut entries = Vec::new();
        for (name, item) in tables.iter() {
            let span = key_span(tables, name);
            let Some(table) = item.as_table_like() else {
                let help = format!("write `[{}.{name}]` and its settings below", self.name);
                let finding = Finding::new(span, format!("target `{name}` must be a table"));
                self.findings.push(finding.help(help));
                continue;
            };
            if name.is_empty() || name.chars().any(char::is_control) {
                let finding = Finding::new(span, "a target's name must be printable and not empty");
                self.findings.push(finding);
                continue;
            }
            let is_place = self.name == "publish";
            let mut reader = TargetReader {
                span: item.span().unwrap_or(span),
                name,
                is_place,
                // A place to publish at may be called after its service.
                usual: self.catalogue.provider(name).filter(|_| is_place),
                findings: &mut *self.findings,
            };
            entries.extend(reader.read(table, self.catalogue));
        }
        entries
    }
}

/// The plugins that targets name, each once. What is wrong with the text is found when it is read.
#[must_use]
pub fn plugins(source: &Source) -> Vec<String> {
    let mut plugins: Vec<String> = Vec::new();
    let Ok(document) = Document::parse(source.text.as_str()) else {
        return plugins;
    };
    let targets = document.as_table().get("targets");
    let Some(targets) = targets.and_then(Item::as_table_like) else {
        return plugins;
    };
    for (_, item) in targets.iter() {
        let named = item.as_table_like().and_then(plugin_of);
        plugins.extend(named.filter(|plugin| !plugins.contains(plugin)));
    }
    plugins
}

/// Where a key stands.
pub(super) fn key_span(table: &dyn TableLike, name: &str) -> Range<usize> {
    table
        .key(name)
        .and_then(toml_edit::Key::span)
        .or_else(|| table.get(name).and_then(Item::span))
        .unwrap_or(0..0)
}
