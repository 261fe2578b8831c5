//! Text inside Markdown as GitHub and GitLab read it.

use super::{cut_middle, log_text, one_line};

/// Stands behind an `@`, so that nobody is notified. It has no width.
const BREAK: char = '\u{200b}';

/// The longest URL that is made a link, in bytes as it is written.
const MAX_URL: usize = 2048;

/// Text within a line or a table's cell: shown as it is, without markup, HTML, mentions or line breaks.
pub(crate) fn inline(text: &str, max_chars: usize) -> String {
    let line = one_line(text, max_chars);
    let mut safe = String::with_capacity(line.len() + 16);
    for (at, c) in line.char_indices() {
        match c {
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '$' | '#' => safe.extend(['\\', c]),
            ':' if is_other_scheme(&line, at) => safe.push_str("\\:"),
            c => push_html(&mut safe, c),
        }
    }
    safe
}

/// Text within an HTML element: as [`inline`], but escaped by character references, which HTML and Markdown share.
pub(crate) fn html(text: &str, max_chars: usize) -> String {
    let mut safe = String::new();
    for c in one_line(text, max_chars).chars() {
        match c {
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '$' | '#' => {
                safe.push_str(&format!("&#{};", u32::from(c)));
            }
            c => push_html(&mut safe, c),
        }
    }
    safe
}

fn push_html(safe: &mut String, c: char) {
    match c {
        '<' => safe.push_str("&lt;"),
        '>' => safe.push_str("&gt;"),
        '&' => safe.push_str("&amp;"),
        '"' => safe.push_str("&quot;"),
        '@' => safe.extend(['@', BREAK]),
        c => safe.push(c),
    }
}

/// Whether the colon would make a link of a scheme other than http and https.
fn is_other_scheme(line: &str, colon: usize) -> bool {
    let before = &line[..colon];
    let scheme = before
        .rfind(|c: char| !c.is_ascii_alphanumeric())
        .map_or(0, |at| at + 1);
    let scheme = before.get(scheme..).unwrap_or_default();
    line[colon..].starts_with("://")
        && !scheme.eq_ignore_ascii_case("http")
        && !scheme.eq_ignore_ascii_case("https")
}

/// A block of text shown as it is, behind a fence longer than any run of backticks in it.
///
/// Lines are neutralised for logs too, as a summary may be written to standard output.
pub(crate) fn fenced(text: &str, max_bytes: usize) -> String {
    let clean = log_text(&cut_middle(text, max_bytes));
    let longest = clean.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    format!("{fence}text\n{}\n{fence}\n", clean.trim_end_matches('\n'))
}

/// The URL, fit for a link's target, if it is an absolute http or https URL; else nothing.
///
/// Characters that mean something to Markdown, and all that are not ASCII, are percent-encoded.
pub(crate) fn link(url: &str) -> Option<String> {
    let (scheme, rest) = url.split_once("://")?;
    let known = scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https");
    let named = rest.starts_with(|c: char| c.is_alphanumeric() || c == '[');
    let printable = !url.contains(|c: char| c.is_whitespace() || c.is_control());
    if !known || !named || !printable {
        return None;
    }
    let mut safe = String::with_capacity(url.len());
    for byte in url.bytes() {
        match byte {
            b'A'..=b'Z'
            | b'a'..=b'z'
            | b'0'..=b'9'
            | b'-'
            | b'.'
            | b'~'
            | b'%'
            | b':'
            | b'/'
            | b'?'
            | b'#'
            | b'&' => {
                safe.push(char::from(byte));
            }
            b'=' | b'+' | b',' | b'!' | b'@' | b'_' => safe.push(char::from(byte)),
            // An address of IPv6 stands in brackets, which a host cannot have encoded.
            b'[' | b']' if rest.starts_with('[') => safe.push(char::from(byte)),
            byte => safe.push_str(&format!("%{byte:02X}")),
        }
    }
    (!safe.contains("##[") && safe.len() <= MAX_URL).then_some(safe)
}

#[cfg(test)]
mod tests {
    use super::{fenced, html, inline, link};

    #[test]
    fn text_stays_text() {
        assert_eq!(
            inline("a|b `c` *d* _e_ [f](g) ~h~ $i$", 99),
            "a\\|b \\`c\\` \\*d\\* \\_e\\_ \\[f\\](g) \\~h\\~ \\$i\\$"
        );
        assert_eq!(
            inline("<script>&amp;\n@everyone", 99),
            "&lt;script&gt;&amp;amp; @\u{200b}everyone"
        );
        assert_eq!(
            inline("GET http://a.test ftp://b.test xhttp://c", 99),
            "GET http://a.test ftp\\://b.test xhttp\\://c"
        );
        assert_eq!(
            html("<b>\"a\"|@x#[", 99),
            "&lt;b&gt;&quot;a&quot;&#124;@\u{200b}x&#35;&#91;"
        );
    }

    #[test]
    fn a_fence_cannot_be_closed_from_inside() {
        assert_eq!(fenced("a\n```\n<b>\n", 99), "````text\na\n```\n<b>\n````\n");
        assert_eq!(fenced("::error::x", 99), "```text\n: :error::x\n```\n");
    }

    #[test]
    fn only_web_addresses_become_links() {
        for bad in [
            "javascript:alert(1)",
            "file:///etc/passwd",
            "https://",
            "//x.test",
            "https://a b",
            "data://x",
            "https:///x",
        ] {
            assert_eq!(link(bad), None, "{bad}");
        }
        assert_eq!(
            link("HTTPS://x.test/a?b=c&d#e").as_deref(),
            Some("HTTPS://x.test/a?b=c&d#e")
        );
        assert_eq!(
            link("https://x.test/)](<\"`|ü").as_deref(),
            Some("https://x.test/%29%5D%28%3C%22%60%7C%C3%BC")
        );
        assert_eq!(
            link("http://[::1]:80/x").as_deref(),
            Some("http://[::1]:80/x")
        );
        assert_eq!(
            link("http://x.test/\u{202e}").as_deref(),
            Some("http://x.test/%E2%80%AE")
        );
    }
}
