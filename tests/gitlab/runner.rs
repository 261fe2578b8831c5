//! A job's script as GitLab's runner executes it.
//!
//! The runner puts the variables and the whole of `script` into one text, which a subshell evaluates, and gives that to a
//! shell as its standard input. When a job is cancelled it sends SIGTERM to the process group.
//!
//! Source: `shells/bash.go` (`Finish`, `Variable`) and `helpers/process/killer_unix.go` of gitlab-org/gitlab-runner.

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::io::Write as _;
use std::os::unix::{fs::symlink, process::CommandExt as _};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use proctor_test_support::{consumers, secrets::Watch};
use serde_json::{Value, json};

use crate::programs::{executable, with_checksums};
use crate::template::{Template, documents, text};

/// An image of jobs: its shell, and the programs that the script may find in it.
pub struct Image {
    pub name: &'static str,
    shell: &'static [&'static str],
    programs: &'static [&'static str],
    /// The programs are parts of BusyBox.
    busybox: bool,
}

const USUAL: [&str; 9] = [
    "cat", "chmod", "date", "grep", "mkdir", "mv", "rm", "tail", "uname",
];

/// Those that are common, by what they have: Alpine, Debian with curl, and one with neither curl nor coreutils' sums.
pub const IMAGES: [Image; 3] = [
    Image {
        name: "busybox",
        shell: &["busybox", "sh"],
        programs: &["sha256sum", "wget"],
        busybox: true,
    },
    Image {
        name: "bash and curl",
        shell: &["bash"],
        programs: &["sha256sum", "curl"],
        busybox: false,
    },
    Image {
        name: "dash, wget and openssl",
        shell: &["dash"],
        programs: &["openssl", "wget"],
        busybox: false,
    },
];

impl Image {
    /// Whether a program is there beside the usual ones.
    pub fn has(&self, program: &str) -> bool {
        self.programs.contains(&program)
    }
}

/// One run of the job in a project of its own, with nothing in its environment but what is set here.
pub struct Job {
    pub project: tempfile::TempDir,
    tools: tempfile::TempDir,
    shell: PathBuf,
    image: &'static Image,
    template: String,
    variables: Vec<(String, String)>,
    inputs: Value,
}

/// What came of it.
pub struct Ended {
    pub code: i32,
    pub log: String,
}

impl Job {
    /// None if the image's shell is not here.
    pub fn new(image: &'static Image) -> Option<Self> {
        let shell = consumers::program(image.shell[0])?.get_program().into();
        let tools = tempfile::tempdir().expect("a folder");
        let job = Self {
            project: tempfile::tempdir().expect("a folder"),
            tools,
            shell,
            image,
            template: text(),
            variables: Vec::new(),
            inputs: json!({"reports": "junit json"}),
        };
        for name in USUAL.iter().chain(image.programs) {
            job.link(name, image.busybox)?;
        }
        // Nobody waits between attempts.
        job.tool("sleep", "exit 0");
        Some(job)
    }

    fn link(&self, name: &str, busybox: bool) -> Option<()> {
        let source = consumers::program(if busybox { "busybox" } else { name })?;
        symlink(source.get_program(), self.tools.path().join(name)).expect("a link can be made");
        Some(())
    }

    /// Puts a program of a few lines into the image.
    pub fn tool(&self, name: &str, script: &str) {
        executable(&self.tools.path().join(name), script);
    }

    /// Takes a program out of the image.
    pub fn without_tool(self, name: &str) -> Self {
        std::fs::remove_file(self.tools.path().join(name)).expect("it was there");
        self
    }

    pub fn input(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.inputs[name] = value.into();
        self
    }

    pub fn variable(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn file(self, name: &str, text: &str) -> Self {
        std::fs::write(self.path(name), text).expect("the project can be written to");
        self
    }

    /// Writes checksums into the component as a release does.
    pub fn released(mut self, checksums: &[(&str, &str)]) -> Self {
        self.template = with_checksums(&self.template, checksums);
        self
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.project.path().join(name)
    }

    pub fn start(&self) -> Child {
        let mut child = Command::new(&self.shell)
            .args(&self.image.shell[1..])
            .env_clear()
            .env("PATH", self.tools.path())
            .current_dir(self.project.path())
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the shell starts");
        let mut stdin = child.stdin.take().expect("a pipe");
        let script = self.script();
        stdin.write_all(script.as_bytes()).expect("the shell reads");
        child
    }

    pub fn end(&self) -> Ended {
        let ended = Ended::of(self.start());
        let mut watch = Watch::default();
        for (name, value) in &self.variables {
            watch.variable(name, OsStr::new(value));
        }
        watch.folder(self.project.path());
        watch.look(&[("the log", ended.log.as_bytes())]);
        ended
    }

    fn script(&self) -> String {
        let [header, body] = <[Value; 2]>::try_from(documents(&self.template)).expect("two");
        let (_, job) = Template { header, body }.job(&self.inputs);
        let mut all = String::new();
        let from_job = job["variables"].as_object().expect("variables").iter();
        let from_job =
            from_job.map(|(name, value)| (name.as_str(), value.as_str().expect("a text")));
        let own = self
            .variables
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()));
        for (name, value) in from_job
            .chain(own)
            .chain([("GITLAB_CI", "true"), ("CI", "true")])
        {
            writeln!(all, "export {name}={}", quoted(value)).expect("a text can be written to");
        }
        for item in job["script"].as_array().expect("a list") {
            let item = item.as_str().expect("a text");
            let first = item.lines().next().expect("a line");
            writeln!(all, "echo {}\n{item}", quoted(&format!("$ {first}"))).expect("as above");
        }
        format!(
            "trap exit 1 TERM\n\n\
             if set -o | grep pipefail > /dev/null; then set -o pipefail; fi; set -o errexit\n\
             set +o noclobber\n: | eval {}\nexit 0\n",
            quoted(&all)
        )
    }
}

impl Ended {
    pub fn of(child: Child) -> Self {
        let output = child.wait_with_output().expect("it can be waited for");
        let log = [output.stdout, output.stderr].concat();
        Self {
            code: output.status.code().unwrap_or(-1),
            log: String::from_utf8(log).expect("UTF-8"),
        }
    }

    /// Asserts the exit code and what was said.
    #[track_caller]
    pub fn expect(&self, what: &str, code: i32, said: &[&str]) {
        assert_eq!(self.code, code, "{what}\n{}", self.log);
        for text in said {
            assert!(
                self.log.contains(text),
                "{what}: {text:?} is not said\n{}",
                self.log
            );
        }
    }
}

/// Sends a signal to all processes of a job.
pub fn signal_group(job: &Child, signal: &str) {
    send(signal, &format!("-{}", job.id()));
}

/// Sends a signal to what the runner's shell has started, and to nothing below it.
pub fn signal_script(job: &Child, signal: &str) {
    let children = children(job.id());
    assert_eq!(children.len(), 1, "one process evaluates the script");
    send(signal, &children[0]);
}

/// The processes whose parent this is.
fn children(parent: u32) -> Vec<String> {
    let folders = std::fs::read_dir("/proc").expect("it is there").flatten();
    let processes = folders.filter_map(|folder| {
        let stat = std::fs::read_to_string(folder.path().join("stat")).ok()?;
        // The name, in brackets, may hold anything; the state and the parent come after it.
        let (_, rest) = stat.rsplit_once(')')?;
        let of_it = rest.split_whitespace().nth(1)? == parent.to_string();
        of_it.then(|| folder.file_name().to_string_lossy().into_owned())
    });
    processes.collect()
}

fn send(signal: &str, to: &str) {
    let sent = Command::new("kill")
        .args([&format!("-{signal}"), "--", to])
        .status();
    assert!(sent.is_ok_and(|status| status.success()), "kill -{signal}");
}

/// One word for a POSIX shell.
pub fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}
