//! Scenario files.

use std::path::Path;

use proctor_sandbox::Scenario;

fn refusal(text: &str) -> String {
    match Scenario::from_toml(text) {
        Ok(_) => panic!("taken: {text}"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn what_a_scenario_does_not_have_is_refused_with_its_place() {
    for (text, line, word) in [
        ("keploy = ", 1, "keploy"),
        ("[keplo]\n", 1, "keplo"),
        ("[keploy]\nqueue = 3\n", 2, "queue"),
        ("[keploy]\nqueue_ms = \"3\"\n", 2, "queue_ms"),
        ("[keploy]\nburst = -1\n", 2, "burst"),
        ("[keploy]\nlink = \"guess\"\n", 2, "guess"),
        ("[keploy]\nevents = \"xml\"\n", 2, "xml"),
        (
            "[keploy]\nkeys = [{ key = \"k\", scopes = [\"root\"] }]\n",
            2,
            "root",
        ),
        ("[[keploy.apps]]\nname = \"a\"\n", 1, "id"),
        (
            "[[keploy.apps]]\nid = \"a\"\n[[keploy.apps.suites]]\nid = \"s\"\noutcome = \"great\"\n",
            5,
            "great",
        ),
    ] {
        let error = refusal(text);
        assert!(
            error.contains(&format!("line {line}")) && error.contains(word),
            "{error}"
        );
    }
}

#[test]
fn what_a_fault_does_not_have_is_refused() {
    for (text, word) in [
        ("kind = \"explode\"", "explode"),
        ("path = \"/apps\"", "kind"),
        ("kind = \"latency\"", "ms"),
        ("kind = \"status\"", "status"),
        ("kind = \"status\"\nstatus = 70000", "70000"),
        ("kind = \"redirect\"", "location"),
        ("kind = \"hang\"\nms = 5", "ms"),
        ("kind = \"reset_after\"\ntime = 5", "time"),
        ("kind = \"latency\"\nms = 5\nstatus = 4", "status"),
    ] {
        let error = refusal(&format!("[[faults]]\n{text}\n"));
        assert!(error.contains(word), "{text}: {error}");
    }
}

#[test]
fn an_empty_scenario_is_the_usual_one() {
    assert_eq!(
        Scenario::from_toml("").expect("a scenario"),
        Scenario::default()
    );
    assert_ne!(Scenario::demo(), Scenario::default());
}

#[test]
fn the_example_in_the_readme_is_a_scenario() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let text = std::fs::read_to_string(path).expect("the README");
    let examples: Vec<_> = text
        .split("```toml\n")
        .skip(1)
        .map(|rest| rest.split("```").next().expect("the end of the example"))
        .collect();
    assert!(!examples.is_empty());
    for example in examples {
        Scenario::from_toml(example).unwrap_or_else(|error| panic!("{error}"));
    }
}

#[test]
fn the_readme_names_every_fault() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let text = std::fs::read_to_string(path).expect("the README");
    // The refusal of an unknown kind lists all kinds.
    let error = refusal("[[faults]]\nkind = \"explode\"\n");
    let kinds = error.split("expected one of ").nth(1).expect("the kinds");
    let kinds: Vec<_> = kinds.split('`').skip(1).step_by(2).collect();
    assert!(kinds.len() > 10, "{error}");
    for kind in kinds {
        assert!(text.contains(&format!("| `{kind}` |")), "{kind}");
    }
}
