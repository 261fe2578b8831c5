//! Keeps what a component returns within bounds: one target's report must not keep those of others from being written.

use super::{
    journal::{MOST_EVENTS, MOST_WARNINGS},
    limits::Excess,
    texts::{MOST_TEXT, Texts, few},
};
use crate::bindings::proctor::ci::types::{Problem, Report, Run};

/// The report with its texts cut as those of events are. Details of tests for which there is no room are left out, and a
/// warning says so; so are warnings that nobody would read.
///
/// # Errors
/// [`Excess`] if it has too many tests, or too much text even without their details.
pub fn bounded(mut report: Report) -> Result<Report, Excess> {
    if report.tests.len() > MOST_EVENTS {
        return Err(Excess::Tests(MOST_EVENTS));
    }
    if let Some(handle) = &mut report.handle {
        few(handle)?;
    }
    let mut texts = Texts::default();
    around_tests(&mut report, &mut texts);
    let mut left_out = 0;
    for test in &mut report.tests {
        texts.essentials(test);
        let before = texts.0;
        texts.details(test);
        if texts.0 > MOST_TEXT {
            texts.0 = before;
            (test.details, test.expected, test.actual) = (None, None, None);
            left_out += 1;
        }
    }
    if texts.0 > MOST_TEXT {
        return Err(Excess::ReportText(MOST_TEXT));
    }
    if left_out > 0 {
        report.warnings.push(format!(
            "the details of {left_out} tests are left out, as there are more than {MOST_TEXT} bytes of them"
        ));
    }
    Ok(report)
}

/// Cuts everything but the tests.
fn around_tests(report: &mut Report, texts: &mut Texts) {
    let Report {
        target: _,
        provider: _,
        verdict: _,
        reason,
        problem,
        run,
        handle,
        tests: _,
        warnings,
        started_at_ms: _,
        duration_ms: _,
        queued_ms: _,
        location: _,
    } = report;
    texts.lines(reason);
    if let Some(Problem {
        message,
        who,
        next,
        request_id,
        ..
    }) = problem
    {
        texts.lines([message, who, next].into_iter().chain(request_id));
    }
    if let Some(Run { id, url }) = run {
        texts.lines([id].into_iter().chain(url));
    }
    if let Some(handle) = handle {
        texts.handle(handle);
    }
    if warnings.len() > MOST_WARNINGS {
        let more = warnings.len() - MOST_WARNINGS;
        warnings.truncate(MOST_WARNINGS);
        warnings.push(format!("there were {more} more warnings"));
    }
    texts.lines(warnings);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        bindings::proctor::ci::types::{TestCase, Verdict},
        engine::texts::{LONGEST_LINE, LONGEST_TEXT},
        fixtures::test_case,
    };

    fn test(name: usize, details: usize) -> TestCase {
        TestCase {
            details: Some("x".repeat(details)),
            ..test_case(&"n".repeat(name), Verdict::Passed)
        }
    }

    fn report(tests: Vec<TestCase>, warnings: usize) -> Report {
        Report {
            target: String::new(),
            provider: String::new(),
            verdict: Verdict::Passed,
            reason: Some("r".repeat(LONGEST_LINE + 1)),
            problem: None,
            run: None,
            handle: None,
            tests,
            warnings: vec!["w".repeat(LONGEST_LINE + 1); warnings],
            started_at_ms: 0,
            duration_ms: 0,
            queued_ms: None,
            location: None,
        }
    }

    #[test]
    fn texts_are_cut_and_surplus_warnings_left_out() {
        let report = bounded(report(Vec::new(), MOST_WARNINGS + 3)).expect("small");
        assert!(report.reason.is_some_and(|text| text.len() == LONGEST_LINE));
        assert!(report.warnings[0].len() == LONGEST_LINE);
        assert_eq!(
            report.warnings[MOST_WARNINGS..],
            ["there were 3 more warnings"]
        );
    }

    #[test]
    fn details_without_room_are_left_out_and_the_tests_stay() {
        let room = MOST_TEXT / LONGEST_TEXT;
        let tests = vec![test(0, LONGEST_TEXT); room + 2];
        let report = bounded(report(tests, 0)).expect("it can do without");
        let whole = report.tests.iter().filter(|test| test.details.is_some());
        assert_eq!((report.tests.len(), whole.count()), (room + 2, room - 1));
        assert!(report.warnings[0].starts_with("the details of 3 tests"));
    }

    #[test]
    fn a_report_without_end_is_none() {
        let many = bounded(report(vec![test(0, 0); MOST_EVENTS + 1], 0));
        assert_eq!(many, Err(Excess::Tests(MOST_EVENTS)));
        let long = vec![test(LONGEST_LINE, 0); MOST_TEXT / LONGEST_LINE];
        assert_eq!(bounded(report(long, 0)), Err(Excess::ReportText(MOST_TEXT)));
    }
}
