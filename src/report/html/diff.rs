//! What was expected against what came, line by line.

use similar::DiffOp;
use similar::algorithms::{Capture, Replace, myers};

use super::markup::Markup;

/// How many equal lines are shown beside those that differ; the others are folded away.
const CONTEXT: usize = 3;
/// How many lines are folded away at least, as a fold takes a line itself.
const FOLD: usize = 3;
/// How long a text on one line has to be before it is laid out over several, in bytes.
const LONG: usize = 40;

/// How many steps a comparison takes at most.
pub(super) fn cost(expected: &str, actual: &str) -> usize {
    let lines = expected.matches([',', '\n', '{', '[']).count()
        + actual.matches([',', '\n', '{', '[']).count()
        + 2;
    lines.saturating_mul(lines)
}

/// Adds the comparison of two texts that were cleaned before.
pub(super) fn compare(page: &mut Markup, expected: &str, actual: &str) {
    let laid_out = unfold(expected).zip(unfold(actual));
    // Texts that differ in nothing but blanks are shown as they came.
    let laid_out = laid_out.filter(|(expected, actual)| expected != actual);
    let (expected, actual) = match &laid_out {
        Some((expected, actual)) => (expected.as_str(), actual.as_str()),
        None => (expected, actual),
    };
    let old: Vec<&str> = expected.split('\n').collect();
    let new: Vec<&str> = actual.split('\n').collect();
    page.raw("<div class=\"diff\"><p><del>− expected</del> <ins>+ actual</ins></p><pre>\n");
    let mut found = Replace::new(Capture::new());
    let Ok(()) = myers::diff(&mut found, &old[..], 0..old.len(), &new[..], 0..new.len());
    let ops = found.into_inner().into_ops();
    for (number, op) in ops.iter().enumerate() {
        match *op {
            DiffOp::Equal { old_index, len, .. } => {
                let lines = &old[old_index..old_index + len];
                equal(page, lines, number > 0, number + 1 < ops.len());
            }
            _ => changed(page, &old[op.old_range()], &new[op.new_range()]),
        }
    }
    page.raw("</pre></div>");
}

/// Lines that are the same; those that are far from any other are folded away.
fn equal(page: &mut Markup, lines: &[&str], before: bool, after: bool) {
    let head = if before { CONTEXT } else { 0 };
    let tail = if after { CONTEXT } else { 0 };
    let folded = lines.len().saturating_sub(head + tail);
    if folded < FOLD || !(before || after) {
        same(page, lines);
        return;
    }
    same(page, &lines[..head]);
    page.raw("</pre><details><summary>")
        .number(folded)
        .raw(" equal lines</summary><pre>\n");
    same(page, &lines[head..head + folded]);
    page.raw("</pre></details><pre>\n");
    same(page, &lines[head + folded..]);
}

fn same(page: &mut Markup, lines: &[&str]) {
    for line in lines {
        page.raw("  ").clean(line).raw("\n");
    }
}

/// Lines that were expected and did not come, then those that came instead. What two that belong together do not
/// share is marked in them.
fn changed(page: &mut Markup, gone: &[&str], come: &[&str]) {
    let pairs = gone.len() == come.len();
    for (at, line) in gone.iter().enumerate() {
        page.raw("<del>- ");
        marked(page, line, pairs.then(|| come[at]));
        page.raw("</del>\n");
    }
    for (at, line) in come.iter().enumerate() {
        page.raw("<ins>+ ");
        marked(page, line, pairs.then(|| gone[at]));
        page.raw("</ins>\n");
    }
}

fn marked(page: &mut Markup, line: &str, other: Option<&str>) {
    let (start, end) = other.map_or((0, line.len()), |other| distinct(line, other));
    if start == 0 && end == line.len() {
        page.clean(line);
        return;
    }
    page.clean(&line[..start])
        .raw("<b>")
        .clean(&line[start..end])
        .raw("</b>")
        .clean(&line[end..]);
}

/// The part of a line, by its first byte and the one behind its last, that lies between what it has in common with
/// another at both ends.
fn distinct(line: &str, other: &str) -> (usize, usize) {
    let head = common(line.chars(), other.chars());
    let tail = common(line[head..].chars().rev(), other[head..].chars().rev());
    (head, line.len() - tail)
}

/// How many bytes two texts have in common, in whole characters.
fn common(one: impl Iterator<Item = char>, other: impl Iterator<Item = char>) -> usize {
    one.zip(other)
        .take_while(|(one, other)| one == other)
        .map(|(one, _)| one.len_utf8())
        .sum()
}

/// A long object or list of JSON on one line, laid out over several; nothing but blanks is added or left out.
fn unfold(text: &str) -> Option<String> {
    if text.len() < LONG || !text.starts_with(['{', '[']) || text.contains('\n') {
        return None;
    }
    let mut out = String::with_capacity(text.len() * 2);
    let (mut depth, mut quoted, mut escaped) = (0_usize, false, false);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if quoted {
            out.push(c);
            quoted = escaped || c != '"';
            escaped = c == '\\' && !escaped;
            continue;
        }
        match c {
            ' ' | '\t' => continue,
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                new_line(&mut out, depth);
            }
            _ => {}
        }
        out.push(c);
        match c {
            '"' => quoted = true,
            '{' | '[' => depth += 1,
            ':' => out.push(' '),
            _ => {}
        }
        if matches!(c, '{' | '[' | ',') {
            while chars.next_if(|c| *c == ' ').is_some() {}
            match chars.next_if(|next| matches!((c, next), ('{', '}') | ('[', ']'))) {
                Some(end) => {
                    depth -= 1;
                    out.push(end);
                }
                None => new_line(&mut out, depth),
            }
        }
    }
    Some(out)
}

/// How far lines are set in at most, so that brackets alone cannot make a page of blanks.
const DEEPEST: usize = 16;

fn new_line(out: &mut String, depth: usize) {
    out.push('\n');
    out.extend(std::iter::repeat_n("  ", depth.min(DEEPEST)));
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn compared(expected: &str, actual: &str) -> String {
        let mut page = Markup::default();
        compare(&mut page, expected, actual);
        page.into_string()
    }

    #[test]
    fn what_differs_is_marked() {
        let page = compared("status 201\nsame", "status 500\nsame");
        assert!(
            page.contains("<del>- status <b>201</b></del>\n<ins>+ status <b>500</b></ins>\n  same"),
            "{page}"
        );
        assert!(compared("a", "b").contains("<del>- a</del>\n<ins>+ b</ins>"));
    }

    #[test]
    fn long_equal_parts_are_folded() {
        let text = |first| format!("{first}\n{}last", "same\n".repeat(20));
        let page = compared(&text("a"), &text("b"));
        assert!(page.contains("<summary>18 equal lines</summary>"), "{page}");
        assert_eq!(page.matches("same\n").count(), 20);
    }

    #[test]
    fn json_on_one_line_is_laid_out() {
        let actual = r#"{"id":7,"items":[],"note":"a, \"b\" {c}","total":{"sum":12}}"#;
        let page = compared(&actual.replace("12", "13"), actual);
        assert!(
            page.contains(
                "    &quot;note&quot;: &quot;a, \\&quot;b\\&quot; {c}&quot;,\n".trim_start()
            ),
            "{page}"
        );
        assert!(
            page.contains("<del>-     &quot;sum&quot;: 1<b>3</b></del>"),
            "{page}"
        );
    }

    proptest! {
        #[test]
        fn laying_out_changes_nothing_but_blanks(text in "[\\[{][\\[\\]{}\":, \\\\a]{40,80}") {
            let bare = |text: &str| text.replace([' ', '\n', '\t'], "");
            prop_assert_eq!(bare(&unfold(&text).unwrap()), bare(&text));
        }

        #[test]
        fn every_line_of_both_is_there(expected in "[ab\n]{0,60}", actual in "[ab\n]{0,60}") {
            let page = compared(&expected, &actual).replace("<b>", "").replace("</b>", "");
            let lines = |own: &str, end: &str| page
                .lines()
                .filter_map(|line| line.strip_prefix(own).map(|rest| rest.trim_end_matches(end).to_owned())
                    .or_else(|| line.strip_prefix("  ").map(str::to_owned)))
                .collect::<Vec<_>>()
                .join("\n");
            prop_assert_eq!(lines("<del>- ", "</del>"), expected);
            prop_assert_eq!(lines("<ins>+ ", "</ins>"), actual);
        }
    }
}
