//! The examples, by what they are.

use crate::page::{blocks, pages};

/// An example.
#[derive(Debug, Clone)]
pub struct Block {
    /// The page's path from the top of the source tree.
    pub page: String,
    /// Where it begins.
    pub line: usize,
    /// What stands behind the three backticks: a language, and then what the kind needs.
    pub info: String,
    pub text: String,
}

/// What an example is, and so how it is checked. The first word is the language that it is shown in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `toml`: a `proctor.toml`, or a part of one, which the program reads.
    Config,
    /// `yaml github`: a workflow, a job of one, or steps, for GitHub's schema and actionlint.
    Github,
    /// `yaml gitlab`: a pipeline, for GitLab's schema and gitlab-ci-local.
    Gitlab,
    /// `groovy`: a Jenkinsfile or a part of one, for Groovy.
    Jenkins,
    /// `console`: commands, of which those of Proctor are read by it.
    Commands,
    /// `console run`: commands that are run against the sandbox, with what they print.
    Run,
    /// `dockerfile`: how an image takes in the program.
    Image,
    /// `json`: any JSON; `json results`: a results file, for its schema.
    Json,
    /// `text`: a figure, or what is shown by something else.
    Figure,
}

impl Block {
    pub fn new(page: &str, line: usize, info: String) -> Self {
        Self {
            page: page.to_owned(),
            line,
            info,
            text: String::new(),
        }
    }

    /// What it is; nothing if that is not known.
    pub fn kind(&self) -> Option<Kind> {
        let words: Vec<&str> = self.info.split_whitespace().collect();
        match words.as_slice() {
            ["toml"] => Some(Kind::Config),
            ["yaml", "github"] => Some(Kind::Github),
            ["yaml", "gitlab"] => Some(Kind::Gitlab),
            ["groovy"] => Some(Kind::Jenkins),
            ["console" | "sh"] => Some(Kind::Commands),
            ["console", "run"] => Some(Kind::Run),
            ["dockerfile"] => Some(Kind::Image),
            ["json"] | ["json", "results"] => Some(Kind::Json),
            ["text"] => Some(Kind::Figure),
            _ => None,
        }
    }

    /// Where it stands, for people.
    pub fn place(&self) -> String {
        format!("{}:{}", self.page, self.line)
    }

    /// A name for a file that no other example has.
    pub fn file_name(&self, extension: &str) -> String {
        let page = self.page.replace(['/', '.'], "-");
        format!("{page}-{}.{extension}", self.line)
    }
}

/// The examples of this kind.
pub fn of_kind(kind: Kind) -> Vec<Block> {
    let all = blocks();
    all.into_iter()
        .filter(|block| block.kind() == Some(kind))
        .collect()
}

/// Asserts that nothing was found wrong.
#[track_caller]
pub fn expect_none(wrong: &[String]) {
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}

#[test]
fn every_example_is_of_a_kind_that_is_checked() {
    let mut wrong = Vec::new();
    for block in pages().into_iter().flat_map(|page| page.blocks) {
        if block.kind().is_none() {
            wrong.push(format!(
                "{}: nothing checks a block of {:?}; tests/docs/block.rs lists the kinds",
                block.place(),
                block.info
            ));
        }
        if block.text.trim().is_empty() {
            wrong.push(format!("{}: the block is empty", block.place()));
        }
    }
    expect_none(&wrong);
}

#[test]
fn figures_hide_no_commands() {
    let mut wrong = Vec::new();
    for block in of_kind(Kind::Figure) {
        let commands = block.text.lines().map(str::trim_start);
        for line in commands.filter(|line| line.starts_with("$ ") || line.starts_with("proctor ")) {
            if line
                .split_whitespace()
                .nth(1)
                .is_some_and(|word| word.starts_with(|c: char| c.is_ascii_lowercase()))
            {
                wrong.push(format!("{}: {line:?} is a command", block.place()));
            }
        }
    }
    expect_none(&wrong);
}

#[test]
fn json_is_json() {
    let schema = proctor_test_support::Proctor::new(&["schema", "results"])
        .end()
        .expect(0)
        .out;
    let mut wrong = Vec::new();
    for block in of_kind(Kind::Json) {
        match serde_json::from_str::<serde_json::Value>(&block.text) {
            Err(error) => wrong.push(format!("{}: {error}", block.place())),
            Ok(value) if block.info.ends_with("results") => {
                if let Err(error) = crate::config::held_against(&schema, &value) {
                    wrong.push(format!("{}: {error}", block.place()));
                }
            }
            Ok(_) => {}
        }
    }
    expect_none(&wrong);
}

#[test]
fn images_take_the_program_from_where_it_is() {
    let own = proctor_test_support::read(&proctor_test_support::root().join("Dockerfile"));
    assert!(own.contains(" /proctor\n"), "{own}");
    let mut wrong = Vec::new();
    for block in of_kind(Kind::Image) {
        for line in block.text.lines() {
            let words: Vec<&str> = line.split_whitespace().collect();
            let known = match words.as_slice() {
                ["FROM", _] => true,
                ["COPY", from, "/proctor", _] => {
                    from.starts_with("--from=ghcr.io/proctor-ci/proctor:")
                }
                _ => false,
            };
            if !known {
                wrong.push(format!("{}: {line:?}", block.place()));
            }
        }
    }
    expect_none(&wrong);
}
