//! Secrets that nobody has told of, found by the names that they go by: in headers, URLs, forms and JSON.
//!
//! Works on bytes and on text that was cut anywhere: what cannot be read to its end is masked to its end.

use std::borrow::Cow;

use percent_encoding::percent_decode;

use crate::secret::MASK;

/// What the name of a secret holds, without its hyphens and underscores.
const PARTS: [&str; 16] = [
    "token",
    "password",
    "passwd",
    "passphrase",
    "secret",
    "authorization",
    "credential",
    "cookie",
    "signature",
    "sessionid",
    "apikey",
    "accesskey",
    "privatekey",
    "authkey",
    "signingkey",
    "subscriptionkey",
];

/// Names that are too short to be looked for inside of others.
const WHOLE: [&str; 7] = ["auth", "pass", "pwd", "sig", "jwt", "bearer", "otp"];

/// The longest name that is looked at, in bytes.
const LONGEST_NAME: usize = 200;

/// Whether something of this name is a secret.
#[must_use]
pub fn is_secret(name: &str) -> bool {
    let name: String = name
        .chars()
        .filter(|character| character.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect();
    WHOLE.contains(&name.as_str()) || PARTS.iter().any(|part| name.contains(part))
}

/// As [`is_secret`] for a parameter of a URL, where `key` is one as well.
#[must_use]
pub fn is_secret_parameter(name: &str) -> bool {
    name.eq_ignore_ascii_case("key") || is_secret(name)
}

/// A text of any kind without the secrets that its names give away: members of JSON, also of JSON inside of a string of
/// JSON; parameters of URLs; what stands before the `@` of a URL.
#[must_use]
pub fn text(bytes: &[u8]) -> Vec<u8> {
    let bytes = members(bytes);
    let bytes = parameters(&bytes);
    user_information(&bytes)
}

/// A form (`application/x-www-form-urlencoded`) without its secrets.
#[must_use]
pub fn form(bytes: &[u8]) -> Vec<u8> {
    let with_separator = [b"&", bytes].concat();
    parameters(&with_separator)[1..].to_vec()
}

/// Masks the values of JSON's members.
///
/// A member's name is found from its end, a quotation mark before a colon, so that no text before it can get the count
/// of quotation marks wrong.
fn members(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let (mut done, mut at) = (0, 0);
    let mut opened = None;
    while let Some(quote) = find(bytes, at, b'"') {
        at = quote + 1;
        let name = opened
            .replace(quote)
            .map(|open: usize| &bytes[open + 1..quote]);
        let Some(value) = behind_colon(bytes, at) else {
            continue;
        };
        if !name.is_some_and(is_secret_member) {
            continue;
        }
        let Some(end) = end_of_value(bytes, value) else {
            continue;
        };
        let quotes = quote_of(&bytes[..=quote]);
        out.extend_from_slice(&bytes[done..value]);
        out.extend_from_slice(quotes);
        out.extend_from_slice(MASK.as_bytes());
        if end.is_whole {
            out.extend_from_slice(quotes);
        }
        (done, at) = (end.at, end.at);
        opened = None;
    }
    out.extend_from_slice(&bytes[done..]);
    out
}

fn is_secret_member(name: &[u8]) -> bool {
    if name.len() > LONGEST_NAME {
        return false;
    }
    // Inside of a string the closing mark is escaped, and so may be the name's own characters.
    let name = String::from_utf8_lossy(&name[..name.len() - trailing_backslashes(name)]);
    let unescaped = serde_json::from_str::<String>(&format!("\"{name}\""));
    is_secret(&unescaped.unwrap_or_else(|_| name.into_owned()))
}

/// The quotation mark that a text ends with, with the backslashes before it.
fn quote_of(bytes: &[u8]) -> &[u8] {
    let before = &bytes[..bytes.len() - 1];
    &bytes[before.len() - trailing_backslashes(before)..]
}

fn trailing_backslashes(bytes: &[u8]) -> usize {
    bytes
        .iter()
        .rev()
        .take_while(|byte| **byte == b'\\')
        .count()
}

/// Where the value begins, if a colon follows.
fn behind_colon(bytes: &[u8], at: usize) -> Option<usize> {
    let colon = skip_blanks(bytes, at);
    (bytes.get(colon) == Some(&b':')).then(|| skip_blanks(bytes, colon + 1))
}

fn skip_blanks(bytes: &[u8], at: usize) -> usize {
    let blanks = bytes[at..]
        .iter()
        .take_while(|byte| byte.is_ascii_whitespace());
    at + blanks.count()
}

fn find(bytes: &[u8], from: usize, wanted: u8) -> Option<usize> {
    let place = bytes.get(from..)?.iter().position(|byte| *byte == wanted)?;
    Some(from + place)
}

struct End {
    at: usize,
    /// Whether it ends there, or the text does.
    is_whole: bool,
}

/// The end of a value of JSON; none if there is nothing to hide in it.
fn end_of_value(bytes: &[u8], begin: usize) -> Option<End> {
    let backslashes = bytes[begin..].iter().take_while(|byte| **byte == b'\\');
    let depth = backslashes.count();
    match bytes.get(begin + depth)? {
        b'"' => Some(end_of_string(bytes, begin + depth + 1, depth)),
        b'{' | b'[' if depth == 0 => Some(end_of_group(bytes, begin)),
        _ => end_of_word(bytes, begin),
    }
}

/// The end of a string whose quotation marks have `depth` backslashes before them.
fn end_of_string(bytes: &[u8], begin: usize, depth: usize) -> End {
    let mut at = begin;
    while let Some(quote) = find(bytes, at, b'"') {
        let backslashes = trailing_backslashes(&bytes[begin..quote]);
        let closes = match depth {
            0 => backslashes.is_multiple_of(2),
            depth => backslashes <= depth,
        };
        if closes {
            return End {
                at: quote + 1,
                is_whole: true,
            };
        }
        at = quote + 1;
    }
    End {
        at: bytes.len(),
        is_whole: false,
    }
}

/// The end of an object or array, with all that is in it.
fn end_of_group(bytes: &[u8], begin: usize) -> End {
    let (mut at, mut depth) = (begin, 0_usize);
    while let Some(byte) = bytes.get(at) {
        at += 1;
        match byte {
            b'"' => at = end_of_string(bytes, at, 0).at,
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return End { at, is_whole: true };
        }
    }
    End {
        at: bytes.len(),
        is_whole: false,
    }
}

/// The end of a number; `null`, `true` and `false` hide nothing.
fn end_of_word(bytes: &[u8], begin: usize) -> Option<End> {
    let word = bytes[begin..]
        .iter()
        .take_while(|byte| !b",}]\"\\".contains(byte) && !byte.is_ascii_whitespace());
    let at = begin + word.count();
    match &bytes[begin..at] {
        b"" | b"null" | b"true" | b"false" => None,
        _ => Some(End { at, is_whole: true }),
    }
}

/// Masks the values of what reads `?name=value`, `&name=value` or `;name=value`.
fn parameters(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let (mut done, mut at) = (0, 0);
    while let Some(separator) = bytes[at..].iter().position(|byte| b"?&;".contains(byte)) {
        at += separator + 1;
        let name = bytes[at..]
            .iter()
            .take_while(|byte| byte.is_ascii_alphanumeric() || b"_-.%[]~$".contains(byte))
            .count();
        let equals = at + name;
        if bytes.get(equals) != Some(&b'=') || !is_secret_encoded(&bytes[at..equals]) {
            continue;
        }
        let value = bytes[equals + 1..]
            .iter()
            .take_while(|byte| !b"&;#\"'<>\\`".contains(byte) && !byte.is_ascii_whitespace())
            .count();
        out.extend_from_slice(&bytes[done..=equals]);
        out.extend_from_slice(MASK.as_bytes());
        done = equals + 1 + value;
        at = done;
    }
    out.extend_from_slice(&bytes[done..]);
    out
}

fn is_secret_encoded(name: &[u8]) -> bool {
    name.len() <= LONGEST_NAME && is_secret_parameter(&percent_decode(name).decode_utf8_lossy())
}

/// Masks the user name and password of URLs.
fn user_information(bytes: &[u8]) -> Vec<u8> {
    const BEHIND_SCHEME: &[u8] = b"://";
    let mut out = Vec::with_capacity(bytes.len());
    let (mut done, mut at) = (0, 0);
    while let Some(place) = bytes[at..]
        .windows(BEHIND_SCHEME.len())
        .position(|window| window == BEHIND_SCHEME)
    {
        at += place + BEHIND_SCHEME.len();
        let authority = bytes[at..]
            .iter()
            .take_while(|byte| !b"/?#\"'<>\\`".contains(byte) && !byte.is_ascii_whitespace())
            .count();
        let user = bytes[at..at + authority]
            .iter()
            .rposition(|byte| *byte == b'@');
        if let Some(user) = user {
            out.extend_from_slice(&bytes[done..at]);
            out.extend_from_slice(MASK.as_bytes());
            done = at + user;
        }
        at += authority;
    }
    out.extend_from_slice(&bytes[done..]);
    out
}

/// As [`text()`] for what is text.
#[must_use]
pub fn in_text(text: &str) -> Cow<'_, str> {
    match String::from_utf8(self::text(text.as_bytes())) {
        Ok(masked) => Cow::Owned(masked),
        // Only whole runs between ASCII characters are replaced, so this does not come about.
        Err(_) => Cow::Borrowed(MASK),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn masked(text: &str) -> String {
        in_text(text).into_owned()
    }

    #[test]
    fn secrets_go_by_many_names() {
        for name in [
            "token",
            "access_token",
            "X-Amz-Security-Token",
            "apiKey",
            "API_KEY",
            "x-api-key",
            "client_secret",
            "Set-Cookie",
            "Proxy-Authorization",
            "pwd",
        ] {
            assert!(is_secret(name), "{name}");
        }
        for name in [
            "id",
            "key",
            "idempotency-key",
            "state",
            "passed",
            "author",
            "monkey",
            "signal",
        ] {
            assert!(!is_secret(name), "{name}");
        }
        assert!(is_secret_parameter("key") && !is_secret_parameter("keyword"));
    }

    #[test]
    fn members_of_json_lose_their_values_and_nothing_else() {
        let cases = [
            (
                r#"{"id":1,"token":"abc","n":2}"#,
                r#"{"id":1,"token":"***","n":2}"#,
            ),
            (
                r#"{"token" : "a\"b\\", "n":"x"}"#,
                r#"{"token" : "***", "n":"x"}"#,
            ),
            (r#"{"pin_secret":1234}"#, r#"{"pin_secret":"***"}"#),
            (
                r#"{"token":null,"password":true}"#,
                r#"{"token":null,"password":true}"#,
            ),
            (
                r#"{"secrets":{"a":["x}",1]},"b":1}"#,
                r#"{"secrets":"***","b":1}"#,
            ),
            (r#"{"t\u006fken":"abc"}"#, r#"{"t\u006fken":"***"}"#),
            (
                r#"a 5" screen {"token":"abc"}"#,
                r#"a 5" screen {"token":"***"}"#,
            ),
            (
                r#"{"state":"token","a":"b"}"#,
                r#"{"state":"token","a":"b"}"#,
            ),
            (
                r#"{"body":"{\"token\":\"abc\",\"a\":1}"}"#,
                r#"{"body":"{\"token\":\"***\",\"a\":1}"}"#,
            ),
            (
                r#"{"body":"{\"pin_secret\":12}"}"#,
                r#"{"body":"{\"pin_secret\":\"***\"}"}"#,
            ),
            (
                "{\"token\":\"one\"}\n{\"token\":\"two\"}",
                "{\"token\":\"***\"}\n{\"token\":\"***\"}",
            ),
        ];
        for (text, expected) in cases {
            assert_eq!(masked(text), expected, "{text}");
        }
    }

    #[test]
    fn what_is_cut_off_is_masked_to_its_end() {
        for (text, expected) in [
            (r#"{"token":"ab"#, r#"{"token":"***"#),
            (r#"{"token":"ab\"#, r#"{"token":"***"#),
            (r#"{"secrets":{"a":["x"#, r#"{"secrets":"***"#),
            (
                r#"{"body":"{\"token\":\"ab"#,
                r#"{"body":"{\"token\":\"***"#,
            ),
            (r#"{"token":"#, r#"{"token":"#),
            (r#"{"token":\"#, r#"{"token":\"#),
        ] {
            assert_eq!(masked(text), expected, "{text}");
        }
    }

    #[test]
    fn urls_lose_secret_parameters_and_who_asks() {
        for (text, expected) in [
            (
                "/runs?page=2&api_key=abc&x=1#y",
                "/runs?page=2&api_key=***&x=1#y",
            ),
            ("/runs?key=abc", "/runs?key=***"),
            ("/runs?api%5Fkey=abc", "/runs?api%5Fkey=***"),
            (
                "see https://u:p@host/x, or http://a@b",
                "see https://***@host/x, or http://***@b",
            ),
            (
                r#"{"url":"https://s3/x?X-Amz-Signature=abc&a=1"}"#,
                r#"{"url":"https://s3/x?X-Amz-Signature=***&a=1"}"#,
            ),
            ("a=1&amp;token=abc", "a=1&amp;token=***"),
            ("is it? a=b", "is it? a=b"),
        ] {
            assert_eq!(masked(text), expected, "{text}");
        }
        assert_eq!(form(b"token=abc&a=b"), b"token=***&a=b");
    }

    #[test]
    fn no_text_is_too_odd() {
        for text in [
            "",
            "\"",
            "\\\"",
            "\":",
            "\"\":",
            "\"token\":",
            "?",
            "&=",
            "://",
            "://@",
            "{\"token\":}",
        ] {
            let _ = masked(text);
        }
        let many = "\"token\":\"".repeat(20_000);
        assert!(masked(&many).len() <= 2 * many.len());
        assert_eq!(
            super::text(b"\"token\":\"\xff\xfe\",\xff"),
            b"\"token\":\"***\",\xff"
        );
    }
}
