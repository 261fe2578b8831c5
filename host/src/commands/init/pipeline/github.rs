//! A workflow of GitHub Actions.

use std::fmt::Write as _;

use super::{super::needs::Needs, Setting, VERSION, page};

/// Where GitHub looks for it.
pub const PATH: &str = ".github/workflows/proctor.yml";

/// Actions of GitHub's own, by the commit of a release.
const CHECKOUT: &str = "actions/checkout@de0fac2e4500dabe0009e67214ff5f5447ce83dd # v6.0.2";
const UPLOAD: &str = "actions/upload-artifact@043fb46d1a93c77aae656e7c1c64a875d1fc6a0a # v7.0.1";

/// What is the same for everybody.
const HEAD: &str = "\
# Runs the tests of <config> at the services that keep them.
# Everything that the action takes and gives: <page>
name: Hosted tests

on:
  push:
    branches: [\"<branch>\"]
  pull_request:
  workflow_dispatch:

# The token of the job may do no more than read the sources.
permissions:
  contents: read

# A newer commit of a pull request takes the place of the one before, whose runs are stopped at the service.
concurrency:
  group: ${{ github.workflow }}-${{ github.ref }}
  cancel-in-progress: ${{ github.event_name == 'pull_request' }}

jobs:
  hosted-tests:
    # Pull requests of forks and of Dependabot get no secrets. A branch of this repository is what gives them a run.
    if: >-
      github.event_name != 'pull_request' ||
      (github.event.pull_request.head.repo.full_name == github.repository &&
      github.event.pull_request.user.login != 'dependabot[bot]')
    runs-on: ubuntu-latest
    # Longer than `timeout` in <config>, and than all together of targets that take turns.
    timeout-minutes: <minutes>
<permissions>    steps:
      - uses: <checkout>
        with:
          persist-credentials: false
";

/// What `comment` in the file needs. What a job may do stands in the place of what the workflow may.
const PERMISSIONS: &str = "    # As `comment` in <config> asks for a comment on the pull request.
    permissions:
      contents: read
      pull-requests: write
";

const TAIL: &str = "      # The reports stay with the run, and the file that names runs which go on, for `proctor wait`.
      - if: ${{ always() }}
        uses: <upload>
        with:
          name: hosted-tests
          path: |
            junit.xml
            results.json
            proctor-handle.json
          if-no-files-found: ignore
";

/// The workflow.
pub fn workflow(setting: &Setting<'_>) -> String {
    let permissions = if setting.needs.comments {
        PERMISSIONS
    } else {
        ""
    };
    let mut text = HEAD
        .replace("<permissions>", permissions)
        .replace("<config>", setting.config)
        .replace("<page>", &page("github.md"))
        .replace("<branch>", setting.branch)
        .replace("<minutes>", &setting.minutes.to_string())
        .replace("<checkout>", CHECKOUT);
    text.push_str(&setting.how_to_pin("#", "      "));
    let version = if setting.pin.is_some() {
        format!(" # v{VERSION}")
    } else {
        String::new()
    };
    let _ = writeln!(
        text,
        "      - uses: proctor-ci/proctor@{}{version}",
        setting.reference()
    );
    if let Some(config) = setting.named_config() {
        let _ = writeln!(text, "        with:\n          config: \"{config}\"");
    }
    text.push_str(&environment(setting.needs));
    text + &TAIL.replace("<upload>", UPLOAD)
}

/// What the step gets into its environment.
fn environment(needs: &Needs) -> String {
    let mut text = String::new();
    if !needs.keys.is_empty() {
        text.push_str("          # Secrets of the repository, for this step alone.\n");
    }
    for key in &needs.keys {
        let variable = &key.variable;
        let _ = writeln!(text, "          {variable}: ${{{{ secrets.{variable} }}}}");
    }
    if !needs.variables.is_empty() {
        text.push_str("          # Variables of the repository.\n");
    }
    for variable in &needs.variables {
        let _ = writeln!(text, "          {variable}: ${{{{ vars.{variable} }}}}");
    }
    if needs.comments {
        text.push_str(
            "          # The token of the job, to comment with.\n          GITHUB_TOKEN: ${{ github.token }}\n",
        );
    }
    match text.is_empty() {
        true => text,
        false => format!("        env:\n{text}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::init::pipeline::Key;

    #[test]
    fn a_workflow_names_the_keys_and_what_is_not_usual() {
        let keys = ["EXAM_KEY", "BROWSE_KEY"].map(|variable| Key {
            variable: variable.to_owned(),
            titles: Vec::new(),
        });
        let commit = "0123456789abcdef0123456789abcdef01234567";
        let needs = Needs {
            keys: keys.to_vec(),
            ..Needs::default()
        };
        let text = workflow(&Setting {
            config: "ci/proctor.toml",
            needs: &needs,
            pin: Some(commit),
            branch: "trunk",
            minutes: 75,
        });
        for line in [
            "          EXAM_KEY: ${{ secrets.EXAM_KEY }}\n          BROWSE_KEY: ${{ secrets.BROWSE_KEY }}\n",
            "          config: \"ci/proctor.toml\"\n",
            "    branches: [\"trunk\"]\n",
            "    timeout-minutes: 75\n",
            &format!("proctor-ci/proctor@{commit} # v{VERSION}\n"),
        ] {
            assert!(text.contains(line), "{line}\n{text}");
        }
        assert!(
            !text.contains('<') && !text.contains("git ls-remote"),
            "{text}"
        );
        let text = workflow(&Setting {
            config: "proctor.toml",
            needs: &Needs::default(),
            pin: None,
            branch: "main",
            minutes: 45,
        });
        assert!(
            text.contains(&format!(
                "proctor-ci/proctor@v{VERSION}\n      # The reports"
            )),
            "{text}"
        );
        assert!(
            text.contains("git ls-remote") && !text.contains("{{ secrets."),
            "{text}"
        );
        assert!(!text.contains("env:") && !text.contains("write"), "{text}");
    }

    #[test]
    fn a_comment_needs_a_permission_and_the_token() {
        let needs = Needs {
            variables: vec!["PROJECT".to_owned()],
            comments: true,
            ..Needs::default()
        };
        let text = workflow(&Setting {
            config: "proctor.toml",
            needs: &needs,
            pin: None,
            branch: "main",
            minutes: 45,
        });
        for line in [
            "    permissions:\n      contents: read\n      pull-requests: write\n    steps:\n",
            "        env:\n          # Variables of the repository.\n          PROJECT: ${{ vars.PROJECT }}\n",
            "          GITHUB_TOKEN: ${{ github.token }}\n      # The reports",
        ] {
            assert!(text.contains(line), "{line}\n{text}");
        }
    }
}
