//! Running the program, and looking at what it left.

pub mod consumers;
pub mod forge;
pub mod secrets;
pub mod server;

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use proctor_sandbox::{Fault, FaultKind, Moment, Received, Sandbox, Scenario};
use secrets::Watch;
use serde_json::Value;

/// The program under test, which cargo builds before the tests and names in the environment.
///
/// # Panics
/// If a test was started without cargo or nextest.
#[must_use]
pub fn program() -> PathBuf {
    std::env::var_os("CARGO_BIN_EXE_proctor").map_or_else(built_beside, PathBuf::from)
}

/// The program in the folder above that of the test.
fn built_beside() -> PathBuf {
    let test = std::env::current_exe().expect("a test has a path");
    let folder = test.ancestors().nth(2).expect("a test lies in deps/");
    folder.join(format!("proctor{}", std::env::consts::EXE_SUFFIX))
}

/// The top of the source tree.
#[must_use]
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The sandbox's full key.
pub const KEY: &str = "kep_sandbox";

/// A time limit that passes soon, though not before a busy machine has started a run and looked at it.
pub const SHORT: &str = "6s";

/// A sandbox that takes its own machine as a target.
pub fn sandbox(settings: &str) -> Sandbox {
    let scenario = format!("[keploy]\nallow_private_targets = true\n{settings}");
    let scenario = Scenario::from_toml(&scenario).unwrap_or_else(|error| panic!("{error}"));
    Sandbox::start("127.0.0.1:0".parse().expect("an address"), scenario).expect("a free port")
}

/// Something that goes wrong once with requests to a path.
pub fn fault(method: &str, path: &str, kind: FaultKind) -> Fault {
    Fault {
        service: None,
        method: method.to_owned(),
        path: path.to_owned(),
        skip: 0,
        times: 1,
        kind,
    }
}

/// A status instead of the service's answer.
pub fn status(status: u16, error_code: Option<&str>, retry_after: Option<&str>) -> FaultKind {
    FaultKind::Status {
        status,
        body: None,
        error_code: error_code.map(str::to_owned),
        retry_after: retry_after.map(str::to_owned),
        processed: false,
    }
}

/// The call that starts a run.
pub const TRIGGER: &str = "/apps/*/test-suites/run";

/// One invocation of the program, in a folder of its own and with nothing in its environment but what is set here.
///
/// Whatever it is given as a credential is looked for in what it leaves: see [`secrets`].
pub struct Proctor {
    command: Command,
    // Before the folder, as it looks into it when it is dropped.
    watch: Watch,
    pub folder: tempfile::TempDir,
}

/// What came of it.
pub struct Outcome {
    pub code: i32,
    pub out: String,
    pub err: String,
    /// The most memory that the program had at a time, in KiB, where that was looked at.
    pub peak: Option<u64>,
    pub folder: tempfile::TempDir,
}

impl Proctor {
    pub fn new(arguments: &[&str]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut command = Command::new(program());
        command
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .current_dir(folder.path())
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut watch = Watch::default();
        watch.folder(folder.path());
        watch.arguments(arguments);
        Self {
            command,
            watch,
            folder,
        }
    }

    /// `proctor run` for one app, given by flags.
    pub fn run(sandbox: &Sandbox, app: &str) -> Self {
        Self::run_against(sandbox, app, &sandbox.system_url())
    }

    /// The same with another system under test.
    pub fn run_against(sandbox: &Sandbox, app: &str, system: &str) -> Self {
        Self::new(&["run", "--provider", "keploy"])
            .arguments(&["--api-url", &sandbox.service_url("keploy")])
            .arguments(&["--set", &format!("app={app}")])
            .arguments(&["--set", &format!("base_url={system}")])
            .arguments(&["--report", "json", "--report", "junit"])
            .variable("PROCTOR_TIMEOUT", "120s")
            .key(KEY)
    }

    /// `proctor run --no-wait` for one app: the run is started and left.
    pub fn start(sandbox: &Sandbox, app: &str) -> Self {
        Self::new(&["run", "--no-wait", "--provider", "keploy"])
            .arguments(&["--api-url", &sandbox.service_url("keploy")])
            .arguments(&["--set", &format!("app={app}")])
            .arguments(&["--set", &format!("base_url={}", sandbox.system_url())])
            .key(KEY)
    }

    pub fn arguments(mut self, arguments: &[&str]) -> Self {
        self.watch.arguments(arguments);
        self.command.args(arguments);
        self
    }

    /// The same in another folder, which several invocations may share.
    pub fn within(mut self, folder: &Path) -> Self {
        self.command.current_dir(folder);
        self.watch.folder(folder);
        self
    }

    pub fn key(self, key: &str) -> Self {
        self.variable("KEPLOY_API_KEY", key)
    }

    pub fn variable(mut self, name: &str, value: impl AsRef<std::ffi::OsStr>) -> Self {
        self.watch.variable(name, value.as_ref());
        self.command.env(name, value);
        self
    }

    pub fn without(mut self, name: &str) -> Self {
        self.command.env_remove(name);
        self
    }

    pub fn file(mut self, name: &str, text: &str) -> Self {
        let path = self.folder.path().join(name);
        std::fs::write(&path, text).expect("the folder can be written to");
        self.watch.planted(path, Some(text));
        self
    }

    /// Gives the program lines on standard input, and then its end.
    pub fn answers(mut self, text: &str) -> Self {
        use std::io::{Seek as _, Write as _};
        let mut file = tempfile::tempfile().expect("a file");
        file.write_all(text.as_bytes()).expect("it is written");
        file.rewind().expect("it begins anew");
        self.command.stdin(file);
        self
    }

    /// Says that a file may hold a credential.
    pub fn may_hold_key(mut self, path: PathBuf) -> Self {
        self.watch.planted(path, None);
        self
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn spawn(&mut self) -> Child {
        self.command.spawn().expect("the program starts")
    }

    #[track_caller]
    pub fn end(mut self) -> Outcome {
        let output = self.command.output().expect("the program starts");
        Outcome::of(self, output, None)
    }

    /// Runs to the end, but no longer than so many seconds: a program that hangs is killed and told of.
    #[track_caller]
    pub fn end_within(mut self, seconds: u64) -> Outcome {
        let child = self.spawn();
        self.child_within(child, seconds)
    }

    /// The same for what was started already.
    #[track_caller]
    pub fn child_within(self, mut child: Child, seconds: u64) -> Outcome {
        let (out, err) = (child.stdout.take(), child.stderr.take());
        let (out, err) = (read_all(out), read_all(err));
        let end = Instant::now() + Duration::from_secs(seconds);
        let mut peak = None;
        let status = loop {
            if let Some(status) = child.try_wait().expect("it can be waited for") {
                break Some(status);
            }
            peak = peak_of(child.id()).or(peak);
            if Instant::now() > end {
                child.kill().expect("it can be killed");
                child.wait().expect("it can be waited for");
                break None;
            }
            std::thread::sleep(Duration::from_millis(5));
        };
        let output = |reader: JoinHandle<Vec<u8>>| reader.join().expect("no panic");
        let (stdout, stderr) = (output(out), output(err));
        let Some(status) = status else {
            panic!(
                "still running after {seconds} s\n--- out\n{}\n--- err\n{}",
                String::from_utf8_lossy(&stdout),
                String::from_utf8_lossy(&stderr)
            );
        };
        let output = Output {
            status,
            stdout,
            stderr,
        };
        Outcome::of(self, output, peak)
    }
}

fn read_all(pipe: Option<impl Read + Send + 'static>) -> JoinHandle<Vec<u8>> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        // What could be read before an error is what there is.
        let _ = pipe.map(|mut pipe| pipe.read_to_end(&mut bytes));
        bytes
    })
}

/// The most memory that a process had at a time, in KiB, where the system tells.
fn peak_of(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.trim().parse().ok()
}

impl Outcome {
    #[track_caller]
    pub fn from_child(proctor: Proctor, child: Child) -> Self {
        let output = child.wait_with_output().expect("it can be waited for");
        Self::of(proctor, output, None)
    }

    #[track_caller]
    fn of(mut proctor: Proctor, output: Output, peak: Option<u64>) -> Self {
        proctor.watch.look(&[
            ("standard output", &output.stdout),
            ("standard error", &output.stderr),
        ]);
        Self {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout).expect("UTF-8"),
            err: String::from_utf8(output.stderr).expect("UTF-8"),
            peak,
            folder: proctor.folder,
        }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn read(&self, name: &str) -> String {
        read(&self.path(name))
    }

    pub fn results(&self) -> Value {
        serde_json::from_str(&self.read("results.json")).expect("results are JSON")
    }

    /// Asserts the exit code, and shows what was said if it is another.
    #[track_caller]
    pub fn expect(self, code: i32) -> Self {
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

pub fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Sends a request as somebody else would, and returns the answer's body.
pub fn ask(method: &str, url: &str, headers: &[(&str, &str)], body: &str) -> String {
    use std::io::{Read, Write};
    let rest = url.strip_prefix("http://").expect("an http URL");
    let (host, path) = rest.split_once('/').expect("a path");
    let mut stream = std::net::TcpStream::connect(host).expect("somebody listens");
    let headers: String = headers
        .iter()
        .map(|(name, value)| format!("{name}: {value}\r\n"))
        .collect();
    let length = body.len();
    write!(
        stream,
        "{method} /{path} HTTP/1.1\r\nhost: {host}\r\n{headers}content-length: {length}\r\nconnection: close\r\n\r\n{body}"
    )
    .expect("a request is sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    answer
        .split_once("\r\n\r\n")
        .map_or_else(String::new, |(_, body)| body.to_owned())
}

/// Starts a program that gets a signal at the first request that is due: when the sandbox has it, and before it does anything
/// about it, so that nothing can be over by then.
///
/// # Panics
/// If the program cannot be started.
#[cfg(unix)]
pub fn signalled_at(
    sandbox: &Arc<Sandbox>,
    proctor: &mut Proctor,
    signal: &str,
    is_due: impl Fn(&Received) -> bool + Send + Sync + 'static,
) -> Child {
    let id: Arc<Mutex<Option<u32>>> = Arc::default();
    let (known, all) = (Arc::clone(&id), Arc::downgrade(sandbox));
    let signal = format!("-{signal}");
    sandbox.watch(move |told, moment| {
        let all = all.upgrade().map(|sandbox| sandbox.received());
        let is_now = moment == Moment::Received && all.is_some_and(|all| is_due(&all[told]));
        let waiting = || known.lock().unwrap_or_else(PoisonError::into_inner).take();
        if is_now && let Some(id) = waiting() {
            let sent = Command::new("kill")
                .args([&signal, &id.to_string()])
                .status();
            assert!(sent.is_ok_and(|status| status.success()), "kill {signal}");
        }
    });
    // Before it is noted which process it is, nobody can be told of its requests.
    let mut id = id.lock().unwrap_or_else(PoisonError::into_inner);
    let child = proctor.spawn();
    *id = Some(child.id());
    child
}

/// Waits until something is so. That it never comes about is told, after longer than any machine needs.
#[track_caller]
pub fn until(what: &str, mut so: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(120);
    while !so() {
        assert!(Instant::now() < end, "{what} did not come about");
        std::thread::sleep(Duration::from_millis(10));
    }
}
