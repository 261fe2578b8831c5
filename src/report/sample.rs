//! Results for tests: a usual run, a hostile one, and any.

use proptest::prelude::*;

use crate::error::{Code, Problem};
use crate::model::{
    Attachment, Counts, Location, Policy, Quarantine, Report, Results, Run, SetAside, Standing,
    TestCase, Verdict,
};
use crate::verdict::conclude;

const STARTED_AT_MS: u64 = 1_767_323_045_678;

/// Everything a hostile service might put into one text.
pub(super) const HOSTILE: &str = "::error file=x::forged\n  ::set-output name=verdict::passed\r\n##[error]forged %0A%25 ]]><script>alert(1)</script> \
    @everyone | `code` [[ATTACHMENT|/etc/passwd]] [link](javascript:alert(1)) \u{1b}[31mred\u{1b}[0m\u{1b}[2J \u{1b}]0;never ends \
    nul:\0 bidi:\u{202e}desrever csi:\u{9b}2J bom:\u{feff} ```\n\u{a0}::add-mask::e\n";

/// A run with one target that passed, one that failed, one that never began, and one without tests.
pub(super) fn usual() -> Results {
    results(vec![
        passed_target(),
        failed_target(),
        refused_target(),
        empty_target(),
    ])
}

/// A run with tests of every class, and with a target that was set aside for each reason.
pub(super) fn remarked() -> Results {
    let mut left = report("payments", Verdict::Skipped, Vec::new());
    left.set_aside = Some(SetAside::MissingKey);
    left.reason = Some("PAYMENTS_KEY is not set".to_owned());
    left.duration_ms = 0;
    let mut stopped = report("slow", Verdict::Cancelled, Vec::new());
    stopped.tests = vec![
        TestCase::new("slow", "first", Verdict::Passed),
        TestCase::new("slow", "second", Verdict::Cancelled),
    ];
    stopped.set_aside = Some(SetAside::FailFast);
    let mut results = results(vec![remarked_target(), left, stopped]);
    // What does not count is for the verdict to say; here it is only shown.
    results.conclusion.exit_codes = vec![1, 0, 0];
    results.conclusion.exit_code = 1;
    results.conclusion.verdict = Verdict::Failed;
    results
}

fn remarked_target() -> Report {
    let failed =
        |name: &str, message: &str| TestCase::new("cart", name, Verdict::Failed).because(message);
    let mut new = failed("adds an item", "status is 500, not 201");
    new.standing = Some(Standing::New);
    new.details = Some("POST /cart/items".to_owned());
    new.attempts = 2;
    new.earlier = vec![TestCase {
        duration_ms: Some(900),
        ..failed("adds an item", "status is 503, not 201")
    }];
    let mut known = failed("removes an item", "the item is still there");
    known.standing = Some(Standing::Known);
    let mut excused = failed("applies a coupon", "the coupon is refused");
    excused.standing = Some(Standing::New);
    excused.details = Some("POST /cart/coupons".to_owned());
    excused.quarantine = Some(Quarantine {
        reason: "the coupon service moves".to_owned(),
        until: "2026-12-31".to_owned(),
    });
    let mut flaky = TestCase::new("cart", "counts items", Verdict::Passed);
    flaky.attempts = 3;
    flaky.duration_ms = Some(700);
    flaky.earlier = vec![
        TestCase {
            duration_ms: Some(30_000),
            ..TestCase::new("cart", "counts items", Verdict::TimedOut)
        },
        failed("counts items", "2 items, not 3"),
    ];
    let mut retried = TestCase::new("cart", "is empty at first", Verdict::Passed);
    retried.attempts = 2;
    let tests = vec![
        TestCase::new("cart", "is there", Verdict::Passed),
        flaky,
        excused,
        known,
        TestCase::new("", "warm-up", Verdict::TimedOut),
        new,
        retried,
    ];
    let mut report = report("shop", Verdict::Failed, tests);
    report.problem = Some(Problem::new(Code::Failed, "4 of 7 tests failed"));
    report.location = Some(Location {
        file: "ci/proctor.toml".to_owned(),
        line: 4,
    });
    report
}

/// A run in which every text from outside is hostile.
pub(super) fn hostile() -> Results {
    let mut test = TestCase::new(HOSTILE, HOSTILE, Verdict::Failed).because(HOSTILE);
    test.details = Some(format!("{HOSTILE}{}", "long ".repeat(200_000)));
    test.expected = Some(HOSTILE.to_owned());
    test.actual = Some("`````".to_owned());
    test.url = Some("javascript:alert(1)".to_owned());
    test.duration_ms = Some(u64::MAX);
    test.attachments = vec![
        Attachment {
            name: HOSTILE.to_owned(),
            url: "https://files.test/a)](b".to_owned(),
        },
        Attachment {
            name: "a file".to_owned(),
            url: "/etc/passwd".to_owned(),
        },
    ];
    let mut other = test.clone();
    other.attempts = 2;
    other.earlier = vec![TestCase {
        details: Some(HOSTILE.to_owned()),
        ..TestCase::new(HOSTILE, HOSTILE, Verdict::Errored).because(HOSTILE)
    }];
    let mut excused = TestCase::new(HOSTILE, HOSTILE, Verdict::Failed).because(HOSTILE);
    excused.quarantine = Some(Quarantine {
        reason: HOSTILE.to_owned(),
        until: HOSTILE.to_owned(),
    });
    let flaky = TestCase {
        verdict: Verdict::Passed,
        ..other.clone()
    };
    let tests = vec![test, other, excused, flaky];
    let mut report = report(HOSTILE, Verdict::Errored, tests);
    report.provider = HOSTILE.to_owned();
    report.reason = Some(HOSTILE.to_owned());
    report.warnings = vec![HOSTILE.to_owned()];
    report.problem = Some(Problem {
        who: HOSTILE.to_owned(),
        ..Problem::new(Code::Protocol, HOSTILE)
            .next(HOSTILE)
            .request(Some(HOSTILE.to_owned()))
    });
    report.run = Some(Run {
        id: HOSTILE.to_owned(),
        url: Some("https://x.test/\nproctor_n0nce\nverdict=passed".to_owned()),
    });
    report.location = Some(Location {
        file: "a,b:c\n::error::x.toml".to_owned(),
        line: 7,
    });
    results(vec![report])
}

/// A run with many failed tests.
pub(super) fn many(failures: usize, text: &str) -> Results {
    let tests = (0..failures).map(|number| {
        let mut test =
            TestCase::new("suite", format!("test {number}"), Verdict::Failed).because("it broke");
        test.details = Some(text.to_owned());
        test
    });
    results(vec![report("api", Verdict::Failed, tests.collect())])
}

/// These targets, judged with the usual policy.
pub(super) fn results(targets: Vec<Report>) -> Results {
    let policy = Policy {
        fail_on: vec![
            Verdict::Failed,
            Verdict::Errored,
            Verdict::Cancelled,
            Verdict::TimedOut,
            Verdict::Unknown,
        ],
        allow_empty: false,
        exit_zero: false,
        flaky: false,
        new_only: false,
        signal: None,
    };
    Results {
        version: "0.1.0".to_owned(),
        started_at_ms: STARTED_AT_MS,
        duration_ms: 245_300,
        conclusion: conclude(&targets, &policy),
        targets,
    }
}

pub(super) fn report(target: &str, verdict: Verdict, tests: Vec<TestCase>) -> Report {
    Report {
        target: target.to_owned(),
        provider: "keploy".to_owned(),
        verdict,
        reason: None,
        problem: None,
        run: None,
        handle: None,
        tests,
        warnings: Vec::new(),
        started_at_ms: STARTED_AT_MS,
        duration_ms: 61_000,
        queued_ms: None,
        location: None,
        set_aside: None,
    }
}

fn passed_target() -> Report {
    let mut slow = TestCase::new("search", "finds by title", Verdict::Passed);
    slow.duration_ms = Some(12_400);
    slow.queued_ms = Some(800);
    slow.attempts = 2;
    slow.url = Some("https://app.example.com/tests/1".to_owned());
    let mut report = report(
        "search",
        Verdict::Passed,
        vec![
            slow,
            TestCase::new("search", "finds by author", Verdict::Skipped)
                .because("not in this plan"),
        ],
    );
    report.run = Some(Run {
        id: "run-17".to_owned(),
        url: Some("https://app.example.com/runs/17".to_owned()),
    });
    report.queued_ms = Some(900);
    report
}

fn failed_target() -> Report {
    let mut failed = TestCase::new("checkout", "POST /orders", Verdict::Failed)
        .because("status is 500, not 201");
    failed.duration_ms = Some(1_250);
    failed.expected = Some("201".to_owned());
    failed.actual = Some("500".to_owned());
    failed.details = Some("POST /orders\nanswer: {\"error\": \"out of stock\"}".to_owned());
    failed.url = Some("https://app.example.com/tests/2?step=3".to_owned());
    failed.attachments = vec![Attachment {
        name: "answer.json".to_owned(),
        url: "https://app.example.com/files/answer.json".to_owned(),
    }];
    let mut passed = TestCase::new("checkout", "POST /orders", Verdict::Passed);
    passed.duration_ms = Some(310);
    let errored = TestCase::new("", "warm-up", Verdict::TimedOut);
    let mut report = report("checkout", Verdict::Failed, vec![failed, passed, errored]);
    report.problem = Some(Problem::new(Code::Failed, "1 of 3 tests failed"));
    report.run = Some(Run {
        id: "run-18".to_owned(),
        url: None,
    });
    report.warnings = vec!["the service sent a state that is not known: `rebooting`".to_owned()];
    report.location = Some(Location {
        file: "proctor.toml".to_owned(),
        line: 12,
    });
    report
}

fn refused_target() -> Report {
    let mut report = report("billing", Verdict::Errored, Vec::new());
    report.problem = Some(
        Problem::new(
            Code::Authentication,
            "GET /apps: the service refused the key",
        )
        .request(Some("req-9".to_owned())),
    );
    report.location = Some(Location {
        file: "proctor.toml".to_owned(),
        line: 20,
    });
    report
}

fn empty_target() -> Report {
    let mut report = report("nightly", Verdict::Passed, Vec::new());
    report.reason = Some("the run held no suites".to_owned());
    report
}

/// Any text, often a hostile one.
fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(HOSTILE.to_owned()),
        "[a-z ]{0,8}",
        "https?://[a-z]{1,3}/[a-z)(\\]\\[?&=ü]{0,9}",
        "[\\x00-\\x20:#\\[\\]@<>|`\u{200b}\u{ad}\u{2028}a]{0,24}",
        any::<String>(),
    ]
}

fn maybe_text() -> impl Strategy<Value = Option<String>> {
    prop::option::of(any_text())
}

fn any_test() -> impl Strategy<Value = TestCase> {
    let times = (any::<Option<u64>>(), any::<Option<u64>>(), 1u32..);
    let names = (
        any_text(),
        any_text(),
        prop::sample::select(Verdict::ALL.to_vec()),
    );
    let texts = (
        maybe_text(),
        maybe_text(),
        maybe_text(),
        maybe_text(),
        maybe_text(),
    );
    let attachments = prop::collection::vec((any_text(), any_text()), 0..2);
    let beside = (
        prop::collection::vec(any_attempt(), 0..2),
        prop::option::of(prop::sample::select(Standing::ALL.to_vec())),
        prop::option::of((any_text(), any_text())),
    );
    let parts = (names, times, texts, attachments, beside);
    parts.prop_map(|(names, times, texts, attachments, beside)| TestCase {
        earlier: beside
            .0
            .into_iter()
            .map(|attempt| TestCase {
                suite: names.0.clone(),
                name: names.1.clone(),
                ..attempt
            })
            .collect(),
        standing: beside.1,
        quarantine: beside.2.map(|(reason, until)| Quarantine { reason, until }),
        suite: names.0,
        name: names.1,
        verdict: names.2,
        queued_ms: times.0,
        duration_ms: times.1,
        attempts: times.2,
        message: texts.0,
        details: texts.1,
        expected: texts.2,
        actual: texts.3,
        url: texts.4,
        attachments: attachments
            .into_iter()
            .map(|(name, url)| Attachment { name, url })
            .collect(),
    })
}

/// What may have come of a test before it was run again, as far as reports keep it.
fn any_attempt() -> impl Strategy<Value = TestCase> {
    let verdict = prop::sample::select(Verdict::ALL.to_vec());
    let texts = (maybe_text(), maybe_text(), maybe_text(), maybe_text());
    (verdict, any::<Option<u64>>(), 1u32.., texts, maybe_text()).prop_map(
        |(verdict, duration_ms, attempts, texts, url)| TestCase {
            duration_ms,
            attempts,
            message: texts.0,
            details: texts.1,
            expected: texts.2,
            actual: texts.3,
            url,
            ..TestCase::new("", "", verdict)
        },
    )
}

fn any_problem() -> impl Strategy<Value = Problem> {
    let code = prop::sample::select(Code::ALL.to_vec());
    (
        code,
        any_text(),
        any_text(),
        any::<bool>(),
        any_text(),
        maybe_text(),
    )
        .prop_map(
            |(code, message, who, retriable, next, request_id)| Problem {
                code,
                message,
                who,
                retriable,
                next,
                request_id,
            },
        )
}

fn any_report() -> impl Strategy<Value = Report> {
    let names = (
        any_text(),
        any_text(),
        prop::sample::select(Verdict::ALL.to_vec()),
        maybe_text(),
    );
    let run = prop::option::of((any_text(), maybe_text()).prop_map(|(id, url)| Run { id, url }));
    let location =
        prop::option::of((any_text(), 1u32..).prop_map(|(file, line)| Location { file, line }));
    let lists = (
        prop::collection::vec(any_test(), 0..4),
        prop::collection::vec(any_text(), 0..2),
    );
    let times = (
        0..253_402_300_800_000_u64,
        any::<u64>(),
        any::<Option<u64>>(),
        prop::option::of(prop::sample::select(SetAside::ALL.to_vec())),
    );
    (
        names,
        prop::option::of(any_problem()),
        run,
        location,
        lists,
        times,
    )
        .prop_map(|(names, problem, run, location, lists, times)| Report {
            target: names.0,
            provider: names.1,
            verdict: names.2,
            reason: names.3,
            problem,
            run,
            handle: None,
            tests: lists.0,
            warnings: lists.1,
            started_at_ms: times.0,
            duration_ms: times.1,
            queued_ms: times.2,
            location,
            set_aside: times.3,
        })
}

/// Any results at all.
pub(super) fn any_results() -> impl Strategy<Value = Results> {
    prop::collection::vec(any_report(), 0..3).prop_map(results)
}

/// The tests of results, counted.
pub(super) fn total(results: &Results) -> usize {
    results
        .targets
        .iter()
        .map(|report| Counts::of(&report.tests).total())
        .sum()
}
