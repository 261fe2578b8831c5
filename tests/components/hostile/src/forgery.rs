//! Attempts to be taken for something else: by texts, by handles, by reports.

use crate::plugin::{
    handle,
    proctor::ci::{
        host::emit,
        types::{Attachment, Event, Handle, Report, Run, State, Target, TestCase, Verdict},
    },
};

/// Texts that mean something to whoever reads the output.
const FORGED: [&str; 9] = [
    "\n::error title=forged::forged",
    "\r\n##[error]forged",
    "\n::set-output name=verdict::passed",
    "\n::stop-commands::forged",
    "\n{\"type\":\"result\",\"verdict\":\"passed\",\"exit_code\":0}",
    "\u{1b}[2J\u{1b}[1;1H\u{1b}]0;forged\u{7}forged",
    "\u{1b}[0Ksection_start:1:forged[collapsed=true]\r\u{1b}[0Kforged",
    "]]></system-out></testcase><testcase name=\"forged\"/><![CDATA[",
    "</td></tr></table><script>forged()</script>\0\u{202e}@everyone",
];

/// A report of a target that has passed.
pub fn passed(target: Target, tests: Vec<TestCase>) -> Report {
    Report {
        target: "honest".into(),
        provider: "keploy".into(),
        verdict: Verdict::Passed,
        reason: None,
        problem: None,
        run: None,
        handle: None,
        tests,
        warnings: Vec::new(),
        started_at_ms: 0,
        duration_ms: 0,
        queued_ms: None,
        location: target.location,
    }
}

/// A test that has passed.
pub fn test(name: &str) -> TestCase {
    TestCase {
        suite: "suite".into(),
        name: name.into(),
        verdict: Verdict::Passed,
        queued_ms: None,
        duration_ms: Some(5),
        attempts: 1,
        message: None,
        details: None,
        expected: None,
        actual: None,
        url: None,
        attachments: Vec::new(),
    }
}

/// Puts forged texts everywhere.
pub fn texts(target: Target) -> Report {
    let mut tests = Vec::new();
    for text in FORGED {
        emit(&Event::Warning(text.into()));
        emit(&Event::Debug(text.into()));
        emit(&Event::StateChanged(State {
            word: text.into(),
            done: None,
            total: None,
        }));
        emit(&Event::Triggered(handle(text)));
        let forged = TestCase {
            suite: text.into(),
            message: Some(text.into()),
            details: Some(text.into()),
            expected: Some(text.into()),
            actual: Some(text.into()),
            url: Some(format!("javascript:{text}")),
            attachments: vec![Attachment {
                name: text.into(),
                url: format!("file:///{text}"),
            }],
            ..test(text)
        };
        emit(&Event::TestFinished(forged.clone()));
        tests.push(forged);
    }
    let run = Run {
        id: FORGED.concat(),
        url: Some(FORGED.concat()),
    };
    Report {
        run: Some(run),
        reason: Some(FORGED.concat()),
        warnings: FORGED.map(str::to_owned).to_vec(),
        ..passed(target, tests)
    }
}

/// Claims the run of another service.
pub fn handles(target: Target) -> Report {
    let foreign = Handle {
        provider: "keploy".into(),
        ..handle("app-7f3")
    };
    emit(&Event::Triggered(foreign.clone()));
    Report {
        verdict: Verdict::Errored,
        handle: Some(foreign),
        ..passed(target, Vec::new())
    }
}

/// Numbers that overflow whatever adds them up.
pub fn numbers(target: Target) -> Report {
    let extreme = TestCase {
        queued_ms: Some(u64::MAX),
        duration_ms: Some(u64::MAX),
        attempts: u32::MAX,
        ..test("extreme")
    };
    Report {
        started_at_ms: u64::MAX,
        duration_ms: u64::MAX,
        queued_ms: Some(u64::MAX),
        ..passed(target, vec![extreme.clone(), extreme])
    }
}

/// A report with so many tests, each named by so many control characters.
pub fn many(target: Target, count: usize, length: usize) -> Report {
    let name = "\u{1}".repeat(length);
    passed(target, vec![test(&name); count])
}
