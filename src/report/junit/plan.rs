//! Which suites and cases there are, before anything is written.

use std::collections::BTreeMap;

use crate::model::{Report, Results, TestCase, Verdict};
use crate::report::class::Class;
use crate::report::clean::XmlText;
use crate::report::view::{Trouble, targets, trouble};
use crate::verdict::meaning;

/// How long a name may be, in characters.
const MAX_NAME: usize = 512;

/// The name of the case that stands for a target itself.
const TARGET_CASE: &str = "run";

pub(super) struct Suite<'a> {
    pub name: XmlText,
    /// The target it belongs to; none if there was no target at all.
    pub report: Option<&'a Report>,
    pub cases: Vec<Case<'a>>,
}

pub(super) struct Case<'a> {
    pub class: XmlText,
    pub name: XmlText,
    pub content: Content<'a>,
}

pub(super) enum Content<'a> {
    Test(&'a TestCase, Class),
    Target(Trouble<'a>),
}

/// The element inside a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Element {
    None,
    Failure,
    Error,
    Skipped,
}

impl Case<'_> {
    pub(super) fn element(&self) -> Element {
        let verdict = match &self.content {
            // Jenkins marks a build for every failure that it reads, whatever the exit code was.
            Content::Test(_, Class::Quarantined | Class::LeftOut) => Verdict::Skipped,
            Content::Test(test, _) => test.verdict,
            Content::Target(trouble) => trouble.verdict,
        };
        match verdict {
            Verdict::Passed => Element::None,
            Verdict::Failed => Element::Failure,
            Verdict::Skipped => Element::Skipped,
            Verdict::Errored | Verdict::Cancelled | Verdict::TimedOut | Verdict::Unknown => {
                Element::Error
            }
        }
    }

    /// How long it took; 0 if that is not known, as some readers insist on a time.
    pub(super) fn ms(&self) -> u64 {
        match &self.content {
            Content::Test(test, _) => test.duration_ms.unwrap_or(0),
            Content::Target(_) => 0,
        }
    }
}

/// What the attributes of a suite count.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    pub tests: usize,
    pub failures: usize,
    pub errors: usize,
    pub skipped: usize,
    pub ms: u64,
}

impl<'a, 'b: 'a> FromIterator<&'a Case<'b>> for Tally {
    fn from_iter<I: IntoIterator<Item = &'a Case<'b>>>(cases: I) -> Self {
        let mut tally = Self::default();
        for case in cases {
            tally.tests += 1;
            tally.ms = tally.ms.saturating_add(case.ms());
            match case.element() {
                Element::None => {}
                Element::Failure => tally.failures += 1,
                Element::Error => tally.errors += 1,
                Element::Skipped => tally.skipped += 1,
            }
        }
        tally
    }
}

/// The suites of all targets, in the order in which they first appear.
pub(super) fn suites(results: &Results) -> Vec<Suite<'_>> {
    if results.targets.is_empty() && results.conclusion.exit_code != 0 {
        return vec![without_targets(results)];
    }
    let mut names = Names::default();
    let mut suites = Vec::new();
    for (report, exit_code) in targets(results) {
        suites.append(&mut of_target(report, exit_code, &mut names));
    }
    suites
}

/// A suite that keeps a run without targets from looking green.
fn without_targets(results: &Results) -> Suite<'_> {
    let own = XmlText::line("proctor", MAX_NAME);
    Suite {
        name: own.clone(),
        report: None,
        cases: vec![Case {
            class: own,
            name: XmlText::line(TARGET_CASE, MAX_NAME),
            content: Content::Target(Trouble {
                verdict: Verdict::Errored,
                word: results.conclusion.verdict.word(),
                message: meaning(&results.conclusion),
                problem: None,
            }),
        }],
    }
}

fn of_target<'a>(report: &'a Report, exit_code: u8, names: &mut Names) -> Vec<Suite<'a>> {
    let mut suites: Vec<Suite<'a>> = Vec::new();
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    if let Some(trouble) = trouble(report, exit_code) {
        let class = XmlText::line(&report.target, MAX_NAME);
        let name = names.unique(&class, TARGET_CASE);
        suites.push(Suite {
            name: class.clone(),
            report: Some(report),
            cases: vec![Case {
                class,
                name,
                content: Content::Target(trouble),
            }],
        });
        places.insert(String::new(), 0);
    }
    for test in &report.tests {
        let place = match places.get(&test.suite) {
            Some(place) => *place,
            None => {
                places.insert(test.suite.clone(), suites.len());
                suites.push(empty_suite(report, &test.suite));
                suites.len() - 1
            }
        };
        let class = class_name(&report.target, &test.suite);
        let name = names.unique(&class, &test.name);
        suites[place].cases.push(Case {
            class,
            name,
            content: Content::Test(test, Class::of(report, test)),
        });
    }
    suites
}

fn empty_suite<'a>(report: &'a Report, suite: &str) -> Suite<'a> {
    let name = if suite.is_empty() {
        XmlText::line(&report.target, MAX_NAME)
    } else {
        XmlText::line(&format!("{} / {suite}", report.target), MAX_NAME)
    };
    Suite {
        name,
        report: Some(report),
        cases: Vec::new(),
    }
}

fn class_name(target: &str, suite: &str) -> XmlText {
    if suite.is_empty() {
        XmlText::line(target, MAX_NAME)
    } else {
        XmlText::line(&format!("{target}.{suite}"), MAX_NAME)
    }
}

/// The names given so far, class and name joined as GitLab does it, each with the next number for its like.
#[derive(Default)]
struct Names(BTreeMap<String, usize>);

impl Names {
    /// The name, with a number behind it if its class has another case of that name.
    fn unique(&mut self, class: &XmlText, name: &str) -> XmlText {
        let name = XmlText::line(name, MAX_NAME);
        let key = |name: &XmlText| format!("{}_{}", class.as_str(), name.as_str());
        let Some(&first) = self.0.get(&key(&name)) else {
            self.0.insert(key(&name), 2);
            return name;
        };
        let mut number = first;
        loop {
            let numbered = XmlText::line(&format!("{} ({number})", name.as_str()), MAX_NAME + 24);
            number += 1;
            if !self.0.contains_key(&key(&numbered)) {
                self.0.insert(key(&numbered), 2);
                self.0.insert(key(&name), number);
                return numbered;
            }
        }
    }
}
