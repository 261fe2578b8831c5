//! One `[targets.NAME]` or `[publish.NAME]`: what the provider's parameters allow, each mistake at its place.

use std::{ops::Range, time::Duration};

use toml_edit::{Item, TableLike, Value as Toml};

use super::{
    Catalogue, diagnostic::Finding, file::key_span, options, short_title, suggest, url, value,
};
use crate::bindings::proctor::ci::types::{Parameter, Provider, Setting};

/// Keys of `[targets.NAME]` that are not parameters of its provider.
pub const TARGET_KEYS: [(&str, &str); 8] = [
    ("provider", "The service that runs the tests."),
    (
        "plugin",
        "A component that runs the tests, in place of the services that Proctor ships: the path of a `.wasm` file.",
    ),
    ("timeout", "How long a run may take, for example `20m`."),
    (
        "retries",
        "How often what failed is run again, from 0 to 10; each time counts against the plan's quota.",
    ),
    (
        "queue_timeout",
        "How long a run may wait at the service to begin, for example `5m`.",
    ),
    (
        "api_url",
        "Another base URL of the service's API, with its path.",
    ),
    (
        "key_env",
        "The environment variable that holds the key, if it is not the usual one.",
    ),
    (
        "api",
        "Corrections of what the provider assumes about the service's API.",
    ),
];

/// Those of them that are about running tests: no keys of `[publish.NAME]`.
const KEYS_OF_RUNS: [&str; 2] = ["retries", "queue_timeout"];

/// The keys of `[publish.NAME]` that are not parameters of its provider, each with its help.
pub fn place_keys() -> impl Iterator<Item = (&'static str, &'static str)> {
    let keys = TARGET_KEYS.into_iter();
    keys.filter(|(name, _)| !KEYS_OF_RUNS.contains(name))
}

/// One `[targets.NAME]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    pub name: String,
    /// Where the table begins, in bytes.
    pub span: Range<usize>,
    pub provider: String,
    /// The plugin that has the provider, by its path.
    pub plugin: Option<String>,
    pub timeout: Option<Duration>,
    /// How often what failed is run again.
    pub retries: Option<u32>,
    pub queue_timeout: Option<Duration>,
    pub api_url: Option<String>,
    pub key_env: Option<String>,
    pub settings: Vec<Setting>,
    pub overrides: Vec<Setting>,
    /// Where each parameter's key stands, in bytes.
    pub places: Vec<(String, Range<usize>)>,
    /// Parameters that are there, though their value was refused: not to be called missing as well.
    pub refused: Vec<String>,
}

/// Reads one table.
pub(super) struct TargetReader<'a> {
    pub(super) name: &'a str,
    pub(super) span: Range<usize>,
    /// Whether it is a place to publish at.
    pub(super) is_place: bool,
    /// The provider where none is named.
    pub(super) usual: Option<&'a Provider>,
    pub(super) findings: &'a mut Vec<Finding>,
}

impl<'a> TargetReader<'a> {
    /// The keys that are not parameters of the provider.
    fn own_keys(&self) -> Vec<&'static str> {
        match self.is_place {
            true => place_keys().map(|(name, _)| name).collect(),
            false => TARGET_KEYS.map(|(name, _)| name).to_vec(),
        }
    }

    /// What the table says, as far as it can be understood; none without a provider.
    pub(super) fn read(
        &mut self,
        table: &dyn TableLike,
        catalogue: &'a Catalogue,
    ) -> Option<Entry> {
        if let Some(item) = table.get("plugin").filter(|item| item.as_str().is_none()) {
            let span = item.span().unwrap_or_else(|| self.span.clone());
            let finding = Finding::new(span, "`plugin` must be a string: the path of a component");
            self.findings.push(finding);
            return None;
        }
        let provider = self.provider(table, catalogue)?;
        let mut entry = Entry {
            name: self.name.to_owned(),
            span: self.span.clone(),
            provider: provider.name.clone(),
            plugin: plugin_of(table),
            timeout: self.text(table, "timeout", options::duration),
            retries: self.retries(table),
            queue_timeout: self.text(table, "queue_timeout", |text| {
                queue_timeout(text, plugin_of(table).is_some())
            }),
            api_url: self.text(table, "api_url", url::api),
            key_env: self.text(table, "key_env", |text| variable_name(text, provider)),
            settings: Vec::new(),
            overrides: Vec::new(),
            places: Vec::new(),
            refused: Vec::new(),
        };
        if entry.api_url.is_none() && table.contains_key("api_url") {
            entry.refused.push("api_url".to_owned());
        }
        if table.contains_key("retries") {
            let place = ("retries".to_owned(), key_span(table, "retries"));
            entry.places.push(place);
        }
        let own = self.own_keys();
        for (key, item) in table.iter() {
            if own.contains(&key) {
                continue;
            }
            if KEYS_OF_RUNS.contains(&key) {
                self.findings.push(of_runs_alone(key, key_span(table, key)));
                continue;
            }
            match item.as_table_like().filter(|_| is_group(provider, key)) {
                Some(group) => self.group(&mut entry, key, group, provider),
                None => {
                    entry.places.push((key.to_owned(), key_span(table, key)));
                    match self.setting(table, key, item, provider) {
                        Some(setting) => entry.settings.push(setting),
                        None => entry.refused.push(key.to_owned()),
                    }
                }
            }
        }
        entry.overrides = self.overrides(table, provider);
        Some(entry)
    }

    fn provider(
        &mut self,
        table: &dyn TableLike,
        catalogue: &'a Catalogue,
    ) -> Option<&'a Provider> {
        if let Some(shown) = plugin_of(table) {
            return self.of_plugin(table, &shown, catalogue);
        }
        let names = catalogue.provider_names();
        if let (None, Some(usual)) = (table.get("provider"), self.usual) {
            return Some(usual);
        }
        let Some(item) = table.get("provider") else {
            let finding = Finding::new(
                self.span.clone(),
                format!(
                    "target `{}` does not say which `provider` runs it",
                    self.name
                ),
            );
            let known: Vec<String> = names
                .map(|name| format!("`provider = \"{name}\"`"))
                .collect();
            self.findings
                .push(finding.help(format!("add one of {}", known.join(", "))));
            return None;
        };
        let span = item.span().unwrap_or_else(|| self.span.clone());
        let Some(name) = item.as_str() else {
            self.findings
                .push(Finding::new(span, "`provider` must be a string"));
            return None;
        };
        let found = catalogue.provider(name);
        if found.is_none() {
            let finding = Finding::new(span, format!("there is no provider `{name}`"));
            self.findings
                .push(finding.help(suggest::advice(name, names)));
        }
        found
    }

    /// The provider of a plugin: the one that is named, or its only one.
    fn of_plugin(
        &mut self,
        table: &dyn TableLike,
        shown: &str,
        catalogue: &'a Catalogue,
    ) -> Option<&'a Provider> {
        let providers = catalogue.of_plugin(shown);
        let named = table.get("provider").and_then(Item::as_str);
        let names: Vec<&str> = providers
            .iter()
            .map(|provider| provider.name.as_str())
            .collect();
        let message = match (named, providers) {
            (None, [only]) => return Some(only),
            (None, _) => {
                format!("the plugin `{shown}` runs several services: say which `provider`")
            }
            (Some(name), _) => {
                if let Some(found) = providers.iter().find(|provider| provider.name == name) {
                    return Some(found);
                }
                format!("the plugin `{shown}` has no provider `{name}`")
            }
        };
        let span = table.get("provider").and_then(Item::span);
        let finding = Finding::new(span.unwrap_or_else(|| self.span.clone()), message);
        let advice = suggest::advice(named.unwrap_or_default(), names);
        self.findings.push(finding.help(advice));
        None
    }

    /// Reads a key that holds text in a form of its own.
    fn text<T>(
        &mut self,
        table: &dyn TableLike,
        key: &str,
        read: impl Fn(&str) -> Result<T, String>,
    ) -> Option<T> {
        let item = table.get(key)?;
        // A line that may hold a credential is not shown.
        let hidden = key == "key_env" || item.as_str().is_some_and(|text| text.contains('@'));
        let span = item
            .span()
            .filter(|_| !hidden)
            .unwrap_or_else(|| self.span.clone());
        let result = match item.as_str() {
            Some(text) => read(text),
            None => Err("it must be a string".to_owned()),
        };
        result
            .map_err(|error| {
                self.findings
                    .push(Finding::new(span, format!("`{key}`: {error}")))
            })
            .ok()
    }

    /// Reads a table of parameters whose names begin with its own: `[targets.NAME.load_test]`.
    fn group(
        &mut self,
        entry: &mut Entry,
        group: &str,
        table: &dyn TableLike,
        provider: &Provider,
    ) {
        for (key, item) in table.iter() {
            let (name, span) = (format!("{group}.{key}"), key_span(table, key));
            entry.places.push((name.clone(), span.clone()));
            let setting = match find(&provider.parameters, &name) {
                Some(parameter) => self.value(parameter, item, span),
                None => {
                    let message = format!(
                        "unknown key `{name}`: {} has no such parameter",
                        short_title(provider)
                    );
                    let start = format!("{group}.");
                    let names: Vec<&str> = provider
                        .parameters
                        .iter()
                        .filter_map(|known| known.name.strip_prefix(&start))
                        .collect();
                    let advice = suggest::advice(key, names);
                    self.findings.push(Finding::new(span, message).help(advice));
                    None
                }
            };
            match setting {
                Some(setting) => entry.settings.push(setting),
                None => entry.refused.push(name),
            }
        }
    }

    /// Reads how often what failed is run again.
    fn retries(&mut self, table: &dyn TableLike) -> Option<u32> {
        let item = table.get("retries")?;
        let span = item.span().unwrap_or_else(|| self.span.clone());
        let result = match item.as_integer() {
            Some(number) => options::times(&number.to_string()),
            None => Err("it must be a whole number".to_owned()),
        };
        let refused = |error| Finding::new(span, format!("`retries`: {error}"));
        result
            .map_err(|error| self.findings.push(refused(error)))
            .ok()
    }

    fn setting(
        &mut self,
        table: &dyn TableLike,
        key: &str,
        item: &Item,
        provider: &Provider,
    ) -> Option<Setting> {
        if is_group(provider, key) {
            let finding = Finding::new(key_span(table, key), format!("`{key}` must be a table"));
            let help = format!(
                "write `[targets.{}.{key}]` and its settings below",
                self.name
            );
            self.findings.push(finding.help(help));
            return None;
        }
        let Some(parameter) = find(&provider.parameters, key) else {
            let own = self.own_keys();
            let names = provider.parameters.iter().map(|known| known.name.as_str());
            let finding = Finding::new(
                key_span(table, key),
                format!(
                    "unknown key `{key}`: {} has no such parameter",
                    short_title(provider)
                ),
            );
            let candidates: Vec<&str> = names.chain(own).collect();
            self.findings
                .push(finding.help(suggest::advice(key, candidates)));
            return None;
        };
        self.value(parameter, item, key_span(table, key))
    }

    fn overrides(&mut self, table: &dyn TableLike, provider: &Provider) -> Vec<Setting> {
        let Some(item) = table.get("api") else {
            return Vec::new();
        };
        let Some(api) = item.as_table_like() else {
            let span = item.span().unwrap_or_else(|| self.span.clone());
            self.findings
                .push(Finding::new(span, "`api` must be a table"));
            return Vec::new();
        };
        let mut overrides = Vec::new();
        for (key, item) in api.iter() {
            let span = key_span(api, key);
            match find(&provider.overrides, key) {
                Some(parameter) => overrides.extend(self.value(parameter, item, span)),
                None => {
                    let message = format!(
                        "unknown key `{key}`: nothing of that name can be corrected for {}",
                        short_title(provider)
                    );
                    let names: Vec<&str> = provider
                        .overrides
                        .iter()
                        .map(|known| known.name.as_str())
                        .collect();
                    let advice = suggest::advice(key, names);
                    self.findings.push(Finding::new(span, message).help(advice));
                }
            }
        }
        overrides
    }

    fn value(&mut self, parameter: &Parameter, item: &Item, key: Range<usize>) -> Option<Setting> {
        let Some(toml) = item.as_value() else {
            let message = format!("`{}` must not be a table", parameter.name);
            self.findings.push(Finding::new(key, message));
            return None;
        };
        match value::from_toml(parameter, toml) {
            Ok(value) => Some(Setting {
                name: parameter.name.clone(),
                value,
            }),
            Err(refused) => {
                let mut finding = Finding::new(Toml::span(toml).unwrap_or(key), refused.message);
                finding.help = refused.help;
                self.findings.push(finding);
                None
            }
        }
    }
}

pub(super) fn plugin_of(table: &dyn TableLike) -> Option<String> {
    table
        .get("plugin")
        .and_then(Item::as_str)
        .map(str::to_owned)
}

/// Whether parameters of a provider stand in a table of this name.
fn is_group(provider: &Provider, name: &str) -> bool {
    let mut parameters = provider.parameters.iter();
    parameters.any(|parameter| {
        parameter
            .name
            .split_once('.')
            .is_some_and(|(group, _)| group == name)
    })
}

/// The parameter of this name.
pub(crate) fn find<'a>(parameters: &'a [Parameter], name: &str) -> Option<&'a Parameter> {
    parameters.iter().find(|parameter| parameter.name == name)
}

/// Reads how long a run may wait to begin, which only our own component knows how to tell.
fn queue_timeout(text: &str, is_plugin: bool) -> Result<Duration, String> {
    match is_plugin {
        true => Err(
            "a plugin does not tell when a run has begun; `timeout` bounds the whole".to_owned(),
        ),
        false => options::duration(text),
    }
}

/// Checks the name of an environment variable. A value that looks like a key is not repeated.
fn variable_name(text: &str, provider: &Provider) -> Result<String, String> {
    let is_key = provider
        .key_prefix
        .as_deref()
        .is_some_and(|prefix| text.starts_with(prefix));
    let starts_well = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    let well_formed = text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if starts_well && well_formed && !is_key {
        Ok(text.to_owned())
    } else {
        Err(
            "this is not the name of an environment variable; give the name, never the key itself"
                .to_owned(),
        )
    }
}

fn of_runs_alone(key: &str, span: Range<usize>) -> Finding {
    let message = format!("`{key}` has no meaning where results are published");
    Finding::new(span, message).help("set it in `[targets.NAME]`, whose tests are run")
}
