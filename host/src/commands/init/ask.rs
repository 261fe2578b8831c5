//! Questions on standard error, answers as lines of standard input: as they work over ssh, with a screen reader and in a
//! pipe.

use std::io::{self, BufRead as _, IsTerminal as _, Read as _};

use crate::{cli::InitArgs, console::safe, failure::Failure};

use super::{super::session::Session, file::File};

/// The longest answer, in bytes: 64 KiB.
const LONGEST: u64 = 64 * 1024;

/// Somebody who can be asked.
pub struct Ask<'a> {
    session: &'a Session,
    is_terminal: bool,
}

impl<'a> Ask<'a> {
    /// Whoever sits at the terminal, or answers beforehand because a flag says so.
    pub fn of(session: &'a Session, arguments: &InitArgs) -> Option<Self> {
        let is_terminal = io::stdin().is_terminal();
        let is_taken = arguments.from_list.as_deref() == Some("-");
        let may_ask = arguments.interactive || (is_terminal && !arguments.yes);
        (may_ask && !is_taken).then_some(Self {
            session,
            is_terminal,
        })
    }

    /// Says something that is no question. Text of others is made harmless.
    pub fn say(&self, text: &str) {
        self.session
            .console
            .raw_err(&format!("{}\n", safe::block(text)));
    }

    /// The answer to a question, without blanks around it.
    ///
    /// # Errors
    /// If the answers have come to an end, or somebody stops the program.
    pub async fn line(&self, question: &str) -> Result<String, Failure> {
        let console = &self.session.console;
        console.raw_err(&format!("{} ", safe::block(question)));
        let read = tokio::task::spawn_blocking(|| {
            let mut line = String::new();
            let read = io::stdin().lock().take(LONGEST).read_line(&mut line);
            read.map(|length| (length > 0).then_some(line))
        });
        let answer = tokio::select! {
            read = read => read,
            signal = self.session.signals.first() => return Err(Failure::interrupted(signal.name())),
        };
        if !self.is_terminal {
            console.raw_err("\n");
        }
        match answer.map_err(io::Error::other).and_then(|read| read) {
            Ok(Some(line)) => Ok(line.trim().to_owned()),
            Ok(None) => Err(Failure::usage(
                format!(
                    "the answers ended at the question {:?}",
                    first_line(question)
                ),
                "answer every question, or give flags in place of answers; nothing was written",
            )),
            Err(error) => Err(Failure::usage(
                format!("the answer cannot be read: {error}"),
                "give flags in place of answers; nothing was written",
            )),
        }
    }

    /// One of several, each with a name and what it is: by its number or name.
    ///
    /// # Errors
    /// As for [`Self::line`].
    pub async fn choice(
        &self,
        question: &str,
        options: &[(&str, String)],
    ) -> Result<usize, Failure> {
        let width = options.iter().map(|(name, _)| name.len()).max();
        let mut text = question.to_owned();
        for (at, (name, title)) in options.iter().enumerate() {
            let width = width.unwrap_or_default();
            text.push_str(&format!("\n  {}) {name:width$}  {title}", at + 1));
        }
        self.say(&text);
        loop {
            let answer = self.line("Number or name:").await?;
            let by_number = answer
                .parse::<usize>()
                .ok()
                .filter(|n| (1..=options.len()).contains(n));
            let by_name = || options.iter().position(|(name, _)| *name == answer);
            match by_number.map(|number| number - 1).or_else(by_name) {
                Some(chosen) => return Ok(chosen),
                None => self.say("That is none of them."),
            }
        }
    }

    /// Yes or no; what nobody says is `usual`.
    ///
    /// # Errors
    /// As for [`Self::line`].
    pub async fn yes(&self, question: &str, usual: bool) -> Result<bool, Failure> {
        let hint = if usual { "[Y/n]" } else { "[y/N]" };
        loop {
            let answer = self.line(&format!("{question} {hint}")).await?;
            match answer.to_ascii_lowercase().as_str() {
                "" => return Ok(usual),
                "y" | "yes" => return Ok(true),
                "n" | "no" => return Ok(false),
                _ => self.say("Answer y or n."),
            }
        }
    }

    /// Whether the files are to be written.
    ///
    /// # Errors
    /// As for [`Self::line`].
    pub async fn confirmed(&self, files: &[File]) -> Result<bool, Failure> {
        let names: Vec<&str> = files.iter().map(|file| file.path.as_str()).collect();
        self.yes(&format!("Write {}?", names.join(" and ")), true)
            .await
    }
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}
