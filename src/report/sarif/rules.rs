//! The rules: one for each way in which something goes wrong, as far as results need it.

use crate::error::Code;
use crate::report::object::{Object, list};

/// The rules of the results so far, in the order in which they were needed.
#[derive(Default)]
pub(super) struct Rules(Vec<&'static str>);

impl Rules {
    /// The id of the rule for a word, and its place among the rules.
    ///
    /// A problem and a verdict of the same meaning are one rule, whatever stands between their words.
    pub(super) fn add(&mut self, word: &'static str) -> (String, usize) {
        let id = id(word);
        let place = self.0.iter().position(|known| self::id(known) == id);
        let place = place.unwrap_or_else(|| {
            self.0.push(word);
            self.0.len() - 1
        });
        (id, place)
    }

    /// All of them as JSON.
    pub(super) fn written(&self) -> String {
        let rules: Vec<String> = self.0.iter().map(|word| rule(word)).collect();
        list(&rules)
    }
}

fn id(word: &str) -> String {
    format!("proctor/{}", word.replace('_', "-"))
}

fn rule(word: &str) -> String {
    let text = |text: &str| Object::default().text("text", text).finish();
    let (short, help, level) = about(word);
    let level = Object::default().text("level", level).finish();
    Object::default()
        .text("id", &id(word))
        .text("name", &name(word))
        .json("shortDescription", &text(short))
        .json("fullDescription", &text(short))
        .json("help", &text(help))
        .json("defaultConfiguration", &level)
        .json("properties", "{\"tags\": [\"test\"]}")
        .finish()
}

/// The word as names of rules are written: `TimedOut`.
fn name(word: &str) -> String {
    let mut name = String::new();
    for part in word.split(['-', '_']) {
        let mut letters = part.chars();
        name.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        name.push_str(letters.as_str());
    }
    name
}

/// What a word stands for, what to do about it, and the usual level.
fn about(word: &str) -> (&'static str, &'static str, &'static str) {
    match word.replace('-', "_").as_str() {
        "failed" => ("A hosted test failed.", Code::Failed.next(), "error"),
        "errored" => (
            "A hosted test could not be judged.",
            "look at the run at the service",
            "error",
        ),
        "cancelled" => (
            "A hosted test was cancelled.",
            "look at who cancelled it at the service, then run again",
            "warning",
        ),
        "timed_out" => (
            "A hosted test or run took too long.",
            Code::TimedOut.next(),
            "error",
        ),
        "unknown" => (
            "It is not known what became of a hosted test.",
            "look at the run at the service",
            "error",
        ),
        "skipped" => ("No hosted test ran.", Code::NoTests.next(), "note"),
        "flaky" => (
            "A hosted test passed only when it was run again.",
            "look at why it failed before, or it will fail when it matters",
            "note",
        ),
        "missing_key" => (
            "Hosted tests were left out, as there is no key for them.",
            "give the key, or let somebody run them who has it",
            "note",
        ),
        "fail_fast" => (
            "Hosted tests were stopped or not started, as others had failed before.",
            "correct what failed first",
            "note",
        ),
        "more" => (
            "There are more failures than are told here.",
            "read the results file",
            "note",
        ),
        other => match Code::from_name(other) {
            Some(code) => ("Hosted tests have no result.", code.next(), "error"),
            None => (
                "Hosted tests have no result.",
                "look at the run at the service",
                "error",
            ),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{SetAside, Verdict};

    #[test]
    fn a_rule_is_there_once() {
        let mut rules = Rules::default();
        assert_eq!(rules.add("timed_out"), ("proctor/timed-out".to_owned(), 0));
        assert_eq!(rules.add("failed"), ("proctor/failed".to_owned(), 1));
        assert_eq!(rules.add("timed-out"), ("proctor/timed-out".to_owned(), 0));
        assert_eq!(name("timed_out"), "TimedOut");
        assert_eq!(name("missing-key"), "MissingKey");
    }

    #[test]
    fn every_word_is_told_apart() {
        let verdicts = Verdict::ALL.map(Verdict::word);
        let aside = SetAside::ALL.map(SetAside::word);
        for word in verdicts.into_iter().chain(aside).chain(["flaky", "more"]) {
            let known = about(word).0 != "Hosted tests have no result.";
            assert!(known || word == "passed", "{word}");
        }
    }
}
