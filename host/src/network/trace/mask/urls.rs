//! Secrets in URLs and forms.

use percent_encoding::percent_decode;

use super::{LONGEST_NAME, Masking, count, count_back, is_secret_parameter};

/// Masks the values of what reads `?name=value`, `&name=value`, `;name=value` or `#name=value`.
pub fn parameters(bytes: &[u8]) -> Vec<u8> {
    let mut masking = Masking::of(bytes);
    let mut at = 0;
    while let Some(separator) = bytes[at..].iter().position(|byte| b"?&;#".contains(byte)) {
        at += separator + 1;
        if bytes[at - 1] == b';' {
            // As in a media type.
            at += count(&bytes[at..], |byte| byte == b' ');
        }
        let equals = at + count(&bytes[at..], is_of_name);
        if bytes.get(equals) != Some(&b'=') || !is_secret_encoded(&bytes[at..equals]) {
            continue;
        }
        let value = equals + 1;
        at = value
            + count(&bytes[value..], |byte| {
                !b"&;#\"'<>\\`".contains(&byte) && !byte.is_ascii_whitespace()
            });
        masking.hide(value, at);
    }
    masking.end()
}

fn is_of_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"_-.%[]~$".contains(&byte)
}

fn is_secret_encoded(name: &[u8]) -> bool {
    name.len() <= LONGEST_NAME && is_secret_parameter(&percent_decode(name).decode_utf8_lossy())
}

/// Masks the user name and password of URLs, also of those without a scheme, and of those with escaped slashes, as some
/// write them in JSON.
pub fn user_information(bytes: &[u8]) -> Vec<u8> {
    let mut masking = Masking::of(bytes);
    let mut at = 0;
    while let Some(sign) = bytes[at..].iter().position(|byte| *byte == b'@') {
        let first = at + sign;
        let begin = first - count_back(&bytes[at..first], is_of_authority);
        let end = first + count(&bytes[first..], is_of_authority);
        let last = end - 1 - count_back(&bytes[first..end], |byte| byte != b'@');
        if is_behind_slashes(&bytes[..begin], &bytes[begin..last]) {
            masking.hide(begin, last);
        }
        at = end;
    }
    masking.end()
}

fn is_of_authority(byte: u8) -> bool {
    !b"/?#\"'<>\\`".contains(&byte) && !byte.is_ascii_whitespace()
}

/// Whether what is before a name is what URLs have there. Without a scheme only a password makes it one: two slashes
/// begin a comment in many languages.
fn is_behind_slashes(before: &[u8], user: &[u8]) -> bool {
    let before = before
        .strip_suffix(b"//")
        .or_else(|| before.strip_suffix(br"\/\/"));
    before.is_some_and(|before| before.ends_with(b":") || user.contains(&b':'))
}
