use proptest::prelude::*;

use super::*;
use crate::error::Problem;
use crate::model::{Quarantine, Standing};

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

fn quarantined(mut test: TestCase) -> TestCase {
    test.quarantine = Some(Quarantine {
        reason: "ticket 17".to_owned(),
        until: "2026-12-31".to_owned(),
    });
    test
}

/// The same with these tests in quarantine.
fn with_quarantine(mut report: Report, places: &[usize]) -> Report {
    for place in places {
        let test = &mut report.tests[*place];
        *test = quarantined(test.clone());
    }
    report
}

#[test]
fn tests_in_quarantine_do_not_count() {
    use Verdict::{Cancelled, Errored, Failed, Passed, Skipped, TimedOut, Unknown};
    let table: &[(Verdict, &[Verdict], &[usize], u8)] = &[
        (Failed, &[Passed, Failed], &[1], 0),
        (Failed, &[Failed], &[0], 0),
        (Failed, &[Failed, Failed], &[0], 1),
        (Errored, &[Failed, Errored], &[1], 1),
        (Errored, &[Failed, Errored], &[0], 3),
        (Errored, &[Failed, Errored], &[0, 1], 0),
        (TimedOut, &[Passed, TimedOut], &[1], 0),
        // What denies that a test went wrong needs one that passed. Without it tests ran all the same, so it is not 9.
        (Passed, &[Passed, Failed], &[1], 0),
        (Passed, &[Failed], &[0], 1),
        (Passed, &[Failed, Skipped], &[0], 1),
        (Skipped, &[Failed], &[0], 1),
        (Skipped, &[Skipped], &[], 9),
        // No test accounts for these.
        (Failed, &[Passed], &[], 1),
        (Errored, &[Passed, Failed], &[1], 3),
        (Failed, &[Passed, Errored], &[1], 1),
        (Cancelled, &[Passed, Cancelled], &[1], 3),
        (Unknown, &[Passed, Unknown], &[1], 3),
    ];
    for (verdict, tests, excused, expected) in table {
        let problem = is_trouble(*verdict).then_some(match verdict {
            Failed => Code::Failed,
            TimedOut => Code::TimedOut,
            _ => Code::ServiceErrored,
        });
        let excusing = with_quarantine(report(*verdict, problem, tests), excused);
        let conclusion = conclude(&[excusing], &policy());
        assert_eq!(
            conclusion.exit_code, *expected,
            "{verdict} {tests:?} {excused:?}"
        );
        assert_ne!(conclusion.verdict, Passed);
    }
}

#[test]
fn what_is_said_beside_the_tests_counts() {
    let failed = || {
        let mut report = with_quarantine(
            report(
                Verdict::Failed,
                Some(Code::Failed),
                &[Verdict::Passed, Verdict::Failed],
            ),
            &[1],
        );
        report.tests[1].message = Some("in alarm".to_owned());
        report
    };
    let code = |change: fn(&mut Report)| {
        let mut report = failed();
        change(&mut report);
        code_of_one(report, &policy())
    };
    assert_eq!(code(|_| {}), 0);
    assert_eq!(
        code(|report| report.reason = Some("in alarm".to_owned())),
        0
    );
    assert_eq!(
        code(|report| report.reason = Some("suite: in alarm".to_owned())),
        0
    );
    assert_eq!(
        code(|report| report.reason = Some("in alarm; and more".to_owned())),
        1
    );
    assert_eq!(
        code(|report| report.reason = Some("the reports end early".to_owned())),
        1
    );
    assert_eq!(
        code(|report| {
            report.reason = Some(String::new());
            report.tests[1].message = None;
        }),
        1
    );
    let handle = |report: &mut Report| {
        report.handle = Some(crate::model::Handle {
            provider: "keploy".to_owned(),
            triggers: Vec::new(),
        });
    };
    assert_eq!(code(handle), 1, "it may be going on");
    for problem in [Code::ServiceErrored, Code::TimedOut] {
        let mut report = failed();
        report.problem = Some(Problem::new(problem, "it went wrong"));
        assert_eq!(
            code_of_one(report, &policy()),
            1,
            "{problem:?} is about more"
        );
    }
    for problem in [
        Code::Usage,
        Code::Authentication,
        Code::Unavailable,
        Code::Internal,
    ] {
        let mut report = failed();
        report.problem = Some(Problem::new(problem, "it went wrong"));
        assert_eq!(code_of_one(report, &policy()), problem.exit_code());
    }
}

#[test]
fn only_new_trouble_counts_if_that_was_asked_for() {
    let new_only = Policy {
        new_only: true,
        ..policy()
    };
    let failed = |standing| {
        let mut report = report(
            Verdict::Failed,
            Some(Code::Failed),
            &[Verdict::Passed, Verdict::Failed],
        );
        report.tests[1].standing = standing;
        report
    };
    assert_eq!(code_of_one(failed(Some(Standing::Known)), &new_only), 0);
    assert_eq!(code_of_one(failed(Some(Standing::New)), &new_only), 1);
    assert_eq!(
        code_of_one(failed(None), &new_only),
        1,
        "nothing was compared"
    );
    assert_eq!(code_of_one(failed(Some(Standing::Known)), &policy()), 1);
    let errored = report(Verdict::Errored, Some(Code::ServiceErrored), &[]);
    assert_eq!(code_of_one(errored, &new_only), 3);
}

#[test]
fn flaky_tests_count_as_failed_if_that_was_asked_for() {
    let flaky = Policy {
        fail_on: vec![Verdict::Errored],
        flaky: true,
        ..policy()
    };
    let mut unsteady = report(Verdict::Passed, None, &[Verdict::Passed, Verdict::Passed]);
    unsteady.tests[1].attempts = 2;
    let conclusion = conclude(&[unsteady.clone()], &flaky);
    assert_eq!(
        (conclusion.exit_code, conclusion.verdict),
        (1, Verdict::Failed)
    );
    let conclusion = conclude(&[unsteady.clone()], &policy());
    assert_eq!(
        (conclusion.exit_code, conclusion.verdict),
        (0, Verdict::Passed)
    );
    let excused = with_quarantine(unsteady.clone(), &[1]);
    assert_eq!(code_of_one(excused, &flaky), 0);
    unsteady.tests[1].verdict = Verdict::Failed;
    unsteady.verdict = Verdict::Failed;
    assert_eq!(
        code_of_one(unsteady, &flaky),
        0,
        "a failure is none that passed at last"
    );
}

#[test]
fn a_target_without_a_key_is_no_pass_and_no_failure() {
    let left_out = || Report {
        reason: Some("there is no key, as KEY is not set".to_owned()),
        set_aside: Some(SetAside::MissingKey),
        ..report(Verdict::Skipped, None, &[])
    };
    let passed = || report(Verdict::Passed, None, &[Verdict::Passed]);
    let failed = || report(Verdict::Failed, Some(Code::Failed), &[Verdict::Failed]);
    let of = |reports: &[Report]| {
        let conclusion = conclude(reports, &policy());
        (conclusion.exit_code, conclusion.verdict)
    };
    assert_eq!(of(&[left_out()]), (0, Verdict::Skipped));
    assert_eq!(of(&[left_out(), passed()]), (0, Verdict::Skipped));
    assert_eq!(of(&[left_out(), failed()]), (1, Verdict::Failed));
    // One that tells of more was not left out.
    let told = |change: fn(&mut Report)| {
        let mut report = left_out();
        change(&mut report);
        of(&[report])
    };
    assert_eq!(
        told(|report| report.verdict = Verdict::Passed),
        (9, Verdict::Skipped)
    );
    assert_eq!(
        told(|report| report.verdict = Verdict::Failed),
        (1, Verdict::Failed)
    );
    assert_eq!(
        told(|report| report.problem = Some(Problem::new(Code::Quota, "used up"))).0,
        6
    );
    assert_eq!(
        told(|report| report.tests = vec![TestCase::new("", "t", Verdict::Failed)]).0,
        1
    );
    let mut spoilt = passed();
    spoilt.set_aside = Some(SetAside::MissingKey);
    assert_eq!(of(&[spoilt]), (0, Verdict::Skipped), "it never says passed");
}

#[test]
fn a_target_that_was_stopped_counts_unless_another_has_failed() {
    let stopped = |verdict| Report {
        set_aside: Some(SetAside::FailFast),
        ..report(verdict, None, &[])
    };
    let failed = || report(Verdict::Failed, Some(Code::Failed), &[Verdict::Failed]);
    let excused = || with_quarantine(failed(), &[0]);
    for verdict in [Verdict::Cancelled, Verdict::Skipped] {
        let conclusion = conclude(&[stopped(verdict), failed()], &policy());
        assert_eq!(conclusion.exit_codes, [0, 1]);
        assert_eq!(
            (conclusion.exit_code, conclusion.verdict),
            (1, Verdict::Failed)
        );
        let conclusion = conclude(&[stopped(verdict), excused()], &policy());
        assert_ne!(
            conclusion.exit_code, 0,
            "nothing counts that it was stopped for"
        );
        assert_ne!(conclude(&[stopped(verdict)], &policy()).exit_code, 0);
    }
    let broken = Report {
        problem: Some(Problem::new(Code::Internal, "a defect")),
        ..stopped(Verdict::Errored)
    };
    assert_eq!(conclude(&[broken, failed()], &policy()).exit_code, 70);
}

fn any_verdict() -> impl Strategy<Value = Verdict> {
    prop::sample::select(Verdict::ALL.to_vec())
}

fn any_test() -> impl Strategy<Value = TestCase> {
    let standing = prop::option::of(prop::sample::select(Standing::ALL.to_vec()));
    let message = prop::option::of(Just("it broke".to_owned()));
    (any_verdict(), 1u32..3, standing, any::<bool>(), message).prop_map(
        |(verdict, attempts, standing, in_quarantine, message)| {
            let test = TestCase {
                attempts,
                standing,
                message,
                ..TestCase::new("suite", "test", verdict)
            };
            match in_quarantine {
                true => quarantined(test),
                false => test,
            }
        },
    )
}

/// Any report but one that was stopped, as that is judged together with others.
fn any_report() -> impl Strategy<Value = Report> {
    let code = prop::option::of(prop::sample::select(Code::ALL.to_vec()));
    let reason = prop::option::of(prop::sample::select(vec![
        "it broke",
        "suite: it broke",
        "else",
    ]));
    let tests = prop::collection::vec(any_test(), 0..4);
    let is_left_out = prop::sample::select(vec![false, false, true]);
    (any_verdict(), code, reason, tests, is_left_out).prop_map(
        |(verdict, code, reason, tests, is_left_out)| Report {
            reason: reason.map(str::to_owned),
            tests,
            set_aside: is_left_out.then_some(SetAside::MissingKey),
            ..report(verdict, code, &[])
        },
    )
}

/// Whether something of a report is excused that does not go well.
fn is_excused(report: &Report, policy: &Policy) -> bool {
    let mut tests = report.tests.iter();
    report.set_aside.is_some()
        || tests.any(|test| test.verdict != Verdict::Passed && excuse::is_excused(test, policy))
}

fn any_policy() -> impl Strategy<Value = Policy> {
    let fail_on = prop::sample::subsequence(Verdict::ALL.to_vec(), 0..=Verdict::ALL.len());
    let truths = (any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>());
    (fail_on, truths, any::<Option<u8>>()).prop_map(
        |(fail_on, (allow_empty, exit_zero, flaky, new_only), signal)| Policy {
            fail_on,
            allow_empty,
            exit_zero,
            flaky,
            new_only,
            signal,
        },
    )
}

proptest! {
    #[test]
    fn zero_needs_evidence(reports in prop::collection::vec(any_report(), 0..4)) {
        if conclude(&reports, &policy()).exit_code == 0 {
            prop_assert!(!reports.is_empty());
            for report in reports.into_iter().filter(|report| !is_excused(report, &policy())) {
                prop_assert!(report.problem.is_none());
                prop_assert!(!is_trouble(report.verdict));
                prop_assert!(report.tests.iter().all(|test| !is_trouble(test.verdict)));
                prop_assert!(report.tests.iter().any(|test| test.verdict == Verdict::Passed));
            }
        }
    }

    #[test]
    fn to_excuse_never_makes_a_pass_and_never_makes_it_graver(
        reports in prop::collection::vec(any_report(), 1..4),
        policy in any_policy(),
        excused in any::<u16>(),
    ) {
        let before = conclude(&reports, &policy);
        let mut more = reports.clone();
        let tests = more.iter_mut().flat_map(|report| &mut report.tests);
        for (at, test) in tests.enumerate() {
            if excused >> (at % 16) & 1 == 1 && (is_trouble(test.verdict) || test.is_flaky()) {
                *test = quarantined(test.clone());
            }
        }
        let after = conclude(&more, &policy);
        prop_assert!(rank(after.exit_code) >= rank(before.exit_code));
        // A test that passed at last is one that passed, and its target may be one that did.
        let has_flaky = policy.flaky && reports.iter().flat_map(|report| &report.tests).any(TestCase::is_flaky);
        if before.verdict != Verdict::Passed && !has_flaky {
            prop_assert_ne!(after.verdict, Verdict::Passed);
        }
    }

    #[test]
    fn a_pass_has_the_code_0(reports in prop::collection::vec(any_report(), 0..4), policy in any_policy()) {
        let conclusion = conclude(&reports, &policy);
        prop_assert!(conclusion.verdict != Verdict::Passed || conclusion.exit_code == 0 );
        if conclusion.verdict == Verdict::Passed {
            prop_assert!(reports.iter().all(|report| report.set_aside.is_none()));
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
