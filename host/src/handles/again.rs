//! What a run is about in which only what failed is run again, and what had come of the target before.

use serde::{Deserialize, Serialize};

use super::is_of_host;
use crate::bindings::{
    exports::proctor::ci::reruns::{Outcome, Repeated},
    proctor::ci::types::{
        Attachment, Code, Problem, Report, Run, Setting, Target, TestCase, Verdict,
    },
};

/// What a run is about in which only what failed is run again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Again {
    /// Which time it is, from 1.
    pub round: u32,
    /// The target's settings, narrowed to what failed.
    pub settings: Vec<Setting>,
    /// What had come of the target before.
    pub before: Outcome,
}

impl Again {
    /// A part of a target, as it is written to files: without what the host adds to the settings, and with what services say
    /// made harmless by `redact`.
    #[must_use]
    pub fn new(
        round: u32,
        mut settings: Vec<Setting>,
        before: Outcome,
        redact: &dyn Fn(&str) -> String,
    ) -> Self {
        settings.retain(|setting| !is_of_host(&setting.name));
        Self {
            round,
            settings,
            before: redacted(before, redact),
        }
    }

    /// The target that was narrowed, with what the host has added to it now.
    #[must_use]
    pub fn narrowed(&self, whole: &Target) -> Target {
        let part = self.settings.iter();
        let part = part.filter(|setting| !is_of_host(&setting.name));
        let own = whole.settings.iter();
        let own = own.filter(|setting| is_of_host(&setting.name));
        Target {
            settings: part.chain(own).cloned().collect(),
            ..whole.clone()
        }
    }

    /// Why it cannot be what came of this target before; none if it can. Whoever has written the file may have written
    /// anything, and a pass needs evidence.
    pub(super) fn doubt(&self, target: &Target) -> Option<&'static str> {
        let report = &self.before.report;
        let is_failure = |problem: &Problem| problem.code == Code::Failed;
        if (&report.target, &report.provider) != (&target.name, &target.provider) {
            return Some("it is about running again what another target has run");
        }
        let has_failed = report.verdict == Verdict::Failed
            && report.problem.as_ref().is_none_or(is_failure)
            && report
                .tests
                .iter()
                .any(|test| test.verdict == Verdict::Failed);
        if !has_failed {
            return Some("it is about running again something that has not failed");
        }
        report
            .handle
            .is_some()
            .then_some("it is about running again something that had not ended")
    }
}

/// The same without secrets in what services say. What things are found by stays: names of targets and services, ids.
fn redacted(outcome: Outcome, redact: &dyn Fn(&str) -> String) -> Outcome {
    let Outcome {
        report,
        repeated,
        mut pieces,
    } = outcome;
    for piece in &mut pieces {
        piece.title = redact(&piece.title);
    }
    let tests = |tests: Vec<TestCase>| tests.into_iter().map(|it| test(it, redact)).collect();
    let maybe = |text: Option<String>| text.as_deref().map(redact);
    Outcome {
        report: Report {
            reason: maybe(report.reason),
            problem: report.problem.map(|problem| Problem {
                message: redact(&problem.message),
                who: redact(&problem.who),
                next: redact(&problem.next),
                request_id: maybe(problem.request_id),
                ..problem
            }),
            run: report.run.map(|run| Run {
                url: maybe(run.url),
                ..run
            }),
            tests: tests(report.tests),
            warnings: report.warnings.iter().map(|it| redact(it)).collect(),
            ..report
        },
        repeated: repeated
            .into_iter()
            .map(|Repeated { test, earlier }| Repeated {
                test,
                earlier: tests(earlier),
            })
            .collect(),
        pieces,
    }
}

fn test(test: TestCase, redact: &dyn Fn(&str) -> String) -> TestCase {
    let maybe = |text: Option<String>| text.as_deref().map(redact);
    let attachments = test.attachments.iter().map(|attachment| Attachment {
        name: redact(&attachment.name),
        url: redact(&attachment.url),
    });
    TestCase {
        attachments: attachments.collect(),
        suite: redact(&test.suite),
        name: redact(&test.name),
        message: maybe(test.message),
        details: maybe(test.details),
        expected: maybe(test.expected),
        actual: maybe(test.actual),
        url: maybe(test.url),
        ..test
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        bindings::{exports::proctor::ci::reruns::Piece, proctor::ci::types::Value},
        component::without_run,
        failure::Failure,
        handles::{QUEUE_TIMEOUT, tests::entry},
    };

    const KEY: &str = "kep_0123456789";

    fn case(verdict: Verdict) -> TestCase {
        let told = || format!("sent {KEY}");
        TestCase {
            suite: told(),
            name: told(),
            verdict,
            queued_ms: None,
            duration_ms: None,
            attempts: 1,
            message: Some(told()),
            details: Some(told()),
            expected: Some(told()),
            actual: Some(told()),
            url: Some(told()),
            attachments: vec![Attachment {
                name: told(),
                url: told(),
            }],
        }
    }

    /// What can be run again: a test has failed.
    fn failed(target: Target) -> Outcome {
        let problem = Problem {
            code: Code::Failed,
            ..Failure::internal(KEY, KEY).into_problem()
        };
        let report = Report {
            verdict: Verdict::Failed,
            reason: Some(KEY.to_owned()),
            tests: vec![case(Verdict::Failed)],
            warnings: vec![KEY.to_owned()],
            ..without_run(target, problem)
        };
        Outcome {
            report,
            repeated: vec![Repeated {
                test: 0,
                earlier: vec![case(Verdict::Failed)],
            }],
            pieces: vec![Piece {
                subject: "s".to_owned(),
                title: KEY.to_owned(),
            }],
        }
    }

    fn setting(name: &str, value: &str) -> Setting {
        Setting {
            name: name.to_owned(),
            value: Value::Text(value.to_owned()),
        }
    }

    fn again(settings: Vec<Setting>) -> Again {
        let redact = |text: &str| text.replace(KEY, "***");
        Again::new(1, settings, failed(entry().target), &redact)
    }

    #[test]
    fn what_services_say_is_kept_without_secrets() {
        let kept = serde_json::to_string(&again(Vec::new())).expect("it can be written");
        assert!(!kept.contains(KEY), "{kept}");
        assert!(kept.contains("sent ***"), "{kept}");
    }

    #[test]
    fn what_the_host_adds_is_not_kept_and_added_once() {
        let whole = Target {
            settings: vec![
                setting("suites", "a"),
                setting("env.TOKEN", "t"),
                setting(QUEUE_TIMEOUT, "5"),
            ],
            ..entry().target
        };
        let of_before = vec![
            setting("suites", "b"),
            setting("env.TOKEN", "of before"),
            setting(QUEUE_TIMEOUT, "1"),
        ];
        let part = again(of_before.clone());
        assert_eq!(part.settings, [setting("suites", "b")]);
        // A file may say what it likes.
        let given = Again {
            settings: of_before,
            ..part.clone()
        };
        for part in [part, given] {
            assert_eq!(
                part.narrowed(&whole).settings,
                [
                    setting("suites", "b"),
                    setting("env.TOKEN", "t"),
                    setting(QUEUE_TIMEOUT, "5")
                ]
            );
        }
    }

    #[test]
    fn only_what_can_have_been_run_again_is_taken_for_what_was_before() {
        let target = entry().target;
        let good = again(Vec::new());
        assert_eq!(good.doubt(&target), None);
        let but = |change: &dyn Fn(&mut Report)| {
            let mut again = good.clone();
            change(&mut again.before.report);
            again.doubt(&target)
        };
        let not_failed = Some("it is about running again something that has not failed");
        assert_eq!(but(&|it| it.verdict = Verdict::Passed), not_failed);
        assert_eq!(but(&|it| it.verdict = Verdict::Errored), not_failed);
        assert_eq!(but(&|it| it.tests.clear()), not_failed);
        assert_eq!(but(&|it| it.tests[0].verdict = Verdict::Passed), not_failed);
        let interrupted = |it: &mut Report| {
            if let Some(problem) = &mut it.problem {
                problem.code = Code::Interrupted;
            }
        };
        assert_eq!(but(&interrupted), not_failed);
        let other = Some("it is about running again what another target has run");
        assert_eq!(but(&|it| it.target = "shop".to_owned()), other);
        assert_eq!(but(&|it| it.provider = "izli".to_owned()), other);
        assert_eq!(
            but(&|it| it.handle = Some(entry().handle)),
            Some("it is about running again something that had not ended")
        );
    }
}
