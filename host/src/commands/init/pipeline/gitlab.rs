//! A job of GitLab CI.

use std::fmt::Write as _;

use super::{REPOSITORY, Setting, page};

/// Where GitLab looks for it.
pub const PATH: &str = ".gitlab-ci.yml";

/// Where it is put if there is a pipeline already.
pub const BESIDE: &str = ".gitlab/proctor.yml";

/// The variable whose token comments.
pub const COMMENT_TOKEN: &str = "PROCTOR_GITLAB_TOKEN";

const TAIL: &str = "
hosted-tests:
  rules:
    # Merge requests of forks get none of the project's variables. A branch of this project is what gives them a run.
    - if: $CI_PIPELINE_SOURCE == \"merge_request_event\" && $CI_MERGE_REQUEST_SOURCE_PROJECT_ID == $CI_MERGE_REQUEST_PROJECT_ID
    - if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH
";

/// The pipeline.
pub fn pipeline(setting: &Setting<'_>) -> String {
    let raw = REPOSITORY.replace("https://github.com/", "https://raw.githubusercontent.com/");
    let mut text = format!(
        "# Runs the tests of {} at the services that keep them.\n\
         # Everything that the job can be given: {}\n",
        setting.config,
        page("gitlab.md")
    );
    let variables: Vec<&str> = setting
        .needs
        .keys
        .iter()
        .map(|key| key.variable.as_str())
        .collect();
    if !variables.is_empty() {
        let _ = writeln!(
            text,
            "# It needs {}: masked CI/CD variables of the project, which need not be named here.",
            variables.join(", ")
        );
    }
    if !setting.needs.variables.is_empty() {
        let _ = writeln!(
            text,
            "# Its requests are made with {}: CI/CD variables of the project, or of the job.",
            setting.needs.variables.join(", ")
        );
    }
    if setting.needs.comments {
        let _ = writeln!(
            text,
            "# To comment on merge requests it needs {COMMENT_TOKEN}, another masked variable: {}",
            page("comments.md")
        );
    }
    text.push_str("include:\n");
    text.push_str(&setting.how_to_pin("#", "  "));
    let _ = writeln!(
        text,
        "  - remote: {raw}/{}/templates/run/template.yml\n    \
             inputs:\n      \
               # When GitLab ends the job: longer than `timeout` in {}, and than all together of targets that take turns.\n      \
               job-timeout: {} minutes",
        setting.reference(),
        setting.config,
        setting.minutes,
    );
    if let Some(config) = setting.named_config() {
        let _ = writeln!(text, "      config: \"{config}\"");
    }
    text + TAIL
}

/// What to add to a pipeline that is there.
pub fn inclusion() -> String {
    format!(
        "Add this to {PATH}, which was left as it is; its `stages`, if it has any, need a `test`:\n\n\
         include:\n  - local: {BESIDE}\n"
    )
}
