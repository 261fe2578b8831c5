//! Names and ids from a service that try to be more than that.

use proctor_sandbox::{Sandbox, Scenario};
use proctor_test_support::{KEY, Outcome, Proctor};
use serde_json::{Value, json};

use super::{SYSTEMS, config};

const HOSTILE: [&str; 12] = [
    "\"]\n[targets.evil]\nprovider = \"keploy\"",
    "'''\n[targets.evil]",
    "\"\"\"\n[evil]",
    "# evil\nevil = 1",
    "${{ secrets.EVIL }}",
    "$[[ inputs.evil ]]",
    "$(evil)`evil`",
    "evil', evil: '",
    "evil: {script: [evil]}\n- evil",
    "\n::error::evil\n##[error]evil",
    "\u{1b}[2Jevil\u{202e}\u{9b}\u{7f}\r\u{85}\u{2028}",
    "*/ evil /* // \\",
];

/// Nothing that is shown or written can be taken for more than text.
#[track_caller]
fn is_harmless(text: &str) {
    let is_shown = |c: char| c == '\n' || !(c.is_control() || "\u{202e}\u{2028}".contains(c));
    assert!(text.chars().all(is_shown), "{text:?}");
    assert!(!text.contains("##["), "{text}");
    assert!(
        !text.lines().any(|line| line.trim_start().starts_with("::")),
        "{text}"
    );
}

#[track_caller]
fn holds_nothing_of_theirs(outcome: &Outcome, file: &str) {
    let pipeline = outcome.read(file);
    assert!(
        !pipeline.contains("evil") && !pipeline.contains("EVIL"),
        "{pipeline}"
    );
    let config = outcome.read("proctor.toml");
    for text in [&pipeline, &config, &outcome.out, &outcome.err] {
        is_harmless(text);
    }
}

#[test]
fn a_list_writes_its_words_as_values_alone() {
    let list: String = HOSTILE
        .iter()
        .map(|text| {
            let item =
                json!({"type": "item", "kind": "flow", "id": text, "name": text, "parent": text});
            format!("{item}\n")
        })
        .collect();
    for (system, file) in SYSTEMS {
        let outcome = Proctor::new(&[
            "init",
            system,
            "--provider",
            "checkview",
            "--from-list",
            "-",
        ])
        .answers(&list)
        .end()
        .expect(0);
        holds_nothing_of_theirs(&outcome, file);
        let config = config(&outcome);
        let names: Vec<&str> = config.iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["defaults", "targets"]);
        let targets = config["targets"].as_table().expect("targets");
        let flows: Vec<&str> = targets
            .iter()
            .map(|(name, target)| {
                let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
                assert!(name.chars().all(is_plain), "{name}");
                let keys: Vec<&str> = target
                    .as_table()
                    .expect("a target")
                    .iter()
                    .map(|(key, _)| key)
                    .collect();
                assert_eq!(keys, ["provider", "flow"], "{name}");
                target["flow"][0].as_str().expect("an id")
            })
            .collect();
        assert_eq!(flows, HOSTILE);
        let printed = Proctor::new(&[
            "init",
            system,
            "--provider",
            "checkview",
            "--from-list",
            "-",
        ])
        .arguments(&["--dry-run"])
        .answers(&list)
        .end()
        .expect(0);
        is_harmless(&printed.out);
    }
}

/// A sandbox whose apps have these names.
fn naming(names: &[&str]) -> Sandbox {
    let apps: Vec<Value> = names
        .iter()
        .enumerate()
        .map(|(number, name)| json!({"id": format!("app-{number}"), "name": name, "suites": [{"id": "s", "name": name}]}))
        .collect();
    let mut scenario = String::from("[keploy]\nallow_private_targets = true\n");
    for app in apps {
        // A basic string of TOML takes what JSON escapes.
        let name = app["name"].to_string().replace('\u{7f}', "\\u007f");
        scenario.push_str(&format!(
            "[[keploy.apps]]\nid = {}\nname = {name}\nsuites = [{{ id = \"s\", name = {name} }}]\n",
            app["id"]
        ));
    }
    let scenario = Scenario::from_toml(&scenario).unwrap_or_else(|error| panic!("{error}"));
    Sandbox::start("127.0.0.1:0".parse().expect("an address"), scenario).expect("a free port")
}

#[test]
fn what_is_offered_for_a_choice_is_text_alone() {
    let sandbox = naming(&HOSTILE);
    for (at, (system, file)) in SYSTEMS.into_iter().enumerate() {
        let url = sandbox.service_url("keploy");
        let answers = format!("{}\n{}\n1\n\ny\n", at * 4 + 1, sandbox.system_url());
        let outcome = Proctor::new(&["init", system, "--interactive", "--provider", "keploy"])
            .arguments(&["--api-url", &url])
            .key(KEY)
            .answers(&answers)
            .end()
            .expect(0);
        holds_nothing_of_theirs(&outcome, file);
        let config = config(&outcome);
        let targets = config["targets"].as_table().expect("targets");
        assert_eq!(targets.len(), 1);
        let (_, target) = targets.iter().next().expect("a target");
        assert_eq!(
            target["app"].as_str(),
            Some(format!("app-{}", at * 4).as_str())
        );
        assert_eq!(target["suites"][0].as_str(), Some("s"));
    }
}
