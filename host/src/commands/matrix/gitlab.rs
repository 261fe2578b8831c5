//! A child pipeline of GitLab CI, as JSON, which is YAML.
//!
//! Names of targets come from a file that anyone may change in a merge request. They stand in two places only: in the
//! script, quoted for the shell, and in the name of a job, from which everything but letters, digits and a few marks is
//! taken out. GitLab itself expands nothing in either.

use serde_json::{Map, Value, json};

use super::{Shard, github::title, json};
use crate::bindings::exports::proctor::ci::reports::ReportKind;

/// Where shards leave their results for the last job.
const FOLDER: &str = "proctor-shards";

/// The longest list of targets in the name of a job, in characters. GitLab allows 255 for the whole name.
const LONGEST: usize = 100;

/// The reports that the last job makes, as far as they exist, each with the key of `artifacts:reports` that reads it.
/// JUnit is not among them: GitLab puts together that of the shards, and would count every test twice.
const MERGED: [(&str, Option<&str>); 5] = [
    ("json", None),
    ("html", None),
    ("gitlab-codequality", Some("codequality")),
    ("gitlab-annotations", Some("annotations")),
    ("dotenv", Some("dotenv")),
];

/// What the jobs have in common.
pub struct Settings<'a> {
    /// The configuration file, if it is not the usual one.
    pub config: Option<&'a str>,
    /// The targets that were asked for; all of them when empty.
    pub named: &'a [String],
    pub image: Option<&'a str>,
    /// A file of the repository whose job `.proctor` every job extends.
    pub template: Option<&'a str>,
    pub kinds: &'a [ReportKind],
}

/// A pipeline with a job for each shard, and a last one that merges their results and passes if all of them have.
pub fn pipeline(shards: &[Shard], settings: &Settings<'_>) -> String {
    let mut pipeline = Map::new();
    if let Some(file) = settings.template {
        pipeline.insert("include".to_owned(), json!([{ "local": file }]));
    }
    // Without rules of its own a child of a merge request's pipeline would have no jobs.
    pipeline.insert(
        "workflow".to_owned(),
        json!({ "rules": [{ "when": "always" }] }),
    );
    pipeline.insert("stages".to_owned(), json!(["run", "verdict"]));
    for (at, shard) in shards.iter().enumerate() {
        let (name, job) = of_shard(at + 1, shard, settings);
        pipeline.insert(name, job);
    }
    pipeline.insert("proctor verdict".to_owned(), verdict(settings));
    json::lines(&Value::Object(pipeline))
}

fn of_shard(number: usize, shard: &Shard, settings: &Settings<'_>) -> (String, Value) {
    let file = format!("{FOLDER}/{number}");
    let mut words = vec!["run".to_owned()];
    words.extend(config(settings));
    words.extend([
        format!("--report=json={file}.json"),
        format!("--report=junit={file}.xml"),
        "--".to_owned(),
    ]);
    words.extend(shard.iter().cloned());
    let artifacts = json!({
        "when": "always",
        "paths": [format!("{file}.json")],
        "reports": { "junit": format!("{file}.xml") },
    });
    let name = format!("proctor {number}: {}", harmless(&title(shard, LONGEST)));
    (name, job(settings, "run", &words, artifacts))
}

/// The job that merges. It runs whatever became of the shards, and asks for all of their targets, so that a shard which
/// left no results does not look like one that passed.
fn verdict(settings: &Settings<'_>) -> Value {
    let mut words = vec!["render".to_owned()];
    let mut paths = Vec::new();
    let mut reports = Map::new();
    for (name, key) in MERGED {
        let Some(kind) = settings.kinds.iter().find(|kind| kind.name == name) else {
            continue;
        };
        let path = &kind.default_path;
        words.push(format!("{name}={path}"));
        match key {
            Some(key) => drop(reports.insert(key.to_owned(), json!(path))),
            None => paths.push(path.as_str()),
        }
    }
    words.push(format!("--from={FOLDER}/*.json"));
    words.extend(config(settings));
    match settings.named {
        [] => words.push("--all-targets".to_owned()),
        named => words.extend(named.iter().map(|name| format!("--expect={name}"))),
    }
    let mut artifacts = json!({ "when": "always", "paths": paths });
    if !reports.is_empty() {
        artifacts["reports"] = Value::Object(reports);
    }
    let mut job = job(settings, "verdict", &words, artifacts);
    job["when"] = json!("always");
    job
}

fn job(settings: &Settings<'_>, stage: &str, words: &[String], artifacts: Value) -> Value {
    let mut job = json!({
        "stage": stage,
        "script": [script(words)],
        "artifacts": artifacts,
    });
    if let Some(image) = settings.image {
        job["image"] = json!(image);
    }
    if settings.template.is_some() {
        job["extends"] = json!(".proctor");
    }
    job
}

fn config(settings: &Settings<'_>) -> Option<String> {
    settings.config.map(|file| format!("--config={file}"))
}

/// The line for the shell. `exec` lets the signal of a cancelled job reach the program.
fn script(words: &[String]) -> String {
    let words: Vec<String> = words.iter().map(|word| quoted(word)).collect();
    format!("exec proctor {}", words.join(" "))
}

/// A word that every POSIX shell takes for nothing but itself.
fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:@%+,".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// The text as part of the name of a job.
fn harmless(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            c if c.is_alphanumeric() => c,
            ' ' | ',' | '.' | '-' | '…' => c,
            _ => '_',
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::catalogue;

    fn shard(names: &[&str]) -> Shard {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    fn made(shards: &[Shard], settings: &Settings<'_>) -> Value {
        serde_json::from_str(&pipeline(shards, settings)).expect("JSON")
    }

    fn plain(kinds: &[ReportKind]) -> Settings<'_> {
        Settings {
            config: None,
            named: &[],
            image: None,
            template: None,
            kinds,
        }
    }

    #[test]
    fn every_shard_has_a_job_and_the_last_one_asks_for_all() {
        let kinds = catalogue().kinds;
        let value = made(&[shard(&["api", "shop"]), shard(&["site"])], &plain(&kinds));
        let first = &value["proctor 1: api, shop"];
        assert_eq!(
            first["script"],
            json!([
                "exec proctor run --report=json=proctor-shards/1.json --report=junit=proctor-shards/1.xml -- api shop"
            ])
        );
        assert_eq!(first["artifacts"]["when"], "always");
        assert_eq!(
            first["artifacts"]["reports"]["junit"],
            "proctor-shards/1.xml"
        );
        assert!(value["proctor 2: site"].is_object());
        let last = &value["proctor verdict"];
        assert_eq!(
            last["script"],
            json!([
                "exec proctor render json=results.json '--from=proctor-shards/*.json' --all-targets"
            ])
        );
        assert_eq!(
            (&last["when"], &last["stage"]),
            (&json!("always"), &json!("verdict"))
        );
        assert_eq!(value.get("include"), None);
        assert_eq!(last.get("extends"), None);
    }

    #[test]
    fn settings_reach_every_job() {
        let mut kinds = catalogue().kinds;
        kinds.push(ReportKind {
            name: "dotenv".to_owned(),
            help: String::new(),
            default_path: "proctor.env".to_owned(),
        });
        let named = shard(&["-x", "it's"]);
        let settings = Settings {
            config: Some("ci/proctor $HOME.toml"),
            named: &named,
            image: Some("registry.example/proctor:1"),
            template: Some("ci/proctor.yml"),
            kinds: &kinds,
        };
        let value = made(std::slice::from_ref(&named), &settings);
        assert_eq!(value["include"], json!([{ "local": "ci/proctor.yml" }]));
        for job in ["proctor 1: -x, it_s", "proctor verdict"] {
            assert_eq!(value[job]["image"], "registry.example/proctor:1", "{job}");
            assert_eq!(value[job]["extends"], ".proctor", "{job}");
            let script = value[job]["script"][0].as_str().expect("a line");
            assert!(
                script.contains("'--config=ci/proctor $HOME.toml'"),
                "{script}"
            );
        }
        let script = value["proctor verdict"]["script"][0].as_str();
        let script = script.expect("a line");
        assert!(
            script.ends_with(r"--expect=-x '--expect=it'\''s'"),
            "{script}"
        );
        assert_eq!(
            value["proctor verdict"]["artifacts"]["reports"]["dotenv"],
            "proctor.env"
        );
    }

    #[test]
    fn a_word_is_quoted_unless_it_is_plain() {
        assert_eq!(quoted("--report=json=a/1.json"), "--report=json=a/1.json");
        for word in [
            "", "a b", "$(x)", "`x`", "a;b", "*", "~", "!x", "#", "é", "{a,b}",
        ] {
            assert_eq!(quoted(word), format!("'{word}'"));
        }
        assert_eq!(quoted("'"), r"''\'''");
    }
}
