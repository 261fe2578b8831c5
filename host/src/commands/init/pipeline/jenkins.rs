//! A pipeline of Jenkins.

use super::{Key, Setting, page};

/// Where Jenkins looks for it.
pub const PATH: &str = "Jenkinsfile";

/// Where it is put if there is a pipeline already.
pub const BESIDE: &str = "Jenkinsfile.proctor";

/// The id of the credential that holds a key.
pub fn credential(key: &Key) -> String {
    key.variable.to_ascii_lowercase().replace('_', "-")
}

/// The pipeline.
pub fn pipeline(setting: &Setting<'_>) -> String {
    let how_to_pin = setting.how_to_pin("//", "");
    let variables = match setting.needs.variables.as_slice() {
        [] => String::new(),
        names => format!(
            "// Requests are made with {}, which the build has to have in its environment.\n",
            names.join(", ")
        ),
    };
    format!(
        "// Runs the tests of {config} at the services that keep them.\n\
         // How the library `proctor` is set up, and everything that the step takes: {page}\n\
         {variables}{how_to_pin}@Library('proctor@{reference}') _\n\
         \n\
         pipeline {{\n  \
           agent any\n  \
           options {{\n    \
             // Longer than `timeout` in {config}, and than all together of targets that take turns.\n    \
             timeout(time: {minutes}, unit: 'MINUTES')\n  \
           }}\n  \
           stages {{\n{stage}  \
           }}\n\
         }}\n",
        config = setting.config,
        minutes = setting.minutes,
        page = page("jenkins.md"),
        reference = setting.reference(),
        stage = stage(setting, "    "),
    )
}

/// What to add to a pipeline that is there.
pub fn stage_alone(setting: &Setting<'_>) -> String {
    format!(
        "Make a job whose script path is {BESIDE}, or add this to {PATH}, which was left as it is:\n\n\
         @Library('proctor@{}') _\n\n{}",
        setting.reference(),
        stage(setting, "")
    )
}

fn stage(setting: &Setting<'_>, indent: &str) -> String {
    let mut arguments = Vec::new();
    arguments.extend(
        setting
            .named_config()
            .map(|config| format!("config: '{config}'")),
    );
    let keys: Vec<String> = setting
        .needs
        .keys
        .iter()
        .map(|key| format!("{}: '{}'", key.variable, credential(key)))
        .collect();
    if !keys.is_empty() {
        arguments.push(format!("credentialsId: [{}]", keys.join(", ")));
    }
    let call = format!("proctor({})", arguments.join(", "));
    let lines = [
        "stage('Hosted tests') {",
        "  // Changes of forks are not to get at the key. A branch of this repository is what gives them a run.",
        "  when {",
        "    expression { env.CHANGE_FORK == null }",
        "  }",
        "  steps {",
        &format!("    {call}"),
        "  }",
        "}",
    ];
    let lines: Vec<String> = lines
        .iter()
        .map(|line| format!("{indent}{line}\n"))
        .collect();
    lines.concat()
}
