//! References: the five predefined ones and those to characters. Nothing else is ever expanded.

/// How far after an `&` its `;` is looked for, in bytes.
const LONGEST: usize = 32;

/// The character that a reference stands for, without its `&` and `;`.
pub(super) fn resolve(name: &str) -> Option<char> {
    match name {
        "lt" => return Some('<'),
        "gt" => return Some('>'),
        "amp" => return Some('&'),
        "quot" => return Some('"'),
        "apos" => return Some('\''),
        _ => {}
    }
    let number = name.strip_prefix('#')?;
    let (digits, radix) = match number.strip_prefix('x') {
        Some(digits) => (digits, 16),
        None => (number, 10),
    };
    if !digits.starts_with(|c: char| c.is_ascii_hexdigit()) {
        return None;
    }
    let code = u32::from_str_radix(digits, radix).ok()?;
    char::from_u32(code).filter(|c| *c != '\0')
}

/// The text with its references resolved. One that is not known stays as it is.
pub(super) fn unescape(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        plain.push_str(&rest[..at]);
        rest = &rest[at..];
        let end = rest.bytes().take(LONGEST).position(|byte| byte == b';');
        let found = end.and_then(|end| Some((resolve(&rest[1..end])?, end + 1)));
        let (c, length) = found.unwrap_or(('&', 1));
        plain.push(c);
        rest = &rest[length..];
    }
    plain.push_str(rest);
    plain
}

#[cfg(test)]
mod tests {
    use super::{resolve, unescape};

    #[test]
    fn only_what_is_known_is_expanded() {
        for (text, plain) in [
            ("a &lt;b&gt; &amp; &quot;c&quot; &apos;", "a <b> & \"c\" '"),
            ("&#228;&#x1F680;&#10;", "ä🚀\n"),
            ("&amp;lt;", "&lt;"),
            (
                "&nbsp; & &; &unknown; &#0; &#xd800; &#x110000; &#+5; &#; &#x;",
                "&nbsp; & &; &unknown; &#0; &#xd800; &#x110000; &#+5; &#; &#x;",
            ),
            ("&é;&", "&é;&"),
        ] {
            assert_eq!(unescape(text), plain);
        }
        assert_eq!(resolve("#X41"), None);
    }

    #[test]
    fn many_references_are_no_trouble() {
        assert_eq!(unescape(&"&lt;".repeat(300_000)).len(), 300_000);
    }
}
