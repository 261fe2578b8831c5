//! Secrets in the lines of headers, and in what is written like them: `curl -H 'Authorization: Bearer …'`.

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};

use super::{LONGEST_NAME, Masking, count, count_back, is_secret};

/// What ends a value that no quotation mark begins.
const ENDS: &[u8] = b"\r\n\"'`<\\";

/// Names of secrets elsewhere that begin a line of something else in the reports of test tools: `pass: 3`.
const COUNTS: [&str; 2] = ["pass", "sig"];

/// Words behind `Bearer` and `Basic` that speak of them.
const HARMLESS: [&str; 10] = [
    "auth",
    "authentication",
    "authorization",
    "credential",
    "credentials",
    "is",
    "or",
    "scheme",
    "token",
    "tokens",
];

/// Masks the values of what reads `name: value`.
pub fn headers(bytes: &[u8]) -> Vec<u8> {
    let mut masking = Masking::of(bytes);
    let mut at = 0;
    while let Some(colon) = bytes[at..].iter().position(|byte| *byte == b':') {
        let colon = at + colon;
        let begin = colon - count_back(&bytes[at..colon], is_of_name);
        at = colon + 1;
        // Behind a slash it is a host with its port.
        if bytes[..begin].ends_with(b"/") || !is_secret_name(&bytes[begin..colon]) {
            continue;
        }
        let value = at + count(&bytes[at..], |byte| byte == b' ' || byte == b'\t');
        let (begin, end) =
            quoted(bytes, value).unwrap_or_else(|| (value, end_of_line(bytes, value)));
        if begin < end {
            masking.hide(begin, end);
            at = end;
        }
    }
    masking.end()
}

fn is_secret_name(name: &[u8]) -> bool {
    let name = String::from_utf8_lossy(name);
    let counts = COUNTS.iter().any(|known| name.eq_ignore_ascii_case(known));
    name.len() <= LONGEST_NAME && !counts && is_secret(&name)
}

/// What is between the quotation marks that begin here, if they do. Inside of a string they have backslashes.
fn quoted(bytes: &[u8], begin: usize) -> Option<(usize, usize)> {
    let mark = begin + count(&bytes[begin..], |byte| byte == b'\\');
    let quote = *bytes.get(mark)?;
    let inner = |byte: u8| byte != quote && byte != b'\\' && byte != b'\n';
    let begin = mark + 1;
    b"\"'"
        .contains(&quote)
        .then(|| (begin, begin + count(&bytes[begin..], inner)))
}

/// Where a value ends: before the next line, or before what ends the string that it is in. `name="value"` is part of it.
fn end_of_line(bytes: &[u8], begin: usize) -> usize {
    let mut at = begin;
    loop {
        at += count(&bytes[at..], |byte| !ENDS.contains(&byte));
        let mark = at + count(&bytes[at..], |byte| byte == b'\\');
        if !bytes[begin..at].ends_with(b"=") || bytes.get(mark) != Some(&b'"') {
            return at;
        }
        let inner = count(&bytes[mark + 1..], |byte| !b"\"\\\r\n".contains(&byte));
        let close = mark + 1 + inner;
        let close = close + count(&bytes[close..], |byte| byte == b'\\');
        at = match bytes.get(close) {
            Some(b'"') => close + 1,
            _ => return close,
        };
    }
}

fn is_of_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-_".contains(&byte)
}

/// Masks what follows `Bearer` or `Basic`.
pub fn credentials(bytes: &[u8]) -> Vec<u8> {
    let mut masking = Masking::of(bytes);
    let mut at = 0;
    while at < bytes.len() {
        at += count(&bytes[at..], |byte| !byte.is_ascii_alphanumeric());
        let word = count(&bytes[at..], |byte| byte.is_ascii_alphanumeric());
        let scheme = &bytes[at..at + word];
        at += word;
        let is_bearer = scheme.eq_ignore_ascii_case(b"bearer");
        if !is_bearer && !scheme.eq_ignore_ascii_case(b"basic") {
            continue;
        }
        let begin = at + count(&bytes[at..], |byte| byte == b' ' || byte == b'\t');
        let end = begin + count(&bytes[begin..], is_of_credentials);
        if begin > at && is_credentials(&bytes[begin..end], bytes.get(end), is_bearer) {
            masking.hide(begin, end);
            at = end;
        }
    }
    masking.end()
}

/// Source: RFC 7235, 2.1, `token68`.
fn is_of_credentials(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~+/=".contains(&byte)
}

fn is_credentials(word: &[u8], next: Option<&u8>, is_bearer: bool) -> bool {
    // `realm="…"` is what a server asks with.
    if word.is_empty() || word.ends_with(b"=") && next.is_some_and(|next| b"\"'\\".contains(next)) {
        return false;
    }
    let plain = &word[..word.len() - count_back(word, |byte| byte == b'.')];
    match is_bearer {
        true => !HARMLESS
            .iter()
            .any(|harmless| plain.eq_ignore_ascii_case(harmless.as_bytes())),
        false => names_password(plain) || is_no_word(plain),
    }
}

/// Whether it is `USER:PASSWORD` in Base64, perhaps cut. Source: RFC 7617, 2.
fn names_password(word: &[u8]) -> bool {
    let word = &word[..word.len() - count_back(word, |byte| byte == b'=')];
    let whole = &word[..word.len() / 4 * 4];
    let decoded = BASE64.decode(whole).unwrap_or_default();
    decoded.contains(&b':')
}

/// Whether no language has such a word: with digits or signs, or with capitals elsewhere than at its beginning.
fn is_no_word(word: &[u8]) -> bool {
    let tail = word.get(1..).unwrap_or_default();
    word.iter()
        .any(|byte| !byte.is_ascii_alphabetic() && !b"-.".contains(byte))
        || tail.iter().any(u8::is_ascii_uppercase) && word.iter().any(u8::is_ascii_lowercase)
}
