use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::error::Problem;
use crate::model::{Handle, Run, Value};
use crate::services::{case::SUITE_AS_A_WHOLE, part::texts, problem_of};
use crate::verdict::worst;

fn report(tests: Vec<TestCase>) -> Report {
    let verdict = worst(tests.iter().map(|test| test.verdict));
    Report {
        target: "api".to_owned(),
        provider: "keploy".to_owned(),
        verdict,
        reason: None,
        problem: problem_of(verdict, None, &tests),
        run: None,
        handle: None,
        tests,
        warnings: Vec::new(),
        started_at_ms: 1_000,
        duration_ms: 500,
        queued_ms: Some(7),
        location: None,
        set_aside: None,
    }
}

fn case(suite: &str, name: &str, verdict: Verdict) -> TestCase {
    TestCase::new(suite, name, verdict)
}

fn outcome(report: Report) -> Outcome {
    Outcome {
        report,
        pieces: Vec::new(),
    }
}

fn joined(first: Vec<TestCase>, again: Vec<TestCase>) -> Report {
    let joined = join(outcome(report(first)), report(again), &[]);
    assert!(joined.complete);
    joined.outcome.report
}

use Verdict::{Errored, Failed, Passed, Skipped};

#[test]
fn what_passes_later_is_flaky() {
    let first = vec![
        case("a", "one", Passed),
        case("b", "two", Failed).because("no"),
        case("b", "three", Skipped),
    ];
    let again = vec![case("b", "two", Passed), case("b", "three", Passed)];
    let whole = joined(first, again);
    assert_eq!((whole.verdict, &whole.problem), (Passed, &None));
    let [one, two, three] = whole.tests.as_slice() else {
        panic!("{:?}", whole.tests)
    };
    assert!(!one.is_flaky() && two.is_flaky());
    assert_eq!(two.attempts, 2);
    assert_eq!(two.earlier, [case("b", "two", Failed).because("no")]);
    assert_eq!(*three, case("b", "three", Passed), "it was not run before");
}

#[test]
fn what_passed_both_times_is_told_once() {
    let whole = joined(
        vec![case("b", "one", Passed), case("b", "two", Failed)],
        vec![case("b", "one", Passed), case("b", "two", Passed)],
    );
    assert_eq!(whole.tests[0], case("b", "one", Passed));
}

#[test]
fn what_failed_later_has_failed() {
    let whole = joined(
        vec![case("b", "one", Passed), case("b", "two", Failed)],
        vec![case("b", "one", Failed), case("b", "two", Passed)],
    );
    assert_eq!(whole.verdict, Failed);
    assert_eq!(
        whole.problem.expect("a problem").message,
        "1 of 2 tests failed"
    );
    let one = &whole.tests[0];
    assert_eq!((one.verdict, one.attempts), (Failed, 2));
    assert_eq!(one.earlier, [case("b", "one", Passed)]);
}

#[test]
fn attempts_add_up_round_by_round() {
    let first = TestCase {
        attempts: 2,
        ..case("b", "two", Failed)
    };
    let once = joined(
        vec![first.clone()],
        vec![case("b", "two", Failed).because("second")],
    );
    let twice = join(outcome(once), report(vec![case("b", "two", Passed)]), &[]);
    let test = &twice.outcome.report.tests[0];
    assert_eq!(test.attempts, 4);
    assert_eq!(
        test.earlier,
        [first, case("b", "two", Failed).because("second")]
    );
    assert!(test.is_flaky());
}

#[test]
fn a_test_that_is_missing_or_skipped_later_still_counts() {
    for again in [
        vec![case("b", "other", Passed)],
        vec![case("b", "two", Skipped), case("b", "other", Passed)],
    ] {
        let whole = joined(
            vec![case("a", "one", Passed), case("b", "two", Failed)],
            again,
        );
        assert_eq!(whole.verdict, Failed);
        assert_eq!(whole.tests[1], case("b", "two", Failed));
        assert_eq!(whole.tests[2], case("b", "other", Passed));
    }
    let whole = joined(
        vec![case("b", "two", Failed)],
        vec![case("b", "other", Passed)],
    );
    assert_eq!(
        whole.warnings,
        ["a test that had failed is not among what was run again, so it counts as failed"]
    );
}

#[test]
fn what_stands_for_a_suite_passes_with_the_suite() {
    let first = || {
        vec![
            case("b", "step", Passed),
            case("b", SUITE_AS_A_WHOLE, Failed),
            case("c", "last", Passed),
        ]
    };
    let whole = joined(first(), vec![case("b", "step", Passed)]);
    assert_eq!(whole.verdict, Passed);
    assert!(whole.tests[1].is_flaky());
    // Not by another suite, nor by one that fails in another way.
    let whole = joined(first(), vec![case("c", "last", Passed)]);
    assert_eq!(whole.verdict, Failed);
    let whole = joined(first(), vec![case("b", "step", Failed)]);
    assert_eq!(whole.tests[1], case("b", SUITE_AS_A_WHOLE, Failed));
}

#[test]
fn of_several_of_one_name_each_has_its_own() {
    let whole = joined(
        vec![case("b", "step", Failed), case("b", "step", Failed)],
        vec![case("b", "step", Passed), case("b", "step", Failed)],
    );
    let verdicts: Vec<Verdict> = whole.tests.iter().map(|test| test.verdict).collect();
    assert_eq!(verdicts, [Passed, Failed]);
    let whole = joined(
        vec![case("b", "step", Failed), case("b", "step", Failed)],
        vec![case("b", "step", Passed)],
    );
    assert_eq!(whole.verdict, Failed);
}

#[test]
fn a_pass_that_may_be_of_another_test_of_the_name_counts_for_none_that_has_failed() {
    for (first, again, expected) in [
        (
            vec![Failed, Passed],
            vec![Passed],
            [Failed, Passed].as_slice(),
        ),
        (
            vec![Failed, Passed],
            vec![Skipped, Passed],
            &[Failed, Passed],
        ),
        (
            vec![Failed, Failed, Passed],
            vec![Passed, Passed],
            &[Passed, Failed, Passed],
        ),
        (
            vec![Failed, Skipped, Passed],
            vec![Passed, Passed],
            &[Failed, Passed, Passed],
        ),
        (
            vec![Failed, Skipped],
            vec![Passed, Skipped],
            &[Passed, Skipped],
        ),
    ] {
        let steps = |verdicts: &[Verdict]| {
            let steps = verdicts.iter().map(|&verdict| case("b", "step", verdict));
            steps.collect::<Vec<_>>()
        };
        let whole = joined(steps(&first), steps(&again));
        let verdicts: Vec<Verdict> = whole.tests.iter().map(|test| test.verdict).collect();
        assert_eq!(verdicts, expected, "{first:?} {again:?}");
        assert_eq!(whole.verdict, worst(verdicts));
    }
}

#[test]
fn new_tests_are_behind_those_of_their_suite() {
    let whole = joined(
        vec![case("a", "1", Failed), case("b", "1", Passed)],
        vec![
            case("a", "1", Passed),
            case("a", "2", Failed),
            case("z", "1", Passed),
        ],
    );
    let names: Vec<String> = whole
        .tests
        .iter()
        .map(|test| format!("{} {}", test.suite, test.name))
        .collect();
    assert_eq!(names, ["a 1", "a 2", "b 1", "z 1"]);
    assert_eq!(whole.verdict, Failed);
}

#[test]
fn times_go_from_the_first_to_the_last() {
    let run = |id: &str| {
        Some(Run {
            id: id.to_owned(),
            url: None,
        })
    };
    let first = Report {
        run: run("1"),
        ..report(vec![case("b", "two", Failed)])
    };
    let again = Report {
        run: run("2"),
        started_at_ms: 2_000,
        duration_ms: 250,
        ..report(vec![case("b", "two", Passed)])
    };
    let whole = join(outcome(first), again, &[]).outcome.report;
    assert_eq!((whole.started_at_ms, whole.duration_ms), (1_000, 1_250));
    assert_eq!((whole.queued_ms, whole.run), (Some(7), run("2")));
}

/// Every way in which a later run comes to nothing.
fn incomplete() -> Vec<Report> {
    let passed = || report(vec![case("b", "two", Passed)]);
    let handle = Handle {
        provider: "keploy".to_owned(),
        triggers: Vec::new(),
    };
    let with = |verdict, code| Report {
        verdict,
        problem: Some(Problem::new(code, "it went wrong")),
        ..passed()
    };
    vec![
        report(Vec::new()),
        report(vec![case("b", "two", Errored)]),
        report(vec![
            case("b", "two", Passed),
            case("b", "one", Verdict::Unknown),
        ]),
        with(Verdict::TimedOut, Code::TimedOut),
        with(Verdict::Cancelled, Code::ServiceErrored),
        with(Errored, Code::Quota),
        with(Passed, Code::Unavailable),
        Report {
            verdict: Passed,
            ..report(vec![case("b", "two", Failed)])
        },
        Report {
            verdict: Failed,
            ..passed()
        },
        Report {
            handle: Some(handle),
            ..passed()
        },
    ]
}

#[test]
fn a_later_run_that_comes_to_nothing_changes_nothing() {
    let first = report(vec![case("a", "one", Passed), case("b", "two", Failed)]);
    for again in incomplete() {
        let handle = again.handle.clone();
        let joined = join(outcome(first.clone()), again, &[]);
        assert!(!joined.complete);
        let whole = joined.outcome.report;
        assert_eq!((whole.verdict, &whole.problem), (Failed, &first.problem));
        assert_eq!(whole.tests, first.tests);
        assert_eq!(whole.handle, handle, "what goes on can be picked up");
        assert_eq!(whole.warnings.len(), 1, "{:?}", whole.warnings);
        assert!(
            whole.warnings[0].starts_with("what failed was run again, which came to no result: ")
        );
    }
}

fn piece(subject: &str, title: &str) -> Piece {
    Piece {
        subject: subject.to_owned(),
        title: title.to_owned(),
    }
}

#[test]
fn a_thing_keeps_the_name_that_it_had() {
    let first = Outcome {
        report: report(vec![
            case("Form (1)", "step", Passed),
            case("Form (2) (eu)", "step", Failed),
        ]),
        pieces: vec![piece("1", "Form (1)"), piece("2", "Form (2)")],
    };
    let again = report(vec![case("Form (eu)", "step", Passed)]);
    let whole = join(first, again, &[piece("2", "Form")]).outcome.report;
    assert_eq!(whole.verdict, Passed);
    assert_eq!(whole.tests.len(), 2);
    assert!(whole.tests[1].is_flaky());
    assert_eq!(whole.tests[1].suite, "Form (2) (eu)");
}

fn target(provider: &str, settings: Vec<Setting>) -> Target {
    Target {
        name: "it".to_owned(),
        provider: provider.to_owned(),
        api_url: "https://api.example.com".to_owned(),
        settings,
        overrides: Vec::new(),
        timeout: Duration::from_secs(60),
        location: None,
    }
}

fn one(name: &str, value: &str) -> Setting {
    Setting {
        name: name.to_owned(),
        value: Value::Text(value.to_owned()),
    }
}

fn many(name: &str, values: &[&str]) -> Setting {
    texts(name, values.iter().map(|&value| value.to_owned()).collect())
}

/// What is left of a target of which these suites have failed.
fn narrowed(
    target: &Target,
    pieces: &[(&str, &str)],
    failed: &[&str],
) -> Result<Vec<Setting>, String> {
    let mut tests = vec![case("of the others", "step", Passed)];
    tests.extend(failed.iter().map(|suite| case(suite, "step", Failed)));
    let outcome = Outcome {
        report: report(tests),
        pieces: pieces
            .iter()
            .map(|(subject, title)| piece(subject, title))
            .collect(),
    };
    let part = narrow(target, &outcome, &[])?.expect("something has failed");
    assert_eq!((part.failed, part.tests), (failed.len(), failed.len() + 1));
    Ok(part.settings)
}

#[test]
fn suites_are_named_at_keploy() {
    let rest = [one("app", "shop"), one("base_url", "https://x.example")];
    let pieces = [("shop", "shop")];
    for own in [None, Some(many("suites", &["a", "b", "c"]))] {
        let whole = target("keploy", rest.iter().cloned().chain(own).collect());
        let part = narrowed(&whole, &pieces, &["b", "c", "b"]).expect("a part");
        assert_eq!(part[..2], rest);
        assert_eq!(part[2..], [many("suites", &["b", "c"])]);
    }
    let whole = target("keploy", rest.to_vec());
    let nameless = narrowed(&whole, &pieces, &["b", "suite without a name"]);
    assert!(nameless.is_err(), "{nameless:?}");
}

#[test]
fn flows_are_named_at_checkview_by_their_ids() {
    let pieces = [("f1", "Form (f1)"), ("f2", "Form (f2)"), ("f3", "Checkout")];
    for own in [one("website", "shop"), many("flow", &["Form", "Checkout"])] {
        let whole = target("checkview", vec![own]);
        let part = narrowed(&whole, &pieces, &["Checkout", "Form (f2)"]);
        assert_eq!(part, Ok(vec![many("flow", &["f2", "f3"])]));
    }
    let unknown = narrowed(&target("checkview", Vec::new()), &[], &["Checkout"]);
    let told = "nothing tells what \"Checkout\" is at the service";
    assert_eq!(unknown, Err(told.to_owned()));
}

#[test]
fn tests_are_named_at_testclix_by_id_and_name() {
    let pieces = [("1&a", "Home"), ("1&b", "Search")];
    let failing = Setting {
        name: "failing".to_owned(),
        value: Value::Boolean(true),
    };
    let named = vec![
        many("test", &["1&a", "1&b"]),
        many("names", &["Home", "Search"]),
    ];
    for own in [vec![failing], named] {
        let whole = target(
            "testclix",
            own.into_iter()
                .chain([one("acknowledged", "pass")])
                .collect(),
        );
        let part = narrowed(&whole, &pieces, &["Search"]).expect("a part");
        let expected = [
            one("acknowledged", "pass"),
            many("test", &["1&b"]),
            many("names", &["Search"]),
        ];
        assert_eq!(part, expected);
        let part = Target {
            settings: part,
            ..whole
        };
        assert_eq!(crate::services::validate(&part), []);
    }
}

#[test]
fn things_are_named_at_izli_each_by_its_kind() {
    let pieces = [
        ("journeys/1", "Basket"),
        ("api-monitors/1", "Basket (api_monitor 1)"),
        ("monitors/7", "Home"),
        ("monitors/8", "Home (eu)"),
    ];
    let whole = target(
        "izli",
        vec![
            many("journey", &["Basket"]),
            many("api_monitor", &["Basket"]),
            many("monitor", &["7", "8"]),
            one("locations", "all"),
        ],
    );
    let part = |failed: &[&str]| narrowed(&whole, &pieces, failed).expect("a part");
    let rest = one("locations", "all");
    assert_eq!(part(&["Basket"]), [rest.clone(), many("journey", &["1"])]);
    let both = [
        rest.clone(),
        many("api_monitor", &["1"]),
        many("monitor", &["7"]),
    ];
    assert_eq!(part(&["Basket (api_monitor 1)", "Home (us)"]), both);
    // Of one location of one thing, or of another thing: the whole title counts.
    assert_eq!(part(&["Home (eu)"]), [rest, many("monitor", &["8"])]);
}

#[test]
fn who_has_no_parts_says_so() {
    for provider in ["keploy", "checkview", "testclix", "izli"] {
        assert_eq!(can(&target(provider, Vec::new())), Ok(()), "{provider}");
    }
    for provider in ["testmo", "http", "nobody"] {
        assert!(can(&target(provider, Vec::new())).is_err(), "{provider}");
    }
    for (setting, why) in [
        ("load_test.url", "a load test is run as a whole"),
        ("load_test.virtual_users", "a load test is run as a whole"),
        ("test_report", "a test report is only read"),
    ] {
        let whole = target("keploy", vec![one(setting, "x")]);
        assert_eq!(can(&whole), Err(why.to_owned()), "{setting}");
    }
}

#[test]
fn how_much_is_covered_is_not_run_again() {
    let least = Setting {
        name: "min_schema_coverage".to_owned(),
        value: Value::Integer(80),
    };
    let whole = target("keploy", vec![one("app", "shop"), least]);
    let gate = |verdict| case("schema coverage", ">= 80 %", verdict);
    let first = |verdict| report(vec![case("b", "two", Failed), gate(verdict)]);
    for verdict in [Passed, Failed] {
        let part = narrow(&whole, &outcome(first(verdict)), &[])
            .expect("a name")
            .expect("a part");
        assert_eq!((part.failed, part.tests), (1, 2));
        assert_eq!(part.names, ["b"]);
        assert_eq!(part.settings, [one("app", "shop"), many("suites", &["b"])]);
        // And stays as it was.
        let again = report(vec![case("b", "two", Passed)]);
        let whole = join(outcome(first(verdict)), again, &[]).outcome.report;
        assert_eq!((whole.verdict, &whole.tests[1]), (verdict, &gate(verdict)));
    }
    let alone = report(vec![case("b", "two", Passed), gate(Failed)]);
    assert_eq!(narrow(&whole, &outcome(alone), &[]), Ok(None));
    // A suite of that name is a suite.
    let suite = report(vec![case("schema coverage", "two", Failed)]);
    assert!(matches!(narrow(&whole, &outcome(suite), &[]), Ok(Some(_))));
}

#[test]
fn what_does_not_count_is_no_reason() {
    let whole = target("keploy", vec![one("app", "shop")]);
    let failed = || {
        outcome(report(vec![
            case("a", "one", Failed),
            case("b", "two", Failed),
            case("b", "three", Failed),
        ]))
    };
    let names = |excused: &[usize]| {
        let part = narrow(&whole, &failed(), excused).expect("a name");
        part.map(|part| (part.names, part.failed))
    };
    let named = |names: &[&str], failed: usize| {
        let names = names.iter().map(|name| (*name).to_owned());
        Some((names.collect::<Vec<_>>(), failed))
    };
    assert_eq!(names(&[]), named(&["a", "b"], 3));
    assert_eq!(names(&[0]), named(&["b"], 2));
    assert_eq!(names(&[1]), named(&["a", "b"], 2));
    assert_eq!(names(&[2, 1]), named(&["a"], 1));
    assert_eq!(names(&[0, 1, 2]), None);
    assert_eq!(names(&[7]), named(&["a", "b"], 3));
}

#[test]
fn only_failed_tests_are_a_reason() {
    let whole = target("keploy", vec![one("app", "shop")]);
    let failed = || report(vec![case("a", "one", Passed), case("b", "two", Failed)]);
    let is_reason = |report: Report| {
        narrow(&whole, &outcome(report), &[])
            .expect("a name")
            .is_some()
    };
    assert!(is_reason(failed()));
    assert!(!is_reason(report(vec![case("a", "one", Passed)])));
    assert!(!is_reason(Report {
        tests: Vec::new(),
        ..failed()
    }));
    assert!(!is_reason(Report {
        verdict: Errored,
        ..failed()
    }));
    for other in [
        Errored,
        Verdict::TimedOut,
        Verdict::Unknown,
        Verdict::Cancelled,
    ] {
        let tests = vec![case("b", "two", Failed), case("c", "three", other)];
        assert!(
            !is_reason(Report {
                verdict: Failed,
                ..report(tests)
            }),
            "{other}"
        );
    }
    let problem = Some(Problem::new(Code::Interrupted, "a signal came"));
    assert!(!is_reason(Report {
        problem,
        ..failed()
    }));
    let handle = Handle {
        provider: "keploy".to_owned(),
        triggers: Vec::new(),
    };
    assert!(!is_reason(Report {
        handle: Some(handle),
        ..failed()
    }));
}

fn tests_of(verdicts: &'static [Verdict]) -> impl Strategy<Value = Vec<TestCase>> {
    let one = ("[ab]", "[xyz]", proptest::sample::select(verdicts));
    let one = one.prop_map(|(suite, name, verdict)| case(&suite, &name, verdict));
    proptest::collection::vec(one, 1..8)
}

/// How often a test of this name has this verdict.
fn count(tests: &[TestCase], like: &TestCase, verdict: Verdict) -> usize {
    let same = |test: &&TestCase| test.suite == like.suite && test.name == like.name;
    tests
        .iter()
        .filter(same)
        .filter(|test| test.verdict == verdict)
        .count()
}

proptest! {
    #[test]
    fn a_pass_needs_a_later_pass_of_each_failed_test(
        first in tests_of(&[Passed, Failed, Skipped]),
        again in tests_of(&[Passed, Failed, Skipped, Errored, Verdict::Unknown]),
    ) {
        prop_assume!(first.iter().any(is_failed));
        let before = outcome(report(first.clone()));
        let joined = join(before, report(again.clone()), &[]);
        let whole = joined.outcome.report;
        if whole.verdict == Passed {
            prop_assert!(joined.complete && again.iter().all(|test| !is_trouble(test.verdict)));
            for test in first.iter().filter(|test| is_failed(test)) {
                // Any pass may be that of a test of the same name that has passed before.
                let needed = count(&first, test, Failed) + count(&first, test, Passed);
                prop_assert!(count(&again, test, Passed) >= needed);
            }
        }
        prop_assert_eq!(whole.verdict, worst(whole.tests.iter().map(|test| test.verdict)));
        prop_assert_eq!(whole.problem.is_none(), whole.verdict == Passed);
    }

    #[test]
    fn nothing_is_lost_and_the_order_stays(
        first in tests_of(&[Passed, Failed, Skipped]),
        again in tests_of(&[Passed, Failed, Skipped]),
    ) {
        let key = |test: &TestCase| (test.suite.clone(), test.name.clone());
        let whole = join(outcome(report(first.clone())), report(again.clone()), &[]).outcome.report;
        prop_assert!(whole.tests.len() >= first.len());
        prop_assert!(whole.tests.len() <= first.len() + again.len());
        let mut rest = whole.tests.iter();
        for test in &first {
            prop_assert!(rest.any(|other| key(other) == key(test)));
        }
        for test in &whole.tests {
            let before: u32 = test.earlier.iter().map(|test| test.attempts).sum();
            prop_assert_eq!(test.attempts, before + 1);
            let failed_before = test.earlier.iter().any(is_failed);
            prop_assert_eq!(test.is_flaky(), failed_before && test.verdict == Passed);
        }
    }
}
