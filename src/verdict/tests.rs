use proptest::prelude::*;

use super::*;
use crate::error::Problem;

const DEFAULT_FAIL_ON: [Verdict; 5] = [
    Verdict::Failed,
    Verdict::Errored,
    Verdict::Cancelled,
    Verdict::TimedOut,
    Verdict::Unknown,
];

fn policy() -> Policy {
    Policy {
        fail_on: DEFAULT_FAIL_ON.to_vec(),
        allow_empty: false,
        exit_zero: false,
        flaky: false,
        new_only: false,
        signal: None,
    }
}

fn report(verdict: Verdict, code: Option<Code>, tests: &[Verdict]) -> Report {
    Report {
        target: "api".to_owned(),
        provider: "keploy".to_owned(),
        verdict,
        reason: None,
        problem: code.map(|code| Problem::new(code, "it went wrong")),
        run: None,
        handle: None,
        tests: tests
            .iter()
            .map(|verdict| TestCase::new("suite", "test", *verdict))
            .collect(),
        warnings: Vec::new(),
        started_at_ms: 0,
        duration_ms: 0,
        queued_ms: None,
        location: None,
        set_aside: None,
    }
}

fn code_of_one(report: Report, policy: &Policy) -> u8 {
    let conclusion = conclude(&[report], policy);
    assert_eq!(conclusion.exit_codes, [conclusion.exit_code]);
    conclusion.exit_code
}

#[test]
fn one_target_is_judged_as_the_table_says() {
    use Verdict::{Cancelled, Errored, Failed, Passed, Skipped, TimedOut, Unknown};
    let table: &[(Verdict, Option<Code>, &[Verdict], u8)] = &[
        (Passed, None, &[Passed], 0),
        (Passed, None, &[Passed, Skipped], 0),
        (Failed, Some(Code::Failed), &[Passed, Failed], 1),
        (Failed, None, &[], 1),
        (Errored, Some(Code::ServiceErrored), &[Failed, Errored], 3),
        (Errored, None, &[Passed], 3),
        (Unknown, None, &[Passed], 3),
        (Cancelled, Some(Code::ServiceErrored), &[], 3),
        (TimedOut, Some(Code::TimedOut), &[Failed], 4),
        (TimedOut, None, &[Errored], 3),
        (Errored, Some(Code::Usage), &[], 2),
        (Errored, Some(Code::Authentication), &[], 5),
        (Errored, Some(Code::Quota), &[], 6),
        (Errored, Some(Code::Unavailable), &[Failed], 7),
        (Errored, Some(Code::Protocol), &[], 8),
        (Errored, Some(Code::Internal), &[], 70),
        (Skipped, Some(Code::NoTests), &[], 9),
        (Errored, Some(Code::NoTests), &[], 9),
        // What contradicts itself never passes.
        (Passed, None, &[], 9),
        (Passed, None, &[Skipped], 9),
        (Skipped, None, &[Skipped], 9),
        (Passed, None, &[Passed, Failed], 1),
        (Passed, None, &[Passed, Unknown], 3),
        (Passed, Some(Code::ServiceErrored), &[Passed], 3),
        (Passed, Some(Code::TimedOut), &[Passed], 4),
        (Passed, Some(Code::Failed), &[Passed], 1),
        (Passed, Some(Code::Internal), &[Passed], 70),
    ];
    for (verdict, code, tests, expected) in table {
        let exit = code_of_one(report(*verdict, *code, tests), &policy());
        assert_eq!(exit, *expected, "{verdict} {code:?} {tests:?}");
    }
}

#[test]
fn fail_on_chooses_which_verdicts_count_but_not_which_problems() {
    let only = |verdicts: &[Verdict]| Policy {
        fail_on: verdicts.to_vec(),
        ..policy()
    };
    let failed = || {
        report(
            Verdict::Failed,
            Some(Code::Failed),
            &[Verdict::Failed, Verdict::Passed],
        )
    };
    assert_eq!(code_of_one(failed(), &only(&[Verdict::Errored])), 0);
    assert_eq!(code_of_one(failed(), &only(&[Verdict::Failed])), 1);
    let skipped = || report(Verdict::Passed, None, &[Verdict::Passed, Verdict::Skipped]);
    assert_eq!(code_of_one(skipped(), &only(&[Verdict::Skipped])), 1);
    // `passed` in the list cannot turn a pass into a failure.
    assert_eq!(code_of_one(skipped(), &only(&[Verdict::Passed])), 0);
    for code in [
        Code::Usage,
        Code::Authentication,
        Code::Quota,
        Code::Unavailable,
        Code::Protocol,
        Code::Internal,
    ] {
        let exit = code_of_one(report(Verdict::Errored, Some(code), &[]), &only(&[]));
        assert_eq!(exit, code.exit_code());
    }
}

#[test]
fn an_empty_run_is_all_right_only_if_allowed() {
    let allowed = Policy {
        allow_empty: true,
        ..policy()
    };
    for code in [None, Some(Code::NoTests)] {
        assert_eq!(
            code_of_one(report(Verdict::Skipped, code, &[]), &allowed),
            0
        );
        assert_eq!(
            code_of_one(report(Verdict::Skipped, code, &[]), &policy()),
            9
        );
    }
    assert_eq!(
        code_of_one(
            report(Verdict::Skipped, Some(Code::NoTests), &[Verdict::Failed]),
            &allowed
        ),
        1
    );
    assert_eq!(conclude(&[], &allowed).exit_code, 0);
    let nothing = conclude(&[], &policy());
    assert_eq!((nothing.exit_code, nothing.verdict), (9, Verdict::Skipped));
}

#[test]
fn a_signal_gives_its_own_code() {
    for (signal, expected) in [
        (Some(1), 129),
        (Some(2), 130),
        (Some(15), 143),
        (None, 130),
        (Some(200), 130),
    ] {
        let policy = Policy { signal, ..policy() };
        let interrupted = report(Verdict::Cancelled, Some(Code::Interrupted), &[]);
        assert_eq!(code_of_one(interrupted, &policy), expected);
    }
    // A signal that came too late to stop anything changes nothing.
    let late = Policy {
        flaky: false,
        new_only: false,
        signal: Some(15),
        exit_zero: true,
        ..policy()
    };
    assert_eq!(
        code_of_one(report(Verdict::Passed, None, &[Verdict::Passed]), &late),
        0
    );
    assert_eq!(conclude(&[], &late).exit_code, 143);
}

#[test]
fn exit_zero_hides_results_but_not_mistakes() {
    let soft = Policy {
        exit_zero: true,
        signal: Some(15),
        ..policy()
    };
    for code in Code::ALL {
        let exit = code_of_one(report(Verdict::Errored, Some(code), &[]), &soft);
        let expected = match code {
            Code::Usage => 2,
            Code::Internal => 70,
            Code::Interrupted => 143,
            _ => 0,
        };
        assert_eq!(exit, expected, "{code:?}");
    }
    let conclusion = conclude(
        &[report(
            Verdict::Failed,
            Some(Code::Failed),
            &[Verdict::Failed],
        )],
        &soft,
    );
    assert_eq!(
        conclusion.verdict,
        Verdict::Failed,
        "the verdict is not hidden"
    );
}

#[test]
fn the_most_serious_target_decides() {
    let passed = || report(Verdict::Passed, None, &[Verdict::Passed]);
    let mut codes = Code::ALL.to_vec();
    codes.sort_by_key(|code| rank(code.exit_code()));
    for pair in codes.windows(2) {
        let targets = [
            report(Verdict::Failed, Some(pair[1]), &[]),
            passed(),
            report(Verdict::Errored, Some(pair[0]), &[]),
        ];
        let conclusion = conclude(&targets, &policy());
        assert_eq!(conclusion.exit_code, conclusion.exit_codes[2], "{pair:?}");
        assert_eq!(conclusion.verdict, Verdict::Errored);
    }
    let both = conclude(
        &[passed(), report(Verdict::Skipped, Some(Code::NoTests), &[])],
        &policy(),
    );
    assert_eq!((both.verdict, both.exit_code), (Verdict::Skipped, 9));
}

#[test]
fn worst_of_tests_follows_its_order() {
    assert_eq!(worst([]), Verdict::Skipped);
    assert_eq!(
        worst([Verdict::Skipped, Verdict::Skipped]),
        Verdict::Skipped
    );
    for pair in SERIOUS_FIRST.windows(2) {
        assert_eq!(worst([pair[1], pair[0], pair[1]]), pair[0]);
    }
}

#[test]
fn every_exit_code_has_a_meaning() {
    for exit_code in PRECEDENCE {
        let conclusion = Conclusion {
            verdict: Verdict::Failed,
            exit_code,
            exit_codes: Vec::new(),
        };
        assert_eq!(meaning(&conclusion).contains("defect"), exit_code == 70);
    }
}

fn any_verdict() -> impl Strategy<Value = Verdict> {
    prop::sample::select(Verdict::ALL.to_vec())
}

fn any_report() -> impl Strategy<Value = Report> {
    let code = prop::option::of(prop::sample::select(Code::ALL.to_vec()));
    let tests = prop::collection::vec(any_verdict(), 0..4);
    (any_verdict(), code, tests).prop_map(|(verdict, code, tests)| report(verdict, code, &tests))
}

fn any_policy() -> impl Strategy<Value = Policy> {
    let fail_on = prop::sample::subsequence(Verdict::ALL.to_vec(), 0..=Verdict::ALL.len());
    (fail_on, any::<bool>(), any::<bool>(), any::<Option<u8>>()).prop_map(
        |(fail_on, allow_empty, exit_zero, signal)| Policy {
            fail_on,
            allow_empty,
            exit_zero,
            flaky: false,
            new_only: false,
            signal,
        },
    )
}

proptest! {
    #[test]
    fn zero_needs_evidence(reports in prop::collection::vec(any_report(), 0..4)) {
        if conclude(&reports, &policy()).exit_code == 0 {
            prop_assert!(!reports.is_empty());
            for report in reports {
                prop_assert!(report.problem.is_none());
                prop_assert!(!is_trouble(report.verdict));
                prop_assert!(report.tests.iter().all(|test| !is_trouble(test.verdict)));
                prop_assert!(report.tests.iter().any(|test| test.verdict == Verdict::Passed));
            }
        }
    }

    #[test]
    fn the_order_of_targets_does_not_matter(
        (reports, shuffled) in prop::collection::vec(any_report(), 0..5)
            .prop_flat_map(|reports| (Just(reports.clone()), Just(reports).prop_shuffle())),
        policy in any_policy(),
    ) {
        let (one, other) = (conclude(&reports, &policy), conclude(&shuffled, &policy));
        prop_assert_eq!((one.exit_code, one.verdict), (other.exit_code, other.verdict));
    }

    #[test]
    fn the_exit_code_is_in_the_table(
        reports in prop::collection::vec(any_report(), 0..4),
        policy in any_policy(),
    ) {
        let conclusion = conclude(&reports, &policy);
        prop_assert_eq!(conclusion.exit_codes.len(), reports.len());
        prop_assert!(PRECEDENCE.contains(&conclusion.exit_code));
        prop_assert!(reports.is_empty() || conclusion.exit_codes.contains(&conclusion.exit_code));
    }

    #[test]
    fn one_more_target_never_makes_it_less_serious(
        reports in prop::collection::vec(any_report(), 1..4),
        one_more in any_report(),
        policy in any_policy(),
    ) {
        let before = conclude(&reports, &policy).exit_code;
        let mut more = reports;
        more.push(one_more);
        prop_assert!(rank(conclude(&more, &policy).exit_code) <= rank(before));
    }

    #[test]
    fn passed_is_said_only_of_all(reports in prop::collection::vec(any_report(), 0..4), policy in any_policy()) {
        if conclude(&reports, &policy).verdict == Verdict::Passed {
            prop_assert!(reports.iter().all(|report| report.verdict == Verdict::Passed));
        }
    }
}
