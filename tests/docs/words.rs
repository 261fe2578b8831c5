//! Names within sentences: flags, report kinds and environment variables are those that there are.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use proctor_test_support::{Proctor, read, root};
use serde_json::Value;

use crate::block::expect_none;
use crate::page::pages;

#[test]
fn flags_that_are_named_exist() {
    let mut wrong = Vec::new();
    let mut seen = 0;
    for page in pages() {
        for (line, code) in page.codes.iter().filter(|(_, code)| is_ours(code)) {
            let words = code.split_whitespace().take_while(|word| *word != "--");
            for word in words.filter(|word| word.starts_with("--")) {
                let flag = word.split(['=', '…', ',']).next().unwrap_or(word);
                seen += 1;
                if !flags().contains(flag) {
                    wrong.push(format!("{}:{line}: {flag} is no flag", page.path));
                }
            }
        }
    }
    assert!(seen > 20, "flags are found in the pages");
    expect_none(&wrong);
}

#[test]
fn report_kinds_that_are_named_exist() {
    let kinds = report_kinds();
    assert!(kinds.contains("junit"), "{kinds:?}");
    let mut wrong = Vec::new();
    for page in pages() {
        for (line, code) in &page.codes {
            let words: Vec<&str> = code.split_whitespace().collect();
            let after = |at: usize| words.get(at + 1).copied();
            let named = words
                .iter()
                .enumerate()
                .filter_map(|(at, word)| match *word {
                    "--report" => after(at),
                    "render" if at == 1 && words[0] == "proctor" => after(at),
                    _ => None,
                });
            for report in named.filter(|word| word.starts_with(|c: char| c.is_ascii_lowercase())) {
                let kind = report.split(['=', '[']).next().unwrap_or_default();
                if !kinds.contains(kind) {
                    wrong.push(format!("{}:{line}: {kind} is no report kind", page.path));
                }
            }
        }
    }
    expect_none(&wrong);
}

#[test]
fn variables_that_are_named_exist() {
    let mut known: BTreeSet<String> = options()
        .iter()
        .map(|option| format!("PROCTOR_{}", option.to_uppercase()))
        .collect();
    for source in sources() {
        known.extend(variables(&source));
    }
    let mut wrong = Vec::new();
    for page in pages() {
        let inside = page.blocks.iter().map(|block| (block.line, &block.text));
        let named = page
            .codes
            .iter()
            .map(|(line, code)| (*line, code))
            .chain(inside);
        for (line, text) in named {
            for name in variables(text).filter(|name| !known.contains(name)) {
                wrong.push(format!("{}:{line}: nothing reads {name}", page.path));
            }
        }
    }
    expect_none(&wrong);
}

/// Whether code is about this program: a flag alone, or one of its commands.
fn is_ours(code: &str) -> bool {
    code.starts_with("--") || code.starts_with("proctor ")
}

/// Every flag of every command.
fn flags() -> &'static BTreeSet<String> {
    static FLAGS: OnceLock<BTreeSet<String>> = OnceLock::new();
    FLAGS.get_or_init(|| {
        let help = Proctor::new(&["--help"]).end().expect(0).out;
        let mut flags = flags_in(&help);
        for command in commands_in(&help) {
            flags.extend(flags_in(
                &Proctor::new(&[&command, "--help"]).end().expect(0).out,
            ));
        }
        flags
    })
}

fn flags_in(help: &str) -> BTreeSet<String> {
    help.split(|c: char| c.is_whitespace() || "[],=`<".contains(c))
        .filter(|word| word.starts_with("--"))
        .map(|word| word.trim_end_matches(['.', ';']).to_owned())
        .collect()
}

fn commands_in(help: &str) -> Vec<String> {
    let listed = help
        .split("Commands:\n")
        .nth(1)
        .expect("help lists the commands");
    listed
        .lines()
        .take_while(|line| line.starts_with("  "))
        .filter_map(|line| line.split_whitespace().next().map(str::to_owned))
        .collect()
}

/// The parameters of all services, as `proctor providers` lists them.
pub fn parameters() -> &'static BTreeSet<String> {
    static PARAMETERS: OnceLock<BTreeSet<String>> = OnceLock::new();
    PARAMETERS.get_or_init(|| {
        let told = Proctor::new(&["providers"]).end().expect(0).out;
        let listed = told.lines().filter(|line| line.starts_with("    "));
        listed
            .filter_map(|line| line.split_whitespace().next().map(str::to_owned))
            .filter(|name| !name.ends_with(':'))
            .collect()
    })
}

/// The kinds that `--report` takes, as the help of `run` lists them.
pub fn report_kinds() -> &'static BTreeSet<String> {
    static KINDS: OnceLock<BTreeSet<String>> = OnceLock::new();
    KINDS.get_or_init(listed_kinds)
}

fn listed_kinds() -> BTreeSet<String> {
    let help = Proctor::new(&["run", "--help"]).end().expect(0).out;
    let listed = help
        .split("Reports (")
        .nth(1)
        .expect("help lists the kinds");
    listed
        .lines()
        .skip(1)
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next().map(str::to_owned))
        .collect()
}

/// The names of `[defaults]`, each of which has a variable too.
fn options() -> Vec<String> {
    let schema = Proctor::new(&["schema"]).end().expect(0).out;
    let schema: Value = serde_json::from_str(&schema).expect("JSON");
    let defaults = &schema["properties"]["defaults"]["properties"];
    defaults
        .as_object()
        .expect("a table")
        .keys()
        .cloned()
        .collect()
}

/// The texts of what reads variables: the program, and what installs and calls it in CI.
pub fn sources() -> Vec<String> {
    let mut texts = Vec::new();
    for folder in [
        "src",
        "host/src",
        "host/build",
        "action",
        "resources",
        "templates",
        "vars",
        "release",
    ] {
        texts.extend(below(&root().join(folder)));
    }
    let more = ["action.yml", "Dockerfile", "Makefile"];
    texts.extend(
        more.iter()
            .map(|path| root().join(path))
            .filter(|path| path.exists())
            .map(|path| read(&path)),
    );
    texts
}

fn below(folder: &std::path::Path) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut texts = Vec::new();
    for path in entries.map(|entry| entry.expect("an entry").path()) {
        if path.is_dir() {
            texts.extend(below(&path));
        } else if let Ok(text) = std::fs::read_to_string(&path) {
            texts.push(text);
        }
    }
    texts
}

/// The names in a text that begin as our variables do.
fn variables(text: &str) -> impl Iterator<Item = String> {
    let names: Vec<String> = text
        .split(|c: char| !(c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_'))
        .filter(|word| word.starts_with("PROCTOR_") && word.len() > "PROCTOR_".len())
        .map(|word| word.trim_end_matches("_FILE").to_owned())
        .collect();
    names.into_iter()
}
