//! Consoles: every command is one that can be given; those of a block that says `run` are run, one after the other, against
//! the sandbox.
//!
//! They run in one folder a page, beside the first `proctor.toml` of the page. A command that is to end with another
//! exit code than 0 has it in a comment: `# exit code 1`. Lines that are shown below a command stand in what it prints,
//! in this order; `…` stands for any text.

use std::process::Command;

use proctor_test_support::{KEY, program, sandbox};

use crate::block::{Block, Kind, expect_none, of_kind};
use crate::command;

#[test]
fn commands_can_be_given() {
    let mut wrong = Vec::new();
    for block in of_kind(Kind::Commands) {
        for line in command::commands(&block.text) {
            if let Err(error) = command::check(&line) {
                wrong.push(format!("{}: {line:?}: {error}", block.place()));
            }
        }
    }
    expect_none(&wrong);
}

#[test]
fn commands_that_are_run_do_what_is_shown() {
    let mut wrong = Vec::new();
    for block in of_kind(Kind::Run) {
        if let Err(error) = run(&block) {
            wrong.push(format!("{}: {error}", block.place()));
        }
    }
    expect_none(&wrong);
}

/// Where an example says that the sandbox listens: the default of `proctor sandbox`.
const SANDBOX: &str = "127.0.0.1:4010";

/// What is printed between two commands.
const MARK: &str = "@@ ended with ";

/// Runs the commands of an example.
fn run(block: &Block) -> Result<(), String> {
    let sandbox = sandbox("");
    let url = sandbox.url();
    let address = url.strip_prefix("http://").expect("it serves http");
    let steps = steps(&block.text);
    let script: String = steps
        .iter()
        .map(|step| format!("{}\necho \"{MARK}$?\"\n", step.command))
        .collect();
    let folder = tempfile::tempdir().expect("a folder");
    if let Some(text) = configuration(block) {
        let text = text.replace(SANDBOX, address);
        std::fs::write(folder.path().join("proctor.toml"), text).expect("the folder is free");
    }
    let told = Command::new("sh")
        .args(["-c", &script.replace(SANDBOX, address)])
        .env_clear()
        .env("PATH", with_program())
        .env("KEPLOY_API_KEY", KEY)
        .current_dir(folder.path())
        .output()
        .expect("a shell is there");
    let (out, err) = (
        String::from_utf8_lossy(&told.stdout),
        String::from_utf8_lossy(&told.stderr),
    );
    let mut rest = &*out;
    for step in steps {
        let at = rest
            .find(MARK)
            .ok_or_else(|| format!("{:?} did not end", step.command))?;
        let (out, after) = (&rest[..at], &rest[at + MARK.len()..]);
        let (code, after) = after.split_once('\n').expect("echo ends a line");
        if code != step.code {
            return Err(format!(
                "{:?} ended with {code}, not {}\n{out}{}",
                step.command, step.code, err
            ));
        }
        step.shown_in(&out.replace(address, SANDBOX))?;
        rest = after;
    }
    Ok(())
}

/// Where programs are looked for: the one under test first.
fn with_program() -> std::ffi::OsString {
    let own = program().parent().expect("a folder").to_owned();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let all = std::iter::once(own).chain(std::env::split_paths(&path));
    std::env::join_paths(all).expect("paths without colons")
}

/// The first configuration of the page.
fn configuration(block: &Block) -> Option<String> {
    let mut all = of_kind(Kind::Config).into_iter();
    all.find(|each| each.page == block.page)
        .map(|each| each.text)
}

/// A command, the exit code that it is to have, and what is shown below it.
struct Step {
    command: String,
    code: String,
    shown: Vec<String>,
}

fn steps(text: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for line in text.replace("\\\n", " ").lines() {
        match (line.strip_prefix("$ "), steps.last_mut()) {
            (Some(command), _) => {
                let code = command
                    .split_once("# exit code ")
                    .map_or("0", |(_, code)| code.trim());
                steps.push(Step {
                    command: command.to_owned(),
                    code: code.to_owned(),
                    shown: Vec::new(),
                });
            }
            (None, Some(step)) => step.shown.push(line.trim().to_owned()),
            (None, None) => panic!("{line:?} stands before any command, which begins with `$ `"),
        }
    }
    steps
}

impl Step {
    /// Whether what is shown is what was printed.
    fn shown_in(&self, out: &str) -> Result<(), String> {
        let mut rest = out;
        for part in self
            .shown
            .iter()
            .flat_map(|line| line.split('…'))
            .map(str::trim)
        {
            match rest.find(part) {
                Some(at) => rest = &rest[at + part.len()..],
                None => {
                    return Err(format!(
                        "{:?} does not print {part:?}, but\n{out}",
                        self.command
                    ));
                }
            }
        }
        Ok(())
    }
}
