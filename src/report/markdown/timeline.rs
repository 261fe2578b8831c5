//! When the targets ran, as a Gantt chart that GitHub and GitLab draw with mermaid.
//!
//! Mermaid refuses a text of more than 50,000 characters (`maxTextSize`), and it has no way to escape: colons, commas,
//! `#`, `;` and `%%` mean something in many places. So names are reduced to letters, digits and a few signs.

use super::mark;
use crate::model::{Report, Results};
use crate::report::clean::one_line;
use crate::report::view::{lasted, plural};
use crate::verdict::{effective, is_trouble};

/// How many targets are shown. More bars than this are no overview.
const MAX_TARGETS: usize = 40;
/// How long a name may be, in characters.
const MAX_NAME: usize = 40;
/// The longest time that is drawn, in milliseconds: a week, which is the longest time limit.
const MAX_SPAN: u64 = 7 * 24 * 60 * 60 * 1000;

const HEADING: &str = "### Timeline\n\n```mermaid\ngantt\n    dateFormat x\n    axisFormat %H:%M:%S\n    todayMarker off\n";

/// The chart; nothing if there is nothing to compare.
pub(super) fn section(results: &Results) -> String {
    let end = results.started_at_ms.saturating_add(MAX_SPAN);
    let within = |report: &&Report| {
        (results.started_at_ms..=end).contains(&report.started_at_ms)
            && report.duration_ms <= MAX_SPAN
    };
    let drawn: Vec<&Report> = results.targets.iter().filter(within).collect();
    if drawn.len() < 2 {
        return String::new();
    }
    let mut text = HEADING.to_owned();
    for (number, report) in drawn.iter().take(MAX_TARGETS).enumerate() {
        text.push_str(&bar(number + 1, report));
    }
    text.push_str("```\n\n");
    let left_out = results.targets.len() - drawn.len().min(MAX_TARGETS);
    if left_out > 0 {
        text.push_str(&format!("_{} not drawn._\n\n", plural(left_out, "target")));
    }
    text
}

fn bar(number: usize, report: &Report) -> String {
    let verdict = effective(report);
    let style = match is_trouble(verdict) {
        true => "crit",
        false => "done",
    };
    // The name is a part of the bar's own text: those of sections run into the bars.
    format!(
        "    {} {} ({verdict}, {}) :{style}, t{number}, {}, {}ms\n",
        mark(verdict),
        name(number, report),
        lasted(report.duration_ms),
        report.started_at_ms,
        // A bar of no width would not be drawn.
        report.duration_ms.max(1),
    )
}

/// The target's name as far as mermaid takes it for text.
fn name(number: usize, report: &Report) -> String {
    let plain: String = report
        .target
        .chars()
        .map(|c| {
            if c.is_alphanumeric() || "-_./()".contains(c) {
                c
            } else {
                ' '
            }
        })
        .collect();
    match one_line(&plain, MAX_NAME) {
        name if name.is_empty() => format!("target {number}"),
        name => name,
    }
}

#[cfg(test)]
mod tests {
    use super::{MAX_TARGETS, section};
    use crate::model::Verdict;
    use crate::report::sample::{HOSTILE, report, results};

    #[test]
    fn a_name_is_no_syntax() {
        let mut targets = vec![report(HOSTILE, Verdict::Failed, Vec::new())];
        targets.push(report(
            "a: b, c #1; %% %%{init}%% end",
            Verdict::Passed,
            Vec::new(),
        ));
        targets.push(report("::##[]", Verdict::Passed, Vec::new()));
        let text = section(&results(targets));
        let bars: Vec<&str> = text
            .lines()
            .filter_map(|line| line.trim_start().split_once(" :"))
            .map(|(bar, _)| bar)
            .collect();
        assert_eq!(
            bars,
            [
                "❌ error file x forged set-output name ver… (failed, 1m 01s)",
                "⏭️ a b c 1 init end (skipped, 1m 01s)",
                "⏭️ target 3 (skipped, 1m 01s)"
            ]
        );
    }

    #[test]
    fn it_is_bounded() {
        let targets =
            (0..100).map(|number| report(&"x".repeat(number), Verdict::Passed, Vec::new()));
        let text = section(&results(targets.collect()));
        assert_eq!(text.matches("ms\n").count(), MAX_TARGETS);
        assert!(text.len() < 20_000 && text.ends_with("_60 targets not drawn._\n\n"));
    }

    #[test]
    fn a_target_that_never_began_is_not_drawn() {
        let mut targets: Vec<_> = ["a", "b", "c"]
            .map(|name| report(name, Verdict::Passed, Vec::new()))
            .into();
        targets[1].started_at_ms = 0;
        targets[2].duration_ms = u64::MAX;
        assert_eq!(section(&results(targets.clone())), "");
        targets[2].duration_ms = 0;
        assert!(section(&results(targets)).contains(", 1ms\n"));
    }
}
