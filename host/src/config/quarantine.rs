//! `[[quarantine]]`: tests whose trouble is reported and does not count, until a day and for a reason.

use std::ops::Range;

use toml_edit::{Datetime, Item, TableLike, Value as Toml};

use super::{diagnostic::Finding, file::key_span, suggest, value::article};

/// Keys of `[[quarantine]]`.
pub const QUARANTINE_KEYS: [(&str, &str); 4] = [
    (
        "tests",
        "Names of tests, each `suite/test`; `*` stands for any characters and `?` for one.",
    ),
    (
        "until",
        "The last day on which their trouble does not count, in UTC: `2026-12-31`.",
    ),
    ("reason", "Why it does not count, for the reports."),
    ("targets", "The targets whose tests are meant, if not all."),
];

/// One `[[quarantine]]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    pub tests: Vec<String>,
    /// `2026-12-31`.
    pub until: String,
    pub reason: String,
    /// All of them if there are none.
    pub targets: Vec<String>,
}

/// Reads all entries. What is wrong is added to the findings, and with it an entry is none.
pub fn read(
    item: &Item,
    span: Range<usize>,
    targets: Option<&dyn TableLike>,
    findings: &mut Vec<Finding>,
) -> Vec<Rule> {
    let Some(entries) = entries(item) else {
        let finding = Finding::new(span, "`quarantine` must be an array of tables");
        let help = "write `[[quarantine]]`, and `tests`, `until` and `reason` below";
        findings.push(finding.help(help));
        return Vec::new();
    };
    let mut rules = Vec::new();
    for (table, own) in entries {
        let mut reader = Reader {
            table,
            span: own.unwrap_or_else(|| span.clone()),
            findings: &mut *findings,
        };
        rules.extend(reader.read(targets));
    }
    rules
}

/// An entry with its place.
type Entry<'a> = (&'a dyn TableLike, Option<Range<usize>>);

/// The entries; none if it is no array of tables.
fn entries(item: &Item) -> Option<Vec<Entry<'_>>> {
    if let Some(tables) = item.as_array_of_tables() {
        let tables = tables.iter();
        return Some(
            tables
                .map(|table| (table as &dyn TableLike, table.span()))
                .collect(),
        );
    }
    let array = item.as_array();
    let array = array.filter(|array| array.iter().all(Toml::is_inline_table))?;
    let tables = array.iter().filter_map(Toml::as_inline_table);
    Some(
        tables
            .map(|table| (table as &dyn TableLike, table.span()))
            .collect(),
    )
}

/// What reads one entry.
struct Reader<'t, 'f> {
    table: &'t dyn TableLike,
    span: Range<usize>,
    findings: &'f mut Vec<Finding>,
}

impl<'t> Reader<'t, '_> {
    fn read(&mut self, targets: Option<&dyn TableLike>) -> Option<Rule> {
        let before = self.findings.len();
        for (key, _) in self.table.iter() {
            let names = QUARANTINE_KEYS.map(|(name, _)| name);
            if !names.contains(&key) {
                let message = format!("unknown key `{key}` in `[[quarantine]]`");
                let advice = suggest::advice(key, names);
                let finding = Finding::new(key_span(self.table, key), message);
                self.findings.push(finding.help(advice));
            }
        }
        let tests = self.texts("tests");
        let until = self.until();
        let reason = self.reason();
        let named = match self.table.contains_key("targets") {
            true => self.texts("targets"),
            false => Some(Vec::new()),
        };
        for name in named.iter().flatten() {
            if targets.is_none_or(|targets| !targets.contains_key(name)) {
                let known: Vec<&str> = targets
                    .iter()
                    .flat_map(|targets| targets.iter().map(|(name, _)| name))
                    .collect();
                let message = format!("`targets`: the file defines no target `{name}`");
                let advice = suggest::advice(name, known);
                let finding = Finding::new(self.place("targets"), message);
                self.findings.push(finding.help(advice));
            }
        }
        if self.findings.len() > before {
            return None;
        }
        Some(Rule {
            tests: tests?,
            until: until?,
            reason: reason?,
            targets: named?,
        })
    }

    /// The place of a value, or of the whole entry if it is not there.
    fn place(&self, key: &str) -> Range<usize> {
        let item = self.table.get(key);
        item.and_then(Item::span)
            .unwrap_or_else(|| self.span.clone())
    }

    fn wrong(&mut self, key: &str, why: &str, help: &str) {
        let finding = Finding::new(self.place(key), format!("`{key}`: {why}"));
        self.findings.push(finding.help(help));
    }

    /// A value that has to be there.
    fn value(&mut self, key: &str, example: &str) -> Option<&'t Toml> {
        let table = self.table;
        let Some(item) = table.get(key) else {
            let message = format!("the quarantine lacks `{key}`");
            let finding = Finding::new(self.span.clone(), message);
            self.findings
                .push(finding.help(format!("add `{key} = {example}`")));
            return None;
        };
        if item.as_value().is_none() {
            self.wrong(
                key,
                "it must not be a table",
                &format!("write `{key} = {example}`"),
            );
        }
        item.as_value()
    }

    /// A list of texts, none of them blank, and at least one.
    fn texts(&mut self, key: &str) -> Option<Vec<String>> {
        const HELP: &str = "write a list of names, as `[\"…\"]`";
        let texts = match self.value(key, "[\"…\"]")? {
            Toml::Array(array) => {
                let texts = array.iter().map(|each| match each.as_str() {
                    Some(text) if text.trim().is_empty() => Err("a name is blank".to_owned()),
                    Some(text) => Ok(text.to_owned()),
                    None => Err(format!("it must hold strings alone, not {}", article(each))),
                });
                texts.collect::<Result<Vec<String>, String>>()
            }
            other => Err(format!(
                "it must be an array of strings, not {}",
                article(other)
            )),
        };
        match texts {
            Ok(texts) if texts.is_empty() => self.wrong(key, "it is empty", HELP),
            Ok(texts) => return Some(texts),
            Err(why) => self.wrong(key, &why, HELP),
        }
        None
    }

    /// The last day, as a date of TOML's or as text.
    fn until(&mut self) -> Option<String> {
        let day = match self.value("until", "2026-12-31")? {
            Toml::Datetime(date) => day(date.value()),
            Toml::String(text) => text.value().trim().parse().ok().as_ref().and_then(day),
            _ => None,
        };
        if day.is_none() {
            self.wrong(
                "until",
                "it is not a day",
                "write the last day, as `2026-12-31`",
            );
        }
        day
    }

    fn reason(&mut self) -> Option<String> {
        let text = match self.value("reason", "\"…\"")? {
            Toml::String(text) => Ok(text.value().trim().to_owned()),
            other => Err(format!("it must be a string, not {}", article(other))),
        };
        match text {
            Ok(text) if text.is_empty() => {
                self.wrong(
                    "reason",
                    "it is blank",
                    "say why, for those who read the reports",
                );
            }
            Ok(text) => return Some(text),
            Err(why) => self.wrong("reason", &why, "say why, for those who read the reports"),
        }
        None
    }
}

/// A day alone: a time of it would be one in nobody knows which zone.
fn day(moment: &Datetime) -> Option<String> {
    let is_day = moment.time.is_none() && moment.offset.is_none();
    let date = moment.date.filter(|_| is_day)?;
    Some(date.to_string())
}
