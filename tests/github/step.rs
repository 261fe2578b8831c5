//! A step of a job: what the runner does to it, and what it has left.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::{Child, Command};

use proctor_test_support::{read, secrets::Watch};

use crate::action::Action;
use crate::commands;

/// A step that is running.
pub struct Step {
    pub child: Child,
    pub files: PathBuf,
    /// What must not be left, in these files or in the workspace.
    pub watch: Watch,
}

/// What came of a step.
pub struct Ended {
    pub code: i32,
    /// Standard output and standard error: the runner reads commands from both.
    pub log: String,
    pub outputs: BTreeMap<String, String>,
    pub summary: String,
    /// What later steps have in front of their `PATH`.
    pub paths: Vec<String>,
}

impl Step {
    /// Tells the top process of the step, and it alone.
    pub fn signal(&self, signal: &str) {
        let sent = Command::new("kill")
            .args([&format!("-{signal}"), &self.child.id().to_string()])
            .status();
        assert!(sent.is_ok_and(|status| status.success()), "kill -{signal}");
    }

    /// The process of the step, and the group of all that it has started.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    pub fn end(mut self) -> Ended {
        let status = self.child.wait().expect("it can be waited for");
        self.watch.look(&[]);
        let file = |name: &str| read(&self.files.join(name));
        let left = (file("env"), file("state"));
        assert_eq!(
            left,
            (String::new(), String::new()),
            "later steps get paths, and nothing else"
        );
        Ended {
            code: status.code().unwrap_or(-1),
            log: file("log"),
            outputs: Action::read().outputs(&commands::entries(&file("output"))),
            summary: file("summary"),
            paths: file("path").lines().map(str::to_owned).collect(),
        }
    }
}

impl Ended {
    /// Asserts the exit code, and shows the log if it is another.
    #[track_caller]
    pub fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, code, "\n--- log\n{}", self.log);
        self
    }

    #[track_caller]
    pub fn says(self, text: &str) -> Self {
        assert!(
            self.log.contains(text),
            "{text:?} is not said\n--- log\n{}",
            self.log
        );
        self
    }

    pub fn output(&self, name: &str) -> &str {
        &self.outputs[name]
    }

    /// The errors that become annotations.
    pub fn errors(&self) -> Vec<commands::Command> {
        let all = commands::commands(&self.log);
        all.into_iter()
            .filter(|command| command.name == "error")
            .collect()
    }

    /// Asserts that the step was refused with one annotation, and that its outputs say so.
    #[track_caller]
    pub fn refused(self, code: i32, text: &str) -> Self {
        let ended = self.expect(code);
        let errors = ended.errors();
        assert_eq!(errors.len(), 1, "{}", ended.log);
        assert!(
            errors[0].data.contains(text),
            "{text:?} is not in {:?}",
            errors[0].data
        );
        assert_eq!(
            (ended.output("verdict"), ended.output("exit-code")),
            ("errored", code.to_string().as_str())
        );
        ended
    }
}
