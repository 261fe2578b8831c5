//! Secrets that nobody has told of, found by the names that they go by: in headers, URLs, forms and JSON.
//!
//! Works on bytes and on text that was cut anywhere: what cannot be read to its end is masked to its end.

mod json;
mod lines;
mod urls;

use std::borrow::Cow;

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
/// JSON; parameters of URLs; what stands before the `@` of a URL; lines of headers, and what follows `Bearer` or `Basic`.
#[must_use]
pub fn text(bytes: &[u8]) -> Vec<u8> {
    let bytes = json::members(bytes);
    let bytes = urls::parameters(&bytes);
    let bytes = urls::user_information(&bytes);
    let bytes = lines::headers(&bytes);
    lines::credentials(&bytes)
}

/// A form (`application/x-www-form-urlencoded`) without its secrets.
#[must_use]
pub fn form(bytes: &[u8]) -> Vec<u8> {
    let with_separator = [b"&", bytes].concat();
    text(&with_separator)[1..].to_vec()
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

/// A text of which pieces are replaced.
struct Masking<'t> {
    bytes: &'t [u8],
    out: Vec<u8>,
    done: usize,
}

impl<'t> Masking<'t> {
    fn of(bytes: &'t [u8]) -> Self {
        Self {
            bytes,
            out: Vec::with_capacity(bytes.len()),
            done: 0,
        }
    }

    /// Masks a piece behind all that were masked before.
    fn hide(&mut self, begin: usize, end: usize) {
        self.put(begin, end, MASK.as_bytes());
    }

    fn put(&mut self, begin: usize, end: usize, instead: &[u8]) {
        self.out.extend_from_slice(&self.bytes[self.done..begin]);
        self.out.extend_from_slice(instead);
        self.done = end;
    }

    fn end(mut self) -> Vec<u8> {
        self.out.extend_from_slice(&self.bytes[self.done..]);
        self.out
    }
}

/// How many bytes from here on are of a kind.
fn count(bytes: &[u8], is_one: impl Fn(u8) -> bool) -> usize {
    bytes.iter().take_while(|byte| is_one(**byte)).count()
}

/// The same from the end backwards.
fn count_back(bytes: &[u8], is_one: impl Fn(u8) -> bool) -> usize {
    bytes.iter().rev().take_while(|byte| is_one(**byte)).count()
}
