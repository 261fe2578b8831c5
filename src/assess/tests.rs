use proptest::prelude::*;

use super::*;
use crate::error::{Code, Problem};
use crate::model::{Policy, Quarantine, SetAside, Standing, Verdict};
use crate::verdict::{conclude, rank};

const TODAY: &str = "2026-11-22";

fn test(suite: &str, name: &str, verdict: Verdict) -> TestCase {
    TestCase::new(suite, name, verdict)
}

fn flaky(suite: &str, name: &str) -> TestCase {
    TestCase {
        attempts: 2,
        ..test(suite, name, Verdict::Passed)
    }
}

fn report(target: &str, tests: Vec<TestCase>) -> Report {
    let is_troubled = tests.iter().any(|test| is_trouble(test.verdict));
    Report {
        target: target.to_owned(),
        provider: "keploy".to_owned(),
        verdict: match is_troubled {
            true => Verdict::Failed,
            false => Verdict::Passed,
        },
        reason: None,
        problem: is_troubled.then(|| Problem::new(Code::Failed, "some of the tests failed")),
        run: None,
        handle: None,
        tests,
        warnings: Vec::new(),
        started_at_ms: 0,
        duration_ms: 0,
        queued_ms: None,
        location: None,
        set_aside: None,
    }
}

fn rule(tests: &[&str], targets: &[&str], until: &str) -> Rule {
    let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    Rule {
        tests: owned(tests),
        targets: owned(targets),
        quarantine: Quarantine {
            reason: "ticket 17".to_owned(),
            until: until.to_owned(),
        },
    }
}

fn by_rules(rules: Vec<Rule>) -> Circumstances {
    Circumstances {
        rules,
        today: TODAY.to_owned(),
        targets: vec!["api".to_owned()],
        ..Circumstances::default()
    }
}

fn by_baseline(earlier: Vec<Report>) -> Circumstances {
    Circumstances {
        baseline: Some(earlier),
        ..by_rules(Vec::new())
    }
}

/// Whether the only test of this name is in quarantine by these rules.
fn is_quarantined(suite: &str, name: &str, patterns: &[&str]) -> bool {
    let mut reports = [report("api", vec![test(suite, name, Verdict::Failed)])];
    assess(
        &mut reports,
        &by_rules(vec![rule(patterns, &[], "2026-12-31")]),
    );
    reports[0].tests[0].quarantine.is_some()
}

#[test]
fn names_are_matched_as_a_whole() {
    let table: &[(&str, &str, &[&str], bool)] = &[
        ("checkout", "pays", &["checkout/pays"], true),
        ("checkout", "pays", &["checkout/*"], true),
        ("checkout", "pays", &["*/pays"], true),
        ("checkout", "pays", &["checkout/pay?"], true),
        ("checkout", "pays", &["other/*", "checkout/p*s"], true),
        ("a/b", "c/d", &["a/*d"], true),
        ("a", "ü [1]", &["a/? [1]"], true),
        ("", "pays", &["pays"], true),
        ("", "pays", &["*"], true),
        ("checkout", "pays", &["pays"], false),
        ("checkout", "pays", &["checkout"], false),
        ("checkout", "pays", &["Checkout/pays"], false),
        ("checkout", "pays", &["checkout/pays?"], false),
        ("", "pays", &["/pays"], false),
        ("", "pays", &["*/pays"], false),
        ("a", "[ab]", &["a/[ab]"], true),
        ("a", "b", &["a/[ab]"], false),
    ];
    for (suite, name, patterns, expected) in table {
        let is_so = is_quarantined(suite, name, patterns);
        assert_eq!(is_so, *expected, "{suite}/{name} {patterns:?}");
    }
}

#[test]
fn only_trouble_of_the_targets_that_are_meant_is_in_quarantine() {
    let tests = || {
        vec![
            test("s", "fails", Verdict::Failed),
            test("s", "passes", Verdict::Passed),
            test("s", "is skipped", Verdict::Skipped),
            flaky("s", "passes at last"),
        ]
    };
    let mut reports = [report("api", tests()), report("shop", tests())];
    let mut circumstances = by_rules(vec![rule(&["s/*"], &["api"], "2026-12-31")]);
    assess(&mut reports, &circumstances);
    let remarked = |report: &Report| -> Vec<bool> {
        let tests = report.tests.iter();
        tests.map(|test| test.quarantine.is_some()).collect()
    };
    assert_eq!(remarked(&reports[0]), [true, false, false, false]);
    assert_eq!(remarked(&reports[1]), [false; 4]);
    circumstances.flaky = true;
    assess(&mut reports, &circumstances);
    assert_eq!(remarked(&reports[0]), [true, false, false, true]);
}

#[test]
fn a_rule_holds_until_the_end_of_its_last_day() {
    for (until, holds) in [
        ("2026-11-22", true),
        ("2026-11-23", true),
        ("2027-01-01", true),
        ("2026-11-21", false),
        ("2025-12-31", false),
        ("someday", false),
        ("9999", false),
        ("", false),
    ] {
        let mut reports = [report("api", vec![test("s", "t", Verdict::Failed)])];
        let told = assess(&mut reports, &by_rules(vec![rule(&["s/t"], &[], until)]));
        assert_eq!(reports[0].tests[0].quarantine.is_some(), holds, "{until}");
        assert_eq!(told.warnings.is_empty(), holds, "{until}");
        if !holds {
            let warning = &told.warnings[0];
            for part in ["`s/t`", "ticket 17", until, "counts again", "extend it"] {
                assert!(warning.contains(part), "{warning}");
            }
        }
    }
}

#[test]
fn an_entry_that_holds_counts_beside_one_that_has_expired() {
    let mut later = rule(&["s/*"], &[], "2026-12-31");
    later.quarantine.reason = "ticket 18".to_owned();
    let mut reports = [report("api", vec![test("s", "t", Verdict::Failed)])];
    let told = assess(
        &mut reports,
        &by_rules(vec![rule(&["s/t"], &[], "2026-01-01"), later]),
    );
    let quarantine = reports[0].tests[0].quarantine.as_ref();
    assert_eq!(quarantine.map(|it| it.reason.as_str()), Some("ticket 18"));
    assert_eq!(told.warnings.len(), 1);
}

#[test]
fn a_rule_without_a_test_is_told_of_only_where_all_have_run() {
    let ended = || report("api", vec![test("s", "t", Verdict::Passed)]);
    let stale = || by_rules(vec![rule(&["s/gone", "s/t"], &[], "2026-12-31")]);
    let told = assess(&mut [ended()], &stale());
    assert_eq!(told.notes.len(), 1, "{told:?}");
    assert!(told.notes[0].contains("`s/gone`"), "{told:?}");
    let incomplete: [fn(&mut Report); 5] = [
        |report| report.problem = Some(Problem::new(Code::Unavailable, "it is away")),
        |report| report.tests.clear(),
        |report| report.verdict = Verdict::Cancelled,
        |report| report.set_aside = Some(SetAside::MissingKey),
        |report| report.target = "shop".to_owned(),
    ];
    for change in incomplete {
        let mut report = ended();
        change(&mut report);
        assert_eq!(
            assess(&mut [report.clone()], &stale()).notes,
            [""; 0],
            "{report:?}"
        );
    }
    // Of another target nothing is known, and an entry may be about it.
    let mut two = stale();
    two.targets.push("shop".to_owned());
    assert_eq!(assess(&mut [ended()], &two).notes, [""; 0]);
    two.rules[0].targets = vec!["api".to_owned()];
    assert_eq!(assess(&mut [ended()], &two).notes.len(), 1);
    let expired = by_rules(vec![rule(&["s/gone"], &[], "2026-01-01")]);
    assert_eq!(assess(&mut [ended()], &expired).notes, [""; 0]);
}

fn standing(earlier: Vec<Report>, now: TestCase) -> Option<Standing> {
    let mut reports = [report("api", vec![now])];
    assess(&mut reports, &by_baseline(earlier));
    reports[0].tests[0].standing
}

#[test]
fn known_is_what_went_wrong_before() {
    use Verdict::{Cancelled, Errored, Failed, Passed, Skipped, TimedOut, Unknown};
    let table = [
        (Failed, Failed, Some(Standing::Known)),
        (Errored, Failed, Some(Standing::Known)),
        (Failed, Errored, Some(Standing::Known)),
        (Passed, Failed, Some(Standing::New)),
        (Skipped, Failed, Some(Standing::New)),
        // What was not known then is not known now.
        (Cancelled, Failed, Some(Standing::New)),
        (Unknown, Failed, Some(Standing::New)),
        (TimedOut, Failed, Some(Standing::New)),
        (Cancelled, Cancelled, Some(Standing::New)),
        (Unknown, Unknown, Some(Standing::New)),
        (Failed, Cancelled, Some(Standing::New)),
        (Failed, Passed, None),
        (Failed, Skipped, None),
    ];
    for (then, now, expected) in table {
        let earlier = vec![report("api", vec![test("s", "t", then)])];
        let found = standing(earlier, test("s", "t", now));
        assert_eq!(found, expected, "{then} then, {now} now");
    }
    let failed = || test("s", "t", Verdict::Failed);
    for earlier in [
        Vec::new(),
        vec![report("shop", vec![failed()])],
        vec![report("api", vec![test("s", "u", Verdict::Failed)])],
        vec![report("api", vec![test("u", "t", Verdict::Failed)])],
        vec![report("api", vec![test("", "t", Verdict::Failed)])],
    ] {
        assert_eq!(standing(earlier, failed()), Some(Standing::New));
    }
    let mut quarantined = failed();
    quarantined.quarantine = Some(rule(&[], &[], "2026-11-01").quarantine);
    let earlier = vec![report("api", vec![quarantined])];
    assert_eq!(standing(earlier, failed()), Some(Standing::Known));
}

#[test]
fn tests_with_one_name_are_known_only_all_together() {
    let of = |verdicts: &[Verdict]| {
        let tests = verdicts.iter().map(|verdict| test("s", "t", *verdict));
        vec![report("api", tests.collect())]
    };
    let is_known = |then: &[Verdict], now: &[Verdict]| {
        let mut reports = of(now);
        assess(&mut reports, &by_baseline(of(then)));
        let troubled = reports[0].tests.iter().filter_map(|test| test.standing);
        let standings: Vec<Standing> = troubled.collect();
        assert!(standings.windows(2).all(|pair| pair[0] == pair[1]));
        standings[0] == Standing::Known
    };
    let (failed, passed) = (Verdict::Failed, Verdict::Passed);
    assert!(is_known(&[failed, failed], &[failed, failed]));
    assert!(is_known(&[failed, failed], &[failed, passed]));
    assert!(!is_known(&[failed, passed], &[failed, passed]));
    assert!(!is_known(&[failed], &[failed, failed]));
}

#[test]
fn flaky_tests_have_a_standing_only_where_they_count() {
    let of = |earlier: TestCase, counts: bool| {
        let mut reports = [report("api", vec![flaky("s", "t")])];
        let circumstances = Circumstances {
            flaky: counts,
            ..by_baseline(vec![report("api", vec![earlier])])
        };
        assess(&mut reports, &circumstances);
        reports[0].tests[0].standing
    };
    assert_eq!(of(flaky("s", "t"), false), None);
    assert_eq!(of(flaky("s", "t"), true), Some(Standing::Known));
    let failed = test("s", "t", Verdict::Failed);
    assert_eq!(of(failed, true), Some(Standing::Known));
    let passed = test("s", "t", Verdict::Passed);
    assert_eq!(of(passed, true), Some(Standing::New));
}

#[test]
fn what_was_remarked_before_stays_as_long_as_it_lasts() {
    let remarked = |until: &str| {
        let mut failed = test("s", "t", Verdict::Failed);
        failed.standing = Some(Standing::Known);
        failed.quarantine = Some(rule(&[], &[], until).quarantine);
        let mut reports = [report("api", vec![failed])];
        assess(&mut reports, &by_rules(Vec::new()));
        let [report] = reports;
        (
            report.tests[0].quarantine.is_some(),
            report.tests[0].standing,
        )
    };
    assert_eq!(remarked("2026-11-22"), (true, Some(Standing::Known)));
    assert_eq!(remarked("2026-11-21"), (false, Some(Standing::Known)));
}

fn any_report(target: &'static str) -> impl Strategy<Value = Report> {
    let verdict = prop::sample::select(Verdict::ALL.to_vec());
    let one = ("[ab]", "[ab]", verdict, 1u32..3);
    prop::collection::vec(one, 0..6).prop_map(move |tests| {
        let tests = tests
            .into_iter()
            .map(|(suite, name, verdict, attempts)| TestCase {
                attempts,
                ..test(&suite, &name, verdict)
            });
        let tests: Vec<TestCase> = tests.collect();
        let verdict = crate::verdict::worst(tests.iter().map(|test| test.verdict));
        Report {
            verdict,
            problem: None,
            ..report(target, tests)
        }
    })
}

proptest! {
    #[test]
    fn against_itself_no_failure_is_new(now in any_report("api"), flaky in any::<bool>()) {
        let mut reports = [now.clone()];
        assess(&mut reports, &Circumstances { flaky, ..by_baseline(vec![now]) });
        for test in &reports[0].tests {
            prop_assert_eq!(test.standing.is_some(), is_troubled(test, flaky));
        }
        let tests = &reports[0].tests;
        for test in tests.iter().filter(|test| test.verdict == Verdict::Failed) {
            let mut same = tests.iter().filter(|other| other.suite == test.suite && other.name == test.name);
            let all_failed = same.all(|other| matches!(other.verdict, Verdict::Failed | Verdict::Errored));
            prop_assert_eq!(test.standing == Some(Standing::Known), all_failed);
        }
    }

    #[test]
    fn more_rules_never_make_the_code_graver(now in any_report("api"), patterns in prop::collection::vec("[ab*?]/[ab*?]", 0..3)) {
        let fail_on = Verdict::ALL.to_vec();
        let policy = Policy { fail_on, allow_empty: false, exit_zero: false, flaky: true, new_only: false, signal: None };
        let code = |patterns: &[String]| {
            let patterns: Vec<&str> = patterns.iter().map(String::as_str).collect();
            let mut reports = [now.clone()];
            let rules = patterns.iter().map(|pattern| rule(&[pattern], &[], "2026-12-31"));
            assess(&mut reports, &Circumstances { flaky: true, ..by_rules(rules.collect()) });
            conclude(&reports, &policy).exit_code
        };
        let codes: Vec<u8> = (0..=patterns.len()).map(|count| code(&patterns[..count])).collect();
        prop_assert!(codes.windows(2).all(|pair| rank(pair[1]) >= rank(pair[0])), "{codes:?}");
    }
}
