//! Halves of characters in JSON.
//!
//! JavaScript writes half of a pair of surrogates as an escape of its own, `"\ud83d"`, where a text was cut within a
//! character (ECMA-262, `JSON.stringify`). No text of Rust can hold one, and its JSON readers refuse the whole document.

use std::borrow::Cow;

/// What is written for half a character: U+FFFD, in as many bytes.
const REPLACEMENT: &str = "\\ufffd";

/// The JSON text with every escape that is half a character replaced, so that places in it stay the same.
#[must_use]
pub fn mended(text: &str) -> Cow<'_, str> {
    if !text.contains('\\') || (!text.contains("\\ud") && !text.contains("\\uD")) {
        return Cow::Borrowed(text);
    }
    let mut whole = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        whole.push_str(&rest[..at]);
        rest = &rest[at..];
        let (escape, length) = match (half(rest), half(rest.get(6..).unwrap_or_default())) {
            (Some(Half::First), Some(Half::Second)) => (&rest[..12], 12),
            (Some(_), _) => (REPLACEMENT, 6),
            // The escaped character goes along: it may be a backslash that escapes nothing.
            (None, _) => {
                let length = rest.chars().take(2).map(char::len_utf8).sum();
                (&rest[..length], length)
            }
        };
        whole.push_str(escape);
        rest = &rest[length..];
    }
    whole.push_str(rest);
    Cow::Owned(whole)
}

/// Which half of a pair.
enum Half {
    First,
    Second,
}

/// The half that the escape at the start of the text is, if it is one.
fn half(text: &str) -> Option<Half> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    match u16::from_str_radix(digits, 16).ok()? {
        0xd800..=0xdbff => Some(Half::First),
        0xdc00..=0xdfff => Some(Half::Second),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::mended;

    #[test]
    fn halves_are_replaced_and_pairs_are_kept() {
        for (text, whole) in [
            (r#""\ud83d""#, r#""\ufffd""#),
            (r#""\uDE00x""#, r#""\ufffdx""#),
            (r#""\ud83d\ude00""#, r#""\ud83d\ude00""#),
            (r#""\ud83d\ud83d\ude00""#, r#""\ufffd\ud83d\ude00""#),
            (r#""\ude00\ud83d""#, r#""\ufffd\ufffd""#),
            (r#""\\ud83d""#, r#""\\ud83d""#),
            (r#""\\\ud83d""#, r#""\\\ufffd""#),
            (r#""\ud83d\n\uD8"#, r#""\ufffd\n\uD8"#),
            (r#""\u+83d\ud83dé\"#, r#""\u+83d\ufffdé\"#),
        ] {
            assert_eq!(mended(text), whole, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_string_of_escapes_can_be_read(text in r#"(\\u[dD][89a-fA-F][0-9]{2}|\\\\|\\u00e9|[a-z]|é){0,20}"#) {
            let text = format!("\"{text}\"");
            let whole = mended(&text);
            prop_assert_eq!(whole.len(), text.len());
            let read: Result<String, _> = serde_json::from_str(&whole);
            prop_assert!(read.is_ok(), "{whole}");
        }

        #[test]
        fn nothing_else_changes(text in any::<String>()) {
            let json = serde_json::to_string(&format!("{text}\\ud83d")).unwrap();
            prop_assert_eq!(&*mended(&json), &*json);
        }
    }
}
