use proptest::prelude::*;

use super::{LIMIT, render, within};
use crate::model::{TestCase, Verdict};
use crate::report::sample::{any_results, hostile, many, remarked, report, results, usual};

/// Whether every fence and every `<details>` is closed, read line by line as a renderer does.
fn is_whole(text: &str) -> bool {
    let (mut fence, mut open) = (None::<String>, 0i32);
    for line in text.lines() {
        let ticks: String = line.chars().take_while(|c| *c == '`').collect();
        match &fence {
            Some(opening) if line.trim_end() == ticks && ticks.len() >= opening.len() => {
                fence = None
            }
            Some(_) => {}
            None if ticks.len() >= 3 => fence = Some(ticks),
            None => {
                open += line.matches("<details>").count() as i32
                    - line.matches("</details>").count() as i32
            }
        }
    }
    fence.is_none() && open == 0
}

/// The text outside of fences.
fn prose(text: &str) -> String {
    let mut fence = None::<String>;
    let mut prose = String::new();
    for line in text.lines() {
        let ticks: String = line.chars().take_while(|c| *c == '`').collect();
        match &fence {
            Some(opening) if line.trim_end() == ticks && ticks.len() >= opening.len() => {
                fence = None
            }
            Some(_) => {}
            None if ticks.len() >= 3 => fence = Some(ticks),
            None => prose = prose + line + "\n",
        }
    }
    prose
}

/// The targets of links, where the bracket before is not escaped.
fn link_targets(prose: &str) -> Vec<&str> {
    let ends = prose
        .match_indices("](")
        .filter(|(at, _)| !prose[..*at].ends_with('\\'));
    ends.map(|(at, _)| prose[at + 2..].split(')').next().unwrap())
        .collect()
}

/// The note at the end; nothing if all is there.
fn note(text: &str) -> &str {
    let start = text.find("_There was no room for all of it.");
    start.map_or("", |start| text[start..].trim_end())
}

#[test]
fn details_go_first_and_from_the_end() {
    let results = many(100, &"x".repeat(1000));
    let all = within(&results, LIMIT);
    assert_eq!(all.matches("<details>").count(), 100);
    assert_eq!(note(&all), "");
    let some = within(&results, 40_000);
    let kept = some.matches("<details>").count();
    assert!((1..100).contains(&kept));
    assert_eq!(
        note(&some),
        format!(
            "_There was no room for all of it. Left out, in this order: details of {} failures. The results file has \
             everything._",
            100 - kept
        )
    );
    for number in 0..100 {
        let name = format!("suite / test {number}");
        let detailed = some.contains(&format!("{name}</summary>"));
        assert_eq!(detailed, number < kept, "{number}");
        assert!(some.contains(&format!("{name} | it broke |")));
    }
}

/// What a summary has, the most important first: rows of failures, the slowest tests, the timeline, details.
fn parts(text: &str) -> [usize; 4] {
    ["| it broke |", "### Slowest", "```mermaid", "<details>"]
        .map(|part| text.matches(part).count())
}

#[test]
fn what_is_left_out_is_left_out_in_the_stated_order() {
    let mut results = many(40, &"x".repeat(500));
    results.targets[0].tests[0].duration_ms = Some(7);
    results
        .targets
        .push(report("other", Verdict::Passed, Vec::new()));
    let all = [40, 1, 1, 40];
    assert_eq!(parts(&within(&results, LIMIT)), all);
    let mut before = all;
    for room in (1_000..32_000).rev().step_by(331) {
        let text = within(&results, room);
        assert!(text.len() <= room && is_whole(&text), "{room}");
        let now = parts(&text);
        for (part, count) in now.iter().enumerate() {
            assert!(*count <= before[part], "less room never gives more: {room}");
            assert!(
                *count == all[part] || now[part + 1..].iter().all(|less| *less == 0),
                "what matters less goes first: {room} {now:?}"
            );
        }
        for (part, told) in [
            (1, "the slowest tests"),
            (2, "the timeline"),
            (3, "details of "),
        ] {
            assert_eq!(note(&text).contains(told), now[part] < all[part], "{room}");
        }
        assert_eq!(note(&text).is_empty(), now == all, "{room}");
        before = now;
    }
    assert!(before[0] < 40 && before[1..] == [0, 0, 0], "{before:?}");
}

#[test]
fn without_room_for_a_verdict_there_is_no_summary() {
    for room in [0, 100, 500, 550] {
        assert_eq!(within(&usual(), room), "");
    }
}

#[test]
fn it_stays_below_the_limit_of_a_step() {
    let long = "`@<|\u{1b}".repeat(300);
    for results in [many(4_000, &long), hostile()] {
        let text = render(&results);
        assert!(text.len() <= LIMIT && LIMIT < 1_048_576);
        assert!(is_whole(&text));
    }
    let targets = (0..4_000).map(|number| {
        let mut report = report(
            &format!("{number} {}", "target ".repeat(25)),
            Verdict::Failed,
            vec![TestCase::new("s", "t", Verdict::Failed)],
        );
        report.warnings = vec![long.clone()];
        report.reason = Some(long.clone());
        report
    });
    let text = render(&results(targets.collect()));
    assert!(text.len() <= LIMIT && note(&text).contains(" targets. The results file"));
}

#[test]
fn hostile_text_forges_nothing() {
    let text = render(&hostile());
    let prose = prose(&text);
    assert!(!prose.contains("<script") && !prose.contains("@everyone"));
    assert!(prose.contains("&lt;script&gt;"));
    assert_eq!(link_targets(&prose), ["https://files.test/a%29%5D%28b"; 2]);
}

#[test]
fn the_slowest_come_first() {
    let text = render(&usual());
    let rows: Vec<&str> = text
        .split("### Slowest")
        .nth(1)
        .unwrap()
        .lines()
        .skip(4)
        .take_while(|line| !line.is_empty())
        .collect();
    assert_eq!(
        rows,
        [
            "| 12.4s | search / search / finds by title |",
            "| 1.2s | checkout / checkout / POST /orders |",
            "| 310ms | checkout / checkout / POST /orders |"
        ]
    );
}

#[test]
fn what_is_told_apart_has_sections_of_its_own() {
    let text = render(&remarked());
    let headings: Vec<&str> = text
        .lines()
        .filter(|line| line.starts_with("### "))
        .collect();
    assert_eq!(
        headings,
        [
            "### Problems",
            "### New failures",
            "### Failures",
            "### Known failures",
            "### In quarantine",
            "### Flaky tests",
            "### Left out or stopped",
            "### Timeline",
            "### Slowest tests",
        ]
    );
    for row in [
        "| shop | ❌ cart / applies a coupon | the coupon is refused | 2026-12-31 | the coupon service moves |",
        "| shop | ✅ cart / counts items | 3 | attempt 1: timed-out (30s): without a reason; attempt 2: failed: 2 items, not 3 |",
        "| shop | ✅ cart / is empty at first | 2 | the service ran it twice and tells of the last attempt alone |",
        "- **payments**: PAYMENTS\\_KEY is not set",
        "- attempt 1: failed (900ms): status is 503, not 201",
    ] {
        assert!(text.lines().any(|line| line == row), "{row}\n{text}");
    }
    assert_eq!(
        text.matches("<details>").count(),
        3,
        "what does not count has no details"
    );
    for heading in headings {
        assert!(
            !within(&usual(), LIMIT).contains(heading)
                || [
                    "### Problems",
                    "### Failures",
                    "### Flaky tests",
                    "### Timeline",
                    "### Slowest tests"
                ]
                .contains(&heading),
            "{heading} is not there for nothing"
        );
    }
}

proptest! {
    #[test]
    fn any_summary_is_whole(results in any_results(), limit in 4_000usize..60_000) {
        let text = within(&results, limit);
        prop_assert!(is_whole(&text), "{text}");
        prop_assert!(!text.is_empty() && text.len() <= limit);
        let prose = prose(&text);
        let tags: Vec<&str> = prose.split('<').skip(1).map(|rest| rest.split('>').next().unwrap_or("")).collect();
        prop_assert!(tags.iter().all(|tag| ["details", "/details", "summary", "/summary"].contains(tag)), "{tags:?}");
        for target in link_targets(&prose) {
            prop_assert!(target.to_ascii_lowercase().starts_with("http"), "{target}");
        }
        let mention = prose.split('@').skip(1).any(|rest| rest.starts_with(char::is_alphanumeric));
        prop_assert!(!mention, "{prose}");
        for row in prose.lines().filter(|line| line.starts_with("| ")) {
            let bars = row.replace("\\\\", "").replace("\\|", "").matches('|').count();
            prop_assert!([3, 5, 6].contains(&bars), "{row}");
        }
    }
}
