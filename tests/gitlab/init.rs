//! The pipeline that `proctor init` writes: held against GitLab's schema and the component of this tree, and run.

use proctor_test_support::{Outcome, Proctor};
use serde_json::Value;

use crate::schema::hold_against_schema;
use crate::template::{Template, documents};

const REMOTE: &str = concat!(
    "https://raw.githubusercontent.com/proctor-ci/proctor/v",
    env!("CARGO_PKG_VERSION"),
    "/templates/run/template.yml"
);

fn written(arguments: &[&str], configuration: (&str, &str)) -> Outcome {
    Proctor::new(&["init", "gitlab"])
        .arguments(arguments)
        .file(configuration.0, configuration.1)
        .end()
        .expect(0)
}

fn pipeline(text: &str) -> Value {
    let [only] = <[Value; 1]>::try_from(documents(text)).expect("one document");
    only
}

const TARGET: &str = "[targets.a]\nprovider = \"checkview\"\nflow = \"a\"\n";

#[test]
fn gitlab_takes_the_pipeline_and_the_component_its_inputs() {
    let template = Template::read();
    for outcome in [
        written(&[], ("proctor.toml", TARGET)),
        written(&["--config", "ci.toml"], ("ci.toml", TARGET)),
        written(
            &["--pin", "0123456789abcdef0123456789abcdef01234567"],
            ("proctor.toml", TARGET),
        ),
    ] {
        let pipeline = pipeline(&outcome.read(".gitlab-ci.yml"));
        hold_against_schema(&pipeline);
        let included = &pipeline["include"][0];
        let remote = included["remote"].as_str().expect("an address");
        let pinned = "/0123456789abcdef0123456789abcdef01234567/templates/run/template.yml";
        assert!(remote == REMOTE || remote.ends_with(pinned), "{remote}");
        let (job, _) = template.job(&included["inputs"]);
        let rules = &pipeline[&job]["rules"];
        let first = rules[0]["if"].as_str().expect("a rule");
        let forks = "$CI_MERGE_REQUEST_SOURCE_PROJECT_ID == $CI_MERGE_REQUEST_PROJECT_ID";
        assert!(first.contains(forks), "{first}");
        assert!(
            rules
                .as_array()
                .expect("rules")
                .iter()
                .all(|rule| rule.get("if").is_some())
        );
    }
}

#[test]
fn the_component_reads_the_configuration_that_is_named() {
    let outcome = written(&["--config", "ci.toml"], ("ci.toml", TARGET));
    let pipeline = pipeline(&outcome.read(".gitlab-ci.yml"));
    let (_, job) = Template::read().job(&pipeline["include"][0]["inputs"]);
    assert_eq!(job["variables"]["PROCTOR_INPUT_CONFIG"], "ci.toml");
    assert_eq!(job["timeout"], "45 minutes");
}

#[cfg(target_os = "linux")]
#[test]
fn the_pipeline_runs() {
    use crate::local::Project;
    use crate::programs::small_program;
    use proctor_test_support::{KEY, TRIGGER, sandbox};

    let sandbox = sandbox("");
    let system = format!("base_url={}", sandbox.system_url());
    let url = sandbox.service_url("keploy");
    let target = [
        "--provider",
        "keploy",
        "--api-url",
        &url,
        "--set",
        "app=app-7f3",
        "--set",
        &system,
    ];
    let alone = Proctor::new(&["init", "gitlab"])
        .arguments(&target)
        .end()
        .expect(0);
    let beside = Proctor::new(&["init", "gitlab"])
        .arguments(&target)
        .file(
            ".gitlab-ci.yml",
            "include:\n  - local: .gitlab/proctor.yml\n",
        )
        .end()
        .expect(0);
    // The component of this tree, and the program that is there, in place of those of a release.
    let offline = |text: String| {
        let text = text.replace(
            &format!("remote: {REMOTE}"),
            "local: templates/run/template.yml",
        );
        text.replace("    inputs:\n", "    inputs:\n      version: image\n")
    };
    let small = String::from_utf8(small_program()).expect("UTF-8");
    let runs = |outcome: &Outcome, files: &[&str]| {
        let mut project = Project::new()?
            .file("proctor.toml", &outcome.read("proctor.toml"))
            .tool("proctor", &small)
            .variable("KEPLOY_API_KEY", KEY);
        for file in files {
            project = project.file(file, &offline(outcome.read(file)));
        }
        project.run().expect("PASS", "hosted-tests");
        Some(())
    };
    if runs(&alone, &[".gitlab-ci.yml"]).is_none() {
        return;
    }
    runs(&beside, &[".gitlab-ci.yml", ".gitlab/proctor.yml"]);
    assert_eq!(sandbox.count("POST", TRIGGER), 2);
}
