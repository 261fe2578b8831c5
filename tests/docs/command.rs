//! Commands, as they stand in consoles, workflows and pipelines: those of Proctor are given to it.
//!
//! Each is asked for its help, which tells whether its flags are known, and then carried out in an empty folder with no
//! key and no network: it has to get as far as the missing key, so that the values of its flags are right too.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use proctor_test_support::{KEY, Proctor, read, root, sandbox};

use crate::config::keys_alone_are_missing;

/// Programs of others that examples may use. What is not here is perhaps misspelt.
const OTHERS: [&str; 12] = [
    "cargo",
    "curl",
    "echo",
    "exit",
    "gh",
    "git",
    "rm",
    "rustup",
    "sh",
    "sha256sum",
    "sleep",
    "test",
];

/// Commands that begin to serve, or do everything by themselves: only their flags are read.
const NOT_CARRIED_OUT: [&str; 3] = ["demo", "sandbox", "init"];

/// The target that the results are of.
const TARGET: &str = "api";

/// The commands of a text: prompts, comments and continued lines are taken away.
pub fn commands(text: &str) -> Vec<String> {
    let joined = text.replace("\\\n", " ");
    let has_prompts = joined.lines().any(|line| line.starts_with("$ "));
    joined
        .lines()
        .filter_map(|line| match has_prompts {
            true => line.strip_prefix("$ "),
            false => Some(line),
        })
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(str::to_owned)
        .collect()
}

/// Looks at every command of a line of shell.
pub fn check(line: &str) -> Result<(), String> {
    for words in simple_commands(line)? {
        let words = words.strip_prefix(&["exec".to_owned()]).unwrap_or(&words);
        let program = words[0].as_str();
        let named = program.rsplit('/').next().unwrap_or(program);
        match named {
            "proctor" => proctor(&words[1..])?,
            "wasmtime" => component(&words[1..])?,
            "make" => goals(&words[1..])?,
            _ if program.starts_with("./") || OTHERS.contains(&program) => {}
            _ if program.contains('/') && root().join(program).is_file() => {}
            _ => return Err(format!("{program:?} is no program that the examples know")),
        }
    }
    Ok(())
}

/// The commands that `|`, `&&`, `||` and `;` join, without what they redirect and the variables before them.
fn simple_commands(line: &str) -> Result<Vec<Vec<String>>, String> {
    let words = shlex::split(line).ok_or_else(|| format!("{line:?} is no line of shell"))?;
    let mut all = vec![Vec::new()];
    let mut words = words.into_iter();
    while let Some(word) = words.next() {
        match word.as_str() {
            "|" | "&&" | "||" | ";" | "!" => all.push(Vec::new()),
            ">" | ">>" | "<" | "2>" => drop(words.next()),
            "2>&1" => {}
            _ => {
                let command = all.last_mut().expect("there is one");
                let sets = word.split_once('=').is_some_and(|(name, _)| {
                    name.chars()
                        .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
                });
                if !(command.is_empty() && sets) {
                    command.push(word);
                }
            }
        }
    }
    all.retain(|command| !command.is_empty());
    Ok(all)
}

/// Gives the arguments of the program as a component to the native one, which has all of its flags.
fn component(words: &[String]) -> Result<(), String> {
    let at = words.iter().position(|word| word == "proctor-cli.wasm");
    match at {
        Some(at) => proctor(&words[at + 1..]),
        None => Err("the examples run nothing else by wasmtime".to_owned()),
    }
}

/// Looks at goals of the Makefile.
fn goals(words: &[String]) -> Result<(), String> {
    let makefile = read(&root().join("Makefile"));
    for word in words {
        if !makefile
            .lines()
            .any(|line| line.starts_with(&format!("{word}:")))
        {
            return Err(format!("the Makefile has no goal {word:?}"));
        }
    }
    Ok(())
}

/// Gives arguments to the program.
fn proctor(arguments: &[String]) -> Result<(), String> {
    let own = arguments.iter().position(|word| word == "--");
    let (own, others) = arguments.split_at(own.unwrap_or(arguments.len()));
    let with_help: Vec<&str> = own.iter().map(String::as_str).chain(["--help"]).collect();
    let help = Proctor::new(&with_help).end();
    if help.code != 0 {
        return Err(format!("{}{}", help.out, help.err));
    }
    let command = own.first().map_or("", String::as_str);
    // What explains the network needs one.
    let explains = own.iter().any(|word| word == "--network");
    if command.is_empty() || explains || NOT_CARRIED_OUT.contains(&command) {
        return Ok(());
    }
    let all: Vec<&str> = own.iter().chain(others).map(String::as_str).collect();
    // What is rendered has to be all that there is.
    let named = if command == "render" { &[] } else { &own[1..] };
    // As on a CI system, which tells the branch and the commit.
    let proctor = Proctor::new(&all)
        .file("proctor.toml", &configuration(named))
        .variable("PROCTOR_BRANCH", "main")
        .variable("PROCTOR_COMMIT", "c0ffee");
    let follows = ["wait", "cancel"].contains(&command);
    for name in files(&own[1..]).into_iter().filter(|_| !follows) {
        let path = proctor.path(&name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("the folder is free");
        std::fs::write(path, results()).expect("the folder can be written to");
    }
    let outcome = proctor.end();
    let handle_is_missing = follows && outcome.err.contains("is not a usable handle file");
    let is_as_far = handle_is_missing || keys_alone_are_missing(&outcome.err);
    if outcome.code == 0 || outcome.code == 2 && is_as_far {
        return Ok(());
    }
    Err(format!(
        "exit code {}: {}{}",
        outcome.code, outcome.out, outcome.err
    ))
}

/// A file that has all targets that the arguments may name, and a place to publish at.
fn configuration(arguments: &[String]) -> String {
    let mut names: BTreeSet<&str> = [TARGET].into();
    names.extend(arguments.iter().map(String::as_str).filter(|word| {
        let mut letters = word.chars();
        letters
            .next()
            .is_some_and(|first| first.is_ascii_lowercase())
            && letters.all(|c| c.is_ascii_lowercase() || c == '-')
    }));
    let targets: String = names
        .iter()
        .map(|name| {
            format!("[targets.{name}]\nprovider = \"keploy\"\napp = \"a\"\nbase_url = \"https://staging.example.com\"\n")
        })
        .collect();
    format!(
        "{targets}[publish.testmo]\napi_url = \"https://example.testmo.net\"\nproject_id = 1\nsource = \"tests\"\n"
    )
}

/// The files of results that the arguments name or match, and others that are read.
fn files(arguments: &[String]) -> Vec<String> {
    arguments
        .iter()
        .filter(|word| {
            [".json", ".xml", ".jsonl", ".yaml"]
                .iter()
                .any(|end| word.ends_with(end))
        })
        .filter(|word| !word.contains('='))
        .map(|word| word.replace("**", "some").replace('*', "1"))
        .collect()
}

/// A results file that a run has written.
fn results() -> &'static str {
    static RESULTS: OnceLock<String> = OnceLock::new();
    RESULTS.get_or_init(|| {
        let sandbox = sandbox("");
        let config = format!(
            "[targets.{TARGET}]\nprovider = \"keploy\"\napp = \"app-7f3\"\napi_url = {:?}\nbase_url = {:?}\n",
            sandbox.service_url("keploy"),
            sandbox.system_url()
        );
        Proctor::new(&["run", "--report", "json"])
            .file("proctor.toml", &config)
            .key(KEY)
            .end()
            .expect(0)
            .read("results.json")
    })
}

#[test]
fn commands_are_taken_apart_as_a_shell_does() {
    let text = "$ A=1 proctor run 'a b' | tee x\nshown\n$ make test # all\n";
    let found = commands(text);
    assert_eq!(found, ["A=1 proctor run 'a b' | tee x", "make test # all"]);
    assert_eq!(
        simple_commands(&found[0]).expect("shell"),
        [vec!["proctor", "run", "a b"], vec!["tee", "x"]]
    );
    assert_eq!(
        simple_commands(&found[1]).expect("shell"),
        [["make", "test"]]
    );
}

#[test]
fn what_is_wrong_with_a_command_is_noticed() {
    for line in [
        "proctor rum",
        "proctor run --frob",
        "proctor run --report jnit",
        "proctor run --timeout soon",
        "proctor run --fail-on broken",
        "proctor render frob --from results.json",
        "make tee",
        "prctor run",
    ] {
        check(line).expect_err(line);
    }
    for line in [
        "proctor run --report junit=a.xml || exit 1",
        "proctor render junit --from results.json > junit.xml",
        "proctor publish 'build/**/test-*.xml' -- ./gradlew test",
        "proctor wait proctor-handle.json",
        "proctor sandbox --listen 127.0.0.1:0",
        "make test",
    ] {
        check(line).unwrap_or_else(|error| panic!("{line}: {error}"));
    }
}
