//! The workflow that `proctor init` writes: through the programs that check workflows, and held to what ours are held to.

use proctor_test_support::{Outcome, Proctor, consumers, read};
use serde_json::Value;

use crate::action::{Action, yaml};
use crate::lint::{actionlint, is_news_to_it, succeeds, workflows};
use crate::pins::all;

/// What is written for each of these: one service, several keys and another file, no key, all that can be needed.
const CONFIGURATIONS: [&str; 4] = [
    "[targets.a]\nprovider = \"keploy\"\napp = \"a\"\nbase_url = \"https://x.example\"\n",
    "[targets.a]\nprovider = \"checkview\"\nflow = \"a\"\n[targets.b]\nprovider = \"izli\"\njourney = \"b\"\n\
     key_env = \"_x1\"\n[targets.c]\nprovider = \"testclix\"\ntest = \"c\"\n[targets.d]\nprovider = \"testmo\"\n\
     run = \"1\"\napi_url = \"https://example.testmo.net\"\n",
    "[targets.a]\nprovider = \"http\"\napi_url = \"https://c.example\"\nauth = \"none\"\ntrigger = \"POST /runs\"\n\
     run_id = \"$.id\"\npoll = \"GET /runs/{run_id}\"\nstate = \"$.state\"\npassed = [\"ok\"]\nfailed = [\"bad\"]\n",
    "[defaults]\npublish = \"x\"\ncomment = \"auto\"\n[publish.x]\nprovider = \"testmo\"\n\
     api_url = \"https://example.testmo.net\"\nproject_id = 1\nsource = \"api\"\n\
     [targets.a]\nprovider = \"http\"\napi_url = \"https://c.example\"\nauth = \"none\"\nenv = [\"PROJECT\"]\n\
     trigger = \"POST /{env.PROJECT}/runs\"\nrun_id = \"$.id\"\npoll = \"GET /runs/{run_id}\"\nstate = \"$.state\"\n\
     passed = [\"ok\"]\nfailed = [\"bad\"]\n",
];

const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";

/// A folder with the workflow for a configuration.
fn written(configuration: &str, more: &[&str]) -> Outcome {
    Proctor::new(&["init", "github"])
        .arguments(more)
        .file("proctor.toml", configuration)
        .end()
        .expect(0)
}

/// Every workflow that is written, pinned and not.
fn all_written() -> Vec<Outcome> {
    let forms: [&[&str]; 2] = [&[], &["--pin", COMMIT]];
    let each = CONFIGURATIONS.iter();
    each.flat_map(|text| forms.map(|more| written(text, more)))
        .collect()
}

const PATH: &str = ".github/workflows/proctor.yml";

#[test]
fn github_takes_the_workflow() {
    for outcome in all_written() {
        let Some(mut check) = consumers::python("check-jsonschema") else {
            return;
        };
        check.args(["--builtin-schema", "vendor.github-workflows"]);
        succeeds(check.arg(outcome.path(PATH)));
    }
}

#[test]
fn actionlint_finds_nothing_in_it() {
    for outcome in all_written() {
        let Some(mut mistakes) = actionlint(&outcome.path(PATH)) else {
            return;
        };
        mistakes.retain(|mistake| !is_news_to_it(mistake));
        assert_eq!(mistakes, Vec::<Value>::new(), "{}", outcome.read(PATH));
    }
}

/// The value of each `uses`.
fn used(workflow: &Value) -> Vec<String> {
    let mut found = Vec::new();
    all(workflow, "uses", &mut found);
    let texts = found.iter().filter_map(|used| used.as_str());
    texts.map(str::to_owned).collect()
}

#[test]
fn the_code_of_others_is_pinned_and_ours_if_that_is_wanted() {
    let is_commit = |used: &str| {
        let (_, commit) = used.split_once('@').unwrap_or_default();
        commit.len() == 40 && commit.bytes().all(|byte| byte.is_ascii_hexdigit())
    };
    for configuration in CONFIGURATIONS {
        let loose = used(&yaml(&written(configuration, &[]).path(PATH)));
        assert_eq!(loose.len(), 3);
        for used in &loose {
            let is_ours = *used == format!("proctor-ci/proctor@v{}", env!("CARGO_PKG_VERSION"));
            assert_ne!(is_ours, is_commit(used), "{used}");
        }
        let pinned = written(configuration, &["--pin", COMMIT]);
        let used = used(&yaml(&pinned.path(PATH)));
        assert!(used.iter().all(|used| is_commit(used)), "{used:?}");
        assert!(
            used.contains(&format!("proctor-ci/proctor@{COMMIT}")),
            "{used:?}"
        );
        for line in pinned
            .read(PATH)
            .lines()
            .filter(|line| line.contains("uses:"))
        {
            assert!(
                line.contains(" # v"),
                "{line} does not say which version that is"
            );
        }
    }
}

/// So that what keeps ours up to date keeps these up to date as well.
#[test]
fn it_uses_the_actions_that_our_own_workflows_use() {
    let ours: String = workflows().iter().map(|path| read(path)).collect();
    let text = written(CONFIGURATIONS[0], &[]).read(PATH);
    let mut seen = 0;
    for line in text.lines().filter(|line| line.contains("uses: actions/")) {
        let (_, used) = line.split_once("uses: ").expect("it is there");
        assert!(ours.contains(used), "{used}");
        seen += 1;
    }
    assert_eq!(seen, 2);
}

#[test]
fn it_may_do_little_and_not_for_ever_and_forks_get_no_key() {
    for outcome in all_written() {
        let workflow = yaml(&outcome.path(PATH));
        assert_eq!(
            workflow["permissions"],
            serde_json::json!({"contents": "read"})
        );
        assert!(workflow["concurrency"]["group"].is_string());
        assert!(workflow["on"].get("pull_request_target").is_none());
        let jobs = workflow["jobs"].as_object().expect("jobs");
        assert_eq!(jobs.len(), 1);
        let job = &workflow["jobs"]["hosted-tests"];
        assert!(
            job["timeout-minutes"]
                .as_u64()
                .is_some_and(|limit| limit > 30)
        );
        let condition = job["if"].as_str().expect("a condition");
        assert!(
            condition.contains("head.repo.full_name == github.repository"),
            "{condition}"
        );
        let steps = job["steps"].as_array().expect("steps");
        assert_eq!(steps[0]["with"]["persist-credentials"], false);
        for step in steps {
            let is_ours = step["uses"]
                .as_str()
                .is_some_and(|used| used.starts_with("proctor-ci/"));
            assert!(is_ours || step.get("env").is_none(), "{step}");
            assert!(step.get("run").is_none(), "{step}");
        }
    }
}

#[test]
fn the_action_takes_what_it_is_given() {
    let outcome = Proctor::new(&["init", "github", "--config", "ci.toml"])
        .file("ci.toml", CONFIGURATIONS[1])
        .end()
        .expect(0);
    let workflow = yaml(&outcome.path(PATH));
    let step = &workflow["jobs"]["hosted-tests"]["steps"][1];
    let given = step["with"]["config"].as_str().expect("a path");
    let environment = Action::read().environment(&[("config", given)]);
    assert_eq!(environment["PROCTOR_ACTION_CONFIG"], "ci.toml");
    let keys: Vec<&String> = step["env"].as_object().expect("keys").keys().collect();
    assert_eq!(
        keys.len(),
        4,
        "{keys:?}: one for each variable, and the target that names its own gets that"
    );
    for (name, value) in step["env"].as_object().expect("keys") {
        assert_eq!(
            value.as_str(),
            Some(format!("${{{{ secrets.{name} }}}}").as_str())
        );
    }
    assert!(step["env"].get("_x1").is_some() && step["env"].get("IZLI_API_KEY").is_none());
}
