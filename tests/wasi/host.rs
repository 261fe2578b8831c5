//! Invocations of the program, under any host.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::LazyLock,
};

use proctor_sandbox::Sandbox;
use proctor_test_support::{KEY, consumers, read, secrets::Watch};
use serde_json::{Value, json};

use super::{component::wasm, embedded};

/// Whose host it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Host {
    /// What the crate wasmtime makes of its parts.
    Embedded,
    /// The program `wasmtime`, with its own HTTP client.
    Wasmtime,
    /// `jco`, on Node.js.
    Jco,
}

/// The hosts that are here. Those that are not are told of.
pub fn hosts() -> impl Iterator<Item = Host> {
    let program = consumers::python("wasmtime").map(|_| Host::Wasmtime);
    let jco = consumers::node_program("jco").map(|_| Host::Jco);
    [Some(Host::Embedded), program, jco].into_iter().flatten()
}

/// How a host's own process ended, and what it printed.
pub struct Ended {
    pub code: i32,
    pub out: String,
    pub err: String,
}

/// One invocation of the program, in a folder of its own and with nothing but what is set here. Whatever it is given as a
/// credential is looked for in what it leaves.
pub struct Invocation {
    arguments: Vec<String>,
    variables: Vec<(String, String)>,
    has_folder: bool,
    // Before the folder, as it looks into it when it is dropped.
    watch: Watch,
    pub folder: tempfile::TempDir,
}

/// What came of it.
pub struct Outcome {
    /// The exit code by the program's own word.
    pub code: u8,
    pub out: String,
    pub err: String,
    pub folder: tempfile::TempDir,
}

impl Invocation {
    pub fn new(arguments: &[&str]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut watch = Watch::default();
        watch.folder(folder.path());
        Self {
            arguments: Vec::new(),
            variables: Vec::new(),
            has_folder: true,
            watch,
            folder,
        }
        .arguments(arguments)
    }

    /// `run` for one app, given by flags.
    pub fn run(sandbox: &Sandbox, app: &str) -> Self {
        Self::run_within(sandbox, app, "120s")
    }

    /// The same with another time limit.
    pub fn run_within(sandbox: &Sandbox, app: &str, timeout: &str) -> Self {
        Self::new(&["run", "--provider", "keploy"])
            .arguments(&["--api-url", &sandbox.service_url("keploy")])
            .arguments(&["--set", &format!("app={app}")])
            .arguments(&["--set", &format!("base_url={}", sandbox.system_url())])
            .arguments(&["--timeout", timeout])
            .variable("KEPLOY_API_KEY", KEY)
    }

    /// The same with all reports that tests look at.
    pub fn reporting(self) -> Self {
        self.arguments(&["--report", "json", "--report", "junit"])
    }

    pub fn arguments(mut self, arguments: &[&str]) -> Self {
        self.watch.arguments(arguments);
        let arguments = arguments.iter().map(|&argument| argument.to_owned());
        self.arguments.extend(arguments);
        self
    }

    pub fn variable(mut self, name: &str, value: &str) -> Self {
        self.watch.variable(name, value.as_ref());
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn file(mut self, name: &str, text: &str) -> Self {
        let path = self.folder.path().join(name);
        std::fs::write(&path, text).expect("the folder can be written to");
        self.watch.planted(path, Some(text));
        self
    }

    /// The same in the folder of an earlier one.
    pub fn after(mut self, earlier: Outcome) -> Self {
        self.watch.folder(earlier.folder.path());
        self.folder = earlier.folder;
        self
    }

    /// The same without any folder.
    pub fn without_folder(mut self) -> Self {
        self.has_folder = false;
        self
    }

    /// Runs to the end under the host that is always here.
    #[track_caller]
    pub fn end(self) -> Outcome {
        self.end_under(Host::Embedded)
    }

    #[track_caller]
    pub fn end_under(mut self, host: Host) -> Outcome {
        let folder = self.has_folder.then(|| self.folder.path());
        let ended = match host {
            Host::Embedded => embedded::run(&self.arguments, &self.variables, folder),
            Host::Wasmtime => self.wasmtime(folder),
            Host::Jco => self.jco(folder),
        };
        let Ended { code, out, err } = ended;
        self.watch.look(&[
            ("standard output", out.as_bytes()),
            ("standard error", err.as_bytes()),
        ]);
        let told = told(&err);
        // WASI 0.2 knows no more: the program's own word says which code it is.
        assert_eq!(
            code,
            i32::from(told != 0),
            "{host:?}\n--- out\n{out}\n--- err\n{err}"
        );
        Outcome {
            code: told,
            out,
            err,
            folder: self.folder,
        }
    }

    fn wasmtime(&self, folder: Option<&Path>) -> Ended {
        let mut command = consumers::python("wasmtime").expect("it is among the hosts");
        command.args(["run", "-S", "http"]);
        for (name, value) in &self.variables {
            command.args(["--env", &format!("{name}={value}")]);
        }
        if let Some(folder) = folder {
            command.current_dir(folder).args(["--dir", "."]);
        }
        output(command.arg(wasm()).args(&self.arguments))
    }

    fn jco(&self, folder: Option<&Path>) -> Ended {
        let settings = json!({
            "arguments": self.arguments,
            "variables": self.variables.iter().cloned().collect::<std::collections::BTreeMap<_, _>>(),
            "folder": folder,
        });
        let mut command = Command::new("node");
        command
            .arg(TRANSPILED.path().join("run.mjs"))
            .arg(TRANSPILED.path().join("proctor-cli.js"))
            .arg(settings.to_string());
        output(&mut command)
    }
}

fn output(command: &mut Command) -> Ended {
    let output = command
        .stdin(Stdio::null())
        .output()
        .expect("the host starts");
    Ended {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8(output.stdout).expect("UTF-8"),
        err: String::from_utf8(output.stderr).expect("UTF-8"),
    }
}

/// The code that the last line names; 0 if it names none.
fn told(err: &str) -> u8 {
    let line = err.lines().last().unwrap_or_default();
    let Some(rest) = line.strip_prefix("exit code ") else {
        return 0;
    };
    let (code, name) = rest.split_once(' ').expect("a code and a name");
    assert!(name.starts_with('(') && name.ends_with(')'), "{line}");
    code.parse().expect("a code")
}

/// The program as JavaScript, beside what it needs of jco.
static TRANSPILED: LazyLock<tempfile::TempDir> = LazyLock::new(|| {
    let folder = tempfile::tempdir().expect("a folder");
    let mut jco = consumers::node_program("jco").expect("it is among the hosts");
    let made = jco
        .arg("transpile")
        .arg(wasm())
        .args(["--instantiation", "async", "--no-typescript", "--quiet"])
        .args(["--name", "proctor-cli", "-o"])
        .arg(folder.path())
        .output()
        .expect("jco starts");
    assert!(
        made.status.success(),
        "{}",
        String::from_utf8_lossy(&made.stderr)
    );
    let modules = std::fs::canonicalize(consumers::folder().join("node_modules")).expect("there");
    std::os::unix::fs::symlink(modules, folder.path().join("node_modules")).expect("a link");
    let script = folder.path().join("run.mjs");
    std::fs::write(script, include_str!("jco.mjs")).expect("a script");
    std::fs::write(folder.path().join("package.json"), "{\"type\": \"module\"}").expect("a file");
    folder
});

impl Outcome {
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn read(&self, name: &str) -> String {
        read(&self.path(name))
    }

    /// The results file, held against its schema.
    #[track_caller]
    pub fn results(&self) -> Value {
        let results: Value = serde_json::from_str(&self.read("results.json")).expect("JSON");
        let schema = read(&proctor_test_support::root().join("docs/results.schema.json"));
        let mut compiler = boon::Compiler::new();
        compiler
            .add_resource("results.json", serde_json::from_str(&schema).expect("JSON"))
            .expect("a resource");
        let mut schemas = boon::Schemas::new();
        let index = compiler
            .compile("results.json", &mut schemas)
            .expect("a schema");
        schemas
            .validate(&results, index)
            .unwrap_or_else(|error| panic!("{error:#}"));
        assert_eq!(results["exit_code"], self.code);
        results
    }

    /// Asserts the exit code, and shows what was said if it is another.
    #[track_caller]
    pub fn expect(self, code: u8) -> Self {
        assert_eq!(
            self.code, code,
            "\n--- out\n{}\n--- err\n{}",
            self.out, self.err
        );
        self
    }

    #[track_caller]
    pub fn says(self, text: &str) -> Self {
        assert!(
            self.out.contains(text) || self.err.contains(text),
            "{text:?} is not said\n--- out\n{}\n--- err\n{}",
            self.out,
            self.err
        );
        self
    }
}
