//! Inputs that would be commands if a shell evaluated them arrive as arguments, whatever the shell.

use serde_json::json;

use crate::runner::{IMAGES, Job};
use crate::template::Template;

/// Texts that mean something to a shell, to YAML or to GitLab's interpolation.
pub const HOSTILE: [&str; 14] = [
    "$(touch pwned)",
    "`touch pwned`",
    "; touch pwned",
    "' ; touch pwned ; '",
    "\" ; touch pwned ; \"",
    "a && touch pwned",
    "a | touch pwned",
    "> pwned",
    "*",
    "~ {a,b} ?",
    "\\ \\\\ \\0 \\n",
    "  two  blanks  ",
    "- item: # no comment",
    "$((1+1)) ä €",
];

/// A program that writes down its arguments, each ended by NUL.
pub const WITNESS: &str = r#"printf '%s\0' "$@" >arguments"#;

/// The arguments that the witness wrote down.
pub fn witnessed(text: &str) -> Vec<&str> {
    text.trim_end_matches('\0').split('\0').collect()
}

/// The arguments that these inputs must become, beside the handle and the reports.
pub fn expected() -> Vec<String> {
    let mut all = vec![
        "run".to_owned(),
        "--handle=proctor-reports/proctor-handle.json".to_owned(),
        "--report=junit=proctor-reports/junit.xml".to_owned(),
        "--report=html=*".to_owned(),
        "--report=$(touch".to_owned(),
        "--report=pwned)".to_owned(),
        format!("--config={}", HOSTILE[0]),
        format!("--provider={}", HOSTILE[1]),
        format!("--api-url={}", HOSTILE[3]),
        format!("--publish={}", HOSTILE[4]),
    ];
    all.extend(HOSTILE.map(|text| format!("--set={text}")));
    all.extend(HOSTILE.map(str::to_owned));
    all.push("--".to_owned());
    let names = HOSTILE.iter().flat_map(|text| text.split(','));
    all.extend(names.map(|name| name.trim().to_owned()));
    all
}

/// Inputs with a hostile text wherever the pattern of the input allows it.
pub fn inputs() -> serde_json::Value {
    let lines = HOSTILE.join("\n");
    json!({
        "version": "image",
        "reports": "junit html=* $(touch pwned)",
        "config": HOSTILE[0],
        "provider": HOSTILE[1],
        "api-url": HOSTILE[3],
        "publish": HOSTILE[4],
        "set": lines,
        "args": lines,
        "targets": lines,
    })
}

#[test]
fn no_input_is_evaluated() {
    for image in &IMAGES {
        let Some(mut job) = Job::new(image) else {
            continue;
        };
        for (name, value) in inputs().as_object().expect("inputs") {
            job = job.input(name, value.clone());
        }
        job.tool("proctor", WITNESS);
        let job = job.file("a file", "");
        job.end().expect(image.name, 0, &[]);
        assert!(!job.path("pwned").exists(), "{}", image.name);
        let text = proctor_test_support::read(&job.path("arguments"));
        assert_eq!(witnessed(&text), expected(), "{}", image.name);
    }
}

#[test]
fn empty_inputs_give_no_arguments_and_the_others_give_theirs() {
    let Some(job) = Job::new(&IMAGES[1]) else {
        return;
    };
    job.tool("proctor", WITNESS);
    let job = job
        .input("version", "image")
        .input("reports", "")
        .input("targets", "api\n\n  \nthe shop\n")
        .input("timeout", "1h 30m")
        .input("fail-on", "failed,errored")
        .input("allow-empty", true)
        .input("reports-dir", "out/x");
    job.end().expect("arguments", 0, &[]);
    let text = proctor_test_support::read(&job.path("arguments"));
    let arguments = [
        "run",
        "--handle=out/x/proctor-handle.json",
        "--timeout=1h 30m",
        "--fail-on=failed,errored",
        "--allow-empty",
        "--",
        "api",
        "the shop",
    ];
    assert_eq!(witnessed(&text), arguments);
}

/// What is copied from a workflow with the GitHub action works.
#[test]
fn targets_and_reports_are_split_at_commas_too() {
    for image in &IMAGES {
        let Some(job) = Job::new(image) else { continue };
        job.tool("proctor", WITNESS);
        let job = job
            .input("version", "image")
            .input("targets", " api, the shop ,,\n\tsmoke\n")
            .input("reports", "junit, json\nhtml=a.html,,dotenv\n");
        job.end().expect(image.name, 0, &[]);
        let text = proctor_test_support::read(&job.path("arguments"));
        let arguments = [
            "run",
            "--handle=proctor-reports/proctor-handle.json",
            "--report=junit=proctor-reports/junit.xml",
            "--report=json=proctor-reports/results.json",
            "--report=html=a.html",
            "--report=dotenv=proctor-reports/proctor.env",
            "--",
            "api",
            "the shop",
            "smoke",
        ];
        assert_eq!(witnessed(&text), arguments, "{}", image.name);
    }
}

/// Backslashes in a text that is put into another mean something to GitLab; none of ours is.
#[test]
fn inputs_are_whole_values() {
    let (_, job) = Template::read().job(&inputs());
    assert_eq!(job["variables"]["PROCTOR_INPUT_SET"], HOSTILE.join("\n"));
}
