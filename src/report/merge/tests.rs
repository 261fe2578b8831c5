use proptest::prelude::*;

use super::{Expected, merge};
use crate::error::Code;
use crate::model::{Conclusion, Policy, Report, Results, TestCase, Verdict};
use crate::report::sample::{any_results, report, results, usual};
use crate::report::{read, render};
use crate::verdict::{PRECEDENCE, conclude};

/// One part of a run, at any time and judged by any policy.
fn any_part() -> impl Strategy<Value = Results> {
    let policy = (
        prop::collection::vec(prop::sample::select(Verdict::ALL.to_vec()), 0..7),
        any::<bool>(),
        any::<bool>(),
        prop::sample::select(vec![None, Some(1), Some(2), Some(15)]),
    )
        .prop_map(|(fail_on, allow_empty, exit_zero, signal)| Policy {
            fail_on,
            allow_empty,
            exit_zero,
            flaky: false,
            new_only: false,
            signal,
        });
    let times = (0..2_000_000_000_000_u64, 0..100_000_000_u64);
    (any_results(), policy, times).prop_map(|(results, policy, (started_at_ms, duration_ms))| {
        Results {
            started_at_ms,
            duration_ms,
            conclusion: conclude(&results.targets, &policy),
            ..results
        }
    })
}

fn any_parts() -> impl Strategy<Value = Vec<Results>> {
    prop::collection::vec(any_part(), 1..5)
}

fn expected(target: &str) -> Expected {
    Expected {
        target: target.to_owned(),
        provider: "keploy".to_owned(),
        location: None,
    }
}

fn passing(target: &str) -> Report {
    let tests = vec![TestCase::new("suite", "test", Verdict::Passed)];
    report(target, Verdict::Passed, tests)
}

fn part(targets: Vec<Report>, started_at_ms: u64, duration_ms: u64) -> Results {
    Results {
        started_at_ms,
        duration_ms,
        ..results(targets)
    }
}

fn judged(exit_code: u8, verdict: Verdict, exit_codes: Vec<u8>) -> Conclusion {
    Conclusion {
        verdict,
        exit_code,
        exit_codes,
    }
}

proptest! {
    #[test]
    fn one_part_stays_as_it_is(part in any_part()) {
        prop_assert_eq!(merge(vec![part.clone()], Vec::new()), part);
    }

    #[test]
    fn the_order_of_parts_changes_no_verdict(parts in any_parts(), seed in any::<usize>()) {
        let mut turned = parts.clone();
        turned.rotate_left(seed % parts.len());
        if seed % 2 == 0 {
            turned.reverse();
        }
        let (one, other) = (merge(parts, Vec::new()), merge(turned, Vec::new()));
        prop_assert_eq!(one.conclusion.exit_code, other.conclusion.exit_code);
        prop_assert_eq!(one.conclusion.verdict, other.conclusion.verdict);
        prop_assert_eq!(
            (one.started_at_ms, one.duration_ms),
            (other.started_at_ms, other.duration_ms)
        );
    }

    #[test]
    fn what_was_merged_can_be_merged_again(parts in any_parts(), at in any::<usize>()) {
        let (before, after) = parts.split_at(at % parts.len() + 1);
        let mut in_two = vec![merge(before.to_vec(), Vec::new())];
        if !after.is_empty() {
            in_two.push(merge(after.to_vec(), Vec::new()));
        }
        prop_assert_eq!(merge(in_two, Vec::new()), merge(parts, Vec::new()));
    }

    #[test]
    fn nothing_is_lost_and_nothing_is_softened(parts in any_parts()) {
        let whole = merge(parts.clone(), Vec::new());
        let codes: Vec<u8> = parts.iter().flat_map(|part| part.conclusion.exit_codes.clone()).collect();
        let targets: Vec<Report> = parts.iter().flat_map(|part| part.targets.clone()).collect();
        prop_assert_eq!(&whole.conclusion.exit_codes, &codes);
        prop_assert_eq!(&whole.targets, &targets);
        let all = parts.iter().map(|part| part.conclusion.exit_code);
        let gravest = all.min_by_key(|code| PRECEDENCE.iter().position(|each| each == code));
        prop_assert_eq!(Some(whole.conclusion.exit_code), gravest);
        let passed = parts.iter().all(|part| part.conclusion.verdict == Verdict::Passed);
        prop_assert!(whole.conclusion.verdict != Verdict::Passed || passed);
    }

    #[test]
    fn a_merged_file_is_a_results_file(parts in any_parts()) {
        let whole = merge(parts, vec![expected("a target that is missing")]);
        let json = render("json", &whole, "").unwrap();
        prop_assert_eq!(read(&json), Ok(whole));
    }

    #[test]
    fn a_missing_target_never_passes(parts in any_parts()) {
        let whole = merge(parts, vec![expected("a target that is missing")]);
        prop_assert!(whole.conclusion.exit_code != 0);
        prop_assert!(whole.conclusion.verdict != Verdict::Passed);
    }
}

#[test]
fn it_lasts_from_the_first_start_to_the_last_end() {
    let parts = vec![
        part(vec![passing("a")], 5_000, 1_000),
        part(vec![passing("b")], 2_000, 500),
        part(vec![passing("c")], 2_500, 10_000),
    ];
    let whole = merge(parts, Vec::new());
    assert_eq!((whole.started_at_ms, whole.duration_ms), (2_000, 10_500));
    assert_eq!(whole.conclusion, judged(0, Verdict::Passed, vec![0, 0, 0]));
}

#[test]
fn an_end_past_all_time_is_the_end_of_time() {
    let parts = vec![
        part(vec![passing("a")], 0, 1),
        part(vec![passing("b")], 1, u64::MAX),
    ];
    assert_eq!(merge(parts, Vec::new()).duration_ms, u64::MAX);
}

#[test]
fn each_part_keeps_the_policy_that_judged_it() {
    let empty = vec![report("empty", Verdict::Passed, Vec::new())];
    let allowed = Results {
        conclusion: judged(0, Verdict::Skipped, vec![0]),
        ..results(empty.clone())
    };
    let whole = merge(
        vec![results(vec![passing("api")]), allowed.clone()],
        Vec::new(),
    );
    assert_eq!(whole.conclusion, judged(0, Verdict::Skipped, vec![0, 0]));
    let whole = merge(vec![allowed, results(empty)], Vec::new());
    assert_eq!(whole.conclusion, judged(9, Verdict::Skipped, vec![0, 9]));
}

#[test]
fn the_most_serious_code_wins_as_the_readme_orders_them() {
    let readme = include_str!("../../../README.md");
    let (_, rest) = readme
        .split_once("With several targets the most serious code is returned, in the order ")
        .expect("README tells the order");
    let (order, _) = rest.split_once(';').expect("a sentence");
    let order: Vec<u8> = order
        .split([',', '/', '\n', ' '])
        .filter(|word| !word.is_empty())
        .map(|word| word.parse().expect("a code"))
        .collect();
    assert_eq!(order.len(), PRECEDENCE.len());
    let of = |code: u8| Results {
        conclusion: judged(code, Verdict::Failed, vec![code]),
        ..results(vec![passing("api")])
    };
    // The three signals are of one rank to a reader.
    for (at, more) in order.iter().enumerate() {
        for less in order.iter().skip(at.max(2) + 1) {
            let whole = merge(vec![of(*less), of(*more)], Vec::new());
            assert_eq!(whole.conclusion.exit_code, *more, "{more} and {less}");
        }
    }
}

#[test]
fn a_file_that_contradicts_itself_does_not_pass() {
    let edited = |exit_code, exit_codes| Results {
        conclusion: judged(exit_code, Verdict::Passed, exit_codes),
        ..usual()
    };
    let exit_code = |part| merge(vec![part], Vec::new()).conclusion.exit_code;
    assert_eq!(exit_code(edited(0, vec![0, 1, 5, 9])), 5);
    assert_eq!(exit_code(edited(0, vec![0, 0, 0, 17])), 17);
    assert_eq!(exit_code(edited(17, vec![0, 0, 70, 0])), 17);
}

#[test]
fn a_target_that_is_missing_fails_and_says_so() {
    let parts = vec![results(vec![passing("api")])];
    let whole = merge(parts, vec![expected("api"), expected("shop")]);
    assert_eq!(whole.conclusion, judged(3, Verdict::Unknown, vec![0, 3]));
    let missing = &whole.targets[1];
    assert_eq!(
        (missing.target.as_str(), missing.verdict),
        ("shop", Verdict::Unknown)
    );
    let problem = missing.problem.as_ref().expect("a problem");
    assert_eq!(problem.code, Code::ServiceErrored);
    for kind in ["text", "junit", "markdown", "github-annotations"] {
        let text = render(kind, &whole, "").unwrap();
        assert!(text.contains("its results are missing"), "{kind}: {text}");
    }
    // A graver code stays the code of all.
    let whole = merge(vec![usual()], vec![expected("shop")]);
    assert_eq!(whole.conclusion.exit_code, 5);
}

#[test]
fn nothing_at_all_is_no_pass() {
    let nothing = merge(Vec::new(), Vec::new());
    assert_eq!(nothing.conclusion, judged(9, Verdict::Skipped, Vec::new()));
    let lost = merge(Vec::new(), vec![expected("api")]);
    assert_eq!(lost.conclusion, judged(3, Verdict::Unknown, vec![3]));
}

#[test]
fn a_target_in_two_parts_counts_twice_and_is_kept_apart() {
    let failing = report(
        "api",
        Verdict::Failed,
        vec![TestCase::new("suite", "test", Verdict::Failed).because("it broke")],
    );
    let whole = merge(
        vec![results(vec![passing("api")]), results(vec![failing])],
        Vec::new(),
    );
    assert_eq!(whole.conclusion, judged(1, Verdict::Failed, vec![0, 1]));
    let junit = render("junit", &whole, "").unwrap();
    assert!(junit.contains("<testcase classname=\"api.suite\" name=\"test\""));
    assert!(junit.contains("<testcase classname=\"api.suite\" name=\"test (2)\""));
    let text = render("text", &whole, "").unwrap();
    assert!(text.contains("2 targets, 2 tests: 1 passed, 1 failed"));
}
