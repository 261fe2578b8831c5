//! Makes the summary refer to nothing: what a service says must neither call people nor do anything to a request.
//!
//! As Markdown the summary is harmless already. But the platforms read a comment a second time, when it is text again: they
//! look for references (`#12`, `!3`, `GH-1`, commits, addresses of issues), which leave a trace at what is referred to, and
//! for lines that are commands (`/close`). Neither can be escaped everywhere, so a character without a width is put in
//! between.
//!
//! Sources: docs.github.com, "Autolinked references and URLs"; docs.gitlab.com, "GitLab Flavored Markdown", "GitLab-specific
//! references", and "GitLab quick actions".

use super::link::Link;

/// Stands where a reference is broken. It has no width.
const BREAK: char = '\u{200b}';

/// The shortest text that may name a commit. Git itself takes four digits; both platforms want seven.
const SHORTEST_COMMIT: usize = 7;

/// What begins a reference, if a letter, a digit or a quotation mark follows.
const SIGNS: [char; 10] = ['@', '#', '!', '%', '&', '~', '$', '^', '*', '['];

/// The summary without references and commands. `host` is that of the platform's own pages.
///
/// The summary is our own component's, so it is known what it looks like: a block of code ends with the fence that it began
/// with, which does not occur in it, and the address of a link has no parenthesis.
pub fn harmless(summary: &str, host: &str) -> String {
    let mut safe = String::with_capacity(summary.len() + summary.len() / 16);
    let mut fence: Option<&str> = None;
    for line in summary.lines() {
        let ticks = &line[..line.bytes().take_while(|byte| *byte == b'`').count()];
        match fence {
            Some(begun) if line == begun => {
                fence = None;
                safe.push_str(line);
            }
            Some(_) => safe.push_str(&commandless(line)),
            None if ticks.len() >= 3 => {
                fence = Some(ticks);
                safe.push_str(line);
            }
            None => safe.push_str(&commandless(&line_of_text(line, host))),
        }
        safe.push('\n');
    }
    safe
}

/// The line, unless it would be a command. GitLab takes `/close` for one that begins a line, and is not sure of what is
/// code: three backticks within four end it (`lib/gitlab/quick_actions/extractor.rb`). Bots take such lines for theirs.
fn commandless(line: &str) -> String {
    match line.trim_start().starts_with(['/', '@']) {
        true => format!("{BREAK}{line}"),
        false => line.to_owned(),
    }
}

/// A line outside of code: its links stay as they are, unless they lead to what would notice.
fn line_of_text(line: &str, host: &str) -> String {
    let mut safe = String::with_capacity(line.len() + 16);
    let mut rest = line;
    while let Some(link) = Link::first(rest) {
        safe.push_str(&unreferring(link.before, host));
        match link.refers(host) {
            true => safe.push_str(&unreferring(link.label, host)),
            // What is a link already is not looked at again.
            false => safe.push_str(link.whole),
        }
        rest = link.behind;
    }
    safe.push_str(&unreferring(rest, host));
    safe
}

/// Text of Markdown in which nothing is a reference.
fn unreferring(text: &str, host: &str) -> String {
    let mut safe = String::with_capacity(text.len() + 16);
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        let (taken, sign) = match c {
            '&' => entity(&text[at..]),
            c if is_word(c) => (word(&text[at..]), None),
            c => (c.len_utf8(), Some(c)),
        };
        let piece = &text[at..at + taken];
        at += taken;
        if sign.is_none() && is_word(c) {
            push_word(&mut safe, piece);
        } else {
            safe.push_str(piece);
        }
        if is_broken(&safe, sign, &text[at..], host) {
            safe.push(BREAK);
        }
    }
    safe
}

/// Whether something ends here that what follows would make a reference.
fn is_broken(before: &str, sign: Option<char>, behind: &str, host: &str) -> bool {
    let next = behind.chars().next();
    match sign {
        // Our own emphasis; what others write is escaped.
        Some('*') if before.ends_with('*') && !before.ends_with("\\*") => false,
        Some(sign) if SIGNS.contains(&sign) => {
            next.is_some_and(|next| next.is_alphanumeric() || next == '_' || next == '"')
                || behind.starts_with("&quot;")
        }
        Some('-') => {
            let is_issue = before.len() >= 3 && before.is_char_boundary(before.len() - 3);
            is_issue
                && before[before.len() - 3..].eq_ignore_ascii_case("gh-")
                && next.is_some_and(|next| next.is_ascii_digit())
        }
        Some('/') => before.ends_with("://") && begins_with_host(behind, host),
        Some('.') => {
            before.to_ascii_lowercase().ends_with("www.") && begins_with_host(behind, host)
        }
        _ => false,
    }
}

/// Whether an address goes on with the platform's own host.
fn begins_with_host(text: &str, host: &str) -> bool {
    let text = text
        .get(..4)
        .filter(|start| start.eq_ignore_ascii_case("www."))
        .map_or(text, |_| &text[4..]);
    let own = text.get(..host.len());
    !host.is_empty() && own.is_some_and(|own| own.eq_ignore_ascii_case(host))
}

/// The length of a reference to a character, and the character if it is a sign; that of `&` if it begins none.
fn entity(text: &str) -> (usize, Option<char>) {
    let name = text.find(';').map(|end| &text[1..end]).unwrap_or_default();
    let number = name
        .strip_prefix('#')
        .and_then(|digits| digits.parse().ok())
        .and_then(char::from_u32);
    match name {
        "amp" => (5, Some('&')),
        "lt" => (4, Some('<')),
        "gt" => (4, Some('>')),
        "quot" => (6, Some('"')),
        _ if number.is_some() => (name.len() + 2, number),
        _ => (1, Some('&')),
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The length of the word that the text begins with.
fn word(text: &str) -> usize {
    text.find(|c| !is_word(c)).unwrap_or(text.len())
}

/// Appends a word, in pieces if it may name a commit. Not in two: the second could be the beginning of another's name.
fn push_word(safe: &mut String, word: &str) {
    let may_name =
        word.len() >= SHORTEST_COMMIT && word.bytes().all(|byte| byte.is_ascii_hexdigit());
    if !may_name {
        return safe.push_str(word);
    }
    for (number, digit) in word.chars().enumerate() {
        if number > 0 && number % (SHORTEST_COMMIT - 1) == 0 {
            safe.push(BREAK);
        }
        safe.push(digit);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// With `|` for the break.
    fn shown(text: &str) -> String {
        harmless(text, "github.com").trim_end().replace(BREAK, "|")
    }

    #[test]
    fn references_are_broken() {
        for (text, safe) in [
            ("see \\#12 and \\#x", "see \\#|12 and \\#|x"),
            ("o/r\\#12", "o/r\\#|12"),
            ("&#35;12 in a summary", "&#35;|12 in a summary"),
            ("!3 and group/project!3", "!|3 and group/project!|3"),
            ("GH-1, gh-22, xGH-3", "GH-|1, gh-|22, xGH-|3"),
            ("@name o/r@abcdef1", "|@|name o/r@|abcdef|1"),
            ("&amp;4 and &#38;4", "&amp;|4 and &#38;|4"),
            (
                "%v1 %&quot;a b&quot; 50% of",
                "%|v1 %|&quot;a b&quot; 50% of",
            ),
            ("\\~bug \\$12 ^alert\\#3", "\\~|bug \\$|12 ^|alert\\#|3"),
            ("\\[vulnerability:1\\]", "\\[|vulnerability:1\\]"),
            ("0123abc, 0123abcdef0123", "0123ab|c, 0123ab|cdef01|23"),
            (
                "abcdef is six, abcdefg no number",
                "abcdef is six, abcdefg no number",
            ),
            (
                "GET https://github.com/o/r/issues/1",
                "GET https://|github.com/o/r/issues/1",
            ),
            (
                "HTTPS://GITHUB.com/o/r/pull/1",
                "HTTPS://|GITHUB.com/o/r/pull/1",
            ),
            ("www.github.com/o/r/pull/1", "www.|github.com/o/r/pull/1"),
            ("https://www.github.com/o", "https://|www.|github.com/o"),
            ("https://example.com/a-b?c=d", "https://example.com/a-b?c=d"),
            ("## ❌ Proctor: failed", "## ❌ Proctor: failed"),
            ("| --- | 1.2 s |", "| --- | 1.2 s |"),
        ] {
            assert_eq!(shown(text), safe);
        }
    }

    #[test]
    fn doing_it_twice_changes_nothing() {
        let text = "\\#12 !3 GH-1 @\u{200b}name 0123456789abcdef https://github.com/o [x](https://a.test/b)";
        let once = harmless(text, "github.com");
        assert_eq!(harmless(&once, "github.com"), once);
    }

    #[test]
    fn links_stay_unless_they_refer() {
        for (text, safe) in [
            (
                "| [0123456789](https://a.test/0123456789#12) |",
                "| [0123456789](https://a.test/0123456789#12) |",
            ),
            (
                "[run](https://github.com/o/r/actions/runs/1234567)",
                "[run](https://github.com/o/r/actions/runs/1234567)",
            ),
            (
                "a [\\#1](https://github.com/o/r/issues/1) b \\#2",
                "a \\#|1 b \\#|2",
            ),
            ("[x](https://GitHub.com/o/r/Pull/1)", "x"),
            ("[x](https://www.github.com/o/r/commit/abc)", "x"),
            (
                "\\[x\\](https://a.test/\\#1)",
                "\\[|x\\](https://a.test/\\#|1)",
            ),
        ] {
            assert_eq!(shown(text), safe);
        }
    }

    #[test]
    fn code_stays_but_for_commands() {
        let text = "Details:\n\n````text\n#12 @name 0123456789\n/close\n```\n  /merge\n@dependabot merge\n````\n!3\n";
        assert_eq!(
            shown(text),
            "Details:\n\n````text\n#12 @name 0123456789\n|/close\n```\n|  /merge\n|@dependabot merge\n````\n!|3"
        );
    }

    #[test]
    fn no_line_begins_with_a_command() {
        for text in ["/close", "  /close", "\t/close", "```text\n/close\n```"] {
            let safe = harmless(text, "");
            assert!(
                safe.lines().all(|line| !line.trim_start().starts_with('/')),
                "{safe}"
            );
        }
    }
}
