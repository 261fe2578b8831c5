//! What did not go well, or not at once, as a list of issues with a place in the configuration: for systems that show
//! findings about code, and that know a finding again from one pipeline to the next by its fingerprint.

use std::borrow::Cow;
use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use super::class::Class;
use super::view::{self, Trouble, foremost, targets, trouble};
use crate::model::{Report, Results, TestCase, Verdict};
use crate::verdict::{meaning, seriousness};

/// How many issues a report has at most. Both GitLab and Jenkins keep all of them with the build.
const MOST: usize = 1000;

/// The file that is named where a target is in none, as targets usually are in this one.
const USUAL_FILE: &str = "proctor.toml";

/// One thing that did not go well.
pub(super) struct Issue<'a> {
    /// The target; none if there was no target at all.
    pub report: Option<&'a Report>,
    /// The test; none if it is the target itself.
    pub test: Option<&'a TestCase>,
    pub verdict: Verdict,
    /// What its test is among the tests; a failure without a baseline if it is no test.
    pub class: Class,
    /// Whether it is, as far as its target's exit code tells, why that is not 0.
    pub counts: bool,
    /// The name of the problem's code, or the word for the verdict; `flaky` for what passed too late.
    pub word: &'static str,
    /// What it is about, not yet neutralised.
    pub title: String,
    /// What is wrong, not yet neutralised.
    pub message: Cow<'a, str>,
    /// The same for the same test in every run, and another for every other test of one run.
    pub fingerprint: String,
}

impl Issue<'_> {
    /// The file and the line where the target is defined.
    pub(super) fn place(&self) -> (String, u32) {
        let location = self.report.and_then(|report| report.location.as_ref());
        match location {
            Some(location) => (relative(&location.file), location.line.max(1)),
            None => (USUAL_FILE.to_owned(), 1),
        }
    }
}

/// The issues, and how many more there are than a report may have. Those about whole targets come first, then tests: what
/// is new before what is known and what does not count, and in each the worst first.
pub(super) fn issues(results: &Results) -> (Vec<Issue<'_>>, usize) {
    first_issues(results, MOST)
}

/// The same for a report that may have so many.
pub(super) fn first_issues(results: &Results, most: usize) -> (Vec<Issue<'_>>, usize) {
    let mut seen = Seen::default();
    let mut all: Vec<Issue<'_>> = Vec::new();
    for (report, exit_code) in targets(results) {
        // Every test is numbered, so that one keeps its fingerprint whether its namesakes fail or not.
        for test in &report.tests {
            let fingerprint = seen.fingerprint(["test", &report.target, &test.suite, &test.name]);
            let class = Class::of(report, test);
            if !matches!(class, Class::Quiet | Class::LeftOut) {
                all.push(of_test(report, test, (class, exit_code), fingerprint));
            }
        }
        let fingerprint = seen.fingerprint(["target", &report.target, "", ""]);
        if let Some(trouble) = trouble(report, exit_code) {
            all.push(of_target(report, trouble, fingerprint));
        }
    }
    if results.targets.is_empty() && results.conclusion.exit_code != 0 {
        all.push(of_nothing(results, seen.fingerprint(["none", "", "", ""])));
    }
    let more = all.len().saturating_sub(most);
    let order = |issue: &Issue<'_>| {
        (
            issue.test.is_some(),
            issue.class,
            seriousness(issue.verdict),
        )
    };
    (foremost(all, most, order), more)
}

fn of_test<'a>(
    report: &'a Report,
    test: &'a TestCase,
    (class, exit_code): (Class, u8),
    fingerprint: String,
) -> Issue<'a> {
    let word = match class {
        Class::Flaky => "flaky",
        _ => test.verdict.word(),
    };
    Issue {
        report: Some(report),
        test: Some(test),
        verdict: test.verdict,
        class,
        counts: class.counts(report, exit_code),
        word,
        title: format!("{}: {}", report.target, view::title(test)),
        message: message(test, class),
        fingerprint,
    }
}

/// What is wrong with a test, and what is remarked of that.
fn message(test: &TestCase, class: Class) -> Cow<'_, str> {
    let said = test
        .message
        .as_deref()
        .unwrap_or("the service gives no reason");
    match class {
        Class::New | Class::Known => {
            Cow::Owned(format!("{}: {said}", class.remark().unwrap_or_default()))
        }
        Class::Quarantined => match &test.quarantine {
            Some(quarantine) => Cow::Owned(format!("{} ({said})", view::excuse(quarantine))),
            None => Cow::Borrowed(said),
        },
        Class::Flaky => Cow::Owned(too_late(test)),
        Class::Failed | Class::LeftOut | Class::Quiet => Cow::Borrowed(said),
    }
}

/// That a test passed only when it was run again, and why not before.
pub(super) fn too_late(test: &TestCase) -> String {
    let attempts = format!("passed after {} attempts", test.attempts);
    match (view::earlier(test).first(), view::untold(test)) {
        (Some((attempt, came)), _) => format!("{attempts}; {attempt}: {came}"),
        (None, Some(untold)) => format!("{attempts}; {untold}"),
        (None, None) => attempts,
    }
}

fn of_target<'a>(report: &'a Report, trouble: Trouble<'a>, fingerprint: String) -> Issue<'a> {
    Issue {
        report: Some(report),
        test: None,
        verdict: trouble.verdict,
        class: Class::Failed,
        counts: true,
        word: trouble.word,
        title: report.target.clone(),
        message: Cow::Borrowed(trouble.message),
        fingerprint,
    }
}

fn of_nothing(results: &Results, fingerprint: String) -> Issue<'_> {
    Issue {
        report: None,
        test: None,
        verdict: Verdict::Errored,
        class: Class::Failed,
        counts: true,
        word: results.conclusion.verdict.word(),
        title: "proctor".to_owned(),
        message: Cow::Borrowed(meaning(&results.conclusion)),
        fingerprint,
    }
}

/// How often each combination of names was seen.
#[derive(Default)]
struct Seen(BTreeMap<String, usize>);

impl Seen {
    /// A hash of names alone, so that another message or duration does not make another finding. The length stands
    /// before each, so that no two combinations are the same text.
    fn fingerprint(&mut self, names: [&str; 4]) -> String {
        let names = names.map(|name| format!("{}:{name}", name.len())).concat();
        let ordinal = self.0.entry(names.clone()).or_default();
        *ordinal += 1;
        let hash = Sha256::digest(format!("{names}{ordinal}"));
        hash.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// The path as code reviews know it: from the top of the repository, with slashes and without `./`. Of a path that leads
/// elsewhere only the last part can be one.
pub(super) fn relative(file: &str) -> String {
    let path = super::clean::one_line(&file.replace('\\', "/"), 512);
    let path = path.trim_start_matches("./");
    let drive = path.get(1..3) == Some(":/");
    let elsewhere = path.starts_with('/') || drive || path.split('/').any(|part| part == "..");
    let path = match elsewhere {
        true => path.rsplit('/').next().unwrap_or_default(),
        false => path,
    };
    match path {
        "" | "." | ".." => USUAL_FILE.to_owned(),
        path => path.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;
    use crate::report::sample::{any_results, many, report, results, usual};

    fn fingerprints(results: &Results) -> Vec<String> {
        let (issues, _) = issues(results);
        issues.into_iter().map(|issue| issue.fingerprint).collect()
    }

    #[test]
    fn a_fingerprint_depends_on_names_alone() {
        let before = fingerprints(&usual());
        let mut later = usual();
        later.started_at_ms += 1;
        for test in later
            .targets
            .iter_mut()
            .flat_map(|report| &mut report.tests)
        {
            test.message = test.message.as_ref().map(|_| "another".to_owned());
            test.duration_ms = Some(7);
            test.url = None;
        }
        assert_eq!(before, fingerprints(&later));
        later.targets[1].tests[0].name.push('!');
        assert_ne!(before, fingerprints(&later));
    }

    #[test]
    fn a_namesake_that_passes_does_not_change_the_other() {
        let test = |verdict| TestCase::new("s", "t", verdict);
        let run = |first, second| {
            let tests = vec![test(first), test(second)];
            fingerprints(&results(vec![report("api", Verdict::Failed, tests)]))
        };
        let both = run(Verdict::Failed, Verdict::Failed);
        assert_eq!(run(Verdict::Passed, Verdict::Failed), both[1..]);
        assert_eq!(run(Verdict::Failed, Verdict::Passed), both[..1]);
    }

    #[test]
    fn what_is_too_much_is_counted() {
        let results = many(MOST + 7, "x");
        let (issues, more) = issues(&results);
        assert_eq!((issues.len(), more), (MOST, 7));
    }

    #[test]
    fn paths_are_those_of_a_repository() {
        for (file, path) in [
            ("proctor.toml", "proctor.toml"),
            ("./ci/proctor.toml", "ci/proctor.toml"),
            ("ci\\proctor.toml", "ci/proctor.toml"),
            ("/builds/a/b.toml", "b.toml"),
            ("C:\\a\\b.toml", "b.toml"),
            ("../b.toml", "b.toml"),
            ("a/..", "proctor.toml"),
            ("a\n::error::b.toml", "a ::error::b.toml"),
            ("", "proctor.toml"),
        ] {
            assert_eq!(relative(file), path, "{file}");
        }
    }

    proptest! {
        #[test]
        fn fingerprints_are_unique(mut results in any_results(), twice in any::<bool>()) {
            if twice {
                results.targets.extend(results.targets.clone());
            }
            let all = fingerprints(&results);
            prop_assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len());
        }
    }
}
