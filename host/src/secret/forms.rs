//! The forms in which a text may carry a secret.

use base64::{
    Engine as _,
    alphabet::{Alphabet, STANDARD, URL_SAFE},
    engine::general_purpose::{GeneralPurpose, NO_PAD},
};
use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, utf8_percent_encode};

/// The shortest form looked for, in bytes: replacing shorter ones would tear up harmless text, such as every `1`.
pub const SHORTEST: usize = 4;

/// The shortest derived form looked for, in bytes: the middle of a Base64 text can be made by chance.
const SHORTEST_DERIVED: usize = 8;

/// What RFC 3986 lets stand as it is.
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// What is encoded in a query by the least careful writers.
const QUERY: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'<')
    .add(b'>')
    .add(b'%');

/// What is encoded in the target of a link of a report (`link` in `src/report/clean/markdown.rs`).
const LINK: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'~')
    .remove(b'%')
    .remove(b':')
    .remove(b'/')
    .remove(b'?')
    .remove(b'#')
    .remove(b'&')
    .remove(b'=')
    .remove(b'+')
    .remove(b',')
    .remove(b'!')
    .remove(b'@')
    .remove(b'_');

/// All forms of a secret, without doubles; none if it is too short to be looked for.
///
/// As it is; percent-encoded in capital and small hex, careful or not, and as a form's field; in JSON with and without
/// its slashes escaped; in HTML; in Markdown, as reports and comments have it; in hexadecimal digits; with each byte percent-encoded; and the part of a Base64 text, in both alphabets, that does not depend on its
/// surroundings, at each of the three places it can start at.
pub fn of(secret: &str) -> Vec<String> {
    if secret.len() < SHORTEST {
        return Vec::new();
    }
    let mut forms = vec![secret.to_owned()];
    // These can hardly be made by chance, however short they are.
    let inline = markdown(secret, |c| format!("\\{c}"));
    forms.push(inline.replace("://", "\\://"));
    forms.push(inline);
    forms.push(markdown(secret, |c| format!("&#{};", u32::from(c))));
    let mut derived = Vec::new();
    for set in [UNRESERVED, NON_ALPHANUMERIC, QUERY, LINK] {
        let encoded = utf8_percent_encode(secret, set).to_string();
        derived.push(small_hex(&encoded));
        derived.push(encoded.replace("%20", "+"));
        derived.push(encoded);
    }
    let json = json(secret);
    derived.push(json.replace('/', "\\/"));
    derived.push(json);
    derived.push(html(secret));
    let hex: String = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
    derived.push(hex.to_ascii_uppercase());
    derived.push(hex);
    let percent: String = secret.bytes().map(|byte| format!("%{byte:02x}")).collect();
    derived.push(percent.to_ascii_uppercase());
    derived.push(percent);
    for alphabet in [&STANDARD, &URL_SAFE] {
        derived.extend((0..3).map(|offset| base64_middle(secret.as_bytes(), offset, alphabet)));
    }
    forms.extend(
        derived
            .into_iter()
            .filter(|form| form.len() >= SHORTEST_DERIVED),
    );
    forms.sort();
    forms.dedup();
    forms
}

fn small_hex(encoded: &str) -> String {
    let mut digits = 0;
    encoded
        .chars()
        .map(|character| match character {
            '%' => {
                digits = 2;
                character
            }
            _ if digits > 0 => {
                digits -= 1;
                character.to_ascii_lowercase()
            }
            _ => character,
        })
        .collect()
}

fn json(secret: &str) -> String {
    let quoted = serde_json::Value::from(secret).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

/// Text in Markdown as `src/report/clean/markdown.rs` writes it: `inline` and `html` there differ in how they escape what
/// Markdown knows.
fn markdown(secret: &str, escaped: impl Fn(char) -> String) -> String {
    let mut text = String::with_capacity(secret.len() + 16);
    for c in secret.chars() {
        match c {
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '$' | '#' => {
                text.push_str(&escaped(c))
            }
            '<' => text.push_str("&lt;"),
            '>' => text.push_str("&gt;"),
            '&' => text.push_str("&amp;"),
            '"' => text.push_str("&quot;"),
            // Whatever has no width keeps anybody from being notified.
            '@' => text.push_str("@\u{200b}"),
            c => text.push(c),
        }
    }
    text
}

fn html(secret: &str) -> String {
    secret
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}

/// The characters that a secret gives a Base64 text whatever stands around it, when it starts `offset` bytes after a
/// group of three.
fn base64_middle(secret: &[u8], offset: usize, alphabet: &Alphabet) -> String {
    let mut bytes = vec![0; offset];
    bytes.extend_from_slice(secret);
    let encoded = GeneralPurpose::new(alphabet, NO_PAD).encode(&bytes);
    // A character holds 6 bits: those shared with a neighbouring byte are left out.
    let first = (offset * 8).div_ceil(6);
    let last = bytes.len() * 8 / 6;
    encoded[first..last].to_owned()
}
